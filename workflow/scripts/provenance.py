"""What a study was made with: its networks, seeds, methods and versions."""

from proofread.job import start
from proofread.studies.provenance import provenance
from proofread.tables import write_table


def main(job):
    """Collect, write."""
    start(job)
    table = provenance(job.params.configuration, job.params.experiments)
    write_table(job.output.table, table)


if "snakemake" in globals():
    main(snakemake)
