"""Figures drawn as SVG within the page: small, and in the colours of its theme.

The files on disk are matplotlib's and logomaker's. Here a letter is one `<use>` of
a glyph that the page defines once, and every colour is a CSS class, so that hundreds
of logos stay small and follow light and dark. Only what the tables hold is drawn.
"""

import math
from collections import Counter, defaultdict
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup, escape

from proofread.motifs.motif import relative_entropy
from proofread.report.numbers import decimal, interval, is_missing

COLUMN = 11  # pixels per base
ROW = 44  # pixels of a logo's full height: 2 bits, or fewer where it says so
MAX_BITS = 2.0  # bits of a certain base
_VISIBLE = 0.6  # pixels: a lower letter is not seen and costs its bytes
_CHARACTER = 6.5  # pixels of a character of a tick label, at most
_TITLE = 34  # characters of an axis title in one line of a panel
_MAX_DOTS = 500  # of a cloud; more points are counted in squares
_CELL = 4  # pixels of the side of such a square
_SHADES = 5  # of squares, by the logarithm of the number of points
_MIN_PLOT = 200  # pixels that names, however long, leave to the dots


@dataclass(frozen=True)
class Line:
    """One line of a panel.

    `kind` is a class of the page: `value` (the accent), `context`, `context dotted`.
    """

    name: str
    x: list
    y: list
    kind: str
    dots: bool = False


@dataclass(frozen=True)
class Score:
    """A value with its interval, of one seed."""

    seed: str
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class ScoreRow:
    """A score of all seeds, its negative control and ideal explainer; NaN is none."""

    name: str
    scores: list
    negative_control: float = math.nan
    ideal_explainer: float = math.nan
    lower_is_better: bool = False


def _n(value):
    """A coordinate: one decimal is a tenth of a pixel."""
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def ticks(low, high, *, whole=False):
    """Round numbers, or whole ones, of which the first and last enclose low to high."""
    if not high > low:
        low, high = (low, high + 1) if whole else (low - 0.5, high + 0.5)
    rough = (high - low) / 4
    unit = 10 ** math.floor(math.log10(rough))
    step = unit * next(m for m in (1, 2, 2.5, 5, 10) if m * unit >= rough * (1 - 1e-9))
    if whole:
        step = math.ceil(step)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(step * i, 12) for i in range(first, last + 1)]


def _tick_text(value):
    return f"{value:g}".replace("-", "−")


