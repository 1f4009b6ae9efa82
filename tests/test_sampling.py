"""Which sequences are looked at: balanced, repeatable, growing."""

from types import SimpleNamespace

import numpy as np
import pytest

from perturbation_runs import tiny_dataset
from proofread.datasets.dataset import write_dataset, write_splits
from proofread.datasets.sampling import (
    balanced_rows,
    example_rows,
    read_balanced,
    read_sample,
)
from proofread.errors import InputError


class Labels(SimpleNamespace):
    quantitative = False

    def __len__(self):
        return len(self.label)


@pytest.fixture
def one_target():
    label = np.zeros((100, 1), dtype=np.float32)
    label[:20] = 1
    return Labels(label=label, target=["bound"])


def test_positives_as_often_as_negatives(one_target):
    rows = balanced_rows(one_target, 30, seed=1)
    assert len(rows) == len(set(rows)) == 30
    assert (rows[:-1] < rows[1:]).all()
    assert (rows < 20).sum() == 15


def test_the_rare_class_runs_out(one_target):
    rows = balanced_rows(one_target, 60, seed=1)
    assert (rows < 20).sum() == 20
    assert len(rows) == 60


def test_a_smaller_number_is_part_of_a_larger(one_target):
    few, more = (set(balanced_rows(one_target, n, seed=3)) for n in (11, 37))
    assert few < more


def test_the_seed_decides(one_target):
    first, same, other = (balanced_rows(one_target, 10, seed=n) for n in (1, 1, 2))
    assert np.array_equal(first, same)
    assert not np.array_equal(first, other)


def test_few_are_all(one_target):
    assert np.array_equal(balanced_rows(one_target, 100, seed=1), np.arange(100))


def test_every_target_has_its_turn():
    label = np.zeros((90, 3), dtype=np.float32)
    for column in range(3):
        label[30 * column : 30 * (column + 1), column] = 1
    several = Labels(label=label, target=["a", "b", "c"])
    positives = label[balanced_rows(several, 30, seed=1)].sum(axis=0)
    assert positives.min() >= 5
    only = label[balanced_rows(several, 30, seed=1, target="b")].sum(axis=0)
    assert only[1] == 15


def test_positives_alone_are_those_of_both_classes(one_target):
    both = balanced_rows(one_target, 20, seed=1)
    alone = balanced_rows(one_target, 10, seed=1, classes="positive")
    assert alone.tolist() == [row for row in both if row < 20]
    few = balanced_rows(one_target, 30, seed=1, classes="positive")
    assert few.tolist() == list(range(20))


