"""Measure Integrated Gradients beside captum's.

``python tools/bench.py integrated_gradients`` prints a table; ``rows()`` gives its
rows. One thread, CPU seconds, medians of interleaved runs of 50 steps for each
sequence. captum runs at the fastest of several internal batch sizes; in float64 both
give the same numbers, or the benchmark stops.
"""

import copy
import statistics
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import torch
from captum.attr import IntegratedGradients

TOOLS = Path(__file__).resolve().parent
sys.path[:0] = [str(TOOLS), str(TOOLS.parent / "workflow" / "scripts")]

from bench_train import reference_network  # noqa: E402  needs the paths above
from proofread.dna.encoding import one_hot  # noqa: E402
from proofread.job import keep_freed_memory  # noqa: E402
from proofread.methods.attributions.gradients import (  # noqa: E402
    integrated_gradients,
)

STEPS = 50
GOALS = {200: (24, 1.3), 1000: (6, 1.5)}  # length: sequences, ratio
BATCHES = (32, 64, 128, 256)
_DIFFERENCE = 1e-4  # of the largest attribution: captum's points are float32


def random_sequences(n, length, seed):
    """One-hot, (n, 4, length)."""
    index = np.random.default_rng(seed).integers(0, 4, (n, length)).astype(np.uint8)
    return torch.from_numpy(one_hot(index))


def seconds(way):
    """CPU seconds of a call, and what it returns."""
    start = time.process_time()
    result = way()
    return time.process_time() - start, result


def interleaved(ways, repeats):
    """Median CPU seconds of each way, by name; the first round warms up."""
    times = {name: [] for name in ways}
    for _ in range(repeats + 1):
        for name, way in ways.items():
            times[name].append(seconds(way)[0])
    return {name: statistics.median(each[1:]) for name, each in times.items()}


def check(mine, theirs, network, *arrays):
    """Stop if two ways differ in float64."""
    doubled = copy.deepcopy(network).double()
    expected = theirs(doubled, *arrays)
    difference = np.abs(mine(doubled, *arrays) - expected).max()
    assert difference <= _DIFFERENCE * np.abs(expected).max(), difference


def beside(mine, theirs, network, arrays, batches, repeats):
    """Time two ways that give the same numbers, the peer at its fastest batch size.

    Returns
    -------
    tuple
        Our CPU seconds, the peer's (medians of runs that took turns), and that size.
    """
    check(
        *(mine, partial(theirs, size=8), network),
        *(each[:2].double() for each in arrays),
    )
    peers = {size: partial(theirs, network, *arrays, size) for size in batches}
    peers[batches[0]]()  # warms up
    best = min(peers, key=lambda size: seconds(peers[size])[0])
    ways = {"ours": partial(mine, network, *arrays), "peer": peers[best]}
    median = interleaved(ways, repeats)
    return median["ours"], median["peer"], best


def ours(network, batch, baseline):
    """(n, 4, length), as the method computes them."""
    found = integrated_gradients(network, batch, baseline[:, None], [0], steps=STEPS)
    return found.attribution[0]


def peer(network, batch, baseline, size):
    """The same from captum, whose weights of m + 1 points sum to m / (m + 1)."""
    found = IntegratedGradients(network).attribute(
        *(batch, baseline, 0),
        n_steps=STEPS + 1,
        method="riemann_trapezoid",
        internal_batch_size=size,
    )
    return found.detach().numpy() * (STEPS + 1) / STEPS


def rows(repeats=5):
    """Yield (name, our CPU seconds, the peer's, their ratio, the goal)."""
    torch.set_num_threads(1)
    keep_freed_memory()
    for length, (n, goal) in GOALS.items():
        torch.manual_seed(0)
        network = reference_network(length).eval()
        arrays = [random_sequences(n, length, seed) for seed in (0, 1)]
        mine, theirs, size = beside(ours, peer, network, arrays, BATCHES, repeats)
        name = f"{STEPS} steps, {n} x {length} bp: captum, batch {size}"
        yield name, mine, theirs, theirs / mine, goal


if __name__ == "__main__":
    for name, mine, theirs, ratio, goal in rows():
        print(f"{name:50s} {mine:7.3f} {theirs:7.3f} {ratio:6.2f} {goal}")
