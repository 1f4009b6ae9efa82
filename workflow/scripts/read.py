"""Sequences of the user, from any supported file, as a dataset."""

from proofread.datasets.dataset import write_dataset
from proofread.datasets.export import write_sequences, write_truth
from proofread.datasets.sources import source_module
from proofread.job import start


def read(settings, where="datasets"):
    """Read a dataset from the user's files.

    Parameters
    ----------
    settings : dict
        As described by ``workflow/schemas/datasets/<source>.schema.yaml``, with
        every default filled in.
    where : str
        The settings' place in the configuration, for error messages.

    Returns
    -------
    Dataset
        Without truth.

    Raises
    ------
    InputError
        With file and line.
    """
    return source_module(settings["source"]).read(settings, where)


def main(job):
    """Read, write."""
    start(job)
    dataset = read(
        job.params.settings, f"the configuration: datasets.{job.wildcards.dataset}"
    )
    write_dataset(job.output.dataset, dataset)
    write_sequences(job.output.sequences, dataset)
    write_truth(job.output.truth, dataset)


if "snakemake" in globals():
    main(snakemake)
