"""Which bases sequences hold: frequencies, of bases and of pairs, and GC content.

Each function takes indices, uint8: 0-3 for A, C, G, T and 4 for an unknown base or
padding, which is left out.
"""

import numpy as np

from proofread.dna.encoding import UNKNOWN


def base_frequencies(index, *, pseudocount=1):
    """Fraction of each base among all known ones.

    Parameters
    ----------
    index : numpy.ndarray, any shape, uint8
    pseudocount : int
        Added to the count of each base; with 1 no fraction is 0, as a logarithm needs.

    Returns
    -------
    numpy.ndarray, shape (4,), float64
        Sums to 1; all 0 where nothing is counted.
    """
    counts = np.bincount(np.ravel(index), minlength=UNKNOWN + 1)[:UNKNOWN] + pseudocount
    return counts / max(1, counts.sum())


def transition_frequencies(index):
    """How often each base follows each other one.

    Parameters
    ----------
    index : numpy.ndarray, shape (n, length), uint8

    Returns
    -------
    numpy.ndarray, shape (5, 4), float64
        Rows sum to 1; each pair is counted once more than it occurs. The last row, of
        an unknown base before, holds the frequencies of the bases.
    """
    pair = index[:, :-1].astype(np.int64) * (UNKNOWN + 1) + index[:, 1:]
    size = (UNKNOWN + 1) ** 2
    counts = np.bincount(pair.ravel(), minlength=size).reshape(UNKNOWN + 1, -1)
    counts = counts[:UNKNOWN, :UNKNOWN] + 1
    rows = counts / counts.sum(axis=1, keepdims=True)
    return np.vstack([rows, base_frequencies(index)])


def gc_content(index):
    """Fraction of G and C among the known bases of each sequence.

    Parameters
    ----------
    index : numpy.ndarray, shape (..., length), uint8

    Returns
    -------
    numpy.ndarray, shape (...), float64
        0-1; 0 where no base is known.
    """
    known = np.count_nonzero(index < UNKNOWN, axis=-1)
    return np.count_nonzero((index == 1) | (index == 2), axis=-1) / np.maximum(known, 1)
