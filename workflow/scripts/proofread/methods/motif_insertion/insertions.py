"""Motifs inserted into sequences without them: alone everywhere, and in pairs.

All intervals are 0-based and half-open. Nothing is inserted over an unknown base or
padding: the values of such a position are NaN, and nothing is predicted for it.
"""

from dataclasses import dataclass

import numpy as np

from proofread.datasets.sampling import balanced_rows
from proofread.dna.encoding import UNKNOWN
from proofread.dna.null_sequences import nulls_of
from proofread.models.predictor import without_rounding

OBSERVED = "observed"  # the sequences as they are, in place of a null
CONSENSUS, SAMPLED = "consensus", "sampled"
_TRIES = 100  # orders of a k-mer
_BLOCK = 1 << 24  # bases that are predicted together; memory only


def background_sequences(dataset, kind, n, seed):
    """Sequences to put motifs into.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
        Of more than `n` sequences as many positives as negatives are drawn.
    kind : str
        `OBSERVED` or one of `proofread.dna.null_sequences.KINDS`.
    n : int
    seed : int

    Returns
    -------
    numpy.ndarray, shape (at most n, length), uint8
    """
    index = np.asarray(dataset.index[balanced_rows(dataset, n, seed)])
    if kind == OBSERVED:
        return index
    return nulls_of(kind, index, np.random.default_rng(seed))


def kmers_of(matrix, n, how, rng):
    """The k-mers that are inserted into each of `n` sequences, at any position.

    Parameters
    ----------
    matrix : numpy.ndarray, shape (width, 4)
        Probabilities; rows are divided by their sum.
    n : int
    how : str
        `CONSENSUS`: the most probable bases, the first of equal ones. `SAMPLED`:
        bases sampled from the matrix, another k-mer for each sequence.
    rng : numpy.random.Generator

    Returns
    -------
    numpy.ndarray, shape (n, width), uint8
    """
    if how == CONSENSUS:
        return np.tile(matrix.argmax(axis=1).astype(np.uint8), (n, 1))
    limits = np.cumsum(matrix, axis=1)
    sampled = rng.random((n, len(matrix))) * limits[:, -1]
    return (sampled[:, :, None] >= limits[None, :, :3]).sum(axis=2).astype(np.uint8)


def all_starts(length, width, step=1):
    """Starts 0, step, ... at which a k-mer of `width` fits into `length` bases."""
    return np.arange(0, length - width + 1, step)


def centre(length, width):
    """Start of the fixed motif: ``floor(length / 2) - ceil(width / 2)``."""
    return length // 2 - -(-width // 2)


def free_starts(starts, width, fixed, fixed_width, *, touching=True):
    """Starts at which a k-mer does not overlap the one at `fixed`.

    Parameters
    ----------
    starts : numpy.ndarray, int
    width, fixed, fixed_width : int
    touching : bool
        False leaves out the two adjacent positions as well, as EUGENe does.

    Returns
    -------
    numpy.ndarray, int
    """
    margin = 0 if touching else 1
    left = starts + width + margin <= fixed
    right = starts >= fixed + fixed_width + margin
    return starts[left | right]


def gap_between(start, width, fixed, fixed_width):
    """Bases between two k-mers that do not overlap."""
    return np.where(start < fixed, fixed - start - width, start - fixed - fixed_width)


def inserted(index, kmers, start):
    """The sequences with a k-mer each at `start`; a copy."""
    result = index.copy()
    result[:, start : start + kmers.shape[1]] = kmers
    return result


def has_room(index, starts, width):
    """Whether all bases of a k-mer at each start are known, (n, len(starts)) bool."""
    before = np.zeros((len(index), index.shape[1] + 1), dtype=np.int64)
    np.cumsum(index == UNKNOWN, axis=1, out=before[:, 1:])
    return before[:, starts + width] == before[:, starts]


