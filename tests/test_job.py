"""What every script does first: the log, and which figures its rule has."""

import logging
import random
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from proofread.job import draws, start
from proofread.progress import log

SCRIPTS = Path(__file__).resolve().parents[1] / "workflow" / "scripts"


@pytest.fixture
def job(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    yield SimpleNamespace(log=[str(tmp_path / "log.txt")])
    for handler in log.handlers:
        handler.close()
    log.handlers[:] = []
    logging.captureWarnings(False)


def test_messages_go_to_the_log_of_the_rule(job):
    start(job)
    log.info("%d sequences", 3)
    assert Path(job.log[0]).read_text() == "3 sequences\n"


def test_two_jobs_draw_the_same_numbers(job):
    numbers = []
    for _ in range(2):
        start(job)
        numbers.append((random.random(), np.random.random()))  # noqa: NPY002
    assert numbers[0] == numbers[1]


def test_a_mistake_of_the_user_is_printed_without_a_traceback(tmp_path):
    code = (
        "from types import SimpleNamespace\n"
        "from proofread.errors import InputError\n"
        "from proofread.job import start\n"
        "start(SimpleNamespace(log=['log.txt']))\n"
        "raise InputError('my.fa', 'nothing', 'bases', 'add some')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(SCRIPTS)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    message = "my.fa: nothing\n  expected: bases\n  what to do: add some\n"
    assert done.stderr == message
    assert (tmp_path / "log.txt").read_text() == message


@pytest.mark.parametrize(
    "code",
    [
        "open('my.fa')\n",
        "from proofread.atomic import atomic\nwith atomic('my.fa'): open('my.fa')\n",
    ],
    ids=["alone", "within a write"],
)
def test_of_what_is_refused_the_log_alone_has_the_place(code, tmp_path):
    """The message is its end, which `make watch` shows."""
    (tmp_path / "job.py").write_text(
        "import errno, os\n"
        "from types import SimpleNamespace\n"
        "from proofread.job import start\n"
        "start(SimpleNamespace(log=['log.txt']))\n"
        "def open(path):\n"
        "    raise OSError(errno.EACCES, os.strerror(errno.EACCES), path)\n" + code
    )
    done = subprocess.run(
        [sys.executable, "job.py"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(SCRIPTS)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("my.fa: permission denied\n")
    log = (tmp_path / "log.txt").read_text()
    assert "line 6, in open" in log
    assert log.endswith("\n" + done.stderr)
    assert "Traceback" not in done.stderr


def test_a_figure_is_drawn_where_the_rule_has_it():
    job = SimpleNamespace(output={"table": "table.tsv", "figure": "figure.svg"})
    assert draws(job, "figure")
    assert not draws(job, "figure", "logos")


def test_an_interrupt_while_a_file_is_written_has_no_traceback(job, capsys):
    """torch.save closes its archive when it is interrupted, which raises another."""
    start(job)
    try:
        try:
            raise KeyboardInterrupt
        finally:
            raise RuntimeError("unexpected pos 64 vs 0")
    except RuntimeError:
        sys.excepthook(*sys.exc_info())
    assert Path(job.log[0]).read_text() == "interrupted\n"
    assert capsys.readouterr().err == ""
    # An error that did not come of an interrupt is shown.
    try:
        raise RuntimeError("unexpected pos 64 vs 0")
    except RuntimeError:
        sys.excepthook(*sys.exc_info())
    assert "unexpected pos 64 vs 0" in capsys.readouterr().err
