"""Tomtom: which known motif each filter of the first convolution resembles."""

from dataclasses import replace

from proofread.atomic import atomic
from proofread.datasets.dataset import read_dataset
from proofread.figures.style import save_figure
from proofread.job import start
from proofread.methods.tomtom.comparison import best_of_all, choose_backgrounds
from proofread.motifs.alignments import best_alignments, draw_alignments
from proofread.motifs.files import read_meme
from proofread.motifs.naming import (
    annotate,
    comments,
    compare,
    informative,
    match_scores,
    read_hits,
    warn_of_few,
)
from proofread.motifs.null_motifs import (
    calibration,
    distribution,
    draw_distribution,
    shuffled_columns,
)
from proofread.motifs.targets import pool_targets
from proofread.motifs.tomtom import Settings, write_comparisons
from proofread.progress import log
from proofread.tables import read_table, write_score, write_table
from proofread.truth.roles import by_role


def main(job):
    """Read, compare, annotate, score, draw; then the same with null queries."""
    start(job)
    params = job.params
    settings = Settings(
        distance=params.distance,
        complete=params.complete_scores,
        pseudocount=params.pseudocount,
        both_strands=params.both_strands,
        minimum_overlap=params.minimum_overlap,
        internal=params.internal,
        threshold=params.threshold,
        threshold_on=params.threshold_on,
        q_values=params.q_values,
    )
    filters = read_meme(job.input.filters)
    dataset = read_dataset(job.input.dataset)
    databases = {
        name: read_meme(path).motifs
        for name, path in zip(params.databases, job.input.databases, strict=True)
    }
    targets = pool_targets(databases, dataset.motifs)
    warn_of_few(targets)
    queries = informative(filters.motifs)
    backgrounds = choose_backgrounds(params.background, job.input.background, filters)
    comparisons = compare(queries, targets, settings, backgrounds)
    told = comments(settings, params.background, databases, dataset.motifs)
    with atomic(job.output.hits) as temporary:
        write_comparisons(temporary, comparisons, told)

    hits = read_hits(job.output.hits)
    table = annotate(
        read_table(job.input.table), queries, hits, targets, dataset.simulated
    )
    write_table(job.output.table, table)
    causal, decoys = by_role(dataset)
    write_score(job.output.score, match_scores(table, causal, decoys, kind="filter"))
    alignments = best_alignments(table, queries, targets, params.largest_figure)
    n_found = int(table["best_hit"].notna().sum())
    save_figure(draw_alignments(alignments, n_found, len(table)), job.output.figure)
    log.info("%d of %d filters have a hit", n_found, len(table))

    kinds = {
        "filters": queries,
        "shuffled": shuffled_columns(queries, params.null_copies, params.seed),
    }
    if job.input.untrained:
        kinds["untrained"] = informative(read_meme(job.input.untrained).motifs)
    # The queries' own backgrounds, so that nothing but the queries differs.
    everything = replace(settings, threshold=1.0, threshold_on="q")
    found = {
        kind: best_of_all(motifs, targets, everything, backgrounds)
        for kind, motifs in kinds.items()
    }
    write_table(job.output.calibration, calibration(found, settings))
    shares = distribution({kind: each.p for kind, each in found.items()})
    write_table(job.output.null, shares)
    save_figure(draw_distribution(shares), job.output.null_figure)


if "snakemake" in globals():
    main(snakemake)
