"""What a network answers when filters of its first layer are made to say nothing.

A filter's activations are replaced and the rest of the network is run again (Kelley,
Snoek and Rinn 2016, doi:10.1101/gr.200535.115). Three ways give the same numbers; the
first that applies is taken:

linear
    Pooling, normalisation and elementwise functions treat channels one by one, so what
    reaches the next convolution or dense layer differs from before in the held channels
    alone, and that layer is linear: its output is the old one plus the weights of those
    channels times their difference. Only what follows is run again.
tail
    Everything behind the first activation is run again, from activations that were
    computed once per batch.
network
    The whole network is run again, and a hook replaces the activation.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import fx, nn
from torch.nn import functional

from proofread.dna.encoding import one_hot
from proofread.methods.filter_pfms.first_layer import FirstLayer, activation_statistics
from proofread.models.checkpoint import exclusive_logits
from proofread.progress import progress

NULLS = ("mean", "zero", "permuted", "position_mean", "batch_mean")
WAYS = ("linear", "tail", "network")

# Bytes that a batch holds of what is run again and again.
_BATCH_BYTES = 24_000_000
# Each output channel depends on the same channel of the input and on nothing else.
_CHANNELWISE = (
    *(nn.MaxPool1d, nn.AvgPool1d, nn.AdaptiveMaxPool1d, nn.AdaptiveAvgPool1d),
    *(nn.BatchNorm1d, nn.Identity, nn.Dropout, nn.Dropout1d),
    *(nn.ReLU, nn.ELU, nn.GELU, nn.LeakyReLU, nn.Sigmoid, nn.SiLU, nn.Softplus),
    nn.Tanh,
)
_UNCHANGED = (nn.Identity, nn.Dropout)  # in evaluation mode


@dataclass(frozen=True)
class Nullified:
    """What a network says with and without its filters.

    Attributes
    ----------
    logit : numpy.ndarray, shape (n, targets)
        Of the intact network.
    held : numpy.ndarray, shape (n, sets, targets)
        With the filters of each set held; in the type of the network.
    mean, std : numpy.ndarray, shape (filters,), float64
        Of each filter's activations over all sequences and positions (ddof 0). With
        `batch_mean` Basset's: of each batch (ddof 1), averaged over the batches.
    constant : numpy.ndarray, shape (filters,), bool
        Filters that say the same everywhere, the dead ones too.
    way : str
        One of `WAYS`.
    """

    logit: np.ndarray
    held: np.ndarray
    mean: np.ndarray
    std: np.ndarray
    constant: np.ndarray
    way: str


@torch.no_grad()
def nullify(
    model,
    index,
    sets,
    *,
    null="mean",
    null_batch=1000,
    seed=1,
    batch_size=None,
    way=None,
):
    """Logits of sequences while filters of the first layer are held.

    Parameters
    ----------
    model : torch.nn.Module
        In evaluation mode; names its first convolution and activation. Left unchanged.
    index : numpy.ndarray, shape (n >= 1, length), uint8
        Unknown bases and padding are read as the network reads them, and their
        positions are held like all others.
    sets : sequence of sequences of int
        Filters that are held together.
    null : str
        What is put in the place of a filter's activations. `mean`: its mean over all
        sequences and positions. `zero`. `permuted`: its activations of another
        sequence, the same one for all filters. `position_mean`: its mean over the
        sequences at each position. `batch_mean`: its mean over each `null_batch`
        sequences in a row, as Basset does.
    null_batch : int
        For `batch_mean`.
    seed : int
        Of the permutation.
    batch_size : int, optional
        Sequences at a time; changes memory, never the result beyond the last bits.
    way : str, optional
        One of `WAYS`, for comparisons; the fastest that applies if left out.

    Returns
    -------
    Nullified

    Raises
    ------
    InputError
        If the first layer is none that `FirstLayer` reads.
    ValueError
        If there are no sequences, or `way` does not apply to the network.
    """
    layer = FirstLayer(model, index.shape[1])
    statistics = activation_statistics(layer, index)
    values = _null_values(layer, index, statistics, null, null_batch, seed)
    runner = _runner(model, layer, index[:2], way)
    size = batch_size or max(1, _BATCH_BYTES // runner.bytes_per_sequence)
    sets = [sorted(set(each)) for each in sets]
    logits, held = [], []
    starts = range(0, len(index), size)
    for start in progress(starts, "batches of sequences with filters held"):
        rows = np.arange(start, min(start + size, len(index)))
        intact, changed = runner.run(rows, index, values, sets)
        logits.append(intact)
        held.append(changed)
    mean, std = statistics.mean, statistics.std
    if null == "batch_mean":
        mean, std = _of_batches(layer, index, null_batch)
    return Nullified(
        logit=torch.cat(logits).numpy(),
        held=torch.cat(held).numpy(),
        mean=mean,
        std=std,
        constant=statistics.maximum == statistics.minimum,
        way=runner.way,
    )


# --- What a filter is held at ---------------------------------------------------


def _null_values(layer, index, statistics, null, null_batch, seed):
    """A function of row numbers: (rows or 1, filters, positions or 1)."""
    kind = layer.activation(index[:1]).dtype
    if null == "mean":
        # (filters,) -> (1, filters, 1)
        mean = torch.from_numpy(statistics.mean).to(kind)[None, :, None]
        return lambda rows: mean
    if null == "zero":
        zero = torch.zeros(1, layer.filters, 1, dtype=kind)
        return lambda rows: zero
    if null == "position_mean":
        total = torch.zeros(layer.positions, layer.filters, dtype=torch.float64)
        for _, activation in layer.batches(index):
            total += activation.double().sum(dim=0)
        # (positions, filters) -> (1, filters, positions)
        mean = (total / len(index)).to(kind).T[None]
        return lambda rows: mean
    if null == "batch_mean":
        total = torch.empty(len(index), layer.filters, dtype=torch.float64)
        for rows, activation in layer.batches(index):
            total[rows] = activation.double().mean(dim=1)
        for start in range(0, len(index), null_batch):
            batch = total[start : start + null_batch]
            batch[:] = batch.mean(dim=0)
        mean = total.to(kind)[:, :, None]
        return lambda rows: mean[rows]
    if null == "permuted":
        donor = other_sequence(len(index), seed)
        return lambda rows: _activations(layer, index[donor[rows]])
    raise ValueError(f"null: expected one of {', '.join(NULLS)}, got {null!r}")


def _of_batches(layer, index, size):
    """Mean and sample standard deviation of each batch, averaged: (filters,) each.

    A shorter last batch counts like the others; a single value has a deviation of 0.
    """
    means, deviations = [], []
    for start in range(0, len(index), size):
        batch = index[start : start + size]
        found = activation_statistics(layer, batch)
        n = len(batch) * layer.positions
        means.append(found.mean)
        deviations.append(found.std * np.sqrt(n / max(1, n - 1)))
    return np.mean(means, axis=0), np.mean(deviations, axis=0)


def other_sequence(n, seed):
    """For each of n sequences another one, each once: int64 (n,).

    The sequences are put in a circle in random order, and each gets its neighbour's;
    so none gets its own unless it is alone.
    """
    order = np.random.default_rng(seed).permutation(n)
    donor = np.empty(n, dtype=np.int64)
    donor[order] = np.roll(order, -1)
    return donor


def _activations(layer, index):
    """Activations of sequences, computed in small parts: (n, filters, positions)."""
    parts = [activation for _, activation in layer.batches(index)]
    return torch.cat(parts).transpose(1, 2)


# --- The three ways -------------------------------------------------------------


def _runner(model, layer, probe, way):
    """The fastest way that follows the network and agrees with running it."""
    plain = _Network(model, layer)
    if way == "network":
        return plain
    attributes = set(vars(model))
    try:
        for kind in (_Linear, _Tail):
            if way not in (None, kind.way):
                continue
            runner = kind.of(model, layer)
            if runner is not None and _agree(runner, plain, probe, layer):
                return runner
    finally:
        # Tracing leaves tensors that it took for constants on the network.
        for name in set(vars(model)) - attributes:
            delattr(model, name)
    if way is not None:
        raise ValueError(f"way: {way!r} does not follow this network")
    return plain


def _agree(runner, plain, probe, layer):
    """Whether a way gives what running the network gives, on some sequences.

    Tracing follows the operations, not what a network keeps on the side.
    """
    zero = torch.zeros(1, layer.filters, 1, dtype=layer.activation(probe[:1]).dtype)
    question = (np.arange(len(probe)), probe, lambda rows: zero, [range(layer.filters)])
    expected = plain.run(*question)
    try:
        found = runner.run(*question)
    except Exception:
        # What was traced may not even run; then the network is run as it is written.
        return False
    return all(
        torch.allclose(one, other, rtol=1e-3, atol=1e-4, equal_nan=True)
        for one, other in zip(found, expected, strict=True)
    )


class _Network:
    """Run the whole network; a hook replaces its first activation."""

    way = "network"

    def __init__(self, model, layer):
        self.model, self.layer = model, layer
        self.activation = model.get_submodule(model.first_activation)
        self.bytes_per_sequence = (
            _element_size(layer) * 4 * (layer.filters * layer.positions)
        )

    def run(self, rows, index, values, sets):
        """Logits of rows of `index`: (rows, targets), (rows, sets, targets)."""
        weight = self.model.get_submodule(self.model.first_convolution).weight
        batch = torch.from_numpy(one_hot(index[rows])).to(weight.device, weight.dtype)
        activation = _activations(self.layer, index[rows])
        null = values(rows).expand_as(activation)
        intact = self.model(batch).cpu()
        held = [
            intact
            if torch.equal(activation[:, each], null[:, each])
            else self._with(batch, _replaced(activation, null, each))
            for each in sets
        ]
        return intact, _stacked(held, intact)

    def _with(self, batch, activation):
        calls = iter([activation.to(batch.device)])  # a module may be used again
        hook = self.activation.register_forward_hook(
            lambda module, inputs, output: next(calls, output)
        )
        try:
            return self.model(batch).cpu()
        finally:
            hook.remove()


class _Tail:
    """Run what follows the first activation."""

    way = "tail"

    def __init__(self, model, layer, tail):
        self.model, self.layer, self.tail = model, layer, tail
        self.bytes_per_sequence = (
            _element_size(layer) * 4 * (layer.filters * layer.positions)
        )

    @classmethod
    def of(cls, model, layer):
        """The way through this network, or None."""
        graph, start = _traced(model)
        tail = graph and _after(model, graph, start)
        return tail and cls(model, layer, tail)

    def run(self, rows, index, values, sets):
        """As `_Network.run`."""
        activation = _activations(self.layer, index[rows])
        null = values(rows).expand_as(activation)
        # A copy, for what follows may work in place.
        intact = _finished(self.model, self.tail(activation.clone()))
        held = [
            intact
            if torch.equal(activation[:, each], null[:, each])
            else _finished(self.model, self.tail(_replaced(activation, null, each)))
            for each in sets
        ]
        return intact, _stacked(held, intact)


class _Linear:
    """Add the difference of the held channels to the next linear layer's output.

    Between the first activation and a Conv1d (one group, zero padding), or a flattening
    and a Linear, only modules of `_CHANNELWISE` may stand.
    """

    way = "linear"

    def __init__(self, model, layer, channelwise, linear, rest):
        self.model, self.layer, self.rest = model, layer, rest
        self.channelwise, self.linear = channelwise, linear
        self.convolution = isinstance(linear, nn.Conv1d)
        activation = layer.activation(np.zeros((1, layer.length), np.uint8))
        entering = self._entering(activation.transpose(1, 2))
        values = entering.numel() + self._whole(entering).numel()
        self.bytes_per_sequence = _element_size(layer) * values
        if not self.convolution:
            # (outputs, filters * positions) -> (outputs, filters, positions)
            self.weight = linear.weight.view(-1, *entering.shape[1:])

    @classmethod
    def of(cls, model, layer):
        """The way through this network, or None."""
        graph, start = _traced(model)
        if graph is None:
            return None
        modules = dict(model.named_modules(remove_duplicate=False))
        channelwise, node = [], _only_user(start)
        while type(_module(node, modules)) in _CHANNELWISE:
            module = _module(node, modules)
            if _has_side_effects(module):
                return None
            channelwise.append(module)
            node = _only_user(node)
        linear = _module(node, modules)
        if type(linear) is not nn.Conv1d:
            if not _flattens(node, modules):
                return None
            node = _only_user(node)
            while type(_module(node, modules)) in _UNCHANGED:
                node = _only_user(node)
            linear = _module(node, modules)
            if type(linear) is not nn.Linear:
                return None
        elif linear.groups != 1 or linear.padding_mode != "zeros":
            return None
        rest = _after(model, graph, node)
        return rest and cls(model, layer, channelwise, linear, rest)

    def run(self, rows, index, values, sets):
        """As `_Network.run`."""
        # (rows, filters, positions) -> (rows, filters, pooled positions)
        entering = torch.cat(
            [
                self._entering(activation.transpose(1, 2))
                for _, activation in self.layer.batches(index[rows])
            ]
        )
        null = values(rows).expand(-1, -1, self.layer.positions)
        difference = self._entering(null) - entering
        whole = self._whole(entering)
        # A copy, for what follows may work in place.
        intact = _finished(self.model, self.rest(whole.clone()))
        changes = (difference != 0).any(dim=2).any(dim=0)
        held = [
            _finished(self.model, self.rest(self._part(difference, each).add_(whole)))
            if changes[each].any()
            else intact
            for each in sets
        ]
        return intact, _stacked(held, intact)

    def _entering(self, activation):
        """What the linear layer gets of the activation."""
        for module in self.channelwise:
            activation = module(activation)
        return activation

    def _whole(self, entering):
        return self.linear(entering if self.convolution else entering.flatten(1))

    def _part(self, difference, chosen):
        """What these channels alone give to the linear layer, without its bias."""
        part = difference[:, chosen]
        linear = self.linear
        if not self.convolution:
            return part.flatten(1) @ self.weight[:, chosen].flatten(1).T
        return functional.conv1d(
            part,
            linear.weight[:, chosen],
            None,
            linear.stride,
            linear.padding,
            linear.dilation,
        )


def _replaced(activation, null, chosen):
    held = activation.clone()
    held[:, chosen] = null[:, chosen]
    return held


def _stacked(held, intact):
    """(sets) of (rows, targets) -> (rows, sets, targets)."""
    if not held:
        return intact.new_empty(len(intact), 0, intact.shape[1])
    return torch.stack(held, dim=1)


def _element_size(layer):
    return layer.activation(np.zeros((1, layer.length), np.uint8)).element_size()


# --- Following a network --------------------------------------------------------


class _Tracer(fx.Tracer):
    """Leaves the first activation whole, even one that is not PyTorch's own."""

    def __init__(self, activation):
        super().__init__()
        self.activation = activation

    def is_leaf_module(self, module, name):
        return module is self.activation or super().is_leaf_module(module, name)


