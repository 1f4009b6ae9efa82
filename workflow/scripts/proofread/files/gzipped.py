"""Files as users have them: plain or gzip, told apart by their first bytes."""

import gzip
import zlib
from pathlib import Path

from proofread.errors import InputError

GZIP = b"\x1f\x8b"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def read_bytes(path, what):
    """Read a whole file, gunzipped, without a byte order mark.

    Parameters
    ----------
    path : str or path
        bgzip is gzip, too.
    what : str
        The file in words, with its article, for the message.

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
        raise unreadable(path, error, what) from error
    return raw.removeprefix(_BYTE_ORDER_MARK)


def unreadable(path, error, what):
    """The error of a file that is absent, broken or not ours to read."""
    return InputError(
        path,
        f"not readable ({error})",
        f"{what}, plain or gzip",
        "check the path and that the file is whole",
    )
