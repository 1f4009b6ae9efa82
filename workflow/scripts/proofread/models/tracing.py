"""Read a network's forward pass as a graph of operations, with torch.fx.

The graph serves to run a network in another way than it is written: in another layout,
from a layer on, for what an edit changes. Each such way knows the layers of the tables
below. It is compared with the network itself (`agrees`) on a few sequences, because a
graph has a network's operations, not other state that its forward pass keeps.
"""

from dataclasses import dataclass
from operator import attrgetter

import numpy as np
import torch
from torch import fx, nn

from proofread.models.activations import OWN
from proofread.models.attention import PositionalEncoding, SelfAttention
from proofread.models.layers import Affine, KmerConvolution, exclusive_logits
from proofread.models.oracle import Rule
from proofread.models.oracle_effects import Doses, Value

# Each value by itself; those that never fall as it rises come first.
RISING = (nn.ReLU, nn.Sigmoid, nn.Softplus, nn.Tanh, *OWN)
ELEMENTWISE = (*RISING, nn.ELU, nn.GELU, nn.LeakyReLU, nn.SiLU)
RISING_FUNCTIONS = (
    torch.exp,
    torch.relu,
    torch.sigmoid,
    torch.tanh,
    nn.functional.relu,
    nn.functional.softplus,
)
ELEMENTWISE_FUNCTIONS = (
    *RISING_FUNCTIONS,
    nn.functional.elu,
    nn.functional.gelu,
    nn.functional.silu,
)
# The values as they are, in evaluation mode.
UNCHANGED = (nn.Dropout, nn.Identity)
# Each output channel depends on the same channel of the input and on nothing else.
CHANNELWISE = (
    *ELEMENTWISE,
    *UNCHANGED,
    nn.Dropout1d,
    nn.BatchNorm1d,
    nn.MaxPool1d,
    nn.AvgPool1d,
    nn.AdaptiveMaxPool1d,
    nn.AdaptiveAvgPool1d,
)
# Not looked into: they are layers to whoever reads a graph.
_WHOLE = (
    *OWN,
    Doses,
    KmerConvolution,
    PositionalEncoding,
    Rule,
    SelfAttention,
    Value,
)


class _Tracer(fx.Tracer):
    def __init__(self, whole):
        super().__init__()
        self.whole = whole

    def is_leaf_module(self, module, name):
        return (
            module in self.whole
            or isinstance(module, _WHOLE)
            or super().is_leaf_module(module, name)
        )


@dataclass(frozen=True)
class Reading:
    """The operations of a network.

    Attributes
    ----------
    graph : torch.fx.Graph
    entrance : torch.fx.Node
        The sequences, (n, 4, length).
    named : dict of str to object
        The modules, parameters and other tensors that the graph names.
    """

    graph: fx.Graph
    entrance: fx.Node
    named: dict

    def module(self, node):
        """The module that a node calls; None of another node, and of None."""
        is_call = node is not None and node.op == "call_module"
        return self.named[node.target] if is_call else None

    def function(self, node):
        """The function that a node applies to its only input, without options."""
        plain = len(node.args) == 1 and not any(node.kwargs.values())
        return node.target if node.op == "call_function" and plain else None

    def flattens(self, node):
        """Whether a node makes (n, channels, positions) into (n, values)."""
        module = self.module(node)
        if type(module) is nn.Flatten:
            return (module.start_dim, module.end_dim) == (1, -1)
        if node is None or node.kwargs:
            return False
        method = node.op == "call_method" and node.target == "flatten"
        function = node.op == "call_function" and node.target is torch.flatten
        return (method or function) and node.args[1:] in ((1,), (1, -1))

    def behind(self, node):
        """The part of the network that follows a node, as a module.

        Returns
        -------
        torch.fx.GraphModule or None
            Maps the node's value to the output; None where more of the sequence than
            that value is needed.
        """
        following = _following(node)
        outputs = [item for item in self.graph.nodes if item.op == "output"]
        if not following.issuperset(outputs):
            return None
        needed = set(following)
        for other in reversed(self.graph.nodes):
            if other in needed:
                needed.update(
                    source for source in other.all_input_nodes if source != node
                )
        if self.entrance in needed:
            return None
        part = fx.Graph()
        copies = {node: part.placeholder("value")}
        for other in self.graph.nodes:
            if other in needed:
                copies[other] = part.node_copy(other, copies.__getitem__)
        return fx.GraphModule(self.named, part)


