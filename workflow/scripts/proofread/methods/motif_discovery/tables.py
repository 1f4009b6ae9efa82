"""Tables of motif discovery."""

import math

import h5py
import numpy as np
import pandas as pd

from proofread.motifs.motif import Motif, consensus, relative_entropy
from proofread.motifs.naming import match_scores
from proofread.statistics.bootstrap import bootstrap
from proofread.truth.instances import half_overlaps
from proofread.truth.roles import by_role, causal_motifs


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
    patterns : list of proofread.methods.motif_discovery.patterns.Pattern
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
    patterns : list of proofread.methods.motif_discovery.patterns.Pattern
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
    """How well the seqlets of the patterns are the planted instances.

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
    seqlet, instance = half_overlaps(
        *(seqlets[name].to_numpy() for name in ("row", "start", "end")), truth
    )
    hit = np.isin(np.arange(len(seqlets)), seqlet)
    found = np.isin(np.arange(len(truth)), instance)
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
    causal, decoys = by_role(dataset, target)
    named = match_scores(table, causal, decoys, kind="pattern")
    return named + recovery_scores(
        seqlets, dataset, target, resamples=params.resamples, seed=params.seed
    )
