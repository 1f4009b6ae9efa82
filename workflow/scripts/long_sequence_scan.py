"""A model over contigs of any length: tracks, peaks, and their agreement with sites."""

import numpy as np
import pandas as pd

from proofread.figures.style import save_figure
from proofread.files.features import read_features
from proofread.files.genome import open_genome
from proofread.job import draws, start
from proofread.methods.long_sequence_scan.figures import (
    densest_region,
    draw_profile,
    draw_region,
    read_region,
)
from proofread.methods.long_sequence_scan.peaks import (
    call_peaks,
    peak_table,
    shown_positions,
    write_peaks,
)
from proofread.methods.long_sequence_scan.sites import (
    check_contigs,
    fitted_sites,
    read_sites,
)
from proofread.methods.long_sequence_scan.tables import (
    compare_all,
    profile_around,
    score_rows,
    summary_rows,
    write_metrics,
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
    params, output = job.params, job.output
    predictor = load_predictor(job.input.model)
    width, targets = predictor.length, predictor.targets
    target = targets[target_column(params.targets, targets)]
    anchor = anchor_of(params.anchor, width)
    layout = layout_of(params, width)
    tolerance = width // 4 if params.tolerance is None else params.tolerance
    apart = width // 2 if params.peak_distance is None else params.peak_distance
    level = params.probability_threshold
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
    rows = [call_peaks(track, level, -(-apart // layout.stride)) for track in tracks]
    peaks = peak_table(tracks, rows, sites)
    peaks["at_site"] = peaks["distance"].abs() <= tolerance
    log.info("%d peaks in %d windows", len(peaks), len(logits))
    table, shifted, agreement = compare_all(
        tracks, rows, sites, fitted, params, layout=layout, tolerance=tolerance
    )
    whole = pd.concat([summary_rows(lengths, tracks, peaks), table], ignore_index=True)
    write_table(output.table, whole, digits=8)
    write_score(output.score, score_rows(table, target))
    if not draws(job, "region_figure", "profile_figure"):
        return

    likely = peaks["height"] if params.faithful else probability(peaks["height"])
    write_metrics(output.metrics, whole)
    write_tracks(
        tracks,
        lengths,
        layout.stride,
        target,
        bedgraph=output.bedgraph,
        bigwig=output.bigwig,
        raw_bigwig=output.raw_bigwig,
        positions=output.positions,
    )
    write_peaks(output.peaks, peaks, likely)
    write_table(output.peak_table, peaks)
    write_table(output.null, shifted)
    around = profile_around(agreement, table, layout.stride)
    write_table(output.profile, around)

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
    save_figure(figure, output.region_figure)
    figure = draw_profile(around, shifted, table, probabilities=params.faithful)
    save_figure(figure, output.profile_figure)


if "snakemake" in globals():
    main(snakemake)
