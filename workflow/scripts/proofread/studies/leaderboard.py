"""The scores of a leaderboard: one of each method, from its negative control to ideal.

What counts for a method is fixed in advance (`HEADLINE`). The best of its scores would
be chosen after seeing them, which favours methods with many scores.
"""

import numpy as np
import pandas as pd

from proofread.statistics.student import mean_and_sd, t_interval
from proofread.truth.best_values import BEST_VALUES, CHANCE_LEVELS, FALSE_FINDINGS
from proofread.truth.headline import ANSWERS, EVALUATE, PREDICTION, headline_scores

# Of every method that gives each base a number: its headline answer.
POSITIONS = "position_auroc"
# Of each other method; its ideal is the best possible value, `BEST_VALUES`.
HEADLINE = {
    "tomtom": "planted_motifs_found",  # by the filters of filter_pfms
    "motif_discovery": "planted_motifs_found",
    "filter_nullification": "influence_auroc",
    "motif_tests": "tests_recovered",
    "motif_insertion": "insertions_recovered",
    "greedy_substitution": "destroy_edits_planted",
    "long_sequence_scan": "window_auroc",
}
# The rule whose labels are random: all that a method finds is false.
NOTHING = "none"
# There a match of a planted motif is as false as any other. Both fractions are of the
# same filters or patterns, and are added.
MATCHES = {
    f"{kind}_{verdict}_rate": f"{kind}_match_rate"
    for kind in ("filter", "pattern")
    for verdict in ("true", "other")
}
_FALSE = (*FALSE_FINDINGS, *MATCHES.values())
NETWORK = ["rule", "dataset", "model"]
SCORES = [
    *NETWORK,
    *("seed", "method", "variant", "metric", "better", "value"),
    *("negative_control", "ideal"),
]
COLUMNS = [
    *NETWORK,
    *("method", "metric", "better", "n", "missing", "mean", "sd", "ci_low", "ci_high"),
    *("negative_control", "ideal", "fraction", "fraction_low", "fraction_high"),
    "note",
]
NO_VALUE = "no value"
NO_CONTROL = "no negative control"
NO_IDEAL = "no ideal"
NO_ROOM = "the negative control reaches the ideal"
FALSE = "nothing to find: a fraction of false findings"
ONE_SEED = "one seed: no interval"


def short_method_name(method, variant):
    """What a method is called: a kind of attributions by the name of the kind."""
    return variant.rpartition(" ")[0] or method


def board_scores(scores, rules, *, answers=ANSWERS):
    """The headline score of each method and network.

    Parameters
    ----------
    scores : pandas.DataFrame
        From `proofread.truth.summary.join_scores`.
    rules : dict of str to str
        The rule of each simulated dataset. Others have no truth, and no row.
    answers : tuple of str
        As of `proofread.truth.headline.headline_scores`.

    Returns
    -------
    pandas.DataFrame
        `SCORES`; methods by their short name, without a variant. Datasets of the rule
        `NOTHING` have the fractions of false findings instead, whose ideal is 0; of
        filters and patterns the fraction that matches any motif, planted or other,
        which has no negative control. Where the negative controls have no score,
        because nothing was found that could be ranked, theirs is that of a ranking
        without knowledge.
    """
    metrics = {POSITIONS, *HEADLINE.values(), *FALSE_FINDINGS, *MATCHES}
    of_methods = scores["metric"].isin(metrics) & (scores["method"] != EVALUATE)
    rows = headline_scores(
        scores[of_methods & scores["dataset"].isin(list(rules))],
        of_one=True,
        answers=answers,
    )
    rows = rows.assign(rule=rows["dataset"].map(rules).astype(object))
    rows = _add_matches(rows)
    chosen = [
        metric in _FALSE
        if rule == NOTHING
        else metric == HEADLINE.get(method, POSITIONS)
        for rule, method, metric in zip(
            rows["rule"], rows["method"], rows["metric"], strict=True
        )
    ]
    rows = rows[np.array(chosen, dtype=bool)]
    names = map(short_method_name, rows["method"], rows["variant"])
    best = rows["metric"].map(BEST_VALUES | dict.fromkeys(_FALSE, 0))
    chance = rows["metric"].map(CHANCE_LEVELS).astype(float)
    rows = rows.assign(
        negative_control=rows["negative_control"].astype(float).fillna(chance),
        ideal=rows["ideal_explainer"].where(rows["ideal_explainer"].notna(), best),
        method=list(names),
        variant="",
    )
    return rows[SCORES].reset_index(drop=True)


def _add_matches(rows):
    """The rows, with the fraction of any match where nothing is to be found."""
    metric = rows["metric"].map(MATCHES)
    matches = metric.notna() & (rows["rule"] == NOTHING)
    rows = rows.assign(
        metric=rows["metric"].mask(matches, metric),
        better=rows["better"].mask(matches, "lower"),
        negative_control=rows["negative_control"].mask(matches, np.nan),
    )
    keys = [*NETWORK, "seed", "method", "variant", "metric"]
    added = rows[matches].groupby(keys)["value"].transform("sum", min_count=2)
    rows.loc[matches, "value"] = added
    return rows.drop_duplicates(keys)


def network_aurocs(scores, rules):
    """How well each network predicts: rule, dataset, model, seed and test AUROC.

    Parameters
    ----------
    scores, rules
        As for `board_scores`. Of several targets there is the mean.
    """
    of_networks = scores["metric"] == PREDICTION[0]
    rows = headline_scores(scores[of_networks & scores["dataset"].isin(list(rules))])
    rows = rows.assign(rule=rows["dataset"].map(rules).astype(object))
    rows = rows.rename(columns={"value": "test_auroc"})
    return rows[[*NETWORK, "seed", "test_auroc"]].reset_index(drop=True)


def leaderboard(rows):
    """Each method on each network: mean over seeds, and its way to the ideal.

    Parameters
    ----------
    rows : pandas.DataFrame
        From `board_scores`.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`. `n`: seeds with a value, `missing`: without one. `fraction`:
        ``(mean - negative control) / (ideal - negative control)``, with the 95 % t
        interval of the mean; below 0 the control is better, above 1 the method is
        better than the ideal explainer. NaN where that is not defined; `note` says why.
    """
    table = [
        dict(zip([*NETWORK, "method", "metric"], key, strict=True)) | _describe(group)
        for key, group in rows.groupby([*NETWORK, "method", "metric"], sort=False)
    ]
    return pd.DataFrame(table, columns=COLUMNS)


def _describe(group):
    n, mean, sd = mean_and_sd(group["value"])
    low, high = t_interval(n, mean, sd)
    control, ideal = (
        mean_and_sd(group[bound])[1] for bound in ("negative_control", "ideal")
    )
    better = group["better"].iloc[0]
    way = ideal - control
    if n == 0:
        note = NO_VALUE
    elif group["rule"].iloc[0] == NOTHING:
        note = FALSE
    elif np.isnan(control):
        note = NO_CONTROL
    elif np.isnan(ideal):
        note = NO_IDEAL
    elif way == 0 or (way > 0) != (better == "higher"):
        note = NO_ROOM
    else:
        note = ONE_SEED if n == 1 else ""
    defined = note in ("", ONE_SEED)
    fractions = [(x - control) / way if defined else np.nan for x in (mean, low, high)]
    return {
        **{"better": better, "n": n, "missing": len(group) - n},
        **{"mean": mean, "sd": sd, "ci_low": low, "ci_high": high},
        **{"negative_control": control, "ideal": ideal},
        **{"fraction": fractions[0], "fraction_low": min(fractions[1:])},
        **{"fraction_high": max(fractions[1:]), "note": note},
    }
