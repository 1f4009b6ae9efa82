"""One number of each method, between its negative control and the ideal, and a word."""

import math
from dataclasses import dataclass

import pandas as pd

from proofread.truth.at_fault import ENOUGH, METHOD_LIMIT, NETWORK, RECOVERED, verdict
from proofread.truth.best_values import BEST_VALUES, CHANCE_LEVELS, NOTHING_FOUND
from proofread.truth.headline import METHOD, POSITIONS, SUBJECT, headline_scores

# Below `ENOUGH` of the ideal, but better than every negative control; not better.
PARTLY, MISSED = "partly", "not"
NO_CONTROL = "no control"  # nothing tells a finding from chance
_NUMBERS = ["value", "ci_low", "floor", "negative_control", "ideal", "positive_control"]
_COLUMNS = ["dataset", "model", "seed", *METHOD, "metric", *SUBJECT, "better"]


@dataclass(frozen=True)
class Recovery:
    """How much of the truth a method found in the networks of one model.

    Attributes
    ----------
    method, kind : str
        Empty `kind`: the method has one answer.
    metric : str
    value : float
        Mean over seeds.
    floor : float
        The score of the best negative control or, where none has it, that of chance;
        0 where the controls ran, found nothing, and no chance level is known.
    controlled : bool
        Whether `floor` is that of a negative control.
    silent : bool
        Whether `floor` is 0 because the negative controls found nothing.
    ideal, positive : float
        The score of the ideal explainer, or the best possible one; that of the positive
        control. NaN where there is none.
    explained : bool
        Whether `ideal` is that of the ideal explainer.
    needed : float
        The score from which on the truth counts as recovered.
    word : str
        `RECOVERED`, `PARTLY`, `MISSED`, `NO_CONTROL` or, with a positive control,
        `NETWORK` or `METHOD_LIMIT`.
    level : float
        0 at `floor`, 1 at `ideal`, and between them in proportion; NaN if unknown.
    """

    method: str
    kind: str
    metric: str
    value: float
    floor: float
    controlled: bool
    silent: bool
    ideal: float
    explained: bool
    positive: float
    needed: float
    word: str
    level: float

    @property
    def passed(self):
        """Whether the method recovers the rule on the positive control."""
        return self.positive >= self.needed

    @property
    def limited(self):
        """Whether it recovers the rule neither here nor on the positive control."""
        return self.word in (PARTLY, METHOD_LIMIT) and self.positive < self.needed


def recoveries(scorecard, choose):
    """The headline score of each method and kind, judged.

    Parameters
    ----------
    scorecard : pandas.DataFrame
        Rows of the scorecard of one dataset and model; seeds are averaged.
    choose : callable
        Of a method's name: the metrics of which the first that it has is its headline
        (none: the first of its scores), and the score that counts as recovered (None:
        `ENOUGH` of the ideal one).

    Returns
    -------
    list of Recovery
        In the order of the scorecard. Scores that are better if lower are no headline.
    """
    if scorecard.empty:
        return []
    rows = scorecard.fillna(dict.fromkeys([*SUBJECT, "variant", "control_note"], ""))
    best = rows["metric"].map(BEST_VALUES).astype(float)
    floor = rows["negative_control"].astype(float)
    chance = rows["chance"].astype(float).fillna(rows["metric"].map(CHANCE_LEVELS))
    nothing = floor.isna() & (rows["control_note"] == NOTHING_FOUND)
    silent = nothing & chance.isna()
    rows = rows.assign(
        floor=floor.fillna(chance.where(nothing, rows["chance"])).mask(silent, 0),
        silent=silent.astype(float),
        ideal=rows["ideal_explainer"].astype(float).fillna(best),
        positive_control=rows.get("positive_control", math.nan),
        explained=rows["ideal_explainer"].notna().astype(float),
        # A score without an interval is compared as it is.
        ci_low=rows["ci_low"].astype(float).fillna(rows["value"]),
    )
    rows = rows[rows["better"] == "higher"]
    numbers = [*_NUMBERS, "explained", "silent"]
    rows = rows[[*_COLUMNS, *numbers]].astype(dict.fromkeys(numbers, float))
    headline = headline_scores(_with_one_variant(rows, choose), of_one=True)
    headline = headline.dropna(subset="value")
    result = []
    for method in scorecard["method"].unique():
        of_method = headline[headline["method"] == method]
        if of_method.empty:
            continue
        metrics, needed = choose(method)
        present = list(of_method["metric"].unique())
        metric = next((name for name in metrics if name in present), present[0])
        rows = of_method[of_method["metric"] == metric]
        for variant, seeds in rows.groupby("variant", sort=False):
            result.append(_judged(method, variant, metric, seeds, needed))
    return result


def _with_one_variant(rows, choose):
    """Rows where a headline metric that has variants only keeps its first, unnamed.

    Scores of positions stay: `truth.headline.ANSWERS` chooses among their variants.
    """
    parts = []
    for (method, metric), group in rows.groupby(["method", "metric"], sort=False):
        first = group["variant"].iloc[0]
        named = metric in choose(method)[0] and not metric.startswith(POSITIONS)
        if named and (group["variant"] != "").all():
            group = group[group["variant"] == first].assign(variant="")
        parts.append(group)
    return pd.concat(parts).sort_index() if parts else rows


def _judged(method, variant, metric, seeds, needed):
    mean = seeds[[*_NUMBERS, "explained", "silent"]].mean()
    needed = ENOUGH * mean["ideal"] if needed is None else needed
    above = mean["ci_low"] > mean["floor"]
    return Recovery(
        method=method,
        kind=variant.rpartition(" ")[0],
        metric=metric,
        value=mean["value"],
        floor=mean["floor"],
        controlled=not pd.isna(mean["negative_control"]),
        silent=mean["silent"] == 1,
        ideal=mean["ideal"],
        explained=mean["explained"] > 0,
        positive=mean["positive_control"],
        needed=needed,
        word=_word(mean, needed, above),
        level=_level(mean["value"], mean["floor"], mean["ideal"]),
    )


def _word(mean, needed, above):
    """What is said of a score, as `Recovery.word`."""
    if math.isnan(mean["floor"]) or math.isnan(needed):
        return NO_CONTROL
    if above and mean["value"] >= needed:
        return RECOVERED
    if above:
        return PARTLY
    fault = verdict(mean["value"], mean["positive_control"], needed / ENOUGH)
    return fault if fault in (NETWORK, METHOD_LIMIT) else MISSED


def _level(value, floor, ideal):
    if math.isnan(ideal) or math.isnan(floor) or ideal <= floor:
        return math.nan
    return min(1.0, max(0.0, (value - floor) / (ideal - floor)))
