"""A user's own sequences: one FASTA file per class, or positives alone."""

import re
from collections import Counter
from dataclasses import dataclass

import numpy as np

from proofread.dataset import Dataset, write_dataset
from proofread.errors import InputError
from proofread.exports import write_sequences, write_truth
from proofread.fasta import Record, read_fasta
from proofread.job import log, start
from proofread.sequences import UNKNOWN
from proofread.shuffle import dinucleotide_shuffle

HEADER_GROUPS = ("name", "chromosome", "position", "group")
# Where a header has no chromosome, all its positions are of one.
ONE_CHROMOSOME = "genome"
# Draws of a shuffle that must differ from every other sequence.
MAX_SHUFFLES = 50


@dataclass(frozen=True, eq=False)
class _Sequence:
    """A record with what its header says and what the model will see of it."""

    record: Record
    name: str
    group: str
    index: np.ndarray


def read(settings, where="datasets"):
    """Read a dataset from FASTA.

    Parameters
    ----------
    settings : dict
        As described by ``workflow/schemas/datasets/fasta.schema.yaml``, with every
        default filled in.
    where : str
        The settings' place in the configuration, for error messages.

    Returns
    -------
    Dataset
        Positives in the order of their file, then negatives. Without truth.

    Raises
    ------
    InputError
        With file, line and record.
    """
    positives = _read_class(settings, "positives", where)
    shuffled = "shuffle" in settings["negatives"]
    negatives = [] if shuffled else _read_class(settings, "negatives", where)
    _check_classes_differ(positives, negatives)
    everything = positives + negatives
    _check_names(everything)
    index, length = _matrix(everything, settings["length"])
    name = [each.name for each in everything]
    group = [each.group for each in everything]
    label = [1] * len(positives) + [0] * len(negatives)
    if shuffled:
        made, parent = _shuffled_negatives(index, settings["negatives"]["seed"])
        index = np.concatenate([index, made])
        length = np.concatenate([length, length[parent]])
        name += _shuffled_names([name[row] for row in parent], everything)
        group += [group[row] for row in parent]
        label += [0] * len(parent)
    log.info("%d positives and %d negatives", sum(label), len(label) - sum(label))
    return Dataset(
        index=index,
        length=length,
        name=name,
        label=np.array(label, dtype=np.float32)[:, None],
        target=[settings["target"]],
        group=group,
        stratum=["positive" if each else "negative" for each in label],
        settings=_provenance(settings),
    )


def _shuffled_names(parents, records):
    """A name for each shuffled negative; none that a record has already."""
    taken = {each.name: each for each in records}
    names = [f"{parent}_shuffled" for parent in parents]
    for name in names:
        if name in taken:
            raise InputError(
                taken[name].record.where,
                f"the name {name!r}, which the shuffle of another record gets",
                "no record that is named like another with _shuffled behind",
                "rename it, or let the header pattern name records otherwise",
            )
    return names


def _read_class(settings, key, where):
    source = settings[key]
    records = read_fasta(source["path"])
    _log_letters(records, source["path"])
    pattern = _pattern(source["header"], f"{where}.{key}.header")
    if settings["block"] is not None and "position" not in pattern.groupindex:
        raise InputError(
            f"{where}.block",
            f"{settings['block']}, but {key}.header has no group 'position'",
            "a position in each header, from which the block is known",
            "add (?P<position>\\d+) to the pattern, or set block: null",
        )
    sequences = [_sequence(each, pattern, settings, where) for each in records]
    if settings["identical"] == "drop":
        sequences = _drop_copies(sequences, source["path"])
    return sequences


def _log_letters(records, path):
    unknown = [int((record.index == UNKNOWN).sum()) for record in records]
    log.info(
        "%s: %d records, %d with lower-case letters (made upper-case), "
        "%d with N or another ambiguous letter (%d letters, code %d)",
        path,
        len(records),
        sum(record.soft_masked for record in records),
        np.count_nonzero(unknown),
        sum(unknown),
        UNKNOWN,
    )


# -- headers ----------------------------------------------------------------------


def _pattern(header, where):
    try:
        pattern = re.compile(r"^(?P<name>\S+)" if header is None else header)
    except re.error as error:
        raise InputError(
            where,
            f"{header!r} ({error})",
            "a regular expression of Python",
            "correct it, and put it in single quotes",
        ) from error
    unknown = set(pattern.groupindex) - set(HEADER_GROUPS)
    if unknown:
        raise InputError(
            where,
            f"group {', '.join(sorted(unknown))}",
            f"named groups among {', '.join(HEADER_GROUPS)}",
            "rename it, or write (?:...) for a group without a name",
        )
    return pattern


def _sequence(record, pattern, settings, where):
    match = pattern.search(record.header)
    if match is None:
        raise InputError(
            record.where,
            "the header does not match the pattern of the configuration",
            f"a match of {pattern.pattern!r}",
            "correct the header pattern of this dataset, or the record",
        )
    parts = match.groupdict()
    words = record.header.split()
    name = parts.get("name") or (words[0] if words else "")
    if not name:
        raise InputError(
            record.where,
            "a header without a name",
            "a name after >",
            "name the record, or let the header pattern do it",
        )
    group = _group(record, name, parts, settings["block"])
    return _Sequence(record, name, group, _fit(record, settings, where))


