"""How much of the truth each method found: the scorecard, for a reader.

Sequences without planted motifs have scores too, where sites of them or of a genome are
known.
"""

import math

from proofread.report import charts
from proofread.report.methods import load, title
from proofread.report.names import score, words
from proofread.report.numbers import (
    count,
    decimal,
    exact,
    interval,
    is_missing,
    listed,
    significant,
)
from proofread.tables import UNBOUNDED_METRICS, is_drawn


def describe(scorecard, datasets):
    """The scores of each dataset, seeds side by side.

    Parameters
    ----------
    scorecard : pandas.DataFrame
        As scripts/scorecard.py writes it.
    datasets : dict of str to bool
        Whether motifs were planted in a dataset, by its name; in the order of the page.
        Those without a score are left out.

    Returns
    -------
    list of dict
    """
    return [
        _dataset(name, scorecard[scorecard["dataset"] == name], simulated)
        for name, simulated in datasets.items()
        if (scorecard["dataset"] == name).any()
    ]


# Methods whose scores a moving mean lifts, by the beginning of their answers' names.
_WINDOWED = {
    ("attributions", "integrated_gradients "): "Integrated Gradients",
    ("saturation_mutagenesis", ""): "saturation mutagenesis",
}
_POSITIONS = {"position_decoy_fraction": "top positions in decoys"}
_BOUNDS = (
    ("negative_control", "control_note"),
    ("positive_control", "verdict"),
    ("ideal_explainer", "ideal_note"),
)
_CONTROLS = {
    "negative_control_untrained": "an untrained network",
    "negative_control_shuffled": "a network trained on shuffled labels",
    "negative_control_random": "random numbers",
}


def controls(scorecard):
    """The negative controls that there are, in words; empty where there is none."""
    return listed(
        kind for column, kind in _CONTROLS.items() if scorecard[column].notna().any()
    )


def _dataset(name, scores, simulated):
    subject = ["motif", "target", "variant"]
    scores = scores.fillna(dict.fromkeys(subject, ""))
    seeds = [str(seed) for seed in sorted(scores["seed"].unique(), key=int)]
    several = scores["target"].replace("", None).nunique() > 1
    several_models = scores["model"].nunique() > 1
    controlled = bool(scores["negative_control"].notna().any())
    positive = "positive_control" in scores
    positive = positive and bool(scores["positive_control"].notna().any())
    ideal_known = bool(scores["ideal_explainer"].notna().any())
    with_column = {
        "negative_control": controlled,
        "positive_control": positive,
        "ideal_explainer": simulated or ideal_known,
    }
    rows = []
    for (method, metric, model, motif, target, variant), group in scores.groupby(
        ["method", "metric", "model", *subject], sort=False
    ):
        by_seed = {str(row["seed"]): row for row in group.to_dict("records")}
        rows.append(
            {
                "method": title(method),
                "metric": score(
                    metric_name(method, metric), motif, target * several, variant
                ),
                "model": model if several_models else "",
                "chance": _chance(group["chance"].iloc[0]),
                "proportion": metric not in UNBOUNDED_METRICS
                and bool(group["value"].dropna().between(0, 1).all()),
                "scores": [
                    charts.Score(seed, item["value"], item["ci_low"], item["ci_high"])
                    for seed, item in by_seed.items()
                ],
                "cells": [_cell(by_seed.get(seed)) for seed in seeds],
                "negative_control_value": group["negative_control"].iloc[0],
                "ideal_value": group["ideal_explainer"].iloc[0],
                "bounds": [
                    _bound(group, kind, note)
                    for kind, note in _BOUNDS
                    if with_column[kind]
                ],
                "drawn": is_drawn(metric, variant),
                "lower_is_better": group["better"].iloc[0] == "lower",
            }
        )
    drawn = {}
    for row in rows:
        if row["proportion"] and row["drawn"]:
            drawn.setdefault(row["method"], []).append(
                charts.ScoreRow(
                    _row_name(row),
                    row["scores"],
                    # Less than nothing cannot be found: 0 is no bound.
                    math.nan
                    if row["lower_is_better"] and row["negative_control_value"] == 0
                    else row["negative_control_value"],
                    row["ideal_value"],
                    row["lower_is_better"],
                )
            )
    return {
        "name": name,
        "simulated": simulated,
        "seeds": seeds,
        "positions": (scores["metric"] == "position_auroc").any(),
        "decoys": (scores["metric"] == "position_decoy_fraction").any(),
        "window_note": window_note(scores),
        "several_models": several_models,
        "controlled": controlled,
        "positive": positive,
        "ideal_known": ideal_known,
        "ideal_column": with_column["ideal_explainer"],
        "control_drawn": any(
            not is_missing(row.negative_control)
            for group in drawn.values()
            for row in group
        ),
        "rows": rows,
        "figure": charts.dot_plot(
            drawn,
            x_label="score or fraction, 0 to 1",
            label=f"Scores on {name}, one dot per seed with its 95 % interval",
        )
        if drawn
        else None,
    }


