"""A dataset before any training: composition, motifs, matches by chance."""

from proofread.datasets.dataset import SPLITS, read_dataset, read_splits
from proofread.datasets.preview.composition import by_class_and_split, distributions
from proofread.datasets.preview.figure import draw
from proofread.datasets.preview.motifs import (
    CHANCE_P,
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
    instances = instance_matrices(dataset)
    tables = {
        "table": by_class_and_split(
            dataset, read_splits(job.input.splits, len(dataset))
        ),
        "motifs": motif_table(dataset, instances),
        "matrices": matrix_table(dataset, instances),
        "positions": position_table(dataset),
        "gaps": gap_table(dataset),
        "composition": distributions(dataset),
    }
    for name, table in tables.items():
        write_table(getattr(job.output, name), table)
    for row in tables["motifs"].dropna().itertuples():
        log.info(
            "%s: %d instances; %.0f matches by chance, %.0f expected (p < %g)",
            row.motif,
            row.instances,
            row.chance_found,
            row.chance_expected,
            CHANCE_P,
        )
    figure = draw(dataset, instances, tables, leakage, SPLITS)
    save_figure(figure, job.output.figure)


if "snakemake" in globals():
    main(snakemake)
