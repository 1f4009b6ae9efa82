"""Measure how fast frequency matrices are made, compared with the ways of the peers.

``python tools/bench_filter_pfms.py`` prints a table; ``rows()`` gives its rows. One
thread, CPU seconds, medians of interleaved runs. The peers' ways are written here
after their published code, in the same PyTorch and NumPy, and must give the same
counts: a faster wrong answer stops the benchmark. Ours also gives the mean and the
standard deviation of each filter, as the rule does.
"""

import statistics
import sys
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow" / "scripts"))

from proofread.dna.encoding import decode, one_hot
from proofread.job import keep_freed_memory
from proofread.methods.filter_pfms.counts import BaseCounter
from proofread.methods.filter_pfms.sites import find_sites
from proofread.methods.filter_pfms.thresholds import thresholds
from proofread.models.first_layer import FirstLayer, activation_statistics

FILTERS, WIDTH, SEQUENCES = 300, 19, 600


class Net(nn.Module):
    """A first layer and a head."""

    first_convolution = "convolution"
    first_activation = "activation"

    def __init__(self, bias):
        super().__init__()
        self.convolution = nn.Conv1d(4, FILTERS, WIDTH)
        self.activation = nn.ReLU()
        self.convolution.bias.data += bias

    def forward(self, batch):
        """Logits, as the model contract wants."""
        return self.activation(self.convolution(batch)).mean(dim=(1, 2))[:, None]


def ours(model, index, fast=True):
    """Counts of the sites above half of each filter's maximum, by the rule's path."""
    length = np.full(len(index), index.shape[1])
    layer = FirstLayer(model, index.shape[1], fast=fast)
    of_layer = activation_statistics(layer, index)
    limits = thresholds(layer, index, length, of_layer, rule="half_max")
    counter = BaseCounter(layer.geometry, layer.filters)
    for sites in find_sites(layer, index, length, limits):
        counter.add(index, sites)
    return counter.counts()


@torch.no_grad()
def _activations(model, batch, size=128):
    """All activations in memory, as both peers hold them."""
    outputs = [
        model.activation(model.convolution(batch[first : first + size]))
        for first in range(0, len(batch), size)
    ]
    return torch.cat(outputs).numpy()  # (sequences, filters, positions)


def seqexplainer_way(model, index):
    """One filter after the other; each site's one-hot slice goes into a list.

    After get_activators_max_seqlets and get_pfms of SeqExplainer.
    """
    batch = torch.from_numpy(one_hot(index))
    activations, sequences = _activations(model, batch), batch.numpy()
    matrices = np.empty((FILTERS, WIDTH, 4))
    for which in range(FILTERS):
        single = activations[:, which, :]
        found = np.where(single > 0.5 * single.max())
        slices = [
            sequences[row][:, position : position + WIDTH]
            for row, position in zip(*found, strict=True)
        ]
        matrices[which] = np.array(slices).sum(axis=0).T
    return matrices


def vectorised_way(model, index):
    """The same without a loop over sites: the best one can do with torch and NumPy."""
    batch = torch.from_numpy(one_hot(index))
    activations = _activations(model, batch)
    windows = np.lib.stride_tricks.sliding_window_view(batch.numpy(), WIDTH, axis=2)
    matrices = np.empty((FILTERS, WIDTH, 4))
    for which in range(FILTERS):
        single = activations[:, which, :]
        row, positions = np.where(single > 0.5 * single.max())
        matrices[which] = windows[row, :, positions].sum(axis=0).T
    return matrices


def basset_way(model, index):
    """Text, one position after the other, one letter after the other.

    After plot_filter_logo and make_filter_pwm of Basset, with the threshold of the
    others so that the counts can be compared.
    """
    activations = _activations(model, torch.from_numpy(one_hot(index)))
    texts = [decode(row) for row in index]
    letters = {"A": 0, "C": 1, "G": 2, "T": 3}
    matrices = np.zeros((FILTERS, WIDTH, 4))
    for which in range(FILTERS):
        single = activations[:, which, :]
        limit = 0.5 * single.max()
        kmers = []
        for row in range(single.shape[0]):
            for position in range(single.shape[1]):
                if single[row, position] > limit:
                    kmers.append(texts[row][position : position + WIDTH])
        counts = [[0] * 4 for _ in range(WIDTH)]
        for kmer in kmers:
            for position, letter in enumerate(kmer):
                counts[position][letters[letter]] += 1
        matrices[which] = counts
    return matrices


def _seconds(way, *arguments, **options):
    start = time.process_time()
    way(*arguments, **options)
    return time.process_time() - start


def rows(repeats=3):
    """Yield (name, our CPU seconds, the peer's, their ratio, the goal or None)."""
    torch.set_num_threads(1)
    keep_freed_memory()  # as every rule does; it helps the peers as well
    for length, goal in ((200, 5), (600, 10)):
        generator = np.random.default_rng(0)
        index = generator.integers(0, 4, (SEQUENCES, length)).astype(np.uint8)
        torch.manual_seed(0)
        # A trained filter's bias is below zero: about 1 of 200 positions is a site.
        model = Net(bias=-0.25).eval()
        counts = ours(model, index)
        for way in (seqexplainer_way, vectorised_way):
            # Activations at the very threshold may fall on either side in float32.
            assert np.abs(counts - way(model, index)).max() <= 2, way.__name__
        ways = {
            "SeqExplainer": (seqexplainer_way, goal, repeats),
            "vectorised": (vectorised_way, None, repeats),
            "Basset": (basset_way, None, 1),  # tens of seconds
        }
        times = {name: [] for name in [*ways, "ours", "network"]}
        for repeat in range(repeats):
            times["ours"].append(_seconds(ours, model, index))
            times["network"].append(_seconds(ours, model, index, fast=False))
            for name, (way, _, most) in ways.items():
                if repeat < most:
                    times[name].append(_seconds(way, model, index))
        median = {name: statistics.median(runs) for name, runs in times.items()}
        label = f"PFMs, {FILTERS} x {WIDTH}, {SEQUENCES} x {length} bp"
        for name, (_, wanted, _) in ways.items():
            ratio = median[name] / median["ours"]
            yield f"{label}: {name}", median["ours"], median[name], ratio, wanted
        peer = median["SeqExplainer"]
        ratio = peer / median["network"]
        name = f"{label}, without the look-up: SeqExplainer"
        yield name, median["network"], peer, ratio, None


if __name__ == "__main__":
    print(f"{'work: peer':66s} {'ours':>7s} {'peer':>7s} {'ratio':>6s} goal")
    for name, seconds, peer, ratio, goal in rows():
        print(f"{name:66s} {seconds:7.3f} {peer:7.3f} {ratio:6.1f} {goal or ''}")
