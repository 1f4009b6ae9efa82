"""Spearman's correlations of many columns at once, with their p."""

import numpy as np
import pandas as pd


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
