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
        0 or 1.
    exclusive : bool
        Whether the targets are classes, of which each sequence has one.

    Returns
    -------
    numpy.ndarray, shape (2, targets), float32
        Of negatives and positives of each target, ``n / (2 x their number)``; for
        exclusive classes both are ``n / (targets x the class's number)``. The mean
        weight of the labels is 1.

    Raises
    ------
    InputError
        If a class has no sequence.
    """
    positives = label.sum(axis=0, dtype=np.float64)
    counts = np.stack([len(label) - positives, positives])
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
    return (len(label) / (classes * counts)).astype(np.float32)


def cross_entropy(logits, label, weights=None, *, exclusive=False):
    """Mean cross-entropy of a batch, in nats.

    Parameters
    ----------
    logits, label : torch.Tensor, shape (n, targets)
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
    if weights is None:
        return nn.functional.binary_cross_entropy_with_logits(logits, label)
    item = torch.where(label == 1, weights[1], weights[0])
    return nn.functional.binary_cross_entropy_with_logits(logits, label, weight=item)


def validation_metrics(network, dataset, *, exclusive=False):
    """Loss and metrics of a network in evaluation mode, averaged over targets."""
    logits = predict_logits(network, dataset.index)
    label = torch.from_numpy(dataset.label)
    loss = cross_entropy(logits.double(), label.double(), exclusive=exclusive)
    probability = torch.sigmoid(logits.double()).numpy()

    def mean(metric, scores):
        pairs = zip(dataset.label.T, np.asarray(scores).T, strict=True)
        return float(np.mean([metric(label, score) for label, score in pairs]))

    return {
        "validation_loss": float(loss),
        "validation_auroc": mean(auroc, logits),
        "validation_auprc": mean(auprc, logits),
        "validation_accuracy": mean(accuracy, probability),
    }
