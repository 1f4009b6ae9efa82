"""Published scores and ours, as Markdown and as a figure."""

from textwrap import fill

import numpy as np
import pandas as pd

from proofread.figures.style import (
    ACCENT,
    CONTEXT,
    TWO_COLUMNS,
    figure_style,
    new_figure,
)
from proofread.studies.markdown import grid, number, signed, with_spread
from proofread.studies.published import NETWORK, SCORE, count_verdicts
from proofread.tables import UNBOUNDED_METRICS

KEY = ["table", *NETWORK, *SCORE, "score"]  # of a published score
SDS = "ours - published, in sd"
_TITLE = 71  # characters of a title's line
_ROW, _MARGINS, _LEGEND = 4.2, 16, 10  # mm
# How the figure shows a mean with its sd, a network, and a bound of the score.
_PUBLISHED = {"color": "black", "marker": "o", "markerfacecolor": "white", "ms": 3.5}
_OURS = {"color": ACCENT, "marker": "o", "ms": 3.5}
_NETWORK = {"color": ACCENT, "marker": "|", "ms": 4, "mew": 0.6, "linestyle": ""}
# By column of the table: what the legend calls it, and its line.
_BOUNDS = {
    "negative_control": ("negative control", {"color": CONTEXT, "linewidth": 1.2}),
    "chance": (
        "chance (no negative control)",
        {"color": CONTEXT, "linewidth": 1.2, "linestyle": (0, (2, 1.5))},
    ),
    "ideal": ("ideal", {"color": "black", "linestyle": ":"}),
}


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
        Numbers have the digits of the published one; a gap is an empty cell. A column
        without any cell is left out. A variant that is compared with is called by the
        name that the tables have for it, if they have another than the row's own.
    """
    parts = []
    for title, rows in table.groupby("table", sort=False):
        near_first = pd.concat([rows, table]).drop_duplicates(SCORE)
        named = near_first.set_index(SCORE)["score"]
        names = zip(network_names(rows), rows.to_dict("records"), strict=True)
        cells = [{"network": name} | _cells(row, named) for name, row in names]
        header = [name for name in cells[0] if any(row[name] for row in cells)]
        rows_of = ([row[name] for name in header] for row in cells)
        lines = [f"### {title}", "", grid(header, rows_of)]
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
    lines = []
    for name, row in zip(network_names(rows), rows.to_dict("records"), strict=True):
        cells = dict.fromkeys(seeds, "")
        for run in _runs_of(row, runs).to_dict("records"):
            text = number(run["value"], _digits(row))
            cells[run["seed"]] = f"**{text}**" if run["best"] else text
        lines.append([name, score_name(row), *cells.values()])
    text = "Every run; the best runs by test AUPRC (mean over targets) are in bold:"
    return [text, "", grid(header, lines), ""]


def _runs_of(row, runs):
    """The runs of a score."""
    return runs[(runs[KEY] == [row[name] for name in KEY]).all(axis=1)]


def _digits(row):
    return round(-np.log10(2 * row["rounding"]))


def _cells(row, named):
    digits = _digits(row)
    variant = row["compared_with"]
    name = named.get((row["method"], row["metric"], variant), variant)
    other = name if variant and name != row["score"] else variant
    best = control = ""
    if not np.isnan(row["best_mean"]):
        mean = with_spread(row["best_mean"], row["best_sd"], digits)
        best = f"{mean} ({row['best_runs']:.0f})"
    if not np.isnan(row["negative_control"]):
        control = number(row["negative_control"], digits)
    elif not np.isnan(row["chance"]):
        control = f"{number(row['chance'], digits)} (chance)"
    difference, low, high = (
        number(row[name], digits)
        for name in ("difference", "difference_low", "difference_high")
    )
    return {
        "score": score_name(row),
        "published": with_spread(row["published"], row["published_sd"], digits),
        "ours": with_spread(row["mean"], row["sd"], digits),
        "n": str(row["n"]),
        "best runs": best,
        SDS: signed(row["published_sds"]),
        "negative control": control,
        "ideal": number(row["ideal"], digits),
        "verdict": row["verdict"],
        "compared with": other,
        "same networks": with_spread(row["compared_mean"], row["compared_sd"], digits),
        "difference (95 % interval)": (
            f"{difference} ({low} to {high})" if low else difference
        ),
    }


def score_name(row):
    """A score, and whether lower is better."""
    lower = row["better"] == "lower"
    return f"{row['score']} (lower is better)" if lower else row["score"]


def network_names(rows):
    """Models, with their datasets where there are several."""
    if rows["dataset"].nunique() == 1:
        return list(rows["model"])
    return list(rows["dataset"] + ", " + rows["model"])


@figure_style()
def draw_published(table, runs):
    """Each score as a row below its network's name.

    White dots are published means, dots in colour ours or those of our best runs, both
    with the standard deviation of the same networks. Each of our networks is a tick.
    Scores that are no fraction have a panel of their own.

    Parameters
    ----------
    table, runs : pandas.DataFrame
        As for `markdown`.
    """
    unbounded = table["metric"].isin(UNBOUNDED_METRICS)
    groups = [rows for _, rows in table.groupby(["table", unbounded], sort=False)]
    panels = [_lines_of(rows) for rows in groups]
    heights = [_ROW * len(lines) + _MARGINS for lines in panels]
    figure, axes = new_figure(
        TWO_COLUMNS,
        sum(heights) + _LEGEND,
        rows=len(groups),
        squeeze=False,
        gridspec_kw={"height_ratios": heights},
    )
    for panel, rows, lines in zip(axes[:, 0], groups, panels, strict=True):
        _draw_panel(panel, lines, runs)
        panel.set_title(fill(rows["table"].iloc[0], _TITLE), loc="left")
    figure.legend(handles=_legend(table), loc="outside lower center", ncols=3)
    return figure


def _lines_of(rows):
    """A network's name, then its scores; the next network."""
    lines = []
    names = np.array(network_names(rows))
    for name, of_network in rows.groupby(names, sort=False):
        lines += [name, *of_network.to_dict("records")]
    return lines


