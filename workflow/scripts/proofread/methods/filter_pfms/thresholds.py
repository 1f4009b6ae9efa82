"""Which activations of a filter are high enough to make a site."""

from dataclasses import dataclass

import numpy as np
import torch

from proofread.dna.encoding import UNKNOWN

RULES = ("mean_max", "half_max", "quantile", "top_n")
UNKNOWN_BASES = ("skip", "quarter")

# Bits of one step of the search for a quantile: 2,048 counters per filter.
_DIGIT = 11


@dataclass(frozen=True)
class Thresholds:
    """Which activations make a site.

    Attributes
    ----------
    value : numpy.ndarray, shape (filters,), float64
        A site's activation is above it, and above 0. Infinite for a dead filter.
    ties : numpy.ndarray, shape (filters,), int64
        How many activations equal to `value` are sites as well, in the order of
        sequences and positions.
    """

    value: np.ndarray
    ties: np.ndarray


def thresholds(
    layer,
    index,
    length,
    statistics,
    *,
    rule,
    activation_threshold=0.5,
    quantile=0.999,
    n_sites=100,
    strict=True,
    unknown_bases="skip",
):
    """The activation above which each filter's sites lie.

    Parameters
    ----------
    layer : proofread.models.first_layer.FirstLayer
    index : numpy.ndarray, shape (n, length), uint8
    length : numpy.ndarray, shape (n,), int
        Bases of each sequence, without padding.
    statistics : proofread.models.first_layer.Statistics
        Of the same sequences.
    rule : str
        `mean_max`: mean + activation_threshold * (maximum - mean), half way between the
        mean and the maximum in Basset (Kelley et al. 2016,
        doi:10.1101/gr.200535.115). `half_max`: activation_threshold * maximum
        (Alipanahi et al. 2015, doi:10.1038/nbt.3300). `quantile`: the smallest
        activation that at least the fraction `quantile` of all does not exceed.
        `top_n`: such that the `n_sites` highest activations are sites; ties go to the
        earlier sequence and position.
    activation_threshold : float
        Fraction of the way to the maximum, 0-1; 0: every activation above zero. No
        activation of 0 or below is a site, whatever the rule.
    quantile : float
        For `quantile`, 0-1.
    n_sites : int
        For `top_n`.
    strict : bool
        False: an activation equal to the threshold is a site too, unless it is 0.
        `top_n` has its own rule for ties.
    unknown_bases : str
        As in `possible_positions`; `top_n` counts only possible sites.

    Returns
    -------
    Thresholds

    Raises
    ------
    ValueError
        If there is no such rule.
    """
    if rule not in RULES:
        raise ValueError(f"rule: expected one of {RULES}, got {rule!r}")
    n = len(index) * layer.positions
    ties = np.full(layer.filters, 0 if strict else n)
    if rule == "top_n":
        value, ties = _lowest_of_highest(layer, index, length, n_sites, unknown_bases)
    elif rule == "quantile":
        rank = min(max(int(np.ceil(quantile * n)), 1), n)
        value = _order_statistic(layer, index, rank)
    elif activation_threshold == 0:
        value = np.zeros(layer.filters)
    elif rule == "mean_max":
        above_mean = statistics.maximum - statistics.mean
        value = statistics.mean + activation_threshold * above_mean
    else:
        value = activation_threshold * statistics.maximum
    # An activation of 0 is no site: with ReLU most activations are 0.
    ties = np.where(value > 0, ties, 0)
    return Thresholds(np.where(statistics.dead, np.inf, value), ties)


