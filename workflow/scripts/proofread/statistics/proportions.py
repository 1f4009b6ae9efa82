"""Intervals of proportions."""

import math

_Z = 1.959963984540054  # of a normal distribution, for 95 %


def wilson_interval(fraction, n):
    """95 % interval of a fraction of `n` (Wilson 1927, doi:10.2307/2276774).

    Parameters
    ----------
    fraction : float
        From 0 to 1; NaN where it is unknown.
    n : int

    Returns
    -------
    low, high : float
        NaN where n is 0 or the fraction unknown.
    """
    if n == 0 or math.isnan(fraction):
        return math.nan, math.nan
    weight = _Z**2 / n
    middle = (fraction + weight / 2) / (1 + weight)
    half = _Z * math.sqrt(fraction * (1 - fraction) / n + weight / (4 * n))
    half /= 1 + weight
    # Rounding must not exclude a fraction of exactly 0 or 1.
    return min(middle - half, fraction), max(middle + half, fraction)
