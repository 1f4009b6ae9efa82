"""Probabilities and losses of logits, at their ends too."""

import numpy as np
import pytest

from proofread.statistics.logits import probability


def test_probabilities_do_not_overflow():
    assert probability([-1000.0, 0.0, 1000.0]).tolist() == [0.0, 0.5, 1.0]


def test_small_probabilities_keep_their_digits():
    # exp(-40) / (1 + exp(-40)), of which the denominator is 1 to 17 digits.
    assert probability(-40.0) == pytest.approx(np.exp(-40.0), rel=1e-14)
    assert np.isnan(probability(np.nan))
