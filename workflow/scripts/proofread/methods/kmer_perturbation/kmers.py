"""The k-mers that replace those of a sequence."""

import numpy as np

from proofread.dna.composition import base_frequencies, transition_frequencies
from proofread.dna.encoding import BASES, encode
from proofread.errors import InputError
from proofread.methods.kmer_perturbation.windows import (
    draw_words,
    perturb_windows,
    starts_of,
)
from proofread.progress import progress

_WHERE = "methods.kmer_perturbation"


def read_inserts(inserts, lengths):
    """Fixed words as indices, one for each length.

    Parameters
    ----------
    inserts : list of str
    lengths : list of int

    Returns
    -------
    dict of int to numpy.ndarray, shape (length,), uint8

    Raises
    ------
    InputError
        If they are not as many as the lengths, each of its length, of A, C, G and T.
    """
    if [len(word) for word in inserts] != list(lengths):
        raise InputError(
            f"{_WHERE}.inserts",
            f"words of {', '.join(str(len(word)) for word in inserts)} bases",
            f"one for each of 'lengths', {', '.join(map(str, lengths))}, in that order",
            "add, remove or correct words, or leave 'inserts' out to draw them",
        )
    for word in inserts:
        if set(word.upper()) - set(BASES):
            raise InputError(
                f"{_WHERE}.inserts",
                f"the word {word!r}",
                "the letters A, C, G and T",
                "correct it",
            )
    return {len(word): encode(word) for word in inserts}


def word_maker(index, size, rng, *, mode, draws_from, force_change, insert=None):
    """What stands in the windows of one length instead.

    Parameters
    ----------
    index : numpy.ndarray, shape (n, length), uint8
        Whose bases, or dinucleotides, are drawn from.
    size : int
    rng : numpy.random.Generator
    mode : str
        `repeated`, or one of Genomic-ULMFiT's (Heyer et al. 2019): `faithful_fresh`,
        one uniform word for each window, and `faithful_reused`, one for each sequence,
        in all its windows; both may draw the bases that stand there.
    draws_from : str
        `uniform`, `background` or `dinucleotide`; of `repeated`.
    force_change : bool
        Whether each base is another than the one that stands there; of `repeated`.
    insert : numpy.ndarray or None
        This word, always.

    Returns
    -------
    callable
        As `proofread.methods.kmer_perturbation.windows.perturb_windows` takes it.
    """
    frequencies = {
        "uniform": lambda: np.full(4, 0.25),
        "background": lambda: base_frequencies(index),
        "dinucleotide": lambda: transition_frequencies(index),
    }["uniform" if mode.startswith("faithful") else draws_from]()
    reused = rng.integers(4, size=(len(index), size), dtype=np.uint8)

    def words(row, _, old, before):
        if insert is not None:
            return np.broadcast_to(insert, old.shape)
        if mode == "faithful_reused":
            return reused[row]
        change = force_change and mode == "repeated"
        return draw_words(
            old, before, rng, frequencies=frequencies, force_change=change
        )

    return words


def words_of_a_window(params):
    """How many words are put in each window.

    Raises
    ------
    InputError
        If a single window would have more variants than are allowed.
    """
    if params.mode != "repeated" or params.inserts:
        return 1
    if params.max_variants is not None and params.max_variants < params.draws:
        raise InputError(
            f"{_WHERE}.max_variants",
            f"{params.max_variants} variants, less than the {params.draws} words"
            " ('draws') of a single window",
            f"at least {params.draws}",
            "raise it, or lower 'draws'",
        )
    return params.draws


def exchange_windows(editor, dataset, params, keep):
    """All windows of all lengths.

    Returns
    -------
    list of proofread.methods.kmer_perturbation.windows.Windows
    list of pandas.DataFrame
        Single variants of the rows in `keep`.
    """
    index = np.asarray(dataset.index)
    inserts = read_inserts(params.inserts, params.lengths) if params.inserts else {}
    draws = words_of_a_window(params)
    many, kept = [], []
    for size in params.lengths:
        # Each length has draws of its own, whatever the others are.
        rng = np.random.default_rng([params.seed, size])
        most = params.max_variants and params.max_variants // draws
        windows, variants = perturb_windows(
            editor,
            index,
            dataset.length,
            size,
            start=starts_of(index.shape[1], size, stride=params.stride, most=most),
            words=word_maker(
                index,
                size,
                rng,
                mode=params.mode,
                draws_from=params.draws_from,
                force_change=params.force_change,
                insert=inserts.get(size),
            ),
            draws=draws,
            strands=params.strands,
            label=f"windows of {size}",
            progress=progress,
            keep=keep,
        )
        many.append(windows)
        kept.append(variants)
    return many, kept
