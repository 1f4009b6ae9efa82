"""Labels of users as 0 or 1, and the strata of a dataset."""

import math
from collections import Counter

import numpy as np

from proofread.errors import InputError

# A stratum must be large enough to be divided into parts; a report, small enough to be
# read.
MIN_STRATUM = 20
MAX_STRATA = 12
_MAX_NAMED = 3
UNLABELLED = "unlabelled"  # the one stratum, and class, of sequences without labels
MISSING = ("", "na", "nan")  # texts of a missing label, in lower case
# A larger whole number is hardly the number of a class.
_MAX_CLASS = 99


def binary_label(text, threshold, where, key="label_threshold", missing=None):
    """The label in a cell of a table.

    Parameters
    ----------
    text : str
        As in the file.
    threshold : float or None
        Labels of at least this value are 1, the others 0. None: the label is 0 or 1.
    where : str
        File, line and column, for the message.
    key : str
        The setting with the threshold, for the message.
    missing : str or None
        The setting `missing_labels`: `error`, or `mask`, where an empty cell, NA or NaN
        is no label; None if there is no such setting.

    Returns
    -------
    float or None
        0.0 or 1.0; None for no label.

    Raises
    ------
    InputError
        If the cell is empty or not a finite number, or neither 0 nor 1 without a
        threshold.
    """
    if missing == "mask" and text.lower() in MISSING:
        return None
    expected = "0 or 1" if threshold is None else "a number"
    remedy = (
        "write a number, or remove the row: a network cannot learn from an unknown "
        "label"
    )
    if missing and text.lower() in MISSING:
        remedy += "; or set missing_labels: mask, which uses the labels that are known"
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(
            where,
            f"the label {text!r}" if text else "an empty label",
            expected,
            remedy,
        )
    if threshold is not None:
        return float(value >= threshold)
    if value not in (0, 1):
        remedy = f"set {key}: labels of at least this value are 1, the others 0"
        if value == int(value) and 0 <= value <= _MAX_CLASS:
            remedy = (
                "if the labels are the numbers of classes, write a column of 0 and 1 "
                "for each class, name them under targets, and set classes: exclusive "
                f"in the model's training; if they are amounts, {remedy}"
            )
        remedy += "; or set target_type: quantitative to predict the numbers"
        raise InputError(where, f"the label {text}", expected, remedy)
    return value


def strata(label, targets):
    """The stratum of each sequence; a stratified split keeps strata in proportion.

    One target has the strata `positive` and `negative`. With several, a stratum is
    a combination: the targets that are 1, joined by +, or their number if there are
    more than three. The twelve most frequent combinations of at least twenty sequences
    are kept. All others are `other`, since a stratum of a few sequences cannot be
    divided into three parts. Sequences without any label are `unlabelled`.

    Parameters
    ----------
    label : numpy.ndarray, shape (n, targets)
        0 or 1; NaN is a missing label. With several targets it counts as no positive.
    targets : list of str

    Returns
    -------
    list of str, n
    """
    if np.isnan(label).all():
        return [UNLABELLED] * len(label)
    if len(targets) == 1:
        names = {1: "positive", 0: "negative"}
        return [names.get(value, UNLABELLED) for value in label[:, 0].tolist()]
    # Rows repeat, so that each combination is named once.
    names = {}
    combinations = [row.tobytes() for row in label]
    for key, row in zip(combinations, label, strict=True):
        if key not in names:
            names[key] = _combination(row, targets)
    counts = Counter(names[key] for key in combinations)
    # By frequency, then by name, so that the order of the rows does not matter.
    ranked = sorted(counts, key=lambda name: (-counts[name], name))[:MAX_STRATA]
    kept = {name for name in ranked if counts[name] >= MIN_STRATUM}
    return [names[key] if names[key] in kept else "other" for key in combinations]


def check_known(label, targets, where):
    """Refuse a binary target without any known label.

    Parameters
    ----------
    label : numpy.ndarray, shape (n, targets)
        0 or 1; NaN is a missing label.
    targets : list of str
    where : str
        The dataset's position in the configuration, for the message.

    Raises
    ------
    InputError
    """
    for target, labels in zip(targets, label.T, strict=True):
        if np.isnan(labels).all():
            raise InputError(
                where,
                f"no label of {target!r}: all {len(labels)} are missing",
                "labels of each target",
                f"give labels, or remove {target!r} from the targets; a table for an "
                "imported model may have missing_labels: all",
            )


def has_both_classes(label):
    """Whether some of the labels of a target are 0 and some 1; NaN is neither."""
    return bool((label == 0).any() and (label == 1).any())


def classes(label):
    """The members of each class of a target, by its name.

    Parameters
    ----------
    label : numpy.ndarray, shape (n,)
        0.5 or more is a positive; NaN is a missing label.

    Returns
    -------
    dict of str to numpy.ndarray of bool, shape (n,)
        `positive` and `negative`; or `unlabelled` alone, if no label is known.
    """
    label = np.asarray(label)
    if len(label) and np.isnan(label).all():
        return {UNLABELLED: np.ones(len(label), dtype=bool)}
    return {"positive": label >= 0.5, "negative": label < 0.5}


def _combination(row, targets):
    if np.isnan(row).all():
        return UNLABELLED
    positive = [name for name, value in zip(targets, row, strict=True) if value == 1]
    if len(positive) > _MAX_NAMED:
        return f"{len(positive)} targets"
    return "+".join(positive) or "negative"
