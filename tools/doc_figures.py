"""Draw the figures of README and of the methods' pages from finished runs.

    snakemake --cores 2
    snakemake --cores 2 --configfile config/rules.yaml
    snakemake --cores 2 --configfile config/motif_discovery.yaml
    snakemake --cores 2 --configfile config/faithfulness.yaml
    python tools/doc_figures.py

Most are a figure of a run as it is. Sheets are drawn anew with fewer panels. The text
under each figure is written by hand: read it again afterwards.
"""

import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow" / "scripts"))

import numpy as np

from proofread.datasets.dataset import read_dataset
from proofread.figures.style import save_figure
from proofread.methods.attributions.answers import Answer, Sample, choose_examples
from proofread.methods.attributions.figures import draw_logos as draw_examples
from proofread.methods.attributions.figures import examples_of_kinds
from proofread.methods.attributions.intervals import all_intervals
from proofread.methods.filter_pfms.figures import draw_logos
from proofread.motifs.alignments import best_alignments, draw_alignments
from proofread.motifs.files import read_meme
from proofread.motifs.motif import relative_entropy
from proofread.motifs.naming import informative
from proofread.motifs.targets import pool_targets
from proofread.tables import read_table, read_values

ROOT = Path(__file__).resolve().parents[1]
RESULTS, FIGURES = ROOT / "results", ROOT / "docs" / "figures"
NETWORK = "eraslan2019/seed1"
AS_THEY_ARE = {
    "embedding": f"rules/presence/{NETWORK}/embedding/purity.svg",
    "faithfulness": f"faithfulness/distance/{NETWORK}/faithfulness/summary.svg",
    "filter_nullification": (
        f"rules/presence/{NETWORK}/filter_nullification/influence.svg"
    ),
    "greedy_substitution": f"rules/presence/{NETWORK}/greedy_substitution/edits.svg",
    "kmer_perturbation": f"rules/presence/{NETWORK}/kmer_perturbation/map.svg",
    "long_sequence_scan": f"rules/presence/{NETWORK}/long_sequence_scan/region.svg",
    "motif_discovery": (
        f"motif_discovery/order/{NETWORK}/motif_discovery/contributions.svg"
    ),
    "motif_insertion": f"distance/{NETWORK}/motif_insertion/spacing.svg",
    "motif_tests": f"distance/{NETWORK}/motif_tests/effects.svg",
    "saturation_mutagenesis": (
        f"rules/presence/{NETWORK}/saturation_mutagenesis/examples.svg"
    ),
}


def best_matches(results, dataset, pairs):
    """The best filters of a network, each above the motif it matches."""
    folder = results / dataset / NETWORK
    planted = read_dataset(results / dataset / "dataset.h5").motifs
    databases = {"jaspar": read_meme(results / "databases" / "jaspar.meme").motifs}
    queries = informative(read_meme(folder / "filter_pfms" / "filters.meme").motifs)
    table = read_table(folder / "tomtom" / "table.tsv")
    targets = pool_targets(databases, planted)
    alignments = best_alignments(table, queries, targets, pairs)
    n_matched = int(table["best_hit"].notna().sum())
    return draw_alignments(alignments, n_matched, len(table))


def best_logos(results, dataset, filters):
    """The logos of a network's most informative filters."""
    values = read_values(results / dataset / NETWORK / "filter_pfms" / "values.h5")
    bits = [relative_entropy(matrix).sum() for matrix in values["ppm"]]
    best = np.argsort(bits)[::-1][:filters]
    return draw_logos(
        [values["filter"][row] for row in best],
        values["ppm"][best],
        values["n_sites"][best],
        total=filters,
    )


def first_attributions(results, dataset):
    """The first example of a network's attributions, by every kind."""
    folder = results / dataset / NETWORK / "attributions"
    sequences = read_dataset(results / dataset / "dataset.h5")
    table, values = read_table(folder / "table.tsv"), read_values(folder / "values.h5")
    answers = []
    for (kind, target), rows in table.groupby(["kind", "target"], sort=False):
        explained = sequences.subset(values[f"row_{kind}"])
        number = list(values["target"]).index(target)
        numbers = values[f"projected_{kind}"][number]
        answers.append(
            Answer(
                kind,
                target,
                rows["scale"].iloc[0],
                Sample(explained, values[f"row_{kind}"], all_intervals(explained)),
                values.get(f"attribution_{kind}", [None] * (number + 1))[number],
                values[f"hypothetical_{kind}"][number],
                rows["output"].to_numpy(),
                rows["baseline_output"].to_numpy(),
                numbers,
                layer=None,
            )
        )
    examples = choose_examples(answers)
    return draw_examples(examples_of_kinds(answers, examples, most=1), None)


for name, path in AS_THEY_ARE.items():
    shutil.copyfile(RESULTS / path, FIGURES / f"{name}.svg")
rules = RESULTS / "rules"
save_figure(first_attributions(rules, "order"), FIGURES / "attributions.svg")
save_figure(best_logos(rules, "presence", 8), FIGURES / "filter_pfms.svg")
save_figure(best_matches(rules, "presence", 3), FIGURES / "tomtom.svg")
save_figure(best_matches(RESULTS, "distance", 6), FIGURES / "filters_and_motifs.svg")
