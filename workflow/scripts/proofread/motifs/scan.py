"""Where a matrix matches by chance: log-odds scores with exact p-values.

Scores are sums of whole hundredths of a bit, so that the distribution of the score of
random bases is a finite table and is computed exactly, column by column (Staden 1989,
doi:10.1093/bioinformatics/5.2.89).
"""

from dataclasses import dataclass

import numpy as np

from proofread.dna.encoding import UNKNOWN
from proofread.motifs.motif import log_odds, reverse_complement_matrix

UNIT = 100  # score units per bit
# A base that a matrix excludes: low enough to exclude every match, and finite.
_MIN_PROBABILITY = 1e-6
_BATCH = 4_000_000  # bases scanned at once


@dataclass(frozen=True)
class Threshold:
    """The lowest score that is rare enough.

    Attributes
    ----------
    score : int
        In units of 1/`UNIT` bit.
    p : float
        Exact probability that one position on one strand of random bases reaches it.
    """

    score: int
    p: float


def whole_scores(matrix, background):
    """Log-odds of each base at each position, rounded to hundredths of a bit.

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
    p = np.maximum(np.asarray(matrix, dtype=np.float64), _MIN_PROBABILITY)
    return np.rint(UNIT * log_odds(p, background)).astype(np.int64)


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
    for column, low in zip(scores, lowest, strict=True):
        longer = np.zeros(len(chance) + int(column.max() - low))
        for score, probability in zip(column, background, strict=True):
            shift = int(score - low)
            longer[shift : shift + len(chance)] += probability * chance
        chance = longer
    reached = np.cumsum(chance[::-1])[::-1]
    # Scores that no k-mer has are skipped: the threshold is one that occurs.
    rare = np.flatnonzero((reached < p) & (chance > 0))
    if len(rare) == 0:
        return None
    return Threshold(int(rare[0] + lowest.sum()), float(reached[rare[0]]))


def scan(index, scores, min_score, kept):
    """Number of matches of a matrix on both strands.

    Parameters
    ----------
    index : numpy.ndarray, shape (n, length), uint8
    scores : numpy.ndarray, shape (width, 4), int64
        From `whole_scores`.
    min_score : int
        Score of a match, at least.
    kept : numpy.ndarray, shape (n, length), bool
        Bases that may be part of a match; unknown ones never are.

    Returns
    -------
    hits : int
        Matches, both strands; one that matches on both counts twice.
    positions : int
        Positions that were scanned, counted on both strands.
    """
    hits = positions = 0
    for _, whole, strands in _batches(index, scores, kept):
        positions += 2 * int(whole.sum())
        hits += sum(int(((total >= min_score) & whole).sum()) for total in strands)
    return hits, positions


def matches(index, scores, min_score):
    """Where a matrix matches, on both strands; unknown bases are in no match.

    Parameters
    ----------
    index : numpy.ndarray, shape (n, length), uint8
    scores : numpy.ndarray, shape (width, 4), int64
        From `whole_scores`.
    min_score : int
        Score of a match, at least.

    Returns
    -------
    row, start, strand, score : numpy.ndarray, shape (matches,), int64
        Starts are 0-based on the forward strand; strand is 0 for +, 1 for -. By
        strand, then row, then start.
    """
    blocks = [np.empty((4, 0), dtype=np.int64)]
    kept = np.ones(index.shape, dtype=bool)
    for first, whole, strands in _batches(index, scores, kept):
        for strand, total in enumerate(strands):
            row, start = np.nonzero((total >= min_score) & whole)
            score = total[row, start]
            blocks.append(
                np.stack([row + first, start, np.full(len(row), strand), score])
            )
    row, start, strand, score = np.concatenate(blocks, axis=1)
    order = np.lexsort([start, row, strand])
    return row[order], start[order], strand[order], score[order]


def _batches(index, scores, kept):
    """First row, positions to scan and their scores on + and -, some rows at a time."""
    width, (n, length) = len(scores), index.shape
    if length < width:
        return
    rows = max(1, _BATCH // length)
    for start in range(0, n, rows):
        bases = index[start : start + rows]
        usable = kept[start : start + rows] & (bases < UNKNOWN)
        # A position is scanned if all bases from it on are kept.
        excluded = np.zeros((len(bases), length + 1), dtype=np.int32)
        np.cumsum(~usable, axis=1, out=excluded[:, 1:])
        whole = excluded[:, width:] == excluded[:, :-width]
        strands = (
            _totals(bases, item) for item in (scores, reverse_complement_matrix(scores))
        )
        yield start, whole, strands


def _totals(bases, scores):
    """Score of each position on one strand: (n, length) -> (n, length - width + 1)."""
    width = len(scores)
    table = np.concatenate([scores, np.zeros((width, 1), dtype=np.int64)], axis=1)
    table = table.astype(np.int32)
    total = np.zeros((len(bases), bases.shape[1] - width + 1), dtype=np.int32)
    for offset in range(width):
        total += table[offset][bases[:, offset : offset + total.shape[1]]]
    return total
