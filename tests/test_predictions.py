"""The table of predictions: a row for each sequence and target."""

from types import SimpleNamespace

import numpy as np
import pytest

from proofread.statistics.predictions import prediction_rows, quantity_rows


def test_targets_of_a_sequence_are_together_and_half_is_positive():
    dataset = SimpleNamespace(
        name=["a", "b"],
        target=["liver", "brain"],
        label=np.array([[1, 0], [0, 1]], dtype=np.float32),
    )
    table = prediction_rows(dataset, np.array([[0, -np.log(3)], [np.log(3), 50]]))
    assert table["id"].tolist() == ["a", "a", "b", "b"]
    assert table["target"].tolist() == ["liver", "brain"] * 2
    assert table["true"].tolist() == [1, 0, 0, 1]
    # Logits 0, -log 3, log 3 and a large one: 1/2, 1/4, 3/4 and 1.
    assert table["probability"].tolist() == pytest.approx([0.5, 0.25, 0.75, 1])
    assert table["predicted"].tolist() == [1, 0, 1, 1]


def test_a_missing_label_has_no_row():
    dataset = SimpleNamespace(
        name=["a", "b"],
        target=["liver", "brain"],
        label=np.array([[1, np.nan], [np.nan, 0]], dtype=np.float32),
    )
    table = prediction_rows(dataset, np.zeros((2, 2)))
    assert table[["id", "target", "true"]].to_numpy().tolist() == [
        ["a", "liver", 1],
        ["b", "brain", 0],
    ]


def test_quantities_stand_beside_the_measured_ones():
    dataset = SimpleNamespace(
        name=["a", "b"],
        target=["leaf", "root"],
        label=np.array([[1.5, np.nan], [-2, 7]], dtype=np.float32),
    )
    outputs = np.array([[1, 2], [3, 4]], dtype=np.float32)
    table = quantity_rows(dataset, outputs)
    assert table.to_numpy().tolist() == [
        ["a", "leaf", 1.5, 1],
        ["b", "leaf", -2, 3],
        ["b", "root", 7, 4],
    ]
    # Without any value every sequence is predicted.
    dataset.label[:] = np.nan
    table = quantity_rows(dataset, outputs)
    assert table["output"].tolist() == [1, 2, 3, 4]
    assert table["true"].isna().all()
