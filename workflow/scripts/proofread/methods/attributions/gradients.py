"""Attributions made of the gradients of a network's outputs at its input.

The gradient of a logit at a one-hot sequence has a number for each base at each
position, absent bases included. Attributions are averages of gradients: over a path
from a baseline (Integrated Gradients), over random points of such paths (GradientSHAP),
over noise (SmoothGrad), or a single gradient.

Most networks begin with a convolution. A convolution is affine, so a straight path at
the input is a straight path at its output. The path is therefore followed there: the
convolution is computed at the two ends of the path instead of at every step, and the
average gradient passes back through it once. The rest of the network runs as
`proofread.models.channels_last` lays it out. Both are exact up to the order of sums; a
network that cannot be traced is differentiated as it is written.
"""

from dataclasses import dataclass

import numpy as np
import torch

from proofread.models.cut import LayerCut, cut
from proofread.models.device import MEGABYTES, pass_size
from proofread.progress import progress

SCALES = ("logit", "probability")


@dataclass(frozen=True)
class Attributions:
    """The contribution of each base of each sequence to each output.

    Attributes
    ----------
    attribution : numpy.ndarray, shape (targets, n, 4, length), float32
        The method's own numbers. For Integrated Gradients
        ``(sequence - baseline) * average gradient``, in all four rows.
    hypothetical : numpy.ndarray, shape (targets, n, 4, length), float32
        The contribution that each base would have at a position, by the same gradients.
        At the base that is present it is the sum of `attribution` over the four rows.
    output, baseline_output : numpy.ndarray, shape (n, targets), float32
        Output of the sequence, and the mean output of its baselines (NaN without).
    layer : numpy.ndarray, shape (targets, n, ...), or None
        Attributions to the outputs of the requested layer.
    functions : tuple of str
        Of DeepLIFT: the functions that it has no rule for.
    """

    attribution: np.ndarray
    hypothetical: np.ndarray
    output: np.ndarray
    baseline_output: np.ndarray
    layer: np.ndarray | None = None
    functions: tuple = ()


def outputs(logits, scale):
    """The explained outputs: as they are, or the probabilities of logits."""
    if scale not in SCALES:
        raise ValueError(f"scale: expected one of {SCALES}, got {scale!r}")
    # Also right for mutually exclusive classes: see exclusive_logits.
    return torch.sigmoid(logits) if scale == "probability" else logits


def trapezoid(steps, **like):
    """Points 0, 1/steps, ..., 1 of a path, and their weights, which sum to 1.

    The two end points have half the weight of the others (trapezoidal rule). The
    weights of captum's trapezoid sum to ``1 - 1 / points`` instead.
    """
    if steps < 1:
        raise ValueError(f"steps: expected at least 1, got {steps}")
    points = torch.linspace(0, 1, steps + 1, **like)
    weights = torch.full((steps + 1,), 1 / steps, **like)
    weights[[0, -1]] /= 2
    return points, weights


