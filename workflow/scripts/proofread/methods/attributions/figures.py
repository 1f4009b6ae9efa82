"""Figures along sequences: letters, lines and heat maps on one position axis.

`draw_tracks` draws any numbers that a sequence has at its positions, one track above
the other, with what was planted as bars on top. The other functions draw the summaries
of attributions; each takes numbers that stand in a table as well.
"""

import numpy as np

from proofread.figures.style import ACCENT, CONTEXT, figure_style
from proofread.figures.tracks import _ALERT, MOST_PANELS, _grid


@figure_style()
def draw_profiles(profiles, *, total, columns, marks=None, ylabel="mean attribution"):
    """Mean attributions by position, positives against negatives.

    Parameters
    ----------
    profiles : list of dict
        `row` and `column`, written beside and above; `table`, the rows of
        `profile_table` of one group; `span`, (start, end) of the planted motif or None.
    total : int
        Groups there would be to draw.
    columns : int
        Panels in a row, at most 3.
    marks : dict of int to str, optional
        Positions with a dashed line, where positions are those of the sequence.
    """
    titles = [each["column"] for each in profiles[:columns]]
    titles += [""] * (len(profiles) - len(titles))
    figure, panels = _grid(titles, 34, total, columns=columns)
    for place, (axes, profile) in enumerate(zip(panels, profiles, strict=True)):
        table = profile["table"]
        if profile["span"] is not None:
            start, end = profile["span"]
            axes.axvspan(start - 0.5, end - 0.5, color=ACCENT, alpha=0.10, linewidth=0)
        for name, colour in (("negative", CONTEXT), ("positive", ACCENT)):
            rows = table[table["class"] == name]
            if len(rows) == 0:
                continue
            mean, error = rows["mean"].to_numpy(), 1.96 * rows["se"].to_numpy()
            axes.fill_between(
                rows["position"],
                mean - error,
                mean + error,
                color=colour,
                alpha=0.25,
                linewidth=0,
            )
            label = f"{name}, n = {int(rows['n'].max()):,}"
            axes.plot(rows["position"], mean, color=colour, linewidth=0.9, label=label)
        axes.axhline(0, color="black", linewidth=0.4)
        if profile["span"] is None:
            for position, name in (marks or {}).items():
                axes.axvline(
                    position, color="black", linewidth=0.6, linestyle=(0, (3, 2))
                )
                axes.annotate(
                    name,
                    (position, 1),
                    xycoords=("data", "axes fraction"),
                    xytext=(2, -1),
                    textcoords="offset points",
                    fontsize=5.5,
                    va="top",
                )
        axes.margins(x=0)
        if place % columns == 0:
            axes.set_ylabel(profile["row"], fontsize=7)
        lowest = place + columns >= len(profiles)
        axes.tick_params(labelsize=6, labelbottom=lowest, bottom=lowest)
        axes.locator_params(axis="x", nbins=6)
        axes.locator_params(axis="y", nbins=3)
        # What is below is of the same sequences.
        if place < columns and len(profile["table"]):
            low, high = axes.get_ylim()
            axes.set_ylim(low, high + 0.3 * (high - low))
            axes.legend(
                fontsize=5.5,
                loc="upper left",
                ncols=2,
                handlelength=1,
                columnspacing=1,
                borderaxespad=0,
            )
    figure.supylabel(ylabel, fontsize=7.5)
    figure.supxlabel(
        "position in the sequence (from 0)"
        if any(each["span"] is None for each in profiles)
        else "position from the motif's first base",
        fontsize=7.5,
    )
    return figure


@figure_style()
def draw_completeness(groups, *, tolerance, unit):
    """Sums of attributions against what they should be.

    Parameters
    ----------
    groups : list of dict
        `title`; `difference`, `sum` and `flagged`, numpy.ndarray of shape (n,).
    tolerance : float
        Share of the difference above which a sequence is flagged.
    unit : str
        ``logit`` or ``probability``.
    """
    figure, panels = _grid(
        [
            f"{each['title']}\n{int(each['flagged'].sum()):,} of "
            f"{len(each['sum']):,} above {tolerance:.0%}"
            for each in groups[:MOST_PANELS]
        ],
        62,
        len(groups),
    )
    for axes, group in zip(panels, groups, strict=False):
        difference, total = group["difference"], group["sum"]
        both = np.concatenate([difference, total])
        low, high = (both.min(), both.max()) if len(both) else (-1.0, 1.0)
        margin = 0.05 * (high - low) or 1.0
        ends = np.array([low - margin, high + margin])
        axes.plot(ends, ends, color=CONTEXT, linewidth=0.8, zorder=0)
        for chosen, marker, colour, name in (
            (~group["flagged"], "o", ACCENT, "within"),
            (group["flagged"], "x", _ALERT, "flagged"),
        ):
            if chosen.any():
                axes.scatter(
                    difference[chosen],
                    total[chosen],
                    s=7 if marker == "o" else 12,
                    marker=marker,
                    color=colour,
                    linewidth=0 if marker == "o" else 0.8,
                    alpha=0.6 if marker == "o" else 1,
                    label=name,
                    rasterized=True,
                )
        axes.set_xlim(ends)
        axes.set_ylim(ends)
        axes.set_aspect("equal")
        axes.set_xlabel(f"change of the {unit}")
        axes.set_ylabel("sum of attributions")
        if len(both):
            axes.legend(fontsize=6, loc="upper left", handletextpad=0.2)
    return figure


@figure_style()
def draw_components(groups):
    """Sequences by the first two principal components of their attributions.

    Parameters
    ----------
    groups : list of dict
        `title`; `scores`, numpy.ndarray of shape (n, at least 1); `explained`, shares
        of the variance; `positive`, numpy.ndarray of shape (n,), bool.
    """
    figure, panels = _grid(
        [each["title"] for each in groups[:MOST_PANELS]], 50, len(groups)
    )
    for axes, group in zip(panels, groups, strict=False):
        scores, explained = group["scores"], group["explained"]
        if scores.shape[1] < 2:
            scores = np.column_stack([scores, np.zeros((len(scores), 2))])[:, :2]
            explained = np.append(explained, [0.0, 0.0])[:2]
        for chosen, colour, marker, name in (
            (group["positive"], ACCENT, "o", "positive"),
            (~group["positive"], "#4A5052", "s", "negative"),
        ):
            axes.scatter(
                scores[chosen, 0],
                scores[chosen, 1],
                s=5,
                marker=marker,
                color=colour,
                linewidth=0,
                label=f"{name} (n = {int(chosen.sum()):,})",
                rasterized=True,
            )
        axes.set_xlabel(f"component 1 ({explained[0]:.0%})")
        axes.set_ylabel(f"component 2 ({explained[1]:.0%})")
        axes.locator_params(nbins=5)
        axes.legend(fontsize=6, handletextpad=0.2)
    return figure
