"""Splits: exact fractions, whole groups, both classes, and seeds."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from proofread.datasets.dataset import (
    SPLITS,
    Dataset,
    read_split,
    write_dataset,
    write_splits,
)
from proofread.datasets.splitting import groups
from proofread.datasets.splitting.groups import split_groups
from proofread.datasets.splitting.split import split, summary
from proofread.errors import InputError
from proofread.progress import log


def dataset(strata, groups=None):
    """One base per sequence; only strata, labels and groups matter."""
    n = len(strata)
    names = [f"s{row}" for row in range(n)]
    return Dataset(
        index=np.zeros((n, 1), dtype=np.uint8),
        length=np.ones(n, dtype=int),
        name=names,
        label=np.array([[item == "positive"] for item in strata], dtype=np.float32),
        target=["bound"],
        group=names if groups is None else groups,
        stratum=list(strata),
    )


def settings(by="stratified", validation=0.15, test=0.15, seed=1):
    return {"by": by, "validation": validation, "test": test, "seed": seed}


def blocks(n_groups, size, rng=None):
    """Groups of `size` sequences, or of random sizes around it; half positive."""
    sizes = [size] * n_groups
    if rng is not None:
        sizes = rng.integers(size // 2, 2 * size, n_groups)
    groups = [f"g{number}" for number, n in enumerate(sizes) for _ in range(n)]
    chance = rng.random(len(groups)) if rng is not None else np.arange(len(groups)) % 2
    strata = np.where(chance < 0.5, "positive", "negative")
    return dataset(strata, groups)


def test_every_sequence_is_in_exactly_one_part():
    for by in ("stratified", "group"):
        rows = split(blocks(30, 20), settings(by))
        assert list(rows) == list(SPLITS)
        together = np.concatenate([rows[part] for part in SPLITS])
        assert sorted(together) == list(range(600))
        assert all((np.diff(row) > 0).all() for row in rows.values())


def test_each_stratum_is_divided_by_the_fractions():
    # 15 % of 1000, 600 and 400; strata in blocks, as a file has them.
    strata = ["positive"] * 1000 + ["negative"] * 600 + ["hard_negative"] * 400
    data = dataset(strata)
    table = summary(data, split(data, settings()))
    counts = table.pivot(index="split", columns="stratum", values="sequences")
    assert counts.loc["train"].to_dict() == {
        "positive": 700,
        "negative": 420,
        "hard_negative": 280,
    }
    for part in ("validation", "test"):
        assert counts.loc[part].to_dict() == {
            "positive": 150,
            "negative": 90,
            "hard_negative": 60,
        }
    assert table["split"].drop_duplicates().tolist() == list(SPLITS)


def test_a_stratum_is_dealt_out_at_random():
    data = dataset(["positive", "negative"] * 1000)
    test = split(data, settings())["test"]
    assert (test < 1000).sum() == pytest.approx(150, abs=45)  # 4 SE


def test_groups_are_never_cut():
    data = blocks(40, 25, np.random.default_rng(1))
    rows = split(data, settings("group"))
    groups = [{data.group[row] for row in rows[part]} for part in SPLITS]
    assert sum(map(len, groups)) == len(set.union(*groups)) == 40


def test_equal_groups_give_the_nearest_fractions():
    # 20 groups of 10: 14, 3 and 3 of them are exactly the fractions.
    rows = split(blocks(20, 10), settings("group"))
    assert [len(rows[part]) for part in SPLITS] == [140, 30, 30]


def test_uneven_groups_come_near_the_fractions_and_keep_the_classes():
    for seed in range(5):
        data = blocks(24, 240, np.random.default_rng(seed))
        rows = split(data, settings("group", seed=seed))
        for part, fraction in zip(SPLITS, (0.7, 0.15, 0.15), strict=True):
            assert len(rows[part]) / len(data) == pytest.approx(fraction, abs=0.02)
            positive = data.label[rows[part]].mean()
            assert positive == pytest.approx(data.label.mean(), abs=0.03)


def test_a_few_large_groups_leave_no_part_empty():
    # Two thirds of the sequences are nearer to the 70 % of train than one third.
    for n_groups in (3, 4, 5):
        data = blocks(n_groups, 20)
        rows = split(data, settings("group"))
        assert all(len(set(data.label[rows[part], 0])) == 2 for part in rows)


def test_the_assignment_nearest_to_the_fractions_is_kept(monkeypatch):
    # The first is the nearest, but a part lacks a class; the third is nearer than the
    # second.
    trials = [
        (1, 0.0, np.array([0, 1, 2])),
        (0, 0.3, np.array([2, 0, 1])),
        (0, 0.1, np.array([1, 2, 0])),
    ]
    monkeypatch.setattr(groups, "MAX_TRIALS", len(trials))
    left = iter(trials)
    monkeypatch.setattr(groups, "_assign", lambda *_: next(left))
    data = blocks(3, 2)
    fractions = np.array([0.7, 0.15, 0.15])
    rng = np.random.default_rng(1)
    part = split_groups(rng, data.group, data.stratum, fractions, "datasets.d.split")
    assert part.tolist() == [1, 1, 2, 2, 0, 0]
    assert next(left, None) is None  # all were tried


def test_a_part_of_fraction_0_gets_no_group():
    # 20 groups of 10: 17 and 3 of them are exactly the fractions.
    # So is validation taken from train where the user gives the parts.
    data, rng = blocks(20, 10), np.random.default_rng(1)
    fractions = np.array([0.85, 0.15, 0])
    part = split_groups(rng, data.group, data.stratum, fractions, "datasets.d.split")
    assert np.bincount(part, minlength=3).tolist() == [170, 30, 0]
    # Two groups are enough for two parts.
    data = blocks(2, 10)
    part = split_groups(rng, data.group, data.stratum, fractions, "datasets.d.split")
    assert np.bincount(part, minlength=3).tolist() == [10, 10, 0]


def test_many_small_groups():
    # A positive and its shuffle: 5,000 groups of two.
    data = blocks(5000, 2)
    rows = split(data, settings("group"))
    assert [len(rows[part]) for part in SPLITS] == [7000, 1500, 1500]
    table = summary(data, rows)
    assert (table["groups"] == table["sequences"]).all()


@pytest.mark.parametrize("by", ["stratified", "group"])
def test_a_seed_repeats_and_another_differs(by):
    data = blocks(60, 10)
    one, two, other = (split(data, settings(by, seed=seed)) for seed in (1, 1, 2))
    for part in SPLITS:
        assert one[part].tolist() == two[part].tolist()
        assert one[part].tolist() != other[part].tolist()


def test_a_stratified_split_says_how_many_groups_it_cuts(caplog, monkeypatch):
    monkeypatch.setattr(log, "propagate", True)
    data = blocks(10, 40)
    with caplog.at_level("WARNING", logger="proofread"):
        split(data, settings())
    assert "10 of 10 groups" in caplog.text
    caplog.clear()
    with caplog.at_level("WARNING", logger="proofread"):
        split(dataset(["positive", "negative"] * 50), settings())
        split(data, settings("group"))
    assert caplog.text == ""


@pytest.mark.parametrize(
    ("data", "chosen", "words"),
    [
        (
            dataset(["positive"] * 20),
            settings(),
            ["all 20 sequences have label 1", "'bound'", "dinucleotide"],
        ),
        (
            dataset(["positive", "negative"] * 10, ["one"] * 20),
            settings("group"),
            ["1 group(s): one", "at least 3"],
        ),
        (
            dataset(["positive"] * 10 + ["negative"] * 10, ["a"] * 10 + ["b"] * 10),
            settings("group"),
            ["2 group(s)", "at least 3"],
        ),
        (
            # Three groups of one class each: one part must lack the positives.
            dataset(
                ["positive"] * 10 + ["negative"] * 20,
                ["a"] * 10 + ["b"] * 10 + ["c"] * 10,
            ),
            settings("group"),
            ["would hold only one class", "both classes in train", "smaller groups"],
        ),
        (
            # Of three negatives two train and one validates.
            dataset(["positive", "positive", "negative"] * 3),
            settings(),
            ["the test split of 1 sequences", "one class", "larger fraction for test"],
        ),
        (
            # All three positives are left for validation and test.
            dataset(["positive", "negative"] * 3),
            settings(validation=0.45, test=0.45),
            ["the train split of 0", "smaller fractions for validation and test"],
        ),
        (
            dataset(["positive", "negative"] * 2, ["train", "train", "test", "hold"]),
            settings("given"),
            ["given, but the group of 's3' is 'hold'", "train, validation, test"],
        ),
        (
            # The one sequence for validation has one class.
            dataset(
                ["positive", "negative"] * 3, ["train"] * 3 + ["test"] * 2 + ["val"]
            ),
            settings("given"),
            ["the validation split of 1 sequences", "name validation as the part"],
        ),
        (
            dataset(["positive", "negative"] * 10),
            settings(validation=0.5, test=0.5),
            ["leave nothing to train on", "validation + test < 1"],
        ),
    ],
)
def test_a_split_that_cannot_be_is_refused(data, chosen, words):
    with pytest.raises(InputError) as error:
        split(data, chosen, "config.yaml: datasets.test")
    assert str(error.value).startswith("config.yaml: datasets.test.split")
    for word in ["what to do: ", *words]:
        assert word in str(error.value)


def test_given_parts_may_have_their_other_names():
    names = ["train", "Training", "val", "valid", "test", "TEST"]
    rows = split(dataset(["positive", "negative"] * 3, names), settings("given"))
    assert {part: list(of) for part, of in rows.items()} == {
        "train": [0, 1],
        "validation": [2, 3],
        "test": [4, 5],
    }


def test_validation_is_taken_from_train_where_no_part_is_given_for_it():
    # A fifth of the 40 positives and 60 negatives of train; test stays as it is.
    strata = ["positive"] * 40 + ["negative"] * 60 + ["positive", "negative"] * 5
    data = dataset(strata, ["train"] * 100 + ["test"] * 10)
    rows = split(data, settings("given", validation=0.2))
    assert rows["test"].tolist() == list(range(100, 110))
    taken = rows["validation"]
    assert ((taken < 40).sum(), len(taken)) == (8, 20)
    assert sorted([*rows["train"], *taken]) == list(range(100))


def test_a_missing_label_is_of_no_class():
    data = dataset(["positive", "negative"] * 40)
    label = data.label.copy()
    label[1::2] = np.nan  # the negatives
    with pytest.raises(InputError, match="label 1 for 'bound'"):
        split(replace(data, label=label), settings())
    label[1] = 0  # one negative cannot be in three parts
    with pytest.raises(InputError, match="would hold only one class"):
        split(replace(data, label=label), settings())


def test_parts_are_read_back_from_the_files(tmp_path):
    data = blocks(20, 10)
    rows = split(data, settings("group"))
    write_dataset(tmp_path / "dataset.h5", data)
    write_splits(tmp_path / "splits.h5", rows)
    names = pd.Series(data.name)
    for part in SPLITS:
        subset = read_split(tmp_path / "dataset.h5", tmp_path / "splits.h5", part)
        assert subset.name == names[rows[part]].tolist()


def test_sequences_with_a_missing_label_are_read(tmp_path):
    data = dataset(["positive", "negative"] * 4)
    label = np.column_stack([data.label[:, 0], data.label[:, 0]])
    label[[1, 4], [0, 1]] = np.nan
    data = replace(data, label=label, target=["liver", "brain"])
    write_dataset(tmp_path / "dataset.h5", data)
    parts = {"train": [0, 1, 2], "validation": [3, 4], "test": [5, 6, 7]}
    write_splits(tmp_path / "splits.h5", parts)
    paths = (tmp_path / "dataset.h5", tmp_path / "splits.h5")
    part = read_split(*paths, "train")
    assert part.name == ["s0", "s1", "s2"]
    np.testing.assert_equal(part.label, [[1, 1], [np.nan, 0], [1, 1]])
    assert read_split(*paths, "all").name == data.name


def test_whole_groups_of_each_stratum_are_divided():
    # Ten groups of one positive and ten of one negative: 8, 1 and 1 of each.
    group = [f"g{number}" for number in range(20)]
    stratum = ["positive", "negative"] * 10
    rng = np.random.default_rng(1)
    part = split_groups(rng, group, stratum, np.array([0.8, 0.1, 0.1]), "own.split")
    for name in ("positive", "negative"):
        counts = np.bincount(part[np.array(stratum) == name])
        assert counts.tolist() == [8, 1, 1]
