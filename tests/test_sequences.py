"""Letters, indices and one-hot."""

import numpy as np
import pytest

from proofread.dna.encoding import decode, encode, one_hot, reverse_complement


def test_case_and_u_do_not_matter():
    assert encode("ACGTacgtUu").tolist() == [0, 1, 2, 3, 0, 1, 2, 3, 3, 3]


@pytest.mark.parametrize("letter", "NRYSWKMBDHV")
def test_ambiguous_letters_are_unknown(letter):
    assert encode("A" + letter + letter.lower()).tolist() == [0, 4, 4]


@pytest.mark.parametrize(
    ("text", "letter", "position"), [("ACXGT", "X", 2), ("AC-", "-", 2), ("É", "É", 0)]
)
def test_any_other_letter_is_named_with_its_position(text, letter, position):
    with pytest.raises(ValueError, match=rf"'{letter}' at position {position}"):
        encode(text)


def test_decoding_gives_the_letters_back():
    assert decode(encode("acgNt")) == "ACGNT"


def test_reverse_complement_keeps_unknown_bases():
    assert decode(reverse_complement(encode("AACGN"))) == "NCGTT"
    both = np.stack([encode("AAC"), encode("GNT")])
    assert [decode(each) for each in reverse_complement(both)] == ["GTT", "ANC"]


def test_one_hot_columns():
    columns = one_hot(encode("CN")[None])
    assert columns.shape == (1, 4, 2)
    assert columns.dtype == np.float32
    assert columns[0].T.tolist() == [[0, 1, 0, 0], [0, 0, 0, 0]]
