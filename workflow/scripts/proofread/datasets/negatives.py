"""Negatives made for positives: dinucleotide shuffles, or windows of their genome."""

from collections import Counter, defaultdict, deque
from dataclasses import replace

import numpy as np

from proofread.dna.composition import gc_content
from proofread.dna.encoding import UNKNOWN, reverse_complement
from proofread.dna.shuffle import dinucleotide_shuffle
from proofread.errors import InputError
from proofread.files.genome import place_name
from proofread.files.headers import genome_group
from proofread.progress import log

# Draws of a shuffle that must differ from every other sequence.
MAX_SHUFFLES = 50
# Windows drawn at once, at least, and how often: part of what a seed means.
CANDIDATES = 1000
MAX_ROUNDS = 300


def with_shuffles(dataset, seed):
    """Add one dinucleotide shuffle of each positive, in the positive's group."""
    index, parent = shuffled(dataset.index, seed)
    names = [f"{dataset.name[row]}_shuffled" for row in parent]
    taken = sorted(set(names) & set(dataset.name))
    if taken:
        raise InputError(
            "the positives",
            f"the name {taken[0]!r}, which the shuffle of another record gets",
            "no record that is named like another with _shuffled behind",
            "rename it, or let the header pattern name records otherwise",
        )
    return _joined(
        dataset,
        index,
        dataset.length[parent],
        names,
        [dataset.group[row] for row in parent],
    )


def shuffled(index, seed):
    """One dinucleotide shuffle of each positive, unlike every other sequence.

    Parameters
    ----------
    index : numpy.ndarray, shape (n, length), uint8
    seed : int

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


def with_windows(
    dataset, genome, places, settings, where, *, stranded, block, keep_group=False
):
    """Add a window of the genome for each positive, of its length and GC.

    Parameters
    ----------
    dataset : Dataset
        Positives of one target.
    genome, places, settings, where, stranded
        As of `matched_windows`.
    block : int or None
        Size of a genome block, bp. The group of a window is its block, or else its
        chromosome.
    keep_group : bool
        True: its group is that of its positive instead.
    """
    positives = [
        index[:length]
        for index, length in zip(dataset.index, dataset.length, strict=True)
    ]
    windows = matched_windows(
        genome, positives, places, settings, where, stranded=stranded
    )
    found = [row for row, window in enumerate(windows) if window]
    index = dataset.index[found]
    names, groups = [], []
    for place, row in enumerate(found):
        contig, start, end, strand, bases = windows[row]
        index[place, : len(bases)] = bases
        names.append(place_name(contig, start, end, strand))
        groups.append(
            dataset.group[row] if keep_group else genome_group(contig, start, block)
        )
    return _joined(dataset, index, dataset.length[found], names, groups)


def _joined(dataset, index, length, name, group):
    """Positives, and below them negatives."""
    n = len(index)
    return replace(
        dataset,
        index=np.concatenate([dataset.index, index]),
        length=np.concatenate([dataset.length, length]),
        name=dataset.name + name,
        label=np.concatenate([dataset.label, np.zeros((n, 1), dtype=np.float32)]),
        group=dataset.group + group,
        stratum=dataset.stratum + ["negative"] * n,
    )


def matched_windows(genome, positives, places, settings, where, *, stranded):
    """One random window of the genome for each positive, of its length and GC.

    Starts are uniform over the contigs that hold positives. A window is taken if
    some positive of its length and GC bin still waits for one, if it touches no
    positive and no window taken before, if few enough of its bases are unknown, and
    if it repeats none of them, on either strand, elsewhere in the genome.

    Parameters
    ----------
    genome : Genome
    positives : list of numpy.ndarray, uint8
        Bases of each positive, without padding.
    places : list of tuple of (str, int, int)
        Contig, start and end (0-based, half-open) of what no window may touch.
    settings : dict
        bin : width of a bin of GC, 0-1; max_unknown : largest share of unknown
        bases in a window; seed : int.
    where : str
        The settings' place in the configuration, for error messages.
    stranded : bool
        Whether a coin decides the strand of each window, as for positives that
        have one; otherwise the window is forward and its strand is a point.

    Returns
    -------
    list of tuple of (str, int, int, str, numpy.ndarray), or None, n
        Contig, start, end, strand (+, - or .) and bases, on that strand, of the window
        of each positive; None where none was found.

    Raises
    ------
    InputError
        If no positive at all got a window.
    """
    rng = np.random.default_rng(np.random.SeedSequence(settings["seed"]))
    taken = _Taken(max(len(each) for each in positives))
    for place in places:
        taken.add(*place)
    contigs = sorted({contig for contig, _, _ in places})
    seen = {index.tobytes() for index in positives}
    waiting = defaultdict(deque)  # by length and GC bin
    for row, index in enumerate(positives):
        waiting[_kind(index, settings)].append(row)
    found = [None] * len(positives)
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
                found[rows.popleft()] = (contig, start, end, strand, index)
                taken.add(contig, start, end)
                seen |= both
    _check_found(found, where)
    return found


def _kind(index, settings):
    """Length and GC bin of a sequence."""
    # A hair upwards: 0.3 / 0.1 is below 3.
    return len(index), int(gc_content(index) / settings["bin"] + 1e-9)


def _candidates(rng, genome, contigs, lengths):
    """Random windows of the lengths that are asked for, each as often as asked."""
    sizes = np.array([genome.lengths[contig] for contig in contigs])
    count = max(CANDIDATES, len(lengths))
    chosen = lengths[rng.integers(0, len(lengths), count)]
    place, coin = rng.random((2, count))
    for length, share, side in zip(chosen.tolist(), place, coin, strict=True):
        starts = np.clip(sizes - length + 1, 0, None)  # of each contig
        bounds = starts.cumsum()
        if bounds[-1] == 0:
            continue
        start = int(share * bounds[-1])
        contig = int(np.searchsorted(bounds, start, side="right"))
        start -= int(bounds[contig] - starts[contig])
        yield contigs[contig], start, start + length, "+" if side < 0.5 else "-"


def _check_found(found, where):
    missing = sum(each is None for each in found)
    if missing == len(found):
        raise InputError(
            where,
            f"no window of the genome matches any of {missing} positives",
            "windows of the positives' lengths and GC that touch none of them",
            "widen bin, raise max_unknown, or give a larger genome",
        )
    if missing:
        log.warning(
            "%d of %d positives have no window of their GC and length after %d rounds: "
            "they stay without a negative; a wider bin finds more",
            *(missing, len(found), MAX_ROUNDS),
        )


class _Taken:
    """Intervals, found again by the bins of `size` bp that they lie in."""

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
