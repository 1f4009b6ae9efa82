"""How well a network predicts the test split, beside GC content and 6-mers."""

import json

import numpy as np
import pandas as pd

from proofread.dataset import read_split
from proofread.job import atomic, start
from proofread.metrics import (
    OF_PROBABILITIES,
    RANKING,
    auroc,
    bootstrap,
    calibration_curve,
    precision_recall_curve,
    roc_curve,
)
from proofread.model import load_predictor
from proofread.predictions import DIGITS, prediction_rows
from proofread.tables import read_table, write_table

PREDICTORS = {"network": "network", "gc": "GC content", "kmer6": "6-mers"}
CURVE_POINTS = 200  # a curve of thousands of points is thinned for the figure


def evaluate(predictions, hard, *, resamples, seed):
    """Metrics of each predictor and target with bootstrap intervals.

    Parameters
    ----------
    predictions : dict of str to pandas.DataFrame
        Prediction tables by predictor, the network's under `network`.
    hard : set of str
        Names of the hard negatives; may be empty.
    resamples, seed : int
        Of the bootstrap; all predictors see the same resamples.

    Returns
    -------
    pandas.DataFrame
        predictor, target, metric, value, ci_low, ci_high, n. Beside the metrics
        themselves: `auroc_hard`, positives against hard negatives only, and
        `auroc_gain`, the network's AUROC less the predictor's, paired.
    """
    rows = []
    for target in predictions["network"]["target"].unique():
        tables = {
            name: table[table["target"] == target].reset_index(drop=True)
            for name, table in predictions.items()
        }
        network = tables["network"]["logit"].to_numpy()
        for name, table in tables.items():
            label = table["true"].to_numpy()
            logit = table["logit"].to_numpy()
            probability = table["probability"].to_numpy()

            def add(metric, statistic, *arrays, of=(name, target)):
                interval = bootstrap(statistic, arrays, resamples=resamples, seed=seed)
                value = statistic(*arrays)
                rows.append((*of, metric, value, *interval, len(arrays[0])))

            for metric, statistic in RANKING.items():
                add(metric, statistic, label, logit)
            for metric, statistic in OF_PROBABILITIES.items():
                add(metric, statistic, label, probability)
            if hard:
                kept = (label == 1) | table["id"].isin(hard).to_numpy()
                add("auroc_hard", auroc, label[kept], logit[kept])
            if name != "network":
                add("auroc_gain", _gain, label, network, logit)
    columns = ["predictor", "target", "metric", "value", "ci_low", "ci_high", "n"]
    return pd.DataFrame(rows, columns=columns)


def _gain(label, network, other):
    return auroc(label, network) - auroc(label, other)


def curves(predictions):
    """Points of the ROC, precision-recall and calibration curves.

    Returns
    -------
    pandas.DataFrame
        predictor, target, curve, x, y, n. roc: false against true positive rate;
        precision_recall: recall against precision; calibration: mean probability
        against share of positives in n sequences.
    """
    tables = []
    for name, table in predictions.items():
        for target, rows in table.groupby("target", sort=False):
            label = rows["true"].to_numpy()
            logit = rows["logit"].to_numpy()
            for curve, (x, y, n) in {
                "roc": (*_thinned(*roc_curve(label, logit)), len(label)),
                "precision_recall": (
                    *_thinned(*precision_recall_curve(label, logit)),
                    len(label),
                ),
                "calibration": calibration_curve(label, rows["probability"].to_numpy()),
            }.items():
                points = pd.DataFrame({"x": x, "y": y, "n": n})
                points.insert(0, "curve", curve)
                points.insert(0, "target", target)
                points.insert(0, "predictor", name)
                tables.append(points)
    return pd.concat(tables, ignore_index=True)


def _thinned(x, y):
    """At most `CURVE_POINTS` points, evenly spaced along the curve, ends kept."""
    if len(x) <= CURVE_POINTS:
        return x, y
    kept = np.unique(np.linspace(0, len(x) - 1, CURVE_POINTS).round().astype(int))
    return x[kept], y[kept]


