"""GC content and 6-mers: predictions of simple models on the same split."""

import numpy as np
from scipy.sparse import csr_matrix

from proofread.datasets import ridge
from proofread.datasets.on_disk import Rows, blocks
from proofread.dna.composition import gc_content
from proofread.dna.encoding import UNKNOWN
from proofread.progress import log
from proofread.statistics.logits import cross_entropy
from proofread.statistics.transforms import NONE, fit_transform

K = 6
# Inverse strengths of the L2 penalty; the validation split chooses one.
STRENGTHS = (0.01, 0.1, 1.0, 10.0)
# Bases of the training sequences; their 6-mers are in memory, 12 bytes each.
MAX_BASES = 60_000_000
_BATCH = 2_000_000  # bases counted at once


def fit_baselines(dataset, splits):
    """Fit the baselines to the training split and predict the test split.

    Classes are fitted by logistic regression, quantities by ridge regression to their
    transformed values.

    Parameters
    ----------
    dataset : Dataset
        In memory or streamed.
    splits : dict of str to numpy.ndarray
        Row numbers of `train`, `validation` and `test`.

    Yields
    ------
    predictor : str
        ``gc`` or ``kmer6``.
    predicted : numpy.ndarray, shape (rows of test, targets)
        Logits, or quantities in the user's units.
    weights : numpy.ndarray, shape (targets, features)
        Of GC content, or of the 6-mers in alphabetical order.
    """
    fit_and_predict = _quantities if dataset.quantitative else _classes
    length = dataset.index.shape[1]
    train = fitted_rows(splits["train"], length, MAX_BASES)
    gc = standardised_gc(dataset.index)
    features = {
        "gc": gc.__getitem__,
        "kmer6": lambda rows: kmer_frequencies(Rows(dataset.index, rows)),
    }
    for predictor, features_of in features.items():
        batch = max(1, _BATCH // length)
        rows = {**splits, "train": train}
        yield predictor, *fit_and_predict(dataset, features_of, rows, batch)


def _classes(dataset, features_of, rows, batch):
    """Logits of the test split, and weights, by logistic regression."""
    fitted = fit(features_of, dataset.label, rows, batch=batch)
    logits = _logits(features_of, fitted, rows["test"], batch)
    return logits, np.concatenate([model.coef_ for model in fitted])


def _quantities(dataset, features_of, rows, batch):
    """Quantities of the test split, and weights, by ridge regression."""
    transform = fit_transform(
        dataset.settings.get("transform", NONE),
        dataset.label[rows["train"]],
        dataset.target,
    )
    values = transform.apply(dataset.label)
    fitted = ridge.fit_ridge(features_of, values, rows, batch=batch)
    predicted = ridge.predictions(features_of, fitted, rows["test"], batch)
    return transform.undo(predicted), np.stack([model.weights for model in fitted])


def standardised_gc(index):
    """GC content of each sequence, in standard deviations from the mean; (n, 1)."""
    fraction = np.empty(len(index))
    for first, block in blocks(index):
        fraction[first : first + len(block)] = gc_content(block)
    # Scaled, because the penalty would otherwise keep the only slope small.
    return ((fraction - fraction.mean()) / (fraction.std() or 1))[:, None]


def kmer_frequencies(index, k=K):
    """Frequency of each k-mer among the sequence's k-mers without unknown bases.

    Parameters
    ----------
    index : array, shape (n, length), uint8
        In memory or on disk.
    k : int
        Bases of a k-mer.

    Returns
    -------
    scipy.sparse.csr_matrix, shape (n, 4**k)
        In alphabetical order of k-mers; scaled to unit length per sequence.
    """
    n, length = index.shape
    # Room for the maximum; memory is taken only as it is filled. Parts joined at the
    # end would be in memory twice.
    size = n * min(max(length - k + 1, 0), 4**k)
    values, columns = np.empty(size), np.empty(size, dtype=np.int32)
    ends = np.zeros(n + 1, dtype=np.int64)
    filled = 0
    for first, block in blocks(index, _BATCH):
        part = _frequencies(block, k)
        values[filled : filled + part.nnz] = part.data
        columns[filled : filled + part.nnz] = part.indices
        ends[first + 1 : first + len(block) + 1] = filled + part.indptr[1:]
        filled += part.nnz
    return csr_matrix((values[:filled], columns[:filled], ends), shape=(n, 4**k))


def _frequencies(index, k):
    n, length = index.shape
    windows = max(length - k + 1, 0)
    code = np.zeros((n, windows), dtype=np.int64)
    known = np.ones((n, windows), dtype=bool)
    for offset in range(k):
        base = index[:, offset : offset + windows]
        code = code * 4 + np.minimum(base, 3)
        known &= base != UNKNOWN
    row = np.broadcast_to(np.arange(n)[:, None], code.shape)[known]
    counts = csr_matrix((np.ones(len(row)), (row, code[known])), shape=(n, 4**k))
    scale = np.sqrt(np.asarray(counts.multiply(counts).sum(axis=1)).ravel())
    return csr_matrix(counts.multiply(1 / np.maximum(scale, 1)[:, None]))


def fitted_rows(rows, length, max_bases):
    """The rows to fit to: all, or a sample if they have more than `max_bases` bases.

    Parameters
    ----------
    rows : numpy.ndarray, shape (n,), int
        Sorted.
    length : int
        Bases of each.
    max_bases : int
        Bases of all of them.

    Returns
    -------
    numpy.ndarray, int
        Sorted; always the same for the same rows.
    """
    n = max(max_bases // length, 1)
    if len(rows) <= n:
        return rows
    log.info(
        "fitted to %d of %d training sequences: at most %d bases",
        n,
        len(rows),
        max_bases,
    )
    return np.sort(np.random.default_rng(0).choice(rows, n, replace=False))


def fit(features, label, splits, *, batch):
    """Fit each target with the best of several penalties.

    The best has the lowest cross-entropy on the validation split. AUROC could not
    choose for a single feature, because no penalty changes their order.

    Parameters
    ----------
    features : callable
        Gives the features of rows, (rows, features), dense or sparse.
    label : numpy.ndarray, shape (n, targets)
        NaN is a missing label, which is left out.
    splits : dict of str to numpy.ndarray
        Row numbers of `train` and `validation`.
    batch : int
        Rows whose features are in memory at once, other than those of `train`; changes
        memory, never the result.

    Returns
    -------
    list of sklearn.linear_model.LogisticRegression
        One for each target.
    """
    from sklearn.linear_model import LogisticRegression

    train = features(splits["train"])
    fitted = []
    for labels in label[splits["train"]].T:
        known = ~np.isnan(labels)
        part = train if known.all() else train[known]
        fitted += [
            LogisticRegression(C=strength, max_iter=1000, solver="lbfgs").fit(
                part, labels[known]
            )
            for strength in STRENGTHS
        ]
    del train, part
    # (rows of validation, targets, strengths)
    logit = _logits(features, fitted, splits["validation"], batch)
    logit = logit.reshape(len(logit), label.shape[1], len(STRENGTHS))
    chosen = []
    for target, of_strength in enumerate(logit.transpose(1, 2, 0)):
        true = label[splits["validation"], target]
        known = ~np.isnan(true)
        losses = [
            cross_entropy(logits[known], true[known]).mean() for logits in of_strength
        ]
        best = int(np.argmin(losses))
        chosen.append(fitted[target * len(STRENGTHS) + best])
        log.info(
            "validation cross-entropy %.4f with C = %g", losses[best], STRENGTHS[best]
        )
    return chosen


def _logits(features, fitted, rows, batch):
    """Logits (rows, models) by each fitted model."""
    logits = np.empty((len(rows), len(fitted)))
    for first in range(0, len(rows), batch):
        part = features(rows[first : first + batch])
        for column, model in enumerate(fitted):
            logits[first : first + batch, column] = model.decision_function(part)
    return logits
