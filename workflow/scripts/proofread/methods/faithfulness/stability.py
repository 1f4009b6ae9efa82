"""How far a map moves when the sequence is changed where the map says nothing is."""

import numpy as np

from proofread.dna.encoding import UNKNOWN


def neutral_copies(index, values, *, fraction, copies, rng):
    """Copies of sequences with other bases at the positions of the lowest importance.

    Parameters
    ----------
    index : numpy.ndarray, shape (n, length), uint8
    values : numpy.ndarray, shape (n, length)
        The map; low is a small absolute value.
    fraction : float
        Of the known positions, substituted in each copy; at least one is.
    copies : int
        Of each sequence. They differ in the bases, not in the positions.
    rng : numpy.random.Generator

    Returns
    -------
    changed : numpy.ndarray, shape (copies, n, length), uint8
    kept : numpy.ndarray, shape (n, length), bool
        Known positions that are not substituted.
    """
    known = index != UNKNOWN
    number = known.sum(axis=1, keepdims=True)
    size = np.minimum(np.maximum(1, np.rint(fraction * number)), number)
    size_of = np.where(known, np.abs(values), np.nan)
    order = np.argsort(size_of, axis=1, kind="stable")
    chosen = (np.argsort(order, axis=1, kind="stable") < size) & known
    step = rng.integers(1, 4, size=(copies, *index.shape), dtype=np.uint8)
    changed = np.where(chosen, (index + step) % 4, index).astype(np.uint8)
    return changed, known & ~chosen


def max_sensitivity(values, of_copies, kept):
    """Largest change of a map over copies of its sequence, relative to its size.

    Yeh et al. 2019 (arXiv:1901.09392) take the largest Euclidean norm of the change
    over a neighbourhood. It is divided by the norm of the map here, so that kinds with
    other units compare (Quantus divides by the norm of the input, which is the same for
    all sequences of one length). Substituted positions do not count: there a map has to
    change.

    Parameters
    ----------
    values : numpy.ndarray, shape (n, length)
    of_copies : numpy.ndarray, shape (copies, n, length)
    kept : numpy.ndarray, shape (n, length), bool
        The positions that count.

    Returns
    -------
    numpy.ndarray, shape (n,)
        0: the map stays as it is. NaN of a map that is 0 wherever it counts.
    """
    change = np.where(kept, of_copies - values, 0)
    largest = np.sqrt((change**2).sum(axis=2)).max(axis=0)
    norm = np.sqrt((np.where(kept, values, 0) ** 2).sum(axis=1))
    return np.where(norm > 0, largest / np.where(norm > 0, norm, 1), np.nan)
