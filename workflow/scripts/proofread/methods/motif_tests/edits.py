"""Sequences with motifs replaced, swapped or moved, and the same done to no motif.

All functions take index arrays (n, length) and return copies. Intervals are 0-based and
half-open.
"""

import numpy as np

# Tries to place a set of windows, one after the other, in a sequence.
_TRIES = 20


def random_bases(rng, shape, frequencies):
    """Independent bases, uint8 0-3.

    Parameters
    ----------
    rng : numpy.random.Generator
    shape : tuple of int
    frequencies : numpy.ndarray, shape (4,)
        They sum to 1.
    """
    bounds = np.cumsum(frequencies)[:-1]
    return np.searchsorted(bounds, rng.random(shape), side="right").astype(np.uint8)


def replaced(index, mask, bases):
    """The sequences with the masked bases taken from `bases`; all (n, length)."""
    return np.where(mask, bases, index)


def moved(index, first, second, new_first, new_second):
    """Cut two instances out and put them back elsewhere; the rest keeps its order.

    Parameters
    ----------
    index : numpy.ndarray, shape (n, length), uint8
    first, second : numpy.ndarray, shape (n, 2), int
        Start and end of two instances that do not overlap, in either order.
    new_first, new_second : numpy.ndarray, shape (n,), int
        Their new starts, in either order; the instances do not overlap there either.

    Returns
    -------
    numpy.ndarray, shape (n, length), uint8
        The same bases in each sequence.
    """
    left = np.where((first[:, 0] < second[:, 0])[:, None], first, second)
    right = np.where((first[:, 0] < second[:, 0])[:, None], second, first)
    position = np.arange(index.shape[1])[None]
    ends = [
        new + item[:, 1] - item[:, 0]
        for new, item in ((new_first, first), (new_second, second))
    ]
    # Where a base of the result comes from. First the rest: the bases before it that
    # belong to the instances are skipped, in the result and then in the original.
    rest = position.copy().repeat(len(index), axis=0)
    for new, end in zip((new_first, new_second), ends, strict=True):
        rest -= np.where(position >= end[:, None], (end - new)[:, None], 0)
    source = rest
    for item in (left, right):
        width = item[:, 1:] - item[:, :1]
        source = source + np.where(source >= item[:, :1], width, 0)
    for new, end, item in zip(
        (new_first, new_second), ends, (first, second), strict=True
    ):
        inside = (position >= new[:, None]) & (position < end[:, None])
        source = np.where(inside, position - new[:, None] + item[:, :1], source)
    return np.take_along_axis(index, source, axis=1)


def swapped(index, first, second):
    """Swap two instances: left, second, gap, first, right.

    Parameters
    ----------
    index : numpy.ndarray, shape (n, length), uint8
    first, second : numpy.ndarray, shape (n, 2), int
        In either order.

    Returns
    -------
    numpy.ndarray, shape (n, length), uint8
        The gap keeps its bases; it shifts by the difference of the widths.
    """
    ahead = first[:, 0] < second[:, 0]
    left = np.where(ahead[:, None], first, second)
    right = np.where(ahead[:, None], second, first)
    new_right = left[:, 0]
    new_left = right[:, 1] - (left[:, 1] - left[:, 0])
    return moved(
        index,
        first,
        second,
        np.where(ahead, new_left, new_right),
        np.where(ahead, new_right, new_left),
    )


def free_windows(free, widths, rng):
    """Windows at random positions of one sequence that touch nothing, nor each other.

    Each is uniform over the positions that are left.

    Parameters
    ----------
    free : numpy.ndarray, shape (length,), bool
        Bases that a window may have.
    widths : list of int
    rng : numpy.random.Generator

    Returns
    -------
    numpy.ndarray, shape (windows, 2), int64, or None
        Starts and ends in the order of `widths`; None where there is no room.
    """
    for _ in range(_TRIES):
        left, windows = free.copy(), []
        for width in widths:
            starts = _free_starts(left, width)
            if len(starts) == 0:
                break
            start = int(starts[rng.integers(len(starts))])
            left[start : start + width] = False
            windows.append((start, start + width))
        else:
            return np.array(windows, dtype=np.int64).reshape(-1, 2)
        if not windows:
            return None  # the first one fits nowhere: no other try would do
    return None


def free_shift(free, windows, rng):
    """Windows shifted together to a random position where all bases are free.

    Parameters
    ----------
    free : numpy.ndarray, shape (length,), bool
        Bases that a window may have.
    windows : numpy.ndarray, shape (windows, 2), int
        Starts and ends in the sequence.
    rng : numpy.random.Generator

    Returns
    -------
    numpy.ndarray, shape (windows, 2), int64, or None
        None where no shift is possible.
    """
    blocked = np.append(0, np.cumsum(~free))
    starts, ends = windows.T
    shifts = np.arange(-starts.min(), len(free) - ends.max() + 1)
    taken = blocked[ends[:, None] + shifts] - blocked[starts[:, None] + shifts]
    shifts = shifts[~taken.any(axis=0)]
    if len(shifts) == 0:
        return None
    return windows + shifts[rng.integers(len(shifts))]


