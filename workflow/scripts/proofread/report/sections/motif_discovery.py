"""Which motifs the patterns of the attributions are."""

from proofread.report.numbers import counted, listed, scientific
from proofread.report.verdicts import Verdict, no_finding, signs, verb_of

FINDS = "the causal motifs as patterns"
HEADLINE = ("planted_motifs_found", "pattern_true_rate")
TABLES = ("table.tsv",)
FIGURES = (
    (
        "alignments",
        "Above: a pattern that the attributions repeat; below: the known motif that it"
        " resembles most.",
    ),
)
_SHOWN = 4  # motifs that a sentence names
_DOES = {"positive": "raises the output", "negative": "lowers the output"}
MEASURES = {
    "planted_motifs_found": "fraction of the motifs found",
    "pattern_true_rate": "fraction of the patterns that match one",
}


def verdict(experiment, settings):
    """Which known motifs the patterns match."""
    table = experiment.table("motif_discovery", "table.tsv")
    if table.empty:
        return no_finding("the attributions repeat no pattern")
    matched = table[table["hits"] > 0]
    matching = len(matched)
    number = f"{matching} of {len(table)}"
    if matched.empty:
        return no_finding(
            f"{counted(len(table), 'pattern')}, and no known motif matches one",
            number=number,
        )
    quantitative = experiment.quantitative
    # A motif may raise one part of the values and lower another.
    same = ["protein", "sign"] if quantitative else ["protein"]
    matched = matched.sort_values("q", kind="stable").drop_duplicates(same)
    names = [
        f"{row.protein} ({f'{_DOES[row.sign]}, ' if quantitative else ''}q"
        f" {scientific(row.q)}, {counted(row.seqlets, 'site')})"
        for row in matched.head(_SHOWN).itertuples()
    ]
    if len(matched) > _SHOWN:
        names.append(f"{len(matched) - _SHOWN} more")
    return Verdict(
        f"{number} patterns {verb_of(matching, 'match')} a known motif:"
        f" {listed(names)}.",
        "patterns matched",
        "ok",
        number,
    )


def also(experiment, settings):
    """Of how many motifs with a planted effect the patterns have the sign."""
    return signs(experiment, "motif_discovery", "Patterns have")
