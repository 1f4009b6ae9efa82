"""What motif comparison finds where there is nothing to find.

A match rate means little alone: some queries match a large database by chance. Two
kinds of queries have nothing to match. Those whose columns were shuffled keep their
composition and their information but no motif; the filters of a network that was not
trained are what weights drawn at random make of the same sequences. The share of them
that match says how many of the real matches to expect by chance.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from proofread.figures.style import figure_style
from proofread.motifs.motif import Motif

MATCH = 0.05  # the q-value at which match rates are always told
# Where the distribution of p-values is written down.
P_VALUES = [m * 10.0**e for e in range(-6, 0) for m in (1, 2, 5)] + [1.0]
COLUMNS = [
    "null",
    "threshold_on",
    "threshold",
    "match_rate",
    "queries",
    "null_match_rate",
    "null_queries",
    "empirical_fdr",
]


@dataclass(frozen=True, eq=False)
class Found:
    """What one kind of query found.

    Attributes
    ----------
    p : numpy.ndarray, shape (queries * targets,)
        Of all pairs.
    q, e : numpy.ndarray, shape (queries,)
        The smallest of each query.
    """

    p: np.ndarray
    q: np.ndarray
    e: np.ndarray

    def match_rate(self, threshold_on, threshold):
        """Share of the queries with a q (or E) at or below the threshold."""
        best = {"q": self.q, "E": self.e}[threshold_on]
        return float(np.mean(best <= threshold)) if len(best) else np.nan


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


def best_of_each(comparisons):
    """Sum up comparisons that were made without a threshold.

    Parameters
    ----------
    comparisons : list of proofread.motifs.tomtom.Comparison
        With all pairs: with a threshold of 1 on q.

    Returns
    -------
    Found
    """
    if not comparisons:
        return Found(np.empty(0), np.empty(0), np.empty(0))
    return Found(
        np.concatenate([each.p for each in comparisons]),
        np.array([each.q.min() for each in comparisons]),
        np.array([each.e.min() for each in comparisons]),
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


def calibration(found, settings):
    """How many matches to expect by chance.

    Parameters
    ----------
    found : dict of str to Found
        `filters`, and the null queries by their kind.
    settings : proofread.motifs.tomtom.Settings
        Their threshold is told beside q <= `MATCH`.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`, one row per null and threshold: the shares of the filters and of the
        null queries that match, how many of them there are, and `empirical_fdr`, the
        share of the matches to expect by chance: the null's rate over that of the
        filters, at most 1. NaN where nothing matches or nothing was compared.
    """
    thresholds = dict.fromkeys(
        [(settings.threshold_on, settings.threshold), ("q", MATCH)]
    )
    rows = []
    for threshold in thresholds:
        rate = found["filters"].match_rate(*threshold)
        for kind, null in found.items():
            if kind == "filters":
                continue
            chance = null.match_rate(*threshold)
            fdr = min(1.0, chance / rate) if rate > 0 else np.nan
            n = len(found["filters"].q)
            rows.append((kind, *threshold, rate, n, chance, len(null.q), fdr))
    return pd.DataFrame(rows, columns=COLUMNS)


@figure_style()
def draw_distribution(table):
    """Share of pairs at or below p, for the filters and for null queries."""
    from proofread.figures.style import (
        ACCENT,
        CATEGORIES,
        CONTEXT,
        ONE_COLUMN,
        new_figure,
    )

    lines = {
        "filters": ("-", ACCENT, "filters"),
        "untrained": ("--", CATEGORIES[1], "untrained network"),
        "shuffled": (":", CATEGORIES[0], "columns shuffled"),
    }
    figure, axes = new_figure(ONE_COLUMN, 70)
    axes.plot([P_VALUES[0], 1], [P_VALUES[0], 1], color=CONTEXT, linewidth=0.6)
    for kind, (style, colour, label) in lines.items():
        rows = table[(table["queries"] == kind) & (table["share"] > 0)]
        if len(rows):
            axes.plot(rows["p"], rows["share"], style, color=colour, label=label)
    axes.set(
        xscale="log",
        yscale="log",
        xlabel="p-value",
        ylabel="share of pairs at or below it",
    )
    axes.minorticks_off()
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="upper left")
    return figure
