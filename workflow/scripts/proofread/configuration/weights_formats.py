"""The formats of weights files, by their suffix; all hold data only."""

from pathlib import Path

from proofread.errors import InputError

# As Selene and PyTorch's examples name them, some end in .tar and are no tar archives.
TORCH = (".pt", ".pth", ".ckpt", ".pt.tar", ".pth.tar", ".ckpt.tar")
HDF5 = (".h5", ".hdf5")
TEXT = (".txt", ".tsv", ".csv", ".json", ".yaml", ".meme")
KNOWN = (*TORCH, ".npz", *HDF5, *TEXT)


def weights_format(path, where=None):
    """The suffix of a weights file, one of `KNOWN`.

    Parameters
    ----------
    path : str
    where : str, optional
        What a message calls it, if not by its path.

    Raises
    ------
    InputError
        If the file may hold code, or is of an unknown format.
    """
    name = Path(path).name.lower()
    parts = Path(name).suffixes[-2:]
    suffix = "".join(parts if parts[-1:] == [".tar"] else parts[-1:])
    if suffix in KNOWN:
        return suffix
    raise InputError(
        where or path,
        (
            f"weights of the format {suffix!r}"
            if suffix
            else "weights in a file without a suffix"
        ),
        "a file that holds data only: " + ", ".join(KNOWN),
        "save a state_dict with torch.save, or arrays with numpy.savez; a pickle "
        "(.pkl, .joblib) would run code",
    )
