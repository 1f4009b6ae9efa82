"""The tiny workflow through a private SLURM cluster, as SLURM itself records it."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from .squeue import jobs_of

ROOT = Path(__file__).resolve().parents[2]
PROFILE = ROOT / "profiles/slurm"
# Quicker than on a shared cluster; logs of good jobs are read here.
QUICK = (
    *("--slurm-init-seconds-before-status-checks", "2"),
    *("--seconds-between-status-checks", "2", "--latency-wait", "5"),
    "--slurm-keep-successful-logs",
)
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
    {"report"},
]
LIMIT = 1500  # seconds for one call of Snakemake

pytestmark = pytest.mark.slurm


def prepare(folder):
    """The tiny configuration in a folder of its own."""
    shutil.copytree(ROOT / ".test/config", folder / "config")
    (folder / "resources").symlink_to(ROOT / "resources")
    return folder


def command(*arguments):
    """A call of Snakemake on the workflow of this repository."""
    return [sys.executable, "-m", "snakemake", "-s", ROOT / "Snakefile", *arguments]


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


def results(folder):
    """Bytes of every result, by relative path."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted((folder / "results").rglob("*"))
        if path.is_file()
    }


def assert_same_results(folder, other):
    first, second = results(folder), results(other)
    assert first.keys() == second.keys()
    assert [path for path in first if first[path] != second[path]] == []


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
def local(tmp_path_factory):
    folder = prepare(tmp_path_factory.mktemp("local") / "run")
    run(folder, command("--cores", "2"), os.environ)
    return folder


@pytest.fixture(scope="module")
def through_slurm(tmp_path_factory, cluster):
    folder = prepare(tmp_path_factory.mktemp("slurm") / "run")
    run(folder, command("--profile", PROFILE, *QUICK), cluster)
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


def wait_until(condition, seconds=LIMIT):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.5)


def test_a_killed_run_goes_on_without_a_second_writer(tmp_path, cluster, local):
    """Killed while a network is trained; resume.py cancels that job first."""
    target = "results/presence/tiny/seed1/tomtom/table.tsv"
    folder = prepare(tmp_path / "killed")
    environment = {**cluster, "XDG_CACHE_HOME": str(folder / "cache")}
    with (folder / "output.txt").open("w") as output:
        killed = subprocess.Popen(
            command("--profile", PROFILE, *QUICK, target),
            cwd=folder,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        logs = folder / "logs"
        wait_until(lambda: any((logs / "train").glob("*")) or killed.poll() is not None)
        killed.send_signal(signal.SIGKILL)
        killed.wait()
    states = dict(jobs_of(folder, cluster, "T"))
    orphans = {job for job, state in states.items() if state == "RUNNING"}
    assert orphans, (folder / "output.txt").read_text()

    resume = [sys.executable, PROFILE / "resume.py", *command(*QUICK, target)[3:]]
    said = run(folder, resume, cluster)
    assert f"Cancelling {len(orphans)} jobs" in said

    states = dict(jobs_of(folder, cluster, "T"))
    assert {states[job] for job in orphans} == {"CANCELLED"}
    others = {state for job, state in states.items() if job not in orphans}
    assert others == {"COMPLETED"}
    made, undisturbed = results(folder), results(local)
    assert target in made
    assert [path for path in made if made[path] != undisturbed[path]] == []
