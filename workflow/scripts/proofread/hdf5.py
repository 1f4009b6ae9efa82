"""HDF5 files: nothing but their own arrays, and a checksum that shows damage.

The checksum stands behind the end of the HDF5 file, where its readers do not look. It
is compared before any other byte is used: a damaged byte can make the HDF5 library read
wrong numbers without an error, and crash the process.
"""

import contextlib
import hashlib
import math
import os

import h5py

from proofread.atomic import atomic
from proofread.errors import MAKE_ANEW, InputError
from proofread.storage import raise_refusal
from proofread.unpacking import check_unpacked

_MARK = b"\nproofread sha256 "
_SEAL = len(_MARK) + 64 + 1  # bytes: the mark, the checksum in hexadecimals, a line end
_BLOCK = 1 << 18  # bytes read at once


@contextlib.contextmanager
def written(path):
    """Write a file that `intact` reads; the same content always gives the same bytes.

    Yields
    ------
    h5py.File
    """
    with atomic(path) as temporary:
        with h5py.File(temporary, "w") as file:
            yield file
        digest = _digest(temporary, os.path.getsize(temporary))
        with open(temporary, "ab") as end:
            end.write(_MARK + digest + b"\n")


@contextlib.contextmanager
def intact(path, kind, names=()):
    """Open a file of the workflow, and check that it is as it was written.

    Parameters
    ----------
    path : str or path
    kind : str
        The kind of file with its article, for the message.
    names : iterable of str
        Arrays and groups that it must have.

    Yields
    ------
    h5py.File

    Raises
    ------
    InputError
        If the file is missing, damaged or of another kind, or cannot be read now.
    """
    result = _damage(path)
    if result is None:
        with h5py.File(path, "r") as file:
            check_own_arrays(file, path, os.path.getsize(path))
            missing = [name for name in names if name not in file]
            if not missing:
                yield file
                return
        result = f"no {missing[0]!r} in it"
    raise InputError(
        path,
        result,
        f"{kind}, as the workflow wrote it",
        MAKE_ANEW,
    )


def _damage(path):
    """How a file differs from that which was written; None if it does not."""
    try:
        size = max(0, os.path.getsize(path) - _SEAL)
        with open(path, "rb") as file:
            file.seek(size)
            end = file.read()
        if not end.startswith(_MARK):
            return "no sha256 at its end: it is cut short, or was made by other means"
        if end != _MARK + _digest(path, size) + b"\n":
            return "its content does not have the sha256 at its end: it is damaged"
    except OSError as error:
        raise_refusal(error, path)
        return f"not readable ({error.strerror})"
    return None


def _digest(path, size):
    """sha256 of the first bytes of a file, in hexadecimals."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while size and (part := file.read(min(size, _BLOCK))):
            digest.update(part)
            size -= len(part)
    return digest.hexdigest().encode()


def check_own_arrays(file, path, size):
    """Refuse arrays that lie in other files, and those too large for the file.

    Links to other files, arrays stored outside and virtual arrays can name any file of
    the machine. An array may state any shape without a byte of it in the file.

    Parameters
    ----------
    file : h5py.File
    path : str or path
        What a message calls it.
    size : int
        Bytes of the file.

    Raises
    ------
    InputError
    """

    def refuse(name, what):
        raise InputError(
            f"{path}: {name}",
            what,
            "arrays within this file; no other file is opened",
            "copy the array into the file, for example with h5py",
        )

    # The visitors only collect: h5py does not take an error of theirs well.
    links, arrays = [], []
    file.visititems_links(lambda *entry: links.append(entry))
    file.visititems(lambda *entry: arrays.append(entry))
    for name, link in links:
        if isinstance(link, h5py.ExternalLink):
            refuse(name, f"a link to {link.path} in the file {link.filename!r}")
    for name, array in arrays:
        if not isinstance(array, h5py.Dataset):
            continue
        if array.external:
            refuse(name, f"an array stored in the file {array.external[0][0]!r}")
        if array.is_virtual:
            refuse(name, "a virtual array, made of arrays of other files")
        for shape in (array.shape, array.chunks):
            # Python's whole numbers, which have no largest one.
            unpacked = math.prod(map(int, shape or ())) * array.dtype.itemsize
            check_unpacked(f"{path}: {name}", unpacked, size)
