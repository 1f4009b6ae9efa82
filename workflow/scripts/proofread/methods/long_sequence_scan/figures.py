"""Figures of a scan: a stretch of genome, the mean around sites, and the null."""

import re
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from proofread.errors import InputError
from proofread.figures.style import (
    ACCENT,
    CONTEXT,
    TWO_COLUMNS,
    figure_style,
    new_figure,
)
from proofread.methods.long_sequence_scan.peaks import PROBABILITY
from proofread.methods.long_sequence_scan.signal import SPEARMAN
from proofread.statistics.logits import probability
from proofread.statistics.units import LOGIT

SPAN = 20_000  # bp of a region that nobody chose
_POINTS = 700  # of a line: more would not be seen
_CELLS = 50  # of the density of points, along each axis
_NAMED = 45  # genes whose names have room
_TITLES = {
    "forward": "forward strand",
    "reverse": "reverse strand",
    "both": "either strand, the larger value",
}


@dataclass(frozen=True)
class Region:
    """A stretch of a contig, 0-based and half-open."""

    contig: str
    start: int
    end: int

    def __str__(self):
        return f"{self.contig}:{self.start + 1:,}–{self.end:,}"


def read_region(text, lengths, where="methods.long_sequence_scan.region"):
    """The region that the configuration names, contig:first-last, counted from 1.

    Parameters
    ----------
    text : str
    lengths : dict of str to int
    where : str

    Raises
    ------
    InputError
        If it is not within the genome.
    """
    contig, first, last = re.fullmatch(r"(\S+):([\d,]+)-([\d,]+)", text).groups()
    first, last = int(first.replace(",", "")), int(last.replace(",", ""))
    if contig not in lengths:
        raise InputError(
            where,
            f"the contig {contig!r}",
            "one of the genome's: " + ", ".join(list(lengths)[:5]),
            "correct it",
        )
    if not 1 <= first < last <= lengths[contig]:
        raise InputError(
            where,
            text,
            f"1 <= first < last <= {lengths[contig]}",
            "correct it: positions count from 1",
        )
    return Region(contig, first - 1, last)


