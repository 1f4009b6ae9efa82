"""Checking settings against a schema: defaults, and mistakes in the user's words."""

import pytest

from proofread.configuration.schema import check, described, fill
from proofread.configuration.suggestions import suggest
from proofread.errors import InputError

TRAINING = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "epochs": {
            "type": "integer",
            "minimum": 1,
            "default": 40,
            "description": "passes over the data.",
        },
        "rate": {"type": "number", "exclusiveMinimum": 0, "default": 0.001},
        "sampler": {"enum": ["shuffled", "weighted"], "default": "shuffled"},
    },
}
MODEL = {
    "type": "object",
    "required": ["architecture"],
    "additionalProperties": False,
    "properties": {"architecture": {"type": "string"}, "training": TRAINING},
}
DATABASE = {
    "oneOf": [
        {
            "type": "object",
            "additionalProperties": False,
            "required": ["release"],
            "properties": {
                "release": {"enum": [2024, 2026]},
                "taxon": {"type": "string", "default": "vertebrates"},
            },
        },
        {
            "type": "object",
            "additionalProperties": False,
            "required": ["file"],
            "properties": {"file": {"type": "string"}},
        },
    ]
}
DEFAULTS = {"epochs": 40, "rate": 0.001, "sampler": "shuffled"}


def mistake(value, schema):
    with pytest.raises(InputError) as caught:
        check(value, schema, "config.yaml", "here")
    return caught.value


@pytest.mark.parametrize(
    "model",
    [
        {"architecture": "cnn"},
        {"architecture": "cnn", "training": None},  # a bare `training:`
        {"architecture": "cnn", "training": {}},
    ],
    ids=["absent", "bare", "empty"],
)
def test_nested_defaults_are_filled(model):
    assert check(model, MODEL, "config.yaml") == {
        "architecture": "cnn",
        "training": DEFAULTS,
    }


def test_what_the_user_wrote_is_kept_and_left_unchanged():
    model = {"architecture": "cnn", "training": {"epochs": 3}}
    checked = check(model, MODEL, "config.yaml")
    assert checked["training"] == DEFAULTS | {"epochs": 3}
    assert model == {"architecture": "cnn", "training": {"epochs": 3}}


def test_two_mappings_never_share_a_default():
    schema = {"properties": {"settings": {"default": {}}}}
    first, second = fill({}, schema), fill({}, schema)
    first["settings"]["x"] = 1
    assert second == {"settings": {}}


def test_order_is_the_schema_s_so_that_moving_a_line_reruns_nothing():
    checked = check({"sampler": "weighted", "epochs": 3}, TRAINING, "config.yaml")
    assert list(checked) == ["epochs", "rate", "sampler"]


def test_a_whole_number_written_with_a_point_is_one():
    epochs = check({"epochs": 3.0}, TRAINING, "config.yaml")["epochs"]
    assert (epochs, type(epochs)) == (3, int)


def test_only_the_alternative_that_was_meant_is_filled():
    assert check({"release": 2026}, DATABASE, "") == {
        "release": 2026,
        "taxon": "vertebrates",
    }
    assert check({"file": "own.meme"}, DATABASE, "") == {"file": "own.meme"}


def test_a_mistake_is_reported_in_the_alternative_that_was_meant():
    error = mistake({"release": 2025}, DATABASE)
    assert error.where == "config.yaml: here.release"
    assert error.expected == "one of 2024, 2026"
    error = mistake({"fil": "own.meme"}, DATABASE)
    assert error.remedy == "did you mean 'file'?"


def test_conditions_are_filled_and_checked():
    schema = {
        "type": "object",
        "properties": {"rule": {"enum": ["order", "distance"]}},
        "if": {"properties": {"rule": {"const": "distance"}}},
        "then": {"properties": {"gap": {"type": "integer", "default": 20}}},
    }
    assert check({"rule": "distance"}, schema, "") == {"rule": "distance", "gap": 20}
    assert check({"rule": "order"}, schema, "") == {"rule": "order"}
    assert check({"rule": "order", "gap": "x"}, schema, "")["gap"] == "x"
    error = mistake({"rule": "distance", "gap": "x"}, schema)
    assert error.where == "config.yaml: here.gap"
    assert error.expected == "a whole number"


def test_a_misspelt_key_comes_before_the_key_that_is_missing_for_it():
    error = mistake({"architectur": "cnn"}, MODEL)
    assert error.found == "unknown key 'architectur'"
    assert error.expected == "one of architecture, training"
    assert error.remedy == "did you mean 'architecture'?"


def test_a_message_has_the_user_s_words():
    error = mistake({"architecture": "cnn", "training": {"epochs": "many"}}, MODEL)
    assert str(error) == (
        "config.yaml: here.training.epochs: 'many'\n"
        "  expected: a whole number of at least 1: passes over the data\n"
        "  what to do: correct it, or remove the line to get 40"
    )


def test_a_missing_key_is_described():
    error = mistake({}, MODEL)
    assert error.found == "no 'architecture'"
    assert error.expected == "architecture: text"
    assert error.remedy == "add a line 'architecture: ...' there"


@pytest.mark.parametrize(
    ("value", "remedy"),
    [
        (0, "raise it above 0"),
        # PyYAML reads 1e-3, without a point, as text.
        ("1e-3", "write 0.001 without quotes (1e-3 needs a point: 1.0e-3)"),
        (None, "write a value after the colon, or remove the line to get 0.001"),
        (True, "correct it, or remove the line to get 0.001"),
        (float("nan"), "correct it, or remove the line to get 0.001"),
        (float("inf"), "correct it, or remove the line to get 0.001"),
    ],
)
def test_numbers_that_are_none(value, remedy):
    error = mistake({"rate": value}, TRAINING)
    assert error.where == "config.yaml: here.rate"
    assert error.expected == "a number above 0"
    assert error.remedy.startswith(remedy)


def test_items_of_a_list_are_counted_from_one():
    schema = {"type": "array", "items": {"type": "string"}}
    error = mistake(["a", 7], schema)
    assert error.where == "config.yaml: here, item 2"


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": ["string", "null"]}, "text or null"),
        ({"enum": ["a", None, True]}, "one of a, null, true"),
        ({"type": "integer", "minimum": 0, "maximum": 9}, "a whole number from 0 to 9"),
        ({"type": ["integer", "null"], "minimum": 1}, "of at least 1, or null"),
        ({"oneOf": [{"type": "number"}, {"const": "natural"}]}, "a number, or natural"),
        (
            {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
            "a list, each text, none twice",
        ),
    ],
)
def test_what_is_allowed_in_words(schema, words):
    assert words in described(schema)


def test_a_name_unlike_any_other_brings_no_suggestion():
    assert suggest("lenght", ["length", "seed"]) == "length"
    assert suggest("zebra", ["length", "seed"]) is None


def test_a_synonym_comes_before_a_name_that_is_spelt_alike():
    known = ["drawn", "replicates"]
    assert suggest("draws", known) == "replicates"
    assert suggest("draws", ["drawn"]) == "drawn"
