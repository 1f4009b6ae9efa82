"""Every score of every method, with its controls and ideal explainers."""

from proofread.job import start
from proofread.tables import write_table
from proofread.truth.scorecard import (
    collect_ideal_scores,
    collect_scores,
    draw_scorecard,
    join_controls,
    unused_motifs,
)


def main(job):
    """Collect, draw, write."""
    start(job)
    from proofread.figures.style import save_figure

    scorecard = join_controls(
        collect_scores(job.input.scores),
        collect_scores(job.input.controls),
        collect_ideal_scores(job.input.ideal),
        collect_scores(job.input.positive),
        {name: unused_motifs(item) for name, item in job.params.simulated.items()},
    )
    write_table(job.output.table, scorecard)
    save_figure(draw_scorecard(scorecard), job.output.figure)


if "snakemake" in globals():
    main(snakemake)