def panel(
    lines,
    *,
    x_label,
    y_label,
    label,
    x_ticks=None,
    y_ticks=None,
    mark=None,
    cloud=None,
):
    """Lines over two axes.

    Parameters
    ----------
    lines : list of Line
        Drawn in this order, the last on top.
    x_label, y_label : str
    label : str
        What a reader who cannot see the figure is told.
    x_ticks, y_ticks : list of float, optional
        Default: round numbers around the data.
    mark : tuple of (float, str), optional
        A vertical line at this x and its name.
    cloud : tuple of (list of float, list of float), optional
        x and y of many points, behind the lines.
    """
    title = _lines(x_label)
    width, right, top = 250, 10, 16
    height, bottom = 182 + 14 * len(title), 22 + 14 * len(title)
    points = [
        (line, [(x, y) for x, y in zip(line.x, line.y, strict=True) if _drawn(x, y)])
        for line in lines
    ]
    of_cloud = list(zip(*cloud, strict=True)) if cloud else []
    every = [pair for _, pairs in points for pair in pairs] + of_cloud
    xs = [x for x, _ in every] or [0, 1]
    ys = [y for _, y in every] or [0, 1]
    x_ticks = x_ticks or ticks(min(xs), max(xs))
    y_ticks = y_ticks or ticks(min(ys), max(ys))
    x_low, x_high = x_ticks[0], x_ticks[-1]
    y_low, y_high = y_ticks[0], y_ticks[-1]
    widest = max(len(_tick_text(tick)) for tick in y_ticks)
    left = max(48, round(_CHARACTER * widest) + 24)  # the title, then the ticks

    def at(x, y):
        return (
            left + (x - x_low) / (x_high - x_low) * (width - left - right),
            height - bottom - (y - y_low) / (y_high - y_low) * (height - top - bottom),
        )

    base, ceiling = height - bottom, top
    parts = []
    for tick in y_ticks:
        _, y = at(x_low, tick)
        parts.append(f'<path class="grid" d="M{left} {_n(y)}H{width - right}"/>')
        parts.append(_text(left - 6, y + 3.5, _tick_text(tick), "tick end"))
    for tick in x_ticks:
        x, _ = at(tick, y_low)
        parts.append(f'<path class="axis" d="M{_n(x)} {base}v3"/>')
        parts.append(_text(x, base + 14, _tick_text(tick), "tick middle"))
    parts.append(f'<path class="axis" d="M{left} {base}H{width - right}"/>')
    if mark is not None:
        x, _ = at(mark[0], y_low)
        side = "end" if x > (left + width - right) / 2 else "start"
        parts.append(f'<path class="mark" d="M{_n(x)} {ceiling}V{base}"/>')
        shift = -4 if side == "end" else 4
        parts.append(_text(x + shift, ceiling - 4, mark[1], f"tick {side}"))
    parts.append(_cloud([at(x, y) for x, y in of_cloud]))
    for line, pairs in points:
        positions = [at(x, y) for x, y in pairs]
        path = "L".join(f"{_n(x)} {_n(y)}" for x, y in positions)
        if len(positions) > 1:
            parts.append(f'<path class="line {line.kind}" d="M{path}"/>')
        # A line of one point would be invisible.
        if line.dots or len(positions) == 1:
            parts.extend(
                f'<circle class="dot {line.kind}" cx="{_n(x)}" cy="{_n(y)}" r="2.6"/>'
                for x, y in positions
            )
    middle = (left + width - right) / 2
    for number, line in enumerate(title, start=1):
        y = height - 6 - 14 * (len(title) - number)
        parts.append(_text(middle, y, line, "tick middle"))
    centre = _n((top + height - bottom) / 2)
    parts.append(
        f'<text class="tick middle" transform="translate(10 {centre}) rotate(-90)">'
        f"{escape(y_label)}</text>"
    )
    return _svg(parts, width, height, label, "fig panel")


