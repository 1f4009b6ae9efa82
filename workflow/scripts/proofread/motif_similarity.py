"""Similarities of motif columns: the distances that Tomtom offers.

Each class is made once from all target columns (N, 4), their numbers of sites (N,) and
the background (4,). Called with the columns (width, 4) and the number of sites of a
query it gives similarities (width, N), larger for more alike columns. All but blic are
bilinear in features of the columns: one matrix product. Formulas: Gupta et al. 2007
(doi:10.1186/gb-2007-8-2-r24).
"""

import numpy as np

_LEAST_NORM = 1e-24  # squared distance from uniform that is only rounding


class _Pearson:
    """Correlation, with 1/4 as every column's mean."""

    def __init__(self, columns, sites, background):
        self.columns = columns
        self.directions = self._directions(columns).T

    def __call__(self, columns, sites):
        similarities = self._directions(columns) @ self.directions
        # The bins' origin is floor(-1) and their scale floor(100 / (1 - -1)) where the
        # extremes are -1 and 1, so one unit in the last place changes all p-values:
        # take the extremes from the formula as Tomtom evaluates it.
        extreme = np.flatnonzero(np.abs(similarities) > 1 - 1e-12)
        query, target = np.divmod(extreme, similarities.shape[1])
        q, t = columns[query] - 0.25, self.columns[target] - 0.25
        norms = np.sqrt((q**2).sum(axis=1) * (t**2).sum(axis=1))
        similarities[query, target] = (q * t).sum(axis=1) / norms
        return similarities

    @staticmethod
    def _directions(columns):
        centred = columns - 0.25
        squares = (centred**2).sum(axis=1, keepdims=True)
        # A uniform column correlates with nothing, not with its rounding errors.
        uniform = squares < _LEAST_NORM
        return np.where(uniform, 0, centred / np.sqrt(np.where(uniform, 1, squares)))


class _Sandelin:
    """2 minus the squared Euclidean distance."""

    def __init__(self, columns, sites, background):
        squares = (columns**2).sum(axis=1)
        self.features = np.vstack([2 * columns.T, -squares, -np.ones(len(columns))])

    def _negative_squared_distance(self, columns):
        squares = (columns**2).sum(axis=1)
        features = np.column_stack([columns, np.ones(len(columns)), squares])
        return np.minimum(features @ self.features, 0)

    def __call__(self, columns, sites):
        return 2 + self._negative_squared_distance(columns)


class _Euclidean(_Sandelin):
    """Minus the Euclidean distance."""

    def __call__(self, columns, sites):
        return -np.sqrt(-self._negative_squared_distance(columns))


class _Kullback:
    """Minus the mean of the two Kullback-Leibler divergences, in decimal digits."""

    def __init__(self, columns, sites, background):
        logarithms = np.log10(columns)
        entropies = (columns * logarithms).sum(axis=1)
        self.features = np.vstack(
            [logarithms.T, columns.T, -entropies, -np.ones(len(columns))]
        )

    def __call__(self, columns, sites):
        logarithms = np.log10(columns)
        entropies = (columns * logarithms).sum(axis=1)
        features = np.column_stack(
            [columns, logarithms, np.ones(len(columns)), entropies]
        )
        return np.minimum(features @ self.features / 2, 0)


class _AverageLogLikelihoodRatio:
    """Each column's sites under the other's log-odds, per site (allr)."""

    def __init__(self, columns, sites, background):
        self.background = background
        self.counts = sites * columns.sum(axis=1)
        self.features = np.vstack(
            [(sites[:, None] * columns).T, np.log(columns / background).T]
        )

    def __call__(self, columns, sites):
        log_odds = np.log(columns / self.background)
        features = np.column_stack([log_odds, sites * columns])
        counts = sites * columns.sum(axis=1)
        return features @ self.features / (counts[:, None] + self.counts)


class _BayesianLikelihood:
    """Bayesian likelihood of one common source against two sources (blic)."""

    def __init__(self, columns, sites, background):
        self.counts = sites[:, None] * columns  # (N, 4)
        self.own = self._log_likelihood(self.counts)
        self.log_background = np.log(background)

    def __call__(self, columns, sites):
        counts = sites * columns  # (width, 4)
        common = counts[:, None] + self.counts  # (width, N, 4)
        return (
            2 * self._log_likelihood(common)
            - self._log_likelihood(counts)[:, None]
            - self.own
            - common @ self.log_background
        )

    def _log_likelihood(self, counts):
        return (counts * np.log(self._source(counts))).sum(axis=-1)


class _Blic1(_BayesianLikelihood):
    """blic with one Dirichlet component: one count added to each base."""

    @staticmethod
    def _source(counts):
        return (counts + 1) / (counts.sum(axis=-1, keepdims=True) + 4)


class _Blic5(_BayesianLikelihood):
    """blic with a prior of five Dirichlet components.

    They are (5, 1, 1, 1) and its permutations, and (2, 2, 2, 2). As all have the sum 8,
    the gamma functions of their posterior weights leave polynomials: relative to
    ``prod_i gamma(c_i + 1)``, component i of the first four weighs
    ``(c_i + 1)(c_i + 2)(c_i + 3)(c_i + 4) / 24`` and the fifth ``prod_i (c_i + 1)``.
    """

    @staticmethod
    def _source(counts):
        favours = (counts + 1) * (counts + 2) * (counts + 3) * (counts + 4) / 24
        even = (counts + 1).prod(axis=-1, keepdims=True)
        total = favours.sum(axis=-1, keepdims=True) + even
        # The mean of the components' parameters: 1 for all, 4 more for the base that
        # a component favours, 1 more for each base in the fifth.
        parameters = 1 + (4 * favours + even) / total
        return (counts + parameters) / (counts.sum(axis=-1, keepdims=True) + 8)


SIMILARITIES = {
    "pearson": _Pearson,
    "ed": _Euclidean,
    "sandelin": _Sandelin,
    "kullback": _Kullback,
    "allr": _AverageLogLikelihoodRatio,
    "blic1": _Blic1,
    "blic5": _Blic5,
}
DISTANCES = tuple(SIMILARITIES)
