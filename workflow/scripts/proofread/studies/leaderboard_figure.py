"""The figures of a leaderboard: scores, ranks, and when one may interpret."""

import numpy as np

from proofread.figures.heat_map import message_panel
from proofread.figures.style import (
    ACCENT,
    CATEGORIES,
    CONTEXT,
    TWO_COLUMNS,
    figure_style,
    new_figure,
    short_name,
)
from proofread.studies.interpretable import (
    MIN_FRACTION,
    REACHED,
    fixed_method,
    without_threshold,
)
from proofread.studies.leaderboard import NOTHING, POSITIONS
from proofread.studies.leaderboard_ranks import method_order

MAX_NUMBERS = 42  # columns whose cells have room for a number
_ROW = 4.6  # mm of a method
_GAP = 0.35  # columns between datasets
_UNDEFINED = "#E4E6E5"
_MARKS = "osD^vP"
_BAR = {"linewidth": 3, "solid_capstyle": "butt"}


@figure_style()
def draw_leaderboard(board, ranks):
    """Methods by networks: the way from negative control to ideal, in per cent.

    Parameters
    ----------
    board : pandas.DataFrame
        From `proofread.studies.leaderboard.leaderboard`.
    ranks : pandas.DataFrame
        From `proofread.studies.leaderboard_ranks.mean_ranks`.
    """
    rows = board[board["rule"] != NOTHING]
    if len(rows) == 0:
        return message_panel(TWO_COLUMNS, 30, "no method that ran has a headline score")
    methods = method_order(board, ranks)
    left, networks = _columns(rows)
    widths = len(networks)
    figure, axes = new_figure(TWO_COLUMNS, 45 + _ROW * len(methods))
    cells = {
        (row["metric"], row["method"], row["dataset"], row["model"]): row["fraction"]
        for row in rows.to_dict("records")
    }
    shades = _colours()
    for y, method in enumerate(methods):
        for x, network in zip(left, networks, strict=True):
            value = cells.get((*method, *network), np.nan)
            _draw_cell(axes, x, y, value, shades, numbers=widths <= MAX_NUMBERS)
    axes.set_xlim(-0.5, max(left) + 0.5)
    axes.set_ylim(len(methods) - 0.5, -0.5)
    names = [method for _, method in methods]
    axes.set_yticks(range(len(names)), names)
    axes.set_xticks(left, [short_name(model) for _, model in networks], rotation=90)
    axes.tick_params(length=0)
    axes.spines[["left", "bottom"]].set_visible(False)
    _name_groups(axes, rows, left, networks)
    _name_metrics(axes, methods)
    bar = figure.colorbar(
        shades, ax=axes, location="bottom", shrink=0.35, aspect=28, pad=0.02
    )
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=6)
    bar.set_label(
        "way from negative control (0) to ideal (100), in %; –: not defined or measured"
    )
    return figure


def _columns(rows):
    """Networks in their order, datasets apart: left edges, and datasets with models."""
    left, networks = [], []
    for _, group in rows.groupby(["rule", "dataset"], sort=False):
        start = left[-1] + 1 + _GAP if left else 0
        models = list(dict.fromkeys(group["model"]))
        left += [start + place for place in range(len(models))]
        networks += [(group["dataset"].iloc[0], model) for model in models]
    return left, networks


def _colours():
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    return ScalarMappable(Normalize(0, 100), "viridis")


def _draw_cell(axes, x, y, value, shades, *, numbers):
    from matplotlib.patches import Rectangle

    known = not np.isnan(value)
    colour = shades.to_rgba(100 * value) if known else _UNDEFINED
    axes.add_patch(Rectangle((x - 0.5, y - 0.5), 1, 1, facecolor=colour, linewidth=0))
    if known and not numbers:
        return
    text = str(round(100 * value)).replace("-", "−") if known else "–"
    dark = known and value < 0.6  # viridis is light at its upper end
    axes.text(
        *(x, y, text),
        ha="center",
        va="center",
        fontsize=5,
        color="white" if dark else "black",
    )


def _name_groups(axes, rows, left, networks):
    """The name of each dataset above its networks."""
    rules = dict(zip(rows["dataset"], rows["rule"], strict=True))
    for dataset, rule in rules.items():
        at = [x for x, (name, _) in zip(left, networks, strict=True) if name == dataset]
        title = dataset if dataset == rule else f"{dataset}\n({rule})"
        axes.text(np.mean(at), -0.75, title, ha="center", va="bottom", fontsize=7)


def _name_metrics(axes, methods):
    """A line between metrics, and their names at the right."""
    metrics = [metric for metric, _ in methods]
    for metric in dict.fromkeys(metrics):
        first, n = metrics.index(metric), metrics.count(metric)
        if first:
            axes.axhline(first - 0.5, color="white", linewidth=3)
        axes.text(
            *(1.005, first + (n - 1) / 2, metric),
            transform=axes.get_yaxis_transform(),
            va="center",
            fontsize=6,
        )


