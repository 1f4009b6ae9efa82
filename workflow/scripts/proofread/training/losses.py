"""What a training makes small, and what is said of a network after each epoch."""

import numpy as np
import torch
from torch import nn

from proofread.errors import InputError
from proofread.models.checkpoint import predict_logits
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
