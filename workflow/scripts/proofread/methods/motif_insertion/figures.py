"""Figures of motif insertion: change against position, interaction against distance."""

import numpy as np

from proofread.figures.style import (
    ACCENT,
    CATEGORIES,
    CONTEXT,
    TWO_COLUMNS,
    WIDE,
    figure_style,
    new_figure,
)
from proofread.statistics.units import LOGIT, with_unit
from proofread.truth.planted_figure import draw_against_planted

_PANELS = 6
_GREY = "#5C6468"


@figure_style()
def draw_positions(table, positions, *, unit=LOGIT):
    """Mean change of the logit by each motif, at each position.

    Parameters
    ----------
    table, positions : pandas.DataFrame
        Of the script's columns; of many motifs those with the largest effects are
        drawn.
    unit : str
        `Predictor.output_unit`.

    Returns
    -------
    matplotlib.figure.Figure
        A panel per motif and target, 183 mm wide (120 mm for one). Where effects were
        planted, the first panel has the measured effects against them.
    """
    known = table[table["n"] > 0]
    if len(known) == 0:
        return _empty("No motif that the sequences have room for.")
    strongest = known["strongest_effect"].abs().nlargest(_PANELS).index.sort_values()
    shown = known.loc[strongest]
    planted = known.dropna(subset="planted") if "planted" in known else known.iloc[:0]
    figure, panels = _panels(len(shown) + (len(planted) > 0))
    if len(planted):
        against = planted.assign(label=planted["motif"])
        draw_against_planted(panels[0], against, "effect", unit)
        panels = panels[1:]
    several = table["target"].nunique() > 1
    for panel, row in zip(panels, shown.itertuples(), strict=True):
        chosen = (positions["motif"] == row.motif) & (positions["target"] == row.target)
        curve = positions[chosen]
        colour = ACCENT if row.expected != "nothing" else _GREY
        _curve(panel, curve["position"], curve, "effect", colour)
        for sign in (1,) if unit == LOGIT else (1, -1):
            panel.axhline(
                sign * row.control_highest,
                color="black",
                linewidth=0.8,
                linestyle="--",
            )
        effect = (
            f"{_signed(row.effect)} [{_signed(row.ci_low)}, {_signed(row.ci_high)}]"
        )
        verdict = f" ({row.verdict.replace('_', ' ')})" if row.verdict else ""
        name = f"{row.target}: {row.motif}" if several else row.motif
        _titles(
            panel,
            name + verdict,
            f"mean {effect}; background {_signed(row.background)}",
        )
        panel.set_xlabel("start of the motif (bp, 0-based)")
        panel.set_xlim(curve["position"].min() - 1, curve["position"].max() + 1)
    change = "change of output" if unit != LOGIT else "mean change of the logit"
    _ylabels(panels, with_unit(change, unit))
    return figure


@figure_style()
def draw_spacing(curves, *, unit=LOGIT):
    """Interaction of pairs against the distance; shaded where the rule is positive.

    Parameters
    ----------
    curves : pandas.DataFrame
        Of the script's columns; of many pairs those with the largest interactions,
        measured or planted, are drawn.
    unit : str
        `Predictor.output_unit`.

    Returns
    -------
    matplotlib.figure.Figure
        A panel per target, pair and fixed motif, 183 mm wide; dashed: the planted
        interaction, where effects were planted.
    """
    curves = curves[curves["n"] > 0]
    if len(curves) == 0:
        return _empty("No pair of motifs that the sequences have room for.")
    size = curves["interaction"].abs()
    if "planted" in curves:  # an interaction that the network did not learn is shown
        size = size.where(size > curves["planted"].abs(), curves["planted"].abs())
    curves = curves.assign(
        size=size,
        pair=[
            "\t".join(sorted(item))
            for item in zip(curves["fixed"], curves["tiled"], strict=True)
        ],
    )
    sizes = curves.groupby(["target", "pair"], sort=False)["size"].max()
    kept = sizes.nlargest(_PANELS // 2).index
    shown = [
        (target, fixed, tiled, group)
        for target, pair in sizes.index
        if (target, pair) in kept
        for (fixed, tiled), group in curves[
            (curves["target"] == target) & (curves["pair"] == pair)
        ].groupby(["fixed", "tiled"], sort=False)
    ]
    figure, panels = _panels(len(shown))
    several = curves["target"].nunique() > 1
    for panel, (target, fixed, tiled, curve) in zip(panels, shown, strict=True):
        for first, last in _runs(curve):
            panel.axvspan(
                *(first - 0.5, last + 0.5),
                color=CATEGORIES[1],
                alpha=0.18,
                linewidth=0,
                zorder=-1,
            )
        # The line breaks where the motifs would overlap.
        for side in (curve["distance"] < 0, curve["distance"] > 0):
            part = curve[side]
            _curve(panel, part["distance"], part, "interaction", ACCENT)
            if "planted" in part:
                panel.plot(part["distance"], part["planted"], "--", color=_GREY)
        start = curve["fixed_start"].iloc[0]
        _titles(
            panel,
            f"{target}: {tiled} moves" if several else f"{tiled} moves",
            f"{fixed} fixed at {start}"
            if fixed != tiled
            else f"another copy fixed at {start}",
        )
        panel.set_xlabel(f"distance from {fixed} (bp, start to start)")
        panel.set_xlim(curve["distance"].min() - 1, curve["distance"].max() + 1)
    interaction = "mean interaction"
    if unit == LOGIT:
        interaction += " (logits)"
    _ylabels(panels, with_unit(interaction, unit))
    return figure


def _runs(curve):
    """First and last distance of each run of positions that the rule calls positive."""
    positive = (curve["expected"] == "positive").to_numpy()
    distance = curve["distance"].to_numpy()
    # Positions on both sides of the fixed motif are no neighbours.
    group = np.cumsum(
        np.diff(positive.astype(int) + 2 * (distance > 0), prepend=-1) != 0
    )
    return [
        (distance[group == item].min(), distance[group == item].max())
        for item in np.unique(group[positive])
    ]


def _empty(kmers):
    figure, axes = new_figure(WIDE, 20)
    axes.set_axis_off()
    axes.text(0, 0.5, kmers)
    return figure


def _panels(n):
    columns = min(2, n)
    rows = -(-n // columns)
    figure, axes = new_figure(
        WIDE if columns == 1 else TWO_COLUMNS,
        8 + 48 * rows,
        rows=rows,
        columns=columns,
        squeeze=False,
        sharey=True,
    )
    for panel in axes.ravel()[n:]:
        panel.set_axis_off()
    return figure, axes.ravel()[:n]


def _curve(panel, x, table, value, colour):
    panel.fill_between(
        x, table["ci_low"], table["ci_high"], color=colour, alpha=0.25, linewidth=0
    )
    panel.plot(x, table[value], color=colour)


def _titles(panel, title, kmers):
    panel.axhline(0, color=CONTEXT, linewidth=0.8, zorder=0)
    panel.set_title(title, loc="left", pad=11)
    panel.text(0, 1.02, kmers, transform=panel.transAxes, fontsize=6.5, color=_GREY)
    panel.grid(axis="y", linewidth=0.4, alpha=0.5)


def _ylabels(panels, label):
    for panel in panels:
        if panel.get_subplotspec().is_first_col():
            panel.set_ylabel(label)


def _signed(value):
    return f"{value:+.2f}".replace("-", "−")
