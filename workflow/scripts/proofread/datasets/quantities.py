"""Quantitative targets: the numbers in a file, their strata, and what is refused."""

import math

import numpy as np
import pandas as pd

from proofread.datasets.labels import MISSING, UNLABELLED
from proofread.errors import InputError
from proofread.progress import log

QUANTILES = 5  # strata of a quantitative dataset
# Fewer values give no correlation that means anything.
MIN_VALUES = 10
_LARGEST = float(np.finfo(np.float32).max)  # labels are stored in 32 bits


def quantity(text, where):
    """The number in a cell.

    Parameters
    ----------
    text : str
        As in the file.
    where : str
        File, line and column, for the message.

    Returns
    -------
    float or None
        None for a missing value: an empty cell, NA or NaN.

    Raises
    ------
    InputError
        If the cell is text, or not a finite number of 32 bits.
    """
    if text.lower() in MISSING:
        return None
    try:
        value = float(text)
    except ValueError:
        raise InputError(
            where,
            f"the value {text!r}",
            "a number (target_type: quantitative)",
            "write a number with a point; leave the cell empty, or write NA, if the "
            "value is missing",
        ) from None
    check_finite(value, where)
    return value


def check_finite(value, where):
    """Refuse an infinite number, or one too large for 32 bits.

    Raises
    ------
    InputError
    """
    if not abs(value) <= _LARGEST:
        raise InputError(
            where,
            f"the value {value:g}",
            f"a finite number, at most {_LARGEST:.2g} on either side of 0",
            "correct the value, such as the logarithm of 0; leave the cell empty, or "
            "write NA or NaN, if it is missing",
        )


def quantile_strata(label):
    """The stratum of each sequence: the fifth of the values that it is in.

    One target has quantiles of its values, `quantile_1` for the smallest to
    `quantile_5`. With several, a sequence has the mean of its ranks among the values of
    each target, as fractions; missing values are left out. Equal values are in one
    stratum.

    Parameters
    ----------
    label : numpy.ndarray, shape (n, targets)
        NaN is a missing value.

    Returns
    -------
    list of str, n
        `unlabelled` for a sequence without any value.
    """
    score = _fractional_rank(_fractional_rank(pd.DataFrame(label)).mean(axis=1))
    quantile = np.floor(score * QUANTILES) + 1
    return [
        UNLABELLED if math.isnan(number) else f"quantile_{number:.0f}"
        for number in quantile
    ]


def _fractional_rank(values):
    """Ranks as fractions of the known values, above 0 and below 1; ties share one."""
    return (values.rank(method="average") - 0.5) / values.count()


def check_values(label, targets, settings, where):
    """Check the values of each target against each other.

    Parameters
    ----------
    label : numpy.ndarray, shape (n, targets)
        NaN is a missing value.
    targets : list of str
    settings : dict
        Of the dataset.
    where : str
        The dataset's position in the configuration, for error messages.

    Raises
    ------
    InputError
        If a target has no value, the same value everywhere, or values that its
        transform does not have. A 0/1 target is only asked about, in a warning.
    """
    for target, values in zip(targets, label.T, strict=True):
        known = values[~np.isnan(values)]
        if len(known) == 0:
            raise InputError(
                where,
                f"no value of {target!r}: all {len(values)} are missing",
                "values of each target",
                f"give values, or remove {target!r} from the targets",
            )
        if known.min() == known.max():
            raise InputError(
                where,
                f"{target!r} is {known[0]:g} in every sequence that has a value "
                f"({len(known)})",
                "values that differ: a constant says nothing of the sequences",
                f"check the column, or remove {target!r} from the targets",
            )
        if settings["transform"] == "log1p" and known.min() <= -1:
            raise InputError(
                f"{where}.transform",
                f"log1p, and a value of {target!r} is {known.min():g}",
                "values above -1: log1p is log(1 + value)",
                "set transform: standardize or none, if the values are logarithms "
                "already",
            )
        if np.isin(known, (0, 1)).all():
            log.warning(
                "%s: all values of %r are 0 or 1. Are they classes? If so, set "
                "target_type: binary",
                where,
                target,
            )


def ask_about_fractions(values, target, threshold, where):
    """Warn if classes are made of values that look like measured fractions.

    Parameters
    ----------
    values : list of float
        Before the threshold.
    target : str
    threshold : float
        That of `label_threshold`.
    where : str
        The dataset's position in the configuration.
    """
    values = np.asarray(values)
    between = (values >= 0).all() and (values <= 1).all()
    if between and not np.isin(values, (0, 1)).all():
        log.warning(
            "%s: all values of %r are from 0 to 1, and label_threshold: %g makes "
            "classes of them. Are they measured fractions? If so, set target_type: "
            "quantitative and remove label_threshold",
            where,
            target,
            threshold,
        )


def log_values(dataset):
    """Log number, mean, spread and range of the values of each target."""
    for target, values in zip(dataset.target, dataset.label.T, strict=True):
        known = values[~np.isnan(values)].astype(np.float64)
        log.info(
            "%s: %d values, mean %.4g, standard deviation %.4g, %.4g to %.4g; %d are "
            "missing",
            target,
            len(known),
            known.mean(),
            known.std(),
            known.min(),
            known.max(),
            len(values) - len(known),
        )


def enough_values(label):
    """Whether there are values enough of a target to measure a prediction.

    Parameters
    ----------
    label : numpy.ndarray, shape (n,)
        NaN is a missing value.
    """
    known = label[~np.isnan(label)]
    return len(known) >= MIN_VALUES and known.min() < known.max()
