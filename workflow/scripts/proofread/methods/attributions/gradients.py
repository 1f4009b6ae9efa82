"""Gradients of a network's outputs at its input, and what is made of them.

A gradient of a logit in a one-hot sequence has a number for each base at each position,
those that are not there included. Attributions are averages of it: over a path from a
baseline (Integrated Gradients), over random points of such paths (GradientSHAP), over
noise (SmoothGrad), or it alone.

Most networks begin with a convolution, and a convolution is affine: on a straight path
its output moves along a straight line as well. So the path is walked there. The
convolution is computed at the two ends of the path instead of at every step, and only
the average of the gradients is sent back through it, once. What follows runs as
`proofread.models.channels_last` lays it out. Both are exact up to the order of
sums; a network that cannot be followed is differentiated as it is written.
"""

from dataclasses import dataclass

import numpy as np
import torch

from proofread.models.cut import MEGABYTES, LayerCut, cut, pass_size
from proofread.progress import progress

OUTPUTS = ("logit", "probability")


@dataclass(frozen=True)
class Attributions:
    """What each base of each sequence adds to each output.

    Attributes
    ----------
    attribution : numpy.ndarray, shape (targets, n, 4, length), float32
        The method's own numbers: those of Integrated Gradients are
        ``(sequence - baseline) * average gradient``, in all four rows.
    hypothetical : numpy.ndarray, shape (targets, n, 4, length), float32
        What each base would add if it stood there, by the same gradients; at the base
        that does stand there it is the sum of `attribution` over the four rows.
    output, baseline_output : numpy.ndarray, shape (n, targets), float32
        Of the sequence, and the mean over its baselines; NaN without baselines.
    layer : numpy.ndarray, shape (targets, n, ...), or None
        Attributions to the outputs of the layer that was asked for.
    """

    attribution: np.ndarray
    hypothetical: np.ndarray
    output: np.ndarray
    baseline_output: np.ndarray
    layer: np.ndarray | None = None


def outputs(logits, output):
    """What is explained: logits, or the probabilities that they stand for."""
    if output not in OUTPUTS:
        raise ValueError(f"output: expected one of {OUTPUTS}, got {output!r}")
    # Of classes that exclude each other too: see exclusive_logits.
    return torch.sigmoid(logits) if output == "probability" else logits


def trapezoid(steps, **like):
    """Points 0, 1/steps, ..., 1 of a path, and their weights, which sum to 1.

    Half of the end points' weight, so that ``steps`` intervals have the mean of the
    values at their two ends. (captum's trapezoid weighs its points so that the sum is
    ``1 - 1 / points``.)
    """
    if steps < 1:
        raise ValueError(f"steps: expected at least 1, got {steps}")
    points = torch.linspace(0, 1, steps + 1, **like)
    weights = torch.full((steps + 1,), 1 / steps, **like)
    weights[[0, -1]] /= 2
    return points, weights


