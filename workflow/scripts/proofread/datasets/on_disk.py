"""Arrays that are larger than the memory they may take: parts of them at a time."""

import contextlib
import mmap

import numpy as np

# Bytes of an array in memory at once; changes memory, never a result.
BLOCK = 32_000_000


class Rows:
    """Some rows of an array on disk; they are copied only when used.

    Parameters
    ----------
    array : numpy.memmap or Rows, shape (n, width)
    rows : numpy.ndarray, shape (m,), int
    """

    ndim = 2

    def __init__(self, array, rows):
        if isinstance(array, Rows):
            array, rows = array.array, array.rows[rows]
        self.array, self.rows = array, rows
        self.dtype = array.dtype

    def __len__(self):
        return len(self.rows)

    @property
    def shape(self):
        """(m, width)."""
        return len(self.rows), self.array.shape[1]

    def __getitem__(self, key):
        """A copy; the key chooses among these rows and, in a tuple, columns."""
        rows, *columns = key if isinstance(key, tuple) else (key,)
        values = np.asarray(self.array[self.rows[rows]])
        return values[(..., *columns)] if columns else values

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self[:], dtype=dtype)


class Stacked:
    """Several arrays as one; each stays where it is, on disk or in memory.

    Parameters
    ----------
    arrays : list of array, each (n, width)
        Of one width and type.
    """

    ndim = 2

    def __init__(self, arrays):
        self.arrays = arrays
        self.dtype = arrays[0].dtype
        self._ends = np.cumsum([len(array) for array in arrays])

    def __len__(self):
        return int(self._ends[-1])

    @property
    def shape(self):
        """(all rows, width)."""
        return len(self), self.arrays[0].shape[1]

    def __getitem__(self, key):
        """A copy; the key chooses rows and, in a tuple, columns."""
        rows, *columns = key if isinstance(key, tuple) else (key,)
        if isinstance(rows, slice):
            rows = np.arange(*rows.indices(len(self)))
        rows = np.asarray(rows)
        if rows.dtype == bool:
            rows = np.flatnonzero(rows)
        wanted = np.where(rows < 0, rows + len(self), rows)
        of_array = np.searchsorted(self._ends, wanted, side="right")
        values = np.empty((*wanted.shape, self.shape[1]), dtype=self.dtype)
        for number in np.unique(of_array):
            array, own = self.arrays[number], of_array == number
            first = self._ends[number] - len(array)
            values[own] = array[wanted[own] - first]
        return values[(..., *columns)] if columns else values

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self[:], dtype=dtype)


def blocks(array, size=None):
    """Yield all rows of an array in order, some at a time.

    Memory does not grow with the array: a file is read block by block, and the pages of
    a mapped file are released after each.

    Parameters
    ----------
    array : array, Rows or Stacked, shape (n, ...)
    size : int, optional
        Bytes of a block, `BLOCK` by default; at least one row is read.

    Yields
    ------
    first : int
        Row of the array with which the block begins.
    block : numpy.ndarray, shape (rows, ...)
        A copy where the array is on disk.
    """
    if isinstance(array, Stacked):
        begin = 0
        for part in array.arrays:
            for first, block in blocks(part, size):
                yield begin + first, block
            begin += len(part)
        return
    row_bytes = int(np.prod(array.shape[1:], dtype=np.int64)) * array.dtype.itemsize
    rows = max(1, (BLOCK if size is None else size) // max(1, row_bytes))
    mapped = isinstance(array, np.memmap)
    for first in range(0, len(array), rows):
        block = array[first : first + rows]
        yield first, np.array(block) if mapped else block
        _release(array.array if isinstance(array, Rows) else array)


def in_memory(array):
    """Copy all rows of an array, and release the pages of a mapped file."""
    copy = np.empty(array.shape, dtype=array.dtype)
    for first, block in blocks(array):
        copy[first : first + len(block)] = block
    return copy


def _release(array):
    """Release the pages of a mapped file, which count as memory until then."""
    while isinstance(array, np.ndarray):
        array = array.base
    if isinstance(array, mmap.mmap):
        # Not on every system; the system then releases the pages when it needs memory.
        with contextlib.suppress(AttributeError, OSError, ValueError):
            array.madvise(mmap.MADV_DONTNEED)