def free_pair(free, widths, gap, rng):
    """Two windows and the gap between them at a random position without anything else.

    Parameters
    ----------
    free : numpy.ndarray, shape (length,), bool
    widths : tuple of int
        Of the left and of the right window.
    gap : int
        Bases between them; if that is too wide for any position, the widest that fits.
    rng : numpy.random.Generator

    Returns
    -------
    numpy.ndarray, shape (2, 2), int64, or None
        Start and end of the left and of the right window; None without room.
    """
    longest = _longest_run(free)
    gap = min(gap, longest - sum(widths))
    if gap < 0:
        return None
    starts = _free_starts(free, sum(widths) + gap)
    start = int(starts[rng.integers(len(starts))])
    right = start + widths[0] + gap
    return np.array([[start, start + widths[0]], [right, right + widths[1]]])


def joints(occupied, pair):
    """Where a pair that was cut out can be put in without splitting another instance.

    Parameters
    ----------
    occupied : numpy.ndarray, shape (length,), bool
        Bases of one sequence that are of an instance, the pair's own among them.
    pair : numpy.ndarray, shape (2, 2), int
        Start and end of the left and of the right instance.

    Returns
    -------
    numpy.ndarray, shape (room + 1,), bool
        For each of the `room` other bases, and the end: whether the position before is
        not inside a run of occupied ones.
    """
    (start, end), (right, right_end) = pair
    rest = np.concatenate(
        [occupied[:start], occupied[end:right], occupied[right_end:], [False]]
    )
    return ~(rest & np.append(False, rest[:-1]))


def positions_of_gaps(free):
    """How many placements each gap has, (room + 1,), of `joints`."""
    room = len(free) - 1
    return np.correlate(free.astype(np.float64), free, "full")[room:].round()


def placements(weights, free, replicates, rng):
    """Starts of a pair, in order: a gap by its weight, then any start.

    Parameters
    ----------
    weights : numpy.ndarray, shape (room + 1,)
        Of each gap from 0 to `room`, the bases of the sequence that are not of the
        pair; 0 where a gap has no position (`positions_of_gaps`).
    free : numpy.ndarray, shape (room + 1,), bool
        Where something may be put in: see `joints`. The left one goes before base
        `start` of the rest, the right one before base `start + gap`.
    replicates : int
    rng : numpy.random.Generator

    Returns
    -------
    start, gap : numpy.ndarray, shape (replicates,), int64, or None
        None where no gap has a weight.
    """
    if not weights.any():
        return None
    gap = rng.choice(len(weights), size=replicates, p=weights / weights.sum())
    number = rng.integers(0, positions_of_gaps(free)[gap].astype(np.int64))
    allowed = [np.flatnonzero(free[: len(free) - g] & free[g:]) for g in gap]
    start = [item[which] for item, which in zip(allowed, number, strict=True)]
    return np.array(start, dtype=np.int64), gap


def matched_shifts(distance, left, free, gap, rng):
    """Shifts of a pair as a whole that move it about as far as a pair was moved.

    Parameters
    ----------
    distance : numpy.ndarray, shape (replicates,), int
        Bases that the two instances moved, together.
    left : int
        Bases before the pair.
    free : numpy.ndarray, shape (room + 1,), bool
        Where something may be put in: see `joints`.
    gap : int
        Bases between the two.
    rng : numpy.random.Generator

    Returns
    -------
    numpy.ndarray, shape (replicates,), int64, or None
        Never 0; to the side that allows the nearer match, by the toss of a coin if
        both do; of positions that split no other instance. None where there is no other
        position.
    """
    right = len(free) - 1 - gap - left
    shifts = np.flatnonzero(free[: len(free) - gap] & free[gap:]) - left
    shifts = shifts[shifts != 0]
    if len(shifts) == 0:
        return None
    wanted = np.maximum(1, (distance + 1) // 2)
    steps = np.stack([np.minimum(wanted, left), np.minimum(wanted, right)])
    tosses = rng.random(len(wanted)) < 0.5
    to_left = (steps[0] > steps[1]) | ((steps[0] == steps[1]) & tosses)
    best = np.where(to_left, -steps[0], steps[1])
    # Where that would split another instance: the nearest position that does not.
    nearest = np.abs(shifts[None] - best[:, None]).argmin(axis=1)
    return shifts[nearest]


def _free_starts(free, width):
    """Starts of the windows of this width that are wholly free."""
    if width > len(free):
        return np.array([], dtype=np.int64)
    blocked = np.append(0, np.cumsum(~free))
    return np.flatnonzero(blocked[width:] == blocked[: len(blocked) - width])


def _longest_run(free):
    edges = np.flatnonzero(np.diff(np.concatenate([[0], free.astype(np.int8), [0]])))
    return int((edges[1::2] - edges[::2]).max(initial=0))
