"""Bootstrap intervals whose ends are known."""

import numpy as np
import pytest

from proofread.statistics.bootstrap import (
    Resampling,
    known_means,
    mean_and_interval,
    percentile_interval,
    resampled_means,
    resampled_sums,
)


def test_the_interval_of_values_that_are_known():
    # 2.5 and 97.5 % of the way from 0 to 1000; a resample without a value is left out.
    values = np.append(np.arange(1001.0), np.nan)
    assert percentile_interval(values) == (25.0, 975.0)
    both = np.stack([values, -values], axis=1)
    low, high = percentile_interval(both)
    assert low.tolist() == [25.0, -975.0]
    assert high.tolist() == [975.0, -25.0]


def test_no_resample_has_no_interval():
    assert np.isnan(percentile_interval([])).all()
    assert np.isnan(percentile_interval(np.full((3, 2), np.nan))).all()


def test_a_resample_has_as_many_rows_as_there_are():
    sums = resampled_sums(np.ones((7, 1)), 450, np.random.default_rng(1))
    assert sums.tolist() == [[7.0]] * 450


def test_resamples_at_a_time_change_nothing():
    """The same draws whatever is held at once, also across calls."""
    values = np.arange(5.0)[:, None]
    one, two = np.random.default_rng(3), np.random.default_rng(3)
    parts = [resampled_sums(values, 300, one) for _ in range(2)]
    assert np.array_equal(np.concatenate(parts), resampled_sums(values, 600, two))


def test_means_leave_unknown_values_out():
    values = np.array([[1.0, 4.0, np.nan], [3.0, np.nan, np.nan]])
    n, mean = known_means(values)
    assert n.tolist() == [2, 1, 0]
    assert mean[:2].tolist() == [2.0, 4.0]
    assert np.isnan(mean[2])
    means = resampled_means(values, 100, 1)
    assert set(means[:, 0]) == {1.0, 2.0, 3.0}
    assert set(means[~np.isnan(means[:, 1]), 1]) == {4.0}
    assert np.isnan(means[:, 2]).all()


def test_the_interval_of_a_mean_has_its_standard_error():
    # 400 values of 0 and 1: standard error 0.025, so 1.96 of it on either side.
    values = np.tile([0.0, 1.0], 200)[:, None]
    for low, high in (
        mean_and_interval(values, 4000, 1)[2:],
        Resampling(400, 4000, 1).interval(values),
    ):
        assert low == pytest.approx([0.451], abs=0.005)
        assert high == pytest.approx([0.549], abs=0.005)


def test_a_resample_without_a_value_in_any_column_is_left_out():
    # Row 1001 lacks one number only: both columns end at 1000.
    values = np.stack([np.arange(1002.0), np.arange(1002.0)], axis=1)
    values[1001, 0] = np.nan
    low, high = percentile_interval(values)
    assert low.tolist() == [25.0, 25.0]
    assert high.tolist() == [975.0, 975.0]


def test_a_column_without_values_has_no_interval_and_takes_none_from_the_others():
    values = np.full((6, 3), np.nan)
    values[:, 0] = 0.1
    # In a third of the resamples, (5/6)^6, the one value of column 1 is missing.
    values[2, 1] = 0.7
    n, mean, low, high = mean_and_interval(values, 200, 1)
    assert n.tolist() == [6, 1, 0]
    # A mean of equal numbers is that number, to the last bit.
    assert low[:2].tolist() == high[:2].tolist() == [0.1, 0.7]
    assert mean[:2] == pytest.approx([0.1, 0.7], rel=1e-15)
    assert np.isnan([mean[2], low[2], high[2]]).all()
