"""Three ways to predict with filters of the first layer ablated.

All give the same numbers; the first that applies is taken:

linear
    Pooling, normalisation and elementwise functions treat channels one by one. So the
    input of the next convolution or dense layer differs in the ablated channels alone.
    That layer is linear: its output is the old one plus the weights of those channels
    times their difference. Only what follows is run again.
tail
    Everything behind the first activation is run again, from activations that were
    computed once per batch.
network
    The whole network is run again, and a hook replaces the activation, in every call
    of the first convolution: networks that read both strands with the same layers run
    them twice.
"""

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from proofread.errors import InputError
from proofread.methods.filter_nullification.null_values import activations, strand_of
from proofread.models.tracing import (
    CHANNELWISE,
    UNCHANGED,
    after_hooks,
    agrees,
    only_known_hooks,
    only_user,
    traced,
)

WAYS = ("linear", "tail", "network")


def runner_of(model, layer, probe, way):
    """The fastest way that follows the network and agrees with running it.

    Parameters
    ----------
    model : torch.nn.Module
        Left unchanged.
    layer : proofread.models.first_layer.FirstLayer
    probe : numpy.ndarray, shape (n, length), uint8
        Sequences on which the way is compared with the whole network.
    way : str or None
        One of `WAYS`; None: the fastest that applies.

    Returns
    -------
    object
        With `way`, `bytes_per_sequence` and ``run(rows, index, values, sets)``, which
        gives logits (rows, targets) and, with each set ablated, (rows, sets, targets).

    Raises
    ------
    InputError
        If a call of the first convolution cannot be ablated.
    ValueError
        If `way` does not apply to the network.
    """
    _check_calls(model, layer)
    plain = _Network(model, layer)
    if way == "network":
        return plain
    for kind in (_Linear, _Tail):
        if way not in (None, kind.way):
            continue
        runner = kind.of(model, layer)
        if runner is not None and _matches(runner, plain, probe, layer):
            return runner
    if way is not None:
        raise ValueError(f"way: {way!r} does not follow this network")
    return plain


def _matches(runner, plain, probe, layer):
    """Whether a way gives what running the network gives, on some sequences."""
    zero = layer.activation_there(probe[:1]).new_zeros(1, layer.filters, 1)
    question = (np.arange(len(probe)), probe, lambda *_: zero, [range(layer.filters)])

    def answer(runner):
        # (rows, targets) and (rows, 1, targets) -> (rows, 2, targets)
        intact, ablated = runner.run(*question)
        return torch.cat([intact[:, None], ablated], dim=1).numpy()

    return agrees(lambda: answer(runner), answer(plain))


def _check_calls(model, layer):
    """Refuse a network with a call in which a filter cannot be ablated."""
    for number, call in enumerate(layer.calls, start=1):
        result = None
        if call.strand is None:
            result = "reads neither the sequence nor its reverse complement"
        elif call.activation is None or call.mixed:
            result = f"has no call of {model.first_activation} for itself"
        if result:
            raise InputError(
                f"model {type(model).__name__}",
                f"call {number} of {model.first_convolution} {result}",
                "a convolution that reads the sequence, or both strands, each followed "
                "by the activation",
                "use one convolution for each input, or leave out filter_nullification",
            )


def _reading(model):
    """The network as operations, and its first activation; or None twice."""
    if not only_known_hooks(model):
        return None, None
    activation = model.get_submodule(model.first_activation)
    reading = traced(model, [activation])
    nodes = () if reading is None else reading.graph.nodes
    starts = [node for node in nodes if reading.module(node) is activation]
    return (reading, starts[0]) if starts else (None, None)


def _behind(reading, node):
    """What follows a node, as a function of its value; or None."""
    part = reading.behind(node)
    # Not the module itself, which writes a report to the terminal before it fails.
    return part and part.forward


def _has_side_effects(module):
    """Whether a channelwise module does more than make each channel a new one."""
    return (
        getattr(module, "return_indices", False)
        or getattr(module, "inplace", False)
        or (type(module) is nn.BatchNorm1d and module.running_mean is None)
    )


class _Network:
    """Run the whole network; a hook replaces its first activation."""

    way = "network"

    def __init__(self, model, layer):
        self.model, self.layer = model, layer
        self.bytes_per_sequence = (_element_size(layer) * 4 * len(layer.calls)) * (
            layer.filters * layer.positions
        )

    def run(self, rows, index, values, sets):
        """Logits of rows of `index`: (rows, targets), (rows, sets, targets)."""
        batch = self.layer.batch(index[rows])
        calls = []
        for call in self.layer.calls:
            reverse = call.strand == "reverse"
            activation = activations(self.layer, strand_of(index[rows], reverse))
            calls.append((activation, values(rows, reverse).expand_as(activation)))
        intact = self.model(batch)
        ablated = []
        for chosen in sets:
            if all(torch.equal(one[:, chosen], null[:, chosen]) for one, null in calls):
                ablated.append(intact)
                continue
            # Ablated on both strands, where the network reads both.
            with self.layer.replaced([_replaced(*call, chosen) for call in calls]):
                ablated.append(self.model(batch))
        return _on_cpu(intact, ablated)


