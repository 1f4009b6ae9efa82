"""Whether k-mers with the same bases have similar vectors in a network."""

from proofread.report import methods
from proofread.report.numbers import count, decimal, scientific

TITLE = "K-mers and their bases"

# The maps by suffix and by GC content stay files: the same dots in other colours.
_FIGURES = ("prefix", "purity")
_SHARED = {"prefix": "first", "suffix": "last"}
_BASELINES = ("one_hot", "bases")


def section(experiment, settings):
    """What the template shows of one experiment."""
    table = experiment.table("embedding", "table.tsv")
    own = table[~table["representation"].isin(_BASELINES)]
    return {
        "caption": methods.caption(experiment, "embedding", settings),
        "texts": [
            _sentence(row, _bases_alone(table, row)) for row in own.to_dict("records")
        ],
        "figures": methods.captioned(experiment, "embedding", _FIGURES, settings),
    }


def _bases_alone(table, row):
    same = (table["k"] == row["k"]) & (table["coloured_by"] == row["coloured_by"])
    return table.loc[same & (table["representation"] == "bases"), "purity"].item()


def _sentence(row, bases_alone):
    """The purity of one colouring, in words."""
    if row["coloured_by"] == "gc":
        shared = "as many G and C"
    else:
        length = row["affix_length"]
        bases = "base" if length == 1 else f"{length} bases"
        shared = f"its {_SHARED[row['coloured_by']]} {bases}"
    return {
        "text": (
            f"{count(row['kmers'])} {row['k']}-mers: {decimal(row['purity'])} of a"
            f" k-mer's {row['neighbours']} nearest neighbours have {shared}; by chance"
            f" {decimal(row['chance_purity'])} (p = {scientific(row['purity_p'])}), and"
            f" from the bases alone {decimal(bases_alone)}."
        ),
        "tag": row["verdict"],
        "above": row["verdict"] == "above chance",
    }
