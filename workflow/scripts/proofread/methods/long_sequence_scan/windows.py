"""Where the windows of a scan lie, and the tiles that are split between its jobs.

A tile is a run of windows of one contig, always of the same windows whatever the number
of jobs. A job takes whole tiles, so what one job makes and what ten jobs make, put
together, are the same bytes. Coordinates are 0-based and half-open.
"""

from dataclasses import dataclass

import numpy as np

from proofread.dna.encoding import UNKNOWN, reverse_complement
from proofread.errors import InputError

_METHOD = "methods.long_sequence_scan"
TILE = 32_768  # bases from a tile's first window start to that of the next tile
# Genomic-ULMFiT's scan (Heyer 2019): 100 bases every 50, whatever the model's length.
FAITHFUL_WIDTH, FAITHFUL_STRIDE = 100, 50


@dataclass(frozen=True)
class Tile:
    """Windows of one contig, `step` bases apart.

    Attributes
    ----------
    contig : str
    start : int
        Of the first window.
    windows, step, width : int
    end : int
        Of the last window; the contig's, where that ends before it.
    """

    contig: str
    start: int
    windows: int
    step: int
    width: int
    end: int

    @property
    def starts(self):
        """Start of each window, (windows,)."""
        return self.start + self.step * np.arange(self.windows)

    @property
    def span(self):
        """Bases from the first window's start to the last window's full width."""
        return self.step * (self.windows - 1) + self.width


@dataclass(frozen=True)
class Layout:
    """How windows are laid over contigs.

    Attributes
    ----------
    width : int
        Bases of a window.
    stride : int
        Bases between the starts of two windows.
    faithful : bool
        True: as Genomic-ULMFiT cut a genome: a window at every multiple of the stride
        but the last, the one before it cut short by the contig's end. False: every
        window whole, the last one at the contig's end (closer to the one before).
    """

    width: int
    stride: int
    faithful: bool = False

    def starts(self, length):
        """Window starts in a contig of `length` bases, ascending; (n,), int64."""
        if self.faithful:
            return self.stride * np.arange(max(0, -(-length // self.stride) - 1))
        if length < self.width:
            return np.arange(0)
        last = length - self.width
        starts = self.stride * np.arange(last // self.stride + 1)
        return starts if last % self.stride == 0 else np.append(starts, last)

    def count(self, length):
        """Number of windows in a contig of `length` bases."""
        return len(self.starts(length))

    def tiles(self, contig, length):
        """The windows of a contig as tiles, in order.

        The anchored last window, which is no multiple of the stride, is a tile of its
        own: the windows of a tile have one distance.

        Returns
        -------
        list of Tile
        """
        starts = self.starts(length)
        regular = len(starts)
        if regular and starts[-1] % self.stride:
            regular -= 1
        size = max(1, TILE // self.stride)
        pieces = [
            (int(starts[first]), min(size, regular - first))
            for first in range(0, regular, size)
        ]
        pieces += [(int(start), 1) for start in starts[regular:]]
        return [
            Tile(
                contig,
                start,
                windows,
                self.stride,
                self.width,
                min(start + self.stride * (windows - 1) + self.width, length),
            )
            for start, windows in pieces
        ]


def all_tiles(layout, lengths):
    """Tiles of all contigs, in the order of the genome.

    Parameters
    ----------
    layout : Layout
    lengths : dict of str to int
        bp of each contig.
    """
    return [
        tile
        for contig, length in lengths.items()
        for tile in layout.tiles(contig, length)
    ]


def items_of_chunk(items, chunk, chunks):
    """The items of one of several jobs: contiguous, and together all items."""
    return items[len(items) * chunk // chunks : len(items) * (chunk + 1) // chunks]


def layout_of(params, length):
    """The layout that the settings ask for, of a model of `length` bases."""
    if params.faithful:
        return Layout(FAITHFUL_WIDTH, FAITHFUL_STRIDE, faithful=True)
    return Layout(length, params.stride)


def strands_of(params):
    """Whether the strand of each column of a chunk's values is the reverse one."""
    forward_only = params.faithful or params.strands == "forward"
    return [False] if forward_only else [False, True]


def target_column(wanted, targets):
    """Column of the target to scan for.

    Parameters
    ----------
    wanted : list of str, or None
        One name; None: the first target.
    targets : list of str
        Names of the model's targets.

    Raises
    ------
    InputError
        If there is no such target.
    """
    if wanted is None:
        return 0
    (name,) = wanted
    if name not in targets:
        raise InputError(
            f"{_METHOD}.targets",
            f"no target {name!r}",
            "one of " + ", ".join(targets),
            "correct it, or write null for the first",
        )
    return list(targets).index(name)


def anchor_of(anchor, width):
    """Base of a window that stands for the site; the middle one where none is given.

    Raises
    ------
    InputError
        If it lies outside the window.
    """
    if anchor is None:
        return width // 2
    if anchor >= width:
        raise InputError(
            f"{_METHOD}.anchor",
            f"{anchor}, in windows of {width} bases",
            f"at most {width - 1}: it counts from 0",
            "correct it, or write null for the middle",
        )
    return anchor


def tile_logits(scan, predictor, tile, index, column, *, reverse, faithful=False):
    """Logits, or outputs for quantities, of one target for the windows of a tile.

    Parameters
    ----------
    scan : callable
        Of `proofread.models.shared_windows`.
    predictor : proofread.models.predictor.Predictor
        The same model; asked where the windows are not as long as its sequences.
    tile : Tile
    index : numpy.ndarray, shape (tile.end - tile.start,), uint8
    column : int
        Of the target.
    reverse, faithful : bool

    Returns
    -------
    numpy.ndarray, shape (windows,), float32
        In the order of the starts, on either strand.
    """
    starts = tile.starts - tile.start
    if faithful:
        windows = fitted(index, starts, tile.width, predictor.length)
        return predictor.predict(windows)[:, column]
    if not reverse:
        return scan(index, starts)[:, column]
    # On the reverse strand the last window comes first.
    return scan(reverse_complement(index), tile.span - tile.width - starts)[:, column]


def fitted(index, starts, width, length):
    """Windows made as long as a model's sequences.

    Genomic-ULMFiT gave windows of 100 bases to a model of 150, which took any length.
    Here a window that is too short, by the contig's end or by the model, is followed by
    unknown bases, and of one that is too long the middle is taken.

    Parameters
    ----------
    index : numpy.ndarray, shape (bases,), uint8
        The last window may end beyond it.
    starts : numpy.ndarray, shape (n,), int
    width, length : int
        Of the windows, and of the model's sequences.

    Returns
    -------
    numpy.ndarray, shape (n, length), uint8
    """
    padded = np.pad(index, (0, width), constant_values=UNKNOWN)
    windows = np.lib.stride_tricks.sliding_window_view(padded, width)[starts]
    if length <= width:
        first = (width - length) // 2
        return windows[:, first : first + length]
    return np.pad(windows, ((0, 0), (0, length - width)), constant_values=UNKNOWN)


def unknown_fraction(index, starts, width):
    """Fraction of unknown bases in each window, 0-1; (n,)."""
    total = np.concatenate([[0], np.cumsum(index == UNKNOWN)])
    return (total[starts + width] - total[starts]) / width
