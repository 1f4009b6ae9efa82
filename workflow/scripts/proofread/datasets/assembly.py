"""A dataset from the sequences of any source: lengths, copies, names, strata."""

from dataclasses import dataclass, replace

import numpy as np

from proofread.configuration.labels import is_quantitative
from proofread.configuration.names import check_visible
from proofread.datasets.dataset import Dataset
from proofread.datasets.labels import check_known, strata
from proofread.datasets.quantities import (
    check_values,
    log_values,
    quantile_strata,
)
from proofread.datasets.sampling import random_rows
from proofread.dna.encoding import UNKNOWN
from proofread.errors import InputError
from proofread.progress import log

# Settings that binary targets do not have.
_OF_NUMBERS = ("target_type", "transform", "intervals")


@dataclass(frozen=True, eq=False)
class Sequence:
    """One sequence of the user.

    Attributes
    ----------
    where : str
        File, line and record, as a message names them.
    name : str
    group : str
        A group that a split never divides.
    index : numpy.ndarray, shape (length,), uint8
    label : tuple of float or None
        0 or 1 for each target, or its value where targets are quantitative; None if it
        is missing.
    place : str
        Its window of a genome, as `proofread.files.windows.window_name` has it; empty
        if it is not known.
    """

    where: str
    name: str
    group: str
    index: np.ndarray
    label: tuple
    place: str = ""


def assemble(
    sequences,
    targets,
    settings,
    where,
    *,
    length=None,
    trim="error",
    rename="rename one of the two",
    labelled=True,
):
    """Make a dataset of sequences, and check them against each other.

    Parameters
    ----------
    sequences : list of Sequence
        In the order of the dataset.
    targets : list of str
    settings : dict
        The whole entry of the configuration; `identical`, `target_type` and, of
        quantitative targets, `transform` are read here. All but `split` is kept in the
        dataset; of binary targets also without what only numbers have.
    where : str
        The dataset's position in the configuration, for error messages.
    length : int or None
        Of the model's input, bp; None is the longest sequence.
    trim : str
        `error` or `centre`: the treatment of a longer sequence.
    rename : str
        What to do about two sequences of one name, as an instruction.
    labelled : bool
        Whether the sequences have labels; one without a label of any target is then
        left out.

    Returns
    -------
    Dataset
        Without truth.

    Raises
    ------
    InputError
        If a sequence is too long, occurs with two different labels, or has the name of
        another; if none has a label; or if `check_known` refuses the classes, or
        `check_values` the values.
    """
    numbers = labelled and is_quantitative(settings)
    given = len(sequences)
    if labelled:
        sequences = _with_label(sequences, where, "value" if numbers else "label")
    unlabelled = given - len(sequences)
    sizes = [len(sequence.index) for sequence in sequences]
    fitted = [
        replace(sequence, index=_fit(sequence, length, trim, where))
        for sequence in sequences
    ]
    if settings["identical"] == "drop":
        fitted = _drop_copies(fitted)
    (_check_values_differ if numbers else _check_labels_differ)(fitted, targets)
    for sequence in fitted:
        check_visible(sequence.name, "name", sequence.where, rename)
        check_visible(sequence.group, "group", sequence.where, "correct the group")
    for target in targets:
        check_visible(target, "name of a target", where, "rename the target")
    _check_names(fitted, rename)
    index, lengths = _matrix(fitted, length)
    log.info(
        "length %d bp: %d shorter (padded at the end), %d longer (trimmed)",
        index.shape[1],
        (lengths < index.shape[1]).sum(),
        sum(size > index.shape[1] for size in sizes),
    )
    # None becomes NaN.
    label = np.array([sequence.label for sequence in fitted], dtype=np.float32)
    label = label.reshape(len(fitted), len(targets))
    places = [sequence.place for sequence in fitted]
    kept = _provenance(settings)
    if numbers:
        check_values(label, targets, settings, where)
        kept["without_value"] = unlabelled
    elif labelled:
        check_known(label, targets, where)
        if unlabelled:
            kept["without_label"] = unlabelled
    return Dataset(
        index=index,
        length=lengths,
        name=[sequence.name for sequence in fitted],
        label=label,
        target=list(targets),
        group=[sequence.group for sequence in fitted],
        stratum=quantile_strata(label) if numbers else strata(label, targets),
        place=places if any(places) else [],
        settings=kept,
    )


def drawn(sequences, settings):
    """The sequences of a file that are used.

    Parameters
    ----------
    sequences : list of Sequence
        In the order of the file.
    settings : dict
        Of the file. `max_sequences` is the number to draw at random, without
        replacement, or None for all; `seed` is that of the draw.

    Returns
    -------
    list of Sequence
        In the order of the file.
    """
    rows = random_rows(len(sequences), settings["max_sequences"], settings["seed"])
    if len(rows) < len(sequences):
        log.info("%s: %d of %d drawn", settings["path"], len(rows), len(sequences))
    return [sequences[row] for row in rows]


def log_labels(dataset):
    """Log the positives and negatives of each target, or its values."""
    if not dataset.labelled:
        log.info("%d sequences without labels", len(dataset))
        return
    if dataset.quantitative:
        log_values(dataset)
        return
    for target, label in zip(dataset.target, dataset.label.T, strict=True):
        missing = int(np.isnan(label).sum())
        log.info(
            "%s: %d positives and %d negatives%s",
            target,
            (label == 1).sum(),
            (label == 0).sum(),
            f"; {missing} labels are missing" if missing else "",
        )


