"""Runs of the tiny workflow in folders of their own, and what they made."""

import contextlib
import shutil
import subprocess
import sys
import time

import runs

ROOT = runs.ROOT
PROFILE = ROOT / "profiles/slurm"
# Quicker than on a shared cluster.
QUICK = (
    *("--slurm-init-seconds-before-status-checks", "2"),
    *("--seconds-between-status-checks", "2", "--latency-wait", "5"),
)
LIMIT = 1500  # seconds for one call of Snakemake


def prepare(folder):
    """The tiny configuration in a folder of its own."""
    shutil.copytree(ROOT / ".test/config", folder / "config")
    (folder / "resources").symlink_to(ROOT / "resources")
    return folder


def command(*arguments):
    """A call of Snakemake on the workflow of this repository."""
    return runs.command(*arguments, logger=False)


def resume(*arguments):
    """A call of resume.py on the workflow of this repository."""
    return [sys.executable, PROFILE / "resume.py", *command(*QUICK, *arguments)[3:]]


def run(folder, arguments, environment):
    """Run a command in a folder to its end; fail with what it printed."""
    done = subprocess.run(
        arguments,
        cwd=folder,
        env={**environment, "XDG_CACHE_HOME": str(folder / "cache")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LIMIT,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def watched(folder, environment):
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


@contextlib.contextmanager
def started(folder, arguments, environment):
    """A command that runs in a folder meanwhile; its output goes to output.txt."""
    with (folder / "output.txt").open("w") as output:
        process = subprocess.Popen(
            arguments,
            cwd=folder,
            env={**environment, "XDG_CACHE_HOME": str(folder / "cache")},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def said(folder):
    """What a command printed that was `started` in a folder."""
    return (folder / "output.txt").read_text()


def wait_until(condition, process, folder, seconds=LIMIT):
    """Wait until a condition holds while a process that was `started` goes on."""
    end = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None, said(folder)
        assert time.monotonic() < end, f"after {seconds} s: {said(folder)}"
        time.sleep(0.5)


def in_rule(folder, rule):
    """Whether a job of a rule is at its work: its log is there."""
    return any((folder / "logs" / rule).glob("*"))
