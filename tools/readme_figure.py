"""Draw the README's figure from the default run: `make`, then this.

The six best filters of the network trained on `distance` with seed 1, each above the
motif it matches: the first rows of that network's tomtom/alignments.svg.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow" / "scripts"))

from proofread.datasets.dataset import read_dataset
from proofread.figures.style import save_figure
from proofread.motifs.alignments import best_alignments, draw_alignments
from proofread.motifs.files import read_meme
from proofread.motifs.naming import informative
from proofread.motifs.targets import pool_targets
from proofread.tables import read_table

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "results"
EXPERIMENT = RESULTS / "distance" / "eraslan2019" / "seed1"
PAIRS = 6

dataset = read_dataset(RESULTS / "distance" / "dataset.h5")
databases = {"jaspar": read_meme(RESULTS / "databases" / "jaspar.meme").motifs}
queries = informative(read_meme(EXPERIMENT / "filter_pfms" / "filters.meme").motifs)
table = read_table(EXPERIMENT / "tomtom" / "table.tsv")
pairs = best_alignments(table, queries, pool_targets(databases, dataset.motifs), PAIRS)
figure = draw_alignments(pairs, int(table["best_hit"].notna().sum()), len(table))
save_figure(figure, ROOT / "docs" / "figures" / "filters_and_motifs.svg")
