"""Networks of the Koo group: one to four convolutions and a dense layer, for 200 bases.

`koo_local` and `koo_dist` are cnn-local and cnn-dist of Koo and Ploenzke 2021
(doi:10.1038/s42256-020-00291-x), trained with Adam at 0.001, batches of 100 and an L2
penalty of 1e-6. A large pool after the first layer makes the filters of cnn-local whole
motifs; the small pools of cnn-dist leave it to deeper layers to put motifs together.
`koo_cnn` and `koo_cnn2` are CNN and CNN2 of the group's attention study (Ghotra et al.
2021, doi:10.1101/2021.07.13.452181), with a wide dense layer. All layers but the last
are normalised and have no bias. Whatever the first activation, weights are drawn alike:
He-normal in 2021, Glorot-uniform in the attention study and in every output layer.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from itertools import pairwise

from torch import nn

from proofread.models.activations import activation_named
from proofread.models.layers import flat_size, he_normal_, keras_norm

# The settings of each architecture and their defaults. A literal: the configuration
# reads it without importing torch.
PRESETS = {
    "koo_cnn": {
        "activation": "relu",
        "filters": 32,
        "width": 19,
        "pool": 24,
        "dropout": 0.1,
        "dense": 512,
        "dense_dropout": 0.5,
    },
    "koo_cnn2": {
        "activation": "relu",
        "filters": 32,
        "filters2": 32,
        "width": 19,
        "width2": 7,
        "pool": 4,
        "pool2": 6,
        "dropout": 0.1,
        "dropout2": 0.1,
        "dense": 512,
        "dense_dropout": 0.5,
    },
    "koo_dist": {
        "activation": "relu",
        "filters": 24,
        "filters2": 32,
        "filters3": 48,
        "filters4": 64,
        "width": 19,
        "width2": 7,
        "width3": 7,
        "width4": 3,
        "pool2": 4,
        "pool3": 4,
        "pool4": 3,
        "dropout": 0.1,
        "dropout2": 0.2,
        "dropout3": 0.3,
        "dropout4": 0.4,
        "dense": 96,
        "dense_dropout": 0.5,
    },
    "koo_local": {
        "activation": "relu",
        "filters": 24,
        "filters2": 48,
        "width": 19,
        "width2": 3,
        "pool": 50,
        "pool2": 2,
        "dropout": 0.1,
        "dropout2": 0.2,
        "dense": 96,
        "dense_dropout": 0.5,
    },
}
# Koo and Ploenzke 2021: dropout comes before the pool and weights are drawn for ReLUs.
_OF_2021 = ("koo_dist", "koo_local")
# Of each convolution; only cnn-dist has a third and a fourth. Its last pool also takes
# what is left over at the end, as Keras's "same" does.
_PADDINGS = ("same", "same", "valid", "valid")
_CEIL_MODES = (False, False, False, True)

# What shortens a sequence, from the first layer on (configuration.lengths). A literal:
# the configuration reads it without importing torch.
SHORTENED_BY = [
    ("pool", "pool"),
    ("pool", "pool2"),
    ("filter", "width3"),
    ("pool", "pool3"),
    ("filter", "width4"),
    ("step", "pool4"),
]


@dataclass(frozen=True)
class Settings:
    """Sizes of the network; 0 where the preset does not have the layer."""

    preset: str
    activation: str = field(
        default="relu",
        metadata={
            "enum": [
                "relu",
                "exponential",
                "sigmoid",
                "tanh",
                "softplus",
                "linear",
                "elu",
                "squared_relu",
                "modified_relu",
                "modified_sigmoid",
                "modified_tanh",
            ],
            "description": "activation of the first layer",
        },
    )
    filters: int = field(
        default=0,
        metadata={"minimum": 1, "description": "filters of the first convolution"},
    )
    filters2: int = field(
        default=0,
        metadata={"minimum": 1, "description": "filters of the second convolution"},
    )
    filters3: int = field(
        default=0,
        metadata={"minimum": 1, "description": "filters of the third convolution"},
    )
    filters4: int = field(
        default=0,
        metadata={"minimum": 1, "description": "filters of the fourth convolution"},
    )
    width: int = field(
        default=0,
        metadata={"minimum": 1, "description": "bases that a first filter reads"},
    )
    width2: int = field(
        default=0,
        metadata={"minimum": 1, "description": "positions that a second filter reads"},
    )
    width3: int = field(
        default=0,
        metadata={"minimum": 1, "description": "positions that a third filter reads"},
    )
    width4: int = field(
        default=0,
        metadata={"minimum": 1, "description": "positions that a fourth filter reads"},
    )
    pool: int = field(
        default=0,
        metadata={
            "minimum": 1,
            "description": "pool width after the first convolution",
        },
    )
    pool2: int = field(
        default=0,
        metadata={
            "minimum": 1,
            "description": "pool width after the second convolution",
        },
    )
    pool3: int = field(
        default=0,
        metadata={
            "minimum": 1,
            "description": "pool width after the third convolution",
        },
    )
    pool4: int = field(
        default=0,
        metadata={
            "minimum": 1,
            "description": "pool width after the fourth convolution",
        },
    )
    dropout: float = field(
        default=0,
        metadata={
            "minimum": 0,
            "exclusiveMaximum": 1,
            "description": "fraction dropped after the first convolution",
        },
    )
    dropout2: float = field(
        default=0,
        metadata={
            "minimum": 0,
            "exclusiveMaximum": 1,
            "description": "fraction dropped after the second convolution",
        },
    )
    dropout3: float = field(
        default=0,
        metadata={
            "minimum": 0,
            "exclusiveMaximum": 1,
            "description": "fraction dropped after the third convolution",
        },
    )
    dropout4: float = field(
        default=0,
        metadata={
            "minimum": 0,
            "exclusiveMaximum": 1,
            "description": "fraction dropped after the fourth convolution",
        },
    )
    dense: int = field(
        default=0,
        metadata={"minimum": 1, "description": "units of the dense layer"},
    )
    dense_dropout: float = field(
        default=0,
        metadata={
            "minimum": 0,
            "exclusiveMaximum": 1,
            "description": "fraction of the dense units dropped in training",
        },
    )


class Network(nn.Module):
    """Convolutions, each with dropout, most with a pool; one dense layer."""

    first_convolution = "features.convolution1"
    first_activation = "features.activation1"

    def __init__(self, settings, length, targets):
        super().__init__()
        filters = (settings.filters, settings.filters2)
        filters += (settings.filters3, settings.filters4)
        channels = (4, *(size for size in filters if size))
        widths = (settings.width, settings.width2, settings.width3, settings.width4)
        dropouts = (settings.dropout, settings.dropout2)
        dropouts += (settings.dropout3, settings.dropout4)
        pools = (settings.pool, settings.pool2, settings.pool3, settings.pool4)
        activations = (settings.activation, "relu", "relu", "relu")
        dropout_first = settings.preset in _OF_2021
        layers = OrderedDict()
        for index, (before, after) in enumerate(pairwise(channels)):
            number = index + 1
            layers[f"convolution{number}"] = nn.Conv1d(
                before, after, widths[index], padding=_PADDINGS[index], bias=False
            )
            layers[f"norm{number}"] = keras_norm(after)
            layers[f"activation{number}"] = activation_named(activations[index])
            dropout = {f"dropout{number}": nn.Dropout(dropouts[index])}
            pool = {}
            if pools[index]:
                module = nn.MaxPool1d(pools[index], ceil_mode=_CEIL_MODES[index])
                pool[f"pool{number}"] = module
            layers.update(dropout | pool if dropout_first else pool | dropout)
        layers["flatten"] = nn.Flatten()  # (n, filters, positions) -> (n, values)
        self.features = nn.Sequential(layers)
        flat = flat_size(
            self, self.features, length, settings.preset, _needs(pools, widths)
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
                if settings.preset in _OF_2021:
                    he_normal_(module.weight)
                else:
                    nn.init.xavier_uniform_(module.weight)
        nn.init.xavier_uniform_(self.head.output.weight)
        nn.init.zeros_(self.head.output.bias)

    def forward(self, one_hot):
        """Logits (n, targets) of one-hot sequences (n, 4, length)."""
        return self.head(self.features(one_hot))


def _needs(pools, widths):
    """What shortens a sequence, for the message of one that is too short."""
    pools = [str(pool) for pool in pools if pool]
    unpadded = [
        str(width)
        for width, padding in zip(widths, _PADDINGS, strict=True)
        if width and padding == "valid"
    ]
    needs = "a pool of " if len(pools) == 1 else "pools of "
    needs += ", ".join(pools)
    if unpadded:
        needs += " and unpadded filters of " + ", ".join(unpadded)
    return needs
