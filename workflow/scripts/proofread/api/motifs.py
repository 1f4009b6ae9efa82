"""Motifs as a caller has them, and their comparison."""

import os

import numpy as np

from proofread.api.arguments import (
    InputError,
    as_array,
    as_sequences,
    at_least,
    between,
    one_of,
)
from proofread.motifs import tomtom as comparison
from proofread.motifs.column_similarity import DISTANCES
from proofread.motifs.files import read_motifs
from proofread.motifs.jaspar import read_jaspar
from proofread.motifs.motif import UNIFORM, Motif
from proofread.motifs.naming import compare, hit_table, informative
from proofread.motifs.sites import motif_of_sites, read_sites

_EXPECTED = (
    "a list of motifs, a mapping of names to matrices (width, 4), matrices "
    "(n, width, 4), or the path of a motif file"
)
# Decimals move the sum of a row this far from 1.
_ROUNDING = 0.01


def jaspar(release="JASPAR2026", collection="CORE", taxon=None):
    """Read the motifs of a JASPAR release; nothing is downloaded.

    Parameters
    ----------
    release : str
        JASPAR2014, JASPAR2016, ... JASPAR2026.
    collection : str
        CORE or UNVALIDATED; until JASPAR2020 also CNE, FAM, PBM, PBM_HLH, PBM_HOMEO,
        PHYLOFACTS, POLII or SPLICE.
    taxon : str or None
        vertebrates, plants, insects, nematodes, fungi, urochordates, ...; None: all.

    Returns
    -------
    list of proofread.motifs.motif.Motif
        Each with `name` (``MA0139.2``), `matrix` (width, 4), `alternative_name` (the
        protein) and `sites`.

    Raises
    ------
    InputError
        If there is no such release, collection or taxon; it names those that exist.
    """
    return read_jaspar(release, collection, taxon)


def motif_from_sites(sites, name="sites"):
    """Count the bases of aligned sites at each position.

    Parameters
    ----------
    sites : str or path, list of str, or array
        The path of a FASTA file, or the sites as sequences of the same length: see
        `proofread.predict`. N, an unknown base, is not counted.
    name : str
        Of the motif; a file's motif has the name of the file.

    Returns
    -------
    proofread.motifs.motif.Motif
        `matrix` (width, 4), the frequencies; `sites`, the number of sites.

    Raises
    ------
    InputError
        If the sites have different lengths, or none has a base at some position.
    """
    if isinstance(sites, str | os.PathLike):
        return read_sites(sites)
    return motif_of_sites(as_sequences(sites, "sites").index, name, "sites")


def as_motifs(motifs, argument, *, distinct=()):
    """Motifs in any of the forms that the functions accept.

    Parameters
    ----------
    motifs : list of Motif, Motif, dict of str to array, array, str or path
        Matrices hold probabilities in the order A, C, G, T; their rows sum to 1. A path
        names a file in the format of MEME, JASPAR, TRANSFAC or HOMER.
    argument : str
        Its name, for messages.
    distinct : collection of str, or None
        For a file: see `proofread.motifs.files.read_motifs`. In any other form all
        names must be distinct.

    Returns
    -------
    list of proofread.motifs.motif.Motif
    """
    if isinstance(motifs, str | os.PathLike):
        return read_motifs(motifs, distinct=distinct)
    if isinstance(motifs, Motif):
        motifs = [motifs]
    if hasattr(motifs, "items"):
        named = list(motifs.items())
    else:
        if hasattr(motifs, "detach"):
            motifs = motifs.detach().cpu().numpy()
        if isinstance(motifs, np.ndarray) and motifs.ndim != 3:
            raise InputError(
                argument,
                f"ndarray, {motifs.dtype}, shape {motifs.shape}",
                _EXPECTED,
                "pass one matrix as {name: matrix}",
            )
        if not isinstance(motifs, list | tuple | np.ndarray):
            raise InputError(
                argument, type(motifs).__name__, _EXPECTED, "convert it to one of these"
            )
        named = [
            (item.name if isinstance(item, Motif) else f"motif{number}", item)
            for number, item in enumerate(motifs)
        ]
    if not named:
        raise InputError(argument, "no motif", _EXPECTED, "pass at least one motif")
    checked = [_motif(str(name), item, argument) for name, item in named]
    names = [motif.name for motif in checked]
    if len(set(names)) < len(names):
        repeated = next(name for name in names if names.count(name) > 1)
        raise InputError(
            argument,
            f"two motifs with the name {repeated!r}",
            "a different name for each motif, which tells its results apart",
            "remove one, or rename it: dataclasses.replace(motif, name=...)",
        )
    return checked


