"""How well predicted quantities fit the measured ones, with bootstrap intervals."""

import numpy as np
import pandas as pd

from proofread.statistics.bootstrap import bootstrap
from proofread.statistics.correlation import pearson, spearman

METRIC_COLUMNS = ["predictor", "target", "metric", "value", "ci_low", "ci_high", "n"]
RESIDUAL_COLUMNS = ["id", "target", "gc", "residual"]
_GROUPS = 10  # by GC content
NOISE_CEILING = "noise_ceiling"  # the predictor that gives each value without its noise


def r2(measured, predicted):
    """Coefficient of determination, ``1 - SS_res / SS_tot``.

    SS_res is the sum of squares of measured less predicted, SS_tot that of measured
    less its mean. 1 is exact and 0 as good as the mean; worse predictions are below 0.
    It is not the square of a correlation, which a wrong scale or offset leaves as it
    is.

    Parameters
    ----------
    measured, predicted : numpy.ndarray, shape (n,)

    Returns
    -------
    float
        NaN where the measured values are constant, or n is 0.
    """
    if len(measured) == 0 or np.ptp(measured) == 0:
        return np.nan
    total = np.sum((measured - measured.mean()) ** 2)
    return float(1 - np.sum((measured - predicted) ** 2) / total)


def rmse(measured, predicted):
    """Root of the mean squared difference, in the units of the values."""
    if len(measured) == 0:
        return np.nan
    return float(np.sqrt(np.mean((measured - predicted) ** 2)))


METRICS = {"pearson": pearson, "spearman": spearman, "r2": r2, "rmse": rmse}


def evaluate_quantities(predictions, *, resamples, seed):
    """Metrics of each predictor and target with bootstrap intervals.

    Parameters
    ----------
    predictions : dict of str to pandas.DataFrame
        Tables with id, target, true and output, by predictor: the network's under
        `network`, those of the baselines, and under `noise_ceiling` the values without
        noise, where they are known.
    resamples, seed : int
        Of the bootstrap; all predictors see the same resamples.

    Returns
    -------
    pandas.DataFrame
        `METRIC_COLUMNS`. Beside `METRICS`, of each baseline: `r2_gain`, the network's
        R2 less the baseline's, paired. No rows of sequences without values.
    """
    rows = []
    predictions = {name: _measured(table) for name, table in predictions.items()}
    network = predictions["network"]
    for target in network["target"].unique():
        output = {
            name: table.loc[table["target"] == target, "output"].to_numpy(np.float64)
            for name, table in predictions.items()
        }
        measured = network.loc[network["target"] == target, "true"].to_numpy(np.float64)
        for name in predictions:

            def add(metric, statistic, *arrays, of=(name, target)):
                low, high = bootstrap(statistic, arrays, resamples=resamples, seed=seed)
                rows.append(
                    (*of, metric, statistic(*arrays), low, high, len(arrays[0]))
                )

            for metric, statistic in METRICS.items():
                add(metric, statistic, measured, output[name])
            if name not in ("network", NOISE_CEILING):
                add("r2_gain", _gain, measured, output["network"], output[name])
    return pd.DataFrame(rows, columns=METRIC_COLUMNS)


def _gain(measured, network, other):
    return r2(measured, network) - r2(measured, other)


def _measured(table):
    """The predictions whose measured value is known."""
    return table.dropna(subset="true")


def gc_groups(gc):
    """Groups of sequences by their GC content, whose mean residuals are joined.

    Parameters
    ----------
    gc : numpy.ndarray, shape (n,)

    Returns
    -------
    list of numpy.ndarray of int
        Rows of `_GROUPS` groups of equal numbers, from low to high; of fewer sequences
        each is a group.
    """
    order = np.argsort(gc, kind="stable")
    return [group for group in np.array_split(order, _GROUPS) if len(group)]


def residuals(predictions, gc):
    """Measured less predicted value, beside the GC content of the sequence.

    Parameters
    ----------
    predictions : pandas.DataFrame
        The network's, with id, target, true and output.
    gc : dict of str to float
        GC content of each sequence, 0-1, by its name.

    Returns
    -------
    pandas.DataFrame
        `RESIDUAL_COLUMNS`. No rows of sequences without values.
    """
    predictions = _measured(predictions)
    return pd.DataFrame(
        {
            "id": predictions["id"],
            "target": predictions["target"],
            "gc": predictions["id"].map(gc),
            "residual": predictions["true"] - predictions["output"],
        }
    )
