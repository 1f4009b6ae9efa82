"""Baselines without a network: GC content and 6-mer counts, by logistic regression.

A network that predicts no better than these has learned composition, not rules.
"""

import pandas as pd

from proofread.datasets.baselines import baseline_logits
from proofread.datasets.dataset import read_dataset, read_splits
from proofread.job import start
from proofread.statistics.predictions import DIGITS, prediction_rows
from proofread.tables import write_table


def main(job):
    """Fit both baselines to every target and write their test predictions."""
    start(job)
    dataset = read_dataset(job.input.dataset, streamed=True)
    splits = read_splits(job.input.splits)
    test = dataset.subset(splits["test"])
    table = pd.concat(
        [
            prediction_rows(test, logits).assign(predictor=predictor)
            for predictor, logits in baseline_logits(dataset, splits)
        ],
        ignore_index=True,
    )
    columns = ["predictor", *table.columns.drop("predictor")]
    write_table(job.output.predictions, table[columns], digits=DIGITS)


if "snakemake" in globals():
    main(snakemake)
