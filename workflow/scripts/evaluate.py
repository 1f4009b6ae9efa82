"""How well a network predicts the test split, compared with GC content and 6-mers."""

import json

from proofread.atomic import atomic
from proofread.datasets.dataset import read_split
from proofread.figures.curves import draw_curves
from proofread.figures.style import save_figure
from proofread.job import start
from proofread.models.checkpoint import load_predictor
from proofread.statistics.evaluation import as_nested, curves, evaluate
from proofread.statistics.predictions import DIGITS, prediction_rows
from proofread.tables import read_table, write_table


def main(job):
    """Predict the test split, measure, draw."""
    start(job)
    test = read_split(job.input.dataset, job.input.splits, "test", incomplete=True)
    predictor = load_predictor(job.input.model, job.params.device)
    logits = predictor.predict(test.index, names=test.name)
    network = prediction_rows(test, logits)
    write_table(job.output.predictions, network, digits=DIGITS)
    # Measured on what was written, so that the table gives the same numbers.
    baselines = read_table(job.input.baselines)
    predictions = {"network": read_table(job.output.predictions)}
    predictions.update(iter(baselines.groupby("predictor", sort=True)))
    hard = {
        name
        for name, stratum in zip(test.name, test.stratum, strict=True)
        if stratum == "hard_negative"
    }
    metrics = evaluate(
        predictions,
        hard,
        resamples=job.params.evaluation["resamples"],
        seed=job.params.evaluation["seed"],
    )
    write_table(job.output.metrics, metrics)
    with (
        atomic(job.output.summary) as temporary,
        open(temporary, "w", encoding="utf-8") as file,
    ):
        json.dump(as_nested(metrics), file, indent=1)
        file.write("\n")
    points = curves(predictions)
    write_table(job.output.curves, points)
    for curve in ("roc", "precision_recall", "calibration"):
        save_figure(draw_curves(points, metrics, curve), job.output[curve])


if "snakemake" in globals():
    main(snakemake)
