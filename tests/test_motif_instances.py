"""Where motifs stand: found by their matrices, on both strands, none over another."""

import numpy as np
import pandas as pd

from proofread.dna.encoding import encode
from proofread.motifs.motif import Motif
from proofread.motifs.occurrences import all_matches, without_overlaps
from proofread.truth.instances import (
    half_overlaps,
    most_frequent,
    scanned,
)


def sharp(name, text):
    """A matrix that matches one k-mer."""
    return Motif(name, np.eye(4)[encode(text)] * 0.96 + 0.01)


def background(seed, n=1, length=200):
    # A k-mer of 8 stands somewhere by chance in one of 160 such sequences.
    return np.random.default_rng(seed).integers(0, 4, (n, length), dtype=np.uint8)


def rows(instances):
    return list(instances.table.itertuples(index=False, name=None))


def test_a_kmer_is_found_on_both_strands():
    index = background(1, n=2)
    index[0, 5:13] = encode("ACCATACA")
    index[1, 50:58] = encode("TGTATGGT")  # its reverse complement
    result = scanned(index, [sharp("k-mer", "ACCATACA")], 1e-4)
    assert rows(result) == [(0, "k-mer", 5, 13, "+"), (1, "k-mer", 50, 58, "-")]
    assert result.counts("k-mer").tolist() == [1, 1]
    assert np.flatnonzero(result.occupied[0]).tolist() == list(range(5, 13))
    assert result.single("k-mer", np.array([1])).tolist() == [[50, 58]]


def test_a_palindrome_is_one_instance():
    index = background(2)
    index[0, 20:28] = encode("ACCATGGT")
    result = scanned(index, [sharp("palindrome", "ACCATGGT")], 1e-4)
    assert [row[2:4] for row in rows(result)] == [(20, 28)]


def test_of_matches_at_neighbouring_positions_one_stays():
    index = encode("CCCCAAAAAGGTCGTC")[None]
    matches = all_matches(index, [sharp("a", "AAAA")], 0.01)
    # Five A's hold AAAA twice, with the same score: the first stays.
    assert matches["start"].tolist() == [4, 5]
    assert without_overlaps(matches)["start"].tolist() == [4]


def test_of_two_overlapping_motifs_the_higher_score_stays():
    index = background(3)
    index[0, 20:30] = encode("ACCATACAAC")
    motifs = [sharp("short", "ACCATACA"), sharp("long", "CATACAAC" + "A")]
    index[0, 30] = 0
    result = scanned(index, motifs, 1e-4)
    assert [row[1] for row in rows(result)] == ["long"]
    # What gave way is still no place for a control.
    assert result.occupied[0, 20:31].all()


def test_an_unknown_base_is_in_no_instance():
    index = background(4)
    index[0, 20:28] = encode("ACCATACA")
    index[0, 24] = 4
    result = scanned(index, [sharp("k-mer", "ACCATACA")], 1e-4)
    assert rows(result) == []
    assert not result.occupied.any()


def test_no_motif_and_no_sequence_is_no_instance():
    assert rows(scanned(background(5), [], 1e-4)) == []
    nothing = scanned(background(5)[:0], [sharp("k-mer", "ACCATACA")], 1e-4)
    assert nothing.counts("k-mer").tolist() == []


def test_the_most_frequent_motifs_come_first():
    index = background(6, n=3)
    for row in (0, 1):
        index[row, 5:13] = encode("CACCAACC")
    index[2, 5:13] = encode("ACCATACA")
    motifs = [sharp("one", "ACCATACA"), sharp("two", "CACCAACC")]
    result = scanned(index, motifs, 1e-4)
    assert most_frequent(result, ["one", "two"], 2) == ["two", "one"]
    assert most_frequent(result, ["one", "two"], 1) == ["two"]


def test_half_of_the_shorter_one_is_an_overlap():
    # 4 bp instance: 6 bp must share 2; 20 bp instance: they must share 3.
    instances = pd.DataFrame(
        [(1, 0, 20), (0, 10, 14), (3, 5, 9)], columns=["sequence", "start", "end"]
    )
    sequence, start = (
        np.array([0, 0, 0, 0, 1, 1, 2]),
        np.array([5, 6, 12, 13, 17, 18, 5]),
    )
    pairs = half_overlaps(sequence, start, start + 6, instances)
    assert pairs[0].tolist() == [1, 2, 4]
    assert pairs[1].tolist() == [1, 1, 0]


def test_an_interval_may_be_half_of_several_instances():
    instances = pd.DataFrame(
        [(0, 0, 10), (0, 5, 15), (0, 30, 40)], columns=["sequence", "start", "end"]
    )
    pairs = half_overlaps(np.array([0]), np.array([5]), np.array([15]), instances)
    assert pairs[0].tolist() == [0, 0]
    assert pairs[1].tolist() == [0, 1]
    nothing = half_overlaps(*np.zeros((3, 0), dtype=int), instances)
    assert [len(rows) for rows in nothing] == [0, 0]


def test_instances_that_touch_do_not_overlap():
    # The longer motif scores higher and is taken first, whichever side it is on.
    motifs = [sharp("short", "ACCATACA"), sharp("long", "GGTTCTTCG")]
    for order in (motifs, motifs[::-1]):
        index = background(7)
        start = 20
        for motif in order:
            end = start + len(motif.matrix)
            index[0, start:end] = motif.matrix.argmax(axis=1)
            start = end
        result = scanned(index, motifs, 1e-4)
        assert [row[1] for row in rows(result)] == [motif.name for motif in order]


def test_of_two_equal_scores_the_first_position_stays():
    index = background(8)
    index[0, 20:36] = encode("ACCACCACCACCACCA")
    result = scanned(index, [sharp("repeat", "ACCACCACCA")], 1e-4)
    # Matches at 20, 23 and 26; the first keeps the others out.
    assert [row[2:] for row in rows(result)] == [(20, 30, "+")]
