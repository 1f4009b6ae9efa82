"""Compare the motifs of one file with those of another, by Tomtom's statistics."""

from proofread.atomic import atomic
from proofread.figures.style import save_figure
from proofread.job import start
from proofread.methods.tomtom.comparison import choose_backgrounds, settings_of
from proofread.motifs.alignments import best_alignments, draw_alignments
from proofread.motifs.files import read_motif_file, read_motifs
from proofread.motifs.naming import (
    comments,
    compare,
    hit_table,
    informative,
    name_queries,
    warn_of_few,
)
from proofread.motifs.tomtom import write_comparisons
from proofread.progress import log

_KIND = "motif"


def main(job):
    """Read both files, compare, write the hits, draw the best."""
    start(job)
    params, output = job.params, job.output
    settings = settings_of(params)
    file, targets = read_motif_file(job.input.query), read_motifs(job.input.target)
    warn_of_few(targets)
    queries = informative(file.motifs)
    backgrounds = choose_backgrounds(params.background, job.input.background, file)
    comparisons = compare(queries, targets, settings, backgrounds)
    background = "query" if params.background == "filters" else params.background
    lines = comments(settings, background, {job.input.target: targets}, {})
    with atomic(output.hits) as temporary:
        write_comparisons(temporary, comparisons, lines)

    names = [motif.name for motif in queries]
    table = name_queries(names, hit_table(comparisons), targets, False)
    table.insert(0, _KIND, names)
    shown = best_alignments(table, queries, targets, params.max_shown, kind=_KIND)
    n_matched = int(table["best_hit"].notna().sum())
    figure = draw_alignments(shown, n_matched, len(file.motifs), kind=_KIND)
    save_figure(figure, output.figure)
    log.info("%d of %d motifs have a hit", n_matched, len(file.motifs))


if "snakemake" in globals():
    main(snakemake)
