"""A convolution and transformer blocks, after CNN_TRANS of Ghotra et al. 2021.

The study (doi:10.1101/2021.07.13.452181) asks which networks with attention have
readable first filters. Its code puts a transformer behind one convolution, one
normalisation and one pool, and a dense layer behind that. Here the channels of the
attention are the filters of the convolution, the dense layer is small, and positions
are encoded, which the study leaves to a recurrent layer.
"""

from collections import OrderedDict
from dataclasses import dataclass, field

from torch import nn

from proofread.errors import InputError
from proofread.models.activations import activation_named
from proofread.models.attention import PositionalEncoding, SelfAttention
from proofread.models.layers import flat_size, keras_norm

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
        metadata={
            "minimum": 1,
            "description": "filters of the convolution, and channels of the attention",
        },
    )
    width: int = field(
        default=19,
        metadata={"minimum": 1, "description": "bases that a filter reads"},
    )
    pool: int = field(
        default=4,
        metadata={"minimum": 1, "description": "pool width after the convolution"},
    )
    blocks: int = field(
        default=1,
        metadata={"minimum": 1, "description": "transformer blocks"},
    )
    heads: int = field(
        default=4,
        metadata={
            "minimum": 1,
            "description": "attention heads, a divisor of the number of filters",
        },
    )
    feed_forward: int = field(
        default=32,
        metadata={
            "minimum": 1,
            "description": "hidden units of the two layers that end a block",
        },
    )
    dense: int = field(
        default=64,
        metadata={"minimum": 1, "description": "units of the dense layer"},
    )
    dropout: float = field(
        default=0.1,
        metadata={
            "minimum": 0,
            "exclusiveMaximum": 1,
            "description": "fraction dropped after the pool, and within the blocks",
        },
    )
    dense_dropout: float = field(
        default=0.5,
        metadata={
            "minimum": 0,
            "exclusiveMaximum": 1,
            "description": "fraction of the dense units dropped in training",
        },
    )


class Block(nn.Module):
    """Attention, then two layers at each position; each added and normalised."""

    def __init__(self, settings):
        super().__init__()
        channels = settings.filters
        self.attention = SelfAttention(channels, settings.heads)
        self.attention_dropout = nn.Dropout(settings.dropout)
        self.attention_norm = nn.LayerNorm(channels, eps=1e-6)
        self.layers = nn.Sequential(
            OrderedDict(
                hidden=nn.Linear(channels, settings.feed_forward),
                activation=nn.ReLU(),
                hidden_dropout=nn.Dropout(settings.dropout),
                output=nn.Linear(settings.feed_forward, channels),
                output_dropout=nn.Dropout(settings.dropout),
            )
        )
        self.norm = nn.LayerNorm(channels, eps=1e-6)

    def forward(self, hidden):
        """(n, positions, channels) -> the same shape."""
        attended = self.attention_dropout(self.attention(hidden))
        hidden = self.attention_norm(hidden + attended)
        return self.norm(hidden + self.layers(hidden))


class Network(nn.Module):
    """Convolution, norm, activation, pool; transformer blocks; one dense layer."""

    first_convolution = "features.convolution1"
    first_activation = "features.activation1"

    def __init__(self, settings, length, targets):
        super().__init__()
        filters = settings.filters
        if filters % settings.heads:
            raise InputError(
                "conv_attention: heads",
                f"{settings.heads}, which does not divide {filters} filters",
                "a divisor of the number of filters",
                "change heads or filters under the model's settings",
            )
        self.features = nn.Sequential(
            OrderedDict(
                convolution1=nn.Conv1d(4, filters, settings.width, bias=False),
                norm1=keras_norm(filters),
                activation1=activation_named(settings.activation),
                pool1=nn.MaxPool1d(settings.pool),
                dropout1=nn.Dropout(settings.dropout),
            )
        )
        self.blocks = nn.Sequential(
            OrderedDict(
                norm=nn.LayerNorm(filters, eps=1e-6),
                position=PositionalEncoding(),
                **{
                    f"block{number}": Block(settings)
                    for number in range(1, settings.blocks + 1)
                },
            )
        )
        flat = flat_size(
            self,
            self._values,
            length,
            "conv_attention",
            f"filters of {settings.width} bases and a pool of {settings.pool}",
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
                if module.bias is not None:
                    nn.init.zeros_(module.bias)

    def _values(self, one_hot):
        # (n, 4, length) -> (n, filters, positions) -> (n, positions, filters)
        hidden = self.features(one_hot).transpose(1, 2)
        return self.blocks(hidden).flatten(1)  # (n, positions * filters)

    def forward(self, one_hot):
        """Logits (n, targets) of one-hot sequences (n, 4, length)."""
        return self.head(self._values(one_hot))
