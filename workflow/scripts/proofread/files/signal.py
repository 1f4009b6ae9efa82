"""A measured signal along a genome, from bigWig or bedGraph.

Coordinates are 0-based and half-open. A base may have no value: both formats may leave
out those without reads, and those that could not be measured.
"""

import contextlib
import io
from array import array
from dataclasses import dataclass

import numpy as np

from proofread.configuration.foreign_formats import refuse_foreign, signal_format
from proofread.errors import InputError
from proofread.files.gzipped import check_line, read_bytes
from proofread.progress import log

_PIECE = 200_000  # bases of a bigWig that are read at once: each may be an entry
_COLUMNS = "four columns: contig, start, end (0-based, half-open) and value"


@dataclass(frozen=True, eq=False)
class Entries:
    """The values of one contig.

    Attributes
    ----------
    start, end : numpy.ndarray, shape (n,), int64
        Ascending, without overlaps.
    value : numpy.ndarray, shape (n,), float64
        Of each base of the interval.
    """

    start: np.ndarray
    end: np.ndarray
    value: np.ndarray

    def means(self, first, last, *, gaps):
        """Mean value over the bases of some intervals.

        Parameters
        ----------
        first, last : numpy.ndarray, shape (m,), int
            Half-open; each holds at least one base.
        gaps : str
            ``zero``: a base without an entry has the value 0. ``missing``: it is left
            out of the mean.

        Returns
        -------
        numpy.ndarray, shape (m,), float64
            NaN where gaps are missing and no base has an entry.
        """
        size = (self.end - self.start).astype(np.float64)
        total = self._between(size * self.value, first, last)
        if gaps == "zero":
            return total / (last - first)
        covered = self._between(size, first, last)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(covered > 0, total / covered, np.nan)

    def _between(self, amount, first, last):
        """What the entries have within each interval, if `amount` is what each has."""
        summed = np.concatenate([[0.0], np.cumsum(amount)])
        # The sum up to a position: it rises within the entries only.
        position = np.stack([self.start, self.end], axis=1).ravel()
        up_to = np.stack([summed[:-1], summed[1:]], axis=1).ravel()
        if len(position) == 0:
            return np.zeros(len(first))
        return np.interp(last, position, up_to) - np.interp(first, position, up_to)


class _BedGraph:
    """All entries of a bedGraph file, in memory."""

    def __init__(self, path):
        self.path = str(path)
        self._entries = _read_bedgraph(path)
        self.lengths = {
            contig: int(entries.end[-1]) for contig, entries in self._entries.items()
        }

    def entries(self, contig):
        """The `Entries` of a contig of the file."""
        return self._entries[contig]

    def check_length(self, contig, length):
        """Refuse an entry beyond the end of a contig of a genome."""
        if self.lengths[contig] > length:
            raise _other_genome(
                self.path,
                contig,
                f"an entry that ends at {self.lengths[contig]}",
                length,
            )


class _BigWig:
    """An open bigWig file, which is read contig by contig."""

    def __init__(self, path, file):
        self.path = str(path)
        self._file = file
        self.lengths = dict(file.chroms())

    def entries(self, contig):
        """The `Entries` of a contig of the file."""
        length = self.lengths[contig]
        start, end, value = array("q"), array("q"), array("d")
        for first in range(0, length, _PIECE):
            last = min(first + _PIECE, length)
            for low, high, number in self._file.intervals(contig, first, last) or ():
                # An entry across the edge of two pieces is in both.
                start.append(max(low, first))
                end.append(min(high, last))
                value.append(number)
        return _checked(self.path, contig, start, end, value)

    def check_length(self, contig, length):
        """Refuse a contig that has another length than that of a genome."""
        if self.lengths[contig] != length:
            raise _other_genome(self.path, contig, f"{self.lengths[contig]} bp", length)


