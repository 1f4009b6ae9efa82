"""Maps of words, coloured by their letters, and how well they keep together."""

import matplotlib.colors
import numpy as np
from matplotlib.path import Path

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
    "one_hot": "one-hot words",
    "letters": "one-hot letters",
}
_SHORT = {"gc": "GC"}
# How light the second letter makes the first one's colour: A, C, G, T.
_TINTS = (-0.35, 0, 0.35, 0.65)
_ROW = 70  # mm of a row of maps
_LINE = 6.5  # mm of a line of the comparison


def letter_colour(letters, *, last=False):
    """The colour of a prefix, or with `last` of a suffix.

    The outermost letter is the base's colour, the one beside it makes that darker or
    lighter; letters further in are not shown.
    """
    outer, *inner = letters[::-1] if last else letters
    colour = np.array(matplotlib.colors.to_rgb(BASE_COLOURS[outer]))
    tint = _TINTS["ACGT".index(inner[0])] if inner else 0
    towards = np.ones(3) if tint > 0 else np.zeros(3)
    return matplotlib.colors.to_hex(colour + abs(tint) * (towards - colour))


def gc_colour(count, k):
    """The colour of a word of k letters of which `count` are G or C."""
    # The bright end of viridis is too light on white.
    return matplotlib.colors.to_hex(matplotlib.colormaps["viridis"](0.92 * count / k))


