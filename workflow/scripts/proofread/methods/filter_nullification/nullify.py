"""Predictions of a network while filters of its first layer are ablated."""

from dataclasses import dataclass

import numpy as np
import torch

from proofread.methods.filter_nullification.null_values import (
    all_read,
    batch_statistics,
    null_values,
)
from proofread.methods.filter_nullification.ways import runner_of
from proofread.models.device import in_batches, megabytes_at_once
from proofread.models.finite import check_finite
from proofread.models.first_layer import FirstLayer, activation_statistics
from proofread.models.output_scale import scale_of
from proofread.progress import progress

# Bytes that a batch holds of what is run again and again.
_BATCH_BYTES = 24_000_000
_WHERE = "filter_nullification"  # for messages


@dataclass(frozen=True)
class Nullified:
    """Predictions of a network with and without its filters.

    Attributes
    ----------
    logit : numpy.ndarray, shape (n, targets)
        Of the intact network; of quantities its outputs
        (`proofread.models.output_scale`).
    ablated : numpy.ndarray, shape (n, sets, targets)
        With the filters of each set ablated; in the type of the network.
    mean, std : numpy.ndarray, shape (filters,), float64
        Of each filter's activations over all sequences and positions (ddof 0), and over
        both strands where the network reads both. With
        `batch_mean` Basset's: of each batch (ddof 1), averaged over the batches.
    constant : numpy.ndarray, shape (filters,), bool
        Filters with the same activation everywhere, the dead ones too.
    way : str
        One of `WAYS`.
    """

    logit: np.ndarray
    ablated: np.ndarray
    mean: np.ndarray
    std: np.ndarray
    constant: np.ndarray
    way: str


@torch.no_grad()
def nullify(
    model,
    index,
    sets,
    *,
    null="mean",
    null_batch=1000,
    seed=1,
    batch_size=None,
    way=None,
    names=None,
):
    """Predictions of sequences while filters of the first layer are ablated.

    Their activations are replaced and the rest of the network is run again (Kelley,
    Snoek and Rinn 2016, doi:10.1101/gr.200535.115).

    Parameters
    ----------
    model : torch.nn.Module
        In evaluation mode; names its first convolution and activation. Left unchanged.
    index : numpy.ndarray, shape (n >= 1, length), uint8
        Unknown bases and padding are read as the network reads them, and the
        activations at their positions are replaced like all others.
    sets : sequence of sequences of int
        Filters that are ablated together.
    null : str
        What replaces a filter's activations. `mean`: its mean over all
        sequences and positions. `zero`. `permuted`: its activations of another
        sequence, the same one for all filters. `position_mean`: its mean over the
        sequences at each position. `batch_mean`: its mean over each `null_batch`
        sequences in a row, as Basset does.
    null_batch : int
        For `batch_mean`.
    seed : int
        Of the permutation.
    batch_size : int, optional
        Sequences at a time; changes memory, never the result beyond the last bits.
    way : str, optional
        One of `WAYS`, for comparisons; the fastest that applies if left out.
    names : list of str, optional
        Of the sequences, for a message.

    Returns
    -------
    Nullified

    Raises
    ------
    InputError
        If `proofread.models.first_layer.FirstLayer` cannot read the first layer, or a
        filter cannot be ablated in one of its calls, or if a prediction is not finite.
    ValueError
        If there are no sequences, or `way` does not apply to the network.
    """
    layer = FirstLayer(model, index.shape[1])
    statistics = activation_statistics(layer, all_read(layer, index))
    values = null_values(layer, index, statistics, null, null_batch, seed)
    runner = runner_of(model, layer, index[:2], way)
    room = 1e6 * megabytes_at_once(layer.device, _BATCH_BYTES / 1e6)
    size = batch_size or max(1, int(room // runner.bytes_per_sequence))
    sets = [sorted(set(filters)) for filters in sets]
    logits, ablated = [], []

    def run(part):
        return runner.run(np.arange(part.start, part.stop), index, values, sets)

    label = "batches of sequences with filters ablated"
    batches = in_batches(len(index), size, run)
    for _, (intact, without) in progress(batches, label, -(-len(index) // size)):
        logits.append(intact)
        ablated.append(without)
    mean, std = statistics.mean, statistics.std
    if null == "batch_mean":
        mean, std = batch_statistics(layer, index, null_batch)
    logit, without = torch.cat(logits).numpy(), torch.cat(ablated).numpy()
    about = {"names": names, "logits": scale_of(model) is None}
    check_finite(logit, _WHERE, "the predictions", **about)
    check_finite(without, _WHERE, "the predictions with filters ablated", **about)
    return Nullified(
        logit=logit,
        ablated=without,
        mean=mean,
        std=std,
        constant=statistics.maximum == statistics.minimum,
        way=runner.way,
    )
