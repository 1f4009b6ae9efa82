"""Self-attention by hand and as PyTorch has it; positions."""

import numpy as np
import pytest
import torch
from torch import nn

from proofread.models.attention import PositionalEncoding, SelfAttention


def test_attention_by_hand():
    # One channel, one head. Queries and keys are the values themselves, so position i
    # weighs j by exp(x_i x_j): x = (0, 1), scores (0, 0) and (0, 1).
    layer = SelfAttention(1, 1).double()
    with torch.no_grad():
        for module in (layer.project, layer.output):
            module.weight.fill_(1)
            module.bias.zero_()
        result = layer(torch.tensor([[[0.0], [1.0]]], dtype=torch.float64))
    e = np.e
    assert result[0, :, 0].tolist() == pytest.approx([0.5, e / (1 + e)])


def test_attention_is_pytorch_s():
    torch.manual_seed(0)
    layer = SelfAttention(12, 3).double()
    peer = nn.MultiheadAttention(12, 3, batch_first=True).double()
    with torch.no_grad():
        peer.in_proj_weight.copy_(layer.project.weight)
        peer.in_proj_bias.copy_(layer.project.bias)
        peer.out_proj.weight.copy_(layer.output.weight)
        peer.out_proj.bias.copy_(layer.output.bias)
        values = torch.randn(2, 7, 12, dtype=torch.float64)
        expected, _ = peer(values, values, values)
        assert torch.allclose(layer(values), expected, atol=1e-12)


def test_the_order_of_positions_matters_only_with_their_encoding():
    torch.manual_seed(0)
    layer, position = SelfAttention(4, 2).double(), PositionalEncoding()
    values = torch.randn(1, 5, 4, dtype=torch.float64)
    back = values.flip(1)
    with torch.no_grad():
        assert torch.allclose(layer(back).flip(1), layer(values))
        encoded = layer(position(back)).flip(1)
    assert not torch.allclose(encoded, layer(position(values)))


@pytest.mark.parametrize("channels", [3, 4])
def test_positions_are_waves(channels):
    # Rates 1 and 10000^(-2/4) = 0.01 of 4 channels, 10000^(-2/3) of 3.
    slow = {3: 10000 ** (-2 / 3), 4: 0.01}[channels]
    result = PositionalEncoding()(torch.zeros(2, 3, channels))
    assert result.shape == (2, 3, channels) and torch.equal(result[0], result[1])
    for position in range(3):
        angles = np.array([position, position * slow])
        expected = [*np.sin(angles), *np.cos(angles)][:channels]
        assert result[0, position].tolist() == pytest.approx(expected, abs=1e-7)
