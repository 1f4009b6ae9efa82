"""Every score next to its negative controls and the ideal explainer's."""

import re
from pathlib import Path

import numpy as np
import pandas as pd

from proofread.configuration.negative_controls import KINDS, lower_is_better
from proofread.figures.style import figure_style
from proofread.tables import SCORE_COLUMNS, read_table

# Networks that know nothing, and numbers drawn at random.
FLOORS = [*(f"floor_{kind}" for kind in KINDS), "floor_random"]
REFERENCES = ["reference_log_odds", "reference_scan"]
COLUMNS = [
    *("dataset", "model", "seed", "method"),
    *SCORE_COLUMNS,
    *("floor", "reference"),
    *FLOORS,
    *REFERENCES,
]
_ORIGIN = ["dataset", "model", "seed", "method"]
# References know these scores only; a method may put a word of its own in front.
_OF_POSITIONS = re.compile(r"position_auroc_.*")


def collect_scores(paths):
    """Join score tables; where each comes from is said by its folders.

    Parameters
    ----------
    paths : iterable of str or path
        ``.../{dataset}/{model}/seed{seed}/{method}/score.tsv``.

    Returns
    -------
    pandas.DataFrame
        dataset, model, seed, method and `SCORE_COLUMNS`, in the order of `paths`. A
        dataset without truth has no scores and adds no row.
    """
    columns = [*_ORIGIN, *SCORE_COLUMNS]
    tables = [pd.DataFrame(columns=columns)]
    for path in map(Path, paths):
        dataset, model, seed, method = path.parts[-5:-1]
        table = read_table(path)
        table.insert(0, "dataset", dataset)
        table.insert(1, "model", model)
        table.insert(2, "seed", seed.removeprefix("seed"))
        table.insert(3, "method", method)
        if len(table):
            tables.append(table[columns])
    # An empty table in front would turn the numbers' columns into objects.
    return pd.concat(tables[1:] or tables, ignore_index=True)


def join_floors(scores, floors, references):
    """Put beside each score what networks that know nothing, and ideal ones, reach.

    Parameters
    ----------
    scores, floors : pandas.DataFrame
        From `collect_scores`; the models of floors are named ``{model}.{kind}``.
    references : pandas.DataFrame
        dataset, reference (`log_odds`, `scan` or `random`), metric and value.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`. The floor is the best of the floors there are (the highest, or, of
        errors and ranks, the lowest), the reference that of the planted matrices'
        log-odds.
    """
    known = {
        (row.dataset, row.model, row.method, row.metric): row.value
        for row in floors.itertuples()
    }
    ideal = {
        (row.dataset, row.reference, row.metric): row.value
        for row in references.itertuples()
    }
    rows = []
    for row in scores.to_dict("records"):
        for kind in KINDS:
            key = (row["dataset"], f"{row['model']}.{kind}", row["method"])
            row[f"floor_{kind}"] = known.get((*key, row["metric"]), np.nan)
        named = _OF_POSITIONS.search(row["metric"])
        for name, column in (
            ("random", "floor_random"),
            ("log_odds", "reference_log_odds"),
            ("scan", "reference_scan"),
        ):
            key = (row["dataset"], name, named and named.group())
            row[column] = ideal.get(key, np.nan)
        best = min if lower_is_better(row["metric"]) else max
        found = [row[column] for column in FLOORS if not np.isnan(row[column])]
        row["floor"] = best(found, default=np.nan)
        row["reference"] = row["reference_log_odds"]
        rows.append(row)
    return pd.DataFrame(rows, columns=COLUMNS)


def read_references(paths):
    """Join the scores of references; the dataset is said by the folder.

    Parameters
    ----------
    paths : iterable of str or path
        ``.../{dataset}/references/score.tsv``.
    """
    tables = [read_table(path).assign(dataset=Path(path).parts[-3]) for path in paths]
    columns = ["dataset", "reference", "metric", "value"]
    return pd.concat([pd.DataFrame(columns=columns), *tables], ignore_index=True)


@figure_style()
def draw_scorecard(scorecard):
    """Seeds as dots with their intervals: a panel per dataset, a row per score.

    A grey line is the floor, a dotted one the reference.
    """
    from proofread.figures.style import ACCENT, CONTEXT, TWO_COLUMNS, new_figure

    # Counts and other quantities have no place on an axis of 0 to 1.
    groups = scorecard.groupby(["dataset", "method", "metric"], sort=False)
    shares = groups.filter(lambda rows: rows["value"].dropna().between(0, 1).all())
    datasets = list(shares["dataset"].unique())
    rows = [shares[shares["dataset"] == each] for each in datasets]
    scores = [
        list(each.groupby(["method", "metric", "model"], sort=False)) for each in rows
    ]
    tall = [max(1, len(each)) for each in scores] or [1]
    figure, axes = new_figure(
        TWO_COLUMNS,
        14 + sum(7 * each + 8 for each in tall),
        rows=len(tall),
        squeeze=False,
        sharex=True,
        gridspec_kw={"height_ratios": tall},
    )
    for panel, dataset, groups in zip(axes[:, 0], datasets, scores, strict=False):
        for place, (_, seeds) in enumerate(groups):
            step = 0.6 / len(seeds)
            for index, row in enumerate(seeds.itertuples()):
                y = place + (index - (len(seeds) - 1) / 2) * step
                panel.plot([row.ci_low, row.ci_high], [y, y], color=ACCENT)
                panel.plot(row.value, y, "o", color=ACCENT, fillstyle="none", ms=4)
            # Floors and references are the same for all seeds.
            around = [place - 0.4, place + 0.4]
            first = seeds.iloc[0]
            panel.plot([first["floor"]] * 2, around, color=CONTEXT, linewidth=1.6)
            panel.plot([first["reference"]] * 2, around, ":", color="black")
        panel.set_yticks(
            range(len(groups)),
            [_name(*names, shares["model"].nunique() > 1) for names, _ in groups],
        )
        panel.set_ylim(len(groups) - 0.5, -0.5)
        panel.set_title(dataset, loc="left")
        panel.grid(axis="x", linewidth=0.4, alpha=0.5)
    axes[-1, 0].set_xlim(-0.02, 1.02)
    axes[-1, 0].set_xlabel("score, or share, from 0 to 1")
    if not datasets:
        axes[0, 0].set_yticks([])
        axes[0, 0].set_title("no truth is known, so nothing is scored")
    return figure


def _name(method, metric, model, several_models):
    name = f"{method}: {metric}"
    return f"{name}, {model}" if several_models else name
