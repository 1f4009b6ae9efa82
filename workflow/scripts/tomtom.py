"""Tomtom: which known motif each filter of the first convolution resembles."""

from dataclasses import replace

import numpy as np
import pandas as pd

from proofread.dataset import read_dataset
from proofread.figures import save_figure
from proofread.job import atomic, log, start
from proofread.motif import UNIFORM
from proofread.motif_alignments import best_alignments, draw_alignments
from proofread.motif_comparison import Settings, write_comparisons
from proofread.motif_files import read_background, read_meme
from proofread.motif_naming import (
    comments,
    compare,
    informative,
    match_scores,
    name_queries,
    read_hits,
    warn_of_few,
)
from proofread.motif_null import (
    Found,
    best_of_each,
    calibration,
    distribution,
    draw_distribution,
    shuffled_columns,
)
from proofread.motif_targets import pool_targets
from proofread.tables import read_table, write_score, write_table

_AT_ONCE = 256  # queries whose pairs are in memory together


def annotate(filters, compared, hits, targets, simulated):
    """One row per filter: its best hit and what it says of the truth.

    Parameters
    ----------
    filters : pandas.DataFrame
        Columns `filter` and `status`, from filter_pfms.
    compared : list of Motif
        The filters that were compared.
    hits, targets, simulated
        As for `proofread.motif_naming.name_queries`.

    Returns
    -------
    pandas.DataFrame
        `filter`, `status` (`compared`, `uniform`, or why filter_pfms made no motif),
        and the columns of `name_queries`.
    """
    names = {motif.name for motif in compared}
    columns = filters["filter"], filters["status"]
    statuses = [_status(*each, names) for each in zip(*columns, strict=True)]
    matches = name_queries(filters["filter"], hits, targets, simulated)
    matches = matches.rename(columns={"query_consensus": "filter_consensus"})
    named = pd.DataFrame({"filter": list(filters["filter"]), "status": statuses})
    return pd.concat([named, matches], axis=1)


def _status(name, status, compared):
    if name in compared:
        return "compared"
    return "uniform" if status == "ok" else status


def best_of_all(queries, targets, settings, backgrounds):
    """Sum up all pairs of queries and targets, some queries at a time."""
    blocks = [
        best_of_each(
            compare(queries[first : first + _AT_ONCE], targets, settings, backgrounds)
        )
        for first in range(0, max(1, len(queries)), _AT_ONCE)
    ]
    return Found(
        *(np.concatenate([getattr(each, key) for each in blocks]) for key in "pqe")
    )


def choose_backgrounds(background, files, filters):
    """Base frequencies as `compare_motifs` takes them.

    Parameters
    ----------
    background : str or dict
        The setting: ``"filters"``, ``"uniform"`` or ``{"file": path}``.
    files : list of str
        The path of that file, or none.
    filters : proofread.motif_files.MotifFile
        Its own frequencies are those of ``"filters"``.

    Returns
    -------
    dict
        `background` and `query_background`.
    """
    if background == "uniform":
        return {"background": UNIFORM, "query_background": None}
    if background == "filters":
        return {"background": None, "query_background": filters.background}
    (path,) = files
    return {"background": read_background(path), "query_background": None}


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
    roles = dict(zip(dataset.truth["motif"], dataset.truth["role"], strict=True))
    causal = [name for name in dataset.motifs if roles.get(name) == "causal"]
    decoys = [name for name in dataset.motifs if name not in causal]
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
