"""What an ideal explainer, a scan and chance answer, scored as every method is.

The ideal additive explainer knows the planted matrices: its number for a base is its
log-odds, within the planted instances, and nothing elsewhere. It is a reference, not a
bound: a network may use what no matrix says.
"""

from proofread.datasets.dataset import read_split
from proofread.job import start
from proofread.progress import log
from proofread.tables import write_table
from proofread.truth.ideal import reference_scores


def main(job):
    """Read the test split, score the references, write them."""
    start(job)
    dataset = read_split(job.input.dataset, job.input.splits, "test")
    table = reference_scores(dataset, job.params.settings)
    log.info("%d scores of references", len(table))
    write_table(job.output.score, table)


if "snakemake" in globals():
    main(snakemake)
