"""Numbers and tables of the studies as Markdown."""

import numpy as np

from proofread.tables import DIGITS


def number(value, digits=3):
    """So many digits after the point, never -0.000; nothing for NaN.

    Rounded from the digits that a table has, so that the Markdown of a table that is
    read again is the same.
    """
    if np.isnan(value):
        return ""
    return f"{round(float(f'{value:.{DIGITS}g}'), digits) + 0.0:.{digits}f}"


def signed(value):
    """One digit after the point and a sign: +0.3, -2.0; 0.0 has none."""
    text = number(value, 1)
    return f"+{text}" if value > 0 and float(text) > 0 else text


def with_spread(mean, sd, digits):
    """``mean ± sd``; the mean alone where there is no sd."""
    return " ± ".join(filter(None, [number(mean, digits), number(sd, digits)]))


def grid(header, rows):
    """A table: the header and a line for each row, without a line break at the end.

    Parameters
    ----------
    header, rows
        Cells of the header, and of each row. A bar in a cell is escaped.
    """
    header = list(header)
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def _cell(value):
    return str(value).replace("|", "\\|")