def traced(network, whole=()):
    """The operations of a network, or None where they cannot be told.

    Those of its hooks are not among them: a module with hooks is to be called itself,
    and what has hooks and is no single operation cannot be followed. Hooks on the
    outputs of the whole network are left to the caller (`after_hooks`).

    Parameters
    ----------
    network : torch.nn.Module
        Left unchanged.
    whole : collection of torch.nn.Module
        Parts of it that are one operation, too, beside PyTorch's own layers.

    Returns
    -------
    Reading or None
    """
    tracer = _Tracer(whole)
    for name, module in network.named_modules():
        if module is network:
            unknown = module._forward_pre_hooks or module._forward_hooks_with_kwargs
        else:
            unknown = hooked(module) and not tracer.is_leaf_module(module, name)
        if unknown:
            return None
    attributes = set(vars(network))
    try:
        graph = tracer.trace(network)
        named = {
            node.target: attrgetter(node.target)(network)
            for node in graph.nodes
            if node.op in ("call_module", "get_attr")
        }
    except Exception:
        # A forward pass may do anything at all: whatever tracing says, it is run plain.
        return None
    finally:
        # Tracing leaves tensors that it took for constants on the network.
        for name in set(vars(network)) - attributes:
            delattr(network, name)
    entrances = [node for node in graph.nodes if node.op == "placeholder"]
    if len(entrances) != 1:
        return None
    return Reading(graph, entrances[0], named)


def hooked(module):
    """Whether something reads or changes what goes into a module or comes out of it."""
    return bool(module._forward_hooks or module._forward_pre_hooks)


def only_known_hooks(network):
    """Whether the whole network has no hooks but those of exclusive classes and units.

    These need the outputs alone; a user's may read the sequence.
    """
    known = all(
        hook is exclusive_logits or isinstance(hook, Affine)
        for hook in network._forward_hooks.values()
    )
    return known and not network._forward_pre_hooks


def after_hooks(network, logits, one_hot=None):
    """The logits after the hooks of the whole network, which its graph does not have.

    Parameters
    ----------
    network : torch.nn.Module
    logits : torch.Tensor, shape (n, targets)
    one_hot : torch.Tensor, optional
        The network's input, for hooks that read it.
    """
    for hook in network._forward_hooks.values():
        changed = hook(network, (one_hot,), logits)
        logits = logits if changed is None else changed
    return logits


def only_user(node):
    """The node that alone reads a node's value; None of several, of none, of None."""
    users = [] if node is None else list(node.users)
    return users[0] if len(users) == 1 else None


def _following(node):
    """The nodes that depend on a node."""
    following, waiting = set(), list(node.users)
    while waiting:
        other = waiting.pop()
        if other not in following:
            following.add(other)
            waiting.extend(other.users)
    return following


def agrees(run, expected):
    """Whether another way to run a network gives what the network gives.

    Parameters
    ----------
    run : callable
        The other way, without arguments. What was traced may not even run.
    expected : numpy.ndarray
        Logits, float32 or float64.

    Returns
    -------
    bool
        False, too, where a logit is not a number.
    """
    try:
        result = np.asarray(run())
    except Exception:
        return False
    if result.shape != expected.shape:
        return False
    doubles = result.dtype == expected.dtype == np.float64
    limit = (1e-9 if doubles else 1e-4) * (1 + np.abs(expected).max(initial=0))
    return bool(np.abs(result - expected).max(initial=0) <= limit)
