"""Train, validation and test: seeded, in proportion, without cutting a group."""

import numpy as np
import pandas as pd

from proofread.dataset import SPLITS, read_dataset, write_splits
from proofread.errors import InputError
from proofread.job import log, start
from proofread.tables import write_table

# Few groups leave much to chance, so several assignments are tried and the one
# nearest to the shares is kept; this bounds the trials and their work.
MOST_TRIALS = 200
MOST_ASSIGNED = 20_000


def split(dataset, settings, where="datasets"):
    """Divide the rows of a dataset into train, validation and test.

    Parameters
    ----------
    dataset : Dataset
    settings : dict
        by : `stratified` (each stratum in proportion), `group` (a group is never
        cut, shares and strata as near as the groups allow) or `given` (a group is
        a part); validation, test : shares of the sequences, train is the rest, both
        of no effect where the parts are given; seed : int.
    where : str
        The dataset's place in the configuration, for error messages.

    Returns
    -------
    dict of str to numpy.ndarray
        Sorted rows under each name of `SPLITS`; every row in exactly one.

    Raises
    ------
    InputError
        If there is one class or group only, or a part would lack a class.
    """
    where = f"{where}.split"
    shares = _shares(settings, where)
    _check_classes(dataset, where)
    rng = np.random.default_rng(np.random.SeedSequence(settings["seed"]))
    if settings["by"] == "given":
        part = _as_given(dataset, where)
    elif settings["by"] == "group":
        part = _by_group(rng, dataset, shares, where)
    else:
        part = _by_stratum(rng, dataset.stratum, shares)
        _log_cut_groups(dataset.group, part)
    rows = {name: np.flatnonzero(part == code) for code, name in enumerate(SPLITS)}
    _check_parts(dataset, rows, where)
    return rows


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


def _shares(settings, where):
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
        values = np.unique(dataset.label[:, column])
        if len(values) < 2:
            raise InputError(
                where,
                f"all {len(dataset)} sequences have label {values[0]:g} for {target!r}",
                "both classes",
                "give sequences of the other class (for positives only: "
                "negatives: {shuffle: dinucleotide, seed: 1})",
            )


def _as_given(dataset, where):
    """Part of each row, as its group names it."""
    for name, group in zip(dataset.name, dataset.group, strict=True):
        if group not in SPLITS:
            raise InputError(
                f"{where}.by",
                f"given, but the group of {name!r} is {group!r}",
                "one of " + ", ".join(SPLITS) + " as the group of each sequence",
                "name the part of each sequence as its group, or split by group",
            )
    return np.array([SPLITS.index(group) for group in dataset.group])


def _by_stratum(rng, strata, shares):
    """Part of each row; each stratum is dealt out by the shares, exactly."""
    strata = np.array(strata)
    part = np.empty(len(strata), dtype=np.int64)
    for stratum in np.unique(strata):
        rows = rng.permutation(np.flatnonzero(strata == stratum))
        # Rounded bounds, so that the parts add up whatever the shares are.
        bounds = np.floor(np.cumsum(shares)[:2] * len(rows) + 0.5).astype(np.int64)
        for code, members in enumerate(np.split(rows, bounds)):
            part[members] = code
    return part


def _log_cut_groups(group, part):
    parts = pd.Series(part).groupby(np.array(group)).nunique()
    cut = int((parts > 1).sum())
    if cut:
        log.warning(
            "%d of %d groups have sequences in two splits or more, so that the test "
            "may repeat what was trained on; split by group keeps them whole",
            *(cut, len(parts)),
        )


def _by_group(rng, dataset, shares, where):
    """Part of each row; the best of several greedy assignments of whole groups."""
    groups, group_of_row = np.unique(np.array(dataset.group), return_inverse=True)
    if len(groups) < len(SPLITS):
        raise InputError(
            f"{where}.by",
            f"group, but all sequences are of {len(groups)} group(s): "
            + ", ".join(groups),
            "at least 3 groups, one for each of train, validation and test",
            "check block and the header's groups, or split by stratified",
        )
    strata, stratum_of_row = np.unique(np.array(dataset.stratum), return_inverse=True)
    # (groups, strata): how many sequences of each stratum a group holds
    counts = np.zeros((len(groups), len(strata)))
    np.add.at(counts, (group_of_row, stratum_of_row), 1)
    target = shares[:, None] * counts.sum(axis=0)
    n_trials = int(np.clip(MOST_ASSIGNED // len(groups), 1, MOST_TRIALS))
    trials = [_assign(rng, counts, target) for _ in range(n_trials)]
    _, best = min(trials, key=lambda trial: trial[0])
    return best[group_of_row]


def _assign(rng, counts, target):
    """Give each group, large ones first, to the part that lacks its strata most.

    Large ones first, because small ones can still fill what is left; by sizes that
    chance has altered, so that each trial is another.

    Returns
    -------
    float
        Squared distance from the wished counts, each relative to its stratum.
    numpy.ndarray, shape (groups,)
        Part of each group.
    """
    scale = counts.sum(axis=0)
    order = np.argsort(-counts.sum(axis=1) * rng.uniform(0.5, 1.5, len(counts)))
    filled = np.zeros_like(target)
    part = np.empty(len(counts), dtype=np.int64)
    for group in order:
        # How much nearer each part comes to its wish with this group than without.
        before = (((filled - target) / scale) ** 2).sum(axis=1)
        after = (((filled + counts[group] - target) / scale) ** 2).sum(axis=1)
        part[group] = np.argmin(after - before)
        filled[part[group]] += counts[group]
    return (((filled - target) / scale) ** 2).sum(), part


def _check_parts(dataset, rows, where):
    for name in SPLITS:
        label = dataset.label[rows[name]]
        for column, target in enumerate(dataset.target):
            if len(np.unique(label[:, column])) < 2:
                raise InputError(
                    where,
                    f"the {name} split of {len(label)} sequences would hold only "
                    f"one class of {target!r}",
                    "both classes in train, validation and test",
                    "give more sequences or smaller groups (block), or a larger "
                    f"share for {name}",
                )


def main(job):
    """Read, split, write."""
    start(job)
    dataset = read_dataset(job.input.dataset)
    rows = split(
        dataset,
        job.params.settings,
        f"the configuration: datasets.{job.wildcards.dataset}",
    )
    table = summary(dataset, rows)
    log.info("%s", table.to_string(index=False))
    write_splits(job.output.splits, rows)
    write_table(job.output.table, table)


if "snakemake" in globals():
    main(snakemake)
