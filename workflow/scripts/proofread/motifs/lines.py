"""A motif file as lines, and the error that points at one of them."""

import math
from itertools import pairwise

from proofread.errors import InputError
from proofread.files.gzipped import read_bytes

_KIND = "a motif file"
# The largest public collections have some 15,000 matrices and some MB.
_BYTES = 100_000_000
_MOTIFS = 100_000
# Beginnings of the line of each motif, by format, and the end of one of TRANSFAC's.
_MARKS = (">", "MOTIF", "AC", "ID", "//", "Pos")


class Lines:
    """The lines of a motif file, without white space at their ends.

    `ended` is whether the last one ends, as in a file that is not cut short.

    Parameters
    ----------
    path : str or path
        Plain or gzip, with or without a byte order mark.

    Raises
    ------
    InputError
        If the file cannot be read, is not text, or holds more than any collection of
        motifs: 100 MB or 100,000 motifs.
    """

    def __init__(self, path):
        self.path = str(path)
        # Only names may hold letters other than ASCII's.
        content = read_bytes(path, _KIND)
        if len(content) > _BYTES:
            raise InputError(
                path,
                f"{len(content):,} bytes",
                f"{_KIND} of at most {_BYTES:,}",
                "check that this is the right file",
            )
        text = content.decode("utf-8", "replace")
        if "\0" in text:
            raise InputError(
                path,
                "not plain text (it holds bytes of 0)",
                f"{_KIND}, text in UTF-8",
                "export the motifs as text, or save the file as UTF-8 in an editor",
            )
        self.ended = text.endswith("\n")
        self.lines = [line.strip() for line in text.splitlines()]
        motifs = max(sum(map(_begins(mark), self.lines)) for mark in _MARKS)
        if motifs > _MOTIFS:
            raise InputError(
                path,
                f"{motifs:,} motifs",
                f"at most {_MOTIFS:,}: the largest public collections have 15,000",
                "choose the motifs that you need",
            )

    def __len__(self):
        return len(self.lines)

    def __getitem__(self, index):
        return self.lines[index]

    def error(self, index, found, expected, remedy):
        """Return an error at line `index` (0-based; counted from 1 in the message)."""
        return InputError(f"{self.path}, line {index + 1}", found, expected, remedy)

    def numbers(self, index, fields, n=None):
        """Return the fields of line `index` as finite, non-negative numbers."""
        try:
            values = [float(field) for field in fields]
        except ValueError:
            values = []
        good = len(values) == (n or len(values)) > 0
        if good and all(math.isfinite(v) and v >= 0 for v in values):
            return values
        remedy = "correct the row; the matrix may have fewer rows than it states"
        if good and all(map(math.isfinite, values)):
            remedy = "give probabilities or counts instead of log-odds scores"
        raise self.error(
            index,
            f"{self.lines[index]!r}",
            f"{n or 'a row of'} non-negative numbers",
            remedy,
        )

    def filled(self, start, end):
        """Indices from `start` to before `end`, without blank lines and comments."""
        indices = range(start, end)
        return [i for i in indices if self.lines[i] and self.lines[i][0] != "#"]

    def blocks(self, prefix):
        """First and past-the-last line of each block that begins with the prefix."""
        starts = [i for i in range(len(self)) if self.lines[i].startswith(prefix)]
        return list(pairwise([*starts, len(self)]))

    def header_names(self, start):
        """The name and the second name in the header ``>name second`` of a matrix."""
        name, _, rest = self.lines[start][1:].strip().partition(" ")
        name, _, more = name.partition("\t")
        if not name:
            raise self.error(start, "no name", "'>name'", "name the motif")
        return name, (more or rest).strip()


def _begins(mark):
    return lambda line: line.startswith(mark)
