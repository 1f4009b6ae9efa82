"""Measure DeepLIFT/SHAP beside tangermeme's.

``python tools/bench.py attributions`` prints a table; ``rows()`` gives its rows. One
thread, CPU seconds, medians of interleaved runs with 20 references for each sequence.
tangermeme runs at the fastest of several batch sizes; in float64 both give the same
numbers, or the benchmark stops.
"""

import sys
from pathlib import Path

import torch
from tangermeme.deep_lift_shap import deep_lift_shap as tangermeme

TOOLS = Path(__file__).resolve().parent
sys.path[:0] = [str(TOOLS), str(TOOLS.parent / "workflow" / "scripts")]

from bench_integrated_gradients import (  # noqa: E402  needs the paths above
    beside,
    random_sequences,
)
from bench_train import reference_network  # noqa: E402
from proofread.job import keep_freed_memory  # noqa: E402
from proofread.methods.attributions.deep_lift import deep_lift_shap  # noqa: E402

REFERENCES = 20
GOALS = {200: (24, 1.5), 1000: (6, 1.5)}  # length: sequences, ratio
BATCHES = (16, 32, 64, 128)


def ours(network, batch, references):
    """(n, 4, length), as the method computes them."""
    return deep_lift_shap(network, batch, references, [0]).hypothetical[0]


def peer(network, batch, references, size):
    """The same from tangermeme."""
    found = tangermeme(
        *(network, batch),
        references=references,
        batch_size=size,
        hypothetical=True,
        device="cpu",
    )
    return found.numpy()


def rows(repeats=5):
    """Yield (name, our CPU seconds, the peer's, their ratio, the goal)."""
    torch.set_num_threads(1)
    keep_freed_memory()
    for length, (n, goal) in GOALS.items():
        torch.manual_seed(0)
        network = reference_network(length).eval()
        batch = random_sequences(n, length, 0)
        drawn = random_sequences(n * REFERENCES, length, 1)
        references = drawn.unflatten(0, (n, REFERENCES))

        arrays = [batch, references]
        mine, theirs, size = beside(ours, peer, network, arrays, BATCHES, repeats)
        name = f"DeepLIFT/SHAP, {n} x {length} bp: tangermeme, batch {size}"
        yield name, mine, theirs, theirs / mine, goal


if __name__ == "__main__":
    for name, mine, theirs, ratio, goal in rows():
        print(f"{name:50s} {mine:7.3f} {theirs:7.3f} {ratio:6.2f} {goal}")
