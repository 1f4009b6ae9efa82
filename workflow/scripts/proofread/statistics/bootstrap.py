"""Bootstrap intervals."""

import numpy as np

_DRAWS = 200  # resamples at a time: all together would be resamples x n numbers


class Resampling:
    """Bootstrap samples of sequences, the same for everything that is asked.

    Parameters
    ----------
    n : int
        Sequences.
    resamples : int
    seed : int
    """

    def __init__(self, n, resamples, seed):
        generator = np.random.default_rng([seed, 2])
        self.n = n
        # How often each sequence is in each resample: about 1, hardly ever above 12.
        self.counts = np.empty((resamples, n), dtype=np.uint8)
        for draw in range(resamples):
            rows = generator.integers(n, size=n)
            self.counts[draw] = np.bincount(rows, minlength=n)

    def means(self, values):
        """Mean over the sequences in each resample: (n, m) -> (resamples, m)."""
        return (
            np.concatenate(
                [
                    self.counts[first : first + _DRAWS].astype(np.float64) @ values
                    for first in range(0, len(self.counts), _DRAWS)
                ]
            )
            / self.n
        )

    def interval(self, values):
        """95 % percentile interval of the mean: low and high, each (m,)."""
        return np.percentile(self.means(values), [2.5, 97.5], axis=0)


def resampled_means(values, resamples, seed):
    """Means of resampled rows, the same rows for all columns.

    Parameters
    ----------
    values : numpy.ndarray, shape (n, columns)
        NaN is left out.
    resamples, seed : int

    Returns
    -------
    numpy.ndarray, shape (resamples, columns)
        NaN where no row of a resample has a value.
    """
    n = len(values)
    rng = np.random.default_rng(seed)
    weights = rng.multinomial(n, np.full(n, 1 / n), size=resamples).astype(np.float64)
    known = ~np.isnan(values)
    count = weights @ known
    with np.errstate(invalid="ignore"):
        # A sum of equal values must be that value again, to the last bit.
        shift = np.where(known, values, np.inf).min(axis=0)
        shift = np.where(np.isfinite(shift), shift, 0.0)
        total = weights @ np.where(known, values - shift, 0.0)
        return total / count + shift


def mean_and_interval(values, resamples, seed):
    """Mean over rows and its percentile 95 % interval over resampled rows.

    Parameters
    ----------
    values : numpy.ndarray, shape (n, columns)
        NaN is left out.
    resamples, seed : int

    Returns
    -------
    n, mean, low, high : numpy.ndarray, shape (columns,)
        NaN for a column without values.
    """
    n = (~np.isnan(values)).sum(axis=0)
    mean, low, high = np.full((3, values.shape[1]), np.nan)
    full = n > 0
    if full.any():
        some = values[:, full]
        mean[full] = np.nansum(some, axis=0) / n[full]
        means = resampled_means(some, resamples, seed)
        # The few resamples without a value take the mean, which moves no end outwards.
        means = np.where(np.isnan(means), mean[full], means)
        low[full], high[full] = np.percentile(means, [2.5, 97.5], axis=0)
    return n, mean, low, high


def bootstrap(statistic, arrays, *, resamples, seed):
    """Percentile 95 % interval of a statistic over resampled sequences.

    Parameters
    ----------
    statistic : callable
        Takes the arrays and returns a number; NaN (a resample of one class) is
        left out.
    arrays : tuple of numpy.ndarray, each (n, ...)
        Resampled together, so that differences stay paired.
    resamples : int
    seed : int

    Returns
    -------
    tuple of float
        2.5 and 97.5 percentile; NaN where no resample had a value.
    """
    generator = np.random.default_rng(seed)
    n = len(arrays[0])
    values = np.empty(resamples)
    for draw in range(resamples):
        rows = generator.integers(n, size=n)
        values[draw] = statistic(*(array[rows] for array in arrays))
    values = values[~np.isnan(values)]
    if len(values) == 0:
        return np.nan, np.nan
    return tuple(float(each) for each in np.percentile(values, [2.5, 97.5]))
