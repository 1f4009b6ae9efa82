"""The candidates of a tuned model, compared."""

from proofread.figures.style import ACCENT, CONTEXT, WIDE, figure_style, new_figure


@figure_style()
def draw_candidates(table):
    """AUROC of the validation split of each candidate, with its interval, best on top.

    Parameters
    ----------
    table : pandas.DataFrame
        From `proofread.training.tuning.compare`. A candidate without an AUROC has a row
        without a dot.
    """
    figure, axes = new_figure(WIDE, 16 + 5 * len(table))
    for row in table.itertuples():
        colour = ACCENT if row.chosen else CONTEXT
        y = -row.Index
        axes.plot([row.ci_low, row.ci_high], [y, y], color=colour)
        axes.plot(
            row.validation_auroc,
            y,
            marker="o",
            markersize=4,
            color=colour,
            markerfacecolor=colour if row.chosen else "white",
        )
    axes.set_yticks([-index for index in range(len(table))], table["candidate"])
    axes.set_ylim(0.6 - len(table), 0.6)
    axes.set_xlabel("AUROC of the validation split")
    return figure
