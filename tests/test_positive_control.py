"""Positive controls: for which datasets, and their names."""

from types import SimpleNamespace

import pytest

import positive_control
from proofread.configuration.check import check_configuration
from proofread.configuration.positive_control import ORACLE, positive_experiments
from proofread.errors import InputError
from runs import ROOT, TINY


def row(dataset, model, seed):
    return {"dataset": dataset, "model": model, "seed": seed}


def test_one_for_each_simulated_dataset_with_a_rule():
    experiments = [
        row("a", "cnn", "7"),
        row("a", "other", "2"),
        row("random", "cnn", "1"),
        row("pairs", "cnn", "1"),
        row("mine", "cnn", "1"),
        row("b", "cnn", "3"),
    ]
    datasets = {
        "a": {"source": "simulate", "rule": "order"},
        "b": {"source": "simulate", "rule": "gc"},
        "random": {"source": "simulate", "rule": "none"},
        "pairs": {"source": "simulate", "rule": "pairs"},
        "mine": {"source": "fasta"},
    }
    expected = [row("a", ORACLE, "7"), row("b", ORACLE, "3")]
    assert positive_experiments(experiments, datasets, "oracle") == expected
    assert positive_experiments(experiments, datasets, None) == []


def test_it_is_off_by_default_and_its_name_is_taken():
    schemas = ROOT / "workflow/schemas"
    assert check_configuration(TINY, schemas)["positive_control"] is None
    models = {"oracle": TINY["models"]["tiny"]}
    with pytest.raises(InputError, match="the name 'oracle'"):
        check_configuration(TINY | {"models": models}, schemas)


def test_the_comparison_without_a_positive_control_says_what_to_add(monkeypatch):
    monkeypatch.setattr(positive_control, "start", lambda job: None)
    job = SimpleNamespace(params=SimpleNamespace(simulated={}))
    with pytest.raises(InputError) as caught:
        positive_control.main(job)
    assert "add 'positive_control: oracle'" in caught.value.remedy
    assert "none, pairs have none" in caught.value.expected
