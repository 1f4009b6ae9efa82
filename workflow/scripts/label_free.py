"""Which label-free number may be believed: rank correlations with the planted truth."""

from pathlib import Path

from proofread.atomic import atomic
from proofread.job import start
from proofread.progress import log
from proofread.studies.label_free import collect_points, rank_correlations
from proofread.studies.label_free_figure import draw_label_free
from proofread.studies.label_free_table import advice, markdown
from proofread.tables import write_table


def main(job):
    """Collect the numbers, correlate, write tables, Markdown and the figure."""
    start(job)
    from proofread.figures.style import save_figure

    points = collect_points(job.input.tables, job.input.scores)
    table = rank_correlations(points)
    write_table(job.output.points, points)
    write_table(job.output.table, table)
    with atomic(job.output.markdown) as temporary:
        Path(temporary).write_text(markdown(table), encoding="utf-8")
    save_figure(draw_label_free(table), job.output.figure)
    for text in advice(table).values():
        log.info("%s", text)


if "snakemake" in globals():
    main(snakemake)
