"""Families of all motifs that methods may name in one dataset."""

from pathlib import Path

from proofread.datasets.dataset import read_dataset
from proofread.job import start
from proofread.motifs.families import all_families
from proofread.motifs.files import read_motifs
from proofread.progress import log
from proofread.tables import write_table


def main(job):
    """Read, cluster, write."""
    start(job)
    sources = {Path(path).stem: read_motifs(path) for path in job.input.motifs}
    table = all_families(sources, read_dataset(job.input.dataset, streamed=True).motifs)
    write_table(job.output.table, table)
    log.info("%d motifs in %d families", len(table), table["family"].nunique())


if "snakemake" in globals():
    main(snakemake)
