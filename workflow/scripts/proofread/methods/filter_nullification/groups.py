"""Groups of filters that match the same motif."""

from dataclasses import dataclass

import numpy as np

from proofread.errors import MAKE_ANEW, InputError


@dataclass(frozen=True)
class Group:
    """Filters that match one motif.

    Attributes
    ----------
    name : str
        Of the motif; of the filter where it matches none.
    kind : str
        `planted`, `known`, or `alone`: a filter without a match.
    filters : tuple of int
    """

    name: str
    kind: str
    filters: tuple


def motif_groups(matches, group_by="protein"):
    """Filters that match one motif, together; a filter without a match alone.

    Parameters
    ----------
    matches : pandas.DataFrame
        tomtom's table: `filter`, `best_hit`, `protein` and `planted_hits`, in the order
        of the filters.
    group_by : str
        What names a known motif: `protein`, or `motif`, its identifier.

    Returns
    -------
    list of Group
        A filter with a planted motif among its hits belongs to that motif's group, and
        to several if it has several; any other one to that of its best hit. In the
        order of the first filter of each.
    """
    named = {"protein": "protein", "motif": "best_hit"}[group_by]
    members = {}
    for number, row in enumerate(matches.to_dict("records")):
        if isinstance(row["planted_hits"], str) and row["planted_hits"]:
            keys = [(name, "planted") for name in row["planted_hits"].split(",")]
        elif isinstance(row["best_hit"], str):
            keys = [(row[named], "known")]
        else:
            keys = [(row["filter"], "alone")]
        for key in keys:
            members.setdefault(key, []).append(number)
    return [Group(*key, tuple(filters)) for key, filters in members.items()]


def random_sets(groups, varies, copies, seed):
    """For each group, random sets of as many filters from outside it.

    Parameters
    ----------
    groups : list of Group
    varies : numpy.ndarray, shape (filters,), bool
        Filters whose activations are not all the same; no others are drawn or counted.
    copies : int
        Sets per group.
    seed : int

    Returns
    -------
    dict of int to list of list of int
        By the group's index. None for groups of fewer than two such filters, which
        are compared with all other filters, and where the others do not suffice.
    """
    generator = np.random.default_rng([seed, 1])
    live = np.flatnonzero(varies)
    sets = {}
    for index, group in enumerate(groups):
        size = int(varies[list(group.filters)].sum())
        others = np.setdiff1d(live, group.filters)
        if copies and 2 <= size <= len(others):
            sets[index] = [
                sorted(generator.choice(others, size, replace=False).tolist())
                for _ in range(copies)
            ]
    return sets


def same_filters(table, path, n):
    """Say so if a table is not of this network's filters.

    Parameters
    ----------
    table : pandas.DataFrame
        With a column `filter`.
    path : str
        Its file.
    n : int
        Filters of the network.

    Raises
    ------
    InputError
    """
    expected = [f"filter{number}" for number in range(n)]
    if table["filter"].tolist() != expected:
        raise InputError(
            path,
            f"{len(table)} rows, from {table['filter'].tolist()[:1]}",
            f"one row for each of the network's {n} filters, filter0 first",
            MAKE_ANEW,
        )


def ablated_together(groups, single, ablate):
    """Logits with each group ablated; those of groups of one filter are given.

    Parameters
    ----------
    groups : list of Group
    single : proofread.methods.filter_nullification.nullify.Nullified
        Of each filter alone.
    ablate : callable
        Gives the same of sets of filters.

    Returns
    -------
    numpy.ndarray, shape (n, groups, targets)
    """
    several = [row for row, group in enumerate(groups) if len(group.filters) > 1]
    logits = single.ablated[:, [group.filters[0] for group in groups]]
    if several:
        sets = [groups[row].filters for row in several]
        logits[:, several] = ablate(sets).ablated
    return logits
