"""DeepBind (doi:10.1038/nbt.3300) as a torch module: its file read, its forward pass.

Each of the 927 published models is a text file of `name = numbers`. DeepBind scores
every window of the width of its detectors separately: it pads the window with N on both
sides, so that a detector may hang over its ends. N counts as a quarter of each base.

`detectors` and `rectify` run on the sequence and, with both strands, on its reverse
complement. The detectors that hang over an end of a window are not among their outputs:
filter_nullification leaves them as they are.
"""

import torch
from torch import nn


def parse(text):
    """A parameter file as a dict of str to list of float."""
    pairs = [line.split("=") for line in text.splitlines() if "=" in line]
    return {
        name.strip(): [float(part) for part in values.split(",") if part.strip()]
        for name, values in pairs
    }


class DeepBind(nn.Module):
    """The highest score of any window, on one strand or on both.

    Parameters
    ----------
    values : dict of str to list of float
        From `parse`.
    both_strands : bool or None
        None: as in the file.
    """

    def __init__(self, values, both_strands=None):
        super().__init__()
        stated = bool(values["reverse_complement"][0])
        self.both_strands = stated if both_strands is None else both_strands
        self.average = bool(values["has_avg_pooling"][0])
        filters, self.width = (
            int(values[key][0]) for key in ("num_detectors", "detector_len")
        )
        # (width * 4 * filters) -> (width, 4, filters) -> (filters, 4, width)
        weight = torch.tensor(values["detectors"]).reshape(self.width, 4, filters)
        self.detectors = nn.Conv1d(4, filters, self.width)
        self.detectors.weight.data = weight.permute(2, 1, 0).contiguous()
        self.detectors.bias.data = torch.tensor(values["thresholds"])
        self.rectify = nn.ReLU()
        hidden = int(values["num_hidden"][0])
        features = filters * (2 if self.average else 1)
        sizes = [features, hidden, 1] if hidden else [features, 1]
        self.layers = nn.ModuleList(map(nn.Linear, sizes, sizes[1:]))
        for number, layer in enumerate(self.layers, start=1):
            weights = torch.tensor(values[f"weights{number}"])
            layer.weight.data = weights.reshape(layer.in_features, -1).T.contiguous()
            layer.bias.data = torch.tensor(values[f"biases{number}"])

    def forward(self, one_hot):
        """Scores (n, 1) of one-hot sequences (n, 4, length)."""
        score = self._strand(one_hot)
        if self.both_strands:
            score = torch.maximum(score, self._strand(one_hot.flip(1, 2)))
        return score

    def _strand(self, one_hot):
        unknown = 1 - one_hot.sum(dim=1, keepdim=True)  # (n, 1, length)
        quarter = unknown.expand(-1, 4, -1) / 4
        weight, bias = self.detectors.weight, self.detectors.bias
        # Detectors that cover their window: (n, filters, windows)
        inside = self.detectors(one_hot)
        inside = self.rectify(inside + nn.functional.conv1d(quarter, weight))
        # The same detectors, hanging over an end by 1 to width - 1 bases of N.
        hanging = []
        for over in range(1, self.width):
            first, last = weight[:, :, :over], weight[:, :, -over:]
            pad = weight.new_zeros(first.shape)
            for kernel, outside in (
                (torch.cat([weight[:, :, over:], pad], dim=2), first),
                (torch.cat([pad, weight[:, :, :-over]], dim=2), last),
            ):
                threshold = bias + outside.sum(dim=(1, 2)) / 4
                hanging.append(
                    nn.functional.conv1d(one_hot + quarter, kernel, threshold).relu()
                )
        positions = torch.stack(
            [inside, *hanging]
        )  # (2 width - 1, n, filters, windows)
        pooled = positions.amax(dim=0)
        if self.average:  # maximum and mean of each filter side by side
            pooled = torch.stack([pooled, positions.mean(dim=0)], dim=2).flatten(1, 2)
        values = pooled.transpose(1, 2)  # (n, windows, features)
        for layer in self.layers[:-1]:
            values = layer(values).relu()
        scores = self.layers[-1](values)[:, :, 0]  # (n, windows)
        # Windows that reach into the padding of a shorter sequence do not count.
        known = one_hot.sum(dim=1)  # (n, length)
        begun = known.cummax(dim=1).values[:, : scores.shape[1]]
        ends = known.flip(1).cummax(dim=1).values.flip(1)[:, self.width - 1 :]
        whole = (begun > 0) & (ends > 0)  # (n, windows)
        whole |= ~whole.any(dim=1, keepdim=True)  # shorter than a window
        return scores.masked_fill(~whole, -torch.inf).amax(dim=1, keepdim=True)
