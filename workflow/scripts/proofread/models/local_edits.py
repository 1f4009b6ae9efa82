"""Logits of sequences with a short span replaced, by computing only what changes.

A substitution changes few values of each layer of a convolutional network: those whose
receptive field holds it. For every edit only these are computed, from the difference
to the intact sequence; all others are read from one forward pass of it (after Nair et
al. 2022, doi:10.1093/bioinformatics/btac135, who recompute the changed values whole).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from math import prod
from typing import NamedTuple

import numpy as np
import torch
from torch import fx, nn
from torch.nn import functional

from proofread.dna.encoding import COLUMNS, one_hot, reverse_complement, reverse_strand
from proofread.models.checkpoint import exclusive_logits
from proofread.models.predictor import device_of
from proofread.statistics.logits import probability

# Bytes of intact activations held at a time, and of one layer's edited windows: the
# latter stay in the processor's cache.
_INTACT_BYTES = 48_000_000
_TILE_BYTES = 3_000_000
# Sequences whose edits are grouped: more would not make matrix products faster.
_MOST_SEQUENCES = 64
# Rows of the matrix a block of changed positions is multiplied with, where channels are
# few: 4 positions of the one-hot sequence.
_BLOCK_ROWS = 16
# Each value alone; those that never fall as their argument rises can wait for the pool.
_RISING = (nn.ReLU, nn.Sigmoid, nn.Softplus, nn.Tanh)
_ELEMENTWISE = (*_RISING, nn.ELU, nn.GELU, nn.LeakyReLU, nn.SiLU)
_RISING_FUNCTIONS = (
    *(torch.relu, torch.exp, torch.sigmoid, torch.tanh),
    functional.relu,
)
_SKIPPED = (nn.Dropout, nn.Identity)


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
            self._local = _local_network(predictor.network, predictor.length)
        self.fast = self._local is not None

    def intact(self, index, *, batch_size=128):
        """Logits of sequences as they are: (n, length) uint8 to (n, targets)."""
        if not self.fast:
            return self.predictor.predict(index, batch_size=batch_size)
        return self._local.intact(index)

    def edited(self, index, row, start, word, *, batch_size=128):
        """Logits of sequences with a span replaced by a word.

        Parameters
        ----------
        index : numpy.ndarray, shape (n, length), uint8
        row : numpy.ndarray, shape (m,), int
            Which sequence each edit changes.
        start : numpy.ndarray, shape (m,), int
            First base that it replaces, 0-based.
        word : numpy.ndarray, shape (m, k), uint8
            What stands in [start, start + k) instead; k is the same for all.
        batch_size : int
            Sequences of a forward pass where they are run whole; changes memory,
            never the result beyond the last bits.

        Returns
        -------
        numpy.ndarray, shape (m, targets)
            In the type of the network's weights; float32 of a callable.

        Raises
        ------
        ValueError
            If a word does not lie within its sequence.
        """
        row, start = np.asarray(row, np.int64), np.asarray(start, np.int64)
        word = np.asarray(word, np.uint8)
        last = index.shape[1] - word.shape[1]
        if len(start) and (start.min() < 0 or start.max() > last):
            raise ValueError(
                f"start: expected 0 to {last} for words of {word.shape[1]} bases in "
                f"{index.shape[1]}, got {start.min()} to {start.max()}"
            )
        if self.fast:
            return self._local.edited(index, row, start, word)
        parts = [self.predictor.predict(index[:0])]
        columns = np.arange(word.shape[1])
        for first in range(0, len(row), batch_size):
            part = slice(first, first + batch_size)
            batch = index[row[part]]
            place = np.arange(len(batch))[:, None]
            batch[place, start[part, None] + columns] = word[part]
            parts.append(self.predictor.predict(batch, batch_size=batch_size))
        return np.concatenate(parts)


def strand_logits(editor, index, length, row, start, word, *, strands):
    """Logits of the intact and of the edited sequences, on one strand or both.

    Parameters
    ----------
    editor : EditedLogits
    index : numpy.ndarray, shape (n, length), uint8
    length : numpy.ndarray, shape (n,), int
        Bases of each sequence, without padding.
    row, start, word : numpy.ndarray
        As `EditedLogits.edited` takes them.
    strands : str
        `forward`, or `both`.

    Returns
    -------
    list of tuple of numpy.ndarray, shapes (n, targets) and (m, targets)
        Intact and edited; of `both`, those of the reverse complements as well.
    """
    parts = [(editor.intact(index), editor.edited(index, row, start, word))]
    if strands == "both":
        other = reverse_strand(index, length)
        start = length[row] - start - word.shape[1]
        edited = editor.edited(other, row, start, reverse_complement(word))
        parts.append((editor.intact(other), edited))
    return parts


def on_scale(parts, scale):
    """Predictions on a scale, averaged over the strands (as Basset does).

    Parameters
    ----------
    parts : list of tuple
        From `strand_logits`.
    scale : str
        `logit` or `probability`.

    Returns
    -------
    tuple of numpy.ndarray, shapes (n, targets) and (m, targets), float64
        Intact and edited.
    """
    return tuple(
        np.mean(
            [
                probability(each) if scale == "probability" else each
                for each in np.asarray(one, dtype=np.float64)
            ],
            axis=0,
        )
        for one in zip(*parts, strict=True)
    )


# --- How a network is taken apart -----------------------------------------------------


class _Unsupported(Exception):
    """A layer that the fast path does not know."""


class _Each(NamedTuple):
    """What is done to each value, and whether it never falls as the value rises."""

    function: Callable
    rising: bool


@dataclass
class _Stage:
    """A convolution and what follows it up to the next one.

    Attributes
    ----------
    weight : torch.Tensor, shape (taps, channels, filters)
    bias : torch.Tensor, shape (filters,)
    left, right : int
        Padding.
    before, after : list of _Each
        Act on each value (or channel), before and after the pool.
    pool : int
        Positions per maximum; 1 is none.
    ceil : bool
        Whether a pool takes what is left at the end.
    """

    weight: torch.Tensor
    bias: torch.Tensor
    left: int
    right: int
    before: list = field(default_factory=list)
    after: list = field(default_factory=list)
    pool: int = 1
    ceil: bool = False
    pooled: bool = False
    blocks: dict = field(default_factory=dict)

    @property
    def taps(self):
        return self.weight.shape[0]

    def positions(self, length):
        """Outputs of the convolution."""
        return length + self.left + self.right - self.taps + 1

    def cells(self, positions):
        """Outputs of the pool."""
        return -(-positions // self.pool) if self.ceil else positions // self.pool

    def block(self, size):
        """What `size` neighbouring inputs add to all outputs that see them.

        Returns
        -------
        torch.Tensor, shape (size * channels, (taps + size - 1) * filters)
        """
        if size not in self.blocks:
            taps, channels, filters = self.weight.shape
            block = self.weight.new_zeros(size, channels, taps + size - 1, filters)
            # The first of the outputs that see an input sees it with its last tap.
            reverse = self.weight.flip(0).transpose(0, 1)
            for place in range(size):
                block[place, :, place : place + taps] = reverse
            self.blocks[size] = block.flatten(2).flatten(0, 1)
        return self.blocks[size]


def _local_network(network, length):
    """The network taken apart, or None where it cannot be or does not come out right.

    Parameters
    ----------
    network : torch.nn.Module
        In evaluation mode.
    length : int
        Bases of a sequence.
    """
    # Tracing passes hooks by; that of classes which exclude each other is known.
    hooked = network._forward_pre_hooks or any(
        each._forward_hooks or each._forward_pre_hooks
        for each in network.modules()
        if each is not network
    )
    hooked = hooked or any(
        hook is not exclusive_logits for hook in network._forward_hooks.values()
    )
    if hooked or network.training or device_of(network).type != "cpu":
        return None
    try:
        graph = fx.Tracer().trace(network)
    except Exception:
        # A forward pass may do anything at all: whatever tracing says, it is run whole.
        return None
    try:
        local = _take_apart(network, graph, length)
    except _Unsupported:
        return None
    return local if _agrees(local, network, length) else None


@torch.no_grad()
def _take_apart(network, graph, length):
    modules = dict(network.named_modules())
    (node,) = [each for each in graph.nodes if each.op == "placeholder"]
    trunk = {node}
    stages, flat = [], False
    while True:
        if len(node.users) != 1:
            raise _Unsupported
        (node,) = node.users
        if len(node.all_input_nodes) != 1:
            raise _Unsupported
        trunk.add(node)
        module = modules[node.target] if node.op == "call_module" else None
        if isinstance(module, _SKIPPED):
            continue
        if _is_flattening(node, module) and not flat:
            flat = True
        elif type(module) is nn.Linear and flat:
            break
        elif flat:
            raise _Unsupported
        elif type(module) is nn.Conv1d:
            stages.append(_stage(module))
        elif not stages:
            raise _Unsupported
        else:
            _extend(stages[-1], node, module)
    if not stages or stages[0].weight.shape[1] != 4:
        raise _Unsupported
    for stage in stages:
        # The maximum of rectified values is the rectified maximum.
        while stage.pooled and stage.before and stage.before[-1].rising:
            stage.after.insert(0, stage.before.pop())
    tail = _tail(network, graph, trunk, node)
    if not network._forward_hooks:
        return _LocalNetwork(stages, module, tail, length)

    def tail_and_hook(hidden):
        return exclusive_logits(network, (), tail(hidden))

    return _LocalNetwork(stages, module, tail_and_hook, length)


def _is_flattening(node, module):
    if type(module) is nn.Flatten:
        return (module.start_dim, module.end_dim) == (1, -1)
    known = (node.op == "call_method" and node.target == "flatten") or (
        node.op == "call_function" and node.target is torch.flatten
    )
    return known and node.args[1:] == (1,) and not node.kwargs


def _stage(convolution):
    simple = (
        convolution.stride == (1,)
        and convolution.dilation == (1,)
        and convolution.groups == 1
        and convolution.padding_mode == "zeros"
    )
    if not simple:
        raise _Unsupported
    taps = convolution.kernel_size[0]
    if convolution.padding == "same":
        # PyTorch puts the odd one on the right.
        left, right = (taps - 1) // 2, taps // 2
    elif convolution.padding == "valid":
        left = right = 0
    else:
        left = right = convolution.padding[0]
    # (filters, channels, taps) -> (taps, channels, filters)
    weight = convolution.weight.detach().permute(2, 1, 0).contiguous()
    bias = convolution.bias
    bias = weight.new_zeros(weight.shape[2]) if bias is None else bias.detach()
    return _Stage(weight, bias, left, right)


def _extend(stage, node, module):
    """Add what follows a convolution to its stage."""
    kind = type(module)
    if kind is nn.MaxPool1d:
        size, stride, padding, dilation = (
            each[0] if isinstance(each, tuple) else each
            for each in (
                module.kernel_size,
                module.stride,
                module.padding,
                module.dilation,
            )
        )
        plain = stride == size and padding == 0 and dilation == 1
        if stage.pooled or not plain or module.return_indices:
            raise _Unsupported
        stage.pool, stage.ceil, stage.pooled = size, module.ceil_mode, True
        return
    later = stage.after if stage.pooled else stage.before
    if kind is nn.BatchNorm1d:
        _normalise(stage, module, later)
        return
    if kind in _ELEMENTWISE:
        later.append(_Each(_copying(module), rising=kind in _RISING))
    elif node.op == "call_function" and node.target in _RISING_FUNCTIONS:
        if len(node.args) != 1 or any(node.kwargs.values()):
            raise _Unsupported
        later.append(_Each(node.target, rising=True))
    else:
        raise _Unsupported


def _normalise(stage, module, later):
    """Batch normalisation: part of the convolution if it follows at once."""
    if not module.track_running_stats:
        raise _Unsupported
    scale = (module.running_var + module.eps).rsqrt()
    if module.affine:
        scale = scale * module.weight.detach()
    shift = -module.running_mean * scale
    if module.affine:
        shift = shift + module.bias.detach()
    if not stage.before and not stage.pooled:
        stage.weight = stage.weight * scale
        stage.bias = stage.bias * scale + shift
    else:
        later.append(_Each(lambda values: values * scale + shift, rising=False))


def _copying(module):
    """A module's function; one that works in place would change what is kept."""
    if type(module) is nn.ReLU:
        return torch.relu
    if getattr(module, "inplace", False):
        return lambda values: module(values.clone())
    return module


