"""Where the motifs stand: from the truth, or found by their matrices."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from proofread.dna.composition import base_frequencies
from proofread.motifs.scan import UNIT, log_odds, matches, threshold

COLUMNS = ["sequence", "motif", "start", "end", "strand"]


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
        places = self.of(motif).set_index("sequence")[["start", "end"]]
        return places.loc[rows].to_numpy(dtype=np.int64)


def planted(dataset):
    """The planted instances of a simulated split, decoys among them."""
    table = dataset.truth[COLUMNS].reset_index(drop=True)
    return Instances(table, _cover(table, dataset.index.shape))


def scanned(index, motifs, p):
    """The instances that matrices match by chance with a probability below `p`.

    Log-odds against the base frequencies of these sequences, both strands, exact
    p-values of one place on one strand. Where instances overlap, of the same motif (a
    palindrome matches on both strands) or of two, the one with the higher score stays.

    Parameters
    ----------
    index : numpy.ndarray, shape (n, length), uint8
    motifs : list of proofread.motifs.motif.Motif
    p : float

    Returns
    -------
    Instances
        `occupied` has the bases of the matches that gave way, too.
    """
    background = base_frequencies(index)
    found = [_matches_of(index, each, background, p) for each in motifs]
    table = pd.concat(found or [_matches_table([], [], [], [], "", 0)])
    occupied = _cover(table, index.shape)
    kept = _without_overlaps(table)
    kept = kept.sort_values(["sequence", "start"], kind="stable", ignore_index=True)
    return Instances(kept[COLUMNS], occupied)


def most_frequent(instances, names, most):
    """At most `most` of the names, those in most sequences first, ties in order."""
    in_sequences = {name: int((instances.counts(name) > 0).sum()) for name in names}
    return sorted(names, key=lambda name: -in_sequences[name])[:most]


def _matches_of(index, motif, background, p):
    scores = log_odds(motif.matrix, background)
    least = threshold(scores, background, p)
    if least is None:
        return _matches_table([], [], [], [], motif.name, len(scores))
    found = matches(index, scores, least.score)
    return _matches_table(*found, motif.name, len(scores))


def _matches_table(row, start, strand, score, name, width):
    start = np.asarray(start, dtype=np.int64)
    return pd.DataFrame(
        {
            "sequence": np.asarray(row, dtype=np.int64),
            "motif": np.full(len(start), name, dtype=object),
            "start": start,
            "end": start + width,
            "strand": np.array(["+", "-"], dtype=object)[np.asarray(strand, dtype=int)],
            "score": np.asarray(score, dtype=np.float64) / UNIT,
        }
    )


def _without_overlaps(table):
    """Highest scores first, each only where nothing higher stands."""
    ranked = table.sort_values(
        ["sequence", "score", "start", "motif"],
        ascending=[True, False, True, True],
        kind="stable",
    )
    kept, taken, current = [], [], None
    rows = zip(*(ranked[each] for each in ("sequence", "start", "end")), strict=True)
    for sequence, start, end in rows:
        if sequence != current:
            current, taken = sequence, []
        free = all(end <= first or start >= last for first, last in taken)
        if free:
            taken.append((start, end))
        kept.append(free)
    return ranked[np.array(kept, dtype=bool)]


def _cover(table, shape):
    """Bases that the instances of a table cover."""
    # +1 where an instance starts, -1 behind its end: the sum so far counts them.
    steps = np.zeros((shape[0], shape[1] + 1), dtype=np.int32)
    np.add.at(steps, (table["sequence"], table["start"]), 1)
    np.add.at(steps, (table["sequence"], table["end"]), -1)
    return steps.cumsum(axis=1)[:, :-1] > 0
