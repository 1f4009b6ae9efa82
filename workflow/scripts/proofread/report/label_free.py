"""What the study of numbers without a truth says of the numbers on a page.

The table of the study is a file beside this module, so that every copy of the workflow
has it. Without the file the page says nothing of the study.
"""

import functools
import math
from pathlib import Path

from proofread.report.numbers import counted, is_missing, listed, short
from proofread.tables import read_table
from proofread.truth.label_free import (
    AGREES,
    ALL,
    CONTRADICTS,
    KINDS,
    QUESTIONS,
    SEEDS,
    TRAINED,
    UNDECIDED,
    WITHIN,
    WITHOUT_KMERS,
    supported,
    title,
)

TABLE = Path(__file__).with_name("label_free.tsv")
PAGE = "docs/faithfulness.md"
MOST = 2  # numbers that the first screen names for a question
NOT_SUPPORTED, CONTRADICTED = "not supported", "contradicted"
_COMPARED = {
    ALL: "networks that learned the rule with others",
    TRAINED: "trained networks of one dataset",
    SEEDS: "the seeds of one model",
    WITHIN: "the kinds of maps of one network",
    WITHOUT_KMERS: "these kinds without k-mers",
}
# What the first screen is asked: each purpose, and the questions that must agree.
_PURPOSES = {
    _COMPARED[WITHIN]: KINDS,
    _COMPARED[SEEDS]: (SEEDS,),
    _COMPARED[TRAINED]: (TRAINED,),
}


def study():
    """The table of the study; None where it is not there, or has no number."""
    return _read(TABLE) if TABLE.is_file() else None


@functools.cache
def _read(path):
    table = read_table(path)
    return None if table.empty else table


def about(quantity, window):
    """What the study says of one number, in a sentence.

    Parameters
    ----------
    quantity : str
        As in the table of faithfulness.
    window : float
        bp; NaN where no window is replaced.

    Returns
    -------
    str
        Its correlations for all questions; empty if the study does not know it.
    """
    rows = _rows(quantity, window)
    if not rows:
        return ""
    maps = f"maps with a {rows[0]['better']} number"
    claims = {
        AGREES: f"{maps} also found more of the planted bases",
        CONTRADICTS: f"{maps} found fewer of the planted bases",
        UNDECIDED: "nothing is shown",
    }
    said = [
        f"{claim} when comparing"
        f" {listed(_compared(row) for row in rows if row['verdict'] == verdict)}"
        for verdict, claim in claims.items()
        if any(row["verdict"] == verdict for row in rows)
    ]
    return f"{_capital(title(rows[0]))}: {'; '.join(said)}."


def mark(quantity, window):
    """A word for a number that is not shown to rank the kinds of maps, or ""."""
    rows = _rows(quantity, window)
    said = {row["verdict"] for row in rows if row["question"] in KINDS}
    if said <= {AGREES}:
        return ""
    return CONTRADICTED if said == {CONTRADICTS} else NOT_SUPPORTED


def best():
    """The number that ranks the kinds of maps best: a dict, None where none does."""
    rows = [] if study() is None else supported(study(), *KINDS).to_dict("records")
    return rows[0] if rows else None


def introduction():
    """What the study is, as the beginning of a paragraph; empty without it."""
    if study() is None:
        return ""
    networks, datasets = study()[["networks", "datasets"]].max()
    return (
        f"May these numbers be believed? A study of {counted(networks, 'network')},"
        f" negative controls among them, on {counted(datasets, 'simulated dataset')}"
        " compared them with the position AUROC of the same maps (Spearman’s"
        f" correlation, 95 % interval over datasets; {PAGE})."
    )


def advice():
    """Which numbers to believe, for the first screen; empty without the study."""
    if study() is None:
        return ""
    parts = []
    for purpose, questions in _PURPOSES.items():
        rows = supported(study(), *questions).head(MOST).to_dict("records")
        if rows:
            names = listed(f"{title(row)} {_number(row)}" for row in rows)
            parts.append(f"to compare {purpose}, believe {names}")
        else:
            parts.append(f"no number is shown to compare {purpose} as the truth does")
    said = f"{introduction()} {_capital('; '.join(parts))}."
    return f"{said} Numbers that it measured and does not support are marked."


def _capital(text):
    return f"{text[:1].upper()}{text[1:]}"


def _rows(quantity, window):
    """What the study has of a number, in the order of the questions."""
    table = study()
    if table is None:
        return []
    rows = table[table["quantity"] == quantity]
    same = rows["window"].isna() if math.isnan(window) else rows["window"] == window
    rows = rows[same].to_dict("records")
    return sorted(rows, key=lambda row: QUESTIONS.index(row["question"]))


def _compared(row):
    return f"{_COMPARED[row['question']]} {_number(row)}"


def _number(row):
    """``(Spearman 0.62, 0.51 to 0.70, 180 networks)``."""
    parts = [f"Spearman {short(row['spearman'])}"]
    if not is_missing(row["ci_low"]):
        parts.append(f"{short(row['ci_low'])} to {short(row['ci_high'])}")
    return f"({', '.join([*parts, counted(row['networks'], 'network')])})"
