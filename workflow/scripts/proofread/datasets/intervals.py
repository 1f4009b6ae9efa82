"""Intervals within sequences as BED, in coordinates of the genome where they exist."""

import numpy as np
import pandas as pd

from proofread.files.windows import parsed_window
from proofread.progress import log
from proofread.tables import write_table

COLUMNS = ["chrom", "start", "end", "name", "score", "strand"]
MAX_SCORE = 1000  # of BED


def write_bed(path, dataset, intervals):
    """Write intervals of sequences as BED with six columns, sorted by position.

    If the dataset was read from a genome, coordinates are of the genome, and sequences
    without a place in it (shuffles) are left out. Otherwise column 1 is the name of the
    sequence, and coordinates are of the sequence.

    Parameters
    ----------
    path : str or path
        Compressed if it ends in ``.gz``.
    dataset : proofread.datasets.dataset.Dataset
    intervals : pandas.DataFrame
        row of the dataset, start, end (0-based, half-open, on the sequence as it is
        read), strand (+ or -), name, and value: 0 or more, the score of the line.
    """
    table = bed_table(dataset, intervals)
    write_table(path, table, header=False)
    kind = (
        "the genome" if dataset.place else "the sequences, which have no place in one"
    )
    left = len(intervals) - len(table)
    log.info("%s: %d lines, coordinates of %s", path, len(table), kind)
    if left:
        log.info("%d are left out, in sequences without a place in the genome", left)


def bed_table(dataset, intervals):
    """The lines of `write_bed`, with `COLUMNS`.

    Returns
    -------
    pandas.DataFrame
        Sorted by chrom (as text), start, end, name and strand. score is a whole number
        from 0 to 1000, value divided by the highest of the same name.
    """
    # A table without rows has no types.
    row, start, end = (
        intervals[column].to_numpy(dtype=np.int64) for column in ("row", "start", "end")
    )
    strand = intervals["strand"].to_numpy(dtype=object)
    value = intervals["value"].astype(np.float64)
    highest = value.groupby(intervals["name"]).transform("max")
    known = np.ones(len(intervals), dtype=bool)
    contig = np.array(dataset.name, dtype=object)
    if dataset.place:
        contig, first, last, minus, placed = _windows(dataset.place)
        known = placed[row]
        start, end = (
            np.where(minus[row], last[row] - end, first[row] + start),
            np.where(minus[row], last[row] - start, first[row] + end),
        )
        strand = np.where((strand == "-") != minus[row], "-", "+")
    score = MAX_SCORE * (value / highest.where(highest > 0, 1)).to_numpy()
    table = pd.DataFrame(
        {
            "chrom": contig[row],
            "start": start,
            "end": end,
            "name": intervals["name"].to_numpy(),
            "score": np.rint(score).astype(np.int64),
            "strand": strand,
        },
        columns=COLUMNS,
    )[known]
    order = ["chrom", "start", "end", "name", "strand"]
    return table.sort_values(order, kind="stable", ignore_index=True)


def _windows(places):
    """Contig, start, end, whether on the minus strand, and whether known, (n,) each."""
    rows = [parsed_window(place) if place else ("", 0, 0, ".") for place in places]
    contig, first, last, strand = zip(*rows, strict=True)
    return (
        np.array(contig, dtype=object),
        np.array(first),
        np.array(last),
        np.array(strand) == "-",
        np.array([bool(place) for place in places]),
    )
