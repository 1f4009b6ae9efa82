"""Probabilities and losses of logits, at their ends too."""

import numpy as np
import pytest

from proofread.statistics.logits import cross_entropy, probability


def test_probabilities_do_not_overflow():
    assert probability([-1000.0, 0.0, 1000.0]).tolist() == [0.0, 0.5, 1.0]


def test_small_probabilities_keep_their_digits():
    # exp(-40) / (1 + exp(-40)), of which the denominator is 1 to 17 digits.
    assert probability(-40.0) == pytest.approx(np.exp(-40.0), rel=1e-14)
    assert np.isnan(probability(np.nan))


def test_cross_entropy_by_hand():
    # p = 3/4: -log(3/4) of a positive, -log(1/4) of a negative; half of each.
    one, zero = np.log(4 / 3), np.log(4)
    losses = cross_entropy(np.log(3), [1, 0, 0.5])
    assert losses == pytest.approx([one, zero, (one + zero) / 2], rel=1e-14)


def test_small_losses_keep_their_digits():
    # -log(1 - p) is p (1 + p / 2 + ...) for p = exp(-40).
    assert cross_entropy([40, -40], [1, 0]) == pytest.approx(np.exp(-40), rel=1e-14)