def draw_curves(points, metrics, curve):
    """One curve per predictor; the network in the accent, baselines in grey."""
    from proofread.figures import ACCENT, CONTEXT, ONE_COLUMN, new_figure

    targets = list(points["target"].unique())
    figure, axes = new_figure(
        ONE_COLUMN * min(len(targets), 2),
        70 * -(-len(targets) // 2),
        rows=-(-len(targets) // 2),
        columns=min(len(targets), 2),
        squeeze=False,
    )
    x_label, y_label, metric, legend = {
        "roc": ("false positive rate", "true positive rate", "auroc", "lower right"),
        "precision_recall": ("recall", "precision", "auprc", "lower left"),
        "calibration": (
            "mean predicted probability",
            "share of positives",
            "brier",
            "upper left",
        ),
    }[curve]
    styles = {"network": (ACCENT, "-"), "kmer6": (CONTEXT, "-"), "gc": (CONTEXT, ":")}
    for panel, target in zip(axes.flat, targets, strict=False):
        for name, title in PREDICTORS.items():
            rows = points.query(
                "predictor == @name and target == @target and curve == @curve"
            )
            value = metrics.query(
                "predictor == @name and target == @target and metric == @metric"
            )["value"].iloc[0]
            colour, line = styles[name]
            panel.plot(
                rows["x"],
                rows["y"],
                color=colour,
                linestyle=line,
                marker="o" if curve == "calibration" else None,
                markersize=3,
                label=f"{title}: {metric.upper() if metric != 'brier' else 'Brier'}"
                f" {value:.3f}",
            )
        if curve != "precision_recall":
            panel.plot([0, 1], [0, 1], color=CONTEXT, linewidth=0.5)
        panel.set(
            xlabel=x_label, ylabel=y_label, xlim=(-0.01, 1.01), ylim=(-0.01, 1.01)
        )
        panel.set_aspect("equal")
        panel.legend(loc=legend)
        if len(targets) > 1:
            panel.set_title(target)
    for panel in axes.flat[len(targets) :]:
        panel.set_visible(False)
    return figure


def as_nested(metrics):
    """The same numbers for programs: predictor, target, metric."""
    nested = {}
    for row in metrics.to_dict("records"):
        values = {
            key: None if np.isnan(row[key]) else float(f"{row[key]:.6g}")
            for key in ("value", "ci_low", "ci_high")
        }
        nested.setdefault(row["predictor"], {}).setdefault(row["target"], {})[
            row["metric"]
        ] = {**values, "n": row["n"]}
    return nested


def main(job):
    """Predict the test split, measure, draw."""
    start(job)
    from proofread.figures import save_figure

    test = read_split(job.input.dataset, job.input.splits, "test")
    logits = load_predictor(job.input.model).predict(test.index)
    network = prediction_rows(test, logits)
    write_table(job.output.predictions, network, digits=DIGITS)
    # Measured on what was written, so that the table gives the same numbers.
    baselines = read_table(job.input.baselines)
    predictions = {"network": read_table(job.output.predictions)}
    predictions.update(iter(baselines.groupby("predictor", sort=True)))
    hard = {
        name
        for name, stratum in zip(test.name, test.stratum, strict=True)
        if stratum == "hard_negative"
    }
    metrics = evaluate(
        predictions,
        hard,
        resamples=job.params.evaluation["resamples"],
        seed=job.params.evaluation["seed"],
    )
    write_table(job.output.metrics, metrics)
    with atomic(job.output.summary) as temporary, open(temporary, "w") as file:
        json.dump(as_nested(metrics), file, indent=1)
        file.write("\n")
    points = curves(predictions)
    write_table(job.output.curves, points)
    for curve in ("roc", "precision_recall", "calibration"):
        save_figure(draw_curves(points, metrics, curve), job.output[curve])


if "snakemake" in globals():
    main(snakemake)
