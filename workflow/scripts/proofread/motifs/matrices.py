"""Motifs from the numbers of a file: rows of probabilities or of counts.

`rows` are the numbers of each position by the line they stand on, so that a message
can name the line.
"""

import numpy as np

from proofread.motifs.motif import Motif, probabilities

# What Tomtom accepts of a row that should sum to 1; counts may differ by as much.
TOLERANCE = 0.1
# No row of probabilities sums to as much.
_MIN_COUNTS = 1.5


def motif_of_probabilities(lines, start, names, rows):
    """A motif of probabilities, or of counts with the same sum in every row.

    Parameters
    ----------
    lines : proofread.motifs.lines.Lines
    start : int
        Line of the motif's header.
    names : tuple of str
        Its name and its second name.
    rows : dict of int to list of float
    """
    _check_rows(lines, start, rows)
    matrix, sites = as_probabilities(lines, rows, None)
    return Motif(names[0], matrix, names[1], sites, lines.path)


def motif_of_probabilities_or_counts(lines, start, names, rows):
    """A motif of probabilities, or of counts whose sum differs from row to row."""
    _check_rows(lines, start, rows)
    matrix = np.array(list(rows.values()))
    if _are_counts(matrix):
        return motif_of_counts(lines, start, names, matrix)
    return motif_of_probabilities(lines, start, names, rows)


def motif_of_counts(lines, start, names, counts):
    """A motif of counts; of probabilities, whose number of sites is unknown.

    Parameters
    ----------
    lines, start, names
        See `motif_of_probabilities`.
    counts : array, shape (width, 4)
    """
    counts = np.array(counts)
    sums = counts.sum(axis=1)
    if (sums <= 0).any():
        raise lines.error(
            start,
            f"motif {names[0]}: position {int(np.argmin(sums))} (0-based) "
            "has no counts",
            "at least one count in every position",
            "correct the matrix, or remove the motif",
        )
    # Rows of probabilities stand in formats of counts too.
    sites = float(sums[0]) if sums.max() > 1 + TOLERANCE else None
    return Motif(names[0], probabilities(counts), names[1], sites, lines.path)


def as_probabilities(lines, rows, sites):
    """Keep probabilities as they are written; divide counts by their sum.

    Parameters
    ----------
    lines : proofread.motifs.lines.Lines
    rows : dict of int to list of float
    sites : float or None
        As stated; None takes the sum of counts.

    Returns
    -------
    matrix : numpy.ndarray, shape (width, 4)
    sites : float or None
    """
    matrix = np.array(list(rows.values()))
    sums = matrix.sum(axis=1)
    off = np.abs(sums - 1) > TOLERANCE
    if not off.any():
        return matrix, sites
    if _are_counts(matrix) and is_constant(sums):
        return probabilities(matrix), sites or float(sums[0])
    first = int(np.argmax(off))
    raise lines.error(
        list(rows)[first],
        f"a row with the sum {sums[first]:g}",
        "probabilities with a sum of 1, or counts with the same sum in every row",
        "correct the row",
    )


def is_constant(sums):
    """Whether all sums are above 0 and the same but for rounding."""
    return sums.min() > 0 and np.ptp(sums) <= TOLERANCE * sums.max()


def _are_counts(matrix):
    return matrix.sum(axis=1).min() > _MIN_COUNTS


def _check_rows(lines, start, rows):
    if not rows:
        raise lines.error(
            start, "no rows below it", "one row per position", "add the matrix"
        )
