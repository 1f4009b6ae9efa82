"""A convolutional network taken apart: stages, a dense layer, and the rest.

A stage is a convolution and what follows it up to the next one: elementwise functions,
normalisations and at most one pooling.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import torch
from torch import nn

from proofread.models.tracing import (
    ELEMENTWISE,
    RISING,
    RISING_FUNCTIONS,
    UNCHANGED,
    only_user,
)


class Unsupported(Exception):
    """A network that does not consist of stages."""


class Elementwise(NamedTuple):
    """A function of each value, and whether it never falls as the value rises."""

    function: Callable
    rising: bool


@dataclass
class Stage:
    """A convolution and what follows it up to the next one.

    Attributes
    ----------
    weight : torch.Tensor, shape (taps, channels, filters)
    bias : torch.Tensor, shape (filters,)
    left, right : int
        Padding.
    before, after : list of Elementwise
        Act on each value (or channel), before and after the pool.
    pool : int
        Positions per maximum; 1 is none.
    ceil : bool
        Whether a pool takes what is left at the end.
    """

    weight: torch.Tensor
    bias: torch.Tensor
    left: int
    right: int
    before: list = field(default_factory=list)
    after: list = field(default_factory=list)
    pool: int = 1
    ceil: bool = False
    pooled: bool = False
    blocks: dict = field(default_factory=dict)

    @property
    def taps(self):
        """Positions that an output sees."""
        return self.weight.shape[0]

    def positions(self, length):
        """Outputs of the convolution."""
        return length + self.left + self.right - self.taps + 1

    def cells(self, positions):
        """Outputs of the pool."""
        return -(-positions // self.pool) if self.ceil else positions // self.pool

    def block(self, size):
        """What `size` neighbouring inputs add to all outputs that see them.

        Returns
        -------
        torch.Tensor, shape (size * channels, (taps + size - 1) * filters)
        """
        if size not in self.blocks:
            taps, channels, filters = self.weight.shape
            block = self.weight.new_zeros(size, channels, taps + size - 1, filters)
            # The first of the outputs that see an input sees it with its last tap.
            reverse = self.weight.flip(0).transpose(0, 1)
            for position in range(size):
                block[position, :, position : position + taps] = reverse
            self.blocks[size] = block.flatten(2).flatten(0, 1)
        return self.blocks[size]


@torch.no_grad()
def take_apart(reading):
    """The layers of a network as stages.

    Parameters
    ----------
    reading : proofread.models.tracing.Reading

    Returns
    -------
    stages : list of Stage
    dense : torch.nn.Linear
        Reads the last stage's values, flattened.
    tail : torch.nn.Module
        Everything behind it.

    Raises
    ------
    Unsupported
        If a layer, or the way they follow each other, is another one.
    """
    stages, node, flat = [], reading.entrance, False
    while True:
        node = only_user(node)
        if node is None or len(node.all_input_nodes) != 1:
            raise Unsupported
        module = reading.module(node)
        if isinstance(module, UNCHANGED):
            continue
        if reading.flattens(node) and not flat:
            flat = True
        elif type(module) is nn.Linear and flat:
            break
        elif flat:
            raise Unsupported
        elif type(module) is nn.Conv1d:
            stages.append(_stage(module))
        elif not stages:
            raise Unsupported
        else:
            _extend(stages[-1], reading, node)
    tail = reading.behind(node)
    if not stages or stages[0].weight.shape[1] != 4 or tail is None:
        raise Unsupported
    for stage in stages:
        # The maximum of rectified values is the rectified maximum.
        while stage.pooled and stage.before and stage.before[-1].rising:
            stage.after.insert(0, stage.before.pop())
    return stages, module, tail.eval()


def _stage(convolution):
    simple = (
        convolution.stride == (1,)
        and convolution.dilation == (1,)
        and convolution.groups == 1
        and convolution.padding_mode == "zeros"
    )
    if not simple:
        raise Unsupported
    taps = convolution.kernel_size[0]
    if convolution.padding == "same":
        # PyTorch puts the odd one on the right.
        left, right = (taps - 1) // 2, taps // 2
    elif convolution.padding == "valid":
        left = right = 0
    else:
        left = right = convolution.padding[0]
    # (filters, channels, taps) -> (taps, channels, filters)
    weight = convolution.weight.detach().permute(2, 1, 0).contiguous()
    bias = convolution.bias
    bias = weight.new_zeros(weight.shape[2]) if bias is None else bias.detach()
    return Stage(weight, bias, left, right)


def _extend(stage, reading, node):
    """Add an operation that follows a convolution to its stage."""
    module, function = reading.module(node), reading.function(node)
    kind = type(module)
    if kind is nn.MaxPool1d:
        size, stride, padding, dilation = (
            size[0] if isinstance(size, tuple) else size
            for size in (
                module.kernel_size,
                module.stride,
                module.padding,
                module.dilation,
            )
        )
        plain = stride == size and padding == 0 and dilation == 1
        if stage.pooled or not plain or module.return_indices:
            raise Unsupported
        stage.pool, stage.ceil, stage.pooled = size, module.ceil_mode, True
        return
    later = stage.after if stage.pooled else stage.before
    if kind is nn.BatchNorm1d:
        _normalise(stage, module, later)
        return
    if kind in ELEMENTWISE:
        later.append(Elementwise(_copying(module), rising=kind in RISING))
    elif function in RISING_FUNCTIONS:
        later.append(Elementwise(function, rising=True))
    else:
        raise Unsupported


def _normalise(stage, module, later):
    """Batch normalisation: part of the convolution if it follows at once."""
    if not module.track_running_stats:
        raise Unsupported
    scale = (module.running_var + module.eps).rsqrt()
    if module.affine:
        scale = scale * module.weight.detach()
    shift = -module.running_mean * scale
    if module.affine:
        shift = shift + module.bias.detach()
    if not stage.before and not stage.pooled:
        stage.weight = stage.weight * scale
        stage.bias = stage.bias * scale + shift
    else:
        later.append(Elementwise(lambda values: values * scale + shift, rising=False))


def _copying(module):
    """A module's function; one that works in place would change what is kept."""
    if type(module) is nn.ReLU:
        return torch.relu
    if getattr(module, "inplace", False):
        return lambda values: module(values.clone())
    return module
