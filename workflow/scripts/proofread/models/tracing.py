"""Read a network's graph with torch.fx."""

from torch import fx


def hooked(module):
    """Whether something reads or changes what goes into a module or comes out of it."""
    return bool(module._forward_hooks or module._forward_pre_hooks)


def traced(network):
    """The operations of a network, or None where they cannot be told.

    Those of its hooks are not among them: a module with hooks is to be called itself,
    and what has hooks and is no single operation cannot be followed. Hooks on the
    outputs of the whole network are left to the caller.

    Returns
    -------
    torch.fx.Graph or None
    """
    tracer = fx.Tracer()
    for name, module in network.named_modules():
        if module is network:
            unknown = module._forward_pre_hooks or module._forward_hooks_with_kwargs
        else:
            unknown = hooked(module) and not tracer.is_leaf_module(module, name)
        if unknown:
            return None
    try:
        return tracer.trace(network)
    except Exception:
        # A forward pass may do anything at all: whatever tracing says, it is run plain.
        return None


def _named(network):
    """Everything that a graph may name, by its dotted name."""
    return {
        **dict(network.named_modules(remove_duplicate=False)),
        **dict(network.named_parameters()),
        **dict(network.named_buffers()),
    }


def _module(node, modules):
    return modules.get(node.target) if node.op == "call_module" else None
