"""Whether substitutions change the prediction where the truth is."""

from proofread.report.numbers import count, short
from proofread.report.verdicts import no_finding, strong

FINDS = "the bases of causal motifs"
HEADLINE = ("position_auroc",)
TABLES = ("table.tsv",)
FIGURES = (
    (
        "examples",
        "High letters are bases whose substitution changes the prediction; the"
        " network reads a group of such letters.",
    ),
)


def verdict(experiment, settings):
    """How large the changes are; without a truth they prove nothing."""
    table = strong(experiment, experiment.table("saturation_mutagenesis", "table.tsv"))
    if table.empty:
        return no_finding("no sequence was searched")
    loss, mean = table["max_loss"].median(), table["mean_absolute_change"].median()
    return no_finding(
        "without a truth nothing tells a map of substitutions from chance. The"
        f" strongest substitution lowers the {settings['scale']} by"
        f" {short(loss)} (median of {count(table['sequence'].nunique())} sequences),"
        f" the mean substitution changes it by {short(mean)}"
    )
