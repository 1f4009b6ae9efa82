"""DeepLIFT and DeepLIFT/SHAP: differences from references, layer by layer.

DeepLIFT (Shrikumar et al. 2017, arXiv:1704.02685; the rescale rule) replaces the
gradient of each nonlinear layer by the ratio of the change of its output to the change
of its input, between a reference and the sequence. The resulting multipliers at the
input, times the difference from the reference, sum to the change of the logit. The mean
over many references is DeepLIFT/SHAP (Lundberg and Lee 2017, arXiv:1705.07874).

A sequence passes through the network once, whatever its number of references, and only
the references have gradients. Other implementations pass a copy of the sequence with
each reference, forwards and backwards.
"""

import contextlib
from collections import defaultdict
from dataclasses import replace

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from proofread.errors import InputError
from proofread.methods.attributions.functions import unruled_functions
from proofread.methods.attributions.gradients import Averages, outputs
from proofread.models.as_written import unfused
from proofread.models.attention import SelfAttention
from proofread.models.cut import named_layer, one_output
from proofread.models.device import MEGABYTES, on_cpu, pass_size
from proofread.models.layers import KmerIndicator, LastOutput, LogOdds
from proofread.models.oracle import Expressions, Pairs
from proofread.models.oracle_effects import Doses, HillCurves, PairEffects
from proofread.models.tracing import ELEMENTWISE, after_hooks
from proofread.progress import progress

# Below this change of an input the ratio is rounding: the gradient is taken.
_MIN_CHANGE = 1e-6
# Nodes of the Gauss-Legendre rule: exact for polynomials up to degree 15. A softmax or
# a sigmoid of the network's output is cheap, and steep where logits are large.
_NODES, _NODES_OF_OUTPUT = 8, 32

# Each output depends on one input. So do activations of the user's own, where a test
# shows it: `_is_elementwise`.
_ELEMENTWISE = (
    *ELEMENTWISE,
    LogOdds,
    HillCurves,
    nn.CELU,
    nn.Hardshrink,
    nn.Hardsigmoid,
    nn.Hardswish,
    nn.Hardtanh,
    nn.LogSigmoid,
    nn.Mish,
    nn.PReLU,
    nn.ReLU6,
    nn.RReLU,
    nn.SELU,
    nn.Softshrink,
    nn.Softsign,
    nn.Tanhshrink,
    nn.Threshold,
)
POOLING = (
    nn.MaxPool1d,
    nn.MaxPool2d,
    nn.AdaptiveMaxPool1d,
    nn.AdaptiveMaxPool2d,
)
# Many inputs make an output: the mean gradient on the way from reference to sequence.
BY_PATH = (
    LastOutput,
    Doses,
    Expressions,
    KmerIndicator,
    PairEffects,
    Pairs,
    SelfAttention,
    nn.Softmax,
    nn.LogSoftmax,
    nn.GLU,
    nn.GroupNorm,
    nn.LayerNorm,
    nn.RMSNorm,
)


class _Multiply(torch.autograd.Function):
    """An output that is given, and a multiplier instead of its gradient."""

    @staticmethod
    def forward(ctx, inputs, result, multiply):
        ctx.multiply = multiply
        return result.view_as(result)

    @staticmethod
    def backward(ctx, gradient):
        return ctx.multiply(gradient), None, None


def _repeated(values, references):
    """Values of sequences, repeated for each of their references.

    Parameters
    ----------
    values : torch.Tensor, shape (m, ...)
    references : torch.Tensor, shape (m * repeats, ...)

    Returns
    -------
    torch.Tensor, shape (m, repeats, ...)
        A view.
    """
    repeats = len(references) // len(values)
    return values[:, None].expand(-1, repeats, *values.shape[1:])


def _elementwise(module, plain, references, sequence):
    """Outputs of references and their multipliers: the rescale rule.

    Parameters
    ----------
    module : torch.nn.Module
    plain : callable
        Its forward.
    references : torch.Tensor, shape (m * repeats, ...)
        Its input.
    sequence : tuple of torch.Tensor, shape (m, ...)
        Its input and output for the sequences.

    Returns
    -------
    result : torch.Tensor
    multiply : callable
        A gradient at the result to one at the references.
    """
    sequence_input, sequence_output = sequence
    result = plain(references)
    local = sequence_input.clone().requires_grad_()
    with torch.enable_grad():
        slope = torch.autograd.grad(plain(local).sum(), local)[0]
    grid = (len(sequence_input), -1)
    change = _repeated(sequence_input, references) - references.unflatten(0, grid)
    rise = _repeated(sequence_output, references) - result.unflatten(0, grid)
    ratio = rise.div_(change)
    small = change.abs_() < _MIN_CHANGE
    ratio = torch.where(small, _repeated(slope, references), ratio).flatten(0, 1)
    return result, lambda gradient: gradient * ratio


