"""How many of the matches of a motif comparison chance explains, and how it is said."""

import numpy as np


def false_fraction(null_rate, rate):
    """Expected fraction of chance matches among the matches of the queries.

    Parameters
    ----------
    null_rate : numpy.ndarray
        Fraction of the null queries that match.
    rate : numpy.ndarray or float
        Fraction of the queries that match.

    Returns
    -------
    numpy.ndarray
        The first over the second, at most 1; NaN where no query matches.
    """
    matching = np.where(np.asarray(rate) > 0, rate, np.nan)
    return np.minimum(1, np.asarray(null_rate) / matching)


def at_threshold(rates):
    """Of each null the rates at the threshold of the settings, where something matches.

    Parameters
    ----------
    rates : pandas.DataFrame
        From `proofread.motifs.null_motifs.calibration`.

    Returns
    -------
    pandas.DataFrame
        None of its rows has an empty `empirical_fdr`.
    """
    return rates.drop_duplicates("null").dropna(subset="empirical_fdr")


def chance_words(rates):
    """Fraction of the matches at the threshold that each null makes, in words.

    Parameters
    ----------
    rates : pandas.DataFrame
        As for `at_threshold`.

    Returns
    -------
    str
        Empty where nothing matches or nothing was compared.
    """
    return " and ".join(
        f"{expected_words(row)} ({row.null})"
        for row in at_threshold(rates).itertuples()
    )


def expected_words(row):
    """The empirical false discovery rate of a row of `calibration`, in words.

    Without a match of the null it is the upper end of the interval.
    """
    if row.null_match_rate > 0:
        return percent(row.empirical_fdr)
    return f"less than {percent(row.ci_high)}"


def percent(fraction):
    """A fraction in per cent, with two digits."""
    return f"{100 * fraction:.2g} %" if fraction < 0.995 else "100 %"
