"""A network over overlapping windows, without computing what they share twice.

Two windows that start a few bases apart see almost the same bases. Layers that do the
same at every position (convolutions without padding, pooling, normalisation,
elementwise activations) can therefore run once over the whole stretch; a window's share
of their output is cut out of it, and only the layers behind run for each window. A
pooling of size p looks at the stretch in p ways, one for each remainder of the windows'
starts, and each is computed once: the layers before it are shared by all remainders.

This is exact, not an approximation: each window sees the values it would see alone. How
many layers are worth sharing is decided by counting multiplications, for the stride at
hand: with few or far windows, none are, and the windows are strided views of one
encoded stretch.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from proofread.dna.encoding import UNKNOWN, one_hot
from proofread.models.channels_last import fast_network
from proofread.models.checkpoint import load_predictor
from proofread.models.device import on_cpu
from proofread.models.layers import KmerConvolution
from proofread.models.tracing import (
    ELEMENTWISE,
    ELEMENTWISE_FUNCTIONS,
    UNCHANGED,
    after_hooks,
    agrees,
    only_user,
    traced,
)
from proofread.progress import log

# Multiplications that take as long as writing or copying one number.
_COPY = 8
# Numbers in the largest layer of a batch: 4 MB, which stay in a processor's cache.
_NUMBERS = 1_000_000
_MAX_BATCH = 512


@dataclass(frozen=True)
class Local:
    """One layer that does the same at every position.

    Attributes
    ----------
    name : str
        Of its node in the graph.
    call : callable
        Maps (n, channels, positions) to (n, channels, positions).
    extent, stride : int
        Positions that one output sees, and between two outputs.
    channels : int
        Of its output.
    cost : float
        Of one output position, in multiplications.
    """

    name: str
    call: object
    extent: int
    stride: int
    channels: int
    cost: float

    def outputs(self, positions):
        """Output positions of `positions` input positions."""
        return max(0, (positions - self.extent) // self.stride + 1)


def local_layers(network):
    """The layers from the input on that do the same at every position.

    Known: Conv1d and KmerConvolution without padding, MaxPool1d and AvgPool1d without
    padding, BatchNorm1d, and elementwise activations and dropout, as modules or
    functions. The first other operation ends the list, as does a value that is used
    twice.

    Parameters
    ----------
    network : torch.nn.Module
        In evaluation mode; left unchanged.

    Returns
    -------
    list of Local
        Empty where the network cannot be followed, or begins with another operation.
    """
    reading = traced(network)
    layers, channels = [], 4
    node = None if reading is None else only_user(reading.entrance)
    while node is not None:
        local = _local(reading, node, channels)
        if local is None:
            break
        layers.append(local)
        channels = local.channels
        node = only_user(node)
    return layers


def _one(value):
    return value[0] if isinstance(value, tuple) else value


def _local(reading, node, channels):
    """A node as a local layer, or None."""
    function = reading.function(node)
    if function in ELEMENTWISE_FUNCTIONS:
        return Local(node.name, function, 1, 1, channels, _COPY * channels)
    module = reading.module(node)
    if module is None or len(node.args) != 1 or node.kwargs:
        return None
    kind = type(module)
    if kind in UNCHANGED:
        return Local(node.name, module, 1, 1, channels, 0)
    normalises = kind is nn.BatchNorm1d and not module.training
    if kind in ELEMENTWISE or normalises:
        return Local(node.name, module, 1, 1, channels, _COPY * channels)
    if kind is KmerConvolution:
        return _kmers(node, module)
    if kind is nn.Conv1d:
        if module.padding not in ("valid", (0,)):
            return None
        (width,), (stride,), (dilation,) = (
            module.kernel_size,
            module.stride,
            module.dilation,
        )
        cost = module.weight[0].numel() * module.out_channels
        extent = (width - 1) * dilation + 1
        return Local(node.name, module, extent, stride, module.out_channels, cost)
    if kind in (nn.MaxPool1d, nn.AvgPool1d):
        size, stride, padding = map(
            _one, (module.kernel_size, module.stride, module.padding)
        )
        dilation = _one(getattr(module, "dilation", 1))
        plain = padding == 0 and not module.ceil_mode
        if not plain or getattr(module, "return_indices", False):
            return None
        extent, cost = (size - 1) * dilation + 1, _COPY * size * channels
        return Local(node.name, module, extent, stride, channels, cost)
    return None


def _kmers(node, module):
    kmers, (stride,) = 4**module.kmers.size, module.stride
    dimensions, width = module.embedding.out_channels, module.convolution.kernel_size[0]
    # Of one output where k-mers and filters move alike, which is nearly always.
    cost = _COPY * kmers + dimensions * (kmers + width * module.out_channels)
    (extent,) = module.kernel_size
    return Local(node.name, module, extent, stride, module.out_channels, cost)


def _behind(network, name):
    """The network from behind a node on: a module that takes that node's value."""
    reading = traced(network)
    (node,) = [node for node in reading.graph.nodes if node.name == name]
    return reading.behind(node).eval()


