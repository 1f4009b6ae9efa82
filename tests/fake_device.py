"""A device without hardware, to test on any machine what moves to a GPU and back.

Its tensors say that they are elsewhere, and the CPU computes with their values. As with
a GPU, an operation on tensors of both devices fails, and so does ``.numpy()`` without
``.cpu()``; a tensor of one number may be mixed. Its memory is as large as a test says.
"""

import contextlib

import numpy as np
import torch
from torch.utils._python_dispatch import TorchDispatchMode, return_and_correct_aliasing
from torch.utils._pytree import tree_leaves, tree_map

# PyTorch's device for tensors without values: these have some, and tell it nothing.
NAME = "meta"
_COPY = torch.ops.aten.copy_.default
_INDEXING = (torch.ops.aten.index, torch.ops.aten.index_put_)
_current = []  # the device that is in use


class Fake:
    """What a test decides about the device, and what it is told.

    Attributes
    ----------
    device : torch.device
    largest : int
        Bytes of the largest tensor that finds room.
    operations : list of tuple
        Name of each operation on it, and the first size of its result.
    """

    device = torch.device(NAME)

    def __init__(self, largest):
        self.largest, self.operations = largest, []

    def batches(self, operation="convolution"):
        """First sizes of the results of an operation."""
        return [size for name, size in self.operations if name == operation]


class Elsewhere(torch.Tensor):
    """A tensor on the fake device; `inner` has its values."""

    @staticmethod
    def __new__(cls, inner):
        tensor = torch.Tensor._make_wrapper_subclass(
            cls,
            inner.size(),
            strides=inner.stride(),
            storage_offset=inner.storage_offset(),
            dtype=inner.dtype,
            device=Fake.device,
        )
        tensor.inner = inner
        return tensor

    def __repr__(self):
        return f"Elsewhere({self.inner})"

    # A list of positions would become a tensor of PyTorch's own on the device, which
    # has no values.

    def __getitem__(self, key):
        return super().__getitem__(_with_tensors(key))

    def __setitem__(self, key, value):
        super().__setitem__(_with_tensors(key), value)

    @classmethod
    def __torch_dispatch__(cls, function, types, args=(), kwargs=None):
        return _compute(function, args, kwargs or {})


class _Everything(TorchDispatchMode):
    """Also sees the operations that make tensors."""

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        return _compute(function, args, kwargs or {})


def _with_tensors(key):
    if isinstance(key, tuple):
        return tuple(_with_tensors(item) for item in key)
    is_positions = isinstance(key, list | range | np.ndarray)
    return torch.as_tensor(np.array(key, dtype=np.int64)) if is_positions else key


def _inner(value):
    return value.inner if isinstance(value, Elsewhere) else value


def _compute(function, args, kwargs):
    """An operation on tensors of one device; its result is there too."""
    tensors = [
        leaf for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, torch.Tensor)
    ]
    away = [isinstance(tensor, Elsewhere) for tensor in tensors]
    to_there = any(away)
    if function is not _COPY and any(away):
        # Positions may be the CPU's, as to a GPU.
        positions = args[1] if function.overloadpacket in _INDEXING and away[0] else ()
        for tensor, is_away in zip(tensors, away, strict=True):
            allowed = is_away or tensor.ndim == 0
            if not (allowed or any(tensor is item for item in positions)):
                raise RuntimeError(f"{function}: tensors on {NAME} and on the CPU")
    if kwargs.get("device") is not None:
        to_there = torch.device(kwargs["device"]).type == NAME
        kwargs = kwargs | {"device": torch.device("cpu")}
    result = function(*tree_map(_inner, args), **tree_map(_inner, kwargs))
    if function is _COPY:
        return args[0]
    if not to_there:
        return result
    return return_and_correct_aliasing(
        function, args, kwargs, tree_map(lambda value: _sent(function, value), result)
    )


def _sent(function, value):
    if not isinstance(value, torch.Tensor):
        return value
    (fake,) = _current
    if value.nelement() * value.element_size() > fake.largest:
        raise torch.OutOfMemoryError("the fake device is full")
    rows = len(value) if value.ndim else 1
    fake.operations.append((function.overloadpacket.__name__, rows))
    return Elsewhere(value)


@contextlib.contextmanager
def fake_device(largest=10**12):
    """The device, as a `Fake`, within a ``with`` statement.

    Parameters
    ----------
    largest : int
        Bytes of the largest tensor that finds room.
    """
    fake = Fake(largest)
    _current.append(fake)
    try:
        with _Everything():
            yield fake
    finally:
        _current.pop()
