"""Adjusted p-values, against the textbook's arithmetic."""

import numpy as np

from proofread.statistics.multiple_testing import benjamini_hochberg, holm


def test_benjamini_hochberg():
    q = benjamini_hochberg([0.01, 0.04, 0.03, 0.005])
    np.testing.assert_allclose(q, [0.02, 0.04, 0.04, 0.02])


def test_a_gap_is_no_test():
    q = benjamini_hochberg([[0.01, np.nan], [0.04, 0.03]])
    np.testing.assert_allclose(q, [[0.03, np.nan], [0.04, 0.04]])
    np.testing.assert_allclose(holm([np.nan, 0.5]), [np.nan, 0.5])


def test_holm():
    # Sorted .005 .01 .03 .04 times 4 3 2 1: .02 .03 .06 .04, never falling.
    np.testing.assert_allclose(
        holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02]
    )


def test_none_is_above_one():
    np.testing.assert_allclose(holm([0.9, 0.6]), [1, 1])
    np.testing.assert_allclose(benjamini_hochberg([0.9, 0.6]), [0.9, 0.9])


def test_no_tests():
    assert benjamini_hochberg([]).shape == holm([]).shape == (0,)
