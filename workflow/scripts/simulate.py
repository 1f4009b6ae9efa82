"""Simulated sequences: a rule, its motifs and the truth about each instance."""

from proofread.dataset import write_dataset
from proofread.exports import write_sequences, write_truth
from proofread.job import log, start
from proofread.simulation import simulate


def main(job):
    """Simulate, write."""
    start(job)
    dataset = simulate(
        job.params.settings, f"the configuration: datasets.{job.wildcards.dataset}"
    )
    log.info(
        "%d sequences of %d bp, %d positive, %d planted instances",
        *dataset.index.shape,
        int(dataset.label.sum()),
        len(dataset.truth),
    )
    write_dataset(job.output.dataset, dataset)
    write_sequences(job.output.sequences, dataset)
    write_truth(job.output.truth, dataset)


if "snakemake" in globals():
    main(snakemake)
