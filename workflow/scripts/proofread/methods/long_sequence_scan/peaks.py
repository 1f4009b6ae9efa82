"""What a scan found: peaks, their distance to the sites, and a null for each number.

The null moves the sites around each contig by a random number of strides, all by the
same (a circular shift): their number, their distances and the track stay as they are,
only the agreement of the two is lost.
"""

import json
import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from proofread.atomic import atomic
from proofread.methods.long_sequence_scan.tracks import TRACKS, nearest
from proofread.progress import log
from proofread.statistics.metrics import auprc
from proofread.statistics.proportions import wilson_interval

PEAK_COLUMNS = {
    "contig": object,
    "position": np.int64,
    "strand": object,
    "height": float,
    "nearest_site": object,
    "distance": float,
}
# A number that is larger where the scan is better; of the others small is good.
_SMALL_IS_GOOD = ("peak_distance",)


@dataclass(frozen=True)
class Null:
    """Circular shifts.

    Attributes
    ----------
    shifts : int
    least : int
        Windows that a shift moves the sites by, at least, in either direction.
    seed : int
    """

    shifts: int
    least: int
    seed: int

    def has_room(self, windows):
        """Whether sites can be moved by `least` in either direction around a contig."""
        return windows >= 2 * self.least

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
                    self.least, n - self.least + 1, size=shifts
                )
        return drawn


def call_peaks(track, level, apart):
    """Places of the peaks of a track.

    A peak is a local maximum of the smoothed values that reaches the level; of two that
    are closer than `apart` the higher one stays. A plateau has its peak in its middle.

    Parameters
    ----------
    track : Track
    level : float
        In the track's unit.
    apart : int
        Windows.

    Returns
    -------
    numpy.ndarray, int64
    """
    from scipy.signal import find_peaks

    values = np.where(np.isnan(track.smoothed), -np.inf, track.smoothed)
    # The ends of a contig may be maxima, too.
    padded = np.concatenate([[-np.inf], values, [-np.inf]])
    places, _ = find_peaks(padded, height=level, distance=max(1, apart))
    return places - 1


def peak_table(tracks, places, sites):
    """Peaks with their nearest sites.

    Parameters
    ----------
    tracks : list of Track
    places : list of numpy.ndarray
        From `call_peaks`, for each track.
    sites : dict of str to proofread.files.features.Sites, or None

    Returns
    -------
    pandas.DataFrame
        Columns of `PEAK_COLUMNS`. `distance` is bp from the nearest site that the track
        may show, positive downstream of it: on the site's own strand or, without one,
        on the track's. Empty without a site.
    """
    tables = []
    for track, rows in zip(tracks, places, strict=True):
        strand = {"forward": "+", "reverse": "-", "both": "."}[track.name]
        table = pd.DataFrame(
            {
                "contig": track.contig,
                "position": track.position[rows],
                "strand": strand,
                "height": track.smoothed[rows],
                "nearest_site": None,
                "distance": np.nan,
            }
        )
        shown = shown_sites(track, sites)
        if len(shown) and len(rows):
            place, _ = nearest(table["position"].to_numpy(), shown.position)
            away = table["position"].to_numpy() - shown.position[place]
            # Downstream on the reverse strand the positions fall.
            backwards = (strand == "-") | (shown.strand[place] == "-")
            table["distance"] = np.where(backwards, -away, away).astype(float)
            table["nearest_site"] = [shown.name[each] for each in place]
        tables.append(table.astype(PEAK_COLUMNS))
    if not tables:
        return pd.DataFrame(columns=list(PEAK_COLUMNS)).astype(PEAK_COLUMNS)
    return pd.concat(tables).sort_values(
        ["contig", "position", "strand"], kind="stable", ignore_index=True
    )


def shown_sites(track, sites):
    """The sites of a track's contig whose strand it may show; none without sites."""
    if sites is None:
        return ()
    known = sites[track.contig]
    return known.subset(np.isin(known.strand, list(TRACKS[track.name])))


