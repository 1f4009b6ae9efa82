"""Motif insertion: how motifs change the predictions of sequences without them."""

from itertools import permutations

import numpy as np

from proofread.datasets.dataset import read_split
from proofread.job import draws, start
from proofread.methods.motif_insertion.insertions import (
    all_starts,
    background_sequences,
    change_of,
    control_changes,
    mean_over_positions,
    pair_of,
    slide,
    some_of,
    words_of,
)
from proofread.methods.motif_insertion.tables import effects, scores, spacing
from proofread.models.checkpoint import load_predictor
from proofread.progress import log, progress
from proofread.tables import write_score, write_table
from proofread.truth.motif_choice import chosen_motifs


def main(job):
    """Make backgrounds, insert motifs into them, compare, draw."""
    start(job)
    params = job.params
    predictor = load_predictor(job.input.model)
    dataset = read_split(job.input.dataset, job.input.splits, params.split)
    motifs = chosen_motifs(
        dataset,
        list(job.input.motifs),
        wanted=params.motifs,
        max_motifs=params.max_motifs,
        p_threshold=params.p_threshold,
        seed=params.seed,
        method="motif_insertion",
    )
    index = background_sequences(
        dataset, params.background, params.backgrounds, params.seed
    )
    none = predictor.predict(index).astype(np.float64)
    slid = []  # name, words, starts and logits of each motif
    controls = []  # its mean changes and those of its control words
    for number, motif in enumerate(progress(motifs, "motifs")):
        rng = np.random.default_rng([params.seed, number])
        words = words_of(motif.matrix, len(index), params.insert, rng)
        starts = all_starts(index.shape[1], len(motif), params.step)
        logits = slide(predictor.predict, index, words, starts)
        slid.append((motif.name, words, starts, logits))
        positions = some_of(starts, params.control_positions)
        same = logits[:, np.searchsorted(starts, positions)]
        others = control_changes(
            predictor.predict,
            index,
            none,
            words,
            positions,
            controls=params.controls,
            rng=np.random.default_rng([params.seed, number, 1]),
        )
        controls.append((mean_over_positions(change_of(same, none)), others))
    pairs = [
        pair_of(
            predictor.predict,
            index,
            none,
            fixed,
            tiled,
            step=params.step,
            touching=not params.faithful,
        )
        for fixed, tiled in progress(list(permutations(slid, 2)), "pairs")
    ]
    pairs = [pair for pair in pairs if pair is not None and len(pair.starts)]
    statistics = {"resamples": params.resamples, "seed": params.seed}
    table, positions = effects(
        dataset,
        motifs,
        [change_of(logits, none) for *_, logits in slid],
        [starts for _, _, starts, _ in slid],
        controls,
        none,
        min_effect_fraction=params.min_effect_fraction,
        **statistics,
    )
    write_table(job.output.table, table)
    write_score(job.output.score, scores(dataset, table, pairs, **statistics))
    if draws(job, "positions_figure"):
        from proofread.figures.style import save_figure
        from proofread.methods.motif_insertion.figures import (
            draw_positions,
            draw_spacing,
        )

        curves = spacing(dataset, pairs, faithful=params.faithful, **statistics)
        write_table(job.output.positions, positions)
        write_table(job.output.spacing, curves)
        save_figure(draw_positions(table, positions), job.output.positions_figure)
        save_figure(draw_spacing(curves), job.output.spacing_figure)
    for row in table.itertuples():
        log.info("%s, %s: %.3g %s", row.motif, row.target, row.effect, row.verdict)


if "snakemake" in globals():
    main(snakemake)
