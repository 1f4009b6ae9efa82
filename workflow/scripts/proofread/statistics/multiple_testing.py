"""p-values of many tests at once."""

import numpy as np


def benjamini_hochberg(p):
    """Adjusted p-values that bound the false discovery rate; NaN stays NaN.

    Parameters
    ----------
    p : array_like, any shape
        NaN is no test and does not count.

    Returns
    -------
    numpy.ndarray
        Of the same shape (Benjamini and Hochberg 1995,
        doi:10.1111/j.2517-6161.1995.tb02031.x).
    """

    def adjust(falling):
        n = len(falling)
        return np.minimum.accumulate(falling * n / np.arange(n, 0, -1))

    return _adjusted(p, adjust, falling=True)


def holm(p):
    """Adjusted p-values that bound the chance of any false discovery; NaN stays NaN.

    Parameters
    ----------
    p : array_like, any shape
        NaN is no test and does not count.

    Returns
    -------
    numpy.ndarray
        Of the same shape (Holm 1979, Scandinavian Journal of Statistics 6:65).
    """

    def adjust(rising):
        n = len(rising)
        return np.maximum.accumulate(rising * np.arange(n, 0, -1))

    return _adjusted(p, adjust, falling=False)


def _adjusted(p, adjust, *, falling):
    """Sort the known p-values, adjust them, put them back; none is above 1."""
    p = np.asarray(p, dtype=np.float64)
    known = ~np.isnan(p)
    values = p[known]
    order = np.argsort(-values if falling else values, kind="stable")
    adjusted = np.empty(len(values))
    adjusted[order] = np.minimum(adjust(values[order]), 1)
    result = np.full(p.shape, np.nan)
    result[known] = adjusted
    return result