def write_peaks(path, peaks, probability):
    """Write peaks as BED: one base each, score 0-1000, strand.

    Parameters
    ----------
    path : str or path
    peaks : pandas.DataFrame
        From `peak_table`.
    probability : numpy.ndarray, shape (n,)
        Of each peak; the score is a thousand times this.
    """
    table = pd.DataFrame(
        {
            "contig": peaks["contig"],
            "start": peaks["position"],
            "end": peaks["position"] + 1,
            "name": [f"peak{number}" for number in range(1, len(peaks) + 1)],
            "score": np.rint(1000 * np.asarray(probability)).astype(int),
            "strand": peaks["strand"],
        }
    )
    with atomic(path) as temporary:
        table.to_csv(
            temporary, sep="\t", header=False, index=False, lineterminator="\n"
        )


class Agreement:
    """Tracks, peaks and sites, and every number that compares them.

    Parameters
    ----------
    tracks : list of Track
        Grouped by contig, in the order of the genome.
    places : list of numpy.ndarray
        Peaks of each track.
    sites : dict of str to proofread.files.features.Sites
    left_out : dict of str to proofread.files.features.Sites
        Windows and peaks within `tolerance` of these are not counted.
    stride, tolerance : int
        bp.
    """

    def __init__(self, tracks, places, sites, left_out, *, stride, tolerance):
        self.stride, self.tolerance = stride, tolerance
        by_contig = {}
        for track, rows in zip(tracks, places, strict=True):
            by_contig.setdefault(track.contig, []).append((track, rows))
        self.contigs = [
            _Contig(each, sites[contig], left_out[contig], stride, tolerance)
            for contig, each in by_contig.items()
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
        peaks = sum(len(each) for contig in self.contigs for each in contig.peaks)
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
        ranks, scores, found, hit, away = [], [], [], [], []
        for contig, windows in zip(self.contigs, shift, strict=True):
            if contig.usable == 0 and not any(map(len, contig.peaks)):
                continue
            ranks.append(contig.ranks_at(windows))
            scores.append(contig.scores_at(windows))
            each_found, each_hit, each_away = contig.peaks_at(windows)
            found.append(each_found)
            hit.append(each_hit)
            away.append(each_away)
        found, hit, away = map(_joined, (found, hit, away))
        precision, recall = _mean(hit), _mean(found)
        both = precision + recall
        return {
            "window_auroc": self._auroc(_joined(ranks)),
            "site_score": _mean(_joined(scores)),
            "peak_precision": precision,
            "peak_recall": recall,
            "peak_f1": 2 * precision * recall / both if both > 0 else both,
            "peak_distance": float(np.median(away)) if len(away) else math.nan,
        }

    def _auroc(self, ranks):
        ranks = ranks[~np.isnan(ranks)]
        n = int((~np.isnan(self.values)).sum())
        m = len(ranks)
        if m == 0 or m >= n:
            return math.nan
        return float((ranks.mean() - (m + 1) / 2) / (n - m))

    def auprc(self):
        """Average precision of the windows, and the share of windows at sites."""
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
            strands = list(TRACKS[track.name])
            shown = np.isin(sites.strand, strands)
            excluded = left_out.subset(np.isin(left_out.strand, strands)).position
            place, distance = nearest(sites.position, track.position)
            # A site without a window near it cannot be found by this scan.
            at = np.where(shown & (distance <= max(stride, tolerance)), place, -1)
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

    def scores_beside(self, step):
        """Value `step` windows downstream of each site, on the site's own strand."""
        best = np.full(len(self.position), np.nan)
        for values, at, sign in zip(self.values, self.window, self.signs, strict=True):
            if len(values):
                to = at + sign * step
                inside = (at >= 0) & (to >= 0) & (to < len(values))
                beside = values[np.clip(to, 0, len(values) - 1)]
                best = np.fmax(best, np.where(inside, beside, np.nan))
        return best[self.reached]

    def peaks_at(self, shift):
        """Which sites have a peak, which peaks have a site, and the peaks' distances.

        Returns
        -------
        found : numpy.ndarray, shape (sites,), bool
        hit : numpy.ndarray, shape (peaks,), bool
        away : numpy.ndarray, shape (peaks with a site to be near to,)
        """
        moved = (self.position + shift * self.stride) % self.length
        found = np.zeros(len(moved), dtype=bool)
        hit, away = [], []
        for peaks, shown in zip(self.peaks, self.shown, strict=True):
            _, distance = nearest(moved, peaks)
            found |= shown & (distance <= self.tolerance)
            _, distance = nearest(peaks, np.sort(moved[shown]))
            hit.append(distance <= self.tolerance)
            away.append(distance[np.isfinite(distance)])
        return found[self.reached], _joined(hit), _joined(away)


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
        Wilson's, of shares only: windows and sites are not independent of each other.
        The null of window_auprc is the share of windows at sites, without a p. The
        others have none if a contig has no room for shifts (`Null.has_room`).
    shifted : pandas.DataFrame
        One row per shift, one column per number.
    """
    found, counts = agreement.measure(), agreement.counts()
    drawn = null.draw(agreement.windows)
    shifted = pd.DataFrame(
        [agreement.measure(shift) for shift in drawn], columns=list(found)
    )
    rows = []
    for metric, value in found.items():
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
    area, share = agreement.auprc()
    rows.insert(
        1,
        {
            "metric": "window_auprc",
            "value": area,
            "n": counts["window_auprc"],
            "null_mean": share,
        },
    )
    columns = ["metric", "value", "n", "ci_low", "ci_high"]
    columns += ["null_mean", "null_low", "null_high", "p"]
    return pd.DataFrame(rows).reindex(columns=columns), shifted


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
        values = _joined([contig.scores_beside(step) for contig in agreement.contigs])
        rows.append((step * agreement.stride, _mean(values), *null_band))
    columns = ["offset", "mean", "null_low", "null_mean", "null_high"]
    return pd.DataFrame(rows, columns=columns)


def write_metrics(path, table):
    """Write a table of metrics as JSON, by the sites that were counted.

    Parameters
    ----------
    path : str or path
    table : pandas.DataFrame
        Columns sites, metric and numbers; gaps are left out.
    """
    content = {}
    for row in table.to_dict("records"):
        metrics = content.setdefault(row.pop("sites"), {})
        numbers = {key: _plain(each) for key, each in row.items() if key != "metric"}
        metrics[row["metric"]] = {k: v for k, v in numbers.items() if v is not None}
    with atomic(path) as temporary, open(temporary, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=1)
        file.write("\n")


def _plain(value):
    """A number for JSON with six significant digits; None for a gap."""
    value = float(value)
    return None if math.isnan(value) else float(f"{value:.6g}")


_PROFILE = 500  # bp to either side of a site
_LEAST_PROFILE = 20  # windows to either side, at least, where the stride is large
_MOST_PROFILE = 125
# Those between 0 and 1, where 1 is best.
_SCORES = (
    *("window_auroc", "window_auprc"),
    *("peak_precision", "peak_recall", "peak_f1"),
)
_OF_ALL_PEAKS = ("peak_precision", "peak_f1", "peak_distance")
_NO_AGREEMENT = pd.DataFrame(
    columns=["sites", "metric", "value", "n", "ci_low", "ci_high", "p"]
)


def shown_positions(tracks, peaks, sites):
    """What a figure should show most of, by contig: sites, or peaks without any."""
    if sites is not None and any(map(len, sites.values())):
        return {contig: each.position for contig, each in sites.items()}
    found = {track.contig: np.empty(0, dtype=np.int64) for track in tracks}
    for contig, each in peaks.groupby("contig"):
        found[contig] = each["position"].to_numpy()
    return found


def agreements(tracks, places, sites, fitted, options):
    """Agreement with all sites, and with those that the network was not fitted to.

    Parameters
    ----------
    tracks, places, sites
        As for `proofread.methods.long_sequence_scan.peaks.Agreement`.
    fitted : dict of str to numpy.ndarray of bool
    options : dict
        stride and tolerance.

    Returns
    -------
    dict of str to proofread.methods.long_sequence_scan.peaks.Agreement
        `all` and, where some sites were fitted to and some were not, `unseen`.
    """
    nothing = {
        contig: each.subset(np.zeros(len(each), bool)) for contig, each in sites.items()
    }
    found = {"all": Agreement(tracks, places, sites, nothing, **options)}
    total = sum(map(len, sites.values()))
    known = sum(int(each.sum()) for each in fitted.values())
    if 0 < known < total:
        left = {contig: each.subset(~fitted[contig]) for contig, each in sites.items()}
        out = {contig: each.subset(fitted[contig]) for contig, each in sites.items()}
        found["unseen"] = Agreement(tracks, places, left, out, **options)
    return found


def roomy(tracks, places, sites, fitted, null):
    """Tracks, peaks, sites and which are fitted of the contigs with room for shifts.

    Parameters
    ----------
    tracks, places, sites, fitted
        As for `agreements`.
    null : proofread.methods.long_sequence_scan.peaks.Null

    Returns
    -------
    tuple
        The same four; of all contigs where none has room. The log says which happened.
    """
    room = {track.contig for track in tracks if null.has_room(len(track))}
    left = [contig for contig in sites if contig not in room]
    if not left:
        return tracks, places, sites, fitted
    if not room:
        log.info("no contig has room for shifts: no null")
        return tracks, places, sites, fitted
    log.info(
        "%d contigs with %d sites are left out of the agreement: of less than %d "
        "windows, no room for shifts",
        *(len(left), sum(len(sites[contig]) for contig in left), 2 * null.least),
    )
    kept = [number for number, each in enumerate(tracks) if each.contig in room]
    return (
        [tracks[number] for number in kept],
        [places[number] for number in kept],
        {contig: each for contig, each in sites.items() if contig in room},
        {contig: each for contig, each in fitted.items() if contig in room},
    )


def compare_all(tracks, places, sites, fitted, params, *, layout, tolerance):
    """Every number with its null, by the sites that are counted.

    Contigs without room for shifts are left out, of the numbers as of their nulls. If
    no contig has room the numbers are those of all contigs, without a null.

    Returns
    -------
    table : pandas.DataFrame
        Column `sites` (all, unseen) and those of `compare`.
    shifted : pandas.DataFrame
        The null of the sites that count most: the unseen ones if there are.
    around : pandas.DataFrame
        Of the same, from `proofread.methods.long_sequence_scan.peaks.profile`.
    """
    options = {"stride": layout.stride, "tolerance": tolerance}
    # A shift by less than a window would leave the sites where they are, nearly.
    null = Null(params.shifts, -(-layout.width // layout.stride), params.seed)
    known = {}
    if sites:
        tracks, places, sites, fitted = roomy(tracks, places, sites, fitted, null)
        known = agreements(tracks, places, sites, fitted, options)
    tables, shifted, around = [], pd.DataFrame(), pd.DataFrame()
    for name, agreement in known.items():
        table, shifted = compare(agreement, null)
        if name == "unseen":
            # A peak elsewhere may be at a site that the network was fitted to.
            table = table[~table["metric"].isin(_OF_ALL_PEAKS)]
        table.insert(0, "sites", name)
        tables.append(table)
        band = table.set_index("metric").loc["site_score"]
        reach = int(np.clip(_PROFILE // layout.stride, _LEAST_PROFILE, _MOST_PROFILE))
        around = profile(
            agreement, reach, tuple(band[["null_low", "null_mean", "null_high"]])
        )
    table = pd.concat(tables, ignore_index=True) if tables else _NO_AGREEMENT
    return table, shifted, around


def score_rows(table, target, targets):
    """Rows of score.tsv: shares and areas, of all sites and of the unseen ones."""
    table = table[table["metric"].isin(_SCORES) & table["value"].notna()]
    suffix = f"[{target}]" if len(targets) > 1 else ""
    names = {"all": "", "unseen": "_unseen"}
    return [
        (
            f"{row.metric}{names[row.sites]}{suffix}",
            *(row.value, row.n, row.ci_low, row.ci_high),
        )
        for row in table.itertuples()
    ]
