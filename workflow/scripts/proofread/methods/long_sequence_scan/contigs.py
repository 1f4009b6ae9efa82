"""Contigs with planted sequences."""

import numpy as np

from proofread.datasets.groups import HIGH, LOW, groups
from proofread.dna.encoding import UNKNOWN, reverse_complement
from proofread.dna.shuffle import dinucleotide_shuffle
from proofread.errors import InputError
from proofread.progress import log
from proofread.truth.roles import causal_instances

# Planted sequences fill at most this fraction of a contig.
_MAX_FILLED = 0.5


def background(dataset, negatives, length, rng):
    """Shuffled sequences, one after the other: (length,) uint8, no unknown bases.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
    negatives : numpy.ndarray, int
        Rows to draw from, with replacement; their dinucleotides are kept.
    length : int
        bp.
    rng : numpy.random.Generator
    """
    pieces, total = [], 0
    while total < length:
        rows = rng.choice(negatives, size=min(1024, 2 * length // 50 + 1))
        shuffled = dinucleotide_shuffle(np.asarray(dataset.index[rows]), rng)
        piece = shuffled[shuffled != UNKNOWN]
        if len(piece) == 0:
            raise InputError(
                "methods.long_sequence_scan.genome",
                "null, but the test sequences hold unknown bases only",
                "sequences to make contigs from",
                "give a genome",
            )
        pieces.append(piece)
        total += len(piece)
    return np.concatenate(pieces)[:length]


def site_in(dataset, row, anchor, target):
    """Position of a sequence's site of a target, 0-based.

    It is the middle of the planted motifs that the target depends on, where they are
    known, else the anchor. An instance whose effect is 0 does not count.
    """
    causal = causal_instances(dataset, target)
    causal = causal[(causal["sequence"] == row) & (causal["role"] == "causal")]
    if len(causal):
        return int(causal["start"].min() + causal["end"].max() - 1) // 2
    return min(anchor, int(dataset.length[row]) - 1)


def with_site(dataset, column):
    """Which sequences hold a site of a target, and which are planted as others.

    A site is to raise the output. Of a binary target the positives hold one. Of a
    quantitative target with planted effects the sequences do whose effects add up to
    more than 0; without a truth those with a value above the median.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
    column : int
        Of the target.

    Returns
    -------
    site, other : numpy.ndarray, shape (n,), bool
        A sequence whose label is missing is neither; one without its value may be.
    """
    target = dataset.target[column]
    if not dataset.quantitative:
        return dataset.label[:, column] == 1, dataset.label[:, column] == 0
    if "effect" in dataset.truth:
        truth = causal_instances(dataset, target)
        effect = np.bincount(truth["sequence"], truth["effect"], len(dataset))
        return effect > 0, effect <= 0
    halves, none = groups(dataset, target), np.zeros(len(dataset), dtype=bool)
    return halves.get(HIGH, none), halves.get(LOW, none)


def chosen_rows(dataset, members, max_rows, rng):
    """At most `max_rows` random rows of the members, hard negatives before others."""
    rows = rng.permutation(np.flatnonzero(members))
    hard = np.array(dataset.stratum, dtype=object)[rows] == "hard_negative"
    return np.concatenate([rows[hard], rows[~hard]])[:max_rows]


def plant(dataset, column, rng, settings, *, anchor, both_strands):
    """One contig: a background into which test sequences are planted.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
        The test split.
    column : int
        Of the target.
    rng : numpy.random.Generator
    settings : dict
        length, positives, negatives.
    anchor : int
    both_strands : bool
        Each sequence is planted on a random strand, else all forward.

    Returns
    -------
    index : numpy.ndarray, shape (length,), uint8
    sites : list of tuple
        name, position (0-based), strand: of the sequences with a site, ascending.
    """
    length = settings["length"]
    at_site, others = with_site(dataset, column)
    rows = [
        chosen_rows(dataset, members, settings[kind], rng)
        for kind, members in (("positives", at_site), ("negatives", others))
    ]
    # Both kinds are cut by the same factor where there is no room for all.
    wanted = sum(int(dataset.length[chosen].sum()) for chosen in rows)
    kept = min(1.0, _MAX_FILLED * length / max(1, wanted))
    if kept < 1:
        log.info("room for %.0f %% of the sequences to plant", 100 * kept)
    rows = rng.permutation(
        np.concatenate([chosen[: int(len(chosen) * kept)] for chosen in rows])
    ).astype(np.int64)
    sizes = dataset.length[rows].astype(np.int64)
    # Free bases are split at random between the planted sequences.
    free = length - int(sizes.sum())
    cuts = np.sort(rng.integers(0, free + 1, size=len(rows)))
    starts = cuts + np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)
    reverse = rng.random(len(rows)) < (0.5 if both_strands else 0)
    negatives = np.flatnonzero(others)
    index = background(
        dataset, negatives if len(negatives) else np.arange(len(dataset)), length, rng
    )
    either = dataset.settings.get("strand") == "either"
    sites = []
    for row, size, begin, backwards in zip(rows, sizes, starts, reverse, strict=True):
        bases = np.asarray(dataset.index[row])[:size]
        index[begin : begin + size] = reverse_complement(bases) if backwards else bases
        if at_site[row]:
            site = site_in(dataset, row, anchor, dataset.target[column])
            position = int(begin + (size - 1 - site if backwards else site))
            strand = "." if either else "-" if backwards else "+"
            sites.append((dataset.name[row], position, strand))
    return index, sites
