"""deepG's example network: two convolutions, an LSTM, a small dense layer.

The settings of its tutorial on Integrated Gradients (GenomeNet's deepG), for 50 bases
and two classes: 2,246 parameters as Keras counts them, 48 of which are the statistics
of the normalisations. PyTorch's LSTM has a second bias, which is fixed at 0, so that
2,198 are trained.
"""

from dataclasses import dataclass, field

from torch import nn

from proofread.models.layers import LastOutput, flat_size, keras_norm

# What shortens a sequence, from the first layer on (configuration.lengths). A literal:
# the configuration reads it without importing torch.
SHORTENED_BY = [("pool", "pool"), ("pool", "pool")]


@dataclass(frozen=True)
class Settings:
    """Sizes of the network."""

    filters: int = field(
        default=8,
        metadata={"minimum": 1, "description": "filters of the first convolution"},
    )
    filters2: int = field(
        default=16,
        metadata={"minimum": 1, "description": "filters of the second convolution"},
    )
    width: int = field(
        default=8,
        metadata={"minimum": 1, "description": "bases that a first filter reads"},
    )
    width2: int = field(
        default=8,
        metadata={
            "minimum": 1,
            "description": "pooled positions that a second filter reads",
        },
    )
    pool: int = field(
        default=3,
        metadata={"minimum": 1, "description": "pool width after each convolution"},
    )
    recurrent: int = field(
        default=8,
        metadata={"minimum": 1, "description": "units of the LSTM"},
    )
    dense: int = field(
        default=4,
        metadata={"minimum": 1, "description": "units of the dense layer"},
    )


class Network(nn.Module):
    """Convolution, pooling, normalisation; the same, normalised first; LSTM; dense.

    A single target has two output units and its logit is their difference, as in the
    original; several targets have one unit each.
    """

    first_convolution = "convolution1"
    first_activation = "activation1"

    def __init__(self, settings, length, targets):
        super().__init__()
        self.convolution1 = nn.Conv1d(
            4, settings.filters, settings.width, padding="same"
        )
        self.activation1 = nn.ReLU()
        self.pool1 = nn.MaxPool1d(settings.pool)
        self.norm1 = keras_norm(settings.filters)
        self.convolution2 = nn.Conv1d(
            settings.filters, settings.filters2, settings.width2, padding="same"
        )
        self.activation2 = nn.ReLU()
        self.norm2 = keras_norm(settings.filters2)
        self.pool2 = nn.MaxPool1d(settings.pool)
        self.recurrent = LastOutput(
            nn.LSTM(settings.filters2, settings.recurrent, batch_first=True)
        )
        flat_size(
            self,
            self._hidden,
            length,
            "deepg_cnn_lstm",
            f"two pools of {settings.pool}",
        )
        self.dense = nn.Linear(settings.recurrent, settings.dense)
        self.activation3 = nn.ReLU()
        self.one_target = targets == 1
        self.output = nn.Linear(settings.dense, 2 if self.one_target else targets)
        self._initialise()

    def _initialise(self):
        """Draw weights as Keras does."""
        for module in (self.convolution1, self.convolution2, self.dense, self.output):
            nn.init.xavier_uniform_(module.weight)
            nn.init.zeros_(module.bias)
        recurrent = self.recurrent.recurrent
        nn.init.xavier_uniform_(recurrent.weight_ih_l0)
        nn.init.orthogonal_(recurrent.weight_hh_l0)
        nn.init.zeros_(recurrent.bias_ih_l0)
        # The second of the four gates is the forget gate, which begins open.
        units = recurrent.hidden_size
        nn.init.ones_(recurrent.bias_ih_l0[units : 2 * units])
        nn.init.zeros_(recurrent.bias_hh_l0).requires_grad_(False)

    def _hidden(self, one_hot):
        # (n, 4, length) -> (n, filters, length / pool)
        hidden = self.norm1(self.pool1(self.activation1(self.convolution1(one_hot))))
        # -> (n, filters2, length / pool^2)
        hidden = self.pool2(self.norm2(self.activation2(self.convolution2(hidden))))
        return self.recurrent(hidden)  # (n, recurrent)

    def forward(self, one_hot):
        """Logits (n, targets) of one-hot sequences (n, 4, length)."""
        units = self.output(self.activation3(self.dense(self._hidden(one_hot))))
        if self.one_target:
            return units[:, 1:] - units[:, :1]  # (n, 2) -> (n, 1)
        return units
