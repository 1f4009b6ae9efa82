"""The leaderboard of a study: scores, ranks, and when one may interpret."""

from pathlib import Path

from proofread.atomic import atomic
from proofread.job import start
from proofread.progress import log
from proofread.studies.interpretable import (
    by_rule,
    fit_curve,
    join_prediction,
    thresholds,
)
from proofread.studies.leaderboard import (
    NOTHING,
    board_scores,
    leaderboard,
    network_aurocs,
)
from proofread.studies.leaderboard_ranks import (
    count_wins,
    mean_ranks,
    preferences,
    ranks_without_mean,
)
from proofread.tables import read_table, write_table
from proofread.truth.comparisons import compare
from proofread.truth.headline import WITHOUT_MEAN
from proofread.truth.summary import collect_networks, join_scores


def main(job):
    """Collect the scores, rank and compare, write tables, Markdown and figures."""
    start(job)
    from proofread.figures.style import save_figure
    from proofread.studies.leaderboard_figure import (
        draw_interpretable,
        draw_leaderboard,
        draw_ranks,
    )
    from proofread.studies.leaderboard_table import markdown

    rules = job.params.rules
    networks, of_networks = collect_networks(job.input.metrics)
    scores = join_scores(of_networks, read_table(job.input.scorecard))
    rows = board_scores(scores, rules)
    board, ranks = leaderboard(rows), mean_ranks(rows)
    plain = ranks_without_mean(board_scores(scores, rules, answers=WITHOUT_MEAN), rows)
    comparisons = compare(rows[rows["rule"] != NOTHING])
    wins, preferred = count_wins(comparisons), preferences(comparisons, rules)
    points = join_prediction(rows, network_aurocs(scores, rules))
    curve, limits = fit_curve(points), thresholds(points)
    limits_by_rule = by_rule(points, limits)
    log.info("%d methods on %d networks", board["method"].nunique(), len(set(networks)))
    for path, table in (
        (job.output.table, board),
        (job.output.ranks, ranks),
        (job.output.ranks_without_mean, plain),
        (job.output.wins, wins),
        (job.output.preferences, preferred),
        (job.output.interpretable, points),
        (job.output.curve, curve),
        (job.output.thresholds, limits),
        (job.output.by_rule, limits_by_rule),
    ):
        write_table(path, table)
    with atomic(job.output.markdown) as temporary:
        text = markdown(
            board, ranks, plain, wins, preferred, points, limits, limits_by_rule
        )
        Path(temporary).write_text(text, encoding="utf-8")
    save_figure(draw_leaderboard(board, ranks), job.output.figure)
    save_figure(draw_ranks(ranks), job.output.ranks_figure)
    save_figure(
        draw_interpretable(points, curve, limits), job.output.interpretable_figure
    )


if "snakemake" in globals():
    main(snakemake)
