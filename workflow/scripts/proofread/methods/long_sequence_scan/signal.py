"""How far tracks follow a measured signal, with a null of circular shifts.

The null moves the signal around each contig by a random number of strides. Its values
and their neighbours stay the same; only its place along the track is lost. All shifts
are counted at once, by Fourier transforms.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from proofread.files.signal import open_signal
from proofread.methods.long_sequence_scan.agreement import Null
from proofread.progress import log
from proofread.statistics.correlation import mean_ranks, spearman
from proofread.tables import Score

PEARSON, SPEARMAN = "signal_pearson", "signal_spearman"
SIGNAL_COLUMNS = [
    *("track", "contig", "metric", "value", "n"),
    *("null_mean", "null_low", "null_high", "p"),
]
# Sums over windows by Fourier transforms differ from each other by less than this.
_ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class Pair:
    """A track of one contig, and the signal at its positions.

    Attributes
    ----------
    track : proofread.methods.long_sequence_scan.tracks.Track
    signal : numpy.ndarray, shape (n,), float64
        NaN: no value.
    """

    track: object
    signal: np.ndarray


def signal_along(entries, position, width, length, *, gaps):
    """Mean signal around the positions of a track.

    Parameters
    ----------
    entries : proofread.files.signal.Entries
    position : numpy.ndarray, shape (n,), int
        0-based.
    width : int
        bp; the position is in the middle. At the ends of the contig there are fewer.
    length : int
        bp of the contig.
    gaps : str
        As of `Entries.means`.

    Returns
    -------
    numpy.ndarray, shape (n,), float64
    """
    first = position - width // 2
    last = np.minimum(first + width, length)
    return entries.means(np.maximum(first, 0), last, gaps=gaps)


def pairs_of(tracks, path, params, width):
    """Each track with its signal; contigs that the file does not have are left out.

    Parameters
    ----------
    tracks : list of proofread.methods.long_sequence_scan.tracks.Track
    path : str
        Of the signal.
    params : object
        `signal_width` and `signal_gaps`.
    width : int
        bp of a window.

    Returns
    -------
    list of Pair
    """
    width = params.signal_width or width
    pairs, contig, entries = [], None, None
    with open_signal(path) as signal:
        tracks = [track for track in tracks if len(track)]
        known = [track for track in tracks if track.contig in signal.lengths]
        if len(known) < len(tracks):
            missing = {track.contig for track in tracks} - set(signal.lengths)
            log.info("%d contigs without a signal are left out of it", len(missing))
        for track in known:
            if track.contig != contig:
                contig, entries = track.contig, signal.entries(track.contig)
            values = signal_along(
                entries, track.position, width, track.length, gaps=params.signal_gaps
            )
            pairs.append(Pair(track, values))
    return pairs


def compare_with(path, tracks, params, layout):
    """Compare tracks with a signal.

    Parameters
    ----------
    path : str
        Of the signal; nothing is compared if it is empty.
    tracks : list of proofread.methods.long_sequence_scan.tracks.Track
    params : object
        `signal_width`, `signal_gaps`, `shifts` and `seed`.
    layout : proofread.methods.long_sequence_scan.windows.Layout

    Returns
    -------
    pairs : list of Pair
    table, shifted
        As of `compare_signal`.
    """
    pairs = pairs_of(tracks, path, params, layout.width) if path else []
    # A shift by less than a window, or than the bases of a mean, would leave the signal
    # nearly where it is.
    width = max(layout.width, params.signal_width or 0)
    null = Null(params.shifts, -(-width // layout.stride), params.seed)
    return pairs, *compare_signal(pairs, null)


def compare_signal(pairs, null):
    """Correlations of each kind of track with the signal, and their nulls.

    Contigs without room for shifts are left out. If none has room, all are compared,
    without a null.

    Parameters
    ----------
    pairs : list of Pair
    null : proofread.methods.long_sequence_scan.agreement.Null

    Returns
    -------
    table : pandas.DataFrame
        `SIGNAL_COLUMNS`. Rows of all contigs together have an empty `contig`; if there
        are several, those of each contig follow. `n`: windows with both values.
        ``p = (1 + shifts as high or higher) / (1 + shifts)``. Spearman's correlation
        ranks the windows with both values; its null and p rank all windows with a
        value, since each shift has other windows with both.
    shifted : dict of (str, str) to numpy.ndarray, shape (shifts,)
        By track and metric: the correlations of all contigs together when shifted.
    """
    room = [pair for pair in pairs if null.has_room(len(pair.track))]
    if not room and pairs:
        log.info("no contig has room for shifts: the signal has no null")
    elif len(room) < len(pairs):
        log.info(
            "%d tracks are left out of the comparison with the signal: fewer than %d "
            "windows leave no room for shifts",
            len(pairs) - len(room),
            2 * null.min_shift,
        )
    pairs = room or pairs
    rows, shifted = [], {}
    for name in dict.fromkeys(pair.track.name for pair in pairs):
        own = [pair for pair in pairs if pair.track.name == name]
        drawn = null.draw([len(pair.track) for pair in own]).T
        parts = [("", own, drawn)]
        if len(own) > 1:
            parts += [
                (pair.track.contig, [pair], drawn[number : number + 1])
                for number, pair in enumerate(own)
            ]
        for contig, some, shifts in parts:
            for metric, ranked in ((PEARSON, False), (SPEARMAN, True)):
                value, moved, n = correlations(some, shifts, ranked=ranked)
                beside = _beside(value, moved)
                if ranked:
                    value = _spearman(some)
                rows.append((name, contig, metric, value, n, *beside))
                if not contig:
                    shifted[name, metric] = moved
    return pd.DataFrame(rows, columns=SIGNAL_COLUMNS), shifted


def correlations(pairs, shifts, *, ranked):
    """The correlation of tracks with their signal, and of the shifted signal.

    Parameters
    ----------
    pairs : list of Pair
    shifts : numpy.ndarray, shape (pairs, m), int
        Windows by which each signal is moved.
    ranked : bool
        Pearson's of the ranks among all windows with a value. False: of the values.

    Returns
    -------
    value : float
        NaN where the track or the signal is constant.
    moved : numpy.ndarray, shape (m,), float64
    n : int
        Windows with both values.
    """
    first = _scaled([pair.track.raw for pair in pairs], ranked=ranked)
    second = _scaled([pair.signal for pair in pairs], ranked=ranked)
    # Six sums over the windows with both values, for no shift and each shift.
    sums = np.zeros((6, 1 + shifts.shape[1]))
    for own, signal, moved in zip(first, second, shifts, strict=True):
        at = np.concatenate([[0], moved]).astype(np.int64)
        sums += _sums(own, signal)[:, at]
    n, of_first, of_second, first_squared, second_squared, product = sums
    with np.errstate(invalid="ignore", divide="ignore"):
        covariance = product - of_first * of_second / n
        variances = [
            squared - total**2 / n
            for squared, total in (
                (first_squared, of_first),
                (second_squared, of_second),
            )
        ]
        varied = np.minimum(*variances) > _ROUNDING * n
        scale = np.sqrt(variances[0] * variances[1])
        values = np.clip(np.where(varied, covariance / scale, np.nan), -1, 1)
    return float(values[0]), values[1:], int(n[0])


def _spearman(pairs):
    """Spearman's correlation over the windows with both values."""
    first = np.concatenate([pair.track.raw for pair in pairs])
    second = np.concatenate([pair.signal for pair in pairs])
    both = ~np.isnan(first) & ~np.isnan(second)
    return spearman(first[both], second[both])


