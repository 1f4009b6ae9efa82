"""Tables of attributions: completeness, profiles, intervals, components, hand-over.

Intervals are 0-based and half-open; positions begin at 0.
"""

import zipfile

import numpy as np
import pandas as pd

from proofread.atomic import atomic
from proofread.dna.encoding import BASES, UNKNOWN, decode
from proofread.errors import InputError
from proofread.files.bed import read_bed
from proofread.statistics.components import oriented, principal_components
from proofread.truth.position_scores import (
    WINDOW,
    attribution_answers,
    centred,
    observed,
    smoothed,
)

# Rounding of float32 sums, relative to the outputs: never a failure of completeness.
_ROUNDING = 2e-5
# The one kind whose scores do not look at the base that is there.
SALIENCY = "saliency"

# -- one number per base ------------------------------------------------------------


def per_base(kind, hypothetical, index, *, correct=False, window=1):
    """The number of a method for each base of each sequence.

    Parameters
    ----------
    kind : str
        `saliency` is the largest absolute value of the four (Simonyan et al. 2014,
        arXiv:1312.6034); others take the value at the base that is there.
    hypothetical : numpy.ndarray, shape (n, 4, length)
    index : numpy.ndarray, shape (n, length), uint8
    correct : bool
        Remove the mean over the four bases first (Majdandzic et al. 2023,
        doi:10.1186/s13059-023-02956-3).
    window : int
        Odd; the moving mean over so many positions, as far as they are known, is
        returned; 1 is none.

    Returns
    -------
    numpy.ndarray, shape (n, length)
        0 at unknown bases.
    """
    values = centred(hypothetical) if correct else hypothetical
    if kind == SALIENCY:
        numbers = np.where(index == UNKNOWN, 0, np.abs(values).max(axis=1))
    else:
        numbers = observed(values, index)
    if window > 1:
        known = index != UNKNOWN
        numbers = np.where(known, smoothed(numbers, window, known), 0)
    return numbers


def answers_of(kind, hypothetical, index):
    """What is scored against the planted truth; see `proofread.truth.position_scores`.

    Returns
    -------
    dict of str to numpy.ndarray, shape (n, length)
        Those of `attribution_answers`; saliency has no sign and only has the absolute
        ones.
    """
    if kind != SALIENCY:
        return attribution_answers(hypothetical, index)
    plain = {
        "absolute_raw": per_base(kind, hypothetical, index),
        "absolute_centred": per_base(kind, hypothetical, index, correct=True),
    }
    known = index != UNKNOWN
    windows = {
        f"{name}_window{WINDOW}": smoothed(each, known=known)
        for name, each in plain.items()
    }
    return plain | windows


# -- completeness -------------------------------------------------------------------


def completeness(attribution, output, baseline_output, tolerance):
    """How well attributions sum to the change of the output.

    Parameters
    ----------
    attribution : numpy.ndarray, shape (n, 4, length)
    output, baseline_output : numpy.ndarray, shape (n,)
    tolerance : float
        Share of ``|output - baseline_output|``.

    Returns
    -------
    pandas.DataFrame
        `sum`; `error`, sum minus the change; `relative_error`, its size as a share of
        the change (empty where there is no change); `flag`, ``red`` where it is above
        the tolerance, by more than rounding, else ``ok``.
    """
    total = attribution.astype(np.float64).sum(axis=(1, 2))
    output = output.astype(np.float64)
    baseline_output = baseline_output.astype(np.float64)
    change = output - baseline_output
    error = total - change
    rounding = _ROUNDING * np.maximum(1, np.abs(output) + np.abs(baseline_output))
    red = np.abs(error) > tolerance * np.abs(change) + rounding
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.where(change != 0, np.abs(error / change), np.nan)
    return pd.DataFrame(
        {
            "sum": total,
            "error": error,
            "relative_error": relative,
            "flag": np.where(red, "red", "ok"),
        }
    )


# -- profiles -----------------------------------------------------------------------


