"""Reading a network's operations: what a graph has, what it leaves, what it refuses."""

import numpy as np
import pytest
import torch
from torch import nn

from proofread.models.activations import Exponential
from proofread.models.channels_last import fast_network
from proofread.models.cut import Cut
from proofread.models.layers import exclusive_logits
from proofread.models.tracing import (
    ELEMENTWISE,
    RISING,
    after_hooks,
    agrees,
    only_known_hooks,
    only_user,
    traced,
)

SEQUENCES = torch.rand(3, 4, 20)


class Small(nn.Module):
    """A convolution and one unit; what lies between is a subclass's."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(1)
        self.convolution = nn.Conv1d(4, 3, 5)
        self.activation = nn.ReLU()
        self.dense = nn.Linear(48, 1)

    def forward(self, one_hot):
        return self.dense(self.between(self.convolution(one_hot)).flatten(1))

    def between(self, hidden):
        return self.activation(hidden)


class InPlace(Small):
    """The rectified values are used through the name of the others."""

    def between(self, hidden):
        hidden.relu_()
        return hidden


class Constant(Small):
    """A tensor that is neither a parameter nor a buffer."""

    def between(self, hidden):
        return hidden + torch.tensor([1.0, 2.0, 3.0])[:, None]


class Skipping(Small):
    """The sequence itself is needed again at the end."""

    def forward(self, one_hot):
        return super().forward(one_hot) + one_hot.mean((1, 2))[:, None]


class Masked(Small):
    """A second argument, which nobody gives."""

    def forward(self, one_hot, mask=None):
        return super().forward(one_hot)


class Deciding(Small):
    """Operations depend on values."""

    def between(self, hidden):
        return hidden if hidden.sum() > 0 else -hidden


def convolution_of(reading):
    return next(node for node in reading.graph.nodes if node.target == "convolution")


@pytest.mark.parametrize("kind", [Small, InPlace, Constant, Masked, Skipping])
def test_whatever_reads_a_network_runs_it_rightly(kind):
    network = kind().eval()
    expected = network(SEQUENCES)
    cut = Cut(network)
    assert torch.allclose(fast_network(network)(SEQUENCES), expected, atol=1e-6)
    values = cut.values(SEQUENCES)
    assert torch.allclose(cut.logits(values, SEQUENCES), expected, atol=1e-6)


@pytest.mark.parametrize("kind", [Small, InPlace, Constant])
def test_the_network_behind_a_layer_takes_its_value(kind):
    network = kind().eval()
    reading = traced(network)
    rest = reading.behind(convolution_of(reading))
    result = rest(network.convolution(SEQUENCES))
    assert torch.equal(result, network(SEQUENCES))


def test_nothing_is_behind_a_layer_where_the_sequence_is_needed_again():
    reading = traced(Skipping())
    assert reading.behind(convolution_of(reading)) is None
    assert only_user(reading.entrance) is None


def test_a_network_is_left_as_it_was():
    network = Constant()
    before = set(vars(network))
    assert traced(network) is not None
    assert set(vars(network)) == before


@pytest.mark.parametrize("kind", [Masked, Deciding])
def test_what_is_no_chain_of_operations_on_the_sequence_is_not_followed(kind):
    assert traced(kind()) is None


def test_parts_that_are_named_are_one_operation():
    network = nn.Sequential(nn.Sequential(nn.Conv1d(4, 2, 3), nn.ReLU()), Exponential())
    assert [reading_of(network, part) for part in ([], [network[0]])] == [
        [nn.Conv1d, nn.ReLU, Exponential],
        [nn.Sequential, Exponential],
    ]


def reading_of(network, whole):
    reading = traced(network, whole)
    modules = map(reading.module, reading.graph.nodes)
    return [type(module) for module in modules if module is not None]


def test_hooks_that_a_graph_cannot_have_are_refused():
    network = nn.Sequential(nn.Sequential(nn.Conv1d(4, 2, 3)), nn.ReLU())
    network[1].register_forward_hook(lambda *_: None)
    assert traced(network) is not None  # on one operation
    network[0].register_forward_hook(lambda *_: None)
    assert traced(network) is None


def test_hooks_of_the_whole_network_follow():
    network = Small()
    logits = torch.tensor([[1.0, 2.0]])
    network.register_forward_hook(lambda _, __, logits: None)
    assert torch.equal(after_hooks(network, logits), logits)
    assert not only_known_hooks(network)
    other = Small()
    other.register_forward_hook(exclusive_logits)
    assert only_known_hooks(other)
    # Two classes: the logit of each is the difference.
    assert after_hooks(other, logits).tolist() == [[-1.0, 1.0]]


def test_a_flattening_keeps_the_sequences_apart():
    network = nn.Sequential(nn.Conv1d(4, 2, 3), nn.Flatten(0))
    for module, flattens in ((nn.Flatten(), True), (nn.Flatten(0), False)):
        network[1] = module
        reading = traced(network)
        assert reading.flattens(only_user(only_user(reading.entrance))) == flattens
    reading = traced(Small())
    (flatten,) = [node for node in reading.graph.nodes if node.target == "flatten"]
    assert reading.flattens(flatten)


@pytest.mark.parametrize("kind", ELEMENTWISE)
def test_elementwise_layers_look_at_each_value_alone(kind):
    values = torch.linspace(-3, 3, 50)
    module = kind()
    item = torch.stack([module(value) for value in values])
    assert torch.allclose(module(values), item, atol=1e-6)
    if kind in RISING:
        assert (module(values).diff() >= 0).all()


def test_ways_agree_within_rounding_and_only_on_numbers():
    expected = np.array([[1.0], [-2.0]], dtype=np.float32)
    assert agrees(lambda: expected + np.float32(1e-5), expected)
    assert not agrees(lambda: expected + np.float32(1e-2), expected)
    assert not agrees(lambda: expected[:1], expected)
    assert not agrees(lambda: expected * np.nan, expected)
    assert not agrees(lambda: 1 / 0, expected)
    doubles = expected.astype(np.float64)
    assert not agrees(lambda: doubles + 1e-5, doubles)
