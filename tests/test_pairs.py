"""Filters that are reverse complements of each other count as one."""

import numpy as np
import pandas as pd
import torch

from proofread.methods.filter_pfms.pfms import (
    filter_pfms,
    motifs_of,
    untrained_motifs,
)
from proofread.methods.filter_pfms.tables import filter_table
from proofread.models.checkpoint import new_network
from proofread.motifs.motif import Motif, reverse_complement_matrix
from proofread.motifs.null_motifs import BestMatches, shuffled_columns
from proofread.motifs.pairs import (
    best_of_pairs,
    merge_pairs,
    partner_filters,
    partners_of,
    unit_of,
)
from test_train import poly_a

# A, C, G, T at two positions; TG is the other strand of CA.
CA = [[0.0, 2, 0, 0], [1.0, 0, 0, 0]]
TG = [[0.0, 0, 0, 1], [0.0, 0, 2, 0]]
PALINDROME = [[1.0, 0, 0, 0], [0.0, 0, 0, 1]]  # AT
MATCHES = pd.DataFrame(
    {
        "filter": ["filter0", "filter1", "filter2", "filter3"],
        "partner": ["filter3", "", None, "filter0"],
        "verdict": ["other", "none", "true", "true"],
        "hits": [2, 0, 1, 3],
        "planted_hits": ["", "", "B", "A,B"],
        "q": [0.002, np.nan, 0.005, 0.001],
        "p": [1e-5, np.nan, 1e-4, 1e-6],
    }
)


def test_partners_are_reverse_complements():
    silent = np.zeros((2, 4))
    weight = np.array([CA, CA, silent, TG, PALINDROME, silent])
    # A filter has one partner; a palindrome alone and weights of 0 have none.
    assert partner_filters(weight) == [None, 3, None, 1, None, None]
    assert partner_filters(np.array([TG, -np.array(CA)])) == [None, None]
    # -0 is 0.
    assert partner_filters(np.array([CA, np.where(TG, TG, -0.0)])) == [1, 0]


def test_a_pair_is_named_after_its_first_filter():
    partners = partners_of(MATCHES)
    assert partners == {"filter3": "filter0"}
    names = ["filter0", "filter3", "filter3_shuffled2", "filter2"]
    assert [unit_of(name, partners) for name in names] == [
        "filter0",
        "filter0",
        "filter0_shuffled2",
        "filter2",
    ]


def test_a_pair_matches_what_one_of_both_matches():
    assert merge_pairs(MATCHES).to_dict("list") == {
        "filter": ["filter0", "filter1", "filter2"],
        "verdict": ["true", "none", "true"],
        "hits": [3, 0, 1],
        "planted_hits": ["A,B", "", "B"],
    }
    assert best_of_pairs(MATCHES)["filter"].tolist() == [
        "filter3",
        "filter2",
        "filter1",
    ]


def test_without_truth_a_pair_has_no_verdict():
    table = MATCHES.assign(verdict=None, planted_hits=None)
    merged = merge_pairs(table)
    assert merged["verdict"].isna().all()
    assert merged["planted_hits"].tolist() == ["", "", ""]


def test_the_smaller_q_and_e_of_a_pair_count():
    names = ["filter0", "filter3", "filter1"]
    best = BestMatches(np.ones(6), np.array([0.2, 0.1, 0.5]), np.array([1.0, 9.0, 3.0]))
    result = best.by_unit(names, {"filter3": "filter0"})
    assert sorted(zip(result.q, result.e, strict=True)) == [(0.1, 1.0), (0.5, 3.0)]
    assert len(result.p) == 6
    # Nothing was compared.
    empty = BestMatches(np.empty(0), np.empty(0), np.empty(0))
    assert len(empty.by_unit(names, {}).q) == 0


def test_shuffled_copies_of_a_pair_are_a_pair():
    matrix = np.random.default_rng(1).dirichlet(np.ones(4), size=7)
    first = Motif("filter0", matrix)
    second = Motif("filter1", reverse_complement_matrix(matrix))
    copies = shuffled_columns([first, second], 3, 1, {"filter1": "filter0"})
    for copy, other in zip(copies[:3], copies[3:], strict=True):
        assert np.array_equal(reverse_complement_matrix(copy.matrix), other.matrix)
    assert not np.array_equal(copies[0].matrix, matrix)


MODEL = {
    "architecture": "recommended",
    "settings": {"filters": 3, "width": 5},
    "training": {"classes": "independent"},
}


def test_the_filters_of_recommended_are_pairs():
    """Each second filter is the reverse complement of the one before it."""
    dataset = poly_a(30, 1)
    network = new_network(MODEL, dataset, 1).eval()
    result = filter_pfms(network, dataset.index, dataset.length)
    table = filter_table(result, gc=0.5, trim=0.2)
    expected = [f"filter{number}" for number in (1, 0, 3, 2, 5, 4)]
    assert table["partner"].tolist() == expected
    with torch.no_grad():
        network.motifs.convolution1.weight[0, 0, 0] += 1
    result = filter_pfms(network, dataset.index, dataset.length)
    table = filter_table(result, gc=0.5, trim=0.2)
    assert table["partner"].tolist() == ["", "", *expected[2:]]


def test_filters_of_untrained_networks_say_their_network():
    dataset = poly_a(30, 1)
    motifs, background = untrained_motifs(MODEL, dataset, 2, min_sites=1)
    assert {motif.name.partition("_")[2] for motif in motifs} == {
        "untrained1",
        "untrained2",
    }
    assert background.sum() == 1
    # The second network is the one that a training with seed 2 starts with.
    network = new_network(MODEL, dataset, 2).eval()
    again = motifs_of(filter_pfms(network, dataset.index, dataset.length, min_sites=1))
    second = [motif for motif in motifs if motif.name.endswith("_untrained2")]
    assert [motif.name for motif in second] == [f"{m.name}_untrained2" for m in again]
    for motif, other in zip(second, again, strict=True):
        assert np.array_equal(motif.matrix, other.matrix)
