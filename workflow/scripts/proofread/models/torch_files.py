"""Files of torch.save, read as data and only if they are intact."""

import contextlib
import zipfile

import torch

# Bytes read at once.
_BLOCK = 1 << 20


def no_memory(error):
    """Whether a file could not be read because the memory is full: it may be intact.

    Parameters
    ----------
    error : Exception
        torch raises a RuntimeError where it gets no memory.
    """
    return isinstance(error, MemoryError) or "can't allocate memory" in str(error)


def read_torch(file, size):
    """The content of a file of torch.save, its tensors on the CPU.

    torch.load runs code unless told otherwise, and does not compare the checksums of
    the archive: a changed byte would be a changed weight.

    Parameters
    ----------
    file : str, path or file
    size : int
        Bytes of the file.

    Returns
    -------
    object

    Raises
    ------
    zipfile.BadZipFile
        If the file is no archive or damaged, or unpacks to more than its own size:
        torch.save does not compress.
    pickle.UnpicklingError, RuntimeError, EOFError
        If it holds anything but data.
    """
    with zipfile.ZipFile(file) as archive:
        entries = archive.infolist()
        if sum(entry.file_size for entry in entries) > size:
            raise zipfile.BadZipFile("an archive that unpacks to more than its size")
        for entry in entries:
            with archive.open(entry) as part:
                while part.read(_BLOCK):  # the last one compares the checksum
                    pass
    with contextlib.suppress(AttributeError):  # a path
        file.seek(0)
    return torch.load(file, map_location="cpu", weights_only=True)
