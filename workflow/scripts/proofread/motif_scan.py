"""Where a matrix matches by chance: log-odds scores with exact p-values.

Scores are sums of whole hundredths of a bit, so that the distribution of the score of
random bases is a finite table and is computed exactly, column by column (Staden 1989,
doi:10.1093/bioinformatics/5.2.89).
"""

from dataclasses import dataclass

import numpy as np

from proofread.sequences import UNKNOWN

UNIT = 100  # score units per bit
# A base that a matrix excludes: low enough to exclude every match, and finite.
_LEAST_PROBABILITY = 1e-6
_BATCH = 4_000_000  # bases scanned at once


@dataclass(frozen=True)
class Threshold:
    """The lowest score that is rare enough.

    Attributes
    ----------
    score : int
        In units of 1/`UNIT` bit.
    p : float
        Exact probability that one place on one strand of random bases reaches it.
    """

    score: int
    p: float


def log_odds(matrix, background):
    """Whole scores of each base at each position.

    Parameters
    ----------
    matrix : numpy.ndarray, shape (width, 4)
        Probabilities.
    background : numpy.ndarray, shape (4,)
        Probabilities of the bases elsewhere, all positive.

    Returns
    -------
    numpy.ndarray, shape (width, 4), int64
        ``round(UNIT * log2(p / q))``.
    """
    p = np.maximum(np.asarray(matrix, dtype=np.float64), _LEAST_PROBABILITY)
    return np.rint(UNIT * np.log2(p / background)).astype(np.int64)


def threshold(scores, background, p):
    """The lowest score that random bases reach with a probability below `p`.

    Parameters
    ----------
    scores : numpy.ndarray, shape (width, 4), int64
    background : numpy.ndarray, shape (4,)
    p : float

    Returns
    -------
    Threshold or None
        None if even the best match is more probable than that.
    """
    lowest = scores.min(axis=1)
    chance = np.ones(1)  # of each score above the lowest possible one
    for column, least in zip(scores, lowest, strict=True):
        longer = np.zeros(len(chance) + int(column.max() - least))
        for score, probability in zip(column, background, strict=True):
            shift = int(score - least)
            longer[shift : shift + len(chance)] += probability * chance
        chance = longer
    reached = np.cumsum(chance[::-1])[::-1]
    # Scores that no word has are skipped: the threshold is one that occurs.
    rare = np.flatnonzero((reached < p) & (chance > 0))
    if len(rare) == 0:
        return None
    return Threshold(int(rare[0] + lowest.sum()), float(reached[rare[0]]))


def scan(index, scores, least, kept):
    """Matches of a matrix on both strands, at places that count.

    Parameters
    ----------
    index : numpy.ndarray, shape (n, length), uint8
    scores : numpy.ndarray, shape (width, 4), int64
        From `log_odds`.
    least : int
        Score of a match, at least.
    kept : numpy.ndarray, shape (n, length), bool
        Bases that may be part of a match; unknown ones never are.

    Returns
    -------
    hits : int
        Matches, both strands; one that matches on both counts twice.
    places : int
        Places that were scanned, counted on both strands.
    """
    width, (n, length) = len(scores), index.shape
    hits = places = 0
    if length < width:
        return hits, places
    rows = max(1, _BATCH // length)
    for start in range(0, n, rows):
        bases = index[start : start + rows]
        usable = kept[start : start + rows] & (bases < UNKNOWN)
        # A place counts if all its bases do: none of them is excluded.
        excluded = np.zeros((len(bases), length + 1), dtype=np.int32)
        np.cumsum(~usable, axis=1, out=excluded[:, 1:])
        whole = excluded[:, width:] == excluded[:, :-width]
        places += 2 * int(whole.sum())
        for strand in (scores, scores[::-1, ::-1]):
            table = np.concatenate(
                [strand, np.zeros((width, 1), dtype=np.int64)], axis=1
            ).astype(np.int32)
            total = np.zeros(whole.shape, dtype=np.int32)
            for offset in range(width):
                total += table[offset][bases[:, offset : offset + whole.shape[1]]]
            hits += int(((total >= least) & whole).sum())
    return hits, places