def _tail(network, graph, trunk, last):
    """Everything behind the first Linear as a module of its own."""
    tail = fx.Graph()
    copies = {last: tail.placeholder("hidden")}
    for node in graph.nodes:
        if node in trunk:
            continue
        if any(each not in copies for each in node.all_input_nodes):
            raise _Unsupported
        copies[node] = tail.node_copy(node, copies.__getitem__)
    return fx.GraphModule(network, tail)


def _agrees(local, network, length):
    """Whether a few edits come out as if the network were run whole."""
    rng = np.random.default_rng(0)
    index = rng.integers(4, size=(2, length), dtype=np.uint8)
    for size in {min(size, length) for size in (1, 4)}:
        start = np.unique(np.linspace(0, length - size, 8).astype(np.int64))
        start = np.concatenate([start, start])
        row = np.arange(len(start)) % 2
        word = rng.integers(4, size=(len(start), size), dtype=np.uint8)
        changed = index[row]
        place = np.arange(len(start))[:, None]
        changed[place, start[:, None] + np.arange(size)] = word
        found = local.edited(index, row, start, word)
        weight = local.dense.weight
        with torch.no_grad():
            batch = torch.from_numpy(one_hot(changed)).to(weight.dtype)
            expected = network(batch).numpy()
        if found.shape != expected.shape:
            return False
        tolerance = 1e-4 if weight.dtype == torch.float32 else 1e-9
        limit = tolerance * (1 + np.abs(expected).max())
        # Written so that it is false of what is not a number.
        if not np.abs(found - expected).max() <= limit:
            return False
    return True


