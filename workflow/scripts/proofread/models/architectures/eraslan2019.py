"""Two convolutions and a linear layer, as drawn by Eraslan et al. 2019.

The review (doi:10.1038/s41576-019-0122-6) draws the network without its sizes;
those below are the ones published with "Model-Agnostic Interpretation of Learned
Models for Genomic Sequences" (2022): 11,126 parameters for 200 bases and one target.
"""

from dataclasses import dataclass, field

import torch
from torch import nn

from proofread.errors import InputError

# What shortens a sequence, from the first layer on (configuration.lengths). A literal:
# the configuration reads it without importing torch.
SHORTENED_BY = [
    ("filter", "width"),
    ("pool", "pool"),
    ("filter", "width2"),
    ("pool", "pool"),
]


@dataclass(frozen=True)
class Settings:
    """Sizes of the network."""

    filters: int = field(
        default=32,
        metadata={"minimum": 1, "description": "filters of the first convolution"},
    )
    filters2: int = field(
        default=12,
        metadata={"minimum": 1, "description": "filters of the second convolution"},
    )
    width: int = field(
        default=20,
        metadata={"minimum": 1, "description": "bases that a first filter reads"},
    )
    width2: int = field(
        default=20,
        metadata={
            "minimum": 1,
            "description": "pooled positions that a second filter reads",
        },
    )
    pool: int = field(
        default=2,
        metadata={"minimum": 1, "description": "pool width after each convolution"},
    )
    dropout: float = field(
        default=0.1,
        metadata={
            "minimum": 0,
            "exclusiveMaximum": 1,
            "description": "fraction of the flattened values dropped in training",
        },
    )


class Network(nn.Module):
    """Convolution, ReLU, pooling, twice; dropout; linear.

    A single target has two output units and its logit is their difference, as in
    the original; several targets have one unit each.
    """

    first_convolution = "convolution1"
    first_activation = "activation1"

    def __init__(self, settings, length, targets):
        super().__init__()
        self.convolution1 = nn.Conv1d(4, settings.filters, settings.width)
        self.activation1 = nn.ReLU()
        self.pool1 = nn.MaxPool1d(settings.pool)
        self.convolution2 = nn.Conv1d(
            settings.filters, settings.filters2, settings.width2
        )
        self.activation2 = nn.ReLU()
        self.pool2 = nn.MaxPool1d(settings.pool)
        self.dropout = nn.Dropout(settings.dropout)
        # A dry pass says how many values reach the linear layer.
        try:
            with torch.no_grad():
                flat = self._features(torch.zeros(1, 4, length)).shape[1]
        except RuntimeError as error:
            # One position after the second pooling, and back through the layers.
            least = settings.pool * (settings.pool + settings.width2 - 1)
            least += settings.width - 1
            raise InputError(
                "eraslan2019",
                f"sequences of {length} bases leave nothing after the second pooling",
                f"at least {least} bases, because of filters of {settings.width} and "
                f"{settings.width2} positions",
                "lower width or width2 under the model's settings",
            ) from error
        self.one_target = targets == 1
        self.linear = nn.Linear(flat, 2 if self.one_target else targets)
        for layer in (self.convolution1, self.convolution2, self.linear):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.constant_(layer.bias, 0.01)

    def _features(self, one_hot):
        # (n, 4, length) -> (n, filters, positions) -> (n, filters2, positions2)
        hidden = self.pool1(self.activation1(self.convolution1(one_hot)))
        hidden = self.pool2(self.activation2(self.convolution2(hidden)))
        return hidden.flatten(1)  # (n, filters2 * positions2)

    def forward(self, one_hot):
        """Logits (n, targets) of one-hot sequences (n, 4, length)."""
        units = self.linear(self.dropout(self._features(one_hot)))
        if self.one_target:
            return units[:, 1:] - units[:, :1]  # (n, 2) -> (n, 1)
        return units
