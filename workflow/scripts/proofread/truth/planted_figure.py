"""Measured effects of motifs on a quantity, against the planted ones."""

import numpy as np

from proofread.figures.style import ACCENT, CATEGORIES, CONTEXT, short_name
from proofread.statistics.units import with_unit
from proofread.truth.verdicts import FALSE_POSITIVE, MISSED, WRONG_SIGN

_WRONG = (FALSE_POSITIVE, MISSED, WRONG_SIGN)
_APART = 0.06  # of the height of the axes: names that are nearer would overlap


def draw_against_planted(axes, table, name, unit):
    """Measured against planted effects with their intervals, and the line y = x.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    table : pandas.DataFrame
        planted, effect, ci_low, ci_high and verdict; at least one row, none without a
        planted and a measured effect. Those with a wrong verdict are orange; of those
        that lie near each other the one furthest from the line is named.
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
    axes.set_xlim(*limits)
    _name(axes, table[table["verdict"].isin(_WRONG)])
    axes.set_xlabel(f"planted {name}")
    axes.set_ylabel(with_unit(f"measured {name}", unit))


def _name(axes, table):
    """Name points, the furthest from the line first, where no other name is near."""
    apart = _APART * np.ptp(axes.get_ylim())
    named = []
    distance = (table["effect"] - table["planted"]).abs()
    for row in table.loc[distance.sort_values(ascending=False).index].itertuples():
        if any(abs(row.effect - other) < apart for other in named):
            continue
        named.append(row.effect)
        left = row.planted < 0
        axes.annotate(
            short_name(row.label),
            (row.planted, row.effect),
            xytext=(-4 if left else 4, 0),
            textcoords="offset points",
            ha="right" if left else "left",
            va="center",
            fontsize=6,
            color=CATEGORIES[5],
        )