# --- How the changes are followed -----------------------------------------------------


class _Framed:
    """Values with zeros at both ends of each sequence, to be read by windows.

    Parameters
    ----------
    values : torch.Tensor, shape (n, positions, channels)
    margin : int
        Positions before the first and behind the last one that may be read.
    """

    def __init__(self, values, margin):
        framed = functional.pad(values, (0, 0, margin, margin))
        self.margin, self.length = margin, framed.shape[1]
        self.rows = framed.flatten(0, 1)

    def window(self, sequence, first, width):
        """Values at [first, first + width) of each edit's sequence.

        (m,), (m,) -> (m, width, channels)
        """
        begin = sequence * self.length + (first + self.margin)
        places = (begin[:, None] + torch.arange(width)).flatten()
        return self.rows.index_select(0, places).view(len(begin), width, -1)


@dataclass
class _Intact:
    """One stage's values of the sequences as they are.

    Attributes
    ----------
    convolved : _Framed
        Before anything else.
    output : _Framed
        What the next stage reads.
    before, after : _Framed or None
        The maximum of each position and those before, and after, it in its cell.
    """

    convolved: _Framed
    output: _Framed | None = None
    before: _Framed | None = None
    after: _Framed | None = None


class _LocalNetwork:
    """A network taken apart; see `EditedLogits`.

    All values are (n, positions, channels). The edits of one call are sorted by where
    they start, modulo the product of all pools: within such a group everything but the
    place is the same, so that each layer is a few matrix products.
    """

    def __init__(self, stages, dense, tail, length):
        self.stages, self.dense, self.tail, self.length = stages, dense, tail, length
        self.period = prod(stage.pool for stage in stages)
        self.lengths = []  # positions and cells of each stage
        for stage in stages:
            positions = stage.positions(length)
            length = stage.cells(positions)
            self.lengths.append((positions, length))
        filters = stages[-1].weight.shape[2]
        weight = dense.weight.detach()
        if length <= 0 or weight.shape[1] != filters * length:
            raise _Unsupported
        # (units, filters * cells) -> (cells, filters, units)
        self.head = weight.view(-1, filters, length).permute(2, 1, 0).contiguous()
        self.bias = None if dense.bias is None else dense.bias.detach()
        # One-hot columns by base; none is set where it is unknown.
        self.column = torch.from_numpy(COLUMNS).to(weight.dtype)

    @torch.no_grad()
    def intact(self, index):
        """Logits of sequences as they are."""
        many = self._sequences_at_once(1)
        hidden = self.head.new_empty(len(index), self.head.shape[2])
        for first in range(0, len(index), many):
            rows = slice(first, first + many)
            hidden[rows] = self._values(index[rows], 1)[1]
        return self.tail(hidden).numpy()

    @torch.no_grad()
    def edited(self, index, row, start, word):
        """Logits of edited sequences; see `EditedLogits.edited`."""
        size = word.shape[1]
        hidden = self.head.new_empty(len(row), self.head.shape[2])
        many = self._sequences_at_once(size)
        order = np.lexsort((start, start % self.period, row // many))
        batch_of = row[order] // many
        bounds = np.flatnonzero(np.diff(batch_of, prepend=-1, append=-1))
        rows = self._edits_at_once(size)
        for begin, end in pairwise(bounds):
            first = batch_of[begin] * many
            batch = index[first : first + many]
            known, intact = self._values(batch, size)
            edits = order[begin:end]
            phases = np.flatnonzero(np.diff(start[edits] % self.period)) + 1
            for group in np.split(edits, phases):
                for tile in np.split(group, range(rows, len(group), rows)):
                    hidden[tile] = self._follow(
                        known,
                        intact,
                        batch,
                        row[tile] - first,
                        start[tile],
                        word[tile],
                    )
        return self.tail(hidden).numpy()

    # Widths with margins: no window of a changed span leaves them.

    def _spans(self, size):
        """Positions and cells that an edit can change, for each stage, at most."""
        spans = []
        for stage in self.stages:
            positions = size + stage.taps - 1
            cells = (positions + stage.pool - 2) // stage.pool + 1
            spans.append((positions, cells))
            size = cells
        return spans

    def _sequences_at_once(self, size):
        bytes_each = 0
        for stage, (positions, cells), (span, cell_span) in zip(
            self.stages, self.lengths, self._spans(size), strict=True
        ):
            kept = 3 if stage.pool > 1 else 1
            values = kept * (positions + 2 * (span + stage.pool)) + cells
            bytes_each += (values + 2 * cell_span) * stage.weight.shape[2]
        bytes_each *= self.head.element_size()
        return int(np.clip(_INTACT_BYTES // bytes_each, 1, _MOST_SEQUENCES))

    @torch.no_grad()
    def _values(self, index, size):
        """Every layer's values of sequences as they are.

        Returns
        -------
        list of _Intact
        torch.Tensor, shape (n, units)
            What the first Linear gives.
        """
        values = self.column[torch.from_numpy(index.astype(np.int64))]
        known = []
        for stage, (positions, cells), (span, cell_span) in zip(
            self.stages, self.lengths, self._spans(size), strict=True
        ):
            padded = functional.pad(values.transpose(1, 2), (stage.left, stage.right))
            convolved = functional.conv1d(
                padded, stage.weight.permute(2, 1, 0), stage.bias
            ).transpose(1, 2)
            margin = span + stage.pool
            values, intact = convolved, _Intact(_Framed(convolved, margin))
            for each in stage.before:
                values = each.function(values)
            if stage.pool > 1:
                pool = stage.pool
                whole = -(-positions // pool) * pool
                values = functional.pad(
                    values, (0, 0, 0, whole - positions), value=-torch.inf
                ).unflatten(1, (-1, pool))
                before, after = values.clone(), values.clone()
                for place in range(1, pool):
                    before[:, :, place].clamp_(min=before[:, :, place - 1])
                    place = pool - 1 - place
                    after[:, :, place].clamp_(min=after[:, :, place + 1])
                values = before[:, :cells, -1]
                intact.before = _Framed(before.flatten(1, 2), margin)
                intact.after = _Framed(after.flatten(1, 2), margin)
            for each in stage.after:
                values = each.function(values)
            intact.output = _Framed(values, cell_span)
            known.append(intact)
        # (n, cells, filters) x (cells, filters, units) -> (n, units)
        hidden = values.flatten(1) @ self.head.flatten(0, 1)
        return known, hidden if self.bias is None else hidden + self.bias

    def _edits_at_once(self, size):
        """Edits whose changed values fit the cache, whichever stage has most."""
        most = max(
            span * stage.weight.shape[2]
            for stage, (span, _) in zip(self.stages, self._spans(size), strict=True)
        )
        return max(1, _TILE_BYTES // (most * self.head.element_size()))

    def _follow(self, known, intact, index, row, start, word):
        """The first Linear's values of edits that start at the same phase.

        Parameters
        ----------
        known, intact
            From `_values` of `index`.
        row, start : numpy.ndarray, shape (m,), int
        word : numpy.ndarray, shape (m, k), uint8

        Returns
        -------
        torch.Tensor, shape (m, units)
        """
        rows, first = torch.from_numpy(row), torch.from_numpy(start)
        old = index[row[:, None], start[:, None] + np.arange(word.shape[1])]
        new, old = (torch.from_numpy(each.astype(np.int64)) for each in (word, old))
        change = self.column[new] - self.column[old]  # (m, k, 4)
        for stage, values, (positions, cells) in zip(
            self.stages, known, self.lengths, strict=True
        ):
            first = first + stage.left - stage.taps + 1
            width = change.shape[1] + stage.taps - 1
            moved = values.convolved.window(rows, first, width)
            _add_changes(moved, change, stage)
            for each in stage.before:
                moved = each.function(moved)
            if stage.pool > 1:
                moved, first = _pooled(moved, stage, values, rows, first, positions)
            for each in stage.after:
                moved = each.function(moved)
            width = moved.shape[1]
            change = moved - values.output.window(rows, first, width)
            # What lies beyond the ends is not there to change.
            if first.min() < 0 or first.max() + width > cells:
                place = first[:, None] + torch.arange(width)
                beyond = (place < 0) | (place >= cells)
                change.masked_fill_(beyond[:, :, None], 0)
        return self._dense(intact[rows], change, first)

    def _dense(self, hidden, change, first):
        """Add to the first Linear's values what the changed cells add to them."""
        cells, _, units = self.head.shape
        # Edits are sorted by start, so those of one place follow each other.
        bounds = np.flatnonzero(np.diff(first.numpy(), prepend=-(10**9))).tolist()
        for begin, end in zip(bounds, [*bounds[1:], len(first)], strict=True):
            at = int(first[begin])
            low, high = max(at, 0), min(at + change.shape[1], cells)
            if low < high:
                hidden[begin:end].addmm_(
                    change[begin:end, low - at : high - at].flatten(1),
                    self.head[low:high].view(-1, units),
                )
        return hidden


def _add_changes(values, change, stage):
    """Add to a convolution's outputs what the changes of its inputs add to them.

    Parameters
    ----------
    values : torch.Tensor, shape (m, k + taps - 1, filters)
        Changed in place.
    change : torch.Tensor, shape (m, k, channels)
    stage : _Stage
    """
    taps, channels, filters = stage.weight.shape
    flat, values = change.flatten(1), values.view(len(values), -1)
    step = max(1, _BLOCK_ROWS // channels)
    for begin in range(0, change.shape[1], step):
        size = min(step, change.shape[1] - begin)
        values[:, begin * filters : (begin + size + taps - 1) * filters].addmm_(
            flat[:, begin * channels : (begin + size) * channels], stage.block(size)
        )


def _pooled(values, stage, intact, row, first, positions):
    """Maxima of the cells that changed positions lie in.

    Of the first and the last cell, which may hold other positions too, the intact
    maxima before and after the changed span are known.

    Parameters
    ----------
    values : torch.Tensor, shape (m, width, filters)
        Of positions [first, first + width).
    first : torch.Tensor, shape (m,), int64
        The same modulo the pool for all.
    positions : int
        Outputs of the convolution.

    Returns
    -------
    torch.Tensor, shape (m, cells, filters)
    torch.Tensor, shape (m,), int64
        The first of these cells.
    """
    width, pool = values.shape[1], stage.pool
    if stage.ceil and first.max() + width > positions:
        beyond = first[:, None] + torch.arange(width) >= positions
        values = values.masked_fill(beyond[:, :, None], -torch.inf)
    offset = int(first[0]) % pool
    cells = -(-(offset + width) // pool)
    maxima = values.new_empty(len(values), cells, values.shape[2])
    # Cells that only changed positions make: [whole, whole_end)
    whole, whole_end = int(offset > 0), (offset + width) // pool
    if whole < whole_end:
        begin = whole * pool - offset
        inside = values[:, begin : whole_end * pool - offset]
        torch.amax(
            inside.unflatten(1, (-1, pool)), dim=2, out=maxima[:, whole:whole_end]
        )
    for cell in {0, cells - 1} - set(range(whole, whole_end)):
        begin, end = (
            max(0, cell * pool - offset),
            min(width, (cell + 1) * pool - offset),
        )
        part = values[:, begin:end].amax(dim=1)
        if cell == 0 and offset > 0:
            before = intact.before.window(row, first - 1, 1)[:, 0]
            part = torch.maximum(part, before)
        if cell == cells - 1 and (offset + width) % pool:
            after = intact.after.window(row, first + width, 1)[:, 0]
            part = torch.maximum(part, after)
        maxima[:, cell] = part
    return maxima, torch.div(first, pool, rounding_mode="floor")
