"""Tomtom: which known motif each filter of the first convolution resembles."""

import math
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from proofread.dataset import read_dataset
from proofread.errors import InputError
from proofread.figures import (
    ACCENT,
    CONTEXT,
    TWO_COLUMNS,
    draw_logo,
    new_figure,
    save_figure,
)
from proofread.job import atomic, log, start
from proofread.motif import UNIFORM, relative_entropy, reverse_complement
from proofread.motif_comparison import (
    COLUMNS,
    Settings,
    compare_motifs,
    write_comparisons,
)
from proofread.motif_files import read_background, read_meme
from proofread.motif_null import (
    Found,
    best_of_each,
    calibration,
    distribution,
    draw_distribution,
    shuffled_columns,
)
from proofread.motif_targets import (
    PLANTED,
    is_planted,
    own_name,
    pool_targets,
    protein_name,
)
from proofread.tables import read_table, write_score, write_table

# Bits below which a whole matrix is uniform but for rounding.
_LEAST_INFORMATION = 1e-6
# Letters lower than this, in bits, cannot be seen and are not drawn.
_LEAST_HEIGHT = 0.06
_COLUMNS = 3  # pairs of logos side by side
_LONGEST_TITLE = 36  # letters that fit above one of them
# The null distribution is made of the targets' columns; the MEME Suite warns as well.
_FEW_TARGETS = 50
_AT_ONCE = 256  # queries whose pairs are in memory together


@dataclass(frozen=True)
class Alignment:
    """A filter and its best hit, ready to be drawn.

    Attributes
    ----------
    title : str
        The filter, and what its best hit is called.
    finding : str
        The q-value, the strand, and the planted motifs among the other hits.
    true : bool
        Whether a planted motif is among the hits.
    filter_heights, target_heights : numpy.ndarray, shape (columns, 4)
        Letter heights in bits on a common axis; 0 where a motif does not reach.
    first : int
        Filter position of the first column of that axis.
    overlap : tuple of int
        First and past-the-last filter position that is aligned.
    """

    title: str
    finding: str
    true: bool
    filter_heights: np.ndarray
    target_heights: np.ndarray
    first: int
    overlap: tuple


def informative(motifs):
    """Leave out motifs that are uniform: they resemble nothing."""
    return [
        motif
        for motif in motifs
        if relative_entropy(motif.matrix).sum() > _LEAST_INFORMATION
    ]


def read_hits(path):
    """Read a table of hits by column name, as any version of Tomtom writes it.

    Parameters
    ----------
    path : str or path
        tomtom.tsv (MEME Suite 5) or tomtom.txt (4, whose header begins with ``#`` and
        has spaces); empty lines and comments are left out.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`; no rows where nothing was found.
    """
    with open(path, encoding="utf-8") as file:
        lines = file.read().splitlines()
    header = lines[0].lstrip("#").replace(" ", "_").split("\t") if lines else []
    missing = [column for column in COLUMNS if column not in header]
    if missing:
        raise InputError(
            f"{path}, line 1",
            f"no column {missing[0]}",
            "the columns " + ", ".join(COLUMNS),
            "give the tomtom.tsv (or tomtom.txt) that Tomtom wrote",
        )
    rows = [line.split("\t") for line in lines[1:] if line.strip() and line[0] != "#"]
    numbers = dict.fromkeys(("p-value", "E-value", "q-value"), float)
    numbers |= dict.fromkeys(("Optimal_offset", "Overlap"), int)
    return pd.DataFrame(rows, columns=header)[list(COLUMNS)].astype(numbers)


def best_hits(hits):
    """The hit with the smallest q of each query; then smallest p, then first name.

    Parameters
    ----------
    hits : pandas.DataFrame
        From `read_hits`.

    Returns
    -------
    pandas.DataFrame
        One row per query with a hit, indexed by `Query_ID`.
    """
    ranked = hits.sort_values(["q-value", "p-value", "Target_ID"], kind="stable")
    return ranked.drop_duplicates("Query_ID").set_index("Query_ID")