def _widths(layers, width):
    """Positions of a window before each layer and behind the last: (layers + 1)."""
    widths = [width]
    for layer in layers:
        widths.append(layer.outputs(widths[-1]))
    return widths


def costs(layers, width, stride, windows):
    """Multiplications when the first 0, 1, 2, ... layers are shared.

    Parameters
    ----------
    layers : list of Local
    width, stride, windows : int
        Of the windows of a tile.

    Returns
    -------
    list of float, layers + 1
        The first is that of the plain scan. What lies behind the local layers costs
        the same either way and is left out.
    """
    widths, channels = _widths(layers, width), [4, *(item.channels for item in layers)]
    span = stride * (windows - 1) + width
    alone = [
        layer.cost * after for layer, after in zip(layers, widths[1:], strict=True)
    ]
    result, shared, product = [], 0.0, 1
    for depth in range(len(layers) + 1):
        if depth:
            layer = layers[depth - 1]
            product *= layer.stride
            ways = min(windows, product // math.gcd(stride, product))
            shared += layer.cost * ways * max(span / product, widths[depth])
        copied = _COPY * channels[depth] * widths[depth]
        result.append(shared + windows * (sum(alone[depth:]) + copied))
    return result


class SharedScan:
    """A network over the windows of a stretch.

    Parameters
    ----------
    network : torch.nn.Module
        On the CPU, in evaluation mode; maps (n, 4, width) to logits (n, targets). Left
        unchanged.
    width, stride, windows : int
        Of the windows it will mostly be asked for; they decide how much is shared,
        never what comes out.
    depth : int, optional
        Layers to share; None: as many as cost least, 0: none (strided views).
    batch_size : int, optional
        Windows per pass through what is not shared; None: by the size of its layers.
        Changes memory, never the result beyond the last bits.
    """

    def __init__(self, network, width, stride, windows, *, depth=None, batch_size=None):
        self.network, self.width = network, width
        layers = local_layers(network)
        if depth is None:
            item = costs(layers, width, stride, windows)
            depth = min(range(len(item)), key=item.__getitem__)
        self.depth = min(depth, len(layers))
        self.layers = layers[: self.depth]
        widths = _widths(layers, width)
        self.kept = widths[self.depth]
        tensor = next(network.parameters(), torch.empty(0))
        self.dtype = tensor.dtype
        if self.depth:
            self.rest = _behind(network, self.layers[-1].name)
        else:
            self.rest = fast_network(network)
        sizes = [4 * width]
        for layer, after in zip(layers, widths[1:], strict=True):
            sizes.append(layer.channels * after)
        largest = max(sizes[self.depth :])
        self.batch_size = batch_size or min(
            _MAX_BATCH, max(16, _NUMBERS // max(1, largest))
        )

    @torch.no_grad()
    def __call__(self, index, starts):
        """Logits of the windows that start at `starts`.

        Parameters
        ----------
        index : numpy.ndarray, shape (length,), uint8
        starts : numpy.ndarray, shape (n,), int
            0-based; every window lies within the stretch.

        Returns
        -------
        numpy.ndarray, shape (n, targets), of the network's type
        """
        starts = np.asarray(starts, dtype=np.int64)
        logits = torch.empty(len(starts), len(self.network.targets), dtype=self.dtype)
        if len(starts):
            encoded = torch.from_numpy(one_hot(index[None])).to(self.dtype)
            self._run(encoded, 0, starts, np.arange(len(starts)), logits)
        return logits.numpy()

    def _run(self, hidden, done, starts, rows, logits):
        """Fill the logits of `rows`, whose windows start at positions of `hidden`."""
        for number in range(done, self.depth):
            layer = self.layers[number]
            if layer.stride > 1:
                # One way to look at the stretch for each remainder of the starts.
                remainders = starts % layer.stride
                for remainder in np.unique(remainders):
                    of = remainders == remainder
                    self._run(
                        layer.call(hidden[:, :, int(remainder) :]),
                        number + 1,
                        starts[of] // layer.stride,
                        rows[of],
                        logits,
                    )
                return
            hidden = layer.call(hidden)
        # (1, channels, positions) -> (positions', channels, kept): views, no copies
        windows = hidden[0].unfold(1, self.kept, 1).permute(1, 0, 2)
        for first in range(0, len(starts), self.batch_size):
            some = slice(first, first + self.batch_size)
            batch = windows[torch.from_numpy(starts[some])].contiguous()
            predicted = self.rest(batch)
            if self.depth:
                # Such as that of classes that exclude each other.
                predicted = after_hooks(self.network, predicted)
            logits[torch.from_numpy(rows[some])] = predicted


def predictor_scan(predictor, *, batch_size=None):
    """A scan in which every window is predicted by itself.

    Parameters
    ----------
    predictor : proofread.models.predictor.Predictor
        A callable, or a network on a GPU.
    batch_size : int, optional
        As of `Predictor.outputs`.

    Returns
    -------
    callable
        Takes and returns what `SharedScan` does.
    """

    def scan(index, starts):
        views = np.lib.stride_tricks.sliding_window_view(index, predictor.length)
        return predictor.outputs(views[starts], batch_size=batch_size)

    return scan


def load_scan(path, stride, windows, device="cpu"):
    """The fastest exact scan of a checkpoint.

    Parameters
    ----------
    path : str or path
    stride, windows : int
        Of the windows it will mostly be asked for.
    device : str
        As of `proofread.models.checkpoint.load_model`.

    Returns
    -------
    scan : callable
        ``scan(index, starts)`` gives logits (n, targets).
    predictor : proofread.models.predictor.Predictor
        The same model, one window at a time.
    """
    predictor = load_predictor(path, device)
    if predictor.network is None:
        log.info("a callable: every window is predicted by itself")
        return predictor_scan(predictor), predictor
    return exact_scan(predictor.network, predictor, stride, windows), predictor


def exact_scan(network, predictor, stride, windows):
    """The fastest exact scan of a network.

    Parameters
    ----------
    network : torch.nn.Module
        In evaluation mode, with `length` and `targets`. On another device than the CPU
        every window is predicted by itself.
    predictor : proofread.models.predictor.Predictor
        Of this network.
    stride, windows : int
        As of `load_scan`.

    Returns
    -------
    callable
        As of `load_scan`.
    """
    if not on_cpu(network):
        return predictor_scan(predictor)
    scan = SharedScan(network, predictor.length, stride, windows)
    if scan.depth and not _matches(scan, predictor):
        log.info("layers cannot be shared: every window is predicted by itself")
        scan = SharedScan(network, predictor.length, stride, windows, depth=0)
    log.info(
        "%d layers are shared by overlapping windows%s",
        scan.depth,
        f", the last is {scan.layers[-1].name}" if scan.depth else "",
    )
    return scan


def _matches(scan, predictor):
    """Whether a few windows, shared, are predicted as they are alone.

    A forward pass that looks at more than its windows would be noticed here.
    """
    length = predictor.length + 61
    index = np.random.default_rng(0).integers(0, 4, length).astype(np.uint8)
    index[length // 2] = UNKNOWN
    starts = np.array([0, 1, 7, 30, 61])
    views = np.lib.stride_tricks.sliding_window_view(index, predictor.length)
    return agrees(lambda: scan(index, starts), predictor.outputs(views[starts]))
