"""Figures of motif tests."""

import numpy as np
import pandas as pd

from proofread.figures.style import (
    ACCENT,
    CATEGORIES,
    CONTEXT,
    TWO_COLUMNS,
    WIDE,
    figure_style,
    new_figure,
)
from proofread.methods.motif_tests.quantities import OUTPUT
from proofread.statistics.units import LOGIT, with_unit
from proofread.truth.expectation import INTERACTION, OPEN, PRESENCE
from proofread.truth.planted_figure import draw_against_planted
from proofread.truth.verdicts import (
    FALSE_POSITIVE,
    INSIGNIFICANT,
    MISSED,
    RECOVERED,
    SIGNIFICANT,
    TRUE_NEGATIVE,
    UNTESTED,
    WRONG_SIGN,
)

_MARKS = {
    RECOVERED: ("✓ recovered", ACCENT),
    TRUE_NEGATIVE: ("✓ nothing, as planted", "#5C6468"),
    MISSED: ("✗ missed", CATEGORIES[5]),
    FALSE_POSITIVE: ("✗ false positive", CATEGORIES[5]),
    WRONG_SIGN: ("✗ wrong sign", CATEGORIES[5]),
    SIGNIFICANT: ("✓ found", ACCENT),
    INSIGNIFICANT: ("not found", "#5C6468"),
    UNTESTED: ("untested", CONTEXT),
}
_OPEN = ("either fits the rule", "black")
_CURVES = 4  # panels of the figure of distances


@figure_style()
def draw_effects(table, *, max_shown):
    """Each test beside its control, and their difference with the verdict.

    Parameters
    ----------
    table : pandas.DataFrame
        From `effects`.
    max_shown : int
        Rows; of more, those with the largest effects are drawn.

    Returns
    -------
    matplotlib.figure.Figure
        183 mm wide.
    """
    known = table[table["n"] > 0]
    shown = known.loc[
        known["effect"].astype(float).abs().nlargest(max_shown).index.sort_values()
    ]
    if len(shown) == 0:
        return _nothing()
    figure, (left, right) = new_figure(
        TWO_COLUMNS,
        20 + 7 * len(shown),
        columns=2,
        sharey=True,
        gridspec_kw={"width_ratios": [1, 1]},
    )
    several = table["target"].nunique() > 1
    _draw_rows(left, right, shown, "increase", several)
    left.set_xlabel("loss increase (nats)")
    right.set_xlabel("above the control (nats)")
    return figure


@figure_style()
def draw_outputs(table, *, unit, max_shown):
    """What motifs add to a quantity: against the planted effects, and the control.

    Parameters
    ----------
    table : pandas.DataFrame
        From `quantities.effects`. Tests of presence and interaction are drawn: order
        and distance have no sign.
    unit : str
        `Predictor.output_unit`.
    max_shown : int
        Rows; of more, those with the largest effects are drawn.

    Returns
    -------
    matplotlib.figure.Figure
        183 mm wide. Where effects were planted, the upper panels have the measured
        effects and interactions against them.
    """
    known = table[(table["n"] > 0) & (table["measure"] == OUTPUT)]
    shown = known.loc[
        known["effect"].astype(float).abs().nlargest(max_shown).index.sort_values()
    ]
    if len(shown) == 0:
        return _nothing()
    planted = known.dropna(subset=["planted", "effect"])
    height = 20 + 7 * len(shown)
    if len(planted) == 0:
        figure, (left, right) = new_figure(TWO_COLUMNS, height, columns=2)
    else:
        figure, (above, (left, right)) = new_figure(
            *(TWO_COLUMNS, 66 + height),
            rows=2,
            columns=2,
            gridspec_kw={"height_ratios": [66, height]},
        )
        for axes, kind, name in zip(
            above, (PRESENCE, INTERACTION), ("effect", "interaction"), strict=True
        ):
            rows = planted[planted["kind"] == kind]
            if len(rows) == 0:
                axes.set_axis_off()
                continue
            label = rows["first"]
            if kind == INTERACTION:
                label = label + ", " + rows["second"]
            draw_against_planted(axes, rows.assign(label=label), name, unit)
    _draw_rows(left, right, shown, "change", table["target"].nunique() > 1)
    right.set_ylim(left.get_ylim())
    right.set_yticks([])
    left.set_xlabel(with_unit("what the bases add to the output", unit))
    right.set_xlabel(with_unit("above the control", unit))
    return figure


def _nothing():
    figure, axes = new_figure(TWO_COLUMNS, 20)
    axes.set_axis_off()
    axes.text(0, 0.5, "No sequence holds the motifs: nothing was tested.")
    return figure


