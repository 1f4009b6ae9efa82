"""How far tracks and peaks agree with known sites, and a null for each number.

The null moves the sites around each contig by a random number of strides, all by the
same (a circular shift): the sites keep their number and their spacing and the track is
unchanged; only the agreement of the two is lost.
"""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from proofread.methods.long_sequence_scan.tracks import SHOWN_STRANDS, nearest
from proofread.progress import log
from proofread.statistics.metrics import auprc
from proofread.statistics.proportions import wilson_interval

# The columns of the tables, which they have without sites, too.
MEASURES = [
    "window_auroc",
    "site_score",
    "peak_precision",
    "peak_recall",
    "peak_f1",
    "peak_distance",
]
NUMBER_COLUMNS = [
    "metric",
    "value",
    "n",
    "ci_low",
    "ci_high",
    "null_mean",
    "null_low",
    "null_high",
    "p",
]
PROFILE_COLUMNS = ["offset", "mean", "null_low", "null_mean", "null_high"]
# Numbers that are smaller where the scan is better; the others are larger.
_SMALL_IS_GOOD = ("peak_distance",)


@dataclass(frozen=True)
class Null:
    """Circular shifts.

    Attributes
    ----------
    shifts : int
    min_shift : int
        Windows that a shift moves the sites by, at least, in either direction.
    seed : int
    """

    shifts: int
    min_shift: int
    seed: int

    def has_room(self, windows):
        """Whether sites can move around a contig by `min_shift` in either direction."""
        return windows >= 2 * self.min_shift

    def draw(self, windows):
        """Windows to shift by, (shifts, contigs); none where a contig has no room.

        Parameters
        ----------
        windows : list of int
            Of each contig.

        Returns
        -------
        numpy.ndarray, int64
            (0, contigs) if a contig has no room: its sites would stay nearly where they
            are, and the null would hold what it is compared with.
        """
        rng = np.random.default_rng(self.seed)
        shifts = self.shifts if all(map(self.has_room, windows)) else 0
        drawn = np.zeros((shifts, len(windows)), dtype=np.int64)
        for column, n in enumerate(windows):
            if shifts:
                drawn[:, column] = rng.integers(
                    self.min_shift, n - self.min_shift + 1, size=shifts
                )
        return drawn


class Agreement:
    """Tracks, peaks and sites, and every number that compares them.

    Parameters
    ----------
    tracks : list of Track
        Grouped by contig, in the order of the genome.
    rows : list of numpy.ndarray
        The peaks of each track.
    sites : dict of str to proofread.files.features.Sites
    left_out : dict of str to proofread.files.features.Sites
        Windows and peaks within `tolerance` of these are not counted.
    stride, tolerance : int
        bp.
    """

    def __init__(self, tracks, rows, sites, left_out, *, stride, tolerance):
        self.stride, self.tolerance = stride, tolerance
        by_contig = {}
        for track, peaks in zip(tracks, rows, strict=True):
            by_contig.setdefault(track.contig, []).append((track, peaks))
        self.contigs = [
            _Contig(own, sites[contig], left_out[contig], stride, tolerance)
            for contig, own in by_contig.items()
        ]
        values = [
            raw for contig in self.contigs for raw in contig.values if len(raw) > 0
        ]
        self.values = np.concatenate(values) if values else np.empty(0)
        labels = [label for contig in self.contigs for label in contig.labels]
        self.label = np.concatenate(labels) if labels else np.empty(0, dtype=bool)
        _rank(self.contigs, self.values)

    @property
    def windows(self):
        """Windows of each contig (of one strand)."""
        return [contig.n for contig in self.contigs]

    def counts(self):
        """N behind each number."""
        known = ~np.isnan(self.values)
        sites = sum(contig.usable for contig in self.contigs)
        peaks = sum(len(own) for contig in self.contigs for own in contig.peaks)
        return {
            "window_auroc": int(known.sum()),
            "window_auprc": int(known.sum()),
            "site_score": sites,
            "peak_precision": peaks,
            "peak_recall": sites,
            "peak_f1": peaks + sites,
            "peak_distance": peaks,
        }

    def measure(self, shift=None):
        """Every number, for the sites where they are or moved around their contigs.

        Parameters
        ----------
        shift : sequence of int, optional
            Windows, for each contig.

        Returns
        -------
        dict of str to float
            NaN where a number is not defined.
        """
        shift = [0] * len(self.contigs) if shift is None else shift
        ranks, scores, recalled, right, away = [], [], [], [], []
        for contig, windows in zip(self.contigs, shift, strict=True):
            if contig.usable == 0 and not any(map(len, contig.peaks)):
                continue
            ranks.append(contig.ranks_at(windows))
            scores.append(contig.scores_at(windows))
            at_peak, at_site, distance = contig.peaks_at(windows)
            recalled.append(at_peak)
            right.append(at_site)
            away.append(distance)
        recalled, right, away = map(_joined, (recalled, right, away))
        precision, recall = _mean(right), _mean(recalled)
        both = precision + recall
        values = (
            self._auroc(_joined(ranks)),
            _mean(_joined(scores)),
            precision,
            recall,
            2 * precision * recall / both if both > 0 else both,
            float(np.median(away)) if len(away) else math.nan,
        )
        return dict(zip(MEASURES, values, strict=True))

    def _auroc(self, ranks):
        ranks = ranks[~np.isnan(ranks)]
        n = int((~np.isnan(self.values)).sum())
        m = len(ranks)
        if m == 0 or m >= n:
            return math.nan
        return float((ranks.mean() - (m + 1) / 2) / (n - m))

    def auprc(self):
        """Average precision of the windows, and the fraction of windows at sites."""
        known = ~np.isnan(self.values)
        label = self.label[known]
        if not label.any():
            return math.nan, math.nan
        return auprc(label, self.values[known]), float(label.mean())


