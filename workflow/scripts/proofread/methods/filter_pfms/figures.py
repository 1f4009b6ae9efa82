"""Figures of the first layer's filters: logos, weights, densities and heat maps.

Each function takes numbers that stand in a table as well and returns a figure.
"""

import numpy as np
import pandas as pd

from proofread.datasets.sampling import sample_rows
from proofread.figures.style import figure_style
from proofread.methods.filter_pfms.tables import (
    segment_heat_maps,
    sequence_heat_map,
    target_correlation,
)
from proofread.motifs.motif import relative_entropy
from proofread.tables import write_table

# More rows or panels than this cannot be read; the most variable filters are shown.
MOST_SHOWN = 60
# Letters below this height (bits) are thinner than a hair line and slow to draw.
_HIDDEN_LETTER = 0.03
_PANEL = 17  # mm, height of one small panel with its title


def most_variable(std, allowed):
    """Filters to show: the allowed ones, at most `MOST_SHOWN`, by falling std.

    Parameters
    ----------
    std : numpy.ndarray, shape (filters,)
    allowed : numpy.ndarray, shape (filters,), bool

    Returns
    -------
    numpy.ndarray of int
    """
    order = np.argsort(-std, kind="stable")
    return order[allowed[order]][:MOST_SHOWN]


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
    from proofread.figures.style import draw_logo

    figure, panels = _grid(len(names), 4, "no filter has enough sites for a logo")
    for panel, name, matrix, n in zip(panels, names, ppm, n_sites, strict=True):
        # Letter heights: probability times the position's information, 0-2 bits
        heights = matrix * relative_entropy(matrix)[:, None]
        draw_logo(panel, np.where(heights < _HIDDEN_LETTER, 0, heights))
        panel.set_title(f"{name}   {n:,} sites", loc="left", fontsize=7, pad=2)
        panel.set_xticks(range(0, len(matrix), 5))
    _label_edges(figure, panels, "position in the filter (from 0)", "bits")
    _say_thinned(figure, len(names), total)
    return figure


@figure_style()
def draw_weights(names, weight, *, total):
    """Heat maps of the weights, on one colour scale.

    Parameters
    ----------
    weight : numpy.ndarray, shape (filters, width, 4)
    """
    figure, panels = _grid(len(names), 4, "no filter")
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
    _colour_bar(figure, image, panels, "weight")
    _say_thinned(figure, len(names), total)
    return figure


@figure_style()
def draw_densities(names, edges, counts, threshold, *, total):
    """Histograms of the activations with the threshold of a site.

    Parameters
    ----------
    edges : numpy.ndarray, shape (filters, bins + 1)
    counts : numpy.ndarray, shape (filters, bins)
    threshold : numpy.ndarray, shape (filters,)
        Not drawn where it is not finite.
    """
    from proofread.figures.style import ACCENT, CONTEXT

    figure, panels = _grid(len(names), 6, "no filters")
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
    _say_thinned(figure, len(names), total)
    return figure


