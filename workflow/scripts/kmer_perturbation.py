"""Which stretches of a sequence a prediction depends on: windows exchanged."""

import numpy as np

from proofread.datasets.sampling import read_examined
from proofread.errors import InputError
from proofread.figures.planted import example_rows
from proofread.figures.style import save_figure
from proofread.job import start
from proofread.methods.kmer_perturbation.figures import (
    draw_aligned,
    draw_examples,
    draw_map,
    draw_robustness,
)
from proofread.methods.kmer_perturbation.kmers import (
    _WHERE,
    exchange_windows,
    words_of_a_window,
)
from proofread.methods.kmer_perturbation.tables import (
    aligned_table,
    base_table,
    summary_table,
    values_of,
    variant_table,
    window_table,
)
from proofread.methods.kmer_perturbation.windows import (
    base_importance,
    mean_importance,
    robustness,
)
from proofread.models.checkpoint import load_predictor
from proofread.models.local_edits import EditedLogits
from proofread.progress import log
from proofread.tables import write_score, write_table, write_values
from proofread.truth.position_scores import effect_answers, position_scores


def main(job):
    """Read, exchange windows, write tables, arrays, score and figures."""
    start(job)
    params, output = job.params, job.output
    words_of_a_window(params)  # a mistake there is said before anything is read
    dataset, _ = read_examined(
        *(job.input.dataset, job.input.splits, params.split),
        *(params.sequences, params.seed),
    )
    longest = dataset.index.shape[1]
    if params.anchor is not None and params.anchor >= longest:
        raise InputError(
            f"{_WHERE}.anchor",
            f"position {params.anchor}",
            f"0 to {longest - 1}, a position of the sequences",
            "correct it; positions are 0-based",
        )
    editor = EditedLogits(load_predictor(job.input.model))
    log.info("%d sequences; local recompute: %s", len(dataset), editor.fast)
    chosen = example_rows(dataset, params.examples)
    many, kept = exchange_windows(editor, dataset, params, {row for row, _ in chosen})
    importances = [base_importance(windows, longest) for windows in many]
    importance = mean_importance(importances)
    covered = ~np.isnan(importances).all(axis=0)

    write_table(output.table, summary_table(dataset, many))
    write_table(output.windows, window_table(dataset, chosen, many))
    write_table(output.variants, variant_table(dataset, chosen, many, kept))
    write_table(output.bases, base_table(dataset, chosen, importance))
    robust = robustness(many, dataset.label, dataset.target)
    write_table(output.robustness_table, robust)
    aligned, widths = aligned_table(dataset, many, params.anchor, params.flank)
    write_table(output.aligned_table, aligned)
    write_values(output.values, values_of(dataset, many, importances, importance))
    score = []
    if dataset.simulated:
        for column, target in enumerate(dataset.target):
            score += position_scores(
                effect_answers(-importance[:, column], covered[:, column]),
                dataset,
                target,
                resamples=params.resamples,
                seed=params.seed,
                scored=covered[:, column],
            )
    write_score(output.score, score)
    save_figure(
        draw_examples(dataset, chosen, many, anchor=params.anchor), output.examples
    )
    save_figure(draw_map(dataset, chosen, many, importance), output.map)
    save_figure(draw_robustness(robust, dataset.target[0]), output.robustness)
    save_figure(draw_aligned(aligned, widths), output.aligned)


if "snakemake" in globals():
    main(snakemake)
