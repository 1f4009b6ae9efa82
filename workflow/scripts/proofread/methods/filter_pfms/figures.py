"""Figures of the first layer's filters: logos, weights, histograms and heat maps.

Each function takes numbers that stand in a table as well and returns a figure.
"""

import numpy as np

from proofread.figures.heat_map import (
    cluster_order,
    colour_bar,
    draw_heat_map,
    message_panel,
    most_variable,
    say_thinned,
)
from proofread.figures.style import (
    ACCENT,
    CATEGORIES,
    CONTEXT,
    TWO_COLUMNS,
    WIDE,
    draw_logo,
    figure_style,
    new_figure,
)
from proofread.motifs.motif import relative_entropy

# Letters below this height (bits) are thinner than a hair line and slow to draw.
_HIDDEN_LETTER = 0.03
# Sizes of a grid of small panels, mm. They are fixed: to find them by trial, as
# matplotlib's layouts do, takes longer than all the drawing.
_PANEL = 17  # one panel with its title and its tick labels
_TITLE, _TICKS = 5, 3  # its title with some space above, and its tick labels
_LEFT, _RIGHT, _TOP, _BOTTOM = 11, 2, 5, 10
_NOTE = 4  # a line above the panels
_BETWEEN = 3.5
_BAR = 17.5  # a colour bar with its labels


@figure_style()
def draw_logos(names, ppm, n_sites, *, total):
    """A grid of sequence logos, in bits.

    Parameters
    ----------
    names : list of str
    ppm : numpy.ndarray, shape (filters, width, 4)
    n_sites : numpy.ndarray, shape (filters,), int
    total : int
        Filters there would be to draw; said where it is more.
    """
    if len(names) == 0:
        return message_panel(TWO_COLUMNS, 30, "no filter has enough sites for a logo")
    figure, panels = _grid(len(names), 4, total)
    for panel, name, matrix, n in zip(panels, names, ppm, n_sites, strict=True):
        # Letter heights: probability times the position's information, 0-2 bits
        heights = matrix * relative_entropy(matrix)[:, None]
        draw_logo(panel, np.where(heights < _HIDDEN_LETTER, 0, heights))
        panel.set_title(f"{name}   {n:,} sites", loc="left", fontsize=7, pad=2)
        panel.set_xticks(range(0, len(matrix), 5))
    _label_edges(figure, panels, "position in the filter (from 0)", "bits")
    say_thinned(figure, len(names), total)
    return figure


@figure_style()
def draw_weights(names, weight, *, total):
    """Heat maps of the weights, on one colour scale.

    Parameters
    ----------
    names : list of str
    weight : numpy.ndarray, shape (filters, width, 4)
    total : int
        Filters there would be to draw; said where it is more.
    """
    figure, panels = _grid(len(names), 4, total, right=_BAR)
    limit = np.abs(weight).max(initial=0) or 1.0
    for panel, name, matrix in zip(panels, names, weight, strict=True):
        image = panel.imshow(
            matrix.T,
            cmap="RdBu_r",
            vmin=-limit,
            vmax=limit,
            aspect="auto",
            interpolation="nearest",
        )
        panel.set_title(name, loc="left", fontsize=7, pad=2)
        panel.set_yticks(range(4), list("ACGT"))
        panel.set_xticks(range(0, len(matrix), 5))
        panel.tick_params(length=1.5)
    _label_edges(figure, panels, "position in the filter (from 0)", None)
    bar = figure.colorbar(
        image,
        cax=figure.add_axes([1 - 14.5 / TWO_COLUMNS, 0.3, 2.5 / TWO_COLUMNS, 0.4]),
        label="weight",
    )
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=6)
    say_thinned(figure, len(names), total)
    return figure