class _Contig:
    """One contig's tracks with the sites they may show."""

    def __init__(self, tracks, sites, left_out, stride, tolerance):
        self.stride, self.tolerance = stride, tolerance
        self.length = tracks[0][0].length
        self.n = max(len(track) for track, _ in tracks)
        self.values, self.labels, self.peaks, self.shown = [], [], [], []
        self.positive, self.window, self.signs = [], [], []
        for track, rows in tracks:
            strands = list(SHOWN_STRANDS[track.name])
            shown = np.isin(sites.strand, strands)
            excluded = left_out.subset(np.isin(left_out.strand, strands)).position
            window, distance = nearest(sites.position, track.position)
            # A site without a window near it cannot be found by this scan.
            at = np.where(shown & (distance <= max(stride, tolerance)), window, -1)
            _, to_site = nearest(track.position, sites.position[at >= 0])
            _, to_excluded = nearest(track.position, excluded)
            label = to_site <= tolerance
            raw = np.where((to_excluded <= tolerance) & ~label, np.nan, track.raw)
            peaks = track.position[rows]
            _, near = nearest(peaks, excluded)
            _, own = nearest(peaks, sites.position[at >= 0])
            self.values.append(raw)
            self.labels.append(label)
            self.positive.append(np.flatnonzero(label))
            self.window.append(at)
            self.peaks.append(peaks[(near > tolerance) | (own <= tolerance)])
            self.shown.append(at >= 0)
            # Downstream of a site on the reverse strand the positions fall.
            backwards = (track.name == "reverse") | (sites.strand == "-")
            self.signs.append(np.where(backwards, -1, 1))
        self.position = sites.position
        # At least one track has a window for the site.
        self.reached = (
            np.any(self.shown, axis=0) if len(sites) else np.zeros(0, dtype=bool)
        )
        self.ranks = [np.full(len(raw), np.nan) for raw in self.values]

    @property
    def usable(self):
        return int(self.reached.sum())

    def ranks_at(self, shift):
        """Ranks of the windows at sites that were moved by `shift` windows."""
        return _joined(
            [
                ranks[(rows + shift) % len(ranks)]
                for ranks, rows in zip(self.ranks, self.positive, strict=True)
                if len(ranks)
            ]
        )

    def scores_at(self, shift):
        """Value at each reached site; the larger one where two tracks may show it."""
        best = np.full(len(self.position), np.nan)
        for values, at in zip(self.values, self.window, strict=True):
            if len(values):
                moved = values[(at + shift) % len(values)]
                best = np.fmax(best, np.where(at >= 0, moved, np.nan))
        return best[self.reached]

    def scores_near(self, step):
        """Value `step` windows downstream of each site, on the site's own strand."""
        best = np.full(len(self.position), np.nan)
        for values, at, sign in zip(self.values, self.window, self.signs, strict=True):
            if len(values):
                to = at + sign * step
                inside = (at >= 0) & (to >= 0) & (to < len(values))
                near = values[np.clip(to, 0, len(values) - 1)]
                best = np.fmax(best, np.where(inside, near, np.nan))
        return best[self.reached]

    def peaks_at(self, shift):
        """Which sites have a peak, which peaks have a site, and the peaks' distances.

        Returns
        -------
        at_peak : numpy.ndarray, shape (sites,), bool
        at_site : numpy.ndarray, shape (peaks,), bool
        away : numpy.ndarray, shape (peaks with a site to be near to,)
        """
        moved = (self.position + shift * self.stride) % self.length
        at_peak = np.zeros(len(moved), dtype=bool)
        at_site, away = [], []
        for peaks, shown in zip(self.peaks, self.shown, strict=True):
            _, distance = nearest(moved, peaks)
            at_peak |= shown & (distance <= self.tolerance)
            _, distance = nearest(peaks, np.sort(moved[shown]))
            at_site.append(distance <= self.tolerance)
            away.append(distance[np.isfinite(distance)])
        return at_peak[self.reached], _joined(at_site), _joined(away)


def _rank(contigs, values):
    """Give the contigs the rank of each of their values among all, ties in the mean."""
    from scipy.stats import rankdata

    known = ~np.isnan(values)
    ranks = np.full(len(values), np.nan)
    ranks[known] = rankdata(values[known])
    begin = 0
    for contig in contigs:
        for number, raw in enumerate(contig.values):
            contig.ranks[number] = ranks[begin : begin + len(raw)]
            begin += len(raw)


