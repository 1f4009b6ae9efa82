"""Datasets that are one test split (`split: all`), with labels or without."""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import yaml

from proofread.configuration.check import check_configuration
from proofread.configuration.experiments import read_experiments
from proofread.datasets.dataset import read_split, write_dataset, write_splits
from proofread.datasets.labels import classes
from proofread.datasets.splitting.split import split, summary
from proofread.errors import InputError
from proofread.figures.curves import draw_curves
from proofread.report import network
from proofread.statistics.evaluation import as_nested, curves, evaluate
from proofread.statistics.predictions import prediction_rows
from read import read

SCHEMAS = Path(__file__).resolve().parents[1] / "workflow" / "schemas"
FASTA = ">s1\nACGTACGT\n>s2\nTTGACCAT\n>s3\nGGGCACGT\n"
CONFIGURATION = """
analyses: [saturation_mutagenesis]
datasets:
  bare: {source: fasta, target: [a, b], sequences: {path: s.fa}, split: all}
  table:
    source: table
    table: {path: t.tsv}
    sequences: {column: seq}
    targets: [y]
    split: all
models:
  cnn: {architecture: eraslan2019}
  mine: {import: {adapter: adapter.py}}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    (tmp_path / "s.fa").write_text(FASTA)
    (tmp_path / "t.tsv").write_text("seq\ty\nACGTACGT\t1\nTTGACCAT\t0\n")
    (tmp_path / "adapter.py").write_text("def load(settings, weights):\n    return 1\n")
    monkeypatch.chdir(tmp_path)


def checked(**changes):
    """The configuration, complete; `dataset__key=value` changes a dataset's key."""
    config = yaml.safe_load(CONFIGURATION)
    for name, value in changes.items():
        if "__" in name:
            dataset, key = name.split("__")
            config["datasets"][dataset][key] = value
        else:
            config[name] = value
    return check_configuration(config, SCHEMAS, config_path="config.yaml")


def mistake(*row, **changes):
    """What is said of the configuration or, with a row, of the experiments."""
    with pytest.raises(InputError) as caught:
        config = checked(**changes)
        Path("rows.tsv").write_text("dataset\tmodel\tseed\n" + "\t".join(row) + "\n")
        read_experiments("rows.tsv", config)
    return caught.value


def dataset(name, **changes):
    settings = checked(**changes)["datasets"][name]
    return read(settings, f"config.yaml: datasets.{name}"), settings


def test_split_all_is_short_for_by_all():
    config = checked()
    assert config["datasets"]["table"]["split"]["by"] == "all"
    mapping = checked(table__split={"by": "all"})
    assert mapping["datasets"]["table"] == config["datasets"]["table"]
    again = check_configuration(config, SCHEMAS)
    assert again == config


def test_every_sequence_is_in_the_test_split():
    # One class alone would be refused by any other split.
    for name in ("bare", "table"):
        data, settings = dataset(name)
        rows = split(data, settings["split"])
        assert {part: rows[part].tolist() for part in rows} == {
            "train": [],
            "validation": [],
            "test": list(range(len(data))),
        }
        assert set(summary(data, rows)["split"]) == {"test"}


def test_a_model_that_is_trained_here_needs_a_training_split():
    error = mistake("table", "cnn", "1")
    assert error.where == "rows.tsv, row 2"
    assert "'cnn' is to be trained on 'table'" in error.found
    assert "import" in error.remedy


def test_an_imported_model_needs_none():
    Path("rows.tsv").write_text("dataset\tmodel\tseed\ntable\tmine\t0\nbare\tmine\t0\n")
    assert len(read_experiments("rows.tsv", checked())) == 2


def test_a_method_reads_no_split_that_is_empty():
    methods = {"saturation_mutagenesis": {"split": "train"}}
    error = mistake("table", "mine", "0", methods=methods)
    assert "methods.saturation_mutagenesis.split train" in error.found
    assert error.expected == "test or all"


@pytest.mark.parametrize(
    ("analyses", "found"),
    [
        (["motif_tests"], "motif_tests on 'bare', whose sequences have no labels"),
        (
            ["long_sequence_scan"],
            "long_sequence_scan on 'bare', whose sequences have no labels, and "
            "methods.long_sequence_scan.genome is null",
        ),
    ],
)
def test_methods_that_need_labels_are_refused(analyses, found):
    methods = {"motif_tests": {"motifs_file": "s.fa"}}
    error = mistake("bare", "mine", "0", analyses=analyses, methods=methods)
    assert error.found == found
    Path("rows.tsv").write_text("dataset\tmodel\tseed\ntable\tmine\t0\n")
    read_experiments("rows.tsv", checked(analyses=analyses, methods=methods))


def test_positives_of_sequences_without_labels_are_refused():
    methods = {"attributions": {"classes": "positive"}}
    error = mistake("bare", "mine", "0", analyses=["attributions"], methods=methods)
    assert "methods.attributions.classes positive" in error.found
    assert error.remedy == "write classes: both there"


def test_a_scan_of_a_genome_needs_no_labels():
    methods = {"long_sequence_scan": {"genome": "s.fa"}}
    config = checked(analyses=["long_sequence_scan"], methods=methods)
    Path("rows.tsv").write_text("dataset\tmodel\tseed\nbare\tmine\t0\n")
    assert len(read_experiments("rows.tsv", config)) == 1


