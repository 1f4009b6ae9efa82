"""JASPAR's matrices from the copy inside pyjaspar: nothing is downloaded."""

import contextlib
import warnings

import numpy as np
from pyjaspar import jaspar_releases, jaspardb

from proofread.errors import InputError
from proofread.motifs.motif import Motif, probabilities

RELEASES = tuple(sorted(jaspar_releases))


def read_jaspar(release, collection="CORE", taxon=None):
    """Read the latest version of each matrix of a JASPAR release.

    Parameters
    ----------
    release : str
        One of `RELEASES`.
    collection : str
        CORE, UNVALIDATED, ...; see https://jaspar.elixir.no/docs/.
    taxon : str, optional
        vertebrates, plants, insects, nematodes, fungi, urochordata, ...; all if not
        given. There are no prokaryotes in JASPAR.

    Returns
    -------
    list of Motif
        Named by matrix identifier, with the protein as the alternative name; in the
        order of the identifiers. Sites are those of the first position.

    Raises
    ------
    InputError
        If there is no such release, or no matrix in the selection.
    """
    if release not in RELEASES:
        raise InputError(
            "databases, release",
            f"{release!r}",
            f"one of {', '.join(RELEASES)}",
            "correct the release, or give a MEME file: {file: path.meme}",
        )
    records = _fetch(release, collection, taxon)
    if not records:
        raise InputError(
            "databases",
            f"no matrix in {release}, collection {collection!r}, taxon {taxon!r}",
            "a collection such as CORE and a taxon such as vertebrates or plants",
            "correct the selection, or give a MEME file: {file: path.meme}",
        )
    source = " ".join(filter(None, [release, collection, taxon]))
    motifs = [_motif(record, source) for record in records]
    return sorted(motifs, key=lambda motif: motif.name)


def _fetch(release, collection, taxon):
    """Matrices as pyjaspar returns them; it warns where there are none."""
    database = jaspardb(release=release)
    with contextlib.closing(database.conn), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return database.fetch_motifs(
            collection=[collection], tax_group=None if taxon is None else [taxon]
        )


def _motif(record, source):
    counts = np.array([record.counts[base] for base in "ACGT"]).T
    return Motif(
        name=record.matrix_id,
        matrix=probabilities(counts),
        alternative_name=record.name.replace(" ", ""),
        # Some matrices hold shares of 1000 sites, which add up to 999.9998.
        sites=float(round(counts[0].sum())),
        source=source,
    )
