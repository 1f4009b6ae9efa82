"""Names of targets that a setting asks for: chosen in order, or refused."""

import pytest

from proofread.configuration.names import known_targets
from proofread.errors import InputError

TARGETS = ["liver", "brain", "heart"]


def test_null_is_every_target():
    assert known_targets(None, TARGETS, "key") == TARGETS


def test_targets_keep_the_order_of_the_dataset():
    assert known_targets(["heart", "liver"], TARGETS, "key") == ["liver", "heart"]


def test_an_unknown_target_is_refused_with_the_known_ones():
    with pytest.raises(InputError) as caught:
        known_targets(["liver", "hart"], TARGETS, "methods.x.targets")
    assert caught.value.where == "methods.x.targets"
    assert caught.value.found == "no target 'hart'"
    assert caught.value.expected == "some of liver, brain, heart"
    assert caught.value.remedy == "did you mean 'heart'?"
    with pytest.raises(InputError, match="correct or remove the name; null is all"):
        known_targets(["xyz"], TARGETS, "methods.x.targets")


def test_a_message_does_not_list_hundreds_of_targets():
    targets = [f"t{number}" for number in range(164)]
    with pytest.raises(InputError) as caught:
        known_targets(["zebra"], targets, "methods.x.targets")
    assert caught.value.expected.endswith("t19, ...")
