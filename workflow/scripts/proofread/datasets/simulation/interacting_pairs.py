"""Rule pairs: which pairs of motifs are planted, and where.

Positives hold interacting pairs, negatives as many pairs of other motifs, no two of
which interact. No motif alone predicts the class: how often it occurs in a
sequence has the same distribution in both.
"""

import math
from itertools import combinations

import numpy as np

from proofread.datasets.simulation.plans import ABSENT
from proofread.datasets.simulation.pools import spread
from proofread.errors import InputError

# Largest difference of a motif's probability between the classes.
TOLERANCE = 1e-9
MAX_STEPS = 100  # of Newton's method


def draw_pairs(rng, design, interacting, n):
    """Draw the motifs of n sequences, pair by pair, and their starts.

    All numbers of pairs are equally likely. The two motifs of a pair stand in random
    order, with a gap that is uniform on min_gap..max_gap. The pairs stand in random
    order, and all ways to divide the other bases among the gaps are equally likely.

    Parameters
    ----------
    rng : numpy.random.Generator
    design : proofread.datasets.simulation.settings.Design
    interacting : bool
        Whether the pairs are interacting ones, each drawn with replacement, or
        the others, as `negative_sets` weights them.
    n : int

    Returns
    -------
    starts, motif : numpy.ndarray, shape (n, slots), int64
        The start of each slot, and the column of its motif in ``design.matrices``;
        `ABSENT` where a slot is empty. The decoys have the last slots.
    """
    pairs = design.pairs
    number = rng.choice(pairs.numbers, size=n)
    drawn = np.full((n, pairs.numbers[-1], 2), ABSENT)
    for size in pairs.numbers.tolist():
        rows = np.flatnonzero(number == size)
        if interacting:
            of_size = rng.choice(pairs.interacting, size=(len(rows), size))
        else:
            sets, probability = negative_sets(
                pairs.interacting, len(design.motifs), size, design.where
            )
            of_size = sets[rng.choice(len(sets), size=len(rows), p=probability)]
        drawn[rows, :size] = of_size
    swap = rng.random(drawn.shape[:2]) < 0.5
    drawn = np.where(swap[:, :, None], drawn[:, :, ::-1], drawn)
    return _place(rng, design, drawn)


def _place(rng, design, drawn):
    """Starts of pairs (n, pairs, 2), each a block with its gap, and of decoys."""
    n, pairs, _ = drawn.shape
    widths = np.array([len(matrix) for matrix in design.matrices.values()])
    present = drawn[:, :, 0] != ABSENT
    gap = rng.integers(design.min_gap, design.max_gap + 1, size=(n, pairs))
    left, right = (np.where(present, widths[drawn[:, :, side]], 0) for side in (0, 1))
    planted = rng.random((n, len(design.decoys))) < design.rates
    columns = np.arange(len(widths) - len(design.decoys), len(widths))
    decoys = np.where(planted, columns, ABSENT)
    blocks = np.where(present, left + gap + right, 0)
    width = np.hstack([blocks, np.where(planted, widths[columns], 0)])
    starts = spread(rng, design.length, width)
    first = starts[:, :pairs]
    second = np.where(present, first + left + gap, ABSENT)
    # (n, pairs, 2) -> (n, 2 pairs): the motifs of a pair are neighbours
    of_pairs = np.stack([first, second], axis=2).reshape(n, -1)
    return (
        np.hstack([of_pairs, starts[:, pairs:]]),
        np.hstack([drawn.reshape(n, -1), decoys]),
    )


