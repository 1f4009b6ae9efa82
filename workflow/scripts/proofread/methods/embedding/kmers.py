"""A network's vectors of k-mers.

A network that reads k-mers has a table of vectors. Of a network that reads bases, the
vector of a k-mer holds the activations of the first convolution's filters. K-mers are
in alphabetical order: AAA, AAC, AAG, AAT, ACA, ...
"""

import itertools
from dataclasses import dataclass

import numpy as np
from torch import nn

from proofread.dna.composition import base_frequencies
from proofread.dna.encoding import BASES, UNKNOWN, encode
from proofread.errors import InputError
from proofread.models.finite import check_finite
from proofread.models.first_layer import FirstLayer
from proofread.models.layers import KmerConvolution
from proofread.progress import log


def kmers(k):
    """All k-mers in alphabetical order: a list of 4 ** k strings."""
    return ["".join(bases) for bases in itertools.product(BASES, repeat=k)]


def kmer_vectors(k):
    """One-hot k-mers, (4 ** k, 4 ** k): all are equally far from each other."""
    return np.eye(4**k)


def base_vectors(k):
    """One-hot bases of k-mers, (4 ** k, 4 * k): distances count the differing bases.

    The squared distance of two k-mers is twice the number of differing bases.
    """
    index = np.stack([encode(kmer) for kmer in kmers(k)])  # (4 ** k, k)
    return np.eye(4)[index].reshape(4**k, 4 * k)


def embedding_table(model):
    """The vectors of a network that embeds k-mers.

    Parameters
    ----------
    model : torch.nn.Module
        Its `first_convolution` names a `KmerConvolution`, or, in a
        user model, a ``torch.nn.Embedding`` of 4 ** k k-mers in alphabetical order,
        with or without a row for padding (its `padding_idx`).

    Returns
    -------
    int
        Bases of a k-mer.
    numpy.ndarray, shape (4 ** k, dimensions), float64
        Without the row for padding, which is no k-mer.

    None in place of both if the network reads bases.

    Raises
    ------
    InputError
        If the number of rows is 4 ** k for no k.
    """
    name = model.first_convolution
    layer = model.get_submodule(name)
    if isinstance(layer, KmerConvolution):
        # (dimensions, k-mers, 1) -> (k-mers, dimensions)
        table = layer.embedding.weight.detach()[:, :, 0].T
        return layer.kmers.size, table.cpu().double().numpy()
    if not isinstance(layer, nn.Embedding):
        return None
    table = layer.weight.detach().cpu().double().numpy()
    if layer.padding_idx is not None:
        table = np.delete(table, layer.padding_idx, axis=0)
    k = (len(table).bit_length() - 1) // 2
    if k < 1 or len(table) != 4**k:
        raise InputError(
            f"model {type(model).__name__}",
            f"{name} has {layer.num_embeddings} rows"
            + ("" if layer.padding_idx is None else ", one of them padding_idx"),
            "4 ** k rows, one for each k-mer (AAA, AAC, ...), and at most "
            "one more, named by padding_idx",
            "set padding_idx of the torch.nn.Embedding, or leave other rows out",
        )
    return k, table


