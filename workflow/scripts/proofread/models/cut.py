"""A network in two halves, cut at a layer."""

import torch
from torch import nn

from proofread.errors import InputError
from proofread.models.as_written import unfused
from proofread.models.channels_last import fast_network
from proofread.models.tracing import (
    UNCHANGED,
    after_hooks,
    hooked,
    only_known_hooks,
    only_user,
    traced,
)

# Affine in evaluation mode, whatever their settings.
_AFFINE = (nn.Conv1d, *UNCHANGED)


class Cut:
    """A network in two parts: an affine beginning and the rest.

    Parameters
    ----------
    network : torch.nn.Module
        In evaluation mode; maps (n, 4, length) to logits (n, targets). Left unchanged.

    Attributes
    ----------
    network : torch.nn.Module
    beginning : torch.nn.Sequential
        The convolution, and the normalisation after it, that alone read the sequence;
        empty where there is none such.
    """

    def __init__(self, network):
        if network.training:
            raise ValueError("network: in training mode; call network.eval() first")
        self.network = network
        beginning, rest = _split(network)
        self.beginning = nn.Sequential(*beginning).eval()
        self._rest = fast_network(rest)

    def values(self, one_hot):
        """(n, 4, length) -> what the rest reads, (n, channels, positions)."""
        with torch.no_grad():
            values = self.beginning(one_hot)
        if values.device.type != "cpu":
            return values
        # Channels next to each other in memory, as fast_network's convolutions want.
        return values.transpose(1, 2).contiguous().transpose(1, 2)

    def logits(self, values, one_hot=None):
        """Logits (n, targets) of such values; `one_hot` is not needed."""
        # A layer may write into what it reads (ReLU(inplace=True)): a copy, not a leaf.
        logits = self._rest(values.clone())
        # The whole network has called its hooks itself.
        return after_hooks(self.network, logits) if self.beginning else logits

    def pull_back(self, gradient, length):
        """A gradient at `values` as one at the sequence, (n, 4, length).

        It depends on the gradient alone, the beginning being affine.
        """
        if not self.beginning:
            return gradient
        point = gradient.new_zeros(len(gradient), 4, length).requires_grad_()
        # A scalar: given a gradient, torch imports sympy to look at its shape (2 s).
        return torch.autograd.grad((self.beginning(point) * gradient).sum(), point)[0]


class LayerCut:
    """A network cut at the output of a layer.

    Parameters
    ----------
    network : torch.nn.Module
    layer : str
        Dotted name of one of its modules, which is called once and returns a tensor.

    Raises
    ------
    InputError
        If there is no such module, or it returns something else.
    """

    def __init__(self, network, layer):
        self.network, self.layer = network, named_layer(network, layer)
        self.name = layer

    def values(self, one_hot):
        """(n, 4, length) -> outputs of the layer, (n, ...)."""
        result = []

        def note(_, __, output):
            # The layer after it may write into it.
            copied = isinstance(output, torch.Tensor)
            result.append(output.clone() if copied else output)

        handle = self.layer.register_forward_hook(note)
        try:
            with torch.no_grad(), unfused():
                self.network(one_hot)
        finally:
            handle.remove()
        return one_output(result, self.name)

    def logits(self, values, one_hot):
        """Logits of `one_hot` with the layer's outputs replaced by `values`."""
        # A copy, as of `Cut.logits`.
        handle = self.layer.register_forward_hook(lambda *_: values.clone())
        try:
            with unfused():
                return self.network(one_hot)
        finally:
            handle.remove()


def named_layer(network, layer):
    """The module of this dotted name.

    Raises
    ------
    InputError
        With the names there are.
    """
    modules = dict(network.named_modules())
    modules.pop("", None)
    if layer not in modules:
        raise InputError(
            "layer",
            f"the network has no module {layer!r}",
            "one of " + ", ".join(modules),
            "correct the name",
        )
    return modules[layer]


def one_output(found, name):
    """What a layer returned, if it was called once and returned one tensor.

    Parameters
    ----------
    found : list
        What it returned at each call.
    name : str
    """
    times = len(found)
    if times == 1 and isinstance(found[0], torch.Tensor):
        return found[0]
    kinds = ", ".join(sorted({type(item).__name__ for item in found}))
    raise InputError(
        f"layer: {name}",
        f"it is called {times} times" if times != 1 else f"it returns {kinds}",
        "a layer that is called once and returns one tensor",
        "name another layer",
    )


def cut(network):
    """A network prepared for gradients; one that is prepared stays as it is."""
    return network if isinstance(network, Cut) else Cut(network)


def _split(network):
    """The modules of the affine beginning, and the network without them."""
    reading = traced(network) if only_known_hooks(network) else None
    if reading is None:
        return [], network
    beginning, last = [], reading.entrance
    while True:
        node = only_user(last)
        module = reading.module(node)
        if not _is_affine(module) or node.args != (last,):
            break
        beginning.append(module)
        last = node
    if not any(type(module) is nn.Conv1d for module in beginning):
        return [], network
    rest = reading.behind(last)
    rest.training = network.training
    return beginning, rest


def _is_affine(module):
    if module is None or hooked(module):
        return False
    # In evaluation mode a normalisation is affine if it keeps statistics.
    return type(module) in _AFFINE or (
        type(module) is nn.BatchNorm1d and module.running_mean is not None
    )
