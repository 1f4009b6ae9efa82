"""Figures of motif discovery."""

import numpy as np

from proofread.figures.style import (
    CONTEXT,
    TWO_COLUMNS,
    draw_letters,
    figure_style,
    new_figure,
)
from proofread.motifs.alignments import best_alignments, draw_alignments

_SIDE_BY_SIDE = 2  # logos of contributions in a row


@figure_style()
def draw_contributions(patterns, trim, most):
    """The contribution of each base of each pattern, as signed letters.

    Parameters
    ----------
    patterns : list of proofread.methods.motif_discovery.patterns.Pattern
        The first `most` are drawn.
    trim : float
        As for `matrices`; the trimmed pattern is shaded.
    most : int

    Returns
    -------
    matplotlib.figure.Figure
        183 mm wide, two logos in a row.
    """
    shown = patterns[:most]
    rows = -(-len(shown) // _SIDE_BY_SIDE)
    figure, axes = new_figure(
        TWO_COLUMNS, 8 + 25 * rows, rows=rows, columns=_SIDE_BY_SIDE, squeeze=False
    )
    widest = max(len(pattern.frequency) for pattern in shown)
    for number, panel in enumerate(axes.ravel()):
        if number >= len(shown):
            panel.set_axis_off()
            continue
        pattern = shown[number]
        # Letters that cannot be seen are not drawn.
        heights = pattern.contribution
        least = np.abs(heights).max() / 12
        draw_letters(
            panel, np.where(np.abs(heights) < least, 0, heights), information=False
        )
        first, last = pattern.core(trim)
        panel.axvspan(
            first - 0.5, last - 0.5, color=CONTEXT, alpha=0.15, linewidth=0, zorder=-1
        )
        panel.set_xlim(-0.5, widest - 0.5)  # the same width of a letter everywhere
        panel.set_title(
            f"{pattern.name}: {len(pattern.row)} seqlets", loc="left", fontsize=7
        )
        if number % _SIDE_BY_SIDE == 0:
            panel.set_ylabel("contribution")
    which = f"The first {len(shown)} of the" if len(shown) < len(patterns) else "The"
    figure.suptitle(
        f"{which} {len(patterns)} pattern{'s' * (len(patterns) > 1)}",
        x=0.01,
        ha="left",
        fontsize=8,
    )
    figure.supxlabel("position in the pattern (0-based), before trimming", fontsize=7.5)
    return figure


@figure_style()
def draw_nothing(reasons):
    """A figure that says why there is nothing to draw."""
    figure, axes = new_figure(TWO_COLUMNS, 14 + 4 * len(reasons))
    axes.set_axis_off()
    axes.text(0, 0.5, "\n".join(["No pattern was found.", *reasons]), va="center")
    return figure


def draw_matches(table, queries, targets, *, most):
    """The patterns above their best hits.

    Parameters
    ----------
    table : pandas.DataFrame
        From `proofread.methods.motif_discovery.tables.pattern_table`; at least one row.
    queries, targets : list of Motif
        The trimmed patterns, and what they were compared with.
    most : int
        Patterns at most.

    Returns
    -------
    matplotlib.figure.Figure
    """
    pairs = best_alignments(table, queries, targets, most, kind="pattern")
    matched = int(table["best_hit"].notna().sum())
    return draw_alignments(pairs, matched, len(table), kind="pattern")
