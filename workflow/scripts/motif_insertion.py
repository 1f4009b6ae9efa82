"""Motif insertion: how motifs change the predictions of sequences without them."""

from itertools import permutations

import numpy as np

from proofread.datasets.dataset import read_split
from proofread.figures.style import save_figure
from proofread.job import start
from proofread.methods.motif_insertion.figures import draw_positions, draw_spacing
from proofread.methods.motif_insertion.insertions import (
    all_starts,
    background_sequences,
    change_of,
    control_changes,
    mean_over_places,
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
    """Draw backgrounds, put motifs into them, compare, draw."""
    start(job)
    params = job.params
    predictor = load_predictor(job.input.model)
    dataset = read_split(job.input.dataset, job.input.splits, params.split)
    motifs = chosen_motifs(
        dataset,
        list(job.input.motifs),
        wanted=params.motifs,
        most=params.most_motifs,
        p=params.p,
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
        words = words_of(motif.matrix, len(index), params.implant, rng)
        starts = all_starts(index.shape[1], len(motif), params.step)
        logits = slide(predictor.predict, index, words, starts)
        slid.append((motif.name, words, starts, logits))
        some = some_of(starts, params.control_places)
        same = logits[:, np.searchsorted(starts, some)]
        others = control_changes(
            predictor.predict,
            index,
            none,
            words,
            some,
            controls=params.controls,
            rng=np.random.default_rng([params.seed, number, 1]),
        )
        controls.append((mean_over_places(change_of(same, none)), others))
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
    pairs = [each for each in pairs if each is not None and len(each.starts)]
    statistics = {"resamples": params.resamples, "seed": params.seed}
    table, positions = effects(
        dataset,
        motifs,
        [change_of(each[3], none) for each in slid],
        [each[2] for each in slid],
        controls,
        none,
        least_share=params.least_share,
        **statistics,
    )
    curves = spacing(dataset, pairs, faithful=params.faithful, **statistics)
    write_table(job.output.table, table)
    write_table(job.output.positions, positions)
    write_table(job.output.spacing, curves)
    write_score(job.output.score, scores(dataset, table, pairs, **statistics))
    save_figure(draw_positions(table, positions), job.output.positions_figure)
    save_figure(draw_spacing(curves), job.output.spacing_figure)
    for row in table.itertuples():
        log.info("%s, %s: %.3g %s", row.motif, row.target, row.effect, row.verdict)


if "snakemake" in globals():
    main(snakemake)
