"""Logits as probabilities, and the loss of a label."""

import numpy as np


def probability(logit):
    """The logistic function ``1 / (1 + exp(-logit))``.

    Parameters
    ----------
    logit : array_like, any shape

    Returns
    -------
    numpy.ndarray, float64
        Of the same shape; small probabilities keep all their digits. NaN stays NaN.
    """
    # exp overflows below -709 to infinity, whose inverse is the right 0.
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-np.asarray(logit, dtype=np.float64)))
