"""From Python as a reader does it: the page, the notebook, an installation."""

import ast
import base64
import os
import re
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path

import nbformat
import numpy as np
import pytest
import torch
from nbclient import NotebookClient
from packaging.requirements import Requirement

import proofread
from pages import copied
from proofread.configuration.provenance import library_modules
from proofread.dna.encoding import BASES
from proofread.models.checkpoint import build_model, save_model
from proofread.motifs.motif import consensus

ROOT = Path(__file__).resolve().parents[1]
LIBRARY = ROOT / "workflow/scripts/proofread"
PAGE = (ROOT / "docs/python.md").read_text()
NOTEBOOK = ROOT / "docs/notebooks/first_steps.ipynb"
MOTIFS = ["STAT_known2", "CTCF_known1"]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The folder of a run whose network has a filter for each motif of the rule."""
    folder = tmp_path_factory.mktemp("page") / "results/distance/eraslan2019/seed1"
    folder.mkdir(parents=True)
    dataset = proofread.simulate("distance", MOTIFS, sequences=2, length=200)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = build_model("eraslan2019", {"filters": 4}, 200, dataset.target)
    with torch.no_grad():
        network.convolution1.weight *= 0.05
        network.linear.weight.fill_(0.0)
        for number, matrix in enumerate(dataset.motifs.values()):
            log_odds = torch.from_numpy(np.log2(matrix[:20].T + 0.01) + 2).float()
            network.convolution1.weight[number].zero_()
            network.convolution1.weight[number, :, : log_odds.shape[1]] = log_odds / 4
            network.convolution1.bias[number] = -2.0
        # The second layer adds up both motifs, wherever they are.
        network.convolution2.weight.zero_()
        network.convolution2.weight[0, :2] = 0.1
        network.convolution2.bias.fill_(0.0)
        first = network.linear.in_features // network.convolution2.out_channels
        network.linear.weight[-1, :first] = 0.1
        network.linear.bias.fill_(-2.0)
    save_model(folder / "model.ckpt", network, "eraslan2019", {"filters": 4})
    return folder


def test_the_page_lists_every_function():
    rows = [line.split("|")[2] for line in PAGE.splitlines() if line.startswith("| ")]
    named = {name for row in rows for name in re.findall(r"`(\w+)", row)}
    assert named == set(proofread.__all__) - {"InputError"}


@pytest.mark.filterwarnings("ignore:.* do not sum to the change")
def test_the_page_s_examples_give_what_they_say(run, monkeypatch):
    monkeypatch.chdir(run.parents[3])
    names = {}
    for block in re.findall(r"^```python\n(.*?)^```$", PAGE, re.M | re.S):
        exec(compile(block, "docs/python.md", "exec"), names)
    logits, labels = names["logits"], names["labels"]
    assert logits.shape == (40, 1)
    assert (logits[labels == 1] >= 2).all()  # 4 x 1 k-mer - 2, or more by chance
    table = names["table"].set_index("variant")
    # AUROC and AUPRC of three methods; no decoys are planted.
    assert table["n"].tolist() == [20] * 6
    assert (table["value"] > 0.9).all()
    assert [consensus(motif.matrix) for motif in names["filters"].motifs] == ["GATA"]
    assert names["ablated"]["loss_change"][0] > 0.1
    assert names["tests"]["effect"][0] > 0.1
    assert Path("attributions.svg").read_text().startswith("<?xml")
    # AUROC and AUPRC of eight answers.
    # Eight answers with two areas each, one of them with the three published measures.
    assert (names["scores"]["value"] > 0).all() and len(names["scores"]) == 19


def executed(run, folder):
    """The notebook with its outputs, run by the environment's own kernel."""
    variables = {
        "PROOFREAD_RUN": str(run),
        "PYTHONPATH": str(ROOT / "workflow/scripts"),
        "OMP_NUM_THREADS": "1",
        # Nothing of the user's Jupyter is read, and nothing is left behind.
        "HOME": str(folder),
        "IPYTHONDIR": str(folder / "ipython"),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "JUPYTER_PLATFORM_DIRS": "1",
    }
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        client = NotebookClient(
            notebook,
            timeout=300,
            kernel_name="python3",
            resources={"metadata": {"path": NOTEBOOK.parent}},
        )
        return client.execute()


def outputs(notebook, kind):
    return [
        output["data"][kind]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if kind in output.get("data", {})
    ]


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_the_notebook_shows_three_figures_and_the_scores(run, tmp_path):
    notebook = executed(run, tmp_path)
    figures = outputs(notebook, "image/png")
    assert len(figures) == 3
    for number, figure in enumerate(figures):
        content = base64.b64decode(figure)
        assert content.startswith(b"\x89PNG") and len(content) > 10_000, number
        if folder := os.environ.get("PROOFREAD_FIGURES"):
            Path(folder, f"figure{number}.png").write_bytes(content)
    table = outputs(notebook, "text/html")[-1]
    assert all(name in table for name in ("gradients", "substitutions", "k-mers"))


def test_the_notebook_is_kept_without_outputs():
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in code)


def test_an_installation_brings_the_packages_that_the_functions_import(tmp_path):
    (tmp_path / "proofread").symlink_to(LIBRARY)
    modules = [file.stem for file in (LIBRARY / "api").glob("[!_]*.py")]
    lines = [f"import proofread.api.{module}\n" for module in modules]
    (tmp_path / "caller.py").write_text("".join(lines))
    files = library_modules(tmp_path / "caller.py")
    assert len(files) > 50
    imported = set()
    for name in files:
        for node in ast.walk(ast.parse((tmp_path / name).read_text())):
            if isinstance(node, ast.Import):
                imported.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                imported.add(node.module)
    packages = {name.split(".")[0] for name in imported} - set(sys.stdlib_module_names)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"].values()
    stated = [*project["dependencies"], *(item for extra in extras for item in extra)]
    installed = {Requirement(item).name.replace("pyyaml", "yaml") for item in stated}
    assert packages - {"proofread"} <= installed


def test_an_installation_has_the_functions(tmp_path):
    """``pip install -e .`` of the files as they are, into an environment of its own."""
    clone = copied(tmp_path / "clone")
    environment = tmp_path / "environment"
    python = environment / "bin/python"

    def shell(*command):
        variables = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
        ran = subprocess.run(
            command, cwd=tmp_path, env=variables, capture_output=True, text=True
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout

    shell(sys.executable, "-m", "venv", environment)
    # Ours builds it: the setuptools of a new environment may be too old.
    shell(python, "-m", "pip", "uninstall", "--quiet", "--yes", "setuptools")
    packages = environment / "lib/python3.11/site-packages"
    (packages / "ours.pth").write_text(sysconfig.get_path("purelib") + "\n")
    options = ("--quiet", "--no-index", "--no-deps", "--no-build-isolation")
    shell(python, "-m", "pip", "install", *options, "-e", clone)
    program = (
        "import proofread, importlib.metadata as metadata;"
        "print(metadata.version('proofread-dna') == proofread.__version__);"
        "print(proofread.__file__);"
        "print(proofread.one_hot(['ACGT'])[0].argmax(axis=0).tolist());"
        "print(proofread.simulate('gc', sequences=4, length=9).index.shape)"
    )
    description = shell(python, "-W", "ignore", "-c", program).splitlines()
    assert description[0] == "True"
    assert Path(description[1]).is_relative_to(clone)
    assert description[2:] == [str(list(range(len(BASES)))), "(4, 9)"]
