"""How a prediction changes when each window of k bases is replaced."""

import numpy as np

from proofread.configuration.anchors import check_anchor
from proofread.datasets.groups import group_column, groups
from proofread.datasets.sampling import example_rows, read_balanced
from proofread.job import draws, start
from proofread.methods.kmer_perturbation.kmers import kmers_per_window, read_inserts
from proofread.methods.kmer_perturbation.summaries import robustness
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
    perturb_lengths,
)
from proofread.models.checkpoint import load_predictor
from proofread.models.local_edits import EditedLogits
from proofread.progress import log
from proofread.statistics.units import output_column
from proofread.tables import write_score, write_table, write_values
from proofread.truth.position_scores import effect_answers, position_scores


def main(job):
    """Read, replace windows, write tables, arrays, score and figures."""
    start(job)
    params, output = job.params, job.output
    # Mistakes in the settings are reported before anything is read.
    inserts = read_inserts(params.inserts, params.lengths)
    replicates = kmers_per_window(
        params.mode,
        params.replicates,
        fixed=bool(inserts),
        max_variants=params.max_variants,
    )
    dataset, _ = read_balanced(
        job.input.dataset,
        job.input.splits,
        params.split,
        params.max_sequences,
        params.seed,
        classes=params.classes,
        key="methods.kmer_perturbation.split",
    )
    index = np.asarray(dataset.index)
    longest = index.shape[1]
    check_anchor(params.anchor, longest, "methods.kmer_perturbation")
    predictor = load_predictor(job.input.model, job.params.device)
    unit = predictor.output_unit
    editor = EditedLogits(predictor)
    log.info(
        "%d sequences; computed anew: %s",
        len(dataset),
        "only what an edit changes" if editor.fast else "the whole network",
    )
    # A sequence whose prediction is not finite is refused.
    editor.intact(index, names=dataset.name)
    drawn = draws(job, "examples", "map", "robustness", "aligned")
    examples = example_rows(dataset, params.examples) if drawn else []
    per_length, variants = perturb_lengths(
        editor,
        index,
        dataset.length,
        lengths=params.lengths,
        stride=params.stride,
        max_variants=params.max_variants,
        replicates=replicates,
        mode=params.mode,
        kmers_from=params.kmers_from,
        force_change=params.force_change,
        inserts=inserts,
        strands=params.strands,
        seed=params.seed,
        keep={row for row, _ in examples},
    )
    importances = [base_importance(windows, longest) for windows in per_length]
    importance = mean_importance(importances)
    covered = ~np.isnan(importances).all(axis=0)

    write_table(output.table, summary_table(dataset, per_length))
    scores = []
    for column, target in enumerate(dataset.target if dataset.has_truth else []):
        scores += position_scores(
            effect_answers(-importance[:, column], covered[:, column]),
            dataset,
            target,
            resamples=params.resamples,
            seed=params.seed,
            scored=covered[:, column],
        )
    write_score(output.score, scores)
    if not drawn:
        return
    write_table(output.windows, window_table(dataset, examples, per_length))
    write_table(output.variants, variant_table(dataset, examples, per_length, variants))
    bases = base_table(dataset, examples, importance, output_column(unit))
    write_table(output.bases, bases)
    members_of = {target: groups(dataset, target) for target in dataset.target}
    robust = robustness(per_length, members_of, group_column(dataset))
    write_table(output.robustness_table, robust)
    aligned, widths = aligned_table(dataset, per_length, params.anchor, params.flank)
    write_table(output.aligned_table, aligned)
    write_values(output.values, values_of(dataset, per_length, importances, importance))

    # Imported here: without matplotlib a rule that draws nothing starts faster.
    from proofread.figures.style import save_figure
    from proofread.methods.kmer_perturbation import figures

    save_figure(
        figures.draw_examples(dataset, examples, per_length, anchor=params.anchor),
        output.examples,
    )
    save_figure(figures.draw_map(dataset, examples, per_length, importance), output.map)
    figure = figures.draw_robustness(robust, dataset.target[0], unit)
    save_figure(figure, output.robustness)
    save_figure(figures.draw_aligned(aligned, widths, unit), output.aligned)


if "snakemake" in globals():
    main(snakemake)
