"""The figure of a dataset's preview; every number in it is in the tables."""

import numpy as np

from proofread.figures.style import (
    ACCENT,
    CATEGORIES,
    CONTEXT,
    TWO_COLUMNS,
    draw_logo,
    figure_style,
    new_figure,
)
from proofread.motifs.motif import relative_entropy

MAX_MOTIFS = 6  # more are in the tables only; the figure says so

# Of quantitative targets from the smallest to the largest values: viridis, but yellow.
_QUANTILES = {
    f"quantile_{number}": colour
    for number, colour in enumerate(
        ["#440154", "#3B528B", "#21918C", "#5EC962", "#C8B20A"], start=1
    )
}
_CLASSES = {"positive": ACCENT, "hard_negative": CATEGORIES[1], "negative": CONTEXT}
_CLASSES |= _QUANTILES
_LIGHT = ("negative", "quantile_4", "quantile_5")  # colours with black text


@figure_style()
def draw(dataset, instances, tables, leakage, splits):
    """Logos and starts of motifs of the truth; classes, GC content, gaps or lengths.

    Parameters
    ----------
    dataset : Dataset
    instances : dict of str to numpy.ndarray
        Frequency of each base among the instances of each motif, (width, 4).
    tables : dict of str to pandas.DataFrame
        As the preview writes them.
    leakage : pandas.DataFrame
        As the split wrote it.
    splits : tuple of str

    Returns
    -------
    matplotlib.figure.Figure
    """
    colours = _colours(dataset.stratum)
    motifs = [name for name in dataset.motifs if name in instances][:MAX_MOTIFS]
    height = 27 * len(motifs) + 52
    figure, unused = new_figure(TWO_COLUMNS, height)
    unused.remove()
    grid = figure.add_gridspec(
        len(motifs) + 1, 1, height_ratios=[27] * len(motifs) + [48]
    )
    for row, name in enumerate(motifs):
        cells = grid[row].subgridspec(1, 3, width_ratios=[1.05, 1.05, 1])
        _logos(figure, cells, dataset, instances[name], name)
        _starts(
            figure.add_subplot(cells[2]),
            tables["positions"],
            name,
            dataset,
            colours,
            last=row == len(motifs) - 1,
        )
    cells = grid[len(motifs)].subgridspec(1, 3, width_ratios=[1.15, 1, 1])
    _classes(figure.add_subplot(cells[0]), tables["table"], colours, splits)
    _lines(
        figure.add_subplot(cells[1]),
        tables["composition"],
        "gc",
        colours,
        "GC content (fraction of known bases)",
    )
    right = figure.add_subplot(cells[2])
    if len(tables["gaps"]):
        _gaps(right, tables["gaps"], colours)
    elif len(set(dataset.length)) == 1 and len(leakage):
        _similar(right, tables["table"], leakage)
    else:
        _lines(right, tables["composition"], "length", colours, "length (bp)")
    hidden = len(instances) - len(motifs)
    if hidden:
        figure.suptitle(
            f"The first {len(motifs)} of {len(instances)} "
            f"{'known' if dataset.known else 'planted'} motifs",
            fontsize=7,
        )
    return figure


def _colours(strata):
    """Colour of each stratum, positives or the smallest values first."""
    present = set(strata)
    colours = {name: _CLASSES[name] for name in _CLASSES if name in present}
    others = [colour for colour in CATEGORIES if colour not in _CLASSES.values()]
    for number, name in enumerate(sorted(present - set(_CLASSES))):
        colours[name] = others[number % len(others)]
    return colours


def _logos(figure, cells, dataset, instances, name):
    n = int((dataset.truth["motif"] == name).sum())
    logos = ((dataset.motifs[name], "matrix"), (instances, f"{n:,} instances"))
    for cell, (matrix, title) in enumerate(logos):
        axes = figure.add_subplot(cells[cell])
        bits = np.asarray(matrix) * relative_entropy(matrix)[:, None]
        draw_logo(axes, bits)
        axes.set_xticks([])
        axes.set_title(title, loc="left", fontsize=7)
        if cell == 0:
            axes.set_ylabel(f"{name}\nbits")