def annotate(filters, compared, hits, targets, simulated):
    """One row per filter: its best hit and what it says of the truth.

    Parameters
    ----------
    filters : pandas.DataFrame
        Columns `filter` and `status`, from filter_pfms.
    compared : list of Motif
        The filters that were compared.
    hits : pandas.DataFrame
        From `read_hits`.
    targets : list of Motif
        From `pool_targets`.
    simulated : bool
        Whether the planted motifs are among the targets.

    Returns
    -------
    pandas.DataFrame
        `status` is `compared`, `uniform`, or why filter_pfms made no motif. `verdict`
        is `true` where a planted motif is among the hits, `other` where there are
        only other hits, `none` where there are none; empty without truth.
    """
    names = {motif.name for motif in compared}
    targets = {motif.name: motif for motif in targets}
    found = best_hits(hits)
    by_query = {name: group["Target_ID"] for name, group in hits.groupby("Query_ID")}
    rows = []
    for name, status in zip(filters["filter"], filters["status"], strict=True):
        matched = by_query.get(name, pd.Series(dtype=object))
        planted = [own_name(targets[each]) for each in matched if is_planted(each)]
        row = {"filter": name, "status": _status(name, status, names)}
        if name in found.index:
            best = found.loc[name]
            target = targets[best["Target_ID"]]
            row |= {
                "best_hit": target.name,
                "database": target.source,
                "protein": protein_name(target),
                "p": best["p-value"],
                "E": best["E-value"],
                "q": best["q-value"],
                "offset": best["Optimal_offset"],
                "overlap": best["Overlap"],
                "orientation": best["Orientation"],
                "filter_consensus": best["Query_consensus"],
                "target_consensus": best["Target_consensus"],
            }
        row["hits"] = len(matched)
        row["planted_hits"] = ",".join(planted)
        if simulated:
            row["verdict"] = "true" if planted else "other" if len(matched) else "none"
        rows.append(row)
    table = pd.DataFrame(rows, columns=_TABLE_COLUMNS)
    return table.astype({"offset": "Int64", "overlap": "Int64"})


_TABLE_COLUMNS = [
    "filter",
    "status",
    "verdict",
    "best_hit",
    "database",
    "protein",
    "p",
    "E",
    "q",
    "offset",
    "overlap",
    "orientation",
    "filter_consensus",
    "target_consensus",
    "hits",
    "planted_hits",
]


def _status(name, status, compared):
    if name in compared:
        return "compared"
    return "uniform" if status == "ok" else status


def scores(table, causal, decoys):
    """Shares of filters and of causal motifs that found each other.

    Parameters
    ----------
    table : pandas.DataFrame
        From `annotate`.
    causal, decoys : collections of str
        Names of the planted motifs, by their role; none where there is no truth.

    Returns
    -------
    list of tuple
        (metric, value, n, ci_low, ci_high). All filters count, dead ones too. There
        are no intervals: a network's filters are all there are, not a sample. How
        much a share varies, other seeds say.
    """
    planted = [*causal, *decoys]
    if not planted:
        return []
    matches = {
        name: sum(name in cell.split(",") for cell in table["planted_hits"])
        for name in planted
    }
    n = len(table)
    counts = {
        "filter_true_rate": (int((table["verdict"] == "true").sum()), n),
        "filter_other_rate": (int((table["verdict"] == "other").sum()), n),
        "planted_motifs_found": (
            sum(matches[name] > 0 for name in causal),
            len(causal),
        ),
        **{f"filters_matching_{name}": (k, n) for name, k in matches.items()},
    }
    return [
        (metric, k / n, n, math.nan, math.nan) for metric, (k, n) in counts.items() if n
    ]


def align(query, target, row):
    """Put a filter and its hit on a common axis.

    Parameters
    ----------
    query, target : Motif
    row : pandas.Series
        A row of `annotate`'s table.

    Returns
    -------
    Alignment
    """
    if row["orientation"] == "-":
        target = reverse_complement(target)
    # Target column `offset` lies under filter position 0.
    start = -int(row["offset"])
    first, last = min(0, start), max(len(query), start + len(target))
    begin = max(0, start)
    planted = is_planted(target.name)
    strand = ", − strand" if row["orientation"] == "-" else ""
    true = bool(row["planted_hits"])
    also = f"; also {row['planted_hits']}" if true and not planted else ""
    return Alignment(
        title=_shortened(f"{row['filter']}: {_known_as(target, row['protein'])}"),
        finding=_shortened(f"q = {row['q']:.0e}{strand}{also}"),
        true=true,
        filter_heights=_heights(query, -first, last - first),
        target_heights=_heights(target, start - first, last - first),
        first=first,
        overlap=(begin, begin + int(row["overlap"])),
    )


def _known_as(target, protein):
    """A target's protein, and what else says which motif it is."""
    if is_planted(target.name):
        return f"{protein} (planted)"
    name = own_name(target)
    # The database too where it stands before the name.
    parts = [name] * (name != protein) + [target.source] * (name != target.name)
    return f"{protein} ({', '.join(parts)})" if parts else protein


def _shortened(title):
    return title if len(title) <= _LONGEST_TITLE else f"{title[: _LONGEST_TITLE - 1]}…"


def _heights(motif, place, columns):
    """Letter heights in bits from column `place` on: (width, 4) -> (columns, 4)."""
    heights = np.zeros((columns, 4))
    information = relative_entropy(motif.matrix)[:, None] * motif.matrix
    heights[place : place + len(motif)] = information
    return np.where(heights < _LEAST_HEIGHT, 0, heights)


