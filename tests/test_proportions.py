"""Wilson's interval against ends that are known."""

import numpy as np
import pytest

from proofread.statistics.proportions import wilson_interval


def test_wilson_interval():
    # 8 of 10: (0.8 + z^2/20 -+ z sqrt(0.016 + z^2/400)) / (1 + z^2/10), z = 1.959964
    assert wilson_interval(0.8, 10) == pytest.approx((0.490162, 0.943318), abs=1e-6)


def test_none_and_all_are_ends_of_their_intervals():
    # Of 0 of n the upper end is z^2 / (n + z^2): 3.8415 / 13.8415.
    low, high = wilson_interval(0.0, 10)
    assert low == 0
    assert high == pytest.approx(3.8415 / 13.8415, abs=1e-4)
    assert wilson_interval(1.0, 10) == pytest.approx((1 - high, 1))


def test_nothing_has_no_interval():
    assert np.isnan(wilson_interval(0.5, 0)).all()
    assert np.isnan(wilson_interval(np.nan, 3)).all()
