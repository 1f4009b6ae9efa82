"""Metrics against values worked out by hand and against scikit-learn."""

import numpy as np
import pandas as pd
import pytest
import sklearn.metrics as peer

from proofread.statistics import bootstrap, metrics
from proofread.statistics.evaluation import evaluate

LABEL = np.array([1, 0, 1, 0])
SCORE = np.array([0.9, 0.8, 0.7, 0.1])


def test_auroc_counts_the_pairs_in_order():
    # Pairs (positive, negative): .9>.8, .9>.1, .7<.8, .7>.1: 3 of 4.
    assert metrics.auroc(LABEL, SCORE) == 0.75


def test_auroc_of_ties_is_one_half():
    assert metrics.auroc(LABEL, np.full(4, 0.3)) == 0.5


def test_average_precision_is_the_step_area():
    # Recall 1/2 at precision 1, recall 1 at precision 2/3: (1 + 2/3) / 2.
    assert metrics.auprc(LABEL, SCORE) == pytest.approx(5 / 6)


def test_threshold_metrics_by_hand():
    # Predicted + + + -: 2 true, 1 false, 0 missed, 1 true negative.
    assert metrics.accuracy(LABEL, SCORE) == 0.75
    assert metrics.f1(LABEL, SCORE) == pytest.approx(4 / 5)
    # (2*1 - 1*0) / sqrt(3 * 2 * 1 * 2)
    assert metrics.mcc(LABEL, SCORE) == pytest.approx(2 / np.sqrt(12))


def test_brier_and_calibration_by_hand():
    # (.01 + .64 + .09 + .01) / 4
    assert metrics.brier(LABEL, SCORE) == pytest.approx(0.1875)
    # Each score has a bin of its own: (.1 + .8 + .3 + .1) / 4.
    assert metrics.calibration_error(LABEL, SCORE) == pytest.approx(0.325)


def test_one_class_has_no_ranking_metric():
    ones = np.ones(4)
    assert np.isnan(metrics.auroc(ones, SCORE))
    assert np.isnan(metrics.auprc(1 - ones, SCORE))
    assert np.isnan(metrics.mcc(ones, SCORE))


@pytest.mark.parametrize("digits", [1, 8])  # with many ties, and with none
def test_equal_to_scikit_learn(digits):
    generator = np.random.default_rng(0)
    label = generator.integers(2, size=500)
    score = np.round(generator.random(500) * 0.5 + 0.3 * label, digits)
    assert metrics.auroc(label, score) == pytest.approx(
        peer.roc_auc_score(label, score)
    )
    assert metrics.auprc(label, score) == pytest.approx(
        peer.average_precision_score(label, score)
    )
    predicted = score >= metrics.THRESHOLD
    assert metrics.mcc(label, score) == pytest.approx(
        peer.matthews_corrcoef(label, predicted)
    )
    assert metrics.f1(label, score) == pytest.approx(peer.f1_score(label, predicted))
    assert metrics.brier(label, score) == pytest.approx(
        peer.brier_score_loss(label, score)
    )


def test_scores_that_are_not_numbers_have_no_ranking_metric():
    score = np.full(4, np.nan)
    assert np.isnan(metrics.auroc(LABEL, score))
    assert np.isnan(metrics.auprc(np.array([1, 1, 0, 0]), score))


def test_curves_run_from_corner_to_corner():
    false, true = metrics.roc_curve(LABEL, SCORE)
    assert false.tolist() == [0, 0, 0.5, 0.5, 1]
    assert true.tolist() == [0, 0.5, 0.5, 1, 1]


def test_bootstrap_interval_of_a_mean_is_the_normal_one():
    # 10,000 coins: standard error 0.005, so +-1.96 standard errors is +-0.0098.
    coins = np.tile([0.0, 1.0], 5000)
    low, high = bootstrap.bootstrap(np.mean, (coins,), resamples=2000, seed=1)
    assert low == pytest.approx(0.4902, abs=0.001)
    assert high == pytest.approx(0.5098, abs=0.001)


def test_the_calibration_error_lies_within_its_interval():
    # Calibrated probabilities: noise makes all of the error, resampling makes more.
    rng = np.random.default_rng(1)
    probability = rng.random(400)
    arrays = ((rng.random(400) < probability).astype(int), probability)
    value = metrics.calibration_error(*arrays)
    settings = {"resamples": 400, "seed": 1}
    raised, _ = bootstrap.bootstrap(metrics.calibration_error, arrays, **settings)
    low, high = bootstrap.bootstrap(
        metrics.calibration_error, arrays, **settings, centred=True
    )
    assert low < value < high
    assert low < raised
    predictions = pd.DataFrame({"id": range(400), "target": "t", "true": arrays[0]})
    predictions["probability"] = probability
    predictions["logit"] = np.log(probability) - np.log1p(-probability)
    rows = evaluate({"network": predictions}, set(), **settings).set_index("metric")
    row = rows.loc["calibration_error"]
    assert (row["ci_low"], row["ci_high"]) == (max(low, 0), high)


def test_an_interval_is_shifted_by_a_difference_that_is_known():
    # The maximum of 1, 2, 3 is 3; of a resample it is 1, 2 or 3 with 1, 7 and 19 of 27
    # draws: 2.667. All is shifted by 1/3.
    arrays = (np.array([1.0, 2.0, 3.0]),)
    low, high = bootstrap.bootstrap(
        np.max, arrays, resamples=20_000, seed=1, centred=True
    )
    assert (low, high) == pytest.approx((1 + 1 / 3, 3 + 1 / 3), abs=0.02)


def test_there_are_ten_bins_of_calibration():
    # 0.05 and 0.95 are in bins of their own, 0.1 begins the second, 1 is in the last.
    score = np.array([0.05, 0.099, 0.1, 0.19, 0.95, 1.0])
    label = np.array([0, 0, 0, 1, 1, 1])
    probability, fraction, count = metrics.calibration_curve(label, score)
    assert probability == pytest.approx([0.0745, 0.145, 0.975])
    assert (fraction.tolist(), count.tolist()) == ([0, 0.5, 1], [2, 2, 2])


def test_bootstrap_without_any_value_is_not_a_number():
    low, high = bootstrap.bootstrap(
        metrics.auroc, (np.ones(5), np.arange(5.0)), resamples=10, seed=1
    )
    assert np.isnan(low) and np.isnan(high)


def test_one_score_that_is_not_a_number_leaves_no_ranking_metric():
    score = np.array([0.9, np.nan, 0.7, 0.1])
    assert np.isnan(metrics.auroc(LABEL, score))
    assert np.isnan(metrics.auprc(LABEL, score))


def test_a_probability_of_one_half_is_positive_and_one_below_is_not():
    label = np.array([1, 1, 0])
    score = np.array([0.5, 0.49, 0.45])
    # One true, one missed, one true negative.
    assert metrics.accuracy(label, score) == pytest.approx(2 / 3)
    assert metrics.f1(label, score) == pytest.approx(2 / 3)


def test_without_positives_and_predictions_f1_has_no_value():
    assert np.isnan(metrics.f1(np.zeros(3), np.full(3, 0.2)))


def test_bins_of_the_calibration_error_count_by_their_sequences():
    # Three sequences in the first bin, 0.05 above 0; one in the last, 0.1 below 1.
    score = np.array([0.05, 0.05, 0.05, 0.9])
    error = metrics.calibration_error(np.array([0, 0, 0, 1]), score)
    assert error == pytest.approx((3 * 0.05 + 0.1) / 4)
