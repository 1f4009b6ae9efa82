"""Activations of a first layer, by the names of the field.

Koo and Ploenzke 2021 (doi:10.1038/s42256-020-00291-x) compare ten of them. Each value
is changed by itself, and never falls as its input rises. The formulas of the modified
ones are those of the authors' code (github.com/p-koo/exponential_activations).
"""

import torch
from torch import nn

from proofread.errors import InputError


class Exponential(nn.Module):
    """The exponential: exp(x).

    On a first convolution it makes filters keep to whole motifs (Koo and Ploenzke
    2021).
    """

    def forward(self, values):
        """``exp(values)``, of any shape."""
        return torch.exp(values)


class SquaredReLU(nn.Module):
    """A rectifier, squared: max(0, x)^2.

    A good match counts more than several poor ones (So et al. 2021, arXiv:2109.08668).
    """

    def forward(self, values):
        """Of any shape."""
        return torch.relu(values).square()


class ModifiedReLU(nn.Module):
    """A rectifier, shifted and cubed: max(0, x - 0.2)^3."""

    def forward(self, values):
        """Of any shape."""
        return torch.relu(values - 0.2).pow(3)


class ModifiedSigmoid(nn.Module):
    """A sigmoid, shifted and scaled: 4000 / (1 + exp(8 - x)), between 0 and 4000."""

    def forward(self, values):
        """Of any shape."""
        return 4000 * torch.sigmoid(values - 8)


class ModifiedTanh(nn.Module):
    """A tanh, shifted and scaled: 500 tanh(x - 6) + 500, between 0 and 1000.

    Computed as 1000 sigmoid(2 (x - 6)), which is the same function. The sum would lose
    the small values, below 0.01 for inputs below 0.3, to rounding.
    """

    def forward(self, values):
        """Of any shape."""
        return 1000 * torch.sigmoid(2 * (values - 6))


# Those that PyTorch does not have.
OWN = (Exponential, SquaredReLU, ModifiedReLU, ModifiedSigmoid, ModifiedTanh)

_ACTIVATIONS = {
    "relu": nn.ReLU,
    "exponential": Exponential,
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
    "softplus": nn.Softplus,
    "linear": nn.Identity,
    "elu": nn.ELU,
    "squared_relu": SquaredReLU,
    "modified_relu": ModifiedReLU,
    "modified_sigmoid": ModifiedSigmoid,
    "modified_tanh": ModifiedTanh,
}
NAMES = tuple(_ACTIVATIONS)


def activation_named(name):
    """A new activation module.

    Parameters
    ----------
    name : str
        `relu`: max(0, x). `exponential`: exp(x). `sigmoid`: 1 / (1 + exp(-x)). `tanh`.
        `softplus`: log(1 + exp(x)). `linear`: x. `elu`: x, and exp(x) - 1 below 0.
        `squared_relu`: max(0, x)^2. `modified_relu`, `modified_sigmoid`,
        `modified_tanh`: see their classes.

    Raises
    ------
    InputError
        If there is no such activation.
    """
    if name not in _ACTIVATIONS:
        raise InputError(
            "models: settings",
            f"activation {name!r}",
            "one of " + ", ".join(_ACTIVATIONS),
            "choose one of them",
        )
    return _ACTIVATIONS[name]()
