"""Verdicts by hand: recovered, the network's fault, or the method's."""

from math import nan

import pytest

from proofread.truth.at_fault import (
    METHOD_LIMIT,
    NETWORK,
    RECOVERED,
    UNDECIDED,
    verdict,
)


@pytest.mark.parametrize(
    ("value", "control", "target", "expected"),
    [
        # 95 % of 0.8 is 0.76.
        (0.76, 0.8, 0.8, RECOVERED),
        (0.75, 0.76, 0.8, NETWORK),
        (0.75, 0.75, 0.8, METHOD_LIMIT),
        # A network with which the method works is no limit of the method.
        (0.79, 0.1, 0.8, RECOVERED),
        # Better than the ideal explainer, which is no upper limit.
        (0.9, 0.9, 0.8, RECOVERED),
        (nan, 0.8, 0.8, UNDECIDED),
        (0.8, nan, 0.8, UNDECIDED),
        (0.8, 0.8, nan, UNDECIDED),
    ],
)
def test_who_is_at_fault(value, control, target, expected):
    assert verdict(value, control, target) == expected


def test_of_the_best_possible_value_95_percent_are_enough():
    assert verdict(0.95, 1.0, 1.0) == RECOVERED
    assert verdict(0.94, 0.95, 1.0) == NETWORK
