"""The figure of interacting pairs: measured interactions, precision and recall."""

import numpy as np

from proofread.figures.heat_map import colour_bar
from proofread.figures.style import (
    CATEGORIES,
    CONTEXT,
    TWO_COLUMNS,
    figure_style,
    new_figure,
    short_name,
)
from proofread.statistics.metrics import precision_recall_curve
from proofread.studies.interacting_pairs import PREDICTIONS, ranked

_HEIGHT = 84  # mm of a model


@figure_style()
def draw_interacting_pairs(scores):
    """For each model the interaction of every pair, and precision by recall.

    Parameters
    ----------
    scores : pandas.DataFrame
        From `proofread.studies.interacting_pairs.pair_scores`.

    Returns
    -------
    matplotlib.figure.Figure
        Left, means over the networks of a model, divided by the largest absolute mean
        of the method: one method below the diagonal, the other above. A dot marks a
        planted pair. Right, a line for each network with a measured pair, grey for
        negative controls; the dashed line is the fraction of planted pairs.
    """
    models = list(scores.groupby(["dataset", "model"], sort=False))
    figure, panels = new_figure(
        TWO_COLUMNS,
        _HEIGHT * len(models),
        rows=len(models),
        columns=2,
        squeeze=False,
        gridspec_kw={"width_ratios": [1.25, 1]},
    )
    # The label of a colour bar must not look like that of the next axis.
    figure.get_layout_engine().set(wspace=0.08)
    methods = list(dict.fromkeys(scores["method"]))
    colours = dict(zip(methods, CATEGORIES, strict=False))
    methods = [method for method in methods if method != PREDICTIONS]
    for (left, right), ((dataset, model), rows) in zip(panels, models, strict=True):
        _draw_matrix(figure, left, rows[rows["negative_control"] == ""], methods)
        _draw_curves(right, rows, colours)
        left.set_title(f"{short_name(model)} ({short_name(dataset)})", loc="left")
    return figure


def _draw_matrix(figure, axes, rows, methods):
    rows = rows[rows["method"].isin(methods)]
    names = list(dict.fromkeys([*rows["first"], *rows["second"]]))
    matrix = np.full((len(names), len(names)), np.nan)
    for method, of_method in rows.groupby("method", sort=False):
        means = of_method.groupby(["first", "second"], sort=False)["interaction"].mean()
        largest = means.abs().max() or 1.0
        for pair, mean in means.items():
            low, high = sorted(map(names.index, pair))
            at = (high, low) if method == methods[0] else (low, high)
            matrix[at] = mean / largest
    image = axes.imshow(matrix, cmap="RdBu_r", vmin=-1, vmax=1, interpolation="nearest")
    planted = rows.loc[rows["planted"], ["first", "second"]].drop_duplicates()
    for pair in planted.itertuples(index=False):
        low, high = sorted(map(names.index, pair))
        marks = ([low, high], [high, low]) if len(methods) > 1 else ([low], [high])
        axes.plot(*marks, "o", color="black", ms=2)
    ticks = [short_name(name).partition("_known")[0] for name in names]
    axes.set_xticks(range(len(names)), ticks, rotation=90)
    axes.set_yticks(range(len(names)), ticks)
    axes.tick_params(length=0)
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.set_xlabel(f"below the diagonal: {methods[0]}")
    if len(methods) > 1:
        axes.set_xlabel(f"below the diagonal: {methods[0]}; above: {methods[1]}")
    colour_bar(figure, image, axes, "mean interaction / largest")


def _draw_curves(axes, rows, colours):
    for control in (True, False):  # networks above their negative controls
        some = rows[(rows["negative_control"] != "") == control]
        for (method, *_), group in some.groupby(
            ["method", "negative_control", "seed"], sort=False
        ):
            if group["interaction"].isna().all():  # no order, so no curve
                continue
            label = group["planted"].to_numpy().astype(int)
            values = ranked(group["interaction"]).to_numpy(float)
            recall, precision = precision_recall_curve(label, values)
            colour = CONTEXT if control else colours[method]
            axes.plot(recall, precision, drawstyle="steps-pre", color=colour, lw=0.9)
    axes.axhline(rows["planted"].mean(), ls="--", color="black", lw=0.8)
    for method, colour in colours.items():
        axes.plot([], [], color=colour, label=method)
    axes.plot([], [], color=CONTEXT, label="negative controls")
    axes.plot([], [], "--", color="black", lw=0.8, label="fraction of planted pairs")
    axes.set_xlim(0, 1.02)
    axes.set_ylim(0, 1.05)
    axes.set_xlabel("recall of planted pairs")
    axes.set_ylabel("precision")
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=2, fontsize=6)
