"""Groups of sequences by their label, and which sequences of quantities are read."""

import numpy as np
import pytest

from proofread.datasets.dataset import Dataset, read_split, write_dataset, write_splits
from proofread.datasets.groups import groups

NAN = np.nan


def dataset(label, **settings):
    label = np.asarray(label, dtype=np.float32)
    n, targets = label.shape
    return Dataset(
        np.zeros((n, 5), np.uint8),
        np.full(n, 5),
        [f"s{row}" for row in range(n)],
        label,
        [f"t{column}" for column in range(targets)],
        [f"s{row}" for row in range(n)],
        ["-"] * n,
        settings=settings,
    )


def members(dataset, target):
    found = groups(dataset, target)
    return {name: np.flatnonzero(rows).tolist() for name, rows in found.items()}


def test_groups_of_a_binary_target_are_its_classes():
    binary = dataset([[1], [0], [1]])
    assert members(binary, "t0") == {"positive": [0, 2], "negative": [1]}


def test_groups_of_a_quantity_are_halves_without_missing_values():
    # Known values of t0: 5, -1, 2, 2; their median is 2, which is in the lower half.
    label = [[5, 1], [-1, NAN], [NAN, 2], [2, 3], [2, 4]]
    numbers = dataset(label, target_type="quantitative")
    assert members(numbers, "t0") == {"high": [0], "low": [1, 3, 4]}
    # 1, 2, 3, 4: the median is 2.5.
    assert members(numbers, "t1") == {"high": [3, 4], "low": [0, 2]}


def test_quantities_without_a_known_value_are_unlabelled():
    numbers = dataset([[NAN], [NAN]], target_type="quantitative")
    assert members(numbers, "t0") == {"unlabelled": [0, 1]}


@pytest.mark.parametrize("settings", [{"target_type": "quantitative"}, {}])
def test_sequences_with_a_missing_label_are_read(tmp_path, settings):
    label = [[1, NAN], [0, 1], [NAN, 0], [1, 1]]
    splits = {"train": np.arange(0), "validation": np.arange(0), "test": np.arange(4)}
    write_splits(tmp_path / "splits.h5", splits)
    write_dataset(tmp_path / "dataset.h5", dataset(label, **settings))
    test = read_split(tmp_path / "dataset.h5", tmp_path / "splits.h5", "test")
    assert list(test.name) == ["s0", "s1", "s2", "s3"]
