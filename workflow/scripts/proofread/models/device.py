"""Where a network runs: on the CPU, or on a GPU in batches that fit its memory.

On the CPU batches are as large as its caches like them, and stay so: another size
changes the last bits of a result. On a GPU a batch is as large as the free memory
allows, and is halved if the memory is full all the same.
"""

import contextlib
import warnings
from itertools import chain

import numpy as np
import torch
from torch import nn

from proofread.dna.encoding import COLUMNS
from proofread.errors import InputError
from proofread.models.as_written import unfused
from proofread.progress import log

DEVICES = ("auto", "cpu", "cuda")
MEGABYTES = 16  # of activations in one pass; more leave the processor's caches
# Of a GPU's free memory, the part that the outputs of all layers may have: gradients
# and the work space of convolutions need as much again.
_FRACTION = 0.25
# Kernels count a tensor's numbers in 32 bits: here it has fewer.
_MAX_MEGABYTES = 4000
_ASSUMED_BYTES = 1e9  # of another device than a GPU of NVIDIA
_MIN_MEGABYTES = 0.01  # less is not tried
_CHANNELS = 256  # of which a network is taken to hold one value for each base, at least


def choose(wanted):
    """The device that a user asks for.

    A GPU is prepared to compute in float32: as PyTorch comes, its convolutions round
    what they multiply to 10 bits (TF32). That is a setting of the process.

    Parameters
    ----------
    wanted : str
        `cpu`; `cuda`, a GPU; `auto`, a GPU if there is one that works.

    Returns
    -------
    torch.device

    Raises
    ------
    InputError
        If a GPU is asked for, and none works.
    """
    if wanted not in DEVICES:
        raise ValueError(f"device: expected one of {DEVICES}, got {wanted!r}")
    fault = None if wanted == "cpu" else _fault()
    if wanted == "cpu" or (fault and wanted == "auto"):
        return torch.device("cpu")
    if fault:
        raise InputError(
            "device: cuda",
            fault,
            "an NVIDIA GPU that PyTorch can use",
            "make the environment with GPU=1 make env, look at nvidia-smi, or write "
            "device: auto",
        )
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cuda.matmul.allow_tf32 = False
    return torch.device("cuda")


def _fault():
    """What keeps PyTorch from using a GPU; None if nothing does."""
    if torch.version.cuda is None:
        return f"PyTorch {torch.__version__} is built without CUDA"
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        # A driver that is too old is no error to PyTorch, but a warning.
        if not torch.cuda.is_available():
            said = [str(item.message).splitlines()[0] for item in caught]
            return "; ".join(["PyTorch finds no GPU", *said])
    try:
        # A GPU may be there and be of no use: too old for PyTorch, or taken.
        torch.ones(2, device="cuda").add(1).sum().item()
    except RuntimeError as error:
        fault = f"the GPU does not compute: {str(error).splitlines()[0]}"
        log.warning("%s", fault)
        return fault
    return None


def moved(network, wanted, name):
    """A network on the device that a user asks for, tried there on a sequence.

    Parameters
    ----------
    network : torch.nn.Module
        In evaluation mode, with `length`; changed.
    wanted : str
        One of `DEVICES`. `auto`: a network that fails on a GPU stays on the CPU.
    name : str
        What a message calls it.

    Returns
    -------
    torch.nn.Module
        The network itself.

    Raises
    ------
    InputError
        If the network cannot run on the GPU that is asked for.
    """
    device = choose(wanted)
    if device.type == "cpu":
        return network
    try:
        network.to(device)
        with torch.no_grad():
            network(torch.zeros(1, 4, network.length, device=device)).cpu()
    except RuntimeError as error:
        # A user's network may make tensors on the CPU within its forward pass.
        fault = f"its forward pass fails on a GPU: {str(error).splitlines()[0][:200]}"
        if wanted == "auto":
            log.warning("%s stays on the CPU: %s", name, fault)
            return network.cpu()
        raise InputError(
            name,
            fault,
            "a network whose tensors are all on the device of its input",
            "make tensors with device=one_hot.device or as buffers, or write "
            "device: cpu",
        ) from error
    log.info("%s runs on a GPU", name)
    return network


def device_of(network):
    """Where a network is; the CPU if it has neither parameters nor buffers."""
    tensors = chain(network.parameters(), network.buffers())
    return next((tensor.device for tensor in tensors), torch.device("cpu"))


def on_cpu(network):
    """Whether a network is on the CPU."""
    return device_of(network).type == "cpu"


def sent(array, device):
    """A tensor on a device of an array, which may be a view of any kind."""
    return torch.from_numpy(np.array(array, order="C")).to(device)


def expand(index):
    """One-hot columns on the device of the indices.

    Parameters
    ----------
    index : torch.Tensor, shape (n, length), uint8

    Returns
    -------
    torch.Tensor, shape (n, 4, length), float32
        The four numbers of a base are neighbours in memory (channels last).
    """
    columns = torch.from_numpy(COLUMNS).to(index.device)
    return torch.nn.functional.embedding(index.int(), columns).transpose(1, 2)


