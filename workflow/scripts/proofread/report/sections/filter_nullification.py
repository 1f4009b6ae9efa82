"""Which filters the predictions need."""

from proofread.report.numbers import (
    counted,
    interval,
    is_missing,
    scientific,
    short,
)
from proofread.report.verdicts import SIGNIFICANT, Verdict, no_finding, signs

FINDS = "the filters of causal motifs"
HEADLINE = ("influence_auroc",)
TABLES = ("groups.tsv",)
FIGURES = (
    (
        "influence",
        "Right of zero: without these filters the network predicts worse.",
    ),
)


def verdict(experiment, settings):
    """Whether the network predicts worse without some group of filters."""
    table = experiment.table("filter_nullification", "groups.tsv")
    table = table.dropna(subset=["influence", "q"])
    if table.empty:
        return no_finding("no influence of a filter could be measured")
    needed = table[(table["q"] <= SIGNIFICANT) & (table["influence"] > 0)]
    if needed.empty:
        return no_finding(
            f"no one of {counted(len(table), 'group')} of filters raises the loss when"
            f" ablated, at q ≤ {SIGNIFICANT:g}"
        )
    best = needed.sort_values("influence", ascending=False, kind="stable").iloc[0]
    random = (
        ""
        if is_missing(best["random_mean"])
        else f"; as many random filters by {short(best['random_mean'])}"
    )
    size = short(best["influence"])
    return Verdict(
        f"The network needs {len(needed)} of {counted(len(table), 'group')} of filters"
        f" (q ≤ {SIGNIFICANT:g}): without {best['group']} the loss rises most, by"
        f" {size} {interval(best['ci_low'], best['ci_high'], 2)} (q"
        f" {scientific(best['q'])}{random}).",
        "groups needed",
        "ok",
        f"{len(needed)} of {len(table)}",
    )


def also(experiment, settings):
    """For how many motifs the change of the output has the sign of their effect."""
    return signs(experiment, "filter_nullification", "The filters of a motif have")
