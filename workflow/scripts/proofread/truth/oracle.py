"""The weights of a positive control, from the planted matrices and the rule."""

from dataclasses import asdict
from itertools import product

import numpy as np
import torch

from proofread.configuration.effects import EFFECTS
from proofread.configuration.logic import AtLeast, Not, Present, parse
from proofread.configuration.positive_control import NO_ORACLE
from proofread.datasets.preview.motifs import CHANCE_P
from proofread.datasets.simulation.pool_settings import pool_weights
from proofread.dna.composition import base_frequencies
from proofread.errors import InputError
from proofread.models import oracle
from proofread.motifs.motif import log_odds, reverse_complement_matrix
from proofread.motifs.scan import UNIT, threshold
from proofread.truth.ideal_explainer import MIN_PROBABILITY
from proofread.truth.oracle_effects import oracle_of_effects

TEMPERATURE = 3.0  # of the rules; 1 hides the stronger of two motifs from gradients
MAX_MOTIFS = 14  # of an expression, which has 2 ** motifs subsets
_BACKGROUND_ROWS = 10_000  # sequences whose base frequencies are the background


def oracle_of(dataset):
    """The network that is the rule of a dataset.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
        Simulated; its matrices and settings are read, its labels are not.

    Returns
    -------
    network : torch.nn.Module
        In evaluation mode: of `proofread.models.oracle` or, for rule effects, of
        `proofread.models.oracle_effects`.
    settings : dict
        Of the network, for its checkpoint.

    Raises
    ------
    InputError
        If the dataset is not simulated or has one of the rules `NO_ORACLE`, or if its
        rule looks at more than `MAX_MOTIFS` motifs.
    """
    rule = dataset.settings.get("rule", "none")
    if rule in NO_ORACLE:
        raise InputError(
            "positive_control: oracle",
            f"a dataset of rule {rule}",
            f"a simulated dataset of another rule than {' or '.join(NO_ORACLE)}",
            "leave this dataset out of the positive controls",
        )
    length = dataset.index.shape[1]
    if rule == EFFECTS:
        return oracle_of_effects(dataset)
    if rule == "gc":
        return _composition(dataset.settings, length, dataset.target), {}
    groups, expressions, distances = _parts(dataset.settings, dataset.motifs, length)
    if expressions and len(groups) > MAX_MOTIFS:
        raise InputError(
            "positive_control: oracle",
            f"a rule {rule} that looks at {len(groups)} motifs",
            f"at most {MAX_MOTIFS}",
            "set positive_control to null, or give the rule fewer motifs",
        )
    strands = 2 if dataset.settings["strand"] == "either" else 1
    filters = [
        (group, name, strand)
        for group, names in enumerate(groups)
        for name in names
        for strand in range(strands)
    ]
    widths = {name: len(dataset.motifs[name]) for _, name, _ in filters}
    events = len(groups) if expressions else 0
    settings = oracle.Settings(
        filters=len(filters),
        width=max(widths.values()),
        padding=max(widths.values()) - min(widths.values()),
        groups=len(groups),
        events=1 if distances is not None else events,
        reach=0 if distances is None else len(distances) - 1,
        temperature=TEMPERATURE,
    )
    network = oracle.build(asdict(settings), length, dataset.target)
    rule, convolution = network.rule, network.convolution1
    background = base_frequencies(np.asarray(dataset.index[:_BACKGROUND_ROWS]))
    weight, bias = np.zeros((len(filters), settings.width, 4)), np.zeros(len(filters))
    for row, (group, name, strand) in enumerate(filters):
        scores, least = site_scores(dataset.motifs[name], background)
        width = widths[name]
        weight[row, :width] = reverse_complement_matrix(scores) if strand else scores
        bias[row] = -least
        # The first position stands `padding` bases before the sequence.
        rule.inside[row, settings.padding :][: length - width + 1] = 1
        rule.of_group[group, row] = 1
    # (filters, width, 4) -> (filters, 4, width)
    values = {convolution.weight: weight.transpose(0, 2, 1), convolution.bias: bias}
    if distances is not None:
        values[rule.pairs.distances] = distances
    if expressions:
        subsets = np.array(list(product((False, True), repeat=settings.events)))
        present = dict(enumerate(subsets.T))
        values[rule.expressions.subsets] = subsets
        values[rule.expressions.holds] = np.stack(
            [expression.holds(present) for expression in expressions]
        )
    else:
        values[rule.sites.weight] = _weights_of_pools(dataset, background)
        values[rule.sites.bias] = np.zeros(1)
    with torch.no_grad():
        for tensor, numbers in values.items():
            tensor.copy_(torch.from_numpy(np.asarray(numbers, dtype=np.float32)))
    return network.eval(), asdict(settings)


