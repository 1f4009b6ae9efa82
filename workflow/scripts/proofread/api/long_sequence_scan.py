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
from proofread.files.signal import check_signal
from proofread.methods.long_sequence_scan.signal import compare_with
from proofread.methods.long_sequence_scan.tiles import scan_tiles
from proofread.methods.long_sequence_scan.tracks import (
    OF_STRANDS,
    split_contigs,
    write_bigwig,
)
from proofread.methods.long_sequence_scan.windows import (
    TILE,
    Layout,
    all_tiles,
    layout_of,
)
from proofread.models.predictor import predictor_of
from proofread.models.shared_windows import exact_scan
from proofread.statistics.units import LOGIT

SMOOTHINGS = ("none", "mean", "gaussian", "overlap")
_SEQUENCES = "a FASTA file, strings, or strings by name, of any lengths"


class LongSequenceScan(NamedTuple):
    """The tracks of a scan.

    Parameters
    ----------
    tracks : list of proofread.methods.long_sequence_scan.tracks.Track
        Of each sequence and strand. `contig` names the sequence, `name` the strand
        (``forward``, ``reverse`` or ``both``); `position` (n,), int64, 0-based on the
        forward strand, ascending, `raw` and `smoothed` (n,), float64, are arrays, in
        `unit`. NaN: a window with too many unknown bases.
    lengths : dict of str to int
        bp of each sequence, by name.
    stride : int
        bp between the starts of two windows.
    width : int
        bp of a window.
    unit : str
        ``logit``; of a network for quantities ``user`` (their own units), ``log1p``,
        ``rank_normal`` or ``log rate``.
    """

    tracks: list
    lengths: dict
    stride: int
    width: int
    unit: str = LOGIT

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

    def compare_signal(
        self, path, *, signal_width=None, signal_gaps="zero", shifts=1000, seed=1
    ):
        """Correlations of the tracks with a signal that was measured along them.

        Parameters
        ----------
        path : str or path
            bigWig (.bw, .bigWig), or bedGraph (.bedGraph, .bdg, .bg, or .gz of one).
            Its contigs have the names of the sequences.
        signal_width : int, optional
            bp around the position of a value over which the signal is averaged. None:
            those of a window.
        signal_gaps : str
            Bases without an entry: zero (their value is 0) or missing (left out).
        shifts : int
            Random circular shifts of the signal, for the null; at least 20.
        seed : int

        Returns
        -------
        pandas.DataFrame
            A row for each track and correlation (`signal_pearson`, `signal_spearman`):
            the columns of the workflow's signal.tsv.

        Raises
        ------
        InputError
            If an argument is not one of those above, or the file cannot be read, has
            none of the sequences, or is of others.
        """
        one_of("signal_gaps", signal_gaps, ["zero", "missing"])
        if signal_width is not None:
            at_least("signal_width", signal_width, 1)
        at_least("shifts", shifts, 20)
        at_least("seed", seed, 0)
        settings = SimpleNamespace(
            signal_width=signal_width,
            signal_gaps=signal_gaps,
            shifts=shifts,
            seed=seed,
        )
        check_signal(path, self.lengths, self._refuse)
        layout = Layout(self.width, self.stride)
        _, table, _ = compare_with(path, self.tracks, settings, layout)
        return table

    def _refuse(self, contig, where):
        raise InputError(
            where,
            f"the contig {contig!r}, and no sequence of the scan",
            "one of " + ", ".join(list(self.lengths)[:5]),
            "name the sequences as the signal does: pass a dict",
        )


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
        The tracks as arrays, all in memory; `write_bigwig` writes them, and
        `compare_signal` compares them with a measured signal.

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
        outputs = scan_tiles(scan, predictor, genome, tiles, column, settings)
    tracks = split_contigs(outputs, lengths, settings, width, anchor)
    unit = predictor.output_unit
    return LongSequenceScan(tracks, dict(lengths), stride, width, unit)


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
