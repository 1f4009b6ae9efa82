"""TF-MoDISco: sequence patterns that recur where contributions are high."""

import numpy as np

from proofread.atomic import atomic
from proofread.datasets.dataset import read_dataset
from proofread.datasets.intervals import write_bed
from proofread.job import draws, start
from proofread.methods.motif_discovery.contributions import (
    read_attributions,
    read_substitutions,
)
from proofread.methods.motif_discovery.patterns import (
    Search,
    check_widths,
    find_patterns,
)
from proofread.methods.motif_discovery.tables import (
    arrays,
    matrices,
    pattern_table,
    scores,
    seqlet_table,
)
from proofread.motifs.files import read_written_meme, write_meme
from proofread.motifs.naming import (
    comments,
    compare,
    informative,
    name_queries,
    read_hits,
    warn_of_few,
)
from proofread.motifs.targets import pool_targets
from proofread.motifs.tomtom import Settings, write_comparisons
from proofread.progress import log
from proofread.tables import write_score, write_table, write_values


def main(job):
    """Read, find, name, score; draw where the rule has figures."""
    start(job)
    params = job.params
    search = Search(
        **{name: getattr(params, name) for name in Search.__dataclass_fields__}
    )
    if params.source == "attributions":
        contributions = read_attributions(job.input.values, params.kind)
    else:
        contributions = read_substitutions(job.input.values)
    hypothetical, rows, target = contributions
    dataset = read_dataset(job.input.dataset, streamed=True).subset(rows)
    check_widths(hypothetical.shape[1], search, str(job.input.dataset))
    # (n, 4, length) -> (n, length, 4)
    one_hot = np.ascontiguousarray(dataset.one_hot().transpose(0, 2, 1))
    result = find_patterns(one_hot, hypothetical, search)
    patterns = result.patterns
    log.info("%d patterns in %d sequences, %s", len(patterns), len(rows), target)
    for reason in result.reasons:
        log.info("%s", reason)

    # A pseudocount of each base, so that none has a frequency of 0.
    counts = one_hot.sum(axis=(0, 1), dtype=np.float64) + 1
    motifs = matrices(patterns, params.trim)
    with atomic(job.output.patterns) as temporary:
        write_meme(temporary, motifs, counts / counts.sum())
    written = read_written_meme(job.output.patterns)

    settings = Settings(q_threshold=params.q_threshold)
    databases = {
        name: read_written_meme(path).motifs
        for name, path in zip(params.databases, job.input.databases, strict=True)
    }
    targets = pool_targets(databases, dataset.planted)
    warn_of_few(targets)
    queries = informative(written.motifs)
    background = {"query_background": written.background}
    comparisons = compare(queries, targets, settings, background)
    notes = comments(settings, "sequences", databases, dataset.planted)
    with atomic(job.output.hits) as temporary:
        write_comparisons(temporary, comparisons, notes)

    hits = read_hits(job.output.hits)
    names = [pattern.name for pattern in patterns]
    matches = name_queries(names, hits, targets, dataset.simulated)
    attribution = (one_hot * hypothetical).sum(axis=2)
    seqlets = seqlet_table(patterns, params.trim, attribution)
    table = pattern_table(patterns, motifs, seqlets, matches)
    write_table(job.output.table, table)
    sequences = [dataset.name[row] for row in seqlets["row"]]
    write_table(
        job.output.seqlets,
        seqlets.assign(row=sequences).rename(columns={"row": "sequence"}),
    )
    write_values(job.output.values, arrays(patterns, params.trim))
    write_score(
        job.output.score,
        scores(
            table,
            seqlets,
            dataset,
            target,
            resamples=params.resamples,
            seed=params.seed,
        ),
    )
    if draws(job, "bed"):
        lines = seqlets.rename(columns={"pattern": "name", "contribution": "value"})
        write_bed(job.output.bed, dataset, lines.assign(value=lines["value"].abs()))
    if draws(job, "alignments", "contributions"):
        draw(job, result, table, queries, targets)


def draw(job, result, table, queries, targets):
    """Draw the patterns, or why there are none."""
    from proofread.figures.style import save_figure
    from proofread.methods.motif_discovery.figures import (
        draw_contributions,
        draw_matches,
        draw_nothing,
    )

    params, patterns = job.params, result.patterns
    if not patterns:
        for path in (job.output.alignments, job.output.contributions):
            save_figure(draw_nothing(result.reasons), path)
        return
    figure = draw_matches(table, queries, targets, most=params.max_shown)
    save_figure(figure, job.output.alignments)
    figure = draw_contributions(patterns, params.trim, params.max_shown)
    save_figure(figure, job.output.contributions)


if "snakemake" in globals():
    main(snakemake)
