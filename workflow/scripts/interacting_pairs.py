"""Pairs that interact: the planted ones among all pairs of motifs, over networks."""

from pathlib import Path

import pandas as pd

from proofread.atomic import atomic
from proofread.datasets.dataset import read_dataset
from proofread.job import start
from proofread.progress import log
from proofread.studies.interacting_pairs import (
    motifs_held,
    network_scores,
    over_seeds,
    pair_scores,
    predicted_scores,
)
from proofread.studies.interacting_pairs_table import markdown
from proofread.tables import write_table
from proofread.truth.summary import NETWORK, collect_networks


def main(job):
    """Collect the interactions, rank, score, write tables, Markdown and a figure."""
    start(job)
    from proofread.figures.style import save_figure
    from proofread.studies.interacting_pairs_figure import draw_interacting_pairs

    _, metrics = collect_networks(job.input.metrics)
    aurocs = metrics[metrics["metric"] == "test_auroc"].set_index(NETWORK)["value"]
    datasets = job.params.datasets
    held = {
        Path(path).parent.name: motifs_held(read_dataset(path, streamed=True))
        for path in job.input.datasets
    }
    scores = pd.concat(
        [
            pair_scores([*job.input.pairs, *job.input.controls], datasets),
            predicted_scores(job.input.predictions, held, datasets),
        ]
    )
    table = network_scores(scores, aurocs.to_dict())
    summary = over_seeds(table)
    write_table(job.output.table, table)
    write_table(job.output.scores, scores)
    write_table(job.output.summary, summary)
    with atomic(job.output.markdown) as temporary:
        Path(temporary).write_text(markdown(table, summary), encoding="utf-8")
    save_figure(draw_interacting_pairs(scores), job.output.figure)
    for row in summary.itertuples():
        log.info("%s, %s: %s %.3f", row.model, row.method, row.metric, row.mean)


if "snakemake" in globals():
    main(snakemake)
