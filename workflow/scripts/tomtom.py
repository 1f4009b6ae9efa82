"""Tomtom: which known motif each filter of the first convolution resembles."""

from dataclasses import replace

from proofread.atomic import atomic
from proofread.datasets.dataset import read_dataset
from proofread.job import draws, start
from proofread.methods.tomtom.comparison import (
    best_of_all,
    choose_backgrounds,
    settings_of,
)
from proofread.methods.tomtom.tables import family_table
from proofread.motifs.chance import chance_words
from proofread.motifs.families import similar_pairs
from proofread.motifs.files import read_written_meme
from proofread.motifs.naming import (
    annotate,
    comments,
    compare,
    hit_table,
    informative,
    match_scores,
    warn_of_few,
)
from proofread.motifs.null_motifs import chance_scores
from proofread.motifs.pairs import best_of_pairs, merge_pairs, partners_of
from proofread.motifs.targets import pool_targets
from proofread.motifs.tomtom import write_comparisons
from proofread.progress import log
from proofread.tables import read_table, write_score, write_table
from proofread.truth.roles import by_role


def main(job):
    """Read, compare, annotate and score; then draw, and compare null queries."""
    start(job)
    params, output = job.params, job.output
    settings = settings_of(params)
    filters = read_written_meme(job.input.filters)
    dataset = read_dataset(job.input.dataset)
    databases = {
        name: read_written_meme(path).motifs
        for name, path in zip(params.databases, job.input.databases, strict=True)
    }
    targets = pool_targets(databases, dataset.planted)
    warn_of_few(targets)
    queries = informative(filters.motifs)
    backgrounds = choose_backgrounds(params.background, job.input.background, filters)
    comparisons = compare(queries, targets, settings, backgrounds)
    hits = hit_table(comparisons)
    table = annotate(
        read_table(job.input.table),
        queries,
        hits,
        targets,
        dataset.simulated,
    )
    write_table(output.table, table)
    causal, decoys = by_role(dataset) if dataset.simulated else ([], [])
    merged = merge_pairs(table)
    scores = match_scores(merged, causal, decoys, kind="filter")
    n_matched = int((merged["hits"] > 0).sum())
    log.info("%d of %d filters have a hit", n_matched, len(merged))
    if not draws(job, "figure"):
        write_score(output.score, scores)
        return

    from proofread.figures.style import save_figure
    from proofread.motifs.alignments import best_alignments, draw_alignments

    lines = comments(settings, params.background, databases, dataset.planted)
    with atomic(output.hits) as temporary:
        write_comparisons(temporary, comparisons, lines)
    kinds = {"filters": queries}
    if job.input.untrained:
        kinds["untrained"] = informative(read_written_meme(job.input.untrained).motifs)
    # The queries' own backgrounds, so that nothing but the queries differs.
    partners = partners_of(table)
    comparison = targets, settings, backgrounds
    rates, matches = compare_nulls(output, kinds, partners, comparison, params)
    best = best_of_pairs(table)
    figure = draw_alignments(
        best_alignments(best, queries, targets, params.max_shown),
        n_matched,
        len(merged),
        chance=chance_words(rates),
    )
    save_figure(figure, output.figure)
    write_score(output.score, scores + (chance_scores(rates) if scores else []))
    matched = [motif for motif in targets if motif.name in set(hits["Target_ID"])]
    pairs = similar_pairs(matched, targets, settings, backgrounds)
    write_table(output.similar, pairs)
    statistic, _ = settings.threshold
    n_queries = len(matches.pop("filters").q)
    table = family_table(hits, pairs, targets, matches, statistic, n_queries, partners)
    write_table(output.families, table)


def compare_nulls(output, kinds, partners, comparison, params):
    """Compare shuffled and untrained filters too; write and draw their p-values.

    Returns
    -------
    rates : pandas.DataFrame
        From `proofread.motifs.null_motifs.calibration`.
    matches : dict of str to proofread.motifs.null_motifs.BestMatches
        The best matches of the filters and of the null queries by their kind.
    """
    from proofread.figures.style import save_figure
    from proofread.motifs.null_motifs import (
        calibration,
        distribution,
        draw_distribution,
        shuffled_columns,
    )

    targets, settings, backgrounds = comparison
    copies, seed = params.null_copies, params.seed
    shuffled = shuffled_columns(kinds["filters"], copies, seed, partners)
    # The order is that of the rows.
    kinds = {"filters": kinds["filters"], "shuffled": shuffled} | kinds
    everything = replace(settings, q_threshold=1.0, e_threshold=None)
    matches = {
        kind: best_of_all(motifs, targets, everything, backgrounds).by_unit(
            [motif.name for motif in motifs], partners
        )
        for kind, motifs in kinds.items()
    }
    rates = calibration(matches, settings)
    write_table(output.calibration, rates)
    fractions = distribution({kind: best.p for kind, best in matches.items()})
    write_table(output.null, fractions)
    save_figure(draw_distribution(fractions), output.null_figure)
    return rates, matches


if "snakemake" in globals():
    main(snakemake)
