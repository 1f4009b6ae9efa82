"""The bases outside the motifs, drawn in one of four ways.

Every background has ``draw(rng, label, length)``, which gives indices (n, length) for n
sequences whose labels are ``label`` (n, targets); only `ByClass` looks at the labels.
"""

from dataclasses import dataclass

import numpy as np

from proofread.dna.encoding import BASES, UNKNOWN
from proofread.errors import InputError

TOLERANCE = 1e-3
TRANSITIONS, SHUFFLE = "transitions", "shuffle"


def sample(rng, probabilities, shape):
    """Draw indices 0-3; `probabilities` is (4,), or (columns, 4) for each column."""
    steps = np.cumsum(probabilities, axis=-1)[..., :3].astype(np.float32)
    uniform = rng.random(shape, dtype=np.float32)
    index = (uniform >= steps[..., 0]).view(np.uint8)
    index += uniform >= steps[..., 1]
    index += uniform >= steps[..., 2]
    return index


@dataclass(frozen=True)
class ZeroOrder:
    """Independent bases."""

    probabilities: np.ndarray  # (4,)

    def draw(self, rng, label, length):
        """Draw (n, length) indices."""
        return sample(rng, self.probabilities, (len(label), length))


@dataclass(frozen=True)
class ByClass:
    """Independent bases with the composition of the sequence's class (rule gc)."""

    negative: np.ndarray  # (4,)
    positive: np.ndarray  # (4,)

    def draw(self, rng, label, length):
        """Draw (n, length) indices."""
        # (n, 1, 4): one composition for all columns of a row
        probabilities = np.where(label[:, :1], self.positive, self.negative)[:, None]
        return sample(rng, probabilities, (len(label), length))


@dataclass(frozen=True)
class FirstOrder:
    """Each base given the one before it; the first from the stationary frequencies."""

    transitions: np.ndarray  # (4, 4), rows: from A, C, G, T

    def draw(self, rng, label, length):
        """Draw (n, length) indices."""
        steps = np.cumsum(self.transitions, axis=1)[:, :3].astype(np.float32)
        # (length, n): one base of all sequences at once
        uniform = rng.random((length, len(label)), dtype=np.float32)
        index = np.empty(uniform.shape, dtype=np.uint8)
        first = np.cumsum(stationary(self.transitions))[:3].astype(np.float32)
        index[0] = (uniform[0] >= first[:, None]).sum(axis=0)
        for column in range(1, length):
            # (n, 3) -> (n,)
            bounds = steps[index[column - 1]]
            index[column] = (uniform[column, :, None] >= bounds).sum(axis=1)
        return np.ascontiguousarray(index.T)


@dataclass(frozen=True)
class ShuffledRecords:
    """Windows of a user's sequences, each shuffled with its dinucleotide counts."""

    bases: np.ndarray  # (total,), uint8: the records, one after the other
    starts: np.ndarray  # (windows,): start of a window of known bases within a record

    def draw(self, rng, label, length):
        """Draw (n, length) indices: a window uniform among all, then its shuffle."""
        from proofread.dna.shuffle import dinucleotide_shuffle

        start = self.starts[rng.integers(0, len(self.starts), size=len(label))]
        window = self.bases[start[:, None] + np.arange(length)]
        return dinucleotide_shuffle(window, rng)


def stationary(transitions):
    """Frequency of each base in a long sequence, (4,)."""
    # Half of the time the chain stays: otherwise one of period 2 would not converge.
    step = (transitions + np.eye(4)) / 2
    for _ in range(60):  # 2**60 steps
        step = step @ step
        step /= step.sum(axis=1, keepdims=True)
    return step.mean(axis=0)


def read_background(settings, length, where):
    """Make the background of the configuration.

    Parameters
    ----------
    settings : dict
        Probabilities A, C, G, T; or `transitions`, a mapping of bases to such
        probabilities; or `path`, a FASTA file, and `by`, transitions or shuffle.
    length : int
        Of the sequences, bp.
    where : str
        Place of the settings in the configuration.

    Raises
    ------
    InputError
        If probabilities do not sum to 1, or the sequences of the file are too short.
    """
    if "path" in settings:
        if settings["by"] == SHUFFLE:
            return _windows(settings["path"], length)
        return FirstOrder(estimate_transitions(settings["path"]))
    if "transitions" in settings:
        where = f"{where}.transitions"
        rows = settings["transitions"]
        _check_bases(rows, where, "{A: {...}, C: {...}, G: {...}, T: {...}}")
        return FirstOrder(
            np.array([_probabilities(rows[base], f"{where}.{base}") for base in BASES])
        )
    return ZeroOrder(_probabilities(settings, where))


def _check_bases(given, where, example):
    if sorted(given) != sorted(BASES):
        raise InputError(
            where,
            f"probabilities of {', '.join(given)}",
            "one of each base: A, C, G, T",
            f"write {where.rpartition('.')[2]}: {example}",
        )


def _probabilities(given, where):
    _check_bases(given, where, "{A: 0.25, C: 0.25, G: 0.25, T: 0.25}")
    values = np.array([given[base] for base in BASES], dtype=float)
    total = values.sum()
    if not (values >= 0).all() or not abs(total - 1) <= TOLERANCE:
        raise InputError(
            where,
            f"{', '.join(f'{b} {p:g}' for b, p in given.items())}, sum {total:g}",
            "four probabilities that sum to 1",
            "correct them",
        )
    return values / total


def estimate_transitions(path):
    """Frequencies of the next base after each base in a FASTA file.

    Pairs with an unknown base are not counted.

    Returns
    -------
    numpy.ndarray, shape (4, 4), float64
        Rows sum to 1.
    """
    from proofread.files.fasta import read_fasta

    counts = np.zeros((4, 4))
    for record in read_fasta(path):
        first, second = record.index[:-1], record.index[1:]
        known = (first != UNKNOWN) & (second != UNKNOWN)
        pairs = 4 * first[known].astype(np.int64) + second[known]
        counts += np.bincount(pairs, minlength=16).reshape(4, 4)
    total = counts.sum(axis=1, keepdims=True)
    if (total == 0).any():
        raise InputError(
            path,
            f"no base after {BASES[int(np.argmin(total))]}",
            "each of A, C, G and T followed by a known base somewhere",
            "give a longer file, or write the transitions yourself",
        )
    return counts / total


def _windows(path, length):
    from proofread.files.fasta import read_fasta

    records = [record.index for record in read_fasta(path)]
    starts, begin = [], 0
    for index in records:
        # unknown[i]: number of unknown bases before i
        unknown = np.concatenate([[0], np.cumsum(index == UNKNOWN)])
        clean = np.flatnonzero(unknown[length:] == unknown[:-length])
        starts.append(begin + clean)
        begin += len(index)
    starts = np.concatenate(starts)
    if len(starts) == 0:
        longest = max(map(len, records))
        raise InputError(
            path,
            f"no stretch of {length} known bases in {len(records)} records, the "
            f"longest of {longest} bp",
            f"records of at least {length} bp, the dataset's length, without N",
            "make the dataset's length smaller, or give longer sequences",
        )
    return ShuffledRecords(np.concatenate(records), starts)
