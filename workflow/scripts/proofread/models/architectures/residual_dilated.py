"""Dilated convolutions with residual connections, after BPNet (Avsec et al. 2021).

The body is BPNet's (doi:10.1038/s41588-021-00782-6): a wide first convolution, then
convolutions of width 3 whose dilation doubles from 2 on, each added to its input. The
head is that of BPNet's total counts: the mean over positions and a linear layer, here
with a logit for each target. BPNet has 64 filters, a first width of 25, 9 dilated
layers for 1,000 bases, and no pool, for it predicts a profile. The defaults are for
200 bases, all of which a last position sees.
"""

from collections import OrderedDict
from dataclasses import dataclass, field

from torch import nn

from proofread.models.activations import activation_named
from proofread.models.layers import flat_size

# What shortens a sequence, from the first layer on (configuration.lengths). A literal:
# the configuration reads it without importing torch.
SHORTENED_BY = [("filter", "width"), ("pool", "pool")]


@dataclass(frozen=True)
class Settings:
    """Sizes of the network."""

    activation: str = field(
        default="relu",
        metadata={
            "enum": ["relu", "exponential"],
            "description": "activation of the first layer, relu or exponential",
        },
    )
    filters: int = field(
        default=32,
        metadata={"minimum": 1, "description": "filters of every convolution"},
    )
    width: int = field(
        default=21,
        metadata={"minimum": 1, "description": "bases that a first filter reads"},
    )
    pool: int = field(
        default=2,
        metadata={
            "minimum": 1,
            "description": "pool width after the first convolution; 1 is none",
        },
    )
    layers: int = field(
        default=5,
        metadata={
            "minimum": 1,
            "maximum": 12,
            "description": "dilated convolutions, at most 12; layer i has dilation 2^i",
        },
    )
    dropout: float = field(
        default=0.0,
        metadata={
            "minimum": 0,
            "exclusiveMaximum": 1,
            "description": "fraction of the means dropped in training",
        },
    )


class Residual(nn.Module):
    """A dilated convolution and a ReLU, added to what they read.

    Padding on both sides keeps the number of positions.
    """

    def __init__(self, filters, dilation):
        super().__init__()
        self.convolution = nn.Conv1d(
            filters, filters, 3, padding=dilation, dilation=dilation
        )
        self.activation = nn.ReLU()

    def forward(self, hidden):
        """(n, filters, positions) -> the same shape."""
        return hidden + self.activation(self.convolution(hidden))


class Network(nn.Module):
    """Convolution, activation; dilated convolutions; mean over positions; linear."""

    first_convolution = "features.convolution1"
    first_activation = "features.activation1"

    def __init__(self, settings, length, targets):
        super().__init__()
        filters = settings.filters
        layers = OrderedDict(
            convolution1=nn.Conv1d(4, filters, settings.width),
            activation1=activation_named(settings.activation),
            pool1=nn.MaxPool1d(settings.pool),
        )
        for number in range(1, settings.layers + 1):
            layers[f"residual{number}"] = Residual(filters, 2**number)
        layers["mean"] = nn.AdaptiveAvgPool1d(1)
        layers["flatten"] = nn.Flatten()  # (n, filters, 1) -> (n, filters)
        self.features = nn.Sequential(layers)
        flat_size(
            self,
            self.features,
            length,
            "residual_dilated",
            f"filters of {settings.width} bases and a pool of {settings.pool}",
        )
        self.dropout = nn.Dropout(settings.dropout)
        self.output = nn.Linear(filters, targets)
        for module in self.modules():
            if isinstance(module, nn.Conv1d | nn.Linear):
                nn.init.xavier_uniform_(module.weight)
                nn.init.zeros_(module.bias)

    def forward(self, one_hot):
        """Logits (n, targets) of one-hot sequences (n, 4, length)."""
        return self.output(self.dropout(self.features(one_hot)))
