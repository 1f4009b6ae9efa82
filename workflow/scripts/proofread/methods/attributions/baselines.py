"""What a sequence is compared with: the baselines of attributions.

A baseline says what "nothing" is. All zeros is no sequence at all; a constant column
is a sequence whose bases are unknown but for their frequencies; a random sequence is
one in which nothing was planted, and of those several are averaged over.
"""

from dataclasses import dataclass

import numpy as np
import torch

from proofread.dna.composition import base_frequencies
from proofread.dna.encoding import UNKNOWN, one_hot
from proofread.dna.null_sequences import KINDS as SEQUENCES
from proofread.dna.null_sequences import nulls_of

CONSTANT = ("zero", "composition")
NOISE = "noise"
KINDS = (*CONSTANT, *SEQUENCES, NOISE)


@dataclass(frozen=True)
class Baselines:
    """Baselines of n sequences, made one-hot as they are asked for.

    Attributes
    ----------
    index : numpy.ndarray, shape (n, baselines, length), uint8, or None
    columns : numpy.ndarray, shape (n, baselines, 4, length), float32, or None
        Where they are no sequences; may be a broadcast view.
    """

    index: np.ndarray | None = None
    columns: np.ndarray | None = None

    @property
    def shape(self):
        """(n, baselines, 4, length)."""
        if self.index is None:
            return self.columns.shape
        n, repeats, length = self.index.shape
        return n, repeats, 4, length

    def __getitem__(self, part):
        """Tensor, float32 (m, baselines, 4, length), of a slice of the sequences."""
        if self.index is None:
            return torch.from_numpy(np.array(self.columns[part], dtype=np.float32))
        index = self.index[part]
        # (m, baselines, length) -> (m * baselines, 4, length) -> (m, baselines, ...)
        flat = one_hot(index.reshape(-1, index.shape[-1]))
        return torch.from_numpy(flat.reshape(*index.shape[:2], *flat.shape[1:]))

    def equal(self, index):
        """Fraction of the baselines of each sequence that equal it.

        Parameters
        ----------
        index : numpy.ndarray, shape (n, length), uint8

        Returns
        -------
        numpy.ndarray, shape (n,), float64
        """
        if self.index is not None:
            return (self.index == index[:, None]).all(axis=2).mean(axis=1)
        same = (self.columns == one_hot(index)[:, None]).all(axis=(2, 3))
        return same.mean(axis=1)


def draw_baselines(kind, index, repeats, rng):
    """Baselines for each sequence; unknown bases and padding are unknown in them too.

    Parameters
    ----------
    kind : str
        `zero`: all zeros. `composition`: the frequencies of the bases in all the
        sequences, at every position. `uniform`: random sequences, every base equally
        likely. `shuffled`, `dinucleotide_shuffled`: each sequence's own bases in
        another order. `profile`: random sequences with the frequencies that each
        position has. `noise`: numbers between 0 and 1 at every base (deepG's `unif`).
    index : numpy.ndarray, shape (n, length), uint8
    repeats : int
        Baselines per sequence; the two constant ones have one.
    rng : numpy.random.Generator

    Returns
    -------
    Baselines
    """
    n, length = index.shape
    known = (index != UNKNOWN)[:, None, None]  # (n, 1, 1, length)
    if kind in SEQUENCES:
        drawn = nulls_of(kind, np.repeat(index, repeats, axis=0), rng)
        return Baselines(index=drawn.reshape(n, repeats, length))
    if kind == NOISE:
        drawn = rng.random((n, repeats, 4, length), dtype=np.float32)
        return Baselines(columns=drawn * known)
    if kind not in CONSTANT:
        raise ValueError(f"kind: expected one of {KINDS}, got {kind!r}")
    column = np.zeros(4, dtype=np.float32)
    if kind == "composition":
        column = base_frequencies(index, pseudocount=0).astype(np.float32)
    if known.all() or kind == "zero":
        columns = np.broadcast_to(column[None, None, :, None], (n, 1, 4, length))
    else:
        columns = column[None, None, :, None] * known
    return Baselines(columns=columns)
