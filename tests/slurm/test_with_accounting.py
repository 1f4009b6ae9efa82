"""A cluster with accounts and a database: lines of the profile, an outage, a scan."""

import re
import shutil
import time

import pytest
import yaml

from runs import assert_same_results

from .cluster_runs import (
    PROFILE,
    QUICK,
    command,
    in_rule,
    prepare,
    run,
    said,
    started,
    wait_until,
)
from .conftest import cluster_sh
from .squeue import jobs_of

OUTAGE = 90  # seconds
# Two jobs scan at a time, for a network that is not trained.
TARGET = "results/presence/tiny.untrained/seed1/long_sequence_scan/table.tsv"

pytestmark = pytest.mark.slurm


@pytest.fixture(scope="module")
def accounting(shell_of_cluster):
    """The cluster anew, with an accounting database; the last tests of this folder."""
    cluster_sh("down")
    cluster_sh("up", SLURM_LOCAL_ACCOUNTING="1")
    yield shell_of_cluster
    cluster_sh("unpause")


def scanning(folder):
    """The tiny configuration with a scan by two jobs instead of its methods."""
    file = prepare(folder) / "config/config.yaml"
    configuration = yaml.safe_load(file.read_text())
    configuration["analyses"] = ["long_sequence_scan"]
    configuration["methods"] = {"long_sequence_scan": {"chunks": 2}}
    file.write_text(yaml.safe_dump(configuration))
    return folder


def charged(folder):
    """A copy of the profile with its account and quality of service."""
    shutil.copytree(PROFILE, folder)
    profile = folder / "config.yaml"
    line = re.compile(r"^# (?=(slurm_account: lab|qos: normal) )", re.MULTILINE)
    text, lines = line.subn("  ", profile.read_text())
    assert lines == 2
    profile.write_text(text)
    return folder


def test_charged_jobs_outlast_the_controller(tmp_path, accounting):
    """Away for 90 s while a network is made, which ends before it is back."""
    folder, profile = scanning(tmp_path / "run"), charged(tmp_path / "profile")
    start = command("--profile", profile, *QUICK, TARGET)
    with started(folder, start, accounting) as snakemake:
        wait_until(lambda: in_rule(folder, "train"), snakemake, folder)
        cluster_sh("pause")
        time.sleep(OUTAGE)
        assert (folder / "results/presence/tiny.untrained/seed1/model.ckpt").exists()
        cluster_sh("unpause")
        assert snakemake.wait(timeout=600) == 0, said(folder)
    assert "Falling back to 'sacct'" in said(folder)
    assert "No SLURM account given" not in said(folder)

    jobs = jobs_of(folder, accounting, "k", "T", "a", "q")
    assert {tuple(job[2:]) for job in jobs} == {("COMPLETED", "lab", "normal")}
    network = "presence_tiny.untrained_seed1"
    assert sorted(rule.split("_wildcards")[0] for _, rule, *_ in jobs) == [
        "rule_checks_presence_long_sequence_scan_contigs",
        "rule_data_presence_simulate_split",
        f"rule_network_{network}_long_sequence_scan_control",
        f"rule_scan_{network}_0_long_sequence_scan_chunk",
        f"rule_scan_{network}_1_long_sequence_scan_chunk",
        "rule_train_control",
    ]
    undisturbed = scanning(tmp_path / "undisturbed")
    run(undisturbed, command("--cores", "2", TARGET), accounting)
    assert_same_results(folder, undisturbed)
