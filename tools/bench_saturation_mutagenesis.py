"""Measure saturation mutagenesis next to tangermeme's, on one network and thread.

``python tools/bench.py saturation_mutagenesis``. The network is the reference net of
three convolutions of 64 filters. tangermeme's best is its fast path (fastISM) at its
best batch size; it uses this path in jobs above 30 s, and here always. Its default, in
shorter jobs, runs every mutant whole. Both must give our numbers: a wrong answer stops
the benchmark.
"""

import statistics
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import torch
from torch import nn

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow" / "scripts"))

from tangermeme import saturation_mutagenesis as tangermeme

from proofread.dna.encoding import one_hot
from proofread.job import keep_freed_memory
from proofread.models.local_edits import EditedLogits
from proofread.models.predictor import predictor_of

SEQUENCES = {200: 24, 600: 12, 1000: 6}
DEFAULT_SEQUENCES = 2  # predicted by the slow default
BATCH_SIZES = (128, 256)  # one of these is best for tangermeme's fast path
# By length: minimum ratio to the best, and to the default.
GOALS = {200: (1.4, None), 600: (1.4, 5), 1000: (1.4, None)}


def reference_net(length):
    """Conv 64x15, pool 4, conv 64x7, pool 4, conv 64x3, pool 2, dense 64, 1 output."""
    torch.manual_seed(0)
    net = nn.Sequential(
        *(nn.Conv1d(4, 64, 15), nn.ReLU(), nn.MaxPool1d(4)),
        *(nn.Conv1d(64, 64, 7), nn.ReLU(), nn.MaxPool1d(4)),
        *(nn.Conv1d(64, 64, 3), nn.ReLU(), nn.MaxPool1d(2)),
        *(nn.Flatten(), nn.LazyLinear(64), nn.ReLU(), nn.Linear(64, 1)),
    )
    net(torch.zeros(1, 4, length))
    net.length, net.targets = length, ["target"]
    return net.eval()


def all_substitutions(index):
    """Every base at every position of every sequence: row, position, base."""
    n, length = index.shape
    row = np.repeat(np.arange(n), 4 * length)
    base = np.tile(np.repeat(np.arange(4, dtype=np.uint8), length), n)
    position = np.tile(np.arange(length), 4 * n)
    other = base != index[row, position]
    return row[other], position[other], base[other]


def ours(net, index):
    """Logits of all substitutions, including the preparation of the network."""
    row, position, base = all_substitutions(index)
    editor = EditedLogits(predictor_of(net))
    assert editor.fast
    logits = np.repeat(editor.intact(index), 4 * index.shape[1])
    logits = logits.reshape(len(index), 4, index.shape[1])
    logits[row, base, position] = editor.edited(index, row, position, base[:, None])[
        :, 0
    ]
    return logits


def peer(net, batch, *, fast, batch_size=32):
    """Tangermeme's logits of all substitutions; `fast` fails rather than falls back."""
    before = tangermeme._FAST_MIN_SECONDS, tangermeme._FAST_MAX_RELATIVE_TIME
    tangermeme._FAST_MIN_SECONDS, tangermeme._FAST_MAX_RELATIVE_TIME = 0, np.inf
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("error", category=tangermeme.TangermemeWarning)
            result = tangermeme.saturation_mutagenesis(
                net,
                batch,
                raw_outputs=True,
                device="cpu",
                fast=fast,
                batch_size=batch_size,
            )
    finally:
        tangermeme._FAST_MIN_SECONDS, tangermeme._FAST_MAX_RELATIVE_TIME = before
    return result.y_hat[..., 0].numpy()


def _timed(way, *arguments, **options):
    start = time.process_time()
    result = way(*arguments, **options)
    return time.process_time() - start, result


def rows(repeats=3):
    """Yield (name, our CPU seconds, the peer's, their ratio, the goal or None)."""
    torch.set_num_threads(1)
    keep_freed_memory()
    for length, n in SEQUENCES.items():
        net = reference_net(length)
        generator = np.random.default_rng(0)
        index = generator.integers(4, size=(n, length), dtype=np.uint8)
        batch = torch.from_numpy(one_hot(index))
        expected = ours(net, index)
        times = {name: [] for name in ("ours", "default", *BATCH_SIZES)}
        for _ in range(repeats):
            times["ours"].append(_timed(ours, net, index)[0])
            for size in BATCH_SIZES:
                spent, result = _timed(peer, net, batch, fast=True, batch_size=size)
                times[size].append(spent)
                assert np.abs(result - expected).max() < 1e-4
            few = batch[:DEFAULT_SEQUENCES]
            spent, result = _timed(peer, net, few, fast=False)
            times["default"].append(spent * n / DEFAULT_SEQUENCES)
            assert np.abs(result - expected[:DEFAULT_SEQUENCES]).max() < 1e-4
        median = {name: statistics.median(item) for name, item in times.items()}
        best = min(median[size] for size in BATCH_SIZES)
        mine = median["ours"]
        label = f"{3 * n * length:,} substitutions at {length} bp: tangermeme"
        goal, goal_default = GOALS[length]
        yield f"{label}'s best", mine, best, best / mine, goal
        default = median["default"]
        yield f"{label}'s default", mine, default, default / mine, goal_default


if __name__ == "__main__":
    for row in rows():
        print(*row)