def _traced(model):
    """The network as a graph, and the node of its first activation; or None twice."""
    known = all(hook is exclusive_logits for hook in model._forward_hooks.values())
    if not known or model._forward_pre_hooks:
        return None, None
    activation = model.get_submodule(model.first_activation)
    try:
        graph = _Tracer(activation).trace(model)
    except Exception:
        # A forward pass may do anything at all: whatever tracing says, it is run plain.
        return None, None
    modules = dict(model.named_modules(remove_duplicate=False))
    for node in graph.nodes:
        if _module(node, modules) is activation:
            return graph, node
    return None, None


def _finished(model, logits):
    """What is done to the logits after the network's own forward pass."""
    for hook in model._forward_hooks.values():
        logits = hook(model, None, logits)
    return logits


def _module(node, modules):
    is_module = node is not None and node.op == "call_module"
    return modules.get(node.target) if is_module else None


def _has_side_effects(module):
    """Whether a channelwise module does more than make each channel a new one."""
    return (
        getattr(module, "return_indices", False)
        or getattr(module, "inplace", False)
        or (type(module) is nn.BatchNorm1d and module.running_mean is None)
    )


def _only_user(node):
    users = [] if node is None else list(node.users)
    return users[0] if len(users) == 1 else None


def _flattens(node, modules):
    """Whether a node makes (n, channels, positions) into (n, channels * positions)."""
    module = _module(node, modules)
    if type(module) is nn.Flatten:
        return (module.start_dim, module.end_dim) == (1, -1)
    if node is None or node.kwargs:
        return False
    method = node.op == "call_method" and node.target == "flatten"
    function = node.op == "call_function" and node.target is torch.flatten
    return (method or function) and node.args[1:] in ((1,), (1, -1))


def _after(model, graph, start):
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
        if any(each not in copies for each in inputs):
            return None
        copies[node] = part.node_copy(node, copies.__getitem__)
    if not any(node.op == "output" for node in part.nodes):
        return None
    # Not the module itself, which writes a report to the terminal before it fails.
    return fx.GraphModule(model, part).forward
