"""What each filter of the first convolution responds to: its sites, as a matrix."""

from proofread.atomic import atomic
from proofread.datasets.sampling import read_sample
from proofread.job import start
from proofread.methods.filter_pfms.figures import (
    write_filter_figures,
    write_global_figures,
)
from proofread.methods.filter_pfms.first_layer import activation_histogram
from proofread.methods.filter_pfms.recovery import recovery_table, score_rows
from proofread.methods.filter_pfms.sites import (
    SITE_SETTINGS,
    STATUSES,
    filter_pfms,
    motifs_of,
    trimmed_motifs_of,
)
from proofread.methods.filter_pfms.tables import (
    density_table,
    filter_table,
    weight_table,
    write_sites,
)
from proofread.models.checkpoint import load_model
from proofread.motifs.files import write_meme
from proofread.motifs.pfm import possum_text
from proofread.progress import log
from proofread.tables import write_score, write_table, write_values


def main(job):
    """Read, find sites, write matrices, tables, score and figures."""
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
        load_model(job.input.model),
        dataset.index,
        dataset.length,
        **{name: settings[name] for name in SITE_SETTINGS},
    )
    for status in STATUSES:
        log.info("%s: %d filters", status, (result.status == status).sum())
    write_table(
        output.table, filter_table(result, gc=settings["gc"], trim=settings["trim"])
    )
    write_meme(output.meme, motifs_of(result), result.background)
    write_meme(
        output.trimmed_meme,
        trimmed_motifs_of(result, settings["trim"]),
        result.background,
    )
    with atomic(output.possum) as temporary, open(temporary, "w") as file:
        for name, weight in zip(result.names, result.layer.weight, strict=True):
            file.write(possum_text(name, weight))
    write_sites(output.sites, result, dataset.name)
    edges, densities = activation_histogram(
        result.layer, dataset.index, result.statistics
    )
    write_table(output.weights_table, weight_table(result.names, result.layer.weight))
    write_table(output.densities_table, density_table(result.names, edges, densities))
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
    span = result.layer.geometry.span
    truth = dataset.truth
    recovery = recovery_table(result.sites, span, truth, result.names, dataset.motifs)
    write_table(output.recovery, recovery)
    write_score(
        output.score,
        score_rows(
            recovery,
            result.sites,
            span,
            truth,
            {name for name, ok in zip(result.names, result.ok, strict=True) if ok},
            len(dataset),
            resamples=settings["resamples"],
            seed=settings["seed"],
        ),
    )
    write_filter_figures(output, result, edges, densities)
    write_global_figures(output, result, dataset, settings)


if "snakemake" in globals():
    main(snakemake)