def profile_table(values, index, positive):
    """Mean numbers by position, of positives and of negatives.

    Parameters
    ----------
    values : numpy.ndarray, shape (n, length)
        NaN where there is none; those at unknown bases do not count either.
    index : numpy.ndarray, shape (n, length), uint8
    positive : numpy.ndarray, shape (n,), bool

    Returns
    -------
    pandas.DataFrame
        class, position, n, mean, mean_absolute, se: the standard error of the mean,
        empty for fewer than two sequences. Positions without any are left out.
    """
    counted = (index != UNKNOWN) & ~np.isnan(values)
    tables = []
    for name, members in (("positive", positive), ("negative", ~positive)):
        some = np.where(counted[members], values[members], 0).astype(np.float64)
        n = counted[members].sum(axis=0)
        there = np.flatnonzero(n)
        n = n[there]
        mean = some.sum(axis=0)[there] / n
        squares = (np.where(counted[members], some, 0)[:, there] ** 2).sum(axis=0)
        spread = np.maximum(0, squares - n * mean**2)
        with np.errstate(divide="ignore", invalid="ignore"):
            error = np.where(n > 1, np.sqrt(spread / (n - 1) / n), np.nan)
        tables.append(
            pd.DataFrame(
                {
                    "class": name,
                    "position": there,
                    "n": n,
                    "mean": mean,
                    "mean_absolute": np.abs(some).sum(axis=0)[there] / n,
                    "se": error,
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


def aligned(values, index, instances, flank):
    """Numbers around planted instances, all in the motif's own direction.

    Parameters
    ----------
    values : numpy.ndarray, shape (n, length)
    index : numpy.ndarray, shape (n, length), uint8
    instances : pandas.DataFrame
        Rows of a truth table, of one motif.
    flank : int
        Positions on both sides.

    Returns
    -------
    values : numpy.ndarray, shape (instances, flank + width + flank)
        NaN beyond the ends of a sequence.
    index : numpy.ndarray, of the same shape, uint8
    rows : numpy.ndarray, shape (instances,), int
        The sequence of each.
    """
    width = int((instances["end"] - instances["start"]).max())
    rows = instances["sequence"].to_numpy(dtype=np.int64)
    start = instances["start"].to_numpy(dtype=np.int64)
    end = instances["end"].to_numpy(dtype=np.int64)
    backward = (instances["strand"] == "-").to_numpy()
    offset = np.arange(-flank, width + flank)
    # (instances, columns): on the minus strand from the last base downwards
    position = np.where(
        backward[:, None], end[:, None] - 1 - offset, start[:, None] + offset
    )
    inside = (position >= 0) & (position < values.shape[1])
    at = (rows[:, None], np.where(inside, position, 0))
    return (
        np.where(inside, values[at], np.nan),
        np.where(inside, index[at], np.uint8(UNKNOWN)),
        rows,
    )


# -- intervals ----------------------------------------------------------------------


def planted_intervals(dataset):
    """Planted instances as intervals: the truth of simulated data.

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
        The sequences that are examined.
    names : collection of str
        Of all sequences there are: intervals of those not examined are passed over.

    Returns
    -------
    pandas.DataFrame
        As `planted_intervals`; `role` is empty.

    Raises
    ------
    InputError
        If a sequence is unknown, or an interval goes beyond it.
    """
    row_of = {name: row for row, name in enumerate(dataset.name)}
    known = set(names)
    rows = []
    for interval in read_bed(path):
        if interval.contig not in known:
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
    """What each interval adds, and how it stands out in its sequence.

    Parameters
    ----------
    values : numpy.ndarray, shape (n, length)
    dataset : proofread.datasets.dataset.Dataset
    intervals : pandas.DataFrame
        From `planted_intervals` or `read_intervals`.

    Returns
    -------
    pandas.DataFrame
        `INTERVAL_COLUMNS`. `rank`: the share of the other stretches of the same length
        in the sequence whose mean absolute number is smaller (ties count half); empty
        where there is no other stretch.
    """
    # The sum of a stretch is a difference of two of these.
    zero = np.zeros((len(values), 1))
    summed = np.hstack([zero, np.cumsum(values, axis=1, dtype=np.float64)])
    absolute = np.hstack([zero, np.cumsum(np.abs(values), axis=1, dtype=np.float64)])
    rows = []
    for each in intervals.itertuples():
        width = each.end - each.start
        length = int(dataset.length[each.row])
        own = absolute[each.row, : length + 1]
        stretches = own[width:] - own[:-width]
        here = own[each.end] - own[each.start]
        # Rounding of the running sums makes no difference.
        close = np.isclose(stretches, here, rtol=1e-9, atol=1e-12)
        smaller = ((stretches < here) & ~close).sum() + (close.sum() - 1) / 2
        others = len(stretches) - 1
        total = summed[each.row, each.end] - summed[each.row, each.start]
        rows.append(
            {
                "sequence": dataset.name[each.row],
                "name": each.name,
                "role": each.role,
                "start": each.start,
                "end": each.end,
                "strand": each.strand,
                "sum": total,
                "mean": total / width,
                "mean_absolute": here / width,
                "rank": smaller / others if others > 0 else np.nan,
            }
        )
    return pd.DataFrame(rows, columns=INTERVAL_COLUMNS)


# -- components ---------------------------------------------------------------------


def attribution_components(values, index, most):
    """Sequences in the directions in which their attributions vary most.

    Parameters
    ----------
    values : numpy.ndarray, shape (n, length)
        One number per base; each stands in the row of its base, so that two sequences
        are alike if the same bases matter at the same positions.
    index : numpy.ndarray, shape (n, length), uint8
    most : int
        Components at most.

    Returns
    -------
    scores : numpy.ndarray, shape (n, components)
        The largest loading of each component is positive.
    explained : numpy.ndarray, shape (components,)
        Share of the variance; 0 where nothing varies.
    """
    cells = np.stack([np.where(index == base, values, 0) for base in range(4)], axis=1)
    cells = cells.reshape(len(cells), -1)  # (n, 4, length) -> (n, 4 * length)
    scores, directions, explained = principal_components(cells)
    return oriented(scores, directions.T)[:, :most], explained[:most]


# -- heat map and hand-over ---------------------------------------------------------

HEAT_ROWS = ["abs sum", "sum", *BASES]


def heat_rows(attribution):
    """The rows of deepG's heat map: (4, length) -> (6, length).

    Sum of the absolute values over the bases, their sum, then A, C, G, T.
    """
    return np.vstack(
        [np.abs(attribution).sum(axis=0), attribution.sum(axis=0), attribution]
    )


def heat_table(attribution, index):
    """Those rows as a table, with the nucleotide as a seventh column.

    Parameters
    ----------
    attribution : numpy.ndarray, shape (4, length)
    index : numpy.ndarray, shape (length,), uint8

    Returns
    -------
    pandas.DataFrame
        position, nucleotide, abs_sum, sum, A, C, G, T.
    """
    columns = [name.replace(" ", "_") for name in HEAT_ROWS]
    table = pd.DataFrame(heat_rows(attribution).T, columns=columns)
    table.insert(0, "position", np.arange(len(index)))
    table.insert(1, "nucleotide", list(decode(index)))
    return table


def write_npz(path, array):
    """Write one array as .npz under the name that TF-MoDISco reads, ``arr_0``.

    The same array always gives the same bytes, which numpy.savez does not promise: the
    entries of its archives bear the time.
    """
    entry = zipfile.ZipInfo("arr_0.npy", date_time=(1980, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    with (
        atomic(path) as temporary,
        zipfile.ZipFile(temporary, "w") as archive,
        archive.open(entry, "w") as file,
    ):
        np.lib.format.write_array(file, np.ascontiguousarray(array), allow_pickle=False)
