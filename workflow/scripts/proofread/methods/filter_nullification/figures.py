"""Figures of how predictions change when filters are ablated.

Each function takes numbers that stand in a table as well and returns a figure.
"""

from dataclasses import dataclass

import numpy as np

from proofread.datasets.sampling import balanced_rows
from proofread.figures.heat_map import (
    MAX_SHOWN,
    Strip,
    cluster_order,
    draw_heat_map,
    most_variable,
)
from proofread.figures.style import (
    ACCENT,
    CATEGORIES,
    CONTEXT,
    TWO_COLUMNS,
    WIDE,
    figure_style,
    new_figure,
)
from proofread.methods.filter_nullification.tables import (
    correlation_table,
    widest_spread,
)
from proofread.methods.filter_nullification.words import words_of
from proofread.statistics.units import with_unit

_GROUPS = 20  # of the ranking
_SIDE_BY_SIDE = 12  # targets up to which heat maps are side by side
_LABELLED = 5  # filters named in a scatter plot
_LOGITS = words_of(None)


@dataclass(frozen=True)
class Columns:
    """Targets as columns of heat maps.

    Attributes
    ----------
    labels : list of str
        Written at the columns.
    classes : list of str
        Class of each column; empty where it has none.
    """

    labels: list
    classes: list

    def take(self, order):
        """The columns in another order."""
        return Columns(
            [self.labels[column] for column in order],
            [self.classes[column] for column in order],
        )


def _kinds():
    """Colour and marker of each kind of filter, by its name in the legend."""
    return {
        "matches a causal motif": (ACCENT, "o"),
        "matches a decoy": (CATEGORIES[5], "D"),
        "matches a known motif": (CATEGORIES[0], "s"),
        "matches none": (CONTEXT, "o"),
    }


def _kind(kind, names, roles):
    """The one of `_kinds` that a group is, or a filter by its planted hits."""
    if kind == "planted":
        causal = any(roles.get(name) == "causal" for name in names)
        return "matches a causal motif" if causal else "matches a decoy"
    return "matches a known motif" if kind == "known" else "matches none"


def _filter_kinds(table, roles):
    """The one of `_kinds` that each filter is."""
    kinds = []
    for row in table.to_dict("records"):
        planted = row["planted_hits"]
        if isinstance(planted, str) and planted:
            kinds.append(_kind("planted", planted.split(","), roles))
        else:
            alone = row["group"] == row["filter"]
            kinds.append(_kind("alone" if alone else "known", [], roles))
    return kinds


def _legend(figure, kinds, *more):
    """A legend below the panels: the kinds drawn, and other lines."""
    from matplotlib.lines import Line2D

    lines = [
        Line2D([], [], color=colour, marker=marker, linestyle="", ms=4, label=what)
        for what, (colour, marker) in _kinds().items()
        if what in kinds
    ]
    figure.legend(
        handles=[*lines, *more],
        loc="outside lower center",
        ncols=3,
        fontsize=6,
        handletextpad=0.5,
    )


