"""Chance matches: thresholds by hand and by every k-mer, matches counted by hand."""

from itertools import product

import numpy as np
import pytest

from proofread.dna.encoding import encode
from proofread.motifs.scan import UNIT, scan, threshold, whole_scores

UNIFORM = np.full(4, 0.25)
CERTAIN = np.eye(4)


def index(*sequences):
    return np.stack([encode(sequence) for sequence in sequences])


def everywhere(bases):
    return np.ones(bases.shape, dtype=bool)


def test_a_certain_base_is_two_bits():
    scores = whole_scores(CERTAIN, UNIFORM)
    assert np.diag(scores).tolist() == [2 * UNIT] * 4
    # An impossible base costs more than any other base can give.
    assert scores[0, 1] < -15 * UNIT


def test_seven_certain_bases_are_rare_enough_and_six_are_not():
    # 4^-7 = 0.000061 and 4^-6 = 0.00024, on each side of 0.0001.
    scores = whole_scores(CERTAIN[[0, 1, 2, 3, 0, 1, 2]], UNIFORM)
    result = threshold(scores, UNIFORM, 1e-4)
    assert result.score == 7 * 2 * UNIT
    assert result.p == pytest.approx(4**-7)
    assert threshold(scores[:6], UNIFORM, 1e-4) is None


@pytest.mark.parametrize("p", [0.3, 0.05, 0.004])
def test_the_threshold_is_that_of_all_kmers(p):
    rng = np.random.default_rng(1)
    background = np.array([0.4, 0.1, 0.2, 0.3])
    scores = whole_scores(rng.dirichlet(np.ones(4), 5), background)
    chance = {}
    for kmer in product(range(4), repeat=5):
        score = sum(int(scores[position, base]) for position, base in enumerate(kmer))
        chance[score] = chance.get(score, 0) + np.prod(background[list(kmer)])
    reached = {item: sum(v for k, v in chance.items() if k >= item) for item in chance}
    least = min(item for item, value in reached.items() if value < p)
    result = threshold(scores, background, p)
    assert result.score == least
    assert result.p == pytest.approx(reached[least])


def test_matches_are_counted_on_both_strands():
    # AAC at 1 of the first; its reverse complement GTT at 0 of the second.
    bases = index("TAACT", "GTTCC", "CCCCC")
    scores = whole_scores(CERTAIN[[0, 0, 1]], UNIFORM)
    assert scan(bases, scores, 600, everywhere(bases)) == (2, 3 * 3 * 2)


def test_a_palindrome_matches_twice():
    bases = index("ACGT")
    scores = whole_scores(CERTAIN, UNIFORM)
    assert scan(bases, scores, 800, everywhere(bases)) == (2, 2)


def test_places_that_touch_what_was_planted_or_unknown_bases_do_not_count():
    bases = index("AACAACNAAC")
    scores = whole_scores(CERTAIN[[0, 0, 1]], UNIFORM)
    kept = everywhere(bases)
    # Without N: starts 0 to 3 and 7.
    assert scan(bases, scores, 600, kept) == (3, 2 * 5)
    kept[0, 2] = False
    # Starts 3 and 7 are left.
    assert scan(bases, scores, 600, kept) == (2, 2 * 2)


def test_a_matrix_longer_than_the_sequences_has_no_place():
    bases = index("ACG")
    scores = whole_scores(CERTAIN, UNIFORM)
    assert scan(bases, scores, 0, everywhere(bases)) == (0, 0)


def test_random_bases_match_as_often_as_expected():
    rng = np.random.default_rng(2)
    background = np.array([0.3, 0.2, 0.2, 0.3])
    bases = rng.choice(4, size=(3000, 200), p=background).astype(np.uint8)
    matrix = rng.dirichlet(np.full(4, 0.3), 12)
    scores = whole_scores(matrix, background)
    rare = threshold(scores, background, 1e-3)
    hits, positions = scan(bases, scores, rare.score, everywhere(bases))
    assert positions == 2 * 3000 * 189
    # A and T, C and G are as frequent, so both strands have the same composition.
    expected = positions * rare.p
    assert hits == pytest.approx(expected, abs=5 * expected**0.5)