def _pooling(module, plain, references, sequence):
    """The rule for a maximum: outputs of references and their multipliers.

    The change of a maximum has two parts. The rise from the reference's maximum to the
    larger of the two belongs to the position that is largest in the sequence. The fall
    from there to the sequence's maximum belongs to the position that is largest in the
    reference.
    """
    sequence_input, sequence_output = sequence
    result, position = _pooled(module, references)
    _, sequence_position = _pooled(module, sequence_input)
    repeated_position = _repeated(sequence_position, references).flatten(0, 1)
    repeated_output = _repeated(sequence_output, references).flatten(0, 1)
    repeated_input = _repeated(sequence_input, references).flatten(0, 1)
    larger = torch.maximum(repeated_output, result)
    # Changes at the two positions. Where nothing changes, the gradient passes unchanged
    # at the sequence's position, and not at all at the reference's.
    rise = repeated_output - _taken(references, repeated_position)
    fall = _taken(repeated_input, position) - result
    rise = torch.where(rise == 0, 1, (larger - result) / rise)
    fall = torch.where(fall == 0, 0, (repeated_output - larger) / fall)

    def multiply(gradient):
        up = _put_back(module, gradient * rise, references, repeated_position)
        return up.add_(_put_back(module, gradient * fall, references, position))

    return result, multiply


def _pooled(module, values):
    """Maxima of a pooling and the positions they are at, counted over all axes."""
    if isinstance(module, nn.AdaptiveMaxPool1d):
        return functional.adaptive_max_pool1d(values, module.output_size, True)
    if isinstance(module, nn.AdaptiveMaxPool2d):
        return functional.adaptive_max_pool2d(values, module.output_size, True)
    image = values if values.ndim == 4 else values.unsqueeze(2)
    result, position = functional.max_pool2d_with_indices(
        image, **_pool_options(module)
    )
    if values.ndim == 4:
        return result, position
    return result.squeeze(2), position.squeeze(2)


def _pool_options(module):
    """The settings of a maximum of one dimension as those of one of height 1."""
    plain = isinstance(module, nn.MaxPool1d)

    def two(value, first):
        if not isinstance(value, tuple):
            value = (value,) if plain else (value, value)
        return [first, *value] if plain else list(value)

    return {
        "kernel_size": two(module.kernel_size, 1),
        "stride": two(module.stride, 1),
        "padding": two(module.padding, 0),
        "dilation": two(module.dilation, 1),
        "ceil_mode": module.ceil_mode,
    }


def _taken(values, position):
    """Values (n, channels, ...) at the positions (n, channels, maxima ...)."""
    return torch.gather(values.flatten(2), 2, position.flatten(2)).view_as(position)


def _put_back(module, gradient, values, position):
    """Sum (n, channels, maxima ...) at the positions they came from."""
    if isinstance(module, nn.AdaptiveMaxPool1d | nn.AdaptiveMaxPool2d):
        back = torch.zeros_like(values.flatten(2))
        back.scatter_add_(2, position.flatten(2), gradient.flatten(2))
        return back.view_as(values)
    image = values.ndim == 4
    back = torch.ops.aten.max_pool2d_with_indices_backward(
        gradient if image else gradient.unsqueeze(2),
        values if image else values.unsqueeze(2),
        *_pool_options(module).values(),
        position if image else position.unsqueeze(2),
    )
    return back if image else back.squeeze(2)


def _by_path(module, plain, references, sequence):
    """Outputs of references, and mean gradients on the way to the sequences."""
    end = _repeated(sequence[0], references).flatten(0, 1)
    count = getattr(module, "path_nodes", _NODES)
    return plain(references), lambda gradient: _mean_pull(
        plain, references, end, gradient, count
    )


def _mean_pull(function, start, end, gradient, count=_NODES):
    """`gradient` through the mean Jacobian of a function between two points."""
    nodes, weights = np.polynomial.legendre.leggauss(count)
    total = torch.zeros_like(start)
    for node, weight in zip((nodes + 1) / 2, weights / 2, strict=True):
        point = (start + node * (end - start)).requires_grad_()
        with torch.enable_grad():
            scaled = (function(point) * gradient).sum()
        total += weight * torch.autograd.grad(scaled, point)[0]
    return total


