"""Paired differences: p-values and sizes that can be worked out by hand."""

from itertools import product

import numpy as np
import pytest

from proofread.statistics import paired_tests
from proofread.statistics.paired_tests import (
    min_wilcoxon,
    rank_biserial,
    sign_flip,
    wilcoxon,
)

MIXED = np.array([-0.5, -0.25, -0.125, 0.0625, -1, -2, -3, -4])


def test_one_small_value_against_the_others():
    # The one positive value has rank 1 of 8; of the 2^8 signs 2 give a rank sum of 0
    # and 2 of 1: p = 4 / 256. Rank sums 1 and 35 of 36.
    assert wilcoxon(MIXED) == pytest.approx(0.015625)
    assert rank_biserial(MIXED) == pytest.approx((1 - 35) / 36)
    assert MIXED.sum() == pytest.approx(-10.8125)
    assert MIXED.mean() == pytest.approx(-1.351563, abs=1e-6)


def test_five_values_of_one_sign_reach_no_smaller_p():
    values = -np.arange(1.0, 6.0)
    assert wilcoxon(values) == pytest.approx(0.0625) == min_wilcoxon(5)
    assert rank_biserial(values) == -1


@pytest.mark.parametrize("zeros", ["pratt", "wilcox"])
def test_zeros_say_nothing(zeros):
    # Six values of one sign: 2 / 2^6.
    values = np.array([0, 0, -1.0, -2, -3, -4, -5, -6])
    assert wilcoxon(values, zeros=zeros) == pytest.approx(0.03125)
    assert rank_biserial(values) == -1


def test_all_zero_is_no_difference():
    zeros = np.zeros(8)
    assert wilcoxon(zeros) == 1
    assert sign_flip(zeros, permutations=100, seed=1) == 1
    assert rank_biserial(zeros) == 0


def test_nothing_has_no_p():
    nothing = np.array([])
    assert np.isnan(wilcoxon(nothing))
    assert np.isnan(sign_flip(nothing, permutations=100, seed=1))
    assert np.isnan(rank_biserial(nothing))


def test_few_values_are_flipped_in_all_ways():
    values = np.array([1.0, 2.0, 4.0, -0.5])
    sums = [abs(np.dot(signs, values)) for signs in product((1, -1), repeat=4)]
    expected = np.mean([item >= 6.5 for item in sums])
    assert sign_flip(values, permutations=16, seed=1) == expected == 4 / 16


def test_random_flips_agree_with_all_of_them():
    values = np.random.default_rng(3).normal(0.5, 1, size=14)
    every = sign_flip(values, permutations=2**14, seed=1)
    drawn = sign_flip(values, permutations=2**14 - 1, seed=1)
    # Standard error of a share of 16,383 draws: below 0.004.
    assert drawn == pytest.approx(every, abs=0.016)
    assert drawn == sign_flip(values, permutations=2**14 - 1, seed=1)


def test_the_values_themselves_are_one_of_the_flips():
    """Phipson and Smyth's +1: no p is 0."""
    assert sign_flip(np.ones(60), permutations=999, seed=1) == 1 / 1000


def test_ties_count_whatever_the_order_of_the_sum():
    # 0.1 + 0.2 is not 0.3 in binary: flipping both must still be a tie.
    assert sign_flip(np.array([0.1, 0.2, 0.3]), permutations=8, seed=1) == 2 / 8
    assert sign_flip(np.array([0.1, 0.2, -0.3]), permutations=8, seed=1) == 1


def test_sets_of_differences_have_a_p_each():
    same = np.ones(40)
    values = np.stack([same, np.zeros(40), np.repeat([1.0, -1.0], 20)], axis=1)
    assert sign_flip(values, permutations=999, seed=1).tolist() == [1 / 1000, 1, 1]
    one = np.random.default_rng(2).normal(size=(5, 3))
    together = sign_flip(one, permutations=32, seed=1)  # all flips, so each is exact
    assert together.tolist() == [
        sign_flip(item, permutations=32, seed=1) for item in one.T
    ]
    assert np.isnan(sign_flip(np.empty((0, 2)), permutations=9, seed=1)).tolist() == [
        1,
        1,
    ]
    assert len(sign_flip(np.empty((40, 0)), permutations=9, seed=1)) == 0


@pytest.mark.parametrize("held", [10, 40 * 7])  # one flip at a time, and seven
def test_flips_are_as_many_as_asked_whatever_is_held_at_once(monkeypatch, held):
    monkeypatch.setattr(paired_tests, "_BATCH", held)
    # Every flip of zeros reaches their sum, and no flip of ones does: p is
    # (1 + flips) / (1 + permutations) and 1 / (1 + permutations).
    assert sign_flip(np.zeros(40), permutations=99, seed=1) == 1
    assert sign_flip(np.ones(40), permutations=99, seed=1) == 1 / 100
    both = np.stack([np.ones(40), np.zeros(40)], axis=1)
    assert sign_flip(both, permutations=99, seed=1).tolist() == [1 / 100, 1]
