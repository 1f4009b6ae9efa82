"""Null queries of a motif comparison: how many matches to expect by chance.

Some queries match a large database by chance. Two kinds of null queries measure how
many. Queries with shuffled columns keep their composition and their information but
lose their motif. The filters of untrained networks respond to the same sequences with
random weights. The fraction of null queries that match estimates the false matches
among the real ones.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from proofread.figures.style import (
    ACCENT,
    CATEGORIES,
    CONTEXT,
    ONE_COLUMN,
    figure_style,
    new_figure,
)
from proofread.motifs.chance import at_threshold, false_fraction
from proofread.motifs.motif import Motif
from proofread.motifs.pairs import unit_of
from proofread.statistics.proportions import wilson_interval
from proofread.tables import Score

MATCH = 0.05  # the q-value at which match rates are always reported
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
    "ci_low",
    "ci_high",
]


@dataclass(frozen=True, eq=False)
class BestMatches:
    """The matches of one kind of query.

    Attributes
    ----------
    p : numpy.ndarray, shape (pairs of a query and a target,)
    q, e : numpy.ndarray, shape (queries,)
        The smallest of each query.
    """

    p: np.ndarray
    q: np.ndarray
    e: np.ndarray

    def match_rate(self, statistic, threshold):
        """Fraction of the queries with a q (or E) at or below the threshold."""
        best = {"q": self.q, "E": self.e}[statistic]
        return float(np.mean(best <= threshold)) if len(best) else np.nan

    def by_unit(self, names, partners):
        """The same with one query for a filter and its reverse complement.

        Parameters
        ----------
        names : list of str
            Of the queries: filters, or filters with a suffix after ``_``.
        partners : dict of str to str
            From `proofread.motifs.pairs.partners_of`.

        Returns
        -------
        BestMatches
            Of each pair the smaller q and the smaller E.
        """
        if not len(self.q):  # nothing to compare with
            return self
        units, position = np.unique(
            [unit_of(name, partners) for name in names], return_inverse=True
        )
        q, e = (np.full(len(units), np.inf) for _ in range(2))
        np.minimum.at(q, position, self.q)
        np.minimum.at(e, position, self.e)
        return BestMatches(self.p, q, e)


def shuffled_columns(motifs, copies, seed, partners=()):
    """Copies of motifs with their columns in random order.

    Parameters
    ----------
    motifs : list of Motif
    copies : int
        Of each motif.
    seed : int
    partners : dict of str to str
        Filters that are the reverse complement of another one, with its name. Their
        columns are shuffled in the mirrored order, so that the copies are reverse
        complements, too.

    Returns
    -------
    list of Motif
        Named after their originals; the copies of a motif stand together.
    """
    generator = np.random.default_rng(seed)
    partners, orders, result = dict(partners), {}, []
    for motif in motifs:
        for copy in range(copies):
            other = orders.get((partners.get(motif.name), copy))
            if other is None:
                order = generator.permutation(len(motif))
            else:
                order = len(motif) - 1 - other[::-1]
            orders[motif.name, copy] = order
            name = f"{motif.name}_shuffled{copy}"
            result.append(Motif(name, motif.matrix[order], sites=motif.sites))
    return result


def best_of_each(comparisons):
    """The best match of each query, from comparisons without a threshold.

    Parameters
    ----------
    comparisons : list of proofread.motifs.tomtom.Comparison
        With all pairs: with a `q_threshold` of 1.

    Returns
    -------
    BestMatches
    """
    if not comparisons:
        return BestMatches(np.empty(0), np.empty(0), np.empty(0))
    return BestMatches(
        np.concatenate([comparison.p for comparison in comparisons]),
        np.array([comparison.q.min() for comparison in comparisons]),
        np.array([comparison.e.min() for comparison in comparisons]),
    )


def distribution(pairs):
    """Fraction of pairs at or below each of `P_VALUES`.

    Parameters
    ----------
    pairs : dict of str to numpy.ndarray
        p-values by the kind of query.

    Returns
    -------
    pandas.DataFrame
        queries, p, fraction, pairs. Under the null the fraction is p.
    """
    return pd.DataFrame(
        [
            (kind, limit, float(np.mean(p <= limit)) if len(p) else np.nan, len(p))
            for kind, p in pairs.items()
            for limit in P_VALUES
        ],
        columns=["queries", "p", "fraction", "pairs"],
    )


def calibration(matches, settings):
    """How many matches to expect by chance.

    Parameters
    ----------
    matches : dict of str to BestMatches
        `filters`, and the null queries by their kind.
    settings : proofread.motifs.tomtom.Settings
        Their threshold is reported next to q <= `MATCH`.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`, one row per null and threshold: the fractions of the filters and of
        the null queries that match, how many of them there are, and `empirical_fdr`,
        the fraction of the matches to expect by chance (`false_fraction`), with its
        95 % interval: the filters are given, the null queries are a sample. NaN where
        nothing matches or nothing was compared.
    """
    thresholds = dict.fromkeys([settings.threshold, ("q", MATCH)])
    rows = []
    for threshold in thresholds:
        rate = matches["filters"].match_rate(*threshold)
        for kind, null in matches.items():
            if kind == "filters":
                continue
            chance = null.match_rate(*threshold)
            counts = len(matches["filters"].q), len(null.q)
            ends = wilson_interval(chance, counts[1])
            rates = false_fraction(np.array([chance, *ends]), rate)
            rows.append((kind, *threshold, rate, counts[0], chance, counts[1], *rates))
    return pd.DataFrame(rows, columns=COLUMNS)


def chance_scores(rates):
    """The empirical FDR of each null at the threshold of the settings.

    Parameters
    ----------
    rates : pandas.DataFrame
        From `calibration`.

    Returns
    -------
    list of proofread.tables.Score
        `empirical_fdr` with the null as the variant, n the null queries. None where
        nothing matches or nothing was compared.
    """
    return [
        Score(
            "empirical_fdr",
            row.empirical_fdr,
            row.null_queries,
            row.ci_low,
            row.ci_high,
            variant=row.null,
            better="lower",
        )
        for row in at_threshold(rates).itertuples()
    ]


def empirical_fdr(values, queries, nulls):
    """Expected fraction of chance matches among those at least as good as a value.

    At a threshold t it is the fraction of the null queries with a match at or below t
    over that of the queries, at most 1; of several kinds of null queries, the one that
    matches most often counts. A value gets the lowest rate of all thresholds at which
    it is a match, as a q-value does.

    Parameters
    ----------
    values : numpy.ndarray, shape (m,)
        q (or E) of matches of the queries.
    queries : numpy.ndarray, shape (n,)
        The smallest of each query; infinite where it has no match.
    nulls : list of numpy.ndarray
        The same of each kind of null queries; kinds without a query are left out.

    Returns
    -------
    numpy.ndarray, shape (m,)
        NaN without null queries.
    """
    nulls = [null for null in nulls if len(null)]
    if not nulls or not len(values):
        return np.full(len(values), np.nan)
    thresholds = np.unique(np.concatenate([values, queries[np.isfinite(queries)]]))
    of_null = np.max([_fractions(null, thresholds) for null in nulls], axis=0)
    rates = false_fraction(of_null, _fractions(queries, thresholds))
    lowest = np.minimum.accumulate(rates[::-1])[::-1]
    return lowest[np.searchsorted(thresholds, values)]


def _fractions(best, thresholds):
    """Fraction of `best` at or below each threshold."""
    return np.searchsorted(np.sort(best), thresholds, side="right") / len(best)


@figure_style()
def draw_distribution(table):
    """Fraction of pairs at or below p, for the filters and for null queries."""
    lines = {
        "filters": ("-", ACCENT, "filters"),
        "untrained": ("--", CATEGORIES[1], "untrained networks"),
        "shuffled": (":", CATEGORIES[0], "columns shuffled"),
    }
    figure, axes = new_figure(ONE_COLUMN, 70)
    axes.plot([P_VALUES[0], 1], [P_VALUES[0], 1], color=CONTEXT, linewidth=0.6)
    for kind, (style, colour, label) in lines.items():
        rows = table[(table["queries"] == kind) & (table["fraction"] > 0)]
        if len(rows):
            axes.plot(rows["p"], rows["fraction"], style, color=colour, label=label)
    axes.set(
        xscale="log",
        yscale="log",
        xlabel="p-value",
        ylabel="fraction of pairs at or below it",
    )
    axes.minorticks_off()
    # Matplotlib's own powers of ten are formulas, which the style draws as they are.
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter("{x:g}")
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="upper left")
    return figure
