"""One number per base: what is drawn, averaged, summed and scored."""

import numpy as np

from proofread.dna.encoding import UNKNOWN
from proofread.methods.attributions.answers import SALIENCY
from proofread.truth.position_scores import (
    WINDOW,
    attribution_answers,
    centred,
    observed,
    smoothed,
)


def per_base(kind, hypothetical, index, *, correct=False, window=1):
    """The number of a kind for each base of each sequence.

    Parameters
    ----------
    kind : str
        `saliency` is the largest absolute value of the four (Simonyan et al. 2014,
        arXiv:1312.6034). Others take the value at the base that is present.
    hypothetical : numpy.ndarray, shape (n, 4, length)
    index : numpy.ndarray, shape (n, length), uint8
    correct : bool
        Subtract the mean over the four bases first (Majdandzic et al. 2023,
        doi:10.1186/s13059-023-02956-3).
    window : int
        Positions of a moving mean, odd, over the known bases; 1, none.

    Returns
    -------
    numpy.ndarray, shape (n, length)
        0 at unknown bases.
    """
    values = centred(hypothetical) if correct else hypothetical
    if kind == SALIENCY:
        numbers = np.where(index == UNKNOWN, 0, np.abs(values).max(axis=1))
    else:
        numbers = observed(values, index)
    if window > 1:
        known = index != UNKNOWN
        numbers = np.where(known, smoothed(numbers, window, known), 0)
    return numbers


def scored_numbers(kind, hypothetical, index):
    """The numbers that are scored; see `proofread.truth.position_scores`.

    Returns
    -------
    dict of str to numpy.ndarray, shape (n, length)
        Those of `attribution_answers`. Saliency has no sign: only the absolute ones.
    """
    if kind != SALIENCY:
        return attribution_answers(hypothetical, index)
    plain = {
        "absolute_raw": per_base(kind, hypothetical, index),
        "absolute_centred": per_base(kind, hypothetical, index, correct=True),
    }
    known = index != UNKNOWN
    windows = {
        f"{name}_window{WINDOW}": smoothed(numbers, known=known)
        for name, numbers in plain.items()
    }
    return plain | windows
