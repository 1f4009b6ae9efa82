"""The tiny workflow, of which a part is killed, goes on to the bytes of another run."""

import os
import re
import signal
from pathlib import Path

import pytest

from runs import assert_same_results, watched

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

TARGETS = (
    "results/presence/tiny/seed1/tomtom/table.tsv",
    "results/presence/baselines/predictions.tsv",  # needs no network
)

pytestmark = pytest.mark.slurm


def process_on_node(folder, rule):
    """The process of a rule's script, which runs in the folder of its workflow."""
    script = f".{rule}.py".encode()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")
            at = (process / "cwd").resolve(strict=True)
        except OSError:  # it ended
            continue
        if at == folder and any(word.endswith(script) for word in words):
            return int(process.name)
    return None


def test_a_killed_run_goes_on_without_a_second_writer(tmp_path, cluster, local):
    """Killed while a network is trained; resume.py cancels that job first."""
    target = TARGETS[0]
    folder = prepare(tmp_path / "killed")
    start = command("--profile", PROFILE, *QUICK, target)
    with started(folder, start, cluster) as snakemake:
        wait_until(lambda: in_rule(folder, "train"), snakemake, folder)
        shown, status = watched(folder, cluster)
        snakemake.send_signal(signal.SIGKILL)
        snakemake.wait()
    states = dict(jobs_of(folder, cluster, "T"))
    orphans = {job for job, state in states.items() if state == "RUNNING"}
    assert orphans, said(folder)

    assert status == 3, shown  # it runs
    train = r"^  train · presence · tiny · seed 1 \(.+, SLURM job \d+ on"
    assert re.search(train, shown, re.M), shown
    shown, status = watched(folder, cluster)
    assert status == 1, shown
    assert "killed: Snakemake is gone" in shown
    left = r"^[1-9]\d* of its jobs may be left on the cluster"
    assert re.search(left, shown, re.M), shown

    assert f"Cancelling {len(orphans)} jobs" in run(folder, resume(target), cluster)

    states = dict(jobs_of(folder, cluster, "T"))
    assert {states[job] for job in orphans} == {"CANCELLED"}
    others = {state for job, state in states.items() if job not in orphans}
    assert others == {"COMPLETED"}
    assert watched(folder, cluster)[1] == 0
    assert_same_results(folder, local, [target])


def test_only_lost_jobs_run_again(tmp_path, cluster, local):
    """One run loses its training on the node, the next is stopped in it by Ctrl-C."""
    folder = prepare(tmp_path / "lost")
    start = command("--profile", PROFILE, *QUICK, *TARGETS)
    with started(folder, [*start, "--retries", "0"], cluster) as snakemake:
        wait_until(lambda: process_on_node(folder, "train"), snakemake, folder)
        os.kill(process_on_node(folder, "train"), signal.SIGKILL)
        assert snakemake.wait(timeout=300) == 1, said(folder)
    assert "SLURM status is: 'FAILED'" in said(folder)
    (log,) = (folder / ".snakemake/slurm_logs/rule_train").rglob("*.log")
    assert "died with <Signals.SIGKILL: 9>" in log.read_text()
    assert not (folder / "results/presence/tiny/seed1/model.ckpt").exists()

    with started(folder, start, cluster) as snakemake:
        wait_until(lambda: process_on_node(folder, "train"), snakemake, folder)
        snakemake.send_signal(signal.SIGINT)
        assert snakemake.wait(timeout=120) != 0, said(folder)

    run(folder, resume(*TARGETS), cluster)  # which waits for the cancelled job's end
    ended = [
        (rule.split("_wildcards")[0], state)
        for _, rule, state in jobs_of(folder, cluster, "k", "T")
    ]
    assert sorted(ended) == [
        ("rule_checks_presence_baselines_untrained_filters", "COMPLETED"),
        ("rule_data_presence_simulate_split", "COMPLETED"),
        ("rule_network_presence_tiny_seed1_filter_pfms_tomtom", "COMPLETED"),
        ("rule_train", "CANCELLED"),
        ("rule_train", "COMPLETED"),
        ("rule_train", "FAILED"),
    ]
    assert_same_results(folder, local, TARGETS)