def path_gradient(
    place, start, end, one_hot, points, weights, targets, *, output, rows
):
    """Weighted sum of the gradients along straight paths, at a cut.

    Parameters
    ----------
    place : Cut or LayerCut
    start, end : torch.Tensor, shape (n, ...)
        Values at the cut.
    one_hot : torch.Tensor, shape (n, 4, length)
        The sequences; a `LayerCut` needs them.
    points, weights : torch.Tensor, shape (points,) or (points, n)
        Where on the path, 0 at `start` and 1 at `end`; and their weights.
    targets : list of int
    output : str
        One of `OUTPUTS`.
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
            found = outputs(place.logits(values, repeated), output)[:, targets]
            weight = weights[step : step + together, part].reshape(-1)
            for column, total in enumerate(sums):
                (gradient,) = torch.autograd.grad(
                    found[:, column] @ weight,
                    values,
                    retain_graph=column + 1 < len(sums),
                )
                for each in gradient.split(len(begin)):
                    total[part] += each
    return torch.stack(sums)


def _on_the_path(begin, direction, points, part):
    """Values at some points of each path, (points * n, ...), laid out like `begin`."""
    values = begin.new_empty(len(points) * len(begin), *begin.shape[1:])
    if begin.ndim == 3:  # channels next to each other, as `Cut.values` has them
        values = begin.new_empty(len(values), begin.shape[2], begin.shape[1])
        values = values.transpose(1, 2)
    for each, point in zip(values.split(len(begin)), points, strict=True):
        if point.ndim == 0:
            torch.add(begin, direction, alpha=float(point), out=each)
        else:
            extra = (1,) * (begin.ndim - 1)
            torch.addcmul(begin, direction, point[part].reshape(-1, *extra), out=each)
    return values


def gradient(network, one_hot, target, *, output="logit", megabytes=MEGABYTES):
    """Gradient of one output at given points.

    Parameters
    ----------
    network : torch.nn.Module or Cut
    one_hot : torch.Tensor, shape (n, 4, length)
    target : int
        Column of the logits.
    output : str
        ``logit`` or ``probability``.

    Returns
    -------
    torch.Tensor, shape (n, 4, length)
    """
    return average_path_gradient(
        network, one_hot, None, target, 1, output=output, megabytes=megabytes
    )


def average_path_gradient(
    network, one_hot, baselines, target, steps, *, output="logit", megabytes=MEGABYTES
):
    """Mean gradient of an output on the straight path from a baseline to a sequence.

    Integrated Gradients before they are multiplied by (sequence - baseline): unlike
    those they say something of all four bases at each position, whatever the baseline.

    Parameters
    ----------
    network : torch.nn.Module or Cut
        Prepare it with `cut` where this is called often.
    one_hot : torch.Tensor, shape (n, 4, length)
        Of the network's dtype and device.
    baselines : torch.Tensor, shape (n, 4, length) or (n, baselines, 4, length)
        The mean over several baselines is returned. None: the gradient at `one_hot`.
    target : int
        Column of the logits.
    steps : int
        Intervals of the trapezoidal rule: gradients at ``steps + 1`` points.
    output : str
        ``logit`` or ``probability`` (sigmoid of the logit).
    megabytes : float
        Of activations in one pass; changes memory, never the result beyond its last
        bits.

    Returns
    -------
    torch.Tensor, shape (n, 4, length)
    """
    place = cut(network)
    rows = pass_size(place.network, one_hot, megabytes)
    if baselines is None:
        baselines, points = one_hot[:, None], one_hot.new_ones(1)
        weights = points
    else:
        points, weights = trapezoid(steps, dtype=one_hot.dtype, device=one_hot.device)
    if baselines.ndim == 3:
        baselines = baselines[:, None]
    n, repeats = baselines.shape[:2]
    mean = torch.empty_like(one_hot)
    block = max(1, rows // repeats)
    for first in range(0, n, block):
        part = slice(first, first + block)
        sequences = one_hot[part]
        end = place.values(sequences).repeat_interleave(repeats, dim=0)
        gradients = path_gradient(
            place,
            place.values(baselines[part].flatten(0, 1)),
            end,
            sequences.repeat_interleave(repeats, dim=0),
            points,
            weights,
            [target],
            output=output,
            rows=rows,
        )
        # The mean before the beginning, which is affine: one backward pass each.
        averaged = gradients[0].unflatten(0, (-1, repeats)).mean(dim=1)
        mean[part] = place.pull_back(averaged, one_hot.shape[2])
    return mean


def integrated_gradients(
    network,
    one_hot,
    baselines,
    targets,
    *,
    steps=50,
    output="logit",
    megabytes=MEGABYTES,
    layer=None,
    label="integrated gradients",
):
    """Integrated Gradients (Sundararajan et al. 2017, arXiv:1703.01365).

    ``(sequence - baseline) * mean gradient on the path between them``, by the
    trapezoidal rule. Summed over a sequence they are the change of the output
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
    output : str
        ``logit`` or ``probability``.
    megabytes : float
        Of activations in one pass.
    layer : str, optional
        Attributions to this layer's outputs as well: the path then leads from its
        outputs for the baseline to those for the sequence.
    label : str
        Of the progress bar.

    Returns
    -------
    Attributions
    """

    def path(_, start):
        return trapezoid(steps, dtype=start.dtype, device=start.device)

    return _along_paths(
        network, one_hot, baselines, targets, path, output, megabytes, layer, label
    )


def gradient_shap(
    network,
    one_hot,
    baselines,
    targets,
    points,
    *,
    output="logit",
    megabytes=MEGABYTES,
    layer=None,
    label="GradientSHAP",
):
    """GradientSHAP: expected gradients (Erion et al. 2021, arXiv:1906.10670).

    ``(sequence - baseline) * gradient`` at one random point of each path, averaged
    over the baselines.

    Parameters
    ----------
    network, one_hot, targets, output, megabytes, layer, label
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
        network, one_hot, baselines, targets, path, output, megabytes, layer, label
    )


