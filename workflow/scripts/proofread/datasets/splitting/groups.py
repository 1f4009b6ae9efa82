"""Whole groups divided into parts, near the wanted fractions of each stratum."""

import numpy as np

from proofread.datasets.dataset import SPLITS
from proofread.errors import InputError

# Few groups leave much to chance, so several assignments are tried and the one
# nearest to the fractions is kept; these bound the trials and their work.
MAX_TRIALS = 200
MAX_ASSIGNED = 20_000


def split_groups(rng, group, stratum, fractions, where):
    """Divide groups into parts; the best of several greedy assignments.

    Parameters
    ----------
    rng : numpy.random.Generator
    group, stratum : list of str, n
        Of each row.
    fractions : numpy.ndarray, shape (3,)
        Of train, validation and test.
    where : str
        Place of the split's settings in the configuration.

    Returns
    -------
    numpy.ndarray, shape (n,), int64
        Part of each row, a place in `SPLITS`.

    Raises
    ------
    InputError
        If there are fewer groups than parts.
    """
    groups, group_of_row = np.unique(np.array(group), return_inverse=True)
    wanting = [name for name, size in zip(SPLITS, fractions, strict=True) if size > 0]
    if len(groups) < len(wanting):
        raise InputError(
            f"{where}.by",
            f"group, but all sequences are of {len(groups)} group(s): "
            + ", ".join(groups),
            f"at least {len(wanting)} groups, one for each of "
            + ", ".join(wanting[:-1])
            + f" and {wanting[-1]}",
            "check block and the header's groups, or split by stratified",
        )
    strata, stratum_of_row = np.unique(np.array(stratum), return_inverse=True)
    # (groups, strata): how many sequences of each stratum a group holds
    counts = np.zeros((len(groups), len(strata)))
    np.add.at(counts, (group_of_row, stratum_of_row), 1)
    wanted = fractions[:, None] * counts.sum(axis=0)
    n_trials = int(np.clip(MAX_ASSIGNED // len(groups), 1, MAX_TRIALS))
    trials = [_assign(rng, counts, wanted) for _ in range(n_trials)]
    # A part that lacks a stratum, such as a class, is worse than any fractions.
    *_, best = min(trials, key=lambda trial: trial[:2])
    return best[group_of_row]


def _assign(rng, counts, wanted):
    """Give each group, large ones first, to the part that lacks its strata most.

    Large ones come first, because small ones can still fill the remaining gaps. The
    sizes are altered at random, so that the trials differ. The last groups go to parts
    that have none yet, so that no part is empty but one of the fraction 0.

    Returns
    -------
    int
        Number of strata that parts lack, summed over the parts.
    float
        Squared distance from the wanted counts, each relative to its stratum.
    numpy.ndarray, shape (groups,)
        Part of each group.
    """
    scale = counts.sum(axis=0)
    order = np.argsort(-counts.sum(axis=1) * rng.uniform(0.5, 1.5, len(counts)))
    filled = np.zeros_like(wanted)
    part = np.empty(len(counts), dtype=np.int64)
    wants = wanted.sum(axis=1) > 0
    for left, group in zip(range(len(order), 0, -1), order, strict=True):
        # How much nearer each part comes to its counts with this group than without.
        before = (((filled - wanted) / scale) ** 2).sum(axis=1)
        after = (((filled + counts[group] - wanted) / scale) ** 2).sum(axis=1)
        gain = before - after
        empty = (filled.sum(axis=1) == 0) & wants
        if left <= empty.sum():
            gain[~empty] = -np.inf
        part[group] = np.argmax(gain)
        filled[part[group]] += counts[group]
    lacking = int(((filled == 0) & (wanted > 0)).sum())
    return lacking, (((filled - wanted) / scale) ** 2).sum(), part
