"""The contributions of bases that are searched for patterns."""

import numpy as np

from proofread.hdf5 import intact


def read_attributions(path, kind):
    """The attributions to search, from the method attributions.

    Parameters
    ----------
    path : str or path
        Its values.h5.
    kind : str

    Returns
    -------
    hypothetical : numpy.ndarray, shape (n, length, 4), float32
        Of the first target.
    row : numpy.ndarray, shape (n,), int64
        Of each sequence in the dataset file.
    target : str
        The first target.

    Raises
    ------
    InputError
        If the file is damaged, or has no such attributions.
    """
    names = (f"hypothetical_{kind}", f"row_{kind}", "target")
    with intact(path, "attributions", names) as file:
        hypothetical = file[f"hypothetical_{kind}"][0].transpose(0, 2, 1)
        target = file["target"][0].decode()
        return np.ascontiguousarray(hypothetical), file[f"row_{kind}"][()], target


def read_substitutions(path):
    """The contributions to search, from the method saturation_mutagenesis.

    Parameters
    ----------
    path : str or path
        Its values.h5.

    Returns
    -------
    hypothetical, row, target
        As of `read_attributions`.

    Raises
    ------
    InputError
        If the file is damaged, or of an earlier version.
    """
    with intact(path, "substitutions", ("delta", "row", "target")) as file:
        # (n, targets, 4, length) -> (n, length, 4)
        hypothetical = centred(file["delta"][:, 0].transpose(0, 2, 1))
        target = file["target"][0].decode()
        return np.ascontiguousarray(hypothetical), file["row"][()], target


def centred(delta):
    """Hypothetical contributions from the changes of a prediction by each base.

    The contribution of base b at position i is the prediction with it minus the mean of
    the predictions with each of the four bases there. Of a linear network it is the
    weight of b minus the mean of the four weights of position i, as of centred
    gradients (Majdandzic et al. 2023, doi:10.1186/s13059-023-02956-3).

    Parameters
    ----------
    delta : numpy.ndarray, shape (..., 4)
        Prediction with the base minus prediction of the intact sequence; 0 in all four
        where nothing was mutated.

    Returns
    -------
    numpy.ndarray, shape (..., 4)
        In the type of `delta`; sums over the bases are 0, up to rounding.
    """
    mean = delta.mean(axis=-1, keepdims=True, dtype=np.float64)
    return (delta - mean).astype(delta.dtype)
