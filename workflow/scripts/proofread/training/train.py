"""Fitting a network: learning rate, best epoch, resuming."""

import contextlib
import copy
import logging
import math
import sys
import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytorch_lightning as lightning
import torch
from pytorch_lightning.plugins.environments import LightningEnvironment
from torch import nn
from torch.utils.data import DataLoader

from proofread.configuration.auto_epochs import MAX_AUTO_EPOCHS, MIN_AUTO_EPOCHS
from proofread.configuration.objectives import check_objective, resolved
from proofread.errors import InputError
from proofread.models.channels_last import fast_network
from proofread.models.checkpoint import new_network
from proofread.models.device import choose, expand, memory_is_full
from proofread.models.output_scale import POISSON, check_counts, fit_scale, set_scale
from proofread.progress import log
from proofread.training.batches import Batches, EpochSampler
from proofread.training.losses import (
    class_weights,
    cross_entropy,
    quantity_loss,
    quantity_metrics,
    validation_metrics,
)
from proofread.training.resume import identity_of, read_state, remove_state, write_state

# Monitored values of which a smaller one is better.
_SMALLER_IS_BETTER = ("validation_loss",)
_WHERE = "models: training"
_AUTO_SEQUENCES = 400_000  # that a training sees with `epochs: auto`, in all epochs
_BATCH_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)


def learning_rate(settings, step, steps_per_epoch, drops):
    """Learning rate of one step.

    Parameters
    ----------
    settings : dict
        `training` of the model's configuration.
    step : int
        Steps taken before, from the beginning of the training.
    steps_per_epoch : int
    drops : int
        Times that a plateau was met.
    """
    rate = settings["learning_rate"]
    warmup = round(settings["warmup_epochs"] * steps_per_epoch)
    if step < warmup:
        return rate * (step + 1) / warmup
    if settings["schedule"] == "cosine":
        total = settings["epochs"] * steps_per_epoch
        return rate * 0.5 * (1 + math.cos(math.pi * (step - warmup) / (total - warmup)))
    if settings["schedule"] == "plateau":
        lowered = rate * settings["plateau_factor"] ** drops
        return max(lowered, settings["min_learning_rate"])
    return rate


