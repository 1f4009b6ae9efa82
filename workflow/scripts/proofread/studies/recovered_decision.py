"""Predict the rule from features by four cuts, fitted on half of the simulations."""

import math

import numpy as np
import pandas as pd

from proofread.configuration.recovered import METHODS, RULES
from proofread.statistics.proportions import wilson_interval
from proofread.studies.recovered import FIT, NETWORK, TEST

# In this order: a feature at or below its cut gives the rule, above it the next step
# is asked. Above all cuts the rule is the last one. What was fixed when is in
# docs/studies.md.
STEPS = (
    ("largest_effect", "none"),
    ("second_motif", "presence"),
    ("order", "logic"),
    ("gap", "order"),
)
LAST = "distance"
CANNOT_SAY = "cannot say"
CUTS = [
    *("method", "step", "feature", "at_or_below", "above", "cut"),
    *("networks_below", "networks_above", "errors", "note"),
]
PREDICTED = [*NETWORK, "predicted", "right"]
CONFUSION = ["method", "rule", *RULES, CANNOT_SAY.replace(" ", "_"), "networks"]
ACCURACY = [
    *("method", "half", "rules", "networks", "right", "accuracy"),
    *("ci_low", "ci_high", "chance"),
]
# Step 1 asks whether a network learned anything, the others which rule: accuracy is
# also given without rule none.
ALL_RULES, WITHOUT_NONE = "all", "without none"


def fit_cuts(features):
    """The cut of each step, from the networks of the fitting half.

    Parameters
    ----------
    features : pandas.DataFrame
        From `proofread.studies.recovered.collect_features`, both halves.

    Returns
    -------
    pandas.DataFrame
        `CUTS`, a row for each method and step. A step separates the rule that it gives
        (`at_or_below`) from those of later steps (`above`), so only networks of these
        rules with a known feature fit it; `errors` of them are on the wrong side. Where
        one side has no such network the cut is NaN, and `note` says which, and whether
        it has others, whose feature is missing.
    """
    rows = []
    for method in METHODS:
        some = features[(features["method"] == method) & (features["half"] == FIT)]
        for step, (feature, rule) in enumerate(STEPS, start=1):
            later = [*(name for _, name in STEPS[step:]), LAST]
            sides = [some.loc[some["rule"].isin(of), feature] for of in ([rule], later)]
            below, above = (side.dropna().to_numpy(float) for side in sides)
            row = dict(zip(CUTS, (method, step, feature, rule), strict=False))
            row |= {"above": " or ".join(later), "cut": math.nan, "errors": 0}
            row |= {"networks_below": len(below), "networks_above": len(above)}
            row["note"] = _not_asked(sides, (rule, row["above"]), feature)
            if not row["note"]:
                row["cut"], row["errors"] = best_cut(below, above)
            rows.append(row)
    return pd.DataFrame(rows, columns=CUTS)


def _not_asked(sides, names, feature):
    """Which sides have no known value, and whether they have networks at all."""
    empty = [
        f"{name} with a known {feature}" if len(side) else name
        for side, name in zip(sides, names, strict=True)
        if side.isna().all()
    ]
    return f"not asked: no network of {' and '.join(empty)}" if empty else ""


