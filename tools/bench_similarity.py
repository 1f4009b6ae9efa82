"""Find similar sequences: a seed index against all pairs and against shared k-mers.

All pairs at all shifts is the definition. Sets of shared k-mers, in plain Python, are
a common way to write such a check. Both run on a subset, because their time grows with
the square of the number of sequences; the index also runs on 100,000 sequences.
"""

import statistics
import time
from collections import defaultdict

import numpy as np

from proofread.datasets.similarity import find_similar
from proofread.dna.encoding import decode, reverse_complement

LENGTH = 200
IDENTITY, COVERAGE = 0.9, 0.8
K = 12


def planted(n, seed=0):
    """Random sequences; every tenth is a copy with a tenth of its bases replaced.

    Half of the copies are reverse complements.

    Returns
    -------
    numpy.ndarray, shape (n, LENGTH), uint8
    set of tuple of int
        The planted pairs, the smaller row first.
    """
    rng = np.random.default_rng(seed)
    index = rng.integers(0, 4, (n, LENGTH)).astype(np.uint8)
    pairs = set()
    for row in range(n // 20):
        copy = index[row].copy()
        changed = rng.choice(LENGTH, LENGTH // 10, replace=False)
        copy[changed] = (copy[changed] + rng.integers(1, 4, len(changed))) % 4
        index[n - 1 - row] = reverse_complement(copy) if row % 2 else copy
        pairs.add((row, n - 1 - row))
    return index, pairs


def ours(index):
    """The index: near-identical pairs."""
    length = np.full(len(index), index.shape[1])
    similar = find_similar(index, length, identity=IDENTITY, coverage=COVERAGE)
    return set(map(tuple, similar.pairs.tolist()))


def all_pairs(index):
    """Every pair at every shift, the whole overlap: NumPy, a row against the rest."""
    n, length = index.shape
    needed = int(np.ceil(COVERAGE * length))
    result = set()
    for row in range(n - 1):
        rest = index[row + 1 :]
        for one in (index[row], reverse_complement(index[row])):
            for shift in range(needed - length, length - needed + 1):
                a = one[max(0, shift) : length + min(0, shift)]
                b = rest[:, max(0, -shift) : length - max(0, shift)]
                similar = (a == b).mean(axis=1) >= IDENTITY
                result.update((row, row + 1 + int(i)) for i in np.flatnonzero(similar))
    return result


def shared_kmers(index):
    """Pairs that share a k-mer of 12 bases, then every shift: plain Python."""
    n, length = index.shape
    needed = int(np.ceil(COVERAGE * length))
    holders, candidates = defaultdict(set), set()
    for row in range(n):
        for one in (index[row], reverse_complement(index[row])):
            text = decode(one)
            for start in range(length - K + 1):
                holders[text[start : start + K]].add(row)
    for rows_ in holders.values():
        candidates.update((a, b) for a in rows_ for b in rows_ if a < b)
    result = set()
    for a, b in candidates:
        for one in (index[a], reverse_complement(index[a])):
            for shift in range(needed - length, length - needed + 1):
                first = one[max(0, shift) : length + min(0, shift)]
                second = index[b][max(0, -shift) : length - max(0, shift)]
                if (first == second).mean() >= IDENTITY:
                    result.add((a, b))
    return result


def _seconds(way, index):
    start = time.process_time()
    result = way(index)
    return time.process_time() - start, result


def rows(repeats=3):
    """Yield (name, our CPU seconds, the peer's, their ratio, the goal or None)."""
    for n, way, goal in ((400, all_pairs, 20), (2000, shared_kmers, 20)):
        index, pairs = planted(n)
        times, peers = [], []
        for repeat in range(repeats):
            seconds, result = _seconds(ours, index)
            times.append(seconds)
            assert len(result & pairs) >= 0.95 * len(pairs)
            assert result <= pairs
            if repeat == 0:
                seconds, peer = _seconds(way, index)
                peers.append(seconds)
                assert peer <= pairs
        mine, peer = statistics.median(times), statistics.median(peers)
        name = way.__name__.replace("_", " ")
        yield (
            f"similar pairs, {n:,} x {LENGTH} bp: {name}",
            mine,
            peer,
            peer / mine,
            goal,
        )
    index, pairs = planted(100_000)
    seconds, result = _seconds(ours, index)
    assert len(result & pairs) >= 0.95 * len(pairs) and result <= pairs
    # The goal is a minute: the ratio is how often it fits into one.
    name = f"similar pairs, 100,000 x {LENGTH} bp: a minute"
    yield name, seconds, 60.0, 60 / seconds, 1


if __name__ == "__main__":
    print(f"{'work: peer':66s} {'ours':>7s} {'peer':>7s} {'ratio':>6s} goal")
    for name, seconds, peer, ratio, goal in rows():
        print(f"{name:66s} {seconds:7.3f} {peer:7.3f} {ratio:6.1f} {goal or ''}")
