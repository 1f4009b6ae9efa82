"""What needs no network: GC content and 6-mer counts, by logistic regression.

A network that predicts no better than these has learned composition, not rules.
"""

import pandas as pd

from proofread.datasets.baselines import (
    _BATCH,
    MOST_BASES,
    fit_and_predict,
    fitted_rows,
    kmer_frequencies,
    standardised_gc,
)
from proofread.datasets.dataset import read_dataset, read_splits
from proofread.datasets.on_disk import Rows
from proofread.job import start
from proofread.statistics.predictions import DIGITS, prediction_rows
from proofread.tables import write_table


def main(job):
    """Fit both baselines to every target and write their test predictions."""
    start(job)
    dataset = read_dataset(job.input.dataset, streamed=True)
    splits = read_splits(job.input.splits)
    test = dataset.subset(splits["test"])
    length = dataset.index.shape[1]
    splits["train"] = fitted_rows(splits["train"], length, MOST_BASES)
    gc = standardised_gc(dataset.index)
    tables = []
    for predictor, features in (
        ("gc", gc.__getitem__),
        ("kmer6", lambda rows: kmer_frequencies(Rows(dataset.index, rows))),
    ):
        batch = max(1, _BATCH // length)
        logits = fit_and_predict(features, dataset.label, splits, batch)
        tables.append(prediction_rows(test, logits).assign(predictor=predictor))
    table = pd.concat(tables, ignore_index=True)
    write_table(
        job.output.predictions,
        table[["predictor", *[c for c in table if c != "predictor"]]],
        digits=DIGITS,
    )


if "snakemake" in globals():
    main(snakemake)