def _joined(parts):
    parts = [np.asarray(part, dtype=float) for part in parts]
    return np.concatenate(parts) if parts else np.empty(0)


def _mean(values):
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else math.nan


def agreements(tracks, rows, sites, fitted, options):
    """Agreement with all sites, and with those that the network was not fitted to.

    Parameters
    ----------
    tracks, rows, sites
        As for `Agreement`.
    fitted : dict of str to numpy.ndarray of bool
    options : dict
        stride and tolerance.

    Returns
    -------
    dict of str to Agreement
        `all` and, where some sites were fitted to and some were not, `unseen`.
    """
    nothing = {
        contig: own.subset(np.zeros(len(own), bool)) for contig, own in sites.items()
    }
    counted = {"all": Agreement(tracks, rows, sites, nothing, **options)}
    total = sum(map(len, sites.values()))
    seen = sum(int(own.sum()) for own in fitted.values())
    if 0 < seen < total:
        kept = {contig: own.subset(~fitted[contig]) for contig, own in sites.items()}
        out = {contig: own.subset(fitted[contig]) for contig, own in sites.items()}
        counted["unseen"] = Agreement(tracks, rows, kept, out, **options)
    return counted


def roomy(tracks, rows, sites, fitted, null):
    """Tracks, peaks, sites and which are fitted of the contigs with room for shifts.

    Parameters
    ----------
    tracks, rows, sites, fitted
        As for `agreements`.
    null : Null

    Returns
    -------
    tuple
        The same four; of all contigs where none has room. The log says which happened.
    """
    room = {track.contig for track in tracks if null.has_room(len(track))}
    left = [contig for contig in sites if contig not in room]
    if not left:
        return tracks, rows, sites, fitted
    if not room:
        log.info("no contig has room for shifts: no null")
        return tracks, rows, sites, fitted
    log.info(
        "%d contigs with %d sites are left out of the agreement: fewer than %d "
        "windows leave no room for shifts",
        len(left),
        sum(len(sites[contig]) for contig in left),
        2 * null.min_shift,
    )
    kept = [number for number, track in enumerate(tracks) if track.contig in room]
    return (
        [tracks[number] for number in kept],
        [rows[number] for number in kept],
        {contig: own for contig, own in sites.items() if contig in room},
        {contig: seen for contig, seen in fitted.items() if contig in room},
    )


def compare(agreement, null):
    """Every number of a scan with its null.

    Parameters
    ----------
    agreement : Agreement
    null : Null

    Returns
    -------
    table : pandas.DataFrame
        metric, value, n, ci_low, ci_high, null_mean, null_low, null_high (the middle
        95 %), p. ``p = (1 + shifts as good or better) / (1 + shifts)``. Intervals are
        Wilson's, of fractions only: windows and sites depend on each other.
        The null of window_auprc is the fraction of windows at sites, without a p. The
        others have none if a contig has no room for shifts (`Null.has_room`).
    shifted : pandas.DataFrame
        One row per shift, one column per number.
    """
    observed, counts = agreement.measure(), agreement.counts()
    drawn = null.draw(agreement.windows)
    shifted = pd.DataFrame(
        [agreement.measure(shift) for shift in drawn], columns=MEASURES
    )
    rows = []
    for metric, value in observed.items():
        row = {"metric": metric, "value": value, "n": counts[metric]}
        if metric in ("peak_precision", "peak_recall"):
            row["ci_low"], row["ci_high"] = wilson_interval(value, counts[metric])
        moved = shifted[metric].dropna().to_numpy()
        if len(moved) and not math.isnan(value):
            row["null_mean"] = moved.mean()
            row["null_low"], row["null_high"] = np.percentile(moved, [2.5, 97.5])
            good = moved <= value if metric in _SMALL_IS_GOOD else moved >= value
            row["p"] = (1 + int(good.sum())) / (1 + len(moved))
        rows.append(row)
    area, at_sites = agreement.auprc()
    rows.insert(
        1,
        {
            "metric": "window_auprc",
            "value": area,
            "n": counts["window_auprc"],
            "null_mean": at_sites,
        },
    )
    return pd.DataFrame(rows).reindex(columns=NUMBER_COLUMNS), shifted


def profile(agreement, reach, null_band):
    """Mean value around the sites.

    Parameters
    ----------
    agreement : Agreement
    reach : int
        Windows to either side.
    null_band : tuple of float
        Low, mean and high of the null of `site_score`, the same at every offset: a
        shift and an offset are one shift.

    Returns
    -------
    pandas.DataFrame
        offset (bp from the site, downstream positive), mean, null_low, null_mean,
        null_high.
    """
    rows = []
    for step in range(-reach, reach + 1):
        values = _joined([contig.scores_near(step) for contig in agreement.contigs])
        rows.append((step * agreement.stride, _mean(values), *null_band))
    return pd.DataFrame(rows, columns=PROFILE_COLUMNS)
