"""A model over contigs of any length: tracks, peaks, and their agreement with sites."""

import numpy as np
import pandas as pd

from proofread.figures.style import save_figure
from proofread.files.features import read_features
from proofread.files.genome import open_genome
from proofread.job import start
from proofread.methods.long_sequence_scan.figures import (
    densest_region,
    draw_profile,
    draw_region,
    read_region,
)
from proofread.methods.long_sequence_scan.peaks import (
    call_peaks,
    compare_all,
    peak_table,
    score_rows,
    shown_positions,
    write_metrics,
    write_peaks,
)
from proofread.methods.long_sequence_scan.sites import (
    check_contigs,
    fitted_sites,
    read_sites,
)
from proofread.methods.long_sequence_scan.tracks import (
    read_chunks,
    split_contigs,
    write_tracks,
)
from proofread.methods.long_sequence_scan.windows import (
    anchor_of,
    layout_of,
    target_column,
)
from proofread.models.checkpoint import load_predictor
from proofread.progress import log
from proofread.statistics.logits import probability
from proofread.tables import write_score, write_table


def main(job):
    """Join, smooth, call peaks, compare, write, draw."""
    start(job)
    params = job.params
    predictor = load_predictor(job.input.model)
    width, targets = predictor.length, predictor.targets
    target = targets[target_column(params.target, targets)]
    anchor = anchor_of(params.anchor, width)
    layout = layout_of(params, width)
    tolerance = width // 4 if params.tolerance is None else params.tolerance
    apart = width // 2 if params.peak_distance is None else params.peak_distance
    level = params.threshold
    if not params.faithful:
        level = float(np.log(level / (1 - level)))

    with open_genome(job.input.genome) as genome:
        lengths = genome.lengths
        region = read_region(params.region, lengths) if params.region else None
        sites = read_sites(job.input.sites, genome, params)
        fitted = {}
        if sites is not None:
            splits = (job.input.dataset, job.input.splits)
            fitted = fitted_sites(sites, genome, *splits, anchor, width)
        genes = []
        if job.input.genes:
            genes = read_features(job.input.genes, params.feature)
            check_contigs(genes, genome)

    logits = read_chunks(job.input.chunks, sum(map(layout.count, lengths.values())))
    tracks = split_contigs(logits, lengths, params, width, anchor)
    write_tracks(job.output, tracks, lengths, layout.stride, target)
    places = [call_peaks(each, level, -(-apart // layout.stride)) for each in tracks]
    peaks = peak_table(tracks, places, sites)
    peaks["at_site"] = peaks["distance"].abs() <= tolerance
    likely = peaks["height"] if params.faithful else probability(peaks["height"])
    write_peaks(job.output.peaks, peaks, likely)
    write_table(job.output.peak_table, peaks)
    log.info("%d peaks in %d windows", len(peaks), len(logits))

    table, shifted, around = compare_all(
        *(tracks, places, sites, fitted, params), layout=layout, tolerance=tolerance
    )
    summary = {
        "contigs": len(lengths),
        "bases": sum(lengths.values()),
        "windows": sum(map(len, tracks)),
        "peaks": len(peaks),
    }
    summary = pd.DataFrame(
        {"sites": "scan", "metric": summary.keys(), "value": summary.values()}
    )
    whole = pd.concat([summary, table], ignore_index=True)
    write_table(job.output.table, whole, digits=8)
    write_metrics(job.output.metrics, whole)
    write_score(job.output.score, score_rows(table, target, targets))
    write_table(job.output.profile, around)
    write_table(job.output.null, shifted)

    if region is None:
        region = densest_region(shown_positions(tracks, peaks, sites), lengths)
    figure = draw_region(
        region,
        [track for track in tracks if track.contig == region.contig],
        peaks,
        sites and sites[region.contig],
        genes,
        level=level,
        probabilities=params.faithful,
    )
    save_figure(figure, job.output.region_figure)
    figure = draw_profile(
        around,
        shifted,
        table.drop_duplicates("metric", keep="last").set_index("metric"),
        probabilities=params.faithful,
    )
    save_figure(figure, job.output.profile_figure)


if "snakemake" in globals():
    main(snakemake)
