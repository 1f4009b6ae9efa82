"""The architecture motif_counts: by hand, on both strands, and tied in training."""

import copy

import numpy as np
import pytest
import torch
from torch import nn

from proofread.dna.encoding import encode, one_hot
from proofread.models.checkpoint import build_model

SITE = "GGATTC"
OTHER = "GAATCC"


def network():
    """One pair of filters that give 2 at SITE; the mean is read as it is."""
    settings = {"filters": 1, "width": 6, "pool": 1, "units": 1}
    model = build_model("motif_counts", settings, 60, ["a"]).eval()
    convolution = model.motifs.convolution1
    with torch.no_grad():
        for number, text in enumerate((SITE, OTHER)):
            # 6 at all six bases, less where one is another.
            convolution.weight[number] = torch.from_numpy(one_hot(encode(text)[None]))[
                0
            ]
        convolution.bias[:] = -4
        model.norm = nn.Identity()
        model.alone.weight[:] = 1
        model.alone.bias[:] = 0
        for layer in (model.together.hidden, model.together.output):
            layer.weight[:] = 1
            layer.bias[:] = 0
        model.together.hidden.bias[:] = -1
    return model


def output(model, *starts, site=SITE):
    text = "A" * 60
    for start in starts:
        text = text[:start] + site + text[start + 6 :]
    with torch.no_grad():
        return model(torch.from_numpy(one_hot(encode(text)[None]))).item()


def test_matches_add_up_on_both_strands_and_pairs_meet_in_the_dense_layer():
    # Each match adds (6 - 4)^2 to the sum over 55 positions. No other window has more
    # than 4 of the 6 bases. The dense part is 0 as long as the mean is below 1.
    model = network()
    assert output(model) == 0
    assert output(model, 10) == pytest.approx(4 / 55)
    assert output(model, 30) == pytest.approx(4 / 55)
    assert output(model, 10, site=OTHER) == pytest.approx(4 / 55)
    assert output(model, 10, 30) == pytest.approx(8 / 55)
    with torch.no_grad():
        model.together.hidden.bias[:] = -4 / 55
    # What exceeds one match counts twice.
    assert output(model, 10) == pytest.approx(4 / 55, abs=1e-7)
    assert output(model, 10, 30) == pytest.approx((8 + 4) / 55)


@pytest.mark.parametrize("copied", [False, True])
def test_strands_stay_equal_in_training(copied):
    torch.manual_seed(1)
    model = build_model("motif_counts", {"filters": 4, "pool": 1}, 60, ["a", "b"])
    if copied:
        model = copy.deepcopy(model)
    before = model.motifs.convolution1.weight.detach().clone()
    optimiser = torch.optim.Adam(model.parameters(), lr=0.01)
    index = np.random.default_rng(1).integers(0, 4, (8, 60)).astype(np.uint8)
    sequences = torch.from_numpy(one_hot(index))
    for _ in range(3):
        optimiser.zero_grad()
        (model(sequences) - 1).square().mean().backward()
        optimiser.step()
    weight = model.motifs.convolution1.weight.detach()
    assert (weight - before).abs().max() > 1e-3
    assert torch.allclose(weight[1::2], weight[::2].flip(1, 2), atol=1e-6)
    # Exactly equal, because pools of 1 bp start at every base of either strand.
    model.eval()
    reverse = sequences.flip(1, 2)
    assert torch.allclose(model(sequences), model(reverse), atol=1e-5)
