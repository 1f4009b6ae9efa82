"""Negatives made for positives: dinucleotide shuffles, or windows of their genome."""

from collections import Counter, defaultdict, deque
from dataclasses import replace

import numpy as np

from proofread.datasets.labels import strata
from proofread.dna.composition import gc_content
from proofread.dna.encoding import UNKNOWN, reverse_complement
from proofread.dna.shuffle import dinucleotide_shuffle
from proofread.errors import InputError
from proofread.files.headers import genome_group
from proofread.files.windows import window_name
from proofread.progress import log

# Attempts at a shuffle that differs from every other sequence.
MAX_SHUFFLES = 50
# Minimum number of windows drawn at once, and rounds; the result of a seed depends on
# both.
CANDIDATES = 1000
MAX_ROUNDS = 300


def with_shuffles(dataset, settings, where, *, rename):
    """Add dinucleotide shuffles of positives, each in its positive's group.

    Parameters
    ----------
    dataset : Dataset
        A positive is a sequence that is positive for at least one target; its shuffle
        is negative for all.
    settings : dict
        per_positive : shuffles of each positive; groups : names of the groups whose
        positives are shuffled, or None for all; seed : int.
    where : str
        The settings' place in the configuration, for error messages.
    rename : str
        What to do about two sequences of one name, as an instruction.

    Returns
    -------
    Dataset
        The sequences, then the shuffles: all of the first positive, and so on.

    Raises
    ------
    InputError
        If no such group exists, or the name of a shuffle is taken.
    """
    per_positive, groups = settings["per_positive"], settings["groups"]
    chosen = (dataset.label == 1).any(axis=1)
    if groups is not None:
        _check_groups(groups, dataset.group, f"{where}.groups")
        chosen &= np.isin(dataset.group, groups)
    index, parent, number = shuffled(
        dataset.index,
        settings["seed"],
        rows=np.flatnonzero(chosen),
        per_positive=per_positive,
    )
    names = [
        f"{dataset.name[row]}_shuffled" + (f"{copy}" if copy > 1 else "")
        for row, copy in zip(parent, number, strict=True)
    ]
    taken = sorted(set(names) & set(dataset.name))
    if taken:
        raise InputError(
            "the positives",
            f"the name {taken[0]!r}, which the shuffle of another record gets",
            "no record with the name of another and _shuffled",
            rename,
        )
    return _joined(
        dataset,
        index,
        dataset.length[parent],
        names,
        [dataset.group[row] for row in parent],
        [""] * len(names),
    )


def _check_groups(groups, known, where):
    for group in groups:
        if group not in known:
            names = sorted(set(known))
            raise InputError(
                where,
                f"no sequence of the group {group!r}",
                "one of " + ", ".join(names[:10]) + (", ..." if names[10:] else ""),
                "correct the name of the group, or remove groups to shuffle all "
                "positives",
            )


def shuffled(index, seed, rows=None, per_positive=1):
    """Dinucleotide shuffles of positives, different from every other sequence.

    Parameters
    ----------
    index : numpy.ndarray, shape (n, length), uint8
    seed : int
    rows : numpy.ndarray or None
        The rows of the positives; None is all.
    per_positive : int
        Shuffles of each.

    Returns
    -------
    numpy.ndarray, shape (m, length), uint8
        Without those of positives that have no other order, such as a run of one base.
    numpy.ndarray, shape (m,)
        Their rows of `index`.
    numpy.ndarray, shape (m,)
        Their numbers among the shuffles of one positive, from 1.
    """
    rng = np.random.default_rng(np.random.SeedSequence(seed))
    taken = Counter(row.tobytes() for row in index)
    rows = np.repeat(np.arange(len(index)) if rows is None else rows, per_positive)
    shuffles = np.empty((len(rows), index.shape[1]), dtype=index.dtype)
    waiting = np.arange(len(rows))
    for _ in range(MAX_SHUFFLES):
        if len(waiting) == 0:
            break
        shuffles[waiting] = dinucleotide_shuffle(index[rows[waiting]], rng)
        again = []
        for shuffle in waiting:
            text = shuffles[shuffle].tobytes()
            if taken[text]:
                again.append(shuffle)
            taken[text] += 1
        waiting = np.array(again, dtype=np.int64)
    if len(waiting):
        log.info(
            "%d of %d shuffles of positives are left out: none differs from every "
            "other sequence after %d attempts",
            len(waiting),
            len(rows),
            MAX_SHUFFLES,
        )
    kept = np.setdiff1d(np.arange(len(rows)), waiting)
    return shuffles[kept], rows[kept], kept % per_positive + 1


def with_windows(
    dataset, genome, excluded, settings, where, *, stranded, block, keep_group=False
):
    """Add a window of the genome for each positive, of its length and GC.

    Parameters
    ----------
    dataset : Dataset
        Positives of one target.
    genome, excluded, settings, where, stranded
        As of `matched_windows`.
    block : int or None
        Size of a genome block, bp. The group of a window is its block, or its
        chromosome.
    keep_group : bool
        Whether its group is that of its positive instead.
    """
    positives = [
        index[:length]
        for index, length in zip(dataset.index, dataset.length, strict=True)
    ]
    windows = matched_windows(
        genome, positives, excluded, settings, where, stranded=stranded
    )
    matched = [row for row, window in enumerate(windows) if window]
    index = dataset.index[matched]
    names, groups = [], []
    for number, row in enumerate(matched):
        contig, start, end, strand, bases = windows[row]
        index[number, : len(bases)] = bases
        names.append(window_name(contig, start, end, strand))
        groups.append(
            dataset.group[row] if keep_group else genome_group(contig, start, block)
        )
    return _joined(dataset, index, dataset.length[matched], names, groups, names)


