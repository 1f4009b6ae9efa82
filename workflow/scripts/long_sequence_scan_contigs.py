"""Contigs with planted sites, where a scan has no genome: the truth is known exactly.

The background is made from the dataset's negative test sequences (of quantitative
targets from those without a site): each is shuffled with its dinucleotide counts kept,
and they are joined. Test sequences, which the networks have not seen, are planted into
it unchanged.
"""

import numpy as np

from proofread.atomic import atomic
from proofread.datasets.dataset import read_split
from proofread.dna.encoding import decode
from proofread.errors import InputError
from proofread.job import start
from proofread.methods.long_sequence_scan.contigs import plant
from proofread.methods.long_sequence_scan.windows import anchor_of, target_column
from proofread.progress import log

LINE = 80  # bases


def main(job):
    """Read, plant, write."""
    start(job)
    params = job.params
    dataset = read_split(job.input.dataset, job.input.splits, "test")
    if len(dataset) == 0:
        raise InputError(
            "methods.long_sequence_scan.genome",
            "null, but the test split is empty",
            "test sequences to make contigs from",
            "give a genome, or raise the dataset's split.test",
        )
    column = target_column(params.targets, dataset.target)
    width = dataset.index.shape[1]
    anchor = anchor_of(params.anchor, width)
    if params.simulated["length"] < 2 * width:
        raise InputError(
            "methods.long_sequence_scan.simulated.length",
            f"{params.simulated['length']} bp",
            f"at least {2 * width}, two windows",
            "raise it",
        )
    both = params.strands != "forward" and not params.faithful
    rng = np.random.default_rng(params.seed)
    rows = []
    with (
        atomic(job.output.genome) as temporary,
        open(temporary, "w", encoding="utf-8") as file,
    ):
        for number in range(1, params.simulated["contigs"] + 1):
            name = f"contig{number}"
            index, sites = plant(
                dataset,
                column,
                rng,
                params.simulated,
                anchor=anchor,
                both_strands=both,
            )
            text = decode(index)
            file.write(f">{name}\n")
            file.writelines(
                text[first : first + LINE] + "\n" for first in range(0, len(text), LINE)
            )
            rows += [
                (name, position, position + 1, site, 0, strand)
                for site, position, strand in sites
            ]
            log.info("%s: %d bp, %d sites", name, len(index), len(sites))
    with (
        atomic(job.output.sites) as temporary,
        open(temporary, "w", encoding="utf-8") as file,
    ):
        file.write("# contig, start, end, name, score, strand\n")
        file.writelines("\t".join(map(str, row)) + "\n" for row in rows)


if "snakemake" in globals():
    main(snakemake)
