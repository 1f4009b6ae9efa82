"""Letters, indices and one-hot."""

import numpy as np
import pytest

from proofread.dna.encoding import (
    both_strands,
    decode,
    encode,
    letters,
    one_hot,
    reverse_complement,
    reverse_strand,
)


def test_case_and_u_do_not_matter():
    assert encode("ACGTacgtUu").tolist() == [0, 1, 2, 3, 0, 1, 2, 3, 3, 3]


@pytest.mark.parametrize("base", "NRYSWKMBDHV")
def test_ambiguous_letters_are_unknown(base):
    assert encode("A" + base + base.lower()).tolist() == [0, 4, 4]


@pytest.mark.parametrize(
    ("text", "base", "position"), [("ACXGT", "X", 2), ("AC-", "-", 2), ("É", "É", 0)]
)
def test_any_other_letter_is_named_with_its_position(text, base, position):
    with pytest.raises(ValueError, match=rf"'{base}' at position {position}"):
        encode(text)


def test_decoding_gives_the_letters_back():
    assert decode(encode("acgNt")) == "ACGNT"


def test_reverse_complement_keeps_unknown_bases():
    assert decode(reverse_complement(encode("AACGN"))) == "NCGTT"
    both = np.stack([encode("AAC"), encode("GNT")])
    assert [decode(item) for item in reverse_complement(both)] == ["GTT", "ANC"]


def test_one_hot_columns():
    columns = one_hot(encode("CN")[None])
    assert columns.shape == (1, 4, 2)
    assert columns.dtype == np.float32
    assert columns[0].T.tolist() == [[0, 1, 0, 0], [0, 0, 0, 0]]


def test_the_other_strand_is_padded_at_the_same_end():
    index = np.stack([encode("AACNN"), encode("ACGTG")])
    other = reverse_strand(index, [3, 5])
    assert [decode(row) for row in other] == ["GTTNN", "CACGT"]
    both, length = both_strands(index, np.array([3, 5]))
    assert np.array_equal(both, np.concatenate([index, other]))
    assert length.tolist() == [3, 5, 3, 5]


def test_texts_of_one_hot_columns():
    assert letters(one_hot(np.stack([encode("ACGTN")]))) == ["ACGTN"]
