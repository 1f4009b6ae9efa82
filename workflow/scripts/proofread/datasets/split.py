"""How sequences are divided into train, validation and test."""

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from proofread.datasets.dataset import SPLITS
from proofread.datasets.similarity import KINDS
from proofread.errors import InputError
from proofread.progress import log

# Few groups leave much to chance, so several assignments are tried and the one
# nearest to the shares is kept; this bounds the trials and their work.
MOST_TRIALS = 200
MOST_ASSIGNED = 20_000
LEAKAGE_COLUMNS = [
    "kind",
    "pairs",
    "sequences",
    "clusters",
    "largest_cluster",
    "between_classes",
    "between_groups",
    "cut_without",
    "cut",
]


def split(dataset, settings, where="datasets", similar=None):
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
    similar : proofread.datasets.similarity.Similar, optional
        Its clusters are never cut. Where the split without it cuts none, the split
        is that one.

    Returns
    -------
    dict of str to numpy.ndarray
        Sorted rows under each name of `SPLITS`; every row in exactly one.

    Raises
    ------
    InputError
        If there is one class or group only, or a part would lack a class, or so much
        is alike that a part would get less than half of its share.
    """
    where = f"{where}.split"
    shares = _shares(settings, where)
    _check_classes(dataset, where)
    part = _plain(dataset, settings, shares, where)
    # The user's own parts stay as they are; what leaks is only told.
    if similar is not None and settings["by"] != "given":
        cluster = similar.clusters()
        if _is_cut(cluster, part).any():
            plain = part
            part = _whole_clusters(dataset, settings, shares, where, cluster, part)
            _check_balance(dataset, plain, part, cluster, shares, where)
    if settings["by"] == "stratified":
        _log_cut_groups(dataset.group, part)
    rows = {name: np.flatnonzero(part == code) for code, name in enumerate(SPLITS)}
    _check_parts(dataset, rows, settings["by"], where)
    return rows


def leakage(dataset, settings, similar, rows, where="datasets"):
    """What similar sequences there are, and what a split blind to them would leak.

    Parameters
    ----------
    dataset, settings, where
        As for `split`.
    similar : proofread.datasets.similarity.Similar or None
        None where they were not looked for.
    rows : dict of str to numpy.ndarray
        From `split`.

    Returns
    -------
    pandas.DataFrame
        Columns of `LEAKAGE_COLUMNS`; a row for each kind and one for `any`, no rows
        where similar sequences were not looked for. Pairs are of sequences;
        `between_classes` and `between_groups` are those with different labels and
        different groups, `cut_without` those that the split without similarity puts
        into two parts, `cut` those that this one does.
    """
    if similar is None:
        return pd.DataFrame(columns=LEAKAGE_COLUMNS)
    part = np.empty(len(dataset), dtype=np.int64)
    for code, name in enumerate(SPLITS):
        part[rows[name]] = code
    _, label = np.unique(dataset.label, axis=0, return_inverse=True)
    _, group = np.unique(np.array(dataset.group), return_inverse=True)
    where = f"{where}.split"
    plain = _plain(dataset, settings, _shares(settings, where), where)
    counts = {
        "pairs": similar.count_pairs(),
        "between_classes": similar.count_pairs(label.ravel()),
        "between_groups": similar.count_pairs(group),
        "cut_without": similar.count_pairs(plain),
        "cut": similar.count_pairs(part),
    }
    table = pd.DataFrame(counts, index=list(KINDS))
    table["sequences"] = similar.count_sequences()
    sizes = np.bincount(similar.clusters())
    table.loc["any"] = table.sum()
    table["sequences"] = table["sequences"].astype(int)
    table.loc["any", "sequences"] = sizes[sizes > 1].sum()
    # Clusters are joined by pairs of any kind.
    whole = {"clusters": int((sizes > 1).sum()), "largest_cluster": int(sizes.max())}
    for column, value in whole.items():
        table[column] = pd.array([None] * len(KINDS) + [value], dtype="Int64")
    return table.rename_axis("kind").reset_index()[LEAKAGE_COLUMNS]


def report_leakage(table):
    """Say in the log what was found and what was done about it."""
    if table.empty:
        log.info("similar sequences were not looked for (split.similarity is null)")
        return
    any_kind = table.set_index("kind").loc["any"]
    log.info(
        "similar pairs: %s; %d sequences in %d clusters, the largest of %d",
        ", ".join(
            f"{row.pairs} {row.kind.replace('_', ' ')}"
            for row in table.itertuples()
            if row.kind != "any"
        ),
        *(any_kind["sequences"], any_kind["clusters"], any_kind["largest_cluster"]),
    )
    log.info(
        "%d of these pairs would stand in two splits; they were kept together, %d do",
        *(any_kind["cut_without"], any_kind["cut"]),
    )
    if any_kind["between_classes"]:
        log.warning(
            "%d similar pairs have different labels: the same sequence is called "
            "positive and negative, which no network can get right twice",
            any_kind["between_classes"],
        )


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


def _plain(dataset, settings, shares, where):
    """Part of each row, blind to similarity."""
    rng = np.random.default_rng(np.random.SeedSequence(settings["seed"]))
    if settings["by"] == "given":
        return _as_given(dataset, where)
    if settings["by"] == "group":
        return _by_group(rng, dataset.group, dataset.stratum, shares, where)
    return _by_stratum(rng, dataset.stratum, shares)


def _is_cut(unit, part):
    """Whether each row's unit has rows in two parts or more."""
    size = np.bincount(unit)
    one = np.zeros(len(size), dtype=np.int64)
    one[unit] = part  # of any of its rows
    return np.bincount(unit, weights=part == one[unit])[unit] < size[unit]


