"""Families of similar motifs."""

import numpy as np

from proofread.motifs.families import families, similar_pairs
from proofread.motifs.motif import Motif
from proofread.motifs.tomtom import Settings

UNIFORM = {"background": np.full(4, 0.25), "query_background": None}


def of_bases(name, bases):
    """A motif that is nearly certain of each base."""
    matrix = np.full((len(bases), 4), 0.01)
    matrix[np.arange(len(bases)), ["ACGT".index(base) for base in bases]] = 0.97
    return Motif(name, matrix, sites=100)


def test_similar_motifs_stand_together_best_first():
    pairs = [("USF2", "TFE3", 0.1), ("MITF", "TFE3", 0.2), ("USF2", "MITF", 0.5)]
    assert families(["TFE3", "SP2", "MITF", "USF2"], pairs) == [
        ["TFE3", "MITF", "USF2"],
        ["SP2"],
    ]


def test_a_chain_of_similar_motifs_does_not_join_its_ends():
    # c and {a, b}: the geometric mean of 0.2 and 10 is 1.4, above 1.
    pairs = [("a", "b", 0.1), ("b", "c", 0.2)]
    assert families(["a", "b", "c"], pairs) == [["a", "b"], ["c"]]
    # Of 0.05 and 10 it is 0.7.
    pairs[1] = ("b", "c", 0.05)
    assert families(["a", "b", "c"], [("a", "b", 0.01), pairs[1]]) == [["a", "b", "c"]]


def test_a_motif_joins_the_one_that_it_is_most_similar_to():
    # ELF2 is a little similar to STAT, and very to FEV, as E in the other order says.
    pairs = [("ELF2", "STAT", 0.5), ("ELF2", "FEV", 0.9), ("FEV", "ELF2", 0.001)]
    assert families(["STAT", "ELF2", "FEV"], pairs) == [["STAT"], ["ELF2", "FEV"]]


def test_nothing_has_no_family():
    assert families([], []) == []


def test_similar_motifs_are_found_among_all_targets():
    rng = np.random.default_rng(0)
    others = [Motif(f"m{i}", rng.dirichlet(np.ones(4), 9)) for i in range(60)]
    usf1, usf2 = of_bases("USF1", "GTCACGTGAC"), of_bases("USF2", "GTCACGTGGC")
    pairs = similar_pairs([usf1], [usf2, *others, usf1], Settings(), UNIFORM)
    assert pairs["similar_motif"][0] == "USF2"
    assert set(pairs["motif"]) == {"USF1"}
    assert "USF1" not in set(pairs["similar_motif"])
    assert (pairs["E"] <= 10).all()
