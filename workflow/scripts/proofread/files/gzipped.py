"""Files of users: plain or gzip, distinguished by their first bytes."""

import contextlib
import gzip
import io
import os
import re
import tempfile
import zlib
from pathlib import Path

from proofread.configuration.foreign_formats import BYTE_ORDER_MARK, GZIP
from proofread.errors import InputError
from proofread.progress import log
from proofread.storage import refusal
from proofread.unpacking import check_unpacked

_BLOCK = 1 << 20  # bytes read at once
# Characters that no text has. SVG cannot hold them either.
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
# Characters of a line that holds no sequence. The blocks of BED12 take some thousands.
_LINE = 1_000_000


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
        If the file cannot be read, or unpacks to more than data do
        (`proofread.unpacking`).
    """
    try:
        if _is_gzip(path):
            with io.BytesIO() as target:
                _unpack(path, target)
                raw = target.getvalue()
        else:
            raw = Path(path).read_bytes()
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
        If the file cannot be read, or unpacks to more than data do
        (`proofread.unpacking`).
    """
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder, "plain")
        try:
            if _is_gzip(path):
                log.info("%s: decompressed into a temporary folder", path)
                with plain.open("wb") as target:
                    _unpack(path, target)
            else:
                plain.symlink_to(Path(path).resolve())
        except (OSError, EOFError, zlib.error) as error:
            if plain.is_file() and (refused := refusal(error, plain, plain)):
                raise refused from error  # of the copy
            raise unreadable(path, error, kind) from error
        yield plain


def check_line(line, path, number):
    """Refuse a line that no table has: far longer, or with a control character.

    Parameters
    ----------
    line : str
    path : str or path
    number : int
        Counted from 1.

    Raises
    ------
    InputError
    """
    if len(line) > _LINE:
        raise InputError(
            f"{path}, line {number}",
            f"{len(line):,} characters",
            f"at most {_LINE:,} on a line",
            "check that this is the right file, and that its lines end",
        )
    if control := _CONTROL.search(line):
        raise InputError(
            f"{path}, line {number}",
            f"the control character U+{ord(control[0]):04X} at {control.start() + 1}",
            "text",
            "remove this character; check that this is the right file",
        )


def _is_gzip(path):
    with open(path, "rb") as file:
        return file.read(len(GZIP)) == GZIP


def _unpack(path, target):
    """Decompress a file into another, and stop if it unpacks to far too much."""
    packed, unpacked = os.path.getsize(path), 0
    with gzip.open(path, "rb") as source:
        while part := source.read(_BLOCK):
            unpacked += len(part)
            check_unpacked(path, unpacked, packed)
            target.write(part)


def unreadable(path, error, kind):
    """The error for a file that is missing, broken or not permitted to be read."""
    return refusal(error, path) or InputError(
        path,
        f"not readable ({error})",
        f"{kind}, plain or gzip",
        "check the path, and that the file is complete",
    )