def _motif(name, motif, argument):
    if isinstance(motif, Motif):
        return motif
    matrix = motif.detach().cpu().numpy() if hasattr(motif, "detach") else motif
    where = f"{argument}, {name}"
    expected = "probabilities (width, 4) in the order A, C, G, T; each row sums to 1"
    try:
        matrix = np.asarray(matrix, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(
            where, type(motif).__name__, _EXPECTED, "pass a matrix of numbers"
        ) from None
    if matrix.ndim != 2 or matrix.shape[1] != 4 or len(matrix) == 0:
        transposed = matrix.ndim == 2 and matrix.shape[0] == 4
        raise InputError(
            where,
            f"a matrix of shape {matrix.shape}",
            expected,
            "transpose it: matrix.T" if transposed else "correct its shape",
        )
    wrong = (matrix < 0).any(axis=1) | ~(np.abs(matrix.sum(axis=1) - 1) <= _ROUNDING)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise InputError(
            f"{where}, row {row}",
            ", ".join(f"{value:g}" for value in matrix[row]),
            expected,
            "divide counts by their sum: counts / counts.sum(axis=1, keepdims=True)",
        )
    return Motif(name, matrix)


def tomtom(
    queries,
    targets,
    *,
    q_threshold=0.01,
    e_threshold=None,
    distance="pearson",
    complete_scores=True,
    pseudocount=0.1,
    strands="both",
    min_overlap=1,
    internal=False,
    background=None,
    q_values="bootstrap",
):
    """Compare motifs with known ones, by the statistics of the MEME Suite's Tomtom.

    docs/methods/tomtom.md explains the method.

    Parameters
    ----------
    queries, targets : list of Motif, dict of str to array, array, str or path
        Motifs, for example `proofread.filter_pfms` and `proofread.jaspar`; matrices
        (width, 4) of probabilities by name; or a motif file.
    q_threshold, e_threshold : float or None
        Hits have at most this false discovery rate, or this E-value; one is None.
    distance : str
        pearson, ed, sandelin, kullback, allr, blic1 or blic5.
    complete_scores : bool
        Whether query columns that overhang the target count.
    pseudocount : float
        Sites added to each column.
    strands : str
        ``both``: targets are also reverse-complemented; or ``forward``.
    min_overlap : int
        Columns that must overlap.
    internal : bool
        Only alignments in which one motif lies within the other.
    background : array, shape (4,), or None
        Base frequencies; None, uniform.
    q_values : str
        bootstrap (Tomtom's own) or expectation.

    Returns
    -------
    pandas.DataFrame
        A row for each hit in the order of the queries, the best first; the columns of
        Tomtom's own table: Query_ID, Target_ID, Optimal_offset, p-value, E-value,
        q-value, Overlap, Query_consensus, Target_consensus, Orientation.

    Raises
    ------
    InputError
        If an argument is not one of those above.
    """
    one_of("distance", distance, DISTANCES)
    one_of("strands", strands, ("both", "forward"))
    one_of("q_values", q_values, ("bootstrap", "expectation"))
    at_least("min_overlap", min_overlap, 1)
    at_least("pseudocount", pseudocount, 0, whole=False)
    if e_threshold is not None and q_threshold is not None:
        raise InputError(
            "q_threshold, e_threshold",
            f"{q_threshold!r} and {e_threshold!r}",
            "one number and one None",
            "pass q_threshold=None to use e_threshold",
        )
    if e_threshold is None:
        between("q_threshold", q_threshold, 0, 1)
    else:
        at_least("e_threshold", e_threshold, 0, whole=False)
    settings = comparison.Settings(
        distance=distance,
        complete=complete_scores,
        pseudocount=pseudocount,
        strands=strands,
        min_overlap=min_overlap,
        internal=internal,
        q_threshold=q_threshold,
        e_threshold=e_threshold,
        q_values=q_values,
    )
    frequencies = UNIFORM if background is None else _frequencies(background)
    comparisons = compare(
        informative(as_motifs(queries, "queries")),
        as_motifs(targets, "targets"),
        settings,
        {"background": frequencies, "query_background": None},
    )
    return hit_table(comparisons)


def _frequencies(background):
    expected = "the frequencies of A, C, G and T: four numbers above 0 with the sum 1"
    values = as_array(background, "background", expected)
    fits = values.shape == (4,) and values.dtype.kind in "fi"
    if not fits or not (values > 0).all() or abs(values.sum() - 1) > _ROUNDING:
        raise InputError(
            "background",
            f"{values.tolist()}",
            expected,
            "correct them, or leave them out",
        )
    return values.astype(np.float64)
