"""The figure of scores over seeds: means, intervals, and who is better."""

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
from proofread.truth.comparisons import BETTER, OPPOSITE, UNDECIDED, WORSE
from proofread.truth.headline import COMPARED, METHOD, PREDICTION, headline_name

MAX_PANELS = 24  # rows of panels; the layout of more takes minutes
_SIGNS = {BETTER: "+", WORSE: "−", UNDECIDED: "?"}
_COLOURS = {BETTER: ACCENT, WORSE: CATEGORIES[1], UNDECIDED: "#E4E6E5"}
_ROW, _AROUND = 5, 15  # mm of a method; of title and axis


@figure_style()
def draw_summary(headline, summary, comparisons):
    """Headline scores over seeds: a row of panels for each dataset, model and metric.

    Parameters
    ----------
    headline : pandas.DataFrame
        From `proofread.truth.headline.headline_scores`: a dot for each value.
    summary : pandas.DataFrame
        From `proofread.truth.summary.summarise`: means, intervals, bounds.
    comparisons : pandas.DataFrame
        From `proofread.truth.comparisons.compare`: the squares at the right.
    """
    keys = [*COMPARED, *METHOD, "motif", "target"]
    rows = headline[keys].drop_duplicates().merge(summary, on=keys)
    # How well networks predict is one panel.
    rows["panel"] = rows["metric"].where(~rows["metric"].isin(PREDICTION), "")
    rows = rows[rows["n"] > 0]
    panels = [
        (names, panel)
        for _, network in rows.groupby(["dataset", "model"], sort=False)
        for names, panel in network.groupby(["dataset", "model", "panel"], sort=False)
    ]
    if not panels:
        return message_panel(TWO_COLUMNS, 30, "there is no score of any network")
    shown = panels[:MAX_PANELS]
    heights = [_AROUND + _ROW * len(panel) for _, panel in shown]
    figure, axes = new_figure(
        TWO_COLUMNS,
        sum(heights),
        rows=len(shown),
        columns=2,
        squeeze=False,
        gridspec_kw={"height_ratios": heights, "width_ratios": [3, 1]},
    )
    for (forest, squares), ((dataset, model, metric), panel) in zip(
        axes, shown, strict=True
    ):
        panel = _ordered(panel)
        values = [_values(headline, row) for row in panel]
        pairs = comparisons[
            (comparisons[COMPARED] == [dataset, model, metric]).all(axis=1)
        ]
        verdicts = _verdicts(pairs, panel)
        _draw_forest(forest, panel, values, verdicts)
        subject = metric or "predictions of the test split"
        lower = ", lower is better" if metric and panel[0]["better"] == "lower" else ""
        title = f"{short_name(dataset)}, {short_name(model)}: {subject}{lower}"
        forest.set_title(title, loc="left")
        _draw_squares(squares, verdicts)
    if len(panels) > len(shown):
        figure.suptitle(
            f"the first {len(shown)} of {len(panels)} panels; summary.tsv has all",
            x=0.01,
            ha="left",
        )
    return figure


def _ordered(panel):
    """Rows from the best mean to the worst; predictions as they are."""
    rows = panel.to_dict("records")
    if rows[0]["metric"] in PREDICTION:
        return rows
    sign = {"higher": -1, "lower": 1}[rows[0]["better"]]
    return sorted(rows, key=lambda row: sign * row["mean"])


def _values(headline, row):
    """The value of each seed."""
    keys = [*COMPARED, *METHOD]
    same = (headline[keys] == [row[key] for key in keys]).all(axis=1)
    return headline.loc[same, "value"].to_numpy(dtype=float)


def _verdicts(pairs, panel):
    """The verdict about each row against each other row; None on the diagonal."""
    known = {}
    for pair in pairs.to_dict("records"):
        first, second = (
            tuple(pair[f"{side}_{name}"] for name in METHOD)
            for side in ("first", "second")
        )
        known[first, second] = pair["verdict"]
        known[second, first] = OPPOSITE[pair["verdict"]]
    names = [tuple(row[name] for name in METHOD) for row in panel]
    return [[known.get((row, column)) for column in names] for row in names]


def _draw_forest(axes, panel, values, verdicts):
    """Means with intervals, seeds, bounds, and the verdict against the first row."""
    prediction = panel[0]["metric"] in PREDICTION
    names = [
        row["metric"]
        if prediction
        else f"{headline_name(row['method'], row['variant'])}  {place}"
        for place, row in enumerate(panel, start=1)
    ]
    for y, (row, seeds) in enumerate(zip(panel, values, strict=True)):
        axes.plot([row["ci_low"], row["ci_high"]], [y, y], color=ACCENT, linewidth=2.2)
        axes.plot([row["mean"]] * 2, [y - 0.3, y + 0.3], color=ACCENT, linewidth=1.6)
        below = np.full(len(seeds), y + 0.25)
        axes.plot(seeds, below, "o", color="black", fillstyle="none", ms=2.5, mew=0.6)
        ends = [y - 0.4, y + 0.4]
        axes.plot([row["negative_control"]] * 2, ends, color=CONTEXT, linewidth=1.6)
        axes.plot([row["ideal_explainer"]] * 2, ends, ":", color="black")
        verdict = verdicts[y][0]
        said = f"{verdict} than 1" if verdict in (BETTER, WORSE) else verdict or ""
        if row["n"] == 1:
            said = "one seed"
        # On the right of the axes, in their fraction.
        axes.text(1.01, y, said, transform=axes.get_yaxis_transform(), va="center")
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.grid(axis="x", linewidth=0.4, alpha=0.5)
    axes.set_xlim(*_limits(axes))
    axes.set_xlabel("score, mean over seeds with 95 % interval")


def _limits(axes):
    """All that is drawn; where the seeds are within 0 and 1, no more than that."""
    lines = {line: np.asarray(line.get_xdata(), dtype=float) for line in axes.lines}
    every = np.concatenate(list(lines.values()))
    low, high = np.nanmin(every), np.nanmax(every)
    dots = [x for line, x in lines.items() if line.get_marker() == "o"]
    if np.nanmin(np.concatenate(dots)) >= 0 and np.nanmax(np.concatenate(dots)) <= 1:
        # The t interval of few seeds may reach far beyond.
        low, high = max(low, 0), min(high, 1)
    margin = 0.03 * (high - low) or 0.05
    return low - margin, high + margin


def _draw_squares(axes, verdicts):
    """Each row's method against each column's: colour and sign of the verdict."""
    if not any(cell for row in verdicts for cell in row):
        axes.set_axis_off()
        return
    from matplotlib.colors import ListedColormap

    names = list(_SIGNS)
    cells = [
        [np.nan if cell is None else names.index(cell) for cell in row]
        for row in verdicts
    ]
    colours = ListedColormap([_COLOURS[name] for name in names])
    axes.imshow(cells, cmap=colours, vmin=-0.5, vmax=2.5, aspect="auto")
    for y, row in enumerate(verdicts):
        for x, cell in enumerate(row):
            if cell is not None:
                colour = "white" if cell == BETTER else "black"
                axes.text(x, y, _SIGNS[cell], color=colour, ha="center", va="center")
    numbers = range(1, len(verdicts) + 1)
    axes.set_xticks(range(len(verdicts)), numbers)
    axes.set_yticks(range(len(verdicts)), numbers)
    axes.tick_params(length=0)
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.set_title("+ better, − worse, ? undecided", loc="right", fontsize=6.5)
