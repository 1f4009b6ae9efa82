"""One run that is disturbed again and again, and ends with an undisturbed run's bytes.

Interrupted; its job killed; itself killed; started twice: every time while the network
is trained. Another one is on a disk that is read-only, then too small.
"""

import itertools
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from runs import assert_same_results, command, prepare, run, surroundings, wait_until

LOG = "logs/train/presence_tiny_seed1.log"
LIMIT = 300  # seconds

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]


def processes_of(folder):
    """Ids of the processes that run a job of the workflow in a folder."""
    found = []
    for process in Path("/proc").iterdir():
        try:
            line = (process / "cmdline").read_bytes()
        except OSError:  # not a process, or one that has ended
            continue
        if f"{folder}/.snakemake/scripts/".encode() in line:
            found.append(int(process.name))
    return found


def begin(folder):
    """Start the workflow in a process group of its own, as a shell does."""
    return subprocess.Popen(
        command("--cores", "1"),
        cwd=folder,
        env=surroundings(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        process_group=0,
        # A background process of a shell, and its tests, would ignore Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


def epochs(folder):
    """Number of the last epoch in the log of the training, from 0."""
    log = folder / LOG
    lines = re.findall(r"^epoch (\d+):", log.read_text() if log.exists() else "", re.M)
    return int(lines[-1]) if lines else -1


def wait_until_ended(folder):
    """The jobs in a folder that do not end within their imports and a second."""
    end = time.monotonic() + 60
    while (left := processes_of(folder)) and time.monotonic() < end:
        time.sleep(0.1)
    return left


def disturb_training(folder, action):
    """Start a run, do something once two more epochs are done; what it said."""
    (folder / LOG).unlink(missing_ok=True)
    first = begin(folder)
    wait_until(lambda: epochs(folder) >= 0, first, first.stdout.read)
    done = epochs(folder)
    wait_until(lambda: epochs(folder) >= done + 2, first, first.stdout.read)
    action(first)
    said, _ = first.communicate(timeout=LIMIT)
    return first.returncode, said, (folder / LOG).read_text()


def resumed_after(log):
    return int(re.search(r"^resuming after epoch (\d+)$", log, re.M)[1])


@pytest.fixture(scope="module")
def story(tmp_path_factory, undisturbed):
    """The folder at the end, and what was said at each disturbance."""
    folder = prepare(tmp_path_factory.mktemp("disturbed") / "run")
    said = {}
    said["interrupted"] = disturb_training(
        folder, lambda first: os.killpg(first.pid, signal.SIGINT)
    )
    said["job killed"] = disturb_training(
        folder,
        lambda first: [os.kill(job, signal.SIGKILL) for job in processes_of(folder)],
    )
    said["killed"] = disturb_training(
        folder, lambda first: os.kill(first.pid, signal.SIGKILL)
    )
    time.sleep(0.5)
    said["orphans"] = processes_of(folder)
    run(folder, "--cores", "1", "--unlock")

    # Before the imports of the script are done, and with it anything that listens.
    (folder / LOG).unlink()
    early = begin(folder)
    wait_until(lambda: processes_of(folder), early, early.stdout.read)
    early.kill()
    early.communicate(timeout=LIMIT)
    said["early"] = wait_until_ended(folder)
    run(folder, "--cores", "1", "--unlock")

    (folder / LOG).unlink(missing_ok=True)
    last = begin(folder)
    wait_until(lambda: epochs(folder) >= 0, last, last.stdout.read)
    said["twice"] = run(folder, "--cores", "1", fails=True)
    said["last"], _ = last.communicate(timeout=LIMIT)
    said["resumed"] = (folder / LOG).read_text()
    assert last.returncode == 0, said["last"]
    return folder, said


def test_the_results_are_those_of_an_undisturbed_run(story, undisturbed):
    folder, _ = story
    assert_same_results(folder, undisturbed)


def test_an_interrupt_ends_the_job_and_is_said(story):
    code, said, _ = story[1]["interrupted"]
    assert code == 1
    assert "Terminating processes on user request" in said
    assert "Traceback" not in said


def test_a_killed_job_is_named_with_its_log(story):
    code, said, log = story[1]["job killed"]
    assert code == 1
    assert "FAILED: train · presence · tiny · seed 1" in said
    assert LOG in said
    assert "resuming after epoch" in log


def test_a_killed_run_takes_its_jobs_with_it(story):
    code, _, _ = story[1]["killed"]
    assert code == -signal.SIGKILL
    assert story[1]["orphans"] == []


def test_a_job_that_was_only_starting_ends_too(story):
    assert story[1]["early"] == []


def test_training_is_resumed_at_a_later_epoch_each_time(story):
    """A line of the log names the last epoch, from 0; 'after epoch' counts from 1."""
    logs = [story[1][name][2] for name in ("interrupted", "job killed", "killed")]
    logs.append(story[1]["resumed"])
    for before, after in itertools.pairwise(logs):
        done = len(re.findall(r"^epoch \d+:", before, re.M))
        first = re.search(r"^resuming after epoch (\d+)$", before, re.M)
        done += int(first[1]) if first else 0
        # The state is saved after the line: what is lost is one epoch, at most.
        assert resumed_after(after) in (done - 1, done)


def test_a_second_run_in_the_folder_is_refused(story):
    said = story[1]["twice"]
    assert "no other Snakemake process" in said
    assert "--unlock" in said
    assert "Traceback" not in said


def test_a_disk_is_read_only_then_too_small_then_large_enough(
    small_disk, tmp_path, undisturbed
):
    """Results that cannot be written stop a run before any job; half a file is none."""
    folder = prepare(tmp_path / "run")
    disk = small_disk(60, at="run/results")
    # As in a clone. Snakemake removes a folder that has become empty, or fails at it.
    (disk / "README.md").write_text("results")

    small_disk(60, "ro", at="run/results")
    said = run(folder, "--cores", "1", fails=True)
    assert "Failed to create output directory results/presence" in said
    assert "Read-only file system" in said
    assert "Traceback" not in said
    assert list(disk.iterdir()) == [disk / "README.md"]

    small_disk(60, "rw", at="run/results")
    said = run(folder, "--cores", "1", fails=True)
    assert "no space left on the disk (more than " in said
    assert "are free here" in said
    assert "Traceback" not in said
    assert list(disk.rglob(".*")) == []

    small_disk(50_000, at="run/results")
    run(folder, "--cores", "2")
    (disk / "README.md").unlink()
    assert_same_results(folder, undisturbed)
