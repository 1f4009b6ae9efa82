"""Files of users: plain or gzip, distinguished by their first bytes."""

import gzip
import zlib
from pathlib import Path

from proofread.errors import InputError

GZIP = b"\x1f\x8b"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


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
    return raw.removeprefix(_BYTE_ORDER_MARK)


def unreadable(path, error, kind):
    """The error for a file that is missing, broken or not permitted to be read."""
    return InputError(
        path,
        f"not readable ({error})",
        f"{kind}, plain or gzip",
        "check the path, and that the file is complete",
    )