@figure_style()
def draw_ranks(ranks):
    """Mean ranks with their intervals; grey, without each of the rules.

    Parameters
    ----------
    ranks : pandas.DataFrame
        From `proofread.studies.leaderboard_ranks.mean_ranks`.
    """
    groups = list(ranks.groupby("metric", sort=False))
    if not groups:
        return message_panel(TWO_COLUMNS, 30, "no two methods share a metric")
    heights = [12 + 5 * group["method"].nunique() for _, group in groups]
    figure, panels = new_figure(
        TWO_COLUMNS,
        sum(heights),
        rows=len(groups),
        squeeze=False,
        gridspec_kw={"height_ratios": heights},
    )
    for axes, (metric, group) in zip(panels[:, 0], groups, strict=True):
        everywhere = group[group["without"] == ""].sort_values("rank", kind="stable")
        others = group[group["without"] != ""]
        for y, row in enumerate(everywhere.to_dict("records")):
            same = others.loc[others["method"] == row["method"], "rank"]
            axes.plot(same, np.full(len(same), y + 0.25), "|", color="#6B7174", ms=5)
            axes.plot([row["ci_low"], row["ci_high"]], [y, y], color=ACCENT, lw=2.2)
            axes.plot(row["rank"], y, "o", color=ACCENT, ms=3.5)
        axes.set_yticks(range(len(everywhere)), everywhere["method"])
        axes.set_ylim(len(everywhere) - 0.5, -0.5)
        first = everywhere.iloc[0]
        axes.set_xlim(0.9, first["methods"] + 0.1)
        axes.set_xticks(range(1, first["methods"] + 1))
        axes.grid(axis="x", linewidth=0.4, alpha=0.5)
        axes.set_title(f"{metric}, {first['networks']} networks", loc="left")
    panels[-1, 0].set_xlabel(
        "mean rank (1 is best), 95 % interval over seeds; grey: without one rule"
    )
    return figure


@figure_style()
def draw_interpretable(points, curve, limits):
    """Position score against test AUROC of all networks, and where each method is safe.

    Parameters
    ----------
    points, curve, limits : pandas.DataFrame
        From `proofread.studies.interpretable`: `join_prediction`, `fit_curve` and
        `thresholds`.
    """
    method = fixed_method(points)
    if method is None:
        return message_panel(
            TWO_COLUMNS, 30, "no network has both a position score and a test AUROC"
        )
    figure, (left, right) = new_figure(
        TWO_COLUMNS, 80, columns=2, gridspec_kw={"width_ratios": [3, 2]}
    )
    some = points[points["method"] == method]
    fitted = curve[curve["method"] == method]
    left.fill_between(
        *(fitted["test_auroc"], fitted["ci_low"], fitted["ci_high"]),
        color=ACCENT,
        alpha=0.2,
        linewidth=0,
        label="95 % interval of the curve",
    )
    left.plot(
        *(fitted["test_auroc"], fitted["fitted"]),
        color=ACCENT,
        linewidth=1.4,
        label="isotonic fit",
    )
    for place, (rule, group) in enumerate(some.groupby("rule", sort=False)):
        left.plot(
            *(group["test_auroc"], group[POSITIONS], _MARKS[place % len(_MARKS)]),
            color=CATEGORIES[place % len(CATEGORIES)],
            fillstyle="none",
            ms=3,
            mew=0.7,
            label=rule,
        )
    left.axhline(REACHED, color=CONTEXT, linewidth=0.8)
    threshold = limits.loc[limits["method"] == method, "threshold"].iloc[0]
    if not np.isnan(threshold):
        label = f"threshold, {threshold:.3f}"
        left.axvline(threshold, color="black", linestyle=":", label=label)
    left.set_xlabel("test AUROC of the network")
    left.set_ylabel("position AUROC of the explanation")
    left.set_title(f"{method}, {len(some)} networks", loc="left")
    left.legend(
        **{"loc": "best", "handletextpad": 0.4, "alignment": "left"},
        **{"fontsize": 6, "title_fontsize": 6, "title": _random_labels(points)},
    )
    _draw_thresholds(right, limits, left.get_xlim())
    return figure


def _random_labels(points):
    """The test AUROCs of the networks without a point: nothing is to be found."""
    aurocs = points.loc[points["rule"] == NOTHING, "test_auroc"]
    if len(aurocs) == 0:
        return None
    lowest, highest = aurocs.min(), aurocs.max()
    return f"random labels, no points:\ntest AUROC {lowest:.3f} to {highest:.3f}"


def _draw_thresholds(axes, limits, limits_of_x):
    """From which test AUROC on each method reaches the score on nearly all networks."""
    for y, row in enumerate(limits.to_dict("records")):
        axes.plot([row["lowest"], row["highest"]], [y, y], **_BAR, color=_UNDEFINED)
        if np.isnan(row["threshold"]):
            text = without_threshold(row)
        else:
            axes.plot([row["threshold"], row["highest"]], [y, y], **_BAR, color=ACCENT)
            text = f"from {row['threshold']:.3f}: {row['reached']} of {row['above']}"
        axes.text(row["highest"], y - 0.25, text, ha="right", va="bottom", fontsize=6)
    axes.set_yticks(range(len(limits)), limits["method"])
    axes.set_ylim(len(limits) - 0.5, -0.8)
    axes.set_xlim(*limits_of_x)
    axes.set_xlabel("test AUROC")
    axes.set_title(
        f"where {100 * MIN_FRACTION:.0f} % of the networks reach {REACHED}", loc="left"
    )