def _lowest_of_highest(layer, index, length, n, unknown_bases):
    """The n-th highest activation among possible sites, and how many of them tie."""
    highest = torch.empty((0, layer.filters), dtype=torch.float64)
    for rows, activation in layer.batches(index):
        possible = possible_positions(layer, index[rows], length[rows], unknown_bases)
        # (batch, positions, filters) -> (possible sites, filters)
        values = torch.cat([highest, activation[torch.from_numpy(possible)].double()])
        highest = values.topk(min(n, len(values)), dim=0).values
    if len(highest) == 0:
        return np.full(layer.filters, np.inf), np.zeros(layer.filters, np.int64)
    value = np.maximum(highest.numpy().min(axis=0), 0)
    return value, n - (highest.numpy() > value).sum(axis=0)


def _order_statistic(layer, index, rank):
    """The rank-th smallest activation of each filter, exactly.

    Digit by digit of the floats' bits, whose order as integers is that of the
    values: a few passes over the sequences and 2,048 counters per filter, whatever
    the number of sequences.

    Parameters
    ----------
    layer : proofread.models.first_layer.FirstLayer
    index : numpy.ndarray, shape (n, length), uint8
    rank : int
        From 1.

    Returns
    -------
    numpy.ndarray, shape (filters,), float64
    """
    shift = bits = 8 * layer.activation(index[:1]).element_size()
    kind = torch.int32 if bits == 32 else torch.int64
    positive = torch.iinfo(kind).max
    column = torch.arange(layer.filters, dtype=torch.int64)
    remaining = np.full(layer.filters, rank)
    prefix = torch.zeros(layer.filters, dtype=kind)
    while shift > 0:
        above, digit = shift, min(_DIGIT, shift)
        shift -= digit
        # The first digit holds the sign: from -half to half - 1.
        half = 2 ** (digit - 1) if above == bits else 0
        counts = torch.zeros(layer.filters << digit, dtype=torch.int64)
        for _, activation in layer.batches(index):
            key = activation.contiguous().flatten(0, 1).view(kind)
            key = key ^ ((key >> (bits - 1)) & positive)
            slot = (column << digit) + ((key >> shift) - (prefix << digit)) + half
            # The first digit: all values are candidates.
            slot = slot if half else slot[(key >> above) == prefix]
            counts += torch.bincount(slot.flatten(), minlength=len(counts))
        # (filters * values) -> (filters, values)
        running = counts.view(layer.filters, -1).cumsum(dim=1).numpy()
        value = (running < remaining[:, None]).sum(axis=1)
        before = np.where(value > 0, running[np.arange(len(value)), value - 1], 0)
        remaining = remaining - before
        prefix = (prefix << digit) | torch.from_numpy(value - half).to(kind)
    key = prefix ^ ((prefix >> (bits - 1)) & positive)
    return key.view(torch.float32 if bits == 32 else torch.float64).double().numpy()


def possible_positions(layer, index, length, unknown_bases):
    """Which output positions can be sites.

    Only stretches that lie wholly within the sequence are sites: not those over the
    convolution's padding, nor over that of a short sequence.

    Parameters
    ----------
    layer : proofread.models.first_layer.FirstLayer
    index : numpy.ndarray, shape (n, length), uint8
    length : numpy.ndarray, shape (n,), int
        Bases of each sequence, without padding.
    unknown_bases : str
        `skip`: a stretch with an unknown base is not a site. `quarter`: it is, and
        counts as a quarter of each base.

    Returns
    -------
    numpy.ndarray, shape (n, positions), bool

    Raises
    ------
    ValueError
        If `unknown_bases` is neither.
    """
    if unknown_bases not in UNKNOWN_BASES:
        raise ValueError(
            f"unknown_bases: expected one of {UNKNOWN_BASES}, got {unknown_bases!r}"
        )
    geometry = layer.geometry
    start = geometry.start(np.arange(layer.positions))
    fits = (start >= 0) & (start + geometry.span <= length[:, None])
    unknown = index == UNKNOWN
    if unknown_bases == "quarter" or not unknown.any():
        return fits
    inside = np.flatnonzero(fits.any(axis=0))
    for base in range(geometry.width):
        seen = start[inside] + base * geometry.dilation
        fits[:, inside] &= ~unknown[:, seen]
    return fits
