"""Anything that predicts: a network, or any callable on a batch.

A method that asks for predictions only works with both. One that reads layers or
gradients needs `proofread.models.checkpoint.load_model` instead.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch

from proofread.dna.encoding import one_hot
from proofread.errors import InputError
from proofread.models.device import (
    device_of,
    in_batches,
    on_cpu,
    one_hot_on,
    sent,
    sequences_at_once,
)
from proofread.models.finite import PREDICTIONS, check_finite
from proofread.models.output_scale import OutputScale, scale_of
from proofread.statistics.units import LOGIT

BATCH = 128  # sequences predicted at once on the CPU, and by a callable


@dataclass(frozen=True)
class Predictor:
    """Predicts the logits of sequences, or quantities.

    Attributes
    ----------
    call : callable
        Maps one-hot sequences, numpy.ndarray float32 (batch, 4, length) in the order
        A, C, G, T with an all-zero column for an unknown base, to logits (batch,
        targets). That of a network on a GPU takes a tensor there, too.
    length : int
        Bases per sequence.
    targets : list of str
        Names of the targets, one logit each.
    name : str
        What a message calls it.
    network : torch.nn.Module or None
        The network that `call` runs, for whoever can do better than run it whole; None
        of a callable of the user's.
    scale : proofread.models.output_scale.OutputScale or None
        Of a model of quantities: the scale of its outputs. None: they are logits.
    """

    call: Callable
    length: int
    targets: list
    name: str
    network: torch.nn.Module | None = None
    scale: OutputScale | None = None

    @property
    def output_unit(self):
        """In what its outputs are: ``logit``, or the `unit` of its scale."""
        return LOGIT if self.scale is None else self.scale.unit

    @cached_property
    def batch_size(self):
        """Sequences predicted at once."""
        if self.network is None:
            return BATCH
        return sequences_at_once(self.network, self.length, BATCH)

    @property
    def on_gpu(self):
        """Whether it is a network on another device than the CPU."""
        return self.network is not None and not on_cpu(self.network)

    def predict(self, index, *, names=None, batch_size=None):
        """Logits, or quantities in the user's units, of sequences given as indices.

        Parameters
        ----------
        index : numpy.ndarray, shape (n, length), uint8
        names : sequence of str, optional
            Of the sequences, for a message.
        batch_size : int, optional
            Sequences per call; changes memory, never the result beyond the last bits
            of float32. None: 128 on the CPU, on a GPU what its memory holds.

        Returns
        -------
        numpy.ndarray, shape (n, targets), float32

        Raises
        ------
        InputError
            If the predictions have another shape or are not finite.
        """
        outputs = self.outputs(index, names=names, batch_size=batch_size)
        if self.scale is None:
            return outputs
        values = self.scale.undo(outputs)
        self.check_finite(values, names=names)
        return values

    def outputs(self, index, *, names=None, batch_size=None):
        """What the network puts out, which methods explain; arguments as `predict`'s.

        The same as `predict` gives, but for quantities that are learned as `log1p` or
        `rank_normal` of the values, or as logarithms of rates.
        """

        def batch(part):
            if self.on_gpu:
                return one_hot_on(sent(index[part], self.device))
            return one_hot(index[part])

        outputs = self._in_batches(len(index), batch, batch_size)
        self.check_finite(outputs, names=names)
        return outputs

    def check_finite(self, values, what=PREDICTIONS, *, names=None):
        """Refuse infinite values and NaN: `proofread.models.finite.check_finite`."""
        check_finite(values, self.name, what, names=names, logits=self.scale is None)

    def predict_edits(self, index, row, start, kmer, *, batch_size=None):
        """Outputs of sequences with a span replaced by a k-mer, each run whole.

        On a GPU the edited sequences are made there. They are not checked to be finite.

        Parameters
        ----------
        index, row, start, kmer : numpy.ndarray
            As of `proofread.models.local_edits.EditedLogits.edited`.
        batch_size : int, optional
            As of `predict`.

        Returns
        -------
        numpy.ndarray, shape (m, targets), float32
        """
        if self.on_gpu:
            arrays = (index, row, start, kmer)
            index, row, start, kmer = (sent(item, self.device) for item in arrays)
            columns = torch.arange(kmer.shape[1], device=self.device)
        else:
            columns = np.arange(kmer.shape[1])

        def batch(part):
            edited = index[row[part]]
            position = start[part, None] + columns
            if self.on_gpu:
                return one_hot_on(edited.scatter(1, position, kmer[part]))
            edited[np.arange(len(edited))[:, None], position] = kmer[part]
            return one_hot(edited)

        return self._in_batches(len(row), batch, batch_size)

    @property
    def device(self):
        """Where its network is."""
        return device_of(self.network)

    def _in_batches(self, n, batch, batch_size):
        """Logits of n sequences; ``batch(part)`` makes those of a slice one-hot."""

        def logits(part):
            return self._checked(self.call(batch(part)), part.stop - part.start)

        empty = np.empty((0, len(self.targets)), dtype=np.float32)
        parts = in_batches(n, batch_size or self.batch_size, logits)
        return np.concatenate([empty, *(part for _, part in parts)])

    def _checked(self, predicted, n):
        expected = (n, len(self.targets))
        result = np.asarray(predicted)
        if result.shape != expected or result.dtype.kind not in "fiu":
            raise InputError(
                self.name,
                f"its predictions of {n} sequences are {result.dtype.name} of shape "
                f"{result.shape}",
                f"numbers of shape (sequences, targets) = {expected}: one "
                f"{'logit' if self.scale is None else 'value'} for each of "
                f"{', '.join(self.targets)}",
                "return one row for each sequence and one column for each target",
            )
        return result.astype(np.float32)


def predictor_of(network, name="the network"):
    """The predictor of a network.

    Parameters
    ----------
    network : torch.nn.Module
        In evaluation mode, with `length` and `targets`; left unchanged.
    name : str
        What a message calls it.
    """

    @torch.no_grad()
    def call(batch):
        logits = network(torch.as_tensor(batch).to(device_of(network)))
        if not isinstance(logits, torch.Tensor):
            raise InputError(
                name,
                f"its forward returns {type(logits).__name__}",
                "a tensor of logits, (sequences, targets)",
                "return the logits alone from forward",
            )
        return logits.cpu().numpy()

    length, targets, scale = network.length, network.targets, scale_of(network)
    return Predictor(call, length, targets, name, network, scale)


# Frequencies of A, C, G, T: batch statistics of sequences of one composition are alike.
_COMPOSITIONS = (
    (0.25, 0.25, 0.25, 0.25),
    (0.45, 0.05, 0.05, 0.45),
    (0.05, 0.45, 0.45, 0.05),
    (0.7, 0.1, 0.1, 0.1),
)
# Their names, for messages.
PROBES = [f"random sequence {number}" for number in range(1, 5)]


def dependence_on_batch(predict, length):
    """Predictions of a sequence that depend on the others in its batch.

    Random sequences of several compositions are predicted together, and each alone. A
    normalisation by batch statistics (a network in training mode) and dropout show.

    Parameters
    ----------
    predict : callable
        Maps indices, numpy.ndarray uint8 (n, length), to logits (n, targets); takes the
        `names` of the sequences.
    length : int
        Bases per sequence.

    Returns
    -------
    tuple of numpy.ndarray, or None
        Logits of one sequence together with the others, and alone; None if those of no
        sequence differ.
    """
    rng = np.random.default_rng(0)
    index = np.stack([rng.choice(4, length, p=item) for item in _COMPOSITIONS])
    index = index.astype(np.uint8)
    together = predict(index, names=PROBES)
    for row, logits in enumerate(together):
        alone = predict(index[row : row + 1], names=PROBES[row:])[0]
        if not np.allclose(logits, alone, rtol=1e-3, atol=1e-4):
            return logits, alone
    return None


# Logits are float32: a smaller change, in units of their size, is rounding.
_ROUNDING = 1e-5


def without_rounding(logits, reference, size=1):
    """The logits, those that differ by rounding only put equal to the reference.

    Parameters
    ----------
    logits, reference : array_like
        Of shapes that broadcast.
    size : float or numpy.ndarray
        What counts as large, for a reference near 0: 1 of logits, of quantities the
        spread of the outputs, since their unit may be any.
    """
    logits = np.asarray(logits, dtype=np.float64)
    near = np.abs(logits - reference) <= _ROUNDING * np.maximum(size, np.abs(reference))
    return np.where(near, reference, logits)