def _cloud(positions):
    """Points as dots; many of them as squares, darker where there are more."""
    if len(positions) <= _MAX_DOTS:
        # A line without length and with round ends is a dot.
        path = "".join(f"M{_n(x)} {_n(y)}h0" for x, y in positions)
        return f'<path class="points" stroke-linecap="round" d="{path}"/>' * bool(path)
    counts = Counter((int(x // _CELL), int(y // _CELL)) for x, y in positions)
    most = max(counts.values())
    shades = defaultdict(list)
    for place, number in sorted(counts.items()):
        shade = math.ceil(_SHADES * math.log1p(number) / math.log1p(most) - 1e-9)
        shades[shade].append(place)
    return "".join(
        f'<path class="cells" opacity="{shade / _SHADES:g}" d="'
        + "".join(
            f"M{column * _CELL} {row * _CELL}h{_CELL}v{_CELL}h-{_CELL}z"
            for column, row in places
        )
        + '"/>'
        for shade, places in sorted(shades.items())
    )


def _lines(text):
    """An axis title in one line or two, of which the second is cut if need be."""
    if len(text) <= _TITLE:
        return [text]
    first, _, second = text.partition(", ")
    if not second:
        return [f"{text[: _TITLE - 1]}…"]
    return [
        f"{first},",
        second if len(second) <= _TITLE else f"{second[: _TITLE - 1]}…",
    ]


def _drawn(x, y):
    return not is_missing(x) and not is_missing(y)


def dot_plot(groups, *, x_label, label):
    """Values as dots with intervals, one row per metric and one dot per seed.

    Parameters
    ----------
    groups : dict of str to list of ScoreRow
        By heading; a missing value leaves its position empty.
    x_label : str
    label : str
        What a reader who cannot see the figure is told.
    """
    values = [
        number
        for rows in groups.values()
        for row in rows
        for number in (
            *(row.negative_control, row.ideal_explainer),
            *(n for item in row.scores for n in (item.value, item.low, item.high)),
        )
        if not is_missing(number)
    ] or [0, 1]
    low, high = min(0, *values), max(values)
    scale = [0, 0.25, 0.5, 0.75, 1] if low == 0 and high <= 1 else ticks(low, high)
    names = [row.name for rows in groups.values() for row in rows]
    # A letter is about 6.5 wide; most names need no more than the usual margin.
    left = max(262, round(6.5 * max(map(len, names), default=0)) + 20)
    right, top = 16, 4
    width = max(640, left + _MIN_PLOT + right)

    def at(value):
        fraction = (value - scale[0]) / (scale[-1] - scale[0])
        return left + fraction * (width - left - right)

    controls, parts, y = [], [], top
    for heading, rows in groups.items():
        parts.append(_text(left - 12, y + 18, heading, "head end"))
        y += 26
        for row in rows:
            tall = max(22, 9 * len(row.scores) + 8)
            middle = y + tall / 2
            parts.append(_text(left - 12, middle + 4, row.name, "end"))
            controls.append(_control(row, at, (scale[0], scale[-1]), middle, tall))
            parts.append(_ideal(row.ideal_explainer, at, middle))
            if all(is_missing(score.value) for score in row.scores):
                parts.append(_text(left + 6, middle + 4, "no value", "tick"))
            for position, score in enumerate(row.scores):
                shift = 9 * (position - (len(row.scores) - 1) / 2)
                parts.append(_scored(score, at, middle + shift))
            y += tall
        y += 4
    grid = []
    for tick in scale:
        grid.append(f'<path class="grid" d="M{_n(at(tick))} {top}V{y}"/>')
        grid.append(_text(at(tick), y + 15, _tick_text(tick), "tick middle"))
    parts.append(_text((left + width - right) / 2, y + 34, x_label, "tick middle"))
    return _svg([*controls, *grid, *parts], width, y + 40, label, "fig wide")


def _control(row, at, ends, y, tall):
    """Grey where a value is no better than that of what knows nothing."""
    if is_missing(row.negative_control):
        return ""
    low, high = (
        (row.negative_control, ends[1])
        if row.lower_is_better
        else (ends[0], row.negative_control)
    )
    return (
        f"<g><title>negative control: {decimal(row.negative_control)}</title>"
        f'<rect class="control" x="{_n(at(low))}" y="{_n(y - tall / 2 + 3)}" '
        f'width="{_n(at(high) - at(low))}" height="{_n(tall - 6)}"/></g>'
    )


def _ideal(value, at, y):
    """A diamond: what an ideal explainer reaches."""
    if is_missing(value):
        return ""
    return (
        f"<g><title>ideal explainer: {decimal(value)}</title>"
        f'<path class="ideal" d="M{_n(at(value))} {_n(y - 6)}l5 6l-5 6l-5-6z"/></g>'
    )


def _scored(score, at, y):
    if is_missing(score.value):
        return ""
    description = f"seed {score.seed}: {decimal(score.value)}"
    whisker = ""
    if not is_missing(score.low) and not is_missing(score.high):
        description += f" {interval(score.low, score.high)}"
        whisker = (
            f'<path class="whisker" d="M{_n(at(score.low))} {_n(y)}'
            f'H{_n(at(score.high))}"/>'
        )
    return (
        f"<g><title>{escape(description)}</title>{whisker}"
        f'<circle class="seed" cx="{_n(at(score.value))}" cy="{_n(y)}" r="3.6"/></g>'
    )


def tracks(rows, length, motifs, *, label):
    """Motifs as bars above sequences; the tip of a bar is its strand, if it is known.

    Parameters
    ----------
    rows : list of tuple of (str, list of tuple)
        Name of a sequence and its (motif, start, end, strand), 0-based, half-open.
    length : int
        Bases of the longest sequence.
    motifs : list of str
        Their order gives the colours.
    label : str
        What a reader who cannot see the figure is told.
    """
    width, left, right, tall = 980, 190, 12, 24
    height = tall * len(rows) + 38

    def at(position):
        return left + position / length * (width - left - right)

    parts = []
    for position, (name, instances) in enumerate(rows):
        y = tall * position + 14
        parts.append(_text(left - 12, y + 4, name, "end"))
        parts.append(f'<path class="track" d="M{left} {y}H{width - right}"/>')
        for motif, start, end, strand in instances:
            a, b, tip = at(start), at(end), min(6, (at(end) - at(start)) / 2)
            tip = 0 if strand == "." else tip
            if strand == "-":
                d = f"M{_n(a)} {y}l{_n(tip)} -6H{_n(b)}v12H{_n(a + tip)}z"
            else:
                d = f"M{_n(a)} {y - 6}H{_n(b - tip)}l{_n(tip)} 6l{_n(-tip)} 6H{_n(a)}z"
            description = f"{motif}, {start}–{end}, strand {strand}"
            parts.append(
                f'<path class="m{motifs.index(motif) % 6}" d="{d}">'
                f"<title>{escape(description)}</title></path>"
            )
    base = tall * len(rows) + 4
    for tick in ticks(0, length):
        if tick <= length:
            parts.append(f'<path class="axis" d="M{_n(at(tick))} {base}v3"/>')
            parts.append(_text(at(tick), base + 14, _tick_text(tick), "tick middle"))
    parts.append(f'<path class="axis" d="M{left} {base}H{width - right}"/>')
    parts.append(
        _text(
            (left + width - right) / 2,
            height - 4,
            "position (0-based, bases)",
            "tick middle",
        )
    )
    return _svg(parts, width, height, label, "fig tracks")


def heights(matrix):
    """Letter heights of a sequence logo in bits: probability times information."""
    matrix = np.asarray(matrix, dtype=float)
    return matrix * relative_entropy(matrix)[:, None]


def full_height(matrices):
    """Bits of the tallest column of several logos, rounded up to quarters, 2 at most.

    Logos of weak motifs drawn to 2 bits are flat lines. One height for all of a table
    keeps them comparable with each other.
    """
    tallest = max(
        (float(relative_entropy(matrix).max()) for matrix in matrices), default=MAX_BITS
    )
    return min(MAX_BITS, max(0.25, math.ceil(tallest * 4 - 1e-9) / 4))


def logo(matrix, name, bits=MAX_BITS):
    """A sequence logo; a letter of `bits` bits is as tall as the figure."""
    letters = _letters(heights(matrix), 0, 0, bits)
    return _svg([letters], COLUMN * len(matrix), ROW, f"logo of {name}", "logo")


def logo_pair(upper, lower, offset, name, bits=MAX_BITS):
    """Two logos over each other, shifted to where they align.

    Parameters
    ----------
    upper, lower : numpy.ndarray, shape (width, 4)
        Probabilities, in the orientation in which they align.
    offset : int
        Column of `upper` at which `lower` begins; negative where it begins before.
    name : str
    bits : float
        Full height of the upper logo; that of the lower one is 2 bits.
    """
    shift = max(0, -offset)
    start = shift + offset
    columns = max(shift + len(upper), start + len(lower))
    left, right = max(shift, start), min(shift + len(upper), start + len(lower))
    gap = 4
    parts = [
        # The columns that were compared.
        f'<rect class="control" x="{COLUMN * left}" '
        f'width="{COLUMN * max(0, right - left)}" height="{2 * ROW + gap}"/>',
        _letters(heights(upper), shift, 0, bits),
        _letters(heights(lower), start, ROW + gap, MAX_BITS),
    ]
    return _svg(parts, COLUMN * columns, 2 * ROW + gap, name, "logo")


def _letters(letters, column, top, full):
    """`<use>` elements of a logo, the tallest letter of a column on top."""
    parts = []
    for position, values in enumerate(letters):
        x = COLUMN * (column + position)
        base = top + ROW
        for index in np.argsort(values, kind="stable"):
            tall = min(values[index] / full, 1.0) * ROW
            if tall >= _VISIBLE:
                base -= tall
                parts.append(
                    f'<use href="#{"ACGT"[index]}" x="{x}" y="{_n(base)}" '
                    f'width="{COLUMN}" height="{_n(tall)}"/>'
                )
    return "".join(parts)


def _text(x, y, text, kind):
    return f'<text class="{kind}" x="{_n(x)}" y="{_n(y)}">{escape(text)}</text>'


def _svg(parts, width, height, label, kind):
    return Markup(
        f'<svg class="{kind}" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img" aria-label="{escape(label)}">'
        f"{''.join(parts)}</svg>"
    )
