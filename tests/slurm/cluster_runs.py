"""Runs of the tiny workflow in folders of their own, and what they made."""

import contextlib
import shutil
import subprocess
import sys

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
    own = {**environment, "XDG_CACHE_HOME": str(folder / "cache")}
    return runs.finish(folder, arguments, env=own, timeout=LIMIT)


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
    limits = {"seconds": seconds, "pause": 0.5}
    runs.wait_until(condition, process, lambda: said(folder), **limits)


def in_rule(folder, rule):
    """Whether a job of a rule is at its work: its log is there."""
    return any((folder / "logs" / rule).glob("*"))
