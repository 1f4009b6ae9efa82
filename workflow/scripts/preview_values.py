"""Quantitative targets before any training: their values, GC content and length."""

from proofread.datasets.dataset import read_dataset, read_splits
from proofread.datasets.preview.values import (
    density_table,
    pair_table,
    value_bins,
    value_table,
)
from proofread.datasets.preview.values_figure import draw_values
from proofread.figures.style import save_figure
from proofread.job import start
from proofread.progress import log
from proofread.tables import write_table


def main(job):
    """Read, count, correlate, draw, write."""
    start(job)
    dataset = read_dataset(job.input.dataset, streamed=True)
    tables = {
        "values": value_table(dataset, read_splits(job.input.splits, len(dataset))),
        "bins": value_bins(dataset),
        "pairs": pair_table(dataset),
        "density": density_table(dataset),
    }
    for name, table in tables.items():
        write_table(getattr(job.output, name), table)
    log.info("%s", tables["values"].to_string(index=False))
    save_figure(draw_values(dataset, tables), job.output.figure)


if "snakemake" in globals():
    main(snakemake)
