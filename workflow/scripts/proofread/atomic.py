"""Files that appear only when they are complete."""

import contextlib
import glob
import os
import tempfile
from pathlib import Path

from proofread.storage import refusal

_RANDOM = "?" * 8  # what mkstemp appends


@contextlib.contextmanager
def atomic(path):
    """A temporary name beside `path` that replaces it only when all went well.

    A half-written file never bears a result's name.

    Raises
    ------
    InputError
        If the operating system refuses: a full disk, no permission.
    """
    path = Path(path)
    name = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        os.close(handle)
        yield name
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(name, 0o666 & ~mask)  # mkstemp's 0600 would hide results from others
        os.replace(name, path)
    except (OSError, RuntimeError) as error:
        refused = refusal(error, path, name)
        if refused is None:
            raise
        raise refused from error
    finally:
        if name is not None:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(name)


def reserve(name, size):
    """Make sure that the disk has room for a file that is about to be written.

    For writers that crash on a full disk instead of raising an error.

    Parameters
    ----------
    name : str
        Of an empty file, as `atomic` gives it.
    size : int
        Bytes.
    """
    if hasattr(os, "posix_fallocate") and size:  # not on macOS
        with open(name, "r+b") as file:
            os.posix_fallocate(file.fileno(), 0, size)
            file.truncate(0)


def remove_unfinished(path):
    """Delete what a killed process was writing under a temporary name of `atomic`."""
    path = Path(path)
    for file in path.parent.glob(f".{glob.escape(path.name)}.{_RANDOM}"):
        with contextlib.suppress(OSError):
            file.unlink()
