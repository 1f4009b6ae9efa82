"""TF-MoDISco: which sequence patterns recur where the network looks."""

import math

import h5py
import numpy as np
import pandas as pd

from proofread.attribution_patterns import Search, find_patterns
from proofread.dataset import read_dataset
from proofread.errors import InputError
from proofread.figures import (
    CONTEXT,
    TWO_COLUMNS,
    draw_logo,
    new_figure,
    save_figure,
)
from proofread.job import atomic, log, start
from proofread.metrics import bootstrap
from proofread.motif import Motif, consensus, relative_entropy
from proofread.motif_alignments import best_alignments, draw_alignments
from proofread.motif_comparison import Settings, write_comparisons
from proofread.motif_files import read_meme, write_meme
from proofread.motif_naming import (
    comments,
    compare,
    informative,
    match_scores,
    name_queries,
    read_hits,
    warn_of_few,
)
from proofread.motif_targets import pool_targets
from proofread.position_scores import causal_motifs
from proofread.tables import write_score, write_table, write_values

_SIDE_BY_SIDE = 2  # logos of contributions in a row


def read_attributions(one_hot, hypothetical, values):
    """What an attribution method hands over to TF-MoDISco.

    Parameters
    ----------
    one_hot, hypothetical : str or path
        Files of (n, 4, length) float32 under ``arr_0``.
    values : str or path
        The method's arrays; `row` and `target` are read.

    Returns
    -------
    one_hot, hypothetical : numpy.ndarray, shape (n, length, 4), float32
    row : numpy.ndarray, shape (n,), int64
        Of each sequence in the dataset.
    target : str
        Whose attributions they are: the method's first target.
    """
    arrays = []
    for path in (one_hot, hypothetical):
        with np.load(path) as file:
            # (n, 4, length) -> (n, length, 4)
            arrays.append(np.ascontiguousarray(file["arr_0"].transpose(0, 2, 1)))
    with h5py.File(values, "r") as file:
        return *arrays, file["row"][()], file["target"][0].decode()


def matrices(patterns, trim):
    """The patterns' frequencies without their weak ends.

    Parameters
    ----------
    patterns : list of proofread.attribution_patterns.Pattern
    trim : float
        Share of the highest position's contribution that an end needs.

    Returns
    -------
    list of Motif
    """
    motifs = []
    for pattern in patterns:
        first, last = pattern.core(trim)
        matrix = pattern.frequency[first:last]
        motifs.append(Motif(pattern.name, matrix, sites=len(pattern.row)))
    return motifs


def seqlet_table(patterns, trim, attribution):
    """One row per seqlet: where its pattern, without weak ends, stands.

    Parameters
    ----------
    patterns : list of proofread.attribution_patterns.Pattern
    trim : float
        As for `matrices`.
    attribution : numpy.ndarray, shape (n, length)
        Of the base that is there.

    Returns
    -------
    pandas.DataFrame
        pattern, row (of `attribution`), start, end (0-based, half-open), strand,
        contribution (the sum over these positions).
    """
    # A sum from the start of each sequence on; a stretch is a difference of two.
    total = np.zeros((len(attribution), attribution.shape[1] + 1))
    np.cumsum(attribution, axis=1, dtype=np.float64, out=total[:, 1:])
    columns = ["pattern", "row", "start", "end", "strand", "contribution"]
    tables = [pd.DataFrame(columns=columns)]
    for pattern in patterns:
        begin, end = pattern.places(*pattern.core(trim))
        rows = pattern.row
        table = {
            "pattern": pattern.name,
            "row": rows,
            "start": begin,
            "end": end,
            "strand": np.where(pattern.reverse, "-", "+"),
            "contribution": total[rows, end] - total[rows, begin],
        }
        tables.append(pd.DataFrame(table))
    return pd.concat(tables[1:], ignore_index=True) if patterns else tables[0]


