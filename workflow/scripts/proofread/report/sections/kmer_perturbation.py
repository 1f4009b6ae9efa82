"""Whether replaced k-mers change the prediction where the truth is."""

from proofread.report.numbers import count, interval, short
from proofread.report.verdicts import Verdict, no_finding, strong

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


def verdict(experiment, settings):
    """Whether replacing k-mers lowers the logit of positives more than of negatives."""
    table = experiment.table("kmer_perturbation", "robustness.tsv")
    table = strong(experiment, table)
    table = table[table["scale"] == "logit"]
    table = table[table["length"] == table["length"].max()]
    classes = {name: rows.iloc[0] for name, rows in table.groupby("class", sort=False)}
    if not {"positive", "negative"} <= set(classes):
        return no_finding("there are no positives and negatives to compare")
    positive, negative = classes["positive"], classes["negative"]
    target = f" of {positive['target']}" if table["target"].nunique() > 1 else ""
    change = short(positive["mean_delta"])
    text = (
        f"replacing {count(positive['length'])} bp changes the logit of positives"
        f"{target} by {change} {_interval(positive)} on average, that of negatives by"
        f" {short(negative['mean_delta'])} {_interval(negative)}"
    )
    below = positive["mean_delta_high"] < min(0, negative["mean_delta_low"])
    if not below:
        return no_finding(f"{text}", number=change)
    return Verdict(
        f"The network reads the positives: {text}.", "lowers positives", "ok", change
    )


def _interval(row):
    return interval(row["mean_delta_low"], row["mean_delta_high"], 2)
