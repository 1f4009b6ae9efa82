"""The tables of predictions: one row per sequence and target."""

import numpy as np
import pandas as pd

from proofread.statistics.logits import probability
from proofread.statistics.metrics import THRESHOLD

DIGITS = 9  # give back a float32 exactly
PREDICTION_COLUMNS = ["id", "target", "true", "logit", "probability", "predicted"]
QUANTITY_COLUMNS = ["id", "target", "true", "output"]


def prediction_rows(dataset, logits):
    """Predictions beside the truth.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
        The sequences predicted, n of them.
    logits : numpy.ndarray, shape (n, targets)

    Returns
    -------
    pandas.DataFrame
        id, target, true, logit, probability, predicted; sequences in the dataset's
        order, the targets of a sequence together. No row where the label is missing;
        if none is known, every row, with `true` empty.
    """
    n, targets = logits.shape
    logit = np.asarray(logits, dtype=np.float64).ravel()
    likely = probability(logit)
    label = dataset.label.ravel()
    known = ~np.isnan(label)
    if not known.any():  # sequences without labels
        known[:] = True
    values = (
        np.repeat(dataset.name, targets)[known],
        np.tile(dataset.target, n)[known],
        pd.array(label[known], dtype="Int64"),  # NaN becomes an empty cell
        logit[known],
        likely[known],
        (likely >= THRESHOLD).astype(int)[known],
    )
    return pd.DataFrame(dict(zip(PREDICTION_COLUMNS, values, strict=True)))


def quantity_rows(dataset, outputs):
    """Predicted quantities beside the measured ones.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
        The sequences predicted, n of them.
    outputs : numpy.ndarray, shape (n, targets)
        In the user's units.

    Returns
    -------
    pandas.DataFrame
        `QUANTITY_COLUMNS`, in the order of `prediction_rows`. No row where the value is
        missing; if none is known, every row, with `true` empty.
    """
    n, targets = outputs.shape
    measured = np.asarray(dataset.label, dtype=np.float64).ravel()
    known = ~np.isnan(measured)
    if not known.any():  # sequences without values
        known[:] = True
    values = (
        np.repeat(dataset.name, targets)[known],
        np.tile(dataset.target, n)[known],
        measured[known],
        np.asarray(outputs, dtype=np.float64).ravel()[known],
    )
    return pd.DataFrame(dict(zip(QUANTITY_COLUMNS, values, strict=True)))
