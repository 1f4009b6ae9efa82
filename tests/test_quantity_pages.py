"""What the page says of networks for quantitative targets; metrics written by hand."""

import re
from types import MappingProxyType, SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from proofread.report import (
    charts,
    data,
    matrix,
    methods_text,
    network,
    quantities,
    tuned,
)
from proofread.report.measures import CLASSES, NUMBERS, measure_of
from proofread.report.sentence import describe

COLUMNS = ["predictor", "target", "metric", "value", "ci_low", "ci_high", "n"]


def metrics(target="leaf", *, r2=0.6, gc_gain=0.55, kmer_gain=0.19, ceiling=None):
    """Metrics of a network whose R² exceeds those of the baselines by these gains.

    Every interval is the value ± 0.05.
    """
    rows = [
        ("network", "pearson", 0.78),
        ("network", "spearman", 0.75),
        ("network", "r2", r2),
        ("network", "rmse", 12.0),
        ("gc", "r2", r2 - gc_gain),
        ("gc", "r2_gain", gc_gain),
        ("kmer6", "r2", r2 - kmer_gain),
        ("kmer6", "r2_gain", kmer_gain),
    ]
    if ceiling is not None:
        rows.append(("noise_ceiling", "r2", ceiling))
    return pd.DataFrame(
        [
            (predictor, target, metric, value, value - 0.05, value + 0.05, 40)
            for predictor, metric, value in rows
        ],
        columns=COLUMNS,
    )


class Trained:
    """An experiment as the page reads it, with the tables it is given."""

    dataset, model, seed = "plant", "cnn", "1"
    methods, simulated, known, random_labels = (), False, False, False
    scorecard = pd.DataFrame(columns=["dataset", "model", "seed", "method"])
    recoveries, monitor, quantitative = None, "validation_pearson", True

    def __init__(self, **tables):
        self.tables = MappingProxyType(tables)
        self.standing = network.standing(tables["metrics"])

    def table(self, name, texts=()):
        return self.tables[name.removesuffix(".tsv")].copy()


def test_what_decides_is_read_from_the_metrics():
    assert measure_of(metrics()) is NUMBERS
    of_classes = pd.DataFrame([("network", "auroc")], columns=["predictor", "metric"])
    assert measure_of(of_classes) is CLASSES
    assert measure_of(metrics().iloc[:0]) is CLASSES


def test_the_verdict_compares_r2_and_names_the_noise_ceiling():
    said = network.verdict(metrics(ceiling=0.9), "leaf", None, False)
    assert said == {
        "kind": "ok",
        "tag": "better than the baselines",
        "text": "The network reaches an R² of 0.600 [0.550, 0.650]: better than GC"
        " content by 0.550 [0.500, 0.600]; better than 6-mers by 0.190 [0.140, 0.240]."
        " The noise ceiling, the best R² that the noise of the values allows, is 0.900"
        " [0.850, 0.950].",
    }
    assert "ceiling" not in network.verdict(metrics(), "leaf", None, False)["text"]


@pytest.mark.parametrize(
    ("options", "kind", "tag"),
    [
        ({"gc_gain": 0.04}, "warn", "no better than GC content"),
        ({"kmer_gain": 0.04}, "", "no better than 6-mers"),
        ({"kmer_gain": -0.2}, "", "no better than 6-mers"),
        ({"r2": np.nan}, "warn", "not measured"),
    ],
)
def test_a_network_that_a_baseline_reaches_is_told_so(options, kind, tag):
    said = network.verdict(metrics(**options), "leaf", None, False)
    assert (said["kind"], said["tag"]) == (kind, tag)


def test_without_baselines_r2_is_compared_with_the_mean():
    alone = metrics(r2=0.04)
    alone = alone[alone["predictor"] == "network"]
    assert network.verdict(alone, "leaf", None, False)["tag"] == (
        "no better than the mean of the values"
    )
    better = metrics(r2=0.06)
    better = better[better["predictor"] == "network"]
    assert network.verdict(better, "leaf", None, False)["tag"] == (
        "better than the mean of the values"
    )


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        # The interval of R² is 0.04 ± 0.05, and includes 0.
        (
            {"r2": 0.04, "gc_gain": 0.3},
            "the R² of 0.040 [−0.010, 0.090] is not better than the mean of the values"
            " (0)",
        ),
        (
            {"gc_gain": 0.04},
            "the network is no better than GC content (difference 0.040 [−0.010,"
            " 0.090])",
        ),
        (
            {"r2": np.nan},
            "the R² is not defined, because the test split has no two different values",
        ),
    ],
)
def test_nothing_is_stated_without_a_gain_over_the_mean_and_gc(options, reason):
    assert network.standing(metrics(**options)) == {
        "stated": False,
        "weak": ["leaf"],
        "sentence": f"No finding is stated: {reason}.",
    }


