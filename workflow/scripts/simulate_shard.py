"""One shard of a simulated dataset, with its own random streams."""

from proofread.datasets.dataset import write_dataset
from proofread.datasets.simulation.generate import simulate_shard
from proofread.job import start
from proofread.progress import log


def main(job):
    """Simulate, write."""
    start(job)
    dataset = simulate_shard(
        job.params.settings,
        int(job.wildcards.shard),
        f"the configuration: datasets.{job.wildcards.dataset}",
    )
    log.info("%d sequences of %d bp", *dataset.index.shape)
    write_dataset(job.output.shard, dataset)


if "snakemake" in globals():
    main(snakemake)
