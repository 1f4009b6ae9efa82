"""Whether inserted motifs change the prediction."""

from proofread.report import planted_effects
from proofread.report.names import words
from proofread.report.numbers import counted, interval, scientific, short
from proofread.report.verdicts import Verdict, no_finding, strong, verb_of

FINDS = "the rule by inserted motifs"
HEADLINE = ("effect_spearman", "insertions_recovered", "spacing_auroc", "order_auroc")
TABLES = ("table.tsv",)
FIGURES = (
    (
        "positions",
        "Above zero: the motif raises the logit where it is inserted; dashed: control"
        " k-mers.",
    ),
)
FIGURES_OF_NUMBERS = (
    (
        "positions",
        "First panel, if effects were planted: measured against planted effects; on the"
        " line both are equal. Others: above zero, the motif raises the output where it"
        " is inserted; dashed: control k-mers.",
    ),
)
MEASURES = {
    "effect_spearman": "Spearman's correlation with the planted effects",
    "insertions_recovered": "fraction of the motifs found",
    "spacing_auroc": "spacing AUROC",
    "order_auroc": "order AUROC",
}


def score_name(metric):
    """What a row of score.tsv is called."""
    return planted_effects.NAMES.get(metric, words(metric))


def also(experiment, settings):
    """What the scores say of planted effects, and the forms that are not recovered."""
    if not experiment.quantitative:
        return ""
    said = planted_effects.sentence(experiment, "motif_insertion")
    pairs = experiment.table("motif_insertion", "pairs.tsv")
    return " ".join(filter(None, [said, planted_effects.forms_that_differ(pairs)]))


def verdict(experiment, settings):
    """Which motifs change the logit, or the output, more than control k-mers."""
    output = "output" if experiment.quantitative else "logit"
    table = strong(experiment, experiment.table("motif_insertion", "table.tsv"))
    tested = table[table["verdict"].isin(["found", "not_found"])]
    if tested.empty:
        return no_finding("no motif had room in a background")
    found = tested[tested["verdict"] == "found"]
    number = f"{len(found)} of {len(tested)}"
    if found.empty:
        return no_finding(
            f"none of {counted(len(tested), 'motif')} changes the {output} more than"
            " its control k-mers",
            number=number,
        )
    best = found.loc[found["effect"].abs().idxmax()]
    return Verdict(
        f"{number} inserted motifs {verb_of(len(found), 'change')} the {output} more"
        " than control k-mers:"
        f" {best['motif']} most, by {short(best['effect'])}"
        f" {interval(best['ci_low'], best['ci_high'], 2)} (control"
        f" {short(best['control'])}, p {scientific(best['p_control'])}).",
        "above controls",
        "ok",
        number,
    )
