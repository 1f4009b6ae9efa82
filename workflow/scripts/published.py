"""Published scores and those of our networks: a table, Markdown and a figure."""

from pathlib import Path

import pandas as pd

from proofread.atomic import atomic
from proofread.job import start
from proofread.progress import log
from proofread.studies.published import (
    compare_with_published,
    count_verdicts,
    each_run,
    pooled_auprc,
    read_published,
)
from proofread.tables import read_table, write_table
from proofread.truth.summary import collect_networks, join_scores, networks_of


def main(job):
    """Collect our scores, compare, write."""
    start(job)
    from proofread.figures.style import save_figure
    from proofread.studies.published_table import draw_published, markdown

    networks, of_networks = collect_networks(job.input.metrics)
    pooled = pooled_auprc(job.input.predictions)
    scores = join_scores(
        pd.concat([of_networks, pooled], ignore_index=True),
        read_table(job.input.scorecard),
    )
    published = read_published(job.input.published, networks_of(networks))
    table = compare_with_published(scores, published)
    runs = each_run(scores, published)
    for title, rows in table.groupby("table", sort=False):
        log.info("%s: %s", title, count_verdicts(rows))
    write_table(job.output.table, table)
    write_table(job.output.runs, runs)
    with atomic(job.output.markdown) as temporary:
        Path(temporary).write_text(markdown(table, runs), encoding="utf-8")
    save_figure(draw_published(table, runs), job.output.figure)


if "snakemake" in globals():
    main(snakemake)
