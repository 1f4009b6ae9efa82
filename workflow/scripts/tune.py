"""Choose the settings of a model among trained candidates.

It reads the validation split alone: no sequence of the test split decides anything.
"""

from proofread.datasets.dataset import read_split
from proofread.figures.candidates import draw_candidates
from proofread.figures.style import save_figure
from proofread.job import start
from proofread.models.checkpoint import load_model
from proofread.models.predictor import predictor_of
from proofread.tables import read_table, write_table
from proofread.training.tuning import compare, described, write_choice


def main(job):
    """Predict with each candidate, compare, write the choice."""
    start(job)
    validation = read_split(job.input.dataset, job.input.splits, "validation")
    tune = job.params.tune
    rows, predicted = [], []
    for (name, model), checkpoint, history in zip(
        tune["candidates"].items(), job.input.models, job.input.histories, strict=True
    ):
        network = load_model(checkpoint)
        rows.append(
            {
                "candidate": name,
                "architecture": model["architecture"],
                "settings": job.params.in_words[name],
                **described(network, read_table(history)),
            }
        )
        predictor = predictor_of(network, checkpoint)
        predicted.append(predictor.predict(validation.index, names=validation.name))
    table = compare(
        rows,
        predicted,
        validation.label,
        quantitative=validation.quantitative,
        resamples=job.params.evaluation["resamples"],
        seed=job.params.evaluation["seed"],
    )
    chosen = table["candidate"][0]
    write_table(job.output.table, table)
    write_choice(job.output.choice, chosen, tune["seed"], tune["candidates"][chosen])
    save_figure(draw_candidates(table), job.output.figure)


if "snakemake" in globals():
    main(snakemake)
