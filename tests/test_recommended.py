"""The recommended network: its size, its two parts and its pairs of filters by hand."""

import copy
import pickle

import numpy as np
import pytest
import torch
from torch import nn

from proofread.datasets.dataset import Dataset
from proofread.dna.encoding import encode, one_hot, reverse_complement
from proofread.methods.attributions.deep_lift import deep_lift_shap
from proofread.models.channels_last import fast_network
from proofread.models.checkpoint import build_model, load_model, save_model
from proofread.models.first_layer import FirstLayer
from proofread.models.shared_windows import local_layers
from proofread.training.train import train
from training_settings import training_defaults

# One filter of two bases and its reverse complement, every position a cell.
TINY = {"filters": 1, "filters2": 1, "width": 2, "pool": 1, "pool2": 2}


def columns(*texts):
    return torch.from_numpy(one_hot(np.stack([encode(text) for text in texts])))


def parameters(model):
    return sum(parameter.numel() for parameter in model.parameters())


@torch.no_grad()
def tiny(length, settings=TINY):
    """A network whose filter is 1 on AC, and its partner on GT, and 0 elsewhere."""
    model = build_model("recommended", settings, length, ["bound"]).eval()
    convolution = model.motifs.convolution1
    convolution.weight.zero_()
    convolution.weight[0, 0, 0] = convolution.weight[0, 1, 1] = 1  # A, then C
    if len(convolution.weight) == 2:
        convolution.weight[1, 2, 0] = convolution.weight[1, 3, 1] = 1  # G, then T
    convolution.bias.fill_(-1)
    for layer in (model.anywhere.output, model.placed.output):
        layer.weight.zero_()
        layer.bias.zero_()
    return model


def without_normalisation(model):
    """A normalisation with these statistics divides by the root of 1 + eps."""
    return torch.tensor(1 + model.anywhere.norm.eps).sqrt()


def test_it_has_its_size():
    # 200 bp: 189 positions, 47 pools of 4, 12 pools of them (the last of 3).
    first = 128 * 4 * 12 + 128
    anywhere = 2 * 128 + (128 + 1)
    combinations = 32 * 128 + 32 + 2 * 32
    model = build_model("recommended", {}, 200, ["bound"])
    assert parameters(model) == first + anywhere + combinations + (32 * 12 + 1)


def test_it_has_a_logit_for_each_target():
    model = build_model("recommended", TINY, 6, ["one", "two", "three"]).eval()
    assert model(columns("ACGTAC", "TTTTTT")).shape == (2, 3)


def test_the_maximum_and_the_mean_are_of_both_strands():
    # ACAAAA has AC once in 5 positions; GTTTTT has it on the other strand; ACGTAA on
    # both; GGGGGG nowhere. The mean is over 2 strands x 5 positions.
    model = tiny(6)
    with torch.no_grad():
        model.anywhere.output.weight[:] = torch.tensor([[1.0, 10.0]])
    logits = model(columns("ACAAAA", "GTTTTT", "ACGTAA", "GGGGGG"))[:, 0]
    expected = torch.tensor([1 + 10 / 10, 1 + 10 / 10, 1 + 20 / 10, 0])
    assert torch.allclose(logits, expected / without_normalisation(model))


def test_with_strands_forward_the_other_strand_counts_for_nothing():
    model = tiny(6, TINY | {"strands": "forward"})
    assert model.motifs.convolution1.out_channels == 1
    with torch.no_grad():
        model.anywhere.output.weight[:] = torch.tensor([[1.0, 10.0]])
    logits = model(columns("ACAAAA", "GTTTTT"))[:, 0]
    expected = torch.tensor([1 + 10 / 5, 0])
    assert torch.allclose(logits, expected / without_normalisation(model))


def test_the_part_of_positions_tells_strands_and_positions_apart():
    # 5 positions in pools of 2, 2 and 1. AC counts 1 and GT 2; the pools' weights are
    # 100, 10 and 1. AC at 0 and GT at 4: 1 * 100 + 2 * 1.
    model = tiny(6)
    combinations, placed = model.combinations, model.placed.output
    with torch.no_grad():
        combinations.convolution2.weight[:] = torch.tensor([[[1.0], [2.0]]])
        combinations.convolution2.bias.zero_()
        placed.weight[:] = torch.tensor([[100.0, 10.0, 1.0]])
    logits = model(columns("ACAAGT", "GTAAAC", "AAACAA"))[:, 0]
    expected = torch.tensor([1 * 100 + 2 * 1, 2 * 100 + 1 * 1, 1 * 10])
    assert torch.allclose(logits, expected / without_normalisation(model))


def test_a_sequence_and_its_reverse_complement_are_alike_but_for_positions():
    # 84 positions are 21 whole pools of 4 from either end.
    torch.manual_seed(1)
    model = build_model("recommended", {}, 95, ["bound"]).eval()
    index = np.random.default_rng(1).integers(0, 4, (5, 95)).astype(np.uint8)
    strands = (index, reverse_complement(index))
    one, other = (model(torch.from_numpy(one_hot(strand))) for strand in strands)
    assert not torch.allclose(one, other, atol=1e-3)
    with torch.no_grad():
        model.placed.output.weight.zero_()
    one, other = (model(torch.from_numpy(one_hot(strand))) for strand in strands)
    assert torch.allclose(one, other, atol=1e-6)


