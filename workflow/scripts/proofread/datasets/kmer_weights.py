"""Motifs of the 6-mer model: its heaviest k-mers, joined where they overlap.

A user whose network learned nothing still sees which k-mers tell the classes apart.
"""

import numpy as np
import pandas as pd

from proofread.dna.encoding import decode, encode
from proofread.motifs.motif import Motif, reverse_complement_matrix
from proofread.motifs.naming import best_hits, compare, hit_table
from proofread.motifs.targets import protein_name
from proofread.motifs.tomtom import Settings

TOP = 30  # k-mers of a target
KMER_COLUMNS = ["target", "motif", "kmer", "weight", "offset", "strand"]
MOTIF_COLUMNS = ["target", "motif", "consensus", "kmers", "weight", "best_hit"]
MOTIF_COLUMNS += ["database", "protein", "q"]
_SHIFT = 2  # bp by which k-mers of a motif may be shifted
_OVERLAP = 4  # identical bases of two k-mers that are joined


def heaviest_kmers(weights, k, target):
    """The k-mers that speak most for a target, and the motifs they form.

    The heaviest k-mer founds a motif. Each lighter one joins the first motif whose
    founder it agrees with on either strand: shifted by at most 2 bp, with at most one
    different base in the overlap and at least 4 identical ones. Others found a motif.

    Parameters
    ----------
    weights : numpy.ndarray, shape (4**k,)
        Of the k-mers in alphabetical order; only those above 0 count.
    k : int
    target : str

    Returns
    -------
    pandas.DataFrame
        `KMER_COLUMNS`, at most `TOP` rows, heaviest first. `offset` is the position of
        the k-mer (on `strand`) relative to the founder, which names the motif.
    """
    order = np.argsort(-weights, kind="stable")[:TOP]
    founders, rows = [], []
    for code in order[weights[order] > 0]:
        kmer = code // 4 ** np.arange(k - 1, -1, -1) % 4
        positions = ((name, _aligned(encode(name), kmer)) for name in founders)
        name, position = next(
            ((n, p) for n, p in positions if p), (decode(kmer), (0, "+"))
        )
        if name not in founders:
            founders.append(name)
        rows.append((target, name, decode(kmer), weights[code], *position))
    return pd.DataFrame(rows, columns=KMER_COLUMNS)


def _aligned(founder, kmer):
    """Offset and strand at which a k-mer agrees with a founder; None if nowhere."""
    k = len(founder)
    best = (_OVERLAP - 1, None)
    for strand, bases in (("+", kmer), ("-", 3 - kmer[::-1])):
        for offset in range(-_SHIFT, _SHIFT + 1):
            begin, end = max(0, offset), min(k, k + offset)
            same = founder[begin:end] == bases[begin - offset : end - offset]
            if same.sum() >= len(same) - 1 and same.sum() > best[0]:
                best = (same.sum(), (offset, strand))
    return best[1]


def kmer_motif(rows, sites=20):
    """The matrix of the k-mers of one motif, each counted by its weight.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of one motif, from `heaviest_kmers`.
    sites : float
        Sites that the matrix stands for.

    Returns
    -------
    proofread.motifs.motif.Motif
        Of the positions that k-mers with half of the weight cover.
    """
    k = len(rows["kmer"].iloc[0])
    counts = np.zeros((k + 2 * _SHIFT, 4))
    for row in rows.itertuples():
        matrix = np.eye(4)[encode(row.kmer)]
        if row.strand == "-":
            matrix = reverse_complement_matrix(matrix)
        counts[_SHIFT + row.offset : _SHIFT + row.offset + k] += row.weight * matrix
    covered = counts.sum(axis=1) >= rows["weight"].sum() / 2
    kept = counts[covered]
    return Motif(
        rows["motif"].iloc[0], kept / kept.sum(axis=1, keepdims=True), sites=sites
    )


def motif_table(kmers, targets, q_threshold):
    """The motifs of the heaviest k-mers, with the known motifs that they match.

    Parameters
    ----------
    kmers : pandas.DataFrame
        From `heaviest_kmers`, of one target.
    targets : list of proofread.motifs.motif.Motif
        Known and planted motifs, from `pool_targets`; may be empty.
    q_threshold : float
        Of a match with one of them.

    Returns
    -------
    pandas.DataFrame
        `MOTIF_COLUMNS`, by falling sum of the weights. The best hit by Tomtom is empty
        where none has q of at most the threshold.
    """
    groups = dict(iter(kmers.groupby("motif", sort=False)))
    motifs = {name: kmer_motif(rows) for name, rows in groups.items()}
    uniform = {"background": np.full(4, 0.25), "query_background": None}
    settings = Settings(q_threshold=q_threshold)
    hits = best_hits(
        hit_table(compare(list(motifs.values()), targets, settings, uniform))
    )
    known = {motif.name: motif for motif in targets}
    rows = []
    for name, group in groups.items():
        row = {
            "target": group["target"].iloc[0],
            "motif": name,
            "consensus": decode(motifs[name].matrix.argmax(axis=1)),
            "kmers": len(group),
            "weight": group["weight"].sum(),
        }
        if name in hits.index:
            hit = known[hits.loc[name, "Target_ID"]]
            row |= {"best_hit": hit.name, "database": hit.source}
            row |= {"protein": protein_name(hit), "q": hits.loc[name, "q-value"]}
        rows.append(row)
    table = pd.DataFrame(rows, columns=MOTIF_COLUMNS)
    return table.sort_values("weight", ascending=False, kind="stable")
