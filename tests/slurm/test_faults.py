"""Jobs of a group that fail on the cluster, with the shipped profile and toy rules."""

import subprocess
import sys

import pytest

from .cluster_runs import said
from .squeue import jobs_of
from .toys import TOY, WAIT_ONCE, ends_well, start, wait_for_first_attempt

# Those of test_late_and_lost.py wait beside these tests.
pytestmark = [pytest.mark.slurm, pytest.mark.usefixtures("late_and_lost_runs")]


def test_a_job_out_of_memory_gets_twice_as_much(tmp_path, cluster):
    """600 MB of its own are too much beside Snakemake in 600 MB, but not in 1,200."""
    code = "import time; filled = b'x' * 600_000_000; time.sleep(6)"
    with start(tmp_path, cluster, f'{sys.executable} -c "{code}"') as run:
        ends_well(run, tmp_path)
    assert "exceeded memory limit" in said(tmp_path)
    (_, first, less), (_, second, more) = jobs_of(tmp_path, cluster, "T", "m")
    assert first in ("FAILED", "OUT_OF_MEMORY")
    assert (less, second, more) == ("600M", "COMPLETED", "1200M")


def test_a_cancelled_job_is_tried_again(tmp_path, cluster):
    with start(tmp_path, cluster, WAIT_ONCE) as run:
        wait_for_first_attempt(run, tmp_path)
        ((job,),) = jobs_of(tmp_path, cluster)
        subprocess.run(["scancel", job], env=cluster, check=True)
        ends_well(run, tmp_path)
    assert " CANCELLED AT " in said(tmp_path)
    (_, first), (_, second) = jobs_of(tmp_path, cluster, "T")
    assert (first, second) == ("CANCELLED", "COMPLETED")


def test_a_job_too_large_for_all_nodes_fails_at_once(tmp_path, cluster):
    large = TOY.replace("growing(600)", "growing(1_000_000)")
    with start(tmp_path, cluster, "true", large) as run:
        assert run.wait(timeout=120) == 1, said(tmp_path)
    ended = jobs_of(tmp_path, cluster, "T", "r")
    assert [tuple(job[1:]) for job in ended] == [("FAILED", "BadConstraints")] * 3
