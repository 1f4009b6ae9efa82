"""The filters of a network's first convolution."""

from typing import NamedTuple

import pandas as pd

from proofread.api.arguments import (
    as_dataset,
    as_labelled,
    as_sequences,
    at_least,
    between,
    one_of,
)
from proofread.api.explain import STRANDS
from proofread.api.networks import name_layers, prepared
from proofread.datasets.dataset import Dataset
from proofread.methods.filter_nullification.null_values import NULLS
from proofread.methods.filter_nullification.nullify import nullify
from proofread.methods.filter_nullification.tables import target_table
from proofread.methods.filter_pfms import pfms
from proofread.methods.filter_pfms.tables import filter_table
from proofread.methods.filter_pfms.thresholds import RULES
from proofread.statistics.bootstrap import Resampling

_GC = 0.415  # of the human genome, for Basset's information content


class FilterPfms(NamedTuple):
    """The filters of a first convolution and their motifs.

    Parameters
    ----------
    table : pandas.DataFrame
        A row for each filter: status, number of sites, threshold, statistics of the
        activation, information content, consensus; the columns of the workflow's
        filter_pfms/table.tsv.
    motifs : list of proofread.motifs.motif.Motif
        Of the filters whose status is ok: `name`, `matrix` (width, 4), `sites`.
    """

    table: pd.DataFrame
    motifs: list


def filter_pfms(
    model,
    sequences,
    *,
    convolution=None,
    activation=None,
    rule="mean_max",
    activation_threshold=0.5,
    quantile=0.999,
    n_sites=100,
    strands="forward",
    min_sites=10,
    pseudocount=1.0,
    trim=0.2,
):
    """Make a motif of the sites that activate each filter.

    docs/methods/filter_pfms.md explains the method.

    Parameters
    ----------
    model, sequences
        See `proofread.predict`.
    convolution : torch.nn.Module, str or None
        The torch.nn.Conv1d that reads the one-hot sequence, or a torch.nn.Conv2d of
        height 1: the layer or its dotted name. None: the layer that the network's
        attribute `first_convolution` names, else the only one that can read it.
    activation : torch.nn.Module, str or None
        The layer after it whose outputs (n, filters, positions) are read. None: the
        layer that the attribute `first_activation` names, else the convolution itself.
    rule : str
        What makes a site: mean_max, half_max, quantile or top_n.
    activation_threshold : float
        Of mean_max: fraction of the way from a filter's mean to its maximum, 0-1.
    quantile : float
        Of quantile: fraction of the positions below the threshold, 0-1.
    n_sites : int
        Of top_n: number of sites of each filter.
    strands : str
        ``forward``; or ``both``: reverse complements are read as well.
    min_sites : int
        A filter with fewer sites has no motif.
    pseudocount : float
        Added to the count of each base.
    trim : float
        Bits that an end of the trimmed consensus has.

    Returns
    -------
    FilterPfms

    Raises
    ------
    InputError
        If an argument is not one of those above.
    """
    one_of("rule", rule, RULES)
    one_of("strands", strands, STRANDS)
    between("activation_threshold", activation_threshold, 0, 1, excluded=(1,))
    between("quantile", quantile, 0, 1, excluded=(0, 1))
    at_least("n_sites", n_sites, 1)
    at_least("min_sites", min_sites, 1)
    at_least("pseudocount", pseudocount, 0, whole=False)
    at_least("trim", trim, 0, whole=False)
    index, length, _ = as_sequences(sequences)
    with prepared(model, index, sequences) as network:
        name_layers(network, convolution, activation)
        result = pfms.filter_pfms(
            network,
            index,
            length,
            rule=rule,
            activation_threshold=activation_threshold,
            quantile=quantile,
            n_sites=n_sites,
            strands=strands,
            min_sites=min_sites,
            pseudocount=pseudocount,
        )
    return FilterPfms(filter_table(result, gc=_GC, trim=trim), pfms.motifs_of(result))


def filter_nullification(
    model,
    sequences,
    labels=None,
    *,
    convolution=None,
    activation=None,
    null_value="mean",
    resamples=1000,
    seed=1,
):
    """Ablate each filter and predict again.

    docs/methods/filter_nullification.md explains the method.

    Parameters
    ----------
    model, sequences
        See `proofread.predict`.
    labels : array, shape (n,) or (n, targets), optional
        1 for positives and 0 for negatives, for the change of the loss; NaN is a
        missing one. None: those of the dataset; without any, the table has no columns
        of the loss. For a network of quantities they are measured values, in their own
        units. Such a network is one of `proofread.load_network`, or comes with a
        dataset of quantities.
    convolution, activation
        As of `filter_pfms`.
    null_value : str
        What replaces the activations of a filter: mean, zero, permuted, position_mean
        or batch_mean.
    resamples : int
        Of the sequences, for the 95 % intervals.
    seed : int
        Of the permutation and of the resamples.

    Returns
    -------
    pandas.DataFrame
        A row for each filter and target; the columns of the workflow's
        filter_nullification/targets.tsv. `signed` and `absolute` are the mean change
        of the logit, intact minus ablated, and the mean of its size. Of a quantity
        these are of the network's output, and `loss_change` is of the squared error
        (of counts, of the Poisson loss).

    Raises
    ------
    InputError
        If an argument is not one of those above.
    """
    one_of("null_value", null_value, NULLS)
    at_least("resamples", resamples, 1)
    at_least("seed", seed, 0)
    index = as_sequences(sequences).index
    with prepared(model, index, sequences) as network:
        name_layers(network, convolution, activation)
        is_labelled = labels is not None or (
            isinstance(sequences, Dataset) and sequences.labelled
        )
        scale = network.output_scale
        numbers = {"quantitative": scale is not None}
        dataset = (
            as_labelled(sequences, labels, network.targets, **numbers)
            if is_labelled
            else as_dataset(sequences, network.targets)
        )
        filters = network.get_submodule(network.first_convolution).out_channels
        result = nullify(
            network,
            index,
            [[number] for number in range(filters)],
            null=null_value,
            seed=seed,
            names=dataset.name,
        )
    table = target_table(
        [f"filter{number}" for number in range(filters)],
        dataset.target,
        result.logit,
        result.ablated,
        dataset.label,
        Resampling(len(index), resamples, seed),
        scale,
    )
    if is_labelled:
        return table
    return table.drop(columns=[name for name in table if name.startswith("loss")])