@figure_style()
def draw_influence(groups, table, roles, words=_LOGITS):
    """The groups with most influence, and their filters one by one.

    Parameters
    ----------
    groups : pandas.DataFrame
        The table of groups.
    table : pandas.DataFrame
        The table of filters.
    roles : dict of str to str
        `causal` or `decoy`, by planted motif.
    words : proofread.methods.filter_nullification.words.Words
    """
    from matplotlib.lines import Line2D
    from matplotlib.ticker import NullLocator

    ranked = groups.sort_values("influence", ascending=False, kind="stable")
    ranked = ranked.head(_GROUPS)
    single = table.set_index("filter")["influence"]
    figure, axes = new_figure(WIDE, 34 + 4.3 * max(len(ranked), 4))
    axes.axvline(0, color="black", linewidth=0.6)
    kinds, labels = [], []
    for y, row in enumerate(ranked.to_dict("records")):
        members = row["filters"].split(",")
        kinds.append(_kind(row["kind"], [row["group"]], roles))
        colour, marker = _kinds()[kinds[-1]]
        # A lone filter is its own group; to draw it twice would add nothing.
        if len(members) > 1:
            axes.plot(
                single[members],
                np.full(len(members), y),
                "|",
                color=colour,
                markersize=5,
                markeredgewidth=0.7,
                alpha=0.7,
            )
        if np.isfinite(row["random_mean"]):
            ends = [row["random_mean"], row["random_highest"]]
            axes.plot(ends, [y + 0.3] * 2, color=CONTEXT, linewidth=1.6)
        axes.plot([row["ci_low"], row["ci_high"]], [y] * 2, color=colour)
        axes.plot(row["influence"], y, marker, color=colour, markersize=4)
        what = members[0] if len(members) == 1 else f"{len(members)} filters"
        alone = row["kind"] == "alone"
        labels.append(row["group"] if alone else f"{row['group']} ({what})")
    axes.set_yticks(range(len(labels)), labels, fontsize=6)
    axes.set_ylim(len(labels) - 0.4, -0.6)
    linear = _linear_part(ranked["influence"].to_numpy())
    axes.set_xscale("symlog", linthresh=linear)
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter("{x:g}")
    axes.set_xlabel(
        f"influence: {words.influence} when ablated\n"
        f"(linear within ±{linear:g}, logarithmic beyond)"
    )
    axes.grid(axis="x", linewidth=0.4, alpha=0.5)
    more = []
    if (ranked["filters"].str.contains(",")).any():
        what = "a filter of the group alone"
        more.append(Line2D([], [], color="black", marker="|", ls="", label=what))
    if ranked["random_mean"].notna().any():
        what = "random filters, mean to highest"
        more.append(Line2D([], [], color=CONTEXT, linewidth=1.6, label=what))
    _legend(figure, kinds, *more)
    if len(ranked) < len(groups):
        title = f"The first {len(ranked)} of {len(groups)} groups"
        axes.set_title(title, loc="left", fontsize=7)
    return figure


def _linear_part(influence):
    """The linear part of an axis: a power of ten, about a hundredth of the largest."""
    largest = np.abs(influence).max(initial=0)
    return 10.0 ** np.floor(np.log10(largest) - 1) if largest > 0 else 1.0


@figure_style()
def draw_relations(table, correlations, roles, words=_LOGITS):
    """Influence against a filter's information, its spread, and Basset's norm.

    Parameters
    ----------
    table, correlations : pandas.DataFrame
        The tables of filters and of correlations.
    roles : dict of str to str
        `causal` or `decoy`, by planted motif.
    words : proofread.methods.filter_nullification.words.Words
    """
    figure, panels = new_figure(TWO_COLUMNS, 72, columns=3, sharey=True)
    kinds = np.array(_filter_kinds(table, roles), dtype=object)
    rho = correlations.set_index("with")
    for panel, (column, label) in zip(
        panels,
        {
            "ic": "information of its motif (bits)",
            "std": "std of its activations",
            "squared_by_variance": f"Basset's norm of the {words.output}'s change",
        }.items(),
        strict=True,
    ):
        limit = table["ic"] if column == "ic" else table["std"]
        seen = (limit > 0).to_numpy()
        panel.axhline(0, color="black", linewidth=0.6)
        for what, (colour, marker) in _kinds().items():
            rows = table[seen & (kinds == what)]
            panel.plot(
                rows[column],
                rows["influence"],
                marker,
                color=colour,
                markersize=3.5,
                alpha=0.85,
                markeredgewidth=0,
            )
        _name_highest(panel, table[seen], column)
        value, n = rho.loc[column, "rho"], rho.loc[column, "n"]
        rho_text = f"rho = {value:.2f}" if np.isfinite(value) else "rho undefined"
        panel.set_title(f"{rho_text}, {n} filters", loc="left", fontsize=7)
        panel.set_xlabel(label)
        panel.margins(x=0.08, y=0.1)
    panels[0].set_ylabel(f"influence:\n{words.influence}")
    _legend(figure, kinds)
    return figure