def _draw_rows(left, right, shown, changed, several):
    """A row for each test: with its control on the left, the difference on the right.

    `changed` is the column of what changing the motifs does.
    """
    for y, row in enumerate(shown.itertuples()):
        for values, colour, shift, filled in (
            (
                (changed, f"{changed}_ci_low", f"{changed}_ci_high"),
                ACCENT,
                -0.14,
                "full",
            ),
            (("control", "control_ci_low", "control_ci_high"), CONTEXT, 0.14, "none"),
        ):
            mean, low, high = (getattr(row, value) for value in values)
            left.plot([low, high], [y + shift] * 2, color=colour)
            left.plot(mean, y + shift, "o", color=colour, ms=4, fillstyle=filled)
        mark, colour = _MARKS.get(
            row.verdict, _OPEN if row.expected == OPEN else ("", ACCENT)
        )
        if row.verdict == UNTESTED:
            mark = row.note  # why
        right.plot([row.ci_low, row.ci_high], [y, y], color=colour)
        right.plot(row.effect, y, "o", color=colour, ms=4)
        right.annotate(
            f"{mark}{', ' if mark else ''}q = {_short(row.q)}",
            (1.02, y),
            xycoords=("axes fraction", "data"),
            va="center",
            fontsize=6.5,
            color=colour,
            annotation_clip=False,
        )
    left.set_yticks(
        range(len(shown)), [_label(row, several) for row in shown.itertuples()]
    )
    left.set_ylim(len(shown) - 0.5, -0.5)
    for axes in (left, right):
        axes.axvline(0, color="black", linewidth=0.6)
        axes.grid(axis="x", linewidth=0.4, alpha=0.5)
        axes.tick_params(axis="y", length=0)
    handles = [
        left.plot([], [], "o", color=ACCENT, ms=4, label="motifs")[0],
        left.plot([], [], "o", color=CONTEXT, ms=4, fillstyle="none", label="control")[
            0
        ],
    ]
    left.legend(handles=handles, loc="lower left", bbox_to_anchor=(0, 1), ncols=2)


def _label(row, several):
    target = f"{row.target}: " if several else ""
    if not row.second:
        return f"{target}{row.kind}: {row.first}"
    if row.first == row.second:
        return f"{target}{row.kind}:\ncopies of {row.first}"
    return f"{target}{row.kind}:\n{row.first}, {row.second}"


def _short(value):
    return f"{value:.2g}" if value >= 1e-3 else f"{value:.0e}"


@figure_style()
def draw_gaps(curves, ranges, *, unit=LOGIT):
    """The mean probability against the gap, in both orders; true range shaded.

    Parameters
    ----------
    curves, ranges : pandas.DataFrame
        From `gap_tables`. Of many pairs those with the strongest curves are drawn.
    unit : str
        `Predictor.output_unit`. Of quantities the curve is the mean output.

    Returns
    -------
    matplotlib.figure.Figure
        A panel per pair and target, 120 mm wide for one, else 183 mm.
    """
    if len(ranges) == 0:
        figure, axes = new_figure(WIDE, 20)
        axes.set_axis_off()
        axes.text(0, 0.5, "No sequence holds a pair of motifs: there are no gaps.")
        return figure
    ranges = ranges.assign(
        contrast=ranges["highest"] - ranges["lowest"],
        middle=(ranges["highest"] + ranges["lowest"]) / 2,
        # Both orders of a pair stand one after the other.
        panel=np.arange(len(ranges)) // 2,
    )
    strongest = ranges.groupby("panel")["contrast"].max().nlargest(_CURVES)
    panels = [ranges[ranges["panel"] == item] for item in sorted(strongest.index)]
    columns = min(2, len(panels))
    rows = -(-len(panels) // columns)
    figure, axes = new_figure(
        WIDE if columns == 1 else TWO_COLUMNS,
        6 + 52 * rows,
        rows=rows,
        columns=columns,
        squeeze=False,
        sharey=True,
    )
    several = ranges["target"].nunique() > 1
    for panel, both in zip(axes.ravel(), panels, strict=False):
        _draw_pair(panel, curves, both, several, unit)
    for panel in axes.ravel()[len(panels) :]:
        panel.set_axis_off()
    for panel in axes[:, 0]:
        panel.set_ylabel(
            "mean probability" if unit == LOGIT else with_unit("mean output", unit)
        )
    return figure


def _draw_pair(panel, curves, both, several, unit):
    """One pair: the first order in colour, the other in grey."""
    for row, colour in zip(both.itertuples(), (ACCENT, "#5C6468"), strict=True):
        chosen = (curves["left"] == row.left) & (curves["right"] == row.right)
        curve = curves[chosen & (curves["target"] == row.target)]
        panel.fill_between(
            curve["gap"],
            curve["ci_low"],
            curve["ci_high"],
            color=colour,
            alpha=0.2,
            linewidth=0,
        )
        value = "probability" if unit == LOGIT else "output"
        panel.plot(curve["gap"], curve[value], color=colour)
        if not pd.isna(row.planted_min):
            panel.axvspan(
                row.planted_min - 0.5,
                row.planted_max + 0.5,
                color=CATEGORIES[1],
                alpha=0.18,
                linewidth=0,
                zorder=-1,
            )
        if not pd.isna(row.learned_min):
            ends, level = [row.learned_min, row.learned_max], row.middle
            panel.plot(ends, [level] * 2, "|-", color=colour, linewidth=0.8, ms=5)
            panel.annotate(
                f"{ends[0]:.0f}–{ends[1]:.0f} bp",
                (sum(ends) / 2, level),
                xytext=(0, 4),
                textcoords="offset points",
                ha="center",
                fontsize=6.5,
                color=colour,
                bbox={"facecolor": "white", "alpha": 0.7, "linewidth": 0, "pad": 0.5},
            )
    first, second = both.itertuples()
    title = f"{first.target}: " if several else ""
    panel.set_title(
        f"{title}{first.left}, gap, {first.right}", loc="left", color=ACCENT, pad=11
    )
    panel.text(
        0,
        1.015,
        f"grey: {second.left}, gap, {second.right}",
        transform=panel.transAxes,
        fontsize=6.5,
        color="#5C6468",
    )
    panel.set_xlabel("gap (bp)")
    if unit == LOGIT:
        panel.set_ylim(-0.02, 1.02)
    panel.set_xlim(-0.5, curve["gap"].max() + 0.5)
    panel.grid(linewidth=0.4, alpha=0.5)
