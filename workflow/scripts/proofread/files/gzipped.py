"""Files of users: plain or gzip, distinguished by their first bytes."""

import contextlib
import gzip
import shutil
import tempfile
import zlib
from pathlib import Path

from proofread.configuration.foreign_formats import BYTE_ORDER_MARK, GZIP
from proofread.errors import InputError
from proofread.progress import log
from proofread.storage import refusal


def read_bytes(path, kind):
    """Read a whole file, decompressed, without a byte order mark.

    Parameters
    ----------
    path : str or path
        bgzip is gzip, too.
    kind : str
        The kind of file with its article, for the message.

    Returns
    -------
    bytes

    Raises
    ------
    InputError
        If the file cannot be read.
    """
    try:
        raw = Path(path).read_bytes()
        raw = gzip.decompress(raw) if raw[:2] == GZIP else raw
    except (OSError, EOFError, zlib.error) as error:
        raise unreadable(path, error, kind) from error
    return raw.removeprefix(BYTE_ORDER_MARK)


@contextlib.contextmanager
def decompressed(path, kind):
    """A file for random access: itself, or its content in a temporary folder if gzip.

    Parameters
    ----------
    path : str or path
    kind : str
        The kind of file with its article, for the message.

    Yields
    ------
    pathlib.Path
        There while the context is open, alone in its folder if it is a copy or a link.

    Raises
    ------
    InputError
        If the file cannot be read.
    """
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder, "plain")
        try:
            with Path(path).open("rb") as file:
                compressed = file.read(2) == GZIP
            if compressed:
                log.info("%s: decompressed into a temporary folder", path)
                with gzip.open(path, "rb") as source, plain.open("wb") as target:
                    shutil.copyfileobj(source, target, 1 << 20)
            else:
                plain.symlink_to(Path(path).resolve())
        except (OSError, EOFError, zlib.error) as error:
            if plain.is_file() and (refused := refusal(error, plain, plain)):
                raise refused from error  # of the copy
            raise unreadable(path, error, kind) from error
        yield plain


def unreadable(path, error, kind):
    """The error for a file that is missing, broken or not permitted to be read."""
    return InputError(
        path,
        f"not readable ({error})",
        f"{kind}, plain or gzip",
        "check the path, and that the file is complete",
    )