def test_weak_targets_and_those_worse_than_6_mers_are_named():
    assert network.standing(metrics()) == {"stated": True, "weak": [], "sentence": ""}
    both = pd.concat([metrics("leaf", kmer_gain=-0.2), metrics("root", gc_gain=0.0)])
    assert network.standing(both) == {
        "stated": True,
        "weak": ["root"],
        "sentence": "Nothing is stated of root: the network is no better than GC"
        " content (difference 0.000 [−0.050, 0.050]). For leaf this network is worse"
        " than 6-mers by 0.200 (difference [−0.250, −0.150]). Counts of 6-mers predict"
        " these sequences better, so that its findings may miss what decides the"
        " value.",
    }
    none = pd.concat([metrics("leaf", gc_gain=0.0), metrics("root", gc_gain=0.0)])
    assert network.standing(none)["sentence"] == (
        "No finding is stated: for none of the 2 targets is the network shown to be"
        " better than both the mean of the values and GC content."
    )


def test_the_sentence_has_r2_pearson_the_baselines_and_the_ceiling():
    assert describe([[Trained(metrics=metrics(ceiling=0.9))]], {}) == [
        "The network predicts leaf well (R² 0.60, Pearson 0.78; GC content R² 0.05,"
        " 6-mers R² 0.41, noise ceiling 0.90)."
    ]
    several = pd.concat([metrics("leaf"), metrics("root", r2=0.5, gc_gain=0.45)])
    assert describe([[Trained(metrics=several)]], {}) == [
        "The network predicts the 2 targets of plant well (R² 0.55, Pearson 0.78; GC"
        " content R² 0.05, 6-mers R² 0.36)."
    ]
    weak = metrics(r2=0.02, gc_gain=0.02)
    assert describe([[Trained(metrics=weak)]], {}) == [
        "The network predicts leaf no better than the mean of the values (R² 0.02,"
        " Pearson 0.78; GC content R² 0, 6-mers R² −0.17), so that no finding is"
        " stated."
    ]


@pytest.mark.parametrize(
    ("r2", "ceiling", "grade"),
    [
        (0.5, None, "well"),
        (0.49, None, "fairly well"),
        (0.25, None, "fairly well"),
        (0.24, None, "weakly"),
        # Half, and a quarter, of what the noise allows.
        (0.45, 0.9, "well"),
        (0.44, 0.9, "fairly well"),
        (0.21, 0.9, "weakly"),
    ],
)
def test_the_grade_is_the_part_of_the_explicable_variance(r2, ceiling, grade):
    table = metrics(r2=r2, gc_gain=0.15, ceiling=ceiling)
    (said,) = describe([[Trained(metrics=table)]], {})
    assert said.startswith(f"The network predicts leaf {grade} (R² ")


def test_the_first_table_has_the_difference_of_r2():
    table = matrix.without_truth([[Trained(metrics=metrics())]], {"plant": {}})
    assert [(row["name"], row["measure"]) for row in table["rows"]] == [
        ("network against GC content", "difference of R²"),
        ("network against 6-mers", "difference of R²"),
    ]
    numbers = [row["cells"][0]["number"] for row in table["rows"]]
    assert numbers == ["+0.55", "+0.19"]


def test_without_values_the_measure_is_still_that_of_numbers():
    item = Trained(metrics=metrics().iloc[:0])
    table = matrix.without_truth([[item]], {"plant": {}})
    assert {row["measure"] for row in table["rows"]} == {"difference of R²"}
    assert {row["cells"][0]["word"] for row in table["rows"]} == {"not compared"}


def test_motifs_of_6_mers_that_predict_nothing_are_no_finding():
    assert data.weak_kmers(metrics(), "leaf") == ""
    assert data.weak_kmers(metrics(r2=0.2, kmer_gain=0.19), "leaf") == (
        "6-mers do not predict better than the mean of the values (R² 0.010 [−0.040,"
        " 0.060])."
    )


def test_the_monitored_correlation_is_drawn_in_front():
    for monitored, front, behind in (
        ("validation_pearson", "Pearson", "Spearman"),
        ("validation_spearman", "Spearman", "Pearson"),
        ("validation_loss", "Pearson", "Spearman"),
    ):
        assert quantities.key(monitored) == (
            f"validation loss; validation {front} correlation",
            f"training loss; validation {behind} correlation",
        )
        _, (*_, drawn_behind, drawn_front) = quantities.history(monitored)
        assert drawn_front == f"validation_{front.lower()}"
        assert drawn_behind == f"validation_{behind.lower()}"
    assert quantities.best("validation_loss") == "lowest validation loss"
    assert quantities.best("validation_spearman") == (
        "highest validation Spearman correlation"
    )


