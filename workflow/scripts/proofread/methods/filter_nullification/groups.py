"""Groups of filters that match the same motif."""

from dataclasses import dataclass

import numpy as np

from proofread.errors import InputError


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
    for place, row in enumerate(matches.to_dict("records")):
        if isinstance(row["planted_hits"], str) and row["planted_hits"]:
            keys = [(name, "planted") for name in row["planted_hits"].split(",")]
        elif isinstance(row["best_hit"], str):
            keys = [(row[named], "known")]
        else:
            keys = [(row["filter"], "alone")]
        for key in keys:
            members.setdefault(key, []).append(place)
    return [Group(*key, tuple(filters)) for key, filters in members.items()]


def random_sets(groups, varies, copies, seed):
    """For each group, as many filters that are not in it, drawn at random.

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
        By the group's place. None for groups of fewer than two such filters, which
        have all other filters to be compared with, and where the others do not suffice.
    """
    generator = np.random.default_rng([seed, 1])
    live = np.flatnonzero(varies)
    drawn = {}
    for place, group in enumerate(groups):
        size = int(varies[list(group.filters)].sum())
        others = np.setdiff1d(live, group.filters)
        if copies and 2 <= size <= len(others):
            drawn[place] = [
                sorted(generator.choice(others, size, replace=False).tolist())
                for _ in range(copies)
            ]
    return drawn


# --- Input ----------------------------------------------------------------------


def same_filters(filters, matches, n, job):
    """Say so if the tables are not of this network's filters."""
    for table, path in ((filters, job.input.filters), (matches, job.input.matches)):
        expected = [f"filter{place}" for place in range(n)]
        if table["filter"].tolist() != expected:
            raise InputError(
                path,
                f"{len(table)} rows, from {table['filter'].tolist()[:1]}",
                f"one row for each of the network's {n} filters, filter0 first",
                "delete it and run again: the workflow makes it anew",
            )


def held_together(groups, found, held):
    """Logits with each group held; of a group of one filter they are known already.

    Parameters
    ----------
    groups : list of Group
    found : proofread.methods.filter_nullification.nullify.Nullified
        Of each filter alone.
    held : callable
        Gives the same of sets of filters.

    Returns
    -------
    numpy.ndarray, shape (n, groups, targets)
    """
    several = [place for place, group in enumerate(groups) if len(group.filters) > 1]
    logits = found.held[:, [group.filters[0] for group in groups]]
    if several:
        logits[:, several] = held([groups[place].filters for place in several]).held
    return logits
