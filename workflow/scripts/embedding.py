"""Whether a network's vectors of words (k-mers) lie as the words' letters do."""

import numpy as np
import pandas as pd

from proofread.datasets.dataset import read_split
from proofread.figures.style import save_figure
from proofread.job import start
from proofread.methods.embedding.figures import draw_maps, draw_purity
from proofread.methods.embedding.kmers import (
    BASELINES,
    Vectors,
    network_vectors,
    words,
)
from proofread.methods.embedding.maps import COLOURINGS, compare, mapped
from proofread.models.checkpoint import load_model
from proofread.progress import log, progress
from proofread.tables import write_score, write_table, write_values


def main(job):
    """Read, embed, compare, map, draw."""
    start(job)
    params = job.params
    dataset = read_split(job.input.dataset, job.input.splits, "test")
    own = network_vectors(load_model(job.input.model), dataset, params)
    baselines = [
        Vectors(name, each.k, make(each.k))
        for each in own
        for name, make in BASELINES.items()
    ]
    rows = []
    for each in progress([*own, *baselines], "compared"):
        rows += compare(
            each,
            letters=params.letters,
            neighbours=params.neighbours,
            permutations=params.permutations,
            significance=params.significance,
            seed=params.seed,
        )
    table = pd.DataFrame(rows)
    write_table(job.output.table, table)
    # No truth says where a word should lie.
    write_score(job.output.score, [])
    write_values(
        job.output.values,
        {f"vectors_{each.k}": each.vectors for each in own}
        | {f"words_{each.k}": np.array(words(each.k)) for each in own},
        representation=own[0].representation,
    )

    drawn = [each for each in baselines if each.representation == "one_hot"]
    maps = [
        mapped(
            each,
            params.letters,
            perplexity=params.perplexity,
            iterations=params.iterations,
            seed=params.seed,
        )
        for each in progress(own + drawn * params.baseline_maps, "mapped")
    ]
    coordinates, variance = (pd.concat(parts) for parts in zip(*maps, strict=True))
    write_table(job.output.coordinates, coordinates)
    write_table(job.output.variance, variance)
    for colouring in COLOURINGS:
        figure = draw_maps(coordinates, variance, table, colouring)
        save_figure(figure, getattr(job.output, colouring))
    save_figure(draw_purity(table), job.output.purity)
    for row in table[table["representation"] == own[0].representation].itertuples():
        log.info(
            "k = %d, %s: purity %.3f, by chance %.3f, p = %.3g: %s",
            *(row.k, row.coloured_by, row.purity, row.chance_purity, row.purity_p),
            row.verdict,
        )


if "snakemake" in globals():
    main(snakemake)