def _name_highest(panel, table, column):
    """Write the names of the most influential filters next to their points."""
    ranked = table.sort_values("influence", ascending=False, kind="stable")
    middle = (table[column].min() + table[column].max()) / 2
    taken = []
    span = np.ptp(table["influence"]) or 1.0
    for row in ranked.head(_LABELLED).to_dict("records"):
        height = row["influence"]
        if any(abs(height - other) < 0.06 * span for other in taken):
            continue  # it would cover another name
        taken.append(height)
        right = row[column] <= middle
        panel.annotate(
            row["filter"],
            (row[column], height),
            (4 if right else -4, 0),
            textcoords="offset points",
            ha="left" if right else "right",
            va="center",
            fontsize=5.5,
        )


@figure_style()
def draw_targets(
    table,
    matrix,
    columns,
    roles,
    *,
    measure,
    width,
    height,
    font_size,
    targets=None,
    words=_LOGITS,
):
    """Which filter changes which target: values, z-scores, and those of named filters.

    Parameters
    ----------
    table : pandas.DataFrame
        The table of filters.
    matrix : numpy.ndarray, shape (filters, targets)
        Values of the measure; NaN where it is undefined.
    columns : Columns
        The targets.
    roles : dict of str to str
        `causal` or `decoy`, by planted motif.
    measure : str
        One of `proofread.methods.filter_nullification.tables.MEASURES`.
    width : float
        Millimetres.
    height : float or None
        Millimetres; by the number of rows if None.
    font_size : float
        Of the filters' and targets' names, in points.
    targets : int, optional
        Targets there are; said where it is more than the columns.
    words : proofread.methods.filter_nullification.words.Words

    Returns
    -------
    matplotlib.figure.Figure
        One target: points. Several: clustered heat maps; the second holds z-scores
        within each filter (0 where all targets are the same), the third those of the
        filters that match a motif.
    """
    shown = most_variable(table["influence"].to_numpy(), table["std"].to_numpy() > 0)
    total = int((table["std"] > 0).sum())
    if len(shown) == 0:
        figure, axes = new_figure(width, 25)
        axes.set_axis_off()
        axes.text(0, 0.5, "No filter varies: ablation changes nothing.", va="center")
        return figure
    names, label = _display_names(table), words.measure(measure)
    height = height or (34 + 2.6 * max(len(shown), 8)) * (
        3 if matrix.shape[1] > _SIDE_BY_SIDE else 1
    )
    if matrix.shape[1] == 1:
        kinds = _filter_kinds(table, roles)
        figure = _one_target(
            [names[row] for row in shown],
            matrix[shown, 0],
            [kinds[row] for row in shown],
            f"{label}, {columns.labels[0]}",
            size=(min(width, WIDE), height),
            font_size=font_size,
        )
    else:
        figure = _several_targets(
            names, matrix, shown, table, columns, label, (width, height), font_size
        )
    thinned = []
    if len(shown) < total:
        thinned.append(f"{len(shown)} of {total} filters: those with most influence")
    if matrix.shape[1] < (targets or 0):
        thinned.append(f"{matrix.shape[1]} of {targets} targets")
    if thinned:
        figure.suptitle("; ".join(thinned), fontsize=7, x=0.01, ha="left")
    return figure


def _display_names(table):
    """Names of the filters, with the motif that each matches."""
    return [
        row["filter"]
        if row["group"] == row["filter"]
        else f"{row['filter']} {row['group']}"
        for row in table.to_dict("records")
    ]


