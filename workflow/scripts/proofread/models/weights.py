"""Weights of a user model, read from formats that hold data only.

A pickle is a program: reading one runs the code in it. So weights are read by readers
that cannot run code, and every other file is refused.
"""

import contextlib
import io
import pickle
import zipfile
import zlib
from pathlib import Path

import h5py
import numpy as np
import torch

from proofread.configuration.foreign_formats import refuse_pointer
from proofread.configuration.weights_formats import HDF5, TORCH, weights_format
from proofread.errors import InputError
from proofread.hdf5 import check_own_arrays
from proofread.models.torch_files import read_torch
from proofread.unpacking import check_unpacked


def read_weights(path, content):
    """Read weights as data.

    Parameters
    ----------
    path : str
        Of the file. Its suffix gives the format
        (`proofread.configuration.weights_formats`); messages name it.
    content : bytes
        Of the file.

    Returns
    -------
    object
        `TORCH`: the saved object, tensors on the CPU. ``.npz``: dict of str to
        numpy.ndarray. `HDF5`: dict of the path of each array within the file
        (``layer_0/param_0``) to numpy.ndarray. `TEXT`: str.

    Raises
    ------
    InputError
        If the file holds code, is damaged, is a pointer of Git LFS, or is of a format
        that may hold code.
    """
    suffix = weights_format(path)
    refuse_pointer(path, content)
    reader = {**dict.fromkeys(TORCH, _torch), ".npz": _npz, **dict.fromkeys(HDF5, _h5)}
    try:
        return reader.get(suffix, _text)(path, content)
    except _TorchScript as error:
        raise InputError(
            path,
            "a TorchScript archive, which holds code; no code was run",
            "the weights alone: tensors, numbers, texts, lists and dicts",
            "save its state_dict: "
            f"torch.save(torch.jit.load({Path(path).name!r}).state_dict(), "
            '"weights.pt")',
        ) from error
    except pickle.UnpicklingError as error:
        if not content.startswith(_BEGINNINGS):
            raise InputError(
                path,
                f"not a file of torch.save: it begins with {content[:24]!r}",
                f"a file of torch.save, by its suffix {suffix}",
                "get the file itself again: this may be a web page, or another format",
            ) from error
        raise InputError(
            path,
            f"holds more than weights ({_blamed(error)}); no code was run",
            "tensors, numbers, texts, lists and dicts",
            "save the weights alone: torch.save(network.state_dict(), path)",
        ) from error
    except (
        *(OSError, ValueError, KeyError, EOFError, RuntimeError, MemoryError),
        *(zipfile.BadZipFile, zlib.error),
    ) as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        found, remedy = f"not readable as {suffix} ({reason})", "export it again"
        if suffix in TORCH:
            remedy = "copy it anew, or save it again with torch.save"
        if "allow_pickle" in reason:
            found = "holds Python objects, which may run code; no code was run"
            remedy = "save plain arrays of numbers or texts"
        expected = "an intact file of that format that holds arrays only"
        raise InputError(path, found, expected, remedy) from error


def _torch(_, content):
    file = io.BytesIO(content)
    # Metrics and other numbers of NumPy stand in checkpoints, too.
    with torch.serialization.safe_globals(_NUMPY):
        if not content.startswith(_ARCHIVE):  # the format before torch 1.6
            return torch.load(file, map_location="cpu", weights_only=True)
        names = zipfile.ZipFile(file).namelist()
        if any(name.endswith("/constants.pkl") for name in names):
            raise _TorchScript
        return read_torch(file, len(content))


def _number(dtype, content):
    """A NumPy number from its bytes, as ``numpy._core.multiarray.scalar`` makes it."""
    if not isinstance(dtype, np.dtype) or dtype.kind not in "biufcSU":
        raise pickle.UnpicklingError(f"GLOBAL numpy.{dtype}")
    return np.frombuffer(content, dtype, count=1)[0]


# What a pickle of a NumPy number names, the function replaced by the one above.
_NUMPY = [
    (_number, "numpy._core.multiarray.scalar"),
    (_number, "numpy.core.multiarray.scalar"),
    np.dtype,
    *(getattr(np.dtypes, name) for name in np.dtypes.__all__),
]
_ARCHIVE = b"PK"
# Of a zip archive, and of a pickle: the new and the old format of torch.save.
_BEGINNINGS = (_ARCHIVE, b"\x80")


class _TorchScript(Exception):
    """A program, and not weights."""


def _npz(path, content):
    with contextlib.suppress(zipfile.BadZipFile):  # a single array, or damaged
        entries = zipfile.ZipFile(io.BytesIO(content)).infolist()
        check_unpacked(path, sum(entry.file_size for entry in entries), len(content))
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        if not isinstance(file, np.lib.npyio.NpzFile):
            raise ValueError("a single array")
        return dict(file)


def _h5(path, content):
    arrays = {}

    def add(name, item):
        if isinstance(item, h5py.Dataset):
            arrays[name] = item[()]

    with h5py.File(io.BytesIO(content), "r") as file:
        check_own_arrays(file, path, len(content))
        file.visititems(add)
    return arrays


def _text(_, content):
    return content.decode("utf-8-sig")


def _blamed(error):
    """The class that a refused pickle asks for, if torch names it."""
    words = str(error).split("GLOBAL ")
    return words[1].split()[0] if len(words) > 1 else "Python objects"