def _joined(dataset, index, length, name, group, place):
    """The sequences, and below them negatives; places, where positives have them."""
    n, targets = len(index), len(dataset.target)
    label = np.concatenate([dataset.label, np.zeros((n, targets), dtype=np.float32)])
    return replace(
        dataset,
        index=np.concatenate([dataset.index, index]),
        length=np.concatenate([dataset.length, length]),
        name=dataset.name + name,
        label=label,
        group=dataset.group + group,
        stratum=strata(label, dataset.target),
        place=dataset.place and dataset.place + place,
    )


def matched_windows(genome, positives, excluded, settings, where, *, stranded):
    """One random window of the genome for each positive, of its length and GC.

    Starts are uniform over the contigs with positives. A window is accepted if a
    positive of its length and GC bin has no window yet, if it overlaps no positive and
    no accepted window, if few enough of its bases are unknown, and if its sequence, on
    either strand, is not that of a positive or of an accepted window.

    Parameters
    ----------
    genome : Genome
    positives : list of numpy.ndarray, uint8
        Bases of each positive, without padding.
    excluded : list of tuple of (str, int, int)
        Contig, start and end (0-based, half-open) of intervals that no window overlaps.
    settings : dict
        bin : width of a bin of GC content, 0-1; max_unknown : maximum fraction of
        unknown bases in a window; seed : int.
    where : str
        The settings' place in the configuration, for error messages.
    stranded : bool
        Whether the strand of each window is chosen at random, as for positives that
        have one; otherwise the window is forward and its strand is a point.

    Returns
    -------
    list of tuple of (str, int, int, str, numpy.ndarray), or None, n
        Contig, start, end, strand (+, - or .) and bases, on that strand, of the window
        of each positive; None if there is none.

    Raises
    ------
    InputError
        If no positive at all got a window.
    """
    rng = np.random.default_rng(np.random.SeedSequence(settings["seed"]))
    taken = _Taken(max(len(index) for index in positives))
    for interval in excluded:
        taken.add(*interval)
    contigs = sorted({contig for contig, _, _ in excluded})
    seen = {index.tobytes() for index in positives}
    waiting = defaultdict(deque)  # by length and GC bin
    for row, index in enumerate(positives):
        waiting[_kind(index, settings)].append(row)
    windows = [None] * len(positives)
    for _ in range(MAX_ROUNDS):
        lengths = np.array(
            sorted(kind[0] for kind, rows in waiting.items() for _ in rows)
        )
        if len(lengths) == 0:
            break
        for contig, start, end, strand in _candidates(rng, genome, contigs, lengths):
            if taken.touches(contig, start, end):
                continue
            index = genome.fetch(contig, start, end)
            if np.mean(index == UNKNOWN) > settings["max_unknown"]:
                continue
            rows = waiting[_kind(index, settings)]
            both = {index.tobytes(), reverse_complement(index).tobytes()}
            if rows and not both & seen:
                strand = strand if stranded else "."
                index = reverse_complement(index) if strand == "-" else index
                windows[rows.popleft()] = (contig, start, end, strand, index)
                taken.add(contig, start, end)
                seen |= both
    _check_windows(windows, where)
    return windows


def _kind(index, settings):
    """Length and GC bin of a sequence."""
    # Slightly upwards, because 0.3 / 0.1 is below 3 in floating point.
    return len(index), int(gc_content(index) / settings["bin"] + 1e-9)


def _candidates(rng, genome, contigs, lengths):
    """Random windows with the lengths of the positives that have no window yet."""
    sizes = np.array([genome.lengths[contig] for contig in contigs])
    count = max(CANDIDATES, len(lengths))
    chosen = lengths[rng.integers(0, len(lengths), count)]
    position, coin = rng.random((2, count))
    for length, fraction, side in zip(chosen.tolist(), position, coin, strict=True):
        starts = np.clip(sizes - length + 1, 0, None)  # of each contig
        bounds = starts.cumsum()
        if bounds[-1] == 0:
            continue
        start = int(fraction * bounds[-1])
        contig = int(np.searchsorted(bounds, start, side="right"))
        start -= int(bounds[contig] - starts[contig])
        yield contigs[contig], start, start + length, "+" if side < 0.5 else "-"


def _check_windows(windows, where):
    missing = sum(window is None for window in windows)
    if missing == len(windows):
        raise InputError(
            where,
            f"no window of the genome matches any of {missing} positives",
            "windows with the length and GC content of positives that overlap none",
            "widen bin, raise max_unknown, or give a larger genome",
        )
    if missing:
        log.warning(
            "%d of %d positives have no window of their length and GC content after %d "
            "rounds, and so no negative; a wider bin finds more",
            missing,
            len(windows),
            MAX_ROUNDS,
        )


class _Taken:
    """Intervals, indexed by the bins of `size` bp that they overlap."""

    def __init__(self, size):
        self._size = size
        self._bins = defaultdict(list)

    def _numbers(self, start, end):
        return range(start // self._size, (end - 1) // self._size + 1)

    def add(self, contig, start, end):
        for number in self._numbers(start, end):
            self._bins[contig, number].append((start, end))

    def touches(self, contig, start, end):
        return any(
            start < other_end and other_start < end
            for number in self._numbers(start, end)
            for other_start, other_end in self._bins.get((contig, number), ())
        )
