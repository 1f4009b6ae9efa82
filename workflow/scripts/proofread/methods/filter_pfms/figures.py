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
    add_letters,
    figure_style,
    letter_bottoms,
    new_figure,
)
from proofread.figures.tracks import message
from proofread.methods.filter_pfms.sheet import BAR, TICKS, Sheet
from proofread.motifs.motif import relative_entropy

# Letters below this height (bits) are thinner than a hair line and slow to draw.
_HIDDEN_LETTER = 0.03


@figure_style()
def draw_logos(names, ppm, n_sites, *, total):
    """A sheet of sequence logos, in bits.

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
    sheet = Sheet(len(names), 4, thinned=len(names) < total)
    width = ppm.shape[1]
    step = sheet.panels[0].width / width
    bases = [[] for _ in range(4)]
    for panel, name, matrix, n in zip(sheet.panels, names, ppm, n_sites, strict=True):
        # Letter heights: probability times the position's information, 0-2 bits
        heights = matrix * relative_entropy(matrix)[:, None]
        heights = np.where(heights < _HIDDEN_LETTER, 0, heights)
        bottoms = letter_bottoms(heights)
        for base in range(4):
            position = np.flatnonzero(heights[:, base])
            x = panel.x(position, -0.5, width - 0.5)
            y = panel.y(bottoms[position, base], 0, 2)
            size = heights[position, base] / 2 * panel.height
            bases[base].append((x, y, size))
        sheet.title(panel, f"{name}   {n:,} sites")
    for base, rows in enumerate(bases):
        x, y, size = (np.concatenate(column) for column in zip(*rows, strict=True))
        add_letters(sheet.axes, base, x, y, size, width=step)
    sheet.frame()
    positions = range(0, width, 5)
    sheet.x_ticks(positions, -0.5, width - 0.5)
    sheet.y_ticks({0: "0", 1: "1", 2: "2"}, 0, 2)
    sheet.labels("position in the filter (from 0)", "bits")
    say_thinned(sheet.figure, len(names), total)
    return sheet.figure


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
    sheet = Sheet(len(names), 4, right=BAR, thinned=len(names) < total)
    limit = np.abs(weight).max(initial=0) or 1.0
    for panel, name, matrix in zip(sheet.panels, names, weight, strict=True):
        image = sheet.image(panel, matrix.T, cmap="RdBu_r", vmin=-limit, vmax=limit)
        sheet.title(panel, name)
    width = weight.shape[1]
    sheet.x_ticks(range(0, width, 5), -0.5, width - 0.5)
    sheet.y_ticks(dict(zip(range(4), "ACGT", strict=True)), 3.5, -0.5)
    sheet.labels("position in the filter (from 0)", "")
    sheet.colour_bar(image, "weight")
    say_thinned(sheet.figure, len(names), total)
    return sheet.figure


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
    from matplotlib.ticker import MaxNLocator

    sheet = Sheet(len(names), 6, ticks=TICKS, thinned=len(names) < total)
    # Logarithmic, from a little below one position
    low, high = np.log10(0.7), np.log10(2 * counts.max(initial=1))
    steps, lines = [], []
    for panel, name, edge, count, limit in zip(
        sheet.panels, names, edges, counts, threshold, strict=True
    ):
        sheet.title(panel, name)
        if edge[0] == edge[-1]:
            sheet.text(
                panel.left + panel.width / 2,
                panel.bottom + panel.height / 2,
                f"always {edge[0]:.3g}",
                ha="center",
            )
            continue
        ends = edge[0], edge[-1]
        top = panel.y(np.log10(np.maximum(count, 0.7)), low, high)
        outline = np.concatenate([[panel.bottom], np.repeat(top, 2), [panel.bottom]])
        steps.append(np.column_stack([panel.x(np.repeat(edge, 2), *ends), outline]))
        if np.isfinite(limit):
            x = panel.x(limit, *ends)
            lines.append([(x, panel.bottom), (x, panel.bottom + panel.height)])
        ticks = MaxNLocator(nbins=3).tick_values(*ends)
        ticks = [tick for tick in ticks if ends[0] <= tick <= ends[1]]
        sheet.x_ticks(ticks, *ends, panel=panel, size=5.5)
    sheet.polygons(steps, CONTEXT)
    sheet.lines(lines, color=ACCENT, linewidth=1.0)
    sheet.frame()
    powers = range(0, int(high) + 1, max(1, int(high) // 2))
    sheet.y_ticks({power: f"$10^{power}$" for power in powers}, low, high, size=5.5)
    sheet.labels("activation (line: threshold of a site)", "positions")
    say_thinned(sheet.figure, len(names), total)
    return sheet.figure


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
    total : int
        Filters there would be to draw; said where it is more.
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
    if table.empty and not result.statistics.dead.all():
        return message("The sequences have no labels to correlate with.")
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
