"""Basset's HDF5: one-hot sequences and labels in three parts."""

import h5py
import numpy as np

from proofread.configuration.labels import is_quantitative
from proofread.configuration.suggestions import advice
from proofread.datasets.assembly import Sequence, assemble, log_labels, log_unknown
from proofread.datasets.known_sites import own_places, with_known_sites
from proofread.datasets.quantities import check_finite
from proofread.dna.encoding import UNKNOWN
from proofread.errors import InputError
from proofread.files.gzipped import decompressed
from proofread.hdf5 import check_own_arrays
from proofread.progress import log
from proofread.storage import raise_refusal

# Basset's name of each part, and ours.
PARTS = {"train": "train", "valid": "validation", "test": "test"}
# Rows decoded at once: bounds memory, changes nothing.
CHUNK = 4096
_FORMAT = "Basset's HDF5: <part>_in (n, 4, 1, length) and <part>_out (n, targets)"
_SHAPES = "(n, 4, 1, length), (n, 4, length) or (n, length, 4)"


def read(settings, where):
    """Read a dataset from a file in Basset's format (Kelley et al. 2016).

    Parameters
    ----------
    settings : dict
        As described by ``workflow/schemas/datasets/basset.schema.yaml``, with every
        default filled in.
    where : str
        The settings' place in the configuration, for error messages.

    Returns
    -------
    Dataset
        The parts train, validation and test, in this order; the group of a sequence
        is its part. The truth has the known sites, if any.

    Raises
    ------
    InputError
        With file and array.
    """
    path = settings["data"]["path"]
    try:
        with decompressed(path, "HDF5") as plain, h5py.File(plain, "r") as file:
            check_own_arrays(file, path, plain.stat().st_size)
            arrays = {
                part: _arrays(file, path, part)
                for part in PARTS
                if f"{part}_in" in file
            }
            if not arrays:
                raise _no_sequences(path)
            targets, columns = _targets(file, path, arrays, settings["targets"], where)
            sequences = [
                sequence
                for part in arrays
                for sequence in _read_part(
                    file, path, part, arrays[part], columns, settings
                )
            ]
    except (OSError, RuntimeError, KeyError) as error:  # of h5py
        raise_refusal(error, path)
        raise InputError(
            path,
            f"not readable ({' '.join(str(error).split())})",
            _FORMAT,
            "check the path, and that the file is complete",
        ) from error
    if not sequences:
        raise _no_sequences(path)
    log_unknown(path, [sequence.index for sequence in sequences])
    dataset = assemble(
        sequences,
        targets,
        settings,
        where,
        rename="write names: number to number the sequences, or rename one of the two",
    )
    dataset.settings["versions"]["h5py"] = h5py.__version__
    log_labels(dataset)
    return with_known_sites(dataset, settings, where, *own_places(sequences, None))


def _no_sequences(path):
    return InputError(
        path,
        "none of " + ", ".join(f"{part}_in" for part in PARTS),
        _FORMAT,
        "check that this is the right file",
    )


def decode_one_hot(one_hot):
    """Indices of one-hot columns.

    Parameters
    ----------
    one_hot : numpy.ndarray, shape (n, 4, length)
        In the order A, C, G, T.

    Returns
    -------
    numpy.ndarray, shape (n, length), uint8
        The base of a column with one 1 and three 0s; 4 for any other column, such as
        four values of 0.25. No sequence gets shorter.
    """
    is_base = (one_hot == 1).sum(axis=1) == 1
    is_base &= (one_hot == 0).sum(axis=1) == 3
    return np.where(is_base, (one_hot == 1).argmax(axis=1), UNKNOWN).astype(np.uint8)


def _targets(file, path, arrays, wanted, where):
    """Names of the targets to read, and their columns."""
    outputs = [f"{part}_out" for part in arrays]
    count = file[outputs[0]].shape[-1]
    if "target_labels" in file:
        names = _texts(file["target_labels"])
    else:
        names = [f"t{number}" for number in range(count)]
        log.info("%s: no target_labels; the targets are t0 to t%d", path, count - 1)
    if len(names) != count or len(set(names)) < count:
        raise InputError(
            f"{path}: target_labels",
            f"{len(set(names))} different names",
            f"{count}, one for each column of {outputs[0]}",
            "correct target_labels",
        )
    for name in wanted or ():
        if name not in names:
            raise InputError(
                f"{where}.targets",
                f"no target {name!r} in {path}",
                "one of " + ", ".join(names[:10]) + (", ..." if count > 10 else ""),
                advice(name, names, "correct the name, or set targets: null for all"),
            )
    chosen = wanted or names
    return chosen, [names.index(name) for name in chosen]


