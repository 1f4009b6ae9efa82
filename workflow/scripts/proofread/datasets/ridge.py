"""Ridge regression: the baselines of quantities."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix, issparse

from proofread.progress import log

# Strengths of the L2 penalty on the weights of standardised features; the validation
# split chooses one.
STRENGTHS = (1, 10, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000)
_TOLERANCE = 1e-6


@dataclass(frozen=True)
class Fitted:
    """The fit of one target.

    Attributes
    ----------
    strength : float
        The chosen one of `STRENGTHS`.
    weights : numpy.ndarray, shape (features,)
        Change of the value by one standard deviation of a feature.
    slopes : numpy.ndarray, shape (features,)
        Change of the value by 1 of a feature.
    intercept : float
    """

    strength: float
    weights: np.ndarray
    slopes: np.ndarray
    intercept: float

    def predict(self, features):
        """Values (n,) of features (n, features), dense or sparse."""
        return features @ self.slopes + self.intercept


def fit_ridge(features, values, splits, *, batch):
    """Fit each target with the best of several penalties.

    Of n sequences with a value y and features z, each feature with mean 0 and standard
    deviation 1 over these n, it minimises ``sum((y - b - z w)²) + strength sum(w²)``.
    The chosen strength has the lowest mean squared error on the validation split.

    Parameters
    ----------
    features : callable
        Gives the features of rows, (rows, features), dense or sparse.
    values : numpy.ndarray, shape (n, targets)
        NaN is missing, and left out.
    splits : dict of str to numpy.ndarray
        Row numbers of `train` and `validation`.
    batch : int
        Rows whose features are in memory at once, other than those of `train`; changes
        memory, never the result.

    Returns
    -------
    list of Fitted
        One for each target.
    """
    train = features(splits["train"])
    fitted = []
    for column in values[splits["train"]].T:
        known = ~np.isnan(column)
        part = train if known.all() else train[known]
        fitted.append(_fits(part, column[known]))
    del train
    chosen = []
    for target, fits in enumerate(fitted):
        true = values[splits["validation"], target]
        known = ~np.isnan(true)
        predicted = predictions(features, fits, splits["validation"], batch)
        errors = ((predicted[known] - true[known, None]) ** 2).mean(axis=0)
        best = int(np.argmin(errors))
        chosen.append(fits[best])
        log.info(
            "validation mean squared error %.4f with strength %g",
            errors[best],
            STRENGTHS[best],
        )
    return chosen


def predictions(features, fitted, rows, batch):
    """Values (rows, models) by each of several fits; arguments as of `fit_ridge`."""
    values = np.empty((len(rows), len(fitted)))
    for first in range(0, len(rows), batch):
        part = features(rows[first : first + batch])
        for column, model in enumerate(fitted):
            values[first : first + batch, column] = model.predict(part)
    return values


def _fits(features, values):
    """A fit with each strength to the features and values of the training split."""
    from sklearn.linear_model import Ridge

    sd = _deviations(features)
    # A feature that never varies has no weight.
    scale = np.divide(1, sd, out=np.zeros_like(sd), where=sd > 0)
    scaled = (
        csr_matrix(features.multiply(scale)) if issparse(features) else features * scale
    )
    fits = []
    for strength in STRENGTHS:
        # The intercept is the same as if the features were centred: a sparse matrix
        # stays sparse.
        model = Ridge(
            alpha=strength,
            solver="sparse_cg" if issparse(scaled) else "cholesky",
            tol=_TOLERANCE,
        ).fit(scaled, values)
        weights = np.ravel(model.coef_)
        fits.append(Fitted(strength, weights, weights * scale, float(model.intercept_)))
    return fits


def _deviations(features):
    """Standard deviation of each feature, divided by n; 0 where rounding is all."""
    n = features.shape[0]
    if issparse(features):
        mean = np.asarray(features.sum(axis=0)).ravel() / n
        squares = np.asarray(features.multiply(features).sum(axis=0)).ravel() / n
    else:
        mean, squares = features.mean(axis=0), (features**2).mean(axis=0)
    variance = squares - mean**2
    return np.sqrt(np.where(variance > 1e-12 * squares, variance, 0))
