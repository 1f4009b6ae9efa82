"""The same network, laid out so that a processor trains it faster.

An architecture is written as one reads it: convolutions over (batch, channels,
positions). Processors train the same sums faster as two-dimensional convolutions of
height 1 whose channels lie next to each other in memory, and with each pooling before
the ReLU it follows, which then has fewer values to look at. Both are exact: the maximum
of rectified values is the rectified maximum. Only the order of the sums in a
convolution and its gradients, and with it the last bits, changes. Dropout draws as many
values, but others: numbers of 16 bits, four at a time.
"""

import operator

import torch
from torch import fx, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional

from proofread.models.device import on_cpu
from proofread.models.tracing import (
    ELEMENTWISE,
    UNCHANGED,
    after_hooks,
    hooked,
    only_user,
    traced,
)

# Of two values of the same shape, whatever its dimensions.
_SUMS = (operator.add, torch.add)


class _Convolve(torch.autograd.Function):
    """A convolution of height 1 whose gradients a processor sums faster.

    Within a convolution of few channels, the gradient of the bias costs up to five
    times that of the weights; as a sum of its own it costs next to nothing.

    A processor computes the gradient of the weights for 16 filters at a time. Input and
    output gradient take part in it alike: where it is less work they exchange their
    roles, and it is computed for 16 channels at a time.
    """

    @staticmethod
    def forward(ctx, hidden, weight, bias, geometry):
        ctx.save_for_backward(hidden, weight)
        ctx.geometry, ctx.has_bias = geometry, bias is not None
        return functional.conv2d(hidden, weight, bias, *geometry)

    @staticmethod
    @once_differentiable
    def backward(ctx, gradient):
        hidden, weight = ctx.saved_tensors
        filters, channels, _, width = weight.shape
        (_, stride), (_, padding), (_, dilation), groups = ctx.geometry
        swapped = (
            stride == dilation == groups == 1
            and padding < width
            and filters * _sixteens(channels) < channels * _sixteens(filters)
        )
        of_hidden, of_weight = _gradients(
            gradient,
            hidden,
            weight,
            ctx.geometry,
            (ctx.needs_input_grad[0], not swapped),
        )
        if swapped:
            # (channels, filters, 1, width), from its end
            _, of_weight = _gradients(
                hidden,
                gradient,
                weight.new_empty(channels, filters, 1, width),
                ((1, 1), (0, width - 1 - padding), (1, 1), 1),
                (False, True),
            )
            of_weight = of_weight.flip(3).transpose(0, 1)
        return (
            of_hidden,
            of_weight,
            gradient.sum((0, 2, 3)) if ctx.has_bias else None,
            None,
        )


def _gradients(gradient, hidden, weight, geometry, wanted):
    """Of a convolution's input and of its weights; None where not wanted."""
    stride, padding, dilation, groups = geometry
    of_hidden, of_weight, _ = torch.ops.aten.convolution_backward(
        gradient,
        hidden,
        weight,
        None,
        stride,
        padding,
        dilation,
        False,  # not transposed
        (0, 0),
        groups,
        (*wanted, False),
    )
    return of_hidden, of_weight


