"""Train one network on one dataset with one seed, and keep its best epoch."""

from pathlib import Path

from proofread.dataset import read_dataset, read_splits
from proofread.job import start
from proofread.model import save_model
from proofread.tables import write_table
from proofread.training import train
from proofread.unfinished import NAME


def draw_history(history, monitor):
    """Learning curves: the loss on the left, AUROC and AUPRC on the right."""
    from proofread.figures import ACCENT, CONTEXT, WIDE, new_figure

    figure, (left, right) = new_figure(WIDE, 48, columns=2)
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
    network, history = train(
        whole.subset(splits["train"]),
        whole.subset(splits["validation"]),
        job.params.model,
        int(job.wildcards.seed),
        unfinished=Path(job.output.model).with_name(NAME),
        library=job.params.library,
    )
    write_table(job.output.history, history)
    save_figure(
        draw_history(history, job.params.model["training"]["monitor"]),
        job.output.figure,
    )
    save_model(
        job.output.model,
        network,
        job.params.model["architecture"],
        job.params.model["settings"],
    )


if "snakemake" in globals():
    main(snakemake)
