"""Correlations."""

import numpy as np
import pandas as pd


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


def rank_correlations(first, second):
    """Spearman's correlation and its p of the columns of a table with those of another.

    Parameters
    ----------
    first : numpy.ndarray, shape (n,) or (n, a)
    second : numpy.ndarray, shape (n,) or (n, b)

    Returns
    -------
    correlation, p : numpy.ndarray, shape (a, b)
        Without the axis of an argument that has one column only, (n,). Two-sided p from
        Student's t with n - 2 degrees of freedom. NaN where either side is constant or
        n is below 3.
    """
    # Not scipy.stats, which takes as long to import as all the rest takes to run.
    from scipy.special import stdtr

    n = len(first)
    shape = (*first.shape[1:], *second.shape[1:])
    if n < 3:
        return np.full(shape, np.nan)[()], np.full(shape, np.nan)[()]
    ranks = [pd.DataFrame(table).rank().to_numpy() for table in (first, second)]
    centred = [table - table.mean(axis=0) for table in ranks]
    scale = [np.sqrt((table**2).sum(axis=0)) for table in centred]
    with np.errstate(divide="ignore", invalid="ignore"):
        correlation = centred[0].T @ centred[1] / np.outer(*scale)
        correlation = np.clip(correlation, -1, 1).reshape(shape)
        statistic = correlation * np.sqrt((n - 2) / (1 - correlation**2))
    return correlation[()], stdtr(n - 2, -np.abs(statistic)) * 2
