"""How the settings of a tuned model were chosen."""

from proofread.configuration.labels import QUANTITATIVE
from proofread.report.methods import caption, figure_of
from proofread.report.numbers import (
    count,
    counted,
    decimal,
    exact,
    interval,
    is_missing,
)
from proofread.training.tuning import read_choice

# What decides, and what it is called.
_DECIDES = {"validation_auroc": "AUROC", "validation_pearson": "Pearson correlation"}


def describe(experiment, evaluation):
    """What the page says of the choice; None for a model that was not tuned.

    Parameters
    ----------
    experiment : proofread.report.results.Experiment
        One of the model's seeds, which share the choice.
    evaluation : dict
        `evaluation` of the configuration.
    """
    results = experiment.results
    folder = (experiment.dataset, experiment.model, "tune")
    if not results.has(*folder, "tune.tsv"):
        return None
    table = results.table(*folder, "tune.tsv")
    seed = results.once(read_choice, *folder, "choice.json")["seed"]
    return {
        "sentence": _sentence(table.iloc[0], len(table), seed),
        "metric": _DECIDES[_decides(table)],
        "standing": standing(table),
        "rows": [_row(row, _decides(table)) for row in table.to_dict("records")],
        "figure": {
            **figure_of(results, *folder, "tune.svg"),
            "name": "candidates",
            "caption": caption(
                experiment,
                "tune",
                {
                    "evaluation": evaluation,
                    "target_type": QUANTITATIVE if experiment.quantitative else "",
                },
            ),
        },
        "files": results.files(*folder),
    }


def _decides(table):
    return next(name for name in _DECIDES if name in table.columns)


def _sentence(first, candidates, seed):
    return (
        f"Tried: {counted(candidates, 'candidate')}, trained with seed {seed}. Chosen:"
        f" {first['candidate']} ({first['architecture']},"
        f" {_settings(first['settings'])}). The choice read the validation split only;"
        " the test split was not read."
    )


def standing(table):
    """Whether the chosen candidate is clearly better than the next one, in words.

    Parameters
    ----------
    table : pandas.DataFrame
        tune.tsv, the chosen one first.

    Returns
    -------
    dict
        kind (ok if it is), tag and text.
    """
    if len(table) == 1:
        text = "There was one candidate, so there was no choice."
        return {"kind": "", "tag": "one candidate", "text": text}
    first, second = table.iloc[0], table.iloc[1]
    names = f"{first['candidate']} is {{}} the runner-up {second['candidate']}"
    metric = _DECIDES[_decides(table)]
    if is_missing(first[_decides(table)]):
        text = (
            f"No {metric} is defined on the validation split. The lower loss decided."
        )
        return {"kind": "", "tag": "by the loss", "text": text}
    low, high = second["difference_ci_low"], second["difference_ci_high"]
    if is_missing(second["difference"]) or is_missing(low):
        text = f"{names.format('not comparable with')}."
        return {"kind": "", "tag": "not comparable", "text": text}
    size = (
        f"difference of {metric} {decimal(second['difference'])} {interval(low, high)}"
    )
    if low > 0:
        text = f"{names.format('clearly better than')}: {size}."
        return {"kind": "ok", "tag": "clearly better", "text": text}
    text = f"{names.format('not clearly better than')}: {size}."
    if round(second["difference"], 6) == 0:
        text += f" They have the same {metric}, and the lower loss decided."
    return {"kind": "", "tag": "not clearly better", "text": text}


def _row(row, decides):
    """A candidate's row of the page's table."""
    return {
        "name": row["candidate"],
        "chosen": row["chosen"] == 1,
        "architecture": row["architecture"],
        "settings": _settings(row["settings"]),
        "parameters": count(row["parameters"]),
        "epochs": count(row["epochs"]),
        "kept": count(row["kept_epoch"]),
        "cells": [
            _cell(row, decides, "ci_low", "ci_high"),
            _cell(row, "difference", "difference_ci_low", "difference_ci_high"),
            _cell(row, "validation_loss"),
        ],
    }


def _cell(row, value, low=None, high=None):
    return {
        "shown": decimal(row[value]),
        "exact": exact(row[value]),
        "interval": interval(row[low], row[high]) if low else "",
    }


def _settings(text):
    return "its defaults" if is_missing(text) else text
