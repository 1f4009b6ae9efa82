"""Train one network on one dataset with one seed, and keep its best epoch.

Or make one of the two negative controls (configuration.negative_controls), or a
network with the settings that were chosen among candidates (configuration.tuning).
"""

import shutil
from pathlib import Path

from proofread.atomic import atomic
from proofread.configuration.candidates import candidate_name
from proofread.configuration.objectives import resolved
from proofread.datasets.dataset import read_dataset, read_splits
from proofread.figures.curves import draw_history
from proofread.figures.style import save_figure
from proofread.job import draws, start
from proofread.models.checkpoint import save_model
from proofread.models.output_scale import POISSON, check_counts
from proofread.tables import read_table, write_table
from proofread.training.controls import untrained, with_shuffled_labels
from proofread.training.tuning import file_of, read_choice


def main(job):
    """Read the splits, train, write the network and its history."""
    start(job)
    model = job.params.model
    choice = read_choice(job.input.choice) if job.input.choice else None
    if choice:
        control = model.get("negative_control")
        model = choice["model"] | ({"negative_control": control} if control else {})
    if job.input.candidates:
        history = copy_candidate(job, choice["candidate"])
    else:
        history = make_network(job, model)
    if draws(job, "figure"):
        quantitative = "validation_pearson" in history
        training = resolved(model["training"], quantitative=quantitative)
        figure = draw_history(history, training["monitor"])
        save_figure(figure, job.output.figure)


def copy_candidate(job, candidate):
    """Take the network of the chosen candidate, which has this seed and settings."""
    name = candidate_name(job.wildcards.model, candidate)
    for file, path in (
        ("model.ckpt", job.output.model),
        ("history.tsv", job.output.history),
    ):
        with atomic(path) as temporary:
            shutil.copyfile(file_of(job.input.candidates, name, file), temporary)
    return read_table(job.output.history)


def make_network(job, model):
    """Train a network, or make a negative control; write it and its history."""
    whole = read_dataset(job.input.dataset, streamed=True)
    settings = resolved(model["training"], quantitative=whole.quantitative)
    if settings["loss"] == POISSON:
        check_counts(whole)  # also those that the network is only tested on
    splits = read_splits(job.input.splits, len(whole))
    training, validation = (whole.subset(splits[s]) for s in ("train", "validation"))
    seed = int(job.wildcards.seed)
    control = model.get("negative_control")
    if control == "untrained":
        network, history = untrained(training, validation, model, seed)
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
            device=job.params.device,
        )
    write_table(job.output.history, history)
    save_model(job.output.model, network, model["architecture"], model["settings"])
    return history


if "snakemake" in globals():
    main(snakemake)
