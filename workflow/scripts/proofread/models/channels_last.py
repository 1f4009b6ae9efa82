"""The same network, laid out so that a processor trains it faster.

An architecture is written as one reads it: convolutions over (batch, channels,
positions). Processors train the same sums faster as two-dimensional convolutions of
height 1 whose channels lie next to each other in memory, and with each pooling before
the ReLU it follows, which then has fewer values to look at. Both are exact: the maximum
of rectified values is the rectified maximum. In training, a bias is added after its
convolution. Only the order of the sums in a convolution, and with it the last bits,
changes.
"""

from torch import fx, nn
from torch.nn import functional

from proofread.models.tracing import _module, _named, hooked, traced


class _Convolution(nn.Module):
    """A Conv1d's weights on (n, channels, 1, positions)."""

    def __init__(self, plain):
        super().__init__()
        self.plain = plain

    def forward(self, hidden):
        plain = self.plain
        padding = plain.padding
        # Of four channels, the gradient of a convolution's own bias costs up to five
        # times that of its weights; the gradient of a sum costs next to nothing.
        apart = self.training and plain.bias is not None
        convolved = functional.conv2d(
            hidden,
            plain.weight.unsqueeze(2),  # (filters, channels, 1, width)
            None if apart else plain.bias,
            (1, *plain.stride),
            padding if isinstance(padding, str) else (0, *padding),
            (1, *plain.dilation),
            plain.groups,
        )
        return convolved.add_(plain.bias[:, None, None]) if apart else convolved


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


# What stays what it is, whatever the number of dimensions.
_ELEMENTWISE = (
    nn.ReLU,
    nn.ELU,
    nn.GELU,
    nn.SiLU,
    nn.Sigmoid,
    nn.Softplus,
    nn.Tanh,
    nn.Dropout,
    nn.Identity,
)


def fast_network(network):
    """A function that does what the network does, with the network's own weights.

    Known, from the input on: Conv1d (zero padding), MaxPool1d, BatchNorm1d,
    elementwise activations and dropout, each as a module without hooks. From the first
    other operation on, the network is run as it is written.

    Parameters
    ----------
    network : torch.nn.Module
        Maps (n, 4, length) to (n, targets), already on its device. Left unchanged; its
        later weights, statistics and mode (training or evaluation) are those of the
        result.

    Returns
    -------
    callable
        The network itself where it cannot be followed (its forward pass decides by
        values, or parts of it made of modules have hooks), or where its first operation
        is not known.
    """
    graph = traced(network)
    if graph is None:
        return network
    modules = dict(network.named_modules())
    _pool_first(graph, modules)
    replaced = _widen(graph, modules)
    if not any(isinstance(each, _Convolution) for each in replaced.values()):
        return network
    return _Following(network, fx.GraphModule({**_named(network), **replaced}, graph))


class _Following:
    """Runs a rewritten network in the mode, and with the hooks, of the plain one."""

    def __init__(self, network, fast):
        self.network, self.fast = network, fast
        self.training = None

    def __call__(self, one_hot):
        if self.training != self.network.training:
            self.training = self.network.training
            self.fast.train(self.training)
        logits = self.fast(one_hot)
        for hook in self.network._forward_hooks.values():
            changed = hook(self.network, (one_hot,), logits)
            logits = logits if changed is None else changed
        return logits


def _pool_first(graph, modules):
    """Exchange each ReLU and the pooling that alone follows it."""
    for node in list(graph.nodes):
        (user,) = node.users if len(node.users) == 1 else (None,)
        relu = _module(node, modules)
        if user is None or type(relu) is not nn.ReLU or hooked(relu):
            continue
        pool = _module(user, modules)
        if type(pool) is not nn.MaxPool1d or hooked(pool):
            continue
        if not pool.return_indices:
            node.target, user.target = user.target, node.target


def _widen(graph, modules):
    """Give values a height of 1 for as long as their operations are known.

    Returns
    -------
    dict of str to torch.nn.Module
        New modules, by the names they have in the graph.
    """
    replaced, wide = {}, set()
    (entrance,) = [node for node in graph.nodes if node.op == "placeholder"]
    first = entrance.next
    with graph.inserting_before(first):
        start = graph.call_method("unsqueeze", (entrance, 2))
    for user in list(entrance.users):
        if user is not start and _substitute(_module(user, modules)) is not None:
            user.replace_input_with(entrance, start)
    wide.add(start)
    for node in list(graph.nodes):
        inputs = [each for each in node.all_input_nodes if each in wide]
        if not inputs or node is start:
            continue
        substitute = _substitute(_module(node, modules))
        if substitute is not None:
            name = f"wide_{node.target.replace('.', '_')}"
            replaced[name] = substitute
            node.target = name
            wide.add(node)
            continue
        for each in inputs:
            with graph.inserting_before(node):
                narrow = graph.call_method("squeeze", (each, 2))
            node.replace_input_with(each, narrow)
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
    return module if kind in _ELEMENTWISE else None