def window_note(scores):
    """How much a moving mean lifts the position scores, in a sentence, and why.

    Parameters
    ----------
    scores : pandas.DataFrame
        The scorecard of a dataset.

    Returns
    -------
    str
        About `_WINDOWED` methods that have the same answer with and without a mean;
        empty where there is none or no mean lifts a score.
    """
    rows = scores[scores["metric"] == "position_auroc"]
    lifts, width = [], ""
    for (method, kind), name in _WINDOWED.items():
        of_method = rows[rows["method"] == method]
        means = of_method.groupby("variant", sort=False)["value"].mean().to_dict()
        pairs = [
            (means[variant], means[answer], variant.rsplit("_window", 1)[1])
            for variant in means
            if "_window" in variant
            and variant.startswith(kind)
            and (answer := variant.rsplit("_window", 1)[0]) in means
        ]
        if not pairs:
            continue
        smoothed, alone, width = max(pairs)
        if smoothed > alone:
            lifts.append(f"{name} from {decimal(alone)} to {decimal(smoothed)}")
    if not lifts:
        return ""
    return (
        f"A {width}-bp mean lifts the position AUROC of {listed(lifts)} (mean over"
        " networks). The value of a single base is noisy, and small where a"
        " substitution changes little. Neighbouring bases belong to the same motif, so"
        " their mean is high throughout the motif. A smoothed score shows where a motif"
        " is, not which of its bases matter most."
    )


def _chance(value):
    """The expected value of random numbers, in words; empty where it is not known."""
    return "" if is_missing(value) else f"chance {decimal(value)}"


def _row_name(row):
    return ", ".join(part for part in (row["metric"], row["model"]) if part)


def _bound(scores, kind, note):
    """A control or the ideal explainer of a row, each of its kinds, its note."""
    notes = scores[note].where(scores[note].notna(), "").tolist()
    if len(set(notes)) > 1:  # verdicts of seeds; the other notes are of all seeds
        seeds = zip(scores["seed"], notes, strict=True)
        notes = [", ".join(f"seed {seed}: {text}" for seed, text in seeds if text)]
    kinds = {
        words(column.removeprefix(f"{kind}_")): scores[column].iloc[0]
        for column in scores
        if column.startswith(f"{kind}_")
    }
    return {
        **_cell(
            {"value": scores[kind].iloc[0], "n": None, "ci_low": None, "ci_high": None}
        ),
        "kinds": "; ".join(
            f"{name} {decimal(value)}"
            for name, value in kinds.items()
            if not is_missing(value)
        ),
        "note": notes[0],
    }


def _cell(row):
    if row is None:
        return {"shown": "", "exact": "", "interval": "", "n": ""}
    value = row["value"]
    within = is_missing(value) or abs(value) <= 1
    return {
        "shown": decimal(value) if within else significant(value),
        "exact": exact(value),
        "interval": interval(row["ci_low"], row["ci_high"]),
        "n": "" if is_missing(row["n"]) else count(row["n"]),
    }


def metric_name(method, metric):
    """What a score is called; the method's own words where it has some."""
    own = load(method)
    if hasattr(own, "score_name"):
        return own.score_name(metric)
    return _POSITIONS.get(metric, words(metric))
