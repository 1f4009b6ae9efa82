"""Groups of sequences by their label, which a method compares."""

import numpy as np

from proofread.datasets.labels import UNLABELLED, classes

HIGH, LOW = "high", "low"
_NAMES = {HIGH: "values above the median", LOW: "other values"}


def groups(dataset, target):
    """The members of each group of sequences, by its name.

    Of a binary target they are its classes. A quantitative target has halves: values
    above the median, and the others.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
    target : str

    Returns
    -------
    dict of str to numpy.ndarray of bool, shape (n,)
        `positive` and `negative`, or `high` and `low`; a sequence whose value is
        missing is in neither half. `unlabelled` alone, if no label is known.
    """
    label = np.asarray(dataset.label)[:, dataset.target.index(target)]
    if not dataset.quantitative:
        return classes(label)
    known = label[~np.isnan(label)]
    if len(known) == 0:
        return {UNLABELLED: np.ones(len(label), dtype=bool)}
    median = np.median(known.astype(np.float64))
    return {HIGH: label > median, LOW: label <= median}


def group_column(dataset):
    """The column of a table with the groups: ``class``, or ``group`` of quantities."""
    return "group" if dataset.quantitative else "class"


def label_column(dataset):
    """The column of a table with labels: ``label``, or ``measured`` of quantities."""
    return "measured" if dataset.quantitative else "label"


def group_name(group):
    """What a group is called on figures."""
    return _NAMES.get(group, group)
