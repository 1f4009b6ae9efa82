"""A model over contigs of any length: tracks and peaks, beside sites and a signal."""

import pandas as pd

from proofread.figures.style import save_figure
from proofread.files.features import read_features
from proofread.files.genome import open_genome
from proofread.files.signal import check_signal
from proofread.job import draws, start
from proofread.methods.long_sequence_scan.figures import (
    densest_region,
    draw_profile,
    draw_region,
    draw_signal,
    read_region,
)
from proofread.methods.long_sequence_scan.peaks import (
    PROBABILITY,
    call_peaks,
    fraction_of_peaks,
    level_of_peaks,
    peak_table,
    shown_positions,
    write_peaks,
)
from proofread.methods.long_sequence_scan.signal import compare_with, signal_scores
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
from proofread.statistics.units import output_name
from proofread.tables import write_score, write_table


def main(job):
    """Join, smooth, call peaks, compare, write, draw."""
    start(job)
    params, output = job.params, job.output
    predictor = load_predictor(job.input.model)
    unit = PROBABILITY if params.faithful else output_name(predictor.output_unit)
    width, targets = predictor.length, predictor.targets
    target = targets[target_column(params.targets, targets)]
    anchor = anchor_of(params.anchor, width)
    layout = layout_of(params, width)
    tolerance = width // 4 if params.tolerance is None else params.tolerance
    apart = width // 2 if params.peak_distance is None else params.peak_distance

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
        if job.input.signal:
            check_signal(job.input.signal, lengths, genome.check_contig)

    windows = sum(map(layout.count, lengths.values()))
    name = "logits" if predictor.scale is None else "outputs"
    outputs = read_chunks(job.input.chunks, windows, name)
    tracks = split_contigs(outputs, lengths, params, width, anchor)
    level = level_of_peaks(tracks, params, unit)
    rows = [call_peaks(track, level, -(-apart // layout.stride)) for track in tracks]
    peaks = peak_table(tracks, rows, sites)
    peaks["at_site"] = peaks["distance"].abs() <= tolerance
    log.info("%d peaks in %d windows", len(peaks), len(outputs))
    table, shifted, agreement = compare_all(
        tracks, rows, sites, fitted, params, layout=layout, tolerance=tolerance
    )
    whole = pd.concat([summary_rows(lengths, tracks, peaks), table], ignore_index=True)
    write_table(output.table, whole, digits=8)
    pairs, of_signal, shifted_signal = compare_with(
        job.input.signal, tracks, params, layout
    )
    write_score(
        output.score, score_rows(table, target) + signal_scores(of_signal, target)
    )
    if not draws(job, "region_figure", "profile_figure"):
        return

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
    write_peaks(output.peaks, peaks, fraction_of_peaks(peaks, level, unit))
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
        unit=unit,
        pairs=pairs,
    )
    save_figure(figure, output.region_figure)
    figure = draw_profile(around, shifted, table, unit=unit)
    save_figure(figure, output.profile_figure)
    if draws(job, "signal_figure"):
        write_table(output.signal_table, of_signal, digits=8)
        figure = draw_signal(pairs, shifted_signal, of_signal, unit=unit)
        save_figure(figure, output.signal_figure)


if "snakemake" in globals():
    main(snakemake)
