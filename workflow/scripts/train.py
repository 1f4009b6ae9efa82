"""Train one network on one dataset with one seed, and keep its best epoch."""

import copy
import logging
import sys
import warnings

import numpy as np
import pandas as pd
import pytorch_lightning as lightning
import torch
from pytorch_lightning.plugins.environments import LightningEnvironment
from torch.utils.data import DataLoader, Dataset, Sampler

from proofread.dataset import read_dataset, read_splits
from proofread.errors import InputError
from proofread.job import log, start
from proofread.metrics import accuracy, auprc, auroc
from proofread.model import build_model, predict_logits, save_model
from proofread.sequences import one_hot
from proofread.tables import write_table

# Whether a larger or a smaller value of a monitored metric is better.
MONITORS = {
    "validation_auroc": 1,
    "validation_auprc": 1,
    "validation_accuracy": 1,
    "validation_loss": -1,
}


class Batches(Dataset):
    """Sequences as indices, expanded to one-hot a batch at a time."""

    def __init__(self, index, label):
        self.index, self.label = index, label

    def __len__(self):
        return len(self.index)

    def __getitems__(self, rows):
        return (
            torch.from_numpy(one_hot(self.index[rows])),  # (batch, 4, length)
            torch.from_numpy(self.label[rows]),  # (batch, targets)
        )


class EpochSampler(Sampler):
    """An order of rows that depends on the seed and the epoch alone.

    Nothing that happened before the epoch changes the batches of the epoch.

    Parameters
    ----------
    label : numpy.ndarray, shape (n, targets)
    weighted : bool
        True: rows are drawn with replacement so that both classes of the first
        target are equally frequent. False: every row once, shuffled.
    seed : int
    """

    def __init__(self, label, weighted, seed):
        self.n, self.seed, self.epoch = len(label), seed, 0
        self.weights = None
        if weighted:
            positive = label[:, 0] == 1
            share = np.where(positive, positive.mean(), 1 - positive.mean())
            self.weights = (1 / share) / np.sum(1 / share)

    def set_epoch(self, epoch):
        """Called by Lightning before each epoch."""
        self.epoch = epoch

    def __len__(self):
        return self.n

    def __iter__(self):
        generator = np.random.default_rng([self.seed, self.epoch])
        if self.weights is None:
            return iter(generator.permutation(self.n).tolist())
        drawn = generator.choice(self.n, size=self.n, p=self.weights)
        return iter(drawn.tolist())


class Training(lightning.LightningModule):
    """Fits a network by the cross-entropy of its logits; remembers its best epoch.

    Parameters
    ----------
    network : torch.nn.Module
        Maps (batch, 4, length) to logits (batch, targets).
    validation : Dataset of proofread
        Watched after every epoch.
    settings : dict
        `training` of the model's configuration.
    seed : int
    """

    def __init__(self, network, validation, settings, seed):
        super().__init__()
        self.network, self.validation = network, validation
        self.settings, self.seed = settings, seed
        self.history = []
        self.best_weights, self.best_value, self.best_epoch = None, -np.inf, None
        self.loss_sum, self.rows = 0.0, 0

    def configure_optimizers(self):
        """Adam with the configured rate."""
        return torch.optim.Adam(
            self.network.parameters(),
            lr=self.settings["learning_rate"],
            weight_decay=self.settings["weight_decay"],
        )

    def on_train_epoch_start(self):
        """Make dropout, too, depend on the seed and the epoch alone."""
        torch.manual_seed(
            int(
                np.random.SeedSequence([self.seed, self.current_epoch]).generate_state(
                    1
                )[0]
            )
        )
        self.loss_sum, self.rows = 0.0, 0

    def training_step(self, batch, batch_number):
        """Cross-entropy of one batch, in nats."""
        sequences, label = batch
        loss = torch.nn.functional.binary_cross_entropy_with_logits(
            self.network(sequences), label
        )
        self.loss_sum += float(loss.detach()) * len(label)
        self.rows += len(label)
        return loss

    def on_train_epoch_end(self):
        """Measure the validation split, keep the best weights, stop in time."""
        self.network.eval()
        row = {
            "epoch": self.current_epoch,
            "train_loss": self.loss_sum / self.rows,
            **validation_metrics(self.network, self.validation),
            "learning_rate": self.optimizers().param_groups[0]["lr"],
        }
        self.network.train()
        self.history.append(row)
        monitor = self.settings["monitor"]
        value = MONITORS[monitor] * row[monitor]
        # A value that is not a number (a diverged loss) is no improvement.
        if value > self.best_value or self.best_epoch is None:
            self.best_value = -np.inf if np.isnan(value) else value
            self.best_epoch = self.current_epoch
            self.best_weights = copy.deepcopy(self.network.state_dict())
        elif self.current_epoch - self.best_epoch >= self.settings["patience"]:
            self.trainer.should_stop = True
        log.info(
            "epoch %d: loss %.4f, validation loss %.4f, AUROC %.4f%s",
            self.current_epoch,
            row["train_loss"],
            row["validation_loss"],
            row["validation_auroc"],
            " (best so far)" if self.best_epoch == self.current_epoch else "",
        )


