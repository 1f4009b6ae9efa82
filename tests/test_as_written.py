"""Networks that PyTorch would run in another way are run module by module."""

import pytest
import torch
from torch import nn

from proofread.models.as_written import plain_name, uncompiled, unfused
from proofread.models.conv_layout import Layout, layouts_of
from proofread.models.first_calls import calls_of


def calls_within(network, batch):
    """Types of the modules whose hooks are called."""
    called = []
    for module in network.modules():
        module.register_forward_hook(lambda item, *_: called.append(type(item)))
    with torch.no_grad():
        network(batch)
    return called


def test_the_parts_of_a_transformer_layer_are_called():
    batch = torch.zeros(1, 3, 4)
    layer = nn.TransformerEncoderLayer(4, 2, 8, batch_first=True).eval()
    with unfused():
        assert nn.LayerNorm in calls_within(layer, batch)
    assert torch.backends.mha.get_fastpath_enabled()


def test_a_setting_of_the_caller_s_is_kept_after_a_mistake():
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        with pytest.raises(KeyError), unfused():
            raise KeyError
        assert not torch.backends.mha.get_fastpath_enabled()
    finally:
        torch.backends.mha.set_fastpath_enabled(True)


def test_compiled_parts_are_taken_out_and_put_back():
    inner, outer = nn.Linear(2, 2), nn.Linear(2, 1)
    wrapped = torch.compile(inner, backend="eager")
    whole = torch.compile(nn.Sequential(wrapped, outer), backend="eager")
    outer.compile(backend="eager")
    plain, restore = uncompiled(whole)
    assert list(plain) == [inner, outer]
    assert outer._compiled_call_impl is None
    restore()
    assert list(plain) == [wrapped, outer]
    assert outer._compiled_call_impl is not None


def test_a_network_that_is_not_compiled_is_itself():
    network = nn.Sequential(nn.Linear(2, 2))
    assert uncompiled(network)[0] is network


def test_names_of_compiled_modules_are_those_of_the_plain_ones():
    assert plain_name("_orig_mod.trunk._orig_mod.conv") == "trunk.conv"
    assert plain_name("trunk.0") == "trunk.0"


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        (nn.Conv1d(4, 2, 3), [Layout()]),
        (nn.Conv1d(8, 2, 3), []),
        (nn.Linear(4, 2), []),
        (nn.Conv2d(4, 2, (1, 3)), [Layout(True, 3)]),
        (nn.Conv2d(4, 2, (3, 1)), [Layout(True, 2)]),
        (nn.Conv2d(1, 2, (4, 3)), [Layout(True, 3, True)]),
        (nn.Conv2d(1, 2, (3, 4)), [Layout(True, 2, True)]),
        # Of width 1, either axis may hold the positions.
        (nn.Conv2d(4, 2, 1), [Layout(True, 3), Layout(True, 2)]),
        (nn.Conv2d(4, 2, (3, 3)), []),
        (nn.Conv2d(4, 2, (1, 3), padding=1), []),  # it adds rows beside the sequence
    ],
)
def test_a_convolution_sees_a_sequence_in_these_ways(layer, expected):
    assert layouts_of(layer) == expected


class Twice(nn.Module):
    """The convolution reads the reverse complement, then the sequence."""

    def __init__(self):
        super().__init__()
        self.conv, self.relu = nn.Conv1d(4, 2, 3), nn.ReLU()

    def forward(self, one_hot):
        first = self.conv(one_hot.flip(1, 2))
        second = self.relu(self.conv(one_hot)).amax(dim=2)
        self.relu(second)
        return second + self.relu(first).amax(dim=2)


def test_each_call_has_its_strand_and_its_activation():
    network = Twice().eval()
    batch = torch.eye(4)[None, :, [0, 2, 2, 0, 1]]  # AGGAC
    calls, seen = calls_of(network, network.conv, network.relu, batch, Layout())
    assert len(seen.entered) == 2 and len(seen.activated) == 3
    assert [(call.strand, call.activation) for call in calls] == [
        ("reverse", 2),
        ("forward", 0),
    ]
    assert all(call.direct and not call.mixed for call in calls)
