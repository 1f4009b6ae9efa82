"""A learned embedding of k-mers, a convolution over it, a dense layer.

After deepRAM's k-mer networks (Trabelsi, Chaabane and Ben-Hur 2019,
doi:10.1093/bioinformatics/btz339), with the embedding learned with the rest. The
one-hot contract stays: a k-mer is the product of its bases' one-hot columns, so the
network sees one-hot sequences like any other and has a gradient in every base; a k-mer
with an unknown base is embedded as zeros. The first convolution is embedding and
convolution together; its filters see ``(width - 1) * stride + k`` bases.
"""

from collections import OrderedDict
from dataclasses import dataclass, field

from torch import nn

from proofread.models.layers import KmerConvolution, flat_size

# What shortens a sequence, from the first layer on (configuration.lengths). A literal:
# the configuration reads it without importing torch.
SHORTENED_BY = [
    ("filter", "k"),
    ("step", "stride"),
    ("filter", "width"),
    ("pool", "pool"),
]


@dataclass(frozen=True)
class Settings:
    """Sizes of the network."""

    k: int = field(
        default=3,
        metadata={
            "minimum": 1,
            "maximum": 6,
            "description": "bases of a k-mer, at most 6",
        },
    )
    stride: int = field(
        default=1,
        metadata={"minimum": 1, "description": "bases from one k-mer to the next"},
    )
    dimensions: int = field(
        default=16,
        metadata={"minimum": 1, "description": "numbers in the vector of a k-mer"},
    )
    filters: int = field(
        default=32,
        metadata={"minimum": 1, "description": "filters of the convolution"},
    )
    width: int = field(
        default=16,
        metadata={"minimum": 1, "description": "k-mers that a filter reads"},
    )
    pool: int = field(
        default=4,
        metadata={"minimum": 1, "description": "pool width"},
    )
    dense: int = field(
        default=32,
        metadata={"minimum": 1, "description": "units of the dense layer"},
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
    """K-mers, their embedding, convolution, ReLU, pooling, dense."""

    first_convolution = "features.convolution1"
    first_activation = "features.activation1"

    def __init__(self, settings, length, targets):
        super().__init__()
        self.features = nn.Sequential(
            OrderedDict(
                # (n, 4, length) -> (n, 4^k, kmers) -> (n, filters, positions)
                convolution1=KmerConvolution(
                    settings.k,
                    settings.stride,
                    settings.dimensions,
                    settings.filters,
                    settings.width,
                ),
                activation1=nn.ReLU(),
                pool1=nn.MaxPool1d(settings.pool),
                flatten=nn.Flatten(),  # (n, filters, positions) -> (n, values)
            )
        )
        flat = flat_size(
            self,
            self.features,
            length,
            "kmer_embedding",
            f"{settings.width} k-mers of {settings.k} bases, stride {settings.stride}, "
            f"and a pool of {settings.pool}",
        )
        self.head = nn.Sequential(
            OrderedDict(
                dropout=nn.Dropout(settings.dropout),
                dense=nn.Linear(flat, settings.dense),
                activation=nn.ReLU(),
                output=nn.Linear(settings.dense, targets),
            )
        )

    def forward(self, one_hot):
        """Logits (n, targets) of one-hot sequences (n, 4, length)."""
        return self.head(self.features(one_hot))
