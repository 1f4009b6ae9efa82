"""Clusters of similar sequences, each kept in one part."""

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from proofread.datasets.dataset import SPLITS
from proofread.datasets.labels import has_both_classes
from proofread.datasets.quantities import enough_values
from proofread.datasets.splitting.groups import split_groups
from proofread.errors import InputError
from proofread.progress import log


def is_cut(unit, part):
    """Whether each row's unit has rows in two or more parts.

    Parameters
    ----------
    unit, part : numpy.ndarray, shape (n,), int64
        The unit of each row, such as a cluster, and its part.

    Returns
    -------
    numpy.ndarray, shape (n,), bool
    """
    size = np.bincount(unit)
    first = np.zeros(len(size), dtype=np.int64)
    first[unit] = part  # the part of any row of the unit
    return np.bincount(unit, weights=part == first[unit])[unit] < size[unit]


def is_enough(dataset, label):
    """Whether the labels of a part serve to learn, or measure, one target.

    Parameters
    ----------
    dataset : Dataset
    label : numpy.ndarray, shape (m,)
        Labels of the target in the part: both classes, or enough values that differ.
    """
    return (enough_values if dataset.quantitative else has_both_classes)(label)


def whole_clusters(dataset, settings, fractions, where, cluster, part):
    """Part of each row, with every cluster in one part.

    Small groups that share a cluster are joined and divided as one. A cluster may still
    be cut, because joined groups would be larger than a part (repeats join
    chromosomes). It then goes as a whole to the part that holds most of it, without the
    rest of its groups. A stratified split is filled up again from sequences that are
    similar to no other.

    Parameters
    ----------
    dataset, settings, where
        As for `proofread.datasets.splitting.split.split`.
    fractions : numpy.ndarray, shape (3,)
        Of train, validation and test.
    cluster, part : numpy.ndarray, shape (n,), int64
        The cluster of each row, and its part if similarity is ignored.

    Returns
    -------
    numpy.ndarray, shape (n,), int64
    """
    by_group = settings["by"] == "group"
    if by_group:
        rng = np.random.default_rng(np.random.SeedSequence(settings["seed"]))
        groups = _joined(dataset.group, cluster, fractions.min() * len(dataset))
        part = split_groups(rng, groups, dataset.stratum, fractions, where)
    before = part
    counts = np.zeros((cluster.max() + 1, len(SPLITS)), dtype=np.int64)
    np.add.at(counts, (cluster, part), 1)
    part = counts.argmax(axis=1)[cluster]
    if by_group:
        moved = int((part != before).sum())
        if moved:
            log.info(
                "%d sequences are not in the split of their group, but in the split of "
                "the sequences similar to them",
                moved,
            )
        return part
    rng = np.random.default_rng(np.random.SeedSequence([settings["seed"], 1]))
    return _refilled(rng, dataset.stratum, cluster, before, part)


def check_balance(dataset, before, part, cluster, fractions, where):
    """Refuse clusters so large that they, not the fractions, decide the split.

    Parameters
    ----------
    dataset, cluster, fractions, where
        As for `whole_clusters`.
    before, part : numpy.ndarray, shape (n,), int64
        Part of each row if similarity is ignored, and with whole clusters.

    Raises
    ------
    InputError
        If a part gets less than half of its fraction, or loses a class.
    """
    wanted = fractions * len(dataset)
    for code, name in enumerate(SPLITS):
        rows, rows_before = part == code, before == code
        lost = [
            target
            for column, target in enumerate(dataset.target)
            if is_enough(dataset, dataset.label[rows_before, column])
            and not is_enough(dataset, dataset.label[rows, column])
        ]
        if rows.sum() >= min(wanted[code] / 2, rows_before.sum()) and not lost:
            continue
        sizes = np.bincount(cluster)
        needed = "enough values" if dataset.quantitative else "both classes"
        left = (
            f"similar sequences kept together leave {rows.sum()} of {wanted[code]:.0f} "
            f"sequences for {name}"
            + (f", without {needed} of {lost[0]!r}" if lost else "")
        )
        raise InputError(
            f"{where}.similarity",
            f"{left}: {sizes[sizes > 1].sum()} of {len(dataset)} are similar to "
            f"another, and the largest cluster holds {sizes.max()}",
            "clusters that fit into train, validation and test",
            "remove similar sequences first (identical: drop drops exact copies), "
            "raise similarity or coverage so that fewer count as similar, or accept "
            "the leak with similarity: null",
        )


def _joined(group, cluster, max_size):
    """Names of groups; those that share a cluster have one name, if small enough.

    Parameters
    ----------
    group : sequence of str, n long
    cluster : numpy.ndarray, shape (n,), int64
    max_size : float
        Sequences of joined groups; larger ones stay as they were.
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
    small = size[component] <= max_size
    joined = np.where(small, first[component], np.arange(len(names)))
    return names[joined[code]].tolist()


def _refilled(rng, stratum, cluster, before, after):
    """Move single sequences until each part has as many of each stratum as before.

    Where there are too few of them, the fractions stay as near as they allow.
    """
    part = after.copy()
    stratum = np.array(stratum)
    single = np.bincount(cluster)[cluster] == 1
    for name in np.unique(stratum):
        members = stratum == name
        surplus = np.bincount(part[members], minlength=len(SPLITS)) - np.bincount(
            before[members], minlength=len(SPLITS)
        )
        free = []
        for code in np.flatnonzero(surplus > 0):
            candidates = rng.permutation(
                np.flatnonzero(members & single & (part == code))
            )
            free.extend(candidates[: surplus[code]])
        for code in np.flatnonzero(surplus < 0):
            taken, free = free[: -surplus[code]], free[-surplus[code] :]
            part[taken] = code
    return part
