"""Measures of published tables: by hand, and as scikit-learn draws the curve."""

import numpy as np
import pytest
from sklearn.metrics import auc, precision_recall_curve

from proofread.statistics.rankings import Ranking
from proofread.truth.position_scores import norm_answers
from proofread.truth.published_scores import (
    AUPRC_01,
    AUROC_01,
    SIGNAL_TO_NOISE,
    published_scores,
    signal_to_noise,
)


def flags(*numbers):
    return np.array([numbers], dtype=bool)


def scored(answers, planted, outside):
    scores = published_scores(answers, planted, outside, resamples=20, seed=1)
    return {(score.variant, score.metric): score for score in scores}


def test_measures_by_hand():
    # The fourth base is in a weak column of a motif and is not scored, although it has
    # the highest number. Of the 2 x 2 pairs 6 > 4, 6 > 2 and 3 > 2 are in order. Points
    # of the curve (recall, precision): (0, 1), (1/2, 1), (1/2, 1/2), (1, 2/3).
    planted, outside = flags(1, 0, 1, 0, 0), flags(0, 1, 0, 0, 1)
    answer = np.array([[6.0, 4, 3, 9, 2]])
    of = scored({"signed_raw": answer, "absolute_raw": answer}, planted, outside)
    assert {variant for variant, _ in of} == {"signed_raw"}
    assert of["signed_raw", AUROC_01].value == 0.75
    lines = 1 / 2 * 1 + 1 / 2 * (1 / 2 + 2 / 3) / 2
    assert of["signed_raw", AUPRC_01].value == pytest.approx(lines)
    assert of["signed_raw", AUPRC_01].chance == 0.5  # 2 of the 4 scored bases
    assert of["signed_raw", SIGNAL_TO_NOISE].value == pytest.approx(4.5 / 3)


def test_noise_is_the_mean_of_the_twenty_highest():
    answer = np.array([[50.0, *range(30)]])  # 10 to 29 are the highest, 19.5 on average
    planted = flags(1, *[0] * 30)
    assert signal_to_noise(answer, planted, ~planted) == pytest.approx([50 / 19.5])


def test_noise_of_few_numbers_above_zero_is_their_mean():
    answer = np.array([[8.0, 3, 1, 0, -5], [8.0, 0, 0, -1, -5]])
    planted = np.repeat(flags(1, 0, 0, 0, 0), 2, axis=0)
    ratio = signal_to_noise(answer, planted, ~planted)
    assert ratio[0] == 4
    assert np.isnan(ratio[1])
    score = scored({"l2": answer}, planted, ~planted)["l2", SIGNAL_TO_NOISE]
    assert (score.value, score.n) == (4, 1)


def test_an_answer_that_is_not_a_number_has_no_score():
    answer = np.array([[1.0, np.nan, 0]])
    of = scored({"l2": answer}, flags(1, 0, 0), flags(0, 1, 1))
    assert all(np.isnan(score.value) for score in of.values())


def test_sequences_without_a_motif_or_without_anything_else_are_left_out():
    planted = np.array([[1, 0], [0, 0], [1, 1]], dtype=bool)
    of = scored({"l2": np.ones((3, 2))}, planted, ~planted)
    assert of["l2", AUROC_01].n == 1
    assert scored({"l2": np.ones((3, 2))}, planted[1:], ~planted[1:]) == {}


@pytest.mark.parametrize("distinct", [3, 40, 10**9])
def test_the_area_under_lines_is_scikit_learn_s(distinct):
    rng = np.random.default_rng(distinct)
    score = rng.integers(distinct, size=(50, 40)).astype(float)
    known = rng.random((50, 40)) < 0.8
    positive = rng.random((50, 40)) < 0.3
    expected = []
    for row in range(50):
        precision, recall, _ = precision_recall_curve(
            positive[row, known[row]], score[row, known[row]]
        )
        expected.append(auc(recall, precision))
    area = Ranking(score, known).auprc(positive, lines=True)
    np.testing.assert_allclose(area, expected)


def test_the_norm_is_over_the_substitutions():
    change = np.array([[[0.0, 2], [3, 0], [4, 1], [0, 2]]])
    answers = norm_answers(change)
    assert answers["l2"].tolist() == [[5, 3]]
    assert answers["l2_window9"].tolist() == [[4, 4]]
