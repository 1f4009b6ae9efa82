"""From another workflow: docs/module.md followed, from a clone and from a Git host.

No host is reached: Git is told to find https://github.com/owner/proofread in a folder.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest
import yaml

import fake_conda
from pages import copied, shell, steps

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/module.md").read_text()
REMOTE = "https://github.com/owner/proofread"
(TAG,) = set(re.findall(r'(?:tag="|--tag )(v[\d.]+)', PAGE))
FILES = ("Snakefile", "config.yaml", "networks.tsv")


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """A repository of the files as they are now, with the tag of the page."""
    folder = copied(tmp_path_factory.mktemp("clone") / "proofread")
    git = ["git", "-c", "user.name=test", "-c", "user.email=test", "-C", folder]
    for command in (
        ["init", "--quiet"],
        ["add", "--all"],
        ["commit", "--quiet", "--message", "now"],
        ["tag", TAG],
    ):
        subprocess.run([*git, *command], check=True)
    return folder


@pytest.fixture
def user(tmp_path, clone):
    """The folder of the page's reader, beside the clone and with the page's files."""
    (tmp_path / "proofread").symlink_to(clone)
    folder = tmp_path / "mine"
    folder.mkdir()
    for path, text in steps(PAGE):
        if path is not None:
            (folder / path).write_text(text)
    assert {path.name for path in folder.iterdir()} == set(FILES)
    return folder


def git_variables(clone):
    """Variables with which Git finds the clone at the address of the page."""
    return {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{clone}.insteadOf",
        "GIT_CONFIG_VALUE_0": REMOTE,
    }


def run(folder, command, clone=None):
    """What a command prints; it must succeed."""
    ran = shell(folder, command, git_variables(clone) if clone else ())
    assert ran.returncode == 0, ran.stdout
    return ran.stdout


def commands():
    """The commands of the page: of a module, of snakedeploy twice."""
    result = [text for path, text in steps(PAGE) if path is None]
    assert len(result) == 3
    return result


def blocks(start):
    """The page's block of Python that starts so."""
    (block,) = re.findall(rf"^```python\n({start}.*?)^```", PAGE, re.M | re.S)
    return block


def from_github(folder):
    """Write the page's statement for GitHub in place of that for a clone."""
    snakefile = folder / "Snakefile"
    text, n = re.subn(
        r"^module proofread:.*?(?=\n\n\n)",
        lambda _: blocks("module").rstrip(),
        snakefile.read_text(),
        flags=re.M | re.S,
    )
    assert n == 1
    snakefile.write_text(text)


def planned(said):
    """Number of jobs of each rule in a dry run."""
    table = said.split("Job stats:")[1].split("total")[0]
    return {name: int(n) for name, n in re.findall(r"^(\w+) +(\d+)$", table, re.M)}


def test_a_module_is_planned_from_another_folder(user):
    jobs = planned(run(user, "snakemake --dry-run --cores 1"))
    assert jobs.pop("all") == 1
    assert {name.removeprefix("proofread_") for name in jobs} >= {"train", "report"}
    assert all(name.startswith("proofread_") for name in jobs)


def test_a_rule_of_the_module_can_be_changed(user):
    snakefile = user / "Snakefile"
    text, change = snakefile.read_text(), blocks("use rule train")
    snakefile.write_text(text.replace("\n\n\nrule all", f"\n\n\n{change}\n\nrule all"))
    said = run(user, "snakemake --dry-run --cores 1")
    train = said.split("rule proofread_train:")[1].split("\nrule ")[0]
    assert "mem_mb=8000" in train
    assert "output: results/proofread/presence/tiny" in train


def test_folders_of_results_can_be_named_in_the_module_statement(user):
    configuration = yaml.safe_load((user / "config.yaml").read_text())
    del configuration["proofread"]["pathvars"]
    (user / "config.yaml").write_text(yaml.safe_dump(configuration))
    snakefile = user / "Snakefile"
    statement = '    pathvars:\n        results="elsewhere",\n    config:\n'
    snakefile.write_text(snakefile.read_text().replace("    config:\n", statement))
    said = run(user, "snakemake --dry-run --cores 1")
    assert "output: elsewhere/presence/tiny/seed1/model.ckpt" in said
    assert " results/" not in said


