"""Which label-free number may be believed, as Markdown and in sentences."""

import numpy as np

from proofread.studies.markdown import grid, number
from proofread.truth.label_free import (
    AGREES,
    ALL,
    CONTRADICTS,
    SEEDS,
    TRAINED,
    WITHIN,
    WITHOUT_KMERS,
    asked,
    supported,
    title,
)

MOST = 3  # numbers that a sentence recommends
_PURPOSES = {
    ALL: "To compare the maps of trained, untrained and label-shuffled networks of one "
    "dataset",
    TRAINED: "To compare the maps of trained networks of one dataset",
    SEEDS: "To compare the maps of several seeds of one model",
    WITHIN: "To choose among the kinds of maps of one network",
    WITHOUT_KMERS: "To choose among these kinds without k-mers",
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
        question: _sentence(table, question, _PURPOSES[question])
        for question in asked(table)
    }


def _sentence(table, question, purpose):
    rows, good = table[table["question"] == question], supported(table, question)
    bad = rows[rows["verdict"] == CONTRADICTS].sort_values("ci_high", kind="stable")
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
    questions = asked(table)
    counts = table.groupby("question")[["networks", "datasets", "kinds"]].max()
    parts = [
        f"{question}: {networks} networks of {datasets} datasets, {kinds} kinds"
        for question, networks, datasets, kinds in counts.loc[questions].itertuples()
    ]
    keys = ["quantity", "window"]
    lines = []
    for _, group in table.groupby(keys, sort=False, dropna=False):
        rows = {row["question"]: row for row in group.to_dict("records")}
        first = next(iter(rows.values()))
        cells = [
            _cell(rows[name], counts.loc[name, "datasets"]) if name in rows else ""
            for name in questions
        ]
        lines.append([title(first), first["better"], *cells])
    fewer = table["datasets"].to_numpy() < counts.loc[table["question"], "datasets"]
    if fewer.any():
        parts.append("(of n): only n datasets have a correlation")
    header = ["number", "better", *questions]
    return (
        f"{said}\n\nRank correlation (Spearman) with the position AUROC of the same "
        "map, within a dataset; mean over the datasets with its 95 % t interval. "
        "Above 0, better maps have better numbers. "
        f"{'; '.join(parts)}.\n\n{grid(header, lines)}\n"
    )


def _cell(row, datasets):
    text = _value(row)
    if row["verdict"] in (AGREES, CONTRADICTS):
        text = f"**{text}**"
    if row["datasets"] < datasets:
        text += f" (of {row['datasets']})"
    return text
