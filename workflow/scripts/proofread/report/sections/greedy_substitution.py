"""Whether a few substitutions decide the prediction."""

from proofread.report.numbers import count, short
from proofread.report.verdicts import Verdict, no_finding, strong

FINDS = "the causal motifs by substitution"
HEADLINE = ("destroy_edits_planted", "destroy_edits_known")
MEASURES = {
    "destroy_edits_planted": "fraction of the substitutions in motifs",
    "destroy_edits_known": "fraction of the substitutions in known sites",
}
TABLES = ("table.tsv",)
FIGURES = (
    (
        "curves",
        "The sooner a line crosses 0.5, and the further it leaves the grey band of"
        " random substitutions, the fewer bases decide the prediction.",
    ),
)
DECIDED = 0.5  # probability from which on a sequence is predicted positive


def verdict(experiment, settings):
    """Whether chosen substitutions turn negatives into positives."""
    table = strong(experiment, experiment.table("greedy_substitution", "table.tsv"))
    table = table[(table["direction"] == "improve") & (table["start"] < DECIDED)]
    rules = list(table["rule"].unique())
    table = table[table["rule"].isin(rules[:1])]
    if table.empty:
        return no_finding("no sequence that was searched is predicted negative")
    reached = table["steps_to_half"].notna()
    random = int((table["control_end"] >= DECIDED).sum())
    n, most = len(table), count(table["steps"].max())
    number = f"{int(reached.sum())} of {n}"
    said = (
        f"at most {most} chosen substitutions turn {number} sequences that are"
        " predicted negative into positives"
    )
    compared = f"as many random ones {random} of {n}"
    if not reached.sum() > random:
        return no_finding(f"{said}, {compared}", number=number)
    median = table.loc[reached, "steps_to_half"].median()
    steps = "1 step" if median == 1 else f"{short(median)} steps"
    return Verdict(
        f"Few bases decide: {said} (median {steps}), {compared}.",
        "negatives turned",
        "ok",
        number,
    )
