"""What motif comparison finds where there is nothing to find.

A match rate means little alone: some queries match a large database by chance.
Queries whose columns were shuffled keep their composition and their information but
no motif, so the share of them that match says how many of the real matches to expect
by chance.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from proofread.motif import Motif
from proofread.motif_comparison import compare_motifs

MATCH = 0.05  # a query with a q-value at or below this matches
# Where the distribution of p-values is written down.
P_VALUES = [m * 10.0**e for e in range(-6, 0) for m in (1, 2, 5)] + [1.0]


def shuffled_columns(motifs, copies, seed):
    """Copies of motifs with their columns in random order.

    Parameters
    ----------
    motifs : list of Motif
    copies : int
        Of each motif.
    seed : int

    Returns
    -------
    list of Motif
        Named after their originals; the copies of a motif stand together.
    """
    generator = np.random.default_rng(seed)
    return [
        Motif(
            f"{motif.name}_shuffled{copy}",
            motif.matrix[generator.permutation(len(motif))],
            sites=motif.sites,
        )
        for motif in motifs
        for copy in range(copies)
    ]


def all_pairs(queries, targets, settings, query_background):
    """p-values of all pairs and the smallest q-value of each query.

    Returns
    -------
    p : numpy.ndarray, shape (queries * targets,)
    q : numpy.ndarray, shape (queries,)
    """
    # The closed form, so that a query's q does not depend on those before it.
    everything = replace(
        settings, threshold=1.0, threshold_on="q", q_values="expectation"
    )
    comparisons = compare_motifs(
        queries, targets, everything, query_background=query_background
    )
    if not comparisons:
        return np.empty(0), np.empty(0)
    return (
        np.concatenate([each.p for each in comparisons]),
        np.array([each.q.min() for each in comparisons]),
    )


def distribution(pairs):
    """Share of pairs at or below each of `P_VALUES`.

    Parameters
    ----------
    pairs : dict of str to numpy.ndarray
        p-values by the kind of query.

    Returns
    -------
    pandas.DataFrame
        queries, p, share, pairs. Under the null the share is p.
    """
    return pd.DataFrame(
        [
            (kind, limit, float(np.mean(p <= limit)) if len(p) else np.nan, len(p))
            for kind, p in pairs.items()
            for limit in P_VALUES
        ],
        columns=["queries", "p", "share", "pairs"],
    )


def calibration(found, null):
    """How many matches to expect by chance.

    Parameters
    ----------
    found, null : numpy.ndarray
        Smallest q-value of each real and of each shuffled query.

    Returns
    -------
    list of tuple
        (metric, value, n): `match_rate` and `null_match_rate`, the shares of queries
        with q <= `MATCH`, and `empirical_fdr`, the second over the first, at most 1;
        NaN where nothing matches or nothing was compared.
    """
    rates = [float(np.mean(q <= MATCH)) if len(q) else np.nan for q in (found, null)]
    ratio = min(1.0, rates[1] / rates[0]) if rates[0] > 0 else np.nan
    return [
        ("match_rate", rates[0], len(found)),
        ("null_match_rate", rates[1], len(null)),
        ("empirical_fdr", ratio, len(null)),
    ]


def draw_distribution(table):
    """Share of pairs at or below p, for real and for shuffled queries."""
    from proofread.figures import ACCENT, CONTEXT, ONE_COLUMN, new_figure

    figure, axes = new_figure(ONE_COLUMN, 70)
    axes.plot([P_VALUES[0], 1], [P_VALUES[0], 1], color=CONTEXT, linewidth=0.6)
    for kind, colour in (("shuffled", CONTEXT), ("filters", ACCENT)):
        rows = table[(table["queries"] == kind) & (table["share"] > 0)]
        axes.plot(
            *(rows["p"], rows["share"]),
            color=colour,
            marker="o",
            markersize=2,
            label={"filters": "filters", "shuffled": "their columns shuffled"}[kind],
        )
    axes.set(
        xscale="log",
        yscale="log",
        xlabel="p-value",
        ylabel="share of pairs at or below it",
    )
    axes.legend(loc="upper left")
    return figure
