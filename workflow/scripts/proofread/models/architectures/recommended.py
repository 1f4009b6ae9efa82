"""A network for real sequences: one layer of motifs, on both strands, read in two ways.

Filters come in pairs, each with its reverse complement, whose weights stay equal in
training (reverse-complement sharing, Shrikumar et al. 2017, doi:10.1101/103663). Two
parts read them and their logits add up:

- the motifs of the whole sequence: maximum and mean of each pair over positions and
  strands, in a linear layer (DeepBind's pools, Alipanahi et al. 2015,
  doi:10.1038/nbt.3300). A few hundred peaks are enough for it, because a motif is the
  same parameter wherever it lies;
- the motifs at their positions: a few combinations of filters along the sequence as it
  is given, in another linear layer. Start codons and promoter boxes need it.
"""

from collections import OrderedDict
from dataclasses import dataclass, field

import torch
from torch import nn

from proofread.models.activations import activation_named
from proofread.models.layers import flat_size
from proofread.models.strand_pairs import keep_tied, tie

# What `training` keeps where the user leaves it out. A literal: the configuration reads
# it without importing torch.
TRAINING = {
    "epochs": "auto",
    "monitor": "validation_loss",
    "smoothing": 0.5,
    "batch_size": "auto",
    "learning_rate": 0.002,
    "schedule": "cosine",
}

# What shortens a sequence, from the first layer on (configuration.lengths). A literal:
# the configuration reads it without importing torch.
SHORTENED_BY = [("filter", "width"), ("pool", "pool"), ("step", "pool2")]


@dataclass(frozen=True)
class Settings:
    """Sizes of the network."""

    strands: str = field(
        default="both",
        metadata={
            "enum": ["both", "forward"],
            "description": "both: each filter has its reverse complement beside it; "
            "or forward, for RNA",
        },
    )
    activation: str = field(
        default="relu",
        metadata={
            "enum": ["relu", "exponential"],
            "description": "activation of the first layer, relu or exponential",
        },
    )
    filters: int = field(
        default=64,
        metadata={
            "minimum": 1,
            "description": "filters of the first convolution, reverse complements not "
            "counted",
        },
    )
    filters2: int = field(
        default=32,
        metadata={
            "minimum": 1,
            "description": "combinations of filters that are read at their positions",
        },
    )
    width: int = field(
        default=12,
        metadata={"minimum": 1, "description": "bases that a first filter reads"},
    )
    pool: int = field(
        default=4,
        metadata={
            "minimum": 1,
            "description": "pool width after the first convolution",
        },
    )
    pool2: int = field(
        default=4,
        metadata={
            "minimum": 1,
            "description": "pool width after the combinations",
        },
    )
    dropout: float = field(
        default=0.2,
        metadata={
            "minimum": 0,
            "exclusiveMaximum": 1,
            "description": "fraction of the maxima and means dropped in training",
        },
    )
    dropout2: float = field(
        default=0.5,
        metadata={
            "minimum": 0,
            "exclusiveMaximum": 1,
            "description": "fraction of the values at positions dropped in training",
        },
    )


class Network(nn.Module):
    """Convolution, activation, pool; two parts that read them, added."""

    first_convolution = "motifs.convolution1"
    first_activation = "motifs.activation1"

    def __init__(self, settings, length, targets):
        super().__init__()
        self.strands = 2 if settings.strands == "both" else 1
        filters = settings.filters * self.strands
        self.motifs = nn.Sequential(
            OrderedDict(
                convolution1=nn.Conv1d(4, filters, settings.width),
                activation1=activation_named(settings.activation),
                pool1=nn.MaxPool1d(settings.pool),
            )
        )
        self.highest, self.mean = nn.AdaptiveMaxPool1d(1), nn.AdaptiveAvgPool1d(1)
        self.anywhere = nn.Sequential(
            OrderedDict(
                norm=nn.BatchNorm1d(2 * settings.filters),
                dropout=nn.Dropout(settings.dropout),
                output=nn.Linear(2 * settings.filters, targets),
            )
        )
        self.combinations = nn.Sequential(
            OrderedDict(
                convolution2=nn.Conv1d(filters, settings.filters2, 1),
                norm2=nn.BatchNorm1d(settings.filters2),
                activation2=nn.ReLU(),
                pool2=nn.MaxPool1d(settings.pool2, ceil_mode=True),
                flatten=nn.Flatten(),  # (n, filters2, cells2) -> (n, values)
            )
        )
        flat = flat_size(
            self,
            lambda one_hot: self.combinations(self.motifs(one_hot)),
            length,
            "recommended",
            f"filters of {settings.width} bases and a pool of {settings.pool}",
        )
        self.placed = nn.Sequential(
            OrderedDict(
                dropout=nn.Dropout(settings.dropout2),
                output=nn.Linear(flat, targets),
            )
        )
        if self.strands == 2:
            tie(self.motifs.convolution1)

    def __setstate__(self, state):
        """Copies, and networks from pickle, have parameters without the hooks."""
        super().__setstate__(state)
        if self.strands == 2:
            keep_tied(self.motifs.convolution1)

    def forward(self, one_hot):
        """Logits (n, targets) of one-hot sequences (n, 4, length)."""
        cells = self.motifs(one_hot)  # (n, filters * strands, cells)
        # -> (n, filters, strands, cells) -> (n, filters, strands * cells)
        both = cells.unflatten(1, (-1, self.strands)).flatten(2)
        whole = torch.cat([self.highest(both), self.mean(both)], dim=1).flatten(1)
        return self.anywhere(whole) + self.placed(self.combinations(cells))