def site_scores(matrix, background):
    """Scores of a matrix and the lowest score of a site, in nats.

    Parameters
    ----------
    matrix : numpy.ndarray, shape (width, 4)
        Probabilities.
    background : numpy.ndarray, shape (4,)

    Returns
    -------
    scores : numpy.ndarray, shape (width, 4)
        ``ln(p / q)``.
    least : float
        The threshold at `CHANCE_P`; the highest score where no match is so rare.
    """
    bits = log_odds(matrix, background, added=MIN_PROBABILITY)
    whole = np.rint(UNIT * bits).astype(np.int64)
    rare = threshold(whole, background, CHANCE_P)
    least = whole.max(axis=1).sum() if rare is None else rare.score
    return bits * np.log(2), least / UNIT * np.log(2)


def _parts(settings, motifs, length):
    """Groups of motifs, the expression of each target, and the distances of a pair.

    An expression is of the numbers of the groups, or of the pair, which is number 0.
    Two pools have no expression, and most rules no pair.
    """
    rule, names = settings["rule"], settings["motifs"]
    if rule in ("order", "distance"):
        first, second = (len(motifs[name]) for name in names)
        low, high = 0, length - first - second
        if rule == "distance":
            low, high = settings["min_gap"], settings["max_gap"]
        # From start to start, and not from end to start.
        distances = np.zeros(first + high + 1)
        distances[first + low :] = 1
        return [[name] for name in names], [Present(0)], distances
    if rule == "presence":
        names = settings["positive_motifs"]
        every = AtLeast(len(names), tuple(map(Present, range(len(names)))))
        return [[name] for name in names], [every], None
    if rule == "pool" and not settings["targets"]:
        return [names, settings["negative_motifs"]], [], None
    written = settings["targets"] or {"logic": settings["logic"]}
    parsed = [parse(value, names, name) for name, value in written.items()]
    used = list(dict.fromkeys(name for item in parsed for name in item.names()))
    numbers = {name: number for number, name in enumerate(used)}
    return [[name] for name in used], [_numbered(i, numbers) for i in parsed], None


def _numbered(expression, numbers):
    """An expression of motifs as one of the numbers of their groups."""
    if isinstance(expression, Present):
        return Present(numbers[expression.motif])
    if isinstance(expression, Not):
        return Not(_numbered(expression.part, numbers))
    parts = tuple(_numbered(part, numbers) for part in expression.parts)
    return AtLeast(expression.minimum, parts)


def _weights_of_pools(dataset, background):
    """Weights of the evidence of both pools, (1, 2).

    A site of the negatives' own motifs speaks against a positive as much as it is one.
    A draw of a positive is a core motif, one of a negative is with the probability f,
    so that a planted core site adds ln(1 / f); here the evidence of its matrix does.
    """
    settings = dataset.settings
    weights = pool_weights(settings, "the settings of the dataset")[
        : len(settings["motifs"])
    ]
    evidence = []
    for name in settings["motifs"]:
        scores, least = site_scores(dataset.motifs[name], background)
        evidence.append(np.logaddexp(0, (dataset.motifs[name] * scores).sum() - least))
    fraction = weights.sum()
    return [[-np.log(fraction) * fraction / (weights @ evidence), -1]]


def _composition(settings, length, targets):
    """Log-odds of rule gc, whose bases are independent, `MIN_PROBABILITY` added."""
    positive, negative = (
        np.array([1 - gc, gc, gc, 1 - gc]) / 2
        for gc in (settings["positive_gc"], settings["negative_gc"])
    )
    # A GC content of 0 or 1 excludes a base: both are moved as matrices are.
    negative = (negative + MIN_PROBABILITY) / (1 + 4 * MIN_PROBABILITY)
    scores = log_odds(positive, negative, added=MIN_PROBABILITY) * np.log(2)
    network = oracle.build({}, length, targets)
    weight = np.maximum([scores, -scores], 0)
    with torch.no_grad():
        network.convolution1.weight[:, :, 0] = torch.from_numpy(weight)
        network.convolution1.bias.zero_()
        network.output.weight.copy_(torch.tensor([[1, -1]]))
        network.output.bias.zero_()
    return network.eval()
