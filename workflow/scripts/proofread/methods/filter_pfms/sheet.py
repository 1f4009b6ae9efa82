"""Many small panels in one pair of axes, whose units are millimetres.

matplotlib takes longer to set up a pair of axes for each panel, and to find their
layout by trial, than to draw what is in them.
"""

from dataclasses import dataclass

import numpy as np

from proofread.figures.style import TWO_COLUMNS, new_figure

TICKS = 3  # mm, tick labels below each panel
BAR = 17.5  # mm, a colour bar with its labels
_PANEL, _TITLE, _BETWEEN = 17, 5, 3.5
_LEFT, _RIGHT, _TOP, _BOTTOM, _NOTE = 11, 2, 5, 10, 4
_TICK = 0.7  # mm, length


@dataclass(frozen=True)
class Panel:
    """Where a panel is, mm from the lower left corner of the sheet."""

    left: float
    bottom: float
    width: float
    height: float

    def x(self, values, low, high):
        """From values on an axis of `low` to `high` to millimetres."""
        return self.left + (np.asarray(values) - low) / (high - low) * self.width

    def y(self, values, low, high):
        """From values on an axis of `low` to `high` to millimetres."""
        return self.bottom + (np.asarray(values) - low) / (high - low) * self.height


class Sheet:
    """A figure of equal panels in rows.

    Parameters
    ----------
    n, columns : int
        Panels, and panels in a row.
    right : float
        Margin there, mm.
    ticks : float
        Space for tick labels below each panel, mm.
    thinned : bool
        Whether a line above the panels says that some are missing.

    Attributes
    ----------
    figure, axes : matplotlib objects
    panels : list of Panel
        Row by row.
    """

    def __init__(self, n, columns, *, right=_RIGHT, ticks=0.0, thinned=False):
        import matplotlib

        rows = -(-n // columns)
        top = _TOP + (_NOTE if thinned else 0)
        inner = _PANEL - _TITLE - ticks
        self.height = top + _BOTTOM + _PANEL * rows - _TITLE - ticks
        with matplotlib.rc_context({"figure.constrained_layout.use": False}):
            self.figure, self.axes = new_figure(TWO_COLUMNS, self.height)
        self.axes.set_position([0, 0, 1, 1])
        self.axes.set_axis_off()
        self.axes.set_xlim(0, TWO_COLUMNS)
        self.axes.set_ylim(0, self.height)
        width = (TWO_COLUMNS - _LEFT - right - _BETWEEN * (columns - 1)) / columns
        self.columns = columns
        self.panels = [
            Panel(
                _LEFT + number % columns * (width + _BETWEEN),
                self.height - top - inner - number // columns * _PANEL,
                width,
                inner,
            )
            for number in range(n)
        ]

    def text(self, x, y, text, **options):
        """Write at a point, mm."""
        self.axes.text(x, y, text, **options)

    def title(self, panel, text):
        """Write above a panel."""
        self.text(panel.left, panel.bottom + panel.height + 0.7, text)

    def lines(self, lines, **options):
        """Draw lines, each a list of points in mm."""
        from matplotlib.collections import LineCollection

        options = {"color": "black", "linewidth": 0.6, "capstyle": "butt"} | options
        lines = LineCollection(lines, **options)
        self.axes.add_collection(lines, autolim=False)

    def polygons(self, outlines, colour):
        """Fill outlines, arrays of points in mm, as one path."""
        from matplotlib.patches import PathPatch
        from matplotlib.path import Path

        if outlines:
            path = Path.make_compound_path(*map(Path, outlines))
            self.axes.add_artist(PathPatch(path, facecolor=colour, linewidth=0))

    def image(self, panel, values, **options):
        """Draw a matrix as the cells of a panel, its first row on top."""
        image = self.axes.imshow(
            values,
            aspect="auto",
            interpolation="nearest",
            extent=(
                panel.left,
                panel.left + panel.width,
                panel.bottom,
                panel.bottom + panel.height,
            ),
            **options,
        )
        self.axes.set_xlim(0, TWO_COLUMNS)
        self.axes.set_ylim(0, self.height)
        return image

    def frame(self):
        """Lines at the left and lower edge of each panel."""
        self.lines(
            [
                [
                    (panel.left, panel.bottom + panel.height),
                    (panel.left, panel.bottom),
                    (panel.left + panel.width, panel.bottom),
                ]
                for panel in self.panels
            ]
        )

    def x_ticks(self, values, low, high, *, panel=None, size=7.0):
        """Ticks below one panel, or below all with labels at the lowest ones."""
        panels = self.panels if panel is None else [panel]
        labelled = panels[-self.columns :] if panel is None else panels
        lines = []
        for item in panels:
            for value, x in zip(values, item.x(list(values), low, high), strict=True):
                lines.append([(x, item.bottom), (x, item.bottom - _TICK)])
                if item in labelled:
                    y = item.bottom - 2 * _TICK
                    style = {"ha": "center", "va": "top", "fontsize": size}
                    self.text(x, y, f"{value:g}", **style)
        self.lines(lines)

    def y_ticks(self, labels, low, high, *, size=7.0):
        """Ticks at the left of all panels, with labels in the first column.

        Labels may be formulas between dollar signs.
        """
        lines = []
        for number, panel in enumerate(self.panels):
            heights = panel.y(list(labels), low, high)
            for label, y in zip(labels.values(), heights, strict=True):
                lines.append([(panel.left, y), (panel.left - _TICK, y)])
                if number % self.columns == 0:
                    x = panel.left - 2 * _TICK
                    style = {"ha": "right", "va": "center", "fontsize": size}
                    self.text(x, y, label, parse_math=True, **style)
        self.lines(lines)

    def labels(self, x, y):
        """Names of the axes of all panels."""
        self.text(TWO_COLUMNS / 2, 1, x, ha="center", va="bottom", fontsize=7.5)
        middle = self.height / 2
        self.text(1, middle, y, ha="left", va="center", rotation=90, fontsize=7.5)

    def colour_bar(self, image, label):
        """A colour bar in the margin on the right, which is `BAR` wide."""
        left = (TWO_COLUMNS - BAR + 3) / TWO_COLUMNS
        axes = self.figure.add_axes([left, 0.3, 2.5 / TWO_COLUMNS, 0.4])
        bar = self.figure.colorbar(image, cax=axes, label=label)
        bar.outline.set_visible(False)
        bar.ax.tick_params(labelsize=6)
