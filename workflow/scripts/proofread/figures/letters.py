"""Letters of any height along a sequence, as a figure of few and small paths."""

import functools

import numpy as np

from proofread.figures.style import BASE_COLOURS, CONTEXT

# A letter lower than this fraction of the highest cannot be read: a grey bar is drawn.
_MIN_LETTER = 0.12
_MIN_BAR = 0.04  # of that height; lower ones cannot be seen


def _arc(begin, end, across, up, points):
    """Points of an ellipse in the middle of the unit box; degrees, from the right."""
    angle = np.radians(np.linspace(begin, end, points))
    return np.column_stack([0.5 + across * np.cos(angle), 0.5 + up * np.sin(angle)])


@functools.cache
def _glyph(base):
    """Outline of a letter, in a box from (0, 0) to (1, 1): vertices and path codes.

    Fewer points than a font has: a figure holds hundreds of letters a millimetre wide.
    """
    if base == "A":
        outer = [(0, 0), (0.36, 1), (0.64, 1), (1, 0), (0.76, 0), (0.69, 0.19)]
        rings = [
            [*outer, (0.31, 0.19), (0.24, 0)],
            [(0.5, 0.76), (0.63, 0.37), (0.37, 0.37)],
        ]
    elif base == "T":
        stem = [(0.64, 0), (0.36, 0), (0.36, 0.8), (0, 0.8)]
        rings = [[(0, 1), (1, 1), (1, 0.8), (0.64, 0.8), *stem]]
    else:
        outer = _arc(45, 315 if base == "C" else 300, 0.5, 0.5, 11)
        inner = _arc(315, 50, 0.26, 0.31, 9)
        corner = [(0.98, 0.1), (0.98, 0.52), (0.54, 0.52), (0.54, 0.36), (0.76, 0.36)]
        rings = [[*outer, *(corner if base == "G" else []), *inner]]
    vertices, codes = [], []
    for ring in rings:
        vertices += [*ring, ring[0]]
        codes += _ring_codes(len(ring))
    vertices = np.array(vertices, dtype=float)
    vertices -= vertices.min(axis=0)
    return vertices / vertices.max(axis=0), np.array(codes)


@functools.cache
def _bar():
    """Outline of the box from (0, 0) to (1, 1), as `_glyph`."""
    corners = [(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]
    return np.array(corners, dtype=float), np.array(_ring_codes(4))


def _ring_codes(points):
    from matplotlib.path import Path

    return [Path.MOVETO, *[Path.LINETO] * (points - 1), Path.CLOSEPOLY]


def letter_limits(heights):
    """Limits of an axis on which all of some letters fit.

    Parameters
    ----------
    heights : list of numpy.ndarray, shape (length, 4)

    Returns
    -------
    tuple of float
        Below or at zero, above or at zero; (-1, 1) where all are zero.
    """
    low = min(np.clip(own, None, 0).sum(axis=1).min(initial=0) for own in heights)
    high = max(np.clip(own, 0, None).sum(axis=1).max(initial=0) for own in heights)
    return (float(low), float(high)) if high > low else (-1.0, 1.0)


def draw_letters(axes, heights, *, first=0, scale=None):
    """Draw signed letters around zero: one path per base, whatever the length.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    heights : numpy.ndarray, shape (length, 4)
        At a position the letters above zero are stacked upwards, the smallest at the
        line, those below zero downwards. Letters too low to read are grey bars.
    first : int
        Position of the first column.
    scale : float, optional
        Height of the highest letter of all panels that are compared; by default of
        these.
    """
    heights = np.asarray(heights, dtype=float)
    scale = np.abs(heights).max(initial=0) if scale is None else scale
    letter = np.abs(heights) >= _MIN_LETTER * scale
    letter &= heights != 0
    for sign in (1, -1):
        # Bars for what is too low for a letter are at the line, the letters beyond.
        side = np.clip(sign * heights, 0, None)
        low = np.where(letter, 0, side)
        low = np.where(low < _MIN_BAR * scale, 0, low)
        positions = np.flatnonzero(low.sum(axis=1))
        shape, codes = _bar()
        x = first + positions - 0.4 + 0.8 * shape[:, :1]
        y = sign * shape[:, 1:] * low[positions].sum(axis=1)
        _add(axes, CONTEXT, x, y, codes)
        side = np.where(letter, side, 0)
        order = np.argsort(side, axis=1, kind="stable")
        stacked = np.cumsum(np.take_along_axis(side, order, axis=1), axis=1)
        top = np.empty_like(side)
        np.put_along_axis(top, order, stacked, axis=1)
        bottom = low.sum(axis=1, keepdims=True) + top - side
        for base, (name, colour) in enumerate(BASE_COLOURS.items()):
            positions = np.flatnonzero(side[:, base])
            shape, codes = _glyph(name)
            # Those below the line hang from it and stay upright.
            height = shape[:, 1:] if sign > 0 else shape[:, 1:] - 1
            x = first + positions - 0.47 + 0.94 * shape[:, :1]
            y = sign * bottom[positions, base] + height * side[positions, base]
            _add(axes, colour, x, y, codes)
    axes.axhline(0, color="black", linewidth=0.4)
    axes.set_xlim(first - 0.5, first + len(heights) - 0.5)
    axes.set_ylim(*letter_limits([heights]))


def _add(axes, colour, x, y, codes):
    """Add one path of many equal shapes; x and y have shape (vertices, shapes)."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    if x.shape[1]:
        vertices = np.stack([x.T, y.T], axis=2).reshape(-1, 2)
        path = Path(vertices, np.tile(codes, x.shape[1]))
        axes.add_patch(PathPatch(path, facecolor=colour, linewidth=0))