def _one_target(names, values, kinds, label, *, size, font_size):
    figure, axes = new_figure(*size)
    order = np.argsort(np.nan_to_num(values), kind="stable")
    axes.axvline(0, color="black", linewidth=0.6)
    for y, row in enumerate(order):
        colour, marker = _kinds()[kinds[row]]
        axes.plot([0, values[row]], [y] * 2, color=colour, linewidth=0.7)
        axes.plot(values[row], y, marker, color=colour, markersize=3)
    labels = [names[row] for row in order]
    axes.set_yticks(range(len(order)), labels, fontsize=font_size)
    axes.set_ylim(-0.7, len(order) - 0.3)
    axes.set_xlabel(label)
    axes.grid(axis="x", linewidth=0.4, alpha=0.5)
    _legend(figure, kinds)
    return figure


def _several_targets(names, matrix, shown, table, columns, label, size, font_size):
    """Three heat maps side by side, each with its own clustering of the rows."""
    values = np.nan_to_num(matrix)
    scaled = z_within(values)
    annotated = (table["group"] != table["filter"]).to_numpy()
    across = cluster_order(values[shown].T)
    columns = columns.take(across)
    parts = {
        label: (values, shown),
        "z-score within the filter": (scaled, shown),
        "z-score, filters with a motif": (scaled, shown[annotated[shown]]),
    }
    has_classes = any(columns.classes)
    # Side by side while the names of the targets can be read, else in a column.
    stacked = len(across) > _SIDE_BY_SIDE
    grid = (3, 1) if stacked else (1, 3)
    heights = [1, 40] if has_classes else [40]
    figure, axes = new_figure(
        *size,
        rows=grid[0] * len(heights),
        columns=grid[1],
        squeeze=False,
        height_ratios=heights * grid[0],
    )
    # (strips and maps, columns) -> (maps, strip and map)
    cells = axes.reshape(grid[0], len(heights), grid[1]).swapaxes(1, 2)
    for cell, (title, (numbers, rows)) in zip(
        cells.reshape(3, len(heights)), parts.items(), strict=True
    ):
        panel = cell[-1]
        if has_classes:
            _class_strip(cell[0], columns.classes)
        if len(rows) == 0:
            panel.set_axis_off()
            panel.set_title("no filter matches a motif", fontsize=7)
            continue
        rows = rows[cluster_order(numbers[rows])]
        _heat_map(
            panel,
            numbers[np.ix_(rows, across)],
            [names[row] for row in rows],
            columns.labels,
            title,
            font_size,
        )
    if has_classes:
        _class_legend(figure, columns.classes)
    return figure


def z_within(values):
    """z-scores of each row (ddof 0); a row without spread becomes 0."""
    std = values.std(axis=1, keepdims=True)
    centred = values - values.mean(axis=1, keepdims=True)
    return centred / np.where(std > 0, std, 1) * (std > 0)


def _heat_map(panel, numbers, names, labels, label, font_size):
    limit = np.abs(numbers).max(initial=0) or 1.0
    crowded = len(labels) > _SIDE_BY_SIDE
    image = panel.imshow(
        numbers,
        cmap="RdBu_r",
        vmin=-limit,
        vmax=limit,
        aspect="auto",
        interpolation="nearest",
    )
    panel.set_yticks(range(len(names)), names, fontsize=font_size)
    panel.set_xticks(
        range(len(labels)),
        labels,
        fontsize=font_size,
        rotation=-90 if crowded else -45,
        ha="center" if crowded else "left",
        rotation_mode="default" if crowded else "anchor",
    )
    panel.tick_params(length=1.5)
    bar = panel.figure.colorbar(
        image,
        ax=panel,
        location="top",
        shrink=0.3 if crowded else 0.8,
        aspect=18,
        pad=0.01,
    )
    bar.set_label(label, fontsize=7)
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=6)


def _class_colours(classes):
    """A colour for each class in alphabetical order; grey from the seventh on."""
    names = sorted({name for name in classes if name})
    colours = dict.fromkeys(names, CONTEXT)
    return colours | dict(zip(names, CATEGORIES, strict=False))


def _class_strip(axes, classes):
    from matplotlib.colors import to_rgb

    colours = _class_colours(classes)
    strip = [[to_rgb(colours.get(name, "white")) for name in classes]]
    axes.imshow(strip, aspect="auto", interpolation="nearest")
    axes.set_axis_off()


