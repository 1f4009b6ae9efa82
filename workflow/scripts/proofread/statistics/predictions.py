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
        order, the targets of a sequence together.
    """
    n, targets = logits.shape
    logit = np.asarray(logits, dtype=np.float64).ravel()
    likely = probability(logit)
    return pd.DataFrame(
        {
            "id": np.repeat(dataset.name, targets),
            "target": np.tile(dataset.target, n),
            "true": dataset.label.ravel().astype(int),
            "logit": logit,
            "probability": likely,
            "predicted": (likely >= THRESHOLD).astype(int),
        }
    )
