"""What a network makes of words (k-mers): vectors, one for each word of k bases.

A network that reads words has a table of them; of one that reads bases it is what the
filters of the first convolution answer to the word. Words are in alphabetical order:
AAA, AAC, AAG, AAT, ACA, ...
"""

import itertools
from dataclasses import dataclass

import numpy as np
from torch import nn

from proofread.dna.composition import base_frequencies
from proofread.dna.encoding import BASES, UNKNOWN, encode
from proofread.errors import InputError
from proofread.methods.filter_pfms.first_layer import FirstLayer
from proofread.models.layers import WordConvolution
from proofread.progress import log


def words(k):
    """All words of `k` bases, in alphabetical order: 4 ** k."""
    return ["".join(letters) for letters in itertools.product(BASES, repeat=k)]


def identity_vectors(k):
    """One-hot vectors of words, (4 ** k, 4 ** k): no word is nearer than another."""
    return np.eye(4**k)


def letter_vectors(k):
    """One-hot letters of words, (4 ** k, 4 * k): words differ by their letters.

    The squared distance of two words is twice the number of letters in which they
    differ; it is what shared letters alone make of a word.
    """
    index = np.stack([encode(word) for word in words(k)])  # (4 ** k, k)
    return np.eye(4)[index].reshape(4**k, 4 * k)


def embedding_table(model):
    """The words of a network that embeds them.

    Parameters
    ----------
    model : torch.nn.Module
        Its `first_convolution` names a `WordConvolution`, or, in a
        network of the user's, a ``torch.nn.Embedding`` of 4 ** k words in alphabetical
        order, with or without a row for padding (its `padding_idx`).

    Returns
    -------
    int
        Bases of a word.
    numpy.ndarray, shape (4 ** k, dimensions), float64
        Without the row for padding, which is no word.

    None in place of both if the network reads bases.

    Raises
    ------
    InputError
        If the rows are not those of the words of any k.
    """
    name = model.first_convolution
    layer = model.get_submodule(name)
    if isinstance(layer, WordConvolution):
        # (dimensions, words, 1) -> (words, dimensions)
        table = layer.embedding.weight.detach()[:, :, 0].T
        return layer.words.size, table.cpu().double().numpy()
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
            "4 ** k rows, one for each word of k bases (AAA, AAC, ...), and at most "
            "one more, named by padding_idx",
            "set padding_idx of the torch.nn.Embedding, or leave other rows out",
        )
    return k, table


RESPONSES = ("mean", "maximum", "each")


