"""Follow a network from its first activation on, as a graph of torch.fx."""

import torch
from torch import fx, nn

from proofread.models.checkpoint import exclusive_logits


class _Tracer(fx.Tracer):
    """Leaves the first activation whole, even one that is not PyTorch's own."""

    def __init__(self, activation):
        super().__init__()
        self.activation = activation

    def is_leaf_module(self, module, name):
        return module is self.activation or super().is_leaf_module(module, name)


def traced(model):
    """The network as a graph, and the node of its first activation; or None twice."""
    follows = all(hook is exclusive_logits for hook in model._forward_hooks.values())
    if not follows or model._forward_pre_hooks:
        return None, None
    activation = model.get_submodule(model.first_activation)
    try:
        graph = _Tracer(activation).trace(model)
    except Exception:
        # A forward pass may do anything at all: whatever tracing says, it is run plain.
        return None, None
    modules = dict(model.named_modules(remove_duplicate=False))
    for node in graph.nodes:
        if module_of(node, modules) is activation:
            return graph, node
    return None, None


def finished(model, logits):
    """The logits after the hooks of the network, which its graph does not hold."""
    for hook in model._forward_hooks.values():
        logits = hook(model, None, logits)
    return logits


def module_of(node, modules):
    """The module that a node calls, or None."""
    is_module = node is not None and node.op == "call_module"
    return modules.get(node.target) if is_module else None


def has_side_effects(module):
    """Whether a channelwise module does more than make each channel a new one."""
    return (
        getattr(module, "return_indices", False)
        or getattr(module, "inplace", False)
        or (type(module) is nn.BatchNorm1d and module.running_mean is None)
    )


def only_user(node):
    """The node that alone uses a node's value, or None."""
    users = [] if node is None else list(node.users)
    return users[0] if len(users) == 1 else None


def flattens(node, modules):
    """Whether a node makes (n, channels, positions) into (n, channels * positions)."""
    module = module_of(node, modules)
    if type(module) is nn.Flatten:
        return (module.start_dim, module.end_dim) == (1, -1)
    if node is None or node.kwargs:
        return False
    method = node.op == "call_method" and node.target == "flatten"
    function = node.op == "call_function" and node.target is torch.flatten
    return (method or function) and node.args[1:] in ((1,), (1, -1))


def after(model, graph, start):
    """The part of a network that follows a node, as a function of that node's value.

    None where it needs anything else that depends on the sequence.
    """
    part = fx.Graph()
    copies = {start: part.placeholder("value")}
    following = list(graph.nodes)
    for node in following[following.index(start) + 1 :]:
        inputs = node.all_input_nodes
        if not any(each in copies for each in inputs):
            continue  # does not depend on the value; copied if something needs it
        for each in inputs:
            if each not in copies and each.op == "get_attr":
                copies[each] = part.node_copy(each)
        if any(node not in copies for node in inputs):
            return None
        copies[node] = part.node_copy(node, copies.__getitem__)
    if not any(node.op == "output" for node in part.nodes):
        return None
    # Not the module itself, which writes a report to the terminal before it fails.
    return fx.GraphModule(model, part).forward
