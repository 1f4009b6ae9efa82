"""Measure how fast a network is trained, compared with Lightning as its pages show it.

``python tools/bench.py train`` prints a table; ``rows()`` gives its rows. One thread,
CPU seconds, medians of interleaved runs. Both begin with the same weights, see the same
batches and must reach the same losses: a faster wrong training stops the benchmark.
"""

import copy
import logging
import statistics
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pytorch_lightning as lightning
import torch
import yaml
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

WORKFLOW = Path(__file__).resolve().parents[1] / "workflow"
sys.path.insert(0, str(WORKFLOW / "scripts"))

from proofread.datasets.dataset import Dataset  # noqa: E402  needs the path above
from proofread.dna.encoding import one_hot  # noqa: E402
from proofread.job import keep_freed_memory  # noqa: E402
from proofread.training.batches import Batches, EpochSampler  # noqa: E402
from proofread.training.train import Training  # noqa: E402

SEQUENCES, LENGTH, BATCH, EPOCHS = 6400, 200, 128, 2
GOAL = 1.6


def reference_network(length):
    """Three convolutions with pooling, a dense layer, one output."""
    positions = (((length - 14) // 4 - 6) // 4 - 2) // 2
    return nn.Sequential(
        *(nn.Conv1d(4, 64, 15), nn.ReLU(), nn.MaxPool1d(4)),
        *(nn.Conv1d(64, 64, 7), nn.ReLU(), nn.MaxPool1d(4)),
        *(nn.Conv1d(64, 64, 3), nn.ReLU(), nn.MaxPool1d(2)),
        *(nn.Flatten(), nn.Linear(64 * positions, 64), nn.ReLU(), nn.Linear(64, 1)),
    )


class Usual(lightning.LightningModule):
    """A LightningModule as Lightning's own pages write it."""

    def __init__(self, network):
        super().__init__()
        self.network, self.losses = network, []

    def training_step(self, batch, _):
        """Cross-entropy of one batch."""
        sequences, label = batch
        loss = nn.functional.binary_cross_entropy_with_logits(
            self.network(sequences), label
        )
        self.log("loss", loss)
        self.losses.append(loss.detach())
        return loss

    def configure_optimizers(self):
        """Adam."""
        return torch.optim.Adam(self.parameters(), lr=1e-3)


class Ours(Training):
    """Our module, with each step's loss kept and no validation, as in the other."""

    def on_train_start(self):
        """Begin the list of losses."""
        super().on_train_start()
        self.step_losses = []

    def training_step(self, batch, number):
        """The loss, noted."""
        loss = super().training_step(batch, number)
        self.step_losses.append(loss.detach())
        return loss

    def on_train_epoch_end(self):
        """Nothing: the peer has no validation either."""


def _sampler(dataset):
    return EpochSampler(dataset.label, False, 1)


def _fit(module, loader, precision="32-true"):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        trainer = lightning.Trainer(
            max_epochs=EPOCHS,
            accelerator="cpu",
            precision=precision,
            logger=False,
            enable_checkpointing=False,
            enable_model_summary=False,
            enable_progress_bar=False,
        )
        start = time.process_time()
        trainer.fit(module, loader)
        return time.process_time() - start


def usual_way(network, dataset):
    """One-hot sequences in memory, collated one by one, Conv1d as written."""
    start = time.process_time()
    pairs = TensorDataset(
        torch.from_numpy(one_hot(dataset.index)), torch.from_numpy(dataset.label)
    )
    made = time.process_time() - start
    module = Usual(network)
    loader = DataLoader(pairs, batch_size=BATCH, sampler=_sampler(dataset))
    return made + _fit(module, loader), torch.stack(module.losses)


def our_way(network, dataset, *, precision="32-true"):
    """Indices in memory, one-hot by batch, the network laid out anew."""
    schema = yaml.safe_load((WORKFLOW / "schemas" / "training.schema.yaml").read_text())
    settings = {key: value["default"] for key, value in schema["properties"].items()}
    loader = DataLoader(
        Batches(dataset),
        batch_size=BATCH,
        sampler=_sampler(dataset),
        collate_fn=lambda batch: batch,
    )
    module = Ours(network, None, settings, 1, len(loader))
    return _fit(module, loader, precision), torch.stack(module.step_losses)


def rows(repeats=3):
    """Yield (name, our CPU seconds, the peer's, their ratio, the goal or None)."""
    torch.set_num_threads(1)
    keep_freed_memory()  # of this process, so for both
    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    generator = np.random.default_rng(0)
    index = generator.integers(0, 4, (SEQUENCES, LENGTH)).astype(np.uint8)
    label = (index[:, :8].sum(axis=1, keepdims=True) > 12).astype(np.float32)
    dataset = Dataset(index, np.full(SEQUENCES, LENGTH), [], label, ["one"], [], [])
    torch.manual_seed(0)
    network = reference_network(LENGTH)
    ways = {
        "usual": usual_way,
        "32": our_way,
        "bf16-mixed": lambda *given: our_way(*given, precision="bf16-mixed"),
    }
    times = {name: [] for name in ways}
    for _ in range(repeats):
        for name, way in ways.items():
            seconds, losses = way(copy.deepcopy(network), dataset)
            times[name].append(seconds)
            if name == "usual":
                expected = losses
            elif "bf16" not in name:
                # Adam's first steps magnify last bits: 0.1 % of the loss by the end.
                assert torch.allclose(losses, expected, rtol=1e-3), name
    median = {name: statistics.median(item) for name, item in times.items()}
    peer = median.pop("usual")
    for name, seconds in median.items():
        goal = GOAL if name == "32" else None
        yield (
            f"train, {SEQUENCES} x {LENGTH} bp, precision {name}: Lightning",
            seconds,
            peer,
            peer / seconds,
            goal,
        )


if __name__ == "__main__":
    print(f"{'work: peer':58s} {'ours':>7s} {'peer':>7s} {'ratio':>6s} goal")
    for name, seconds, peer, ratio, goal in rows():
        print(f"{name:58s} {seconds:7.3f} {peer:7.3f} {ratio:6.2f} {goal or ''}")
