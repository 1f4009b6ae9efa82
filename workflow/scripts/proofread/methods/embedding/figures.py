"""Maps of k-mers, coloured by their bases, and their purity and silhouette."""

import numpy as np

from proofread.dna.encoding import BASES
from proofread.figures.style import (
    ACCENT,
    BASE_COLOURS,
    CONTEXT,
    TWO_COLUMNS,
    figure_style,
    new_figure,
)

NAMES = {
    "embedding": "embedding",
    "first_layer": "first layer",
    "one_hot": "one-hot k-mers",
    "bases": "one-hot bases",
}
# How light the second base makes the first one's colour: A, C, G, T.
_TINTS = (-0.35, 0, 0.35, 0.65)
_ROW = 70  # mm of a row of maps
_LINE = 6.5  # mm of a line of the comparison


def affix_colour(affix, *, last=False):
    """The colour of a prefix, or with `last` of a suffix.

    The outermost base gives the colour, the next one makes it darker or lighter; bases
    further in are not shown.
    """
    from matplotlib.colors import to_hex, to_rgb

    outer, *inner = affix[::-1] if last else affix
    colour = np.array(to_rgb(BASE_COLOURS[outer]))
    tint = _TINTS[BASES.index(inner[0])] if inner else 0
    towards = np.ones(3) if tint > 0 else np.zeros(3)
    return to_hex(colour + abs(tint) * (towards - colour))


def gc_colour(count, k):
    """The colour of a k-mer of which `count` bases are G or C."""
    import matplotlib
    from matplotlib.colors import to_hex

    # The bright end of viridis is too light on white.
    return to_hex(matplotlib.colormaps["viridis"](0.92 * count / k))


@figure_style()
def draw_maps(coordinates, variance, table, colouring):
    """t-SNE and principal components of all k-mers, one row for each table of vectors.

    Parameters
    ----------
    coordinates, variance, table : pandas.DataFrame
        As in coordinates.tsv, variance.tsv and table.tsv.
    colouring : str
        ``prefix``, ``suffix`` or ``gc``.

    Returns
    -------
    matplotlib.figure.Figure
        183 mm wide.
    """
    groups = list(coordinates.groupby(["representation", "k"], sort=False))
    figure, axes = new_figure(
        TWO_COLUMNS,
        6 + _ROW * len(groups),
        rows=len(groups),
        columns=3,
        squeeze=False,
        width_ratios=(10, 10, 3),
    )
    facts = table[table["coloured_by"] == colouring].set_index(["representation", "k"])
    fractions = variance.set_index(["representation", "k", "component"])["fraction"]
    for (left, right, key), (name, rows) in zip(axes, groups, strict=True):
        _draw_dots(left, rows, "tsne", colouring)
        _draw_dots(right, rows, "pca", colouring)
        fact = facts.loc[name]
        left.set_title(
            f"{NAMES[name[0]]}, k = {name[1]}: purity {fact['purity']:.3f}"
            f" (chance {fact['chance_purity']:.3f})",
            loc="left",
        )
        left.set_xlabel("t-SNE")
        if rows["pca_1"].isna().any():
            right.set_xlabel("all components explain the same variance")
        else:
            right.set_xlabel(f"PC 1 ({100 * fractions[(*name, 1)]:.0f} %)")
            right.set_ylabel(f"PC 2 ({100 * fractions[(*name, 2)]:.0f} %)")
        key.set_axis_off()
        if colouring == "gc":
            _draw_gc_key(key, name[1])
    if colouring != "gc":
        _draw_affix_key(axes[0, 2], facts["affix_length"].max(), colouring == "suffix")
    return figure


def _colours(rows, colouring):
    """The colour of every k-mer."""
    if colouring == "gc":
        k = rows["k"].iloc[0]
        return [gc_colour(count, k) for count in rows["gc"]]
    last = colouring == "suffix"
    return [affix_colour(affix, last=last) for affix in rows[colouring]]


