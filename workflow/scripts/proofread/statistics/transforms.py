"""Transforms of quantities: fitted to the training split, applied, undone.

A network may be trained on another scale than that of the assay. Each target has a
transform of its own. Missing values (NaN) are left out of the fit and stay missing.
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from proofread.errors import InputError

NONE, LOG1P = "none", "log1p"
STANDARDIZE, RANK_NORMAL = "standardize", "rank_normal"
KINDS = (NONE, LOG1P, STANDARDIZE, RANK_NORMAL)
# Of `rank_normal`: values that are kept; between them it is a straight line.
MAX_KNOTS = 10_000
_WHERE = "datasets: transform"


@dataclass(frozen=True)
class Transform:
    """A fitted transform of the values of several targets.

    - ``none``: x.
    - ``log1p``: ln(1 + x), for values above -1, such as counts.
    - ``standardize``: (x - mean) / sd, with the mean and the standard deviation
      (divided by n) of the training values.
    - ``rank_normal``: the normal quantile of (rank - 3/8) / (n + 1/4), where rank is
      that of the value among the n training values, ties sharing their mean rank (Blom
      1958; Beasley et al. 2009, doi:10.1007/s10519-009-9281-0). Other values are on the
      straight line between the two training values next to them; those outside their
      range get the quantile of the end.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    numbers : list of dict of str to (float or list of float)
        Of each target: `mean` and `sd` (standardize), `values` and `quantiles`
        (rank_normal), or nothing.
    """

    kind: str
    numbers: list

    def apply(self, values):
        """Values in the user's units to those that a network is trained on.

        Parameters
        ----------
        values : numpy.ndarray, shape (n, targets)

        Returns
        -------
        numpy.ndarray, shape (n, targets), float64
        """
        return self._of_columns(_APPLY[self.kind], values)

    def undo(self, values):
        """The inverse of `apply`: values as a network gives them to the user's units.

        Parameters
        ----------
        values : numpy.ndarray, shape (n, targets)

        Returns
        -------
        numpy.ndarray, shape (n, targets), float64
            Of ``rank_normal`` no value is outside the range of the training values.
        """
        return self._of_columns(_UNDO[self.kind], values)

    def _of_columns(self, function, values):
        values = np.asarray(values, dtype=np.float64)
        columns = [
            function(column, numbers)
            for column, numbers in zip(values.T, self.numbers, strict=True)
        ]
        return np.stack(columns, axis=1) if columns else values


def fit_transform(kind, values, targets):
    """Fit a transform to the values of the training split.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    values : numpy.ndarray, shape (n, targets)
        In the user's units; NaN is missing.
    targets : list of str
        Names of the targets, for messages.

    Returns
    -------
    Transform

    Raises
    ------
    InputError
        If a target has no two different values, or values that have no logarithm.
    """
    numbers = []
    for name, column in zip(targets, np.asarray(values, np.float64).T, strict=True):
        known = column[~np.isnan(column)]
        if len(np.unique(known)) < 2:
            found = f"only the value {known[0]:g}" if len(known) else "no value"
            raise InputError(
                "datasets",
                f"{found} of the target {name!r} in the training split",
                "at least two different values to learn from",
                "leave the target out, or split the sequences otherwise",
            )
        if kind == LOG1P and known.min() <= -1:
            raise InputError(
                _WHERE,
                f"log1p, and the target {name!r} has the value {known.min():g}",
                "values above -1, which have a logarithm of 1 + value",
                "write transform: standardize or rank_normal",
            )
        numbers.append(_FIT[kind](known))
    return Transform(kind, numbers)


def _rank_normal(known):
    values, counts = np.unique(known, return_counts=True)
    ranks = np.cumsum(counts) - (counts - 1) / 2
    if len(values) > MAX_KNOTS:
        kept = np.linspace(0, len(values) - 1, MAX_KNOTS).round().astype(int)
        values, ranks = values[kept], ranks[kept]
    fractions = (ranks - 3 / 8) / (len(known) + 1 / 4)
    quantiles = list(map(NormalDist().inv_cdf, fractions.tolist()))
    return {"values": values.tolist(), "quantiles": quantiles}


_FIT = {
    NONE: lambda known: {},
    LOG1P: lambda known: {},
    STANDARDIZE: lambda known: {"mean": float(known.mean()), "sd": float(known.std())},
    RANK_NORMAL: _rank_normal,
}
_APPLY = {
    NONE: lambda x, numbers: x,
    # A value of another split may be too small; it counts like the smallest possible.
    LOG1P: lambda x, numbers: np.log1p(np.maximum(x, np.nextafter(-1, 0))),
    STANDARDIZE: lambda x, numbers: (x - numbers["mean"]) / numbers["sd"],
    RANK_NORMAL: lambda x, numbers: np.interp(
        x, numbers["values"], numbers["quantiles"]
    ),
}
_UNDO = {
    NONE: lambda y, numbers: y,
    LOG1P: lambda y, numbers: np.expm1(y),
    STANDARDIZE: lambda y, numbers: y * numbers["sd"] + numbers["mean"],
    RANK_NORMAL: lambda y, numbers: np.interp(
        y, numbers["quantiles"], numbers["values"]
    ),
}
