"""Heat maps of filters: which filters are shown, in which order, and how."""

from typing import NamedTuple

import numpy as np

from proofread.figures.style import ACCENT, TWO_COLUMNS, figure_style, new_figure

# More rows or panels than this cannot be read; the most variable filters are shown.
MAX_SHOWN = 60
_VALUE_BAR = 11  # mm, a colour bar of values below the columns, with its labels


class Strip(NamedTuple):
    """What is known of the columns of a heat map, drawn above them.

    Parameters
    ----------
    values : numpy.ndarray, shape (columns,)
        NaN is missing.
    name : str
        What they are of.
    quantitative : bool
        Whether they are numbers; else a column is dark where its value is above 0.
        Either way a missing one is white.
    """

    values: np.ndarray
    name: str
    quantitative: bool = False


def most_variable(std, allowed):
    """Filters to show: the allowed ones, at most `MAX_SHOWN`, by falling std.

    Parameters
    ----------
    std : numpy.ndarray, shape (filters,)
    allowed : numpy.ndarray, shape (filters,), bool

    Returns
    -------
    numpy.ndarray of int
    """
    order = np.argsort(-std, kind="stable")
    return order[allowed[order]][:MAX_SHOWN]


def cluster_order(matrix, metric="euclidean"):
    """Order of the rows along the leaves of a tree (average linkage).

    Parameters
    ----------
    matrix : numpy.ndarray, shape (rows, columns)
    metric : str
        `euclidean` or `cosine`; the distance to a row of zeros, which has no
        direction, is 1.

    Returns
    -------
    numpy.ndarray, shape (rows,), int
        As they are where there are less than 3, whose order says nothing.
    """
    if len(matrix) < 3:
        return np.arange(len(matrix))
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import pdist

    distance = pdist(np.asarray(matrix, dtype=np.float64), metric)
    return leaves_list(linkage(np.nan_to_num(distance, nan=1.0), "average"))


@figure_style()
def draw_heat_map(names, matrix, *, label, of, total, diverging, strip=None):
    """A heat map of filters by columns, in the order given.

    Parameters
    ----------
    names : list of str, rows
    matrix : numpy.ndarray, shape (rows, columns)
        Coloured between its 0.1 and 99.9 percentile.
    label, of : str
        Names of the colour and of the columns.
    total : int
        Filters there would be to draw; said where it is more.
    diverging : bool
        True: white at 0, with symmetric limits.
    strip : Strip, optional
        Drawn above the columns; numbers have a colour bar of their own.
    """
    height = 24 + 2.5 * max(len(names), 8)
    if strip is not None and strip.quantitative:
        height += _VALUE_BAR
    if matrix.size == 0:
        return message_panel(TWO_COLUMNS, 30, "fewer than one live filter or sequence")
    heights = [2.5 * len(names)] if strip is None else [1.6, 2.5 * len(names)]
    figure, axes = new_figure(
        TWO_COLUMNS,
        height,
        rows=len(heights),
        squeeze=False,
        gridspec_kw={"height_ratios": heights, "hspace": 0},
    )
    panel = axes[-1, 0]
    low, high = np.percentile(matrix, [0.1, 99.9])
    if diverging:
        high = max(abs(low), abs(high)) or 1.0
        low = -high
    image = panel.imshow(
        matrix,
        cmap="RdBu_r" if diverging else "viridis",
        vmin=low,
        vmax=high if high > low else low + 1,
        aspect="auto",
        interpolation="nearest",
    )
    panel.set_yticks(range(len(names)), names, fontsize=5.5)
    panel.tick_params(length=1.5)
    panel.set_xticks([])
    panel.set_xlabel(of)
    if strip is not None:
        _draw_strip(axes[0, 0], panel, strip)
    colour_bar(figure, image, panel, label)
    say_thinned(figure, len(names), total)
    return figure


def _draw_strip(above, panel, strip):
    """The values of the columns above a panel: two colours, or a colour bar below."""
    from matplotlib.colors import ListedColormap

    above.set_axis_off()
    if not strip.quantitative:
        missing = np.isnan(strip.values)
        dark = np.asarray(strip.values) > 0
        above.imshow(
            (np.ma.array(dark, mask=missing) if missing.any() else dark)[None],
            cmap=ListedColormap(["#E4E6E5", ACCENT]),
            vmin=0,
            vmax=1,
            aspect="auto",
            interpolation="nearest",
        )
        colours = "dark; white: missing" if missing.any() else "dark"
        above.set_title(f"{strip.name} ({colours})", fontsize=7, loc="left", pad=2)
        return
    values = np.ma.masked_invalid(np.asarray(strip.values, dtype=np.float64))
    known = values.compressed()
    # A few extreme values would leave all others one colour.
    low, high = np.percentile(known, [1, 99]) if len(known) else (0, 1)
    image = above.imshow(
        values[None],
        cmap="viridis",
        vmin=low,
        vmax=high if high > low else low + 1,
        aspect="auto",
        interpolation="nearest",
    )
    missing = " (white: missing)" if len(known) < len(values) else ""
    title = f"measured value of {strip.name}{missing}"
    above.set_title(title, fontsize=7, loc="left", pad=2)
    bar = panel.figure.colorbar(
        image, ax=panel, location="bottom", shrink=0.4, aspect=30, pad=0.01
    )
    bar.set_label(f"value of {strip.name}", fontsize=7)
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=6)


def message_panel(width, height, text):
    """A figure that says why there is nothing to draw."""
    figure, panel = new_figure(width, height)
    panel.set_axis_off()
    panel.text(0.5, 0.5, text, ha="center", va="center", transform=panel.transAxes)
    return figure


def colour_bar(figure, image, panels, label):
    """A slim colour bar beside some panels."""
    bar = figure.colorbar(
        image, ax=panels, label=label, shrink=0.5, aspect=18, pad=0.01
    )
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=6)


def say_thinned(figure, shown, total):
    """Say above a figure that it does not show all filters."""
    if shown < total:
        figure.suptitle(
            f"{shown} of {total} filters: those whose activations vary most",
            fontsize=7,
            x=0.01,
            ha="left",
        )
