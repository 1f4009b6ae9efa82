"""Distributions of activations: over all positions, and the highest in segments."""

import numpy as np
import torch


def activation_histogram(layer, index, statistics, *, bins=40):
    """Histogram of each filter's activations over all sequences and positions.

    Parameters
    ----------
    layer : proofread.models.first_layer.FirstLayer
    index : numpy.ndarray, shape (n, length), uint8
    statistics : proofread.models.first_layer.Statistics
        Of these sequences, perhaps of both their strands.
    bins : int
        Equal ones from a filter's minimum to its maximum.

    Returns
    -------
    edges : numpy.ndarray, shape (filters, bins + 1), float64
    counts : numpy.ndarray, shape (filters, bins), int64
    """
    low = torch.from_numpy(statistics.minimum)
    extent = torch.from_numpy(statistics.maximum) - low
    scale = torch.where(extent > 0, bins / extent, 0.0)
    column = torch.arange(layer.filters) * bins
    counts = torch.zeros(layer.filters * bins, dtype=torch.int64)
    for _, activation in layer.batches(index):
        # (batch, positions, filters) of bins; the maximum belongs to the last
        bin = ((activation.double() - low) * scale).long().clamp_(0, bins - 1)
        counts += torch.bincount((bin + column).flatten(), minlength=len(counts))
    edges = np.linspace(statistics.minimum, statistics.maximum, bins + 1, axis=1)
    return edges, counts.view(layer.filters, bins).numpy()


def number_of_segments(positions):
    """The smallest number of at least 5 that divides `positions`, as in Basset.

    A prime number of positions, or one below 5, gives segments of one position.
    """
    for segments in range(5, positions):
        if positions % segments == 0:
            return segments
    return positions


def segment_maxima(layer, index):
    """Highest activation in each of the equal segments of each sequence.

    Parameters
    ----------
    layer : proofread.models.first_layer.FirstLayer
    index : numpy.ndarray, shape (n, length), uint8

    Returns
    -------
    numpy.ndarray, shape (n, segments, filters), float32
    """
    segments = number_of_segments(layer.positions)
    maxima = np.empty((len(index), segments, layer.filters), np.float32)
    for rows, activation in layer.batches(index):
        # (batch, positions, filters) -> (batch, segments, in segment, filters)
        split = activation.reshape(len(activation), segments, -1, layer.filters)
        maxima[rows] = split.amax(dim=2)
    return maxima
