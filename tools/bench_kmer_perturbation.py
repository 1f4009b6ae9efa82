"""Measure replaced windows next to tangermeme's ablate, on one network and thread.

``python tools/bench.py kmer_perturbation``. tangermeme shuffles one window at a time,
`REPLICATES` times, and predicts the whole sequences; ours replaces all windows as
often. CPU time per window is compared. tangermeme is measured on some windows of one
sequence; its predictions of the same k-mers must equal ours.
"""

import statistics
import sys
import time
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow" / "scripts"))

from tangermeme.ablate import ablate

from bench_saturation_mutagenesis import reference_net
from proofread.dna.composition import base_frequencies
from proofread.dna.encoding import one_hot
from proofread.job import keep_freed_memory
from proofread.methods.kmer_perturbation.kmers import draw_kmers
from proofread.methods.kmer_perturbation.windows import perturb_windows, starts_of
from proofread.models.local_edits import EditedLogits
from proofread.models.predictor import predictor_of

REPLICATES = 10
SEQUENCES = {200: 30, 600: 10, 1000: 6}  # by their length
SIZES = (3, 9)
PEER_WINDOWS = 8  # of the peer, evenly along the sequence
# Promised at the length of the published example's promoters; the others are stated.
GOALS = {200: None, 600: None, 1000: 30}


def ours(net, index, size):
    """All windows of one length, with random k-mers, statistics and intervals."""
    rng = np.random.default_rng(0)
    frequencies = base_frequencies(index)

    def kmers(_row, present, before):
        return draw_kmers(
            present, before, rng, frequencies=frequencies, force_change=True
        )

    windows, _ = perturb_windows(
        EditedLogits(predictor_of(net)),
        index,
        np.full(len(index), index.shape[1]),
        size,
        start=starts_of(index.shape[1], size),
        kmers=kmers,
        replicates=REPLICATES,
    )
    return windows


def peer(net, batch, starts, size):
    """Tangermeme's ablate of some windows of one sequence."""
    return [
        ablate(
            net,
            batch,
            start=int(start),
            end=int(start) + size,
            n=REPLICATES,
            random_state=0,
            device="cpu",
        )
        for start in starts
    ]


def _check(net, index, batch, starts, size):
    """Tangermeme's own shuffles, predicted by us, give its predictions."""
    from tangermeme.ersatz import shuffle

    editor = EditedLogits(predictor_of(net))
    for start, result in zip(starts, peer(net, batch, starts, size), strict=True):
        mixed = shuffle(
            batch, start=int(start), end=int(start) + size, n=REPLICATES, random_state=0
        )
        kmer = mixed[0, :, :, start : start + size].argmax(dim=1).numpy()
        row, first = np.zeros(REPLICATES, int), np.full(REPLICATES, start)
        logits = editor.edited(index[:1], row, first, kmer.astype(np.uint8))
        assert np.abs(result.y_after[0].numpy() - logits).max() < 1e-4


def rows(repeats=3):
    """Yield (name, our CPU seconds, the peer's, their ratio, the goal or None)."""
    torch.set_num_threads(1)
    keep_freed_memory()
    for length, n in SEQUENCES.items():
        net = reference_net(length)
        generator = np.random.default_rng(0)
        index = generator.integers(4, size=(n, length), dtype=np.uint8)
        batch = torch.from_numpy(one_hot(index[:1]))
        for size in SIZES:
            number = length - size + 1
            starts = np.linspace(0, number - 1, PEER_WINDOWS).astype(int)
            _check(net, index, batch, starts, size)
            times = {"ours": [], "peer": []}
            for _ in range(repeats):
                start = time.process_time()
                ours(net, index, size)
                middle = time.process_time()
                peer(net, batch, starts, size)
                times["ours"].append((middle - start) / (number * n))
                times["peer"].append((time.process_time() - middle) / PEER_WINDOWS)
            mine, other = (statistics.median(item) for item in times.values())
            label = (
                f"a window of {size} at {length} bp, {REPLICATES} k-mers: tangermeme"
            )
            yield label, mine, other, other / mine, GOALS[length]


if __name__ == "__main__":
    for row in rows():
        print(*row)
