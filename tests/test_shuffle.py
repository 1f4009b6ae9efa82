"""Dinucleotide shuffles: what they keep, and that every one is equally likely."""

from collections import Counter
from itertools import permutations

import numpy as np
import pytest
from scipy import stats

from proofread.dna.encoding import UNKNOWN, decode, encode
from proofread.dna.shuffle import dinucleotide_shuffle


def dinucleotides(text):
    return Counter(text[at : at + 2] for at in range(len(text) - 1))


def every_shuffle(text):
    """All sequences with the same dinucleotides and first base, by brute force."""
    inner = set(permutations(text[1:-1]))
    candidates = {text[0] + "".join(middle) + text[-1] for middle in inner}
    return {
        candidate
        for candidate in candidates
        if dinucleotides(candidate) == dinucleotides(text)
    }


def shuffles(text, n, seed=1):
    index = np.tile(encode(text), (n, 1))
    shuffled = dinucleotide_shuffle(index, np.random.default_rng(seed))
    return Counter(decode(row) for row in shuffled)


@pytest.mark.parametrize(
    "text",
    [
        "ACAGATA",  # loops through the last base: the six orders of C, G and T
        "ACGTACGA",
        "AACACCAGC",
        "ACACACACG",  # C's last edge is the only one that leads to the end
        "AAAACAAAC",
        "GGTTGTGCA",
    ],
)
def test_all_shuffles_are_equally_likely(text):
    expected = every_shuffle(text)
    n = 400 * len(expected)
    result = shuffles(text, n)
    assert set(result) == expected
    if len(expected) > 1:
        assert stats.chisquare(list(result.values())).pvalue > 1e-3


def test_shuffles_of_a_known_sequence():
    # A to C, G and T and back, in any order: 3! = 6 paths.
    assert every_shuffle("ACAGATA") == {
        *("ACAGATA", "ACATAGA", "AGACATA", "AGATACA", "ATACAGA", "ATAGACA")
    }
    # C is left for A twice and for G once, at the end: nothing can change.
    assert every_shuffle("ACACACG") == {"ACACACG"}


def test_every_dinucleotide_count_and_both_ends_are_kept():
    rng = np.random.default_rng(5)
    index = rng.choice(4, size=(500, 100), p=[0.4, 0.1, 0.2, 0.3]).astype(np.uint8)
    shuffled = dinucleotide_shuffle(index, rng)
    for before, after in zip(index, shuffled, strict=True):
        before, after = decode(before), decode(after)
        assert dinucleotides(before) == dinucleotides(after)
        assert (before[0], before[-1]) == (after[0], after[-1])
        assert before != after


def test_a_run_of_one_base_stays():
    assert shuffles("AAAAAAAA", 5) == {"AAAAAAAA": 5}


def test_unknown_bases_and_padding_stay_in_place():
    text = "NNACAGATANGGTTGTGCANCGNT"
    index = np.tile(encode(text + "N" * 6), (300, 1))
    shuffled = dinucleotide_shuffle(index, np.random.default_rng(1))
    unknown = index == UNKNOWN
    assert (shuffled[unknown] == UNKNOWN).all()
    assert (shuffled[~unknown] != UNKNOWN).all()
    result = [decode(row) for row in shuffled]
    assert {item[2:9] for item in result} == every_shuffle("ACAGATA")
    assert {item[10:19] for item in result} == every_shuffle("GGTTGTGCA")
    for item in result:
        assert dinucleotides(item) == dinucleotides(text + "N" * 6)


def test_sequences_of_different_lengths_in_one_array():
    texts = ["ACAGATA", "GGTTGTGCAACGTTGACCA", "AC", "A"]
    index = np.full((4, 19), UNKNOWN, dtype=np.uint8)
    for row, text in enumerate(texts):
        index[row, : len(text)] = encode(text)
    shuffled = dinucleotide_shuffle(index, np.random.default_rng(1))
    for row, text in zip(shuffled, texts, strict=True):
        assert dinucleotides(decode(row)[: len(text)]) == dinucleotides(text)
        assert (row[len(text) :] == UNKNOWN).all()


def test_input_is_left_unchanged_and_a_seed_repeats():
    index = np.tile(encode("GGTTGTGCAACGTTGACCA"), (50, 1))
    before = index.copy()
    one, two = (dinucleotide_shuffle(index, np.random.default_rng(3)) for _ in range(2))
    assert (index == before).all()
    assert (one == two).all()
    assert (one != dinucleotide_shuffle(index, np.random.default_rng(4))).any()


def test_no_sequences():
    empty = np.empty((0, 10), dtype=np.uint8)
    assert dinucleotide_shuffle(empty, np.random.default_rng(1)).shape == (0, 10)