@figure_style()
def draw_heat_map(names, matrix, *, label, of, total, diverging, strip=None):
    """Filters by columns, in the order given.

    Parameters
    ----------
    names : list of str, rows
    matrix : numpy.ndarray, shape (rows, columns)
        Coloured between its 0.1 and 99.9 percentile.
    label, of : str
        What the colour and what the columns are.
    diverging : bool
        True: white at 0, with symmetric limits.
    strip : tuple, optional
        (values of shape (columns,), what they are): drawn above the columns, dark
        where the value is above 0.
    """
    from matplotlib.colors import ListedColormap

    from proofread.figures.style import ACCENT, TWO_COLUMNS, new_figure

    tall = 24 + 2.5 * max(len(names), 8)
    if matrix.size == 0:
        return _message(TWO_COLUMNS, 30, "fewer than one live filter or sequence")
    heights = [2.5 * len(names)] if strip is None else [1.6, 2.5 * len(names)]
    figure, axes = new_figure(
        TWO_COLUMNS,
        tall,
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
        (values, what), above = strip, axes[0, 0]
        above.set_axis_off()
        above.imshow(
            (np.asarray(values) > 0)[None],
            cmap=ListedColormap(["#E4E6E5", ACCENT]),
            vmin=0,
            vmax=1,
            aspect="auto",
            interpolation="nearest",
        )
        above.set_title(f"{what} (dark)", fontsize=7, loc="left", pad=2)
    _colour_bar(figure, image, panel, label)
    _say_thinned(figure, len(names), total)
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
    from proofread.figures.style import TWO_COLUMNS, WIDE, new_figure

    if len(names) == 0 or len(targets) == 0:
        return _message(WIDE, 30, "no live filter")
    tall = 20 + 2.7 * max(len(names), 8)
    kinds = list(correlation)
    if len(targets) == 1:
        order = np.argsort(np.nan_to_num(correlation["max"][:, 0]), kind="stable")
        figure, panel = new_figure(WIDE, tall)
        _dots(panel, correlation, q, order, fdr)
        panel.set_yticks(range(len(order)), [names[i] for i in order], fontsize=5.5)
        panel.set_ylim(-0.7, len(order) - 0.3)
        panel.set_xlabel(f"Spearman correlation with {targets[0]}")
    else:
        figure, panels = new_figure(TWO_COLUMNS, tall, columns=2, sharey=True)
        known = [np.nan_to_num(correlation[kind]) for kind in kinds]
        order = cluster_order(np.hstack(known))
        across = cluster_order(np.vstack(known).T)
        limit = max(np.abs(each).max() for each in known) or 1.0
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
        _colour_bar(figure, image, panels, "Spearman correlation")
    _say_thinned(figure, len(names), total)
    return figure


def _dots(panel, correlation, q, order, fdr):
    """One row per filter; filled where significant, by shape and colour per kind."""
    from proofread.figures.style import ACCENT, CATEGORIES

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


def _grid(n, columns, nothing):
    """A figure with `n` small panels in rows of `columns`; the rest is empty."""
    from proofread.figures.style import TWO_COLUMNS, new_figure

    if n == 0:
        return _message(TWO_COLUMNS, 30, nothing), []
    rows = -(-n // columns)
    figure, axes = new_figure(
        TWO_COLUMNS, 10 + _PANEL * rows, rows=rows, columns=columns, squeeze=False
    )
    for panel in axes.flat[n:]:
        panel.set_axis_off()
    return figure, list(axes.flat[:n])


def _message(width, height, text):
    from proofread.figures.style import new_figure

    figure, panel = new_figure(width, height)
    panel.set_axis_off()
    panel.text(0.5, 0.5, text, ha="center", va="center", transform=panel.transAxes)
    return figure


def _label_edges(figure, panels, x, y, *, ticks=False):
    """Tick labels at the grid's left and lower edge only; one title per axis."""
    for panel in panels:
        spec = panel.get_subplotspec()
        if not spec.is_first_col():
            panel.set_yticklabels([])
        place = panels.index(panel)
        columns = spec.get_gridspec().ncols
        if not ticks and place + columns < len(panels):
            panel.set_xticklabels([])
    if panels:
        figure.supxlabel(x, fontsize=7.5)
    if panels and y:
        figure.supylabel(y, fontsize=7.5)


def _colour_bar(figure, image, panels, label):
    bar = figure.colorbar(
        image, ax=panels, label=label, shrink=0.5, aspect=18, pad=0.01
    )
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=6)


def _say_thinned(figure, shown, total):
    if shown < total:
        figure.suptitle(
            f"{shown} of {total} filters: those whose activations vary most",
            fontsize=7,
            x=0.01,
            ha="left",
        )


def write_heat_map(
    table_path, figure_path, result, matrix, columns, *, metric, strip=None, **options
):
    """Cluster, write and draw one matrix of filters by columns.

    Parameters
    ----------
    matrix : numpy.ndarray, shape (filters, columns)
    columns : list of str
    metric : str
        As in `cluster_order`.
    strip : tuple, optional
        (values per column, what they are).
    options
        To `draw_heat_map`.
    """
    from proofread.figures.style import save_figure
    from proofread.methods.filter_pfms.figures import (
        cluster_order,
        draw_heat_map,
        most_variable,
    )

    varies = ~result.statistics.dead & (np.ptp(matrix, axis=1) > 0)
    rows = most_variable(result.statistics.std, varies)
    rows = rows[cluster_order(matrix[rows], metric)]
    across = cluster_order(matrix[rows].T, metric) if len(rows) else []
    names = [result.names[row] for row in rows]
    ordered = matrix[np.ix_(rows, across)]
    table = pd.DataFrame(ordered, columns=[columns[place] for place in across])
    table.insert(0, "filter", names)
    write_table(table_path, table)
    if strip is not None:
        strip = (np.asarray(strip[0])[across], strip[1])
    figure = draw_heat_map(names, ordered, total=varies.sum(), strip=strip, **options)
    save_figure(figure, figure_path)


def write_global_figures(output, result, dataset, settings):
    """The heat maps of sequences and segments, and the correlation with targets."""
    from proofread.figures.style import save_figure
    from proofread.methods.filter_pfms.figures import (
        draw_target_correlation,
        most_variable,
    )

    most, seed = settings["heat_map_sequences"], settings["seed"]
    rows = sample_rows(len(dataset), most, seed)
    strip = None
    if len(dataset.target) == 1:
        strip = dataset.label[rows, 0], dataset.target[0]
    write_heat_map(
        output.sequences_table,
        output.sequences,
        result,
        sequence_heat_map(result, rows),
        [dataset.name[row] for row in rows],
        metric="euclidean",
        label="mean activation (z-score)",
        of=f"{len(rows)} sequences",
        diverging=True,
        strip=strip,
    )
    raw, z, sequence, segment = segment_heat_maps(
        result, dataset.index, rows, most, seed
    )
    columns = [
        f"{dataset.name[rows[place]]}:{part}"
        for place, part in zip(sequence, segment, strict=True)
    ]
    for table, figure, matrix, metric, label in (
        (output.segments_table, output.segments, z, "euclidean", " (z-score)"),
        (output.segments_raw_table, output.segments_raw, raw, "cosine", ""),
    ):
        write_heat_map(
            table,
            figure,
            result,
            matrix,
            columns,
            metric=metric,
            label=f"highest activation{label}",
            of=f"{len(columns)} segments of sequences",
            diverging=metric == "euclidean",
        )
    table = target_correlation(result, dataset.label, dataset.target)
    write_table(output.target_correlation_table, table)
    live = ~result.statistics.dead
    shown = most_variable(result.statistics.std, live)
    place = np.searchsorted(np.flatnonzero(live), shown)
    values = {
        column: {
            kind: rows[column].to_numpy().reshape(live.sum(), -1)[place]
            for kind, rows in table.groupby("activation", sort=False)
        }
        for column in ("correlation", "q")
    }
    figure = draw_target_correlation(
        [result.names[each] for each in shown],
        dataset.target,
        values["correlation"],
        values["q"],
        fdr=settings["fdr"],
        total=live.sum(),
    )
    save_figure(figure, output.target_correlation)


def write_filter_figures(output, result, edges, counts):
    """Logos, weights and densities of the filters."""
    from proofread.figures.style import save_figure
    from proofread.methods.filter_pfms.figures import (
        draw_densities,
        draw_logos,
        draw_weights,
        most_variable,
    )

    std, names = result.statistics.std, np.array(result.names)
    shown = most_variable(std, result.ok)
    # The most informative first: those are what one looks for.
    information = [relative_entropy(result.ppm[each]).sum() for each in shown]
    shown = shown[np.argsort(-np.array(information), kind="stable")]
    figure = draw_logos(
        names[shown], result.ppm[shown], result.n_sites[shown], total=result.ok.sum()
    )
    save_figure(figure, output.logos)
    # In their own order, which is that of the table.
    shown = np.sort(most_variable(std, np.ones(len(std), dtype=bool)))
    total = len(names)
    save_figure(
        draw_weights(names[shown], result.layer.weight[shown], total=total),
        output.weights,
    )
    figure = draw_densities(
        names[shown],
        edges[shown],
        counts[shown],
        result.limits.value[shown],
        total=total,
    )
    save_figure(figure, output.densities)
