"""Every score of every method in one table, beside its floor and its reference."""

from proofread.job import start
from proofread.tables import write_table
from proofread.truth.scorecard import (
    collect_scores,
    draw_scorecard,
    join_floors,
    read_references,
)


def main(job):
    """Collect, draw, write."""
    start(job)
    from proofread.figures.style import save_figure

    scorecard = join_floors(
        collect_scores(job.input.scores),
        collect_scores(job.input.floors),
        read_references(job.input.references),
    )
    write_table(job.output.table, scorecard)
    save_figure(draw_scorecard(scorecard), job.output.figure)


if "snakemake" in globals():
    main(snakemake)
