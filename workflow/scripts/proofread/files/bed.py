"""BED: intervals with their strand, 0-based and half-open."""

from dataclasses import dataclass

from proofread.configuration.foreign_formats import refuse_foreign
from proofread.errors import InputError
from proofread.files.cells import is_number
from proofread.files.gzipped import check_line, read_bytes
from proofread.progress import log

_STRANDS = "+-."
# Columns of narrowPeak and broadPeak, which are BED with more (ENCODE).
PEAK_COLUMNS = {"score": 5, "signalValue": 7, "pValue": 8, "qValue": 9}
_SUMMIT = 10
_PEAK_FILES = (".narrowpeak", ".broadpeak")


@dataclass(frozen=True)
class Interval:
    """One line of a BED file.

    Attributes
    ----------
    where : str
        File and line.
    contig : str
    start, end : int
        0-based, half-open.
    strand : str
        ``+``, ``-`` or ``.`` if it is not known.
    cells : tuple of str
        All columns.
    """

    where: str
    contig: str
    start: int
    end: int
    strand: str
    cells: tuple

    @property
    def summit(self):
        """The base of the summit in column 10 of narrowPeak, 0-based; None without one.

        The column counts from the start of the interval, on either strand. -1 says that
        no summit was called (ENCODE).
        """
        cell = self.cells[_SUMMIT - 1] if len(self.cells) >= _SUMMIT else ""
        if not (cell.isascii() and cell.isdigit()):
            return None
        summit = self.start + int(cell)
        return summit if summit < self.end else None

    def column(self, number, key):
        """The text of a column, counted from 1.

        Parameters
        ----------
        number : int
        key : str
            The setting that names the column, for the message.
        """
        if number > len(self.cells):
            raise InputError(
                self.where,
                f"{len(self.cells)} columns",
                f"a column {number} ({key})",
                "complete the line, or correct the number of the column",
            )
        return self.cells[number - 1]


def read_bed(path):
    """Read all intervals of a BED file, plain or gzip.

    Columns are separated by tabs, or by spaces where a line has no tab. Lines that
    begin with ``#``, ``track`` or ``browser``, and blank lines, are skipped.

    Parameters
    ----------
    path : str or path

    Returns
    -------
    list of Interval

    Raises
    ------
    InputError
        With file and line.
    """
    raw = read_bytes(path, "a BED file")
    refuse_foreign(path, raw, "BED")
    intervals = []
    for number, line in enumerate(raw.splitlines(), start=1):
        text = line.decode("utf-8", "replace").strip()
        check_line(text, path, number)
        if text and text[0] != "#" and text.split()[0] not in ("track", "browser"):
            intervals.append(_interval(text, f"{path}, line {number}"))
    if not intervals:
        raise InputError(
            path,
            "no interval",
            "at least one line with chromosome, start and end",
            "name the file that has the intervals",
        )
    widest = max(len(interval.cells) for interval in intervals)
    log.info("%s: %d intervals of up to %d columns", path, len(intervals), widest)
    return intervals


def is_peak_file(path, intervals):
    """Whether a file is narrowPeak or broadPeak, by its name or its columns.

    ENCODE names these files .bed, too: all lines then have 9 or 10 columns, of which 5
    and 7 to 9 are numbers and 10 is a base of the interval, or -1. Files of IDR have
    more columns; their name has to say it.

    Parameters
    ----------
    path : str or path
    intervals : list of Interval
        All of the file.
    """
    if str(path).lower().removesuffix(".gz").endswith(_PEAK_FILES):
        return True
    return all(map(_is_peak, intervals))


def _is_peak(interval):
    """Whether the columns of an interval can be those of narrowPeak or broadPeak."""
    cells = interval.cells
    if len(cells) not in (_SUMMIT - 1, _SUMMIT):
        return False
    if not all(map(is_number, (cells[4], *cells[6:9]))):
        return False
    # The number of blocks or a name of another BED file is in column 10, too.
    return all(
        cell == "-1" or interval.summit is not None for cell in cells[_SUMMIT - 1 :]
    )


def has_summits(path, intervals):
    """Whether a file is narrowPeak and at least one of its peaks has a summit."""
    return is_peak_file(path, intervals) and any(
        interval.summit is not None for interval in intervals
    )


def _interval(text, where):
    cells = tuple(cell.strip() for cell in text.split("\t" if "\t" in text else None))
    if len(cells) < 3:
        remedy = "separate the columns by tabs"
        if text[0] == ">":
            remedy = "check that this is the right file: it looks like FASTA"
        raise InputError(
            where,
            f"{len(cells)} column(s): {text[:40]!r}",
            "BED: contig, start, end and perhaps name, score, strand",
            remedy,
        )
    contig = cells[0]
    start, end = (_number(cell, where) for cell in cells[1:3])
    if start >= end:
        raise InputError(
            where,
            f"the start {start} and the end {end}",
            "start < end: BED is 0-based and half-open",
            "correct the line; the one base at position 5, counted from 1, is 4 to 5",
        )
    strand = cells[5] if len(cells) > 5 else "."
    if strand not in _STRANDS:
        raise InputError(
            where,
            f"the strand {strand!r} in column 6",
            "+, - or . (not known)",
            "correct the line, or remove the columns after the third",
        )
    return Interval(where, contig, start, end, strand, cells)


def _number(cell, where):
    if not cell.isascii() or not cell.isdigit():
        raise InputError(
            where,
            f"the position {cell!r}",
            "a whole number of at least 0 in columns 2 and 3",
            "correct the line; put a # before a line of column names",
        )
    return int(cell)