def _group(record, name, parts, block):
    """What a split must not cut: as stated, else block, else chromosome, else name."""
    if parts.get("group"):
        return parts["group"]
    chromosome = parts.get("chromosome")
    if block is None:
        return chromosome or name
    try:
        position = int(parts["position"])
    except (TypeError, ValueError):
        raise InputError(
            record.where,
            f"position {parts['position']!r}",
            "a whole number",
            "correct the header pattern: (?P<position>\\d+)",
        ) from None
    return f"{chromosome or ONE_CHROMOSOME}:{position // block}"


# -- copies, names ----------------------------------------------------------------


def _drop_copies(sequences, path):
    first = {}
    for each in sequences:
        first.setdefault(each.index.tobytes(), each)
    kept = list(first.values())
    for each in sequences:
        original = first[each.index.tobytes()]
        if original is not each:
            log.info("%s: dropped, a copy of %s", each.record.where, original.name)
    if len(kept) < len(sequences):
        log.info("%s: exact copies dropped: %d", path, len(sequences) - len(kept))
    return kept


def _check_classes_differ(positives, negatives):
    positive = {each.index.tobytes(): each for each in positives}
    for each in negatives:
        twin = positive.get(each.index.tobytes())
        if twin is not None:
            raise InputError(
                each.record.where,
                f"the same {len(each.index)} bp as the positive {twin.record.where}",
                "each sequence in one class",
                "remove it from one of the two files",
            )


def _check_names(sequences):
    first = {}
    for each in sequences:
        earlier = first.setdefault(each.name, each)
        if earlier is not each:
            raise InputError(
                each.record.where,
                f"the name {each.name!r} again; first in {earlier.record.where}",
                "a name of its own for each sequence, over both classes",
                "rename the record, or give the dataset a header pattern whose group "
                "'name' tells the records apart",
            )


# -- lengths ----------------------------------------------------------------------


def _fit(record, settings, where):
    """The bases the model will see, before padding."""
    width = settings["length"]
    surplus = 0 if width is None else len(record.index) - width
    if surplus <= 0:
        return record.index
    if settings["trim"] == "error":
        raise InputError(
            record.where,
            f"{len(record.index)} bp",
            f"at most {width} bp ({where}.length)",
            "set trim: centre to keep the middle, or raise length",
        )
    begin = surplus // 2
    return record.index[begin : begin + width]


def _matrix(sequences, width):
    """Indices (n, width), padded at the end, and the length of each sequence."""
    length = np.array([len(each.index) for each in sequences])
    width = length.max() if width is None else width
    index = np.full((len(sequences), width), UNKNOWN, dtype=np.uint8)
    for row, each in enumerate(sequences):
        index[row, : len(each.index)] = each.index
    trimmed = sum(len(each.record.index) > width for each in sequences)
    log.info(
        "length %d bp: %d shorter (padded at the end), %d longer (trimmed)",
        *(width, (length < width).sum(), trimmed),
    )
    return index, length


# -- negatives from positives -----------------------------------------------------


def _shuffled_negatives(index, seed):
    """One dinucleotide shuffle of each positive, unlike every other sequence.

    Returns
    -------
    numpy.ndarray, shape (m, length), uint8
    numpy.ndarray, shape (m,)
        Rows of `index` they were made from; without those, such as a run of one
        base, that have no order of their own.
    """
    rng = np.random.default_rng(np.random.SeedSequence(seed))
    taken = Counter(row.tobytes() for row in index)
    made = np.empty_like(index)
    waiting = np.arange(len(index))
    for _ in range(MAX_SHUFFLES):
        made[waiting] = dinucleotide_shuffle(index[waiting], rng)
        again = []
        for row in waiting:
            text = made[row].tobytes()
            if taken[text]:
                again.append(row)
            taken[text] += 1
        waiting = np.array(again, dtype=np.int64)
        if len(waiting) == 0:
            break
    if len(waiting):
        log.info(
            "%d positives have no shuffle of their own after %d draws: they stay "
            "without a negative",
            *(len(waiting), MAX_SHUFFLES),
        )
    parent = np.setdiff1d(np.arange(len(index)), waiting)
    return made[parent], parent


def _provenance(settings):
    """Say what made the dataset; the split, made later, is not part of it."""
    kept = {key: value for key, value in settings.items() if key != "split"}
    return {**kept, "versions": {"numpy": np.__version__}}


def main(job):
    """Read, write."""
    start(job)
    dataset = read(
        job.params.settings, f"the configuration: datasets.{job.wildcards.dataset}"
    )
    write_dataset(job.output.dataset, dataset)
    write_sequences(job.output.sequences, dataset)
    write_truth(job.output.truth, dataset)


if "snakemake" in globals():
    main(snakemake)
