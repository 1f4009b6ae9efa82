"""Frequencies of bases and pairs, and GC content: unknown bases are left out."""

import numpy as np
import pytest

from proofread.dna.composition import (
    base_frequencies,
    gc_content,
    transition_frequencies,
)
from proofread.dna.encoding import encode


def test_each_base_is_counted_once_more():
    # A 3, C 1, G 0, T 0, and one more of each: 8 in all.
    assert base_frequencies(encode("AACNA")).tolist() == [4 / 8, 2 / 8, 1 / 8, 1 / 8]


def test_without_a_pseudocount_a_base_may_have_no_share():
    assert base_frequencies(encode("AACN"), pseudocount=0)[3] == 0
    assert base_frequencies(encode("NN"), pseudocount=0).tolist() == [0, 0, 0, 0]


def test_a_pair_with_an_unknown_base_is_no_pair():
    table = transition_frequencies(np.stack([encode("ACNAA")]))
    # AC and AA once, and one more of each: A is followed by A 2, C 2, G 1, T 1 of 6.
    assert table[0].tolist() == [2 / 6, 2 / 6, 1 / 6, 1 / 6]
    assert table[3].tolist() == [1 / 4] * 4
    # Nothing known before: the bases themselves, A 3 and C 1, and one more of each.
    assert table[4].tolist() == [4 / 8, 2 / 8, 1 / 8, 1 / 8]


@pytest.mark.parametrize(
    ("sequence", "expected"), [("GCAN", 2 / 3), ("ATNN", 0), ("CCGG", 1), ("NNNN", 0)]
)
def test_gc_content_is_of_the_known_bases(sequence, expected):
    assert gc_content(encode(sequence)) == expected
    assert gc_content(np.stack([encode(sequence)] * 2)).tolist() == [expected] * 2
