"""Predicted quantities: measured against predicted values, residuals against GC."""

import numpy as np

from proofread.figures.style import (
    ACCENT,
    CONTEXT,
    ONE_COLUMN,
    figure_style,
    new_figure,
    short_name,
)
from proofread.figures.tracks import message
from proofread.statistics.quantities import gc_groups

_MAX_DOTS = 500  # of a panel; more sequences are counted in hexagons
_HEXAGONS = 28  # from left to right
_NOTHING = "No sequence of the test split has a measured value."


@figure_style()
def draw_measured_predicted(predictions, metrics):
    """Measured against predicted values of each target.

    Dots, or the number of sequences in each hexagon where there are many. On the grey
    line both are equal.

    Parameters
    ----------
    predictions : pandas.DataFrame
        The network's, with target, true and output.
    metrics : pandas.DataFrame
        From `proofread.statistics.quantities.evaluate_quantities`.
    """
    figure, panels = _panels(predictions.dropna(subset="true"))
    for panel, (target, rows) in panels:
        measured, predicted = rows["true"].to_numpy(), rows["output"].to_numpy()
        limits = _with_margin(np.concatenate([measured, predicted]))
        panel.plot(limits, limits, color=CONTEXT, linewidth=0.8, zorder=3)
        _density(figure, panel, predicted, measured, (*limits, *limits))
        panel.set(xlabel="predicted", ylabel="measured", xlim=limits, ylim=limits)
        panel.set_aspect("equal")
        values = metrics[
            (metrics["predictor"] == "network") & (metrics["target"] == target)
        ].set_index("metric")["value"]
        numbers = ", ".join(
            f"{name} {_defined(values[metric])}"
            for metric, name in (("pearson", "r"), ("r2", "R²"))
        )
        panel.set_title(f"{short_name(target)}: {numbers}", loc="left")
    return figure


@figure_style()
def draw_residuals(table):
    """Measured less predicted value against the GC content of the sequence.

    The line joins the means of ten groups of sequences, by their GC content; a slope
    would show that the network gets the part of GC content wrong.

    Parameters
    ----------
    table : pandas.DataFrame
        From `proofread.statistics.quantities.residuals`.
    """
    figure, panels = _panels(table)
    for panel, (target, rows) in panels:
        gc, residual = rows["gc"].to_numpy(), rows["residual"].to_numpy()
        x_limits, y_limits = _with_margin(gc), _with_margin(residual)
        panel.axhline(0, color=CONTEXT, linewidth=0.8, zorder=3)
        _density(figure, panel, gc, residual, (*x_limits, *y_limits))
        means = [(gc[rows].mean(), residual[rows].mean()) for rows in gc_groups(gc)]
        x, y = zip(*means, strict=True)
        panel.plot(x, y, color="white", linewidth=2.2, zorder=4)
        panel.plot(x, y, color=ACCENT, marker="o", markersize=2.5, zorder=4)
        panel.set(
            xlabel="GC content",
            ylabel="measured less predicted",
            xlim=x_limits,
            ylim=y_limits,
        )
        panel.set_title(short_name(target), loc="left")
    return figure


def _defined(value):
    return "not defined" if np.isnan(value) else f"{value:.2f}"


def _panels(table):
    """A figure with one panel for each target, and the rows of each."""
    targets = list(table["target"].unique())
    if not targets:
        return message(_NOTHING), []
    columns = min(len(targets), 2)
    rows = -(-len(targets) // columns)
    figure, axes = new_figure(
        ONE_COLUMN * columns, 72 * rows, rows=rows, columns=columns, squeeze=False
    )
    for panel in axes.flat[len(targets) :]:
        panel.set_visible(False)
    of_target = ((target, table[table["target"] == target]) for target in targets)
    return figure, list(zip(axes.flat, of_target, strict=False))


def _density(figure, panel, x, y, extent):
    """The points as dots, or counted in hexagons where they are many."""
    if len(x) <= _MAX_DOTS:
        panel.plot(
            x,
            y,
            linestyle="",
            marker="o",
            markersize=2.5,
            markeredgewidth=0,
            color=ACCENT,
            alpha=0.5,
        )
        return
    from matplotlib.ticker import MaxNLocator

    hexagons = panel.hexbin(
        x, y, gridsize=_HEXAGONS, mincnt=1, extent=extent, cmap="viridis", linewidths=0
    )
    bar = figure.colorbar(hexagons, ax=panel, label="sequences", shrink=0.7)
    bar.locator = MaxNLocator(integer=True, nbins=6)


def _with_margin(values):
    """Limits of an axis: a twentieth of the range on either side."""
    low, high = float(values.min()), float(values.max())
    margin = (high - low) / 20 or 0.5
    return low - margin, high + margin