@pytest.mark.parametrize(
    ("changes", "where", "found"),
    [
        ({"bare__split": {}}, "datasets.bare.split", "sequences without labels"),
        (
            {"bare__positives": {"path": "s.fa"}},
            "datasets.bare",
            "both sequences, which have no labels, and positives",
        ),
        (
            {"table__missing_labels": "all", "table__label_threshold": 1},
            "datasets.table.label_threshold",
            "label_threshold, with missing_labels: all",
        ),
        (
            {"table__missing_labels": "all", "table__split": {"by": "group"}},
            "datasets.table.split",
            "a split by group of sequences without labels",
        ),
    ],
)
def test_what_contradicts_the_lack_of_labels(changes, where, found):
    error = mistake(**changes)
    assert error.where == f"config.yaml: {where}"
    assert found in error.found


def test_several_targets_are_of_sequences_without_labels_only():
    config = yaml.safe_load(CONFIGURATION)
    config["datasets"]["bare"] |= {"sequences": None, "positives": {"path": "s.fa"}}
    config["datasets"]["bare"]["negatives"] = {"shuffle": "dinucleotide"}
    with pytest.raises(InputError, match=r"bare\.target: 2 names"):
        check_configuration(config, SCHEMAS)


def test_a_fasta_file_without_labels():
    data, _ = dataset("bare")
    assert [data.sequence(row) for row in range(3)] == FASTA.split()[1::2]
    assert data.target == ["a", "b"]
    assert data.label.shape == (3, 2)
    assert np.isnan(data.label).all()
    assert not data.labelled
    assert data.stratum == ["unlabelled"] * 3


def test_a_table_without_labels_names_the_predictions():
    data, _ = dataset("table", table__missing_labels="all", table__targets=["p", "q"])
    assert data.target == ["p", "q"]
    assert not data.labelled
    assert len(data) == 2


def test_methods_read_the_sequences_without_labels():
    data, settings = dataset("bare")
    write_dataset("dataset.h5", data)
    write_splits("splits.h5", split(data, settings["split"]))
    assert read_split("dataset.h5", "splits.h5", "test").name == ["s1", "s2", "s3"]


def test_classes_of_labels():
    known = classes(np.array([1, 0, 0.5], dtype=np.float32))
    assert {name: rows.tolist() for name, rows in known.items()} == {
        "positive": [True, False, True],
        "negative": [False, True, False],
    }
    (unlabelled,) = classes(np.full(2, np.nan)).items()
    assert unlabelled[0] == "unlabelled"
    assert unlabelled[1].tolist() == [True, True]


def predictions(label):
    label = np.array(label, dtype=np.float32)[:, None]
    data = SimpleNamespace(name=list("abcd"), target=["t"], label=label)
    return prediction_rows(data, np.array([[2.0], [1], [-1], [-2]]))


def test_without_labels_there_are_predictions_and_no_metrics():
    table = predictions([np.nan] * 4)
    assert len(table) == 4
    assert table["true"].isna().all()
    assert table["predicted"].tolist() == [1, 1, 0, 0]
    metrics = evaluate({"network": table}, set(), resamples=10, seed=1)
    points = curves({"network": table})
    assert metrics.empty
    assert points.empty
    assert json.dumps(as_nested(metrics)) == "{}"
    assert draw_curves(points, metrics, "roc").axes[0].texts
    assert network.standing(metrics) == {
        "stated": False,
        "weak": [],
        "sentence": "No finding is stated: the sequences have no labels, so that no "
        "metric can be computed.",
    }


def test_without_baselines_a_network_is_compared_with_chance():
    # Logits 2, 1 of the positives, -1, -2 of the negatives: an AUROC of 1.
    table = predictions([1, 1, 0, 0])
    metrics = evaluate({"network": table}, set(), resamples=10, seed=1)
    auroc = metrics.query("metric == 'auroc'").iloc[0]
    assert auroc["value"] == 1
    metrics.loc[metrics["metric"] == "auroc", ["ci_low", "ci_high"]] = 0.9, 1.0
    said = network.verdict(metrics, "t", None, False)
    assert (said["tag"], said["kind"]) == ("better than chance", "")
    assert "no sequences to be trained on" in said["text"]
    standing = network.standing(metrics)
    assert standing["stated"]
    assert "not compared with them" in standing["sentence"]
    metrics.loc[metrics["metric"] == "auroc", "ci_low"] = 0.4
    assert not network.standing(metrics)["stated"]
    assert network.verdict(metrics, "t", None, False)["kind"] == "warn"
    figure = draw_curves(curves({"network": table}), metrics, "roc")
    labels = [line.get_label() for line in figure.axes[0].lines]
    assert not any("6-mers" in label for label in labels)


def test_missing_labels_of_some_sequences_are_left_out_of_metrics():
    table = pd.concat([predictions([1, 1, 0, 0]), predictions([np.nan] * 4)])
    metrics = evaluate({"network": table}, set(), resamples=10, seed=1)
    assert set(metrics["n"]) == {4}
