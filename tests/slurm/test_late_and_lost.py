"""A job out of time and one of a lost node, of runs that began with test_faults.py."""

import subprocess

import pytest

from .cluster_runs import said
from .squeue import jobs_of
from .toys import ends_well

pytestmark = pytest.mark.slurm


def test_a_job_out_of_time_gets_twice_as_much(late_and_lost_runs, cluster):
    """The minutes of both rules that share the job: two, then four."""
    run, folder = late_and_lost_runs["late"]
    ends_well(run, folder)
    assert "DUE TO TIME LIMIT" in said(folder)
    (_, first, less), (_, second, more) = jobs_of(folder, cluster, "T", "l")
    assert (first, less, second, more) == ("TIMEOUT", "2:00", "COMPLETED", "4:00")


def test_a_job_of_a_lost_node_is_begun_again_by_slurm(late_and_lost_runs, cluster):
    """SLURM puts it back into the queue, under its number, to run in two minutes."""
    run, folder = late_and_lost_runs["lost"]
    ends_well(run, folder)
    ((job, state),) = jobs_of(folder, cluster, "T")
    assert state == "COMPLETED"
    record = ["scontrol", "show", "job", job]
    shown = subprocess.run(record, env=cluster, capture_output=True, text=True).stdout
    assert " Restarts=1 " in shown
