"""Which scores of methods are compared: the same metric, and one answer of each method.

A method that scores positions has many answers (signed or absolute, raw or centred,
with and without a moving mean). The best of them would be chosen after seeing the
scores, which favours methods with many answers. Here the answer is fixed in advance.
"""

import pandas as pd

# The answer of each method: the first of these that it has. Absolute: some methods,
# such as saliency, have no sign. Centred: the part of a gradient that all four bases
# share says nothing; a method with one number for a position has nothing to centre.
# With a moving mean: the number of a single base is noisy.
ANSWERS = ("absolute_centred_window9", "absolute_window9")
# The same without the moving mean.
WITHOUT_MEAN = ("absolute_centred", "absolute")
POSITIONS = "position_"  # metrics whose variant is ``<answer>`` or ``<kind> <answer>``
# How well networks predict: no answer of a method, but told beside them.
EVALUATE = "evaluate"
PREDICTION = ("test_auroc", "test_auprc", "test_pearson", "test_r2")
# Networks whose slope is not above 0 have no error of it: the worst would be left out.
_UNRANKED = "effect_slope_error"
COMPARED = ["dataset", "model", "metric"]
SUBJECT = ["motif", "target"]
METHOD = ["method", "variant"]


def headline_scores(scores, *, of_one=False, answers=ANSWERS):
    """The scores by which methods are compared, one value for each method and seed.

    Parameters
    ----------
    scores : pandas.DataFrame
        `COMPARED`, `SUBJECT`, `METHOD`, seed, better, value and other numbers; empty
        names are ``""``.
    of_one : bool
        True: also metrics that one method alone has.
    answers : tuple of str
        By which position scores are compared: the first of these that a method has.

    Returns
    -------
    pandas.DataFrame
        The same columns and `subjects`: rows of metrics that several methods have, and
        of `PREDICTION`; none of `_UNRANKED`, and of a metric that is neither better if
        higher nor if lower. A position score is that of one of the `answers` of each
        method and kind, another score that without a variant. Of several motifs or
        targets there is the mean over them, with empty names; its value is NaN where
        one of them has none.
    """
    rows = scores[_chosen(scores, answers)]
    parts = [
        _mean_over_subjects(group)
        for (_, _, metric), group in rows.groupby(COMPARED, sort=False)
        if of_one or metric in PREDICTION or len(group[METHOD].drop_duplicates()) > 1
    ]
    columns = [*scores.columns, "subjects"]
    return pd.concat(parts)[columns] if parts else pd.DataFrame(columns=columns)


def headline_name(method, variant):
    """What a method is called beside others: with its kind, if it has several."""
    return ", ".join(filter(None, [method, variant.rpartition(" ")[0]]))


def _chosen(scores, answers):
    """Whether a row has the answer by which its method is compared."""
    places = {name: place for place, name in enumerate(answers)}
    split = [variant.rpartition(" ") for variant in scores["variant"]]
    place = pd.Series([places.get(answer) for *_, answer in split], scores.index, float)
    kind = pd.Series([kind for kind, *_ in split], scores.index, object)
    keys = [scores[name] for name in (*COMPARED, "method")]
    first = place.groupby([*keys, kind]).transform("min")
    positions = scores["metric"].str.startswith(POSITIONS)
    of_methods = (scores["method"] != EVALUATE) & (scores["variant"] == "")
    of_methods &= scores["better"].isin(["higher", "lower"])
    of_methods &= scores["metric"] != _UNRANKED
    return (
        (positions & (place == first))
        | (~positions & of_methods)
        | scores["metric"].isin(PREDICTION)
    )


def _mean_over_subjects(group):
    """One row for each method and seed: its score, or the mean over motifs, targets."""
    together = (group[SUBJECT] == "").all(axis=1)
    if together.any():
        # Of a metric one method may have a score of all together, another has not.
        all_together = together.groupby([group[name] for name in METHOD])
        others = group[~all_together.transform("any")]
        parts = [group[together].assign(subjects=1)]
        return pd.concat(
            [*parts, _mean_over_subjects(others)] if len(others) else parts
        )
    subjects = len(group[SUBJECT].drop_duplicates())
    if subjects == 1:
        return group.assign(subjects=1)
    by_seed = group.groupby([*COMPARED, *METHOD, "seed"], sort=False)
    result = by_seed.first()
    numbers = list(result.columns.difference([*SUBJECT, "better"]))
    result[numbers] = by_seed[numbers].mean()
    # A mean over fewer targets is another quantity.
    complete = by_seed["value"].count() == subjects
    result["value"] = result["value"].where(complete)
    return result.assign(**dict.fromkeys(SUBJECT, ""), subjects=subjects).reset_index()
