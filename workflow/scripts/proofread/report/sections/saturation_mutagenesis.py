"""Whether substitutions change the prediction where the truth is."""

from proofread.report.numbers import count, short, significant
from proofread.report.verdicts import no_finding, strong
from proofread.statistics.units import output_name

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
    scale, number = settings["scale"], short
    if experiment.quantitative:  # of any size
        scale, number = output_name(table["unit"].iloc[0]), significant
    loss, mean = table["max_loss"].median(), table["mean_absolute_change"].median()
    return no_finding(
        "without a truth nothing tells a map of substitutions from chance. The"
        f" strongest substitution lowers the {scale} by"
        f" {number(loss)} (median of {count(table['sequence'].nunique())} sequences),"
        f" the mean substitution changes it by {number(mean)}"
    )
