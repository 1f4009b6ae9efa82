"""DeepLIFT and DeepLIFT/SHAP: differences from references, layer by layer.

DeepLIFT (Shrikumar et al. 2017, arXiv:1704.02685; the rescale rule) replaces the
gradient of each nonlinear layer by the ratio of the change of its output to the change
of its input, between a reference and the sequence. The multipliers that come out at the
input, times the difference from the reference, sum to the change of the logit. The mean
over many references is DeepLIFT/SHAP (Lundberg and Lee 2017, arXiv:1705.07874).

A sequence goes through the network once, whatever its number of references, and
gradients are taken of the references alone; peers send a copy of the sequence with each
reference, both ways.
"""

import contextlib
from collections import defaultdict

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from proofread.methods.attributions.gradients import Kept, outputs
from proofread.models.cut import (
    MEGABYTES,
    after_hooks,
    named_layer,
    one_output,
    pass_size,
)
from proofread.models.layers import Exponential, LastOutput, WordIndicator
from proofread.progress import progress

# Below this change of an input the ratio is rounding: the gradient is taken.
_LEAST_CHANGE = 1e-6
# Nodes of the Gauss-Legendre rule: exact for polynomials up to degree 15.
_NODES = 8

ELEMENTWISE = (
    nn.ReLU,
    nn.ReLU6,
    nn.LeakyReLU,
    nn.ELU,
    nn.SELU,
    nn.GELU,
    nn.SiLU,
    nn.Mish,
    nn.Sigmoid,
    nn.Softplus,
    nn.Tanh,
    Exponential,
)
POOLING = (nn.MaxPool1d, nn.AdaptiveMaxPool1d)
# Many inputs make an output: the mean gradient on the way from reference to sequence.
BY_PATH = (LastOutput, WordIndicator, nn.Softmax, nn.LogSoftmax, nn.GLU, nn.LayerNorm)
RULES = (*ELEMENTWISE, *POOLING, *BY_PATH)


class _Multiply(torch.autograd.Function):
    """An output that is given, and a multiplier instead of its gradient."""

    @staticmethod
    def forward(ctx, inputs, result, multiply):
        ctx.multiply = multiply
        return result.view_as(result)

    @staticmethod
    def backward(ctx, gradient):
        return ctx.multiply(gradient), None, None


def _beside(values, references):
    """Values of sequences as they stand beside each one's references.

    Parameters
    ----------
    values : torch.Tensor, shape (m, ...)
    references : torch.Tensor, shape (m * each, ...)

    Returns
    -------
    torch.Tensor, shape (m, each, ...)
        A view.
    """
    each = len(references) // len(values)
    return values[:, None].expand(-1, each, *values.shape[1:])


def _elementwise(module, plain, references, sequence):
    """Outputs of references and their multipliers: the rescale rule.

    Parameters
    ----------
    module : torch.nn.Module
    plain : callable
        Its forward.
    references : torch.Tensor, shape (m * each, ...)
        What goes into it.
    sequence : tuple of torch.Tensor, shape (m, ...)
        What went in and came out for the sequences.

    Returns
    -------
    result : torch.Tensor
    multiply : callable
        A gradient at the result to one at the references.
    """
    went_in, came_out = sequence
    result = plain(references)
    local = went_in.clone().requires_grad_()
    with torch.enable_grad():
        slope = torch.autograd.grad(plain(local).sum(), local)[0]
    grid = (len(went_in), -1)
    change = _beside(went_in, references) - references.unflatten(0, grid)
    ratio = (_beside(came_out, references) - result.unflatten(0, grid)).div_(change)
    small = change.abs_() < _LEAST_CHANGE
    ratio = torch.where(small, _beside(slope, references), ratio).flatten(0, 1)
    return result, lambda gradient: gradient * ratio


def _pooling(module, plain, references, sequence):
    """The rule for a maximum: outputs of references and their multipliers.

    The change of a maximum has two parts: from the reference's up to the larger of the
    two, which belongs to the place that is largest in the sequence; and from there down
    (or nowhere) to the sequence's, which belongs to the place that is largest in the
    reference.
    """
    went_in, came_out = sequence
    result, place = _pooled(module, references)
    _, place_of_sequence = _pooled(module, went_in)
    place_beside = _beside(place_of_sequence, references).flatten(0, 1)
    out_beside = _beside(came_out, references).flatten(0, 1)
    in_beside = _beside(went_in, references).flatten(0, 1)
    larger = torch.maximum(out_beside, result)
    # Changes at the two places; one that does not change passes a gradient as it is
    # where the sequence is largest, none elsewhere.
    rise = out_beside - _taken(references, place_beside)
    fall = _taken(in_beside, place) - result
    rise = torch.where(rise == 0, 1, (larger - result) / rise)
    fall = torch.where(fall == 0, 0, (out_beside - larger) / fall)

    def multiply(gradient):
        up = _put_back(module, gradient * rise, references, place_beside)
        return up.add_(_put_back(module, gradient * fall, references, place))

    return result, multiply