def _whole_clusters(dataset, settings, shares, where, cluster, part):
    """Part of each row, with every cluster in one part.

    Small groups that share a cluster are joined and divided as one. What is still cut,
    because joined groups would be larger than a part (repeats join chromosomes), goes
    as a whole to the part that holds most of the cluster, without the rest of its
    groups. A stratified split is filled up again from sequences like no other.
    """
    if settings["by"] == "group":
        rng = np.random.default_rng(np.random.SeedSequence(settings["seed"]))
        groups = _joined(dataset.group, cluster, shares.min() * len(dataset))
        part = _by_group(rng, groups, dataset.stratum, shares, where)
    before = part
    counts = np.zeros((cluster.max() + 1, len(SPLITS)), dtype=np.int64)
    np.add.at(counts, (cluster, part), 1)
    part = counts.argmax(axis=1)[cluster]
    if settings["by"] == "group":
        moved = int((part != before).sum())
        if moved:
            log.info(
                "%d sequences stand apart from their group, in the split of those "
                "that they resemble",
                moved,
            )
        return part
    rng = np.random.default_rng(np.random.SeedSequence([settings["seed"], 1]))
    return _refilled(rng, dataset.stratum, cluster, before, part)


def _joined(group, cluster, most):
    """Names of groups; those that share a cluster have one name, if small enough.

    Parameters
    ----------
    most : float
        Most sequences of joined groups; larger ones stay as they were.
    """
    names, code = np.unique(np.array(group), return_inverse=True)
    # Groups and clusters are nodes; a row is an edge between its two.
    n_nodes = len(names) + cluster.max() + 1
    edges = coo_array(
        (np.ones(len(code), dtype=np.int64), (code, len(names) + cluster)),
        shape=(n_nodes, n_nodes),
    )
    _, component = connected_components(edges, directed=False)
    component = component[: len(names)]
    size = np.bincount(component[code], minlength=component.max() + 1)
    # Names are sorted, so that the first of a component is its smallest.
    _, first = np.unique(component, return_index=True)
    joined = np.where(size[component] <= most, first[component], np.arange(len(names)))
    return names[joined[code]].tolist()


def _refilled(rng, stratum, cluster, before, after):
    """Move sequences like no other until each part has as many of each stratum again.

    Where there are too few of them the shares stay as near as they allow.
    """
    part = after.copy()
    stratum = np.array(stratum)
    alone = np.bincount(cluster)[cluster] == 1
    for each in np.unique(stratum):
        members = stratum == each
        surplus = np.bincount(part[members], minlength=len(SPLITS)) - np.bincount(
            before[members], minlength=len(SPLITS)
        )
        free = []
        for code in np.flatnonzero(surplus > 0):
            candidates = rng.permutation(
                np.flatnonzero(members & alone & (part == code))
            )
            free.extend(candidates[: surplus[code]])
        for code in np.flatnonzero(surplus < 0):
            taken, free = free[: -surplus[code]], free[-surplus[code] :]
            part[taken] = code
    return part


def _check_balance(dataset, plain, part, cluster, shares, where):
    """Refuse clusters so large that they, not the shares, decide the split."""
    wanted = shares * len(dataset)
    for code, name in enumerate(SPLITS):
        few = wanted[code] / 2
        rows, rows_plain = part == code, plain == code
        lost = [
            target
            for column, target in enumerate(dataset.target)
            if len(np.unique(dataset.label[rows, column]))
            < len(np.unique(dataset.label[rows_plain, column]))
        ]
        if rows.sum() >= min(few, rows_plain.sum()) and not lost:
            continue
        sizes = np.bincount(cluster)
        found = (
            f"similar sequences kept together leave {rows.sum()} of {wanted[code]:.0f} "
            f"sequences for {name}"
            + (f", without both classes of {lost[0]!r}" if lost else "")
        )
        raise InputError(
            f"{where}.similarity",
            f"{found}: {sizes[sizes > 1].sum()} of {len(dataset)} are like another, "
            f"and the largest cluster holds {sizes.max()}",
            "clusters that fit into train, validation and test",
            "count similar sequences once before (identical: drop drops exact copies), "
            "raise similarity or coverage so that fewer count as similar, or, to "
            "accept the leak, similarity: null",
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


def _by_group(rng, group, stratum, shares, where):
    """Part of each row; the best of several greedy assignments of whole groups."""
    groups, group_of_row = np.unique(np.array(group), return_inverse=True)
    if len(groups) < len(SPLITS):
        raise InputError(
            f"{where}.by",
            f"group, but all sequences are of {len(groups)} group(s): "
            + ", ".join(groups),
            "at least 3 groups, one for each of train, validation and test",
            "check block and the header's groups, or split by stratified",
        )
    strata, stratum_of_row = np.unique(np.array(stratum), return_inverse=True)
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


def _check_parts(dataset, rows, by, where):
    for name in SPLITS:
        label = dataset.label[rows[name]]
        for column, target in enumerate(dataset.target):
            if len(np.unique(label[:, column])) < 2:
                raise InputError(
                    where,
                    f"the {name} split of {len(label)} sequences would hold only "
                    f"one class of {target!r}",
                    "both classes in train, validation and test",
                    _remedy(name, by),
                )


def _remedy(name, by):
    """What to do about a part without both classes."""
    if by == "given":
        return f"name {name} as the part of sequences of both classes"
    share = (
        "smaller shares for validation and test"
        if name == "train"
        else f"a larger share for {name}"
    )
    if by == "group":
        return f"give more sequences or smaller groups (block), or {share}"
    return f"give more sequences, or {share}"
