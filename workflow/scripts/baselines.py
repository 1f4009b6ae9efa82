"""Baselines without a network: GC content and 6-mer counts, by regression.

A network that predicts no better than these has learned composition, not rules. They
need sequences to be trained on: without a training split the tables are empty.
"""

import pandas as pd

from proofread.datasets.baselines import K, fit_baselines
from proofread.datasets.dataset import read_dataset, read_splits
from proofread.datasets.kmer_weights import (
    KMER_COLUMNS,
    MOTIF_COLUMNS,
    heaviest_kmers,
    motif_table,
)
from proofread.job import start
from proofread.motifs.files import read_written_meme
from proofread.motifs.targets import pool_targets
from proofread.progress import log
from proofread.statistics.predictions import (
    DIGITS,
    PREDICTION_COLUMNS,
    QUANTITY_COLUMNS,
    prediction_rows,
    quantity_rows,
)
from proofread.tables import write_table


def main(job):
    """Fit both baselines to every target; write predictions and the heaviest 6-mers."""
    start(job)
    dataset = read_dataset(job.input.dataset, streamed=True)
    splits = read_splits(job.input.splits, len(dataset))
    if len(splits["train"]) == 0:
        write_nothing(job, dataset.quantitative)
        return
    test = dataset.subset(splits["test"])
    tables = []
    rows_of = quantity_rows if dataset.quantitative else prediction_rows
    for predictor, predicted, weights in fit_baselines(dataset, splits):
        tables.append(rows_of(test, predicted).assign(predictor=predictor))
        if predictor == "kmer6":
            write_kmers(job, dataset, weights)
    table = pd.concat(tables, ignore_index=True)
    columns = ["predictor", *table.columns.drop("predictor")]
    write_table(job.output.predictions, table[columns], digits=DIGITS)


def write_nothing(job, quantitative):
    """Write empty tables, and say why: nothing to train the baselines on."""
    log.info(
        "all sequences are in the test split (split: all), so that none is left to "
        "train the baselines on: their tables are empty"
    )
    columns = QUANTITY_COLUMNS if quantitative else PREDICTION_COLUMNS
    predictions = pd.DataFrame(columns=["predictor", *columns])
    write_table(job.output.predictions, predictions)
    write_table(job.output.kmers, pd.DataFrame(columns=KMER_COLUMNS))
    write_table(job.output.motifs, pd.DataFrame(columns=MOTIF_COLUMNS))


def write_kmers(job, dataset, weights):
    """Write the k-mers of each target that weigh most, and the motifs they form."""
    databases = {
        name: read_written_meme(path).motifs
        for name, path in zip(job.params.databases, job.input.databases, strict=True)
    }
    targets = pool_targets(databases, dataset.planted)
    kmers = [
        heaviest_kmers(of_target, K, target)
        for target, of_target in zip(dataset.target, weights, strict=True)
    ]
    write_table(job.output.kmers, pd.concat(kmers))
    motifs = [motif_table(rows, targets, job.params.q_threshold) for rows in kmers]
    write_table(job.output.motifs, pd.concat(motifs))


if "snakemake" in globals():
    main(snakemake)
