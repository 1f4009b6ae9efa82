"""Families of similar motifs: a filter that matches one of them often matches them all.

Which member comes first is chance: on the peaks of USF1 a filter may match TFE3 best,
and USF1 and USF2 after it. Members of a family are therefore named together.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from proofread.motifs.motif import UNIFORM
from proofread.motifs.naming import compare, informative
from proofread.motifs.targets import own_name, pool_targets, protein_name
from proofread.motifs.tomtom import Settings

# Tomtom's E of two motifs: how many others are expected to be as similar by chance.
# Larger ones count as the largest, smaller ones as the smallest, so that two copies of
# a motif do not outweigh the rest of a family.
MIN_E, MAX_E = 1e-4, 10.0
PAIR_COLUMNS = ["motif", "similar_motif", "E"]
ALL_COLUMNS = ["family", "source", "motif", "protein"]
# The fewest targets that E is of where all of a pool are clustered: of a handful of
# planted motifs, E would be 1 for pairs with a p of 0.2.
MIN_POOL = 500
_AT_ONCE = 256  # motifs whose pairs are in memory together


def similar_pairs(matched, targets, settings, backgrounds):
    """Compare motifs with all targets by Tomtom, as their queries were.

    Parameters
    ----------
    matched : list of proofread.motifs.motif.Motif
        Targets that a query matches.
    targets : list of proofread.motifs.motif.Motif
        All targets, so that E is that of the whole pool.
    settings : proofread.motifs.tomtom.Settings
        Its thresholds are not used: similar motifs have E <= `MAX_E`.
    backgrounds : dict
        As for `proofread.motifs.naming.compare`.

    Returns
    -------
    pandas.DataFrame
        `PAIR_COLUMNS`, most similar first; a motif is not paired with itself.
    """
    limits = replace(settings, q_threshold=None, e_threshold=MAX_E)
    rows = []
    for comparison in compare(matched, targets, limits, backgrounds):
        names = [comparison.targets.motifs[index].name for index in comparison.target]
        rows += [
            (comparison.query.name, name, e)
            for name, e in zip(names, comparison.e, strict=True)
            if name != comparison.query.name
        ]
    return pd.DataFrame(rows, columns=PAIR_COLUMNS)


def families(ranked, pairs):
    """Cluster motifs: within a family, E is 1 or less in the geometric mean.

    The two clusters with the smallest mean are joined as long as it is at most 1
    (average linkage), so that no chain of similar motifs joins different ones.

    Parameters
    ----------
    ranked : list of str
        Names, best first.
    pairs : iterable of tuple of (str, str, float)
        Names of similar motifs, in either order, and their E, from `similar_pairs`; of
        both orders the smaller E counts. Others are ignored.

    Returns
    -------
    list of list of str
        The families, and the members of each, best first.
    """
    rank = {name: number for number, name in enumerate(ranked)}
    distance = np.full((len(rank), len(rank)), np.log10(MAX_E))
    for first, second, e in pairs:
        if first in rank and second in rank:
            here = rank[first], rank[second]
            log_e = np.log10(np.clip(e, MIN_E, MAX_E))
            distance[here] = distance[here[::-1]] = min(distance[here], log_e)
    np.fill_diagonal(distance, np.inf)
    members = [[number] for number in range(len(rank))]
    while distance.min(initial=np.inf) <= 0:
        first, second = np.unravel_index(distance.argmin(), distance.shape)
        sizes = len(members[first]), len(members[second])
        joined = np.average(distance[[first, second]], axis=0, weights=sizes)
        distance[first] = distance[:, first] = joined
        distance[second] = distance[:, second] = np.inf
        members[first] += members[second]
        members[second] = []
    groups = sorted(sorted(group) for group in members if group)
    return [[ranked[number] for number in group] for group in groups]


def all_families(sources, planted):
    """The families of all motifs of some files, and of planted ones.

    Parameters
    ----------
    sources : dict of str to list of proofread.motifs.motif.Motif
        By the name of the database or of the file.
    planted : dict of str to numpy.ndarray, shape (width, 4)

    Returns
    -------
    pandas.DataFrame
        `ALL_COLUMNS`, a row for each motif: number of its family, from 1; name of its
        source, `planted` for planted ones; its name there; its protein. E is that of
        the whole pool, or of a pool of `MIN_POOL` where it has fewer. A motif without
        information is a family of its own.
    """
    targets = pool_targets(sources, planted)
    queries, pairs = informative(targets), []
    factor = max(1, MIN_POOL / max(1, len(targets)))
    settings = {"background": UNIFORM, "query_background": None}
    for first in range(0, len(queries), _AT_ONCE):
        some = queries[first : first + _AT_ONCE]
        similar = similar_pairs(some, targets, Settings(), settings)
        similar["E"] *= factor
        pairs += similar.itertuples(index=False, name=None)
    by_name = {motif.name: motif for motif in targets}
    rows = [
        (
            number,
            by_name[name].source,
            own_name(by_name[name]),
            protein_name(by_name[name]),
        )
        for number, family in enumerate(families(list(by_name), pairs), start=1)
        for name in family
    ]
    return pd.DataFrame(rows, columns=ALL_COLUMNS)
