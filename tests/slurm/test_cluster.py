"""The tiny workflow through a private SLURM cluster, as SLURM itself records it."""

import os
import re
import sys
from collections import Counter

import pytest

from runs import assert_same_results, watched

from .cluster_runs import (
    PROFILE,
    QUICK,
    ROOT,
    command,
    prepare,
    run,
)
from .squeue import jobs_of

KEEP = "--slurm-keep-successful-logs"  # they are read here
# A job of SLURM and the rules that share it, of .test/config. Networks: tiny, and its
# controls tiny.untrained and tiny.shuffled.
CONTROL = {"filter_pfms_control", "tomtom_control"}
ALLOCATIONS = [
    {"simulate", "split"},
    {"preview", "baselines", "ideal_explainer", "untrained_filters"},
    {"train"},
    {"train_control"},
    {"train_control"},
    {"evaluate", "filter_pfms", "tomtom"},
    CONTROL,
    CONTROL,
    {"scorecard"},
    {"summary"},
    {"report"},
]

pytestmark = pytest.mark.slurm


def ran(log):
    """Rule and log file of each job in the output of a job of SLURM.

    Its Snakemake lists what it is about to run, then starts another on the node, for
    which the rules are local ones.
    """
    jobs = re.findall(r"^localrule (\w+):\n(?:    .+\n)*?    log: (\S+)", log, re.M)
    return Counter(jobs)


def planned(folder):
    """Rule and log file of each job that is to be made, but for targets."""
    plan = run(
        folder,
        command("--dry-run", "--forceall", "--cores", "1", "--quiet", "host"),
        os.environ,
    )
    # Those of a group are indented.
    pattern = r"^ *rule (\w+):\n(?: +.+\n)*? +log: (\S+)"
    return Counter(re.findall(pattern, plan, re.M))


@pytest.fixture(scope="module")
def through_slurm(tmp_path_factory, cluster):
    folder = prepare(tmp_path_factory.mktemp("slurm") / "run")
    run(folder, command("--profile", PROFILE, *QUICK, KEEP), cluster)
    return folder


def logs_of(folder):
    """Job id of SLURM to what it printed."""
    logs = (folder / ".snakemake/slurm_logs").rglob("*.log")
    return {log.stem: log.read_text() for log in logs}


def test_every_job_ran_on_the_cluster(through_slurm, cluster):
    jobs, logs = jobs_of(through_slurm, cluster, "T", "N"), logs_of(through_slurm)
    assert {job for job, _, _ in jobs} == logs.keys()
    assert {state for _, state, _ in jobs} == {"COMPLETED"}
    assert {node for _, _, node in jobs} <= {"n1", "n2"}
    assert sum(map(ran, logs.values()), Counter()) == planned(through_slurm)


def test_jobs_share_allocations_as_promised(through_slurm):
    shared = [{rule for rule, _ in ran(log)} for log in logs_of(through_slurm).values()]
    assert sorted(map(sorted, shared)) == sorted(map(sorted, ALLOCATIONS))


def test_results_are_those_of_a_local_run(through_slurm, local):
    assert_same_results(through_slurm, local)


def test_the_monitor_says_that_all_is_done(through_slurm, cluster):
    said, status = watched(through_slurm, cluster)
    jobs = sum(planned(through_slurm).values())
    assert f"{jobs} of {jobs} jobs done" in said
    assert status == 0


def test_it_runs_as_a_module_from_another_folder(tmp_path, cluster, through_slurm):
    folder = prepare(tmp_path / "mine")
    (folder / "Snakefile").write_text(f"""
configfile: "config/config.yaml"

module proofread:
    snakefile: "{ROOT}/workflow/Snakefile"
    config: config

use rule * from proofread as proofread_*
""")
    target = "results/presence/baselines/predictions.tsv"
    module = [sys.executable, "-m", "snakemake", "--profile", PROFILE, *QUICK, target]
    run(folder, module, cluster)
    assert (folder / target).read_bytes() == (through_slurm / target).read_bytes()
    states = [state for _, state in jobs_of(folder, cluster, "T")]
    assert states == ["COMPLETED", "COMPLETED"]  # the data, then the baselines