def best_cut(below, above):
    """The cut with the fewest values on the wrong side.

    Parameters
    ----------
    below, above : numpy.ndarray, shape (n,) and (m,), n and m at least 1
        Values that should be at or below the cut, and above it.

    Returns
    -------
    cut : float
        Midway between two neighbours among the values. Of several cuts with as few
        errors the middle one, of an even number the lower of the two in the middle. If
        all values are the same, the cut is that value.
    errors : int
    """
    values = np.unique(np.concatenate([below, above]))
    cuts = (values[:-1] + values[1:]) / 2 if len(values) > 1 else values
    errors = np.array([(below > cut).sum() + (above <= cut).sum() for cut in cuts])
    best = np.flatnonzero(errors == errors.min())
    chosen = best[(len(best) - 1) // 2]
    return float(cuts[chosen]), int(errors[chosen])


def predict_rules(features, cuts):
    """The rule of each network's data, predicted from its features.

    Parameters
    ----------
    features : pandas.DataFrame
        From `proofread.studies.recovered.collect_features`.
    cuts : pandas.DataFrame
        From `fit_cuts`.

    Returns
    -------
    pandas.DataFrame
        `PREDICTED`, a row for each of `features`. A step without a cut is not asked:
        the answer is the side that has networks. `CANNOT_SAY` where neither side has,
        or where a feature is missing whose step is asked. `right` is 1 or 0.
    """
    steps = {name: rows.to_dict("records") for name, rows in cuts.groupby("method")}
    predicted = [
        _predict_one(row, steps[row["method"]]) for row in features.to_dict("records")
    ]
    table = features[NETWORK].assign(predicted=predicted)
    right = (table["predicted"] == table["rule"]).astype(int)
    return table.assign(right=right)[PREDICTED]


def _predict_one(row, steps):
    for step in steps:
        value = row[step["feature"]]
        below, above = step["networks_below"], step["networks_above"]
        if (below and above and math.isnan(value)) or not (below or above):
            return CANNOT_SAY
        if not above or (below and value <= step["cut"]):
            return step["at_or_below"]
    return LAST


def possible_answers(cuts):
    """The rules that can be predicted.

    Parameters
    ----------
    cuts : pandas.DataFrame
        From `fit_cuts`, the rows of one method.

    Returns
    -------
    list of str
        Empty if every answer is `CANNOT_SAY`.
    """
    answers = []
    for step in cuts.to_dict("records"):
        if step["networks_below"]:
            answers.append(step["at_or_below"])
        if not step["networks_above"]:
            return answers
    return [*answers, LAST]


def confusion(predicted):
    """How often each rule is predicted, on the test half.

    Parameters
    ----------
    predicted : pandas.DataFrame
        From `predict_rules`.

    Returns
    -------
    pandas.DataFrame
        `CONFUSION`: for each method and true rule the number of networks for which each
        rule is predicted, or `cannot_say`.
    """
    rows = []
    test = predicted[predicted["half"] == TEST]
    for method in METHODS:
        for rule in RULES:
            answers = test.loc[
                (test["method"] == method) & (test["rule"] == rule), "predicted"
            ]
            counts = [int((answers == name).sum()) for name in (*RULES, CANNOT_SAY)]
            rows.append((method, rule, *counts, len(answers)))
    return pd.DataFrame(rows, columns=CONFUSION)


def accuracy(predicted, cuts):
    """The fraction of the networks whose rule is predicted correctly, on each half.

    Parameters
    ----------
    predicted : pandas.DataFrame
        From `predict_rules`.
    cuts : pandas.DataFrame
        From `fit_cuts`.

    Returns
    -------
    pandas.DataFrame
        `ACCURACY`, with Wilson's 95 % interval. `rules` says which networks count:
        those of `ALL_RULES`, or `WITHOUT_NONE`. Fraction and interval are NaN without
        networks. Chance is 1 / number of the `possible_answers`, 0 where there are
        none. For `WITHOUT_NONE` the guess never says none: one that may would be right
        less often.
    """
    rows = []
    for method in METHODS:
        answers = possible_answers(cuts[cuts["method"] == method])
        not_none = [rule for rule in answers if rule != "none"]
        for half in (FIT, TEST):
            some = predicted[
                (predicted["method"] == method) & (predicted["half"] == half)
            ]
            for rules, counted, guesses in (
                (ALL_RULES, some["right"], answers),
                (WITHOUT_NONE, some.loc[some["rule"] != "none", "right"], not_none),
            ):
                n = len(counted)
                fraction = float(counted.mean()) if n else math.nan
                numbers = (n, counted.sum(), fraction, *wilson_interval(fraction, n))
                chance = 1 / len(guesses) if guesses else 0.0
                rows.append((method, half, rules, *numbers, chance))
    return pd.DataFrame(rows, columns=ACCURACY)
