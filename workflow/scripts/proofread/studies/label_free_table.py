"""Which label-free number may be believed, as Markdown and in sentences."""

import numpy as np

from proofread.studies.published_table import number
from proofread.truth.label_free import (
    AGREES,
    ALL,
    CONTRADICTS,
    QUESTIONS,
    TRAINED,
    WITHIN,
    supported,
    title,
)

MOST = 3  # numbers that a sentence recommends
_PURPOSES = {
    ALL: "To tell maps of a network that has learned the rule from those of one that "
    "has not",
    TRAINED: "To compare the maps of trained networks",
    WITHIN: "To choose among the kinds of maps of one network",
}


def advice(table):
    """What a user without a truth may conclude: a sentence for each question.

    Parameters
    ----------
    table : pandas.DataFrame
        From `proofread.studies.label_free.rank_correlations`.

    Returns
    -------
    dict of str to str
        By question: the numbers whose whole interval is above 0, at most `MOST`, those
        with the highest lower end first; and those whose interval is below 0.
    """
    return {
        question: _sentence(table, question, purpose)
        for question, purpose in _PURPOSES.items()
    }


def _sentence(table, question, purpose):
    rows, good = table[table["question"] == question], supported(table, question)
    bad = rows[rows["verdict"] == CONTRADICTS].sort_values("ci_high", kind="stable")
    if len(rows) == 0:
        return f"{purpose}: nothing was measured."
    if len(good) == 0:
        text = f"{purpose}: the data cannot say which number to use."
    else:
        text = f"{purpose}, use {_list(good.head(MOST))}."
    if len(bad):
        text += f" Do not use {_list(bad)}: better maps have worse numbers."
    return text


def _list(rows):
    return ", ".join(
        f"{title(row)} (rank correlation {_value(row)})"
        for row in rows.to_dict("records")
    )


def _value(row):
    if np.isnan(row["ci_low"]):
        return number(row["spearman"], 2)
    return (
        f"{number(row['spearman'], 2)}, {number(row['ci_low'], 2)} to "
        f"{number(row['ci_high'], 2)}"
    )


def markdown(table):
    """The correlations of all numbers, and what they say.

    Parameters
    ----------
    table : pandas.DataFrame
        From `proofread.studies.label_free.rank_correlations`.
    """
    if len(table) == 0:
        return "No map has both a label-free number and a position score.\n"
    said = "\n".join(f"- {text}" for text in advice(table).values())
    parts = []
    for question in QUESTIONS:
        rows = table[table["question"] == question]
        if len(rows):
            most = rows[["networks", "datasets", "kinds"]].max()
            parts.append(
                f"{question}: {most['networks']} networks of {most['datasets']} "
                f"datasets, {most['kinds']} kinds"
            )
    keys = ["quantity", "window"]
    lines = [["number", "better", *QUESTIONS], ["---"] * (2 + len(QUESTIONS))]
    for _, group in table.groupby(keys, sort=False, dropna=False):
        rows = {row["question"]: row for row in group.to_dict("records")}
        first = next(iter(rows.values()))
        cells = [_cell(rows[name]) if name in rows else "" for name in QUESTIONS]
        lines.append([title(first), first["better"], *cells])
    grid = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return (
        f"{said}\n\nRank correlation (Spearman) with the position AUROC of the same "
        "map, 95 % interval over resampled datasets; above 0, better maps have better "
        f"numbers. {'; '.join(parts)}.\n\n{grid}\n"
    )


def _cell(row):
    if np.isnan(row["spearman"]):
        return ""
    text = _value(row)
    return f"**{text}**" if row["verdict"] in (AGREES, CONTRADICTS) else text
