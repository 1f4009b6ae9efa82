"""Planted motifs and known sites, drawn along a sequence."""

import numpy as np

from proofread.figures.style import ACCENT, CONTEXT
from proofread.statistics.units import OUTPUT

DECOY = "decoy"  # the role of a motif that labels do not depend on
_BAR = 0.09  # height of a bar above a track, as a fraction of it


def instances(dataset, row):
    """The planted motifs or known sites of one sequence, by start.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
    row : int

    Returns
    -------
    list of tuple
        (motif, start, end, strand, role); 0-based, half-open.
    """
    truth = dataset.truth[dataset.truth["sequence"] == row].sort_values("start")
    columns = ["motif", "start", "end", "strand", "role"]
    return list(truth[columns].itertuples(index=False, name=None))


def of_label(dataset, row, column):
    """The label of a sequence, to stand in a title; nothing if it has none."""
    label = float(dataset.label[row, column])
    name = "measured" if dataset.quantitative else "label"
    return "" if np.isnan(label) else f" · {name} {label:g}"


def of_output(name, value):
    """A prediction, to stand in a title; quantities may be of any size.

    Parameters
    ----------
    name : str
        From `proofread.statistics.units.output_name`.
    value : float
    """
    return f" · {name} {value:{'.3g' if name.startswith(OUTPUT) else '.2f'}}"


def draw_planted(axes, planted, *, first, last, edge=-0.5, names=True):
    """Bars along the top of a track where motifs were planted, or sites are known.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    planted : list of tuple
        From `instances`. Decoys are grey, the others have the accent colour; an arrow
        says the strand, if it is known.
    first, last : int
        Positions that the track shows, half-open; longer bars are cut.
    edge : float
        Where a base begins: half a unit before its position, or at it.
    names : bool
        Whether the motifs' names stand above the bars.
    """
    transform = axes.get_xaxis_transform()
    for motif, start, end, strand, role in planted:
        colour = CONTEXT if role == DECOY else ACCENT
        start, end = max(start, first), min(end, last)
        axes.fill_between(
            [start + edge, end + edge],
            1.02,
            1.02 + _BAR,
            transform=transform,
            color=colour,
            linewidth=0,
            clip_on=False,
        )
        if not names:
            continue
        name = {"+": f"{motif} →", "-": f"← {motif}"}.get(strand, motif)
        axes.text(
            (start + end) / 2 + edge,
            1.04 + _BAR,
            f"{name} (decoy)" if role == DECOY else name,
            transform=transform,
            color="#5F6568" if role == DECOY else colour,
            fontsize=6,
            ha="center",
            va="bottom",
        )


def shade_planted(axes, planted, *, edge=-0.5):
    """Shade planted motifs or known sites over the whole height of a track."""
    for _, start, end, _, role in planted:
        axes.axvspan(
            start + edge,
            end + edge,
            color=CONTEXT if role == DECOY else ACCENT,
            alpha=0.13,
            linewidth=0,
            zorder=0,
        )