_RULES = {
    **dict.fromkeys(_ELEMENTWISE, _elementwise),
    **dict.fromkeys(POOLING, _pooling),
    **dict.fromkeys(BY_PATH, _by_path),
}
RULES = tuple(_RULES)


def _rule(module):
    """The rule of a module; None if its plain gradient is taken.

    A subclass has the rule of its class, as long as it computes the same.
    """
    if getattr(module, "return_indices", False):
        return None
    forward = getattr(type(module), "forward", None)
    for kind in type(module).__mro__:
        if kind in _RULES and forward is kind.forward:
            return _RULES[kind]
    own = not _is_of_torch(module)
    return _elementwise if own and _is_elementwise(module) else None


def _is_of_torch(module):
    """Whether a module's forward is one of torch's own."""
    forward = getattr(type(module), "forward", None)
    # A forward of TorchScript is no function; one that was typed has no module.
    return (getattr(forward, "__module__", "torch.") or "").startswith("torch.")


@torch.no_grad()
def _is_elementwise(module):
    """Whether each output of a module depends on one input, by a test.

    Half of some numbers in another order give half of the outputs in that order.
    """
    if list(module.children()):
        return False
    generator = torch.Generator().manual_seed(0)
    values = 3 * torch.randn(64, generator=generator)
    some = torch.randperm(64, generator=generator)[:32]
    parameter = next(module.parameters(), values)
    values, some = values.to(parameter), some.to(parameter.device)
    try:
        whole, half = (module.forward(item.clone()) for item in (values, values[some]))
    except Exception:  # a forward of the user's own may expect another shape
        return False
    tensors = isinstance(whole, torch.Tensor) and isinstance(half, torch.Tensor)
    return tensors and whole.shape == values.shape and torch.equal(whole[some], half)


def _plain(module):
    """A module's own forward, which leaves its input as it is."""
    forward = module.forward
    # A forward of the user's own may change its input and not say so.
    if getattr(module, "inplace", False) or not _is_of_torch(module):
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
    """A network that runs with DeepLIFT's rules in place of its nonlinear layers.

    Parameters
    ----------
    network : torch.nn.Module
    """

    def __init__(self, network):
        self.network = network
        rules = {module: _rule(module) for module in network.modules()}
        rules = {module: rule for module, rule in rules.items() if rule is not None}
        inside = {
            part for module in rules for part in module.modules() if part is not module
        }
        self.rules = {
            module: rule for module, rule in rules.items() if module not in inside
        }
        self.convolutions = [
            module
            for module in network.modules()
            if type(module) is nn.Conv1d
            and on_cpu(module)
            and module.padding_mode == "zeros"
            and module not in inside
        ]

    @contextlib.contextmanager
    def _instead(self, make):
        """Put ``make(module, its own forward)`` in place of each layer's forward."""
        changed = [*self.rules, *self.convolutions]
        own = {module: vars(module).get("forward") for module in changed}
        try:
            for module in self.rules:
                module.forward = make(module, _plain(module))
            for module in self.convolutions:
                module.forward = _convolution(module)
            with unfused():
                yield
        finally:
            for module, forward in own.items():
                del module.forward
                if forward is not None:
                    module.forward = forward

    def record(self, one_hot):
        """Run sequences, (m, 4, length).

        Returns
        -------
        units : torch.Tensor, shape (m, units)
            The network's output before its own hooks.
        calls : dict of torch.nn.Module to list of tuple
            Input and output of every call of every nonlinear layer.
        """
        calls = defaultdict(list)

        def make(module, plain):
            def forward(inputs):
                result = plain(inputs)
                calls[module].append((inputs, result))
                return result

            return forward

        with self._instead(make), torch.no_grad():
            return self.network.forward(one_hot), calls

    def multiply(self, references, recorded):
        """Run references, with multipliers in place of gradients; returns their units.

        Parameters
        ----------
        references : torch.Tensor, shape (m * repeats, 4, length)
            As many for each of the m recorded sequences, in their order.
        recorded : dict
            The calls from `record`.
        """
        calls = defaultdict(int)

        def make(module, plain):
            rule = self.rules[module]

            def forward(inputs):
                if calls[module] == len(recorded[module]):
                    raise self._called_again(module, len(recorded[module]))
                sequence = recorded[module][calls[module]]
                calls[module] += 1
                with torch.no_grad():
                    result, multiply = rule(module, plain, inputs.detach(), sequence)
                return _Multiply.apply(inputs, result, multiply)

            return forward

        with self._instead(make):
            return self.network.forward(references)

    def _called_again(self, module, times):
        """The refusal of a network whose calls depend on its input."""
        names = {part: name for name, part in self.network.named_modules()}
        return InputError(
            f"model {type(self.network).__name__}",
            f"its layer {names[module]} is called {times} times for a sequence and "
            "more often for a baseline",
            "a forward that calls the same layers for every sequence, which "
            "DeepLIFT/SHAP compares one by one",
            "choose another kind, such as integrated_gradients",
        )


