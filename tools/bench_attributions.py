"""Measure Integrated Gradients next to captum's and DeepLIFT/SHAP next to tangermeme's.

``python tools/bench.py attributions`` prints a table; ``rows()`` gives its rows. One
thread, CPU seconds, medians of interleaved runs: 50 steps, or 20 references, for each
sequence. The peers run at the fastest of several batch sizes; in float64 both give the
same numbers, or the benchmark stops.
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
from tangermeme.deep_lift_shap import deep_lift_shap as tangermeme

TOOLS = Path(__file__).resolve().parent
sys.path[:0] = [str(TOOLS), str(TOOLS.parent / "workflow" / "scripts")]

from bench_train import reference_network  # noqa: E402  needs the paths above
from proofread.dna.encoding import one_hot  # noqa: E402
from proofread.job import keep_freed_memory  # noqa: E402
from proofread.methods.attributions.deep_lift import deep_lift_shap  # noqa: E402
from proofread.methods.attributions.gradients import (  # noqa: E402
    integrated_gradients,
)

STEPS, REFERENCES = 50, 20
SEQUENCES = {200: 24, 1000: 6}  # by length
_DIFFERENCE = 1e-4  # of the largest attribution: captum's points are float32


def random_sequences(n, length, seed):
    """One-hot, (n, 4, length)."""
    index = np.random.default_rng(seed).integers(0, 4, (n, length)).astype(np.uint8)
    return torch.from_numpy(one_hot(index))


def seconds(way):
    """CPU seconds of a call."""
    start = time.process_time()
    way()
    return time.process_time() - start


def interleaved(ways, repeats):
    """Median CPU seconds of each way, by name; the first round warms up."""
    times = {name: [] for name in ways}
    for _ in range(repeats + 1):
        for name, way in ways.items():
            times[name].append(seconds(way))
    return {name: statistics.median(runs[1:]) for name, runs in times.items()}


def check(ours, peer, network, *arrays):
    """Stop if two ways differ in float64."""
    doubled = copy.deepcopy(network).double()
    expected = peer(doubled, *arrays)
    difference = np.abs(ours(doubled, *arrays) - expected).max()
    assert difference <= _DIFFERENCE * np.abs(expected).max(), difference


def compare(ours, peer, network, arrays, batches, repeats):
    """Time two ways that give the same numbers, the peer at its fastest batch size.

    Returns
    -------
    tuple
        Our CPU seconds, the peer's (medians of runs that took turns), and that size.
    """
    few = [array[:2].double() for array in arrays]
    check(ours, partial(peer, size=8), network, *few)
    peers = {size: partial(peer, network, *arrays, size) for size in batches}
    peers[batches[0]]()  # warms up
    best = min(peers, key=lambda size: seconds(peers[size]))
    ways = {"ours": partial(ours, network, *arrays), "peer": peers[best]}
    median = interleaved(ways, repeats)
    return median["ours"], median["peer"], best


def path(network, batch, baseline):
    """Integrated Gradients (n, 4, length), as the method computes them."""
    baselines = baseline[:, None]
    return integrated_gradients(
        network, batch, baselines, [0], steps=STEPS
    ).attribution[0]


def captum_path(network, batch, baseline, size):
    """The same from captum, whose weights of m + 1 points sum to m / (m + 1)."""
    attributions = IntegratedGradients(network).attribute(
        batch,
        baseline,
        0,
        n_steps=STEPS + 1,
        method="riemann_trapezoid",
        internal_batch_size=size,
    )
    return attributions.detach().numpy() * (STEPS + 1) / STEPS


def shap(network, batch, references):
    """DeepLIFT/SHAP (n, 4, length), as the method computes them."""
    return deep_lift_shap(network, batch, references, [0]).hypothetical[0]


def tangermeme_shap(network, batch, references, size):
    """The same from tangermeme."""
    return tangermeme(
        network,
        batch,
        references=references,
        batch_size=size,
        hypothetical=True,
        device="cpu",
    ).numpy()


def rows(repeats=5):
    """Yield (name, our CPU seconds, the peer's, their ratio, the goal)."""
    torch.set_num_threads(1)
    keep_freed_memory()
    for length, n in SEQUENCES.items():
        torch.manual_seed(0)
        network = reference_network(length).eval()
        batch, baseline = (random_sequences(n, length, seed) for seed in (0, 1))
        drawn = random_sequences(n * REFERENCES, length, 1)
        references = drawn.unflatten(0, (n, REFERENCES))
        for name, ours, peer, other, batches, goal in (
            (
                f"Integrated Gradients, {n} x {length} bp: captum",
                path,
                captum_path,
                baseline,
                (32, 64, 128, 256),
                1.3 if length == 200 else 1.5,
            ),
            (
                f"DeepLIFT/SHAP, {n} x {length} bp: tangermeme",
                shap,
                tangermeme_shap,
                references,
                (16, 32, 64, 128),
                1.5,
            ),
        ):
            mine, theirs, size = compare(
                ours, peer, network, [batch, other], batches, repeats
            )
            yield f"{name}, batch {size}", mine, theirs, theirs / mine, goal
