"""Code of a user that ends the process, in whatever way, is reported with its place."""

import logging
import subprocess
import sys
from pathlib import Path

import pytest

from proofread.configuration.adapter import call_adapter
from proofread.errors import InputError

SCRIPTS = Path(__file__).resolve().parents[2] / "workflow/scripts"


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("import sys\n\ndef load(settings, weights):\n    sys.exit(3)\n", 4, "3"),
        ("raise SystemExit\n\ndef load(settings, weights): ...\n", 1, "no message"),
        ("exit('no GPU')\n\ndef load(settings, weights): ...\n", 1, "no GPU"),
    ],
    ids=["call", "import", "text"],
)
def test_an_adapter_that_exits_is_named_with_its_line(tmp_path, text, line, reason):
    (tmp_path / "adapter.py").write_text(text)
    with pytest.raises(InputError) as caught:
        call_adapter(tmp_path / "adapter.py", "load", {}, None)
    assert caught.value.where == str(tmp_path / "adapter.py")
    end = f"at adapter.py, line {line}: SystemExit: {reason}"
    assert caught.value.found.endswith(end)


def test_an_adapter_may_print_megabytes(tmp_path, capfd):
    (tmp_path / "adapter.py").write_text(
        "def load(settings, weights):\n    print('x' * 5_000_000)\n    return 1\n"
    )
    assert call_adapter(tmp_path / "adapter.py", "load", {}, None) == 1
    assert len(capfd.readouterr().out) == 5_000_001


def test_the_log_names_an_adapter_before_its_code_can_end_the_process(
    tmp_path, caplog, monkeypatch
):
    (tmp_path / "adapter.py").write_text("def load(settings, weights): return 1\n")
    monkeypatch.setattr(logging.getLogger("proofread"), "propagate", True)
    with caplog.at_level(logging.INFO, "proofread"):
        call_adapter(tmp_path / "adapter.py", "load", {}, None)
    path = tmp_path / "adapter.py"
    assert set(caplog.messages) == {f"{path}: importing it, then calling load"}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "latin-1"])
def test_an_adapter_may_be_written_in_any_encoding_that_python_reads(
    tmp_path, encoding
):
    (tmp_path / "adapter.py").write_text(
        f"# -*- coding: {encoding} -*-\ndef load(settings, weights): return 'é'\n",
        encoding=encoding,
    )
    assert call_adapter(tmp_path / "adapter.py", "load", {}, None) == "é"


def test_an_adapter_in_no_encoding_is_refused(tmp_path):
    (tmp_path / "adapter.py").write_text(
        "def load(settings, weights): return 1\n", encoding="utf-16"
    )
    with pytest.raises(InputError, match="not Python"):
        call_adapter(tmp_path / "adapter.py", "load", {}, None)


# A script as Snakemake starts it, as far as `start` can tell.
SCRIPT = """
from types import SimpleNamespace
from proofread.job import start

class Snakemake(SimpleNamespace):
    __module__ = "snakemake.iocontainers"

start(Snakemake(log=["log.txt"], output={output}))
{code}
"""


def started(folder, code, output=()):
    return subprocess.run(
        [sys.executable, "-c", SCRIPT.format(code=code, output=list(output))],
        cwd=folder,
        env={"PYTHONPATH": str(SCRIPTS)},
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
    )


def test_the_log_shows_where_a_job_crashed(tmp_path):
    job = started(tmp_path, "import ctypes\nctypes.string_at(0)")
    assert job.returncode == -11
    log = (tmp_path / "log.txt").read_text()
    assert log.startswith("Fatal Python error: Segmentation fault")
    assert 'File "<string>", line 10 in <module>' in log


def test_an_interrupt_is_no_mistake(tmp_path):
    job = started(tmp_path, "raise KeyboardInterrupt")
    assert (job.returncode, job.stderr) == (-2, "")
    assert (tmp_path / "log.txt").read_text() == "interrupted\n"


def test_what_a_killed_job_was_writing_is_removed(tmp_path):
    """With the random part of tempfile.mkstemp; files of others stay."""
    for name in (".a.tsv.k3x_9abc", ".a.tsv", "a.tsv.k3x_9abc", ".b.tsv.k3x_9abc"):
        (tmp_path / name).write_text("half")
    job = started(tmp_path, "", ["a.tsv"])
    assert job.returncode == 0
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {".a.tsv", "a.tsv.k3x_9abc", ".b.tsv.k3x_9abc", "log.txt"}
