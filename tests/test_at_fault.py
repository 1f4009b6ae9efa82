"""Verdicts by hand: recovered, the network's fault, or the method's."""

from math import nan

import pytest

from proofread.truth.at_fault import (
    METHOD_LIMIT,
    NETWORK,
    RECOVERED,
    UNDECIDED,
    reaches,
    verdict,
)


@pytest.mark.parametrize(
    ("value", "control", "target", "better", "expected"),
    [
        # 95 % of 0.8 is 0.76.
        (0.76, 0.8, 0.8, "higher", RECOVERED),
        (0.75, 0.76, 0.8, "higher", NETWORK),
        (0.75, 0.75, 0.8, "higher", METHOD_LIMIT),
        # A network with which the method works is no limit of the method.
        (0.79, 0.1, 0.8, "higher", RECOVERED),
        # Better than the ideal explainer, which is no upper limit.
        (0.9, 0.9, 0.8, "higher", RECOVERED),
        # 5 % false findings are 95 % right ones; 6 % are too many.
        (0.05, 0.0, 0.0, "lower", RECOVERED),
        (0.06, 0.0, 0.0, "lower", NETWORK),
        (0.06, 0.06, 0.0, "lower", METHOD_LIMIT),
        # Of 0.8 right ones 95 % are 0.76: 0.24 false ones.
        (0.24, 0.3, 0.2, "lower", RECOVERED),
        (0.25, 0.3, 0.2, "lower", METHOD_LIMIT),
        (nan, 0.8, 0.8, "higher", UNDECIDED),
        (0.8, nan, 0.8, "higher", UNDECIDED),
        (0.8, 0.8, nan, "higher", UNDECIDED),
    ],
)
def test_who_is_at_fault(value, control, target, better, expected):
    assert verdict(value, control, target, better) == expected


def test_of_the_best_possible_value_95_percent_are_enough():
    assert reaches(0.95, 1.0, "higher") and not reaches(0.94, 1.0, "higher")
