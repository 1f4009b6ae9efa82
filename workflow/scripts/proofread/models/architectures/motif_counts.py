"""A network that adds up motifs, for quantities: one layer on both strands, then dense.

Filters come in pairs, each with its reverse complement (strand_pairs). A squared ReLU
makes good matches count more than many poor ones. The mean over positions, added over
strands, grows with the number of matches, wherever they are. Two parts read these
means, and their outputs add up: a linear layer, in which each motif adds its effect,
and a dense layer, in which motifs interact.
"""

from collections import OrderedDict
from dataclasses import dataclass, field

from torch import nn

from proofread.models.activations import activation_named
from proofread.models.layers import flat_size
from proofread.models.strand_pairs import keep_tied, tie

# What `training` keeps where the user leaves it out. A literal: the configuration reads
# it without importing torch.
TRAINING = {
    "epochs": 15,
    "monitor": "validation_loss",
    "batch_size": 32,
    "learning_rate": 0.0015,
    "schedule": "cosine",
    "warmup_epochs": 1,
}

# What shortens a sequence, from the first layer on (configuration.lengths). A literal:
# the configuration reads it without importing torch.
SHORTENED_BY = [("filter", "width"), ("pool", "pool")]


@dataclass(frozen=True)
class Settings:
    """Sizes of the network."""

    activation: str = field(
        default="squared_relu",
        metadata={
            "enum": ["squared_relu", "relu", "exponential"],
            "description": "activation of the first layer: squared_relu, relu or "
            "exponential",
        },
    )
    filters: int = field(
        default=64,
        metadata={
            "minimum": 1,
            "description": "filters of the convolution, reverse complements not "
            "counted",
        },
    )
    width: int = field(
        default=12,
        metadata={"minimum": 1, "description": "bases that a filter reads"},
    )
    pool: int = field(
        default=4,
        metadata={
            "minimum": 1,
            "description": "pool width after the convolution: the best match within "
            "it counts",
        },
    )
    units: int = field(
        default=32,
        metadata={
            "minimum": 1,
            "description": "units of the dense layer, in which motifs interact",
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


class Network(nn.Module):
    """Convolution, activation, pool, mean; a linear and a dense part, added."""

    first_convolution = "motifs.convolution1"
    first_activation = "motifs.activation1"

    def __init__(self, settings, length, targets):
        super().__init__()
        self.motifs = nn.Sequential(
            OrderedDict(
                convolution1=nn.Conv1d(4, 2 * settings.filters, settings.width),
                activation1=activation_named(settings.activation),
                pool1=nn.MaxPool1d(settings.pool),
                mean=nn.AdaptiveAvgPool1d(1),
                flatten=nn.Flatten(),  # (n, 2 * filters, 1) -> (n, 2 * filters)
            )
        )
        flat_size(
            self,
            self.motifs,
            length,
            "motif_counts",
            f"filters of {settings.width} bases and a pool of {settings.pool}",
        )
        self.norm = nn.BatchNorm1d(settings.filters)
        self.dropout = nn.Dropout(settings.dropout)
        self.alone = nn.Linear(settings.filters, targets)
        self.together = nn.Sequential(
            OrderedDict(
                hidden=nn.Linear(settings.filters, settings.units),
                activation=nn.ReLU(),
                output=nn.Linear(settings.units, targets),
            )
        )
        tie(self.motifs.convolution1)

    def __setstate__(self, state):
        """Copies, and networks from pickle, have parameters without the hooks."""
        super().__setstate__(state)
        keep_tied(self.motifs.convolution1)

    def forward(self, one_hot):
        """Outputs (n, targets) of one-hot sequences (n, 4, length)."""
        # (n, 2 * filters) -> (n, filters, strands) -> (n, filters)
        counts = self.motifs(one_hot).unflatten(1, (-1, 2)).sum(2)
        counts = self.dropout(self.norm(counts))
        return self.alone(counts) + self.together(counts)
