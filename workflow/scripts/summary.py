"""Scores over seeds: means with intervals, ranks, and which method is better."""

from proofread.job import start
from proofread.tables import read_table, write_table
from proofread.truth.comparisons import compare, rank
from proofread.truth.headline import headline_scores
from proofread.truth.summary import collect_networks, join_scores, summarise


def main(job):
    """Collect, summarise, compare, draw, write."""
    start(job)
    from proofread.figures.style import save_figure
    from proofread.truth.summary_figure import draw_summary

    networks, of_networks = collect_networks(job.input.metrics)
    scores = join_scores(of_networks, read_table(job.input.scorecard))
    headline = headline_scores(scores)
    comparisons = compare(headline)
    ranks = rank(headline, comparisons)
    summary = summarise(scores, headline, ranks, networks)
    write_table(job.output.table, summary)
    write_table(job.output.comparisons, comparisons)
    save_figure(draw_summary(headline, summary, comparisons), job.output.figure)


if "snakemake" in globals():
    main(snakemake)