def deep_lift_shap(
    network,
    one_hot,
    baselines,
    targets,
    *,
    scale="logit",
    megabytes=MEGABYTES,
    layer=None,
    label="DeepLIFT/SHAP",
):
    """DeepLIFT attributions, averaged over references.

    Parameters
    ----------
    network : torch.nn.Module
        In evaluation mode; left unchanged. Nonlinear layers must be modules of the
        types in `RULES`, subclasses of them that keep their forward, or elementwise
        modules of your own. Others, and function calls such as the attention of a
        transformer, pass their plain gradient; then the sum misses the change of the
        logit, so compare the two. `functions` of the result names them.
    one_hot : torch.Tensor, shape (n, 4, length)
    baselines : proofread.methods.attributions.baselines.Baselines or torch.Tensor
        (n, baselines, 4, length): the references of each sequence.
    targets : list of int
        Columns of the logits.
    scale : str
        ``logit`` or ``probability``.
    megabytes : float
        Of activations in one pass; changes memory, never the result beyond its last
        bits.
    layer : str, optional
        Also attribute to the outputs of this layer: multiplier times difference.
    label : str
        Of the progress bar.

    Returns
    -------
    proofread.methods.attributions.gradients.Attributions
    """
    if network.training:
        raise ValueError("network: in training mode; call network.eval() first")
    rules, averages = _Rules(network), Averages(one_hot, targets)
    inner = None if layer is None else named_layer(network, layer)
    functions = set()
    repeats = baselines.shape[1]
    rows = pass_size(network, one_hot, megabytes)
    block = max(1, rows // repeats)

    def explained(units):
        return outputs(after_hooks(network, units), scale)

    for first in progress(range(0, len(one_hot), block), label):
        part = slice(first, first + block)
        sequences = one_hot[part]
        references = baselines[part].flatten(0, 1).to(one_hot)
        with _output_of(inner) as of_layer:
            units, recorded = rules.record(sequences)
        if inner is not None:
            one_output(of_layer, layer)
        multipliers = references.new_empty(len(targets), *references.shape)
        layers, reference_outputs = [], []
        for row in range(0, len(references), rows):
            some = slice(row, row + rows)
            inputs = references[some].clone().requires_grad_()
            with _output_of(inner) as of_references:
                reference_units = rules.multiply(inputs, recorded)
            functions.update(unruled_functions(reference_units, inputs))
            start = reference_units.detach()
            reference_outputs.append(explained(start)[:, targets])
            end = _repeated(units, start).flatten(0, 1)
            differentiated = [inputs, *of_references]
            of_targets = []
            for column, target in enumerate(targets):
                seed = _seed(explained, start, end, target)
                gradients = torch.autograd.grad(
                    (reference_units * seed).sum(),
                    differentiated,
                    retain_graph=column + 1 < len(targets),
                )
                multipliers[column, some] = gradients[0]
                if inner is not None:
                    before = of_references[0].detach()
                    after = _repeated(of_layer[0], before).flatten(0, 1)
                    of_targets.append(gradients[1] * (after - before))
            if of_targets:
                layers.append(torch.stack(of_targets))
        averages.add_outputs(
            part, explained(units)[:, targets], torch.cat(reference_outputs)
        )
        for column, of_target in enumerate(multipliers):
            averages.add(column, part, references, of_target)
        if layers:
            averages.add_layer(part, torch.cat(layers, dim=1))
    return replace(averages.attributions(), functions=tuple(sorted(functions)))


def _seed(explained, start, end, target):
    """Factors of the units' changes that give the change of the output.

    The mean gradient of the output at the units between `start` and `end`: 1 for a
    logit that is a unit, other values for mutually exclusive classes and probabilities.
    """
    one = torch.ones(len(start), dtype=start.dtype, device=start.device)
    return _mean_pull(
        lambda units: explained(units)[:, target], start, end, one, _NODES_OF_OUTPUT
    )


@contextlib.contextmanager
def _output_of(layer):
    """A list that collects the layer's outputs; without a layer it stays empty."""
    outputs_of_layer = []
    if layer is None:
        yield outputs_of_layer
        return
    handle = layer.register_forward_hook(
        lambda module, inputs, output: outputs_of_layer.append(output)
    )
    try:
        yield outputs_of_layer
    finally:
        handle.remove()
