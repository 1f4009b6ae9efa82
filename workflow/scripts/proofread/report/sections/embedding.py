"""Whether k-mers with the same bases have similar vectors in a network."""

from proofread.report import methods
from proofread.report.numbers import count, decimal, scientific, short
from proofread.report.verdicts import Verdict, no_finding

TITLE = "K-mers and their bases"
PLURAL = True

TABLES = ("table.tsv",)
FIGURES = (
    (
        "purity",
        "Right of the chance level: k-mers with the same bases have similar vectors.",
    ),
)
ABOVE = "above chance"  # the verdict of a colouring

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


def verdict(experiment, settings):
    """Whether k-mers that share bases have similar vectors."""
    table = experiment.table("embedding", "table.tsv")
    own = table[~table["representation"].isin(_BASELINES)]
    if own.empty:
        return no_finding("the network has no vectors of k-mers")
    above = own[own["verdict"] == ABOVE]
    number = f"{len(above)} of {len(own)}"
    if above.empty:
        return no_finding(
            f"in none of {len(own)} groupings do k-mers with the same bases have more"
            " similar vectors than by chance",
            number=number,
        )
    gain = above["purity"] - above["chance_purity"]
    best = above.loc[gain.idxmax()]
    return Verdict(
        f"K-mers with the same bases have similar vectors in {number} groupings: of"
        f" the {best['neighbours']} nearest neighbours of a {best['k']}-mer,"
        f" a fraction of {short(best['purity'])} has {_shared(best)} (chance"
        f" {short(best['chance_purity'])}, p {scientific(best['purity_p'])}).",
        ABOVE,
        "ok",
        number,
    )


def _bases_alone(table, row):
    same = (table["k"] == row["k"]) & (table["coloured_by"] == row["coloured_by"])
    return table.loc[same & (table["representation"] == "bases"), "purity"].item()


def _sentence(row, bases_alone):
    """The purity of one colouring, in words."""
    return {
        "text": (
            f"{count(row['kmers'])} {row['k']}-mers: {decimal(row['purity'])} of a"
            f" k-mer's {row['neighbours']} nearest neighbours have {_shared(row)}; by"
            f" chance {decimal(row['chance_purity'])} (p ="
            f" {scientific(row['purity_p'])}), and from the bases alone"
            f" {decimal(bases_alone)}."
        ),
        "tag": row["verdict"],
        "above": row["verdict"] == ABOVE,
    }


def _shared(row):
    """What k-mers of one colour have in common."""
    if row["coloured_by"] == "gc":
        return "as many G and C"
    length = row["affix_length"]
    bases = "base" if length == 1 else f"{length} bases"
    return f"its {_SHARED[row['coloured_by']]} {bases}"
