"""Rule recovered: predict the rule of the data, and compare it with the true one."""

from pathlib import Path

from proofread.atomic import atomic
from proofread.job import start
from proofread.progress import log
from proofread.studies.recovered import TEST, collect_features
from proofread.studies.recovered_decision import (
    ALL_RULES,
    accuracy,
    confusion,
    fit_cuts,
    predict_rules,
)
from proofread.tables import write_table


def main(job):
    """Collect the features, fit the cuts, predict the rules, write."""
    start(job)
    from proofread.figures.style import save_figure
    from proofread.studies.recovered_table import draw_confusion, markdown

    tables = ("metrics", "tests", "gaps", "insertions", "spacing")
    paths = list(zip(*(getattr(job.input, name) for name in tables), strict=True))
    features = collect_features(paths, job.params.datasets, max_gap=job.params.max_gap)
    cuts = fit_cuts(features)
    predicted = predict_rules(features, cuts)
    confused, rates = confusion(predicted), accuracy(predicted, cuts)
    test = rates[(rates["half"] == TEST) & (rates["rules"] == ALL_RULES)]
    for row in test.itertuples():
        log.info("%s: %d of %d rules right", row.method, row.right, row.networks)
    for path, table in (
        (job.output.features, features),
        (job.output.cuts, cuts),
        (job.output.table, predicted),
        (job.output.confusion, confused),
        (job.output.accuracy, rates),
    ):
        write_table(path, table)
    with atomic(job.output.markdown) as temporary:
        text = markdown(features, cuts, confused, rates)
        Path(temporary).write_text(text, encoding="utf-8")
    save_figure(draw_confusion(confused, rates), job.output.figure)


if "snakemake" in globals():
    main(snakemake)
