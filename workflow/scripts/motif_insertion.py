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
    kmers_of,
    mean_over_positions,
    pair_of,
    slide,
    some_of,
)
from proofread.methods.motif_insertion.tables import effects, scores, spacing
from proofread.models.checkpoint import load_predictor
from proofread.progress import log, progress
from proofread.tables import write_score, write_table
from proofread.truth.expectation import plants_pairs
from proofread.truth.motif_choice import chosen_motifs


def main(job):
    """Make backgrounds, insert motifs into them, compare, draw."""
    start(job)
    settings = job.params.settings
    predictor = load_predictor(job.input.model)
    dataset = read_split(job.input.dataset, job.input.splits, settings["split"])
    motifs = chosen_motifs(
        dataset,
        list(job.input.motifs),
        wanted=settings["motifs"],
        max_motifs=settings["max_motifs"],
        p_threshold=settings["p_threshold"],
        seed=settings["seed"],
        method="motif_insertion",
    )
    index = background_sequences(
        dataset, settings["background"], settings["backgrounds"], settings["seed"]
    )
    none = predictor.predict(index).astype(np.float64)
    slid = []  # name, k-mers, starts and logits of each motif
    controls = []  # its mean changes and those of its control k-mers
    for number, motif in enumerate(progress(motifs, "motifs")):
        rng = np.random.default_rng([settings["seed"], number])
        kmers = kmers_of(motif.matrix, len(index), settings["insert"], rng)
        starts = all_starts(index.shape[1], len(motif), settings["step"])
        logits = slide(predictor.predict, index, kmers, starts)
        slid.append((motif.name, kmers, starts, logits))
        control_starts = some_of(starts, settings["control_positions"])
        same = logits[:, np.searchsorted(starts, control_starts)]
        others = control_changes(
            predictor.predict,
            index,
            none,
            kmers,
            control_starts,
            controls=settings["controls"],
            rng=np.random.default_rng([settings["seed"], number, 1]),
        )
        controls.append((mean_over_positions(change_of(same, none)), others))
    drawn = draws(job, "positions_figure")
    # The score of a negative control needs pairs only if the rule looks at them.
    ordered = permutations(slid, 2) if drawn or plants_pairs(dataset.settings) else ()
    pairs = [
        pair_of(
            predictor.predict,
            index,
            none,
            fixed,
            tiled,
            step=settings["step"],
            touching=not settings["faithful"],
        )
        for fixed, tiled in progress(list(ordered), "pairs")
    ]
    pairs = [pair for pair in pairs if pair is not None and len(pair.starts)]
    statistics = {"resamples": settings["resamples"], "seed": settings["seed"]}
    table, positions = effects(
        dataset,
        motifs,
        [change_of(logits, none) for *_, logits in slid],
        [starts for _, _, starts, _ in slid],
        controls,
        none,
        min_effect_fraction=settings["min_effect_fraction"],
        **statistics,
    )
    write_table(job.output.table, table)
    write_score(job.output.score, scores(dataset, table, pairs, **statistics))
    if drawn:
        from proofread.figures.style import save_figure
        from proofread.methods.motif_insertion.figures import (
            draw_positions,
            draw_spacing,
        )

        curves = spacing(dataset, pairs, faithful=settings["faithful"], **statistics)
        write_table(job.output.positions, positions)
        write_table(job.output.spacing, curves)
        save_figure(draw_positions(table, positions), job.output.positions_figure)
        save_figure(draw_spacing(curves), job.output.spacing_figure)
    for row in table.itertuples():
        log.info("%s, %s: %.3g %s", row.motif, row.target, row.effect, row.verdict)


if "snakemake" in globals():
    main(snakemake)
