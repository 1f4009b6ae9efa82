"""Basset: three convolutions and two dense layers (Kelley, Snoek and Rinn 2016).

Sizes of the publication (doi:10.1101/gr.200535.115), for 600 bases: 300, 200 and 200
filters and two layers of 1,000 units, which the third convolution gives 10 x 200
values. Other lengths change only the first dense layer.
"""

from collections import OrderedDict
from dataclasses import dataclass, field

from torch import nn

from proofread.models.layers import flat_size

# What shortens a sequence, from the first layer on (configuration.lengths). A literal:
# the configuration reads it without importing torch.
SHORTENED_BY = [
    ("filter", "width"),
    ("pool", "pool"),
    ("filter", "width2"),
    ("pool", "pool2"),
    ("filter", "width3"),
    ("pool", "pool3"),
]


@dataclass(frozen=True)
class Settings:
    """Sizes of the network."""

    filters: int = field(
        default=300,
        metadata={"minimum": 1, "description": "filters of the first convolution"},
    )
    filters2: int = field(
        default=200,
        metadata={"minimum": 1, "description": "filters of the second convolution"},
    )
    filters3: int = field(
        default=200,
        metadata={"minimum": 1, "description": "filters of the third convolution"},
    )
    width: int = field(
        default=19,
        metadata={"minimum": 1, "description": "bases that a first filter reads"},
    )
    width2: int = field(
        default=11,
        metadata={
            "minimum": 1,
            "description": "pooled positions that a second filter reads",
        },
    )
    width3: int = field(
        default=7,
        metadata={
            "minimum": 1,
            "description": "pooled positions that a third filter reads",
        },
    )
    pool: int = field(
        default=3,
        metadata={
            "minimum": 1,
            "description": "pool width after the first convolution",
        },
    )
    pool2: int = field(
        default=4,
        metadata={
            "minimum": 1,
            "description": "pool width after the second convolution",
        },
    )
    pool3: int = field(
        default=4,
        metadata={
            "minimum": 1,
            "description": "pool width after the third convolution",
        },
    )
    padding: str = field(
        default="valid",
        metadata={
            "enum": ["valid", "same"],
            "description": "valid, or same for shorter sequences",
        },
    )
    dense: int = field(
        default=1000,
        metadata={"minimum": 1, "description": "units of each dense layer"},
    )
    dropout: float = field(
        default=0.3,
        metadata={
            "minimum": 0,
            "exclusiveMaximum": 1,
            "description": "fraction of the dense units dropped in training",
        },
    )


class Network(nn.Module):
    """Three times convolution, normalisation, ReLU, pooling; two dense layers."""

    first_convolution = "features.convolution1"
    first_activation = "features.activation1"

    def __init__(self, settings, length, targets):
        super().__init__()
        filters = (4, settings.filters, settings.filters2, settings.filters3)
        widths = (settings.width, settings.width2, settings.width3)
        pools = (settings.pool, settings.pool2, settings.pool3)
        layers = OrderedDict()
        for number in (1, 2, 3):
            layers[f"convolution{number}"] = nn.Conv1d(
                filters[number - 1],
                filters[number],
                widths[number - 1],
                padding=settings.padding,
            )
            layers[f"norm{number}"] = nn.BatchNorm1d(filters[number])
            layers[f"activation{number}"] = nn.ReLU()
            layers[f"pool{number}"] = nn.MaxPool1d(pools[number - 1])
        layers["flatten"] = nn.Flatten()  # (n, filters3, positions) -> (n, values)
        self.features = nn.Sequential(layers)
        flat = flat_size(
            self,
            self.features,
            length,
            "basset",
            f"filters of {', '.join(map(str, widths))} positions, pools of "
            f"{', '.join(map(str, pools))}, padding {settings.padding}",
        )
        self.head = nn.Sequential(
            OrderedDict(
                dense1=nn.Linear(flat, settings.dense),
                norm1=nn.BatchNorm1d(settings.dense),
                activation1=nn.ReLU(),
                dropout1=nn.Dropout(settings.dropout),
                dense2=nn.Linear(settings.dense, settings.dense),
                norm2=nn.BatchNorm1d(settings.dense),
                activation2=nn.ReLU(),
                dropout2=nn.Dropout(settings.dropout),
                output=nn.Linear(settings.dense, targets),
            )
        )

    def forward(self, one_hot):
        """Logits (n, targets) of one-hot sequences (n, 4, length)."""
        return self.head(self.features(one_hot))