def _class_legend(figure, classes):
    from matplotlib.patches import Patch

    colours = _class_colours(classes)
    figure.legend(
        handles=[Patch(color=colour, label=name) for name, colour in colours.items()],
        loc="outside lower center",
        ncols=min(len(colours), 6),
        fontsize=6,
    )


@figure_style()
def draw_sequences(table, change, strip, words=_LOGITS):
    """Change of a target's prediction in each sequence, clustered both ways.

    Parameters
    ----------
    table : pandas.DataFrame
        The table of filters.
    change : numpy.ndarray, shape (filters, sequences)
        Intact minus ablated.
    strip : proofread.figures.heat_map.Strip
        Labels of the sequences, and the target they are of. Not drawn if all are
        missing.
    words : proofread.methods.filter_nullification.words.Words
    """
    varies = np.ptp(change, axis=1) > 0
    rows = most_variable(table["influence"].to_numpy(), varies)
    rows = rows[cluster_order(change[rows])]
    across = cluster_order(change[rows].T) if len(rows) else np.arange(0)
    names = _display_names(table)
    unlabelled = np.isnan(strip.values).all()
    figure = draw_heat_map(
        [names[row] for row in rows],
        change[np.ix_(rows, across)],
        label=with_unit(f"change of the {words.output} of {strip.name}", words.unit),
        of=f"{len(across)} sequences",
        total=len(rows),
        diverging=True,
        strip=None if unlabelled else strip._replace(values=strip.values[across]),
    )
    for image in (image for axes in figure.axes for image in axes.images):
        # A pixel per cell: the file is a third of one that is drawn at full size.
        image.set_interpolation("none")
    if len(rows) == MAX_SHOWN < varies.sum():
        figure.suptitle(
            f"{MAX_SHOWN} of {varies.sum()} filters: those with most influence",
            fontsize=7,
            x=0.01,
            ha="left",
        )
    return figure


def figures(settings, dataset, roles, table, by_group, by_target, single, shown, scale):
    """Rankings, relations, and heat maps of targets and of sequences.

    Parameters
    ----------
    settings : dict
        Of the method.
    dataset : proofread.datasets.dataset.Dataset
        The sequences.
    roles : dict of str to str
        `causal` or `decoy`, by planted motif.
    table, by_group, by_target : pandas.DataFrame
        The tables of filters, groups and targets.
    single : proofread.methods.filter_nullification.nullify.Nullified
        Of each filter alone.
    shown : list of int
        Columns of the targets in the heat maps.
    scale : proofread.models.output_scale.OutputScale or None
        Of the network's outputs, if they are quantities.

    Yields
    ------
    tuple
        (name, figure).
    """
    words = words_of(scale)
    yield "influence", draw_influence(by_group, table, roles, words)
    yield "relations", draw_relations(table, correlation_table(table), roles, words)
    targets = dataset.target
    measure = settings["measure"]
    # (filters * targets,) -> (filters, targets)
    matrix = by_target[measure].to_numpy().reshape(len(table), len(targets))
    if settings["targets"] is None:
        shown = widest_spread(matrix, shown)
    names = [targets[column] for column in shown]
    columns = Columns(
        [settings["target_labels"].get(name, name) for name in names],
        [settings["target_classes"].get(name, "") for name in names],
    )
    yield (
        "heat_maps",
        draw_targets(
            table,
            matrix[:, shown],
            columns,
            roles,
            measure=measure,
            width=settings["figure_width"],
            height=settings["figure_height"],
            font_size=settings["font_size"],
            targets=len(targets),
            words=words,
        ),
    )
    first, most = shown[0], settings["max_heat_map_sequences"]
    rows = balanced_rows(dataset, most, settings["seed"], target=targets[first])
    change = single.logit[rows, None, first] - single.ablated[rows, :, first]
    strip = Strip(dataset.label[rows, first], names[0], scale is not None)
    yield "sequences", draw_sequences(table, change.T, strip, words)
