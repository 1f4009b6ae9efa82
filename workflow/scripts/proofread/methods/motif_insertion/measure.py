"""Every measurement of motif insertion: motifs, their control k-mers, and pairs."""

from dataclasses import dataclass
from itertools import permutations

import numpy as np

from proofread.methods.motif_insertion.insertions import (
    all_starts,
    background_sequences,
    change_of,
    control_changes,
    kmers_of,
    mean_over_positions,
    pair_of,
    slide,
    some_of,
)
from proofread.progress import progress


@dataclass(frozen=True, eq=False)
class Insertions:
    """Logits of backgrounds with and without motifs.

    Attributes
    ----------
    none : numpy.ndarray, shape (n, targets), float64
        Logits of the backgrounds.
    kmers : list of numpy.ndarray, each (n, width), uint8
        Of each motif, what was inserted into each background.
    starts : list of numpy.ndarray, each (positions,)
        Of each motif.
    changes : list of numpy.ndarray, each (n, positions, targets)
        Logit with the motif less that of the background; NaN where there is no room.
    controls : list of tuple of numpy.ndarray
        Of each motif, at the positions of its control k-mers: changes of the motif,
        (n, targets), and of each k-mer, (k-mers, n, targets).
    pairs : list of proofread.methods.motif_insertion.insertions.Pair
        Of every two motifs in both roles, where they have room; of one motif twice, two
        copies of it.
    size : float or numpy.ndarray, shape (targets,)
        What rounding is relative to: see `insert_motifs`.
    """

    none: np.ndarray
    kmers: list
    starts: list
    changes: list
    controls: list
    pairs: list
    size: object = 1


def insert_motifs(
    predict,
    dataset,
    motifs,
    *,
    background,
    backgrounds,
    insert,
    step,
    controls,
    control_positions,
    faithful,
    seed,
    with_pairs=True,
    named=(),
    quantitative=False,
):
    """Insert motifs into backgrounds at every position, alone and in pairs.

    Parameters
    ----------
    predict : callable
        Maps index arrays (m, length) to logits (m, targets), or to outputs of
        quantities.
    dataset : proofread.datasets.dataset.Dataset
        What the backgrounds are made of.
    motifs : list of proofread.motifs.motif.Motif
    background : str
        See `background_sequences`.
    backgrounds, step, controls, control_positions, seed : int
        As in the method's schema.
    insert : str
        See `kmers_of`.
    faithful : bool
        Whether pairs leave out the two adjacent positions, as EUGENe does.
    with_pairs : bool
        Whether all pairs are measured.
    named : iterable of tuple of str
        Pairs that are measured in any case; a motif twice are two copies of it.
    quantitative : bool
        Whether the outputs are quantities, whose unit may be any: rounding is relative
        to the spread of the outputs of the backgrounds.

    Returns
    -------
    Insertions
    """
    index = background_sequences(dataset, background, backgrounds, seed)
    none = predict(index).astype(np.float64)
    size = none.std(axis=0) if quantitative else 1
    slid = []  # name, k-mers, starts and logits of each motif
    compared = []
    for number, motif in enumerate(progress(motifs, "motifs")):
        rng = np.random.default_rng([seed, number])
        kmers = kmers_of(motif.matrix, len(index), insert, rng)
        starts = all_starts(index.shape[1], len(motif), step)
        logits = slide(predict, index, kmers, starts)
        slid.append((motif.name, kmers, starts, logits))
        control_starts = some_of(starts, control_positions)
        same = logits[:, np.searchsorted(starts, control_starts)]
        others = control_changes(
            predict,
            index,
            none,
            kmers,
            control_starts,
            controls=controls,
            rng=np.random.default_rng([seed, number, 1]),
            size=size,
        )
        compared.append((mean_over_positions(change_of(same, none, size)), others))
    named = {frozenset(pair) for pair in named}
    ordered = [
        (fixed, tiled)
        for fixed, tiled in [*permutations(slid, 2), *zip(slid, slid, strict=True)]
        if (with_pairs and fixed is not tiled)
        or frozenset((fixed[0], tiled[0])) in named
    ]
    pairs = [
        pair_of(
            *(predict, index, none, fixed, tiled),
            step=step,
            touching=not faithful,
            size=size,
        )
        for fixed, tiled in progress(ordered, "pairs")
    ]
    return Insertions(
        none,
        [kmers for _, kmers, _, _ in slid],
        [starts for _, _, starts, _ in slid],
        [change_of(logits, none, size) for *_, logits in slid],
        compared,
        [pair for pair in pairs if pair is not None and len(pair.starts)],
        size,
    )
