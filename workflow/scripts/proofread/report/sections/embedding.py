"""Whether words with the same letters lie together in what a network makes of them."""

from proofread.report import methods
from proofread.report.numbers import count, decimal, scientific

TITLE = "k-mers and their bases"

# The maps by suffix and by GC content stay files: the same dots in other colours.
_FIGURES = ("prefix", "purity")
_SHARED = {"prefix": "first", "suffix": "last"}
_BASELINES = ("one_hot", "letters")


def section(experiment, settings):
    """What the template shows of one experiment."""
    table = experiment.table("embedding", "table.tsv")
    own = table[~table["representation"].isin(_BASELINES)]
    return {
        "caption": methods.caption(experiment, "embedding", settings),
        "texts": [
            _sentence(row, _letters_alone(table, row)) for row in own.to_dict("records")
        ],
        "figures": methods.captioned(experiment, "embedding", _FIGURES, settings),
    }


def _letters_alone(table, row):
    same = (table["k"] == row["k"]) & (table["coloured_by"] == row["coloured_by"])
    return table.loc[same & (table["representation"] == "letters"), "purity"].item()


def _sentence(row, letters_alone):
    """The purity of one colouring, in words."""
    if row["coloured_by"] == "gc":
        shared = "as many G and C"
    else:
        many = "letter" if row["letters"] == 1 else f"{row['letters']} letters"
        shared = f"its {_SHARED[row['coloured_by']]} {many}"
    return {
        "text": (
            f"{count(row['words'])} {row['k']}-mers: {decimal(row['purity'])} of a"
            f" word's {row['neighbours']} nearest neighbours have {shared}; by chance"
            f" {decimal(row['chance_purity'])} (p = {scientific(row['purity_p'])}), and"
            f" from the letters alone {decimal(letters_alone)}."
        ),
        "tag": row["verdict"],
        "above": row["verdict"] == "above chance",
    }
