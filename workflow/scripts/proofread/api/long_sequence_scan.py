"""The predictions of a network for every window of longer sequences."""

import os
from contextlib import contextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from proofread.api.arguments import (
    InputError,
    as_array,
    at_least,
    between,
    column_of,
    encoded,
    one_of,
)
from proofread.api.networks import prepared
from proofread.dna.encoding import UNKNOWN
from proofread.files.genome import open_genome
from proofread.methods.long_sequence_scan.tiles import scan_tiles
from proofread.methods.long_sequence_scan.tracks import (
    OF_STRANDS,
    split_contigs,
    write_bigwig,
)
from proofread.methods.long_sequence_scan.windows import TILE, all_tiles, layout_of
from proofread.models.predictor import predictor_of
from proofread.models.shared_windows import exact_scan

SMOOTHINGS = ("none", "mean", "gaussian", "overlap")
_SEQUENCES = "a FASTA file, strings, or strings by name, of any lengths"


class LongSequenceScan(NamedTuple):
    """The tracks of a scan.

    Parameters
    ----------
    tracks : list of proofread.methods.long_sequence_scan.tracks.Track
        Of each sequence and strand. `contig` names the sequence, `name` the strand
        (``forward``, ``reverse`` or ``both``); `position` (n,), int64, 0-based on the
        forward strand, ascending, `raw` and `smoothed` (n,), float64, logits, are
        arrays. NaN: a window with too many unknown bases.
    lengths : dict of str to int
        bp of each sequence, by name.
    stride : int
        bp between the starts of two windows.
    """

    tracks: list
    lengths: dict
    stride: int

    def write_bigwig(self, path, *, strand="forward", values="smoothed"):
        """Write the tracks of one strand as bigWig, for genome browsers.

        Parameters
        ----------
        path : str or path
        strand : str
            The `name` of the tracks.
        values : str
            smoothed or raw.

        Raises
        ------
        InputError
            If there are no such tracks, or pyBigWig is not installed.
        """
        one_of("strand", strand, dict.fromkeys(track.name for track in self.tracks))
        one_of("values", values, ["smoothed", "raw"])
        own = [track for track in self.tracks if track.name == strand]
        try:
            write_bigwig(path, own, self.lengths, self.stride, values)
        except ModuleNotFoundError as error:
            raise InputError(
                "write_bigwig",
                str(error),
                "the package pyBigWig",
                'install it: pip install -e ".[bigwig]"',
            ) from error


def long_sequence_scan(
    model,
    sequences,
    *,
    length=None,
    target=0,
    stride=8,
    anchor=None,
    strands="separate",
    max_unknown=0,
    smoothing="gaussian",
    smoothing_width=None,
):
    """Predict every window of sequences that are longer than the network's input.

    docs/methods/long_sequence_scan.md explains the method. Peaks, and the agreement
    with sites, are computed by the workflow only.

    Parameters
    ----------
    model : torch.nn.Module
        Maps float32 (batch, 4, length) to (batch,) or (batch, targets). Left unchanged.
    sequences : str or path, list of str, or dict of str to str
        A FASTA file, plain or gzip, whose bases are read window by window; or strings
        of any lengths, which are named 0, 1, ... or by the keys of the dict. One whose
        length is below that of a window has no value.
    length : int, optional
        Bases of a window: what the network takes. None: the network's own attribute
        `length`, which `load_network` gives.
    target : int or str
        A column of the output, 0-based, or the name of a target.
    stride : int
        bp between the starts of two windows. The last window ends with the sequence.
    anchor : int, optional
        Base of a window, from 0, at which its value stands. None: the middle.
    strands : str
        separate (a track of each strand), max (one track, the larger value of both) or
        forward.
    max_unknown : float
        Largest fraction of unknown bases in a window that gets a value, 0-1.
    smoothing : str
        none, mean, gaussian or overlap (the mean of all windows that cover a base).
    smoothing_width : int, optional
        bp: full width of mean, standard deviation of gaussian. None: an eighth of a
        window.

    Returns
    -------
    LongSequenceScan
        The tracks as arrays, all in memory; `write_bigwig` writes them.

    Raises
    ------
    InputError
        If an argument is not one of those above, or the FASTA file is none.
    """
    width = _width(model, length)
    at_least("stride", stride, 1)
    one_of("strands", strands, OF_STRANDS)
    one_of("smoothing", smoothing, SMOOTHINGS)
    between("max_unknown", max_unknown, 0, 1)
    if smoothing_width is not None:
        at_least("smoothing_width", smoothing_width, 1)
    if anchor is None:
        anchor = width // 2
    at_least("anchor", anchor, 0)
    between("anchor", anchor, 0, width - 1)
    settings = SimpleNamespace(
        stride=stride,
        strands=strands,
        max_unknown=max_unknown,
        smoothing=smoothing,
        smoothing_width=smoothing_width,
        faithful=False,
    )
    layout = layout_of(settings, width)
    # Any windows will do to see what the network returns.
    tried = np.random.default_rng(0).integers(4, size=(2, width)).astype(np.uint8)
    with _opened(sequences) as genome, prepared(model, tried) as network:
        column = column_of(target, network.targets)
        predictor = predictor_of(network, "model")
        scan = exact_scan(network, predictor, stride, max(1, TILE // stride))
        lengths = genome.lengths
        tiles = all_tiles(layout, lengths)
        logits = scan_tiles(scan, predictor, genome, tiles, column, settings)
    tracks = split_contigs(logits, lengths, settings, width, anchor)
    return LongSequenceScan(tracks, dict(lengths), stride)


@dataclass(frozen=True)
class _InMemory:
    """Sequences by name, read as those of a genome file are."""

    index: dict

    @property
    def lengths(self):
        """Bases of each, by name."""
        return {name: len(index) for name, index in self.index.items()}

    def fetch(self, contig, start, end):
        """Bases of an interval, 0-based and half-open."""
        return self.index[contig][start:end]


@contextmanager
def _opened(sequences):
    """The sequences of a file, of a list or of a dict, with `lengths` and `fetch`."""
    if isinstance(sequences, str | os.PathLike):
        with open_genome(sequences) as genome:
            yield genome
        return
    if not isinstance(sequences, dict):
        texts = sequences.tolist() if hasattr(sequences, "tolist") else sequences
        if not isinstance(texts, list | tuple):
            raise InputError(
                "sequences",
                type(sequences).__name__,
                _SEQUENCES,
                "pass the path of a file, or strings",
            )
        sequences = {str(row): text for row, text in enumerate(texts)}
    if not sequences:
        raise InputError("sequences", "none", _SEQUENCES, "pass some sequences")
    yield _InMemory({name: _index_of(name, text) for name, text in sequences.items()})


def _index_of(name, text):
    """A sequence as indices, (length,), uint8."""
    where = f"sequences, record {name}"
    if isinstance(text, str):
        return encoded(text, where)
    index = as_array(text, where, _SEQUENCES)
    whole = index.ndim == 1 and index.dtype.kind in "iu"
    if not whole or ((index < 0) | (index > UNKNOWN)).any():
        raise InputError(
            where,
            f"{type(text).__name__} of shape {index.shape}, {index.dtype}",
            "a string, or whole numbers (length,) of 0-4",
            "pass one string for each sequence",
        )
    return index.astype(np.uint8)


def _width(model, length):
    """Bases of a window: as stated, or the network's own."""
    if length is None:
        length = getattr(model, "length", None)
    if length is None:
        raise InputError(
            "length",
            "None, and the model has no attribute 'length'",
            "bases of a window, as many as the model takes",
            "pass length=",
        )
    at_least("length", length, 1)
    return int(length)
