"""What a predictor says of two motifs at every gap between them."""

from dataclasses import dataclass

import numpy as np

from proofread.methods.motif_tests.edits import moved

# The mean probability has to rise by this much, and to this height, before a range is
# read from it.
MIN_CONTRAST, MIN_HEIGHT = 0.2, 0.5


@dataclass(frozen=True, eq=False)
class Response:
    """Logits of the same sequences with the pair at each gap.

    Attributes
    ----------
    left, right : str
        The motif that stands on the left, and the other.
    logits : numpy.ndarray, shape (n, gaps, targets), float64
        At the gaps 0, 1, ... bp.
    """

    left: str
    right: str
    logits: np.ndarray


def gap_response(predict, index, length, fixed, other, max_gap, *, on_right):
    """Put one motif at every gap from another, which stays where it is.

    The rest of the sequence keeps its order, as in `moved`. Where the fixed motif is
    too near to the end for the largest gap, it moves once, the same for all gaps, to
    where the pair at the largest gap is in the middle.

    Parameters
    ----------
    predict : callable
        Maps index arrays (n, length) to logits (n, targets).
    index : numpy.ndarray, shape (n, length), uint8
    length : numpy.ndarray, shape (n,), int
        Bases without padding.
    fixed, other : numpy.ndarray, shape (n, 2), int
        Start and end of each sequence's instances.
    max_gap : int
        bp; the sequences have room for the pair at this gap.
    on_right : bool
        Whether the other motif is put to the right of the fixed one.

    Returns
    -------
    numpy.ndarray, shape (n, max_gap + 1, targets), float64
    """
    width, other_width = (item[:, 1] - item[:, 0] for item in (fixed, other))
    needed = max_gap + other_width
    left_over = length - width - needed
    # In the middle, because the ends of a sequence are what networks see least of.
    if on_right:
        start = np.where(fixed[:, 0] > left_over, left_over // 2, fixed[:, 0])
    else:
        start = np.where(fixed[:, 0] < needed, needed + left_over // 2, fixed[:, 0])
    logits = []
    for gap in range(max_gap + 1):
        beside = start + width + gap if on_right else start - gap - other_width
        logits.append(predict(moved(index, fixed, other, start, beside)))
    return np.stack(logits, axis=1).astype(np.float64)


def learned_range(curve):
    """Where a curve is above the middle between its lowest and its highest value.

    Parameters
    ----------
    curve : numpy.ndarray, shape (gaps,)
        Mean probability at the gaps 0, 1, ...

    Returns
    -------
    tuple of int or None
        Smallest and largest gap, both included, of the run around the highest value;
        None where the curve rises by less than `MIN_CONTRAST` or stays below
        `MIN_HEIGHT`.
    """
    lowest, highest = curve.min(), curve.max()
    if highest - lowest < MIN_CONTRAST or highest < MIN_HEIGHT:
        return None
    above = curve >= (lowest + highest) / 2
    best = int(curve.argmax())
    below = np.flatnonzero(~above)
    first = below[below < best].max(initial=-1) + 1
    last = below[below > best].min(initial=len(curve)) - 1
    return int(first), int(last)


def overlap(one, other):
    """Gaps that two ranges share, of those in either; 0 where one is None."""
    if one is None or other is None:
        return 0.0
    shared = min(one[1], other[1]) - max(one[0], other[0]) + 1
    either = max(one[1], other[1]) - min(one[0], other[0]) + 1
    return max(0, shared) / (either if shared > 0 else 1)