def _pooled(module, values):
    """Maxima of (n, channels, positions) and the positions they are at."""
    if type(module) is nn.AdaptiveMaxPool1d:
        return functional.adaptive_max_pool1d(values, module.output_size, True)
    result, place = functional.max_pool2d_with_indices(
        values.unsqueeze(2), **_pool_options(module)
    )
    return result.squeeze(2), place.squeeze(2)


def _pool_options(module):
    def one(value, first):
        return [first, value[0] if isinstance(value, tuple) else value]

    return {
        "kernel_size": one(module.kernel_size, 1),
        "stride": one(module.stride, 1),
        "padding": one(module.padding, 0),
        "dilation": one(module.dilation, 1),
        "ceil_mode": module.ceil_mode,
    }


def _taken(values, place):
    """Values (n, channels, positions) at places (n, channels, maxima)."""
    return torch.gather(values, 2, place)


def _put_back(module, gradient, values, place):
    """Sums of (n, channels, maxima) at the positions they are of."""
    if type(module) is nn.AdaptiveMaxPool1d:
        return torch.zeros_like(values).scatter_add_(2, place, gradient)
    back = torch.ops.aten.max_pool2d_with_indices_backward(
        gradient.unsqueeze(2),
        values.unsqueeze(2),
        *_pool_options(module).values(),
        place.unsqueeze(2),
    )
    return back.squeeze(2)


def _by_path(module, plain, references, sequence):
    """Outputs of references, and mean gradients on the way to the sequences."""
    end = _beside(sequence[0], references).flatten(0, 1)
    return plain(references), lambda gradient: _mean_pull(
        plain, references, end, gradient
    )


def _mean_pull(function, start, end, gradient):
    """`gradient` through the mean Jacobian of a function between two points."""
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    total = torch.zeros_like(start)
    for node, weight in zip((nodes + 1) / 2, weights / 2, strict=True):
        point = (start + node * (end - start)).requires_grad_()
        with torch.enable_grad():
            scaled = (function(point) * gradient).sum()
        total += weight * torch.autograd.grad(scaled, point)[0]
    return total


def _rule(module):
    if type(module) in ELEMENTWISE:
        return _elementwise
    return _pooling if type(module) in POOLING else _by_path


def _plain(module):
    """A module's own forward, which leaves its input as it is."""
    forward = module.forward
    if getattr(module, "inplace", False):
        return lambda inputs: forward(inputs.clone())
    return forward


def _convolution(module):
    """A convolution's forward with channels next to each other in memory.

    Processors take the gradient in the input of such a two-dimensional convolution
    faster; see proofread.models.channels_last.
    """

    def forward(inputs):
        padding = module.padding
        wide = functional.conv2d(
            inputs.unsqueeze(2).contiguous(memory_format=torch.channels_last),
            module.weight.unsqueeze(2),
            module.bias,
            (1, *module.stride),
            padding if isinstance(padding, str) else (0, *padding),
            (1, *module.dilation),
            module.groups,
        )
        return wide.squeeze(2)  # (n, filters, 1, positions) -> (n, filters, positions)

    return forward


class _Rules:
    """A network whose nonlinear layers remember, or multiply.

    `remember` runs sequences and keeps what goes into every such layer and what comes
    out; `multiply` then runs their references.
    """

    def __init__(self, network):
        self.network = network
        ruled = [each for each in network.modules() if type(each) in RULES]
        inside = {part for each in ruled for part in each.modules() if part is not each}
        self.ruled = [each for each in ruled if each not in inside]
        self.convolutions = [
            each
            for each in network.modules()
            if type(each) is nn.Conv1d
            and each.padding_mode == "zeros"
            and each not in inside
        ]

    @contextlib.contextmanager
    def _instead(self, make):
        """Put ``make(module, its own forward)`` in place of each layer's forward."""
        changed = [*self.ruled, *self.convolutions]
        own = {module: vars(module).get("forward") for module in changed}
        try:
            for module in self.ruled:
                module.forward = make(module, _plain(module))
            for module in self.convolutions:
                module.forward = _convolution(module)
            yield
        finally:
            for module, forward in own.items():
                del module.forward
                if forward is not None:
                    module.forward = forward

    def remember(self, one_hot):
        """Run sequences; returns units, before any hooks of the whole network."""
        self.seen = defaultdict(list)

        def make(module, plain):
            def forward(inputs):
                result = plain(inputs)
                self.seen[module].append((inputs, result))
                return result

            return forward

        with self._instead(make), torch.no_grad():
            return self.network.forward(one_hot)

    def multiply(self, references):
        """Run references, with multipliers for gradients; returns their units.

        Parameters
        ----------
        references : torch.Tensor, shape (m * each, 4, length)
            The same number for each of the m sequences remembered, in their order.
        """
        calls = defaultdict(int)

        def make(module, plain):
            rule = _rule(module)

            def forward(inputs):
                sequence = self.seen[module][calls[module]]
                calls[module] += 1
                with torch.no_grad():
                    result, multiply = rule(module, plain, inputs.detach(), sequence)
                return _Multiply.apply(inputs, result, multiply)

            return forward

        with self._instead(make):
            return self.network.forward(references)


