"""Transforms of quantities: known answers, missing values, and the way back."""

import numpy as np
import pytest

from proofread.errors import InputError
from proofread.statistics.transforms import KINDS, MAX_KNOTS, fit_transform


def column(*values):
    return np.array(values, dtype=float)[:, None]


def test_none_leaves_the_values_as_they_are():
    transform = fit_transform("none", column(3, 5), ["t"])
    assert transform.apply(column(-7, 3)).tolist() == [[-7], [3]]
    assert transform.undo(column(-7, 3)).tolist() == [[-7], [3]]


def test_log1p_is_the_logarithm_of_one_more():
    # ln(1 + 0) = 0 and ln(1 + (e - 1)) = 1.
    transform = fit_transform("log1p", column(0, 3), ["t"])
    assert transform.apply(column(0, np.e - 1))[:, 0] == pytest.approx([0, 1])
    assert transform.undo(column(0, 1))[:, 0] == pytest.approx([0, np.e - 1])


def test_standardize_takes_mean_and_deviation_of_the_training_values():
    # 1, 3, 8: mean 4, squares 9 + 1 + 16 = 26, so sd = sqrt(26 / 3).
    sd = np.sqrt(26 / 3)
    transform = fit_transform("standardize", column(1, 3, 8), ["t"])
    assert transform.apply(column(4, 8, 10))[:, 0] == pytest.approx([0, 4 / sd, 6 / sd])
    assert transform.undo(column(0, 1, -1))[:, 0] == pytest.approx([4, 4 + sd, 4 - sd])


def test_rank_normal_gives_the_normal_quantiles_of_blom():
    # Three values: (1 - 3/8) / 3.25 = 0.1923 and 0.8077, quantiles -0.8694 and 0.8694
    # (table of the normal distribution); the middle one is (2 - 3/8) / 3.25 = 1/2.
    transform = fit_transform("rank_normal", column(10, 1000, 20), ["t"])
    expected = [-0.8694, 0, 0.8694]
    assert transform.apply(column(10, 20, 1000))[:, 0] == pytest.approx(
        expected, abs=1e-4
    )
    # Half-way between two values is half-way between their quantiles; beyond: the end.
    between = transform.apply(column(15, 5, 2000))[:, 0]
    assert between == pytest.approx([-0.8694 / 2, -0.8694, 0.8694], abs=1e-4)
    back = transform.undo(column(-0.8694 / 2, -5, 5))[:, 0]
    assert back == pytest.approx([15, 10, 1000], abs=1e-3)


def test_ties_share_their_mean_rank():
    # 1, 1, 2: ranks 1.5, 1.5, 3. (1.5 - 3/8) / 3.25 = 0.34615, quantile -0.3957.
    transform = fit_transform("rank_normal", column(1, 2, 1), ["t"])
    assert transform.apply(column(1))[0, 0] == pytest.approx(-0.3957, abs=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_undo_is_the_inverse_of_apply_on_the_training_values(kind):
    values = np.random.default_rng(1).gamma(2.0, 3.0, size=(500, 2))
    transform = fit_transform(kind, values, ["a", "b"])
    np.testing.assert_allclose(transform.undo(transform.apply(values)), values)


@pytest.mark.parametrize("kind", KINDS)
def test_each_target_is_fitted_by_itself_without_its_missing_values(kind):
    values = np.random.default_rng(2).gamma(2.0, 3.0, size=(60, 2))
    values[:, 1] *= 100
    values[::3, 0] = np.nan
    together = fit_transform(kind, values, ["a", "b"])
    known = values[~np.isnan(values[:, 0]), :1]
    (alone,) = fit_transform(kind, known, ["a"]).numbers
    assert together.numbers[0] == alone
    assert np.isnan(together.apply(values)[::3, 0]).all()
    assert not np.isnan(together.apply(values)[:, 1]).any()


def test_many_values_are_kept_as_knots_with_both_ends():
    values = np.random.default_rng(3).normal(size=(MAX_KNOTS + 5_000, 1))
    (numbers,) = fit_transform("rank_normal", values, ["t"]).numbers
    assert len(numbers["values"]) == MAX_KNOTS
    assert numbers["values"][0] == values.min()
    assert numbers["values"][-1] == values.max()
    # Normal values are their own quantiles, but for sampling.
    half = np.interp(0, numbers["values"], numbers["quantiles"])
    assert half == pytest.approx(0, abs=0.05)


@pytest.mark.parametrize("kind", KINDS)
def test_a_constant_target_is_refused_by_name(kind):
    values = np.array([[1.0, 5], [2, np.nan], [3, 5]])
    with pytest.raises(InputError, match=r"only the value 5 of the target 'second'"):
        fit_transform(kind, values, ["first", "second"])


def test_a_target_without_values_is_refused():
    with pytest.raises(InputError, match="no value of the target 't'"):
        fit_transform("standardize", column(np.nan, np.nan), ["t"])


def test_log1p_refuses_values_without_a_logarithm():
    with pytest.raises(InputError, match=r"log1p, and the target 't' has the value -2"):
        fit_transform("log1p", column(0, -2), ["t"])
