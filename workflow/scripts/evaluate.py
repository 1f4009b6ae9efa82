"""How well a network predicts the test split, compared with GC content and 6-mers."""

import json

from proofread.atomic import atomic
from proofread.datasets.dataset import read_split
from proofread.dna.composition import gc_content
from proofread.figures.curves import draw_curves
from proofread.figures.quantities import draw_measured_predicted, draw_residuals
from proofread.figures.style import save_figure
from proofread.job import start
from proofread.models.checkpoint import load_predictor
from proofread.statistics.evaluation import as_nested, curves, evaluate
from proofread.statistics.predictions import DIGITS, prediction_rows, quantity_rows
from proofread.statistics.quantities import (
    NOISE_CEILING,
    evaluate_quantities,
    residuals,
)
from proofread.tables import read_table, write_table


def main(job):
    """Predict the test split, measure, draw."""
    start(job)
    test = read_split(job.input.dataset, job.input.splits, "test")
    predictor = load_predictor(job.input.model, job.params.device)
    predicted = predictor.predict(test.index, names=test.name)
    rows_of = quantity_rows if test.quantitative else prediction_rows
    network = rows_of(test, predicted)
    write_table(job.output.predictions, network, digits=DIGITS)
    # Measured on what was written, so that the table gives the same numbers.
    baselines = read_table(job.input.baselines)
    predictions = {"network": read_table(job.output.predictions)}
    predictions.update(iter(baselines.groupby("predictor", sort=True)))
    measure = quantities if test.quantitative else classes
    metrics = measure(job, test, predictions)
    write_table(job.output.metrics, metrics)
    with (
        atomic(job.output.summary) as temporary,
        open(temporary, "w", encoding="utf-8") as file,
    ):
        json.dump(as_nested(metrics), file, indent=1)
        file.write("\n")


def classes(job, test, predictions):
    """Metrics of classes; their curves, as a table and figures."""
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
    points = curves(predictions)
    write_table(job.output.curves, points)
    for curve in ("roc", "precision_recall", "calibration"):
        save_figure(draw_curves(points, metrics, curve), job.output[curve])
    return metrics


def quantities(job, test, predictions):
    """Metrics of quantities; measured values, and residuals, in figures."""
    if test.noiseless is not None:
        predictions[NOISE_CEILING] = quantity_rows(test, test.noiseless)
    # The targets in the dataset's order, whatever the first sequences lack.
    order = {target: position for position, target in enumerate(test.target)}
    predictions = {
        name: table.sort_values(
            "target", key=lambda names: names.map(order), kind="stable"
        )
        for name, table in predictions.items()
    }
    metrics = evaluate_quantities(
        predictions,
        resamples=job.params.evaluation["resamples"],
        seed=job.params.evaluation["seed"],
    )
    network = predictions["network"]
    gc = dict(zip(test.name, gc_content(test.index), strict=True))
    table = residuals(network, gc)
    write_table(job.output.residuals, table, digits=DIGITS)
    save_figure(
        draw_measured_predicted(network, metrics), job.output.measured_predicted
    )
    save_figure(draw_residuals(table), job.output.residuals_figure)
    return metrics


if "snakemake" in globals():
    main(snakemake)
