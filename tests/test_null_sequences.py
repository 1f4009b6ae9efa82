"""Backgrounds: what each keeps of the sequences it stands for."""

import numpy as np
import pytest

from proofread.dna.encoding import UNKNOWN, encode
from proofread.dna.null_sequences import KINDS, nulls_of, profile, shuffled, uniform

TEXT = "ACGTTGNNCATGCCCANN"


def rng():
    return np.random.default_rng(7)


@pytest.mark.parametrize("kind", KINDS)
def test_unknown_bases_stay(kind):
    index = np.tile(encode(TEXT), (50, 1))
    drawn = nulls_of(kind, index, rng())
    assert drawn.dtype == np.uint8
    assert np.array_equal(drawn == UNKNOWN, index == UNKNOWN)
    assert np.array_equal(drawn, nulls_of(kind, index, rng()))


def test_a_shuffle_keeps_the_bases_of_each_sequence():
    index = np.stack([encode(TEXT), encode(TEXT[::-1])])
    mixed = shuffled(index, rng())
    assert not np.array_equal(mixed, index)
    for before, after in zip(index, mixed, strict=True):
        assert np.array_equal(np.bincount(before), np.bincount(after))


def test_every_order_is_equally_likely():
    mixed = shuffled(np.tile(encode("ACG"), (6000, 1)), rng())
    _, counts = np.unique(mixed, axis=0, return_counts=True)
    # Six orders, 1000 each; four standard deviations of a binomial are 115.
    assert len(counts) == 6
    assert abs(counts - 1000).max() < 116


def test_uniform_bases():
    counts = np.bincount(uniform(200, 200, rng()).ravel(), minlength=4)
    assert len(counts) == 4
    # 40,000 draws: four standard deviations are 346.
    assert abs(counts - 10_000).max() < 347


def test_a_profile_has_the_frequencies_of_each_position():
    index = np.stack([encode("AAN"), encode("ACN"), encode("AGN"), encode("AGN")])
    drawn = profile(index, 8000, rng())
    assert (drawn[:, 0] == 0).all()
    assert (drawn[:, 2] == UNKNOWN).all()
    counts = np.bincount(drawn[:, 1], minlength=4)
    assert counts[3] == 0
    # 1/4, 1/4, 1/2 of 8000; four standard deviations are at most 179.
    assert abs(counts[:3] - [2000, 2000, 4000]).max() < 180
