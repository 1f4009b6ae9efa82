"""The values of each layer that an edit of the sequence changes, and no others.

For every edit the changed values are computed from the difference to the intact
sequence; all others are read from one forward pass of it.
"""

from dataclasses import dataclass
from itertools import pairwise
from math import prod

import numpy as np
import torch
from torch.nn import functional

from proofread.dna.encoding import COLUMNS
from proofread.models.stages import Unsupported

# Bytes of intact activations held at a time, and of one layer's edited windows: the
# latter stay in the processor's cache.
_INTACT_BYTES = 48_000_000
_TILE_BYTES = 3_000_000
# Sequences whose edits are grouped: more would not make matrix products faster.
_MAX_SEQUENCES = 64
# Rows of the matrix a block of changed positions is multiplied with, where channels are
# few: 4 positions of the one-hot sequence.
_BLOCK_ROWS = 16


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
        positions = (begin[:, None] + torch.arange(width)).flatten()
        return self.rows.index_select(0, positions).view(len(begin), width, -1)


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


class ChangedValues:
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
            raise Unsupported
        # (units, filters * cells) -> (cells, filters, units)
        self.head = weight.view(-1, filters, length).permute(2, 1, 0).contiguous()
        self.bias = None if dense.bias is None else dense.bias.detach()
        # One-hot columns by base; none is set where it is unknown.
        self.column = torch.from_numpy(COLUMNS).to(weight.dtype)

    @torch.no_grad()
    def intact(self, index):
        """Logits of sequences as they are."""
        count = self._sequences_at_once(1)
        hidden = self.head.new_empty(len(index), self.head.shape[2])
        for first in range(0, len(index), count):
            rows = slice(first, first + count)
            hidden[rows] = self._values(index[rows], 1)[1]
        return self.tail(hidden).numpy()

    @torch.no_grad()
    def edited(self, index, row, start, kmer):
        """Logits of edited sequences; see `EditedLogits.edited`."""
        size = kmer.shape[1]
        hidden = self.head.new_empty(len(row), self.head.shape[2])
        count = self._sequences_at_once(size)
        order = np.lexsort((start, start % self.period, row // count))
        batch_of = row[order] // count
        bounds = np.flatnonzero(np.diff(batch_of, prepend=-1, append=-1))
        rows = self._edits_at_once(size)
        for begin, end in pairwise(bounds):
            first = batch_of[begin] * count
            batch = index[first : first + count]
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
                        kmer[tile],
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
        return int(np.clip(_INTACT_BYTES // bytes_each, 1, _MAX_SEQUENCES))

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
            for item in stage.before:
                values = item.function(values)
            if stage.pool > 1:
                pool = stage.pool
                whole = -(-positions // pool) * pool
                values = functional.pad(
                    values, (0, 0, 0, whole - positions), value=-torch.inf
                ).unflatten(1, (-1, pool))
                before, after = values.clone(), values.clone()
                for position in range(1, pool):
                    before[:, :, position].clamp_(min=before[:, :, position - 1])
                    position = pool - 1 - position
                    after[:, :, position].clamp_(min=after[:, :, position + 1])
                values = before[:, :cells, -1]
                intact.before = _Framed(before.flatten(1, 2), margin)
                intact.after = _Framed(after.flatten(1, 2), margin)
            for item in stage.after:
                values = item.function(values)
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

    def _follow(self, known, intact, index, row, start, kmer):
        """The first Linear's values of edits that start at the same phase.

        Parameters
        ----------
        known, intact
            From `_values` of `index`.
        index : numpy.ndarray, shape (n, length), uint8
        row, start : numpy.ndarray, shape (m,), int
        kmer : numpy.ndarray, shape (m, k), uint8

        Returns
        -------
        torch.Tensor, shape (m, units)
        """
        rows, first = torch.from_numpy(row), torch.from_numpy(start)
        old = index[row[:, None], start[:, None] + np.arange(kmer.shape[1])]
        new, old = (torch.from_numpy(item.astype(np.int64)) for item in (kmer, old))
        change = self.column[new] - self.column[old]  # (m, k, 4)
        for stage, values, (positions, cells) in zip(
            self.stages, known, self.lengths, strict=True
        ):
            first = first + stage.left - stage.taps + 1
            width = change.shape[1] + stage.taps - 1
            moved = values.convolved.window(rows, first, width)
            _add_changes(moved, change, stage)
            for item in stage.before:
                moved = item.function(moved)
            if stage.pool > 1:
                moved, first = _pooled(moved, stage, values, rows, first, positions)
            for item in stage.after:
                moved = item.function(moved)
            width = moved.shape[1]
            change = moved - values.output.window(rows, first, width)
            # What lies beyond the ends is not there to change.
            if first.min() < 0 or first.max() + width > cells:
                position = first[:, None] + torch.arange(width)
                beyond = (position < 0) | (position >= cells)
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
    stage : proofread.models.stages.Stage
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
    stage : proofread.models.stages.Stage
    intact : _Intact
        The stage's values of all sequences of the batch.
    row : torch.Tensor, shape (m,), int64
        The sequence of each edit.
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
