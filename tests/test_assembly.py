"""Sequences of any source as a dataset: lengths, copies, names and labels."""

import numpy as np
import pytest

from proofread.datasets.assembly import Sequence, assemble
from proofread.dna.encoding import encode
from proofread.errors import InputError


def sequences(*texts, labels=None, names="abcdef"):
    labels = [1.0] * len(texts) if labels is None else labels
    return [
        Sequence(f"my.fa, line {row}", names[row], names[row], encode(text), (label,))
        for row, (text, label) in enumerate(zip(texts, labels, strict=True))
    ]


def assembled(rows, identical="drop", **more):
    settings = {"identical": identical, "split": {}}
    return assemble(rows, ["bound"], settings, "datasets.own", **more)


def test_shorter_sequences_are_padded_at_the_end():
    dataset = assembled(sequences("ACGT", "GG"))
    assert dataset.index.tolist() == [[0, 1, 2, 3], [2, 2, 4, 4]]
    assert dataset.length.tolist() == [4, 2]
    assert "split" not in dataset.settings  # it is made later


def test_the_middle_of_a_longer_sequence_is_kept_if_asked_for():
    # Five bases, three of them kept: one is cut on either side.
    dataset = assembled(sequences("ACGTA"), length=3, trim="centre")
    assert dataset.index.tolist() == [[1, 2, 3]]
    with pytest.raises(InputError, match="at most 3 bp"):
        assembled(sequences("ACGTA"), length=3)


def test_copies_are_dropped_or_kept():
    rows = sequences("ACGT", "GGGG", "ACGT")
    assert assembled(rows).name == ["a", "b"]
    assert assembled(rows, identical="keep").name == ["a", "b", "c"]
    # What is left after trimming counts.
    trimmed = sequences("AACGTT", "ACGT")
    assert len(assembled(trimmed, length=4, trim="centre")) == 1


def test_one_sequence_has_one_label_and_one_name():
    with pytest.raises(InputError, match="the same 4 bp as the positive"):
        assembled(sequences("ACGT", "ACGT", labels=[1.0, 0.0]))
    with pytest.raises(InputError, match="the name 'a' again"):
        assembled(sequences("ACGT", "GGGG", names="aa"))


def test_labels_and_strata():
    dataset = assembled(sequences("ACGT", "GGGG", labels=[1.0, 0.0]))
    assert dataset.label.dtype == np.float32
    assert dataset.label.tolist() == [[1], [0]]
    assert dataset.stratum == ["positive", "negative"]
