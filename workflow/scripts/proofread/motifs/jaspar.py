"""JASPAR's matrices from the copy inside pyjaspar: nothing is downloaded."""

import contextlib

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
        CORE, UNVALIDATED (since 2020), or until 2020 one of CNE, FAM, PBM, PBM_HLH,
        PBM_HOMEO, PHYLOFACTS, POLII and SPLICE; see https://jaspar.elixir.no/docs/.
    taxon : str, optional
        vertebrates, plants, insects, nematodes, fungi, urochordates, ...; all if not
        given. CNE, FAM, POLII and SPLICE name none. There are no prokaryotes in JASPAR.

    Returns
    -------
    list of Motif
        Named by matrix identifier, with the protein as the alternative name; in the
        order of the identifiers. Sites are those of the first position.

    Raises
    ------
    InputError
        If there is no such release, collection or taxon in it.
    """
    if release not in RELEASES:
        raise InputError(
            "databases, release",
            f"{release!r}",
            f"one of {', '.join(RELEASES)}",
            "correct the release, or give a motif file: {file: path.meme}",
        )
    database = jaspardb(release=release)
    with contextlib.closing(database.conn):
        _check_selection(database, release, collection, taxon)
        records = database.fetch_motifs(
            collection=[collection], tax_group=None if taxon is None else [taxon]
        )
    source = " ".join(filter(None, [release, collection, taxon]))
    motifs = [_motif(record, source) for record in records]
    return sorted(motifs, key=lambda motif: motif.name)


def _check_selection(database, release, collection, taxon):
    """Refuse a collection that the release lacks, and a taxon the collection lacks."""
    collections = _column(
        database, "SELECT DISTINCT collection FROM MATRIX ORDER BY collection"
    )
    if collection not in collections:
        raise InputError(
            "databases, collection",
            f"no matrix in {release}, collection {collection!r}",
            f"one of {', '.join(collections)}",
            "correct the collection, or name the release that has it",
        )
    taxa = _column(
        database,
        "SELECT DISTINCT val FROM MATRIX_ANNOTATION JOIN MATRIX USING (ID) "
        "WHERE tag = 'tax_group' AND collection = ? ORDER BY val",
        collection,
    )
    if taxon is not None and taxon not in taxa:
        raise InputError(
            "databases, taxon",
            f"no matrix in {release}, collection {collection!r}, taxon {taxon!r}",
            f"one of {', '.join(taxa)}, or null for all"
            if taxa
            else "null: this collection names no taxon",
            "correct the taxon; null takes all matrices of the collection",
        )


def _column(database, query, *values):
    return [row[0] for row in database.conn.execute(query, values)]


def _motif(record, source):
    counts = np.array([record.counts[base] for base in "ACGT"]).T
    return Motif(
        name=record.matrix_id,
        matrix=probabilities(counts),
        alternative_name=record.name.replace(" ", ""),
        # Some matrices hold fractions of 1000 sites, which add up to 999.9998.
        sites=float(round(counts[0].sum())),
        source=source,
    )
