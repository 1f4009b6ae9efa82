"""Whether maps of importance say what a network does, without a known truth."""

from pathlib import Path

from proofread.configuration.negative_controls import kind_of
from proofread.datasets.dataset import read_dataset
from proofread.job import draws, start
from proofread.methods.faithfulness.families import family_tables
from proofread.methods.faithfulness.files import (
    choose,
    judged_targets,
    maps_of,
    read_all,
    read_seeds,
)
from proofread.methods.faithfulness.maps import kinds_of
from proofread.methods.faithfulness.measure import measure
from proofread.methods.faithfulness.named import (
    NUMBERS,
    NUMBERS_OF_QUANTITIES,
    causal_families,
    read_named,
)
from proofread.methods.faithfulness.tables import tables_of, with_controls
from proofread.models.checkpoint import load_predictor
from proofread.tables import read_table, write_score, write_table
from proofread.truth.motif_choice import all_planted


def main(job):
    """Read, judge, write; draw where the rule has figures."""
    start(job)
    params, output = job.params, job.output
    predictor = load_predictor(job.input.model, params.device)
    kinds = kinds_of(params.explained)
    sample, remade = choose(job.input.dataset, job.input.splits, kinds, params)
    stored = read_all(job.input.maps, kinds)
    of_seeds = read_seeds(job.input.seeds, kinds)
    summaries = []
    for target in judged_targets(predictor, kinds, stored, params.targets):
        maps = maps_of(predictor, target, kinds, sample, remade, stored, of_seeds)
        column = predictor.targets.index(target)
        summaries.append(measure(predictor, column, maps, params))
    tables = tables_of(summaries)
    controls = {
        kind_of(Path(path).parents[2].name): read_table(path)
        for path in job.input.controls
    }
    tables["table"] = with_controls(tables["table"], controls)
    tables |= families(job)
    # Nothing here is compared with a truth but the families, which have no score.
    write_score(output.score, [])
    for name, table in tables.items():
        write_table(getattr(output, name), table)
    if draws(job, "summary"):
        # matplotlib: a second of imports, for which no negative control waits.
        from proofread.figures.style import save_figure
        from proofread.methods.faithfulness import figures

        figures_of = {
            "summary": figures.draw_summary(tables["table"]),
            "curves_figure": figures.draw_curves(
                tables["curves"], predictor.output_unit
            ),
            "agreement_figure": figures.draw_agreement(tables["agreement"]),
            "randomisation_figure": figures.draw_randomisation(
                tables["randomisation"], tables["table"]
            ),
            "families_figure": figures.draw_families(
                tables["families"], tables["families_agreement"]
            ),
        }
        for name, figure in figures_of.items():
            save_figure(figure, getattr(output, name))


def families(job):
    """Whether the methods that name motifs name the same families: three tables."""
    # Without a file of families fewer than two such methods run.
    if not job.input.families:
        return family_tables({}, None, None, {})
    universe = read_table(job.input.families, ("source", "motif", "protein"))
    dataset = read_dataset(job.input.dataset, streamed=True)
    named = read_named(
        job.input.named,
        universe,
        job.params.naming,
        all_planted(dataset),
        quantitative=dataset.quantitative,
    )
    controls = {
        kind_of(Path(agreement).parents[2].name): {
            "families_agreement": read_table(agreement),
            "families_precision": read_table(precision),
        }
        for agreement, precision in zip(
            job.input.control_agreement, job.input.control_precision, strict=True
        )
    }
    return family_tables(
        named,
        universe,
        causal_families(dataset, universe),
        controls,
        NUMBERS_OF_QUANTITIES if dataset.quantitative else NUMBERS,
    )


if "snakemake" in globals():
    main(snakemake)
