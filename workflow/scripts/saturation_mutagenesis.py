"""Which single substitutions change a prediction, and by how much."""

from dataclasses import replace

import numpy as np

from proofread.datasets.sampling import read_examined
from proofread.figures.planted import (
    example_rows,
)
from proofread.figures.style import (
    save_figure,
)
from proofread.job import start
from proofread.methods.saturation_mutagenesis.figures import (
    draw_examples,
    targets_shown,
)
from proofread.methods.saturation_mutagenesis.substitutions import (
    answers,
    over_targets,
    positions_to_mutate,
    saturation_mutagenesis,
)
from proofread.methods.saturation_mutagenesis.tables import (
    position_table,
    summary_table,
)
from proofread.models.checkpoint import load_predictor
from proofread.models.local_edits import EditedLogits
from proofread.progress import log
from proofread.tables import write_score, write_table, write_values
from proofread.truth.position_scores import position_scores


def main(job):
    """Read, mutate, write tables, arrays, score and figure."""
    start(job)
    params, output = job.params, job.output
    dataset, _ = read_examined(
        *(job.input.dataset, job.input.splits, params.split),
        *(params.sequences, params.seed),
    )
    columns = targets_shown(dataset, params.targets)
    editor = EditedLogits(load_predictor(job.input.model))
    log.info("%d sequences; local recompute: %s", len(dataset), editor.fast)
    index = np.asarray(dataset.index)
    intact, delta = saturation_mutagenesis(
        editor,
        index,
        dataset.length,
        columns=columns,
        strands=params.strands,
        scale=params.scale,
        centre=params.centre,
    )
    mutated = positions_to_mutate(index, dataset.length, params.centre)
    shown = replace(
        dataset,
        target=[dataset.target[column] for column in columns],
        label=np.asarray(dataset.label)[:, columns],
    )
    table = summary_table(shown, intact, delta, mutated, params.scale)
    write_table(output.table, table)
    write_table(
        output.positions, position_table(shown, delta, mutated, params.max_rows)
    )
    write_values(
        output.values,
        {
            "sequence": shown.name,
            "target": shown.target,
            "index": index,
            params.scale: intact,
            "delta": delta,
            **{f"delta_{name}": each for name, each in over_targets(delta).items()},
        },
    )
    score = []
    if dataset.simulated:
        for column, target in enumerate(shown.target):
            score += position_scores(
                answers(delta[:, column], mutated),
                dataset,
                target,
                resamples=params.resamples,
                seed=params.seed,
                scored=mutated,
            )
    write_score(output.score, score)
    chosen = example_rows(shown, params.examples)
    figure = draw_examples(
        shown,
        chosen,
        intact,
        delta,
        scale=params.scale,
        least_limit=params.least_limit,
        letters=params.letters,
        window=params.window,
    )
    save_figure(figure, output.figure)


if "snakemake" in globals():
    main(snakemake)
