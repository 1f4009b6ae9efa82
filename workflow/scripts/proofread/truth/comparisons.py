"""Which method is better on a dataset: ranks and paired tests over seeds.

The unit is the network: all methods explain the same networks, so that their scores are
paired by seed.
"""

from itertools import combinations

import numpy as np
import pandas as pd

from proofread.statistics.multiple_testing import holm
from proofread.statistics.paired_tests import sign_flip
from proofread.statistics.student import mean_and_sd, paired_t, t_interval
from proofread.truth.headline import COMPARED, METHOD

BETTER, WORSE, UNDECIDED = "better", "worse", "undecided"
# The verdict about the second method of a pair, by that about the first.
OPPOSITE = {BETTER: WORSE, WORSE: BETTER, UNDECIDED: UNDECIDED}
# How many methods a method is better or worse than, by the verdict.
COUNTS = {BETTER: "better_than", WORSE: "worse_than", UNDECIDED: "undecided"}
ALPHA = 0.05  # bounds the adjusted p of a decision
MIN_SEEDS = 3  # fewer are not tested
# Up to 13 seeds all flips of signs are taken, and their p is exact.
_PERMUTATIONS, _SEED = 10_000, 0
_ROUNDING = 12  # decimals: means of the same numbers in another order are ties
COMPARISON_COLUMNS = [
    *COMPARED,
    "better",
    "first_method",
    "first_variant",
    "second_method",
    "second_variant",
    "n",
    "difference",
    "ci_low",
    "ci_high",
    "p",
    "p_sign_flip",
    "p_holm",
    "verdict",
    "note",
]
# What a pair has before all pairs are known.
_PAIR_COLUMNS = [
    name
    for name in COMPARISON_COLUMNS
    if name not in (*COMPARED, "better", "p_holm", "verdict")
]
RANK_COLUMNS = [
    *COMPARED,
    *METHOD,
    "rank",
    "rank_low",
    "rank_high",
    "rank_n",
    "ranked",
    *COUNTS.values(),
]


def compare(headline):
    """Compare each pair of methods that have the same metric, paired over seeds.

    Parameters
    ----------
    headline : pandas.DataFrame
        From `proofread.truth.headline.headline_scores`.

    Returns
    -------
    pandas.DataFrame
        `COMPARISON_COLUMNS`, one row for each pair. `n`: seeds at which both have a
        value. `difference`: mean of first minus second, with its 95 % t interval. `p`:
        of the paired t test; where all differences are the same, which leaves t
        undefined, that of the sign-flip test. `p_sign_flip`: two-sided, of the mean
        difference under flipped signs; at least 2^(1 - n). `p_holm`: `p` adjusted for
        all pairs of a dataset, model and metric. `verdict`: whether the first method is
        `better` or `worse` than the second at `p_holm` of at most `ALPHA`, else
        `undecided`. NaN and `undecided` with fewer than `MIN_SEEDS`.
    """
    tables = []
    for names, values, better in _by_metric(headline):
        pairs = [
            (*first, *second, *_pair(values[first], values[second]))
            for first, second in combinations(values, 2)
        ]
        table = pd.DataFrame(pairs, columns=_PAIR_COLUMNS)
        table["p_holm"] = holm(table["p"])
        table = table.assign(**dict(zip(COMPARED, names, strict=True)), better=better)
        sign = {"higher": 1, "lower": -1}[better]
        table["verdict"] = np.where(
            table["p_holm"] <= ALPHA,
            np.where(sign * table["difference"] > 0, BETTER, WORSE),
            UNDECIDED,
        )
        tables.append(table[COMPARISON_COLUMNS])
    return _joined(tables, COMPARISON_COLUMNS)


def _pair(first, second):
    """Numbers of one pair, from n to the sign-flip p, and a note."""
    both = ~(np.isnan(first) | np.isnan(second))
    first, second = first[both], second[both]
    n, mean, sd = mean_and_sd(first - second)
    numbers = (n, mean, *t_interval(n, mean, sd))
    if n < MIN_SEEDS:
        return *numbers, np.nan, np.nan, f"too few seeds: {n} of at least {MIN_SEEDS}"
    flips = float(sign_flip(first - second, permutations=_PERMUTATIONS, seed=_SEED))
    p, note = paired_t(first, second), ""
    if np.isnan(p):
        p, note = flips, "the same difference in all seeds: p of the sign-flip test"
    elif p == 1:
        note = "equal in all seeds" if not np.any(first - second) else ""
    return *numbers, p, flips, note


def rank(headline, comparisons):
    """Rank the methods that have the same metric.

    Parameters
    ----------
    headline : pandas.DataFrame
        From `proofread.truth.headline.headline_scores`.
    comparisons : pandas.DataFrame
        From `compare`.

    Returns
    -------
    pandas.DataFrame
        `RANK_COLUMNS`. `rank`: mean over seeds of the rank within a seed (1 is best,
        ties share their mean), with its 95 % t interval, cut to 1 and `ranked`, the
        number of methods that are ranked; no interval with fewer than `MIN_SEEDS`.
        `rank_n`: the seeds, those at which all of them have a value. A method without
        any value is not ranked. `better_than`, `worse_than` and `undecided` count the
        other methods by the verdict.
    """
    tables = []
    for names, values, better in _by_metric(headline):
        known = {name: row for name, row in values.items() if not np.isnan(row).all()}
        by_seed = pd.DataFrame(known).round(_ROUNDING).dropna()
        ranks = by_seed.rank(axis=1, ascending=better == "lower")
        rows = [
            (*names, *method, *_mean_rank(ranks, method), len(known))
            for method in values
        ]
        columns = RANK_COLUMNS[: -len(COUNTS)]
        tables.append(pd.DataFrame(rows, columns=columns))
    ranks = _joined(tables, RANK_COLUMNS)
    counts = _verdict_counts(comparisons)
    for verdict, column in COUNTS.items():
        keys = ranks[[*COMPARED, *METHOD]].itertuples(index=False, name=None)
        ranks[column] = [counts.get((*key, verdict), 0) for key in keys]
    return ranks


def _mean_rank(ranks, method):
    """Mean rank, its interval and number of seeds."""
    if method not in ranks or len(ranks) == 0:
        return np.nan, np.nan, np.nan, 0
    n, mean, sd = mean_and_sd(ranks[method])
    low, high = t_interval(n, mean, sd) if n >= MIN_SEEDS else (np.nan, np.nan)
    return mean, *np.clip([low, high], 1, ranks.shape[1]), n


def _verdict_counts(comparisons):
    """How often a method has each verdict, by its names and the verdict."""
    counts = {}
    for row in comparisons.to_dict("records"):
        for side, verdict in (
            ("first", row["verdict"]),
            ("second", OPPOSITE[row["verdict"]]),
        ):
            names = (row[f"{side}_{name}"] for name in METHOD)
            key = (*(row[name] for name in COMPARED), *names, verdict)
            counts[key] = counts.get(key, 0) + 1
    return counts


def _by_metric(headline):
    """Names, values by method (over the same seeds) and direction of each metric."""
    for names, group in headline.groupby(COMPARED, sort=False):
        seeds = list(dict.fromkeys(group["seed"]))
        values = {
            method: rows.set_index("seed")["value"].reindex(seeds).to_numpy(float)
            for method, rows in group.groupby(METHOD, sort=False)
        }
        if len(values) > 1:
            yield names, values, group["better"].iloc[0]


def _joined(tables, columns):
    if not tables:
        return pd.DataFrame(columns=columns)
    return pd.concat(tables, ignore_index=True).reindex(columns=columns)
