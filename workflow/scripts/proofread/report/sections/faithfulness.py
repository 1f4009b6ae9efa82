"""Whether the maps of a network say what it does, without a known truth."""

from proofread.configuration.negative_controls import KINDS
from proofread.report import methods
from proofread.report.numbers import decimal, exact, interval, is_missing

TITLE = "Faithfulness"

_FIGURES = ("summary", "curves", "agreement", "randomisation")
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


def section(experiment, settings):
    """What the template shows of one experiment."""
    table = experiment.table("faithfulness", "table.tsv")
    width = table["window"].max()
    rows = table[(table["unit"] != "logit") & (table["kind"] != _RANDOM)]
    rows = rows[rows["window"].isna() | (rows["window"] == width)]
    return {
        "width": f"{width:g}",
        "columns": list(_SHOWN.values()),
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
        "figures": methods.captioned(experiment, "faithfulness", _FIGURES, settings),
    }


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
