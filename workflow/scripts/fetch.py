"""Published data files, from a mirror folder or the web, checked by their sha256."""

from proofread.files.download import fetch, mirror_folder
from proofread.job import start
from proofread.progress import log


def main(job):
    """Fetch, and log the origin."""
    start(job)
    origin = fetch(job.params.download, job.output.file, mirror=mirror_folder())
    log.info("%s: from %s, sha256 as expected", job.output.file, origin)


if "snakemake" in globals():
    main(snakemake)
