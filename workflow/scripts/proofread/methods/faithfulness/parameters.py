"""Networks whose layers forget what they learned, from the output downwards.

A map that hardly changes when the weights are drawn anew explains the sequence, and not
the network (Adebayo et al. 2018, arXiv:1810.03292: cascading randomisation).
"""

import copy
import functools
import pickle

import torch

from proofread.models.device import device_of

# Names of the methods by which PyTorch's layers draw their first weights.
_RESETS = ("reset_parameters", "_reset_parameters")


def layers_from_output(network, length):
    """Layers with weights or running statistics, from the output to the sequence.

    Layers are ordered as the forward pass leaves them. Weights of a part that the pass
    does not call as a module belong to the module around it.

    Parameters
    ----------
    network : torch.nn.Module
        In evaluation mode.
    length : int
        Bases per sequence.

    Returns
    -------
    list of tuple of (str, list of str)
        Name of the layer, and of the modules with its weights or statistics; empty of a
        network without any.
    """
    left = {}

    def note(name, *_):
        # A layer that is called twice stands where it was called last.
        left.pop(name, None)
        left[name] = True

    modules = dict(network.named_modules())
    handles = [
        module.register_forward_hook(functools.partial(note, name))
        for name, module in modules.items()
    ]
    try:
        with torch.no_grad():
            network(torch.zeros(1, 4, length, device=device_of(network)))
    finally:
        for handle in handles:
            handle.remove()
    layers = {name: [] for name in left}
    for name, module in modules.items():
        if _is_learned(module):
            owner = name
            while owner not in layers:
                owner = owner.rpartition(".")[0]
            layers[owner].append(name)
    return [(name, parts) for name, parts in reversed(layers.items()) if parts]


def _is_learned(module):
    """Whether a module has weights of its own, or running statistics of the data."""
    if getattr(module, "running_mean", None) is not None:
        return True
    return bool(list(module.parameters(recurse=False)))


def why_not(predictor):
    """Why the layers of a network cannot be drawn anew.

    Parameters
    ----------
    predictor : proofread.models.predictor.Predictor

    Returns
    -------
    str
        Empty where they can.
    """
    network = predictor.network
    if network is None:
        return "a function has no weights to draw anew"
    if not layers_from_output(network, predictor.length):
        return "the network has no layer with weights"
    try:
        copy.deepcopy(network)
    except (
        RuntimeError,
        TypeError,
        NotImplementedError,
        pickle.PicklingError,
    ) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        return f"the network cannot be copied: {reason[:200]}"
    return ""


def randomised(network, length, seed):
    """Copies of a network with one more layer drawn anew each time.

    Parameters
    ----------
    network : torch.nn.Module
        In evaluation mode, with `length` and `targets`; left unchanged.
    length : int
        Bases per sequence.
    seed : int
        Of the weights. torch's own generator stays as it is.

    Yields
    ------
    layer : str
        The layer that was drawn anew last; those above it were before.
    network : torch.nn.Module
        On the device of the original.
    """
    device = device_of(network)
    # On the CPU: a GPU would draw other numbers.
    changed = copy.deepcopy(network).cpu()
    for number, (name, parts) in enumerate(layers_from_output(network, length)):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed + number)
            for part in parts:
                _draw(changed.get_submodule(part))
        yield name or "network", copy.deepcopy(changed).to(device)


@torch.no_grad()
def _draw(module):
    """Draw the weights of one module anew, in place.

    PyTorch's layers draw as they did before training. Weights of other modules are put
    into a random order, which keeps their sizes.
    """
    for name in _RESETS:
        reset = getattr(module, name, None)
        if callable(reset):
            reset()
            return
    for weight in module.parameters(recurse=False):
        order = torch.randperm(weight.numel())
        weight.copy_(weight.flatten()[order].reshape(weight.shape))
