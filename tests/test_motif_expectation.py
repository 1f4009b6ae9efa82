"""What each test should find under each planted rule."""

import pytest

from proofread.truth.expectation import (
    DISTANCE,
    FOUND,
    INTERACTION,
    NOTHING,
    OPEN,
    ORDER,
    PRESENCE,
    SAME_SIDE,
    expectation,
    pair_range,
    planted_range,
    relevant_motifs,
)

BASE = {
    "motifs": ["A", "B", "C"],
    "positive_motifs": None,
    "logic": None,
    "targets": None,
    "positive_fraction": 0.5,
    "min_gap": 5,
    "max_gap": 20,
}


def expected(settings, target="label"):
    settings = BASE | settings
    single = {name: expectation(PRESENCE, (name,), settings, target) for name in "ABC"}
    pair = {
        kind: expectation(kind, ("A", "B"), settings, target)
        for kind in (ORDER, DISTANCE, SAME_SIDE, INTERACTION)
    }
    return list(single.values()), list(pair.values())


@pytest.mark.parametrize(
    ("settings", "single", "pair"),
    [
        (
            {"rule": "presence", "positive_motifs": ["A"]},
            [FOUND, NOTHING, NOTHING],
            [NOTHING, NOTHING, NOTHING, NOTHING],
        ),
        # Both must be there: logits may add up to that, or not.
        (
            {"rule": "presence", "positive_motifs": ["A", "B"]},
            [FOUND, FOUND, NOTHING],
            [NOTHING, NOTHING, NOTHING, OPEN],
        ),
        # C is a decoy here.
        (
            {"rule": "order", "motifs": ["A", "B"]},
            [FOUND, FOUND, NOTHING],
            [FOUND, NOTHING, NOTHING, OPEN],
        ),
        (
            {"rule": "distance", "motifs": ["A", "B"]},
            [FOUND, FOUND, NOTHING],
            [FOUND, FOUND, NOTHING, OPEN],
        ),
        ({"rule": "none"}, [NOTHING] * 3, [NOTHING] * 4),
        ({"rule": "gc", "motifs": []}, [NOTHING] * 3, [NOTHING] * 4),
        (
            {"rule": "logic", "logic": {"at_least": 2, "of": ["A", "B", "C"]}},
            [FOUND] * 3,
            [NOTHING, NOTHING, NOTHING, OPEN],
        ),
        (
            {"rule": "logic", "logic": {"all": ["A", {"not": "C"}]}},
            [FOUND, NOTHING, FOUND],
            [NOTHING] * 4,
        ),
        # A or (A and B) is A: B stands there and decides nothing.
        (
            {"rule": "logic", "logic": {"any": ["A", {"all": ["A", "B"]}]}},
            [FOUND, NOTHING, NOTHING],
            [NOTHING] * 4,
        ),
    ],
    ids=["one", "two", "order", "distance", "none", "gc", "2of3", "not", "absorbed"],
)
def test_expectations(settings, single, pair):
    assert expected(settings) == (single, pair)


def test_pairs_with_a_decoy_are_no_pair():
    settings = BASE | {"rule": "distance", "motifs": ["A", "B"]}
    for kind in (ORDER, DISTANCE, SAME_SIDE, INTERACTION):
        assert expectation(kind, ("A", "C"), settings, "distance") == NOTHING


def test_each_target_has_its_own_expression():
    settings = BASE | {
        "rule": "logic",
        "targets": {"one": "A", "both": {"all": ["B", "C"]}},
    }
    assert relevant_motifs(settings, "one") == {"A"}
    assert relevant_motifs(settings, "both") == {"B", "C"}
    assert expectation(INTERACTION, ("B", "C"), settings, "both") == OPEN
    assert expectation(INTERACTION, ("B", "C"), settings, "one") == NOTHING


def test_only_the_planted_order_has_a_range():
    settings = BASE | {"rule": "distance", "motifs": ["A", "B"]}
    assert planted_range("A", "B", settings) == (5, 20)
    assert planted_range("B", "A", settings) is None
    assert pair_range("B", "A", settings) == pair_range("A", "B", settings) == (5, 20)
    assert pair_range("B", "C", settings) is None
    assert planted_range("A", "B", settings | {"rule": "order"}) is None
