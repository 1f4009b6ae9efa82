"""A job ends with the Snakemake that started it, also where that is no parent of it."""

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from proofread import main_process
from proofread.main_process import VARIABLE, announce, lives, start_of

SCRIPTS = Path(__file__).resolve().parents[1] / "workflow" / "scripts"
# A job that would sleep for a minute.
JOB = """
import sys, time
sys.stdin.readline()
from proofread.main_process import end_with_snakemake
end_with_snakemake()
print("watching", flush=True)
time.sleep(60)
"""


@pytest.fixture
def snakemake():
    """A process that stands for Snakemake, and is nobody's parent."""
    process = subprocess.Popen(["sleep", "60"])
    yield process
    process.kill()
    process.wait()


def job(process, *, place=None, **variables):
    """A job of a process, before its first look."""
    about = [place or main_process._place(), process.pid, start_of(process.pid)]
    return subprocess.Popen(
        [sys.executable, "-c", JOB],
        env={"PYTHONPATH": str(SCRIPTS), VARIABLE: json.dumps(about), **variables},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def end(process):
    process.kill()
    process.wait()


@pytest.fixture(autouse=True)
def no_cluster(monkeypatch):
    monkeypatch.delenv("SLURM_JOB_ID", raising=False)


def test_a_snakemake_that_ended_before_the_job_looked(snakemake):
    """During the imports of a script there is nobody to hear a signal."""
    with job(snakemake) as started:
        end(snakemake)
        said, _ = started.communicate("look\n", timeout=30)
    assert (started.returncode, said) == (-signal.SIGKILL, "")


def test_a_snakemake_that_ends_while_the_job_works(snakemake):
    with job(snakemake) as started:
        started.stdin.write("look\n")
        started.stdin.flush()
        assert started.stdout.readline() == "watching\n"
        assert started.poll() is None
        end(snakemake)
        assert started.wait(timeout=30) == -signal.SIGKILL


@pytest.mark.parametrize("elsewhere", ["computer", "container", "cluster"])
def test_a_job_that_is_elsewhere_goes_on(snakemake, elsewhere):
    """There the number of the process means another one, or the cluster decides."""
    host, container, _ = main_process._place()
    place = {"computer": ["elsewhere.invalid", container, None]}.get(elsewhere)
    if elsewhere == "container":
        place = [host, "pid:[1]", None]
    variables = {"SLURM_JOB_ID": "7"} if elsewhere == "cluster" else {}
    with job(snakemake, place=place, **variables) as started:
        end(snakemake)
        started.stdin.write("look\n")
        started.stdin.flush()
        assert started.stdout.readline() == "watching\n"
        assert started.poll() is None
        started.kill()


def test_jobs_within_an_allocation_of_a_cluster_are_watched(monkeypatch, snakemake):
    """Snakemake itself runs in the job 7, and its jobs with it."""
    monkeypatch.setenv("SLURM_JOB_ID", "7")
    with job(snakemake, SLURM_JOB_ID="7") as started:
        end(snakemake)
        started.communicate("look\n", timeout=30)
    assert started.returncode == -signal.SIGKILL


def test_a_process_says_which_it_is(monkeypatch):
    monkeypatch.setenv(VARIABLE, "")
    announce()
    place, *process = json.loads(os.environ[VARIABLE])
    assert place == main_process._place()
    assert process[0] == os.getpid()
    assert lives(*process)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_number_that_is_given_again_is_another_process(snakemake):
    start = start_of(snakemake.pid)
    assert lives(snakemake.pid, start)
    assert not lives(snakemake.pid, start + 1)
    snakemake.kill()
    os.waitid(os.P_PID, snakemake.pid, os.WEXITED | os.WNOWAIT)
    assert not lives(snakemake.pid, start)  # not collected yet


@pytest.mark.parametrize(
    ("number", "start", "answer"),
    [
        (errno.ENOENT, None, True),  # macOS has no /proc
        (errno.ENOENT, 5, False),
        (errno.ESRCH, 5, False),
        (errno.EMFILE, 5, True),
        (errno.EACCES, 5, True),
    ],
)
def test_a_process_is_gone_only_if_that_is_sure(monkeypatch, number, start, answer):
    def refuse(*_, **__):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "read_text", refuse)
    assert lives(os.getpid(), start) is answer
