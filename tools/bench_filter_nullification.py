"""Measure how fast filters are ablated, compared with Basset's way and the plain one.

``python tools/bench_filter_nullification.py`` prints a table; ``rows()`` gives its
rows. One thread, CPU seconds, medians of interleaved runs. Basset's way is written here
after its published code, in PyTorch: first-layer activations are computed once, and all
that follows is run again for each filter. The plain way runs the whole network each
time. All must give the same logits: a faster wrong answer stops the benchmark.
"""

import statistics
import sys
import time
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow" / "scripts"))

from proofread.dna.encoding import one_hot
from proofread.job import keep_freed_memory
from proofread.methods.filter_nullification.nullify import nullify
from proofread.models.checkpoint import build_model

SEQUENCES = 128
BATCH = 64  # of the peers, who do no better with 32 or 128


def network(length):
    """Basset's 300, 200 and 200 filters, with statistics that are not the identity."""
    torch.manual_seed(0)
    model = build_model("basset", {}, length, ["one"])
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm1d):
            torch.nn.init.uniform_(module.running_mean, -0.1, 0.1)
            torch.nn.init.uniform_(module.running_var, 0.5, 1.5)
    return model.eval()


def ours(model, index, filters):
    """Logits (n, filters) with each filter ablated, the first layer included."""
    return nullify(model, index, [[number] for number in range(filters)]).ablated[
        :, :, 0
    ]


@torch.no_grad()
def basset_way(model, index, filters):
    """Activations once per batch, then the whole tail for each filter."""
    features = model.features
    batches = []
    for first in range(0, len(index), BATCH):
        batch = torch.from_numpy(one_hot(index[first : first + BATCH]))
        batches.append(features[:3](batch))  # convolution, normalisation, ReLU
    mean = torch.cat(batches).double().mean(dim=(0, 2)).float()
    logits = []
    for activation in batches:
        ablated = []
        for which in range(filters):
            changed = activation.clone()
            changed[:, which] = mean[which]
            ablated.append(model.head(features[3:](changed)))
        logits.append(torch.cat(ablated, dim=1))
    return torch.cat(logits).numpy()


def network_way(model, index, filters):
    """The whole network for each filter."""
    sets = [[number] for number in range(filters)]
    return nullify(model, index, sets, way="network", batch_size=BATCH).ablated[:, :, 0]


def _timed(way, *arguments):
    start = time.process_time()
    result = way(*arguments)
    return time.process_time() - start, result


def rows(repeats=3):
    """Yield (name, our CPU seconds, the peer's, their ratio, the goal or None)."""
    torch.set_num_threads(1)
    keep_freed_memory()  # as every rule does; it helps the peers as well
    # Fewer filters at 600 bp, to be done in time: what all share weighs more there.
    for length, filters, goal in ((200, 100, 5), (600, 30, None)):
        generator = np.random.default_rng(0)
        index = generator.integers(0, 4, (SEQUENCES, length)).astype(np.uint8)
        model = network(length)
        ways = {"Basset": (basset_way, goal), "whole network": (network_way, None)}
        times = {name: [] for name in [*ways, "ours"]}
        for _ in range(repeats):
            seconds, expected = _timed(ours, model, index, filters)
            times["ours"].append(seconds)
            for name, (way, _) in ways.items():
                seconds, logits = _timed(way, model, index, filters)
                times[name].append(seconds)
                assert np.abs(expected - logits).max() < 1e-5, name
        median = {name: statistics.median(runs) for name, runs in times.items()}
        label = f"ablate {filters} of 300 filters, {SEQUENCES} x {length} bp"
        for name, (_, wanted) in ways.items():
            ratio = median[name] / median["ours"]
            yield f"{label}: {name}", median["ours"], median[name], ratio, wanted


if __name__ == "__main__":
    print(f"{'work: peer':58s} {'ours':>7s} {'peer':>7s} {'ratio':>6s} goal")
    for name, seconds, peer, ratio, goal in rows():
        print(f"{name:58s} {seconds:7.3f} {peer:7.3f} {ratio:6.1f} {goal or ''}")