def log_unknown(path, indices, n_soft_masked=None):
    """Log the unknown bases of a file and, where counted, its lower-case records."""
    unknown = [int((index == UNKNOWN).sum()) for index in indices]
    if n_soft_masked is not None:
        log.info(
            "%s: %d records with lower-case bases (read as upper-case)",
            path,
            n_soft_masked,
        )
    log.info(
        "%s: %d records, %d with unknown bases (N or another IUPAC code; %d bases)",
        path,
        len(unknown),
        np.count_nonzero(unknown),
        sum(unknown),
    )


def _provenance(settings):
    """The settings and versions of a dataset, without the split, which comes later."""
    without = ("split",) if is_quantitative(settings) else ("split", *_OF_NUMBERS)
    kept = {key: value for key, value in settings.items() if key not in without}
    return {**kept, "versions": {"numpy": np.__version__}}


def _with_label(sequences, where, noun):
    """The sequences with a label of at least one target; the others are logged."""
    kept = [
        sequence
        for sequence in sequences
        if any(label is not None for label in sequence.label)
    ]
    if not kept:
        raise InputError(
            where,
            f"no {noun} of any target: all are missing in {len(sequences)} sequences",
            f"a {'number' if noun == 'value' else noun} for some of the sequences",
            "check the column and the file",
        )
    if len(kept) < len(sequences):
        log.info(
            "%d of %d sequences have no %s of any target and are left out",
            len(sequences) - len(kept),
            len(sequences),
            noun,
        )
    return kept


def _fit(sequence, length, trim, where):
    """The bases of the model's input, before padding."""
    index = sequence.index
    surplus = 0 if length is None else len(index) - length
    if surplus <= 0:
        return index
    if trim == "error":
        raise InputError(
            sequence.where,
            f"{len(index)} bp",
            f"at most {length} bp ({where}.length)",
            "set trim: centre to keep the centre, or raise length",
        )
    begin = surplus // 2
    return index[begin : begin + length]


def _drop_copies(sequences):
    """The sequences without those that repeat an earlier one and its labels."""
    first = {}
    kept = []
    for sequence in sequences:
        key = (sequence.index.tobytes(), sequence.label)
        original = first.setdefault(key, sequence)
        if original is sequence:
            kept.append(sequence)
        else:
            log.info("%s: dropped, a copy of %s", sequence.where, original.name)
    if len(kept) < len(sequences):
        log.info("exact copies dropped: %d", len(sequences) - len(kept))
    return kept


def _check_labels_differ(sequences, targets):
    first = {}
    for sequence in sequences:
        twin = first.setdefault(sequence.index.tobytes(), sequence)
        if twin.label != sequence.label:
            if _complete_each_other(twin.label, sequence.label):
                raise _differs(
                    sequence,
                    twin,
                    f"labels of {', '.join(targets)}",
                    "one set of labels for each sequence",
                    "write one row with the labels of all targets",
                )
            kind = "the positive " if twin.label == (1,) else "the negative "
            other = kind + twin.where if len(targets) == 1 else twin.where
            raise InputError(
                sequence.where,
                f"the same {len(sequence.index)} bp as {other}",
                "each sequence in one class"
                if len(targets) == 1
                else "one set of labels for each sequence",
                "remove one of the two",
            )


def _complete_each_other(one, other):
    """Whether two rows of one sequence differ in missing labels alone."""
    pairs = zip(one, other, strict=True)
    return all(None in pair or pair[0] == pair[1] for pair in pairs)


def _check_values_differ(sequences, targets):
    first = {}
    for sequence in sequences:
        twin = first.setdefault(sequence.index.tobytes(), sequence)
        if twin.label != sequence.label:
            raise _differs(
                sequence,
                twin,
                f"values of {', '.join(targets)}",
                "one value of each target for each sequence",
                "write one row with the mean of replicates, or with the values of "
                "all targets",
            )


def _differs(sequence, twin, labels, expected, remedy):
    """The mistake of two rows of one sequence, with what each says of it."""
    both = " and ".join(map(_in_words, (twin.label, sequence.label)))
    return InputError(
        sequence.where,
        f"the same {len(sequence.index)} bp as {twin.where}, with other {labels}: "
        f"{both}",
        expected,
        remedy,
    )


def _in_words(label):
    return ", ".join("missing" if value is None else f"{value:g}" for value in label)


def _check_names(sequences, rename):
    first = {}
    for sequence in sequences:
        earlier = first.setdefault(sequence.name, sequence)
        if earlier is not sequence:
            raise InputError(
                sequence.where,
                f"the name {sequence.name!r} again; first in {earlier.where}",
                "a unique name for each sequence, over both classes",
                rename,
            )


def _matrix(sequences, width):
    """Indices (n, width), padded at the end, and the length of each sequence."""
    lengths = np.array([len(sequence.index) for sequence in sequences], dtype=np.int64)
    width = lengths.max(initial=0) if width is None else width
    index = np.full((len(sequences), width), UNKNOWN, dtype=np.uint8)
    for row, sequence in enumerate(sequences):
        index[row, : len(sequence.index)] = sequence.index
    return index, lengths
