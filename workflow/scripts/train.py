"""Train one network on one dataset with one seed, and keep its best epoch.

Or make one of the two networks that serve as floors: see proofread.floors.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from proofread.dataset import read_dataset, read_splits
from proofread.job import start
from proofread.losses import validation_metrics
from proofread.model import new_network, save_model
from proofread.tables import write_table
from proofread.unfinished import NAME


def untrained(validation, model, seed):
    """A network as it is before its training, and a history of that one moment.

    Returns
    -------
    torch.nn.Module
        In evaluation mode.
    pandas.DataFrame
        One row, epoch 0, with the metrics of the validation split; no training loss.
    """
    network = new_network(model, validation, seed).eval()
    exclusive = getattr(network, "exclusive", False)
    metrics = validation_metrics(network, validation, exclusive=exclusive)
    row = {"epoch": 0, "train_loss": None, **metrics, "learning_rate": 0.0, "best": 1}
    return network, pd.DataFrame([row])


def with_shuffled_labels(dataset, seed):
    """The same sequences, each with the labels of a sequence drawn at random.

    The labels of one sequence stay together, so that classes and the targets'
    correlations are as before; only what they say of the sequences is gone.
    """
    order = np.random.default_rng(seed).permutation(len(dataset))
    return replace(dataset, label=dataset.label[order])


def draw_history(history, monitor):
    """Learning curves: the loss on the left, AUROC and AUPRC on the right."""
    from proofread.figures import ACCENT, CONTEXT, WIDE, new_figure

    figure, (left, right) = new_figure(WIDE, 48, columns=2)
    if history["train_loss"].isna().all():
        left.set_title("not trained: a floor for the scores", loc="left")
        left.set_axis_off()
        right.set_axis_off()
        return figure
    best = history.loc[history["best"] == 1].iloc[0]
    for axes, columns in (
        (left, {"train_loss": "training", "validation_loss": "validation"}),
        (right, {"validation_auprc": "AUPRC", "validation_auroc": "AUROC"}),
    ):
        axes.axvline(best["epoch"], color=CONTEXT, linewidth=0.6, linestyle=":")
        for (column, label), colour in zip(
            columns.items(), (CONTEXT, ACCENT), strict=True
        ):
            axes.plot(history["epoch"], history[column], color=colour)
            higher = history[column].iloc[-1] == history[list(columns)].iloc[-1].max()
            axes.annotate(
                label,
                (history["epoch"].iloc[-1], history[column].iloc[-1]),
                # Two curves that end together still have two readable names.
                xytext=(3, 4 if higher else -4),
                textcoords="offset points",
                color=colour,
                va="center",
                annotation_clip=False,
            )
        axes.set_xlabel("epoch")
    left.set_ylabel("cross-entropy (nats)")
    right.set_ylabel("area under the validation curve")
    right.set_title(f"kept: epoch {best['epoch']:.0f}, by {monitor}", loc="right")
    return figure


def main(job):
    """Read the splits, train, write the network and its history."""
    start(job)
    from proofread.figures import save_figure

    whole = read_dataset(job.input.dataset, streamed=True)
    splits = read_splits(job.input.splits)
    training, validation = (whole.subset(splits[s]) for s in ("train", "validation"))
    model, seed = job.params.model, int(job.wildcards.seed)
    floor = model.get("floor")
    if floor == "untrained":
        network, history = untrained(validation, model, seed)
    else:
        # Lightning takes seconds to import; the other floor does without.
        from proofread.training import train

        if floor == "shuffled":
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
    figure = draw_history(history, model["training"]["monitor"])
    save_figure(figure, job.output.figure)
    save_model(job.output.model, network, model["architecture"], model["settings"])


if "snakemake" in globals():
    main(snakemake)
