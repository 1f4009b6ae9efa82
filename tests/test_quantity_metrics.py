"""Metrics of quantities: by hand, against SciPy and scikit-learn, with intervals."""

import numpy as np
import pandas as pd
import pytest
import sklearn.metrics
from scipy import stats

from proofread.statistics.correlation import mean_ranks, pearson, spearman
from proofread.statistics.quantities import (
    METRICS,
    evaluate_quantities,
    gc_groups,
    r2,
    residuals,
    rmse,
)

MEASURED = np.array([1.0, 2.0, 3.0, 6.0])
PREDICTED = np.array([2.0, 2.0, 4.0, 4.0])


def test_the_metrics_by_hand():
    # Mean 3; deviations -2, -1, 0, 3, squares 14. Differences -1, 0, -1, 2, squares 6.
    assert r2(MEASURED, PREDICTED) == pytest.approx(1 - 6 / 14)
    assert rmse(MEASURED, PREDICTED) == pytest.approx(np.sqrt(6 / 4))
    # Predicted: mean 3, deviations -1, -1, 1, 1: products 2 + 1 + 0 + 3 = 6.
    assert pearson(MEASURED, PREDICTED) == pytest.approx(6 / np.sqrt(14 * 4))
    # Ranks 1, 2, 3, 4 and 1.5, 1.5, 3.5, 3.5: deviations -1.5, -.5, .5, 1.5 (squares 5)
    # and -1, -1, 1, 1 (squares 4): products 1.5 + .5 + .5 + 1.5 = 4.
    assert spearman(MEASURED, PREDICTED) == pytest.approx(4 / np.sqrt(5 * 4))
    assert mean_ranks(PREDICTED).tolist() == [1.5, 1.5, 3.5, 3.5]


def test_r2_is_no_squared_correlation():
    # Twice the value is perfectly correlated. Differences 1, 2, 3, 6: squares 50.
    assert pearson(MEASURED, 2 * MEASURED) == pytest.approx(1)
    assert r2(MEASURED, 2 * MEASURED) == pytest.approx(1 - 50 / 14)
    assert r2(MEASURED, np.full(4, 3.0)) == 0  # the mean itself


@pytest.mark.parametrize("digits", [1, 9])  # with many ties, and with none
def test_equal_to_scipy_and_scikit_learn(digits):
    rng = np.random.default_rng(0)
    measured = np.round(rng.gamma(2.0, size=400), digits)
    predicted = np.round(measured * 0.7 + rng.normal(size=400), digits)
    assert pearson(measured, predicted) == pytest.approx(
        stats.pearsonr(measured, predicted).statistic, abs=1e-12
    )
    assert spearman(measured, predicted) == pytest.approx(
        stats.spearmanr(measured, predicted).statistic, abs=1e-12
    )
    assert r2(measured, predicted) == pytest.approx(
        sklearn.metrics.r2_score(measured, predicted), abs=1e-12
    )
    assert rmse(measured, predicted) == pytest.approx(
        sklearn.metrics.root_mean_squared_error(measured, predicted), abs=1e-12
    )


def test_what_is_not_defined_is_not_a_number():
    constant = np.full(4, 2.0)
    assert np.isnan(pearson(MEASURED, constant))
    assert np.isnan(spearman(constant, PREDICTED))
    assert np.isnan(r2(constant, PREDICTED))
    assert np.isnan(pearson(MEASURED[:1], PREDICTED[:1]))
    assert np.isnan(pearson(MEASURED, np.array([1, 2, np.nan, 3])))
    assert np.isnan(pearson(MEASURED, np.array([1, 2, np.inf, 3])))
    assert all(
        np.isnan(metric(np.empty(0), np.empty(0))) for metric in METRICS.values()
    )


def test_large_numbers_do_not_overflow_a_correlation():
    assert pearson(MEASURED * 1e200, PREDICTED * 1e200) == pytest.approx(
        6 / np.sqrt(14 * 4)
    )


def table(measured, output, target="t"):
    return pd.DataFrame(
        {
            "id": [f"s{row}" for row in range(len(measured))],
            "target": target,
            "true": measured,
            "output": output,
        }
    )