@figure_style()
def draw_maps(coordinates, variance, table, colouring):
    """t-SNE and principal components of all words, one row for each table of vectors.

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
    shares = variance.set_index(["representation", "k", "component"])["share"]
    for (left, right, key), (name, words) in zip(axes, groups, strict=True):
        _draw_dots(left, words, "tsne", colouring)
        _draw_dots(right, words, "pca", colouring)
        fact = facts.loc[name]
        left.set_title(
            f"{NAMES[name[0]]}, k = {name[1]}: purity {fact['purity']:.3f}"
            f" (chance {fact['chance_purity']:.3f})",
            loc="left",
        )
        left.set_xlabel("t-SNE")
        if words["pca_1"].isna().any():
            right.set_xlabel("no component explains more than another")
        else:
            right.set_xlabel(f"PC 1 ({100 * shares[(*name, 1)]:.0f} %)")
            right.set_ylabel(f"PC 2 ({100 * shares[(*name, 2)]:.0f} %)")
        key.set_axis_off()
        if colouring == "gc":
            _draw_gc_key(key, name[1])
    if colouring != "gc":
        _draw_letter_key(axes[0, 2], facts["letters"].max(), colouring == "suffix")
    return figure


def _colours(words, colouring):
    """The colour of every word."""
    if colouring == "gc":
        k = words["k"].iloc[0]
        return [gc_colour(count, k) for count in words["gc"]]
    last = colouring == "suffix"
    return [letter_colour(letters, last=last) for letters in words[colouring]]


def _draw_dots(axes, words, kind, colouring):
    """Dots, those of one colour as one path: a marker each would be megabytes."""
    points = words[[f"{kind}_1", f"{kind}_2"]].to_numpy(dtype=float)
    axes.set_xticks([])
    axes.set_yticks([])
    if np.isnan(points).any():
        return
    colours = np.array(_colours(words, colouring))
    low, high = points.min(axis=0), points.max(axis=0)
    extent = np.where(high > low, high - low, 1)
    middle = (low + high) / 2
    size = 5.0 if len(words) <= 64 else 2.6 if len(words) <= 1024 else 1.6
    # A line of almost no length with round ends is a dot.
    length = extent[0] * 1e-8
    for colour in dict.fromkeys(colours):
        chosen = points[colours == colour]
        ends = np.stack([chosen, chosen + np.array([length, 0])], axis=1).reshape(-1, 2)
        path = Path(ends, [Path.MOVETO, Path.LINETO] * len(chosen))
        path.should_simplify = False
        dots = matplotlib.patches.PathPatch(
            path, fill=False, edgecolor=colour, linewidth=size, capstyle="round"
        )
        dots.set_snap(False)  # else raster images lose most of them
        axes.add_patch(dots)
    axes.set_xlim(middle[0] - 0.55 * extent[0], middle[0] + 0.55 * extent[0])
    axes.set_ylim(middle[1] - 0.55 * extent[1], middle[1] + 0.55 * extent[1])


def _draw_gc_key(axes, k):
    """Which colour is how many G and C."""
    for count in range(k + 1):
        axes.plot(0, count, "o", color=gc_colour(count, k), markersize=4)
        axes.text(0.5, count, str(count), va="center", fontsize=7)
    axes.set_title("G and C", fontsize=7, loc="left")
    axes.set(xlim=(-0.5, 4), ylim=(10, -1))


def _draw_letter_key(axes, letters, last):
    """Which colour is which letter, and which tint the letter beside it."""
    inner = "ACGT" if letters > 1 else [""]
    for row, outer in enumerate("ACGT"):
        for column, other in enumerate(inner):
            both = other + outer if last else outer + other
            colour = letter_colour(both, last=last)
            axes.plot(column, row, "o", color=colour, markersize=4)
        axes.text(-0.8, row, outer, va="center", ha="center", fontsize=7)
    for column, other in enumerate(inner):
        axes.text(column, -0.9, other, va="center", ha="center", fontsize=7)
    axes.set_title(
        "last letter (rows),\none before" if last else "first letter (rows),\nsecond",
        fontsize=7,
        loc="left",
    )
    axes.set(xlim=(-1.3, 4), ylim=(10, -1.6))


@figure_style()
def draw_purity(table):
    """Purity and silhouette beside chance and the baselines.

    Parameters
    ----------
    table : pandas.DataFrame
        As in table.tsv.

    Returns
    -------
    matplotlib.figure.Figure
        183 mm wide; bars are the 95 % range of permuted labels.
    """
    own = table[~table["representation"].isin(["one_hot", "letters"])]
    lines = list(own[["k", "coloured_by"]].itertuples(index=False, name=None))
    figure, axes = new_figure(
        TWO_COLUMNS, 26 + _LINE * len(lines), columns=2, sharey=True
    )
    for panel, (each, label) in zip(
        axes,
        (
            ("purity", "purity (share of nearest neighbours)"),
            ("silhouette", "silhouette"),
        ),
        strict=True,
    ):
        for place, line in enumerate(lines):
            rows = table[(table["k"] == line[0]) & (table["coloured_by"] == line[1])]
            _draw_line(panel, place, rows, each)
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
        matplotlib.lines.Line2D([], [], **{**_MARKS[kind], "linestyle": "none"})
        for kind in ("own", "letters", "one_hot")
    ]
    bar = matplotlib.lines.Line2D([], [], color=CONTEXT, linewidth=4, alpha=0.6)
    figure.legend(
        [*handles, bar],
        [name, NAMES["letters"], NAMES["one_hot"], f"{name}, permuted labels (95 %)"],
        loc="outside upper left",
        ncols=4,
        fontsize=7,
    )
    return figure


_MARKS = {
    "own": {"marker": "o", "color": ACCENT, "markersize": 5},
    "letters": {
        "marker": "s",
        "color": "black",
        "markerfacecolor": "none",
        "markersize": 4,
    },
    "one_hot": {"marker": "|", "color": "black", "markersize": 7},
}


def _draw_line(axes, place, rows, statistic):
    """One colouring of one k: the network's value, its null, the baselines."""
    for row in rows.to_dict("records"):
        kind = row["representation"]
        if kind not in _MARKS:
            kind = "own"
            axes.plot(
                [row[f"{statistic}_null_low"], row[f"{statistic}_null_high"]],
                [place, place],
                color=CONTEXT,
                linewidth=4,
                alpha=0.6,
                solid_capstyle="butt",
            )
        axes.plot(row[statistic], place, linestyle="none", **_MARKS[kind], zorder=3)
