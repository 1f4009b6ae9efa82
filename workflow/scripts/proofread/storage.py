"""What the operating system refuses, in words: a full disk, permissions, long names."""

import errno
import os
import re
import shutil
import tempfile
from pathlib import Path

from proofread.errors import InputError

_FULL = (
    "room for the whole file",
    "delete files that are no longer needed, or work on a larger disk (for temporary "
    "files: TMPDIR); then start the run again: finished files are kept",
)
_FORBIDDEN = (
    "permission to read and write here",
    "correct the permissions or the owner (ls -l shows them), or work in a folder of "
    "your own",
)
_DISK = (
    "a disk that reads and writes",
    "check the disk or the network file system, or ask who runs it; then start the run "
    "again: finished files are kept",
)
_HANDLES = (
    "fewer files that are open at once",
    "raise the limit (ulimit -n 4096), or run fewer jobs at once (--cores)",
)
# What was found, what was expected, and what to do.
_WORDS = {
    errno.ENOSPC: ("no space left on the disk", *_FULL),
    errno.EDQUOT: ("your quota on this disk is used up", *_FULL),
    errno.EFBIG: ("the file would be larger than permitted", *_FULL),
    errno.EACCES: ("permission denied", *_FORBIDDEN),
    errno.EPERM: ("not permitted", *_FORBIDDEN),
    errno.EROFS: (
        "the disk is read-only",
        "a disk that can be written",
        "work in a folder that can be written, or mount the disk for writing",
    ),
    errno.EIO: ("the disk reports an input/output error", *_DISK),
    errno.ESTALE: ("the network file system has lost the file", *_DISK),
    errno.ENAMETOOLONG: (
        "the name or the path is too long for this disk",
        "a name of at most 255 bytes (file systems differ), and a path of at most 4096",
        "shorten the names in the configuration, or work in a folder with a shorter "
        "path",
    ),
    errno.EMFILE: ("too many open files", *_HANDLES),
    errno.ENFILE: ("too many open files on this machine", *_HANDLES),
}


def refusal(error, path=None, temporary=None):
    """The message for what the operating system refused; None for any other error.

    Parameters
    ----------
    error : Exception
        torch raises a RuntimeError where it cannot write; its context tells why. h5py
        raises one where it cannot close a file; its text tells why.
    path : str or path, optional
        The file that was read or written, if the error does not name it.
    temporary : str or path, optional
        The unfinished file, whose size is told.

    Returns
    -------
    InputError or None
    """
    cause = _cause(error)
    if not isinstance(cause, OSError) or cause.errno not in _WORDS:
        return None
    found, expected, remedy = _WORDS[cause.errno]
    where = path or cause.filename or "a file of this job"
    if path and cause.filename and not _is_unfinished(cause.filename, path):
        where = cause.filename  # a folder that cannot be made, or a file that is read
    if _WORDS[cause.errno][1:] == _FULL:
        found += _space(where, temporary)
    elif not path and not cause.filename:
        found += f" ({cause})"
    return InputError(where, found, expected, remedy)


def raise_refusal(error, path):
    """Raise what the operating system refused; the file is then no worse for it.

    For those who would take any error in reading a file for damage of it.

    Parameters
    ----------
    error : Exception
    path : str or path
        The file that was read.

    Raises
    ------
    InputError
        As of `refusal`.
    """
    if refused := refusal(error, path):
        raise refused from error


def _cause(error):
    """What the operating system said, where another error hides it."""
    if not isinstance(error, RuntimeError):
        return error
    if number := re.search(r"errno = (\d+)", str(error)):
        return OSError(int(number[1]), str(error).partition(" (")[0])
    return error.__context__


def _is_unfinished(name, path):
    """Whether a name is that of a file or its temporary one, as of `atomic`."""
    name, path = Path(name).name, Path(path).name
    return name == path or name.startswith(f".{path}.")


def _space(path, temporary):
    """How much room a file needs, and how much its disk has without it."""
    parts, used = [], 0
    if temporary and os.path.exists(temporary):
        status = os.stat(temporary)
        parts.append(f"more than {_size(status.st_size)} are needed")
        used = status.st_blocks * 512
    here = _disk(Path(path).parent)
    if here:
        parts.append(f"{_size(here.free + used)} of {_size(here.total)} are free here")
    elsewhere = _temporary_disk()
    if here and elsewhere and elsewhere.free < here.free:
        parts.append(f"{_size(elsewhere.free)} are free in TMPDIR")
    return f" ({', '.join(parts)})" if parts else ""


def _disk(folder):
    """Room on the disk of a folder; None if it is not there."""
    try:
        return shutil.disk_usage(folder)
    except OSError:
        return None


def _temporary_disk():
    try:
        return _disk(tempfile.gettempdir())
    except OSError:  # no temporary folder can be written
        return None


def _size(number):
    """Bytes as a person says them."""
    units = ["bytes", "kB", "MB", "GB", "TB"]
    while number >= 1000 and len(units) > 1:
        number /= 1000
        del units[0]
    return f"{number:.3g} {units[0]}"