@contextlib.contextmanager
def open_signal(path):
    """Open a measured signal.

    Parameters
    ----------
    path : str or path
        The ending of the name gives the format, as of
        `proofread.configuration.foreign_formats.SIGNAL_ENDINGS`.

    Yields
    ------
    object
        With `path`; `lengths` (bp of each contig, of bedGraph the end of its last
        entry), `entries` (of a contig) and `check_length` (of a contig).

    Raises
    ------
    InputError
        If the file cannot be read, or a value is not a number.
    """
    if signal_format(path) == "bedGraph":
        yield _BedGraph(path)
        return
    try:
        import pyBigWig
    except ModuleNotFoundError as error:
        raise InputError(
            path,
            str(error),
            "the package pyBigWig, which reads bigWig",
            'install it: pip install -e ".[bigwig]", or give a bedGraph file',
        ) from error
    try:
        file = pyBigWig.open(str(path))
    except RuntimeError:
        file = None
    if file is None or not file.isBigWig():
        raise InputError(
            path,
            "a file that is not bigWig, or not readable",
            "bigWig",
            "convert it, for example with bedGraphToBigWig, or copy it anew; the "
            "ending of a bedGraph file is .bedGraph, .bdg or .bg",
        )
    with contextlib.closing(file):
        yield _BigWig(path, file)


def check_signal(path, lengths, refuse):
    """Refuse a signal that cannot be read, or is of another genome.

    Parameters
    ----------
    path : str or path
    lengths : dict of str to int
        bp of each contig of the genome.
    refuse : callable
        Takes a contig that the genome does not have, and what a message calls the
        file; raises an `InputError`.

    Raises
    ------
    InputError
        If no contig is in both, or one has another length.
    """
    with open_signal(path) as signal:
        shared = [contig for contig in signal.lengths if contig in lengths]
        if not shared:
            refuse(next(iter(signal.lengths)), signal.path)
        for contig in shared:
            signal.check_length(contig, lengths[contig])


def _other_genome(path, contig, found, length):
    return InputError(
        f"{path}, contig {contig}",
        found,
        f"the genome's contig, which has {length} bp",
        "give the signal and the genome of one assembly",
    )


def _read_bedgraph(path):
    raw = read_bytes(path, "a bedGraph file")
    refuse_foreign(path, raw, "bedGraph")
    rows = {}
    for number, line in enumerate(io.BytesIO(raw), start=1):
        text = line.decode("utf-8", "replace").strip()
        check_line(text, path, number)
        if not text or text[0] == "#" or text.split()[0] in ("track", "browser"):
            continue
        contig, low, high, value = _row(text, f"{path}, line {number}")
        start, end, values = rows.setdefault(
            contig, (array("q"), array("q"), array("d"))
        )
        start.append(low)
        end.append(high)
        values.append(value)
    checked = {
        contig: _checked(path, contig, *columns) for contig, columns in rows.items()
    }
    # All entries of a contig may be NaN.
    checked = {contig: item for contig, item in checked.items() if len(item.value)}
    if not checked:
        raise InputError(
            path,
            "no entry",
            f"lines of {_COLUMNS}",
            "copy or export it anew: no line has a value",
        )
    log.info("%s: entries of %d contigs", path, len(checked))
    return checked


def _row(text, where):
    cells = text.split()
    if len(cells) != 4:
        raise InputError(
            where, f"{len(cells)} columns", _COLUMNS, "check that this is bedGraph"
        )
    contig, start, end, value = cells
    try:
        start, end, value = int(start), int(end), float(value)
    except ValueError:
        raise InputError(
            where, repr(text), f"{_COLUMNS}, the last three numbers", "correct the line"
        ) from None
    if not 0 <= start < end:
        raise InputError(
            where,
            f"the interval {start} to {end}",
            "0 <= start < end",
            "correct the line",
        )
    return contig, start, end, value


def _checked(path, contig, start, end, value):
    """The entries in order; one that is NaN is a gap."""
    start, end = (np.frombuffer(item, dtype=np.int64) for item in (start, end))
    value = np.frombuffer(value, dtype=np.float64)
    order = np.argsort(start, kind="stable")
    order = order[~np.isnan(value[order])]
    start, end, value = start[order], end[order], value[order]
    where = f"{path}, contig {contig}"
    if np.isinf(value).any():
        first = int(start[np.isinf(value)][0])
        raise InputError(
            where,
            f"an infinite value at {first}",
            "numbers",
            "remove this entry: a base may have no value",
        )
    overlap = np.flatnonzero(end[:-1] > start[1:])
    if len(overlap):
        raise InputError(
            where,
            f"two values of the base {int(start[overlap[0] + 1])} (0-based)",
            "one value for each base",
            "merge the entries, for example: bedtools merge -c 4 -o mean",
        )
    return Entries(start, end, value)
