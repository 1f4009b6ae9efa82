"""The sites of each filter, and their position frequency matrices."""

from dataclasses import dataclass, replace

import numpy as np

from proofread.dna.composition import base_frequencies
from proofread.dna.encoding import both_strands
from proofread.methods.filter_pfms.counts import BaseCounter
from proofread.methods.filter_pfms.sites import (
    Sites,
    find_sites,
    forward_sites,
    site_bases,
)
from proofread.methods.filter_pfms.thresholds import Thresholds, thresholds
from proofread.models.checkpoint import new_network
from proofread.models.finite import check_finite
from proofread.models.first_layer import (
    FirstLayer,
    Statistics,
    activation_statistics,
)
from proofread.motifs.motif import Motif, probabilities, relative_entropy, trim
from proofread.progress import progress

SITE_SETTINGS = (
    "rule",
    "activation_threshold",
    "quantile",
    "n_sites",
    "strict",
    "strands",
    "unknown_bases",
    "max_sites_per_sequence",
    "min_sites",
    "pseudocount",
)
STATUSES = ("ok", "few_sites", "constant", "dead")


@dataclass(frozen=True)
class FilterPfms:
    """Sites and matrices of the filters of a first layer.

    Attributes
    ----------
    names : list of str, filters
    layer : proofread.models.first_layer.FirstLayer
    statistics : proofread.models.first_layer.Statistics
    limits : proofread.methods.filter_pfms.thresholds.Thresholds
    sites : proofread.methods.filter_pfms.sites.Sites
        By filter, sequence and start, in forward coordinates.
    strand : numpy.ndarray of str, shape (sites,)
    bases : numpy.ndarray, shape (sites, width), uint8
        As the filter read them.
    counts, ppm : numpy.ndarray, shape (filters, width, 4)
    n_sites, n_sequences : numpy.ndarray, shape (filters,), int
    background : numpy.ndarray, shape (4,)
        Base frequencies of the sequences.
    status : numpy.ndarray of str, shape (filters,)
        One of `STATUSES`. `dead`: never above zero. `constant`: always the same.
        `few_sites`: fewer than `min_sites`. Only `ok` ones become motifs.
    """

    names: list
    layer: FirstLayer
    statistics: Statistics
    limits: Thresholds
    sites: Sites
    strand: np.ndarray
    bases: np.ndarray
    counts: np.ndarray
    ppm: np.ndarray
    n_sites: np.ndarray
    n_sequences: np.ndarray
    background: np.ndarray
    status: np.ndarray

    @property
    def ok(self):
        """Filters that have a motif: bool, shape (filters,)."""
        return self.status == "ok"


