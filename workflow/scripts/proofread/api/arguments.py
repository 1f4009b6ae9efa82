"""Arguments of a caller, checked where they enter: sequences, labels, numbers.

Every mistake ends in an `InputError` that names the argument, what came and what is
expected.
"""

import numbers
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from proofread.configuration.labels import QUANTITATIVE
from proofread.configuration.suggestions import advice
from proofread.datasets.dataset import Dataset
from proofread.dna import encoding
from proofread.dna.encoding import UNKNOWN
from proofread.errors import InputError

_SEQUENCES = (
    "strings of equal length, indices (n, length) of 0-4, or one-hot (n, 4, length)"
)


class Sequences(NamedTuple):
    """Sequences as the library takes them.

    Parameters
    ----------
    index : numpy.ndarray, shape (n, length), uint8
        0-3 for A, C, G, T; 4 for an unknown base and for padding.
    length : numpy.ndarray, shape (n,), int64
        Bases of each sequence, without padding.
    name : list of str, n
    """

    index: np.ndarray
    length: np.ndarray
    name: list


def as_sequences(sequences, argument="sequences"):
    """Sequences in any of the forms that the functions accept.

    Parameters
    ----------
    sequences : Dataset, list of str, or array
        Strings of equal length (A, C, G, T, U and IUPAC's ambiguous letters, either
        case; pad shorter ones with N). Or whole numbers (n, length): 0-3 for A, C, G,
        T and 4 for an unknown base. Or one-hot (n, 4, length): one 1 in each column,
        or only zeros for an unknown base. Arrays may be tensors on any device.
    argument : str
        Its name, for messages.

    Returns
    -------
    Sequences
        Of a dataset, its names; else the row numbers. Unknown bases at the end count
        as padding.
    """
    if isinstance(sequences, Dataset):
        index = np.asarray(sequences.index)
        return Sequences(index, np.asarray(sequences.length), list(sequences.name))
    if isinstance(sequences, str | bytes):
        raise InputError(
            argument,
            f"one text of {len(sequences)} characters",
            _SEQUENCES,
            "put it into a list: [sequence]",
        )
    index = _from_array(sequences, argument)
    if index is None:
        index = _from_strings(list(sequences), argument)
    if index.size == 0:
        raise InputError(
            argument,
            f"{index.shape[0]} sequences of {index.shape[1]} bases",
            "at least one sequence of at least one base",
            "pass some sequences",
        )
    known = index != UNKNOWN
    # The last known base of each; without any, nothing is padding.
    length = index.shape[1] - np.argmax(known[:, ::-1], axis=1)
    names = [str(row) for row in range(len(index))]
    return Sequences(index, length.astype(np.int64), names)


def one_hot(sequences):
    """One-hot sequences, as networks take them.

    Parameters
    ----------
    sequences : list of str, array or Dataset
        See `as_sequences`.

    Returns
    -------
    numpy.ndarray, shape (n, 4, length), float32
        In the order A, C, G, T; an unknown base is an all-zero column.

    Raises
    ------
    InputError
        If they are not sequences.
    """
    return encoding.one_hot(as_sequences(sequences).index)


def encoded(text, where):
    """A string as indices, (length,), uint8; `where` it is, for the message."""
    try:
        return encoding.encode(text)
    except ValueError as error:
        raise InputError(
            where,
            str(error),
            "the letters of DNA, without spaces or gaps",
            "correct the sequence; write N for an unknown base",
        ) from error


def _from_strings(texts, argument):
    """Indices of strings of equal length."""
    rows = []
    for number, text in enumerate(texts):
        if not isinstance(text, str):
            raise InputError(
                f"{argument}, record {number}",
                f"{type(text).__name__} among strings",
                _SEQUENCES,
                "pass strings only, or one array",
            )
        rows.append(encoded(text, f"{argument}, record {number}"))
        if len(text) != len(texts[0]):
            raise InputError(
                f"{argument}, record {number}",
                f"{len(text)} bases; record 0 has {len(texts[0])}",
                "strings of equal length",
                "pad shorter sequences at the end with N, or pass groups of one length",
            )
    return np.stack(rows) if rows else np.empty((0, 0), dtype=np.uint8)


def _from_array(values, argument):
    """Indices of an array or tensor of numbers; None where there are strings."""
    if isinstance(values, pd.Series | pd.Index):
        values = values.tolist()
    if isinstance(values, list | tuple) and (
        not values or any(isinstance(value, str) for value in values)
    ):
        return None
    array = as_array(values, argument, _SEQUENCES)
    if array.ndim == 1 and array.dtype.kind in "UTO":
        return None
    if array.ndim == 2 and array.dtype.kind in "iu":
        return _checked_index(array, argument)
    if array.ndim == 3 and array.shape[1] == 4 and array.dtype.kind in "fiub":
        return _index_of_one_hot(array, argument)
    raise InputError(
        argument, described(array), _SEQUENCES, _remedy(array.shape, array.dtype.kind)
    )


