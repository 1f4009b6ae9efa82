"""Train one network on one dataset with one seed, and keep its best epoch.

Or make one of the two negative controls (configuration.negative_controls).
"""

from pathlib import Path

from proofread.datasets.dataset import read_dataset, read_splits
from proofread.figures.curves import draw_history
from proofread.figures.style import save_figure
from proofread.job import draws, start
from proofread.models.checkpoint import save_model
from proofread.tables import write_table
from proofread.training.controls import untrained, with_shuffled_labels


def main(job):
    """Read the splits, train, write the network and its history."""
    start(job)
    whole = read_dataset(job.input.dataset, streamed=True)
    splits = read_splits(job.input.splits)
    training, validation = (whole.subset(splits[s]) for s in ("train", "validation"))
    model, seed = job.params.model, int(job.wildcards.seed)
    control = model.get("negative_control")
    if control == "untrained":
        network, history = untrained(validation, model, seed)
    else:
        # Lightning takes seconds to import; an untrained network needs none.
        from proofread.training.resume import NAME
        from proofread.training.train import train

        if control == "shuffled":
            training = with_shuffled_labels(training, seed)
            validation = with_shuffled_labels(validation, seed)
        network, history = train(
            training,
            validation,
            model,
            seed,
            unfinished=Path(job.output.model).with_name(NAME),
            library=job.params.library,
        )
    write_table(job.output.history, history)
    save_model(job.output.model, network, model["architecture"], model["settings"])
    if draws(job, "figure"):
        figure = draw_history(history, model["training"]["monitor"])
        save_figure(figure, job.output.figure)


if "snakemake" in globals():
    main(snakemake)