def deep_lift_shap(
    network,
    one_hot,
    baselines,
    targets,
    *,
    output="logit",
    megabytes=MEGABYTES,
    layer=None,
    label="DeepLIFT/SHAP",
):
    """DeepLIFT attributions, averaged over references.

    Parameters
    ----------
    network : torch.nn.Module
        In evaluation mode. Its nonlinear layers are modules, of the types of `RULES`;
        one that is not, or a function call, passes its plain gradient, and the sum
        misses the change of the logit: compare them. Left unchanged.
    one_hot : torch.Tensor, shape (n, 4, length)
    baselines : proofread.methods.attributions.baselines.Baselines or torch.Tensor
        (n, baselines, 4, length): the references of each sequence.
    targets : list of int
        Columns of the logits.
    output : str
        ``logit`` or ``probability``.
    megabytes : float
        Of activations in one pass; changes memory, never the result beyond its last
        bits.
    layer : str, optional
        Attributions to the outputs of this layer as well: multiplier times difference.
    label : str
        Of the progress bar.

    Returns
    -------
    proofread.methods.attributions.gradients.Attributions
    """
    if network.training:
        raise ValueError("network: in training mode; call network.eval() first")
    rules, kept = _Rules(network), Kept(one_hot, targets)
    inner = None if layer is None else named_layer(network, layer)
    repeats = baselines.shape[1]
    rows = pass_size(network, one_hot, megabytes)
    block = max(1, rows // repeats)

    def explained(units):
        return outputs(after_hooks(network, units), output)

    for first in progress(range(0, len(one_hot), block), label):
        part = slice(first, first + block)
        sequences = one_hot[part]
        references = baselines[part].flatten(0, 1).to(one_hot)
        with _output_of(inner) as of_layer:
            units = rules.remember(sequences)
        if inner is not None:
            one_output(of_layer, layer)
        multipliers = torch.empty(len(targets), *references.shape).to(references)
        layers, before = [], []
        for row in range(0, len(references), rows):
            some = slice(row, row + rows)
            at = references[some].clone().requires_grad_()
            with _output_of(inner) as of_references:
                found = rules.multiply(at)
            before.append(explained(found.detach())[:, targets])
            beside = _beside(units, found).flatten(0, 1)
            into = [at, *of_references]
            pulled = []
            for column, target in enumerate(targets):
                seed = _seed(explained, found.detach(), beside, target)
                gradients = torch.autograd.grad(
                    (found * seed).sum(), into, retain_graph=column + 1 < len(targets)
                )
                multipliers[column, some] = gradients[0]
                if inner is not None:
                    start = of_references[0].detach()
                    end = _beside(of_layer[0], start).flatten(0, 1)
                    pulled.append(gradients[1] * (end - start))
            if pulled:
                layers.append(torch.stack(pulled))
        kept.add_outputs(part, explained(units)[:, targets], torch.cat(before))
        for column, each in enumerate(multipliers):
            kept.add(column, part, references, each)
        if layers:
            kept.add_layer(part, torch.cat(layers, dim=1))
    return kept.attributions()


def _seed(explained, start, end, target):
    """What the units' changes are multiplied by to give the change of the output.

    The mean gradient of the output in the units on the way between them: one for a
    logit that is a unit; not so for classes that exclude each other, or probabilities.
    """
    one = torch.ones(len(start), dtype=start.dtype, device=start.device)
    return _mean_pull(lambda units: explained(units)[:, target], start, end, one)


@contextlib.contextmanager
def _output_of(layer):
    """A list that is given the layer's output, while it runs; none of no layer."""
    found = []
    if layer is None:
        yield found
        return
    handle = layer.register_forward_hook(lambda *of_layer: found.append(of_layer[2]))
    try:
        yield found
    finally:
        handle.remove()
