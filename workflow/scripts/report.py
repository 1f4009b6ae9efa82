"""The report: every table and figure of a run on one page that opens offline."""

from pathlib import Path

from proofread.atomic import atomic
from proofread.job import start
from proofread.report.page import page
from proofread.report.results import Results


def main(job):
    """Read, render, write."""
    start(job)
    results = Results(Path(job.output.page).parent, job.input)
    text = page(results, job.params.experiments, job.params.configuration)
    with atomic(job.output.page) as temporary:
        Path(temporary).write_text(text, encoding="utf-8")


if "snakemake" in globals():
    main(snakemake)
