"""Which method is better, over all networks, by rule, and without one of the rules."""

from itertools import combinations

import numpy as np
import pandas as pd

from proofread.statistics.bootstrap import percentile_interval
from proofread.statistics.multiple_testing import holm
from proofread.studies.leaderboard import NETWORK, NOTHING, POSITIONS
from proofread.truth.comparisons import ALPHA, BETTER, OPPOSITE, UNDECIDED, WORSE

RANKS = [
    *("metric", "without", "method", "rank", "ci_low", "ci_high"),
    *("networks", "incomplete", "methods", "kendall_tau"),
]
WITHOUT_MEAN_RANKS = [
    *("metric", "method", "rank", "ci_low", "ci_high", "networks"),
    *("headline_rank", "kendall_tau"),
]
WINS = ["metric", "first", "second", BETTER, WORSE, UNDECIDED]
PREFERENCES = ["rule", *WINS, "prefer"]
DEPENDS = "depends on the model"
CANNOT_SAY = "the data cannot say"
RESAMPLES, SEED = 2000, 1
_ROUNDING = 12  # decimals: means of the same numbers in another order are ties


def mean_ranks(rows):
    """Mean rank of each method, over all networks and without each rule.

    Parameters
    ----------
    rows : pandas.DataFrame
        From `proofread.studies.leaderboard.board_scores`.

    Returns
    -------
    pandas.DataFrame
        `RANKS`. Methods with the same metric are ranked within each network (1 is best,
        ties share their mean), and the ranks are averaged over the `networks` at which
        all `methods` have a value; `incomplete` counts the others. A method without any
        value is not ranked. The interval is the 2.5 to 97.5 percentile over resamples
        of the seeds of each dataset and model; NaN where one of them has a single seed.
        `without`: the rule that is left out, or empty. `kendall_tau`: tau-b between the
        mean ranks without it and those of all rules (Kendall 1945,
        doi:10.2307/2332303).
    """
    tables = []
    for metric, group in rows[rows["rule"] != NOTHING].groupby("metric", sort=False):
        values = group.pivot(
            index=[*NETWORK, "seed"], columns="method", values="value"
        ).reindex(columns=dict.fromkeys(group["method"]))
        values = values.dropna(axis=1, how="all").astype(float).round(_ROUNDING)
        complete = values.dropna()
        if values.shape[1] < 2 or len(complete) == 0:
            continue
        higher = group["better"].iloc[0] == "higher"
        ranks = complete.rank(axis=1, ascending=not higher)
        everywhere = ranks.mean()
        rules = list(dict.fromkeys(group["rule"]))
        for without in ["", *(rules if len(rules) > 1 else [])]:
            some = ranks[ranks.index.get_level_values("rule") != without]
            if len(some) == 0:
                continue
            kept = values.index.get_level_values("rule") != without
            low, high = _interval(some)
            tables.append(
                pd.DataFrame(
                    {
                        **{"metric": metric, "without": without},
                        **{"method": ranks.columns, "rank": some.mean().to_numpy()},
                        **{"ci_low": low, "ci_high": high, "networks": len(some)},
                        **{"incomplete": kept.sum() - len(some)},
                        **{"methods": ranks.shape[1]},
                        "kendall_tau": _tau(everywhere, some.mean()) if without else 1,
                    }
                )
            )
    if not tables:
        return pd.DataFrame(columns=RANKS)
    return pd.concat(tables, ignore_index=True)[RANKS]


def ranks_without_mean(rows, headline):
    """Mean ranks by the position score without its moving mean.

    Parameters
    ----------
    rows, headline : pandas.DataFrame
        From `proofread.studies.leaderboard.board_scores`: with the answers
        `proofread.truth.headline.WITHOUT_MEAN`, and the headline scores.

    Returns
    -------
    pandas.DataFrame
        `WITHOUT_MEAN_RANKS`, over all rules, of the methods and networks that have both
        scores. `headline_rank`: mean rank by the headline score, among the same methods
        and networks. `kendall_tau`: tau-b between both columns of mean ranks.
    """
    names = [*NETWORK, "seed", "method"]
    plain, headline = (
        table[table["metric"] == POSITIONS].dropna(subset=["value"])
        for table in (rows, headline)
    )
    plain, headline = (
        mean_ranks(first.merge(second[names], on=names))
        for first, second in ((plain, headline), (headline, plain))
    )
    plain, headline = (
        table[table["without"] == ""].drop(columns="kendall_tau")
        for table in (plain, headline)
    )
    keys = ["metric", "method"]
    headline = headline[[*keys, "rank"]].rename(columns={"rank": "headline_rank"})
    table = plain.merge(headline, on=keys)
    tau = _tau(table["headline_rank"], table["rank"]) if len(table) else np.nan
    return table.assign(kendall_tau=tau)[WITHOUT_MEAN_RANKS]