def one_hot_on(index):
    """As `expand`, laid out in memory as `proofread.dna.encoding.one_hot` does."""
    return expand(index).contiguous()


def free_bytes(device):
    """Bytes of a device's memory that are free, or kept by PyTorch for its tensors."""
    if device.type != "cuda":  # one of the user's own network, from Python
        return _ASSUMED_BYTES
    kept = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    return torch.cuda.mem_get_info(device)[0] + kept


def megabytes_at_once(device, on_cpu):
    """MB that the outputs of a network's layers may hold together.

    Parameters
    ----------
    device : torch.device
    on_cpu : float
        The answer on the CPU.
    """
    if device.type == "cpu":
        return on_cpu
    return min(_MAX_MEGABYTES, _FRACTION * free_bytes(device) / 1e6)


def pass_size(network, one_hot, megabytes=MEGABYTES):
    """Sequences that go through a network at once.

    Parameters
    ----------
    network : torch.nn.Module
    one_hot : torch.Tensor, shape (n, 4, length)
        The first of them is tried.
    megabytes : float
        What the outputs of all its layers may hold together. Small enough for the
        processor's caches is fastest on a CPU (2-10 MB).

    Returns
    -------
    int
        At least 1.
    """
    if len(one_hot) == 0:
        return 1
    sizes = []

    def note(_, __, output):
        if isinstance(output, torch.Tensor):
            sizes.append(output.nelement() * output.element_size())

    leaves = [module for module in network.modules() if not list(module.children())]
    handles = [leaf.register_forward_hook(note) for leaf in leaves]
    try:
        with torch.no_grad(), unfused():
            network(one_hot[:1])
    finally:
        for handle in handles:
            handle.remove()
    return max(1, int(megabytes * 1e6 // max(1, sum(sizes))))


def sequences_at_once(network, length, on_cpu):
    """Sequences of a prediction's batch.

    Parameters
    ----------
    network : torch.nn.Module
    length : int
        Bases per sequence.
    on_cpu : int
        The answer on the CPU.
    """
    device = device_of(network)
    if device.type == "cpu":
        return on_cpu
    one_hot = torch.zeros(1, 4, length, device=device)
    room = megabytes_at_once(device, None)
    # Of layers that are functions no hook sees the outputs.
    least = _CHANNELS * length * one_hot.element_size() / 1e6
    return max(1, min(pass_size(network, one_hot, room), int(room // least)))


def in_batches(n, size, run):
    """Results of ``run(part)`` for slices of n rows, in their order.

    Parameters
    ----------
    n, size : int
        Rows, and rows at a time. The size is halved whenever a GPU's memory is full.
    run : callable
        Takes a slice.

    Yields
    ------
    part : slice
    result : object
    """
    first = 0
    while first < n:
        part = slice(first, min(first + size, n))
        result, fits = _fitting(run, part, last=part.stop - first == 1)
        if not fits:
            size = (part.stop - first) // 2
            continue
        yield part, result
        first = part.stop


def halved(run, megabytes):
    """``run(megabytes)``, with half as many whenever a GPU's memory is full.

    Parameters
    ----------
    run : callable
        Takes the MB that a pass may hold, which change memory, never the result.
    megabytes : float
    """
    while True:
        result, fits = _fitting(run, megabytes, last=megabytes < _MIN_MEGABYTES)
        if fits:
            return result
        megabytes /= 2


def memory_is_full(error):
    """Whether an error says that a GPU's memory is full; its libraries say so too."""
    return isinstance(error, torch.OutOfMemoryError) or "ALLOC_FAILED" in str(error)


def _fitting(run, argument, *, last):
    """``run(argument)`` and True; None and False if a GPU's memory was full.

    The last attempt raises what it raises.
    """
    try:
        return run(argument), True
    except RuntimeError as error:
        if last or not memory_is_full(error):
            raise
    # Here, where the error no longer holds the tensors of its frames.
    if torch.cuda.is_initialized():
        torch.cuda.empty_cache()
    log.info("the GPU's memory is full: half as much at a time")
    return None, False


@contextlib.contextmanager
def differentiable(network):
    """Gradients through a network in evaluation mode, within a ``with`` statement.

    On a GPU cuDNN computes no gradient of a recurrent layer in evaluation mode; PyTorch
    itself does. So such layers, and no others, are run without it.

    Parameters
    ----------
    network : torch.nn.Module
    """
    layers = [
        module
        for module in network.modules()
        if isinstance(module, nn.RNNBase) and not on_cpu(module)
    ]
    before = torch.backends.cudnn.enabled

    def switch(on):
        torch.backends.cudnn.enabled = on

    handles = []
    for layer in layers:
        handles += [
            layer.register_forward_pre_hook(lambda *_: switch(False)),
            layer.register_forward_hook(lambda *_: switch(before), always_call=True),
        ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