def first_layer_response(layer, k, backgrounds, response="mean"):
    """Activations of the first convolution's filters for each k-mer.

    The k-mer is put into each background in turn, at every position within the filter:
    at each output position that sees all of the k-mer (of a k-mer longer than the
    filter, that sees nothing else). The activations are averaged over the backgrounds.

    Parameters
    ----------
    layer : proofread.models.first_layer.FirstLayer
    k : int
        Bases of a k-mer.
    backgrounds : numpy.ndarray, shape (replicates, 2 * flank + k), uint8
        With `flank` from `flank_of`; the k-mer replaces the middle. All k-mers have the
        same backgrounds, so that differences are due to the k-mers.
    response : str
        How the activations at the positions are summarised: `mean`, `maximum`, or
        `each` (no summary).

    Returns
    -------
    numpy.ndarray, shape (4 ** k, filters), float64
        For `each` (4 ** k, positions * filters).

    Raises
    ------
    InputError
        If the network's sequences are shorter than a k-mer or a filter.
    """
    if k > layer.length:
        raise InputError(
            "methods.embedding.lengths",
            f"k-mers of {k} bases",
            f"at most {layer.length} bases, which the network's sequences have",
            "take this length out",
        )
    flank = (backgrounds.shape[1] - k) // 2
    # The network's own length may be too short for a full flank on either side.
    left = min(flank, (layer.length - k) // 2)
    right = min(flank, layer.length - k - left)
    backgrounds = backgrounds[:, flank - left : flank + k + right]
    index = np.stack([encode(kmer) for kmer in kmers(k)])  # (4 ** k, k)
    parts = []
    # With a stride a filter meets the k-mer at other positions in each phase of it.
    for phase in range(layer.geometry.stride):
        first, windows = _layout(layer, left + k + right, phase)
        if windows.size == 0:
            continue
        total = 0
        for background in backgrounds:
            slots = np.repeat(background[None], len(index), axis=0)
            slots[:, left : left + k] = index
            total = total + _activation(layer, slots, first, windows)
        parts.append(total / len(backgrounds))
    if not parts:
        raise InputError(
            f"model {type(layer.model).__name__}",
            f"a filter sees {layer.geometry.span} bases of sequences of {layer.length}",
            "filters that lie within a sequence at some position",
            "take embedding out of 'analyses' for this network",
        )
    activation = np.concatenate(parts, axis=1)  # (k-mers, positions, filters)
    if response == "each":
        return activation.reshape(len(activation), -1)
    if response == "maximum":
        return activation.max(axis=1)
    return activation.mean(axis=1)


def flank_of(layer, k):
    """Bases on either side of a k-mer that some filter sees together with all of it."""
    return max(layer.geometry.span - k, 0)


def _layout(layer, slot, phase):
    """Where slots of bases are in one sequence, and which outputs see only one.

    Returns
    -------
    numpy.ndarray, shape (slots,)
        First base of each slot.
    numpy.ndarray, shape (slots, positions)
        Output positions whose window lies within the slot.
    """
    geometry = layer.geometry
    # Slots begin at the same phase of the stride: all have the same positions.
    step = -(-slot // geometry.stride) * geometry.stride
    first = np.arange(phase, layer.length - slot + 1, step)
    start = geometry.start(np.arange(layer.positions))
    begin, end = first[:, None], first[:, None] + slot
    inside = (start >= begin) & (start + geometry.span <= end)
    return first, np.nonzero(inside)[1].reshape(len(first), -1 if len(first) else 0)


def _activation(layer, slots, first, windows):
    """Activations of a slot's windows: (slots, bases) -> (slots, positions, filters).

    Several slots share a sequence of the network's own length, whose remainder is
    unknown bases.
    """
    per_row = len(first)
    rows = -(-len(slots) // per_row)
    filled = np.full((rows * per_row, slots.shape[1]), UNKNOWN, np.uint8)
    filled[: len(slots)] = slots
    index = np.full((rows, layer.length), UNKNOWN, np.uint8)
    # (rows, per row, bases) at (per row, bases) of each row
    column = first[:, None] + np.arange(slots.shape[1])
    index[:, column] = filled.reshape(rows, per_row, -1)
    values = np.empty((rows, *windows.shape, layer.filters))
    for batch, activation in layer.batches(index):
        # (batch, outputs, filters) -> (batch, per row, positions, filters)
        values[batch] = activation.numpy()[:, windows]
    return values.reshape(rows * per_row, -1, layer.filters)[: len(slots)]


# Vectors that the network's own are compared with, by representation.
BASELINES = {"one_hot": kmer_vectors, "bases": base_vectors}


@dataclass(frozen=True)
class Vectors:
    """The vectors of all k-mers.

    Attributes
    ----------
    representation : str
        ``embedding`` or ``first_layer`` (the network's own), ``one_hot`` or
        ``bases``.
    k : int
    vectors : numpy.ndarray, shape (4 ** k, dimensions), float64
        In alphabetical order of the k-mers.
    """

    representation: str
    k: int
    vectors: np.ndarray


def network_vectors(model, index, *, lengths, response, backgrounds, seed):
    """The network's own vectors of k-mers.

    Parameters
    ----------
    model : torch.nn.Module
        In evaluation mode.
    index : numpy.ndarray, shape (n, length), uint8
        Sequences whose base frequencies the bases around a k-mer have. This and all
        further arguments are of networks without an embedding.
    lengths : list of int
        k.
    response : str
        See `first_layer_response`.
    backgrounds : int
        Random backgrounds of each k-mer.
    seed : int
        Of the backgrounds.

    Returns
    -------
    list of Vectors
        Of a network that embeds k-mers, its table; else one for each length.
    """
    table = embedding_table(model)
    if table is not None:
        k, vectors = table
        log.info("the network embeds %d k-mers in %d dimensions", *vectors.shape)
        return [Vectors("embedding", k, vectors)]
    layer = FirstLayer(model, model.length)
    frequencies = base_frequencies(index)
    vectors = []
    for k in lengths:
        rng = np.random.default_rng(seed)
        size = (backgrounds, 2 * flank_of(layer, k) + k)
        around = rng.choice(4, size=size, p=frequencies).astype(np.uint8)
        responses = first_layer_response(layer, k, around, response)
        check_finite(responses, "embedding", "the responses", names=kmers(k))
        vectors.append(Vectors("first_layer", k, responses))
    return vectors


def affix_of(k, wanted):
    """Bases of the prefix and of the suffix of k-mers: fewer than k, at least 1.

    None is half of k, rounded up: 2 of 3 and 3 of 5.
    """
    return min((k + 1) // 2 if wanted is None else wanted, max(k - 1, 1))


def groups_of(k, affix_length):
    """Labels of all k-mers, by colouring.

    Returns
    -------
    dict of str to numpy.ndarray, shape (4 ** k,)
        `prefix` and `suffix`: that many first and last bases; `gc`: the number of bases
        that are G or C.
    """
    texts = kmers(k)
    return {
        "prefix": np.array([kmer[:affix_length] for kmer in texts]),
        "suffix": np.array([kmer[-affix_length:] for kmer in texts]),
        "gc": np.array([kmer.count("G") + kmer.count("C") for kmer in texts]),
    }
