"""What a training makes small, and what is said of a network after each epoch."""

import numpy as np
import torch
from torch import nn

from proofread.errors import InputError
from proofread.models.checkpoint import predict_logits
from proofread.statistics.correlation import of_prediction, pearson, spearman
from proofread.statistics.metrics import accuracy, auprc, auroc


def class_weights(label, *, exclusive=False):
    """Weights that make every class count alike in the loss.

    Parameters
    ----------
    label : numpy.ndarray, shape (n, targets)
        0 or 1; NaN is a missing label, which is not counted.
    exclusive : bool
        Whether the targets are classes, of which each sequence has one.

    Returns
    -------
    numpy.ndarray, shape (2, targets), float32
        Of negatives and positives of each target, ``n / (2 x their number)`` of the n
        sequences with a label; for
        exclusive classes both are ``n / (targets x the class's number)``. The mean
        weight of the labels is 1.

    Raises
    ------
    InputError
        If a class has no sequence.
    """
    positives = np.nansum(label, axis=0, dtype=np.float64)
    known = (~np.isnan(label)).sum(axis=0)
    counts = np.stack([known - positives, positives])
    classes = 2
    if exclusive:
        counts, classes = np.stack([positives, positives]), label.shape[1]
    if (counts == 0).any():
        raise InputError(
            "models: training.class_weights",
            "a target with only one class in the training split",
            "positives and negatives of every target",
            "write class_weights: none, or split the sequences otherwise",
        )
    return (known / (classes * counts)).astype(np.float32)


def cross_entropy(logits, label, weights=None, *, exclusive=False):
    """Mean cross-entropy of a batch, in nats.

    Parameters
    ----------
    logits, label : torch.Tensor, shape (n, targets)
        A label of NaN is missing and adds nothing to the mean over the others.
    weights : torch.Tensor or None, shape (2, targets)
        From `class_weights`.
    exclusive : bool
        True: the logits are ``log(p / (1 - p))`` of the probabilities of classes, which
        sum to 1; a sequence's loss is ``-log p`` of its class. False: each target has
        a loss of its own, and their mean counts.
    """
    if exclusive:
        loss = -nn.functional.logsigmoid(logits) * label  # 0 but for the class
        if weights is not None:
            loss = loss * weights[1]
        return loss.sum(dim=1).mean()
    item = None if weights is None else torch.where(label == 1, weights[1], weights[0])
    known = ~torch.isnan(label)
    if known.all():
        return nn.functional.binary_cross_entropy_with_logits(logits, label, item)
    loss = nn.functional.binary_cross_entropy_with_logits(
        logits, label.nan_to_num(), item, reduction="none"
    )
    # 0 of a batch without any label.
    return (loss * known).sum() / known.sum().clamp(min=1)


def quantity_loss(outputs, values, loss, *, delta=1.0):
    """Mean loss of predicted quantities over the known values of a batch.

    With y a value and f its output:

    - ``mse``: (y - f)².
    - ``huber``: with d = ``|y - f|``, d² / 2 up to delta and delta (d - delta / 2)
      beyond it, so that outliers count less (Huber 1964, doi:10.1214/aoms/1177703732).
    - ``poisson``: exp(f) - y f, the negative log-likelihood of a count y whose rate is
      exp(f), without the term that only y decides.

    Parameters
    ----------
    outputs, values : torch.Tensor, shape (n, targets)
        A value of NaN is missing and adds nothing to the mean over the others.
    loss : str
    delta : float
        Of huber, on the scale of the transformed values.
    """
    known = ~torch.isnan(values)
    # Before the loss: an infinite item times 0 would have no gradient.
    outputs, values = torch.where(known, outputs, 0.0), values.nan_to_num()
    if loss == "mse":
        item = (outputs - values).square()
    elif loss == "huber":
        item = nn.functional.huber_loss(outputs, values, reduction="none", delta=delta)
    else:
        item = outputs.exp() - values * outputs
    # 0 of a batch without any value.
    return (item * known).sum() / known.sum().clamp(min=1)


def quantity_metrics(network, validation, scale, settings):
    """Loss and correlations of a network for quantities in evaluation mode.

    Parameters
    ----------
    network : torch.nn.Module
        As it is trained: its outputs are raw, without the affine step of the scale.
    validation : proofread.datasets.dataset.Dataset
    scale : proofread.models.output_scale.OutputScale
    settings : dict
        `loss` and `huber_delta` of the training.

    Returns
    -------
    dict of str to float
        validation_loss, the mean over the known values; validation_pearson and
        validation_spearman in the user's units, means over the targets with two
        different values. The correlation with a constant prediction counts as 0.
    """
    raw = predict_logits(network, validation.index)
    with_offset = raw.double() + torch.tensor(scale.offset, dtype=torch.float64)
    loss = quantity_loss(
        with_offset,
        torch.from_numpy(scale.to_learn(validation.label)).double(),
        settings["loss"],
        delta=settings["huber_delta"],
    )
    outputs = raw if scale.affine is None else scale.affine(None, None, raw.double())
    predicted = scale.undo(outputs.numpy())

    def mean(correlation):
        values = []
        for truth, of_target in zip(validation.label.T, predicted.T, strict=True):
            known = ~np.isnan(truth)
            if len(np.unique(truth[known])) > 1:
                value = of_prediction(correlation, truth[known], of_target[known])
                values.append(value)
        return float(np.mean(values)) if values else np.nan

    return {
        "validation_loss": float(loss),
        "validation_pearson": mean(pearson),
        "validation_spearman": mean(spearman),
    }


def validation_metrics(network, dataset, *, exclusive=False):
    """Loss and metrics of a network in evaluation mode, averaged over targets."""
    logits = predict_logits(network, dataset.index)
    label = torch.from_numpy(dataset.label)
    loss = cross_entropy(logits.double(), label.double(), exclusive=exclusive)
    probability = torch.sigmoid(logits.double()).numpy()

    def mean(metric, scores):
        pairs = zip(dataset.label.T, np.asarray(scores).T, strict=True)
        values = []
        for label, score in pairs:
            known = ~np.isnan(label)
            values.append(metric(label[known], score[known]))
        return float(np.mean(values))

    return {
        "validation_loss": float(loss),
        "validation_auroc": mean(auroc, logits),
        "validation_auprc": mean(auprc, logits),
        "validation_accuracy": mean(accuracy, probability),
    }
