"""A motif from aligned sites: frequencies in MEME's format, counts in JASPAR's."""

from proofread.atomic import atomic
from proofread.job import start
from proofread.motifs.files import write_meme, write_motifs
from proofread.motifs.sites import read_sites
from proofread.progress import log

_DECIMALS = 12


def main(job):
    """Read the sites, write the motif."""
    start(job)
    motif = read_sites(job.input.sites)
    with atomic(job.output.motif) as temporary:
        write_meme(temporary, [motif], decimals=_DECIMALS)
    with atomic(job.output.counts) as temporary:
        write_motifs(temporary, [motif], "jaspar")
    log.info("%s: %d bases from %d sites", motif.name, len(motif), motif.sites)


if "snakemake" in globals():
    main(snakemake)
