"""Negative controls: a network before its training, and labels that say nothing."""

from dataclasses import replace

import numpy as np
import pandas as pd

from proofread.configuration.objectives import resolved
from proofread.models.checkpoint import new_network
from proofread.models.output_scale import fit_scale, set_scale
from proofread.training.losses import quantity_metrics, validation_metrics


def untrained(training, validation, model, seed):
    """A network as it is before its training, and a history of that one moment.

    Parameters
    ----------
    training, validation : proofread.datasets.dataset.Dataset
        Of the first, quantities alone are read: they give the scale of the outputs.
    model : dict
        `architecture`, `settings` and `training` of the configuration.
    seed : int

    Returns
    -------
    torch.nn.Module
        In evaluation mode.
    pandas.DataFrame
        One row, epoch 0, with the metrics of the validation split; no training loss.
    """
    network = new_network(model, validation, seed).eval()
    if training.quantitative:
        settings = resolved(model["training"], quantitative=True)
        scale = fit_scale(training, settings["loss"])
        metrics = quantity_metrics(network, validation, scale, settings)
        set_scale(network, scale)
    else:
        exclusive = getattr(network, "exclusive", False)
        metrics = validation_metrics(network, validation, exclusive=exclusive)
    row = {"epoch": 0, "train_loss": None, **metrics, "learning_rate": 0.0, "best": 1}
    return network, pd.DataFrame([row])


def with_shuffled_labels(dataset, seed):
    """The same sequences, each with the labels of a sequence drawn at random.

    The labels of one sequence stay together, so that classes and the targets'
    correlations are as before; only what they say of the sequences is gone.
    """
    order = np.random.default_rng(seed).permutation(len(dataset))
    return replace(dataset, label=dataset.label[order])
