"""Rules pool and effects: motifs drawn with replacement, and where they are planted."""

import math

import numpy as np

from proofread.datasets.simulation.plans import ABSENT, MAX_TRIES
from proofread.errors import InputError
from proofread.progress import log

# Which sequences a block of plans is of.
CORE, NEGATIVES, WITHOUT_CORE, WITH_CORE = "core", "negatives", "without", "with"


def draw_pool(rng, design, kind, n):
    """Draw motifs and decoys of n sequences, and their starts.

    The number of motifs is drawn by its probabilities, then each motif by its weight,
    with replacement. Motifs that are wider together than the sequence are drawn again.
    Their order is random. All ways to divide the other bases among the gaps are equally
    likely, or the gaps are even (`even_gaps`).

    Parameters
    ----------
    rng : numpy.random.Generator
    design : proofread.datasets.simulation.settings.Design
    kind : str
        `CORE`: from the positives' pool alone. `NEGATIVES`: from the negatives' pool;
        `WITHOUT_CORE` and `WITH_CORE` are those of them without a core motif, and with
        at least one.
    n : int

    Returns
    -------
    starts, motif : numpy.ndarray, shape (n, slots), int64
        The start of each slot, and the column of its motif in ``design.matrices``;
        `ABSENT` where a slot is empty.
    """
    matrices = list(design.matrices.values())
    widths = np.array([len(matrix) for matrix in matrices])
    number, n_core = _numbers(rng, design.pool, kind, n)
    slots = design.pool.numbers[-1]
    present = rng.random((n, len(design.decoys))) < design.rates
    columns = np.arange(len(matrices) - len(design.decoys), len(matrices))
    decoys = np.where(present, columns, ABSENT)
    motif = np.full((n, slots), ABSENT)
    rows = np.arange(n)
    for turn in range(MAX_TRIES):
        motif[rows] = _motifs(rng, design.pool, number[rows], n_core[rows])
        filled = np.hstack([motif, decoys])
        width = np.where(filled == ABSENT, 0, widths[filled])
        rows = np.flatnonzero(width.sum(axis=1) > design.length)
        if len(rows) == 0:
            place = spread_evenly if design.pool.even_gaps else spread
            return place(rng, design.length, width), filled
        if turn == 0:
            log.info("%d of %d sequences: motifs too wide, drawn again", len(rows), n)
    raise InputError(
        f"{design.where}.length",
        f"{design.length} bp: {number[rows].max()} motifs of one sequence were still "
        f"wider together after {MAX_TRIES} draws",
        f"at least {design.pool.numbers[-1] * widths.max()} bp, where the widest motif "
        "can be drawn every time",
        "make the sequences longer, lower motifs_per_sequence, or remove wide motifs",
    )


def _numbers(rng, pool, kind, n):
    """The number of motifs of each sequence, and how many are core motifs.

    The number is as frequent in every class, so that it does not tell the label.
    """
    number = rng.choice(pool.numbers, size=n, p=pool.probabilities)
    if kind == CORE:
        return number, number
    if kind == WITHOUT_CORE:
        return number, np.zeros_like(number)
    n_core = np.empty_like(number)
    for size in pool.numbers.tolist():
        rows = np.flatnonzero(number == size)
        counts = np.arange(kind == WITH_CORE, size + 1)
        probability = _binomial(size, pool.core_fraction)[counts]
        probability /= probability.sum()
        n_core[rows] = rng.choice(counts, size=len(rows), p=probability)
    return number, n_core


def _binomial(n, p):
    """Probability of 0..n successes."""
    return np.array([math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)])


def _motifs(rng, pool, number, n_core):
    """A motif for each used slot, (n, slots); which of them are core is random."""
    n, slots = len(number), pool.numbers[-1]
    used = np.arange(slots) < number[:, None]
    # Used slots in a random order: the first `n_core` of them are core motifs.
    order = (rng.random((n, slots)) + ~used).argsort(axis=1)
    rank = order.argsort(axis=1)
    core, negative = pool.weights[: pool.n_core], pool.weights[pool.n_core :]
    motif = rng.choice(len(core), size=(n, slots), p=core / core.sum())
    if len(negative):
        other = rng.choice(len(negative), size=(n, slots), p=negative / negative.sum())
        motif = np.where(rank < n_core[:, None], motif, pool.n_core + other)
    return np.where(used, motif, ABSENT)


def spread(rng, length, width):
    """Starts of motifs in random order, all gaps equally likely; width 0 is absent.

    A set of `count` of the numbers below ``free + count`` is the order of free bases
    and motifs along a sequence, each order once. Floyd's algorithm draws it without
    retries (Bentley and Floyd 1987, doi:10.1145/30401.315746).
    """
    n, slots = width.shape
    present = width > 0
    count = present.sum(axis=1)
    free = length - width.sum(axis=1)
    chosen = np.full((n, slots), length + slots)  # above all numbers
    for turn in range(slots):
        rows = np.flatnonzero(count > turn)
        last = free[rows] + turn
        number = rng.integers(0, last + 1)
        taken = (chosen[rows] == number[:, None]).any(axis=1)
        chosen[rows, turn] = np.where(taken, last, number)
    # free bases before each motif, from left to right
    before = np.sort(chosen, axis=1) - np.arange(slots)
    return _starts(rng, before, width)


def spread_evenly(rng, length, width):
    """Starts of motifs in random order, with gaps of similar length; width 0 is absent.

    Each gap before, between and after the motifs is a uniform random number, scaled so
    that together they take the free bases, as in the code of Koo and Ploenzke 2021
    (doi:10.1038/s42256-020-00291-x). It draws again until rounded gaps fit; here their
    running sum is rounded.
    """
    n, slots = width.shape
    count = (width > 0).sum(axis=1)
    free = length - width.sum(axis=1)
    gap = rng.random((n, slots + 1)) * (np.arange(slots + 1) <= count[:, None])
    total = np.maximum(gap.sum(axis=1), np.finfo(float).tiny)
    share = gap[:, :-1].cumsum(axis=1) / total[:, None]
    return _starts(rng, np.rint(share * free[:, None]).astype(np.int64), width)


def _starts(rng, before, width):
    """Starts in random order, from the free bases before each place in the order."""
    n, slots = width.shape
    present = width > 0
    order = (rng.random((n, slots)) + ~present).argsort(axis=1)
    ordered = np.take_along_axis(width, order, axis=1)
    start = before + ordered.cumsum(axis=1) - ordered
    starts = np.empty_like(start)
    np.put_along_axis(starts, order, start, axis=1)
    return np.where(present, starts, ABSENT)
