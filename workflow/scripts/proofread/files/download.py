"""Download a file and check it."""

import hashlib
import http.client
import os
import time
import urllib.request
from pathlib import Path

from proofread.atomic import atomic
from proofread.errors import InputError
from proofread.progress import log, progress
from proofread.storage import raise_refusal

MIRROR_VARIABLE = "PROOFREAD_DATA"
# The project's data next to the repository.
SIBLING_MIRROR = Path("../shared/data")
TIMEOUT = 30  # seconds without an answer
WAITS = (1, 4, 10)  # seconds before each further try
CHUNK = 1 << 18  # bytes


def fetch(download, path, *, mirror=None, waits=WAITS):
    """Copy or download a file; it gets its name only if its checksum is correct.

    Parameters
    ----------
    download : dict
        mirror : path below the mirror folder, or None; url; sha256.
    path : str or path
        Where to put it.
    mirror : path, optional
        The mirror folder; the url is used if the folder or the file is missing.
    waits : sequence of float
        Seconds before each further try of a failing connection.

    Returns
    -------
    str
        The path or url it came from.

    Raises
    ------
    InputError
        If the file cannot be downloaded or has another checksum.
    """
    copy = None if None in (mirror, download["mirror"]) else mirror / download["mirror"]
    origin = str(copy) if copy and copy.is_file() else download["url"]
    with atomic(path) as temporary:
        if origin == download["url"]:
            _download(origin, temporary, path, download, waits)
        else:
            with open(copy, "rb") as source, open(temporary, "wb") as target:
                _copy(source, target, copy.stat().st_size, str(path))
        _check(temporary, path, origin, download)
    return origin


def mirror_folder():
    """Find the folder of local copies: PROOFREAD_DATA, else ../shared/data, or None.

    Raises
    ------
    InputError
        If PROOFREAD_DATA is set to something other than a folder.
    """
    stated = os.environ.get(MIRROR_VARIABLE)
    if not stated:
        return SIBLING_MIRROR if SIBLING_MIRROR.is_dir() else None
    if not Path(stated).is_dir():
        raise InputError(
            f"environment variable {MIRROR_VARIABLE}",
            f"{stated!r}, which is not a folder",
            "the folder that holds copies of the data files",
            "correct the variable, or unset it to download",
        )
    return Path(stated)


def _download(url, temporary, path, download, waits):
    for wait in (*waits, None):
        try:
            with (
                urllib.request.urlopen(url, timeout=TIMEOUT) as source,
                open(temporary, "wb") as target,
            ):
                size = int(source.headers.get("Content-Length") or 0)
                _copy(source, target, size, str(path))
            return
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise_refusal(error, path)
            # A missing address will not appear within ten seconds.
            final = wait is None or isinstance(error, ValueError)
            if isinstance(error, urllib.error.HTTPError):
                final = final or error.code < 500
                error.close()
            if final:
                raise InputError(
                    f"{path} from {url}",
                    f"not downloaded ({error})",
                    f"a file with sha256 {download['sha256']}",
                    _mirror_remedy(path, download),
                ) from error
            log.info("%s: %s; next try in %g s", url, error, wait)
            time.sleep(wait)


def _copy(source, target, size, label):
    chunks = iter(lambda: source.read(CHUNK), b"")
    if size:  # else the server does not state the size
        chunks = progress(chunks, label, total=-(-size // CHUNK))
    written = 0
    for chunk in chunks:
        target.write(chunk)
        written += len(chunk)
    if written < size:
        raise OSError(f"the connection ended after {written} of {size} bytes")


def _check(temporary, path, origin, download):
    with open(temporary, "rb") as file:
        result = hashlib.file_digest(file, "sha256").hexdigest()
    if result != download["sha256"]:
        raise InputError(
            f"{path} from {origin}",
            f"sha256 {result}",
            f"sha256 {download['sha256']}",
            "the file at this address changed or is incomplete; compare it with its "
            "source before you correct downloads, or " + _mirror_remedy(path, download),
        )


def _mirror_remedy(path, download):
    """How to use a local copy instead of the address."""
    copy = download["mirror"] or Path(path).name
    return (
        f"put the file at FOLDER/{copy} and set {MIRROR_VARIABLE}=FOLDER"
        if download["mirror"]
        else f"put the file at FOLDER/{copy}, give 'mirror: {copy}' under downloads, "
        f"and set {MIRROR_VARIABLE}=FOLDER"
    )
