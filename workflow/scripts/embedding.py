"""Whether k-mers with the same bases have similar vectors in a network."""

import numpy as np
import pandas as pd

from proofread.datasets.dataset import read_split
from proofread.figures.style import save_figure
from proofread.job import start
from proofread.methods.embedding.figures import draw_maps, draw_purity
from proofread.methods.embedding.kmers import (
    BASELINES,
    Vectors,
    kmers,
    network_vectors,
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
    own = network_vectors(
        load_model(job.input.model, job.params.device),
        dataset.index,
        lengths=params.lengths,
        response=params.response,
        backgrounds=params.backgrounds,
        seed=params.seed,
    )
    baselines = [
        Vectors(name, vectors.k, make(vectors.k))
        for vectors in own
        for name, make in BASELINES.items()
    ]
    rows = []
    for vectors in progress([*own, *baselines], "compared"):
        rows += compare(
            vectors,
            affix_length=params.affix_length,
            neighbours=params.neighbours,
            permutations=params.permutations,
            significance=params.significance,
            seed=params.seed,
        )
    table = pd.DataFrame(rows)
    write_table(job.output.table, table)
    # No truth says which k-mers should be close.
    write_score(job.output.score, [])
    write_values(
        job.output.values,
        {f"vectors_{vectors.k}": vectors.vectors for vectors in own}
        | {f"kmers_{vectors.k}": np.array(kmers(vectors.k)) for vectors in own},
        representation=own[0].representation,
    )

    one_hot = [vectors for vectors in baselines if vectors.representation == "one_hot"]
    maps = [
        mapped(
            vectors,
            params.affix_length,
            perplexity=params.perplexity,
            iterations=params.iterations,
            seed=params.seed,
        )
        for vectors in progress(own + one_hot * params.baseline_maps, "mapped")
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
            row.k,
            row.coloured_by,
            row.purity,
            row.chance_purity,
            row.purity_p,
            row.verdict,
        )


if "snakemake" in globals():
    main(snakemake)
