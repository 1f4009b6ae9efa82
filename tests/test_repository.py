"""What the repository says of itself to those who come to it: catalog, CI, make."""

import re
import shutil
import subprocess
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
MAKEFILE = (ROOT / "Makefile").read_text()
TARGETS = set(re.search(r"^\.PHONY: (.+)$", MAKEFILE, re.M)[1].split())


def test_the_catalog_finds_what_it_needs():
    """Files without which it does not list a workflow as one of standard usage."""
    for path in (
        "README.md",
        "LICENSE",
        "workflow/Snakefile",
        "config/README.md",
        "config/config.yaml",
    ):
        assert (ROOT / path).is_file(), path
    usage = yaml.safe_load((ROOT / ".snakemake-workflow-catalog.yml").read_text())
    assert set(usage["usage"]) == {
        "mandatory-flags",
        "software-stack-deployment",
        "report",
    }


def test_the_continuous_integration_runs_make_test_alone():
    (file,) = (ROOT / ".github/workflows").iterdir()
    jobs = yaml.safe_load(file.read_text())["jobs"]
    steps = [step for job in jobs.values() for step in job["steps"]]
    assert [step["run"] for step in steps if "run" in step] == ["make test"]


def test_every_target_is_explained():
    explained = set(re.findall(r'@echo "make (\S+)', MAKEFILE))
    assert explained == TARGETS - {"all", "help"}


def test_every_target_that_a_page_names_exists():
    for page in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/*.md")):
        named = re.findall(r"(?:^|`)make ([a-z-]+)(?=`| {2}|$)", page.read_text(), re.M)
        assert set(named) <= TARGETS, page.name


def test_every_profile_is_explained():
    page = (ROOT / "profiles/README.md").read_text()
    profiles = [path.name for path in (ROOT / "profiles").iterdir() if path.is_dir()]
    assert [name for name in profiles if f"- `{name}`: " not in page] == []


def test_make_clean_keeps_what_belongs_to_the_repository(tmp_path):
    shutil.copyfile(ROOT / "Makefile", tmp_path / "Makefile")
    for path in (
        "results/README.md",
        "results/report.html",
        "results/.hidden",
        "results/presence/README.md",
        "logs/report.log",
        ".test/config/config.yaml",
        ".test/results/report.html",
        ".venv/.ready",
    ):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    subprocess.run(["make", "--silent", "clean"], cwd=tmp_path, check=True)
    left = {
        str(path.relative_to(tmp_path))
        for path in tmp_path.rglob("*")
        if path.is_file()
    }
    assert left == {
        "Makefile",
        "results/README.md",
        ".test/config/config.yaml",
        ".venv/.ready",
    }
