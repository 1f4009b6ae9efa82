"""False discovery rates of one query's p-values, as Tomtom estimates them (Storey).

The random numbers are Tomtom's own, so that q agrees with it to the last printed digit.
"""

import numpy as np

_LAMBDAS = np.arange(1, 101) / 100 * 0.5
_RESAMPLES, _RESAMPLE_SIZE = 100, 1000
_AT_ONCE = 20  # resamples


class RandomNumbers:
    """Tomtom's uniform random numbers, which run on from query to query.

    They are those of MT19937 with the seeding of its first publication (1998), two
    outputs to a number.
    """

    def __init__(self):
        words = np.empty(624, dtype=np.uint64)
        word = 4357
        for i in range(len(words)):
            words[i] = word
            word = 69069 * word % 2**32
        outputs = np.random.MT19937()
        outputs.state = {
            "bit_generator": "MT19937",
            "state": {"key": words.astype(np.uint32), "pos": 624},
        }
        self._generator = np.random.Generator(outputs)

    def uniform(self, n):
        """Return the next `n` numbers in 0-1."""
        return self._pairs(n) * 2.0**-64

    def indices(self, n, count):
        """Return ``floor(u * count)`` of the next `n` numbers u; `count` if u is 1.

        Parameters
        ----------
        n, count : int

        Returns
        -------
        numpy.ndarray, shape (n,), int
        """
        pairs = self._pairs(n)
        # In whole numbers, from the first output of each pair alone. What it leaves
        # out, the second output and a number's rounding, adds less than `count`, so
        # it matters only this near to the next index. That happens to one number in
        # 2**32 / count. (Above 2**21 the rounding of u * count matters too.)
        products = (pairs >> 32) * count
        if count > 2**21 or products.astype(np.uint32).max() >= 2**32 - count:
            return (pairs * 2.0**-64 * count).astype(np.intp)
        return (products >> 32).view(np.int64)

    def _pairs(self, n):
        """Return the next `n` pairs of outputs, the first one as the upper half."""
        return self._generator.integers(2**64, size=n, dtype=np.uint64)


def null_fraction(sorted_p, rule, numbers):
    """Fraction of true nulls (pi0) among p-values, from how many are large.

    The fraction of p above lambda, over 1 - lambda, estimates it for any lambda. Of 100
    values of lambda the one with the least squared error is taken.

    Parameters
    ----------
    sorted_p : numpy.ndarray, shape (M,)
    rule : str
        `bootstrap` or `expectation`, as in `proofread.motifs.tomtom.Settings`.
    numbers : RandomNumbers

    Returns
    -------
    float
        1 if there are at most 100 p-values, too few to tell.
    """
    n = len(sorted_p)
    if n <= 100:
        return 1.0
    above = n - np.searchsorted(sorted_p, _LAMBDAS)
    estimates = _estimates(above, n)
    least = estimates.min()
    if rule == "bootstrap":
        errors = ((_resampled(sorted_p, numbers) - least) ** 2).sum(axis=0)
    else:
        fraction = above / n
        variance = fraction * (1 - fraction) / (_RESAMPLE_SIZE * (1 - _LAMBDAS) ** 2)
        errors = variance + (estimates - least) ** 2
    return float(np.clip(estimates[np.argmin(errors)], 0, 1))


def _estimates(above, n):
    return np.where(above > 0, above / n / (1 - _LAMBDAS), np.inf)


def _resampled(sorted_p, numbers):
    """Return estimates at each lambda in each resample, shape (100, 100)."""
    n_lambdas = len(_LAMBDAS)
    passed = np.searchsorted(_LAMBDAS, sorted_p, side="right")  # lambdas <= p
    passed = np.append(passed, passed[-1])  # the last p again, should u be 1
    counts = np.empty((_RESAMPLES, n_lambdas + 1), dtype=np.intp)
    # A few at a time: short arrays stay in the processor's cache.
    for some in np.split(counts, _RESAMPLES // _AT_ONCE):
        rows = numbers.indices(len(some) * _RESAMPLE_SIZE, len(sorted_p))
        rows = passed.take(rows).reshape(len(some), _RESAMPLE_SIZE)
        rows += (n_lambdas + 1) * np.arange(len(some))[:, None]
        some[:] = np.bincount(rows.ravel(), minlength=some.size).reshape(some.shape)
    # A p-value is above lambda j if it passed j or more of them.
    above = counts[:, :0:-1].cumsum(axis=1)[:, ::-1]
    return _estimates(above, _RESAMPLE_SIZE)


def q_values(sorted_p, pi0):
    """Smallest false discovery rate at which each p-value is a hit.

    Parameters
    ----------
    sorted_p : numpy.ndarray, shape (M,)
    pi0 : float
        Fraction of true nulls, from `null_fraction`.

    Returns
    -------
    numpy.ndarray, shape (M,)
    """
    rank = np.arange(1, len(sorted_p) + 1)
    rates = np.minimum(pi0 * sorted_p * len(sorted_p) / rank, 1)
    return np.minimum.accumulate(rates[::-1])[::-1]
