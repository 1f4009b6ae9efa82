"""Figures of replaced windows. Every number in them is also in a table."""

import numpy as np

from proofread.datasets.groups import HIGH, LOW, group_name
from proofread.datasets.labels import UNLABELLED
from proofread.figures.planted import (
    draw_planted,
    instances,
    of_label,
    of_output,
    shade_planted,
)
from proofread.figures.style import (
    ACCENT,
    CATEGORIES,
    ONE_COLUMN,
    TWO_COLUMNS,
    WIDE,
    figure_style,
    new_figure,
    short_name,
)
from proofread.statistics.units import LOGIT, output_column, output_name

MAX_ANCHORS = 4  # panels of the aligned figure
_GREY = "#5F6568"


def _colours(number):
    """One colour per length, from light (short windows) to dark (long ones)."""
    from matplotlib import colormaps

    return colormaps["viridis_r"](np.linspace(0.1, 0.95, number))


def _empty_figure(text):
    figure, axes = new_figure(WIDE, 20)
    axes.set_axis_off()
    axes.text(0, 0.5, text, va="center")
    return figure


def _title(dataset, row, column, windows):
    target = f" · {dataset.target[column]}" if len(dataset.target) > 1 else ""
    intact = windows.intact[windows.scale][row, column]
    return (
        f"{short_name(dataset.name[row])}{target}{of_label(dataset, row, column)}"
        f"{of_output(output_name(windows.unit), intact)}"
    )


@figure_style()
def draw_examples(dataset, examples, per_length, *, anchor):
    """Draw the prediction with each window replaced, one line per length.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
    examples : list of tuple
        (row, column of the target).
    per_length : list of proofread.methods.kmer_perturbation.windows.Windows
    anchor : int or None
        A position to mark in all.
    """
    per_length = [windows for windows in per_length if len(windows.start)]
    if not examples or not per_length:
        return _empty_figure("No window was replaced.")
    scales, unit = per_length[0].scales, per_length[0].unit
    figure, panels = new_figure(
        TWO_COLUMNS, 8 + 44 * len(examples), len(examples), len(scales), squeeze=False
    )
    colours = _colours(len(per_length))
    for (row, column), pair in zip(examples, panels, strict=True):
        planted = instances(dataset, row)
        for panel, scale in zip(pair, scales, strict=True):
            baseline = per_length[0].intact[scale][row, column]
            panel.axhline(baseline, color="black", linewidth=0.7, linestyle=(0, (4, 2)))
            for windows, colour in zip(per_length, colours, strict=True):
                panel.plot(
                    windows.centre,
                    baseline + windows.mean[scale][row, column],
                    color=colour,
                    linewidth=0.9,
                    label=str(windows.size),
                )
            if anchor is not None:
                panel.axvline(anchor, color=CATEGORIES[5], linewidth=0.9)
            if scale == "probability":
                panel.set_ylim(-0.03, 1.03)
            panel.set_xlim(0, int(dataset.length[row]))
            panel.set_ylabel(output_name(unit, scale))
            panel.locator_params(nbins=5)
            shade_planted(panel, planted, edge=0)
            draw_planted(
                panel,
                planted,
                first=0,
                last=int(dataset.length[row]),
                edge=0,
                names=scale == scales[0],
            )
        pair[0].set_title(
            _title(dataset, row, column, per_length[0]),
            loc="left",
            pad=22 if planted else 4,
            fontsize=7,
        )
    panels[0, -1].legend(
        title="window (bp)",
        loc="lower left",
        bbox_to_anchor=(1.0, 0),
        fontsize=6.5,
        title_fontsize=6.5,
        handlelength=1.2,
    )
    for panel in panels[-1]:
        panel.set_xlabel("centre of the window (0-based)")
    return figure


@figure_style()
def draw_map(dataset, examples, per_length, importance):
    """Draw the effect of every window, by position and length, and of every base.

    Parameters
    ----------
    dataset, examples, per_length
        As of `draw_examples`.
    importance : numpy.ndarray, shape (n, targets, length)
    """
    per_length = [windows for windows in per_length if len(windows.start)]
    if not examples or not per_length:
        return _empty_figure("No window was replaced.")
    figure, panels = new_figure(
        TWO_COLUMNS,
        10 + 46 * len(examples),
        2 * len(examples),
        squeeze=False,
        gridspec_kw={"height_ratios": [1, 0.8] * len(examples)},
    )
    for (row, column), (heat, track) in zip(
        examples, panels.reshape(-1, 2), strict=True
    ):
        length = int(dataset.length[row])
        # Twice as many cells as bases: centres of even lengths lie between bases.
        grid = np.full((len(per_length), 2 * length), np.nan)
        for cells, windows in zip(grid, per_length, strict=True):
            # The colour of a window reaches the next window's.
            step = int(np.diff(windows.start[:2], append=windows.start[0] + 1)[0])
            for centre, value in zip(
                windows.centre, windows.mean[windows.scale][row, column], strict=True
            ):
                begin = int(2 * centre - step)
                cells[max(0, begin) : begin + 2 * step] = value
        limit = np.abs(grid[~np.isnan(grid)]).max(initial=0) or 1.0
        image = heat.imshow(
            grid,
            cmap="RdBu_r",
            vmin=-limit,
            vmax=limit,
            aspect="auto",
            interpolation="nearest",
            extent=(0, length, len(per_length) - 0.5, -0.5),
        )
        heat.set_facecolor("#E4E6E5")
        heat.set_yticks(
            range(len(per_length)), [str(windows.size) for windows in per_length]
        )
        heat.set_ylabel("window (bp)")
        heat.tick_params(length=1.5)
        heat.set_xticklabels([])
        bar = figure.colorbar(image, cax=heat.inset_axes([1.006, 0, 0.01, 1]))
        bar.outline.set_visible(False)
        bar.ax.tick_params(labelsize=6, length=1.5)
        planted = instances(dataset, row)
        draw_planted(heat, planted, first=0, last=length, edge=0)
        heat.set_title(
            _title(dataset, row, column, per_length[0]),
            loc="left",
            pad=16 if planted else 4,
            fontsize=7,
        )
        track.axhline(0, color="black", linewidth=0.6)
        track.plot(
            np.arange(length) + 0.5,
            importance[row, column, :length],
            color=ACCENT,
            linewidth=1.0,
        )
        shade_planted(track, planted, edge=0)
        track.set_ylabel(f"mean change\nof the {output_name(per_length[0].unit)}")
        for panel in (heat, track):
            panel.set_xlim(0, length)
    panels[-1, 0].set_xlabel("position (0-based)")
    return figure