def test_the_monitor_is_that_of_the_training():
    def of(model):
        return quantities.monitor(None, "plant", "cnn", model)

    auto = {"loss": "auto", "monitor": "auto"}
    assert of({"training": auto}) == "validation_pearson"
    assert of({"training": auto | {"monitor": "validation_loss"}}) == "validation_loss"
    assert of({"import": {}}) == ""
    # Of a tuned model that of the candidate that was chosen.
    chosen = {"model": {"training": auto | {"monitor": "validation_spearman"}}}
    results = SimpleNamespace(once=lambda reader, *parts: chosen)
    assert quantities.monitor(results, "plant", "cnn", {"tune": {}}) == (
        "validation_spearman"
    )


def dots(drawing):
    """Positions of the dots of a cloud, in pixels."""
    (path,) = re.findall(r'class="points"[^>]* d="([^"]*)"', drawing)
    found = re.findall(r"M(\S+) (\S+)h0", path)
    return [(float(x), float(y)) for x, y in found]


def test_panels_show_every_measured_value_once():
    predictions = pd.DataFrame(
        {
            "id": ["a", "b", "c", "a"],
            "target": ["leaf", "leaf", "leaf", "root"],
            "true": [1.0, 3.0, np.nan, 7.0],
            "output": [1.0, 2.0, 9.0, 8.0],
        }
    )
    residuals = pd.DataFrame(
        {
            "id": ["a", "b", "a"],
            "target": ["leaf", "leaf", "root"],
            "gc": [0.4, 0.6, 0.4],
            "residual": [0.0, 1.0, -1.0],
        }
    )
    item = Trained(metrics=metrics(), predictions=predictions, residuals=residuals)
    measured, residual = quantities.panels(item, "leaf", ", leaf", "seed 1")
    # a is on the diagonal; b lies above it, as its value is above what was predicted.
    diagonal = re.search(r'class="line context" d="M(\S+) (\S+)L(\S+) (\S+)"', measured)
    left, bottom, right, top = map(float, diagonal.groups())

    def height(x):
        """Of the diagonal, in pixels from the top."""
        return bottom + (x - left) / (right - left) * (top - bottom)

    (ax, ay), (bx, by) = dots(measured)
    assert ay == pytest.approx(height(ax), abs=0.1)
    assert by < height(bx) - 10
    # Two groups of one sequence each: the means are the residuals.
    means = re.search(r'class="line means" d="M(\S+) (\S+)L(\S+) (\S+)"', residual)
    a, b = dots(residual)
    assert [float(number) for number in means.groups()] == [*a, *b]
    assert 'aria-label="measured against predicted values, leaf, seed 1"' in measured


def test_a_target_without_values_has_empty_panels():
    nothing = pd.DataFrame(columns=["id", "target", "true", "output"], dtype=float)
    residuals = pd.DataFrame(columns=["id", "target", "gc", "residual"], dtype=float)
    item = Trained(metrics=metrics(), predictions=nothing, residuals=residuals)
    for drawing in quantities.panels(item, "leaf", "", "seed 1"):
        assert "points" not in drawing


def test_many_points_are_squares_that_are_darker_where_there_are_more():
    x = [0.0] * 600 + [1.0] * 24
    drawing = charts.panel([], x_label="", y_label="", label="", cloud=(x, x))
    found = re.findall(r'class="cells" opacity="(\S+)" d="([^"]*)"', drawing)
    # log(25) / log(601) is 0.503: the third of five shades.
    assert [(shade, path.count("M")) for shade, path in found] == [("0.6", 1), ("1", 1)]
    few = charts.panel([], x_label="", y_label="", label="", cloud=(x[:500], x[:500]))
    assert "cells" not in few and len(dots(few)) == 500


def test_a_choice_among_candidates_is_by_pearson_s_correlation():
    table = pd.DataFrame(
        {
            "candidate": ["a", "b"],
            "validation_pearson": [0.8, 0.7],
            "difference": [np.nan, 0.1],
            "difference_ci_low": [np.nan, 0.05],
            "difference_ci_high": [np.nan, 0.15],
        }
    )
    assert tuned.standing(table) == {
        "kind": "ok",
        "tag": "clearly better",
        "text": "a is clearly better than the runner-up b: difference of Pearson"
        " correlation 0.100 [0.050, 0.150].",
    }


def test_a_paper_is_told_how_numbers_were_measured():
    settings = {"resamples": 10, "seed": 1}
    _, text, _ = methods_text._evaluation([Trained(metrics=metrics())], settings)
    assert text == (
        "Predicted values of the test split were measured by the correlations of"
        " Pearson and Spearman, R² and the root mean squared error, with 95 % bootstrap"
        " intervals (10 resamples of the sequences, seed 1), and compared with ridge"
        " regressions on GC content and on 6-mer counts."
    )
    classes = metrics().replace({"r2": "auroc", "r2_gain": "auroc_gain"})
    both = [Trained(metrics=metrics()), Trained(metrics=classes)]
    _, text, _ = methods_text._evaluation(both, settings)
    assert "(AUROC, AUPRC)" in text and ". Predicted values of the test split" in text
