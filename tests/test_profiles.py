"""profiles/: every setting explained, and accepted by Snakemake."""

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


def test_the_slurm_profile_plans_the_default_configuration(tmp_path):
    shutil.copytree(ROOT / "config", tmp_path / "config")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "snakemake", "--dry-run", "--quiet", "host"),
            *("--snakefile", ROOT / "Snakefile", "--directory", tmp_path),
            *("--profile", ROOT / "profiles" / "slurm"),
        ],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    # The resources of the profile, for a rule that names none.
    resources = yaml.safe_load((ROOT / "profiles/slurm/config.yaml").read_text())
    runtime = resources["default-resources"]["runtime"]
    target = done.stdout.split("rule default:")[1]
    assert f"runtime={runtime}" in target.splitlines()[4]
