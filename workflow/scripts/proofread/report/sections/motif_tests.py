"""Which motifs, orders and distances a network uses, compared with what was planted."""

import pandas as pd

from proofread.motifs.files import read_written_meme
from proofread.motifs.targets import pool_targets, readable
from proofread.report import methods
from proofread.report.names import words
from proofread.report.numbers import (
    count,
    decimal,
    exact,
    interval,
    is_missing,
    scientific,
)

TITLE = "Motif tests"

_NAMES = {
    "tests_recovered": "planted effects that motif tests recover",
    "tests_false": "false positives of motif tests",
    "gap_range_overlap": "overlap of learned and planted gap ranges",
}
# What a verdict is called, and whether it is as it should be.
_VERDICTS = {
    "recovered": ("recovered", "ok"),
    "true_negative": ("true negative", "ok"),
    "missed": ("missed", "warn"),
    "false_positive": ("false positive", "warn"),
    "found": ("found", "ok"),
    "not_found": ("not found", ""),
    "untested": ("untested", ""),
}
_WRONG = ("missed", "false_positive")
_FIGURES = ("effects", "gaps")


def score_name(metric):
    """What a row of score.tsv is called."""
    return _NAMES.get(metric, words(metric))


def findings(experiments):
    """What the tests found of the planted rule, over all seeds of a dataset."""
    first = experiments[0]
    if not first.simulated:
        return []
    tables = [
        table[~table["target"].isin(experiment.standing["weak"])]
        for experiment in experiments
        for table in [_all_tests(experiment)]
    ]
    tables = [table for table in tables if len(table)]
    if not tables:
        return []
    together = pd.concat(tables).dropna(subset=["verdict"])
    judged = together[together["verdict"] != "untested"]
    several = together["target"].nunique() > 1
    texts = [
        f"{_words(row)}{f' for {target}' * several}:"
        f" {', '.join(_verdict(item)[0] for item in rows['verdict'])}"
        for (target, _), rows in together.groupby(["target", "test"], sort=False)
        for row in [rows.iloc[0]]
        if row["expected"] == "found" or rows["verdict"].isin(_WRONG).any()
    ]
    wrong = int(judged["verdict"].isin(_WRONG).sum())
    if len(judged) == 0:
        tag = {"tag": "not tested", "kind": ""}
    elif wrong == 0:
        tag = {"tag": "as planted", "kind": "ok"}
    else:
        tag = {"tag": f"{wrong} of {len(judged)} not as planted", "kind": "warn"}
    return [
        {
            "title": "Motifs, order and distance by perturbation",
            **tag,
            "texts": texts or ["No effect was planted, and none is significant."],
            "details": [
                "One verdict per network: does replacing, swapping or moving the motifs"
                " increase the loss more than the same change outside motifs? True"
                " negatives are not listed."
            ],
        }
    ]


def section(experiment, settings):
    """What the template shows of one experiment."""
    table = _all_tests(experiment)
    if not experiment.simulated:
        table = readable(table, ["first", "second"], _known(experiment, settings))
    return {
        "rows": [_row(row) for _, row in table.iterrows()],
        "several": table["target"].nunique() > 1,
        "judged": bool(table["verdict"].notna().any()),
        "truth": experiment.simulated,
        "threshold": f"{settings['q_threshold']:g}",
        "fraction": f"{settings['min_effect_fraction']:.0%}".replace("%", " %"),
        "figures": methods.captioned(experiment, "motif_tests", _FIGURES, settings),
    }


def _known(experiment, settings):
    """The motifs of the databases, under the names of the tests."""
    databases = {
        name: experiment.results.once(
            read_written_meme, "databases", f"{name}.meme"
        ).motifs
        for name in settings["databases"]
    }
    if len(databases) == 1:
        return next(iter(databases.values()))
    return pool_targets(databases, {})


def _all_tests(experiment):
    """The tests, and those within the planted range."""
    tests, same_side = (
        experiment.table("motif_tests", name) for name in ("table.tsv", "same_side.tsv")
    )
    # An empty table would turn the numbers' columns into objects.
    return pd.concat([tests, same_side], ignore_index=True) if len(same_side) else tests


def _words(row):
    """Name a test: order of STAT and CTCF."""
    second = "" if is_missing(row["second"]) else f" and {row['second']}"
    return f"{row['kind']} of {row['first']}{second}"


def _verdict(value):
    """Words and kind of a verdict."""
    return ("", "") if is_missing(value) else _VERDICTS[value]


def _row(row):
    """One test, ready to be written."""
    verdict, kind = _verdict(row["verdict"])
    if row["verdict"] == "untested":
        verdict = row["note"]  # why
    if row["expected"] == "open":
        verdict = "either agrees with the rule"
    return {
        "name": _words(row),
        "target": row["target"],
        "verdict": verdict,
        "kind": kind,
        "effect": _cell(
            row["effect"], decimal, interval(row["ci_low"], row["ci_high"])
        ),
        "increase": _cell(row["increase"], decimal),
        "control": _cell(row["control"], decimal),
        "q": _cell(row["q"], scientific),
        "n": _cell(row["n"], count),
    }


def _cell(value, written, between=""):
    """A number of the table, with what it is sorted by and its interval."""
    return {"shown": written(value), "exact": exact(value), "interval": between}
