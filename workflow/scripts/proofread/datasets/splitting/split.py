"""How sequences are divided into train, validation and test."""

import numpy as np
import pandas as pd

from proofread.configuration.labels import ALL
from proofread.datasets.dataset import SPLITS
from proofread.datasets.quantities import MIN_VALUES
from proofread.datasets.splitting.clusters import (
    check_balance,
    is_cut,
    is_enough,
    whole_clusters,
)
from proofread.datasets.splitting.groups import split_groups
from proofread.errors import InputError
from proofread.progress import log

# Other words for a part whose name the user gives, in lower case.
PART_NAMES = {
    "train": "train",
    "training": "train",
    "validation": "validation",
    "valid": "validation",
    "val": "validation",
    "dev": "validation",
    "test": "test",
    "testing": "test",
}

_TRAIN, _VALIDATION, _TEST = range(len(SPLITS))


def split(dataset, settings, where="datasets", similar=None):
    """Divide the rows of a dataset into train, validation and test.

    Parameters
    ----------
    dataset : Dataset
    settings : dict
        by : `stratified` (each stratum in proportion), `group` (a group is never
        divided; fractions and strata are as near as the groups allow), `given` (a
        group names its part; see `PART_NAMES`) or `all` (every sequence is in test; no
        other setting counts); validation, test : fractions of the sequences, train is
        the rest, both without effect where the parts are given. If no given part is
        validation, `validation` is its fraction of train; seed : int.
    where : str
        The dataset's position in the configuration, for error messages.
    similar : proofread.datasets.similarity.Similar, optional
        Its clusters are never divided, except by parts that the user gives. If the
        split without it divides none, the split is that one.

    Returns
    -------
    dict of str to numpy.ndarray
        Sorted rows under each name of `SPLITS`; every row in exactly one.

    Raises
    ------
    InputError
        If there is only one class or group, if a part would lack a class or, of a
        quantitative target, ten values that differ, or if so many sequences are similar
        that a part would get less than half of its fraction.
    """
    where = f"{where}.split"
    if settings["by"] == ALL:
        rows = np.arange(len(dataset))
        if dataset.quantitative and dataset.labelled:
            _check_values(dataset, rows, "test", where, "give more sequences")
        return {**dict.fromkeys(SPLITS, rows[:0]), "test": rows}
    fractions = _fractions(settings, where)
    if not dataset.quantitative:
        _check_classes(dataset, where)
    part = _split_ignoring_similarity(dataset, settings, fractions, where)
    if similar is not None:
        part = _with_whole_clusters(dataset, settings, similar, part, where)
    if settings["by"] == "stratified":
        _log_cut_groups(dataset.group, part)
    rows = {name: np.flatnonzero(part == code) for code, name in enumerate(SPLITS)}
    _check_parts(dataset, rows, settings["by"], where)
    return rows


def _with_whole_clusters(dataset, settings, similar, part, where):
    """Part of each row, with similar sequences in one part.

    The user's own parts stay as they are, and leaks between them are only reported. A
    validation split that is taken from train shares no cluster with the rest of it.
    """
    rows, fractions = np.arange(len(dataset)), _fractions(settings, where)
    if settings["by"] == "given":
        if not _takes_validation(dataset):
            return part
        rows, fractions = np.flatnonzero(part != _TEST), _of_train(settings)
        dataset = dataset.subset(rows)
        settings = {**settings, "by": "stratified"}
    cluster, before = similar.clusters()[rows], part[rows]
    if not is_cut(cluster, before).any():
        return part
    after = whole_clusters(dataset, settings, fractions, where, cluster, before)
    check_balance(dataset, before, after, cluster, fractions, where)
    part = part.copy()
    part[rows] = after
    return part


def part_ignoring_similarity(dataset, settings, where="datasets"):
    """The part of each row if similar sequences were not kept together.

    Parameters
    ----------
    dataset, settings, where
        As for `split`.

    Returns
    -------
    numpy.ndarray, shape (n,), int64
        Places in `SPLITS`.
    """
    where = f"{where}.split"
    fractions = _fractions(settings, where)
    return _split_ignoring_similarity(dataset, settings, fractions, where)


def summary(dataset, rows):
    """Sequences and groups of each stratum in each part.

    Returns
    -------
    pandas.DataFrame
        Columns split, stratum, sequences, groups; parts in the order of `SPLITS`.
    """
    table = pd.DataFrame({"stratum": dataset.stratum, "group": dataset.group})
    counts = [
        {
            "split": name,
            "stratum": stratum,
            "sequences": len(members),
            "groups": members["group"].nunique(),
        }
        for name in SPLITS
        for stratum, members in table.iloc[rows[name]].groupby("stratum")
    ]
    return pd.DataFrame(counts)


def _fractions(settings, where):
    validation, test = settings["validation"], settings["test"]
    if validation + test >= 1:
        raise InputError(
            where,
            f"validation {validation:g} and test {test:g} leave nothing to train on",
            "validation + test < 1",
            "lower one of them",
        )
    return np.array([1 - validation - test, validation, test])


