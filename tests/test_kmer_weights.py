"""Motifs of the 6-mer model."""

import numpy as np
import pytest

from proofread.datasets.kmer_weights import heaviest_kmers, kmer_motif, motif_table
from proofread.dna.encoding import encode
from proofread.motifs.motif import Motif

K = 6


def weights_of(**kmers):
    """Weights of all 6-mers; 0 but for these."""
    weights = np.zeros(4**K)
    for kmer, weight in kmers.items():
        weights[int("".join(map(str, encode(kmer))), 4)] = weight
    return weights


def test_kmers_that_overlap_form_a_motif():
    # GATAAG founds; AGATAA is it shifted by one to the left, CTTATC its reverse
    # complement, GATAAC it with one other base. CACGTG shares nothing with it.
    weights = weights_of(GATAAG=4, AGATAA=3, CTTATC=2, CACGTG=1.5, GATAAC=1, TTTTTT=-9)
    table = heaviest_kmers(weights, K, "bound")
    assert list(table.itertuples(index=False, name=None)) == [
        ("bound", "GATAAG", "GATAAG", 4.0, 0, "+"),
        ("bound", "GATAAG", "AGATAA", 3.0, -1, "+"),
        ("bound", "GATAAG", "CTTATC", 2.0, 0, "-"),
        ("bound", "CACGTG", "CACGTG", 1.5, 0, "+"),
        ("bound", "GATAAG", "GATAAC", 1.0, 0, "+"),
    ]


def test_without_a_weight_above_0_there_is_no_motif():
    table = heaviest_kmers(-np.ones(4**K), K, "bound")
    assert len(table) == 0
    assert len(motif_table(table, [], 0.1)) == 0


def test_kmers_count_by_their_weight():
    table = heaviest_kmers(weights_of(GATAAG=4, AGATAA=3, GATAAC=1), K, "bound")
    motif = kmer_motif(table)
    # The A before the founder has 3 of 8, less than half; the last position 4 G and
    # 1 C of 5, more than half of 8.
    assert len(motif.matrix) == 6
    assert motif.matrix[5] == pytest.approx([0, 0.2, 0.8, 0])
    assert motif.matrix[:5].argmax(axis=1).tolist() == encode("GATAA").tolist()


def test_a_motif_is_named_by_the_known_motif_that_it_matches():
    rng = np.random.default_rng(0)
    known = [Motif(f"m{i}", rng.dirichlet(np.ones(4), 10)) for i in range(60)]
    matrix = np.full((8, 4), 0.01)
    matrix[np.arange(8), encode("AGATAAGA")] = 0.97
    known.append(Motif("MA1", matrix, alternative_name="GATA1", source="jaspar"))
    weights = weights_of(GATAAG=4, AGATAA=3.5, ATAAGA=3.5, CCCGGG=1)
    table = motif_table(heaviest_kmers(weights, K, "bound"), known, 0.1)
    assert table["motif"].tolist() == ["GATAAG", "CCCGGG"]
    assert table["weight"].tolist() == [11, 1]
    assert table["kmers"].tolist() == [3, 1]
    first = table.iloc[0]
    assert (first["protein"], first["database"]) == ("GATA1", "jaspar")
    assert first["q"] <= 0.1


@pytest.mark.parametrize(
    ("kmer", "offset", "strand"),
    [
        ("TAAGCC", 2, "+"),  # TAAG, the last four of GATAAG
        ("CCGATA", -2, "+"),  # GATA, the first four
        ("ATCAGC", 1, "+"),  # ATAAG with another base in the middle
        ("GCTTAT", 1, "-"),  # ATAAGC on the other strand
        ("TTATCC", -1, "-"),  # GGATAA on the other strand
        ("AAGCCC", None, None),  # shifted by three
        ("TACGCC", None, None),  # three of the last four
        ("GATCCG", None, None),  # two other bases
    ],
)
def test_what_agrees_with_a_founder(kmer, offset, strand):
    table = heaviest_kmers(weights_of(**{"GATAAG": 2, kmer: 1}), K, "bound")
    row = table.iloc[1]
    joined = ("GATAAG", offset, strand) if strand else (kmer, 0, "+")
    assert (row["motif"], row["offset"], row["strand"]) == joined


def test_of_two_equal_agreements_the_forward_one_counts():
    # CACGTG is its own reverse complement: ACGTGA agrees with it at 1, and on the other
    # strand, as TCACGT, at -1.
    table = heaviest_kmers(weights_of(CACGTG=2, ACGTGA=1), K, "bound")
    assert table.loc[1, ["motif", "offset", "strand"]].tolist() == ["CACGTG", 1, "+"]


def test_thirty_kmers_are_enough():
    weights = np.zeros(4**K)
    weights[:40] = np.arange(40, 0, -1)
    table = heaviest_kmers(weights, K, "bound")
    assert table["weight"].tolist() == list(range(40, 10, -1))


def test_kmers_of_the_other_strand_are_turned_round():
    # GATAAG and, shifted by one, ATAAGC. The ends have half of the weight, just enough.
    motif = kmer_motif(heaviest_kmers(weights_of(GATAAG=4, GCTTAT=4), K, "bound"))
    assert np.array_equal(motif.matrix, np.eye(4)[encode("GATAAGC")])