def pattern_table(patterns, motifs, seqlets, matches):
    """One row per pattern: what it is, and what it is called.

    Parameters
    ----------
    patterns : list of proofread.attribution_patterns.Pattern
    motifs : list of Motif
        From `matrices`.
    seqlets : pandas.DataFrame
        From `seqlet_table`.
    matches : pandas.DataFrame
        From `name_queries`, in the order of the patterns.

    Returns
    -------
    pandas.DataFrame
    """
    groups = dict(list(seqlets.groupby("pattern")))
    rows = [
        {
            "pattern": pattern.name,
            "sign": pattern.sign,
            "seqlets": len(pattern.row),
            "sequences": len(np.unique(pattern.row)),
            "width": len(motif),
            "information": relative_entropy(motif.matrix).sum(),
            "contribution": groups[pattern.name]["contribution"].mean(),
            "consensus": consensus(motif.matrix),
        }
        for pattern, motif in zip(patterns, motifs, strict=True)
    ]
    columns = ["pattern", "sign", "seqlets", "sequences", "width", "information"]
    columns += ["contribution", "consensus"]
    table = pd.DataFrame(rows, columns=columns)
    matches = matches.drop(columns="query_consensus")
    return pd.concat([table, matches], axis=1)


def overlaps(seqlets, instances):
    """Which seqlets and which instances cover half of each other.

    Parameters
    ----------
    seqlets, instances : pandas.DataFrame
        start, end (0-based, half-open) and the sequence: `row` of a seqlet, `sequence`
        of an instance.

    Returns
    -------
    seqlet, instance : numpy.ndarray of bool
        Whether at least half of the shorter of the two is shared with one of the
        other table's.
    """
    seqlet = np.zeros(len(seqlets), dtype=bool)
    instance = np.zeros(len(instances), dtype=bool)
    places = seqlets.groupby("row").indices
    for sequence, of_sequence in instances.groupby("sequence").indices.items():
        if sequence not in places:
            continue
        mine = places[sequence]
        # Every seqlet of this sequence against every instance.
        a = seqlets.iloc[mine][["start", "end"]].to_numpy(dtype=np.int64)[:, None]
        b = instances.iloc[of_sequence][["start", "end"]].to_numpy(dtype=np.int64)[None]
        shared = np.minimum(a[..., 1], b[..., 1]) - np.maximum(a[..., 0], b[..., 0])
        shorter = np.minimum(a[..., 1] - a[..., 0], b[..., 1] - b[..., 0])
        half = 2 * shared >= shorter
        seqlet[mine] |= half.any(axis=1)
        instance[of_sequence] |= half.any(axis=0)
    return seqlet, instance


def recovery_scores(seqlets, dataset, target, *, resamples, seed):
    """How well the seqlets of the patterns are the planted instances.

    Parameters
    ----------
    seqlets : pandas.DataFrame
        From `seqlet_table`.
    dataset : proofread.dataset.Dataset
        The explained sequences.
    target : str
    resamples, seed : int
        Of the bootstrap over sequences.

    Returns
    -------
    list of tuple
        (metric, value, n, ci_low, ci_high): `seqlet_precision`, of the seqlets, and
        `seqlet_recall`, of the instances of causal motifs in positive sequences; n is
        the number of these. A metric of nothing is left out; where no motif is causal,
        as where the label is the GC content, no seqlet could be right, and both are.
    """
    causal = causal_motifs(dataset, target)
    if not causal:
        return []
    truth = dataset.truth[dataset.truth["motif"].isin(causal)]
    hit, found = overlaps(seqlets, truth)
    positive = dataset.label[:, dataset.target.index(target)] > 0
    counted = positive[truth["sequence"].to_numpy(dtype=np.int64)]
    parts = {
        "seqlet_precision": (seqlets["row"], hit),
        "seqlet_recall": (truth["sequence"][counted], found[counted]),
    }
    rows = []
    for metric, (sequence, right) in parts.items():
        if len(right) == 0:
            continue
        sequence = np.asarray(sequence, dtype=np.int64)
        of_each = [
            np.bincount(sequence, weight, len(dataset)) for weight in (right, None)
        ]
        interval = bootstrap(_share, of_each, resamples=resamples, seed=seed)
        rows.append((metric, right.mean(), len(right), *interval))
    return rows


def _share(right, counted):
    return right.sum() / counted.sum() if counted.any() else math.nan