@figure_style()
def draw_densities(names, edges, counts, threshold, *, total):
    """Histograms of the activations with the threshold of a site.

    Parameters
    ----------
    names : list of str
    edges : numpy.ndarray, shape (filters, bins + 1)
    counts : numpy.ndarray, shape (filters, bins)
    threshold : numpy.ndarray, shape (filters,)
        Not drawn where it is not finite.
    total : int
        Filters there would be to draw; said where it is more.
    """
    figure, panels = _grid(len(names), 6, total, ticks=_TICKS)
    highest = 2 * counts.max(initial=1)
    for panel, name, edge, count, limit in zip(
        panels, names, edges, counts, threshold, strict=True
    ):
        panel.set_title(name, loc="left", fontsize=7, pad=2)
        panel.set_yscale("log")
        panel.set_ylim(0.7, highest)
        panel.tick_params(labelsize=5.5, length=1.5)
        panel.minorticks_off()
        if edge[0] == edge[-1]:
            panel.set_xticks([])
            panel.text(
                0.5,
                0.5,
                f"always {edge[0]:.3g}",
                transform=panel.transAxes,
                ha="center",
            )
            continue
        panel.stairs(np.maximum(count, 0.1), edge, fill=True, color=CONTEXT)
        if np.isfinite(limit):
            panel.axvline(limit, color=ACCENT, linewidth=1.0)
        panel.locator_params(axis="x", nbins=3)
    _label_edges(
        figure,
        panels,
        "activation (line: threshold of a site)",
        "positions",
        ticks=True,
    )
    say_thinned(figure, len(names), total)
    return figure


@figure_style()
def draw_target_correlation(names, targets, correlation, q, *, fdr, total):
    """Correlation of each filter with each target: dots for one, heat maps for more.

    Parameters
    ----------
    names, targets : list of str
    correlation, q : dict of str to numpy.ndarray, shape (filters, targets)
        Under `mean` and `max`: the activation that was correlated. Undefined ones
        are NaN.
    fdr : float
        Marked where q is below.
    """
    if len(names) == 0 or len(targets) == 0:
        return message_panel(WIDE, 30, "no live filter")
    height = 20 + 2.7 * max(len(names), 8)
    kinds = list(correlation)
    if len(targets) == 1:
        order = np.argsort(np.nan_to_num(correlation["max"][:, 0]), kind="stable")
        figure, panel = new_figure(WIDE, height)
        _dots(panel, correlation, q, order, fdr)
        panel.set_yticks(range(len(order)), [names[i] for i in order], fontsize=5.5)
        panel.set_ylim(-0.7, len(order) - 0.3)
        panel.set_xlabel(f"Spearman correlation with {targets[0]}")
    else:
        figure, panels = new_figure(TWO_COLUMNS, height, columns=2, sharey=True)
        finite = [np.nan_to_num(correlation[kind]) for kind in kinds]
        order = cluster_order(np.hstack(finite))
        across = cluster_order(np.vstack(finite).T)
        limit = np.abs(finite).max() or 1.0
        for panel, kind in zip(panels, kinds, strict=True):
            image = panel.imshow(
                correlation[kind][order][:, across],
                cmap="PuOr",
                vmin=-limit,
                vmax=limit,
                aspect="auto",
                interpolation="nearest",
            )
            rows, cells = np.nonzero(q[kind][order][:, across] < fdr)
            panel.plot(cells, rows, "k.", markersize=1.5)
            panel.set_xticks(
                range(len(targets)), [targets[i] for i in across], rotation=90
            )
            panel.set_yticks(range(len(order)), [names[i] for i in order], fontsize=5.5)
            panel.set_title(f"{kind} activation (dot: q < {fdr:g})", loc="left")
        colour_bar(figure, image, panels, "Spearman correlation")
    say_thinned(figure, len(names), total)
    return figure


def _dots(panel, correlation, q, order, fdr):
    """One row per filter; filled where significant, by shape and colour per kind."""
    panel.axvline(0, color="black", linewidth=0.6)
    panel.grid(axis="x", linewidth=0.4, alpha=0.5)
    styles = {"mean": ("o", CATEGORIES[1]), "max": ("D", ACCENT)}
    for kind, (marker, colour) in styles.items():
        value, significant = correlation[kind][order, 0], q[kind][order, 0] < fdr
        rows = np.arange(len(order))
        for chosen, fill in ((significant, colour), (~significant, "white")):
            panel.plot(
                value[chosen],
                rows[chosen],
                marker,
                markersize=3.2,
                markerfacecolor=fill,
                markeredgecolor=colour,
                markeredgewidth=0.8,
            )
        panel.plot(
            [],
            [],
            marker,
            color=colour,
            markersize=3.2,
            label=f"{kind} of the activations",
        )
    panel.plot(
        [],
        [],
        "o",
        markerfacecolor="white",
        markeredgecolor="black",
        markersize=3.2,
        label=f"open: q at least {fdr:g}",
    )
    panel.legend(loc="lower right", fontsize=6)