def test_the_network_stands_beside_baselines_and_ceiling():
    predictions = {
        "network": table(MEASURED, PREDICTED),
        "gc": table(MEASURED, [3.0] * 4),
        "noise_ceiling": table(MEASURED, MEASURED),
    }
    rows = evaluate_quantities(predictions, resamples=50, seed=1)
    value = rows.set_index(["predictor", "metric"])["value"]
    assert value["network", "r2"] == pytest.approx(1 - 6 / 14)
    assert value["gc", "r2"] == 0
    assert value["gc", "r2_gain"] == pytest.approx(1 - 6 / 14)
    assert value["noise_ceiling", "r2"] == 1
    assert ("network", "r2_gain") not in value.index
    assert ("noise_ceiling", "r2_gain") not in value.index
    assert set(rows["n"]) == {4}


def test_a_gain_is_paired_over_the_same_resamples():
    # Both predictors err alike: in each resample the gain is the same 0.
    rng = np.random.default_rng(1)
    measured = rng.normal(size=200)
    error = rng.normal(size=200)
    predictions = {
        "network": table(measured, measured + error),
        "kmer6": table(measured, measured - error),
    }
    rows = evaluate_quantities(predictions, resamples=100, seed=1)
    rows = rows.set_index(["predictor", "metric"])
    gain, of_r2 = rows.loc[("kmer6", "r2_gain")], rows.loc[("kmer6", "r2")]
    ends = [gain["ci_low"], gain["value"], gain["ci_high"]]
    assert ends == pytest.approx([0, 0, 0], abs=1e-12)
    assert of_r2["ci_high"] - of_r2["ci_low"] > 0.1  # each by itself is uncertain


def test_the_interval_of_a_correlation_is_fisher_s():
    # Of normal values, atanh r has the standard deviation 1 / sqrt(n - 3).
    rng = np.random.default_rng(2)
    first = rng.normal(size=1000)
    second = 0.6 * first + 0.8 * rng.normal(size=1000)
    predictions = {"network": table(first, second)}
    rows = evaluate_quantities(predictions, resamples=1000, seed=1)
    row = rows.set_index("metric").loc["pearson"]
    half = 1.96 / np.sqrt(997)
    expected = np.tanh(np.arctanh(row["value"]) + np.array([-half, half]))
    assert [row["ci_low"], row["ci_high"]] == pytest.approx(expected, abs=0.01)


def test_each_target_is_measured_by_itself():
    rows = pd.concat(
        [table(MEASURED, MEASURED, "a"), table(MEASURED[:3], PREDICTED[:3], "b")]
    )
    metrics = evaluate_quantities({"network": rows}, resamples=10, seed=1)
    value = metrics.set_index(["target", "metric"])
    assert value.loc[("a", "r2"), "value"] == 1
    # 1, 2, 3 about 2: squares 2; differences -1, 0, -1: squares 2.
    assert value.loc[("b", "r2"), "value"] == pytest.approx(0)
    assert value.loc[("b", "r2"), "n"] == 3


def test_residuals_are_measured_less_predicted_beside_the_gc_content():
    gc = {"s0": 0.5, "s1": 0.25, "s2": 1.0, "s3": 0.0}
    rows = residuals(table(MEASURED, PREDICTED), gc)
    assert rows["residual"].tolist() == [-1, 0, -1, 2]
    assert rows["gc"].tolist() == [0.5, 0.25, 1.0, 0.0]


def test_groups_by_gc_content_have_equal_numbers():
    groups = gc_groups(np.linspace(1, 0, 40))
    assert [group.tolist() for group in groups[:2]] == [
        [39, 38, 37, 36],
        [35, 34, 33, 32],
    ]
    assert len(groups) == 10
    # Of three sequences each is a group, of none there is none.
    assert [rows.tolist() for rows in gc_groups(np.array([0.5, 0.2, 0.2]))] == [
        [1],
        [2],
        [0],
    ]
    assert gc_groups(np.empty(0)) == []
