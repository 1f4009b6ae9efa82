"""User models in the whole workflow: the steps of the page, DeepBind on PU.1 peaks."""

import gzip
import re
from pathlib import Path

import pandas as pd
import pytest
import yaml

from pages import copied, follow, shell, steps

ROOT = Path(__file__).resolve().parents[2]


PAGE = (ROOT / "docs/user_model.md").read_text()


def planned(command):
    """The command itself, but of the run of published models only its plan."""
    downloads = "config/user_model.yaml" in command
    return f"{command} --dry-run" if downloads else command


@pytest.fixture(scope="module")
def followed(tmp_path_factory):
    folder = copied(tmp_path_factory.mktemp("page") / "proofread")
    assert len(list(steps(PAGE))) == 12
    follow(PAGE, folder, planned)
    return folder


def auroc(experiment):
    metrics = pd.read_csv(experiment / "metrics.tsv", sep="\t")
    rows = metrics.query("predictor == 'network' and metric == 'auroc'")
    return rows["value"].item()


def test_the_page_leads_to_a_network_s_report(followed):
    experiment = followed / "results/my/small/my_model/seed0"
    table = pd.read_csv(experiment / "filter_pfms/table.tsv", sep="\t")
    assert len(table) == 8
    assert not (experiment / "history.tsv").exists()
    log = followed / "logs/my/import_model/small_my_model_seed0.log"
    assert "adapter: my/adapter.py" in log.read_text()
    assert auroc(experiment) == pytest.approx(0.42, abs=0.01)
    report = (followed / "results/my/report.html").read_text()
    assert "No finding is stated" in report


def test_the_page_leads_to_a_callable_s_report(followed):
    results = followed / "results/kmers"
    assert auroc(results / "small/my_kmers/seed0") == pytest.approx(0.997, abs=0.001)
    report = (results / "report.html").read_text()
    assert "an imported model, not trained here: adapter examples/user_model/" in report
    assert "Whether the model was trained on these sequences is unknown" in report
    assert "Left, by epoch" not in report
    # The first example's page is still there.
    first = (followed / "results/my/report.html").read_text()
    assert "adapter my/adapter.py" in first


def test_changing_a_module_of_the_adapter_imports_the_model_again(followed):
    command = (
        "snakemake --dry-run results/my/small/my_model/seed0/filter_pfms/table.tsv "
        "--cores 1 --configfile config/my_model.yaml"
    )
    assert "Nothing to be done" in shell(followed, command).stdout
    network = followed / "my/network.py"
    before = network.read_text()
    network.write_text(before + "\n")
    planned = shell(followed, command).stdout
    network.write_text(before)
    counts = dict(re.findall(r"^(\w+) +(\d+)$", planned, re.MULTILINE))
    assert counts == {"import_model": "1", "filter_pfms": "1", "total": "2"}, planned


def test_a_mistake_in_an_adapter_is_one_message(followed):
    adapter = followed / "my/adapter.py"
    before = adapter.read_text()
    adapter.write_text(before.replace("settings)", "settings, depth=3)"))
    target = "results/my/small/my_model/seed0/model.ckpt"
    ran = shell(
        followed, f"snakemake {target} --cores 1 --configfile config/my_model.yaml"
    )
    adapter.write_text(before)
    assert ran.returncode != 0
    result = (
        "my/adapter.py: load(settings, weights) fails at adapter.py, line 5: TypeError"
    )
    assert result in ran.stdout
    log = (followed / "logs/my/import_model/small_my_model_seed0.log").read_text()
    assert "Traceback" in log  # of the user's own code


def test_deepbind_passes_through_filter_pfms_and_tomtom(data_folder, tmp_path):
    """On 500 peaks of PU.1, SPI1's filters find its motif and CTCF's do not."""
    folder = copied(tmp_path / "proofread")
    with gzip.open(data_folder / "pu1_chip" / "pu1.fa.gz", "rt") as file:
        (folder / "peaks.fa").write_text("".join(next(file) for _ in range(1000)))
    config = yaml.safe_load((ROOT / "config/user_model.yaml").read_text())
    config["datasets"]["pu1"]["positives"]["path"] = "peaks.fa"
    for model in config["models"].values():
        name = Path(model["import"]["weights"]).name
        model["import"]["weights"] = str(data_folder / "deepbind_models" / name)
    config["methods"]["filter_pfms"] = {"split": "all"}
    config["methods"]["tomtom"]["null_copies"] = 1  # their number is not the question
    (folder / "config/user_model.yaml").write_text(yaml.safe_dump(config))
    paths = [
        f"results/user_model/pu1/deepbind_{name}/seed0/tomtom/table.tsv"
        for name in ("spi1", "ctcf")
    ]
    command = f"snakemake {' '.join(paths)} --cores 2"
    ran = shell(folder, f"{command} --configfile config/user_model.yaml")
    assert ran.returncode == 0, ran.stdout
    spi1, ctcf = (pd.read_csv(folder / path, sep="\t") for path in paths)
    assert len(spi1) == len(ctcf) == 16
    certain = spi1[spi1["q"] < 1e-3]
    assert len(certain) >= 4
    assert set(certain["protein"].str.upper()) <= {"SPI1", "SPIB", "SPIC"}
    assert (ctcf["status"] == "compared").sum() >= 4
    assert not ctcf["protein"].str.upper().isin(["SPI1", "SPIB", "SPIC"]).any()
