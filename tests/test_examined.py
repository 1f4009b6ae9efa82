"""Which sequences are looked at: balanced, repeatable, growing."""

from types import SimpleNamespace

import numpy as np
import pytest

from proofread.examined import examined


class Labels(SimpleNamespace):
    def __len__(self):
        return len(self.label)


@pytest.fixture
def one_target():
    label = np.zeros((100, 1), dtype=np.float32)
    label[:20] = 1
    return Labels(label=label, target=["bound"])


def test_positives_as_often_as_negatives(one_target):
    rows = examined(one_target, 30, seed=1)
    assert len(rows) == len(set(rows)) == 30
    assert (rows[:-1] < rows[1:]).all()
    assert (rows < 20).sum() == 15


def test_the_rare_class_runs_out(one_target):
    rows = examined(one_target, 60, seed=1)
    assert (rows < 20).sum() == 20
    assert len(rows) == 60


def test_a_smaller_number_is_part_of_a_larger(one_target):
    few, many = (set(examined(one_target, n, seed=3)) for n in (11, 37))
    assert few < many


def test_the_seed_decides(one_target):
    first, same, other = (examined(one_target, 10, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first, same)
    assert not np.array_equal(first, other)


def test_few_are_all(one_target):
    assert np.array_equal(examined(one_target, 100, seed=1), np.arange(100))


def test_every_target_has_its_turn():
    label = np.zeros((90, 3), dtype=np.float32)
    for column in range(3):
        label[30 * column : 30 * (column + 1), column] = 1
    several = Labels(label=label, target=["a", "b", "c"])
    positives = label[examined(several, 30, seed=1)].sum(axis=0)
    assert positives.min() >= 5
    only = label[examined(several, 30, seed=1, target="b")].sum(axis=0)
    assert only[1] == 15
