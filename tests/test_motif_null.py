"""The null queries: what is kept, what is lost, and what their rates mean."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from proofread.motifs.motif import Motif
from proofread.motifs.null_motifs import (
    COLUMNS,
    P_VALUES,
    BestMatches,
    best_of_each,
    calibration,
    distribution,
    draw_distribution,
    empirical_fdr,
    shuffled_columns,
)
from proofread.motifs.tomtom import Settings, compare_motifs


def random_motifs(n, width, seed, name="m"):
    generator = np.random.default_rng(seed)
    return [
        Motif(f"{name}{row}", generator.dirichlet(np.full(4, 0.3), width), sites=50)
        for row in range(n)
    ]


def test_a_shuffled_copy_has_the_same_columns_in_another_order():
    (motif,) = random_motifs(1, 12, 1)
    copies = shuffled_columns([motif], 3, seed=2)
    assert [copy.name for copy in copies] == [f"m0_shuffled{n}" for n in range(3)]
    for copy in copies:
        assert not np.array_equal(copy.matrix, motif.matrix)
        assert sorted(map(tuple, copy.matrix)) == sorted(map(tuple, motif.matrix))
    again = shuffled_columns([motif], 3, seed=2)
    assert all(
        np.array_equal(a.matrix, b.matrix) for a, b in zip(copies, again, strict=True)
    )


def best(*q, e=None):
    """Queries with these smallest q-values."""
    e = np.array(q if e is None else e, dtype=float)
    return BestMatches(np.empty(0), np.array(q), e)


def test_rates_and_their_ratio():
    # 2 of 4 filters match, 1 of 10 shuffled copies and 1 of 4 filters of an untrained
    # network: 0.5, 0.1, 0.25; the ratios are 0.1 / 0.5 and 0.25 / 0.5.
    kinds = {
        "filters": best(0.01, 0.05, 0.06, 1.0),
        "shuffled": best(0.05, *np.ones(9)),
        "untrained": best(0.03, 0.06, 1.0, 1.0),
    }
    table = calibration(kinds, Settings(q_threshold=0.05))
    # Wilson's intervals of 1 of 10 and 1 of 4 over 0.5: the roots p of
    # (f - p)^2 = 3.8415 p (1 - p) / n.
    tenth = pytest.approx(0.0178762 / 0.5), pytest.approx(0.4041500 / 0.5)
    quarter = pytest.approx(0.0455873 / 0.5), 1.0
    assert list(table.columns) == COLUMNS
    assert table.to_numpy().tolist() == [
        ["shuffled", "q", 0.05, 0.5, 4, 0.1, 10, pytest.approx(0.2), *tenth],
        ["untrained", "q", 0.05, 0.5, 4, 0.25, 4, 0.5, *quarter],
    ]


def test_rates_are_reported_at_the_threshold_and_at_q_005():
    kinds = {
        "filters": best(0.01, 0.08, e=[1.0, 5.0]),
        "shuffled": best(0.01, 0.2, e=[5.0, 20.0]),
    }
    table = calibration(kinds, Settings(q_threshold=0.1))
    assert table["threshold"].tolist() == [0.1, 0.05]
    assert table["match_rate"].tolist() == [1.0, 0.5]
    table = calibration(kinds, Settings(q_threshold=None, e_threshold=5.0))
    assert table["threshold_on"].tolist() == ["E", "q"]
    assert table["match_rate"].tolist() == [1.0, 0.5]
    assert table["null_match_rate"].tolist() == [0.5, 0.5]


def test_more_null_matches_than_matches_is_a_rate_of_one():
    kinds = {"filters": best(0.01, 1.0), "shuffled": best(0, 0, 0)}
    assert calibration(kinds, Settings(q_threshold=0.05))["empirical_fdr"].tolist() == [
        1
    ]


def test_without_a_match_or_a_query_there_is_no_rate():
    kinds = {"filters": best(1.0), "shuffled": best(1.0)}
    table = calibration(kinds, Settings(q_threshold=0.05))
    assert table["match_rate"].tolist() == [0]
    assert table["empirical_fdr"].isna().all()
    kinds = {"filters": best_of_each([]), "shuffled": best_of_each([])}
    table = calibration(kinds, Settings(q_threshold=0.05))
    assert (
        table[["match_rate", "null_match_rate", "empirical_fdr"]].isna().all(axis=None)
    )


def test_a_match_has_the_rate_of_those_at_least_as_good():
    # At 0.001: 1 of 4 filters, 0 of 10 null queries. At 0.02: 2 of 4 and 1 of 10, so
    # 0.1 / 0.5. At 0.05: 3 of 4 and 3 of 10, so 0.3 / 0.75.
    queries = np.array([0.02, 0.001, 0.05, np.inf])
    null = np.array([0.01, 0.03, 0.05, *np.ones(7)])
    rates = empirical_fdr(queries[:3], queries, [null])
    assert rates == pytest.approx([0.2, 0, 0.4])
    # Of two kinds the one that matches more often counts: 1 of 2 at every threshold.
    # 0.5 / 0.25 is at most 1; the lowest rate of all thresholds is 0.5 / 0.75.
    rates = empirical_fdr(queries[:3], queries, [null, np.array([0, 1])])
    assert rates == pytest.approx([2 / 3, 2 / 3, 2 / 3])


def test_a_worse_hit_of_a_filter_has_a_rate_too():
    # 0.05 is no filter's best: 1 of 1 filters and 1 of 4 null queries are as good.
    rates = empirical_fdr(
        np.array([0.05]), np.array([0.01]), [np.array([0.04, 1, 1, 1])]
    )
    assert rates.tolist() == [0.25]


def test_without_null_queries_there_is_no_rate_of_a_match():
    assert np.isnan(empirical_fdr(np.array([0.1]), np.array([0.1]), [np.empty(0)]))
    assert len(empirical_fdr(np.empty(0), np.array([np.inf]), [np.ones(3)])) == 0


def test_fractions_are_cumulative():
    table = distribution({"filters": np.array([1e-6, 0.01, 0.5, 1.0])})
    fraction = table.set_index("p")["fraction"]
    assert fraction[1e-6] == 0.25
    assert fraction[P_VALUES[-4]] == 0.5  # at 0.1
    assert fraction[1.0] == 1.0


def test_unrelated_motifs_have_p_values_that_are_what_they_claim():
    """All pairs of random queries and targets: the fraction at or below p is p."""
    queries, targets = random_motifs(40, 10, 1, "q"), random_motifs(200, 10, 2, "t")
    everything = replace(Settings(), q_threshold=1.0)
    item = best_of_each(compare_motifs(queries, targets, everything))
    assert len(item.p) == 40 * 200 and len(item.q) == len(item.e) == 40
    for limit in (0.5, 0.1, 0.01):
        # A query's pairs share its columns, so their spread is wider than binomial.
        assert np.mean(item.p <= limit) == pytest.approx(limit, rel=0.35)
    assert item.match_rate("q", 0.05) <= 0.1


def test_the_ticks_of_the_null_are_numbers():
    table = pd.DataFrame({"queries": "filters", "p": [1e-4, 1], "fraction": [0.01, 1]})
    figure = draw_distribution(table)
    figure.canvas.draw()
    (axes,) = figure.axes
    for axis in (axes.xaxis, axes.yaxis):
        texts = [label.get_text() for label in axis.get_majorticklabels()]
        assert "0.01" in texts
        assert not any("$" in text for text in texts)
