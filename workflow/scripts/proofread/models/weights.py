"""A user's weights, read from formats that hold data only.

A pickle is a program: reading one runs whatever its author wrote. So weights are read
by readers that cannot run anything, and every other file is refused.
"""

import io
import pickle
import zipfile
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
    """Weights as data.

    Parameters
    ----------
    path : str
        Where they came from: its suffix says the format, and messages name it.
    content : bytes
        Of the file.

    Returns
    -------
    object
        `TORCH`: what `torch.save` wrote, tensors on the CPU. ``.npz``: dict of str to
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
            f"weights of the format {suffix or 'without a suffix'!r}",
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
            f"holds more than weights ({_blamed(error)}); nothing of it was run",
            "tensors, numbers, texts, lists and dicts",
            "save the weights alone: torch.save(network.state_dict(), path)",
        ) from error
    except (
        *(OSError, ValueError, KeyError, EOFError, RuntimeError),
        zipfile.BadZipFile,
    ) as error:
        code = "allow_pickle" in str(error)
        raise InputError(
            path,
            "holds Python objects, which would run code; nothing of it was run"
            if code
            else f"not readable as {suffix} ({' '.join(str(error).split())[:200]})",
            "an intact file of that format that holds arrays only",
            "save plain arrays of numbers or texts" if code else "export it again",
        ) from error


def _torch(content):
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
    """The class that a refused pickle wanted, where torch names it."""
    words = str(error).split("GLOBAL ")
    return words[1].split()[0] if len(words) > 1 else "Python objects"
