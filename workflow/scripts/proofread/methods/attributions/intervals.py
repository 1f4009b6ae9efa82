"""Attributions of planted motifs, known sites and annotated intervals.

Intervals are 0-based and half-open.
"""

import numpy as np
import pandas as pd

from proofread.errors import InputError
from proofread.files.bed import read_bed


def all_intervals(dataset, path=None, names=()):
    """The instances of the truth, and the intervals of a BED file.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
    path, names
        As for `read_intervals`; no path, no such intervals.
    """
    tables = [truth_intervals(dataset)]
    if path:
        tables.append(read_intervals(path, dataset, names))
    return pd.concat(tables, ignore_index=True)


def truth_intervals(dataset):
    """The truth as intervals: planted instances, or known sites.

    Returns
    -------
    pandas.DataFrame
        row (of the dataset), start, end, strand, name, role.
    """
    truth = dataset.truth
    return pd.DataFrame(
        {
            "row": truth["sequence"].to_numpy(dtype=np.int64),
            "start": truth["start"].to_numpy(dtype=np.int64),
            "end": truth["end"].to_numpy(dtype=np.int64),
            "strand": truth["strand"].to_numpy(),
            "name": truth["motif"].to_numpy(),
            "role": truth["role"].to_numpy(),
        }
    )


def read_intervals(path, dataset, names):
    """Annotated intervals of the sequences, from a BED file.

    Parameters
    ----------
    path : str or path
        The first column is the name of a sequence; positions count from its first base.
    dataset : proofread.datasets.dataset.Dataset
        The explained sequences.
    names : collection of str
        Of all sequences there are: intervals of others are left out.

    Returns
    -------
    pandas.DataFrame
        As `truth_intervals`; `role` is empty.

    Raises
    ------
    InputError
        If a sequence is unknown, or an interval goes beyond it.
    """
    row_of = {name: row for row, name in enumerate(dataset.name)}
    names = set(names)
    rows = []
    for interval in read_bed(path):
        if interval.contig not in names:
            raise InputError(
                interval.where,
                f"no sequence is called {interval.contig!r}",
                "the name of a sequence of the dataset in the first column",
                "see the column name of sequences.tsv",
            )
        if interval.contig not in row_of:
            continue
        row = row_of[interval.contig]
        if interval.end > dataset.length[row]:
            raise InputError(
                interval.where,
                f"the interval ends at {interval.end}",
                f"at most {dataset.length[row]}, the length of {interval.contig}",
                "correct the interval; positions count from the sequence's first base",
            )
        name = interval.cells[3] if len(interval.cells) > 3 else ""
        rows.append((row, interval.start, interval.end, interval.strand, name, ""))
    return pd.DataFrame(rows, columns=["row", "start", "end", "strand", "name", "role"])


INTERVAL_COLUMNS = [
    "sequence",
    "name",
    "role",
    "start",
    "end",
    "strand",
    "sum",
    "mean",
    "mean_absolute",
    "rank",
]


def interval_table(values, dataset, intervals):
    """The attribution of each interval, and its rank in its sequence.

    Parameters
    ----------
    values : numpy.ndarray, shape (n, length)
    dataset : proofread.datasets.dataset.Dataset
    intervals : pandas.DataFrame
        From `all_intervals`.

    Returns
    -------
    pandas.DataFrame
        `INTERVAL_COLUMNS`. `rank`: the fraction of the other stretches of the same
        length in the sequence whose mean absolute number is smaller (ties count half);
        NaN where there is no other stretch.
    """
    # The sum of a stretch is a difference of two of these.
    zero = np.zeros((len(values), 1))
    summed = np.hstack([zero, np.cumsum(values, axis=1, dtype=np.float64)])
    absolute = np.hstack([zero, np.cumsum(np.abs(values), axis=1, dtype=np.float64)])
    rows = []
    for interval in intervals.itertuples():
        row, start, end = interval.row, interval.start, interval.end
        width = end - start
        length = int(dataset.length[row])
        own = absolute[row, : length + 1]
        stretches = own[width:] - own[:-width]
        here = own[end] - own[start]
        # Rounding of the running sums makes no difference.
        close = np.isclose(stretches, here, rtol=1e-9, atol=1e-12)
        smaller = ((stretches < here) & ~close).sum() + (close.sum() - 1) / 2
        others = len(stretches) - 1
        total = summed[row, end] - summed[row, start]
        rows.append(
            {
                "sequence": dataset.name[row],
                "name": interval.name,
                "role": interval.role,
                "start": start,
                "end": end,
                "strand": interval.strand,
                "sum": total,
                "mean": total / width,
                "mean_absolute": here / width,
                "rank": smaller / others if others > 0 else np.nan,
            }
        )
    return pd.DataFrame(rows, columns=INTERVAL_COLUMNS)
