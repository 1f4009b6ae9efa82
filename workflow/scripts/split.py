"""Train, validation and test: seeded, in proportion, with similar sequences together.

Clusters of similar sequences are not divided; a split by group keeps groups whole. The
user's own parts stay as they are: the table of leaks says what they have in common.
"""

from proofread.configuration.labels import ALL
from proofread.datasets.dataset import read_dataset, write_splits
from proofread.datasets.similarity import find_similar
from proofread.datasets.splitting.leakage import leakage, log_leakage
from proofread.datasets.splitting.split import split, summary
from proofread.job import start
from proofread.progress import log
from proofread.tables import write_table


def main(job):
    """Read, split, write."""
    start(job)
    dataset = read_dataset(job.input.dataset, streamed=True)
    settings = job.params.settings
    where = f"the configuration: datasets.{job.wildcards.dataset}"
    similar = None
    # Where all are in one split, nothing can leak into another.
    if settings["similarity"] is not None and settings["by"] != ALL:
        similar = find_similar(
            dataset.index,
            dataset.length,
            identity=settings["similarity"],
            coverage=settings["coverage"],
        )
    rows = split(dataset, settings, where, similar)
    leaks = leakage(dataset, settings, similar, rows, where)
    log_leakage(leaks, settings)
    table = summary(dataset, rows)
    log.info("%s", table.to_string(index=False))
    write_splits(job.output.splits, rows)
    write_table(job.output.table, table)
    write_table(job.output.leakage, leaks)


if "snakemake" in globals():
    main(snakemake)
