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


def cross_entropy(logit, label):
    """Binary cross-entropy, element by element.

    Parameters
    ----------
    logit, label : array_like
        Shapes that broadcast; labels from 0 to 1.

    Returns
    -------
    numpy.ndarray, float64
        ``-label log p - (1 - label) log(1 - p)`` in nats, p the `probability`.
    """
    logit, label = (np.asarray(values, dtype=np.float64) for values in (logit, label))
    # Shorter is log(1 + exp(logit)) - label logit, but it loses digits of small losses.
    return label * np.logaddexp(0, -logit) + (1 - label) * np.logaddexp(0, logit)