def test_filters_are_read_as_pairs():
    # What a filter sees at p, its partner sees on the other strand at the mirror of p.
    torch.manual_seed(1)
    model = build_model("recommended", {}, 50, ["bound"]).eval()
    layer = FirstLayer(model, 50)
    assert layer.fast and layer.filters == 128
    index = np.random.default_rng(2).integers(0, 5, (4, 50)).astype(np.uint8)
    one = layer.activation(index)  # (n, positions, filters)
    other = layer.activation(reverse_complement(index)).flip(1)
    assert torch.allclose(one[:, :, 0::2], other[:, :, 1::2], atol=1e-6)
    assert torch.allclose(one[:, :, 1::2], other[:, :, 0::2], atol=1e-6)


def test_its_first_layers_are_known_to_the_fast_ways():
    # A scan shares convolution, activation and pool between windows; a training lays
    # them out anew and gives the same logits.
    torch.manual_seed(1)
    model = build_model("recommended", {}, 60, ["bound"]).eval()
    kinds = (nn.Conv1d, nn.ReLU, nn.MaxPool1d)
    layers = [layer.call for layer in local_layers(model)]
    assert [type(layer) for layer in layers] == list(kinds)
    fast = fast_network(model)
    assert fast is not model
    sequences = columns("ACGTTGCAAC" * 6, "TTTGACATAN" * 6)
    assert torch.allclose(fast(sequences), model(sequences), atol=1e-6)


def copied_by_pickle(network):
    return pickle.loads(pickle.dumps(network))


@pytest.mark.parametrize("copied", [copy.deepcopy, copied_by_pickle])
def test_pairs_of_a_copy_stay_reverse_complements_in_training(copied):
    original = build_model("recommended", {"filters": 4}, 60, ["bound"])
    original.motifs.convolution1.bias.requires_grad_(False)
    network = copied(original)
    convolution = network.motifs.convolution1
    assert not convolution.bias.requires_grad
    convolution.bias.requires_grad_()
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    before = convolution.weight.detach().clone()
    network(columns("ACGTTGCAAC" * 6, "TTTGACATAN" * 6)).sum().backward()
    optimizer.step()
    assert not torch.equal(convolution.weight, before)
    assert torch.equal(convolution.weight[1::2], convolution.weight[::2].flip(1, 2))
    assert torch.equal(convolution.bias[1::2], convolution.bias[::2])
    # The weights of the copy are its own.
    assert torch.equal(original.motifs.convolution1.weight, before)


@pytest.mark.parametrize("activation", ["relu", "exponential"])
def test_deep_lift_knows_every_layer(activation):
    # Completeness: attributions sum to the change of the logit from the references.
    torch.manual_seed(1)
    model = build_model("recommended", {"activation": activation}, 60, ["bound"]).eval()
    sequences = columns("ACGTTGCAAC" * 6, "TTTGACATAA" * 6)
    references = columns("CATGATTGCA" * 6, "GGGCATTACG" * 6)
    result = deep_lift_shap(model, sequences, references[:, None], [0])
    with torch.no_grad():
        change = (model(sequences) - model(references))[:, 0]
    total = np.asarray(result.attribution)[0].sum(axis=(1, 2))
    assert total == pytest.approx(change.numpy(), abs=1e-5)


@pytest.mark.parametrize("activation", ["relu", "exponential"])
def test_pairs_stay_reverse_complements_in_training(activation, tmp_path):
    index = np.random.default_rng(3).integers(0, 4, (40, 30)).astype(np.uint8)
    label = (np.arange(40) % 2)[:, None].astype(np.float32)
    index[1::2, 10:18] = 0  # positives have AAAAAAAA

    def made(rows):
        names = [f"s{row}" for row in range(len(rows))]
        lengths = np.full(len(rows), 30)
        empty = [""] * len(rows)
        return Dataset(
            index[rows], lengths, names, label[rows], ["bound"], empty, empty
        )

    settings = {"filters": 4, "width": 8, "activation": activation}
    training = training_defaults() | {
        "epochs": 3,
        "batch_size": 8,
        "weight_decay": 0.01,
        "gradient_clip": 1.0,
    }
    model = {
        "architecture": "recommended",
        "settings": settings,
        "training": training,
    }
    network, _ = train(made(np.arange(30)), made(np.arange(30, 40)), model, 1)
    before = build_model("recommended", settings, 30, ["bound"])
    weight, bias = (
        network.motifs.convolution1.weight,
        network.motifs.convolution1.bias,
    )
    assert not torch.equal(weight, before.motifs.convolution1.weight)
    assert torch.equal(weight[1::2], weight[0::2].flip(1, 2))
    assert torch.equal(bias[1::2], bias[0::2])
    # The file has the weights of both; what is read is the same network.
    save_model(tmp_path / "model.ckpt", network, "recommended", settings)
    sequences = torch.from_numpy(one_hot(index))
    assert torch.equal(
        load_model(tmp_path / "model.ckpt")(sequences), network(sequences)
    )
