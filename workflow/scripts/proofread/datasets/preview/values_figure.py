"""The figure of a preview's quantitative targets; its numbers are in the tables."""

from itertools import combinations
from textwrap import fill

import numpy as np

from proofread.datasets.preview.composition import composition
from proofread.datasets.preview.values import MAX_TARGETS
from proofread.figures.style import (
    ACCENT,
    ONE_COLUMN,
    TWO_COLUMNS,
    figure_style,
    new_figure,
    short_name,
)
from proofread.figures.tracks import message

MAX_DOTS = 1000  # more sequences are drawn as a density
_ROW = 50  # mm
_LABEL = 22  # characters in a line of a label


@figure_style()
def draw_values(dataset, tables):
    """A histogram of each target; its values against GC content, length and the others.

    Parameters
    ----------
    dataset : Dataset
    tables : dict of str to pandas.DataFrame
        `values`, `bins`, `pairs` and `density`, as the preview writes them.

    Returns
    -------
    matplotlib.figure.Figure
    """
    if not dataset.labelled:
        return message("The sequences have no values.")
    targets = dataset.target[:MAX_TARGETS]
    measures = {"gc": composition(dataset)[0]}
    if dataset.length.min() < dataset.length.max():
        measures["length"] = dataset.length
    pairs = list(combinations(range(len(targets)), 2))
    columns = 3 if pairs or len(measures) > 1 else 2
    grid, left = _arranged(len(targets), len(measures), len(pairs), columns)
    figure, axes = new_figure(
        TWO_COLUMNS if columns == 3 else 1.4 * ONE_COLUMN,
        _ROW * len(grid) + 6,
        rows=len(grid),
        columns=columns,
        squeeze=False,
    )
    panels = _Panels(dataset, tables, list(measures))
    for row, target in enumerate(targets):
        panels.histogram(axes[row, 0], target)
        for column, (measure, x) in enumerate(measures.items(), start=1):
            panels.against(axes[row, column], target, measure, x)
    for (row, column), (one, other) in zip(left, pairs, strict=False):
        panels.pair(axes[row, column], one, other)
    for row, column in left[len(pairs) :]:
        axes[row, column].remove()
    panels.colour_bar(figure)
    if len(dataset.target) > len(targets):
        figure.suptitle(
            f"The first {len(targets)} of {len(dataset.target)} targets", fontsize=7
        )
    return figure


def _arranged(targets, measures, pairs, columns):
    """Rows of the figure, and the cells that are left for pairs of targets."""
    beside = columns - 1 - measures
    rows = targets + -(-max(0, pairs - targets * beside) // columns)
    cells = [(row, columns - 1) for row in range(targets) if beside]
    cells += [
        (row, column) for row in range(targets, rows) for column in range(columns)
    ]
    return range(rows), cells


class _Panels:
    """Panels that share the colours of their densities."""

    def __init__(self, dataset, tables, measures):
        from matplotlib.colors import LogNorm

        self.dataset, self.tables = dataset, tables
        drawn = tables["density"]["measure"].isin([*measures, "target"])
        most = tables["density"].loc[drawn, "sequences"].max()
        self.norm = LogNorm(1, max(10, most))
        self.mesh = None

    def values(self, target):
        return self.dataset.label[:, self.dataset.target.index(target)]

    def histogram(self, axes, target):
        whole = self.tables["values"].query("target == @target and split == 'all'")
        whole = whole.iloc[0]
        bins = self.tables["bins"].query("target == @target")
        edges = np.append(bins["low"].to_numpy(), bins["high"].iloc[-1])
        axes.stairs(bins["sequences"], edges, fill=True, color=ACCENT, alpha=0.85)
        missing = int(whole["missing"] + whole["left_out"])
        axes.set_title(
            f"{int(whole['values']):,} values, {missing:,} missing",
            loc="left",
            fontsize=7,
        )
        axes.set_xlabel(_label(target))
        axes.set_ylabel("sequences")

    def against(self, axes, target, measure, x):
        whole = self.tables["values"].query("target == @target and split == 'all'")
        self._cloud(axes, x, self.values(target), measure, measure, target)
        self._title(axes, whole.iloc[0][f"spearman_{measure}"])
        names = {"gc": "GC content (fraction)", "length": "length (bp)"}
        axes.set_xlabel(names[measure])
        axes.set_ylabel(_label(target))

    def pair(self, axes, one, other):
        first, second = self.dataset.target[one], self.dataset.target[other]
        x, y = self.values(first), self.values(second)
        row = self.tables["pairs"].query("first == @first and second == @second")
        row = row.iloc[0]
        axes.set_xlabel(_label(first))
        axes.set_ylabel(_label(second))
        self._cloud(axes, x, y, "target", first, second)
        self._title(axes, row["spearman"], f"{row['sequences']:,} with both values")

    def _title(self, axes, correlation, text=""):
        said = [text] if text else []
        if correlation is not None and not np.isnan(correlation):
            said.append(f"Spearman {correlation:.2f}".replace("-", "−"))
        axes.set_title("; ".join(said), loc="left", fontsize=7)

    def _cloud(self, axes, x, y, measure, against, target):
        known = ~np.isnan(x) & ~np.isnan(y)
        if known.sum() <= MAX_DOTS:
            axes.plot(
                x[known],
                y[known],
                ".",
                color=ACCENT,
                markersize=3,
                markeredgewidth=0,
                alpha=0.5,
                # Of many panels each dot as a shape makes a large file.
                rasterized=len(self.dataset.target) > 2,
            )
            return
        table = self.tables["density"].query(
            "measure == @measure and against == @against and target == @target"
        )
        x_edges, column = _edges(table, "against_low", "against_high")
        y_edges, row = _edges(table, "low", "high")
        counts = np.full((len(y_edges) - 1, len(x_edges) - 1), np.nan)
        counts[row, column] = table["sequences"]
        self.mesh = axes.pcolormesh(
            x_edges, y_edges, counts, norm=self.norm, rasterized=True
        )

    def colour_bar(self, figure):
        """One key for all densities, if any was drawn."""
        if self.mesh is None:
            return
        bar = figure.colorbar(
            self.mesh,
            ax=figure.axes,
            location="bottom",
            anchor=(0, 0),
            shrink=0.3,
            aspect=30,
            # Without a formula, which the style does not draw.
            format="{x:,.0f}",
        )
        bar.set_label("sequences per bin")
        bar.outline.set_linewidth(0.4)


def _label(name):
    return fill(short_name(name), _LABEL)


def _edges(table, low, high):
    """Edges of bins of one width that cover the occupied ones; the bin of each row."""
    first, last = table[low].min(), table[high].max()
    width = (table[high] - table[low]).iloc[0]
    number = round(float((last - first) / width))
    index = np.rint((table[low].to_numpy() - first) / width).astype(int)
    return np.linspace(first, last, number + 1), index
