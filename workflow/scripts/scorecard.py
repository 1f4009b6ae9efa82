"""Every score of every method, network and dataset in one table."""

from pathlib import Path

import pandas as pd

from proofread.job import start
from proofread.tables import SCORE_COLUMNS, read_table, write_table

COLUMNS = ["dataset", "model", "seed", "method", *SCORE_COLUMNS]


def collect_scores(paths):
    """Join score tables; where each comes from is said by its folders.

    Parameters
    ----------
    paths : iterable of str or path
        ``.../{dataset}/{model}/seed{seed}/{method}/score.tsv``.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`, in the order of `paths`. A dataset without truth has no scores
        and adds no row.
    """
    tables = [pd.DataFrame(columns=COLUMNS)]
    for path in map(Path, paths):
        dataset, model, seed, method = path.parts[-5:-1]
        table = read_table(path)
        table.insert(0, "dataset", dataset)
        table.insert(1, "model", model)
        table.insert(2, "seed", seed.removeprefix("seed"))
        table.insert(3, "method", method)
        if len(table):
            tables.append(table[COLUMNS])
    # An empty table in front would turn the numbers' columns into objects.
    return pd.concat(tables[1:] or tables, ignore_index=True)


def draw_scorecard(scorecard):
    """Seeds as dots with their intervals: a panel per dataset, a row per score."""
    from proofread.figures import ACCENT, TWO_COLUMNS, new_figure

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


def main(job):
    """Collect, draw, write."""
    start(job)
    from proofread.figures import save_figure

    scorecard = collect_scores(job.input.scores)
    write_table(job.output.table, scorecard)
    save_figure(draw_scorecard(scorecard), job.output.figure)


if "snakemake" in globals():
    main(snakemake)
