"""What each method reaches on the positive controls, where nothing is trained."""

from pathlib import Path

from proofread.atomic import atomic
from proofread.configuration.positive_control import NO_ORACLE
from proofread.datasets.dataset import read_split
from proofread.errors import InputError
from proofread.job import start
from proofread.progress import log
from proofread.studies.positive_control import control_predictions, control_scores
from proofread.studies.positive_control_table import markdown
from proofread.studies.provenance import provenance
from proofread.tables import write_table
from proofread.truth.at_fault import ENOUGH
from proofread.truth.attainable import attainable_auroc
from proofread.truth.scorecard import unused_motifs


def main(job):
    """Collect the scores, compute what is attainable, write tables and Markdown."""
    start(job)
    simulated = job.params.simulated
    if not simulated:
        raise InputError(
            "the configuration",
            "no positive control",
            "positive_control: oracle, and a simulated dataset of a rule with one; the "
            f"rules {', '.join(NO_ORACLE)} have none",
            "add 'positive_control: oracle', and a dataset of another rule if there is "
            "none",
        )
    attainable = {}
    files = zip(simulated, job.input.datasets, job.input.splits, strict=True)
    for name, path, splits in files:
        test = read_split(path, splits, "test")
        for target in test.target:
            attainable[name, target] = attainable_auroc(test, target)
    rules = {name: settings["rule"] for name, settings in simulated.items()}
    unused = {name: unused_motifs(settings) for name, settings in simulated.items()}
    scores = control_scores(job.input.scores, job.input.ideal, unused, rules)
    predictions = control_predictions(job.input.metrics, attainable, rules)
    below = (scores["reached"] == 0).sum()
    log.info(
        "%d of %d scores are below %.0f %% of the ideal",
        below,
        len(scores),
        100 * ENOUGH,
    )
    write_table(job.output.table, scores)
    write_table(job.output.predictions, predictions)
    record = provenance(job.params.configuration, job.params.experiments)
    write_table(job.output.provenance, record)
    with atomic(job.output.markdown) as temporary:
        text = markdown(scores, predictions)
        Path(temporary).write_text(text, encoding="utf-8")


if "snakemake" in globals():
    main(snakemake)
