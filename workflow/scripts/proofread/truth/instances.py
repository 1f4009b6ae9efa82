"""Positions of motifs: from the truth, or found by their matrices."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from proofread.motifs.occurrences import COLUMNS, all_matches, without_overlaps


@dataclass(frozen=True, eq=False)
class Instances:
    """The instances of some motifs in some sequences.

    Attributes
    ----------
    table : pandas.DataFrame
        `COLUMNS`: row of the sequence, motif, start and end (0-based, half-open,
        forward coordinates), strand. Sorted by sequence, then start; no two overlap.
    occupied : numpy.ndarray, shape (n, length), bool
        Bases that are part of an instance of any motif, of these or others.
    """

    table: pd.DataFrame
    occupied: np.ndarray

    def of(self, motif):
        """The rows of one motif."""
        return self.table[self.table["motif"] == motif]

    def counts(self, motif):
        """Instances of a motif in each sequence, (n,)."""
        return np.bincount(self.of(motif)["sequence"], minlength=len(self.occupied))

    def cover(self, motif):
        """Bases of the instances of a motif, (n, length) bool."""
        return _cover(self.of(motif), self.occupied.shape)

    def single(self, motif, rows):
        """Start and end of the one instance that each of the rows has, (rows, 2)."""
        table = self.of(motif).set_index("sequence")[["start", "end"]]
        return table.loc[rows].to_numpy(dtype=np.int64)


def planted(dataset):
    """The planted instances of a simulated split, decoys among them."""
    table = dataset.truth[COLUMNS].reset_index(drop=True)
    return Instances(table, _cover(table, dataset.index.shape))


def scanned(index, motifs, p_threshold):
    """The instances that matrices match more rarely by chance than a threshold.

    The matches of `proofread.motifs.occurrences.all_matches`, without overlaps.

    Parameters
    ----------
    index : numpy.ndarray, shape (n, length), uint8
    motifs : list of proofread.motifs.motif.Motif
    p_threshold : float

    Returns
    -------
    Instances
        `occupied` has the bases of the matches that gave way, too.
    """
    table = all_matches(index, motifs, p_threshold)
    kept = without_overlaps(table)
    return Instances(kept[COLUMNS], _cover(table, index.shape))


def half_overlaps(sequence, start, end, instances):
    """Pairs of an interval and an instance that share half of the shorter of the two.

    Parameters
    ----------
    sequence, start, end : numpy.ndarray, shape (n,)
        Intervals, 0-based and half-open, on either strand.
    instances : pandas.DataFrame
        Columns sequence, start and end, likewise.

    Returns
    -------
    interval, instance : numpy.ndarray, shape (pairs,), int64
        Row numbers, sorted by interval.
    """
    columns = (instances[name].to_numpy() for name in ("sequence", "start", "end"))
    of_instance, instance_start, instance_end = columns
    order = np.argsort(of_instance, kind="stable")
    sorted_sequence = of_instance[order]
    first = np.searchsorted(sorted_sequence, sequence, side="left")
    count = np.searchsorted(sorted_sequence, sequence, side="right") - first
    interval = np.repeat(np.arange(len(sequence)), count)
    # Of each interval in turn: the first instance of its sequence, the second, ...
    step = np.arange(len(interval)) - np.repeat(np.cumsum(count) - count, count)
    instance = order[np.repeat(first, count) + step]
    start, end = np.asarray(start)[interval], np.asarray(end)[interval]
    other_start, other_end = instance_start[instance], instance_end[instance]
    shared = np.minimum(end, other_end) - np.maximum(start, other_start)
    enough = 2 * shared >= np.minimum(end - start, other_end - other_start)
    return interval[enough], instance[enough]


def most_frequent(instances, names, max_motifs):
    """At most `max_motifs` names, those in most sequences first, ties in order."""
    in_sequences = {name: int((instances.counts(name) > 0).sum()) for name in names}
    return sorted(names, key=lambda name: -in_sequences[name])[:max_motifs]


def _cover(table, shape):
    """Bases that the instances of a table cover."""
    # +1 where an instance starts, -1 behind its end: the sum so far counts them.
    steps = np.zeros((shape[0], shape[1] + 1), dtype=np.int32)
    np.add.at(steps, (table["sequence"], table["start"]), 1)
    np.add.at(steps, (table["sequence"], table["end"]), -1)
    return steps.cumsum(axis=1)[:, :-1] > 0
