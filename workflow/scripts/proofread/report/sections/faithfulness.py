"""Whether the maps of a network say what it does, without a known truth."""

import math

from proofread.configuration.negative_controls import KINDS
from proofread.report import label_free, methods
from proofread.report.names import words
from proofread.report.numbers import (
    counted,
    decimal,
    exact,
    interval,
    is_missing,
    short,
)
from proofread.report.verdicts import Verdict, no_finding, strong, verb_of
from proofread.statistics.units import LOGIT, OUTPUT
from proofread.truth.label_free import RAW_UNITS

TITLE = "Faithfulness"

_FIGURES = ("summary", "curves", "agreement", "randomisation", "families")
# Quantities of the table: title, and whether high or low numbers are better.
_SHOWN = {
    "deletion_above_random": ("deletion, above random (sd)", "descending"),
    "insertion_above_random": ("insertion, above random (sd)", "descending"),
    "sufficiency_below_random": ("sufficiency, below random (sd)", "descending"),
    "faithfulness_correlation": ("faithfulness correlation", "descending"),
    "randomisation_similarity": ("similarity, all layers randomised", "ascending"),
    "max_sensitivity": ("max-sensitivity", "ascending"),
    "agreement_over_seeds": ("agreement over seeds", "descending"),
    "agreement_between_kinds": ("agreement with other kinds", "descending"),
}
_RANDOM = "random"
TABLES = ("table.tsv",)
FIGURES = (
    (
        "summary",
        "A point right of its hollow marks: the map is truer to this network than those"
        " of networks that know nothing.",
    ),
)
# The number that decides whether a map is faithful.
DECIDES = "deletion_above_random"
FAITHFUL, UNFAITHFUL = "faithful", "not faithful"
_IN = {LOGIT: "logits", OUTPUT: "of the output"}  # behind a number


def verdict(experiment, settings):
    """Which maps beat windows in random order."""
    rows = maps(experiment)
    if not rows:
        return no_finding("no map could be judged")
    good = [row for row in rows if row["faithful"]]
    number = f"{len(good)} of {len(rows)}"
    said = (
        f"{number} kinds of maps {verb_of(len(good), 'are')} faithful: the"
        f" {rows[0]['unit']} falls"
        f" more when their highest windows of {rows[0]['width']} bp are replaced than"
        " in random order"
    )
    best = max(rows, key=lambda row: row["value"])
    compared = [
        f"{name} network {short(best[name])}"
        for name in KINDS
        if not is_missing(best[name])
    ]
    said += (
        f"; most by {best['kind']}, {short(best['value'])}"
        f" {interval(best['ci_low'], best['ci_high'], 2)} {_IN[best['unit']]}"
    )
    said += f" ({', '.join(compared)})" if compared else ""
    if not good:
        return no_finding(said, number=number)
    every = len(good) == len(rows)
    tag, kind = (FAITHFUL, "ok") if every else (f"partly {FAITHFUL}", "")
    return Verdict(f"{said}.", tag, kind, number)


def maps(experiment):
    """The deciding number of each kind of map, mean over targets.

    Parameters
    ----------
    experiment : proofread.report.results.Experiment

    Returns
    -------
    list of dict
        kind, value, ci_low, ci_high, the negative controls, unit of these (`logit` or
        `output`), width of the windows in bp, agreement (with the other kinds), best
        (the number that ranks kinds best, None where no study says so) and faithful.
    """
    table = strong(experiment, experiment.table("faithfulness", "table.tsv"))
    table = table[table["kind"] != _RANDOM]
    judged = table[(table["quantity"] == DECIDES) & table["unit"].isin(RAW_UNITS)]
    judged = judged[judged["window"] == judged["window"].max()]
    agreement = table[table["quantity"] == "agreement_between_kinds"]
    agreement = agreement.groupby("kind")["value"].mean()
    best = _best(table)
    numbers = ["value", "ci_low", "ci_high", *KINDS]
    means = judged.dropna(subset="value").groupby("kind", sort=False)[numbers].mean()
    return [
        {
            "kind": words(kind),
            **row.to_dict(),
            "unit": judged["unit"].iloc[0],
            "width": f"{judged['window'].max():g}",
            "agreement": agreement.get(kind),
            "best": best.get(kind),
            # An interval that holds 0: no better than a random order.
            "faithful": bool(row["ci_low"] > 0),
        }
        for kind, row in means.iterrows()
    ]


