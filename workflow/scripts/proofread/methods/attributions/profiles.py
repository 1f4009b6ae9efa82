"""Mean attributions by position, along the sequence and around planted motifs."""

import numpy as np
import pandas as pd

from proofread.datasets.groups import group_column
from proofread.dna.encoding import UNKNOWN


def mean_profile(values, index, members_of, column="class"):
    """Mean numbers by position, of each group of sequences.

    Parameters
    ----------
    values : numpy.ndarray, shape (n, length)
        NaN where there is none; numbers at unknown bases do not count.
    index : numpy.ndarray, shape (n, length), uint8
    members_of : dict of str to numpy.ndarray of bool, shape (n,)
        By group, as of `proofread.datasets.groups.groups`.
    column : str
        Of the names of the groups.

    Returns
    -------
    pandas.DataFrame
        `column`, position, n, mean, mean_absolute, se: the standard error of the mean,
        empty for fewer than two sequences. Positions without any are left out.
    """
    counted = (index != UNKNOWN) & ~np.isnan(values)
    tables = []
    for name, members in members_of.items():
        some = np.where(counted[members], values[members], 0).astype(np.float64)
        n = counted[members].sum(axis=0)
        there = np.flatnonzero(n)
        n = n[there]
        mean = some.sum(axis=0)[there] / n
        squares = (some[:, there] ** 2).sum(axis=0)
        spread = np.maximum(0, squares - n * mean**2)
        with np.errstate(divide="ignore", invalid="ignore"):
            error = np.where(n > 1, np.sqrt(spread / (n - 1) / n), np.nan)
        tables.append(
            pd.DataFrame(
                {
                    column: name,
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
    """Numbers around the instances of a motif, all in its own direction.

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


def profile_table(answer, flank):
    """Mean numbers by position of the sequence, and around each motif of the truth.

    Known sites without a matrix have several widths, or no strand, and no profile.

    Parameters
    ----------
    answer : proofread.methods.attributions.answers.Answer
    flank : int
        Positions on both sides of a motif.

    Returns
    -------
    pandas.DataFrame
        aligned_on (``sequence``, or a motif), and the columns of `mean_profile`;
        `position` counts from the first base of the sequence or of the motif.
    """
    column = group_column(answer.dataset)
    whole = mean_profile(answer.numbers, answer.index, answer.groups, column)
    tables = [whole.assign(aligned_on="sequence")]
    truth = answer.dataset.truth
    for motif in answer.dataset.motifs:
        instances = truth[truth["motif"] == motif]
        if len(instances):
            values, bases, rows = aligned(
                answer.numbers, answer.index, instances, flank
            )
            members_of = {name: of[rows] for name, of in answer.groups.items()}
            around = mean_profile(values, bases, members_of, column)
            around["position"] -= flank
            tables.append(around.assign(aligned_on=motif))
    table = pd.concat(tables, ignore_index=True)
    table.insert(0, "aligned_on", table.pop("aligned_on"))
    return table