def best_alignments(table, queries, targets, most):
    """Alignments of the filters with the smallest q, at most `most`, best first."""
    queries = {motif.name: motif for motif in queries}
    targets = {motif.name: motif for motif in targets}
    ranked = table.dropna(subset=["best_hit"]).sort_values(["q", "p"], kind="stable")
    return [
        align(queries[row["filter"]], targets[row["best_hit"]], row)
        for _, row in ranked.head(most).iterrows()
    ]


def draw_alignments(alignments, n_found, n_filters):
    """Draw each filter's logo above the logo of its best hit.

    Parameters
    ----------
    alignments : list of Alignment
    n_found, n_filters : int
        Filters with a hit, and filters.

    Returns
    -------
    matplotlib.figure.Figure
        Three pairs of logos in a row, 183 mm wide. The aligned positions are shaded.
    """
    if not alignments:
        figure, axes = new_figure(TWO_COLUMNS, 20)
        axes.set_axis_off()
        axes.text(0, 0.5, f"None of {n_filters} filters has a hit.", va="center")
        return figure
    rows = -(-len(alignments) // _COLUMNS)
    figure, axes = new_figure(
        TWO_COLUMNS, 8 + 32 * rows, rows=2 * rows, columns=_COLUMNS, squeeze=False
    )
    # (2 rows, columns) -> (pairs, 2)
    pairs = axes.reshape(rows, 2, _COLUMNS).swapaxes(1, 2).reshape(-1, 2)
    widest = max(len(each.filter_heights) for each in alignments)
    for place, pair in enumerate(pairs):
        if place < len(alignments):
            _draw_pair(pair, alignments[place], widest, scale=place % _COLUMNS == 0)
        else:
            for each in pair:
                each.set_axis_off()
    shown = len(alignments)
    which = f"The best {shown} of the" if shown < n_found else "The"
    figure.suptitle(
        f"{which} {n_found} filters with a hit, of {n_filters}",
        x=0.01,
        ha="left",
        fontsize=8,
    )
    figure.supxlabel("position in the filter (0-based)", fontsize=7.5)
    return figure


def _draw_pair(pair, alignment, widest, *, scale):
    """Draw one alignment; with `scale`, the bits are written on its axes."""
    begin, end = (place - alignment.first - 0.5 for place in alignment.overlap)
    colour = ACCENT if alignment.true else "black"
    heights = (alignment.filter_heights, alignment.target_heights)
    for axes, each, name in zip(pair, heights, ("filter", "motif"), strict=True):
        draw_logo(axes, each)
        # The same width of a letter in all pairs.
        axes.set_xlim(-0.5, widest - 0.5)
        axes.axvspan(begin, end, color=CONTEXT, alpha=0.15, linewidth=0, zorder=-1)
        axes.set_xticks([])
        axes.set_yticks([0, 1, 2], ["0", "", "2"] if scale else [""] * 3)
        axes.set_ylabel(f"{name}\n(bits)" if scale else "")
    ticks = list(range(0, len(alignment.filter_heights) + alignment.first, 5))
    pair[1].set_xticks([tick - alignment.first for tick in ticks], ticks)
    pair[0].set_title(
        f"{alignment.title}\n{alignment.finding}", color=colour, loc="left", fontsize=7
    )


def compare(queries, targets, settings, backgrounds):
    """Compare queries with a pool of targets, of which there may be none."""
    if not targets:
        return []
    return compare_motifs(queries, targets, settings, **backgrounds)


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
    if len(targets) < _FEW_TARGETS:
        log.warning("%d targets are few: p-values are coarse", len(targets))
    queries = informative(filters.motifs)
    backgrounds = choose_backgrounds(params.background, job.input.background, filters)
    comparisons = compare(queries, targets, settings, backgrounds)
    comments = _comments(settings, params.background, databases, dataset.motifs)
    with atomic(job.output.hits) as temporary:
        write_comparisons(temporary, comparisons, comments)

    hits = read_hits(job.output.hits)
    table = annotate(
        read_table(job.input.table), queries, hits, targets, dataset.simulated
    )
    write_table(job.output.table, table)
    roles = dict(zip(dataset.truth["motif"], dataset.truth["role"], strict=True))
    causal = [name for name in dataset.motifs if roles.get(name) == "causal"]
    decoys = [name for name in dataset.motifs if name not in causal]
    write_score(job.output.score, scores(table, causal, decoys))
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


def _comments(settings, background, databases, planted):
    """What the table was made with, for its last lines."""
    sizes = [f"{len(motifs)} of {name}" for name, motifs in databases.items()]
    if planted:
        sizes.append(f"{len(planted)} {PLANTED}")
    total = sum(map(len, databases.values())) + len(planted)
    if isinstance(background, dict):
        background = background["file"]
    chosen = vars(settings) | {"background": background}
    return [
        "Tomtom's statistics (Gupta et al. 2007), computed by proofread",
        f"{total} targets: {', '.join(sizes) or 'none'}",
        ", ".join(f"{name} = {value}" for name, value in chosen.items()),
    ]


if "snakemake" in globals():
    main(snakemake)
