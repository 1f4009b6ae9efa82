"""Bases: a background for every plan, and an instance of each planted motif."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from proofread.datasets.dataset import TRUTH_COLUMNS
from proofread.datasets.on_disk import blocks
from proofread.datasets.simulation.backgrounds import sample
from proofread.dna.encoding import BASES, reverse_complement
from proofread.errors import InputError
from proofread.progress import log

# Rounds for distinct sequences before giving up.
MAX_ROUNDS = 1000
# Rows whose bases are drawn at once: bounds memory; part of what a seed means.
CHUNK = 4096


@dataclass(frozen=True)
class MotifInstances:
    """The planted instances of one motif."""

    motif: str
    rows: np.ndarray  # (m,), sorted; rules pool, pairs and effects repeat some
    start: np.ndarray  # (m,)
    reverse: np.ndarray  # (m,), bool
    index: np.ndarray  # (m, width), uint8, on the motif's own strand


def draw_bases(rng, design, plan):
    """Draw indices (n, length), none twice, and the planted instances.

    Returns
    -------
    numpy.ndarray, shape (n, length), uint8
    list of MotifInstances
        One for each motif and decoy.
    """
    n = len(plan)
    index = np.empty((n, design.length), dtype=np.uint8)
    planted = _empty_instances(design, plan)
    rows = np.arange(n)
    for _ in range(MAX_ROUNDS):
        for begin in range(0, len(rows), CHUNK):
            _fill(rng, design, plan, index, planted, rows[begin : begin + CHUNK])
        rows = later_copies(index)
        if len(rows) == 0:
            return index, planted
        log.info("%d sequences repeat another: their bases are drawn again", len(rows))
    raise InputError(
        f"{design.where}.sequences",
        f"{n}, but {len(rows)} of them were still copies after {MAX_ROUNDS} rounds",
        f"fewer sequences than exist with {design.length} bp",
        "simulate fewer or longer sequences",
    )


def _empty_instances(design, plan):
    planted = []
    for column, (name, matrix) in enumerate(design.matrices.items()):
        rows, start = plan.instances(column)
        planted.append(
            MotifInstances(
                motif=name,
                rows=rows,
                start=start,
                reverse=np.zeros(len(rows), dtype=bool),
                index=np.empty((len(rows), len(matrix)), dtype=np.uint8),
            )
        )
    return planted


def _fill(rng, design, plan, index, planted, rows):
    """Draw background and instances of the given rows (sorted)."""
    index[rows] = design.background.draw(rng, plan.label[rows], design.length)
    for instances in planted:
        matrix = design.matrices[instances.motif]
        # Both are sorted: the instances of these rows are between the bounds.
        low, high = np.searchsorted(instances.rows, [rows[0], rows[-1] + 1])
        within = np.isin(instances.rows[low:high], rows)
        at = low + np.flatnonzero(within)
        drawn = sample(rng, matrix, (len(at), len(matrix)))
        instances.index[at] = drawn
        if design.either_strand:
            reverse = rng.random(len(at)) < 0.5
            instances.reverse[at] = reverse
            drawn = np.where(reverse[:, None], reverse_complement(drawn), drawn)
        columns = instances.start[at, None] + np.arange(len(matrix))
        index[instances.rows[at, None], columns] = drawn


def later_copies(index):
    """Find the rows that repeat an earlier row, exactly.

    Parameters
    ----------
    index : array, shape (n, length), uint8
        In memory or on disk: `proofread.datasets.on_disk`.

    Returns
    -------
    numpy.ndarray, int64
        Sorted; the first of each set of equal rows is not among them.
    """
    # Only rows with the same first 32 bases, two bits each, are compared.
    key = np.concatenate([_heads(block) for _, block in blocks(index)])
    order = np.argsort(key, kind="stable")
    equal = np.flatnonzero(key[order[1:]] == key[order[:-1]])
    suspects = np.union1d(order[equal], order[equal + 1])
    first = {}
    copies = [
        row for row in suspects if first.setdefault(index[row].tobytes(), row) != row
    ]
    return np.array(copies, dtype=np.int64)


def _heads(index):
    """The first bases of each row as a number, (n,) uint64."""
    head = index[:, :32].astype(np.uint64)
    return head @ (np.uint64(4) ** np.arange(head.shape[1], dtype=np.uint64))


def truth_table(design, planted):
    """One row per planted instance, sorted by sequence and start."""
    tables = [
        pd.DataFrame(
            {
                "sequence": instances.rows,
                "motif": instances.motif,
                "start": instances.start,
                "end": instances.start + instances.index.shape[1],
                "strand": np.where(instances.reverse, "-", "+").astype(object),
                "role": "causal" if instances.motif in design.causal else "decoy",
                "instance": _texts(instances.index),
            }
        ).astype(TRUTH_COLUMNS)
        for instances in planted
    ]
    return pd.concat(tables).sort_values(
        ["sequence", "start"], kind="stable", ignore_index=True
    )


def _texts(index):
    """One string per row of an (m, width) array of indices 0-3."""
    text = np.frombuffer(BASES.encode(), dtype=np.uint8)[index]
    # (m, width) bytes -> (m,) strings of `width` characters
    return text.view(f"S{index.shape[1]}").ravel().astype(str).astype(object)
