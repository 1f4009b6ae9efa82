"""A sequence motif as a matrix of base probabilities, and what can be said of one."""

from dataclasses import dataclass, replace

import numpy as np

UNIFORM = np.full(4, 0.25)
_LETTERS = np.array(list("ACGT"))


@dataclass(frozen=True, eq=False)
class Motif:
    """A position probability matrix with its name and its evidence.

    Attributes
    ----------
    name : str
        Identifier; unique within a file.
    matrix : numpy.ndarray, shape (width, 4), float64
        Probabilities in the order A, C, G, T, as the file gives them: a row may
        miss 1 by the rounding of its decimals.
    alternative_name : str
        A second name, often the protein's; empty where there is none.
    sites : float or None
        Number of sites the matrix was estimated from; None where unknown.
    source : str
        The file or database it was read from.
    """

    name: str
    matrix: np.ndarray
    alternative_name: str = ""
    sites: float | None = None
    source: str = ""

    def __post_init__(self):
        matrix = np.asarray(self.matrix, dtype=np.float64)
        if matrix.ndim != 2 or matrix.shape[1] != 4 or len(matrix) == 0:
            raise ValueError(
                f"matrix of motif {self.name!r}: expected shape (width >= 1, 4), "
                f"got {matrix.shape}"
            )
        object.__setattr__(self, "matrix", matrix)

    def __len__(self):
        """Width in bases."""
        return len(self.matrix)


def reverse_complement(motif):
    """The same motif read on the other strand."""
    return replace(motif, matrix=reverse_complement_matrix(motif.matrix))


def reverse_complement_matrix(matrix):
    """The same matrix read on the other strand: of probabilities, counts or scores.

    Parameters
    ----------
    matrix : numpy.ndarray, shape (width, 4)
    """
    # Reversing the columns A, C, G, T gives T, G, C, A: the complements.
    return matrix[::-1, ::-1]


def probabilities(counts, pseudocount=0.0):
    """Probabilities from counts; the counts stay as they are.

    Parameters
    ----------
    counts : numpy.ndarray, shape (..., width, 4)
        Non-negative.
    pseudocount : float
        Added to each base, so four times that to each position.

    Returns
    -------
    numpy.ndarray, shape (..., width, 4)
        Uniform at a position without counts and pseudocount.
    """
    counts = np.asarray(counts, dtype=np.float64) + pseudocount
    total = counts.sum(axis=-1, keepdims=True)
    return np.where(total > 0, counts / np.where(total > 0, total, 1), 0.25)


def log_odds(matrix, background, *, added=0.0):
    """Log-odds of each base at each position against a background, in bits.

    Parameters
    ----------
    matrix : numpy.ndarray, shape (width, 4)
        Probabilities.
    background : numpy.ndarray, shape (4,)
        Probabilities of the bases elsewhere, all positive.
    added : float
        Added to each probability, which is then divided by the sum of four, so that
        no base is excluded.

    Returns
    -------
    numpy.ndarray, shape (width, 4)
        ``log2(p / q)``; minus infinity where p is 0.
    """
    p = (np.asarray(matrix, dtype=np.float64) + added) / (1 + 4 * added)
    with np.errstate(divide="ignore"):
        return np.log2(p / background)


def relative_entropy(matrix, background=UNIFORM):
    """Information of each position against a background, in bits.

    ``sum_b p_b log2(p_b / q_b)`` with ``0 log2 0 = 0``: never negative, 0 where the
    position is the background, 2 for a certain base against uniform.

    Parameters
    ----------
    matrix : numpy.ndarray, shape (width, 4)
        Rows are divided by their sum first, which decimals may have moved from 1.
    background : numpy.ndarray, shape (4,)
        All positive.

    Returns
    -------
    numpy.ndarray, shape (width,)
    """
    p = probabilities(matrix)
    background = np.asarray(background, dtype=np.float64)
    ratio = np.where(p > 0, p / (background / background.sum()), 1.0)
    return np.maximum((p * np.log2(ratio)).sum(axis=1), 0.0)


def ic_basset(matrix, gc=0.415):
    """Information of each position as Basset computes it, in bits.

    Kelley et al. 2016 (doi:10.1101/gr.200535.115) take a "background" of
    ``[1 - gc, gc, gc, 1 - gc]``, which sums to 2, so a position can be slightly
    negative. Kept for comparison with their tables; use `relative_entropy`.

    Parameters
    ----------
    matrix : numpy.ndarray, shape (width, 4)
    gc : float
        Fraction of G and C, 0-1; 0.415 is the human genome's (hg19).

    Returns
    -------
    numpy.ndarray, shape (width,)
    """
    q = np.array([1 - gc, gc, gc, 1 - gc])
    p = np.asarray(matrix, dtype=np.float64)
    return (p * np.log2(p + 1e-9)).sum(axis=1) - (q * np.log2(q)).sum()


def consensus(matrix):
    """The most probable base of each position; the first in A, C, G, T on a tie."""
    return "".join(_LETTERS[np.argmax(matrix, axis=1)])


def trim(motif, information, *, limit):
    """Drop uninformative positions from both ends; those inside stay.

    Parameters
    ----------
    motif : Motif
    information : numpy.ndarray, shape (width,)
        Bits of each position, from `relative_entropy` or `ic_basset`.
    limit : float
        Bits a position needs to be kept at an end.

    Returns
    -------
    Motif or None
        None if no position reaches the limit.
    """
    kept = np.flatnonzero(np.asarray(information) >= limit)
    if len(kept) == 0:
        return None
    return replace(motif, matrix=motif.matrix[kept[0] : kept[-1] + 1])
