"""Similarities of motif columns: the distances that Tomtom offers.

Each class is made once from all target columns (N, 4), their numbers of sites (N,) and
the background (4,). Called with the columns (width, 4) and the number of sites of a
query it gives similarities (width, N), larger for more alike columns; the next call
may overwrite them. All but blic are bilinear in features of the columns: one matrix
product. Formulas: Gupta et al. 2007 (doi:10.1186/gb-2007-8-2-r24).
"""

import numpy as np

_MIN_NORM = 1e-24  # squared distance from uniform that is only rounding


class _Bilinear:
    """A product of features of the query's and of the targets' columns.

    Attributes
    ----------
    features : numpy.ndarray, shape (features, N)
        Of the targets.
    """

    _memory = np.empty((0, 0))

    def _product(self, features):
        """(width, features) -> (width, N), in the same memory for every query."""
        # New memory for each query would cost as much as the product itself.
        if len(self._memory) < len(features):
            self._memory = np.empty((len(features), self.features.shape[1]))
        return np.matmul(features, self.features, out=self._memory[: len(features)])


class _Pearson(_Bilinear):
    """Correlation, with 1/4 as every column's mean."""

    def __init__(self, columns, sites, background):
        self.columns = columns
        self.features = np.ascontiguousarray(self._directions(columns).T)

    def __call__(self, columns, sites):
        similarities = self._product(self._directions(columns))
        largest = 1 - 1e-12
        if not any(row.max() > largest or row.min() < -largest for row in similarities):
            return similarities
        # The bins' origin is floor(-1) and their scale floor(100 / (1 - -1)) where the
        # extremes are -1 and 1, so one unit in the last place changes all p-values:
        # take the extremes from the formula as Tomtom evaluates it.
        extreme = np.flatnonzero(np.abs(similarities) > largest)
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
        uniform = squares < _MIN_NORM
        return np.where(uniform, 0, centred / np.sqrt(np.where(uniform, 1, squares)))


class _Sandelin(_Bilinear):
    """2 minus the squared Euclidean distance."""

    def __init__(self, columns, sites, background):
        squares = (columns**2).sum(axis=1)
        self.features = np.vstack([2 * columns.T, -squares, -np.ones(len(columns))])

    def _negative_squared_distance(self, columns):
        squares = (columns**2).sum(axis=1)
        features = np.column_stack([columns, np.ones(len(columns)), squares])
        product = self._product(features)
        return np.minimum(product, 0, out=product)

    def __call__(self, columns, sites):
        similarities = self._negative_squared_distance(columns)
        similarities += 2
        return similarities


class _Euclidean(_Sandelin):
    """Minus the Euclidean distance."""

    def __call__(self, columns, sites):
        distances = self._negative_squared_distance(columns)
        np.negative(distances, out=distances)
        np.sqrt(distances, out=distances)
        return np.negative(distances, out=distances)


class _Kullback(_Bilinear):
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
        product = self._product(features)
        product /= 2
        return np.minimum(product, 0, out=product)


class _AverageLogLikelihoodRatio(_Bilinear):
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
        product = self._product(features)
        product /= counts[:, None] + self.counts
        return product


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