def _grid(n, columns, total, *, right=_RIGHT, ticks=0):
    """A figure with `n` small panels in rows of `columns`; the rest is empty.

    `right` is the margin there, `ticks` the height of the tick labels of a panel, mm.
    """
    import matplotlib

    rows = -(-n // columns)
    top = _TOP + (_NOTE if n < total else 0)
    height = top + _BOTTOM + _PANEL * rows - _TITLE - ticks
    width = (TWO_COLUMNS - _LEFT - right - _BETWEEN * (columns - 1)) / columns
    with matplotlib.rc_context({"figure.constrained_layout.use": False}):
        figure, axes = new_figure(
            TWO_COLUMNS,
            height,
            rows=rows,
            columns=columns,
            squeeze=False,
            gridspec_kw={
                "left": _LEFT / TWO_COLUMNS,
                "right": 1 - right / TWO_COLUMNS,
                "bottom": _BOTTOM / height,
                "top": 1 - top / height,
                "wspace": _BETWEEN / width,
                "hspace": (_TITLE + ticks) / (_PANEL - _TITLE - ticks),
            },
        )
    for panel in axes.flat[n:]:
        panel.set_axis_off()
    return figure, list(axes.flat[:n])


def _label_edges(figure, panels, x, y, *, ticks=False):
    """Tick labels at the grid's left and lower edge only; one title per axis."""
    for number, panel in enumerate(panels):
        spec = panel.get_subplotspec()
        if not spec.is_first_col():
            panel.tick_params(labelleft=False)
        columns = spec.get_gridspec().ncols
        if not ticks and number + columns < len(panels):
            panel.tick_params(labelbottom=False)
    figure.supxlabel(x, fontsize=7.5)
    if y:
        figure.supylabel(y, x=0.004, fontsize=7.5)


def filter_figures(result, edges, counts):
    """Logos, weights and histograms of the filters.

    Parameters
    ----------
    result : proofread.methods.filter_pfms.pfms.FilterPfms
    edges, counts : numpy.ndarray
        From `proofread.methods.filter_pfms.activations.activation_histogram`.

    Yields
    ------
    tuple
        (name, figure).
    """
    std, names = result.statistics.std, np.array(result.names)
    shown = most_variable(std, result.ok)
    # The most informative first: those are what one looks for.
    information = [relative_entropy(result.ppm[row]).sum() for row in shown]
    shown = shown[np.argsort(-np.array(information), kind="stable")]
    yield (
        "logos",
        draw_logos(
            names[shown],
            result.ppm[shown],
            result.n_sites[shown],
            total=result.ok.sum(),
        ),
    )
    # In their own order, which is that of the table.
    shown = np.sort(most_variable(std, np.ones(len(std), dtype=bool)))
    total = len(names)
    weight = result.layer.weight[shown]
    yield "weights", draw_weights(names[shown], weight, total=total)
    limits = result.limits.value[shown]
    yield (
        "densities",
        draw_densities(names[shown], edges[shown], counts[shown], limits, total=total),
    )


def heat_map_figure(heat_map):
    """Draw a `proofread.methods.filter_pfms.heat_maps.HeatMap`."""
    return draw_heat_map(
        heat_map.filters,
        heat_map.matrix,
        label=heat_map.label,
        of=heat_map.of,
        total=heat_map.total,
        diverging=heat_map.diverging,
        strip=heat_map.strip,
    )


def target_correlation_figure(result, table, targets, fdr):
    """Draw the filters' correlation with the targets.

    Parameters
    ----------
    result : proofread.methods.filter_pfms.pfms.FilterPfms
    table : pandas.DataFrame
        From `proofread.methods.filter_pfms.tables.target_correlation`.
    targets : list of str
    fdr : float
        Marked where q is below.
    """
    live = ~result.statistics.dead
    shown = most_variable(result.statistics.std, live)
    rows = np.searchsorted(np.flatnonzero(live), shown)
    values = {
        column: {
            # (filters * targets,) -> (filters, targets)
            kind: part[column].to_numpy().reshape(live.sum(), -1)[rows]
            for kind, part in table.groupby("activation", sort=False)
        }
        for column in ("correlation", "q")
    }
    return draw_target_correlation(
        [result.names[row] for row in shown],
        targets,
        values["correlation"],
        values["q"],
        fdr=fdr,
        total=live.sum(),
    )
