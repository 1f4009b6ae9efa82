"""What is in a dataset before a network sees it: composition, plan, chance matches."""

from proofread.datasets import preview_figure
from proofread.datasets.dataset import SPLITS, read_dataset, read_splits
from proofread.datasets.preview import (
    CHANCE_P,
    by_class_and_split,
    distributions,
    gap_table,
    instance_matrices,
    matrix_table,
    motif_table,
    position_table,
)
from proofread.figures.style import save_figure
from proofread.job import start
from proofread.progress import log
from proofread.tables import read_table, write_table


def main(job):
    """Read, count, scan, draw, write."""
    start(job)
    dataset = read_dataset(job.input.dataset, streamed=True)
    leakage = read_table(job.input.leakage)
    found = instance_matrices(dataset)
    tables = {
        "table": by_class_and_split(dataset, read_splits(job.input.splits)),
        "motifs": motif_table(dataset, found),
        "matrices": matrix_table(dataset, found),
        "positions": position_table(dataset),
        "gaps": gap_table(dataset),
        "composition": distributions(dataset),
    }
    for name, table in tables.items():
        write_table(getattr(job.output, name), table)
    for row in tables["motifs"].dropna().itertuples():
        log.info(
            "%s: %d instances; by chance expected %.0f, found %.0f (p < %g)",
            *(row.motif, row.instances, row.chance_expected, row.chance_found),
            CHANCE_P,
        )
    save_figure(
        preview_figure.draw(dataset, found, tables, leakage, SPLITS),
        job.output.figure,
    )


if "snakemake" in globals():
    main(snakemake)
