"""Tracks over one sequence: letters, lines, cells and spans."""

from dataclasses import dataclass, field

import numpy as np

from proofread.dna.encoding import UNKNOWN
from proofread.figures.letters import draw_letters
from proofread.figures.style import (
    ACCENT,
    BASE_COLOURS,
    CATEGORIES,
    CONTEXT,
    TWO_COLUMNS,
    figure_style,
    new_figure,
)

MAX_PANELS = 6
_LEFT, _RIGHT = 17.0, 13.0  # mm beside the tracks
_GAP, _TITLE, _TICKS, _XLABEL = 0.8, 5.0, 4.0, 4.0  # mm
_ALERT = "#C8262F"


@dataclass(frozen=True)
class Span:
    """A stretch of the sequence, drawn as a labelled bar.

    Attributes
    ----------
    start, end : int
        0-based, half-open.
    label : str
    strong : bool
        True: in the accent colour, for motifs that the label depends on.
    """

    start: int
    end: int
    label: str
    strong: bool = True


@dataclass(frozen=True)
class Spans:
    """A track of bars; overlapping ones overlap."""

    spans: list
    label: str = ""
    height = 4.0  # mm


@dataclass(frozen=True)
class Letters:
    """A track of signed letters around a zero line.

    Attributes
    ----------
    heights : numpy.ndarray, shape (length, 4)
        See `letter_heights`. Those below zero hang down, upright.
    label : str
        With its unit: it is the name of the axis.
    limits : tuple of float, optional
        Of the axis, so that panels can share one.
    """

    heights: np.ndarray
    label: str
    limits: tuple | None = None
    height = 15.0


@dataclass(frozen=True)
class Lines:
    """A track of lines.

    Attributes
    ----------
    series : dict of str to numpy.ndarray, shape (length,)
        By name; a name is written at the end of its line where there are several.
    label : str
    limits : tuple of float, optional
    """

    series: dict
    label: str
    limits: tuple | None = None
    height = 15.0


@dataclass(frozen=True)
class Cells:
    """A heat map, white at zero, with limits of equal size on both sides.

    Attributes
    ----------
    rows : list of str
    values : numpy.ndarray, shape (rows, length)
    label : str
        Of the colour bar.
    limit : float, optional
        The largest colour; by default that of the largest absolute value.
    """

    rows: list
    values: np.ndarray
    label: str
    limit: float | None = None

    @property
    def height(self):
        """3 mm for each row, enough for its name."""
        return 3.0 * len(self.rows)


@dataclass(frozen=True)
class Bases:
    """A strip of coloured cells, one for each base; white where it is unknown."""

    index: np.ndarray
    label: str = "base"
    height = 3.0


@dataclass(frozen=True)
class Panel:
    """One sequence: tracks on one position axis, from top to bottom.

    Attributes
    ----------
    tracks : list of Spans, Letters, Lines, Cells or Bases
    title : str
    first : int
        Position of the first column.
    marks : dict of int to str
        Positions with a dashed line through all tracks, and its name.
    """

    tracks: list
    title: str = ""
    first: int = 0
    marks: dict = field(default_factory=dict)


def letter_heights(values, index):
    """One letter per position: (length,) numbers at the bases that are there.

    Parameters
    ----------
    values : numpy.ndarray, shape (length,)
    index : numpy.ndarray, shape (length,), uint8

    Returns
    -------
    numpy.ndarray, shape (length, 4)
        All zero at unknown bases.
    """
    heights = np.zeros((len(index), 4))
    known = np.flatnonzero(index != UNKNOWN)
    heights[known, index[known]] = np.asarray(values)[known]
    return heights


