"""The cluster's controller is away while jobs run; docs/cluster.md says what to do."""

import signal
import subprocess
import time

import pytest

from runs import assert_same_results

from .cluster_runs import (
    PROFILE,
    QUICK,
    command,
    in_rule,
    prepare,
    resume,
    run,
    said,
    started,
    wait_until,
)
from .squeue import jobs_of

# An interpretation of a network that is not trained: three jobs, one after another.
TARGET = "results/presence/tiny.untrained/seed1/tomtom/score.tsv"

pytestmark = pytest.mark.slurm


def test_seconds_are_not_noticed(tmp_path, cluster, local, controller):
    """Commands of SLURM wait 9 s for an answer."""
    folder = prepare(tmp_path / "seconds")
    start = command("--profile", PROFILE, *QUICK, TARGET)
    with started(folder, start, cluster) as snakemake:
        wait_until(lambda: in_rule(folder, "train"), snakemake, folder)
        controller("pause")
        time.sleep(6)
        controller("unpause")
        assert snakemake.wait(timeout=300) == 0, said(folder)
    assert [state for _, state in jobs_of(folder, cluster, "T")] == ["COMPLETED"] * 3
    assert_same_results(folder, local, [TARGET])


def test_without_accounting_a_longer_outage_needs_resume(
    tmp_path, cluster, local, controller
):
    """Snakemake forgets its jobs if no command answers, but they go on."""
    folder = prepare(tmp_path / "longer")
    start = command("--profile", PROFILE, *QUICK, TARGET)
    with started(folder, start, cluster) as snakemake:
        wait_until(lambda: in_rule(folder, "train"), snakemake, folder)
        controller("pause")
        wait_until(lambda: "Falling back to 'sacct'" in said(folder), snakemake, folder)
        time.sleep(5)
        controller("unpause")
        wait_until(
            lambda: (
                {state for _, state in jobs_of(folder, cluster, "T")} == {"COMPLETED"}
            ),
            snakemake,
            folder,
        )
        snakemake.send_signal(signal.SIGINT)
        try:
            snakemake.wait(timeout=60)
        except subprocess.TimeoutExpired:
            snakemake.kill()
    # It has not seen that the second job ended: there is no third.
    assert len(jobs_of(folder, cluster)) == 2, said(folder)

    assert "No job of this folder is left" in run(folder, resume(TARGET), cluster)
    # What ended during the outage is not made again.
    assert [state for _, state in jobs_of(folder, cluster, "T")] == ["COMPLETED"] * 3
    assert_same_results(folder, local, [TARGET])