def batch_size(settings, n):
    """Sequences for each step; `auto` gives small data more steps in an epoch.

    Parameters
    ----------
    settings : dict
        `training` of the model's configuration.
    n : int
        Training sequences.
    """
    if settings["batch_size"] != "auto":
        return settings["batch_size"]
    return min(n, max(16, min(n // 64, 128)))


def number_of_epochs(settings, n):
    """Passes over the training split; `auto` takes fewer if it is large.

    Parameters
    ----------
    settings : dict
        `training` of the model's configuration.
    n : int
        Training sequences.
    """
    if settings["epochs"] != "auto":
        return settings["epochs"]
    passes = math.ceil(_AUTO_SEQUENCES / n)
    return min(max(passes, MIN_AUTO_EPOCHS), MAX_AUTO_EPOCHS)


def smoothed(value, before, smoothing):
    """Exponential moving average of a monitored value, after one more epoch.

    Parameters
    ----------
    value : float
        Of this epoch.
    before : float or None
        The average up to the epoch before; None at the first. One that is not a number
        (a diverged loss) counts for nothing.
    smoothing : float
        Weight of the average before, 0-1; 0 gives the value itself.
    """
    if not smoothing or before is None or np.isnan(before):
        return value
    return smoothing * before + (1 - smoothing) * value


class Training(lightning.LightningModule):
    """Fits a network to classes or quantities; remembers its best epoch.

    Parameters
    ----------
    network : torch.nn.Module
        Maps (batch, 4, length) to logits or raw outputs (batch, targets).
    validation : Dataset of proofread
        Watched after every epoch.
    settings : dict
        `training` of the model's configuration, complete and `resolved`.
    seed : int
    steps_per_epoch : int
    weights : numpy.ndarray or None
        From `class_weights`.
    scale : proofread.models.output_scale.OutputScale or None
        Of quantities; None: the targets are classes.
    after_epoch : callable or None
        Called with the state after every epoch.
    """

    def __init__(
        self,
        network,
        validation,
        settings,
        seed,
        steps_per_epoch,
        *,
        weights=None,
        scale=None,
        after_epoch=None,
    ):
        super().__init__()
        self.network, self.validation = network, validation
        self.settings, self.seed = settings, seed
        self.steps_per_epoch, self.after_epoch = steps_per_epoch, after_epoch
        self.exclusive = settings["classes"] == "exclusive"
        self.weights = None if weights is None else torch.from_numpy(weights)
        self.scale = scale
        self.offset = None if scale is None else torch.tensor(scale.offset)
        self.forward_pass = None
        self.history = []
        self.best_weights, self.best_value, self.best_epoch = None, -np.inf, None
        self.smoothed = None  # the monitored value, larger is better
        self.first_epoch, self.drops = 0, 0
        # The last improvement that counts against a plateau, or the last drop.
        self.plateau_value, self.plateau_epoch = -np.inf, 0
        self.stopped, self.optimizer_state = False, None
        # Of the epoch: each batch's mean, and its sequences or known quantities.
        self.losses = []

    @property
    def epoch(self):
        """Epochs before this one, those before an interruption included."""
        return self.first_epoch + self.current_epoch

    def take_up(self, state):
        """Go on after the epochs of an interrupted training."""
        self.network.load_state_dict(state["network"])
        for name in (
            "history",
            "best_weights",
            "best_value",
            "best_epoch",
            "smoothed",
            "drops",
            "plateau_value",
            "plateau_epoch",
            "stopped",
            "optimizer_state",
        ):
            setattr(self, name, state[name])
        self.first_epoch = len(self.history)

    def configure_optimizers(self):
        """Adam with the configured rate; the penalty is on weights alone."""
        # Biases, and scales and shifts of normalisations, have one dimension.
        weights, others = [], []
        for values in self.network.parameters():
            (weights if values.ndim > 1 else others).append(values)
        optimizer = torch.optim.Adam(
            [
                {"params": weights, "weight_decay": self.settings["weight_decay"]},
                {"params": others},
            ],
            lr=self.settings["learning_rate"],
        )
        if self.optimizer_state is not None:
            optimizer.load_state_dict(self.optimizer_state)
        return optimizer

    def on_train_start(self):
        """Lay the network out anew, now that it is on its device."""
        network = fast = fast_network(self.network)
        if fast is self.network:
            # As written, so on sequences as they lie in memory everywhere else.
            def fast(one_hot):
                return network(one_hot.contiguous())

        self.forward_pass = fast

    def on_train_epoch_start(self):
        """Make dropout, too, depend on the seed and the epoch alone."""
        torch.manual_seed(
            int(np.random.SeedSequence([self.seed, self.epoch]).generate_state(1)[0])
        )
        self.losses.clear()

    def on_before_optimizer_step(self, optimizer):
        """Set the learning rate of this step."""
        step = self.first_epoch * self.steps_per_epoch + self.global_step
        rate = learning_rate(self.settings, step, self.steps_per_epoch, self.drops)
        for group in optimizer.param_groups:
            group["lr"] = rate

    def training_step(self, batch, batch_number):
        """Loss of one batch: the cross-entropy in nats, or that of quantities."""
        index, label = batch
        outputs = self.forward_pass(expand(index)).float()
        if self.scale is None:
            if self.weights is not None:
                self.weights = self.weights.to(label.device)
            loss = cross_entropy(outputs, label, self.weights, exclusive=self.exclusive)
            size = len(label)
        else:
            loss = quantity_loss(
                outputs + self.offset.to(label.device),
                label,
                self.settings["loss"],
                delta=self.settings["huber_delta"],
            )
            size = int((~label.isnan()).sum())
        self.losses.append((float(loss.detach()), size))
        return loss

    def _measured(self):
        """Loss and metrics on the validation split."""
        if self.scale is None:
            return validation_metrics(
                self.network, self.validation, exclusive=self.exclusive
            )
        return quantity_metrics(
            self.network, self.validation, self.scale, self.settings
        )

    def on_train_epoch_end(self):
        """Measure the validation split, keep the best weights, stop in time."""
        self.network.eval()
        rows = sum(size for _, size in self.losses)
        row = {
            "epoch": self.epoch,
            "train_loss": sum(loss * size for loss, size in self.losses) / rows,
            **self._measured(),
            "learning_rate": self.optimizers().param_groups[0]["lr"],
        }
        self.network.train()
        self.history.append(row)
        self._judge(row)
        metric, name = (
            ("validation_auroc", "AUROC")
            if self.scale is None
            else ("validation_pearson", "Pearson's r")
        )
        log.info(
            "epoch %d: loss %.4f, validation loss %.4f, %s %.4f%s",
            self.epoch,
            row["train_loss"],
            row["validation_loss"],
            name,
            row[metric],
            " (best so far)" if self.best_epoch == self.epoch else "",
        )
        if self.after_epoch is not None:
            self.after_epoch(self._state())

    def _judge(self, row):
        """Keep the weights if they are the best; stop in time if not."""
        monitor = self.settings["monitor"]
        sign = -1 if monitor in _SMALLER_IS_BETTER else 1
        value = smoothed(sign * row[monitor], self.smoothed, self.settings["smoothing"])
        self.smoothed = float(value)
        self._watch_plateau(value)
        # A value that is not a number (a diverged loss) is no improvement.
        if value > self.best_value or self.best_epoch is None:
            self.best_value = -np.inf if np.isnan(value) else float(value)
            self.best_epoch = self.epoch
            self.best_weights = copy.deepcopy(self.network.state_dict())
            return
        if self.epoch - self.best_epoch >= self.settings["patience"]:
            self.trainer.should_stop = self.stopped = True

    def _watch_plateau(self, value):
        """Lower the rate after epochs without an improvement that counts."""
        if value > self.plateau_value + self.settings["plateau_min_change"]:
            self.plateau_value, self.plateau_epoch = float(value), self.epoch
        elif self.epoch - self.plateau_epoch >= self.settings["plateau_patience"]:
            self.drops, self.plateau_epoch = self.drops + 1, self.epoch

    def _state(self):
        return {
            "network": self.network.state_dict(),
            "optimizer_state": self.optimizers().optimizer.state_dict(),
            "history": self.history,
            "best_weights": self.best_weights,
            "best_value": self.best_value,
            "best_epoch": self.best_epoch,
            "smoothed": self.smoothed,
            "drops": self.drops,
            "plateau_value": self.plateau_value,
            "plateau_epoch": self.plateau_epoch,
            "stopped": self.stopped,
        }


@contextlib.contextmanager
def _own_determinism():
    """Lightning makes torch deterministic; afterwards torch is as it was.

    Torch then also fills all new memory, which costs up to 6 % of a training and is of
    use only to code that reads what it has not written.
    """
    before = torch.are_deterministic_algorithms_enabled()
    warned = torch.is_deterministic_algorithms_warn_only_enabled()
    filled = torch.utils.deterministic.fill_uninitialized_memory
    torch.utils.deterministic.fill_uninitialized_memory = False
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before, warn_only=warned)
        torch.utils.deterministic.fill_uninitialized_memory = filled


@_own_determinism()
def train(
    training,
    validation,
    model,
    seed,
    *,
    unfinished=None,
    library="",
    device="auto",
):
    """Train a network and restore the weights of its best epoch.

    Parameters
    ----------
    training, validation : proofread.datasets.dataset.Dataset
    model : dict
        `architecture`, `settings` and `training` of the configuration, complete.
    seed : int
        Decides the first weights, the order and strand of sequences and the dropout.
    unfinished : path or None
        Scratch file that keeps the state after each epoch. If it holds a state of this
        very training, the training resumes there and gives the same weights as without
        an interruption. Deleted at the end.
    library : str
        Digest of the code; a state of other code is ignored.
    device : str
        Where to train: `proofread.models.device.DEVICES`. Only the CPU gives the same
        weights each time.

    Returns
    -------
    torch.nn.Module
        In evaluation mode, on the CPU. Of quantities it has an `output_scale`.
    pandas.DataFrame
        One row per epoch; `best` is 1 at the epoch whose weights were kept.

    Raises
    ------
    InputError
        If the labels do not suit the settings, or no epoch gave a number.
    """
    check_objective(model["training"], training.settings, _WHERE)
    settings = resolved(model["training"], quantitative=training.quantitative)
    exclusive = settings["classes"] == "exclusive"
    _check_data(training, validation, settings)
    settings = settings | {"epochs": number_of_epochs(settings, len(training))}
    scale, learned = None, training
    if training.quantitative:
        scale = fit_scale(training, settings["loss"])
        if settings["loss"] == POISSON:
            check_counts(validation)
        learned = replace(training, label=scale.to_learn(training.label))
    weights = None
    if settings["class_weights"] == "balanced":
        weights = class_weights(training.label, exclusive=exclusive)
    network = new_network(model, training, seed)
    on_gpu = choose(device).type != "cpu"
    loader = _loader(network, learned, settings, seed)
    # What Lightning says of the machine and of its products is no result.
    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
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
            accelerator="gpu" if on_gpu else "cpu",
            devices=1,
            precision="bf16-mixed"
            if settings["precision"] == "bf16-mixed"
            else "32-true",
            gradient_clip_val=settings["gradient_clip"] or None,
            logger=False,
            enable_checkpointing=False,
            enable_model_summary=False,
            num_sanity_val_steps=0,
            # Some operations of a GPU have no other way, and are warned of.
            deterministic="warn" if on_gpu else True,
            # One process, also within a SLURM job, which Lightning would take over.
            plugins=[LightningEnvironment()],
            enable_progress_bar=sys.stderr.isatty(),
        )
        after_epoch, state = None, None
        if unfinished is not None:
            device = trainer.strategy.root_device.type
            identity = identity_of(training, validation, model, seed, device, library)
            state = read_state(unfinished, identity)

            def after_epoch(state):
                write_state(unfinished, identity, state)

        module = Training(
            network,
            validation,
            settings,
            seed,
            len(loader),
            weights=weights,
            scale=scale,
            after_epoch=after_epoch,
        )
        if state is not None:
            module.take_up(state)
            loader.sampler.first_epoch = loader.sampler.epoch = module.first_epoch
            log.info("resuming after epoch %d", module.first_epoch)
        left = settings["epochs"] - module.first_epoch
        if left > 0 and not module.stopped:
            trainer.fit_loop.max_epochs = left
            # Each epoch seeds torch's generator, which is also the caller's.
            with torch.random.fork_rng(devices=[]), _in_memory(loader.batch_size):
                trainer.fit(module, loader)
    history = _finish(module, settings)
    if unfinished is not None:
        remove_state(unfinished)
    network = network.cpu().eval()
    if scale is not None:
        set_scale(network, scale)
    return network, history


@contextlib.contextmanager
def _in_memory(size):
    """Say what to do where a GPU's memory does not hold a batch of this size."""
    try:
        yield
    except RuntimeError as error:
        if not memory_is_full(error):
            raise
        raise InputError(
            "models: training.batch_size",
            f"the GPU's memory is full with batches of {size}",
            "batches that fit, beside what else uses the GPU",
            "lower batch_size, run fewer jobs on the GPU at once, or write device: cpu",
        ) from error


def _finish(module, settings):
    """Restore the best weights; the history as a table."""
    if module.best_value == -np.inf:
        raise InputError(
            "models: training",
            f"{settings['monitor']} was not a number in any of {len(module.history)} "
            "epochs: the training diverged",
            "a loss that falls",
            f"lower learning_rate (now {settings['learning_rate']:g})",
        )
    module.network.load_state_dict(module.best_weights)
    history = pd.DataFrame(module.history)
    history["best"] = (history["epoch"] == module.best_epoch).astype(int)
    return history


def _loader(network, training, settings, seed):
    n, size = len(training), batch_size(settings, len(training))
    normalised = any(isinstance(module, _BATCH_NORMS) for module in network.modules())
    # A mean and a variance over one sequence would teach nothing, and PyTorch refuses:
    # where one would be left over, another one each epoch is left out.
    left_out = 1 if normalised and n % size == 1 and n > 1 else 0
    return DataLoader(
        Batches(training),
        batch_size=size,
        sampler=EpochSampler(
            training.label,
            settings["sampler"] == "weighted",
            seed,
            exclusive=settings["classes"] == "exclusive",
            reverse_complement=settings["reverse_complement"],
            n_drawn=n - left_out,
        ),
        collate_fn=lambda batch: batch,
        # Without a generator of its own the loader would draw from the global one.
        generator=torch.Generator().manual_seed(seed),
    )


def _check_data(training, validation, settings):
    """Mistakes that show only where settings meet data."""
    where = _WHERE
    size = batch_size(settings, len(training))
    if size > len(training):
        raise InputError(
            f"{where}.batch_size",
            f"{size}, above the {len(training)} training sequences",
            "at most the number of training sequences",
            "lower batch_size, or give more sequences",
        )
    if settings["classes"] != "exclusive":
        if settings["sampler"] == "weighted" and len(training.target) > 1:
            raise InputError(
                f"{where}.sampler",
                f"weighted, with {len(training.target)} targets that are independent",
                "one target, or exclusive classes: a sequence is in one class then",
                "write sampler: shuffled and class_weights: balanced, which gives the "
                "classes of each target the same weight in the loss",
            )
        return
    if len(training.target) < 2:
        raise InputError(
            f"{where}.classes",
            f"exclusive, with the only target {training.target[0]!r}",
            "a target for each class, two at least",
            "write classes: independent; one target has two classes already",
        )
    for split, dataset in (("training", training), ("validation", validation)):
        wrong = np.flatnonzero(dataset.label.sum(axis=1) != 1)
        if len(wrong):
            label = dataset.label[wrong[0]]
            has = f"{int((label == 1).sum())} of the {len(dataset.target)} classes"
            if np.isnan(label).any():
                target = dataset.target[int(np.isnan(label).argmax())]
                has = f"a missing label, of {target!r}"
            raise InputError(
                f"{where}.classes",
                f"exclusive, but {dataset.name[int(wrong[0])]!r} of the {split} split "
                f"has {has}",
                "for every sequence a 1 for one class and a 0 for each other class",
                "write classes: independent, or correct the labels",
            )
