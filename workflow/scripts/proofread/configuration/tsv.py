"""Tab-separated tables that people write: their cells, as text."""

import csv

from proofread.errors import InputError


def read_cells(path, expected, remedy):
    """The cells of each line of a tab-separated file.

    Parameters
    ----------
    path : str or path
    expected, remedy : str
        Of the error: what the file should be, and what to do.

    Returns
    -------
    list of list of str

    Raises
    ------
    InputError
        If it cannot be read, or is not text in UTF-8.
    """
    try:
        # utf-8-sig: spreadsheets put a byte order mark first.
        with open(path, encoding="utf-8-sig", newline="") as file:
            return list(csv.reader(file, delimiter="\t"))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else "not plain text"
        if isinstance(error, csv.Error):
            reason = str(error)
        raise InputError(path, f"not readable ({reason})", expected, remedy) from error
