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

from proofread.errors import InputError

TORCH = (".pt", ".pth", ".ckpt")
HDF5 = (".h5", ".hdf5")
TEXT = (".txt", ".tsv", ".csv", ".json", ".yaml", ".meme")
KNOWN = (*TORCH, ".npz", *HDF5, *TEXT)


def read_weights(path, content):
    """Read weights as data.

    Parameters
    ----------
    path : str
        Of the file. Its suffix gives the format; messages name it.
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
        If the file holds code, is damaged, or is of a format that may hold code.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in KNOWN:
        raise InputError(
            path,
            (
                f"weights of the format {suffix!r}"
                if suffix
                else "weights in a file without a suffix"
            ),
            "a file that holds data only: " + ", ".join(KNOWN),
            "save a state_dict with torch.save, or arrays with numpy.savez; a pickle "
            "(.pkl, .joblib) would run code",
        )
    reader = {**dict.fromkeys(TORCH, _torch), ".npz": _npz, **dict.fromkeys(HDF5, _h5)}
    try:
        return reader.get(suffix, _text)(content)
    except pickle.UnpicklingError as error:
        raise InputError(
            path,
            f"holds more than weights ({_blamed(error)}); no code was run",
            "tensors, numbers, texts, lists and dicts",
            "save the weights alone: torch.save(network.state_dict(), path)",
        ) from error
    except (
        *(OSError, ValueError, KeyError, EOFError, RuntimeError),
        *(zipfile.BadZipFile, zlib.error),
    ) as error:
        reason = " ".join(str(error).split())[:200]
        found, remedy = f"not readable as {suffix} ({reason})", "export it again"
        if "allow_pickle" in reason:
            found = "holds Python objects, which may run code; no code was run"
            remedy = "save plain arrays of numbers or texts"
        expected = "an intact file of that format that holds arrays only"
        raise InputError(path, found, expected, remedy) from error


def _torch(content):
    with contextlib.suppress(zipfile.BadZipFile):  # the old format, or damaged
        names = zipfile.ZipFile(io.BytesIO(content)).namelist()
        if any(name.endswith("/constants.pkl") for name in names):
            raise pickle.UnpicklingError("GLOBAL TorchScript")
    return torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)


def _npz(content):
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        if not isinstance(file, np.lib.npyio.NpzFile):
            raise ValueError("a single array")
        return dict(file)


def _h5(content):
    arrays = {}

    def add(name, item):
        if isinstance(item, h5py.Dataset):
            arrays[name] = item[()]

    with h5py.File(io.BytesIO(content), "r") as file:
        file.visititems(add)
    return arrays


def _text(content):
    return content.decode("utf-8-sig")


def _blamed(error):
    """The class that a refused pickle asks for, if torch names it."""
    words = str(error).split("GLOBAL ")
    return words[1].split()[0] if len(words) > 1 else "Python objects"
