"""Rankings of many rows at once: known areas, and scikit-learn row by row."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from proofread.statistics.rankings import Ranking

EVERY = np.ones((1, 4), dtype=bool)


def flags(*numbers):
    return np.array([numbers], dtype=bool)


def test_areas_by_hand():
    # From the highest: positive, other, positive, other. Pairs in order: 2 and 1 of 2,
    # so 3 of 4. Precision where recall rises: 1 of 1 and 2 of 3, half of the recall
    # each.
    ranking = Ranking(np.array([[4.0, 3, 2, 1]]), EVERY)
    positive = flags(1, 0, 1, 0)
    assert ranking.auroc(positive).tolist() == [0.75]
    assert ranking.auprc(positive) == pytest.approx([(1 + 2 / 3) / 2])


def test_ties_are_taken_together():
    # All tie: every threshold takes all, at the precision of the fraction of positives.
    ranking = Ranking(np.zeros((1, 4)), EVERY)
    assert ranking.auroc(flags(0, 0, 1, 0)).tolist() == [0.5]
    assert ranking.auprc(flags(0, 0, 1, 0)).tolist() == [0.25]


def test_the_top_takes_its_fraction_of_those_that_tie():
    # The highest is no decoy; of the three that tie at rank 2, two are: the second of
    # the two places at the top goes to one with probability 2/3.
    ranking = Ranking(np.array([[9.0, 1, 1, 1]]), EVERY)
    decoys = flags(0, 1, 0, 1)
    assert ranking.fraction_at_top(decoys, np.array([1])).tolist() == [0]
    assert ranking.fraction_at_top(decoys, np.array([2])) == pytest.approx([1 / 3])
    assert ranking.fraction_at_top(decoys, np.array([4])).tolist() == [0.5]


def test_an_unknown_entry_takes_no_part():
    # Without the first, which would be on top, the order is perfect.
    ranking = Ranking(np.array([[9.0, 3, 2, 1]]), flags(0, 1, 1, 1))
    positive = flags(0, 1, 0, 0)
    assert ranking.auroc(positive).tolist() == [1]
    assert ranking.auprc(positive).tolist() == [1]
    assert ranking.fraction_at_top(flags(1, 0, 1, 0), np.array([2])).tolist() == [0.5]


def test_without_a_class_or_with_a_gap_there_is_no_area():
    score = np.array([[1.0, 2, 3, 4], [1.0, 2, 3, 4], [1.0, 2, 3, np.nan]])
    ranking = Ranking(score, np.ones((3, 4), dtype=bool))
    positive = np.array([[0, 0, 0, 0], [1, 1, 1, 1], [1, 0, 0, 1]], dtype=bool)
    assert np.isnan(ranking.auroc(positive)).all()
    assert np.isnan(ranking.auprc(positive)).tolist() == [True, False, True]


def test_an_infinite_score_is_a_number():
    ranking = Ranking(np.array([[-np.inf, 3, np.inf, 1]]), flags(1, 1, 1, 0))
    assert ranking.auroc(flags(0, 0, 1, 0)).tolist() == [1]
    assert ranking.auroc(flags(1, 0, 0, 0)).tolist() == [0]


@pytest.mark.parametrize("distinct", [3, 40, 10**9])
def test_every_row_is_scikit_learn_s(distinct):
    rng = np.random.default_rng(distinct)
    score = rng.integers(distinct, size=(50, 40)).astype(float)
    known = rng.random((50, 40)) < 0.8
    positive = rng.random((50, 40)) < 0.3
    ranking = Ranking(score, known)
    rows = [(positive[i, known[i]], score[i, known[i]]) for i in range(50)]
    np.testing.assert_allclose(
        ranking.auroc(positive), [roc_auc_score(*row) for row in rows]
    )
    np.testing.assert_allclose(
        ranking.auprc(positive), [average_precision_score(*row) for row in rows]
    )
