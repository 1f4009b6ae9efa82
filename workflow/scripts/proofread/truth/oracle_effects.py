"""The weights of a positive control of rule effects, from matrices and effects."""

from dataclasses import asdict

import numpy as np
import torch

from proofread.configuration.effects import POISSON
from proofread.datasets.simulation.effects import best_score, effects_of
from proofread.datasets.simulation.pool_settings import numbers_of, pool_weights
from proofread.dna.encoding import BASES
from proofread.models import oracle, oracle_effects
from proofread.models.output_scale import OutputScale, set_scale
from proofread.motifs.motif import UNIFORM, log_odds, reverse_complement_matrix
from proofread.statistics.transforms import NONE, Transform

_WHERE = "the settings of the dataset"
_LEAST = -20.0  # nats of a base that a matrix excludes, so that weights are finite


def oracle_of_effects(dataset):
    """The network that adds up the effects of a dataset of rule effects.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
        Its matrices and settings are read, its labels are not.

    Returns
    -------
    network : proofread.models.oracle_effects.Network
        In evaluation mode. Its output is the value without noise; of counts, the
        logarithm of their mean.
    settings : dict
        Of the network, for its checkpoint.
    """
    effects = effects_of(dataset.settings, dataset.motifs, _WHERE)
    names, length = list(effects.of_motif), dataset.index.shape[1]
    strands = 2 if dataset.settings["strand"] == "either" else 1
    filters = [(name, strand) for name in names for strand in range(strands)]
    widths = {name: len(dataset.motifs[name]) for name in names}
    distinct = sorted(set(widths.values()))
    settings = oracle_effects.Settings(
        filters=len(filters),
        width=max(widths.values()),
        padding=max(widths.values()) - min(widths.values()),
        widths=len(distinct),
        motifs=len(names),
        curves=len(effects.curves),
        pairs=len(effects.pairs),
        composition=effects.gc_slope != 0,
    )
    network = oracle.build(asdict(settings), length, dataset.target)
    positions = network.value.factor.shape[1]
    start = np.arange(positions) - settings.padding
    priors = _priors(dataset.settings, widths, length, strands)

    weight = np.zeros((len(filters), settings.width, 4))
    prior, best = np.zeros((2, len(filters), 1))
    of_motif = np.zeros((len(names), len(filters)))
    for row, (name, strand) in enumerate(filters):
        scores = np.maximum(log_odds(dataset.motifs[name], UNIFORM) * np.log(2), _LEAST)
        oriented = reverse_complement_matrix(scores) if strand else scores
        weight[row, : widths[name]] = oriented
        prior[row] = priors[name]
        # A matrix of equal bases has no effect, and no strong instance either.
        best[row] = best_score(dataset.motifs[name]) * np.log(2) or 1
        of_motif[names.index(name), row] = 1
    of_width = [[widths[name] == width for name, _ in filters] for width in distinct]
    ahead = np.arange(1 - settings.width, settings.width)
    values = {
        # (filters, width, 4) -> (filters, 4, width)
        network.convolution1.weight: weight.transpose(0, 2, 1),
        network.convolution1.bias: prior[:, 0],
        network.doses.prior: prior,
        network.doses.best: best,
        network.doses.inside: [
            (start >= 0) & (start <= length - widths[name]) for name, _ in filters
        ],
        network.doses.of_width: of_width,
        # Of a site of the first width, and one of the second that starts ahead of it.
        network.doses.overlap: [
            [(-second < ahead) & (ahead < first) for second in distinct]
            for first in distinct
        ],
        network.value.of_motif: of_motif,
        network.value.factor: [
            effects.position_factor(name, start + widths[name] / 2) for name in names
        ],
    }
    values |= _of_effects(network.value, effects, names, widths, positions)
    values[network.value.effects.bias] = [
        effects.baseline + dataset.settings.get("log_depth", 0) - effects.gc_slope / 2
    ]
    if settings.composition:
        gc = np.isin(list(BASES), ["C", "G"])[:, None] * np.full(length, 1 / length)
        values[network.composition.weight] = effects.gc_slope * gc[None]
    with torch.no_grad():
        for tensor, numbers in values.items():
            numbers = torch.from_numpy(np.asarray(numbers))
            tensor.copy_(numbers.to(tensor.dtype))
    network = network.eval()
    set_scale(network, _scale(dataset))
    return network, asdict(settings)


def _priors(settings, widths, length, strands):
    """Log-odds that a site of each motif starts at a position and strand."""
    numbers, probabilities = numbers_of(settings, _WHERE)
    # All motifs of the rule are under `effects`: none is a negative's alone.
    weights = pool_weights({**settings, "negative_motifs": []}, _WHERE)
    chance = {
        name: numbers @ probabilities * weight / strands / (length - widths[name] + 1)
        for name, weight in zip(settings["motifs"], weights, strict=True)
    }
    return {name: np.log(p) - np.log1p(-p) for name, p in chance.items()}


def _of_effects(value, effects, names, widths, positions):
    """The weights of a `proofread.models.oracle_effects.Value`, by its tensors."""
    saturating = {name for curve in effects.curves for name in curve.motifs}
    own = [0 if n in saturating else effects.of_motif[n] for n in names]
    result = {value.effects.weight: [own]}
    if effects.curves:
        result[value.summed.weight] = [
            [
                effects.of_motif[name] / curve.unit if name in curve.motifs else 0
                for name in names
            ]
            for curve in effects.curves
        ]
        result[value.curves.unit] = [curve.unit for curve in effects.curves]
        result[value.curves.hill] = [curve.hill for curve in effects.curves]
        result[value.curves.at_half] = [
            curve.half**curve.hill for curve in effects.curves
        ]
    if effects.pairs:
        result[value.pairs.first] = [names.index(p.first) for p in effects.pairs]
        result[value.pairs.second] = [names.index(p.second) for p in effects.pairs]
        result[value.pairs.effect] = [
            _by_distance(pair, widths, positions) for pair in effects.pairs
        ]
    return result


def _by_distance(pair, widths, positions):
    """The effect of a pair by the distance of its starts; 0 where the two overlap."""
    distance = np.arange(1 - positions, positions)
    gap = np.where(
        distance > 0, distance - widths[pair.first], -distance - widths[pair.second]
    )
    return pair.of_doses(1.0, gap >= 0, np.maximum(gap, 0))


def _scale(dataset):
    """The value is in the user's units; of counts it is the logarithm of their mean."""
    noise = dataset.settings["noise"]
    loss = POISSON if noise and noise["kind"] == POISSON else None
    none = Transform(NONE, [{} for _ in dataset.target])
    return OutputScale(loss, none, [0.0] * len(dataset.target))
