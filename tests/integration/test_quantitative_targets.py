"""Numbers as targets, simulated and a user's own, through snakemake to the page."""

import gzip
import re

import numpy as np
import pandas as pd
import pytest
import yaml

from proofread.datasets.dataset import read_dataset, read_splits
from proofread.dna.encoding import decode
from proofread.report.numbers import short
from runs import ROOT
from test_report import Page

from .test_workflow import prepare, snakemake

METHODS = ROOT / "workflow/schemas/methods"
# Those that compare with motifs, or look for them.
OF_MOTIFS = ("tomtom", "motif_discovery", "motif_insertion", "motif_tests")

# What a number is not.
CLASS_WORDS = re.compile(
    r"logit|probabilit|\bclass(es)?\b|\bpositives?\b|\bnegatives?\b", re.I
)
# What says nothing of labels.
OTHERS = re.compile(
    r"negative controls?|positive control|is the probability that", re.I
)
EFFECTS = {
    "source": "simulate",
    "rule": "effects",
    "effects": {"STAT_known2": 2, "ATF3_known1": -2, "CTCF_known1": 0},
    "motifs_per_sequence": {"min": 0, "max": 2},
    "noise": {"kind": "gaussian", "signal_to_noise": 9},
    "sequences": 300,
    "length": 80,
}
TABLE = {
    "source": "table",
    "target_type": "quantitative",
    "transform": "standardize",
    "missing_labels": "mask",
    "table": {"path": "values.tsv"},
    "sequences": {"column": "sequence"},
    "targets": ["leaf", "root"],
    "split": {"by": "stratified"},
}


def run(folder, analyses, **methods):
    """A run on both datasets; a tenth and a third of the values are missing."""
    folder = prepare(folder, {"planted": EFFECTS, "assay": TABLE})
    rng = np.random.default_rng(3)
    rows = []
    for number in range(300):
        first, second = rng.random(2) < 0.5
        text = decode(rng.integers(0, 4, 60).astype(np.uint8))
        text = text[:10] + ("TTTCCGGGAA" if first else text[10:20]) + text[20:]
        leaf = "" if number % 10 == 0 else f"{first + 0.2 * rng.normal():.4f}"
        root = "" if number % 3 == 0 else f"{50 * second + 20 * rng.normal():.4f}"
        rows.append(f"s{number}\t{text}\t{leaf}\t{root}\n")
    (folder / "values.tsv").write_text("id\tsequence\tleaf\troot\n" + "".join(rows))
    path = folder / "tiny.yaml"
    settings = yaml.safe_load(path.read_text())
    settings |= {"analyses": analyses, "negative_controls": [], "methods": methods}
    settings["databases"] = {"boxes": {"file": "resources/ecoli_sigma70.meme"}}
    settings["models"]["tiny"]["training"]["monitor"] = "validation_spearman"
    path.write_text(yaml.safe_dump(settings))
    snakemake(folder, "--cores", "2")
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return run(tmp_path_factory.mktemp("quantities") / "run", [])


def read(folder, *parts):
    return pd.read_csv(folder.joinpath("results", *parts), sep="\t")


@pytest.fixture(scope="module")
def text(folder):
    return (folder / "results" / "report.html").read_text()


def classes_on(page):
    """Words of classes that a reader sees, without the settings and their names."""
    page = Page(re.sub(r"<pre>.*?</pre>", "", page, flags=re.S))
    seen = [page.text, *page.attribute("alt"), *page.attribute("aria-label")]
    seen = [OTHERS.sub("", part) for part in seen]
    return [match[0] for part in seen for match in CLASS_WORDS.finditer(part)]


def test_a_number_is_not_called_a_class_or_a_logit(folder, text):
    assert classes_on(text) == []
    for path in (folder / "results").rglob("*.tsv"):
        columns = path.read_text().partition("\n")[0]
        # Some have the same columns in all runs: negative controls, between_classes.
        if path.name not in ("scorecard.tsv", "summary.tsv", "leakage.tsv"):
            assert not CLASS_WORDS.search(columns.replace("_", " ")), path


def test_the_first_sentence_has_the_numbers_of_the_tables(folder, text):
    table = read(folder, "planted", "tiny", "seed1", "metrics.tsv")
    value = table.set_index(["predictor", "metric"])["value"]
    numbers = (
        f"(R² {short(value['network', 'r2'])},"
        f" Pearson {short(value['network', 'pearson'])};"
        f" GC content R² {short(value['gc', 'r2'])},"
        f" 6-mers R² {short(value['kmer6', 'r2'])},"
        f" noise ceiling {short(value['noise_ceiling', 'r2'])})"
    )
    assert numbers in Page(text).text


def test_every_known_value_of_the_test_split_is_measured_and_drawn(folder, text):
    metrics = read(folder, "assay", "tiny", "seed1", "metrics.tsv")
    dataset = read_dataset(folder / "results" / "assay" / "dataset.h5")
    splits = read_splits(folder / "results" / "assay" / "splits.h5", len(dataset))
    label = dataset.label[splits["test"]]
    known = dict(zip(dataset.target, (~np.isnan(label)).sum(axis=0), strict=True))
    # Some are missing, of the one target more than of the other.
    assert known["root"] < known["leaf"] < len(label)
    assert metrics.groupby("target")["n"].unique().map(list).to_dict() == {
        name: [number] for name, number in known.items()
    }
    rows = Page(text).table("metrics", dataset="assay")
    assert [cell for _, cell in rows[0][:3]] == ["predictor", "target", "values"]
    assert {row[1][1]: row[2][1] for row in rows[1:]} == {
        name: str(number) for name, number in known.items()
    }
    for name, number in known.items():
        for axis in (
            f"measured against predicted values, {name}, seed 1",
            f"measured less predicted values against GC content, {name}, seed 1",
        ):
            drawing = text.partition(f'aria-label="{axis}"')[2].partition("</svg>")[0]
            assert drawing.count("h0") == number


def test_the_page_says_what_was_watched(text):
    assert "highest validation Spearman correlation" in Page(text).text


@pytest.mark.slow
def test_all_methods_explain_numbers(tmp_path):
    """About 100 CPU seconds."""
    methods = sorted(path.name.split(".")[0] for path in METHODS.glob("*.yaml"))
    folder = run(
        tmp_path / "run",
        methods,
        **{name: {"databases": ["boxes"]} for name in OF_MOTIFS},
        long_sequence_scan={"simulated": {"length": 5000}},
    )
    for name in ("planted", "assay"):
        for method in methods:
            assert list((folder / "results" / name / "tiny/seed1" / method).iterdir())
    scores = read(folder, "scorecard.tsv").query("dataset == 'planted'")
    assert {"effect_spearman", "effect_slope", "size_recovered"} <= set(
        scores["metric"]
    )
    # Neither a column nor a cell, such as a unit.
    for path in (folder / "results").rglob("*.tsv*"):
        opened = gzip.open if path.suffix == ".gz" else open
        with opened(path, "rt") as file:
            found = [line for line in file if re.search("logit|probabilit", line, re.I)]
        assert found == [], path
    assert classes_on((folder / "results/report.html").read_text()) == []