def filter_pfms(
    model,
    index,
    length,
    *,
    rule="mean_max",
    activation_threshold=0.5,
    quantile=0.999,
    n_sites=100,
    strict=True,
    strands="forward",
    unknown_bases="skip",
    max_sites_per_sequence=None,
    min_sites=10,
    pseudocount=1.0,
    names=None,
):
    """Collect each filter's sites and count their bases.

    Parameters
    ----------
    model : torch.nn.Module
        In evaluation mode; names its first convolution and activation. Unchanged.
    index : numpy.ndarray, shape (n, length), uint8
    length : numpy.ndarray, shape (n,), int
        Bases of each sequence, without padding.
    rule, activation_threshold, quantile, n_sites, strict
        As for `thresholds`.
    strands : str
        `forward`, or `both`: the reverse complements are read as well, and take
        part in the statistics.
    unknown_bases, max_sites_per_sequence
        As for `find_sites`.
    min_sites : int
        Fewer sites make no motif.
    pseudocount : float
        As for `proofread.motifs.motif.probabilities`.
    names : list of str, optional
        Of the sequences, for a message.

    Returns
    -------
    FilterPfms

    Raises
    ------
    InputError
        If an activation is not finite.
    """
    layer = FirstLayer(model, index.shape[1])
    background = base_frequencies(index)
    read, read_length = index, length
    if strands == "both":
        read, read_length = both_strands(index, length)
    statistics = activation_statistics(layer, read)
    means = statistics.sequence_mean[: len(index)]
    check_finite(means, "filter_pfms", "the activations", names=names)
    limits = thresholds(
        layer,
        read,
        read_length,
        statistics,
        rule=rule,
        activation_threshold=activation_threshold,
        quantile=quantile,
        n_sites=n_sites,
        strict=strict,
        unknown_bases=unknown_bases,
    )
    counter = BaseCounter(layer.geometry, layer.filters)
    batches, bases = [], []
    for batch in find_sites(
        layer,
        read,
        read_length,
        limits,
        unknown_bases=unknown_bases,
        max_sites_per_sequence=max_sites_per_sequence,
    ):
        counter.add(read, batch)
        batches.append(batch)
        bases.append(site_bases(layer.geometry, read, batch))
    counts = counter.counts()
    sites, strand = forward_sites(
        Sites.concatenate(batches), length, layer.geometry.span
    )
    order = np.lexsort((strand, sites.start, sites.sequence, sites.filter))
    sites = sites.take(order)
    n_per_filter = np.bincount(sites.filter, minlength=layer.filters)
    pairs = np.unique(sites.filter * len(index) + sites.sequence)
    status = np.where(n_per_filter < min_sites, "few_sites", "ok")
    status = np.where(statistics.constant, "constant", status)
    status = np.where(statistics.dead, "dead", status)
    return FilterPfms(
        names=[f"filter{number}" for number in range(layer.filters)],
        layer=layer,
        statistics=statistics,
        limits=limits,
        sites=sites,
        strand=strand[order],
        bases=np.concatenate(bases)[order],
        counts=counts,
        ppm=probabilities(counts, pseudocount),
        n_sites=n_per_filter,
        n_sequences=np.bincount(pairs // len(index), minlength=layer.filters),
        background=background,
        status=status,
    )


def motifs_of(result):
    """The filters with enough sites as motifs, untrimmed."""
    return [
        Motif(result.names[row], result.ppm[row], sites=int(result.n_sites[row]))
        for row in np.flatnonzero(result.ok)
    ]


def untrained_motifs(model, dataset, networks, **settings):
    """The filters of untrained networks as motifs.

    Parameters
    ----------
    model : dict
        `architecture`, `settings` and `training` of the configuration.
    dataset : proofread.datasets.dataset.Dataset
        Sequences that the filters read.
    networks : int
        How many, with the seeds 1, 2, ...
    **settings
        Of `filter_pfms`.

    Returns
    -------
    motifs : list of Motif
        Named after the filter and the seed: ``filter7_untrained1``.
    background : numpy.ndarray, shape (4,)
        Base frequencies of the sequences.
    """
    motifs = []
    for seed in progress(range(1, networks + 1), "networks"):
        network = new_network(model, dataset, seed).eval()
        result = filter_pfms(network, dataset.index, dataset.length, **settings)
        motifs += [
            replace(motif, name=f"{motif.name}_untrained{seed}")
            for motif in motifs_of(result)
        ]
    return motifs, base_frequencies(dataset.index)


def trimmed_motifs_of(result, limit):
    """Those of which at least two positions stay when the ends are trimmed."""
    trimmed = [
        trimmed_motif(
            motif.name,
            motif.matrix,
            relative_entropy(motif.matrix, result.background),
            limit=limit,
            sites=motif.sites,
        )
        for motif in motifs_of(result)
    ]
    return [motif for motif in trimmed if motif is not None]


def trimmed_motif(name, matrix, information, *, limit, sites):
    """The matrix without its uninformative ends, or None if less than 2 bases stay.

    Parameters
    ----------
    name : str
    matrix : numpy.ndarray, shape (width, 4)
        Probabilities.
    information : numpy.ndarray, shape (width,)
        Bits of each position.
    limit : float
        Bits that an end needs to stay.
    sites : int
        Number of sites the matrix comes from.

    Returns
    -------
    proofread.motifs.motif.Motif or None
        One base alone is no motif.
    """
    motif = trim(Motif(name, matrix, sites=sites), information, limit=limit)
    return motif if motif is not None and len(motif) >= 2 else None
