"""The positive control of a simulated dataset: a network that is its rule."""

from proofread.datasets.dataset import read_dataset
from proofread.job import start
from proofread.models.checkpoint import save_model
from proofread.models.oracle import NAME
from proofread.truth.oracle import oracle_of


def main(job):
    """Read the rule and the matrices, build, write."""
    start(job)
    network, settings = oracle_of(read_dataset(job.input.dataset, streamed=True))
    save_model(job.output.model, network, NAME, settings)


if "snakemake" in globals():
    main(snakemake)
