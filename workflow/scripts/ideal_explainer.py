"""The scores of an ideal explainer, a scan and chance, measured as a method's are.

The ideal additive explainer knows the planted matrices: its number for a base is the
base's log-odds within the planted instances, and 0 elsewhere. It is no upper bound: a
network may use more than the matrices describe.
"""

from proofread.datasets.dataset import read_split
from proofread.job import start
from proofread.progress import log
from proofread.tables import write_table
from proofread.truth.ideal_explainer import ideal_scores


def main(job):
    """Read the test split, score the explainers, write the scores."""
    start(job)
    dataset = read_split(job.input.dataset, job.input.splits, "test")
    table = ideal_scores(dataset, **job.params.settings)
    log.info("%d scores of ideal explainers", len(table))
    write_table(job.output.score, table)


if "snakemake" in globals():
    main(snakemake)
