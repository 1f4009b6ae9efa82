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
    # A database by its name, a user's file by its path: two files may have one name.
    sources = {Path(path).stem: read_motifs(path) for path in job.input.databases}
    sources |= {str(path): read_motifs(path) for path in job.input.motifs}
    # Known sites have matrices, too, but no method is asked to name them.
    dataset = read_dataset(job.input.dataset, streamed=True)
    table = all_families(sources, dataset.planted)
    write_table(job.output.table, table)
    log.info("%d motifs in %d families", len(table), table["family"].nunique())


if "snakemake" in globals():
    main(snakemake)
