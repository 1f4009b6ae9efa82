"""Is a paired difference zero: two p-values and two sizes, for one value a sequence."""

import numpy as np

# Flips held in memory at once.
_BATCH = 2_000_000
# Sums of the same numbers in another order differ by rounding; so do not ties.
TIE = 1e-12


def wilcoxon(differences, *, zeros="pratt"):
    """Two-sided p of Wilcoxon's signed-rank test against 0 (1945, doi:10.2307/3001968).

    Exact up to 50 values without ties or zeros and up to 13 with them, else by the
    normal approximation.

    Parameters
    ----------
    differences : numpy.ndarray, shape (n,)
    zeros : str
        `pratt`: zeros take part in the ranking and are then left out (Pratt 1959,
        doi:10.1080/01621459.1959.10501526). `wilcox`: they are left out before.

    Returns
    -------
    float
        NaN without a value; 1 where all are 0.
    """
    from scipy import stats

    if len(differences) == 0:
        return np.nan
    if not np.any(differences):
        return 1.0
    return float(stats.wilcoxon(differences, zero_method=zeros).pvalue)


def min_wilcoxon(n):
    """The smallest two-sided p that `n` values can reach: 2 of the 2^n signs."""
    return min(1.0, 2.0 ** (1 - n)) if n else np.nan


def sign_flip(differences, *, permutations, seed):
    """Two-sided p of the mean against the means of the values with flipped signs.

    Parameters
    ----------
    differences : numpy.ndarray, shape (n,) or (n, m)
        Under the null each is as likely as its negative. Of m sets of differences each
        has a p of its own; their rows are flipped together.
    permutations : int
        Random flips; with the values themselves that makes the smallest p
        1 / (permutations + 1). Where there are no more different flips than that, all
        are taken and p is exact.
    seed : int or sequence of int

    Returns
    -------
    float, or numpy.ndarray of shape (m,)
        NaN without a value; 1 where all are 0.
    """
    values = np.asarray(differences, dtype=np.float64)
    n = len(values)
    if n == 0:
        return np.full(values.shape[1:], np.nan)[()]
    total = values.sum(axis=0)
    least = np.abs(total) - TIE * np.abs(values).sum(axis=0)
    if 2**n <= permutations:
        every = np.arange(2**n)[:, None] >> np.arange(n) & 1  # (2^n, n)
        return np.mean(np.abs((1.0 - 2 * every) @ values) >= least, axis=0)
    rng = np.random.default_rng(seed)
    reached, rows = 0, max(1, _BATCH // max(1, values.size))
    for start in range(0, permutations, rows):
        size = (min(rows, permutations - start), n)
        flips = rng.integers(0, 2, size=size, dtype=np.int8)
        # sum of s * d, s = 1 - 2 f: (flips, n) @ (n,) or (n, m)
        sums = total - 2 * (flips.astype(np.float64) @ values)
        reached = reached + np.count_nonzero(np.abs(sums) >= least, axis=0)
    return (1 + reached) / (permutations + 1)


def rank_biserial(differences):
    """Fraction of the rank sum that is positive less the fraction that is negative.

    From -1 to 1 (Kerby 2014, doi:10.2466/11.IT.3.1); zeros are left out, ties share
    their rank. 0 where all are 0, NaN without a value.
    """
    from scipy import stats

    if len(differences) == 0:
        return np.nan
    values = np.asarray(differences, dtype=np.float64)
    values = values[values != 0]
    if len(values) == 0:
        return 0.0
    ranks = stats.rankdata(np.abs(values))
    return float((ranks * np.sign(values)).sum() / ranks.sum())