def _draw_dots(axes, rows, kind, colouring):
    """Dots, those of one colour as one path: single markers would be megabytes."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    points = rows[[f"{kind}_1", f"{kind}_2"]].to_numpy(dtype=float)
    axes.set_xticks([])
    axes.set_yticks([])
    if np.isnan(points).any():
        return
    colours = np.array(_colours(rows, colouring))
    low, high = points.min(axis=0), points.max(axis=0)
    extent = np.where(high > low, high - low, 1)
    middle = (low + high) / 2
    size = 5.0 if len(rows) <= 64 else 2.6 if len(rows) <= 1024 else 1.6
    # A line of almost no length with round ends is a dot.
    length = extent[0] * 1e-8
    for colour in dict.fromkeys(colours):
        chosen = points[colours == colour]
        ends = np.stack([chosen, chosen + np.array([length, 0])], axis=1).reshape(-1, 2)
        path = Path(ends, [Path.MOVETO, Path.LINETO] * len(chosen))
        path.should_simplify = False
        dots = PathPatch(
            path, fill=False, edgecolor=colour, linewidth=size, capstyle="round"
        )
        dots.set_snap(False)  # else raster images lose most of them
        axes.add_patch(dots)
    axes.set_xlim(middle[0] - 0.55 * extent[0], middle[0] + 0.55 * extent[0])
    axes.set_ylim(middle[1] - 0.55 * extent[1], middle[1] + 0.55 * extent[1])


def _draw_gc_key(axes, k):
    """The colour of each number of G and C."""
    for count in range(k + 1):
        axes.plot(0, count, "o", color=gc_colour(count, k), markersize=4)
        axes.text(0.5, count, str(count), va="center", fontsize=7)
    axes.set_title("G and C", fontsize=7, loc="left")
    axes.set(xlim=(-0.5, 4), ylim=(10, -1))


def _draw_affix_key(axes, affix_length, last):
    """The colour of each outermost base, and the tint of each base next to it."""
    inner = BASES if affix_length > 1 else [""]
    for row, outer in enumerate(BASES):
        for column, other in enumerate(inner):
            both = other + outer if last else outer + other
            colour = affix_colour(both, last=last)
            axes.plot(column, row, "o", color=colour, markersize=4)
        axes.text(-0.8, row, outer, va="center", ha="center", fontsize=7)
    for column, other in enumerate(inner):
        axes.text(column, -0.9, other, va="center", ha="center", fontsize=7)
    axes.set_title(
        "last base (rows),\none before" if last else "first base (rows),\nsecond",
        fontsize=7,
        loc="left",
    )
    axes.set(xlim=(-1.3, 4), ylim=(10, -1.6))


@figure_style()
def draw_purity(table):
    """Purity and silhouette compared with chance and the baselines.

    Parameters
    ----------
    table : pandas.DataFrame
        As in table.tsv.

    Returns
    -------
    matplotlib.figure.Figure
        183 mm wide; bars are the 95 % range of permuted labels.
    """
    from matplotlib.lines import Line2D

    own = table[~table["representation"].isin(["one_hot", "bases"])]
    lines = list(own[["k", "coloured_by"]].itertuples(index=False, name=None))
    figure, axes = new_figure(
        TWO_COLUMNS, 26 + _LINE * len(lines), columns=2, sharey=True
    )
    labels = {
        "purity": "purity (fraction of nearest neighbours)",
        "silhouette": "silhouette",
    }
    for panel, (statistic, label) in zip(axes, labels.items(), strict=True):
        for height, line in enumerate(lines):
            rows = table[(table["k"] == line[0]) & (table["coloured_by"] == line[1])]
            _draw_line(panel, height, rows, statistic)
        panel.set_xlabel(label)
        panel.grid(axis="x", linewidth=0.4, color="#E3E5E6")
        panel.set_axisbelow(True)
    axes[0].set_xlim(-0.02, 1.02)
    axes[0].set_yticks(
        range(len(lines)),
        [
            f"{k}-mers, {'GC' if colouring == 'gc' else colouring}"
            for k, colouring in lines
        ],
    )
    axes[0].set_ylim(len(lines) - 0.5, -0.5)
    name = NAMES[own["representation"].iloc[0]]
    handles = [
        Line2D([], [], **{**_MARKS[kind], "linestyle": "none"})
        for kind in ("own", "bases", "one_hot")
    ]
    bar = Line2D([], [], color=CONTEXT, linewidth=4, alpha=0.6)
    figure.legend(
        [*handles, bar],
        [name, NAMES["bases"], NAMES["one_hot"], f"{name}, permuted labels (95 %)"],
        loc="outside upper left",
        ncols=4,
        fontsize=7,
    )
    return figure


_MARKS = {
    "own": {"marker": "o", "color": ACCENT, "markersize": 5},
    "bases": {
        "marker": "s",
        "color": "black",
        "markerfacecolor": "none",
        "markersize": 4,
    },
    "one_hot": {"marker": "|", "color": "black", "markersize": 7},
}


def _draw_line(axes, height, rows, statistic):
    """One colouring of one k: the network's value, its null, the baselines."""
    for row in rows.to_dict("records"):
        kind = row["representation"]
        if kind not in _MARKS:
            kind = "own"
            axes.plot(
                [row[f"{statistic}_null_low"], row[f"{statistic}_null_high"]],
                [height, height],
                color=CONTEXT,
                linewidth=4,
                alpha=0.6,
                solid_capstyle="butt",
            )
        axes.plot(row[statistic], height, linestyle="none", **_MARKS[kind], zorder=3)