def path_gradient(
    network_cut, start, end, one_hot, points, weights, targets, *, scale, rows
):
    """Weighted sum of the gradients along straight paths, at a cut.

    Parameters
    ----------
    network_cut : Cut or LayerCut
    start, end : torch.Tensor, shape (n, ...)
        Values at the cut.
    one_hot : torch.Tensor, shape (n, 4, length)
        The sequences; a `LayerCut` needs them.
    points, weights : torch.Tensor, shape (points,) or (points, n)
        Positions on the path, 0 at `start` and 1 at `end`, and their weights.
    targets : list of int
    scale : str
        One of `SCALES`.
    rows : int
        Sequences in one pass; changes memory, never the result beyond its last bits.

    Returns
    -------
    torch.Tensor, shape (targets, n, ...)
    """
    n = len(start)
    weights = weights.reshape(len(weights), -1).expand(-1, n)
    sums = [torch.zeros_like(start) for _ in targets]
    for first in range(0, n, rows):
        part = slice(first, first + rows)
        begin, sequences = start[part], one_hot[part]
        direction = end[part] - begin
        together = max(1, rows // len(begin))  # points of few sequences share a pass
        for step in range(0, len(points), together):
            at = points[step : step + together]
            values = _on_the_path(begin, direction, at, part).requires_grad_()
            repeated = sequences.repeat(len(at), 1, 1)
            explained = outputs(network_cut.logits(values, repeated), scale)
            weight = weights[step : step + together, part].reshape(-1)
            for number, (target, total) in enumerate(zip(targets, sums, strict=True)):
                (gradient,) = torch.autograd.grad(
                    explained[:, target] @ weight,
                    values,
                    retain_graph=number + 1 < len(sums),
                )
                for at_point in gradient.split(len(begin)):
                    total[part] += at_point
    return torch.stack(sums)


def _on_the_path(begin, direction, points, part):
    """Values at some points of each path, (points * n, ...), laid out like `begin`."""
    values = begin.new_empty(len(points) * len(begin), *begin.shape[1:])
    # Channels next to each other, as `Cut.values` has them.
    if begin.ndim == 3 and begin.device.type == "cpu":
        values = begin.new_empty(len(values), begin.shape[2], begin.shape[1])
        values = values.transpose(1, 2)
    for at_point, point in zip(values.split(len(begin)), points, strict=True):
        if point.ndim == 0:
            torch.add(begin, direction, alpha=float(point), out=at_point)
        else:
            factor = point[part].reshape(-1, *[1] * (begin.ndim - 1))
            torch.addcmul(begin, direction, factor, out=at_point)
    return values


def average_path_gradient(
    network, one_hot, baselines, target, steps, *, scale="logit", megabytes=MEGABYTES
):
    """Mean gradient of an output on the straight path from a baseline to a sequence.

    These are Integrated Gradients before the multiplication by (sequence - baseline).
    They are defined for all four bases at each position, whatever the baseline.

    Parameters
    ----------
    network : torch.nn.Module or Cut
        Prepare it with `cut` where this is called often.
    one_hot : torch.Tensor, shape (n, 4, length)
        Of the network's dtype and device.
    baselines : torch.Tensor, shape (n, 4, length) or (n, baselines, 4, length)
        The mean over several baselines is returned.
    target : int
        Column of the logits.
    steps : int
        Intervals of the trapezoidal rule: gradients at ``steps + 1`` points.
    scale : str
        ``logit`` or ``probability`` (sigmoid of the logit).
    megabytes : float
        Of activations in one pass; changes memory, never the result beyond its last
        bits.

    Returns
    -------
    torch.Tensor, shape (n, 4, length)
    """
    network_cut = cut(network)
    rows = pass_size(network_cut.network, one_hot, megabytes)
    points, weights = trapezoid(steps, dtype=one_hot.dtype, device=one_hot.device)
    if baselines.ndim == 3:
        baselines = baselines[:, None]
    n, repeats = baselines.shape[:2]
    mean = torch.empty_like(one_hot)
    block = max(1, rows // repeats)
    for first in range(0, n, block):
        part = slice(first, first + block)
        sequences = one_hot[part]
        end = network_cut.values(sequences).repeat_interleave(repeats, dim=0)
        gradients = path_gradient(
            network_cut,
            network_cut.values(baselines[part].flatten(0, 1)),
            end,
            sequences.repeat_interleave(repeats, dim=0),
            points,
            weights,
            [target],
            scale=scale,
            rows=rows,
        )
        # The beginning is affine: the mean of the gradients passes through it once.
        averaged = gradients[0].unflatten(0, (-1, repeats)).mean(dim=1)
        mean[part] = network_cut.pull_back(averaged, one_hot.shape[2])
    return mean


def integrated_gradients(
    network,
    one_hot,
    baselines,
    targets,
    *,
    steps=50,
    scale="logit",
    megabytes=MEGABYTES,
    layer=None,
    label="integrated gradients",
):
    """Integrated Gradients (Sundararajan et al. 2017, arXiv:1703.01365).

    ``(sequence - baseline) * mean gradient on the path between them``, by the
    trapezoidal rule. Their sum over a sequence is the change of the output
    (completeness), up to the error of that rule.

    Parameters
    ----------
    network : torch.nn.Module or Cut
    one_hot : torch.Tensor, shape (n, 4, length)
    baselines : proofread.methods.attributions.baselines.Baselines or torch.Tensor
        (n, baselines, 4, length); attributions are averaged over the baselines.
    targets : list of int
        Columns of the logits.
    steps : int
        Intervals on the path: gradients at ``steps + 1`` points.
    scale : str
        ``logit`` or ``probability``.
    megabytes : float
        Of activations in one pass.
    layer : str, optional
        Also attribute to the outputs of this layer: along the path from its outputs for
        the baseline to its outputs for the sequence.
    label : str
        Of the progress bar.

    Returns
    -------
    Attributions
    """

    def path(_, start):
        return trapezoid(steps, dtype=start.dtype, device=start.device)

    return _along_paths(
        network, one_hot, baselines, targets, path, scale, megabytes, layer, label
    )


def gradient_shap(
    network,
    one_hot,
    baselines,
    targets,
    points,
    *,
    scale="logit",
    megabytes=MEGABYTES,
    layer=None,
    label="GradientSHAP",
):
    """GradientSHAP: expected gradients (Erion et al. 2021, arXiv:1906.10670).

    ``(sequence - baseline) * gradient`` at one random point of each path, averaged
    over the baselines.

    Parameters
    ----------
    network, one_hot, targets, scale, megabytes, layer, label
        As for `integrated_gradients`.
    baselines : proofread.methods.attributions.baselines.Baselines or torch.Tensor
        (n, baselines, 4, length).
    points : numpy.ndarray, shape (n, baselines)
        0 at the baseline, 1 at the sequence; see `stratified_points`.

    Returns
    -------
    Attributions
    """

    def path(rows, start):
        at = torch.as_tensor(points[rows], dtype=start.dtype, device=start.device)
        at = at.reshape(1, -1)
        return at, torch.ones_like(at)

    return _along_paths(
        network, one_hot, baselines, targets, path, scale, megabytes, layer, label
    )


def stratified_points(n, parts, rng):
    """Random points of 0-1, one in each of `parts` equal intervals, in random order.

    Each point is uniform on 0-1, as GradientSHAP requires. Together they cover the
    interval evenly, which lowers the error of their mean.

    Returns
    -------
    numpy.ndarray, shape (n, parts)
    """
    points = (np.arange(parts) + rng.random((n, parts))) / parts
    return rng.permuted(points, axis=1)


def _along_paths(
    network, one_hot, baselines, targets, path, scale, megabytes, layer, label
):
    network_cut = cut(network)
    rows = pass_size(network_cut.network, one_hot, megabytes)
    layer_cut = None if layer is None else LayerCut(network_cut.network, layer)
    averages = Averages(one_hot, targets)
    repeats = baselines.shape[1]
    block = max(1, rows // repeats)
    for first in progress(range(0, len(one_hot), block), label):
        part = slice(first, first + block)
        sequences = one_hot[part]
        references = baselines[part].flatten(0, 1).to(one_hot)
        repeated = sequences.repeat_interleave(repeats, dim=0)

        def mean_gradients(at_cut, start, end, part=part, repeated=repeated):
            points, weights = path(part, start)
            return path_gradient(
                at_cut,
                start,
                end,
                repeated,
                points,
                weights,
                targets,
                scale=scale,
                rows=rows,
            )

        start, end = network_cut.values(references), network_cut.values(sequences)
        averages.add_outputs(
            part,
            _evaluate(network_cut, end, scale, rows)[:, targets],
            _evaluate(network_cut, start, scale, rows)[:, targets],
        )
        end = end.repeat_interleave(repeats, dim=0)
        for column, gradients in enumerate(mean_gradients(network_cut, start, end)):
            multipliers = network_cut.pull_back(gradients, one_hot.shape[2])
            averages.add(column, part, references, multipliers)
        if layer_cut is not None:
            start, end = layer_cut.values(references), layer_cut.values(repeated)
            of_layer = mean_gradients(layer_cut, start, end) * (end - start)
            averages.add_layer(part, of_layer)
    return averages.attributions()


@torch.no_grad()
def _evaluate(network_cut, values, scale, rows):
    """Outputs (n, all targets) of values at a cut."""
    parts = [
        outputs(network_cut.logits(values[first : first + rows]), scale)
        for first in range(0, len(values), rows)
    ]
    return torch.cat(parts)


class Averages:
    """Attributions averaged over baselines, filled block by block.

    Parameters
    ----------
    one_hot : torch.Tensor, shape (n, 4, length)
    targets : list of int
    """

    def __init__(self, one_hot, targets):
        self.one_hot = one_hot
        dtype = _numpy_type(one_hot)
        shape = (len(targets), *one_hot.shape)
        self.attribution = np.empty(shape, dtype=dtype)
        self.hypothetical = np.empty_like(self.attribution)
        self.output = np.empty((len(one_hot), len(targets)), dtype=dtype)
        self.baseline_output = np.empty_like(self.output)
        self.layer = []

    def add(self, column, part, references, multipliers):
        """Average the attributions of one target over the baselines.

        Parameters
        ----------
        column : int
            Of `targets`.
        part : slice
            Of the sequences; m of them.
        references, multipliers : torch.Tensor, shape (m * baselines, 4, length)
            A baseline, and the factor of the difference from it.
        """
        sequences = self.one_hot[part]
        # (m * baselines, 4, length) -> (m, baselines, 4, length)
        references = references.unflatten(0, (len(sequences), -1))
        multipliers = multipliers.unflatten(0, (len(sequences), -1))
        # The baseline's own contribution is subtracted for every base alike.
        own = (references * multipliers).sum(dim=2, keepdim=True)
        known = sequences.sum(dim=1, keepdim=True) > 0
        hypothetical = (multipliers - own).mean(dim=1) * known
        attribution = ((sequences[:, None] - references) * multipliers).mean(dim=1)
        self.attribution[column, part] = attribution.cpu().numpy()
        self.hypothetical[column, part] = hypothetical.cpu().numpy()

    def add_outputs(self, part, of_sequences, of_baselines):
        """Add outputs: (m, targets), and (m * baselines, targets) to be averaged."""
        of_baselines = of_baselines.unflatten(0, (len(of_sequences), -1)).mean(dim=1)
        self.output[part] = of_sequences.cpu().numpy()
        self.baseline_output[part] = of_baselines.cpu().numpy()

    def add_layer(self, part, values):
        """Add (targets, m * baselines, ...) of a layer, averaged over baselines."""
        split = (len(self.one_hot[part]), -1)
        mean = values.detach().unflatten(1, split).mean(dim=2)
        self.layer.append(mean.cpu().numpy())

    def attributions(self):
        """The attributions of all blocks."""
        return Attributions(
            self.attribution,
            self.hypothetical,
            self.output,
            self.baseline_output,
            np.concatenate(self.layer, axis=1) if self.layer else None,
        )


def _numpy_type(tensor):
    return np.float64 if tensor.dtype == torch.float64 else np.float32


def plain_gradients(
    network,
    one_hot,
    targets,
    *,
    noise=None,
    scale="logit",
    megabytes=MEGABYTES,
    layer=None,
    label="gradients",
):
    """Gradients at the sequences, or their means over noisy copies (SmoothGrad).

    SmoothGrad (Smilkov et al. 2017, arXiv:1706.03825) averages the gradient over
    copies of the input with Gaussian noise, which smooths its jumps.

    Parameters
    ----------
    network, one_hot, targets, scale, megabytes, label
        As for `integrated_gradients`.
    noise : tuple (copies, standard deviation, numpy.random.Generator), optional
        Unknown bases and padding get none.
    layer : str, optional
        Also compute gradient x activation of this layer's outputs, without noise.

    Returns
    -------
    Attributions
        `attribution` and `hypothetical` both hold the gradient; 0 at unknown bases.
        `baseline_output` is NaN.
    """
    network_cut = cut(network)
    rows = pass_size(network_cut.network, one_hot, megabytes)
    layer_cut = None if layer is None else LayerCut(network_cut.network, layer)
    copies, deviation, rng = noise or (1, 0.0, None)
    dtype = _numpy_type(one_hot)
    gradients = np.empty((len(targets), *one_hot.shape), dtype=dtype)
    explained = np.empty((len(one_hot), len(targets)), dtype=dtype)
    layers = []
    once = one_hot.new_ones(1)

    def at_values(at_cut, values, sequences):
        return path_gradient(
            at_cut,
            values,
            values,
            sequences,
            once,
            once,
            targets,
            scale=scale,
            rows=rows,
        )

    block = max(1, rows // copies)
    for first in progress(range(0, len(one_hot), block), label):
        part = slice(first, first + block)
        sequences = one_hot[part]
        known = sequences.sum(dim=1, keepdim=True) > 0
        noisy = sequences.repeat_interleave(copies, dim=0)
        if rng is not None:
            drawn = rng.standard_normal(noisy.shape, dtype=np.float32)
            drawn = torch.from_numpy(drawn).to(noisy)
            noisy = noisy + deviation * drawn * known.repeat_interleave(copies, dim=0)
        of_copies = at_values(network_cut, network_cut.values(noisy), noisy)
        mean = of_copies.unflatten(1, (-1, copies)).mean(dim=2)
        for column, of_target in enumerate(mean):
            pulled = network_cut.pull_back(of_target, one_hot.shape[2])
            gradients[column, part] = (pulled * known).cpu().numpy()
        values = network_cut.values(sequences)
        of_sequences = _evaluate(network_cut, values, scale, rows)[:, targets]
        explained[part] = of_sequences.cpu().numpy()
        if layer_cut is not None:
            values = layer_cut.values(sequences)
            of_layer = at_values(layer_cut, values, sequences) * values
            layers.append(of_layer.detach().cpu().numpy())
    return Attributions(
        gradients,
        gradients,
        explained,
        np.full_like(explained, np.nan),
        np.concatenate(layers, axis=1) if layers else None,
    )
