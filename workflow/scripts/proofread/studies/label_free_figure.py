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
from proofread.truth.label_free import AGREES, CONTRADICTS, asked, title

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
    table = table.assign(name=[title(row) for row in table.to_dict("records")])
    order = list(dict.fromkeys(table["name"]))
    place = {name: number for number, name in enumerate(order)}
    questions = asked(table)
    figure, panels = new_figure(
        TWO_COLUMNS,
        22 + 4.5 * len(order),
        columns=len(questions),
        sharey=True,
        squeeze=False,
    )
    panels = panels[0]
    for panel, question in zip(panels, questions, strict=True):
        panel.grid(axis="y", color=CONTEXT, alpha=0.3, linewidth=0.4)
        panel.axvline(0, color=CONTEXT, linewidth=0.5)
        for row in table[table["question"] == question].to_dict("records"):
            colour = _COLOURS.get(row["verdict"], CONTEXT)
            y = place[row["name"]]
            if np.isfinite(row["ci_low"]):
                panel.hlines(y, row["ci_low"], row["ci_high"], color=colour)
            panel.plot(row["spearman"], y, "o", markersize=3.5, color=colour)
        panel.set_title(question, fontsize=7)
        panel.set_xlim(-1.05, 1.05)
        panel.set_xticks([-1, 0, 1])
        panel.set_xticks([-0.5, 0.5], minor=True)
        panel.tick_params(labelsize=6.5, left=panel is panels[0])
    figure.supxlabel("rank correlation with the position AUROC", fontsize=7)
    panels[0].set_yticks(range(len(order)), order)
    panels[0].set_ylim(len(order) - 0.5, -0.5)
    return figure
