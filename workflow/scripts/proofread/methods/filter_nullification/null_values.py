"""The values that replace the activations of a filter, so that it says nothing."""

import numpy as np
import torch

from proofread.dna.encoding import reverse_complement
from proofread.models.first_layer import activation_statistics

NULLS = ("mean", "zero", "permuted", "position_mean", "batch_mean")


def strand_of(index, reverse):
    """Sequences as a call of the first convolution reads them.

    Parameters
    ----------
    index : numpy.ndarray, shape (n, length), uint8
    reverse : bool
        Whether it reads their reverse complements; padding is then in front.
    """
    return reverse_complement(index) if reverse else index


def all_read(layer, index):
    """All that the first convolution reads of sequences: both strands, or one.

    Returns
    -------
    numpy.ndarray, shape (n, length) or (2 n, length), uint8
        `index` itself where that is all.
    """
    parts = [strand_of(index, reverse) for reverse in _strands(layer)]
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _strands(layer):
    """Whether each strand that the layer reads is the reverse one, each once."""
    return sorted({call.strand == "reverse" for call in layer.calls})


def null_values(layer, index, statistics, null, null_batch, seed):
    """The values that replace activations, as a function of row numbers.

    Parameters
    ----------
    layer : proofread.models.first_layer.FirstLayer
    index : numpy.ndarray, shape (n, length), uint8
    statistics : proofread.models.first_layer.Statistics
        Of `all_read`.
    null : str
        One of `NULLS`.
    null_batch : int
        Sequences per mean, for `batch_mean`.
    seed : int
        For `permuted`.

    Returns
    -------
    callable
        Takes rows and whether their reverse complements are read, gives a torch.Tensor
        of shape (rows or 1, filters, positions or 1), on the device of the network.
    """
    kind = layer.activation(index[:1]).dtype
    if null == "mean":
        mean = torch.from_numpy(statistics.mean).to(kind).to(layer.device)
        # (filters,) -> (1, filters, 1)
        mean = mean[None, :, None]
        return lambda rows, reverse: mean
    if null == "zero":
        zero = torch.zeros(1, layer.filters, 1, dtype=kind, device=layer.device)
        return lambda rows, reverse: zero
    if null == "position_mean":
        means = {}
        for strand in _strands(layer):
            total = torch.zeros(layer.positions, layer.filters, dtype=torch.float64)
            for _, activation in layer.batches(strand_of(index, strand)):
                total += activation.double().sum(dim=0)
            # (positions, filters) -> (1, filters, positions)
            means[strand] = (total / len(index)).to(kind).T[None].to(layer.device)
        return lambda rows, reverse: means[reverse]
    if null == "batch_mean":
        total = torch.zeros(len(index), layer.filters, dtype=torch.float64)
        strands = _strands(layer)
        for strand in strands:
            for rows, activation in layer.batches(strand_of(index, strand)):
                total[rows] += activation.double().mean(dim=1) / len(strands)
        for start in range(0, len(index), null_batch):
            batch = total[start : start + null_batch]
            batch[:] = batch.mean(dim=0)
        mean = total.to(kind)[:, :, None].to(layer.device)
        return lambda rows, reverse: mean[rows]
    if null == "permuted":
        donor = other_sequence(len(index), seed)
        return lambda rows, reverse: activations(
            layer, strand_of(index[donor[rows]], reverse)
        )
    raise ValueError(f"null: expected one of {', '.join(NULLS)}, got {null!r}")


def batch_statistics(layer, index, size):
    """Mean and sample standard deviation of each batch, averaged: (filters,) each.

    A shorter last batch counts like the others; a single value has a deviation of 0.
    """
    means, deviations = [], []
    for start in range(0, len(index), size):
        batch = all_read(layer, index[start : start + size])
        statistics = activation_statistics(layer, batch)
        n = len(batch) * layer.positions
        means.append(statistics.mean)
        deviations.append(statistics.std * np.sqrt(n / max(1, n - 1)))
    return np.mean(means, axis=0), np.mean(deviations, axis=0)


def other_sequence(n, seed):
    """For each of n sequences another one, each once: int64 (n,).

    The sequences stand in a circle in random order, and each gets its neighbour, so
    that none gets itself unless it is alone.
    """
    order = np.random.default_rng(seed).permutation(n)
    donor = np.empty(n, dtype=np.int64)
    donor[order] = np.roll(order, -1)
    return donor


def activations(layer, index):
    """Activations of sequences: (n, filters, positions), on the network's device.

    On the CPU they are computed in small parts, which stay in its caches.
    """
    if layer.device.type != "cpu":
        return layer.activation_there(index).transpose(1, 2)
    parts = [activation for _, activation in layer.batches(index)]
    return torch.cat(parts).transpose(1, 2)
