"""Published scores beside ours, as Markdown and as a figure."""

from textwrap import fill

import numpy as np

from proofread.figures.style import (
    ACCENT,
    CONTEXT,
    TWO_COLUMNS,
    figure_style,
    new_figure,
)
from proofread.studies.published import NETWORK, SCORE, count_verdicts
from proofread.tables import DIGITS

HEADER = (
    *("network", "score", "published", "ours", "n"),
    *("best runs", "negative control", "ideal", "verdict"),
)
_TITLE = 71  # characters of a title's line
# Of tables that compare with another variant of the score.
PAIRED = ("compared with", "same networks", "difference (95 % interval)")


def markdown(table, runs):
    """The comparison as Markdown: a table for each published one.

    Where a published number is of the best runs, a second table shows every run.

    Parameters
    ----------
    table, runs : pandas.DataFrame
        From `proofread.studies.published`: `compare_with_published` and `each_run`.

    Returns
    -------
    str
        Numbers have the digits of the published one; a gap is an empty cell.
    """
    parts = []
    for title, rows in table.groupby("table", sort=False):
        paired = (rows["compared_with"] != "").any()
        header = [*HEADER, *PAIRED] if paired else HEADER
        lines = [f"### {title}", "", _line(header), _line(["---"] * len(header))]
        for name, row in zip(network_names(rows), rows.to_dict("records"), strict=True):
            lines.append(
                _line([name, *_cells(row), *(_paired_cells(row) if paired else [])])
            )
        lines += ["", count_verdicts(rows), ""]
        of_best = runs[(runs["table"] == title) & runs["best"].notna()]
        if len(of_best):
            lines += _run_lines(rows, of_best)
        parts.append("\n".join(lines))
    return "\n".join(parts)


def _run_lines(rows, runs):
    """Every run of the scores of a table, the best ones in bold."""
    seeds = sorted(set(runs["seed"]))
    header = ["network", "score", *(f"seed {seed}" for seed in seeds)]
    lines = ["Every run; the best runs by test AUPRC are in bold:", ""]
    lines += [_line(header), _line(["---"] * len(header))]
    for name, row in zip(network_names(rows), rows.to_dict("records"), strict=True):
        same = runs[[*NETWORK, *SCORE]] == [row[key] for key in (*NETWORK, *SCORE)]
        cells = dict.fromkeys(seeds, "")
        for run in runs[same.all(axis=1)].to_dict("records"):
            text = number(run["value"], _digits(row))
            cells[run["seed"]] = f"**{text}**" if run["best"] else text
        lines.append(_line([name, row["score"], *cells.values()]))
    return [*lines, ""]


def _line(cells):
    return "| " + " | ".join(cells) + " |"


def _digits(row):
    return round(-np.log10(2 * row["rounding"]))


def _paired_cells(row):
    digits = _digits(row)
    difference, low, high = (
        number(row[name], digits)
        for name in ("difference", "difference_low", "difference_high")
    )
    return [
        row["compared_with"],
        with_spread(row["compared_mean"], row["compared_sd"], digits),
        f"{difference} ({low} to {high})" if low else difference,
    ]


def _cells(row):
    digits = _digits(row)
    best = ""
    if not np.isnan(row["best_runs"]):
        best = f"{number(row['best_mean'], digits)} ({row['best_runs']:.0f})"
    return [
        row["score"],
        with_spread(row["published"], row["published_sd"], digits),
        with_spread(row["mean"], row["sd"], digits),
        str(row["n"]),
        best,
        number(row["negative_control"], digits),
        number(row["ideal_explainer"], digits),
        row["verdict"],
    ]


def network_names(rows):
    """Models, with their datasets where there are several."""
    if rows["dataset"].nunique() == 1:
        return list(rows["model"])
    return list(rows["dataset"] + ", " + rows["model"])


def number(value, digits=3):
    """So many digits after the point, never -0.000; nothing for NaN.

    Rounded from the digits that a table has, so that the Markdown of a table that is
    read again is the same.
    """
    if np.isnan(value):
        return ""
    return f"{round(float(f'{value:.{DIGITS}g}'), digits) + 0.0:.{digits}f}"


def with_spread(mean, sd, digits):
    """``mean ± sd``; the mean alone where there is no sd."""
    return " ± ".join(filter(None, [number(mean, digits), number(sd, digits)]))


@figure_style()
def draw_published(table):
    """Each score as a row: published in grey, ours in colour, both with their sd.

    A thin grey line is the negative control, a dotted one the ideal explainer.
    """
    groups = list(table.groupby("table", sort=False))
    heights = [4 * len(rows) + 14 for _, rows in groups]
    figure, panels = new_figure(
        TWO_COLUMNS,
        sum(heights),
        rows=len(groups),
        squeeze=False,
        gridspec_kw={"height_ratios": heights},
    )
    for axes, (title, rows) in zip(panels[:, 0], groups, strict=True):
        for y, row in enumerate(rows.to_dict("records")):
            _draw_row(axes, y, row)
        names = [
            f"{name}: {score}"
            for name, score in zip(network_names(rows), rows["score"], strict=True)
        ]
        axes.set_yticks(range(len(rows)), names)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_title(fill(title, _TITLE), loc="left")
        axes.grid(axis="x", linewidth=0.4, alpha=0.5)
        axes.set_xlabel("score; mean and standard deviation over networks")
    return figure


def _draw_row(axes, y, row):
    ours = row["mean"] if np.isnan(row["best_runs"]) else row["best_mean"]
    for offset, colour, value, sd in (
        (-0.15, CONTEXT, row["published"], row["published_sd"]),
        (0.15, ACCENT, ours, row["sd"]),
    ):
        spread = 0 if np.isnan(sd) else sd
        at = y + offset
        axes.plot([value - spread, value + spread], [at, at], color=colour)
        axes.plot(value, at, "o", color=colour, ms=3)
    ends = [y - 0.4, y + 0.4]
    axes.plot([row["negative_control"]] * 2, ends, color=CONTEXT, linewidth=0.8)
    axes.plot([row["ideal_explainer"]] * 2, ends, ":", color="black")
    axes.text(
        *(1.01, y, row["verdict"]),
        transform=axes.get_yaxis_transform(),
        va="center",
    )
