"""Measured effects of motifs on a quantity, against the planted ones."""

import numpy as np

from proofread.figures.style import ACCENT, CATEGORIES, CONTEXT, short_name
from proofread.statistics.units import with_unit
from proofread.truth.verdicts import FALSE_POSITIVE, MISSED, WRONG_SIGN

_WRONG = (FALSE_POSITIVE, MISSED, WRONG_SIGN)


def draw_against_planted(axes, table, name, unit):
    """Measured against planted effects with their intervals, and the line y = x.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    table : pandas.DataFrame
        planted, effect, ci_low, ci_high and verdict; at least one row, none without a
        planted and a measured effect.
    name : str
        Of the effects, for the axes.
    unit : str
        `Predictor.output_unit`.
    """
    ends = [table["planted"].min(), table["planted"].max()]
    margin = 0.08 * (ends[1] - ends[0]) or 0.5
    limits = np.array([ends[0] - margin, ends[1] + margin])
    for value in (axes.axhline, axes.axvline):
        value(0, color=CONTEXT, linewidth=0.6, zorder=0)
    axes.plot(limits, limits, color=CONTEXT, linewidth=0.8, zorder=1)
    for row in table.itertuples():
        wrong = row.verdict in _WRONG
        colour = CATEGORIES[5] if wrong else ACCENT
        axes.plot([row.planted] * 2, [row.ci_low, row.ci_high], color=colour)
        axes.plot(row.planted, row.effect, "o", color=colour, ms=3.5)
        if wrong:
            axes.annotate(
                short_name(row.label),
                (row.planted, row.effect),
                xytext=(4, 0),
                textcoords="offset points",
                va="center",
                fontsize=6,
                color=colour,
            )
    axes.set_xlim(*limits)
    axes.set_xlabel(f"planted {name}")
    axes.set_ylabel(with_unit(f"measured {name}", unit))
