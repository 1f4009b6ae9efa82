"""First-layer activations: their formulas, and every short cut with each of them."""

import copy
import math

import numpy as np
import pytest
import torch
from torch import nn

from proofread.configuration.model_settings import settings_schemas
from proofread.dna.encoding import one_hot
from proofread.errors import InputError
from proofread.methods.filter_nullification.nullify import nullify
from proofread.methods.filter_nullification.ways import WAYS
from proofread.models.activations import NAMES, OWN, activation_named
from proofread.models.channels_last import fast_network
from proofread.models.checkpoint import build_model
from proofread.models.cut import Cut
from proofread.models.first_layer import FirstLayer
from proofread.models.local_edits import EditedLogits
from proofread.models.predictor import predictor_of
from proofread.models.shared_windows import SharedScan, local_layers

LENGTH = 60
E = math.e


@pytest.mark.parametrize(
    ("name", "points", "expected"),
    [
        ("relu", [-1, 2], [0, 2]),
        ("exponential", [-1, 2], [1 / E, E**2]),
        ("sigmoid", [0, 1], [0.5, E / (E + 1)]),
        ("tanh", [0, 1], [0, (E - 1 / E) / (E + 1 / E)]),
        ("softplus", [0, 1], [math.log(2), math.log(1 + E)]),
        ("linear", [-1, 2], [-1, 2]),
        ("elu", [-1, 2], [1 / E - 1, 2]),
        ("squared_relu", [-1, 0, 3], [0, 0, 9]),
        ("modified_relu", [-1, 0.2, 1.2, 2.2], [0, 0, 1, 8]),
        ("modified_sigmoid", [8, 9], [2000, 4000 * E / (E + 1)]),
        # tanh(1) = (e - 1/e) / (e + 1/e); tanh(-6) = -0.9999877.
        ("modified_tanh", [6, 7], [500, 500 * (E - 1 / E) / (E + 1 / E) + 500]),
        ("modified_tanh", [0], [1000 / (1 + E**12)]),
    ],
)
def test_formulas(name, points, expected):
    for kind in (torch.float32, torch.float64):
        result = activation_named(name)(torch.tensor(points, dtype=kind))
        assert result.dtype == kind
        # Relative: the small values of a large range are right as well.
        assert result.tolist() == pytest.approx(expected, rel=1e-5, abs=1e-12)


def test_every_activation_has_its_formula_tested_and_is_a_setting():
    (formulas,) = test_formulas.pytestmark
    assert {case[0] for case in formulas.args[1]} == set(NAMES)
    for preset in ("koo_cnn", "koo_dist"):
        schema = settings_schemas()[preset]["properties"]["activation"]
        assert schema["enum"] == list(NAMES)
    with pytest.raises(InputError, match="one of relu, exponential, sigmoid"):
        activation_named("gelu")


class Direct(nn.Module):
    """A convolution read by its activation, a pool, a second convolution, a unit."""

    first_convolution, first_activation = "layers.0", "layers.1"
    length, targets = LENGTH, ("bound",)

    def __init__(self, name):
        super().__init__()
        self.layers = nn.Sequential(
            *(nn.Conv1d(4, 5, 7), activation_named(name), nn.MaxPool1d(3)),
            *(nn.Conv1d(5, 4, 5), nn.ReLU(), nn.Flatten(), nn.Linear(56, 1)),
        )

    def forward(self, batch):
        return self.layers(batch)


def network_with(kind, name):
    """Random, in float64, with activations of either sign; modified ones far from 0."""
    torch.manual_seed(2)
    if kind == "direct":
        network = Direct(name)
    else:
        sizes = {"pool": 6} if kind == "koo_local" else {"pool2": 2}
        small = {"activation": name, "filters": 5, "width": 7, "dense": 6, **sizes}
        network = build_model(kind, small, LENGTH, ["bound"])
    for module in network.modules():
        if isinstance(module, nn.BatchNorm1d):
            module.running_mean.uniform_(-0.3, 0.3)
            module.running_var.uniform_(0.5, 2)
            nn.init.normal_(module.weight)  # of either sign
    if name.startswith("modified"):
        # Inputs up to 9, where the modified ones bend.
        first = network.get_submodule(network.first_convolution)
        nn.init.normal_(first.weight, std=2)
    return network.double().eval()


@pytest.fixture(params=NAMES)
def name(request):
    return request.param


@pytest.fixture(params=["direct", "koo_local", "koo_dist"])
def network(request, name):
    return network_with(request.param, name)


def indices(n, length=LENGTH, seed=0):
    return np.random.default_rng(seed).integers(0, 5, (n, length)).astype(np.uint8)


def batch_of(index):
    return torch.from_numpy(one_hot(index)).double()


def close(result, expected):
    expected = np.asarray(expected)
    limit = 1e-11 * (1 + np.abs(expected).max())
    assert np.abs(np.asarray(result) - expected).max() < limit


def test_logits_of_edits_are_those_of_the_whole_network(network):
    editor = EditedLogits(predictor_of(network))
    assert editor.fast
    index, rng = indices(2), np.random.default_rng(1)
    row, start = rng.integers(2, size=30), rng.integers(LENGTH - 3, size=30)
    kmer = rng.integers(5, size=(30, 4), dtype=np.uint8)
    edited = index[row]
    for which, begin in enumerate(start):
        edited[which, begin : begin + 4] = kmer[which]
    with torch.no_grad():
        close(editor.edited(index, row, start, kmer), network(batch_of(edited)))


def test_the_fast_layout_trains_the_same_network(network):
    for module in network.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
    plain, other = network.train(), copy.deepcopy(network)
    fast = fast_network(other)
    assert fast is not other
    batch = batch_of(indices(6))
    expected, result = plain(batch), fast(batch)
    close(result.detach(), expected.detach())
    expected.sum().backward(), result.sum().backward()
    for one, two in zip(plain.parameters(), other.parameters(), strict=True):
        close(two.grad, one.grad)


def test_gradients_from_the_first_activation_on_are_those_of_the_network(network):
    point = Cut(network)
    assert point.beginning
    batch = batch_of(indices(3)).requires_grad_()
    (expected,) = torch.autograd.grad(network(batch).sum(), batch)
    values = point.values(batch.detach()).requires_grad_()
    logits = point.logits(values)
    close(logits.detach(), network(batch).detach())
    (gradient,) = torch.autograd.grad(logits.sum(), values)
    close(point.pull_back(gradient, LENGTH), expected)


def test_activations_looked_up_are_those_of_the_network(network):
    index = indices(4)
    fast, plain = FirstLayer(network, LENGTH), FirstLayer(network, LENGTH, fast=False)
    own = type(network.get_submodule(network.first_activation)) in OWN
    assert fast.fast == isinstance(network, Direct), own
    close(fast.activation(index), plain.activation(index))


def test_a_filter_is_ablated_alike_in_every_way(network):
    index = indices(5)
    result = {way: nullify(network, index, [[1], [0, 3]], way=way) for way in WAYS}
    for way in ("linear", "tail"):
        close(result[way].logit, result["network"].logit)
        close(result[way].ablated, result["network"].ablated)


def test_windows_share_layers(name):
    torch.manual_seed(2)
    network = Direct(name).double().eval()
    assert len(local_layers(network)) == 5
    index, starts = indices(1, 200)[0], np.arange(0, 100, 5)
    views = np.lib.stride_tricks.sliding_window_view(index, LENGTH)[starts]
    with torch.no_grad():
        close(
            SharedScan(network, LENGTH, 5, 20)(index, starts), network(batch_of(views))
        )