def _texts(array):
    """Texts of an HDF5 array, or of a single one."""
    return [_text(value) for value in np.ravel(array[()])]


def _text(value):
    """Text of an HDF5 string, with _ for white space, which would break tables."""
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    return "_".join(text.split())


def _read_part(file, path, part, arrays, columns, settings):
    """Sequences of one part, decoded in chunks."""
    one_hot, label = arrays
    names = [f"{part}{row}" for row in range(1, len(one_hot) + 1)]
    if settings["names"] == "header" and f"{part}_headers" in file:
        names = _texts(file[f"{part}_headers"])
        if len(names) != len(one_hot):
            raise InputError(
                f"{path}: {part}_headers",
                f"{len(names)} headers",
                f"{len(one_hot)}, one for each sequence of {part}_in",
                "correct the file, or set names: number",
            )
    for start in range(0, len(one_hot), CHUNK):
        index = decode_one_hot(_columns_of_bases(one_hot[start : start + CHUNK]))
        values = label[start : start + CHUNK][:, columns]
        _check_labels(values, start, f"{path}: {part}_out", settings)
        for row, (bases, labels) in enumerate(zip(index, values, strict=True), start):
            yield Sequence(
                f"{path}: {part}_in, row {row} (0-based)",
                names[row],
                PARTS[part],
                bases,
                tuple(None if label != label else label for label in labels.tolist()),
            )


def _arrays(file, path, part):
    """The one-hot sequences and the labels of a part, still on disk."""
    one_hot, label = file.get(f"{part}_in"), file.get(f"{part}_out")
    for name, item in ((f"{part}_in", one_hot), (f"{part}_out", label)):
        if isinstance(item, h5py.Group):
            raise InputError(
                f"{path}: {name}", "a group", _FORMAT, "store the array itself"
            )
    if label is None:
        raise InputError(
            path, f"{part}_in without {part}_out", _FORMAT, "add the labels"
        )
    if _bases_axis(one_hot.shape) is None:
        raise InputError(
            f"{path}: {part}_in",
            f"shape {one_hot.shape}",
            f"{_SHAPES}, one-hot in the order A, C, G, T",
            "reshape the array",
        )
    _check_outputs(label.shape, len(one_hot), path, part)
    for name, array in ((f"{part}_in", one_hot), (f"{part}_out", label)):
        if array.dtype.kind not in "biuf":
            raise InputError(
                f"{path}: {name}",
                f"values of the type {array.dtype}",
                "numbers",
                "store the array as numbers, such as uint8 or float32",
            )
    return one_hot, label


def _check_outputs(shape, n, path, part):
    """Refuse labels without a row for each sequence and a column for each target."""
    if len(shape) == 2 and shape[0] == n:
        return
    raise InputError(
        f"{path}: {part}_out",
        f"shape {shape}",
        f"({n}, targets), one row for each sequence of {part}_in",
        "reshape the labels of one target to a column"
        if shape == (n,)
        else "correct the array",
    )


def _bases_axis(shape):
    """The axis of the four bases; None if it is not known.

    Basset has (n, 4, 1, length), PyTorch (n, 4, length), Keras (n, length, 4). Nothing
    tells the last two apart for sequences of four bases.
    """
    if len(shape) == 4:
        return 1 if shape[1:3] == (4, 1) else None
    if len(shape) != 3 or (shape[1] == 4) == (shape[2] == 4):
        return None
    return 1 if shape[1] == 4 else 2


def _columns_of_bases(one_hot):
    """One-hot of any accepted shape as (n, 4, length)."""
    if one_hot.ndim == 4:
        return one_hot[:, :, 0]
    return one_hot if _bases_axis(one_hot.shape) == 1 else one_hot.swapaxes(1, 2)


def _check_labels(values, start, where, settings):
    if is_quantitative(settings):
        for row, column in np.argwhere(np.isinf(values.astype(np.float32))):
            check_finite(values[row, column], f"{where}, row {start + row} (0-based)")
        return
    wrong = ~np.isin(values, (0, 1))  # NaN is neither
    if settings["missing_labels"] == "mask":
        wrong &= ~np.isnan(values)
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        raise InputError(
            f"{where}, row {start + row} (0-based)",
            f"the label {values[row, column]:g}",
            "0 or 1",
            "remove the row, or make the labels 0 or 1: a network cannot learn from an "
            "unknown label" + _other_settings(values[row, column]),
        )


def _other_settings(value):
    """The settings that allow a label that is neither 0 nor 1."""
    if not np.isnan(value):
        return "; or set target_type: quantitative to predict the numbers"
    return "; or set missing_labels: mask, which uses the labels that are known"
