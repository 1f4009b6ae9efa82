"""The k-mers that replace those of a sequence."""

import numpy as np

from proofread.dna.composition import base_frequencies, transition_frequencies
from proofread.dna.encoding import BASES, UNKNOWN, encode
from proofread.errors import InputError

_WHERE = "methods.kmer_perturbation"


def draw_kmers(present, before, rng, *, frequencies, force_change):
    """Draw random k-mers, base by base.

    Parameters
    ----------
    present : numpy.ndarray, shape (m, k), uint8
        The k-mers to be replaced; all their bases are known.
    before : numpy.ndarray, shape (m,), uint8
        The base before each k-mer; 4 where there is none.
    rng : numpy.random.Generator
    frequencies : numpy.ndarray, shape (4,) or (5, 4)
        Of the bases, or of the bases after each base (`transition_frequencies`).
    force_change : bool
        Whether every base differs from the present one.

    Returns
    -------
    numpy.ndarray, shape (m, k), uint8
    """
    # (before, present, new)
    table = np.broadcast_to(np.asarray(frequencies)[..., None, :], (UNKNOWN + 1, 4, 4))
    if force_change:
        table = table * (1 - np.eye(4))
    limits = np.cumsum(table, axis=2)
    limits = limits / limits[:, :, -1:]
    kmers = np.empty_like(present)
    for position in range(present.shape[1]):
        bounds = limits[before, present[:, position]]  # (m, 4)
        draw = rng.random(len(present))
        before = (draw[:, None] >= bounds[:, :3]).sum(axis=1).astype(np.uint8)
        kmers[:, position] = before
    return kmers


def read_inserts(inserts, lengths):
    """Fixed k-mers as indices, one for each length.

    Parameters
    ----------
    inserts : list of str or None
        None: k-mers are drawn.
    lengths : list of int

    Returns
    -------
    dict of int to numpy.ndarray, shape (length,), uint8
        By length; empty where k-mers are drawn.

    Raises
    ------
    InputError
        If there is not one insert for each length, or one has another letter than A,
        C, G and T.
    """
    if inserts is None:
        return {}
    if [len(insert) for insert in inserts] != list(lengths):
        raise InputError(
            f"{_WHERE}.inserts",
            f"k-mers of {', '.join(str(len(insert)) for insert in inserts)} bases",
            f"one for each of 'lengths', {', '.join(map(str, lengths))}, in that order",
            "add, remove or correct k-mers, or leave 'inserts' out to draw them",
        )
    for insert in inserts:
        if set(insert.upper()) - set(BASES):
            raise InputError(
                f"{_WHERE}.inserts",
                f"the k-mer {insert!r}",
                "the bases A, C, G and T",
                "correct it",
            )
    return {len(insert): encode(insert) for insert in inserts}


def kmers_per_window(mode, replicates, *, fixed, max_variants):
    """Number of k-mers that replace each window in turn.

    Parameters
    ----------
    mode : str
        `repeated`, `faithful_fresh` or `faithful_reused`.
    replicates : int
        Random k-mers for each window in mode `repeated`.
    fixed : bool
        Whether the k-mers are given, one for each length.
    max_variants : int or None
        Of one sequence and length.

    Raises
    ------
    InputError
        If a single window would have more than `max_variants`.
    """
    if mode != "repeated" or fixed:
        return 1
    if max_variants is not None and max_variants < replicates:
        raise InputError(
            f"{_WHERE}.max_variants",
            f"{max_variants} variants, less than the {replicates} k-mers"
            " ('replicates') of a single window",
            f"at least {replicates}",
            "raise it, or lower 'replicates'",
        )
    return replicates


def kmer_maker(index, size, rng, *, mode, kmers_from, force_change, insert=None):
    """A function that makes the new k-mers of the windows of one length.

    Parameters
    ----------
    index : numpy.ndarray, shape (n, length), uint8
        The sequences whose base or dinucleotide frequencies are used.
    size : int
    rng : numpy.random.Generator
    mode : str
        `repeated`, or one of Genomic-ULMFiT's (Heyer et al. 2019): `faithful_fresh`,
        one uniform k-mer for each window, and `faithful_reused`, one for each sequence,
        in all its windows; both may draw the bases that are present.
    kmers_from : str
        `uniform`, `background` or `dinucleotide`; of `repeated`.
    force_change : bool
        Whether each base differs from the present one; of `repeated`.
    insert : numpy.ndarray or None
        Always this k-mer.

    Returns
    -------
    callable
        As `proofread.methods.kmer_perturbation.windows.perturb_windows` takes it.
    """
    frequencies = {
        "uniform": lambda: np.full(4, 0.25),
        "background": lambda: base_frequencies(index),
        "dinucleotide": lambda: transition_frequencies(index),
    }["uniform" if mode.startswith("faithful") else kmers_from]()
    reused = rng.integers(4, size=(len(index), size), dtype=np.uint8)

    def kmers(row, present, before):
        if insert is not None:
            return np.broadcast_to(insert, present.shape)
        if mode == "faithful_reused":
            return reused[row]
        change = force_change and mode == "repeated"
        return draw_kmers(
            present, before, rng, frequencies=frequencies, force_change=change
        )

    return kmers