def _draw_panel(axes, lines, runs):
    for y, line in enumerate(lines):
        if isinstance(line, str):
            axes.axhline(y - 0.5, color=CONTEXT, linewidth=0.4)
        else:
            _draw_row(axes, y, line, _runs_of(line, runs)["value"])
    texts = [line if isinstance(line, str) else score_name(line) for line in lines]
    axes.set_yticks(range(len(lines)), texts)
    for label, line in zip(axes.get_yticklabels(), lines, strict=True):
        label.set_fontweight("bold" if isinstance(line, str) else "normal")
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(lines) - 0.5, -0.5)
    axes.grid(axis="x", linewidth=0.4, alpha=0.5)
    axes.set_xlabel("score")


def _draw_row(axes, y, row, values):
    for name in _bounds(row):
        axes.plot([row[name]] * 2, [y - 0.45, y + 0.45], **_BOUNDS[name][1])
    of_best = not np.isnan(row["best_runs"])
    mean, sd = ("best_mean", "best_sd") if of_best else ("mean", "sd")
    for offset, style, value, spread in (
        (-0.2, _PUBLISHED, row["published"], row["published_sd"]),
        (0.08, _OURS, row[mean], row[sd]),
    ):
        half = 0 if np.isnan(spread) else spread
        at = y + offset
        axes.plot([value - half, value + half], [at, at], color=style["color"])
        axes.plot(value, at, **style)
    axes.plot(values, [y + 0.34] * len(values), **_NETWORK)
    sds = signed(row["published_sds"])
    axes.text(
        *(1.01, y, f"{row['verdict']} ({sds} sd)" if sds else row["verdict"]),
        transform=axes.get_yaxis_transform(),
        va="center",
    )


def _bounds(row):
    """Columns of a row: the negative control or chance, and the ideal, if any."""
    without = np.isnan(row["negative_control"])
    columns = ("chance" if without else "negative_control", "ideal")
    return [name for name in columns if not np.isnan(row[name])]


def _legend(table):
    """The marks of the rows."""
    from matplotlib.lines import Line2D

    ours = "our best runs" if table["best_runs"].notna().any() else "ours"
    drawn = {name for row in table.to_dict("records") for name in _bounds(row)}
    marks = [
        ("published, mean and sd", _PUBLISHED),
        (f"{ours}, mean and sd", _OURS),
        ("each of our networks", _NETWORK),
        *(mark for name, mark in _BOUNDS.items() if name in drawn),
    ]
    return [Line2D([], [], label=label, **style) for label, style in marks]
