"""A DragoNN model of Keras 1 on Theano, from its HDF5 weights."""

import torch
from torch import nn


def load(settings, weights):
    """`weights`: arrays such as layer_0/param_0; `settings`: pool, in positions."""
    layers = []
    for key in sorted(weights, key=lambda name: int(name[6:].split("/")[0])):
        if not key.endswith("param_0"):
            continue
        kernel, bias = (torch.tensor(weights[key[:-1] + end]) for end in "01")
        if kernel.ndim == 4:  # (filters, 1, 4, width) or (filters, channels, 1, width)
            kernel = kernel.flip(2, 3).flatten(1, 2)  # Theano flips its kernels
            layers += [nn.Conv1d(kernel.shape[1], *kernel.shape[::2]), nn.ReLU()]
            layers[-2].weight.data, layers[-2].bias.data = kernel, bias
    layers += [nn.MaxPool1d(settings["pool"]), nn.Flatten(), nn.Linear(*kernel.shape)]
    layers[-1].weight.data, layers[-1].bias.data = kernel.T, bias
    return nn.Sequential(*layers)
