"""Self-attention, and where in a sequence a value lies."""

import torch
from torch import nn


class PositionalEncoding(nn.Module):
    """Adds to each position its sines and cosines (Vaswani et al. 2017).

    Channel i of the first half gets ``sin(position / 10000^(2 i / channels))``, channel
    i of the second half the cosine (arXiv:1706.03762, which interleaves the two).
    """

    def forward(self, hidden):
        """(n, positions, channels) -> the same shape."""
        positions, channels = hidden.shape[1:]
        # In float64: a wave of position 1,000 has no digits left in half precision.
        options = {"dtype": torch.float64, "device": hidden.device}
        rate = torch.arange(0, channels, 2, **options) / channels
        angle = torch.arange(positions, **options)[:, None] * 10000**-rate
        waves = torch.cat([angle.sin(), angle.cos()], dim=1)
        return hidden + waves[:, :channels].to(hidden.dtype)


class SelfAttention(nn.Module):
    """Multi-head self-attention (Vaswani et al. 2017, arXiv:1706.03762).

    Every position becomes a mean of the values of all positions, weighted by the
    softmax of ``query . key / sqrt(channels of a head)``, for each head by itself; a
    linear layer puts the heads together.

    Parameters
    ----------
    channels, heads : int
        `heads` divides `channels`.
    """

    def __init__(self, channels, heads):
        super().__init__()
        self.heads = heads
        self.project = nn.Linear(channels, 3 * channels)
        self.output = nn.Linear(channels, channels)

    def forward(self, hidden):
        """(n, positions, channels) -> the same shape."""
        # (n, positions, 3 * channels) -> three of (n, heads, positions, of a head)
        parts = self.project(hidden).unflatten(2, (3, self.heads, -1))
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        scores = query @ key.transpose(2, 3) / query.shape[3] ** 0.5
        mixed = scores.softmax(dim=3) @ value
        return self.output(mixed.transpose(1, 2).flatten(2))
