"""Sequences of any source made into a dataset: lengths, copies, names, strata."""

from dataclasses import dataclass, replace

import numpy as np

from proofread.datasets.dataset import Dataset
from proofread.datasets.labels import strata
from proofread.dna.encoding import UNKNOWN
from proofread.errors import InputError
from proofread.progress import log


@dataclass(frozen=True, eq=False)
class Sequence:
    """One sequence of a user's.

    Attributes
    ----------
    where : str
        File, line and record, as a message names them.
    name : str
    group : str
        What a split must not cut.
    index : numpy.ndarray, shape (length,), uint8
    label : tuple of float
        0 or 1 for each target.
    """

    where: str
    name: str
    group: str
    index: np.ndarray
    label: tuple


def assemble(sequences, targets, settings, where, *, length=None, trim="error"):
    """Make a dataset of sequences, and check them against each other.

    Parameters
    ----------
    sequences : list of Sequence
        In the order of the dataset.
    targets : list of str
    settings : dict
        The whole entry of the configuration; `identical` is read here, and all but
        `split` is kept in the dataset.
    where : str
        The dataset's place in the configuration, for error messages.
    length : int or None
        Of the model's input, bp; None is the longest sequence.
    trim : str
        `error` or `centre`: what is done with a longer sequence.

    Returns
    -------
    Dataset
        Without truth.

    Raises
    ------
    InputError
        If a sequence is too long, stands there with two different labels, or has
        the name of another.
    """
    sizes = [len(each.index) for each in sequences]
    fitted = [
        replace(each, index=_fit(each, length, trim, where)) for each in sequences
    ]
    if settings["identical"] == "drop":
        fitted = _drop_copies(fitted)
    _check_labels_differ(fitted, targets)
    _check_names(fitted)
    index, lengths = _matrix(fitted, length)
    log.info(
        "length %d bp: %d shorter (padded at the end), %d longer (trimmed)",
        *(index.shape[1], (lengths < index.shape[1]).sum()),
        sum(size > index.shape[1] for size in sizes),
    )
    label = np.array([each.label for each in fitted], dtype=np.float32)
    label = label.reshape(len(fitted), len(targets))
    return Dataset(
        index=index,
        length=lengths,
        name=[each.name for each in fitted],
        label=label,
        target=list(targets),
        group=[each.group for each in fitted],
        stratum=strata(label, targets),
        settings=_provenance(settings),
    )


def log_classes(dataset):
    """Say how many sequences each target has."""
    for target, positive in zip(dataset.target, dataset.label.sum(axis=0), strict=True):
        log.info(
            "%s: %d positives and %d negatives",
            *(target, positive, len(dataset) - positive),
        )


def log_letters(path, indices, n_soft_masked=None):
    """Say how much of a file was ambiguous and, where that is known, lower-case."""
    unknown = [int((index == UNKNOWN).sum()) for index in indices]
    if n_soft_masked is not None:
        log.info(
            "%s: %d records with lower-case letters (made upper-case)",
            *(path, n_soft_masked),
        )
    log.info(
        "%s: %d records, %d with N or another ambiguous letter (%d letters, code %d)",
        *(path, len(unknown), np.count_nonzero(unknown), sum(unknown), UNKNOWN),
    )


def _provenance(settings):
    """Say what made the dataset; the split, made later, is not part of it."""
    kept = {key: value for key, value in settings.items() if key != "split"}
    return {**kept, "versions": {"numpy": np.__version__}}


def _fit(sequence, length, trim, where):
    """The bases the model will see, before padding."""
    index = sequence.index
    surplus = 0 if length is None else len(index) - length
    if surplus <= 0:
        return index
    if trim == "error":
        raise InputError(
            sequence.where,
            f"{len(index)} bp",
            f"at most {length} bp ({where}.length)",
            "set trim: centre to keep the middle, or raise length",
        )
    begin = surplus // 2
    return index[begin : begin + length]


def _drop_copies(sequences):
    """Without sequences that repeat an earlier one and its labels."""
    first = {}
    kept = []
    for each in sequences:
        original = first.setdefault((each.index.tobytes(), each.label), each)
        if original is each:
            kept.append(each)
        else:
            log.info("%s: dropped, a copy of %s", each.where, original.name)
    if len(kept) < len(sequences):
        log.info("exact copies dropped: %d", len(sequences) - len(kept))
    return kept


def _check_labels_differ(sequences, targets):
    first = {}
    for each in sequences:
        twin = first.setdefault(each.index.tobytes(), each)
        if twin.label != each.label:
            kind = "the positive " if twin.label == (1,) else "the negative "
            as_what = kind + twin.where if len(targets) == 1 else twin.where
            raise InputError(
                each.where,
                f"the same {len(each.index)} bp as {as_what}",
                "each sequence in one class"
                if len(targets) == 1
                else "one set of labels for each sequence",
                "remove one of the two",
            )


def _check_names(sequences):
    first = {}
    for each in sequences:
        earlier = first.setdefault(each.name, each)
        if earlier is not each:
            raise InputError(
                each.where,
                f"the name {each.name!r} again; first in {earlier.where}",
                "a name of its own for each sequence, over both classes",
                "rename the record, or give the dataset a header pattern whose group "
                "'name' tells the records apart",
            )


def _matrix(sequences, width):
    """Indices (n, width), padded at the end, and the length of each sequence."""
    lengths = np.array([len(each.index) for each in sequences], dtype=np.int64)
    width = lengths.max(initial=0) if width is None else width
    index = np.full((len(sequences), width), UNKNOWN, dtype=np.uint8)
    for row, each in enumerate(sequences):
        index[row, : len(each.index)] = each.index
    return index, lengths