@figure_style()
def draw_robustness(table, target, unit=LOGIT):
    """Draw the mean change of the prediction against the length of the window.

    Parameters
    ----------
    table : pandas.DataFrame
        From `proofread.methods.kmer_perturbation.summaries.robustness`.
    target : str
        The one to draw.
    unit : str
        In what the network's outputs are.
    """
    table = table[(table["target"] == target) & (table["n"] > 0)]
    if len(table) == 0:
        return _empty_figure("No window was replaced.")
    scales = table["scale"].unique()
    figure, axes = new_figure(
        WIDE if len(scales) > 1 else ONE_COLUMN, 55, columns=len(scales), squeeze=False
    )
    panels = axes[0]
    group = "group" if "group" in table else "class"
    styles = {
        "positive": (ACCENT, "o"),
        "negative": (_GREY, "s"),
        HIGH: (ACCENT, "o"),
        LOW: (_GREY, "s"),
        UNLABELLED: (ACCENT, "o"),
    }
    for panel, scale in zip(panels, scales, strict=True):
        panel.axhline(0, color="black", linewidth=0.6)
        panel.grid(axis="y", linewidth=0.4, alpha=0.5)
        for name, rows in table[table["scale"] == scale].groupby(group, sort=False):
            mean = rows["mean_delta"].to_numpy()
            ends = rows[["mean_delta_low", "mean_delta_high"]].to_numpy().T
            # Of a single sequence there is no interval.
            ends = np.where(np.isnan(ends), mean, ends)
            colour, marker = styles[name]
            panel.errorbar(
                rows["length"],
                mean,
                yerr=np.abs(ends - mean),
                color=colour,
                marker=marker,
                markersize=3,
                linewidth=1,
                capsize=1.5,
                label=f"{group_name(name)} (n = {rows['n'].max()})",
            )
        panel.set_xlabel("length of the window (bp)")
        panel.set_ylabel(f"mean change of the {output_name(unit, scale)}")
        panel.set_xticks(sorted(set(table["length"])))
    panels[0].legend(loc="best", fontsize=6.5)
    return figure


@figure_style()
def draw_aligned(table, widths, unit=LOGIT):
    """Draw the mean effect of windows around an anchor, one line per length.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns target, anchor, length, offset, n, mean_delta_logit, logit_low,
        logit_high; of quantities the last three with `output`.
    widths : dict of (str, str) to int
        By target and anchor: bases that the anchor covers.
    unit : str
        In what the network's outputs are.
    """
    scale = output_column(unit)
    shown = list(widths)[:MAX_ANCHORS]
    if len(table) == 0 or not shown:
        return _empty_figure("There is no anchor to align the sequences at.")
    several = len({target for target, _ in widths}) > 1
    figure, panels = new_figure(
        TWO_COLUMNS if len(shown) > 1 else WIDE,
        58 * -(-len(shown) // 2),
        -(-len(shown) // 2),
        min(2, len(shown)),
        squeeze=False,
        # Quantities of several targets have scales of their own.
        sharey=unit == LOGIT or not several,
    )
    sizes = sorted(set(table["length"]))
    colours = dict(zip(sizes, _colours(len(sizes)), strict=True))
    for panel in panels.flat[len(shown) :]:
        panel.set_axis_off()
    for panel, (target, anchor) in zip(panels.flat, shown, strict=False):
        part = table[(table["target"] == target) & (table["anchor"] == anchor)]
        n = part["n"].max()
        # The wide interval of a mean of few would set the scale.
        part = part[part["n"] >= max(2, n / 4)] if n > 1 else part
        panel.axhline(0, color="black", linewidth=0.6)
        width = widths[target, anchor]
        if width:
            panel.axvspan(0, width, color=ACCENT, alpha=0.13, linewidth=0, zorder=0)
        else:
            panel.axvline(0, color=CATEGORIES[5], linewidth=0.9)
        for size, rows in part.groupby("length"):
            panel.fill_between(
                rows["offset"],
                rows[f"{scale}_low"],
                rows[f"{scale}_high"],
                color=colours[size],
                alpha=0.2,
                linewidth=0,
            )
            panel.plot(
                rows["offset"],
                rows[f"mean_delta_{scale}"],
                color=colours[size],
                label=str(size),
            )
        title = f"{target}: {anchor}" if several else anchor
        panel.set_title(f"{title} (n = {n})", loc="left", fontsize=7)
        panel.set_xlabel("centre of the window − anchor (bp)")
    for panel in panels[:, 0]:
        panel.set_ylabel(f"mean change of the {output_name(unit)}")
    panels[0, -1].legend(
        title="window (bp)",
        loc="lower left",
        bbox_to_anchor=(1.0, 0),
        fontsize=6.5,
        title_fontsize=6.5,
        handlelength=1.2,
    )
    return figure
