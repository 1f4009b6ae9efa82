"""Negative controls: which there are, and that they learn nothing."""

from types import SimpleNamespace

import numpy as np
import torch

from proofread.configuration.negative_controls import (
    control_experiments,
    control_models,
    kind_of,
    untrained_file,
)
from proofread.models.checkpoint import new_network
from proofread.training.controls import untrained, with_shuffled_labels
from test_train import MODEL, poly_a

MODELS = {"cnn": {"architecture": "basset"}, "mine": {"import": {}}}


def test_a_user_model_has_no_negative_control():
    controls = control_models(MODELS, ["untrained", "shuffled"])
    assert controls == {
        "cnn.untrained": {"architecture": "basset", "negative_control": "untrained"},
        "cnn.shuffled": {"architecture": "basset", "negative_control": "shuffled"},
    }
    assert control_models(MODELS, []) == {}


def test_one_control_for_each_simulated_dataset_and_model():
    def row(dataset, model, seed):
        return {"dataset": dataset, "model": model, "seed": seed}

    experiments = [
        row("a", "cnn", "7"),
        row("a", "cnn", "2"),
        row("b", "cnn", "1"),
        row("a", "mine", "1"),
    ]
    datasets = {"a": {"source": "simulate"}, "b": {"source": "fasta"}}
    controls = control_models(MODELS, ["untrained"])
    assert control_experiments(experiments, datasets, controls) == [
        row("a", "cnn.untrained", "7")
    ]


def test_kinds_are_told_by_the_name():
    assert kind_of("cnn.v2.shuffled") == "shuffled"
    assert kind_of("untrained") == "untrained"
    assert kind_of("cnn.v2") is None


def test_the_untrained_networks_of_a_model():
    path = untrained_file(control_models(MODELS, ["untrained"]), "filters.meme")

    def untrained_of(model):
        return path(SimpleNamespace(dataset="a", model=model, seed="7"))

    assert untrained_of("cnn") == "<results>/a/cnn.untrained/filters.meme"
    assert untrained_of("mine") == untrained_of("cnn.untrained") == []


def test_an_untrained_network_is_the_one_a_training_starts_with():
    validation = poly_a(60, 2)
    network, history = untrained(poly_a(20, 1), validation, MODEL, seed=3)
    state = network.state_dict()
    first = new_network(MODEL, validation, 3).state_dict()
    assert all(torch.equal(state[key], first[key]) for key in first)
    assert not network.training
    assert history["epoch"].tolist() == [0]
    assert history["train_loss"].isna().all()
    # Its one moment is the one that is kept; nothing was learned at any rate.
    assert history[["best", "learning_rate"]].to_numpy().tolist() == [[1, 0]]


def test_shuffled_labels_are_the_same_labels_elsewhere():
    dataset = poly_a(200, 1)
    one, same, other = (with_shuffled_labels(dataset, seed) for seed in (1, 1, 2))
    assert one.label.sum() == dataset.label.sum()
    assert not np.array_equal(one.label, dataset.label)
    assert np.array_equal(one.label, same.label)
    assert not np.array_equal(one.label, other.label)
    assert np.array_equal(one.index, dataset.index)
