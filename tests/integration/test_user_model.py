"""User models in the whole workflow: the steps of the page, DeepBind on PU.1 peaks."""

import gzip
import re
from pathlib import Path

import numpy as np
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
    patterns = results / "small/my_kmers/seed0/motif_discovery"
    table = pd.read_csv(patterns / "table.tsv", sep="\t")
    # Of a callable there are no gradients; STAT is TTCCnGGAA.
    assert [bool(re.search("TTCC.GGAA", text)) for text in table["consensus"]] == [True]
    lines = gzip.decompress((patterns / "seqlets.bed.gz").read_bytes()).splitlines()
    assert len(lines) == table["seqlets"].sum()
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


@pytest.fixture(scope="module")
def scored(tmp_path_factory):
    """Two datasets that are all test: one without labels, one with both classes."""
    folder = copied(tmp_path_factory.mktemp("all") / "proofread")
    (folder / "my").mkdir()
    rng = np.random.default_rng(1)
    texts = ["".join(row) for row in rng.choice(list("ACGT"), (12, 40))]
    records = [f">s{row}\n{text}\n" for row, text in enumerate(texts)]
    (folder / "my/s.fa").write_text("".join(records))
    labelled = [f"{text}\t{row % 2}\n" for row, text in enumerate(texts)]
    (folder / "my/t.tsv").write_text("seq\ty\n" + "".join(labelled))
    (folder / "my/adapter.py").write_text(ADAPTER)
    (folder / "config/all.yaml").write_text(ALL)
    (folder / "config/all.tsv").write_text(
        "dataset\tmodel\tseed\nbare\ttwo\t0\ntable\tone\t0\n"
    )
    ran = shell(folder, "snakemake --cores 2 --configfile config/all.yaml")
    assert ran.returncode == 0, ran.stdout
    return folder


# Two predictions for the sequences without labels, one for the others.
ADAPTER = """
from torch import nn


class Network(nn.Module):
    def __init__(self, targets):
        super().__init__()
        self.scan = nn.Conv1d(4, 3, 6)
        self.relu = nn.ReLU()
        self.head = nn.Linear(3, targets)

    def forward(self, one_hot):
        return self.head(self.relu(self.scan(one_hot)).amax(dim=2))


def load(settings, weights):
    return Network(**settings)
"""
ALL = """
pathvars: {results: results/all, logs: logs/all, benchmarks: benchmarks/all}
experiments: config/all.tsv
analyses: [attributions, filter_pfms, kmer_perturbation]
methods:
  attributions: {kinds: [saliency, integrated_gradients]}
datasets:
  bare: {source: fasta, target: [a, b], sequences: {path: my/s.fa}, split: all}
  table:
    source: table
    table: {path: my/t.tsv}
    sequences: {column: seq}
    targets: [y]
    split: all
models:
  two:
    import:
      adapter: my/adapter.py
      settings: {targets: 2}
      first_convolution: scan
      first_activation: relu
  one:
    import:
      adapter: my/adapter.py
      settings: {targets: 1}
      first_convolution: scan
      first_activation: relu
"""


def test_sequences_without_labels_pass_through_the_workflow(scored):
    results = scored / "results/all/bare"
    predictions = pd.read_csv(results / "two/seed0/predictions.tsv", sep="\t")
    assert len(predictions) == 24  # 12 sequences, 2 targets
    assert predictions["true"].isna().all()
    assert predictions["logit"].notna().all()
    metrics = pd.read_csv(results / "two/seed0/metrics.tsv", sep="\t")
    assert metrics.empty
    network = results / "two/seed0"
    robust = pd.read_csv(network / "kmer_perturbation/robustness.tsv", sep="\t")
    assert set(robust["class"]) == {"unlabelled"}
    profile = pd.read_csv(network / "attributions/profile.tsv", sep="\t")
    assert set(profile["class"]) == {"unlabelled"}
    correlation = network / "filter_pfms/target_correlation.tsv"
    assert pd.read_csv(correlation, sep="\t").empty
    report = (scored / "results/all/report.html").read_text()
    assert "They are from s.fa and have no labels." in report
    assert "The sequences have no labels, so that no metric can be computed." in report


def test_all_sequences_are_scored_without_baselines(scored):
    results = scored / "results/all/table"
    splits = pd.read_csv(results / "splits.tsv", sep="\t")
    assert set(splits["split"]) == {"test"}
    assert splits["sequences"].sum() == 12
    metrics = pd.read_csv(results / "one/seed0/metrics.tsv", sep="\t")
    assert set(metrics["predictor"]) == {"network"}
    assert set(metrics["n"]) == {12}
    for name in ("predictions", "kmers", "motifs"):
        assert pd.read_csv(results / f"baselines/{name}.tsv", sep="\t").empty
    log = (scored / "logs/all/baselines/table.log").read_text()
    assert "none is left to train the baselines on" in log
    report = (scored / "results/all/report.html").read_text()
    assert "The baselines, GC content and 6-mers, are missing" in report


def test_a_model_to_train_is_refused_at_the_dry_run(scored):
    (scored / "config/trained.tsv").write_text(
        "dataset\tmodel\tseed\ntable\teraslan2019\t1\n"
    )
    command = "snakemake --cores 1 -n --configfile config/all.yaml --config"
    ran = shell(scored, f"{command} experiments=config/trained.tsv")
    assert ran.returncode != 0
    assert "'eraslan2019' is to be trained on 'table'" in ran.stdout
    assert "split: all" in ran.stdout


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
