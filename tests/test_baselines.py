"""Baselines: what is counted, and that GC content is given a fair chance."""

import numpy as np

from proofread.datasets.baselines import (
    fit,
    kmer_frequencies,
    standardised_gc,
)
from proofread.dna.encoding import encode


def test_gc_content_leaves_unknown_bases_out():
    # 1/2, 1, 0 of the known bases: mean 1/2, standard deviation sqrt(1/6).
    index = np.stack([encode("ACNN"), encode("GGCC"), encode("AATT")])
    expected = np.array([0, 0.5, -0.5]) / np.sqrt(1 / 6)
    np.testing.assert_allclose(standardised_gc(index)[:, 0], expected)


def test_sequences_of_one_gc_content_do_not_divide_by_zero():
    index = np.stack([encode("AC"), encode("GT")])
    assert standardised_gc(index).tolist() == [[0], [0]]


def test_kmers_are_counted_in_alphabetical_order():
    # AAAC has AA twice and AC once; ANAC has AC alone; 2-mers AA, AC, AG, AT, ...
    index = np.stack([encode("AAAC"), encode("ANAC")])
    counts = kmer_frequencies(index, k=2).toarray()
    np.testing.assert_allclose(counts[0, :2], np.array([2, 1]) / np.sqrt(5))
    assert counts[1].nonzero()[0].tolist() == [1]
    assert np.count_nonzero(counts[0]) == 2


def test_a_sequence_shorter_than_k_has_no_kmers():
    assert kmer_frequencies(np.stack([encode("ACG")])).nnz == 0


def test_missing_labels_are_left_out_of_a_fit():
    # Row by row as without the rows that have no label.
    feature = np.tile([[-1.0], [1.0]], (100, 1))
    label = np.tile([0.0, 1.0], 100)[:, None]
    rows = np.arange(200)
    splits = {"train": rows[:100], "validation": rows[100:150], "test": rows[150:]}
    missing = label.copy()
    missing[[0, 1, 5, 110]] = np.nan
    known = {name: of[~np.isnan(missing[of, 0])] for name, of in splits.items()}
    (expected,) = fit(feature.__getitem__, label, known, batch=100)
    (result,) = fit(feature.__getitem__, missing, splits, batch=100)
    assert result.C == expected.C
    np.testing.assert_array_equal(result.coef_, expected.coef_)
    np.testing.assert_array_equal(result.intercept_, expected.intercept_)


def test_a_single_feature_gets_a_slope_that_predicts():
    # The classes lie two standard deviations apart: with a slope that is not held
    # back, both are told apart with confidence.
    feature = np.tile([[-1.0], [1.0]], (100, 1))
    label = np.tile([0, 1], 100)
    rows = np.arange(200)
    splits = {"train": rows[:100], "validation": rows[100:150]}
    (model,) = fit(feature.__getitem__, label[:, None], splits, batch=100)
    logit = model.decision_function(feature[150:])
    assert ((logit > 2) == (label[150:] == 1)).all()
    assert ((logit < -2) == (label[150:] == 0)).all()
