"""The candidates of a tuned model, compared."""

from proofread.figures.style import ACCENT, CONTEXT, WIDE, figure_style, new_figure


@figure_style()
def draw_candidates(table):
    """What decides between candidates, with its interval, best on top.

    That is the AUROC of the validation split, or Pearson's correlation of quantities.

    Parameters
    ----------
    table : pandas.DataFrame
        From `proofread.training.tuning.compare`. A candidate without a value has a row
        without a dot.
    """
    names = {"validation_auroc": "AUROC", "validation_pearson": "Pearson's correlation"}
    ((column, name),) = ((key, name) for key, name in names.items() if key in table)
    figure, axes = new_figure(WIDE, 16 + 5 * len(table))
    for row in table.itertuples():
        colour = ACCENT if row.chosen else CONTEXT
        y = -row.Index
        axes.plot([row.ci_low, row.ci_high], [y, y], color=colour)
        axes.plot(
            getattr(row, column),
            y,
            marker="o",
            markersize=4,
            color=colour,
            markerfacecolor=colour if row.chosen else "white",
        )
    axes.set_yticks([-index for index in range(len(table))], table["candidate"])
    axes.set_ylim(0.6 - len(table), 0.6)
    axes.set_xlabel(f"{name} of the validation split")
    return figure
