"""profiles/: every setting explained, and accepted by Snakemake."""

import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
PROFILES = sorted((ROOT / "profiles").glob("*/config.yaml"))
SNAKEFILE = """
rule one:
    output: "one.txt"
    threads: 8
    shell: "echo {threads} > {output}"
"""


@pytest.mark.parametrize("profile", PROFILES, ids=lambda path: path.parent.name)
def test_every_setting_is_explained(profile):
    lines = [line for line in profile.read_text().splitlines() if line.strip()]
    assert [line for line in lines if "#" not in line] == []


def test_the_default_profile_leaves_cores_to_the_command_line(tmp_path):
    (tmp_path / "Snakefile").write_text(SNAKEFILE)
    (tmp_path / "profiles").symlink_to(ROOT / "profiles")
    command = [sys.executable, "-m", "snakemake", "--cores"]
    for cores in ("1", "2"):
        subprocess.run([*command, cores, "--forceall"], cwd=tmp_path, check=True)
        assert (tmp_path / "one.txt").read_text() == f"{cores}\n"


def plan(folder, profile):
    """What Snakemake would run of the default configuration, with a profile."""
    shutil.copytree(ROOT / "config", folder / "config")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "snakemake", "--dry-run", "--quiet", "host"),
            *("--snakefile", ROOT / "Snakefile", "--directory", folder),
            *("--profile", profile),
        ],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def resources(planned, rule):
    """Resources of the first job of a rule, by name."""
    block = planned.split(f"rule {rule}:\n")[1].split("\n\n")[0]
    listed = re.search(r"^ +resources: (.+)$", block, re.MULTILINE)[1]
    return dict(part.split("=", 1) for part in listed.split(", "))


def test_the_slurm_profile_plans_the_default_configuration(tmp_path):
    planned = plan(tmp_path, ROOT / "profiles" / "slurm")
    # The resources of the profile, for a rule that names none.
    profile = yaml.safe_load((ROOT / "profiles/slurm/config.yaml").read_text())
    runtime = profile["default-resources"]["runtime"]
    assert resources(planned, "default")["runtime"] == str(runtime)
    assert "gpu" not in resources(planned, "train")


# Settings of the plugins that profiles/kubernetes needs, which are not part of .venv.
PLUGINS = ("snakemake_executor_plugin_kubernetes", "snakemake_storage_plugin_fs")
OF_PLUGINS = {
    "executor": "kubernetes",
    "kubernetes-namespace": "default",
    "kubernetes-persistent-volumes": ["proofread:/mnt/proofread"],
    "default-storage-provider": "fs",
    "default-storage-prefix": "/mnt/proofread",
    "shared-fs-usage": "none",
}


def test_the_kubernetes_profile_plans_the_default_configuration(tmp_path):
    profile = yaml.safe_load((ROOT / "profiles/kubernetes/config.yaml").read_text())
    assert {key: profile.get(key) for key in OF_PLUGINS} == OF_PLUGINS
    if not all(map(importlib.util.find_spec, PLUGINS)):
        profile = {key: profile[key] for key in profile if key not in OF_PLUGINS}
    (tmp_path / "my").mkdir()
    (tmp_path / "my/config.yaml").write_text(yaml.safe_dump(profile))
    planned = plan(tmp_path, tmp_path / "my")
    runtime = profile["default-resources"]["runtime"]
    assert resources(planned, "default")["runtime"] == str(runtime)
    # One pod for what evaluates and interprets a network.
    network = "network_distance_eraslan2019_seed1"
    assert planned.count(f"Group job {network} ") == 1


def test_a_line_each_asks_for_a_gpu_a_partition_an_account_and_a_quality(tmp_path):
    text = (ROOT / "profiles/slurm/config.yaml").read_text()
    text, n = re.subn(r"^# (?=(slurm_\w+|qos|gpu): )", "  ", text, flags=re.MULTILINE)
    assert n == 4
    (tmp_path / "my").mkdir()
    (tmp_path / "my/config.yaml").write_text(text)
    planned = plan(tmp_path, tmp_path / "my")
    for rule, gpus in (("train", "1"), ("attributions", "1"), ("split", "0")):
        asked = resources(planned, rule)
        assert asked["gpu"] == gpus
        assert asked["slurm_partition"] == "main"
        assert asked["slurm_account"] == "lab"
        assert asked["qos"] == "normal"
