"""Whether replaced k-mers change the prediction where the truth is."""

from dataclasses import dataclass

from proofread.report.numbers import (
    count,
    interval,
    is_missing,
    short,
    significant,
)
from proofread.report.verdicts import Verdict, no_finding, strong
from proofread.statistics.units import output_name

FINDS = "the bases of causal motifs"
HEADLINE = ("position_auroc",)
TABLES = ("robustness.tsv",)
FIGURES = (
    (
        "map",
        "Blue: the prediction falls when the k-mer there is replaced, so the network"
        " reads it.",
    ),
    (
        "robustness",
        "The further below zero, the more a replaced k-mer lowers the prediction.",
    ),
)


@dataclass(frozen=True)
class _Words:
    """The two groups of sequences that are compared, as a sentence has them."""

    column: str
    first: str
    second: str
    scale: str
    of_first: str
    of_second: str
    read: str
    tag: str


_CLASSES = _Words(
    "class",
    "positive",
    "negative",
    "logit",
    "positives",
    "negatives",
    "the positives",
    "lowers positives",
)
_HALVES = _Words(
    "group",
    "high",
    "low",
    "output",
    "sequences with values above the median",
    "the others",
    "the sequences with high values",
    "lowers high values",
)


def verdict(experiment, settings):
    """Whether replacing k-mers lowers the logit of positives more than of negatives.

    Of quantitative targets: the output of sequences with values above the median, more
    than that of the others.
    """
    table = experiment.table("kmer_perturbation", "robustness.tsv")
    table = strong(experiment, table)
    said = _HALVES if experiment.quantitative else _CLASSES
    table = table[table["scale"] == said.scale]
    table = table[table["length"] == table["length"].max()]
    members = {
        name: rows.iloc[0] for name, rows in table.groupby(said.column, sort=False)
    }
    if not {said.first, said.second} <= set(members):
        return no_finding(
            f"there are no {said.of_first} and {said.of_second} to compare"
        )
    first, second = members[said.first], members[said.second]
    target = f" of {first['target']}" if table["target"].nunique() > 1 else ""
    # Quantities may be of any size.
    number = significant if experiment.quantitative else short
    change = number(first["mean_delta"])
    output = output_name(first["unit"]) if experiment.quantitative else said.scale
    text = (
        f"replacing {count(first['length'])} bp changes the {output} of"
        f" {said.of_first}{target} by {change} {_interval(first)} on average, that of"
        f" {said.of_second} by {number(second['mean_delta'])} {_interval(second)}"
    )
    below = first["mean_delta_high"] < min(0, second["mean_delta_low"])
    if not below:
        return no_finding(f"{text}", number=change)
    return Verdict(f"The network reads {said.read}: {text}.", said.tag, "ok", change)


def _interval(row):
    low, high = row["mean_delta_low"], row["mean_delta_high"]
    if "unit" in row and not is_missing(low):
        return f"[{significant(low)}, {significant(high)}]"
    return interval(low, high, 2)
