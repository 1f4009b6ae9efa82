"""Motif tests: which motifs, orders and distances the predictions depend on."""

import numpy as np

from proofread.datasets.dataset import read_split
from proofread.datasets.sampling import examined
from proofread.dna.composition import base_frequencies
from proofread.figures.style import save_figure
from proofread.job import start
from proofread.methods.motif_tests.effects import MotifTest, Subject, all_tests, measure
from proofread.methods.motif_tests.figures import draw_effects, draw_gaps
from proofread.methods.motif_tests.tables import (
    by_group,
    by_sequence,
    effects,
    gap_tables,
    responses,
    scores,
)
from proofread.models.checkpoint import load_predictor
from proofread.progress import log, progress
from proofread.tables import write_score, write_table
from proofread.truth.expectation import (
    DISTANCE,
    SAME_SIDE,
    pair_range,
)
from proofread.truth.motif_choice import find_motifs

_JUDGED_BY = ("resamples", "flips", "seed", "correction", "threshold", "least_share")


def main(job):
    """Find the motifs, perturb, test, judge, draw."""
    start(job)
    params = job.params
    predictor = load_predictor(job.input.model)
    dataset = read_split(job.input.dataset, job.input.splits, params.split)
    # Before anything is looked for or predicted: a user's split may be very large.
    dataset = dataset.subset(examined(dataset, params.examined, params.seed))
    motifs, instances = find_motifs(dataset, list(job.input.motifs), params)
    subject = Subject(
        predict=predictor.predict,
        dataset=dataset,
        instances=instances,
        frequencies=base_frequencies(dataset.index[~instances.occupied]),
        logits=predictor.predict(dataset.index).astype(np.float64),
        draws=params.draws,
        sequences=params.sequences,
        seed=params.seed,
    )
    tests = all_tests(motifs)
    pairs = [test.motifs for test in tests if test.kind == DISTANCE]
    ranges = {
        pair: pair_range(*pair, dataset.settings) if dataset.simulated else None
        for pair in pairs
    }
    extra = [
        MotifTest(SAME_SIDE, pair) for pair, gaps in ranges.items() if gaps is not None
    ]
    every = [*tests, *extra]
    measured = [
        measure(
            subject,
            test,
            np.random.default_rng([params.seed, number]),
            gaps=ranges.get(test.motifs),
        )
        for number, test in enumerate(progress(every, "tests"))
    ]
    settings = {name: getattr(params, name) for name in _JUDGED_BY}
    table = effects(dataset, every, measured, settings)
    same_side = table["kind"] == SAME_SIDE
    write_table(job.output.table, table[~same_side])
    write_table(job.output.same_side, table[same_side])
    statistics = {"resamples": params.resamples, "seed": params.seed}
    write_table(
        job.output.groups,
        by_group(dataset, subject.logits, every, measured, **statistics),
    )
    write_table(
        job.output.sequences, by_sequence(dataset, subject.logits, every, measured)
    )
    largest = max([params.largest_gap, *(2 * g[1] for g in ranges.values() if g)])
    found = responses(subject, pairs, largest=largest, sequences=params.gap_sequences)
    curves, learned = gap_tables(dataset, found, **statistics)
    write_table(job.output.gaps, curves)
    write_table(job.output.ranges, learned)
    write_score(job.output.score, scores(table, learned))
    save_figure(draw_effects(table, most=params.largest_figure), job.output.figure)
    save_figure(draw_gaps(curves, learned), job.output.gaps_figure)
    for row in table.itertuples():
        log.info("%s, %s: %.3g nats, %s", row.test, row.target, row.effect, row.verdict)


if "snakemake" in globals():
    main(snakemake)