@pytest.mark.parametrize(
    ("given", "position"),
    [
        ('config["proofread"]', "config.yaml, proofread: "),
        ('{**config["proofread"]}', "the config of module proofread: "),
    ],
)
def test_a_mistake_is_located_in_the_calling_workflow_s_file(user, given, position):
    configuration = yaml.safe_load((user / "config.yaml").read_text())
    configuration["proofread"]["datasets"]["presence"]["lenght"] = 80
    (user / "config.yaml").write_text(yaml.safe_dump(configuration))
    snakefile = user / "Snakefile"
    snakefile.write_text(snakefile.read_text().replace('config["proofread"]', given))
    ran = shell(user, "snakemake --dry-run --cores 1")
    assert ran.returncode != 0
    assert f"{position}datasets.presence: unknown key 'lenght'" in ran.stdout
    assert "Traceback" not in ran.stdout


def test_a_local_repository_s_file_is_refused_with_the_way_that_works(user, clone):
    snakefile = user / "Snakefile"
    gitfile = f'gitfile("{clone}", path="workflow/Snakefile", tag="{TAG}")'
    snakefile.write_text(
        snakefile.read_text().replace('"../proofread/workflow/Snakefile"', gitfile)
    )
    ran = shell(user, "snakemake --dry-run --cores 1")
    assert ran.returncode != 0
    assert 'snakefile: "<clone>/workflow/Snakefile"' in ran.stdout


def test_the_configuration_of_the_catalog_is_planned():
    command = [sys.executable, "-m", "snakemake", "--dry-run", "--cores", "1"]
    command += ["--snakefile", ROOT / "Snakefile", "--directory", ROOT / ".test"]
    done = subprocess.run(
        [*command, "--forceall"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    jobs = planned(done.stdout + done.stderr)
    assert (jobs["train"], jobs["train_control"]) == (1, 2)


@pytest.mark.slow
def test_a_module_from_a_clone_runs_to_its_report(user):
    module, _, _ = commands()
    run(user, module)
    assert (user / "results/proofread/report.html").stat().st_size > 0
    assert not (user / "results/presence").exists()
    assert "Nothing to be done" in run(user, module)
    run(user, "snakemake --report report.zip")
    assert (user / "report.zip").stat().st_size > 0


@pytest.mark.slow
def test_a_module_from_a_git_host_runs_to_its_report(user, clone):
    from_github(user)
    (user.parent / "proofread").unlink()  # nothing is read from the folder
    module, _, _ = commands()
    run(user, module, clone)
    assert (user / "results/proofread/report.html").stat().st_size > 0
    assert "all done" in run(user, "python .snakemake/proofread/watch.py --once")
    assert "Nothing to be done" in run(user, module, clone)
    # Of a branch, Snakemake's copies lie elsewhere in each run: no rule notices.
    snakefile = user / "Snakefile"
    snakefile.write_text(snakefile.read_text().replace("tag=", "branch="))
    assert "Nothing to be done" in run(user, module, clone)


@pytest.mark.slow
def test_a_module_from_a_git_host_brings_its_environments(user, clone, tmp_path):
    """Snakemake's own holds nothing of the rules' packages. See fake_conda.py."""
    from_github(user)
    environment = fake_conda.stand_in(tmp_path)
    path = "results/proofread/presence/dataset.h5"
    command = f"snakemake {path} --cores 1 --sdm conda"
    ran = shell(user, command, environment | git_variables(clone))
    assert ran.returncode == 0, ran.stdout
    assert (user / path).stat().st_size > 0


@pytest.mark.slow
def test_a_project_of_snakedeploy_runs_to_its_report(tmp_path, clone):
    _, deploy, start = commands()
    run(tmp_path, deploy, clone)
    project = tmp_path / "my_project"
    assert (project / "profiles/default/config.yaml").is_file()
    said = run(tmp_path, f"{start.rstrip()} --dry-run", clone)
    assert planned(said)["train"] == 2  # the default configuration
    shutil.copytree(ROOT / ".test/config", project / "config", dirs_exist_ok=True)
    run(tmp_path, start, clone)
    assert (project / "results/report.html").stat().st_size > 0


@pytest.mark.slow
def test_the_configuration_of_the_catalog_runs_to_its_report(tmp_path):
    folder = copied(tmp_path / "proofread")
    run(folder, "snakemake --directory .test --cores 2")
    assert (folder / ".test/results/report.html").stat().st_size > 0
    metadata = folder / "docs/report_metadata.yaml"
    report = f"--report report.zip --report-metadata {metadata}"
    run(folder, f"snakemake --directory .test {report}")
    with ZipFile(folder / ".test/report.zip") as zipped:
        (page,) = [name for name in zipped.namelist() if name.endswith("report.html")]
        assert b"the name of your project" in zipped.read(page)
