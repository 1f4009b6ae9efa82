"""Words of the study that asks which number without a truth may be believed."""

import math

from proofread.statistics.units import LOGIT, OUTPUT

COLUMNS = [
    *("question", "quantity", "window", "unit", "better"),
    *("kinds", "networks", "datasets", "spearman", "ci_low", "ci_high", "verdict"),
]
ALL, TRAINED, WITHIN = "all networks", "trained networks", "kinds of a network"
QUESTIONS = (ALL, TRAINED, WITHIN)
AGREES, CONTRADICTS, UNDECIDED = "agrees", "contradicts", "the data cannot say"
# Of changes of a network's output, which have another size in another network.
RAW_UNITS = (LOGIT, OUTPUT)
_NAMES = {"max_sensitivity": "max-sensitivity"}


def title(row):
    """A number as a reader knows it: ``deletion, 9 bp``.

    Parameters
    ----------
    row : dict
        quantity, and window in bp, NaN where no window is replaced.
    """
    name = _NAMES.get(row["quantity"], row["quantity"].replace("_", " "))
    return name if math.isnan(row["window"]) else f"{name}, {row['window']:g} bp"


def supported(table, question):
    """The numbers that a study supports for one question, the surest first.

    Parameters
    ----------
    table : pandas.DataFrame
        `COLUMNS`.
    question : str
        One of `QUESTIONS`.

    Returns
    -------
    pandas.DataFrame
        Rows whose whole interval is above 0, those with the highest lower end first.
    """
    rows = table[(table["question"] == question) & (table["verdict"] == AGREES)]
    return rows.sort_values("ci_low", ascending=False, kind="stable")
