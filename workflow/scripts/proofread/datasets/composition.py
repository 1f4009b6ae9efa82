"""Known bases and GC content of sequences in memory or on disk."""

import numpy as np

from proofread.datasets.on_disk import blocks
from proofread.dna.encoding import UNKNOWN


def count_known_and_gc(index):
    """Count the known bases of each sequence, and those that are G or C.

    Parameters
    ----------
    index : array, shape (n, length), uint8
        Unknown bases and padding are 4.

    Returns
    -------
    known, gc : numpy.ndarray, shape (n,), int64
    """
    known = np.zeros(len(index), dtype=np.int64)
    gc = np.zeros(len(index), dtype=np.int64)
    for first, block in blocks(index):
        rows = slice(first, first + len(block))
        known[rows] = (block != UNKNOWN).sum(axis=1)
        gc[rows] = ((block == 1) | (block == 2)).sum(axis=1)
    return known, gc
