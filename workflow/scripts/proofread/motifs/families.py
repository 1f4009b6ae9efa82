"""Families of similar motifs: a filter that matches one of them often matches them all.

Which member comes first is chance: on the peaks of USF1 a filter may match TFE3 best,
and USF1 and USF2 after it. Members of a family are therefore named together.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from proofread.motifs.naming import compare

# Tomtom's E of two motifs: how many others are expected to be as similar by chance.
# Larger ones count as the largest, smaller ones as the smallest, so that two copies of
# a motif do not outweigh the rest of a family.
MIN_E, MAX_E = 1e-4, 10.0
PAIR_COLUMNS = ["motif", "similar_motif", "E"]


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
