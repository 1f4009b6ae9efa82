"""Correlations."""

import numpy as np


def pearson(first, second):
    """Pearson's correlation of two columns.

    Parameters
    ----------
    first, second : numpy.ndarray, shape (n,)

    Returns
    -------
    float
        -1 to 1; NaN where a side is constant or not finite, or n is below 2.
    """
    if len(first) < 2 or np.ptp(first) == 0 or np.ptp(second) == 0:
        return np.nan
    if not (np.isfinite(first).all() and np.isfinite(second).all()):
        return np.nan
    first, second = (
        np.asarray(values, dtype=np.float64) - np.mean(values, dtype=np.float64)
        for values in (first, second)
    )
    # Scaled first, because squares of large numbers overflow.
    first, second = first / np.abs(first).max(), second / np.abs(second).max()
    scale = np.sqrt((first @ first) * (second @ second))
    return float(np.clip(first @ second / scale, -1, 1))


def of_prediction(correlation, measured, predicted):
    """A correlation with predictions that counts a constant prediction as 0.

    A constant says nothing of the measured values. Its correlation is not defined, and
    would leave a mean over targets undefined too.

    Parameters
    ----------
    correlation : callable
        Of two columns.
    measured, predicted : numpy.ndarray, shape (n,)

    Returns
    -------
    float
        NaN where the measured values are constant or a prediction is not a number.
    """
    differ = len(measured) > 1 and np.ptp(measured) > 0
    if differ and np.ptp(predicted) == 0:
        return 0.0
    return correlation(measured, predicted)


def mean_ranks(values):
    """Ranks from 1, ties sharing their mean rank: (n,) to (n,) float64."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[inverse]


def spearman(first, second):
    """Spearman's correlation of two columns: Pearson's of their ranks.

    Parameters
    ----------
    first, second : numpy.ndarray, shape (n,)

    Returns
    -------
    float
        -1 to 1; NaN where a side is constant or has a NaN, or n is below 2.
    """
    if np.isnan(first).any() or np.isnan(second).any():
        return np.nan
    return pearson(mean_ranks(first), mean_ranks(second))
