"""Which sites activate each filter of the first convolution, and their matrix."""

from proofread.atomic import atomic
from proofread.datasets.intervals import write_bed
from proofread.datasets.sampling import read_sample
from proofread.job import draws, start
from proofread.methods.filter_pfms.activations import activation_histogram
from proofread.methods.filter_pfms.pfms import (
    SITE_SETTINGS,
    STATUSES,
    filter_pfms,
    motifs_of,
    trimmed_motifs_of,
)
from proofread.methods.filter_pfms.recovery import recovery_table, score_rows
from proofread.methods.filter_pfms.tables import (
    density_table,
    filter_table,
    possum_text,
    site_intervals,
    site_tables,
    target_correlation,
    weight_table,
)
from proofread.models.checkpoint import load_model
from proofread.motifs.files import write_meme
from proofread.progress import log
from proofread.tables import write_parts, write_score, write_table, write_values


def main(job):
    """Read, find sites, write matrices, tables and score; then what is looked at."""
    start(job)
    settings, output = dict(job.params.items()), job.output
    dataset, _ = read_sample(
        job.input.dataset,
        job.input.splits,
        settings["split"],
        settings["max_sequences"],
        settings["seed"],
        key="methods.filter_pfms.split",
    )
    result = filter_pfms(
        load_model(job.input.model, settings["device"]),
        dataset.index,
        dataset.length,
        **{name: settings[name] for name in SITE_SETTINGS},
        names=dataset.name,
    )
    for status in STATUSES:
        log.info("%s: %d filters", status, (result.status == status).sum())
    write_table(
        output.table, filter_table(result, gc=settings["gc"], trim=settings["trim"])
    )
    write_meme(output.meme, motifs_of(result), result.background)
    span = result.layer.geometry.span
    recovery = recovery_table(
        result.sites, span, dataset.truth, result.names, dataset.truth_names
    )
    write_score(
        output.score,
        score_rows(
            recovery,
            result.sites,
            span,
            dataset.truth,
            {motif.name for motif in motifs_of(result)},
            len(dataset),
            resamples=settings["resamples"],
            seed=settings["seed"],
        ),
    )
    if draws(job, "logos"):
        write_table(output.recovery, recovery)
        write_details(output, result, dataset, settings)


def write_details(output, result, dataset, settings):
    """Sites, activations and figures, which no other rule reads."""
    from proofread.figures.style import save_figure
    from proofread.methods.filter_pfms.figures import (
        filter_figures,
        heat_map_figure,
        target_correlation_figure,
    )
    from proofread.methods.filter_pfms.heat_maps import heat_maps

    trimmed = trimmed_motifs_of(result, settings["trim"])
    write_meme(output.trimmed_meme, trimmed, result.background)
    with (
        atomic(output.possum) as temporary,
        open(temporary, "w", encoding="utf-8") as file,
    ):
        for name, weight in zip(result.names, result.layer.weight, strict=True):
            file.write(possum_text(name, weight))
    write_parts(output.sites, site_tables(result, dataset.name))
    write_bed(output.bed, dataset, site_intervals(result))
    write_values(
        output.values,
        {
            "filter": result.names,
            "counts": result.counts,
            "ppm": result.ppm,
            "weights": result.layer.weight,
            "thresholds": result.limits.value,
            "n_sites": result.n_sites,
            "background": result.background,
            "sequence": dataset.name,
            "sequence_mean": result.statistics.sequence_mean[: len(dataset)],
            "sequence_maximum": result.statistics.sequence_maximum[: len(dataset)],
        },
    )
    edges, counts = activation_histogram(result.layer, dataset.index, result.statistics)
    write_table(output.weights_table, weight_table(result.names, result.layer.weight))
    write_table(output.densities_table, density_table(result.names, edges, counts))
    for name, figure in filter_figures(result, edges, counts):
        save_figure(figure, getattr(output, name))
    most, seed = settings["max_heat_map_sequences"], settings["seed"]
    for name, heat_map in heat_maps(result, dataset, most, seed):
        write_table(getattr(output, f"{name}_table"), heat_map.table())
        save_figure(heat_map_figure(heat_map), getattr(output, name))
    table = target_correlation(result, dataset.label, dataset.target)
    write_table(output.target_correlation_table, table)
    figure = target_correlation_figure(result, table, dataset.target, settings["fdr"])
    save_figure(figure, output.target_correlation)


if "snakemake" in globals():
    main(snakemake)