def _interval(ranks):
    """Percentiles of the mean ranks over resampled seeds: low and high, (methods,)."""
    generator = np.random.default_rng(SEED)
    sums = np.zeros((RESAMPLES, ranks.shape[1]))
    for _, seeds in ranks.groupby(level=["dataset", "model"], sort=False):
        n = len(seeds)
        if n == 1:
            return np.full((2, ranks.shape[1]), np.nan)
        counts = generator.multinomial(n, np.full(n, 1 / n), size=RESAMPLES)
        # Means of n resampled values vary less than those of n new ones, by n - 1 to n.
        total = seeds.sum().to_numpy()
        sums += total + (counts @ seeds.to_numpy() - total) * np.sqrt(n / (n - 1))
    interval = percentile_interval(sums / len(ranks))
    return np.clip(interval, 1, ranks.shape[1])  # no other ranks exist


def _tau(first, second):
    from scipy import stats

    # Equal mean ranks differ in their last bit.
    first, second = first.round(_ROUNDING), second.round(_ROUNDING)
    if first.nunique() == 1 or second.nunique() == 1:
        return np.nan
    return float(stats.kendalltau(first, second).statistic)


def method_order(board, ranks):
    """Methods with their metric, those of a metric by their mean rank, best first.

    Parameters
    ----------
    board, ranks : pandas.DataFrame
        From `proofread.studies.leaderboard.leaderboard` and `mean_ranks`.

    Returns
    -------
    list of (str, str)
        metric and method, without those of rule `NOTHING`.
    """
    rows = board[board["rule"] != NOTHING]
    everywhere = ranks[ranks["without"] == ""]
    keys = zip(everywhere["metric"], everywhere["method"], strict=True)
    rank = dict(zip(keys, everywhere["rank"], strict=True))
    metrics = list(dict.fromkeys(rows["metric"]))
    names = dict.fromkeys(zip(rows["metric"], rows["method"], strict=True))
    return sorted(
        names, key=lambda name: (metrics.index(name[0]), rank.get(name, np.inf))
    )


def count_wins(comparisons):
    """How often a method is better than another: each ordered pair of methods.

    Parameters
    ----------
    comparisons : pandas.DataFrame
        From `proofread.truth.comparisons.compare`, with short names of methods.

    Returns
    -------
    pandas.DataFrame
        `WINS`: the numbers of datasets and models on which `first` is better than
        `second`, worse, or the comparison is undecided.
    """
    counts = _counts(comparisons, ["metric"])
    methods = {}
    for metric, first, second in counts:
        methods.setdefault(metric, {}).update({first: None, second: None})
    rows = []
    for metric, names in methods.items():
        for first in names:
            for second in names:
                if first != second:
                    better, worse, undecided = _of_pair(counts, metric, first, second)
                    rows.append((metric, first, second, better, worse, undecided))
    return pd.DataFrame(rows, columns=WINS)


def preferences(comparisons, rules):
    """Which of two methods to prefer on the networks of a rule.

    Parameters
    ----------
    comparisons : pandas.DataFrame
        As for `count_wins`.
    rules : dict of str to str
        The rule of each dataset.

    Returns
    -------
    pandas.DataFrame
        `PREFERENCES`, each pair of methods once for each rule. p is adjusted by Holm
        for all pairs and networks of a rule and metric, so that the chance of any false
        preference is at most `ALPHA`. `prefer`: the method that is better on at least
        one dataset and model and worse on none, or `DEPENDS` where each is better on
        some, or `CANNOT_SAY` where all are undecided.
    """
    named = comparisons.assign(rule=[rules[name] for name in comparisons["dataset"]])
    together = named.groupby(["rule", "metric"], sort=False)["p"].transform(holm)
    named["verdict"] = named["verdict"].where(together <= ALPHA, UNDECIDED)
    counts = _counts(named, ["rule", "metric"])
    rows = []
    for (rule, metric), group in named.groupby(["rule", "metric"], sort=False):
        names = dict.fromkeys([*group["first_method"], *group["second_method"]])
        for first, second in combinations(names, 2):
            number = _of_pair(counts, rule, metric, first, second)
            better, worse, _ = number
            if better and worse:
                prefer = DEPENDS
            else:
                prefer = first if better else second if worse else CANNOT_SAY
            rows.append((rule, metric, first, second, *number, prefer))
    return pd.DataFrame(rows, columns=PREFERENCES)


def _counts(comparisons, keys):
    """Verdicts about a pair, as it stands in the comparisons."""
    keys = [*keys, "first_method", "second_method"]
    return {
        key: group["verdict"].value_counts().to_dict()
        for key, group in comparisons.groupby(keys, sort=False)
    }


def _of_pair(counts, *key):
    """Numbers of better, worse and undecided of an ordered pair, either way round."""
    *subject, first, second = key
    there = counts.get(key, {})
    back = counts.get((*subject, second, first), {})
    return tuple(there.get(v, 0) + back.get(OPPOSITE[v], 0) for v in OPPOSITE)
