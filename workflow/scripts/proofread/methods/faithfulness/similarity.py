"""How alike two maps of the same sequences are, sequence by sequence."""

import numpy as np
import pandas as pd

_ROUNDING = 1e-9  # of the largest value: less is the rounding of sums, and no spread
_FEWEST = 3  # values of a correlation


def is_constant(values):
    """Whether the values of each row are all the same, up to rounding.

    Parameters
    ----------
    values : numpy.ndarray, shape (n, m)
        NaN is left out.

    Returns
    -------
    numpy.ndarray, shape (n,), bool
        True, too, of a row without values.
    """
    known = ~np.isnan(values)
    low = np.where(known, values, np.inf).min(axis=1)
    high = np.where(known, values, -np.inf).max(axis=1)
    size = np.where(known, np.abs(values), 0).max(axis=1)
    return ~(high - low > _ROUNDING * size)


def pearson_rows(first, second):
    """Pearson's correlation of each row of one array with the same row of another.

    Parameters
    ----------
    first, second : numpy.ndarray, shape (n, m)
        A NaN in either is left out.

    Returns
    -------
    numpy.ndarray, shape (n,)
        NaN where either is constant, or fewer than three values are left.
    """
    both = ~(np.isnan(first) | np.isnan(second))
    number = both.sum(axis=1)
    defined = number >= _FEWEST
    centred = []
    for values in (first, second):
        values = np.where(both, np.asarray(values, dtype=np.float64), np.nan)
        defined &= ~is_constant(values)
        values = np.where(both, values, 0)
        mean = values.sum(axis=1) / np.maximum(number, 1)
        centred.append(np.where(both, values - mean[:, None], 0))
    first, second = centred
    scale = np.sqrt((first**2).sum(axis=1) * (second**2).sum(axis=1))
    product = (first * second).sum(axis=1)
    return np.where(
        defined, np.clip(product / np.where(defined, scale, 1), -1, 1), np.nan
    )


def ranks(values, known):
    """Ranks of the known values of each row, from 1 up; ties share their mean rank.

    Parameters
    ----------
    values : numpy.ndarray, shape (n, m)
    known : numpy.ndarray, shape (n, m), bool

    Returns
    -------
    numpy.ndarray, shape (n, m)
        NaN where a value is not known.
    """
    return pd.DataFrame(np.where(known, values, np.nan)).rank(axis=1).to_numpy()


def spearman_rows(first, second, known):
    """Spearman's rank correlation of two maps of each sequence.

    Parameters
    ----------
    first, second : numpy.ndarray, shape (n, length)
    known : numpy.ndarray, shape (n, length), bool
        The positions that are compared.

    Returns
    -------
    numpy.ndarray, shape (n,)
        NaN where either map is constant, or fewer than three positions are known.
    """
    return pearson_rows(ranks(first, known), ranks(second, known))


def top_overlap(first, second, known, count):
    """Fraction of the highest positions of one map that are highest in another, too.

    Positions that tie at the last place are each in with the same probability, so that
    constant maps overlap as chance has it.

    Parameters
    ----------
    first, second : numpy.ndarray, shape (n, length)
    known : numpy.ndarray, shape (n, length), bool
    count : int
        Positions of each map that are compared.

    Returns
    -------
    numpy.ndarray, shape (n,)
        NaN where no more than `count` positions are known, all of which are highest.
    """
    shared = (_at_top(first, known, count) * _at_top(second, known, count)).sum(axis=1)
    return np.where(known.sum(axis=1) > count, shared / count, np.nan)


def _at_top(values, known, count):
    """Probability that each position is among the highest of its row."""
    values = np.where(known, values, -np.inf)
    place = min(count, values.shape[1]) - 1
    last = -np.sort(-values, axis=1)[:, place, None]
    above, tied = values > last, (values == last) & known
    left = count - above.sum(axis=1, keepdims=True)
    return above + tied * left / np.maximum(tied.sum(axis=1, keepdims=True), 1)