def described(array):
    """An array in a message."""
    shape = tuple(int(size) for size in array.shape)
    return f"{type(array).__name__}, {array.dtype}, shape {shape}"


def _remedy(shape, kind):
    if len(shape) == 3 and shape[2] == 4:
        return "exchange the last two axes: array.transpose(0, 2, 1)"
    if len(shape) == 2 and shape[0] == 4 and kind in "fb":
        return "add an axis for the sequences: array[None]"
    if len(shape) == 1 and kind in "iu":
        return "add an axis for the sequences: array[None]"
    return "convert them to one of these forms"


def _checked_index(array, argument):
    wrong = (array < 0) | (array > UNKNOWN)
    if wrong.any():
        row, position = np.argwhere(wrong)[0]
        raise InputError(
            f"{argument}, record {row}",
            f"{array[row, position]} at position {position} (0-based)",
            "0-3 for A, C, G, T and 4 for an unknown base",
            "correct the numbers, or pass strings or one-hot sequences",
        )
    return array.astype(np.uint8)


def _index_of_one_hot(array, argument):
    wrong = ~((array == 0) | (array == 1)).all(axis=1) | (array.sum(axis=1) > 1)
    if wrong.any():
        row, position = np.argwhere(wrong)[0]
        column = ", ".join(f"{value:g}" for value in array[row, :, position])
        raise InputError(
            f"{argument}, record {row}",
            f"the column ({column}) at position {position} (0-based)",
            "one 1 in each column, or four zeros for an unknown base",
            "make it one-hot in the order A, C, G, T",
        )
    index = array.argmax(axis=1)
    return np.where(array.any(axis=1), index, UNKNOWN).astype(np.uint8)


def as_array(values, argument, expected):
    """Numbers as an array, from nested lists, tables or tensors on any device."""
    if hasattr(values, "detach"):
        values = values.detach().cpu().numpy()
    try:
        return np.asarray(values)
    except ValueError as error:  # rows of different lengths
        raise InputError(
            argument, str(error).splitlines()[0], expected, "pass one array"
        ) from error


def _by_target(labels, n, n_targets, numbers):
    """Numbers as an array of (n, n_targets), and what a message expects of them."""
    expected = f"{numbers} of shape (sequences, targets) = ({n}, {n_targets})"
    if n_targets == 1:
        expected += f", or ({n},)"
    array = as_array(labels, "labels", expected)
    shape = (n, 1) if array.shape == (n,) else array.shape
    if array.dtype.kind not in "fiub" or shape != (n, n_targets):
        raise InputError(
            "labels",
            described(array),
            expected,
            "pass one row for each sequence and one column for each target",
        )
    return array.reshape(n, n_targets), expected


def as_labels(labels, n, n_targets):
    """Labels as the library takes them.

    Parameters
    ----------
    labels : array, shape (n,) or (n, targets)
        1 for positives, 0 for negatives; or probabilities. NaN is a missing label.
    n, n_targets : int
        Numbers of sequences and of targets.

    Returns
    -------
    numpy.ndarray, shape (n, targets), float32
    """
    array, expected = _by_target(labels, n, n_targets, "numbers from 0 to 1")
    array = array.astype(np.float32)
    wrong = (array < 0) | (array > 1)
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        raise InputError(
            f"labels, row {row}",
            f"{array[row, column]:g}",
            expected,
            "write 1 for positives and 0 for negatives, NaN for a missing label",
        )
    return array


def as_values(values, n, n_targets):
    """Measured values as the library takes them.

    Parameters
    ----------
    values : array, shape (n,) or (n, targets)
        Finite numbers, also as float32; NaN is a missing value.
    n, n_targets : int
        Numbers of sequences and of targets.

    Returns
    -------
    numpy.ndarray, shape (n, targets), float32
    """
    array, _ = _by_target(values, n, n_targets, "numbers")
    with np.errstate(over="ignore"):  # refused below, as it was passed
        values = array.astype(np.float32)
    infinite = np.isinf(values)
    if infinite.any():
        row, column = np.argwhere(infinite)[0]
        raise InputError(
            f"labels, row {row}",
            f"{array[row, column]:g}",
            "finite numbers, at most 3.4e38 in size, and NaN for a missing value",
            "remove the sequence, or pass NaN for a missing value",
        )
    return values


def as_dataset(sequences, targets, *, quantitative=False):
    """Sequences as a dataset whose labels are all 0.

    Parameters
    ----------
    sequences
        See `as_sequences`.
    targets : list of str
        Names of the network's targets.
    quantitative : bool
        Whether the targets are quantities.

    Returns
    -------
    proofread.datasets.dataset.Dataset
    """
    index, length, name = as_sequences(sequences)
    return Dataset(
        index=index,
        length=length,
        name=name,
        label=np.zeros((len(index), len(targets)), dtype=np.float32),
        target=list(targets),
        group=name,
        stratum=["negative"] * len(index),
        settings={"target_type": QUANTITATIVE} if quantitative else {},
    )


