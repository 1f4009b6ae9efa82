"""Plans: the start of each motif in each sequence, before any base is drawn."""

from dataclasses import dataclass

import numpy as np

from proofread.errors import InputError

ABSENT = -1
# Tries for one motif before giving up.
MAX_TRIES = 1000


@dataclass(frozen=True)
class Plan:
    """Starts of each slot, (n, slots), `ABSENT` if it is empty.

    A slot holds one motif in all sequences, in the order of the motifs, or, where a
    sequence can hold a motif several times (rules pool, pairs and effects), the motif
    that `motif` names.
    """

    starts: np.ndarray
    label: np.ndarray  # (n, targets), bool
    stratum: np.ndarray  # (n,), text
    motif: np.ndarray | None = None  # (n, slots), column of the motif in each slot

    def __len__(self):
        return len(self.starts)

    def take(self, rows):
        """Plans of the given rows, in their order."""
        motif = None if self.motif is None else self.motif[rows]
        return Plan(self.starts[rows], self.label[rows], self.stratum[rows], motif)

    def instances(self, column):
        """Rows, sorted, and starts of the instances of a motif, each (instances,)."""
        if self.motif is None:
            rows = np.flatnonzero(self.starts[:, column] != ABSENT)
            return rows, self.starts[rows, column]
        rows, slots = np.nonzero(self.motif == column)
        return rows, self.starts[rows, slots]


def free_starts(rng, design, n):
    """Place a uniform number of motifs, one after the other.

    Returns
    -------
    numpy.ndarray, shape (n, motifs), int64
    """
    motifs = len(design.motifs)
    count = rng.integers(0, motifs + 1, size=n)
    order = rng.random((n, motifs)).argsort(axis=1)
    return _placed(rng, design, count, order)


def starts_of(rng, design, present):
    """Place the given motifs, in random order, as `free_starts` would.

    Parameters
    ----------
    rng : numpy.random.Generator
    design : proofread.datasets.simulation.settings.Design
    present : numpy.ndarray, shape (n, motifs), bool

    Returns
    -------
    numpy.ndarray, shape (n, motifs), int64
    """
    # Absent motifs come last and are not placed.
    key = rng.random(present.shape) + ~present
    return _placed(rng, design, present.sum(axis=1), key.argsort(axis=1))


def _placed(rng, design, count, order):
    """Starts of the first `count` motifs of each row's `order`."""
    starts = np.full(order.shape, ABSENT)
    for turn in range(order.shape[1]):
        rows = np.flatnonzero(count > turn)
        place(
            rng,
            design,
            list(design.motifs),
            design.widths,
            starts,
            rows,
            order[rows, turn],
        )
    return starts


def add_decoys(rng, design, starts):
    """Plant each decoy with its rate, independent of the other motifs.

    Returns
    -------
    numpy.ndarray, shape (n, motifs + decoys), int64
    """
    names = list(design.matrices)
    widths = np.array([len(matrix) for matrix in design.matrices.values()])
    n, motifs = starts.shape
    starts = np.hstack([starts, np.full((n, len(design.decoys)), ABSENT)])
    for column, rate in enumerate(design.rates, start=motifs):
        rows = np.flatnonzero(rng.random(n) < rate)
        place(rng, design, names, widths, starts, rows, np.full(len(rows), column))
    return starts


def place(rng, design, names, widths, starts, rows, motif):
    """Put one more motif into each row, at a start uniform among the free ones.

    Parameters
    ----------
    rng : numpy.random.Generator
    design : proofread.datasets.simulation.settings.Design
    names, widths
        Of the columns of `starts`.
    starts : numpy.ndarray, shape (n, motifs)
        Changed in place.
    rows, motif : numpy.ndarray, shape (m,)
        The rows to plant into, and the column of `starts`.
    """
    for _ in range(MAX_TRIES):
        width = widths[motif]
        start = rng.integers(0, design.length - width + 1)
        others = starts[rows]
        overlap = (
            (others != ABSENT)
            & (others < (start + width)[:, None])
            & (others + widths > start[:, None])
        ).any(axis=1)
        starts[rows[~overlap], motif[~overlap]] = start[~overlap]
        rows, motif = rows[overlap], motif[overlap]
        if len(rows) == 0:
            return
    raise InputError(
        f"{design.where}.length",
        f"{design.length} bp: motif {names[motif[0]]} has no free start after "
        f"{MAX_TRIES} tries ({len(rows)} sequences)",
        "room for each motif at any positions of the others",
        "make the sequences longer, or use fewer or shorter motifs",
    )


def pairs(rng, design, gaps, weights, n):
    """Place both motifs in order, with a gap by its weight and a uniform start."""
    gap = rng.choice(gaps, size=n, p=weights / weights.sum())
    first, second = design.widths
    start = rng.integers(0, design.length - first - second - gap + 1)
    return np.column_stack([start, start + first + gap])
