"""Base and dinucleotide frequencies."""

import numpy as np

from proofread.dna.encoding import UNKNOWN


def measured_background(index):
    """Base frequencies of sequences, with one pseudo-count per base.

    Parameters
    ----------
    index : numpy.ndarray, any shape, uint8
        Unknown bases and padding are left out.

    Returns
    -------
    numpy.ndarray, shape (4,), float64
    """
    counts = np.bincount(np.ravel(index), minlength=5)[:4] + 1
    return counts / counts.sum()


# --- Words ----------------------------------------------------------------------------


def base_frequencies(index):
    """Share of each base among all known ones, one counted more of each: (4,)."""
    counts = np.bincount(np.ravel(index), minlength=UNKNOWN + 1)[:UNKNOWN] + 1
    return counts / counts.sum()


def transition_frequencies(index):
    """How often each base follows each other one.

    Returns
    -------
    numpy.ndarray, shape (5, 4)
        Rows sum to 1; one pair is counted more of each. The last row, of an unknown
        base before, holds the frequencies of the bases.
    """
    pair = index[:, :-1].astype(np.int64) * (UNKNOWN + 1) + index[:, 1:]
    size = (UNKNOWN + 1) ** 2
    counts = np.bincount(pair.ravel(), minlength=size).reshape(UNKNOWN + 1, -1)
    counts = counts[:UNKNOWN, :UNKNOWN] + 1
    rows = counts / counts.sum(axis=1, keepdims=True)
    return np.vstack([rows, base_frequencies(index)])