@figure_style()
def draw_tracks(panels):
    """Draw sequences with their tracks.

    Parameters
    ----------
    panels : list of Panel
        At least one; each has a position axis of its own, all as wide as the longest.

    Returns
    -------
    matplotlib.figure.Figure
    """
    rows = [(panel, track) for panel in panels for track in panel.tracks]
    tall = sum(
        sum(track.height + _GAP for track in panel.tracks)
        + _TICKS
        + (_TITLE if panel.title else 1.0)
        for panel in panels
    )
    figure, axes = new_figure(
        TWO_COLUMNS, tall + _XLABEL, rows=len(rows), squeeze=False
    )
    # All sizes are known: no layout is needed.
    figure.set_layout_engine("none")
    longest = max(_length(panel) for panel in panels)
    top = tall + _XLABEL
    for own, (panel, track) in zip(axes[:, 0], rows, strict=True):
        is_first = track is panel.tracks[0]
        is_last = track is panel.tracks[-1]
        if is_first:
            top -= _TITLE if panel.title else 1.0
        top -= track.height
        own.set_position(
            [
                _LEFT / TWO_COLUMNS,
                top / (tall + _XLABEL),
                1 - (_LEFT + _RIGHT) / TWO_COLUMNS,
                track.height / (tall + _XLABEL),
            ]
        )
        top -= _GAP + (_TICKS if is_last else 0)
        _DRAW[type(track)](own, track, panel.first)
        own.set_xlim(panel.first - 0.5, panel.first + longest - 0.5)
        for position in panel.marks:
            own.axvline(position, color="black", linewidth=0.6, linestyle=(0, (3, 2)))
        if is_first and panel.title:
            own.set_title(panel.title, loc="left", fontsize=7, pad=3)
        own.tick_params(
            axis="x", labelbottom=is_last, bottom=is_last, length=2, labelsize=6
        )
        if not is_last:
            own.spines["bottom"].set_visible(False)
        elif panel.marks:
            _name_marks(own, panel.marks)
    axes[-1, 0].set_xlabel("position in the sequence (from 0)")
    return figure


def _length(panel):
    return max(_columns(track) for track in panel.tracks)


def _columns(track):
    if isinstance(track, Letters):
        return len(track.heights)
    if isinstance(track, Lines):
        return max(len(values) for values in track.series.values())
    if isinstance(track, Cells):
        return track.values.shape[1]
    return len(track.index) if isinstance(track, Bases) else 1


def _name_marks(axes, marks):
    ticks = [tick for tick in axes.get_xticks() if tick == int(tick)]
    names = [marks.get(int(tick), f"{int(tick)}") for tick in ticks]
    for position, name in marks.items():
        if position not in ticks:
            near = [abs(tick - position) for tick in ticks]
            # A number that its name would cover goes.
            if near and min(near) < 0.04 * np.ptp(axes.get_xlim()):
                gone = int(np.argmin(near))
                del ticks[gone], names[gone]
            ticks.append(position)
            names.append(name)
    limits = axes.get_xlim()
    axes.set_xticks(ticks, names)
    axes.set_xlim(limits)


def _draw_spans(axes, track, _):
    axes.set_ylim(0, 1)
    axes.set_yticks([])
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.set_ylabel(track.label, rotation=0, ha="right", va="center", fontsize=6)
    for span in track.spans:
        axes.barh(
            0.12,
            span.end - span.start,
            left=span.start - 0.5,
            height=0.24,
            color=ACCENT if span.strong else CONTEXT,
            linewidth=0,
        )
        axes.text(
            (span.start + span.end - 1) / 2,
            0.42,
            span.label,
            fontsize=5.5,
            ha="center",
            va="bottom",
            color=ACCENT if span.strong else "#5F6668",
            clip_on=True,
        )


def _draw_letters(axes, track, first):
    scale = None if track.limits is None else max(map(abs, track.limits))
    draw_letters(axes, track.heights, first=first, scale=scale)
    if track.limits is not None:
        axes.set_ylim(*track.limits)
    _sides(axes, track.label)


