"""Shuffles that keep every dinucleotide count, exactly and uniformly.

A sequence is a path over the bases that uses each of its dinucleotides, as an edge,
once. Every other path over the same edges is a shuffle (Altschul & Erickson 1985,
doi:10.1093/oxfordjournals.molbev.a040370). A path is fixed by the order in which each
base's edges leave it, and such orders give a path exactly if the last edges form a
tree that leads to the last base. With four bases there are only 16 trees, so a tree
is drawn by its exact weight instead of by trial, for many sequences at once.
"""

import itertools

import numpy as np

from proofread.dna.encoding import UNKNOWN

# Sequences shuffled at once: bounds memory; part of what a seed means.
CHUNK = 8192


def dinucleotide_shuffle(index, rng):
    """Shuffle each sequence, keeping its dinucleotide counts and both its ends.

    All orders that keep them are equally likely, the original among them. Unknown
    bases and padding stay where they are: each run of known bases between them is
    shuffled by itself, so that the counts around them are kept too.

    Parameters
    ----------
    index : numpy.ndarray, shape (n, length), uint8
        0-3 for A, C, G, T; 4 for unknown bases and padding.
    rng : numpy.random.Generator

    Returns
    -------
    numpy.ndarray, shape (n, length), uint8
    """
    shuffled = index.copy()
    row, begin, end = _runs(index != UNKNOWN)
    # Two bases or fewer have one order only.
    long = end - begin > 2
    row, begin, end = row[long], begin[long], end[long]
    for chunk in range(0, len(row), CHUNK):
        part = slice(chunk, chunk + CHUNK)
        length = end[part] - begin[part]
        offset = np.arange(length.max())
        inside = offset < length[:, None]
        rows = np.broadcast_to(row[part, None], inside.shape)[inside]
        columns = (begin[part, None] + offset)[inside]
        runs = np.full(inside.shape, UNKNOWN, dtype=np.int64)
        runs[inside] = index[rows, columns]
        shuffled[rows, columns] = _shuffle_runs(runs, length, rng)[inside]
    return shuffled


def _runs(known):
    """Row, begin and end (half-open) of each run of True in (n, length)."""
    step = np.diff(np.pad(known.astype(np.int8), ((0, 0), (1, 1))), axis=1)
    row, begin = np.nonzero(step == 1)
    _, end = np.nonzero(step == -1)
    return row, begin, end


def _shuffle_runs(runs, length, rng):
    """Shuffle runs of known bases.

    Parameters
    ----------
    runs : numpy.ndarray, shape (n, longest), int64
        Padded at the end with 4.
    length : numpy.ndarray, shape (n,)
        At least 3.
    rng : numpy.random.Generator
    """
    n, longest = runs.shape
    source, target = runs[:, :-1], runs[:, 1:]
    edge = np.arange(longest - 1) < (length - 1)[:, None]
    counts = np.zeros((n, 4, 4), dtype=np.int64)
    row = np.nonzero(edge)[0]
    np.add.at(counts, (row, source[edge], target[edge]), 1)

    last_base = runs[np.arange(n), length - 1]
    last_target = _draw_trees(counts, last_base, rng)
    # The order in which each base's edges are used: random, its tree edge last.
    # Edges with the same target are equal, so that any of them may be the tree's.
    key = rng.random(edge.shape)
    for base in range(4):
        is_tree_edge = (source == base) & (target == last_target[:, base, None]) & edge
        first = is_tree_edge.argmax(axis=1)
        rows = np.flatnonzero(is_tree_edge.any(axis=1) & (last_base != base))
        key[rows, first[rows]] = 1.0  # above every draw, which is below 1
    key += 2 * np.where(edge, source, UNKNOWN)  # by source; padding at the end
    queue = np.take_along_axis(target, key.argsort(axis=1), axis=1)
    return _walk(runs[:, 0], queue, counts.sum(axis=2), length)


def _draw_trees(counts, root, rng):
    """Where each base's last edge leads, drawn by the number of edges to choose from.

    Parameters
    ----------
    counts : numpy.ndarray, shape (n, 4, 4)
        Edges from base to base.
    root : numpy.ndarray, shape (n,)
        The last base, to which each tree leads.
    rng : numpy.random.Generator

    Returns
    -------
    numpy.ndarray, shape (n, 4)
        Target of the last edge of each base; of no meaning for the root and for
        bases without edges.
    """
    counts = counts.copy()
    # A base without edges takes no part: one way, straight to the root.
    rows, base = np.nonzero(counts.sum(axis=2) == 0)
    counts[rows, base, root[rows]] = 1
    last_target = np.empty((len(counts), 4), dtype=np.int64)
    for base in range(4):
        rows = np.flatnonzero(root == base)
        trees = _trees(base)
        # (n, trees): the product over the bases of their edges to the tree's target
        weight = np.ones((len(rows), len(trees)))
        for other in range(4):
            if other != base:
                weight *= counts[rows, other][:, trees[:, other]]
        bounds = weight.cumsum(axis=1)
        draw = rng.random(len(rows)) * bounds[:, -1]
        last_target[rows] = trees[(bounds <= draw[:, None]).sum(axis=1)]
    return last_target


def _trees(root):
    """All 16 trees over the four bases that lead to `root`, as (16, 4) targets."""
    trees = []
    for targets in itertools.product(range(4), repeat=4):
        # Following the targets from anywhere for three steps must end in the root,
        # which stays where it is.
        if targets[root] != root:
            continue
        at = range(4)
        for _ in range(3):
            at = [targets[base] for base in at]
        if set(at) == {root}:
            trees.append(targets)
    return np.array(trees)


def _walk(first, queue, out_degree, length):
    """Follow each base's edges in the order of its queue.

    Parameters
    ----------
    first : numpy.ndarray, shape (n,)
        Bases the walks begin with.
    queue : numpy.ndarray, shape (n, longest - 1)
        Targets of the edges out of A in their order, then those of C, G and T.
    out_degree : numpy.ndarray, shape (n, 4)
    length : numpy.ndarray, shape (n,)
    """
    n = len(first)
    rows = np.arange(n)
    path = np.full((n, queue.shape[1] + 1), UNKNOWN, dtype=np.uint8)
    path[:, 0] = current = first
    # Where the next edge of each base is in the queue.
    following = np.cumsum(out_degree, axis=1) - out_degree
    for step in range(1, path.shape[1]):
        if step >= length.min():
            still = length[rows] > step
            rows, current = rows[still], current[still]
        edge = following[rows, current]
        following[rows, current] += 1
        current = queue[rows, edge]
        path[rows, step] = current
    return path
