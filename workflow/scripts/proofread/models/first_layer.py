"""A network's first convolution and activation, read a batch of sequences at a time.

Conventions: ``activation[i, p, f]`` is the output of the network's first activation
module (after batch normalisation if there is one, before pooling) for sequence i,
output position p and filter f. Memory depends on the batch, not on the number of
sequences.
"""

import contextlib
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from proofread.dna.encoding import UNKNOWN, one_hot
from proofread.errors import InputError
from proofread.models.tracing import ELEMENTWISE

# Bytes of activations held at a time: they stay in the processor's cache, and the
# allocator does not map and unmap memory at each step.
_BATCH_BYTES = 3_000_000
# Bases of a k-mer: 5^4 rows are small enough for the cache, and a filter of 20
# bases is then a sum of 5 rows.
_K = 4


@dataclass(frozen=True)
class Geometry:
    """Where on a sequence the outputs of a convolution look.

    Attributes
    ----------
    width : int
        Bases a filter weighs.
    stride, dilation : int
        Bases between outputs, and between the bases of one output.
    pad_left, pad_right : int
        Positions the convolution itself adds at either end.
    """

    width: int
    stride: int = 1
    dilation: int = 1
    pad_left: int = 0
    pad_right: int = 0

    @property
    def span(self):
        """Bases from the first to the last that a filter weighs, inclusive."""
        return (self.width - 1) * self.dilation + 1

    def positions(self, length):
        """Number of output positions for a sequence of `length` bases."""
        return (length + self.pad_left + self.pad_right - self.span) // self.stride + 1

    def start(self, position):
        """First base that output `position` sees; negative within the padding."""
        return position * self.stride - self.pad_left

    def inside(self, position, length):
        """Whether all that output `position` sees lies within the sequence."""
        start = self.start(position)
        return (start >= 0) & (start + self.span <= length)


