"""Read shuffled batches: dataset.h5 as it is against gzip-compressed one-hot HDF5.

Ours is one byte per base, contiguous and uncompressed: a batch is its rows, expanded to
one-hot. The peer is the one-hot array with h5py's default compression: for each row a
whole chunk is decompressed. Both give the same float32 batches.
"""

import statistics
import tempfile
import time
from pathlib import Path

import h5py
import numpy as np

from proofread.datasets.dataset import Dataset, write_dataset
from proofread.dna.encoding import one_hot

SEQUENCES, LENGTH, BATCH = 20_000, 200, 100
PEER_BATCHES = 5  # of the peer, which is slow; rates are per row


def write_ours(path, index):
    """A dataset file with the sequences."""
    n = len(index)
    names = [str(row) for row in range(n)]
    write_dataset(
        path,
        Dataset(
            index=index,
            length=np.full(n, index.shape[1]),
            name=names,
            label=np.arange(n, dtype=np.float32)[:, None] % 2,
            target=["none"],
            group=names,
            stratum=["positive"] * n,
        ),
    )


def write_peer(path, index):
    """One-hot, gzip, in the chunks that h5py chooses."""
    with h5py.File(path, "w") as file:
        file.create_dataset("x", data=one_hot(index), compression="gzip")


def ours(path, batches):
    """Batches of dataset.h5, through the file's own bytes."""
    with h5py.File(path, "r") as file:
        index = file["index"]
        shape, offset = index.shape, index.id.get_offset()
    # Contiguous and uncompressed, so the file holds the array as it is.
    rows_on_disk = np.memmap(path, np.uint8, "r", offset, shape)
    return [one_hot(rows_on_disk[batch]) for batch in batches]


def peer(path, batches):
    """The same batches of the compressed file; h5py wants rows in order."""
    out = []
    with h5py.File(path, "r") as file:
        for chosen in batches:
            order = np.argsort(chosen)
            batch = np.empty((len(chosen), 4, LENGTH), dtype=np.float32)
            batch[order] = file["x"][chosen[order]]
            out.append(batch)
    return out


def rows(repeats=5):
    """Yield (name, our CPU seconds, the peer's, their ratio, the goal or None)."""
    rng = np.random.default_rng(0)
    index = rng.integers(0, 4, (SEQUENCES, LENGTH)).astype(np.uint8)
    batches = rng.permutation(SEQUENCES).reshape(-1, BATCH)
    with tempfile.TemporaryDirectory() as folder:
        paths = {"ours": Path(folder) / "ours.h5", "peer": Path(folder) / "peer.h5"}
        write_ours(paths["ours"], index)
        write_peer(paths["peer"], index)
        seconds = {"ours": [], "peer": []}
        for _ in range(repeats):
            got = {}
            for name, way, n in (
                ("ours", ours, len(batches)),
                ("peer", peer, PEER_BATCHES),
            ):
                start = time.process_time()
                got[name] = way(paths[name], batches[:n])
                seconds[name].append((time.process_time() - start) / n)
            for one, other in zip(got["ours"], got["peer"], strict=False):
                assert np.array_equal(one, other)
    mine, its = (statistics.median(seconds[name]) for name in ("ours", "peer"))
    name = f"shuffled batches of {BATCH} x {LENGTH} bp: gzip one-hot HDF5"
    yield name, mine, its, its / mine, 100


if __name__ == "__main__":
    print(f"{'work: peer':66s} {'ours':>9s} {'peer':>7s} {'ratio':>6s} goal")
    for name, seconds, other, ratio, goal in rows():
        print(f"{name:66s} {seconds:9.6f} {other:7.3f} {ratio:6.1f} {goal or ''}")
