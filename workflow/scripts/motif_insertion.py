"""Motif insertion: how motifs change the predictions of sequences without them."""

from proofread.datasets.dataset import read_split
from proofread.job import draws, start
from proofread.methods.motif_insertion import quantities
from proofread.methods.motif_insertion.measure import insert_motifs
from proofread.methods.motif_insertion.tables import (
    effects,
    interactions,
    scores,
    spacing,
)
from proofread.models.checkpoint import load_predictor
from proofread.motifs.targets import readable
from proofread.progress import log
from proofread.tables import write_score, write_table
from proofread.truth.expectation import combines_pairs
from proofread.truth.motif_choice import chosen_motifs


def main(job):
    """Make backgrounds, insert motifs into them, compare, draw."""
    start(job)
    settings = job.params.settings
    predictor = load_predictor(job.input.model, job.params.device)
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
    drawn = draws(job, "positions_figure")
    kept = ("background", "backgrounds", "insert", "step", "controls")
    kept += ("control_positions", "faithful", "seed")
    measured = insert_motifs(
        predictor.outputs,
        dataset,
        motifs,
        **{key: settings[key] for key in kept},
        # A negative control needs pairs only if the rule is about them.
        with_pairs=drawn or combines_pairs(dataset.settings),
        named=quantities.pairs_to_measure(dataset.settings),
        quantitative=dataset.quantitative,
    )
    statistics = {"resamples": settings["resamples"], "seed": settings["seed"]}
    table, positions = effects(
        dataset,
        motifs,
        measured.changes,
        measured.starts,
        measured.controls,
        measured.none,
        min_effect_fraction=settings["min_effect_fraction"],
        kmers=measured.kmers,
        size=measured.size,
        **statistics,
    )
    write_table(job.output.table, table)
    if dataset.quantitative:
        of_pairs = quantities.interactions_with_forms(
            *(dataset, motifs, measured, table),
            min_effect_fraction=settings["min_effect_fraction"],
            **statistics,
        )
        unit = predictor.output_unit
        scored = quantities.scores(dataset, table, of_pairs, unit=unit, **statistics)
    else:
        of_pairs = interactions(dataset, motifs, measured.pairs, **statistics)
        scored = scores(dataset, table, measured.pairs, **statistics)
    write_table(job.output.pairs, of_pairs)
    write_score(job.output.score, scored)
    if drawn:
        from proofread.figures.style import save_figure
        from proofread.methods.motif_insertion.figures import (
            draw_positions,
            draw_spacing,
        )

        curves = spacing(
            *(dataset, measured.pairs),
            faithful=settings["faithful"],
            motifs=motifs,
            kmers=measured.kmers,
            **statistics,
        )
        write_table(job.output.positions, positions)
        write_table(job.output.spacing, curves)
        named = [readable(item, ["motif"], motifs) for item in (table, positions)]
        unit = predictor.output_unit
        save_figure(draw_positions(*named, unit=unit), job.output.positions_figure)
        named = readable(curves, ["fixed", "tiled"], motifs)
        save_figure(draw_spacing(named, unit=unit), job.output.spacing_figure)
    for row in table.itertuples():
        log.info("%s, %s: %.3g %s", row.motif, row.target, row.effect, row.verdict)


if "snakemake" in globals():
    main(snakemake)
