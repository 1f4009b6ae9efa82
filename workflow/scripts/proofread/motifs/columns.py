"""Motif columns as Tomtom compares them: with a pseudocount, and their consensus."""

from dataclasses import dataclass

import numpy as np

from proofread.dna.encoding import BASES
from proofread.motifs.motif import UNIFORM

DEFAULT_SITES = 20  # assumed of a motif that does not say


@dataclass(frozen=True, eq=False)
class Backgrounds:
    """Base frequencies for the queries, the targets and the formulas; each (4,)."""

    queries: np.ndarray
    targets: np.ndarray
    formulas: np.ndarray

    @classmethod
    def choose(cls, given=None, of_queries=None):
        """Take what is given, else the query file's, else uniform."""
        if given is None and of_queries is not None:
            frequencies = np.asarray(of_queries, dtype=np.float64)
            once = regularise(frequencies / frequencies.sum())
            # Read, averaged over the strands and put to use: each time 5e-7 more. The
            # digits of Tomtom 5.0.3 need three times for the targets.
            twice = regularise((once + once[::-1]) / 2)
            return cls(twice, regularise(twice), twice)
        given = np.asarray(UNIFORM if given is None else given, dtype=np.float64)
        once = regularise(given)
        return cls(once, once, given)


def regularise(frequencies):
    """Add Tomtom's 5e-7 to each base, so that none is 0."""
    raised = frequencies + 5e-7
    return raised / (frequencies.sum() + len(frequencies) * 5e-7)


def smooth(motif, background, pseudocount):
    """Columns of a motif with the pseudocount.

    Parameters
    ----------
    motif : Motif
    background : numpy.ndarray, shape (4,)
    pseudocount : float

    Returns
    -------
    numpy.ndarray, shape (width, 4)
    """
    sums = motif.matrix.sum(axis=1, keepdims=True)
    columns = np.where(np.abs(1 - sums) > 1e-5, motif.matrix / sums, motif.matrix)
    if pseudocount == 0:
        return columns
    sites = int(motif.sites) if motif.sites else DEFAULT_SITES
    # The order of operations is Tomtom's: near-uniform columns hang on it.
    return (columns * sites + pseudocount * background) / (sites + pseudocount)


def single_precision_consensus(columns):
    """Most probable base of each column, as Tomtom finds it.

    The maximum so far is kept in single precision while the next base is compared
    in double, so a tie gives the later base where single precision rounded down.

    Parameters
    ----------
    columns : numpy.ndarray, shape (n, 4)

    Returns
    -------
    str
    """
    best = np.zeros(len(columns), dtype=np.intp)
    highest = np.float32(columns[:, 0])
    for base in (1, 2, 3):
        higher = columns[:, base] > highest
        best[higher] = base
        highest = np.where(higher, np.float32(columns[:, base]), highest)
    return "".join(BASES[base] for base in best)
