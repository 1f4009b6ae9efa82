"""docs/cluster.md, followed by a user with an ordinary account."""

import os
import pwd
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import runs
from pages import copied, steps

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/cluster.md").read_text()
USER = pwd.getpwnam("daemon")
# The tiny configuration up to an interpretation of a network that is not trained.
TARGET = "results/presence/tiny.untrained/seed1/tomtom/score.tsv"
QUICK = (
    "--slurm-init-seconds-before-status-checks 2 --seconds-between-status-checks 2 "
    f"--latency-wait 5 {TARGET}"
)

pytestmark = pytest.mark.slurm


def make_env(folder):
    """The user's .venv, with the packages of this one."""
    runs.make_env(folder / ".venv", runs.python_of_all(USER.pw_name))
    snakemake = folder / ".venv/bin/snakemake"
    snakemake.write_text(
        f"#!{folder}/.venv/bin/python\nfrom snakemake.cli import main\nmain()\n"
    )
    snakemake.chmod(0o755)


@pytest.fixture
def clone(cluster):
    """A clone of the user's, where others can reach it, with an environment."""
    folder = Path("/tmp") / f"proofread-page-{os.getpid()}"
    folder.mkdir(mode=0o755)
    copied(folder)
    make_env(folder)
    shutil.copytree(ROOT / ".test/config", folder / "config", dirs_exist_ok=True)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, USER.pw_uid, USER.pw_gid, follow_symlinks=False)
    yield folder
    shutil.rmtree(folder)


def as_user(folder, command, environment):
    """Run a line as the user does; fail with what it printed."""
    done = subprocess.run(
        ["bash", "-euc", command],
        cwd=folder,
        user=USER.pw_uid,
        group=USER.pw_gid,
        extra_groups=[],
        env={
            **environment,
            "HOME": str(folder),
            "USER": USER.pw_name,
            "PATH": f"{folder}/.venv/bin:{environment['PATH']}",
            "XDG_CACHE_HOME": str(folder / "cache"),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=1500,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_the_page_is_short():
    assert len(PAGE.splitlines()) <= 75


def test_a_user_follows_the_page(clone, cluster):
    blocks = [text for path, text in steps(PAGE) if path is None]
    copy, start, resume = (block.strip() for block in blocks)
    as_user(clone, copy, cluster)
    profile = clone / "my/slurm/config.yaml"
    text, n = re.subn(
        r"^# (?=(slurm_partition|gpu): )", "  ", profile.read_text(), flags=re.M
    )
    assert n == 2
    profile.write_text(text)

    as_user(clone, f"{start} {QUICK}", cluster)
    jobs = "squeue --noheader --me --states all --format %A"
    shown = as_user(clone, f"{jobs} | xargs -n 1 scontrol show job", cluster)
    records = [text for text in shown.split("\n\n") if f"WorkDir={clone}\n" in text]
    for record in records:
        assert re.search(r"JobState=(\w+)", record)[1] == "COMPLETED"
        assert re.search(r"Partition=(\w+)", record)[1] == "main"
        assert f"UserId={USER.pw_name}" in record
    rules = [re.search(r"Comment=rule_([a-z_]+)", record)[1] for record in records]
    gpus = ["TresPerJob=gres:gpu:1" in record for record in records]
    assert dict(zip(rules, gpus, strict=True)) == {
        "data_presence_simulate_split": False,
        "train_control_wildcards_presence_tiny": True,
        "network_presence_tiny": True,
    }
    assert (clone / TARGET).stat().st_uid == USER.pw_uid

    said = as_user(clone, f"{resume} {QUICK}", cluster)
    assert "No job of this folder is left" in said
    assert "Nothing to be done" in said