def densest_region(positions, lengths, span=SPAN):
    """The stretch of `span` bp with the most positions; the genome's first without any.

    Parameters
    ----------
    positions : dict of str to numpy.ndarray
        Ascending, by contig.
    lengths : dict of str to int
    span : int
        bp; a shorter contig is shown as a whole.
    """
    best, region = 0, None
    for contig, length in lengths.items():
        own = positions[contig]
        if region is None:
            region = Region(contig, 0, min(length, span))
        if len(own):
            count = np.searchsorted(own, own + span) - np.arange(len(own))
            first = int(np.argmax(count))
            if count[first] > best:
                best = int(count[first])
                # The positions it holds are in its middle.
                middle = (own[first] + own[first + best - 1]) // 2
                start = int(np.clip(middle - span // 2, 0, max(0, length - span)))
                region = Region(contig, start, min(length, start + span))
    return region


def thinned(position, value, points=_POINTS):
    """At most `points` points of a line, the highest of neighbours: peaks stay."""
    if len(position) <= points:
        return position, value
    height = np.where(np.isnan(value), -np.inf, value)
    edges = np.linspace(0, len(position), points + 1).astype(int)
    kept = np.array(
        [first + int(np.argmax(height[first:last])) for first, last in pairwise(edges)]
    )
    return position[kept], value[kept]


@figure_style()
def draw_region(region, tracks, peaks, sites, genes, *, level, unit, pairs=()):
    """Draw the tracks of a region, their peaks, the sites, the genes and a signal.

    Parameters
    ----------
    region : Region
    tracks : list of proofread.methods.long_sequence_scan.tracks.Track
        Of the region's contig.
    peaks : pandas.DataFrame
        From `peak_table`, with a column `at_site`.
    sites : proofread.files.features.Sites or None
    genes : list of proofread.files.features.Feature
    level : float
        That a peak reaches, in the tracks' unit.
    unit : str
        Of the tracks: `PROBABILITY`, or what
        `proofread.statistics.units.output_name` calls the outputs.
    pairs : list of proofread.methods.long_sequence_scan.signal.Pair
        Tracks with a measured signal; that of the region is drawn.

    Returns
    -------
    matplotlib.figure.Figure
        Positions count from 1. A filled triangle is a peak at a site, an open one is
        another peak; arrows are sites, along their strand.
    """
    measured = [pair for pair in pairs if pair.track.contig == region.contig][:1]
    heights = [3.0] * len(tracks) + [2.0] * len(measured)
    heights += [1.0 if sites is not None else 0.02]
    heights += [1.1] if genes else []
    total = 16 + 10.5 * sum(heights)
    figure, axes = new_figure(
        TWO_COLUMNS,
        total,
        rows=len(heights),
        sharex=True,
        squeeze=False,
        gridspec_kw={"height_ratios": heights},
    )
    axes = axes[:, 0]
    inside = (peaks["contig"] == region.contig) & peaks["position"].between(
        region.start, region.end - 1
    )
    peaks = peaks[inside]
    low, high = _limits(region, tracks, level, unit)
    for panel, track in zip(axes, tracks, strict=False):
        _draw_track(panel, track, region, peaks, level)
        panel.annotate(
            _named_level(level, unit),
            xy=(1, level),
            xycoords=("axes fraction", "data"),
            xytext=(3, 0),
            textcoords="offset points",
            va="center",
            fontsize=7,
            color="#5F6669",
        )
        panel.set_ylim(low, high)
        panel.set_ylabel(unit)
        panel.set_title(_TITLES[track.name], loc="left", fontsize=7, color="#444444")
    for pair in measured:
        _draw_signal(axes[len(tracks)], pair, region)
    row = axes[len(tracks) + len(measured)]
    row.set_axis_off()
    if sites is not None:
        _draw_sites(row, sites, region)
    if genes:
        _draw_genes(axes[-1], genes, region)
    bottom = axes[-1]
    bottom.set_axis_on()
    for side in ("left", "top", "right"):
        bottom.spines[side].set_visible(False)
    bottom.set_yticks([])
    bottom.set_xlim(region.start + 1, region.end)
    bottom.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    bottom.set_xlabel(f"position in {region.contig} (1-based)")
    return figure


def _named_level(level, unit):
    if unit == PROBABILITY:
        return f"p = {level:.4g}"
    return f"p = {probability(level):.4g}" if unit == LOGIT else f"{level:.3g}"


def _draw_signal(axes, pair, region):
    chosen = _within(pair.track, region)
    position, value = thinned(pair.track.position[chosen], pair.signal[chosen])
    axes.fill_between(position + 1, value, color=CONTEXT, linewidth=0)
    axes.set_ylabel("signal")


def _within(track, region):
    return (track.position >= region.start) & (track.position < region.end)


def _limits(region, tracks, level, unit):
    """One range of values for all tracks, with room for the triangles."""
    if unit == PROBABILITY:
        return 0, 1.12
    values = [track.smoothed[_within(track, region)] for track in tracks]
    # The logit of an even chance is shown; of quantities no number is special.
    values = np.concatenate([*values, [level], [0.0] * (unit == LOGIT)])
    values = values[np.isfinite(values)]
    low, high = values.min(), values.max()
    room = 0.1 if unit == LOGIT or low == high else 0
    return low - 0.05 * (high - low) - room, high + 0.15 * (high - low) + room


def _draw_track(axes, track, region, peaks, level):
    chosen = _within(track, region)
    position, value = thinned(track.position[chosen], track.smoothed[chosen])
    axes.plot(position + 1, value, color="#3C4347", linewidth=0.6)
    axes.axhline(level, color=CONTEXT, linewidth=0.6, linestyle=(0, (4, 3)))
    strand = {"forward": "+", "reverse": "-", "both": "."}[track.name]
    own = peaks[peaks["strand"] == strand]
    for at_site, options in (
        (False, {"facecolors": "white", "edgecolors": "#777777"}),
        (True, {"facecolors": ACCENT, "edgecolors": ACCENT}),
    ):
        some = own[own["at_site"] == at_site]
        axes.scatter(
            some["position"] + 1,
            some["height"],
            **options,
            marker="v",
            s=11,
            linewidths=0.6,
            zorder=3,
            # The tip of the triangle stands on the line.
            transform=axes.transData + _lifted(axes, 2.6),
        )


def _lifted(axes, points):
    from matplotlib.transforms import ScaledTranslation

    return ScaledTranslation(0, points / 72, axes.figure.dpi_scale_trans)


def _draw_sites(axes, sites, region):
    """A bent arrow for each site, forward above the line and reverse below it."""
    axes.set_ylim(-1.25, 1.25)
    axes.axhline(0, color=CONTEXT, linewidth=0.6)
    reach = 0.009 * (region.end - region.start)
    inside = (sites.position >= region.start) & (sites.position < region.end)
    for position, strand in zip(
        sites.position[inside] + 1, sites.strand[inside], strict=True
    ):
        height, along = {"+": (0.75, reach), "-": (-0.75, -reach), ".": (0.75, 0)}[
            strand
        ]
        axes.plot([position, position], [0, height], color="black", linewidth=0.7)
        if along:
            axes.annotate(
                "",
                xy=(position + along, height),
                xytext=(position, height),
                arrowprops={
                    "arrowstyle": "-|>,head_width=0.12,head_length=0.22",
                    "linewidth": 0.7,
                    "color": "black",
                    "shrinkA": 0,
                    "shrinkB": 0,
                },
            )
    axes.text(
        -0.006,
        0.5,
        "sites",
        transform=axes.transAxes,
        ha="right",
        va="center",
        fontsize=7,
    )


def _draw_genes(axes, genes, region):
    """Genes as arrows along their strand, forward above, reverse below.

    Of a gene of several parts each is drawn, and nothing between them.
    """
    axes.set_ylim(-1.35, 1.35)
    span = region.end - region.start
    head = 0.006 * span
    shown = [
        (gene, start, end)
        for gene in genes
        for start, end in gene.pieces
        if gene.contig == region.contig and end > region.start and start < region.end
    ]
    for gene, first, last in shown:
        middle = -0.65 if gene.strand == "-" else 0.65
        start, end = max(first, region.start) + 1, min(last, region.end)
        tip = min(head, end - start)
        bottom, top = middle - 0.38, middle + 0.38
        if gene.strand == "-":
            outline = [(end, bottom), (end, top), (start + tip, top)]
            outline += [(start, middle), (start + tip, bottom)]
        elif gene.strand == "+":
            outline = [(start, bottom), (start, top), (end - tip, top)]
            outline += [(end, middle), (end - tip, bottom)]
        else:
            outline = [(start, bottom), (start, top), (end, top), (end, bottom)]
        axes.fill(*zip(*outline, strict=True), color="#D5DADC", linewidth=0)
        # A letter is about 0.8 % of the width of the figure.
        room = (end - start) / span
        if gene.name and len(shown) <= _NAMED and room > 0.0085 * len(gene.name):
            axes.text(
                (start + end) / 2,
                middle - 0.03,
                gene.name,
                ha="center",
                va="center",
                fontsize=5.5,
                style="italic",
            )
    axes.text(
        -0.006,
        0.5,
        "genes",
        transform=axes.transAxes,
        ha="right",
        va="center",
        fontsize=7,
    )


@figure_style()
def draw_profile(profile, shifted, table, *, unit):
    """Draw the mean around the sites with the null, and the null's distribution.

    Parameters
    ----------
    profile : pandas.DataFrame
        From `proofread.methods.long_sequence_scan.agreement.profile`.
    shifted : pandas.DataFrame
        From `proofread.methods.long_sequence_scan.agreement.compare`.
    table : pandas.DataFrame
        From `proofread.methods.long_sequence_scan.tables.compare_all`.
    unit : str
        As of `draw_region`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, (left, right) = new_figure(
        TWO_COLUMNS, 58, columns=2, gridspec_kw={"width_ratios": [1.5, 1]}
    )
    null = shifted["site_score"].dropna() if len(shifted) else []
    if len(null) == 0:
        for axes in (left, right):
            axes.set_axis_off()
        reason = (
            "No window is near a site,\nor no contig has room to shift its sites."
            if len(table)
            else "No sites were given."
        )
        left.text(0, 0.5, reason, va="center")
        return figure
    row = table[table["metric"] == "site_score"].iloc[-1]
    left.axvline(0, color=CONTEXT, linewidth=0.6)
    left.fill_between(
        profile["offset"],
        profile["null_low"],
        profile["null_high"],
        color=CONTEXT,
        alpha=0.35,
        linewidth=0,
        label="shifted sites, 95 %",
    )
    left.plot(profile["offset"], profile["null_mean"], color=CONTEXT, linewidth=0.9)
    left.plot(profile["offset"], profile["mean"], color=ACCENT, label="sites")
    left.margins(x=0)
    left.set_xlabel("bp from the site, downstream positive")
    left.set_ylabel(f"mean {unit} of a window")
    left.set_title(f"{int(row['n']):,} sites", loc="left")
    # Room above the curve, wherever its maximum is.
    low, high = left.get_ylim()
    left.set_ylim(low, high + 0.28 * (high - low))
    left.legend(loc="upper left", reverse=True)
    values = np.unique(null)
    right.hist(null, bins=30 if len(values) > 1 else 1, color=CONTEXT)
    right.axvline(row["value"], color=ACCENT)
    right.set_xlabel(f"mean {unit} at the sites")
    right.set_ylabel("shifts")
    right.set_title(f"{len(null):,} circular shifts, p = {row['p']:.2g}", loc="left")
    side = "right" if row["value"] > np.mean(null) else "left"
    right.annotate(
        "at the sites",
        xy=(row["value"], 0.96),
        xycoords=("data", "axes fraction"),
        xytext=(-3 if side == "right" else 3, 0),
        textcoords="offset points",
        ha=side,
        va="top",
        fontsize=7,
        color=ACCENT,
    )
    low, high = right.get_ylim()
    right.set_ylim(low, high * 1.15)
    return figure


@figure_style()
def draw_signal(pairs, shifted, table, *, unit):
    """Draw the first kind of track that varies against the signal, and its null.

    Parameters
    ----------
    pairs : list of proofread.methods.long_sequence_scan.signal.Pair
        All.
    shifted, table
        From `proofread.methods.long_sequence_scan.signal.compare_signal`.
    unit : str
        As of `draw_region`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, (left, right) = new_figure(TWO_COLUMNS, 62, columns=2)
    whole = table[(table["contig"] == "") & (table["metric"] == SPEARMAN)]
    whole = whole.dropna(subset="value")
    if len(whole) == 0:
        for axes in (left, right):
            axes.set_axis_off()
        left.text(0, 0.5, _without_correlation(table), va="center")
        return figure
    row = whole.iloc[0]
    own = [pair for pair in pairs if pair.track.name == row["track"]]
    output = np.concatenate([pair.track.raw for pair in own])
    signal = np.concatenate([pair.signal for pair in own])
    known = ~np.isnan(output) & ~np.isnan(signal)
    _draw_density(left, output[known], signal[known])
    left.set_xlabel(f"{unit} of a window")
    left.set_ylabel("mean signal around it")
    left.set_title(f"{_TITLES[row['track']]}, {int(row['n']):,} windows", loc="left")
    null = shifted[row["track"], SPEARMAN]
    null = null[~np.isnan(null)]
    right.axvline(row["value"], color=ACCENT)
    right.set_xlabel("Spearman’s correlation")
    if len(null):
        right.hist(null, bins=30 if len(np.unique(null)) > 1 else 1, color=CONTEXT)
        right.set_ylabel("shifts")
        said = f"{len(null):,} circular shifts, p = {row['p']:.2g}"
    else:
        right.set_yticks([])
        said = "no contig has room for shifts"
    right.set_title(f"{row['value']:.3f}; {said}", loc="left")
    return figure


def _without_correlation(table):
    if len(table) == 0:
        return "No contig has a signal, or none was given."
    return "The track or the signal is constant: there is no correlation."


def _draw_density(axes, first, second):
    """How many points are where: darker is more, on a logarithmic scale."""
    # A few extreme values would leave all others in one corner.
    ranges = [np.percentile(values, [0.5, 99.5]) for values in (first, second)]
    ranges = [(low, high if high > low else low + 1) for low, high in ranges]
    counts, *_ = np.histogram2d(first, second, bins=_CELLS, range=ranges)
    axes.imshow(
        np.log1p(np.where(counts > 0, counts, np.nan)).T,
        origin="lower",
        extent=(*ranges[0], *ranges[1]),
        aspect="auto",
        cmap="Blues",
        vmin=0,
    )
