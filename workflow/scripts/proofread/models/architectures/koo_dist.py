"""cnn-dist: small pools, so that motifs are put together in deeper layers.

Sizes of Koo and Ploenzke 2021 (doi:10.1038/s42256-020-00291-x) for 200 bases. They
trained with Adam at 0.001, batches of 100 and an L2 penalty of 1e-6. The last pool also
takes what is left over at the end, as Keras's "same" does.
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
        default=32,
        metadata={"minimum": 1, "description": "filters of the second convolution"},
    )
    filters3: int = field(
        default=48,
        metadata={"minimum": 1, "description": "filters of the third convolution"},
    )
    filters4: int = field(
        default=64,
        metadata={"minimum": 1, "description": "filters of the fourth convolution"},
    )
    width: int = field(
        default=19,
        metadata={"minimum": 1, "description": "bases that a first filter reads"},
    )
    width2: int = field(
        default=7,
        metadata={"minimum": 1, "description": "positions that a second filter reads"},
    )
    width3: int = field(
        default=7,
        metadata={"minimum": 1, "description": "positions that a third filter reads"},
    )
    width4: int = field(
        default=3,
        metadata={"minimum": 1, "description": "positions that a fourth filter reads"},
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
    pool4: int = field(
        default=3,
        metadata={
            "minimum": 1,
            "description": "pool width after the fourth convolution",
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
    dropout3: float = field(
        default=0.3,
        metadata={
            "minimum": 0,
            "exclusiveMaximum": 1,
            "description": "fraction dropped after the third convolution",
        },
    )
    dropout4: float = field(
        default=0.4,
        metadata={
            "minimum": 0,
            "exclusiveMaximum": 1,
            "description": "fraction dropped after the fourth convolution",
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
    """Two convolutions, pool; two more, each with its pool; dense."""

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
                convolution3=nn.Conv1d(
                    settings.filters2,
                    settings.filters3,
                    settings.width3,
                    padding="valid",
                    bias=False,
                ),
                norm3=keras_norm(settings.filters3),
                activation3=nn.ReLU(),
                dropout3=nn.Dropout(settings.dropout3),
                pool3=nn.MaxPool1d(settings.pool3),
                convolution4=nn.Conv1d(
                    settings.filters3,
                    settings.filters4,
                    settings.width4,
                    padding="valid",
                    bias=False,
                ),
                norm4=keras_norm(settings.filters4),
                activation4=nn.ReLU(),
                dropout4=nn.Dropout(settings.dropout4),
                pool4=nn.MaxPool1d(settings.pool4, ceil_mode=True),
                flatten=nn.Flatten(),  # (n, filters, positions) -> (n, values)
            )
        )
        flat = flat_size(
            self,
            self.features,
            length,
            "koo_dist",
            f"pools of {settings.pool2}, {settings.pool3}, "
            f"{settings.pool4} and unpadded filters of "
            f"{settings.width3}, {settings.width4}",
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
