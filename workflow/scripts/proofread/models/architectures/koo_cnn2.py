"""CNN2 of the Koo group's attention study: two convolutions, one wide dense layer.

Sizes for 200 bases. Convolutions are padded and, like the dense layer, normalised.
"""

from collections import OrderedDict
from dataclasses import dataclass, field

from torch import nn

from proofread.models.layers import activation_named, flat_size, keras_norm


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
        metadata={"minimum": 1, "description": "filters of the first convolution"},
    )
    filters2: int = field(
        default=32,
        metadata={"minimum": 1, "description": "filters of the second convolution"},
    )
    width: int = field(
        default=19,
        metadata={"minimum": 1, "description": "bases that a first filter reads"},
    )
    width2: int = field(
        default=7,
        metadata={"minimum": 1, "description": "positions that a second filter reads"},
    )
    pool: int = field(
        default=4,
        metadata={
            "minimum": 1,
            "description": "pool width after the first convolution",
        },
    )
    pool2: int = field(
        default=6,
        metadata={
            "minimum": 1,
            "description": "pool width after the second convolution",
        },
    )
    dropout: float = field(
        default=0.1,
        metadata={
            "minimum": 0,
            "exclusiveMaximum": 1,
            "description": "fraction dropped after the first convolution",
        },
    )
    dropout2: float = field(
        default=0.1,
        metadata={
            "minimum": 0,
            "exclusiveMaximum": 1,
            "description": "fraction dropped after the second convolution",
        },
    )
    dense: int = field(
        default=512,
        metadata={"minimum": 1, "description": "units of the dense layer"},
    )
    dense_dropout: float = field(
        default=0.5,
        metadata={
            "minimum": 0,
            "exclusiveMaximum": 1,
            "description": "fraction of the dense units dropped in training",
        },
    )


class Network(nn.Module):
    """Convolution, pool of 4, convolution, pool of 6, dense."""

    first_convolution = "features.convolution1"
    first_activation = "features.activation1"

    def __init__(self, settings, length, targets):
        super().__init__()
        self.features = nn.Sequential(
            OrderedDict(
                convolution1=nn.Conv1d(
                    4,
                    settings.filters,
                    settings.width,
                    padding="same",
                    bias=False,
                ),
                norm1=keras_norm(settings.filters),
                activation1=activation_named(settings.activation),
                pool1=nn.MaxPool1d(settings.pool),
                dropout1=nn.Dropout(settings.dropout),
                convolution2=nn.Conv1d(
                    settings.filters,
                    settings.filters2,
                    settings.width2,
                    padding="same",
                    bias=False,
                ),
                norm2=keras_norm(settings.filters2),
                activation2=nn.ReLU(),
                pool2=nn.MaxPool1d(settings.pool2),
                dropout2=nn.Dropout(settings.dropout2),
                flatten=nn.Flatten(),  # (n, filters, positions) -> (n, values)
            )
        )
        flat = flat_size(
            self,
            self.features,
            length,
            "koo_cnn2",
            f"pools of {settings.pool}, {settings.pool2}",
        )
        self.head = nn.Sequential(
            OrderedDict(
                dense=nn.Linear(flat, settings.dense, bias=False),
                norm=keras_norm(settings.dense),
                activation=nn.ReLU(),
                dropout=nn.Dropout(settings.dense_dropout),
                output=nn.Linear(settings.dense, targets),
            )
        )
        for module in self.modules():
            if isinstance(module, nn.Conv1d | nn.Linear):
                nn.init.xavier_uniform_(module.weight)
        nn.init.xavier_uniform_(self.head.output.weight)
        nn.init.zeros_(self.head.output.bias)

    def forward(self, one_hot):
        """Logits (n, targets) of one-hot sequences (n, 4, length)."""
        return self.head(self.features(one_hot))