class _Tail:
    """Run what follows the first activation."""

    way = "tail"

    def __init__(self, model, layer, tail):
        self.model, self.layer, self.tail = model, layer, tail
        self.bytes_per_sequence = (
            _element_size(layer) * 4 * (layer.filters * layer.positions)
        )

    @classmethod
    def of(cls, model, layer):
        """The way through this network, or None."""
        reading, start = _reading(model)
        tail = reading and _behind(reading, start)
        return tail and cls(model, layer, tail)

    def run(self, rows, index, values, sets):
        """As `_Network.run`."""
        activation = activations(self.layer, index[rows])
        null = values(rows, False).expand_as(activation)
        # A copy, for what follows may work in place.
        intact = after_hooks(self.model, self.tail(activation.clone()))
        ablated = [
            intact
            if torch.equal(activation[:, chosen], null[:, chosen])
            else after_hooks(self.model, self.tail(_replaced(activation, null, chosen)))
            for chosen in sets
        ]
        return _on_cpu(intact, ablated)


class _Linear:
    """Add the difference of the ablated channels to the next linear layer's output.

    Between the first activation and a Conv1d (one group, zero padding), or a flattening
    and a Linear, only modules of `CHANNELWISE` may stand.
    """

    way = "linear"

    def __init__(self, model, layer, channelwise, linear, rest):
        self.model, self.layer, self.rest = model, layer, rest
        self.channelwise, self.linear = channelwise, linear
        self.convolution = isinstance(linear, nn.Conv1d)
        activation = layer.activation_there(np.zeros((1, layer.length), np.uint8))
        entering = self._entering(activation.transpose(1, 2))
        values = entering.numel() + self._whole(entering).numel()
        self.bytes_per_sequence = _element_size(layer) * values
        if not self.convolution:
            # (outputs, filters * positions) -> (outputs, filters, positions)
            self.weight = linear.weight.view(-1, *entering.shape[1:])

    @classmethod
    def of(cls, model, layer):
        """The way through this network, or None."""
        reading, start = _reading(model)
        if reading is None:
            return None
        channelwise, node = [], only_user(start)
        while type(reading.module(node)) in CHANNELWISE:
            module = reading.module(node)
            if _has_side_effects(module):
                return None
            channelwise.append(module)
            node = only_user(node)
        linear = reading.module(node)
        if type(linear) is not nn.Conv1d:
            if not reading.flattens(node):
                return None
            node = only_user(node)
            while type(reading.module(node)) in UNCHANGED:
                node = only_user(node)
            linear = reading.module(node)
            if type(linear) is not nn.Linear:
                return None
        elif linear.groups != 1 or linear.padding_mode != "zeros":
            return None
        rest = _behind(reading, node)
        return rest and cls(model, layer, channelwise, linear, rest)

    def run(self, rows, index, values, sets):
        """As `_Network.run`."""
        # (rows, filters, positions) -> (rows, filters, pooled positions)
        entering = self._entering_of(index[rows])
        null = values(rows, False).expand(-1, -1, self.layer.positions)
        difference = self._entering(null) - entering
        whole = self._whole(entering)
        # A copy, for what follows may work in place.
        intact = after_hooks(self.model, self.rest(whole.clone()))
        changes = (difference != 0).any(dim=2).any(dim=0)
        ablated = [
            after_hooks(
                self.model, self.rest(self._part(difference, chosen).add_(whole))
            )
            if changes[chosen].any()
            else intact
            for chosen in sets
        ]
        return _on_cpu(intact, ablated)

    def _entering_of(self, index):
        """What the linear layer gets of sequences."""
        if self.layer.device.type != "cpu":
            return self._entering(activations(self.layer, index))
        # In parts that stay in the processor's caches.
        batches = self.layer.batches(index)
        return torch.cat([self._entering(part.transpose(1, 2)) for _, part in batches])

    def _entering(self, activation):
        """What the linear layer gets of the activation."""
        for module in self.channelwise:
            activation = module(activation)
        return activation

    def _whole(self, entering):
        return self.linear(entering if self.convolution else entering.flatten(1))

    def _part(self, difference, chosen):
        """What these channels alone give to the linear layer, without its bias."""
        part = difference[:, chosen]
        linear = self.linear
        if not self.convolution:
            return part.flatten(1) @ self.weight[:, chosen].flatten(1).T
        return functional.conv1d(
            part,
            linear.weight[:, chosen],
            None,
            linear.stride,
            linear.padding,
            linear.dilation,
        )


def _replaced(activation, null, chosen):
    ablated = activation.clone()
    ablated[:, chosen] = null[:, chosen]
    return ablated


def _on_cpu(intact, ablated):
    """(sets) of (rows, targets) -> (rows, sets, targets); both on the CPU."""
    if ablated:
        stacked = torch.stack(ablated, dim=1)
    else:
        stacked = intact.new_empty(len(intact), 0, intact.shape[1])
    return intact.cpu(), stacked.cpu()


def _element_size(layer):
    return layer.activation(np.zeros((1, layer.length), np.uint8)).element_size()
