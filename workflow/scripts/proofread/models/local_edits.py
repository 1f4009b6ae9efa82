"""Logits of sequences with a short span replaced, by computing only what changes.

A substitution changes few values of each layer of a convolutional network: those whose
receptive field holds it. For every edit only these are computed, from the difference
to the intact sequence; all others are read from one forward pass of it (after Nair et
al. 2022, doi:10.1093/bioinformatics/btac135, who recompute the changed values whole).
"""

import numpy as np
import torch

from proofread.dna.encoding import one_hot, reverse_complement, reverse_strand
from proofread.models.changed_values import ChangedValues
from proofread.models.device import on_cpu
from proofread.models.stages import Unsupported, take_apart
from proofread.models.tracing import (
    after_hooks,
    agrees,
    hooked,
    only_known_hooks,
    traced,
)
from proofread.statistics.logits import probability

EDITED = "its predictions with a replaced k-mer"


class EditedLogits:
    """Predicts edited sequences: fast where the network's layers allow it.

    Fast are networks on the CPU, in evaluation mode, whose forward pass is a chain of
    Conv1d (stride and dilation 1, one group, zero padding of any kind), BatchNorm1d,
    elementwise activations, dropout and MaxPool1d (stride equal to its size, no
    padding, either rounding), then a flattening, a Linear and anything at all behind
    it; a hook on the network itself is run. Whatever else (a recurrent layer, a mean
    over positions, branches, hooks on layers, a callable) is run whole on each edited
    sequence. Which of both is decided here, and checked by a few edits.

    Parameters
    ----------
    predictor : proofread.models.predictor.Predictor
    fast : bool
        False: always run the model whole.

    Attributes
    ----------
    fast : bool
        Whether only what changes is computed.
    """

    def __init__(self, predictor, *, fast=True):
        self.predictor = predictor
        self._local = None
        if fast and predictor.network is not None:
            self._local = _changed_values(predictor.network, predictor.length)
        self.fast = self._local is not None

    def intact(self, index, *, names=None, batch_size=None):
        """Logits of sequences as they are: (n, length) uint8 to (n, targets).

        `names` are those of the sequences, for the message about logits that are not
        finite.
        """
        if not self.fast:
            return self.predictor.outputs(index, names=names, batch_size=batch_size)
        logits = self._local.intact(index)
        self.predictor.check_finite(logits, names=names)
        return logits

    def edited(self, index, row, start, kmer, *, batch_size=None):
        """Logits of sequences with a span replaced by a k-mer.

        Parameters
        ----------
        index : numpy.ndarray, shape (n, length), uint8
        row : numpy.ndarray, shape (m,), int
            Which sequence each edit changes.
        start : numpy.ndarray, shape (m,), int
            First base that it replaces, 0-based.
        kmer : numpy.ndarray, shape (m, k), uint8
            What stands in [start, start + k) instead; k is the same for all.
        batch_size : int, optional
            Sequences of a forward pass where they are run whole; changes memory,
            never the result beyond the last bits. None: 128 on the CPU, on a GPU what
            its memory holds.

        Returns
        -------
        numpy.ndarray, shape (m, targets)
            In the type of the network's weights; float32 of a callable.

        Raises
        ------
        ValueError
            If a k-mer does not lie within its sequence.
        InputError
            If a logit is not finite.
        """
        row, start = np.asarray(row, np.int64), np.asarray(start, np.int64)
        kmer = np.asarray(kmer, np.uint8)
        last = index.shape[1] - kmer.shape[1]
        if len(start) and (start.min() < 0 or start.max() > last):
            raise ValueError(
                f"start: expected 0 to {last} for k-mers of {kmer.shape[1]} bases in "
                f"{index.shape[1]}, got {start.min()} to {start.max()}"
            )
        if self.fast:
            logits = self._local.edited(index, row, start, kmer)
        else:
            logits = self.predictor.predict_edits(
                index, row, start, kmer, batch_size=batch_size
            )
        self.predictor.check_finite(logits, EDITED)
        return logits


def strand_logits(editor, index, length, row, start, kmer, *, strands):
    """Logits of the intact and of the edited sequences, on one strand or both.

    Parameters
    ----------
    editor : EditedLogits
    index : numpy.ndarray, shape (n, length), uint8
    length : numpy.ndarray, shape (n,), int
        Bases of each sequence, without padding.
    row, start, kmer : numpy.ndarray
        As `EditedLogits.edited` takes them.
    strands : str
        `forward`, or `both`.

    Returns
    -------
    list of tuple of numpy.ndarray, shapes (n, targets) and (m, targets)
        Intact and edited; of `both`, those of the reverse complements as well.
    """
    parts = [(editor.intact(index), editor.edited(index, row, start, kmer))]
    if strands == "both":
        other = reverse_strand(index, length)
        start = length[row] - start - kmer.shape[1]
        edited = editor.edited(other, row, start, reverse_complement(kmer))
        parts.append((editor.intact(other), edited))
    return parts


def on_scale(parts, scale):
    """Predictions on a scale, averaged over the strands (as Basset does).

    Parameters
    ----------
    parts : list of tuple
        From `strand_logits`.
    scale : str
        `probability`; or `logit`, of quantities `output`: the outputs as they are.

    Returns
    -------
    tuple of numpy.ndarray, shapes (n, targets) and (m, targets), float64
        Intact and edited.
    """
    return tuple(
        np.mean(
            [
                probability(item) if scale == "probability" else item
                for item in np.asarray(one, dtype=np.float64)
            ],
            axis=0,
        )
        for one in zip(*parts, strict=True)
    )


def _changed_values(network, length):
    """The network taken apart, or None where it cannot be or does not come out right.

    Parameters
    ----------
    network : torch.nn.Module
    length : int
        Bases of a sequence.
    """
    layers = [module for module in network.modules() if module is not network]
    plain = only_known_hooks(network) and not any(map(hooked, layers))
    if not plain or network.training or not on_cpu(network):
        return None
    reading = traced(network)
    if reading is None:
        return None
    try:
        stages, dense, rest = take_apart(reading)

        def tail(hidden):
            return after_hooks(network, rest(hidden))

        local = ChangedValues(stages, dense, tail, length)
    except Unsupported:
        return None
    return local if _matches(local, network, length) else None


def _matches(local, network, length):
    """Whether a few edits come out as if the network were run whole."""
    rng = np.random.default_rng(0)
    index = rng.integers(4, size=(2, length), dtype=np.uint8)
    for size in {min(size, length) for size in (1, 4)}:
        start = np.unique(np.linspace(0, length - size, 8).astype(np.int64))
        start = np.concatenate([start, start])
        row = np.arange(len(start)) % 2
        kmer = rng.integers(4, size=(len(start), size), dtype=np.uint8)
        changed = index[row]
        edit = np.arange(len(start))[:, None]
        changed[edit, start[:, None] + np.arange(size)] = kmer
        with torch.no_grad():
            batch = torch.from_numpy(one_hot(changed)).to(local.dense.weight.dtype)
            expected = network(batch).numpy()
        question = (index, row, start, kmer)
        if not agrees(lambda question=question: local.edited(*question), expected):
            return False
    return True
