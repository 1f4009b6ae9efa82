"""Bootstrap intervals: 95 % percentile intervals over resampled rows."""

import numpy as np

_AT_ONCE = 200  # resamples: all together would be resamples x n numbers


def percentile_interval(values):
    """2.5 and 97.5 percentile of resampled values.

    Parameters
    ----------
    values : array_like, shape (resamples,) or (resamples, m)
        A resample with a NaN is left out.

    Returns
    -------
    low, high : numpy.float64, or numpy.ndarray of shape (m,)
        NaN where no resample is left.
    """
    values = np.asarray(values, dtype=np.float64)
    values = values[~np.isnan(values).any(axis=tuple(range(1, values.ndim)))]
    if len(values) == 0:
        return tuple(np.full((2, *values.shape[1:]), np.nan))
    return tuple(np.percentile(values, [2.5, 97.5], axis=0))


def bootstrap(statistic, arrays, *, resamples, seed, centred=False):
    """Interval of any statistic over resampled rows.

    Parameters
    ----------
    statistic : callable
        Takes the arrays and returns a number; NaN (a resample of one class) is
        left out.
    arrays : tuple of numpy.ndarray, each (n, ...)
        Resampled together, so that differences stay paired.
    resamples : int
    seed : int
    centred : bool
        Shift the interval so that the mean over resamples is the statistic itself. For
        a statistic that noise can only raise: resamples add noise to that of the
        sample, and all of them may be above the statistic. What the sample's own noise
        adds stays in the interval, as in the statistic.

    Returns
    -------
    tuple of float
        2.5 and 97.5 percentile; NaN where no resample had a value.
    """
    generator = np.random.default_rng(seed)
    n = len(arrays[0])
    values = np.empty(resamples)
    for resample in range(resamples):
        rows = generator.integers(n, size=n)
        values[resample] = statistic(*(array[rows] for array in arrays))
    if centred and not np.isnan(values).all():
        values -= np.nanmean(values) - statistic(*arrays)
    low, high = percentile_interval(values)
    return float(low), float(high)


class Resampling:
    """Resampled rows that several questions share, so that their answers are paired.

    Parameters
    ----------
    n : int
        Rows.
    resamples : int
    seed : int
    """

    def __init__(self, n, resamples, seed):
        generator = np.random.default_rng([seed, 2])
        self.n = n
        # How often each row is in each resample: about 1, hardly ever above 12.
        self.counts = np.empty((resamples, n), dtype=np.uint8)
        for resample in range(resamples):
            rows = generator.integers(n, size=n)
            self.counts[resample] = np.bincount(rows, minlength=n)

    def means(self, values):
        """Mean over the rows of each resample: (n, m) -> (resamples, m)."""
        sums = [
            self.counts[first : first + _AT_ONCE].astype(np.float64) @ values
            for first in range(0, len(self.counts), _AT_ONCE)
        ]
        return np.concatenate(sums) / self.n

    def interval(self, values):
        """95 % interval of the means: low and high, each (m,)."""
        return percentile_interval(self.means(values))


def resampled_sums(values, resamples, generator):
    """Sums of resampled rows, the same rows for all columns.

    Parameters
    ----------
    values : numpy.ndarray, shape (n, columns)
    resamples : int
    generator : numpy.random.Generator

    Returns
    -------
    numpy.ndarray, shape (resamples, columns), float64
    """
    n = len(values)
    sums = np.empty((resamples, values.shape[1]))
    for first in range(0, resamples, _AT_ONCE):
        part = sums[first : first + _AT_ONCE]
        # How often each row is in each resample.
        counts = generator.multinomial(n, np.full(n, 1 / n), size=len(part))
        part[:] = counts.astype(np.float64) @ values
    return sums


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
    columns = values.shape[1]
    known = ~np.isnan(values)
    # A mean of equal values must be that value again, to the last bit.
    shift = np.where(known, values, np.inf).min(axis=0)
    shift = np.where(np.isfinite(shift), shift, 0.0)
    shifted = np.where(known, values - shift, 0.0)
    sums = resampled_sums(
        np.hstack([shifted, known]), resamples, np.random.default_rng(seed)
    )
    with np.errstate(invalid="ignore"):
        return sums[:, :columns] / sums[:, columns:] + shift


def known_means(values):
    """Number and mean of the values of each column that are not NaN.

    Parameters
    ----------
    values : numpy.ndarray, shape (n, columns)

    Returns
    -------
    n, mean : numpy.ndarray, shape (columns,)
        NaN for the mean of a column without values.
    """
    n = (~np.isnan(values)).sum(axis=0)
    with np.errstate(invalid="ignore"):
        return n, np.nansum(values, axis=0) / n


def mean_and_interval(values, resamples, seed):
    """Mean of each column and its 95 % interval over resampled rows.

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
    n, mean = known_means(values)
    low, high = np.full((2, values.shape[1]), np.nan)
    full = n > 0
    if full.any():
        means = resampled_means(values[:, full], resamples, seed)
        # The few resamples without a value take the mean, which moves no end outwards.
        means = np.where(np.isnan(means), mean[full], means)
        low[full], high[full] = percentile_interval(means)
    return n, mean, low, high
