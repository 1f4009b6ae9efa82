"""Means of few values: intervals and paired tests by Student's t distribution."""

import functools

import numpy as np

from proofread.statistics.paired_tests import TIE

LEVEL = 0.95


def mean_and_sd(values):
    """Number, mean and standard deviation of the values that are not NaN.

    Parameters
    ----------
    values : array_like, shape (n,)

    Returns
    -------
    n : int
    mean, sd : float
        `sd` has n - 1 in its denominator. NaN where there are too few values: none for
        the mean, one for the sd.
    """
    values = np.asarray(values, dtype=np.float64)
    values = values[~np.isnan(values)]
    n = len(values)
    if n == 0:
        return 0, np.nan, np.nan
    # A mean of equal values must be that value again, to the last bit.
    mean = values[0] + (values - values[0]).mean()
    if n == 1:
        return 1, float(mean), np.nan
    return n, float(mean), float(np.sqrt(((values - mean) ** 2).sum() / (n - 1)))


def t_interval(n, mean, sd):
    """95 % interval of a mean: ``mean +- t(0.975; n - 1) sd / sqrt(n)``.

    Parameters
    ----------
    n : int
    mean, sd : float
        From `mean_and_sd`.

    Returns
    -------
    low, high : float
        NaN with fewer than two values (Student 1908, doi:10.2307/2331554). The interval
        knows no bounds: that of a fraction may end above 1.
    """
    if n < 2:
        return np.nan, np.nan
    half = _quantile(n - 1) * sd / np.sqrt(n)
    return float(mean - half), float(mean + half)


@functools.cache
def _quantile(degrees):
    from scipy.special import stdtrit

    return stdtrit(degrees, 1 - (1 - LEVEL) / 2)


def paired_t(first, second):
    """Two-sided p of the paired t test of two means.

    Parameters
    ----------
    first, second : numpy.ndarray, shape (n,)
        Pairs, without NaN.

    Returns
    -------
    float
        1 where all pairs are equal. NaN where t is not defined: fewer than two pairs,
        or the same difference (not 0) in all of them, up to rounding.
    """
    from scipy import stats

    if len(first) == 0:
        return np.nan
    differences = first - second
    rounding = TIE * max(np.abs(first).max(), np.abs(second).max())
    if np.abs(differences).max() <= rounding:
        return 1.0
    if np.ptp(differences) <= rounding:
        return np.nan
    return float(stats.ttest_rel(first, second).pvalue)


def welch(first, second):
    """Difference of two means of independent values, with its 95 % interval and p.

    Welch's t test, which does not assume equal variances (Welch 1947,
    doi:10.2307/2332510).

    Parameters
    ----------
    first, second : numpy.ndarray, shape (n,), (m,)
        At least two values each, without NaN, which are not all equal in both.

    Returns
    -------
    difference : float
        Mean of `second` minus mean of `first`.
    low, high : float
        95 % t interval, with the degrees of freedom of Welch and Satterthwaite.
    p : float
        Two-sided.
    """
    from scipy import stats

    test = stats.ttest_ind(second, first, equal_var=False)
    low, high = test.confidence_interval(LEVEL)
    difference = mean_and_sd(second)[1] - mean_and_sd(first)[1]
    return difference, float(low), float(high), float(test.pvalue)
