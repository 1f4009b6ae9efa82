"""Whether inserted motifs change the prediction."""

from proofread.report.numbers import counted, interval, scientific, short
from proofread.report.verdicts import Verdict, no_finding, strong, verb_of

FINDS = "the rule by inserted motifs"
HEADLINE = ("insertions_recovered", "spacing_auroc", "order_auroc")
TABLES = ("table.tsv",)
FIGURES = (
    (
        "positions",
        "Above zero: the motif raises the logit where it is inserted; dashed: control"
        " k-mers.",
    ),
)
MEASURES = {
    "insertions_recovered": "fraction of the motifs found",
    "spacing_auroc": "spacing AUROC",
    "order_auroc": "order AUROC",
}


def verdict(experiment, settings):
    """Which motifs change the logit more than control k-mers."""
    table = strong(experiment, experiment.table("motif_insertion", "table.tsv"))
    tested = table[table["verdict"].isin(["found", "not_found"])]
    if tested.empty:
        return no_finding("no motif had room in a background")
    found = tested[tested["verdict"] == "found"]
    number = f"{len(found)} of {len(tested)}"
    if found.empty:
        return no_finding(
            f"none of {counted(len(tested), 'motif')} changes the logit more than its"
            " control k-mers",
            number=number,
        )
    best = found.loc[found["effect"].abs().idxmax()]
    return Verdict(
        f"{number} inserted motifs {verb_of(len(found), 'change')} the logit more than"
        " control k-mers:"
        f" {best['motif']} most, by {short(best['effect'])}"
        f" {interval(best['ci_low'], best['ci_high'], 2)} (control"
        f" {short(best['control'])}, p {scientific(best['p_control'])}).",
        "above controls",
        "ok",
        number,
    )