def _best(table):
    """By kind, mean over targets: the number that the study supports best."""
    row = label_free.best()
    if row is None:
        return {}
    chosen = table[
        (table["quantity"] == row["quantity"])
        & (table["unit"] == row["unit"])
        & (table["window"].isna() | (table["window"] == row["window"]))
    ]
    return chosen.groupby("kind")["value"].mean().to_dict()


def notes(experiment, settings):
    """What a study with a truth says of the number that decides."""
    rows = maps(experiment)
    said = label_free.about(DECIDES, float(rows[0]["width"])) if rows else ""
    return [f"{label_free.introduction()} {said}"] if said else []


def warnings(experiment, settings):
    """Sequences that were left out, and why."""
    table = experiment.table("faithfulness", "table.tsv")
    return [f"Faithfulness, {text}" for text in _warnings(table)]


def section(experiment, settings):
    """What the template shows of one experiment."""
    table = experiment.table("faithfulness", "table.tsv")
    width = table["window"].max()
    rows = table[~table["unit"].isin(RAW_UNITS) & (table["kind"] != _RANDOM)]
    rows = rows[rows["window"].isna() | (rows["window"] == width)]
    windows = {
        quantity: of_quantity["window"].iloc[0]
        for quantity, of_quantity in rows.groupby("quantity")
    }
    said = [label_free.about(name, windows.get(name, math.nan)) for name in _SHOWN]
    return {
        "width": f"{width:g}",
        "output": OUTPUT if table["unit"].eq(OUTPUT).any() else LOGIT,
        "columns": [
            (_marked(title, label_free.mark(name, windows.get(name, math.nan))), first)
            for name, (title, first) in _SHOWN.items()
        ],
        "study": label_free.PAGE,
        "said": [text for text in said if text],
        "several": rows["target"].nunique() > 1,
        "rows": [
            {
                "kind": kind.replace("_", " "),
                "target": target,
                "cells": [_cell(of_kind, quantity) for quantity in _SHOWN],
            }
            for (target, kind), of_kind in rows.groupby(["target", "kind"], sort=False)
        ],
        "warnings": _warnings(table),
        "families": _families(experiment),
        "figures": methods.captioned(experiment, "faithfulness", _FIGURES, settings),
    }


def _marked(title, word):
    return f"{title}: {word}" if word else title


def _cell(rows, quantity):
    """One number, its interval, and those of the negative controls."""
    row = rows[rows["quantity"] == quantity].iloc[0]
    between = (
        "" if is_missing(row["value"]) else interval(row["ci_low"], row["ci_high"])
    )
    controls = [
        f"{name} {decimal(row[name])}" for name in KINDS if not is_missing(row[name])
    ]
    return {
        "shown": decimal(row["value"]),
        "exact": exact(row["value"]),
        "interval": " · ".join(filter(None, [between, *controls])),
    }


def _families(experiment):
    """Whether the methods that name motifs name the same ones, in sentences."""
    if not experiment.has("faithfulness", "families_agreement.tsv"):
        return []
    pairs = experiment.table("faithfulness", "families_agreement.tsv")
    if len(pairs) == 0:
        return [
            "No families of motifs are compared: fewer than two of tomtom,"
            " motif_discovery, motif_tests and motif_insertion run."
        ]
    pairs = [
        f"{words(row.first)} and {words(row.second)}: {row.both:g} of"
        f" {counted(int(row.either), 'family', 'families')}"
        + ("" if is_missing(row.expected) else f" (chance {decimal(row.expected, 1)})")
        for row in pairs.itertuples()
    ]
    texts = [
        "Families of motifs that both name, of those that either names:"
        f" {'; '.join(pairs)}."
    ]
    table = experiment.table("faithfulness", "families_precision.tsv")
    rows = [
        f"at least {row.at_least} {decimal(row.precision)}"
        f" ({interval(row.ci_low, row.ci_high)}, chance {decimal(row.chance)},"
        f" n = {row.families:g})"
        for row in table.itertuples()
        if not is_missing(row.precision)
    ]
    if rows:
        texts.append(
            "Fraction of causal ones among the families that so many methods name:"
            f" {'; '.join(rows)}."
        )
    return texts


def _warnings(table):
    """What was left out and why, each once."""
    said = table.loc[
        table["note"]
        .astype(str)
        .str.contains("left out|the same for|standard deviation"),
        :,
    ]
    said = said.drop_duplicates(["target", "note"])
    return [
        f"{row['target']}, {row['kind'].replace('_', ' ')}: {row['note']}"
        for _, row in said.iterrows()
    ]
