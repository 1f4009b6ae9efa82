"""Tables of motif discovery."""

import math

import numpy as np
import pandas as pd

from proofread.methods.motif_discovery.patterns import SIGNS
from proofread.motifs.motif import Motif, consensus, relative_entropy
from proofread.motifs.naming import match_scores
from proofread.statistics.bootstrap import bootstrap
from proofread.tables import Score
from proofread.truth.instances import half_overlaps
from proofread.truth.roles import by_role, causal_instances, causal_motifs
from proofread.truth.signs import planted_signs, sign_scores


def matrices(patterns, trim):
    """The base frequencies of the patterns, trimmed.

    Parameters
    ----------
    patterns : list of proofread.methods.motif_discovery.patterns.Pattern
    trim : float
        Fraction of the highest position's contribution that an end needs.

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
    """One row per seqlet: the interval of the trimmed pattern.

    Parameters
    ----------
    patterns : list of proofread.methods.motif_discovery.patterns.Pattern
    trim : float
        As for `matrices`.
    attribution : numpy.ndarray, shape (n, length)
        Of the base that is present.

    Returns
    -------
    pandas.DataFrame
        pattern, row (of `attribution`), start, end (0-based, half-open), strand,
        contribution (the sum over these positions).
    """
    # Running sums: the sum of a stretch is a difference of two.
    total = np.zeros((len(attribution), attribution.shape[1] + 1))
    np.cumsum(attribution, axis=1, dtype=np.float64, out=total[:, 1:])
    columns = ["pattern", "row", "start", "end", "strand", "contribution"]
    tables = [pd.DataFrame(columns=columns)]
    for pattern in patterns:
        begin, end = pattern.positions(*pattern.core(trim))
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
    """One row per pattern: its properties and its best match.

    Parameters
    ----------
    patterns : list of proofread.methods.motif_discovery.patterns.Pattern
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


def recovery_scores(seqlets, dataset, target, *, resamples, seed):
    """Overlap of the patterns' seqlets with the planted instances.

    Parameters
    ----------
    seqlets : pandas.DataFrame
        From `seqlet_table`.
    dataset : proofread.datasets.dataset.Dataset
        The explained sequences.
    target : str
    resamples, seed : int
        Of the bootstrap over sequences.

    Returns
    -------
    list of proofread.tables.Score
        `seqlet_precision`, of the seqlets, and `seqlet_recall`, of the instances of
        causal motifs in positive sequences, or, of a quantity, in all; n is their
        number. A score of nothing is left out. Without a causal motif (GC content, say)
        no seqlet can be right, and both are left out.
    """
    if not causal_motifs(dataset, target):
        return []
    truth = causal_instances(dataset, target)
    seqlet, instance = half_overlaps(
        *(seqlets[name].to_numpy() for name in ("row", "start", "end")), truth
    )
    correct = np.isin(np.arange(len(seqlets)), seqlet)
    recovered = np.isin(np.arange(len(truth)), instance)
    counted = np.ones(len(truth), dtype=bool)
    if not dataset.quantitative:
        positive = dataset.label[:, dataset.target.index(target)] > 0
        counted = positive[truth["sequence"].to_numpy(dtype=np.int64)]
    parts = {
        "seqlet_precision": (seqlets["row"], correct),
        "seqlet_recall": (truth["sequence"][counted], recovered[counted]),
    }
    result = []
    for metric, (sequence, right) in parts.items():
        if len(right) == 0:
            continue
        sequence = np.asarray(sequence, dtype=np.int64)
        by_sequence = [
            np.bincount(sequence, weight, len(dataset)) for weight in (right, None)
        ]
        interval = bootstrap(_fraction, by_sequence, resamples=resamples, seed=seed)
        result.append(Score(metric, right.mean(), len(right), *interval, target=target))
    return result


def _fraction(right, counted):
    return right.sum() / counted.sum() if counted.any() else math.nan


def seqlet_signs(table, seqlets, dataset, target):
    """Whether seqlets on the instances of a motif raise or lower the output.

    Parameters
    ----------
    table : pandas.DataFrame
        From `pattern_table`.
    seqlets, dataset, target
        As for `recovery_scores`.

    Returns
    -------
    dict of str to int
        By the name of each causal motif with a seqlet on an instance: the number of
        these seqlets that are of positive patterns less that of negative ones.
    """
    truth = causal_instances(dataset, target)
    columns = (seqlets[name].to_numpy() for name in ("row", "start", "end"))
    seqlet, instance = half_overlaps(*columns, truth)
    sign_of = dict(zip(table["pattern"], table["sign"].map(SIGNS), strict=True))
    signs = seqlets["pattern"].map(sign_of).to_numpy(dtype=int)[seqlet]
    motifs = truth["motif"].to_numpy()[instance]
    return pd.Series(signs).groupby(motifs).sum().to_dict()


def arrays(patterns, trim):
    """Matrices of each pattern, in its whole width, under its name."""
    kept = {"pattern": [pattern.name for pattern in patterns]}
    cores = [pattern.core(trim) for pattern in patterns]
    kept["core"] = np.array(cores).reshape(-1, 2)
    for pattern in patterns:
        kept[f"frequency_{pattern.name}"] = pattern.frequency
        kept[f"contribution_{pattern.name}"] = pattern.contribution
        kept[f"hypothetical_{pattern.name}"] = pattern.hypothetical
    return kept


def scores(table, seqlets, dataset, target, *, resamples, seed):
    """Scores of the patterns' names, seqlets and signs; none without truth.

    Parameters
    ----------
    table : pandas.DataFrame
        From `pattern_table`.
    seqlets, dataset, target, resamples, seed
        As for `recovery_scores`.
    """
    if not dataset.has_truth:
        return []
    named = []
    if dataset.simulated:  # known motifs are not among those that patterns match
        causal, decoys = by_role(dataset, target)
        named = match_scores(table, causal, decoys, kind="pattern")
    named += recovery_scores(seqlets, dataset, target, resamples=resamples, seed=seed)
    signs = planted_signs(dataset, target)
    found = seqlet_signs(table, seqlets, dataset, target) if signs else {}
    return named + sign_scores(found, signs, target)
