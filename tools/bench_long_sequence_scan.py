"""A scan of overlapping windows against strided views and against texts of windows.

CPU seconds of one thread on random bases, windows of 200. The peers run the same
network on each window: as strided views of one encoded stretch, in batches of 64 (what
one can do with torch alone), and as texts that are cut, encoded and stacked one by one.
"""

import statistics
import time

import numpy as np
import torch
from torch import nn

from proofread.dna.encoding import decode, encode, one_hot
from proofread.job import keep_freed_memory
from proofread.models.shared_windows import SharedScan

WIDTH = 200
BATCH = 64
# Stride, bases, and the ratio that is promised against strided views.
CASES = ((1, 8_192, 4), (8, 32_768, 4), (32, 131_072, 4), (50, 131_072, 1))
TEXTS = 1024  # windows for the slowest peer; its time is scaled up


class Net(nn.Module):
    """Three convolutions with pooling and a dense layer, 200 bases."""

    length, targets = WIDTH, ("a",)

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            *(nn.Conv1d(4, 64, 15), nn.ReLU(), nn.MaxPool1d(4)),
            *(nn.Conv1d(64, 64, 7), nn.ReLU(), nn.MaxPool1d(4)),
            *(nn.Conv1d(64, 64, 3), nn.ReLU(), nn.MaxPool1d(2)),
            *(nn.Flatten(), nn.Linear(256, 64), nn.ReLU(), nn.Linear(64, 1)),
        )

    def forward(self, batch):
        """Logits (n, 1) of one-hot windows (n, 4, 200)."""
        return self.layers(batch)


@torch.no_grad()
def views(model, index, starts):
    """Strided views of one encoded stretch, 64 windows at a time."""
    encoded = torch.from_numpy(one_hot(index[None]))[0]
    windows = encoded.unfold(1, WIDTH, 1).permute(1, 0, 2)  # (starts, 4, width)
    return torch.cat(
        [
            model(windows[torch.from_numpy(starts[first : first + BATCH])])
            for first in range(0, len(starts), BATCH)
        ]
    ).numpy()


@torch.no_grad()
def texts(model, text, starts):
    """Each window cut out as text, encoded and stacked."""
    return torch.cat(
        [
            model(
                torch.from_numpy(
                    np.concatenate(
                        [
                            one_hot(encode(text[start : start + WIDTH])[None])
                            for start in starts[first : first + BATCH]
                        ]
                    )
                )
            )
            for first in range(0, len(starts), BATCH)
        ]
    ).numpy()


def _seconds(way, *arguments):
    began = time.process_time()
    way(*arguments)
    return time.process_time() - began


def rows(repeats=5):
    """Yield (name, our CPU seconds, the peer's, their ratio, the goal or None)."""
    torch.set_num_threads(1)
    keep_freed_memory()
    torch.manual_seed(0)
    model = Net().eval()
    generator = np.random.default_rng(0)
    for stride, bases, goal in CASES:
        index = generator.integers(0, 4, bases).astype(np.uint8)
        starts = np.arange(0, bases - WIDTH + 1, stride)
        text = decode(index)
        scan = SharedScan(model, WIDTH, stride, len(starts))
        result = scan(index, starts)
        assert np.abs(result - views(model, index, starts)).max() < 1e-4
        some = starts[:TEXTS]
        assert np.abs(result[: len(some)] - texts(model, text, some)).max() < 1e-4
        ours, peer, slow = [], [], []
        for repeat in range(repeats):
            ours.append(_seconds(scan, index, starts))
            peer.append(_seconds(views, model, index, starts))
            if repeat == 0:
                slow.append(
                    _seconds(texts, model, text, some) * len(starts) / len(some)
                )
        mine, other, naive = map(statistics.median, (ours, peer, slow))
        label = f"scan, stride {stride}, {len(starts)} windows of {WIDTH}"
        yield f"{label}: views", mine, other, other / mine, goal
        yield f"{label}: texts", mine, naive, naive / mine, None


if __name__ == "__main__":
    print(f"{'work: peer':56s} {'ours':>7s} {'peer':>7s} {'ratio':>6s} goal")
    for name, seconds, peer, ratio, goal in rows():
        print(f"{name:56s} {seconds:7.3f} {peer:7.3f} {ratio:6.1f} {goal or ''}")