def slide(predict, index, kmers, starts):
    """Logits with the k-mers at each of the starts.

    Parameters
    ----------
    predict : callable
        Maps index arrays (m, length) to logits (m, targets).
    index : numpy.ndarray, shape (n, length), uint8
    kmers : numpy.ndarray, shape (n, width), uint8
    starts : numpy.ndarray, int

    Returns
    -------
    numpy.ndarray, shape (n, len(starts), targets), float64
        NaN where a k-mer would cover an unknown base.
    """
    room = has_room(index, starts, kmers.shape[1])
    block = max(1, _BLOCK // max(1, index.size))
    logits = []
    for first in range(0, len(starts), block):
        part = starts[first : first + block]
        edited = np.stack([inserted(index, kmers, start) for start in part], axis=1)
        fits = room[:, first : first + block]
        predicted = np.asarray(predict(edited[fits]), dtype=np.float64)
        values = np.full((*fits.shape, predicted.shape[1]), np.nan)
        values[fits] = predicted
        logits.append(values)
    if not logits:
        return np.full((len(index), 0, np.shape(predict(index[:0]))[1]), np.nan)
    return np.concatenate(logits, axis=1)


def some_of(starts, n):
    """At most `n` of the starts, evenly spread, the first and the last among them."""
    if len(starts) <= n:
        return starts
    return starts[np.linspace(0, len(starts) - 1, n).round().astype(np.int64)]


def control_changes(predict, index, none, kmers, starts, *, controls, rng, size=1):
    """Changes by control k-mers: the bases of a motif in another order.

    Each control is one order of the columns, the same in every sequence, so that it
    keeps width, composition and, for sampled k-mers, how much they vary.

    Parameters
    ----------
    predict : callable
    index : numpy.ndarray, shape (n, length), uint8
    none : numpy.ndarray, shape (n, targets)
        Logits of `index`.
    kmers : numpy.ndarray, shape (n, width), uint8
        The motif's.
    starts : numpy.ndarray, int
    controls : int
    rng : numpy.random.Generator
    size : float or numpy.ndarray, shape (targets,)
        See `change_of`.

    Returns
    -------
    numpy.ndarray, shape (controls, n, targets)
        Mean change of the logit over the starts; NaN where none has room.
    """
    changes = np.full((controls, *none.shape), np.nan)
    for number in range(controls):
        logits = slide(predict, index, other_order(kmers, rng), starts)
        changes[number] = mean_over_positions(change_of(logits, none, size))
    return changes


def other_order(kmers, rng):
    """The k-mers with their columns in a random order that is not the motif again.

    Neither the k-mers nor their reverse complement, unless `_TRIES` orders give nothing
    else, as of one base repeated.
    """
    for _ in range(_TRIES):
        shuffled = kmers[:, rng.permutation(kmers.shape[1])]
        same = np.array_equal(shuffled, kmers)
        if not same and not np.array_equal(shuffled, 3 - kmers[:, ::-1]):
            break
    return shuffled


def change_of(logits, none, size=1):
    """Logits of `slide` less those of the backgrounds; rounding is no change.

    `size` is that of `proofread.models.predictor.without_rounding`: 1 of logits.
    """
    none = none[:, None]
    return without_rounding(logits, none, size) - none


def mean_over_positions(changes):
    """Means over the known positions: (n, positions, targets) -> (n, targets)."""
    known = ~np.isnan(changes)
    count = known.sum(axis=1)
    sums = np.where(known, changes, 0.0).sum(axis=1)
    return np.where(count > 0, sums / np.maximum(count, 1), np.nan)


@dataclass(frozen=True, eq=False)
class Pair:
    """One motif in the middle, another at every position that does not overlap it.

    Attributes
    ----------
    fixed, tiled : str
        Names of the motif in the middle and of the one that moves.
    start : int
        Of the fixed one.
    starts : numpy.ndarray, shape (positions,), int
        Of the tiled one.
    gap : numpy.ndarray, shape (positions,), int
        Bases between them.
    none, first : numpy.ndarray, shape (n, 1, targets)
        Logits of the background, and with the fixed motif alone.
    second, both : numpy.ndarray, shape (n, positions, targets)
        Logits with the tiled motif alone, and with both, NaN where
        `first` is.
    size : float or numpy.ndarray, shape (targets,)
        See `change_of`.
    """

    fixed: str
    tiled: str
    start: int
    starts: np.ndarray
    gap: np.ndarray
    none: np.ndarray
    first: np.ndarray
    second: np.ndarray
    both: np.ndarray
    size: object = 1

    @property
    def distance(self):
        """Start of the tiled motif less that of the fixed one, bp."""
        return self.starts - self.start

    def interaction(self):
        """AB - A - B + b in logits: 0 where both motifs add up.

        Returns
        -------
        numpy.ndarray, shape (n, positions, targets)
            A difference within the rounding of float32 is 0.
        """
        # A NaN anywhere leaves NaN: one of the motifs has no room.
        sum_of_both = self.first + self.second - self.none
        return without_rounding(self.both, sum_of_both, self.size) - sum_of_both

    def cooperativity(self):
        """EUGENe's ratio, which takes the outputs for log2 of an activity.

        ``2^AB / (2^A + 2^B - 2^b)``: 1 where activities add up. NaN where the
        denominator is not above 0, as it can be for logits of a classifier.
        """
        # The largest exponent is taken out, so that nothing overflows.
        most = np.maximum(np.maximum(self.first, self.second), self.none)
        expected = (
            np.exp2(self.first - most)
            + np.exp2(self.second - most)
            - np.exp2(self.none - most)
        )
        with np.errstate(over="ignore"):
            ratio = np.exp2(self.both - most) / np.where(expected > 0, expected, np.nan)
        return ratio


def pair_of(predict, index, none, fixed, tiled, *, step=1, touching=True, size=1):
    """Logits of a pair at all positions that do not overlap.

    Parameters
    ----------
    predict : callable
    index : numpy.ndarray, shape (n, length), uint8
    none : numpy.ndarray, shape (n, targets)
        Logits of `index`.
    fixed, tiled : tuple
        Name and k-mers of a motif; the tiled one's third and fourth item, if given, are
        starts and logits of `slide`, which then need not be predicted again.
    step : int
        bp between starts of the tiled one, from 0.
    touching : bool
        See `free_starts`.
    size : float or numpy.ndarray, shape (targets,)
        See `change_of`.

    Returns
    -------
    Pair or None
        None where the fixed motif has no room.
    """
    length = index.shape[1]
    name, kmers = fixed[:2]
    other, other_kmers, *known = tiled
    width, other_width = kmers.shape[1], other_kmers.shape[1]
    start = centre(length, width)
    if start < 0 or start + width > length:
        return None
    starts = free_starts(
        all_starts(length, other_width, step),
        other_width,
        start,
        width,
        touching=touching,
    )
    none = none[:, None]
    first = slide(predict, index, kmers, np.array([start]))
    if known:
        slid, logits = known
        second = logits[:, np.searchsorted(slid, starts)]
    else:
        second = slide(predict, index, other_kmers, starts)
    room = ~np.isnan(first).any(axis=(1, 2))  # of the fixed one
    both = np.full(second.shape, np.nan)
    both[room] = slide(
        predict,
        inserted(index[room], kmers[room], start),
        other_kmers[room],
        starts,
    )
    gap = gap_between(starts, other_width, start, width)
    return Pair(name, other, start, starts, gap, none, first, second, both, size)
