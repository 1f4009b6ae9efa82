"""Cases from public reports about running: as a module, and without a home."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def folder(tmp_path):
    """A working directory with the default configuration."""
    (tmp_path / "config").mkdir()
    for name in ("config.yaml", "experiments.tsv"):
        shutil.copyfile(ROOT / "config" / name, tmp_path / "config" / name)
    return tmp_path


def planned(folder, *arguments, **variables):
    """A dry run in a folder; a variable that is None is not set."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache"), **variables}
    return subprocess.run(
        [sys.executable, "-m", "snakemake", "--cores", "1", "-n", *arguments],
        cwd=folder,
        env={name: value for name, value in environment.items() if value is not None},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_s2_a_workflow_that_imports_this_one_is_planned(folder, cases_folder):
    text = (cases_folder / "S2/Snakefile").read_text()
    assert "CLONE" in text
    (folder / "Snakefile").write_text(text.replace("CLONE", str(ROOT)))
    ran = planned(folder)
    assert ran.returncode == 0, ran.stdout
    assert re.search(r"^proofread_train +\d", ran.stdout, re.MULTILINE), ran.stdout
    assert "ModuleNotFoundError" not in ran.stdout


def test_s4a_a_home_that_is_not_writable(folder, cases_folder):
    """Snakemake's own error; profiles/README.md names it, and the remedy helps."""
    home = re.search(r"HOME=(\S+)", (cases_folder / "S4a/README").read_text())[1]
    snakefile = ("--snakefile", str(ROOT / "Snakefile"))
    failed = planned(folder, *snakefile, HOME=home, XDG_CACHE_HOME=None)
    assert failed.returncode != 0
    page = (ROOT / "profiles/README.md").read_text()
    (error,) = set(re.findall(r"^(\w+Error)", failed.stdout, re.MULTILINE))
    assert f"`{error}`" in page
    (variable,) = set(re.findall(r"export (\w+)=", page))
    ran = planned(folder, *snakefile, HOME=home, **{variable: str(folder / "cache")})
    assert ran.returncode == 0, ran.stdout
