"""Motifs: information, strands, trimming; values worked out by hand."""

import numpy as np
import pytest

from proofread.motifs.motif import (
    Motif,
    consensus,
    ic_basset,
    log_odds,
    probabilities,
    relative_entropy,
    reverse_complement,
    reverse_complement_matrix,
    trim,
)

HUMAN = [0.2925, 0.2075, 0.2075, 0.2925]
ONE_HOT = [1, 0, 0, 0]
HALF = [0.5, 0.5, 0, 0]
EVEN = [0.25, 0.25, 0.25, 0.25]


def test_the_reverse_complement_reverses_positions_and_swaps_a_t_and_c_g():
    motif = Motif("m", [[0.7, 0.1, 0.15, 0.05], [0, 1, 0, 0]], sites=9)
    other = reverse_complement(motif)
    assert other.matrix.tolist() == [[0, 0, 1, 0], [0.05, 0.15, 0.1, 0.7]]
    assert (other.name, other.sites) == ("m", 9)
    assert np.array_equal(reverse_complement(other).matrix, motif.matrix)


def test_information_against_uniform_is_two_minus_the_entropy():
    assert relative_entropy([ONE_HOT, HALF, EVEN]) == pytest.approx([2, 1, 0])


def test_information_against_a_background_is_relative_entropy():
    # log2(1 / .2925), log2(1 / .2075), and a quarter of each letter's
    all_c = [0, 1, 0, 0]
    assert relative_entropy([ONE_HOT, all_c, EVEN], HUMAN) == pytest.approx(
        [1.7735, 2.2688, 0.02115], abs=5e-5
    )


def test_information_is_never_negative_and_0_where_the_position_is_the_background():
    assert relative_entropy([HUMAN], HUMAN) == pytest.approx([0], abs=1e-15)
    assert relative_entropy([HUMAN], HUMAN)[0] >= 0


def test_decimals_that_miss_1_do_not_change_the_information():
    assert relative_entropy([[0.9999, 0, 0, 0]]) == pytest.approx([2])


@pytest.mark.parametrize(
    ("gc", "expected"),
    [(0.415, [1.9581, 0.9581, -0.0419]), (0.5, [2, 1, 0])],
)
def test_bassets_information(gc, expected):
    information = ic_basset([ONE_HOT, HALF, EVEN], gc)
    assert information == pytest.approx(expected, abs=5e-5)


def test_trimming_drops_uninformative_ends_and_keeps_the_inside():
    # Basset's rule: a position needs 0.2 bits (gc 0.415) at an end.
    weak, kept = [0.4, 0.2, 0.2, 0.2], [0.55, 0.15, 0.15, 0.15]
    motif = Motif("m", [EVEN, weak, kept, EVEN, ONE_HOT, weak])
    trimmed = trim(motif, ic_basset(motif.matrix), limit=0.2)
    assert trimmed.matrix.tolist() == [kept, EVEN, ONE_HOT]


def test_nothing_is_left_of_a_motif_without_information():
    motif = Motif("m", [EVEN, EVEN])
    assert trim(motif, relative_entropy(motif.matrix), limit=0.2) is None


def test_the_consensus_takes_the_first_letter_of_a_tie():
    assert consensus(np.array([ONE_HOT, HALF, [0, 0.1, 0.2, 0.7]])) == "AAT"


def test_counts_become_probabilities():
    assert probabilities([[1, 1, 2, 0]]).tolist() == [[0.25, 0.25, 0.5, 0]]
    assert probabilities([[1, 1, 2, 0]], 1).tolist() == [[0.25, 0.25, 0.375, 0.125]]


def test_log_odds_are_bits():
    background = np.array([0.25, 0.25, 0.125, 0.375])
    bits = log_odds([[0.5, 0.25, 0.25, 0]], background)
    assert bits.tolist() == [[1, 0, 1, -np.inf]]
    # 0.01 more of each: (0.96 + 0.01) / 1.04, and 0.01 / 1.04 of an excluded base
    bits = log_odds([[0.96, 0, 0, 0.04]], np.full(4, 0.25), added=0.01)
    assert bits[0, :2] == pytest.approx(np.log2([4 * 0.97 / 1.04, 4 * 0.01 / 1.04]))


def test_scores_are_reversed_like_probabilities():
    matrix = np.arange(8).reshape(2, 4)
    assert reverse_complement_matrix(matrix).tolist() == [[7, 6, 5, 4], [3, 2, 1, 0]]


@pytest.mark.parametrize("matrix", [[], [0.25] * 4, [[0.3, 0.3, 0.4]]])
def test_a_matrix_of_another_shape_is_refused(matrix):
    with pytest.raises(ValueError, match=r"'m': expected shape \(width >= 1, 4\)"):
        Motif("m", matrix)