class FirstLayer:
    """The first convolution and activation of a network, read by batches.

    Where the convolution sees the one-hot sequence itself and nothing stands between
    it and an elementwise activation (one of PyTorch's own), the convolution is
    computed by table look-up: one-hot columns select weights, so a filter's output is
    a sum of rows of a table over all 4-mers. Any other network (batch normalisation in
    between, another activation, a GPU) is run as it is and its activation is taken by a
    hook.

    Parameters
    ----------
    model : torch.nn.Module
        In evaluation mode; `first_convolution` and `first_activation` name its
        modules. Left unchanged.
    length : int
        Bases per sequence.
    fast : bool
        False: always run the network.

    Attributes
    ----------
    geometry : Geometry
    weight : numpy.ndarray, shape (filters, width, 4), float64
    filters, positions : int
    fast : bool
        Whether the look-up is used.

    Raises
    ------
    InputError
        If the modules are not a convolution over the sequence and an activation
        with one value per filter and position.
    """

    def __init__(self, model, length, *, fast=True):
        if model.training:
            raise ValueError("model: expected evaluation mode, got training mode")
        self.model, self.length = model, length
        self._convolution = _submodule(model, "first_convolution")
        self._activation = _submodule(model, "first_activation")
        convolution = self._convolution
        if not isinstance(convolution, nn.Conv1d) or convolution.in_channels != 4:
            raise InputError(
                f"model {type(model).__name__}",
                f"first_convolution is {convolution}",
                "a torch.nn.Conv1d with 4 input channels",
                "name the convolution that reads the one-hot sequence",
            )
        self.geometry = _geometry(convolution)
        self.filters = convolution.out_channels
        self.positions = self.geometry.positions(length)
        # (filters, 4, width) -> (filters, width, 4)
        self.weight = (
            convolution.weight.detach().cpu().double().numpy().transpose(0, 2, 1)
        )
        self.fast = self._probe() and fast
        if self.fast:
            self._table, self._kmers = self._look_up_table()

    @property
    def batch_size(self):
        """Sequences whose activations fit the processor's cache."""
        size = self._convolution.weight.element_size()
        return max(1, _BATCH_BYTES // (size * self.positions * self.filters))

    @torch.no_grad()
    def activation(self, index):
        """Activations of a batch.

        Parameters
        ----------
        index : numpy.ndarray, shape (n, length), uint8

        Returns
        -------
        torch.Tensor, shape (n, positions, filters)
            On the CPU, in the type of the weights.
        """
        if self.fast:
            return self._look_up(index)
        return self._run(index)[-1].cpu().transpose(1, 2)

    @property
    def lower_bound(self):
        """What no activation is below: 0 behind a ReLU, else minus infinity."""
        return 0.0 if type(self._activation) is nn.ReLU else -torch.inf

    def batches(self, index, batch_size=None):
        """Rows and activations of a batch at a time: (slice, tensor)."""
        size = batch_size or self.batch_size
        for first in range(0, len(index), size):
            rows = slice(first, min(first + size, len(index)))
            yield rows, self.activation(index[rows])

    def _run(self, index):
        """The network's input, the convolution's in- and output, the activation's."""
        seen = {}

        def note(module, inputs, output):
            seen.setdefault(module, (inputs[0], output))
            if module is self._activation:
                raise _Reached

        weight = self._convolution.weight
        batch = torch.from_numpy(one_hot(index)).to(weight.device, weight.dtype)
        hooks = [
            module.register_forward_hook(note)
            for module in (self._convolution, self._activation)
        ]
        try:
            # The rest of the network is not needed.
            with contextlib.suppress(_Reached):
                self.model(batch)
        finally:
            for hook in hooks:
                hook.remove()
        if self._convolution not in seen or self._activation not in seen:
            raise InputError(
                f"model {type(self.model).__name__}",
                f"{self.model.first_convolution} is not run before "
                f"{self.model.first_activation}",
                "a forward pass through the first convolution, then its activation",
                "name the modules in the order in which they are used",
            )
        return (batch, *seen[self._convolution], *seen[self._activation])

    @torch.no_grad()
    def _probe(self):
        """Check the shapes with one sequence; say whether the look-up is exact."""
        sequence = np.arange(self.length, dtype=np.uint8)[None] % 4
        given, entered, convolved, received, activated = self._run(sequence)
        if not torch.equal(given, entered):
            raise InputError(
                f"model {type(self.model).__name__}",
                f"{self.model.first_convolution} does not see the sequence itself "
                f"(its input has shape {tuple(entered.shape)})",
                f"the one-hot sequence, {tuple(given.shape)}",
                "pad within the convolution (padding=...) and leave the one-hot "
                "sequence as it is",
            )
        expected = (1, self.filters, self.positions)
        if activated.shape != expected:
            raise InputError(
                f"model {type(self.model).__name__}",
                f"{self.model.first_activation} gives {tuple(activated.shape)}",
                f"(sequences, filters, positions) = {expected}",
                "name the activation that follows the first convolution directly, "
                "before any pooling",
            )
        convolution = self._convolution
        return (
            received is convolved
            and type(self._activation) in (*ELEMENTWISE, nn.Identity)
            and type(convolution) is nn.Conv1d
            and convolution.groups == 1
            and convolution.padding_mode == "zeros"
            and convolution.weight.device.type == "cpu"
        )

    def _look_up_table(self):
        """Sums of weights of all k-mers, and where each k-mer starts.

        Returns
        -------
        torch.Tensor, shape (rows, filters)
        list of tuple
            (bases before the k-mer, its length, its first row).
        """
        convolution = self._convolution
        weight = convolution.weight.detach()
        # (filters, 4, width) -> (width, 5, filters); an unknown base weighs nothing
        column = nn.functional.pad(weight, (0, 0, 0, 1)).permute(2, 1, 0)
        tables, kmers, row = [], [], 0
        for start in range(0, self.geometry.width, _K):
            table = column.new_zeros(1, self.filters)
            if start == 0 and convolution.bias is not None:
                table = table + convolution.bias.detach()
            bases = column[start : start + _K]
            for base in bases:
                # (k-mers, 1, filters) + (5, filters) -> (k-mers * 5, filters)
                table = (table[:, None] + base).flatten(0, 1)
            tables.append(table)
            kmers.append((start, len(bases), row))
            row += len(table)
        return torch.cat(tables), kmers

    def _look_up(self, index):
        geometry = self.geometry
        padded = index.astype(np.int32)
        if geometry.pad_left or geometry.pad_right:
            ends = (geometry.pad_left, geometry.pad_right)
            padded = np.pad(padded, ((0, 0), ends), constant_values=UNKNOWN)
        last = (self.positions - 1) * geometry.stride + 1
        rows = np.empty((len(index), self.positions, len(self._kmers)), np.int32)
        codes = {}  # k-mers of the same length have the same codes
        for slot, (start, size, first_row) in enumerate(self._kmers):
            if size not in codes:
                width = padded.shape[1] - (size - 1) * geometry.dilation
                code = padded[:, :width]
                for base in range(1, size):
                    shift = base * geometry.dilation
                    code = 5 * code + padded[:, shift : shift + width]
                codes[size] = code
            shift = start * geometry.dilation
            seen = codes[size][:, shift : shift + last : geometry.stride]
            np.add(seen, first_row, out=rows[:, :, slot])
        summed = nn.functional.embedding_bag(
            torch.from_numpy(rows).flatten(0, 1), self._table, mode="sum"
        )
        # (n * positions, filters) -> (n, positions, filters)
        activation = self._activation
        activated = (
            summed.relu_() if type(activation) is nn.ReLU else activation(summed)
        )
        return activated.view(len(index), self.positions, self.filters)


class _Reached(Exception):
    """Ends a forward pass once the activation is known."""


def _submodule(model, attribute):
    name = getattr(model, attribute, None)
    names = [module for module, _ in model.named_modules() if module]
    if name not in names:
        raise InputError(
            f"model {type(model).__name__}",
            f"its attribute {attribute} is {name!r}",
            "the name of one of its modules: " + ", ".join(names),
            f"set {attribute} on the network",
        )
    return model.get_submodule(name)


def _geometry(convolution):
    width, dilation = convolution.kernel_size[0], convolution.dilation[0]
    if convolution.padding == "same":
        # PyTorch puts the odd one on the right.
        total = (width - 1) * dilation
        left, right = total // 2, total - total // 2
    elif convolution.padding == "valid":
        left = right = 0
    else:
        left = right = convolution.padding[0]
    return Geometry(width, convolution.stride[0], dilation, left, right)


@dataclass(frozen=True)
class Statistics:
    """What is known of each filter's activations over all sequences and positions.

    Attributes
    ----------
    maximum, minimum : numpy.ndarray, shape (filters,), float64
    mean, std : numpy.ndarray, shape (filters,), float64
        Of the population (ddof 0), summed in float64.
    sequence_mean, sequence_maximum : numpy.ndarray, shape (n, filters), float32
        Over the positions of each sequence.
    """

    maximum: np.ndarray
    minimum: np.ndarray
    mean: np.ndarray
    std: np.ndarray
    sequence_mean: np.ndarray
    sequence_maximum: np.ndarray

    @property
    def dead(self):
        """Filters that are never above zero: bool, shape (filters,)."""
        return self.maximum <= 0

    @property
    def constant(self):
        """Live filters with the same activation everywhere: bool, shape (filters,)."""
        return (self.maximum == self.minimum) & ~self.dead


def activation_statistics(layer, index, *, batch_size=None):
    """Extremes, mean and standard deviation of each filter.

    Parameters
    ----------
    layer : FirstLayer
    index : numpy.ndarray, shape (n, length), uint8
        Padded positions take part, as they do in the network.
    batch_size : int, optional
        Sequences at a time; changes memory, never the result beyond the last bits.

    Returns
    -------
    Statistics

    Raises
    ------
    ValueError
        If there is no sequence.
    """
    if len(index) == 0:
        raise ValueError("index: expected at least one sequence, got none")
    maximum = torch.full((layer.filters,), -torch.inf, dtype=torch.float64)
    minimum = torch.full((layer.filters,), torch.inf, dtype=torch.float64)
    total = torch.zeros(layer.filters, dtype=torch.float64)
    squares = torch.zeros(layer.filters, dtype=torch.float64)
    sequence_mean = np.empty((len(index), layer.filters), np.float32)
    sequence_maximum = np.empty_like(sequence_mean)
    memory = None
    for rows, activation in layer.batches(index, batch_size):
        highest = activation.amax(dim=1)
        maximum = torch.maximum(maximum, highest.amax(dim=0))
        # Once each filter has been at the lower bound, nothing can be lower.
        if not (minimum == layer.lower_bound).all():
            minimum = torch.minimum(minimum, activation.amin(dim=(0, 1)))
        # In the same memory for all batches: to ask for it anew takes as long as the
        # sums.
        if memory is None:
            memory = torch.empty_like(activation, dtype=torch.float64)
        exact = memory[: len(activation)].copy_(activation)
        sums = exact.sum(dim=1)
        total += sums.sum(dim=0)
        squares += exact.square_().sum(dim=(0, 1))
        sequence_mean[rows] = sums / layer.positions
        sequence_maximum[rows] = highest
    maximum, minimum = maximum.numpy(), minimum.numpy()
    n = len(index) * layer.positions
    # Rounding must not put a constant filter's mean below its maximum.
    mean = np.clip(total.numpy() / n, minimum, maximum)
    variance = np.maximum(squares.numpy() / n - mean**2, 0)
    std = np.where(maximum == minimum, 0.0, np.sqrt(variance))
    return Statistics(maximum, minimum, mean, std, sequence_mean, sequence_maximum)
