"""What needs no network: GC content and 6-mer counts, by logistic regression.

A network that predicts no better than these has learned composition, not rules.
"""

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from proofread.dataset import read_dataset, read_splits
from proofread.job import log, start
from proofread.predictions import DIGITS, prediction_rows
from proofread.sequences import UNKNOWN
from proofread.tables import write_table

K = 6
# Inverse strengths of the L2 penalty tried; the validation split chooses.
STRENGTHS = (0.01, 0.1, 1.0, 10.0)


def gc_content(index):
    """Share of G and C among the known bases, in standard deviations; (n, 1)."""
    known = np.maximum(np.sum(index != UNKNOWN, axis=1), 1)
    share = np.sum((index == 1) | (index == 2), axis=1) / known
    # Scaled, or the penalty would hold the only slope back.
    return ((share - share.mean()) / (share.std() or 1))[:, None]


def kmer_frequencies(index, k=K):
    """Share of each k-mer among the sequence's k-mers without unknown bases.

    Parameters
    ----------
    index : numpy.ndarray, shape (n, length), uint8

    Returns
    -------
    scipy.sparse.csr_matrix, shape (n, 4**k)
        In alphabetical order of k-mers; scaled to unit length per sequence.
    """
    n, length = index.shape
    windows = max(length - k + 1, 0)
    code = np.zeros((n, windows), dtype=np.int64)
    known = np.ones((n, windows), dtype=bool)
    for offset in range(k):
        letter = index[:, offset : offset + windows]
        code = code * 4 + np.minimum(letter, 3)
        known &= letter != UNKNOWN
    row = np.broadcast_to(np.arange(n)[:, None], code.shape)[known]
    counts = csr_matrix((np.ones(len(row)), (row, code[known])), shape=(n, 4**k))
    scale = np.sqrt(np.asarray(counts.multiply(counts).sum(axis=1)).ravel())
    return csr_matrix(counts.multiply(1 / np.maximum(scale, 1)[:, None]))


def fit_and_predict(features, label, splits):
    """Logits of the test rows by the best of several penalties.

    The best has the lowest cross-entropy on the validation split: AUROC could not
    choose for a single feature, whose order no penalty changes.

    Parameters
    ----------
    features : array or sparse matrix, shape (n, features)
    label : numpy.ndarray, shape (n,)
    splits : dict of str to numpy.ndarray
        Row numbers of `train`, `validation` and `test`.
    """
    from sklearn.linear_model import LogisticRegression

    best, chosen = np.inf, None
    for strength in STRENGTHS:
        fitted = LogisticRegression(C=strength, max_iter=1000, solver="lbfgs")
        fitted.fit(features[splits["train"]], label[splits["train"]])
        logit = fitted.decision_function(features[splits["validation"]])
        sign = 2 * label[splits["validation"]] - 1
        loss = np.mean(np.logaddexp(0, -sign * logit))
        if loss < best:
            best, chosen = loss, fitted
    log.info("validation cross-entropy %.4f with C = %g", best, chosen.C)
    return chosen.decision_function(features[splits["test"]])


def main(job):
    """Fit both baselines to every target and write their test predictions."""
    start(job)
    dataset = read_dataset(job.input.dataset)
    splits = read_splits(job.input.splits)
    test = dataset.subset(splits["test"])
    tables = []
    for predictor, features in (
        ("gc", gc_content(dataset.index)),
        ("kmer6", kmer_frequencies(dataset.index)),
    ):
        logits = [
            fit_and_predict(features, dataset.label[:, target], splits)
            for target in range(len(dataset.target))
        ]
        rows = prediction_rows(test, np.stack(logits, axis=1))
        tables.append(rows.assign(predictor=predictor))
    table = pd.concat(tables, ignore_index=True)
    write_table(
        job.output.predictions,
        table[["predictor", *[c for c in table if c != "predictor"]]],
        digits=DIGITS,
    )


if "snakemake" in globals():
    main(snakemake)
