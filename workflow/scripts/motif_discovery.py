"""TF-MoDISco: which sequence patterns recur where the network looks."""

import numpy as np

from proofread.atomic import atomic
from proofread.datasets.dataset import read_dataset
from proofread.figures.style import save_figure
from proofread.job import start
from proofread.methods.motif_discovery.figures import (
    _alignments,
    draw_contributions,
    draw_nothing,
)
from proofread.methods.motif_discovery.patterns import (
    Search,
    check_widths,
    find_patterns,
)
from proofread.methods.motif_discovery.tables import (
    _arrays,
    _scores,
    matrices,
    pattern_table,
    read_attributions,
    seqlet_table,
)
from proofread.motifs.files import read_meme, write_meme
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
    """Read, find, name, score, draw."""
    start(job)
    params = job.params
    search = Search(
        **{name: getattr(params, name) for name in Search.__dataclass_fields__}
    )
    one_hot, hypothetical, rows, target = read_attributions(
        job.input.one_hot, job.input.hypothetical, job.input.values
    )
    dataset = read_dataset(job.input.dataset, streamed=True).subset(rows)
    check_widths(one_hot.shape[1], search, str(job.input.dataset))
    found = find_patterns(one_hot, hypothetical, search)
    patterns = found.patterns
    log.info("%d patterns in %d sequences, %s", len(patterns), len(rows), target)
    for reason in found.reasons:
        log.info("%s", reason)

    # One more of each base, so that none has a frequency of 0.
    counts = one_hot.sum(axis=(0, 1), dtype=np.float64) + 1
    motifs = matrices(patterns, params.trim)
    with atomic(job.output.patterns) as temporary:
        write_meme(temporary, motifs, counts / counts.sum())
    written = read_meme(job.output.patterns)

    settings = Settings(q_threshold=params.threshold)
    databases = {
        name: read_meme(path).motifs
        for name, path in zip(params.databases, job.input.databases, strict=True)
    }
    targets = pool_targets(databases, dataset.motifs)
    warn_of_few(targets)
    queries = informative(written.motifs)
    background = {"query_background": written.background}
    comparisons = compare(queries, targets, settings, background)
    told = comments(settings, "sequences", databases, dataset.motifs)
    with atomic(job.output.hits) as temporary:
        write_comparisons(temporary, comparisons, told)

    hits = read_hits(job.output.hits)
    names = [pattern.name for pattern in patterns]
    matches = name_queries(names, hits, targets, dataset.simulated)
    attribution = (one_hot * hypothetical).sum(axis=2)
    seqlets = seqlet_table(patterns, params.trim, attribution)
    table = pattern_table(patterns, motifs, seqlets, matches)
    write_table(job.output.table, table)
    of_sequence = [dataset.name[row] for row in seqlets["row"]]
    write_table(
        job.output.seqlets,
        seqlets.assign(row=of_sequence).rename(columns={"row": "sequence"}),
    )
    write_values(job.output.values, _arrays(patterns, params.trim))
    write_score(job.output.score, _scores(table, seqlets, dataset, target, params))

    save_figure(
        _alignments(table, queries, targets, found, params), job.output.alignments
    )
    if patterns:
        figure = draw_contributions(patterns, params.trim, params.largest_figure)
    else:
        figure = draw_nothing(found.reasons)
    save_figure(figure, job.output.contributions)


if "snakemake" in globals():
    main(snakemake)
