"""The loss of predictions that are ablated: of logits, or of quantities.

The loss of a logit is its cross-entropy with the label, in nats. That of a quantity is
the squared error on the scale of the network's outputs, or, if it is the logarithm of a
rate, the Poisson loss in nats: `proofread.models.output_scale.OutputScale.error`.
"""

import numpy as np

from proofread.models.output_scale import LOG_RATE
from proofread.statistics.bootstrap import known_means
from proofread.statistics.logits import cross_entropy


def losses(outputs, label, scale):
    """The loss of each prediction.

    Parameters
    ----------
    outputs, label : numpy.ndarray, shape (n, targets)
        Predictions of the network, and labels in the user's units.
    scale : proofread.models.output_scale.OutputScale or None
        Of quantities; None: the outputs are logits.

    Returns
    -------
    numpy.ndarray, shape (n, targets), float64
        NaN of a missing label or value.
    """
    if scale is None:
        return cross_entropy(outputs, label)
    return scale.error(outputs, label)


def sequence_losses(label, scale):
    """The loss of a sequence, mean over its targets, as a function of the predictions.

    Targets have units of their own, and squares of these cannot be added. So the
    squared error of each target is divided by the variance of its measured values: a
    change of 0.1 is a change of R2 by 0.1.

    Parameters
    ----------
    label, scale
        As of `losses`.

    Returns
    -------
    callable
        Maps predictions (n, targets) to float64 (n,): the mean over the targets whose
        label or value is known; NaN of a sequence without any. A quantity whose values
        do not differ has no part in it.
    """
    if scale is None and not np.isnan(label).any():
        return lambda outputs: losses(outputs, label, scale).mean(axis=1)
    unit = 1.0 if scale is None else _units(label, scale)

    def of_known(outputs):
        # (n, targets) -> (targets, n), whose columns are sequences
        _, mean = known_means((losses(outputs, label, scale) / unit).T)
        return mean

    return of_known


def _units(label, scale):
    """One unit of the loss of each target, (targets,): NaN where values are equal."""
    if scale.unit == LOG_RATE:
        return np.ones(label.shape[1])
    measured = scale.measured(label)
    _, mean = known_means(measured)
    _, variance = known_means((measured - mean) ** 2)
    return np.where(variance > 0, variance, np.nan)
