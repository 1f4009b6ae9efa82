"""cnn-local: a large pool after the first layer makes its filters whole motifs.

Sizes of Koo and Ploenzke 2021 (doi:10.1038/s42256-020-00291-x) for 200 bases. They
trained with Adam at 0.001, batches of 100 and an L2 penalty of 1e-6.
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
        default=24,
        metadata={"minimum": 1, "description": "filters of the first convolution"},
    )
    filters2: int = field(
        default=48,
        metadata={"minimum": 1, "description": "filters of the second convolution"},
    )
    width: int = field(
        default=19,
        metadata={"minimum": 1, "description": "bases that a first filter reads"},
    )
    width2: int = field(
        default=3,
        metadata={"minimum": 1, "description": "positions that a second filter reads"},
    )
    pool: int = field(
        default=50,
        metadata={
            "minimum": 1,
            "description": "pool width after the first convolution",
        },
    )
    pool2: int = field(
        default=2,
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
        default=0.2,
        metadata={
            "minimum": 0,
            "exclusiveMaximum": 1,
            "description": "fraction dropped after the second convolution",
        },
    )
    dense: int = field(
        default=96,
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
    """Convolution, pool of 50, convolution, pool of 2, dense."""

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
                dropout1=nn.Dropout(settings.dropout),
                pool1=nn.MaxPool1d(settings.pool),
                convolution2=nn.Conv1d(
                    settings.filters,
                    settings.filters2,
                    settings.width2,
                    padding="same",
                    bias=False,
                ),
                norm2=keras_norm(settings.filters2),
                activation2=nn.ReLU(),
                dropout2=nn.Dropout(settings.dropout2),
                pool2=nn.MaxPool1d(settings.pool2),
                flatten=nn.Flatten(),  # (n, filters, positions) -> (n, values)
            )
        )
        flat = flat_size(
            self,
            self.features,
            length,
            "koo_local",
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
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
        nn.init.xavier_uniform_(self.head.output.weight)
        nn.init.zeros_(self.head.output.bias)

    def forward(self, one_hot):
        """Logits (n, targets) of one-hot sequences (n, 4, length)."""
        return self.head(self.features(one_hot))