def _check_classes(dataset, where):
    for column, target in enumerate(dataset.target):
        label = dataset.label[:, column]
        values = np.unique(label[~np.isnan(label)])
        if len(values) < 2:
            known = f"label {values[0]:g}" if len(values) else "no label"
            raise InputError(
                where,
                f"all {len(dataset)} sequences have {known} for {target!r}",
                "both classes",
                "give sequences of the other class (for positives only: "
                "negatives: {shuffle: dinucleotide, seed: 1})",
            )


def _split_ignoring_similarity(dataset, settings, fractions, where):
    rng = np.random.default_rng(np.random.SeedSequence(settings["seed"]))
    if settings["by"] == "given":
        return _as_given(rng, dataset, settings, where)
    if settings["by"] == "group":
        return split_groups(rng, dataset.group, dataset.stratum, fractions, where)
    return _split_strata(rng, dataset.stratum, fractions)


def _as_given(rng, dataset, settings, where):
    """Part of each row, as its group names it; validation from train if none has it."""
    part = np.empty(len(dataset), dtype=np.int64)
    for row, (name, group) in enumerate(zip(dataset.name, dataset.group, strict=True)):
        if group.lower() not in PART_NAMES:
            raise InputError(
                f"{where}.by",
                f"given, but the group of {name!r} is {group!r}",
                "one of " + ", ".join(SPLITS) + " as the group of each sequence (or "
                "val, valid, dev for validation)",
                "name the part of each sequence as its group, or split by group",
            )
        part[row] = SPLITS.index(PART_NAMES[group.lower()])
    if _takes_validation(dataset):
        train = np.flatnonzero(part == _TRAIN)
        strata = [dataset.stratum[row] for row in train]
        part[train] = _split_strata(rng, strata, _of_train(settings))
        log.info(
            "no sequence is given for validation: it gets %d of the %d given for train",
            (part == _VALIDATION).sum(),
            len(train),
        )
    return part


def _takes_validation(dataset):
    """Whether no sequence of the given parts is for validation."""
    parts = {PART_NAMES[group.lower()] for group in set(dataset.group)}
    return "validation" not in parts and "train" in parts


def _of_train(settings):
    """Fractions of the training sequences for train, validation and test."""
    return np.array([1 - settings["validation"], settings["validation"], 0])


def _split_strata(rng, strata, fractions):
    """Part of each row; each stratum is divided by the fractions, exactly."""
    strata = np.array(strata)
    part = np.empty(len(strata), dtype=np.int64)
    for stratum in np.unique(strata):
        rows = rng.permutation(np.flatnonzero(strata == stratum))
        # Rounded bounds, so that the parts add up for any fractions.
        bounds = np.floor(np.cumsum(fractions)[:2] * len(rows) + 0.5).astype(np.int64)
        for code, members in enumerate(np.split(rows, bounds)):
            part[members] = code
    return part


def _log_cut_groups(group, part):
    parts = pd.Series(part).groupby(np.array(group)).nunique()
    cut = int((parts > 1).sum())
    if cut:
        log.warning(
            "%d of %d groups have sequences in two or more splits, so the test split "
            "may contain neighbours of training sequences; split by group keeps groups "
            "whole",
            cut,
            len(parts),
        )


def _check_values(dataset, rows, name, where, remedy):
    """Refuse a part with too few values of a target, or with equal ones alone."""
    for column, target in enumerate(dataset.target):
        label = dataset.label[rows, column]
        if is_enough(dataset, label):
            continue
        known = label[~np.isnan(label)]
        few = len(known) < MIN_VALUES
        raise InputError(
            where,
            f"the {name} split of {len(rows)} sequences would hold "
            + (
                f"{len(known)} values of {target!r}"
                if few
                else f"{len(known)} equal values of {target!r}, {known[0]:g}"
            ),
            f"at least {MIN_VALUES} values of each target in each split, which are not "
            "all equal",
            remedy,
        )


def _check_parts(dataset, rows, by, where):
    for name in SPLITS:
        if dataset.quantitative:
            more = f"name {name} as the part of more sequences"
            remedy = more if by == "given" else _remedy(name, by)
            _check_values(dataset, rows[name], name, where, remedy)
            continue
        label = dataset.label[rows[name]]
        for column, target in enumerate(dataset.target):
            if not is_enough(dataset, label[:, column]):
                raise InputError(
                    where,
                    f"the {name} split of {len(label)} sequences would hold only "
                    f"one class of {target!r}",
                    "both classes in train, validation and test",
                    _remedy(name, by),
                )


def _remedy(name, by):
    """What to do about a part without both classes, or with too few sequences."""
    if by == "given":
        return f"name {name} as the part of sequences of both classes"
    fraction = (
        "smaller fractions for validation and test"
        if name == "train"
        else f"a larger fraction for {name}"
    )
    if by == "group":
        return f"give more sequences or smaller groups (block), or {fraction}"
    return f"give more sequences, or {fraction}"
