"""Motif tests: which motifs, orders and distances the predictions depend on."""

import numpy as np

from proofread.datasets.dataset import read_split
from proofread.datasets.sampling import balanced_rows
from proofread.dna.composition import base_frequencies
from proofread.job import draws, start
from proofread.methods.motif_tests import quantities, tables
from proofread.methods.motif_tests.effects import Subject, measure, tests_of
from proofread.models.checkpoint import load_predictor
from proofread.motifs.targets import readable
from proofread.progress import log, progress
from proofread.statistics.units import with_unit
from proofread.tables import write_score, write_table
from proofread.truth.expectation import DISTANCE, SAME_SIDE
from proofread.truth.motif_choice import chosen_motifs, instances_of


def main(job):
    """Find the motifs, perturb, test, judge, draw."""
    start(job)
    params = job.params
    predictor = load_predictor(job.input.model, job.params.device)
    dataset = read_split(job.input.dataset, job.input.splits, params.split)
    # Before anything is scanned or predicted: a user's split may be very large.
    dataset = dataset.subset(balanced_rows(dataset, params.max_sequences, params.seed))
    motifs = chosen_motifs(
        dataset,
        list(job.input.motifs),
        wanted=params.motifs,
        max_motifs=params.max_motifs,
        p_threshold=params.p_threshold,
        seed=params.seed,
        method="motif_tests",
    )
    instances = instances_of(dataset, motifs, params.p_threshold)
    subject = Subject(
        predict=predictor.outputs,
        dataset=dataset,
        instances=instances,
        frequencies=base_frequencies(dataset.index[~instances.occupied]),
        logits=predictor.outputs(dataset.index, names=dataset.name).astype(np.float64),
        replicates=params.replicates,
        max_sequences=params.max_sequences_per_test,
        seed=params.seed,
        scale=predictor.scale,
    )
    tests, ranges = tests_of(dataset, [motif.name for motif in motifs])
    pairs = [test.motifs for test in tests if test.kind == DISTANCE]
    measured = [
        measure(
            subject,
            test,
            np.random.default_rng([params.seed, number]),
            gaps=ranges.get(test.motifs),
        )
        for number, test in enumerate(progress(tests, "tests"))
    ]
    statistics = {"resamples": params.resamples, "seed": params.seed}
    of_kind = quantities if dataset.quantitative else tables
    table = of_kind.effects(
        dataset,
        tests,
        measured,
        present=set(instances.table["motif"]),
        permutations=params.permutations,
        correction=params.correction,
        q_threshold=params.q_threshold,
        min_effect_fraction=params.min_effect_fraction,
        **statistics,
    )
    same_side = table["kind"] == SAME_SIDE
    write_table(job.output.table, table[~same_side])
    if dataset.quantitative:
        of_pairs = quantities.interactions(
            dataset, table, min_effect_fraction=params.min_effect_fraction
        )
    else:
        of_pairs = tables.interactions(dataset, tests, measured, **statistics)
    write_table(job.output.pairs, of_pairs)
    max_gap = max([params.max_gap, *(2 * gaps[1] for gaps in ranges.values())])
    result = tables.responses(
        subject, pairs, max_gap=max_gap, max_sequences=params.max_gap_sequences
    )
    curves, learned = of_kind.gap_tables(dataset, result, **statistics)
    if dataset.quantitative:
        scores = quantities.scores(
            dataset, table, of_pairs, unit=predictor.output_unit, **statistics
        )
    else:
        scores = tables.scores(table, learned)
    write_score(job.output.score, scores)
    if draws(job, "figure"):
        from proofread.figures.style import save_figure
        from proofread.methods.motif_tests.figures import (
            draw_effects,
            draw_gaps,
            draw_outputs,
        )

        write_table(job.output.same_side, table[same_side])
        if dataset.quantitative:
            groups = quantities.by_group(dataset, tests, measured, **statistics)
        else:
            groups = tables.by_group(
                dataset, subject.logits, tests, measured, **statistics
            )
        write_table(job.output.groups, groups)
        sequences = of_kind.by_sequence(dataset, subject.logits, tests, measured)
        write_table(job.output.sequences, sequences)
        write_table(job.output.gaps, curves)
        write_table(job.output.ranges, learned)
        named = readable(table, ["first", "second"], motifs)
        unit = predictor.output_unit
        if dataset.quantitative:
            figure = draw_outputs(named, unit=unit, max_shown=params.max_shown)
        else:
            figure = draw_effects(named, max_shown=params.max_shown)
        save_figure(figure, job.output.figure)
        named = [
            readable(item, ["left", "right"], motifs) for item in (curves, learned)
        ]
        save_figure(draw_gaps(*named, unit=unit), job.output.gaps_figure)
    unit = "nats"
    if dataset.quantitative:
        unit = with_unit("of the output", predictor.output_unit)
    for row in table.itertuples():
        numbers = (row.test, row.target, row.effect, unit, row.verdict)
        log.info("%s, %s: %.3g %s, %s", *numbers)


if "snakemake" in globals():
    main(snakemake)