def test_positives_of_every_target_have_their_turn():
    label = np.repeat(np.eye(3, dtype=np.float32), 30, axis=0)
    several = Labels(label=label, target=["a", "b", "c"])
    rows = balanced_rows(several, 6, seed=1, classes="positive")
    assert (rows // 30).tolist() == [0, 0, 1, 1, 2, 2]
    only = balanced_rows(several, 6, seed=1, target="b", classes="positive")
    assert (only // 30).tolist() == [1] * 6


def test_a_missing_label_is_of_neither_class():
    # Of a 3 positives, 2 negatives and 5 missing; b is known where a is missing.
    nan = np.nan
    a, b = [1, 1, 1, 0, 0, *[nan] * 5], [*[nan] * 5, 0, 1, 0, 0, 0]
    labels = Labels(label=np.column_stack([a, b]), target=["a", "b"])
    assert balanced_rows(labels, 10, seed=1).tolist() == list(range(10))
    assert balanced_rows(labels, 9, seed=1, target="a").tolist() == [0, 1, 2, 3, 4]
    rows = balanced_rows(labels, 4, seed=1, target="a")
    assert (rows < 3).sum() == 2 and ((rows == 3) | (rows == 4)).sum() == 2
    # In turn: a positive of a, a negative of a, a positive of b, a negative of b.
    rows = balanced_rows(labels, 4, seed=1)
    assert (rows < 3).sum() == 1 and ((rows == 3) | (rows == 4)).sum() == 1
    assert 6 in rows and np.isin(rows, [5, 7, 8, 9]).sum() == 1
    rows = balanced_rows(labels, 9, seed=1, classes="positive")
    assert rows.tolist() == [0, 1, 2, 6]


def test_without_any_label_rows_are_drawn_from_all():
    unlabelled = Labels(label=np.full((10, 1), np.nan), target=["a"])
    assert len(balanced_rows(unlabelled, 4, seed=1)) == 4


def test_examples_are_positives_and_negatives_of_known_labels():
    label = np.array([[np.nan, 0], [0, np.nan], [1, 1]])
    labels = Labels(label=label, target=["a", "b"])
    # a: positive 2, negative 1; b: its positive 2 is taken, negative 0.
    assert example_rows(labels, 9) == [(2, 0), (1, 0), (0, 1)]


@pytest.mark.parametrize("n", [10, 100])
def test_a_target_that_is_not_there(one_target, n):
    with pytest.raises(ValueError, match="expected one of"):
        balanced_rows(one_target, n, seed=1, target="unbound")


def test_only_the_rows_to_look_at_are_read(tmp_path):
    dataset = tiny_dataset()  # even rows are positives
    write_dataset(tmp_path / "dataset.h5", dataset)
    splits = {"train": [0, 2], "validation": [], "test": [1, 4, 5, 7, 8]}
    write_splits(tmp_path / "splits.h5", splits)
    paths = (tmp_path / "dataset.h5", tmp_path / "splits.h5")
    chosen, rows = read_balanced(*paths, "test", 10, seed=1)
    assert rows.tolist() == [1, 4, 5, 7, 8]
    assert chosen.truth["sequence"].tolist() == [1, 4]
    assert chosen.truth["start"].tolist() == [7, 11]
    chosen, rows = read_balanced(*paths, "test", 2, seed=1)
    assert sorted(rows % 2) == [0, 1]
    assert set(rows) <= set(splits["test"])
    assert type(chosen.index) is np.ndarray
    assert np.array_equal(chosen.index, dataset.index[rows])
    assert chosen.name == [dataset.name[row] for row in rows]
    _, rows = read_balanced(*paths, "test", 10, seed=1, classes="positive")
    assert rows.tolist() == [4, 8]
    chosen, rows = read_balanced(*paths, "all", 100, seed=1)
    assert rows.tolist() == list(range(12))
    assert np.array_equal(chosen.label, dataset.label)


def test_a_target_without_a_label_in_the_split_has_none_to_explain(tmp_path):
    dataset = tiny_dataset(targets=2)
    dataset.label[[1, 5], 1] = np.nan
    write_dataset(tmp_path / "dataset.h5", dataset)
    splits = {"train": [0, 2], "validation": [], "test": [1, 5]}
    write_splits(tmp_path / "splits.h5", splits)
    paths = (tmp_path / "dataset.h5", tmp_path / "splits.h5")
    one, other = dataset.target
    assert read_balanced(*paths, "test", 9, seed=1, target=one)[1].tolist() == [1, 5]
    with pytest.raises(InputError, match="no label among 2 sequences"):
        read_balanced(*paths, "test", 9, seed=1, target=other)


def test_a_sample_is_read_as_it_is_drawn_and_an_empty_split_is_refused(tmp_path):
    write_dataset(tmp_path / "dataset.h5", tiny_dataset())
    splits = {"train": [0, 2], "validation": [], "test": [1, 4, 5, 7, 8]}
    write_splits(tmp_path / "splits.h5", splits)
    paths = (tmp_path / "dataset.h5", tmp_path / "splits.h5")
    chosen, rows = read_sample(*paths, "test", 3, seed=1)
    assert len(chosen) == 3
    assert set(rows) <= set(splits["test"])
    assert read_sample(*paths, "test", None, seed=1)[1].tolist() == splits["test"]
    for read in (read_balanced, read_sample):
        with pytest.raises(InputError, match=r"'validation'\): 0 sequences"):
            read(*paths, "validation", 3, seed=1)


def test_a_split_without_positives_has_none_to_explain(tmp_path):
    write_dataset(tmp_path / "dataset.h5", tiny_dataset())  # even rows are positives
    splits = {"train": [0, 2], "validation": [], "test": [1, 5, 7]}
    write_splits(tmp_path / "splits.h5", splits)
    paths = (tmp_path / "dataset.h5", tmp_path / "splits.h5")
    with pytest.raises(InputError, match="no positive among 3 sequences"):
        read_balanced(*paths, "test", 10, seed=1, classes="positive")
