"""Words of the study that asks which number without a truth may be believed."""

import math

from proofread.statistics.units import LOGIT, OUTPUT

COLUMNS = [
    *("question", "quantity", "window", "unit", "better"),
    *("kinds", "networks", "datasets", "spearman", "ci_low", "ci_high", "verdict"),
]
ALL, TRAINED = "all networks", "trained networks"
SEEDS = "seeds of a model"
WITHIN, WITHOUT_KMERS = "kinds of a network", "kinds without k-mers"
# From many different networks to one: the order of tables, figures and sentences.
QUESTIONS = (ALL, TRAINED, SEEDS, WITHIN, WITHOUT_KMERS)
# A number ranks the kinds of maps if it does so with and without those of k-mers.
KINDS = (WITHIN, WITHOUT_KMERS)
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


def supported(table, *questions):
    """The numbers that a study supports, the surest first.

    Parameters
    ----------
    table : pandas.DataFrame
        `COLUMNS`.
    *questions : str
        Of `QUESTIONS`. A number must be supported for each that it was measured for.

    Returns
    -------
    pandas.DataFrame
        Rows of the first question whose whole interval is above 0, as are those of the
        others, sorted by the lowest end of these intervals.
    """
    table = table[table["question"].isin(questions)]
    table = table.assign(agrees=table["verdict"] == AGREES)
    numbers = table.groupby(["quantity", "window"], dropna=False)
    table = table.assign(
        agrees=numbers["agrees"].transform("all"),
        lowest=numbers["ci_low"].transform("min"),
    )
    rows = table[table["agrees"] & (table["question"] == questions[0])]
    rows = rows.sort_values("lowest", ascending=False, kind="stable")
    return rows.drop(columns=["agrees", "lowest"])


def asked(table):
    """The questions that a study has an answer to, in the order of `QUESTIONS`."""
    return [question for question in QUESTIONS if question in set(table["question"])]
