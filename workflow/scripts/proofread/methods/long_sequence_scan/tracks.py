"""Tracks of a scan: one value per position and strand, smoothed, and written to files.

A window's value stands at one base, its anchor: the base of the window that a site (a
start of transcription, say) has in the model's sequences. A window on the reverse
strand is read backwards, so its anchor lies as far from its end.
"""

import gzip
import io
from dataclasses import dataclass

import numpy as np
import pandas as pd

from proofread.atomic import atomic, reserve
from proofread.errors import InputError
from proofread.methods.long_sequence_scan.windows import (
    FAITHFUL_WIDTH,
    layout_of,
    strands_of,
)
from proofread.progress import log
from proofread.statistics.logits import probability
from proofread.tables import read_values

# Strands of the sites that a track may show; '.' is a site of either strand.
SHOWN_STRANDS = {"forward": "+.", "reverse": "-.", "both": "+-."}
# Tracks by the setting `strands`.
OF_STRANDS = {
    "separate": ["forward", "reverse"],
    "max": ["both"],
    "forward": ["forward"],
}
_DIGITS = "%.5g"
_BIGWIG_BYTES = 16  # for a value, at most: a million random ones took 8 each


@dataclass(frozen=True, eq=False)
class Track:
    """Values along one contig.

    Attributes
    ----------
    name : str
        A key of `SHOWN_STRANDS`.
    contig : str
    length : int
        bp of the contig.
    position : numpy.ndarray, shape (n,), int64
        Anchors, 0-based, ascending.
    raw, smoothed : numpy.ndarray, shape (n,), float64
        NaN: a window without a value.
    """

    name: str
    contig: str
    length: int
    position: np.ndarray
    raw: np.ndarray
    smoothed: np.ndarray

    def __len__(self):
        return len(self.position)


def anchors(starts, width, anchor, *, reverse=False):
    """Position of each window's anchor on the forward strand, 0-based.

    Parameters
    ----------
    starts : numpy.ndarray, shape (n,)
    width, anchor : int
        `anchor` counts from the window's first base on its own strand.
    reverse : bool
        The windows are read on the reverse strand.
    """
    return starts + (width - 1 - anchor if reverse else anchor)


def either_strand(forward, reverse, stride):
    """The larger of both strands' values at each position.

    Windows of the two strands have their anchors at different positions. A position's
    value is the larger one of the nearest anchor of each strand, at most half a stride
    away.

    Parameters
    ----------
    forward, reverse : tuple of numpy.ndarray, each (n,)
        Positions, ascending, and values.
    stride : int

    Returns
    -------
    position, value : numpy.ndarray, shape (m,)
        The anchors of the forward strand, and beyond both its ends those of the
        reverse strand.
    """
    position, _ = forward
    other, _ = reverse
    if len(position) == 0:
        return reverse
    beyond = (other < position[0] - stride / 2) | (other > position[-1] + stride / 2)
    position = np.union1d(position, other[beyond])
    best = np.full(len(position), np.nan)
    for anchor, values in (forward, reverse):
        index, distance = nearest(position, anchor)
        near = distance <= stride / 2
        best[near] = np.fmax(best[near], values[index[near]])
    return position, best


def nearest(positions, sorted_positions):
    """Index of, and distance to, the nearest of some ascending positions.

    Returns
    -------
    index : numpy.ndarray, int64
        The lower one of two that are equally near; 0 where there is none.
    distance : numpy.ndarray, float64
        Inf where there is none.
    """
    positions = np.asarray(positions)
    if len(sorted_positions) == 0:
        return np.zeros(len(positions), dtype=np.int64), np.full(len(positions), np.inf)
    after = np.searchsorted(sorted_positions, positions)
    before = np.clip(after - 1, 0, None)
    after = np.clip(after, None, len(sorted_positions) - 1)
    to_before = np.abs(positions - sorted_positions[before])
    to_after = np.abs(sorted_positions[after] - positions)
    index = np.where(to_after < to_before, after, before)
    return index, np.minimum(to_before, to_after).astype(float)


