"""A tiny run of the workflow for tests: prepared, started, compared byte for byte."""

import os
import pwd
import shutil
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
# One network on one dataset: every kind of file, in half a minute of one core.
TINY = {
    "experiments": "config/experiments.tsv",
    "analyses": ["filter_pfms"],
    "device": "cpu",
    "datasets": {
        "presence": {
            "source": "simulate",
            "rule": "presence",
            "motifs": ["STAT_known2", "CTCF_known1"],
            "positive_motifs": ["STAT_known2"],
            "sequences": 400,
            "length": 80,
        }
    },
    "models": {
        "tiny": {
            "architecture": "eraslan2019",
            "settings": {"filters": 8, "filters2": 4, "width": 12, "width2": 6},
            "training": {"epochs": 30, "learning_rate": 0.003},
        }
    },
    "evaluation": {"resamples": 50},
    "negative_controls": [],
}
MODEL = "results/presence/tiny/seed1/model.ckpt"


def prepare(folder, configuration=TINY):
    """A working folder with a tiny configuration."""
    (folder / "config").mkdir(parents=True)
    (folder / "resources").symlink_to(ROOT / "resources")
    (folder / "config/config.yaml").write_text(yaml.safe_dump(configuration))
    shutil.copyfile(
        ROOT / ".test/config/experiments.tsv", folder / "config/experiments.tsv"
    )
    return folder


def command(*arguments, logger=True):
    """A call of Snakemake on the workflow of this repository, as `make` makes it."""
    return [
        *(sys.executable, "-m", "snakemake", "-s", str(ROOT / "Snakefile")),
        *(("--logger", "proofread") if logger else ()),
        *map(str, arguments),
    ]


def surroundings(folder, **variables):
    """Variables for a run in a folder: the logger on the path, a cache of its own."""
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT / "workflow/scripts"),
        "XDG_CACHE_HOME": str(folder / "cache"),
        **variables,
    }


def run(folder, *arguments, fails=False, **options):
    """Run the workflow in a folder to its end; what it printed.

    Parameters
    ----------
    folder : path
    *arguments : str
        Of Snakemake.
    fails : bool
        Whether it is expected to.
    **options
        Of subprocess.run.
    """
    options = {"env": surroundings(folder)} | options
    return finish(folder, command(*arguments), fails=fails, **options)


def finish(folder, command, *, fails=False, timeout=600, **options):
    """Run a command in a folder to its end, as `run` does; what it printed."""
    done = subprocess.run(
        command,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        timeout=timeout,
        **options,
    )
    assert (done.returncode != 0) == fails, done.stdout
    return done.stdout


def watched(folder, environment=os.environ):
    """What the monitor says of the run of a folder, and its status."""
    done = subprocess.run(
        [sys.executable, ".snakemake/proofread/watch.py", "--once"],
        cwd=folder,
        env={**environment, "COLUMNS": "100"},
        capture_output=True,
        text=True,
    )
    assert done.stderr == ""
    return done.stdout, done.returncode


def wait_until(condition, process, said, *, seconds=300, pause=0.02):
    """Wait until a condition holds while a process goes on.

    Parameters
    ----------
    condition : callable
    process : subprocess.Popen
    said : callable
        Gives what the process printed, once it has ended.
    seconds, pause : float
        How long at most, and between two looks.
    """
    end = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None, said()
        if time.monotonic() > end:
            process.kill()
            pytest.fail(f"it did not come to that in {seconds} s: {said()}")
        time.sleep(pause)


def python_of_all(name):
    """A Python of this version that a user may run, which root's own may not be."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for folder in (Path(sys.executable).resolve().parent, "/usr/local/bin", "/usr/bin"):
        python = Path(folder) / version
        try:
            uid = pwd.getpwnam(name).pw_uid
            subprocess.run([python, "-c", ""], user=uid, check=True)
        except (OSError, KeyError, subprocess.SubprocessError):
            continue
        return python
    pytest.skip(f"no {version} that {name} may run, or no right to try")


def make_env(folder, python):
    """An environment with the packages of this one, for another user."""
    subprocess.run([python, "-m", "venv", "--without-pip", folder], check=True)
    own = sysconfig.get_path("purelib", vars={"base": str(folder)})
    Path(own, "shared.pth").write_text(sysconfig.get_path("purelib"))
    return folder / "bin/python"


def results(folder):
    """Bytes of every result, by relative path."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted((folder / "results").rglob("*"))
        if path.is_file()
    }


def assert_same_results(folder, undisturbed, targets=()):
    """A run made the results of another: all of them, or the targets at least."""
    made, expected = results(folder), results(undisturbed)
    assert set(targets) <= made.keys() if targets else made.keys() == expected.keys()
    assert [path for path in made if made[path] != expected.get(path)] == []