def _sixteens(count):
    """The next multiple of 16."""
    return -(-count // 16) * 16


class _Convolution(nn.Module):
    """A Conv1d's weights on (n, channels, 1, positions)."""

    def __init__(self, plain):
        super().__init__()
        self.plain = plain
        padding = _padding(plain)
        self.geometry = (
            (1, *plain.stride),
            plain.padding if padding is None else (0, padding),
            (1, *plain.dilation),
            plain.groups,
        )
        self.is_even = padding is not None

    def forward(self, hidden):
        plain = self.plain
        weight = plain.weight.unsqueeze(2)  # (filters, channels, 1, width)
        # Elsewhere than on a processor, or in half precision, as PyTorch does it.
        on_cpu = hidden.device.type == "cpu" and not torch.is_autocast_enabled("cpu")
        if self.training and self.is_even and on_cpu:
            return _Convolve.apply(hidden, weight, plain.bias, self.geometry)
        return functional.conv2d(hidden, weight, plain.bias, *self.geometry)


def _padding(plain):
    """Positions that a Conv1d adds at either end; None if not the same at both."""
    if plain.padding == "valid":
        return 0
    if plain.padding != "same":
        return plain.padding[0]
    both = plain.dilation[0] * (plain.kernel_size[0] - 1)
    return None if both % 2 else both // 2


class _Drop(torch.autograd.Function):
    """Values times 0 or the inverse of the fraction that is kept, drawn for each.

    PyTorch draws a number of 64 bits for each value, which takes longer than many a
    convolution. Here one such number serves four values.
    """

    @staticmethod
    def forward(ctx, hidden, dropped):
        values = hidden.numel()
        draws = torch.empty(-(-values // 4), dtype=torch.int64)
        draws = draws.random_(-(2**63), None).view(torch.int16)[:values]
        factor = torch.empty_like(hidden)  # as dense in memory as the values
        in_memory = factor.as_strided((values,), (1,))
        torch.ge(draws, dropped - 2**15, out=in_memory)
        factor.mul_(2**16 / (2**16 - dropped))
        ctx.save_for_backward(factor)
        return hidden * factor

    @staticmethod
    @once_differentiable
    def backward(ctx, gradient):
        return gradient * ctx.saved_tensors[0], None


class _Dropout(nn.Module):
    """A Dropout whose fraction is rounded to the next 1 / 65,536."""

    def __init__(self, plain):
        super().__init__()
        self.plain = plain

    def forward(self, hidden):
        dropped = round(self.plain.p * 2**16)
        if not self.training or not 0 < dropped < 2**16:
            return self.plain(hidden)
        return _Drop.apply(hidden, dropped)


class _Pool(nn.Module):
    """A MaxPool1d on (n, channels, 1, positions)."""

    def __init__(self, plain):
        super().__init__()

        def pair(value, first):
            value = value[0] if isinstance(value, tuple) else value
            return (first, value)

        self.pool = nn.MaxPool2d(
            pair(plain.kernel_size, 1),
            pair(plain.stride, 1),
            pair(plain.padding, 0),
            pair(plain.dilation, 1),
            ceil_mode=plain.ceil_mode,
        )

    def forward(self, hidden):
        return self.pool(hidden)


def _norm(plain):
    """A BatchNorm1d's weights and statistics, shared, on one dimension more."""
    norm = nn.BatchNorm2d(
        plain.num_features,
        eps=plain.eps,
        momentum=plain.momentum,
        affine=plain.affine,
        track_running_stats=plain.track_running_stats,
    )
    norm.weight, norm.bias = plain.weight, plain.bias
    for name, buffer in plain.named_buffers():
        setattr(norm, name, buffer)
    norm.train(plain.training)
    return norm


def fast_network(network):
    """A function that does what the network does, with the network's own weights.

    Known, from the input on: Conv1d (zero padding), MaxPool1d, BatchNorm1d,
    elementwise activations and dropout, each as a module without hooks, and sums of
    two such values (residual connections). From the first other operation on, the
    network is run as it is written.

    Parameters
    ----------
    network : torch.nn.Module
        Maps (n, 4, length) to (n, targets), already on its device. Left unchanged; its
        later weights, statistics and mode (training or evaluation) are those of the
        result.

    Returns
    -------
    callable
        The network itself where it is not on the CPU, cannot be followed (its forward
        pass decides by values, or parts of it made of modules have hooks), or where its
        first operation is not known.
    """
    reading = traced(network) if on_cpu(network) else None
    if reading is None:
        return network
    _pool_first(reading)
    replaced = _widen(reading)
    if not any(isinstance(module, _Convolution) for module in replaced.values()):
        return network
    fast = fx.GraphModule({**reading.named, **replaced}, reading.graph)
    return _Following(network, fast)


class _Following:
    """Runs a rewritten network in the mode, and with the hooks, of the plain one."""

    def __init__(self, network, fast):
        self.network, self.fast = network, fast
        self.training = None

    def __call__(self, one_hot):
        if self.training != self.network.training:
            self.training = self.network.training
            self.fast.train(self.training)
        return after_hooks(self.network, self.fast(one_hot), one_hot)


def _pool_first(reading):
    """Exchange each ReLU and the pooling that alone follows it."""
    for node in reading.graph.nodes:
        relu, user = reading.module(node), only_user(node)
        pool = reading.module(user)
        if type(relu) is not nn.ReLU or type(pool) is not nn.MaxPool1d:
            continue
        if not (hooked(relu) or hooked(pool) or pool.return_indices):
            node.target, user.target = user.target, node.target


def _widen(reading):
    """Give values a height of 1 for as long as their operations are known.

    Returns
    -------
    dict of str to torch.nn.Module
        New modules, by the names they have in the graph.
    """
    graph, entrance = reading.graph, reading.entrance
    replaced, wide = {}, set()
    with graph.inserting_before(entrance.next):
        start = graph.call_method("unsqueeze", (entrance, 2))
    for user in list(entrance.users):
        if user is not start and _substitute(reading.module(user)) is not None:
            user.replace_input_with(entrance, start)
    wide.add(start)
    for node in list(graph.nodes):
        inputs = [value for value in node.all_input_nodes if value in wide]
        if not inputs or node is start:
            continue
        substitute = _substitute(reading.module(node))
        if substitute is not None:
            name = f"wide_{node.target.replace('.', '_')}"
            replaced[name] = substitute
            node.target = name
            wide.add(node)
            continue
        if node.target in _SUMS and node.args == tuple(inputs) and not node.kwargs:
            wide.add(node)
            continue
        for value in inputs:
            with graph.inserting_before(node):
                narrow = graph.call_method("squeeze", (value, 2))
            node.replace_input_with(value, narrow)
    if not start.users:
        graph.erase_node(start)
    graph.lint()
    return replaced


def _substitute(module):
    """What does the work of a module on (n, channels, 1, positions), or None."""
    if module is None or hooked(module):
        return None
    kind = type(module)
    if kind is nn.Conv1d and module.padding_mode == "zeros":
        return _Convolution(module)
    if kind is nn.MaxPool1d and not module.return_indices:
        return _Pool(module)
    if kind is nn.BatchNorm1d:
        return _norm(module)
    if kind is nn.Dropout:
        return _Dropout(module)
    # Whatever the number of dimensions.
    return module if kind in (*ELEMENTWISE, *UNCHANGED) else None
