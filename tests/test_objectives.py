"""Losses and monitors: the defaults of each type of target, and what is refused."""

import pytest

from proofread.configuration.labels import target_types
from proofread.configuration.model_settings import training_defaults
from proofread.configuration.objectives import (
    LOSSES,
    MONITORS,
    check_objective,
    check_objective_of_row,
    resolved,
)
from proofread.configuration.schema import schema_of
from proofread.errors import InputError

BINARY = {"source": "table", "target_type": "binary", "transform": "none"}
QUANTITATIVE = BINARY | {"target_type": "quantitative"}
DEFAULTS = training_defaults("eraslan2019")


def test_the_defaults_depend_on_the_targets():
    binary = resolved(DEFAULTS, quantitative=False)
    assert (binary["loss"], binary["monitor"]) == ("cross_entropy", "validation_auroc")
    numbers = resolved(DEFAULTS, quantitative=True)
    assert (numbers["loss"], numbers["monitor"]) == ("mse", "validation_pearson")
    given = DEFAULTS | {"loss": "poisson", "monitor": "validation_loss"}
    assert resolved(given, quantitative=True) == given


def test_the_choice_of_an_older_version_names_no_loss():
    older = {key: DEFAULTS[key] for key in DEFAULTS if key not in ("loss", "monitor")}
    for quantitative, dataset in ((False, BINARY), (True, QUANTITATIVE)):
        assert resolved(older, quantitative=quantitative) == resolved(
            DEFAULTS, quantitative=quantitative
        )
        check_objective(older, dataset, "here")


def test_the_schema_has_every_loss_and_monitor():
    properties = schema_of("training")["properties"]
    for key, options in (("loss", LOSSES), ("monitor", MONITORS)):
        known = {"auto", *options[False], *options[True]}
        assert set(properties[key]["enum"]) == known


def test_targets_without_a_type_are_binary():
    datasets = {"a": {"source": "simulate"}, "b": BINARY, "c": QUANTITATIVE}
    types = {"a": "binary", "b": "binary", "c": "quantitative"}
    assert target_types(datasets) == types


@pytest.mark.parametrize("dataset", [BINARY, QUANTITATIVE])
def test_the_defaults_are_allowed(dataset):
    for architecture in ("eraslan2019", "recommended"):
        check_objective(training_defaults(architecture), dataset, "here")


@pytest.mark.parametrize(
    ("dataset", "setting", "message"),
    [
        (BINARY, {"loss": "mse"}, "here.loss: mse, and the targets .* are binary"),
        (BINARY, {"monitor": "validation_pearson"}, "here.monitor: validation_pearson"),
        (BINARY, {"monitor": "validation_spearman"}, "are binary"),
        (QUANTITATIVE, {"loss": "cross_entropy"}, "here.loss: .* are quantitative"),
        (
            QUANTITATIVE,
            {"monitor": "validation_auroc"},
            "here.monitor: validation",
        ),
        (QUANTITATIVE, {"monitor": "validation_accuracy"}, "are quantitative"),
        (QUANTITATIVE, {"class_weights": "balanced"}, "here.class_weights: balanced"),
        (QUANTITATIVE, {"sampler": "weighted"}, "here.sampler: weighted"),
        (QUANTITATIVE, {"classes": "exclusive"}, "here.classes: exclusive"),
        (
            QUANTITATIVE | {"transform": "log1p"},
            {"loss": "poisson"},
            "here.loss: poisson, and the dataset has transform: log1p",
        ),
    ],
)
def test_wrong_combinations_are_refused_in_words(dataset, setting, message):
    with pytest.raises(InputError, match=message):
        check_objective(DEFAULTS | setting, dataset, "here")


def test_a_row_names_its_model_or_candidate():
    wrong = {"training": DEFAULTS | {"loss": "mse"}}
    config = {
        "datasets": {"peaks": BINARY},
        "models": {
            "cnn": wrong,
            "tuned": {"tune": {"seed": 1, "candidates": {"few": wrong}}},
            "mine": {"import": {}},
        },
    }

    def check(model):
        row = {"dataset": "peaks", "model": model, "seed": "1"}
        check_objective_of_row(row, config, "experiments.tsv, row 2")

    with pytest.raises(InputError, match=r"row 2: models\.cnn\.training\.loss"):
        check("cnn")
    key = r"row 2: models\.tuned\.tune\.candidates\.few\.training\.loss"
    with pytest.raises(InputError, match=key):
        check("tuned")
    check("mine")