def _scaled(parts, *, ranked):
    """Values of several contigs, or their ranks, with mean 0 and a variance of 1."""
    whole = np.concatenate(parts)
    known = ~np.isnan(whole)
    values = whole[known].astype(np.float64)
    if ranked and len(values):
        values = mean_ranks(values)
    if len(values) and np.ptp(values) > 0:
        values = values - values.mean()
        # Scaled by the largest first, because squares of large numbers overflow.
        values = values / np.abs(values).max()
        values = values / values.std()
    else:
        values = np.zeros(len(values))
    whole = np.full(len(whole), np.nan)
    whole[known] = values
    return np.split(whole, np.cumsum([len(part) for part in parts])[:-1])


def _sums(first, second):
    """Number, sums, sums of squares and of products of pairs, for every shift: (6, n).

    The pairs of shift s are ``first[i]`` and ``second[i - s]``, around the end.
    """
    known = [(~np.isnan(values)).astype(np.float64) for values in (first, second)]
    first, second = (np.nan_to_num(values) for values in (first, second))
    return np.stack(
        [
            np.rint(_around(*known)),
            _around(first, known[1]),
            _around(known[0], second),
            _around(first**2, known[1]),
            _around(known[0], second**2),
            _around(first, second),
        ]
    )


def _around(first, second):
    """Sum of ``first[i] * second[i - s]`` over i, for every s."""
    spectrum = np.fft.rfft(first) * np.conj(np.fft.rfft(second))
    return np.fft.irfft(spectrum, len(first))


def _beside(value, moved):
    """Mean and middle 95 % of the shifts, and p; NaN where there are none."""
    moved = moved[~np.isnan(moved)]
    if len(moved) == 0 or np.isnan(value):
        return (np.nan,) * 4
    as_high = int((moved >= value - _ROUNDING).sum())
    low, high = np.percentile(moved, [2.5, 97.5])
    return moved.mean(), low, high, (1 + as_high) / (1 + len(moved))


def signal_scores(table, target):
    """Scores: the correlations of all contigs together; the variant is the track.

    Parameters
    ----------
    table : pandas.DataFrame
        From `compare_signal`.
    target : str

    Returns
    -------
    list of proofread.tables.Score
    """
    whole = table[(table["contig"] == "") & table["value"].notna()]
    return [
        Score(
            row.metric,
            row.value,
            row.n,
            np.nan,
            np.nan,
            target=target,
            variant=row.track,
            chance=0.0,
        )
        for row in whole.itertuples()
    ]
