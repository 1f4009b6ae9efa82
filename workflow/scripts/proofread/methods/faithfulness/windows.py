"""Windows of a sequence, their order, and sequences with some of them replaced.

Windows lie side by side from the first base on; the last one may be shorter. A window
without a known base takes no part.
"""

import numpy as np


def window_sums(values, known, width):
    """Sums of a map over the known bases of each window.

    Parameters
    ----------
    values : numpy.ndarray, shape (n, length)
    known : numpy.ndarray, shape (n, length), bool
    width : int
        Bases of a window.

    Returns
    -------
    total : numpy.ndarray, shape (n, windows), float64
    bases : numpy.ndarray, shape (n, windows), int
        Known bases.
    """
    starts = np.arange(0, values.shape[1], width)
    values = np.where(known, np.asarray(values, dtype=np.float64), 0)
    return (
        np.add.reduceat(values, starts, axis=1),
        np.add.reduceat(known.astype(np.int64), starts, axis=1),
    )


def window_means(values, known, width):
    """Means of a map over the known bases of each window: (n, windows); NaN of none."""
    total, bases = window_sums(values, known, width)
    return np.where(bases > 0, total / np.maximum(bases, 1), np.nan)


def rank_of(score):
    """The place of each window in the order of falling scores.

    Parameters
    ----------
    score : numpy.ndarray, shape (..., windows)
        NaN stands behind all others; of equal scores the first window stands first.

    Returns
    -------
    numpy.ndarray, shape (..., windows), int
        From 0, the highest score.
    """
    order = np.argsort(-score, axis=-1, kind="stable")
    return np.argsort(order, axis=-1, kind="stable")


def random_ranks(scored, orders, rng):
    """Random orders of the windows.

    Parameters
    ----------
    scored : numpy.ndarray, shape (n, windows), bool
        Windows that take part; the others stand behind them.
    orders : int
    rng : numpy.random.Generator

    Returns
    -------
    numpy.ndarray, shape (orders, n, windows), int
    """
    keys = rng.random((orders, *scored.shape))
    return rank_of(np.where(scored, keys, np.nan))


def replaced(index, background, rank, count, width):
    """Sequences whose first windows in an order have the bases of a background.

    Parameters
    ----------
    index : numpy.ndarray, shape (n, length), uint8
    background : numpy.ndarray, shape (n, backgrounds, length), uint8
    rank : numpy.ndarray, shape (n, windows), int
        From `rank_of`.
    count : numpy.ndarray, shape (n, steps), int
        Windows that are replaced.
    width : int

    Returns
    -------
    numpy.ndarray, shape (n, backgrounds, steps, length), uint8
    """
    chosen = rank[:, None] < count[:, :, None]  # (n, steps, windows)
    chosen = np.repeat(chosen, width, axis=2)[:, :, : index.shape[1]]
    return np.where(chosen[:, None], background[:, :, None], index[:, None, None])