def stratified_points(n, draws, rng):
    """Random points of 0-1, one in each of `draws` equal parts, in random order.

    Each is uniform on 0-1, as GradientSHAP wants; together they cover it evenly, which
    lowers the error of their mean.

    Returns
    -------
    numpy.ndarray, shape (n, draws)
    """
    points = (np.arange(draws) + rng.random((n, draws))) / draws
    return rng.permuted(points, axis=1)


def _along_paths(
    network, one_hot, baselines, targets, path, output, megabytes, layer, label
):
    place = cut(network)
    rows = pass_size(place.network, one_hot, megabytes)
    inner = None if layer is None else LayerCut(place.network, layer)
    kept = Kept(one_hot, targets)
    repeats = baselines.shape[1]
    block = max(1, rows // repeats)
    for first in progress(range(0, len(one_hot), block), label):
        part = slice(first, first + block)
        sequences = one_hot[part]
        references = baselines[part].flatten(0, 1).to(one_hot)
        repeated = sequences.repeat_interleave(repeats, dim=0)

        def mean_gradients(at, start, end, part=part, repeated=repeated):
            points, weights = path(part, start)
            return path_gradient(
                *(at, start, end, repeated, points, weights, targets),
                output=output,
                rows=rows,
            )

        start, end = place.values(references), place.values(sequences)
        kept.add_outputs(
            part,
            _evaluate(place, end, output, rows)[:, targets],
            _evaluate(place, start, output, rows)[:, targets],
        )
        end = end.repeat_interleave(repeats, dim=0)
        for column, each in enumerate(mean_gradients(place, start, end)):
            multipliers = place.pull_back(each, one_hot.shape[2])
            kept.add(column, part, references, multipliers)
        if inner is not None:
            start, end = inner.values(references), inner.values(repeated)
            kept.add_layer(part, mean_gradients(inner, start, end) * (end - start))
    return kept.attributions()


@torch.no_grad()
def _evaluate(place, values, output, rows):
    """Outputs (n, all targets) of values at a cut."""
    found = [
        outputs(place.logits(values[first : first + rows]), output)
        for first in range(0, len(values), rows)
    ]
    return torch.cat(found)


class Kept:
    """Attributions as they are computed, block by block, averaged over baselines.

    Parameters
    ----------
    one_hot : torch.Tensor, shape (n, 4, length)
    targets : list of int
    """

    def __init__(self, one_hot, targets):
        self.one_hot = one_hot
        kind = _numpy_type(one_hot)
        shape = (len(targets), *one_hot.shape)
        self.attribution = np.empty(shape, dtype=kind)
        self.hypothetical = np.empty_like(self.attribution)
        self.output = np.empty((len(one_hot), len(targets)), dtype=kind)
        self.baseline_output = np.empty_like(self.output)
        self.layer = []

    def add(self, column, part, references, multipliers):
        """Keep the averages of one target.

        Parameters
        ----------
        column : int
            Of `targets`.
        part : slice
            Of the sequences; m of them.
        references, multipliers : torch.Tensor, shape (m * baselines, 4, length)
            A baseline, and what a difference from it is multiplied by.
        """
        sequences = self.one_hot[part]
        # (m * baselines, 4, length) -> (m, baselines, 4, length)
        references = references.unflatten(0, (len(sequences), -1))
        multipliers = multipliers.unflatten(0, (len(sequences), -1))
        # What the baseline has there is taken away, whichever base is put there.
        own = (references * multipliers).sum(dim=2, keepdim=True)
        known = sequences.sum(dim=1, keepdim=True) > 0
        hypothetical = (multipliers - own).mean(dim=1) * known
        attribution = ((sequences[:, None] - references) * multipliers).mean(dim=1)
        self.attribution[column, part] = attribution.cpu().numpy()
        self.hypothetical[column, part] = hypothetical.cpu().numpy()

    def add_outputs(self, part, of_sequences, of_baselines):
        """Keep outputs: (m, targets), and (m * baselines, targets) to be averaged."""
        of_baselines = of_baselines.unflatten(0, (len(of_sequences), -1)).mean(dim=1)
        self.output[part] = of_sequences.cpu().numpy()
        self.baseline_output[part] = of_baselines.cpu().numpy()

    def add_layer(self, part, values):
        """Keep (targets, m * baselines, ...) of a layer, averaged over baselines."""
        split = (len(self.one_hot[part]), -1)
        mean = values.detach().unflatten(1, split).mean(dim=2)
        self.layer.append(mean.cpu().numpy())

    def attributions(self):
        """All that was kept."""
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
    output="logit",
    megabytes=MEGABYTES,
    layer=None,
    label="gradients",
):
    """Gradients at the sequences, or their means over noisy copies (SmoothGrad).

    SmoothGrad (Smilkov et al. 2017, arXiv:1706.03825) averages the gradient over
    copies of the input with Gaussian noise, which evens out its jumps.

    Parameters
    ----------
    network, one_hot, targets, output, megabytes, label
        As for `integrated_gradients`.
    noise : tuple (draws, standard deviation, numpy.random.Generator), optional
        Unknown bases and padding get none.
    layer : str, optional
        Gradient x activation of this layer's outputs as well, without noise.

    Returns
    -------
    Attributions
        `attribution` and `hypothetical` both hold the gradient; 0 at unknown bases.
        `baseline_output` is NaN.
    """
    place = cut(network)
    rows = pass_size(place.network, one_hot, megabytes)
    inner = None if layer is None else LayerCut(place.network, layer)
    draws, deviation, rng = noise or (1, 0.0, None)
    kind = _numpy_type(one_hot)
    found = np.empty((len(targets), *one_hot.shape), dtype=kind)
    explained = np.empty((len(one_hot), len(targets)), dtype=kind)
    layers = []
    once = one_hot.new_ones(1)

    def gradients(at, values, sequences):
        return path_gradient(
            *(at, values, values, sequences, once, once, targets),
            output=output,
            rows=rows,
        )

    block = max(1, rows // draws)
    for first in progress(range(0, len(one_hot), block), label):
        part = slice(first, first + block)
        sequences = one_hot[part]
        known = sequences.sum(dim=1, keepdim=True) > 0
        copies = sequences.repeat_interleave(draws, dim=0)
        if rng is not None:
            drawn = rng.standard_normal(copies.shape, dtype=np.float32)
            drawn = torch.from_numpy(drawn).to(copies)
            copies = copies + deviation * drawn * known.repeat_interleave(draws, dim=0)
        each = gradients(place, place.values(copies), copies)
        mean = each.unflatten(1, (-1, draws)).mean(dim=2)
        for column, of_target in enumerate(mean):
            pulled = place.pull_back(of_target, one_hot.shape[2])
            found[column, part] = (pulled * known).cpu().numpy()
        values = place.values(sequences)
        logits = _evaluate(place, values, output, rows)[:, targets]
        explained[part] = logits.cpu().numpy()
        if inner is not None:
            values = inner.values(sequences)
            of_layer = gradients(inner, values, sequences) * values
            layers.append(of_layer.detach().cpu().numpy())
    return Attributions(
        found,
        found,
        explained,
        np.full_like(explained, np.nan),
        np.concatenate(layers, axis=1) if layers else None,
    )
