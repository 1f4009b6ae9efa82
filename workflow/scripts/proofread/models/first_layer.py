"""A network's first convolution and activation, read a batch of sequences at a time.

Conventions: ``activation[i, p, f]`` is the output of the network's first activation
module (after batch normalisation if there is one, before pooling) for sequence i,
output position p and filter f. Memory depends on the batch, not on the number of
sequences.
"""

import contextlib
from dataclasses import dataclass
from itertools import count

import numpy as np
import torch
from torch import nn

from proofread.dna.encoding import UNKNOWN
from proofread.errors import InputError
from proofread.models.conv_layout import READABLE, layouts_of
from proofread.models.device import in_batches, one_hot_on, sent, sequences_at_once
from proofread.models.first_calls import calls_of
from proofread.models.tracing import ELEMENTWISE

# Bytes of activations held at a time: they stay in the processor's cache, and the
# allocator does not map and unmap memory at each step.
_BATCH_BYTES = 3_000_000
# The processor reads such batches; a GPU sends it several at once, 60 MB.
_BATCHES_OF_GPU = 20
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
    between, another activation, a Conv2d, a GPU) is run as it is and its activation is
    taken by a hook.

    A network may call the convolution several times, as one that reads both strands
    does. The activations are those of the call that reads the sequence itself.

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
    calls : list of proofread.models.first_calls.Call
        Every call of the convolution in a forward pass.
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
        if not layouts_of(convolution):
            raise InputError(
                f"model {type(model).__name__}",
                f"first_convolution is {convolution}",
                READABLE,
                "name the convolution that reads the one-hot sequence",
            )
        self.calls, self._layout, seen = self._probe()
        self._forward = self._call_of_sequence(seen)
        self.geometry = _geometry(convolution, self._layout)
        self.filters = convolution.out_channels
        self.positions = self.geometry.positions(length)
        weight = self._layout.weight(convolution.weight.detach().cpu().double())
        # (filters, 4, width) -> (filters, width, 4)
        self.weight = weight.numpy().transpose(0, 2, 1)
        self._check_activation(seen)
        self.fast = fast and self._can_be_looked_up()
        if self.fast:
            self._table, self._kmers = self._look_up_table()

    @property
    def device(self):
        """Where the network is."""
        return self._convolution.weight.device

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
        return self.activation_there(index).cpu()

    @torch.no_grad()
    def activation_there(self, index):
        """As `activation`, on the device of the network."""
        if self.fast:
            return self._look_up(index)
        return self._layout.outputs(self._run(index)).transpose(1, 2)

    @property
    def lower_bound(self):
        """What no activation is below: 0 behind a ReLU, else minus infinity."""
        return 0.0 if type(self._activation) is nn.ReLU else -torch.inf

    def batches(self, index, batch_size=None):
        """Rows and activations of a batch at a time: (slice, tensor on the CPU)."""
        size = batch_size or self.batch_size
        # A GPU computes several at once.
        at_once = sequences_at_once(self.model, self.length, size)
        at_once = min(at_once, _BATCHES_OF_GPU * size)
        computed = in_batches(
            len(index), at_once, lambda part: self.activation(index[part])
        )
        for part, activation in computed:
            for first in range(part.start, part.stop, size):
                rows = slice(first, min(first + size, part.stop))
                own = slice(first - part.start, rows.stop - part.start)
                yield rows, activation[own]

    @contextlib.contextmanager
    def replaced(self, activations):
        """Replace the activations of every call within a ``with`` statement.

        Parameters
        ----------
        activations : list of torch.Tensor, shape (n, filters, positions)
            One for each of `calls`, for one forward pass of n sequences.
        """
        pairs = zip(self.calls, activations, strict=True)
        given = {call.activation: values for call, values in pairs}
        # The activation may be called elsewhere in the network, too.
        number = count()

        def give(module, inputs, output):
            values = given.get(next(number))
            return None if values is None else values.to(output).view_as(output)

        handle = self._activation.register_forward_hook(give)
        try:
            yield
        finally:
            handle.remove()

    def batch(self, index):
        """Sequences as the network takes them: (n, length) -> (n, 4, length)."""
        one_hot = one_hot_on(sent(index, self.device))
        return one_hot.to(self._convolution.weight.dtype)

    def _run(self, index):
        """Run the network up to the activation of the sequences themselves."""
        number, activated = count(), []

        def note(module, inputs, output):
            if next(number) == self._forward.activation:
                activated.append(output)
                raise _Reached

        hook = self._activation.register_forward_hook(note)
        try:
            # The rest of the network is not needed.
            with contextlib.suppress(_Reached):
                self.model(self.batch(index))
        finally:
            hook.remove()
        return activated[0]

    def _probe(self):
        """The calls of the convolution, its layout, and the pass that shows them."""
        index = np.random.default_rng(0).integers(4, size=self.length, dtype=np.uint8)
        # A first and last: no sequence that is its own reverse complement.
        index[[0, -1]] = 0
        probe = (
            self.model,
            self._convolution,
            self._activation,
            self.batch(index[None]),
        )
        for layout in layouts_of(self._convolution):
            calls, seen = calls_of(*probe, layout)
            if any(call.strand == "forward" for call in calls):
                break
        return calls, layout, seen

    def _call_of_sequence(self, seen):
        """The call of the convolution that reads the sequence itself."""
        name, activation = self.model.first_convolution, self.model.first_activation
        calls = [call for call in self.calls if call.strand == "forward"]
        if self.calls and not calls:
            raise self._not_the_sequence(seen.entered[0])
        if not calls or calls[0].activation is None:
            raise InputError(
                f"model {type(self.model).__name__}",
                f"{name} is not run before {activation}",
                "a forward pass through the first convolution, then its activation",
                "name the modules in the order in which they are used",
            )
        if calls[0].mixed:
            raise InputError(
                f"model {type(self.model).__name__}",
                f"{activation} reads several calls of {name} at once",
                "an activation of each strand by itself",
                f"combine the strands after {activation}: it is not known on which of "
                "them a site is",
            )
        return calls[0]

    def _not_the_sequence(self, entered):
        """The refusal of a convolution that reads something else than the sequence."""
        shape = tuple(entered.shape)
        result = f"does not see the sequence itself (its input has shape {shape})"
        remedy = (
            "pad within the convolution (padding=...) and leave the one-hot sequence "
            "as it is"
        )
        if self.calls[0].strand == "reverse":
            result = "sees the reverse complement of the sequence only"
            remedy = "run it on the sequence as well, or on the sequence alone"
        elif len(entered) > 1:
            result = (
                f"sees {len(entered)} versions of each sequence in one batch, such as "
                f"both strands (its input has shape {shape} for one sequence)"
            )
            remedy = (
                "call the layers once for each strand and combine the results: "
                "trunk(one_hot), then trunk(one_hot.flip(1, 2))"
            )
        return InputError(
            f"model {type(self.model).__name__}",
            f"{self.model.first_convolution} {result}",
            f"the one-hot sequence, {(1, 4, self.length)}",
            remedy,
        )

    def _check_activation(self, seen):
        """Refuse an activation without one value for each filter and position."""
        expected = (1, self.filters, self.positions)
        activated = seen.activated[self._forward.activation]
        is_tensor = isinstance(activated, torch.Tensor)
        if not is_tensor or self._layout.outputs(activated).shape != expected:
            shape = tuple(activated.shape) if is_tensor else type(activated).__name__
            raise InputError(
                f"model {type(self.model).__name__}",
                f"{self.model.first_activation} gives {shape}",
                f"(sequences, filters, positions) = {expected}",
                "name the activation that follows the first convolution directly, "
                "before any pooling",
            )

    def _can_be_looked_up(self):
        """Whether a table of k-mers gives the same activations."""
        convolution = self._convolution
        return (
            self._forward.direct
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


def _geometry(convolution, layout):
    width = layout.along(convolution.kernel_size)
    dilation = layout.along(convolution.dilation)
    padding = layout.along(convolution.padding)
    if padding == "same":
        # PyTorch puts the odd one on the right.
        total = (width - 1) * dilation
        left, right = total // 2, total - total // 2
    elif padding == "valid":
        left = right = 0
    else:
        left = right = padding
    return Geometry(width, layout.along(convolution.stride), dilation, left, right)


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
