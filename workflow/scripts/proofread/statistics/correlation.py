"""Correlations."""

import numpy as np
import pandas as pd


def rank_correlation(one, other):
    """Spearman's rho and its two-sided p, from Student's t with n - 2 degrees.

    Returns
    -------
    rho, p : float
        NaN where either is constant or n is below 3.
    """
    # Not scipy.stats, which takes longer to import than all the rest to run.
    from scipy.special import stdtr

    n = len(one)
    first, second = (pd.Series(each).rank().to_numpy() for each in (one, other))
    if n < 3 or np.ptp(first) == 0 or np.ptp(second) == 0:
        return np.nan, np.nan
    rho = np.clip(np.corrcoef(first, second)[0, 1], -1, 1)
    with np.errstate(divide="ignore"):
        statistic = np.abs(rho) * np.sqrt((n - 2) / (1 - rho**2))
    return float(rho), float(2 * stdtr(n - 2, -statistic))


def spearman(activation, label):
    """Rank correlation of filters with targets over sequences.

    Parameters
    ----------
    activation : numpy.ndarray, shape (n, filters)
    label : numpy.ndarray, shape (n, targets)

    Returns
    -------
    correlation, p : numpy.ndarray, shape (filters, targets)
        Two-sided p from Student's t with n - 2 degrees of freedom. NaN where either
        side is constant or n is below 3.
    """
    # Not scipy.stats, which takes as long to import as all the rest takes to run.
    from scipy.special import stdtr

    n = len(activation)
    ranks = [pd.DataFrame(each).rank().to_numpy() for each in (activation, label)]
    centred = [each - each.mean(axis=0) for each in ranks]
    scale = [np.sqrt((each**2).sum(axis=0)) for each in centred]
    with np.errstate(divide="ignore", invalid="ignore"):
        correlation = centred[0].T @ centred[1] / np.outer(*scale)
        correlation = np.clip(correlation, -1, 1)
        if n < 3:
            correlation = np.full_like(correlation, np.nan)
        statistic = correlation * np.sqrt((n - 2) / (1 - correlation**2))
    return correlation, 2 * stdtr(max(n - 2, 1), -np.abs(statistic))
