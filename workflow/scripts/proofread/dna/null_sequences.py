"""Random sequences: backgrounds, baselines and controls.

Each function takes and returns indices, uint8 (n, length): 0-3 for A, C, G, T and 4 for
an unknown base or padding, which stays where it is.
"""

import numpy as np

from proofread.dna.encoding import UNKNOWN
from proofread.dna.shuffle import dinucleotide_shuffle

KINDS = ("uniform", "shuffled", "dinucleotide_shuffled", "profile")


def uniform(n, length, rng):
    """Every base equally likely at every position."""
    return rng.integers(4, size=(n, length), dtype=np.uint8)


def shuffled(index, rng):
    """Each sequence with its own bases in random order."""
    known = index != UNKNOWN
    # Unknown positions have no random key: they sort behind all others, in order.
    key = np.where(known, rng.random(index.shape), 2.0)
    mixed = np.take_along_axis(index, np.argsort(key, axis=1, kind="stable"), axis=1)
    result = np.full_like(index, UNKNOWN)
    first = np.arange(index.shape[1]) < known.sum(axis=1, keepdims=True)
    result[known] = mixed[first]
    return result


def dinucleotide_shuffled(index, rng):
    """Each sequence in random order, its dinucleotide counts kept."""
    return dinucleotide_shuffle(index, rng)


def profile(index, n, rng):
    """`n` sequences whose bases have the frequencies that each position has in `index`.

    A position where no sequence has a known base is unknown in all.
    """
    counts = np.stack([(index == base).sum(axis=0) for base in range(4)])
    total = counts.sum(axis=0)
    limits = np.cumsum(counts, axis=0) / np.maximum(total, 1)
    uniform_numbers = rng.random((n, index.shape[1]))
    # The number of limits that it reaches is the base; the last limit is 1.
    bases = (uniform_numbers[:, None] >= limits[None, :3]).sum(axis=1).astype(np.uint8)
    return np.where(total > 0, bases, np.uint8(UNKNOWN))


def nulls_of(kind, index, rng):
    """As many sequences of a kind as there are in `index`.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    index : numpy.ndarray, shape (n, length), uint8
    rng : numpy.random.Generator
    """
    if kind == "uniform":
        drawn = uniform(*index.shape, rng)
        return np.where(index == UNKNOWN, np.uint8(UNKNOWN), drawn)
    if kind == "profile":
        drawn = profile(index, len(index), rng)
        return np.where(index == UNKNOWN, np.uint8(UNKNOWN), drawn)
    return {"shuffled": shuffled, "dinucleotide_shuffled": dinucleotide_shuffled}[kind](
        index, rng
    )
