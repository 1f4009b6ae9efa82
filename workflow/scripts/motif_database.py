"""A motif database as one MEME file: a JASPAR release, or the user's own file."""

from proofread.atomic import atomic
from proofread.job import start
from proofread.motifs.files import read_motifs, write_meme
from proofread.motifs.jaspar import read_jaspar
from proofread.progress import log

# JASPAR's own MEME files have six decimals; a user's may have more.
_DECIMALS = {"jaspar": 6, "file": 12}


def read_database(settings):
    """Read the motifs that the configuration names.

    Parameters
    ----------
    settings : dict
        An entry of `databases`: release, collection and taxon; or file.

    Returns
    -------
    list of proofread.motifs.motif.Motif
    """
    if "file" in settings:
        return read_motifs(settings["file"])
    return read_jaspar(settings["release"], settings["collection"], settings["taxon"])


def main(job):
    """Read, write."""
    start(job)
    settings = job.params.database
    motifs = read_database(settings)
    decimals = _DECIMALS["file" if "file" in settings else "jaspar"]
    with atomic(job.output.motifs) as temporary:
        write_meme(temporary, motifs, decimals=decimals)
    log.info("%d motifs from %s", len(motifs), motifs[0].source)


if "snakemake" in globals():
    main(snakemake)
