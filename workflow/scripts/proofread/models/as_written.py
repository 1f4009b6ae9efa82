"""Networks run module by module, as they are written.

PyTorch can run a network in other ways: compiled (`torch.compile`), and a transformer
layer in evaluation mode as one fused operation. Then the hooks of modules within it are
not called, or not for every part.
"""

import contextlib

import torch

# What torch.compile puts before the names of a network's modules.
WRAPPED = "_orig_mod"


def uncompiled(network):
    """A network whose modules are called one by one, whatever was compiled in it.

    Parameters
    ----------
    network : torch.nn.Module
        Compiled as a whole or in part, by ``torch.compile(module)`` or by
        ``module.compile()``; or not at all. Changed, until `restore` is called.

    Returns
    -------
    network : torch.nn.Module
        The same object if it was not wrapped as a whole.
    restore : callable
        Puts the compiled parts back.
    """
    undo = contextlib.ExitStack()
    network = _original(network)
    for module in list(network.modules()):
        for name, child in list(module.named_children()):
            original = _original(child)
            if original is not child:
                module._modules[name] = original
                undo.callback(module._modules.__setitem__, name, child)
        compiled = getattr(module, "_compiled_call_impl", None)
        if compiled is not None:
            module._compiled_call_impl = None
            undo.callback(setattr, module, "_compiled_call_impl", compiled)
    return network, undo.close


def plain_name(name):
    """The name of a module without what torch.compile adds to it."""
    return ".".join(part for part in name.split(".") if part != WRAPPED)


@contextlib.contextmanager
def unfused():
    """Call every module within transformer layers, within a ``with`` statement.

    In evaluation mode and without gradients, PyTorch runs a
    `torch.nn.TransformerEncoderLayer` as one operation.
    """
    before = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        yield
    finally:
        torch.backends.mha.set_fastpath_enabled(before)


def _original(module):
    while isinstance(getattr(module, WRAPPED, None), torch.nn.Module):
        module = getattr(module, WRAPPED)
    return module