def draw_contributions(patterns, trim, most):
    """Draw what each base of each pattern adds, as signed letters.

    Parameters
    ----------
    patterns : list of proofread.attribution_patterns.Pattern
        The first `most` are drawn.
    trim : float
        As for `matrices`; what it leaves is shaded.
    most : int

    Returns
    -------
    matplotlib.figure.Figure
        183 mm wide, two logos in a row.
    """
    shown = patterns[:most]
    rows = -(-len(shown) // _SIDE_BY_SIDE)
    figure, axes = new_figure(
        TWO_COLUMNS, 8 + 25 * rows, rows=rows, columns=_SIDE_BY_SIDE, squeeze=False
    )
    widest = max(len(each.frequency) for each in shown)
    for place, panel in enumerate(axes.ravel()):
        if place >= len(shown):
            panel.set_axis_off()
            continue
        pattern = shown[place]
        # Letters that cannot be seen are not drawn.
        heights = pattern.contribution
        least = np.abs(heights).max() / 12
        draw_logo(
            panel, np.where(np.abs(heights) < least, 0, heights), information=False
        )
        first, last = pattern.core(trim)
        panel.axvspan(
            first - 0.5, last - 0.5, color=CONTEXT, alpha=0.15, linewidth=0, zorder=-1
        )
        panel.set_xlim(-0.5, widest - 0.5)  # the same width of a letter everywhere
        panel.set_title(
            f"{pattern.name}: {len(pattern.row)} seqlets", loc="left", fontsize=7
        )
        if place % _SIDE_BY_SIDE == 0:
            panel.set_ylabel("contribution")
    which = f"The first {len(shown)} of the" if len(shown) < len(patterns) else "The"
    figure.suptitle(
        f"{which} {len(patterns)} pattern{'s' * (len(patterns) > 1)}",
        x=0.01,
        ha="left",
        fontsize=8,
    )
    figure.supxlabel("position in the pattern (0-based), before trimming", fontsize=7.5)
    return figure


def draw_nothing(reasons):
    """A figure that says why there is nothing to draw."""
    figure, axes = new_figure(TWO_COLUMNS, 14 + 4 * len(reasons))
    axes.set_axis_off()
    axes.text(0, 0.5, "\n".join(["No pattern was found.", *reasons]), va="center")
    return figure


def check_widths(length, search, dataset):
    """Refuse sequences that cannot hold a pattern, and cores beyond a cluster's ends.

    Parameters
    ----------
    length : int
        Bases of the longest sequence.
    search : Search
    dataset : str
        The path of the dataset, for the message.

    Raises
    ------
    InputError
    """
    if length < search.shortest:
        raise InputError(
            dataset,
            f"sequences of {length} bases",
            f"at least {search.shortest}: a window of {search.window} with a flank of "
            f"{search.flank} on both sides, and a core of {search.core} with an "
            f"extension of {search.extension}",
            "lower methods.motif_discovery.window or flank, or core or extension",
        )
    if search.core > search.largest_core:
        raise InputError(
            "methods.motif_discovery.core",
            f"{search.core} bases",
            f"at most {search.largest_core}: a window of {search.window} with a flank "
            f"of {search.flank} and an extension of {search.extension} on both sides",
            "lower core, or raise window, flank or extension",
        )


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

    settings = Settings(threshold=params.threshold)
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


def _alignments(table, queries, targets, found, params):
    """The patterns above what they are called after."""
    if len(table) == 0:
        return draw_nothing(found.reasons)
    most = params.largest_figure
    pairs = best_alignments(table, queries, targets, most, kind="pattern")
    n_found = int(table["best_hit"].notna().sum())
    return draw_alignments(pairs, n_found, len(table), kind="pattern")


def _arrays(patterns, trim):
    """Matrices of each pattern, in its whole width, under its name."""
    arrays = {"pattern": [pattern.name for pattern in patterns]}
    arrays["core"] = np.array([each.core(trim) for each in patterns]).reshape(-1, 2)
    for pattern in patterns:
        arrays[f"frequency_{pattern.name}"] = pattern.frequency
        arrays[f"contribution_{pattern.name}"] = pattern.contribution
        arrays[f"hypothetical_{pattern.name}"] = pattern.hypothetical
    return arrays


def _scores(table, seqlets, dataset, target, params):
    """Rows of score.tsv; none without truth."""
    if not dataset.simulated:
        return []
    causal = causal_motifs(dataset, target)
    decoys = [name for name in dataset.motifs if name not in causal]
    named = match_scores(table, causal, decoys, kind="pattern")
    return named + recovery_scores(
        seqlets, dataset, target, resamples=params.resamples, seed=params.seed
    )


if "snakemake" in globals():
    main(snakemake)