def smoothing_weights(kind, width, stride, window, anchor):
    """Weights of a position's neighbours.

    Parameters
    ----------
    kind : str
        none; mean, of the positions within `width` / 2 bp to either side; gaussian,
        with a standard deviation of `width` bp, cut at four of them; overlap, the mean
        of all windows that cover the position.
    width : int
        bp; not used by none and overlap.
    stride, window, anchor : int
        Of the windows; `anchor` on the forward strand.

    Returns
    -------
    weights : numpy.ndarray, shape (k,)
        Sum 1.
    first : int
        Which neighbour the first weight is of: -1 is the position before.
    """
    if kind == "none":
        return np.ones(1), 0
    if kind == "overlap":
        # Windows that start within (position - window, position].
        first, last = -((window - 1 - anchor) // stride), anchor // stride
        return np.full(last - first + 1, 1 / (last - first + 1)), first
    reach = (width / 2 if kind == "mean" else 4 * width) // stride
    offsets = np.arange(-reach, reach + 1)
    weights = np.ones(len(offsets))
    if kind == "gaussian":
        weights = np.exp(-0.5 * (offsets * stride / width) ** 2)
    return weights / weights.sum(), -int(reach)


def smooth(values, weights, first):
    """Weighted mean of each value and its neighbours, of as many as there are.

    Parameters
    ----------
    values : numpy.ndarray, shape (n,)
        NaN is left out of the means, and stays NaN.
    weights : numpy.ndarray, shape (k,)
    first : int
        From `smoothing_weights`.

    Returns
    -------
    numpy.ndarray, shape (n,), float64
    """
    values = np.asarray(values, dtype=np.float64)
    if len(weights) == 1 or len(values) == 0:
        return values.copy()
    known = ~np.isnan(values)
    around = (-first, len(weights) + first - 1)

    def total(numbers):
        return np.correlate(np.pad(numbers, around), weights, "valid")

    with np.errstate(invalid="ignore", divide="ignore"):
        means = total(np.where(known, values, 0.0)) / total(known.astype(float))
    return np.where(known, means, np.nan)


def cells(track, stride):
    """The bases that each value of a track stands for, without overlap.

    Parameters
    ----------
    track : Track
    stride : int

    Returns
    -------
    start, end : numpy.ndarray, shape (n,), int64
        Half-way to the neighbours, and at most half a stride beyond the ends.
    """
    position = track.position
    between = (position[:-1] + position[1:] + 1) // 2
    start = np.append(max(0, position[0] - stride // 2), between)
    end = np.append(between, min(track.length, position[-1] + -(-stride // 2)))
    return start, np.maximum(end, start + 1)


def write_bedgraph(path, tracks, stride, title):
    """Write the smoothed values of some contigs' tracks as bedGraph, 0-based half-open.

    Parameters
    ----------
    path : str or path
    tracks : list of Track
        One per contig.
    stride : int
    title : str
        Of the track line.
    """
    with atomic(path) as temporary, open(temporary, "w", encoding="utf-8") as file:
        file.write(f'track type=bedGraph name="{title}"\n')
        for track in tracks:
            if len(track):
                start, end = cells(track, stride)
                table = pd.DataFrame(
                    {
                        "contig": track.contig,
                        "start": start,
                        "end": end,
                        "value": track.smoothed,
                    }
                ).dropna()
                table.to_csv(
                    file,
                    sep="\t",
                    header=False,
                    index=False,
                    float_format=_DIGITS,
                    lineterminator="\n",
                )


def write_bigwig(path, tracks, lengths, stride, values):
    """Write a track as bigWig, which genome browsers read in pieces.

    Parameters
    ----------
    path : str or path
    tracks : list of Track
        One per contig, in the order of `lengths`.
    lengths : dict of str to int
        bp of every contig.
    stride : int
    values : str
        raw or smoothed.
    """
    import pyBigWig

    with atomic(path) as temporary:
        # On a full disk pyBigWig ends the process with a memory error.
        reserve(temporary, _BIGWIG_BYTES * sum(len(track.raw) for track in tracks))
        file = pyBigWig.open(str(temporary), "w")
        file.addHeader(list(lengths.items()))
        for track in tracks:
            value = getattr(track, values)
            known = ~np.isnan(value)
            if known.any():
                start, end = cells(track, stride)
                file.addEntries(
                    np.full(int(known.sum()), track.contig),
                    start[known],
                    ends=end[known],
                    values=value[known].astype(np.float64),
                )
        file.close()


def write_positions(path, contigs):
    """Write every value of every track as a gzipped TSV; the same values, same bytes.

    Parameters
    ----------
    path : str or path
    contigs : iterable of Track
    """
    header = True
    with (
        atomic(path) as temporary,
        open(temporary, "wb") as file,
        gzip.GzipFile("", "wb", compresslevel=4, fileobj=file, mtime=0) as packed,
        io.TextIOWrapper(packed, encoding="utf-8", newline="") as text,
    ):
        for track in contigs:
            pd.DataFrame(
                {
                    "contig": track.contig,
                    "track": track.name,
                    "position": track.position,
                    "raw": track.raw,
                    "smoothed": track.smoothed,
                }
            ).to_csv(
                text,
                sep="\t",
                header=header,
                index=False,
                float_format=_DIGITS,
                lineterminator="\n",
            )
            header = False


def floored(logit):
    """Probabilities, those of at most a half set to 0: Genomic-ULMFiT's track.

    It plotted the probability of the positive class where that is above the other
    class's, and 0 elsewhere.
    """
    likely = probability(logit)
    return np.where(likely > 0.5, likely, np.where(np.isnan(likely), np.nan, 0.0))


def tracks_of(contig, length, outputs, params, width, anchor):
    """The tracks of one contig.

    Parameters
    ----------
    contig : str
    length : int
        bp.
    outputs : numpy.ndarray, shape (windows, strands)
        Of the network.
    params : object
        The method's settings.
    width, anchor : int
        Of the model's sequences.

    Returns
    -------
    list of proofread.methods.long_sequence_scan.tracks.Track
        In the unit of the outputs; with `faithful` in probabilities.
    """
    layout = layout_of(params, width)
    starts = layout.starts(length)
    if params.faithful:
        values = floored(outputs[:, 0])
        position = np.minimum(starts + FAITHFUL_WIDTH // 2, length - 1)
        return [Track("forward", contig, length, position, values, values)]
    outputs = outputs.astype(np.float64)
    by_strand = [
        (anchors(starts, width, anchor, reverse=reverse), outputs[:, column])
        for column, reverse in enumerate(strands_of(params))
    ]
    names = OF_STRANDS[params.strands]
    if names == ["both"]:
        by_strand = [either_strand(*by_strand, params.stride)]
    tracks = []
    for name, (position, raw) in zip(names, by_strand, strict=True):
        weights = smoothing_of(params, width, anchor, name)
        tracks.append(Track(name, contig, length, position, raw, smooth(raw, *weights)))
    return tracks


def smoothing_of(params, width, anchor, name):
    """Weights of a track's smoothing, as `smoothing_weights` gives them."""
    at = {"forward": anchor, "reverse": width - 1 - anchor, "both": width // 2}
    reach = params.smoothing_width or max(1, width // 8)
    return smoothing_weights(params.smoothing, reach, params.stride, width, at[name])


def log_smoothing(params, width, anchor):
    """Say so where a smoothing that was asked for reaches no other window."""
    if params.faithful or params.smoothing == "none":
        return
    for name in OF_STRANDS[params.strands]:
        weights, _ = smoothing_of(params, width, anchor, name)
        if len(weights) == 1:
            log.info(
                "%s: smoothing %s reaches no neighbouring window at stride %d: "
                "the smoothed track is the raw one",
                name,
                params.smoothing,
                params.stride,
            )


def read_chunks(paths, windows, name="logits"):
    """The outputs of all windows, in the order of the genome.

    Parameters
    ----------
    paths : list of str
    windows : int
        That there must be.
    name : str
        Of the array, `outputs` for quantities.
    """
    outputs = np.concatenate([read_values(path, [name])[name] for path in paths])
    if len(outputs) != windows:
        raise InputError(
            paths[0],
            f"{len(outputs)} windows in {len(paths)} chunks",
            f"{windows}, those of the genome",
            "delete the folder of the chunks and run again",
        )
    return outputs


def split_contigs(outputs, lengths, params, width, anchor):
    """The tracks of all contigs, in the order of the genome, from `read_chunks`."""
    layout = layout_of(params, width)
    log_smoothing(params, width, anchor)
    tracks, begin, short = [], 0, 0
    for contig, length in lengths.items():
        count = layout.count(length)
        short += count == 0
        part = outputs[begin : begin + count]
        tracks += tracks_of(contig, length, part, params, width, anchor)
        begin += count
    if short:
        log.info("%d contigs are shorter than a window: no value", short)
    return tracks


def write_tracks(
    tracks, lengths, stride, target, *, bedgraph, bigwig, raw_bigwig, positions
):
    """Write the values of all tracks: bedGraph, bigWig and TSV.

    Parameters
    ----------
    tracks : list of Track
    lengths : dict of str to int
        bp of each contig.
    stride : int
        bp.
    target : str
    bedgraph, bigwig, raw_bigwig : list of path
        One file for each kind of track; the raw values have a bigWig of their own.
    positions : path
        One file for all.
    """
    names = list(dict.fromkeys(track.name for track in tracks))
    files = zip(names, bedgraph, bigwig, raw_bigwig, strict=True)
    for name, smoothed_text, smoothed, raw in files:
        own = [track for track in tracks if track.name == name]
        write_bedgraph(smoothed_text, own, stride, f"{target}, {name}")
        write_bigwig(smoothed, own, lengths, stride, "smoothed")
        write_bigwig(raw, own, lengths, stride, "raw")
    write_positions(positions, tracks)