def negative_sets(interacting, motifs, number, where="datasets"):
    """Sets of pairs without any two interacting motifs, and how likely each is.

    A positive of k pairs holds a motif as often as k draws of an interacting pair give:
    a binomial number. The probabilities are those nearest (in relative entropy) to k
    draws of a pair without an interaction for which every motif has the same
    distribution.

    Parameters
    ----------
    interacting : numpy.ndarray, shape (pairs, 2), int
        Columns of motifs.
    motifs : int
        Number of motifs.
    number : int
        Pairs in a set, k.
    where : str
        Of the dataset in the configuration, for the message.

    Returns
    -------
    sets : numpy.ndarray, shape (sets, number, 2), int64
    probability : numpy.ndarray, shape (sets,), float64

    Raises
    ------
    InputError
        If no probabilities make every motif as frequent as in positives.
    """
    sets, prior = _independent_sets(interacting, motifs, number)
    counts = (sets[:, :, :, None] == np.arange(motifs)).sum(axis=(1, 2))
    # Whether a motif is there at least 1..k times: (sets, number * motifs).
    features = np.hstack([counts > least for least in range(number)]).astype(float)
    fraction = np.bincount(interacting.ravel(), minlength=motifs) / len(interacting)
    wanted = np.hstack([_at_least(number, fraction, 1 + k) for k in range(number)])
    probability = _nearest(prior, features, wanted) if len(sets) else prior
    missed = np.abs(probability @ features - wanted)
    if missed.max() > TOLERANCE:
        raise InputError(
            f"{where}.interacting_pairs",
            f"no choice of {number} pairs without an interaction has every motif as "
            f"often as {number} interacting pairs do",
            "negatives in which no motif alone predicts the class",
            "remove pairs of the motifs with the most pairs, add motifs, or lower "
            "pairs_per_sequence",
        )
    return sets, probability


def _independent_sets(interacting, motifs, number):
    """All multisets of pairs in which no two motifs interact, and their frequency."""
    partners = np.zeros((motifs, motifs), dtype=bool)
    partners[tuple(interacting.T)] = partners[tuple(interacting.T[::-1])] = True
    pairs = np.array(
        [pair for pair in combinations(range(motifs), 2) if not partners[pair]],
        dtype=np.int64,
    ).reshape(-1, 2)
    held = (pairs[:, :, None] == np.arange(motifs)).any(axis=1)  # (pairs, motifs)
    allowed = (held.astype(int) @ partners @ held.T) == 0  # (pairs, pairs)
    rows = np.arange(len(pairs))[:, None]
    repeats, weight = np.ones(len(rows)), np.ones(len(rows))
    for _ in range(number - 1):
        # Each multiset once: its pairs in increasing order.
        follows = np.arange(len(pairs)) >= rows[:, -1:]
        for column in rows.T:
            follows = follows & allowed[column]
        before, added = np.nonzero(follows)
        repeats = np.where(rows[before, -1] == added, repeats[before] + 1, 1)
        weight = weight[before] * repeats
        rows = np.column_stack([rows[before], added])
    # How many orders of the draws give the multiset.
    prior = math.factorial(number) / weight
    return pairs[rows], prior / prior.sum()


def _at_least(n, p, least):
    """Probability of `least` or more of n successes."""
    return sum(math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(least, n + 1))


def _nearest(prior, features, wanted):
    """Probabilities with the wanted means of features, by Newton's method on the dual.

    The solution nearest to `prior` is ``prior * exp(features @ multipliers)``.
    """

    def at(multipliers):
        exponent = np.log(prior) + features @ multipliers
        highest = exponent.max()
        tilted = np.exp(exponent - highest)
        value = np.log(tilted.sum()) + highest - multipliers @ wanted
        return value, tilted / tilted.sum()

    multipliers = np.zeros(features.shape[1])
    value, probability = at(multipliers)
    for _ in range(MAX_STEPS):
        mean = probability @ features
        if np.abs(mean - wanted).max() <= TOLERANCE:
            break
        centred = features - mean
        curvature = centred.T @ (probability[:, None] * centred)
        step = np.linalg.lstsq(curvature, mean - wanted, rcond=1e-13)[0]
        for _ in range(MAX_STEPS):
            nearer, proposed = at(multipliers - step)
            if nearer <= value:
                break
            step = step / 2
        multipliers, value, probability = multipliers - step, nearer, proposed
    return probability
