"""Which substitutions the search tries, and in which order."""

import numpy as np

from proofread.dna.encoding import UNKNOWN, one_hot
from proofread.methods.greedy_substitution.guides import mean_gradient
from proofread.models.device import MEGABYTES

# Fraction of the largest gain: gains that differ by less are ties, as the difference is
# only rounding.
_ROUNDING = 1e-5


def best_moves(guide, candidates):
    """The substitutions with the highest expected gain.

    Parameters
    ----------
    guide : callable
        From `exact_gains` or `gradient_gains`.
    candidates : int
        Of each sequence.

    Returns
    -------
    callable
        (index, rows, allowed, logit, sign) -> row, position, base, predicted: arrays of
        one length, by row and then from the best on. Of equal gains the first position
        and the first base of the alphabet come first.
    """

    def moves(index, rows, allowed, logit, sign):
        gains = guide(index, rows, allowed, logit)
        expected = np.where(allowed, sign[:, None, None] * gains, -np.inf)
        # A tie must be a tie in any batch, although sums are rounded differently.
        size = np.abs(np.where(allowed, gains, 0)).max(axis=(1, 2))
        unit = _ROUNDING * np.maximum(size, _ROUNDING)
        expected = np.round(expected / unit[:, None, None])
        # (m, 4, length) -> (m, length * 4): ties by position, then by base
        flat = expected.transpose(0, 2, 1).reshape(len(index), -1)
        order = np.argsort(-flat, axis=1, kind="stable")[:, :candidates]
        row, rank = np.nonzero(np.take_along_axis(flat, order, axis=1) > -np.inf)
        position, base = np.divmod(order[row, rank], 4)
        return row, position, base.astype(np.uint8), gains[row, base, position]

    return moves


def first_base_moves(network, column, baselines, *, steps, megabytes=MEGABYTES):
    """The published rule of deepG, which does not distinguish absent bases.

    Integrated Gradients of the probability. To raise it, the position with the smallest
    value gets the base with the largest; to lower it, the other way round. Of equal
    values the first is taken, by position and then in the order A, C, G, T. Absent
    bases have 0, so that base is A unless A is present. It may be the present base:
    then nothing changes in any later step.

    Parameters
    ----------
    network, column, steps, megabytes
        As for `gradient_gains`.
    baselines : proofread.methods.attributions.baselines.Baselines
        Zeros, in the original.

    Returns
    -------
    callable
        As that of `best_moves`, one move for each sequence with a known base;
        `predicted` is the difference of the two attributions, in probability.
    """
    gradient = mean_gradient(network, column, baselines, steps, megabytes)

    def moves(index, rows, _, __, sign):
        # From zeros the attribution is the gradient at the present base: (m, 4, length)
        attribution = one_hot(index) * gradient(index, rows, "probability")
        ordered = (sign[:, None, None] * attribution).transpose(0, 2, 1)
        known = index != UNKNOWN
        cells = np.where(known[:, :, None], ordered, np.inf).reshape(len(index), -1)
        row = np.flatnonzero(known.any(axis=1))
        position = cells.argmin(axis=1)[row] // 4
        base = ordered[row, position].argmax(axis=1).astype(np.uint8)
        present = index[row, position]
        return (
            row,
            position,
            base,
            attribution[row, base, position] - attribution[row, present, position],
        )

    return moves