def first_layer_response(layer, k, backgrounds, response="mean"):
    """What the first convolution's filters answer to each word.

    The word stands in each background in turn, at every place within the filter: at
    each output position that sees all of the word (of a word longer than the filter,
    that sees nothing else). The activations are averaged over the backgrounds.

    Parameters
    ----------
    layer : proofread.methods.filter_pfms.first_layer.FirstLayer
    k : int
        Bases of a word.
    backgrounds : numpy.ndarray, shape (draws, 2 * flank + k), uint8
        With `flank` from `flank_of`; the word replaces the middle. All words stand in
        the same ones, so that a difference is never the background's.
    response : str
        What becomes of a filter's answers at the places: their `mean`, their `maximum`,
        or `each` a number of its own.

    Returns
    -------
    numpy.ndarray, shape (4 ** k, filters), float64
        For `each` (4 ** k, places * filters).

    Raises
    ------
    InputError
        If the network's sequences are shorter than a word or a filter.
    """
    if k > layer.length:
        raise InputError(
            "methods.embedding.lengths",
            f"words of {k} bases",
            f"at most {layer.length} bases, which the network's sequences have",
            "take this length out",
        )
    flank = (backgrounds.shape[1] - k) // 2
    # The network's own length may be too short for a full flank on either side.
    left = min(flank, (layer.length - k) // 2)
    right = min(flank, layer.length - k - left)
    backgrounds = backgrounds[:, flank - left : flank + k + right]
    index = np.stack([encode(word) for word in words(k)])  # (4 ** k, k)
    answers = []
    # With a stride a filter meets the word at other places in each phase of it.
    for phase in range(layer.geometry.stride):
        first, windows = _layout(layer, left + k + right, phase)
        if windows.size == 0:
            continue
        total = 0
        for background in backgrounds:
            slots = np.repeat(background[None], len(index), axis=0)
            slots[:, left : left + k] = index
            total = total + _activation(layer, slots, first, windows)
        answers.append(total / len(backgrounds))
    if not answers:
        raise InputError(
            f"model {type(layer.model).__name__}",
            f"a filter sees {layer.geometry.span} bases of sequences of {layer.length}",
            "filters that lie within a sequence at some position",
            "take embedding out of 'analyses' for this network",
        )
    answer = np.concatenate(answers, axis=1)  # (words, places, filters)
    if response == "each":
        return answer.reshape(len(answer), -1)
    return answer.max(axis=1) if response == "maximum" else answer.mean(axis=1)


def flank_of(layer, k):
    """Bases on either side of a word that some filter sees together with all of it."""
    return max(layer.geometry.span - k, 0)


def _layout(layer, slot, phase):
    """Where slots of bases stand in one sequence, and which outputs see only one.

    Returns
    -------
    numpy.ndarray, shape (slots,)
        First base of each slot.
    numpy.ndarray, shape (slots, places)
        Output positions whose window lies within the slot.
    """
    geometry = layer.geometry
    # Slots begin at the same phase of the stride: each has the same places.
    step = -(-slot // geometry.stride) * geometry.stride
    first = np.arange(phase, layer.length - slot + 1, step)
    start = geometry.start(np.arange(layer.positions))
    begin, end = first[:, None], first[:, None] + slot
    inside = (start >= begin) & (start + geometry.span <= end)
    return first, np.nonzero(inside)[1].reshape(len(first), -1 if len(first) else 0)


def _activation(layer, slots, first, windows):
    """Activations of a slot's windows: (slots, bases) -> (slots, places, filters).

    Several slots share a sequence of the network's own length, whose remainder is
    unknown bases.
    """
    many = len(first)
    rows = -(-len(slots) // many)
    filled = np.full((rows * many, slots.shape[1]), UNKNOWN, np.uint8)
    filled[: len(slots)] = slots
    index = np.full((rows, layer.length), UNKNOWN, np.uint8)
    # (rows, many, bases) at (many, bases) of each row
    place = first[:, None] + np.arange(slots.shape[1])
    index[:, place] = filled.reshape(rows, many, -1)
    found = np.empty((rows, *windows.shape, layer.filters))
    for batch, activation in layer.batches(index):
        # (batch, positions, filters) -> (batch, many, places, filters)
        found[batch] = activation.numpy()[:, windows]
    return found.reshape(rows * many, -1, layer.filters)[: len(slots)]


# What the network's own vectors are compared with.
BASELINES = {"one_hot": identity_vectors, "letters": letter_vectors}


@dataclass(frozen=True)
class Vectors:
    """The vectors of all words of k bases.

    Attributes
    ----------
    representation : str
        ``embedding`` or ``first_layer`` (the network's own), ``one_hot`` or
        ``letters``.
    k : int
    vectors : numpy.ndarray, shape (4 ** k, dimensions), float64
        In alphabetical order of the words.
    """

    representation: str
    k: int
    vectors: np.ndarray


def network_vectors(model, dataset, params):
    """What the network makes of words.

    Parameters
    ----------
    model : torch.nn.Module
        In evaluation mode.
    dataset : proofread.datasets.dataset.Dataset
        Its base frequencies are those of the bases around a word; only read for
        networks without an embedding.
    params : object
        `lengths`, `response`, `backgrounds`, `seed`.

    Returns
    -------
    list of Vectors
        Of a network that embeds words, its table; else one for each length.
    """
    table = embedding_table(model)
    if table is not None:
        k, vectors = table
        log.info("the network embeds %d words in %d numbers", *vectors.shape)
        return [Vectors("embedding", k, vectors)]
    layer = FirstLayer(model, model.length)
    frequencies = base_frequencies(dataset.index)
    found = []
    for k in params.lengths:
        size = (params.backgrounds, 2 * flank_of(layer, k) + k)
        rng = np.random.default_rng(params.seed)
        around = rng.choice(4, size=size, p=frequencies).astype(np.uint8)
        vectors = first_layer_response(layer, k, around, params.response)
        found.append(Vectors("first_layer", k, vectors))
    return found


def letters_of(k, wanted):
    """Letters of a prefix or suffix of words of k bases: fewer than k, at least 1.

    None is half of k, rounded up: 2 of 3 and 3 of 5.
    """
    return min((k + 1) // 2 if wanted is None else wanted, max(k - 1, 1))


def groups_of(k, letters):
    """Labels of all words of k bases, by colouring.

    Returns
    -------
    dict of str to numpy.ndarray, shape (4 ** k,)
        `prefix` and `suffix`: that many first and last letters; `gc`: how many letters
        are G or C.
    """
    all_words = words(k)
    return {
        "prefix": np.array([word[:letters] for word in all_words]),
        "suffix": np.array([word[-letters:] for word in all_words]),
        "gc": np.array([word.count("G") + word.count("C") for word in all_words]),
    }
