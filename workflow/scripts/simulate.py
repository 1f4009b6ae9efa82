"""Simulated sequences that follow a rule, with the truth about each instance."""

from proofread.datasets.dataset import read_dataset, write_dataset
from proofread.datasets.export import write_sequences, write_truth
from proofread.datasets.simulation.generate import gather, simulate
from proofread.job import start
from proofread.progress import log


def main(job):
    """Simulate, or join the shards; write."""
    start(job)
    where = f"the configuration: datasets.{job.wildcards.dataset}"
    if job.params.settings["shards"] > 1:
        shards = [read_dataset(path, streamed=True) for path in job.input.shards]
        dataset = gather(shards, where)
    else:
        dataset = simulate(job.params.settings, where)
    log.info(
        "%d sequences of %d bp, %d planted instances; %s",
        *dataset.index.shape,
        len(dataset.truth),
        _labels_in_words(dataset),
    )
    write_dataset(job.output.dataset, dataset)
    write_sequences(job.output.sequences, dataset)
    write_truth(job.output.truth, dataset)


def _labels_in_words(dataset):
    if dataset.quantitative:
        (ceiling,) = dataset.settings["noise_ceiling"]
        return (
            f"labels: mean {dataset.label.mean():.4g}, SD {dataset.label.std():.4g}, "
            f"noise ceiling R² {ceiling:.3f}"
        )
    counts = zip(dataset.target, dataset.label.sum(axis=0), strict=True)
    listed = ", ".join(f"{target} {count:.0f}" for target, count in counts)
    return f"positive: {listed}"


if "snakemake" in globals():
    main(snakemake)
