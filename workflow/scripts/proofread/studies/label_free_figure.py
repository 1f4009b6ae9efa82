"""The figure of label-free numbers against the planted truth."""

import numpy as np

from proofread.figures.style import (
    ACCENT,
    CATEGORIES,
    CONTEXT,
    TWO_COLUMNS,
    figure_style,
    new_figure,
)
from proofread.figures.tracks import message
from proofread.truth.label_free import AGREES, CONTRADICTS, QUESTIONS, title

_COLOURS = {AGREES: ACCENT, CONTRADICTS: CATEGORIES[1]}


@figure_style()
def draw_label_free(table):
    """Rank correlation of each number with the position score, for each question.

    Parameters
    ----------
    table : pandas.DataFrame
        From `proofread.studies.label_free.rank_correlations`.
    """
    if len(table) == 0:
        return message("No map has both a label-free number and a position score.")
    names = [title(row) for row in table.to_dict("records")]
    table = table.assign(name=names)
    order = list(dict.fromkeys(names))
    place = {name: number for number, name in enumerate(order)}
    figure, panels = new_figure(
        TWO_COLUMNS, 22 + 4.5 * len(order), columns=len(QUESTIONS), sharey=True
    )
    for panel, question in zip(panels, QUESTIONS, strict=True):
        panel.axvline(0, color=CONTEXT, linewidth=0.5)
        for row in table[table["question"] == question].to_dict("records"):
            colour = _COLOURS.get(row["verdict"], CONTEXT)
            y = place[row["name"]]
            if np.isfinite(row["ci_low"]):
                panel.hlines(y, row["ci_low"], row["ci_high"], color=colour)
            panel.plot(row["spearman"], y, "o", markersize=3.5, color=colour)
        panel.set_title(question)
        panel.set_xlim(-1.05, 1.05)
        panel.set_xlabel("rank correlation", fontsize=6.5)
        panel.tick_params(labelsize=6.5, left=panel is panels[0])
    panels[0].set_yticks(range(len(order)), order)
    panels[0].set_ylim(len(order) - 0.5, -0.5)
    return figure