def _draw_lines(axes, track, first):
    for colour, (name, values) in zip(
        CATEGORIES * (1 + len(track.series) // len(CATEGORIES)),
        track.series.items(),
        strict=False,
    ):
        positions = np.arange(first, first + len(values))
        axes.plot(positions, values, color=colour, linewidth=0.9)
        if len(track.series) > 1:
            axes.annotate(
                name,
                (positions[-1], values[-1]),
                xytext=(2, 0),
                textcoords="offset points",
                fontsize=5.5,
                color=colour,
                va="center",
            )
    if track.limits:
        axes.set_ylim(*track.limits)
    axes.axhline(0, color="black", linewidth=0.4)
    _sides(axes, track.label)


def _sides(axes, label):
    axes.set_ylabel(label, fontsize=6)
    axes.locator_params(axis="y", nbins=3)
    axes.tick_params(axis="y", labelsize=5.5, length=2)


def _draw_cells(axes, track, first):
    values = np.asarray(track.values, dtype=float)
    limit = track.limit or float(np.nanmax(np.abs(values), initial=0)) or 1.0
    image = axes.imshow(
        values,
        cmap="RdBu_r",
        vmin=-limit,
        vmax=limit,
        aspect="auto",
        interpolation="nearest",
        extent=(first - 0.5, first + values.shape[1] - 0.5, len(values) - 0.5, -0.5),
    )
    axes.set_yticks(range(len(track.rows)), track.rows, fontsize=5.5)
    axes.tick_params(axis="y", length=0)
    axes.spines[["left", "bottom"]].set_visible(False)
    bar = axes.figure.colorbar(
        image, cax=axes.inset_axes([1.006, 0.08, 0.008, 0.84]), ticks=[-limit, 0, limit]
    )
    bar.ax.set_yticklabels([f"{value:.2g}" for value in (-limit, 0, limit)], fontsize=5)
    bar.ax.tick_params(length=1.5, pad=1)
    bar.set_label(track.label, fontsize=5.5, labelpad=1)
    bar.outline.set_linewidth(0.4)


def _draw_bases(axes, track, first):
    from matplotlib.colors import to_rgb

    colours = [to_rgb(colour) for colour in BASE_COLOURS.values()]
    table = np.array([*colours, (1.0, 1.0, 1.0)])
    axes.imshow(
        table[track.index][None],
        aspect="auto",
        interpolation="nearest",
        extent=(first - 0.5, first + len(track.index) - 0.5, 0.5, -0.5),
    )
    axes.set_yticks([0], [track.label], fontsize=5.5)
    axes.tick_params(axis="y", length=0)
    axes.spines[["left", "bottom"]].set_visible(False)
    # The names of the colours, where other tracks have a colour bar.
    for number, (base, colour) in enumerate(BASE_COLOURS.items()):
        axes.text(
            1.006 + 0.012 * number,
            0.5,
            base,
            color=colour,
            fontsize=5.5,
            fontweight="bold",
            transform=axes.transAxes,
            va="center",
        )


_DRAW = {
    Spans: _draw_spans,
    Letters: _draw_letters,
    Lines: _draw_lines,
    Cells: _draw_cells,
    Bases: _draw_bases,
}


@figure_style()
def message(text):
    """A figure that says why there is nothing to draw."""
    figure, axes = new_figure(TWO_COLUMNS, 20)
    axes.set_axis_off()
    axes.text(0, 0.5, text, va="center")
    return figure


def _grid(titles, height, total, *, columns=3):
    """Small panels with titles; says how many there would be."""
    columns = min(columns, len(titles), 3)
    rows = -(-len(titles) // columns)
    figure, axes = new_figure(
        {1: 89, 2: 120}.get(columns, TWO_COLUMNS),
        6 + height * rows,
        rows=rows,
        columns=columns,
        squeeze=False,
    )
    for number, panel in enumerate(axes.ravel()):
        if number >= len(titles):
            panel.set_axis_off()
        else:
            panel.set_title(titles[number], loc="left", fontsize=7, pad=3)
    if total > len(titles):
        figure.suptitle(
            f"{len(titles)} of {total}; all are in the table",
            x=0.01,
            ha="left",
            fontsize=7,
        )
    return figure, axes.ravel()[: len(titles)]
