"""Do points with the same label lie together? Purity, silhouette, and their nulls.

Both are computed from Euclidean distances, not from a map, and compared with permuted
labels.
"""

import math
from dataclasses import dataclass

import numpy as np

# Squared distances are rounded to so many digits of the largest: rounding errors must
# not decide who is a neighbour.
_DIGITS = 9
# Values of a statistic that differ by less are the same.
_SAME = 1e-6


@dataclass(frozen=True)
class Neighbourhood:
    """How near points are to each other.

    Attributes
    ----------
    distance : numpy.ndarray, shape (n, n), float32
        As a fraction of the largest; equal where they differ by rounding.
    point, neighbour : numpy.ndarray, shape (pairs,), int
        Each point with each of its neighbours.
    weight : numpy.ndarray, shape (pairs,), float64
        Of the neighbour; those of a point sum to 1.
    """

    distance: np.ndarray
    point: np.ndarray
    neighbour: np.ndarray
    weight: np.ndarray

    @property
    def equidistant(self):
        """Whether all points are equally far from each other."""
        n = len(self.distance)
        apart = self.distance.sum() / max(n * (n - 1), 1)
        return bool(
            (np.abs(self.distance - apart)[~np.eye(n, dtype=bool)] < _SAME).all()
        )


@dataclass(frozen=True)
class Null:
    """Purity and silhouette of permuted labels: float64, (permutations,)."""

    purity: np.ndarray
    silhouette: np.ndarray


@dataclass(frozen=True)
class Comparison:
    """A value compared with those of permuted labels.

    Attributes
    ----------
    mean, low, high : float
        Mean and 2.5 and 97.5 % points of the permutations.
    p : float
        Fraction of the permutations, the observed labels among them, that reach the
        value: one-sided, never 0.
    """

    mean: float
    low: float
    high: float
    p: float


def neighbourhood(vectors, neighbours):
    """The nearest neighbours of each point, by Euclidean distance.

    Points that tie for the last neighbours share their weight: of equidistant points
    all others are neighbours with the same weight.

    Parameters
    ----------
    vectors : numpy.ndarray, shape (n, dimensions)
    neighbours : int
        Of each point, from 1 to n - 1.

    Returns
    -------
    Neighbourhood
    """
    square = _squared_distances(vectors)
    away = square.copy()
    np.fill_diagonal(away, np.inf)
    limit = np.partition(away, neighbours - 1, axis=1)[:, neighbours - 1, None]
    nearer, tied = away < limit, away == limit
    left = neighbours - nearer.sum(axis=1)
    weight = nearer + tied * (left / tied.sum(axis=1))[:, None]
    point, neighbour = np.nonzero(weight)
    return Neighbourhood(
        np.sqrt(square).astype(np.float32),
        point,
        neighbour,
        weight[point, neighbour] / neighbours,
    )


def _squared_distances(vectors):
    """As fractions of the largest, (n, n) float64; all 0 where all points are one."""
    vectors = np.asarray(vectors, dtype=np.float64)
    centred = vectors - vectors.mean(axis=0)
    scale = np.abs(centred).max(initial=0)
    # A mean is rounded, so that points that are one need not be centred to 0.
    if scale <= 1e-12 * np.abs(vectors).max(initial=0):
        return np.zeros((len(vectors), len(vectors)))
    centred /= scale
    length = (centred**2).sum(axis=1)
    square = length[:, None] + length - 2 * (centred @ centred.T)
    np.fill_diagonal(square, 0)
    square = np.maximum(square, square.T)  # exactly symmetric
    return np.round(np.maximum(square / square.max(), 0), _DIGITS)


def purity(near, label):
    """Fraction of a point's nearest neighbours that have its label, averaged.

    Parameters
    ----------
    near : Neighbourhood
    label : numpy.ndarray, shape (n,)

    Returns
    -------
    float
        0-1.
    """
    same = label[near.point] == label[near.neighbour]
    return float(near.weight[same].sum() / len(label))


def chance_purity(label):
    """Purity expected of random labels.

    For G groups of s of n points it is ``(s - 1) / (n - 1)``.
    """
    size = np.unique(label, return_counts=True)[1].astype(float)
    n = size.sum()
    return float((size * (size - 1)).sum() / (n * (n - 1)))


def silhouette(near, label):
    """Mean silhouette (Rousseeuw 1987, doi:10.1016/0377-0427(87)90125-7).

    Of a point: ``(b - a) / max(a, b)``, a its mean distance to the others of its group
    and b that to the nearest other group; 0 in a group of its own.

    Parameters
    ----------
    near : Neighbourhood
    label : numpy.ndarray, shape (n,)

    Returns
    -------
    float
        -1 to 1; NaN unless there are from 2 to n - 1 groups.
    """
    size = np.unique(label, return_counts=True)[1]
    return _silhouette(near.distance, np.argsort(label, kind="stable"), size)


def _silhouette(distance, order, size):
    """Of groups of the given sizes, which follow each other in `order`."""
    n = len(distance)
    if not 2 <= len(size) < n:
        return math.nan
    end = np.cumsum(size)
    # (groups, n): the sum of each point's distances to each group
    total = np.stack(
        [
            distance[order[last - members : last]].sum(axis=0)
            for last, members in zip(end, size, strict=True)
        ]
    )
    group = np.empty(n, dtype=np.int64)
    group[order] = np.repeat(np.arange(len(size)), size)
    point = np.arange(n)
    within = total[group, point] / np.maximum(size[group] - 1, 1)
    total /= size[:, None]
    total[group, point] = np.inf
    between = total.min(axis=0)
    greater = np.maximum(within, between)
    value = np.zeros(n)
    scored = (greater > 0) & (size[group] > 1)
    np.divide(between - within, greater, out=value, where=scored)
    return float(value.mean())


def null(near, label, permutations, seed):
    """Purity and silhouette of permuted labels.

    It depends on the sizes of the groups only, not on which is which.

    Parameters
    ----------
    near : Neighbourhood
    label : numpy.ndarray, shape (n,)
    permutations : int
    seed : int

    Returns
    -------
    Null
    """
    if near.equidistant:  # whatever the labels
        return Null(
            np.full(permutations, chance_purity(label)),
            np.full(permutations, silhouette(near, label)),
        )
    rng = np.random.default_rng(seed)
    group, size = np.unique(label, return_inverse=True, return_counts=True)[1:]
    group = np.sort(group)
    values = np.empty((permutations, 2))
    permuted = np.empty_like(group)
    for row in range(permutations):
        order = rng.permutation(len(label))
        permuted[order] = group
        values[row] = purity(near, permuted), _silhouette(near.distance, order, size)
    return Null(*values.T)


def compared(value, permuted):
    """Compare a value with those of permuted labels.

    Parameters
    ----------
    value : float
    permuted : numpy.ndarray, shape (permutations,)

    Returns
    -------
    Comparison
        All NaN where the value is.
    """
    if math.isnan(value):
        return Comparison(math.nan, math.nan, math.nan, math.nan)
    low, high = np.quantile(permuted, [0.025, 0.975])
    reached = int((permuted >= value - _SAME).sum())
    p = (1 + reached) / (1 + len(permuted))
    return Comparison(float(permuted.mean()), float(low), float(high), p)
