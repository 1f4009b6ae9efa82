"""The null queries: what is kept, what is lost, and what their rates mean."""

import numpy as np
import pytest

from proofread.motif import Motif
from proofread.motif_comparison import Settings
from proofread.motif_null import (
    P_VALUES,
    all_pairs,
    calibration,
    distribution,
    shuffled_columns,
)


def random_motifs(n, width, seed, name="m"):
    generator = np.random.default_rng(seed)
    return [
        Motif(f"{name}{row}", generator.dirichlet(np.full(4, 0.3), width), sites=50)
        for row in range(n)
    ]


def test_a_shuffled_copy_has_the_same_columns_in_another_order():
    (motif,) = random_motifs(1, 12, 1)
    copies = shuffled_columns([motif], 3, seed=2)
    assert [each.name for each in copies] == [f"m0_shuffled{n}" for n in range(3)]
    for each in copies:
        assert not np.array_equal(each.matrix, motif.matrix)
        assert sorted(map(tuple, each.matrix)) == sorted(map(tuple, motif.matrix))
    again = shuffled_columns([motif], 3, seed=2)
    assert all(
        np.array_equal(a.matrix, b.matrix) for a, b in zip(copies, again, strict=True)
    )


def test_rates_and_their_ratio():
    # 2 of 4 filters match, 1 of 10 shuffled copies: 0.5, 0.1 and 0.1 / 0.5.
    found = np.array([0.01, 0.05, 0.06, 1.0])
    null = np.array([0.05, *np.ones(9)])
    assert calibration(found, null) == [
        ("match_rate", 0.5, 4),
        ("null_match_rate", 0.1, 10),
        ("empirical_fdr", pytest.approx(0.2), 10),
    ]


def test_more_null_matches_than_matches_is_a_rate_of_one():
    assert calibration(np.array([0.01, 1.0]), np.zeros(3))[2][1] == 1.0


def test_without_a_match_or_a_query_there_is_no_rate():
    assert np.isnan(calibration(np.ones(3), np.ones(3))[2][1])
    assert np.isnan([row[1] for row in calibration(np.empty(0), np.empty(0))]).all()


def test_shares_are_cumulative():
    table = distribution({"filters": np.array([1e-6, 0.01, 0.5, 1.0])})
    share = table.set_index("p")["share"]
    assert share[1e-6] == 0.25
    assert share[P_VALUES[-4]] == 0.5  # at 0.1
    assert share[1.0] == 1.0


def test_unrelated_motifs_have_p_values_that_are_what_they_claim():
    """All pairs of random queries and targets: the share at or below p is p."""
    queries, targets = random_motifs(40, 10, 1, "q"), random_motifs(200, 10, 2, "t")
    p, q = all_pairs(queries, targets, Settings(), None)
    assert len(p) == 40 * 200 and len(q) == 40
    for limit in (0.5, 0.1, 0.01):
        # A query's pairs share its columns, so their spread is wider than binomial.
        assert np.mean(p <= limit) == pytest.approx(limit, rel=0.35)
    assert np.mean(q <= 0.05) <= 0.1