def _starts(axes, positions, name, dataset, colours, last):
    """Starts of a motif per 100 sequences of each stratum."""
    starts = positions[positions["motif"] == name]
    longest = int(dataset.length.max())
    step = int((positions["high"] - positions["low"]).max())
    edges = np.append(np.arange(0, longest, step), longest)
    for stratum, colour in colours.items():
        size = dataset.stratum.count(stratum)
        counts = np.zeros(len(edges) - 1)
        of_stratum = starts[starts["stratum"] == stratum]
        np.add.at(
            counts,
            of_stratum["low"].to_numpy(dtype=int) // step,
            of_stratum["count"].to_numpy(),
        )
        axes.stairs(100 * counts / size, edges, color=colour, linewidth=1)
    axes.set_xlim(0, longest)
    axes.set_ylim(bottom=0)
    axes.set_ylabel("starts per\n100 sequences")
    if last:
        axes.set_xlabel("start (0-based, bases)")


def _classes(axes, table, colours, splits):
    """Sequences of each stratum, divided into train, validation and test."""
    shades = (1.0, 0.65, 0.35)
    names = list(colours)
    longest = table.loc[table["split"] == "all", "sequences"].max()
    for row, stratum in enumerate(names):
        left = 0
        for split, shade in zip(splits, shades, strict=True):
            chosen = (table["stratum"] == stratum) & (table["split"] == split)
            n = int(table.loc[chosen, "sequences"].sum())
            axes.barh(
                row, n, left=left, height=0.6, color=colours[stratum], alpha=shade
            )
            if n > 0.09 * longest:
                axes.text(
                    left + n / 2,
                    row,
                    f"{n:,}",
                    ha="center",
                    va="center",
                    fontsize=6.5,
                    color="white" if shade == 1 and stratum not in _LIGHT else "black",
                )
            left += n
    axes.set_yticks(range(len(names)), [name.replace("_", "\n") for name in names])
    # The names are the key to the colours of all panels.
    for text, name in zip(axes.get_yticklabels(), names, strict=True):
        text.set_color("0.4" if name == "negative" else colours[name])
        text.set_fontweight("bold")
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("sequences: train, validation, test")


def _lines(axes, table, measure, colours, label):
    """Distribution of a measure in each stratum, in its bins."""
    bins = table[table["measure"] == measure]
    used = bins[bins["sequences"] > 0]
    for stratum, colour in colours.items():
        part = bins[bins["stratum"] == stratum]
        edges = np.append(part["low"].to_numpy(), part["high"].iloc[-1])
        axes.stairs(100 * part["fraction"], edges, color=colour, linewidth=1)
    margin = (bins["high"] - bins["low"]).iloc[0]
    axes.set_xlim(
        max(0, used["low"].min() - 2 * margin), used["high"].max() + 2 * margin
    )
    axes.set_ylim(bottom=0)
    axes.set_xlabel(label)
    stratum = "fifth" if set(colours) <= set(_QUANTILES) else "class"
    axes.set_ylabel(f"sequences (% of {stratum})")


def _gaps(axes, gaps, colours):
    """Gaps of the most frequent pair of neighbours, in bins, for each stratum."""
    totals = gaps.groupby(["first", "second"], sort=False)["count"].sum()
    first, second = totals.idxmax()
    pair = gaps[(gaps["first"] == first) & (gaps["second"] == second)]
    longest = int(pair["gap"].max()) + 1
    step = -(-longest // 50)
    edges = np.arange(0, longest + step, step)
    for stratum, colour in colours.items():
        part = pair[pair["stratum"] == stratum]
        counts = np.zeros(len(edges) - 1)
        np.add.at(counts, part["gap"].to_numpy(dtype=int) // step, part["count"])
        if counts.any():
            axes.stairs(counts, edges, color=colour, linewidth=1)
    axes.set_xlim(0, edges[-1])
    axes.set_ylim(bottom=0)
    axes.set_xlabel(f"gap (bp)\n{first} to {second}")
    axes.set_ylabel("pairs" if step == 1 else f"pairs per {step} bp")


def _similar(axes, table, leakage):
    """Sequences that are similar to another, by kind, and those with unknown bases."""
    counts = dict(zip(leakage["kind"], leakage["sequences"], strict=True))
    whole = table[table["split"] == "all"]
    bars = {
        "exact copy": counts["exact"],
        "reverse\ncomplement": counts["reverse_complement"],
        "near-\nidentical": counts["near"],
        "unknown\nbases": whole["sequences_with_unknown"].sum(),
    }
    axes.barh(range(len(bars)), list(bars.values()), height=0.6, color=ACCENT)
    for row, n in enumerate(bars.values()):
        axes.text(n, row, f" {int(n):,}", va="center", fontsize=6.5)
    axes.set_yticks(range(len(bars)), list(bars))
    axes.set_ylim(len(bars) - 0.5, -0.5)
    axes.set_xlim(0, 1.25 * max(1, *bars.values()))
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("sequences similar to another,\nor with unknown bases")