def as_labelled(sequences, labels, targets, *, quantitative=False):
    """Sequences and labels as one dataset; one that is a dataset keeps its truth.

    Parameters
    ----------
    sequences
        See `as_sequences`.
    labels : array, shape (n,) or (n, targets), or None
        None: those of the dataset.
    targets : list of str
        Names of the network's targets.
    quantitative : bool
        Whether the network's outputs are quantities; labels are measured values then.
        NaN is a missing label, or value.

    Returns
    -------
    proofread.datasets.dataset.Dataset

    Raises
    ------
    InputError
        If there are no labels, or none is known, or the dataset's labels are classes
        and the outputs quantities.
    """
    dataset = _with_labels(sequences, labels, targets, quantitative)
    if not dataset.labelled:
        noun = "value" if quantitative else "label"
        raise InputError(
            "sequences" if labels is None else "labels",
            f"no known {noun}: all {dataset.label.size} are missing",
            f"a {noun} of some sequences",
            f"pass {noun}s that are known",
        )
    return dataset


def _with_labels(sequences, labels, targets, quantitative):
    """The dataset of `as_labelled`, whether or not a label is known."""
    read = as_values if quantitative else as_labels
    if not isinstance(sequences, Dataset):
        if labels is None:
            raise InputError(
                "labels",
                "None, and the sequences are no dataset",
                "a measured value for each sequence and target"
                if quantitative
                else "a label of 0 or 1 for each sequence and target",
                "pass the labels",
            )
        dataset = as_dataset(sequences, targets, quantitative=quantitative)
        return replace(dataset, label=read(labels, len(dataset), len(targets)))
    if len(sequences.target) != len(targets):
        raise InputError(
            "sequences",
            f"a dataset of {len(sequences.target)} targets: "
            + ", ".join(sequences.target),
            f"as many as the model has, {len(targets)}: {', '.join(targets)}",
            "pass a dataset of the model's targets, or strings and labels",
        )
    if labels is None:
        if quantitative and not sequences.quantitative:
            raise InputError(
                "labels",
                "None, and the dataset has classes, but the model predicts quantities",
                "a measured value for each sequence and target",
                "pass the values as labels, or a dataset of quantities",
            )
        return sequences
    dataset = of_quantities(sequences) if quantitative else sequences
    return replace(dataset, label=read(labels, len(sequences), len(targets)))


def of_quantities(dataset):
    """A dataset, also one of classes, for a network whose outputs are quantities."""
    settings = dataset.settings | {"target_type": QUANTITATIVE}
    return replace(dataset, settings=settings)


def one_of(argument, value, known):
    """Refuse a choice that does not exist."""
    known = list(known)
    if value not in known:
        raise InputError(
            argument,
            repr(value),
            "one of " + ", ".join(known),
            advice(value, known, "choose one of them"),
        )


def whole_numbers(argument, values):
    """A list of whole numbers, from one of them or several."""
    if isinstance(values, numbers.Integral):
        values = [values]
    values = list(values) if hasattr(values, "__iter__") else [values]
    for value in values:
        if not isinstance(value, numbers.Integral) or isinstance(value, bool):
            raise InputError(argument, repr(value), "whole numbers", "correct it")
    return [int(value) for value in values]


def at_least(argument, value, minimum, *, whole=True):
    """Refuse a number below its minimum, and what is no number."""
    kind = numbers.Integral if whole else numbers.Real
    if not isinstance(value, kind) or isinstance(value, bool) or value < minimum:
        number = "a whole number" if whole else "a number"
        raise InputError(
            argument, repr(value), f"{number}, at least {minimum}", "correct it"
        )


def between(argument, value, low, high, *, excluded=()):
    """Refuse a number out of its bounds, or one of the excluded, and what is none."""
    real = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if not real or not low <= value <= high or value in excluded:
        but = f", but not {' or '.join(map(str, excluded))}" if excluded else ""
        raise InputError(
            argument, repr(value), f"a number from {low} to {high}{but}", "correct it"
        )


def column_of(target, targets):
    """The column of a target.

    Parameters
    ----------
    target : int or str
        A column, 0-based, or a name.
    targets : list of str
    """
    if isinstance(target, numbers.Integral) and not isinstance(target, bool):
        if 0 <= target < len(targets):
            return int(target)
    elif target in targets:
        return targets.index(target)
    names = ", ".join(f"{row} ({name})" for row, name in enumerate(targets))
    raise InputError(
        "target", repr(target), f"one of the model's targets: {names}", "correct it"
    )
