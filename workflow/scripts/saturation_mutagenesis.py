"""How every single substitution changes a prediction."""

from dataclasses import replace

import numpy as np

from proofread.configuration.names import known_targets
from proofread.datasets.sampling import example_rows, read_balanced
from proofread.job import draws, start
from proofread.methods.saturation_mutagenesis.substitutions import (
    answers,
    positions_to_mutate,
    saturation_mutagenesis,
)
from proofread.methods.saturation_mutagenesis.tables import (
    arrays,
    position_table,
    summary_table,
)
from proofread.models.checkpoint import load_predictor
from proofread.models.local_edits import EditedLogits
from proofread.progress import log
from proofread.statistics.units import output_column, output_name
from proofread.tables import write_score, write_table, write_values
from proofread.truth.position_scores import position_scores


def main(job):
    """Read, mutate, write tables, arrays, score and figure."""
    start(job)
    params, output = job.params, job.output
    dataset, rows = read_balanced(
        job.input.dataset,
        job.input.splits,
        params.split,
        params.max_sequences,
        params.seed,
        classes=params.classes,
        key="methods.saturation_mutagenesis.split",
    )
    targets = known_targets(
        params.targets, dataset.target, "methods.saturation_mutagenesis.targets"
    )
    columns = [dataset.target.index(target) for target in targets]
    predictor = load_predictor(job.input.model, job.params.device)
    unit = predictor.output_unit
    scale = output_column(unit, params.scale)
    editor = EditedLogits(predictor)
    log.info(
        "%d sequences; computed anew: %s",
        len(dataset),
        "only what an edit changes" if editor.fast else "the whole network",
    )
    index = np.asarray(dataset.index)
    # A sequence whose prediction is not finite is refused.
    editor.intact(index, names=dataset.name)
    mutated = positions_to_mutate(index, dataset.length, params.centre)
    intact, delta = saturation_mutagenesis(
        editor,
        index,
        dataset.length,
        mutated,
        columns=columns,
        strands=params.strands,
        scale=scale,
    )
    shown = replace(
        dataset, target=targets, label=np.asarray(dataset.label)[:, columns]
    )
    table = summary_table(shown, intact, delta, mutated, scale, unit)
    write_table(output.table, table)
    scores = []
    for column, target in enumerate(targets if dataset.has_truth else []):
        scores += position_scores(
            answers(delta[:, column], mutated),
            dataset,
            target,
            resamples=params.resamples,
            seed=params.seed,
            scored=mutated,
        )
    write_score(output.score, scores)
    whole = draws(job, "figure")
    if whole or draws(job, "values"):
        kept = arrays(shown, rows, intact, delta, scale, whole=whole)
        write_values(output.values, kept)
    if not whole:
        return
    write_table(
        output.positions, position_table(shown, delta, mutated, params.max_rows)
    )

    # Imported here: without matplotlib a rule that draws nothing starts faster.
    from proofread.figures.style import save_figure
    from proofread.methods.saturation_mutagenesis.figures import draw_examples

    figure = draw_examples(
        shown,
        example_rows(shown, params.examples),
        intact,
        delta,
        scale=output_name(unit, params.scale),
        min_limit=params.min_limit,
        letter_height=params.letter_height,
        window=params.window,
    )
    save_figure(figure, output.figure)


if "snakemake" in globals():
    main(snakemake)
