"""Motifs of the filters of untrained networks: null queries of Tomtom."""

from proofread.datasets.sampling import read_sample
from proofread.job import start
from proofread.methods.filter_pfms.pfms import SITE_SETTINGS, untrained_motifs
from proofread.motifs.files import write_meme
from proofread.progress import log
from proofread.training.tuning import read_choice


def main(job):
    """Read the sequences, make the networks, write the motifs of their filters."""
    start(job)
    settings = dict(job.params.items())
    choice = read_choice(job.input.choice) if job.input.choice else settings
    dataset, _ = read_sample(
        job.input.dataset,
        job.input.splits,
        settings["split"],
        settings["max_sequences"],
        settings["seed"],
        key="methods.filter_pfms.split",
    )
    motifs, background = untrained_motifs(
        choice["model"],
        dataset,
        settings["networks"],
        **{name: settings[name] for name in SITE_SETTINGS},
    )
    log.info("%d filters of %d networks", len(motifs), settings["networks"])
    write_meme(job.output.meme, motifs, background)


if "snakemake" in globals():
    main(snakemake)
