"""The table of predictions: one row per sequence and target."""

import numpy as np
import pandas as pd

from proofread.statistics.logits import probability
from proofread.statistics.metrics import THRESHOLD

DIGITS = 9  # give back a float32 exactly


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
        order, the targets of a sequence together. No row where the label is missing.
    """
    n, targets = logits.shape
    logit = np.asarray(logits, dtype=np.float64).ravel()
    likely = probability(logit)
    label = dataset.label.ravel()
    known = ~np.isnan(label)
    return pd.DataFrame(
        {
            "id": np.repeat(dataset.name, targets)[known],
            "target": np.tile(dataset.target, n)[known],
            "true": label[known].astype(int),
            "logit": logit[known],
            "probability": likely[known],
            "predicted": (likely >= THRESHOLD).astype(int)[known],
        }
    )