def validation_metrics(network, dataset):
    """Loss and metrics of a network in evaluation mode, averaged over targets."""
    logits = predict_logits(network, dataset.index)
    label = torch.from_numpy(dataset.label)
    loss = torch.nn.functional.binary_cross_entropy_with_logits(
        logits.double(), label.double()
    )
    probability = torch.sigmoid(logits.double()).numpy()

    def mean(metric, scores):
        pairs = zip(dataset.label.T, np.asarray(scores).T, strict=True)
        return float(np.mean([metric(label, score) for label, score in pairs]))

    return {
        "validation_loss": float(loss),
        "validation_auroc": mean(auroc, logits),
        "validation_auprc": mean(auprc, logits),
        "validation_accuracy": mean(accuracy, probability),
    }


def train(training, validation, model, seed):
    """Train a network and restore the weights of its best epoch.

    Parameters
    ----------
    training, validation : proofread.dataset.Dataset
    model : dict
        `architecture`, `settings` and `training` of the configuration.
    seed : int
        Decides the first weights, the order of sequences and the dropout.

    Returns
    -------
    torch.nn.Module
        In evaluation mode, on the CPU.
    pandas.DataFrame
        One row per epoch; `best` is 1 at the epoch whose weights were kept.
    """
    settings = model["training"]
    torch.manual_seed(seed)
    network = build_model(
        model["architecture"],
        model["settings"],
        training.index.shape[1],
        training.target,
    )
    loader = DataLoader(
        Batches(training.index, training.label),
        batch_size=settings["batch_size"],
        sampler=EpochSampler(training.label, settings["sampler"] == "weighted", seed),
        collate_fn=lambda batch: batch,
        # Without a generator of its own the loader would draw from the global one.
        generator=torch.Generator().manual_seed(seed),
    )
    # What Lightning says of the machine and of its products is no result.
    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    module = Training(network, validation, settings, seed)
    with warnings.catch_warnings():
        # Batches are made by indexing an array: workers would only cost.
        warnings.filterwarnings("ignore", message=".*does not have many workers.*")
        # Lightning 2.6 asks torch 2.13 for a tree type by its old name.
        warnings.filterwarnings(
            "ignore", message=".*LeafSpec.*", category=FutureWarning
        )
        # It looks for SLURM's srun all the same, and would say so.
        warnings.filterwarnings("ignore", message=".*srun.*")
        trainer = lightning.Trainer(
            max_epochs=settings["epochs"],
            accelerator="auto",
            devices=1,
            logger=False,
            enable_checkpointing=False,
            enable_model_summary=False,
            num_sanity_val_steps=0,
            deterministic=True,
            # One process, also within a SLURM job, which Lightning would take over.
            plugins=[LightningEnvironment()],
            enable_progress_bar=sys.stderr.isatty(),
        )
        trainer.fit(module, loader)
    if module.best_value == -np.inf:
        raise InputError(
            "models: training",
            f"{settings['monitor']} was not a number in any of {len(module.history)} "
            "epochs: the training diverged",
            "a loss that falls",
            f"lower learning_rate (now {settings['learning_rate']:g})",
        )
    network.load_state_dict(module.best_weights)
    history = pd.DataFrame(module.history)
    history["best"] = (history["epoch"] == module.best_epoch).astype(int)
    return network.cpu().eval(), history


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

    whole = read_dataset(job.input.dataset)
    splits = read_splits(job.input.splits)
    network, history = train(
        whole.subset(splits["train"]),
        whole.subset(splits["validation"]),
        job.params.model,
        int(job.wildcards.seed),
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
