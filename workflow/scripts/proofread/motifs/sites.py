"""A motif from aligned sites: how often each base occurs at each position."""

from pathlib import Path

import numpy as np

from proofread.errors import InputError
from proofread.files.fasta import read_fasta
from proofread.motifs.motif import Motif, probabilities


def read_sites(path):
    """Read aligned sites from FASTA, as one motif with the name of the file.

    Parameters
    ----------
    path : str or path
        Plain or gzip. Sequences of the same length, without gaps; the case of letters
        means nothing.

    Returns
    -------
    Motif

    Raises
    ------
    InputError
        If the file is not such FASTA, or no site has a base at some position.
    """
    records = read_fasta(path)
    width = len(records[0].index)
    for record in records:
        if len(record.index) != width:
            raise InputError(
                record.where,
                f"{len(record.index)} bases; the first site has {width}",
                "aligned sites of the same length",
                "cut the sites to the aligned positions, and write N for a gap",
            )
    name = Path(path).name.removesuffix(".gz").rpartition(".")
    index = np.stack([record.index for record in records])
    return motif_of_sites(index, name[0] or name[2], str(path))


def motif_of_sites(index, name, source):
    """The frequencies of the bases at each position of aligned sites.

    Parameters
    ----------
    index : numpy.ndarray, shape (n, width), uint8
        0-3 for A, C, G, T. An unknown base, 4, is not counted: the frequencies at its
        position are those of the other sites.
    name, source : str
        `source` is the file or argument that a message names.

    Returns
    -------
    Motif
        `sites` is n.

    Raises
    ------
    InputError
        If all sites have an unknown base at some position.
    """
    # (n, width) -> (n, width, 4) -> (width, 4)
    counts = (index[:, :, None] == np.arange(4)).sum(axis=0)
    empty = np.flatnonzero(counts.sum(axis=1) == 0)
    if len(empty):
        raise InputError(
            source,
            f"no base at position {empty[0]} (0-based) in {len(index)} sites",
            "A, C, G or T in at least one site at each position",
            "cut the sites to the positions with bases",
        )
    return Motif(name, probabilities(counts), sites=float(len(index)), source=source)
