"""Finished runs side by side: a table, Markdown and a figure of what differs."""

from pathlib import Path

from proofread.atomic import atomic
from proofread.configuration.compare import PROVENANCE
from proofread.job import start
from proofread.progress import log
from proofread.studies.compare import (
    beyond_noise,
    compare_runs,
    differing_settings,
    read_scores,
)
from proofread.tables import read_table, write_table


def main(job):
    """Read, compare, write."""
    start(job)
    from proofread.figures.style import save_figure
    from proofread.studies.compare_table import draw_compare, markdown, sentences

    runs = job.params.runs
    table = compare_runs(runs, [read_scores(run) for run in runs])
    paths = [str(Path(run["folder"]) / PROVENANCE) for run in runs]
    provenances = [
        read_table(path, texts=("text",)) if path in run["tables"] else None
        for path, run in zip(paths, runs, strict=True)
    ]
    beyond = beyond_noise(table)
    log.info("%s", sentences(table, beyond))
    write_table(job.output.table, table)
    with atomic(job.output.markdown) as temporary:
        text = markdown(runs, table, beyond, differing_settings(runs, provenances))
        Path(temporary).write_text(text, encoding="utf-8")
    save_figure(draw_compare(table, beyond), job.output.figure)


if "snakemake" in globals():
    main(snakemake)
