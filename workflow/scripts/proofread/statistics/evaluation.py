"""How well predictions fit the labels."""

import numpy as np
import pandas as pd

from proofread.statistics.bootstrap import bootstrap
from proofread.statistics.metrics import (
    OF_PROBABILITIES,
    RAISED_BY_NOISE,
    RANKING,
    auroc,
    calibration_curve,
    precision_recall_curve,
    roc_curve,
)

PREDICTORS = {"network": "network", "gc": "GC content", "kmer6": "6-mers"}
CURVE_COLUMNS = ["predictor", "target", "curve", "x", "y", "n"]
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
        `auroc_gain`, the network's AUROC less the predictor's, paired. No rows of
        sequences without labels.
    """
    rows = []
    predictions = _labelled(predictions)
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
                raised = metric in RAISED_BY_NOISE
                low, high = bootstrap(
                    statistic,
                    arrays,
                    resamples=resamples,
                    seed=seed,
                    centred=raised,
                )
                low = max(low, 0.0) if raised else low
                value = statistic(*arrays)
                rows.append((*of, metric, value, low, high, len(arrays[0])))

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
        against fraction of positives in n sequences. No rows of sequences without
        labels.
    """
    tables = [pd.DataFrame(columns=CURVE_COLUMNS)]
    for name, table in _labelled(predictions).items():
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
                values = (name, target, curve, x, y, n)
                tables.append(
                    pd.DataFrame(dict(zip(CURVE_COLUMNS, values, strict=True)))
                )
    # The empty table has no types, so it is left out where there are others.
    return pd.concat(tables[1:] or tables, ignore_index=True)


def _labelled(predictions):
    """The predictions whose label is known."""
    return {name: table.dropna(subset="true") for name, table in predictions.items()}


def _thinned(x, y):
    """At most `CURVE_POINTS` points, evenly spaced along the curve, ends kept."""
    if len(x) <= CURVE_POINTS:
        return x, y
    kept = np.unique(np.linspace(0, len(x) - 1, CURVE_POINTS).round().astype(int))
    return x[kept], y[kept]


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
