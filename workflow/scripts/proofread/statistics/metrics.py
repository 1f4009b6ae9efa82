"""How good predictions are, with intervals: each number by its own definition.

Labels are 0 or 1. The metrics of `RANKING` take any score that orders the sequences;
give them logits, because probabilities near 1 tie. The others take probabilities.
Where a metric is not defined (one class only, nothing predicted, a score that is not
a number) it is NaN, never a guess.
"""

import numpy as np

THRESHOLD = 0.5  # a sequence is predicted positive at or above this probability
BINS = 10  # of equal width, for calibration


def auroc(label, score):
    """Area under the ROC curve: P(score of a positive > of a negative), ties 1/2."""
    positive = label == 1
    n_positive = int(positive.sum())
    n_negative = len(label) - n_positive
    if n_positive == 0 or n_negative == 0 or np.isnan(score).any():
        return np.nan
    # Mean ranks of ties: the Mann-Whitney form of the area.
    _, inverse, counts = np.unique(score, return_inverse=True, return_counts=True)
    ranks = np.cumsum(counts) - (counts - 1) / 2
    rank_sum = ranks[inverse][positive].sum()
    return (rank_sum - n_positive * (n_positive + 1) / 2) / (n_positive * n_negative)


def auprc(label, score):
    """Average precision: the step-wise area, without optimistic interpolation."""
    recall, precision = precision_recall_curve(label, score)
    if np.isnan(recall).any() or np.isnan(score).any():
        return np.nan
    return float(np.sum(np.diff(recall) * precision[1:]))


def random_auprc(n, positives):
    """Expected average precision of a random order, without ties.

    It is above the fraction of positives, by more the fewer there are (Bestgen 2015,
    Manzhos et al. 2026, doi:10.15559/26-VMSTA298): rank k has a positive with the
    probability P / n, and each of the ranks above it then with (P - 1) / (n - 1).

    Parameters
    ----------
    n, positives : int
        Ranks in all, and of positives; `positives` from 1 to n.

    Returns
    -------
    float
    """
    harmonic = sum(1 / rank for rank in range(1, n + 1))
    if n == 1:
        return 1.0
    return (harmonic + (positives - 1) / (n - 1) * (n - harmonic)) / n


def roc_curve(label, score):
    """False and true positive rates at every distinct score, from (0, 0) to (1, 1)."""
    true, false = _cumulative(label, score)
    with np.errstate(invalid="ignore"):
        return false / false[-1], true / true[-1]


def precision_recall_curve(label, score):
    """Recall and precision at every distinct score, from recall 0 upwards.

    The first point repeats the precision of the highest score at recall 0.
    """
    true, false = _cumulative(label, score)
    with np.errstate(invalid="ignore"):
        precision = true[1:] / (true[1:] + false[1:])
        recall = true / true[-1]
    return recall, np.concatenate([precision[:1], precision])


def _cumulative(label, score):
    """Positives and negatives at or above each distinct score, led by zero."""
    order = np.argsort(-score, kind="stable")
    positive = label[order] == 1
    last = np.append(np.flatnonzero(np.diff(score[order])), len(score) - 1)
    true = np.cumsum(positive)[last]
    false = np.cumsum(~positive)[last]
    return np.append(0, true).astype(float), np.append(0, false).astype(float)


def _confusion(label, score):
    predicted = score >= THRESHOLD
    positive = label == 1
    return (
        float(np.sum(predicted & positive)),
        float(np.sum(predicted & ~positive)),
        float(np.sum(~predicted & positive)),
        float(np.sum(~predicted & ~positive)),
    )


def accuracy(label, score):
    """Fraction of sequences predicted as labelled."""
    true, _, _, negative = _confusion(label, score)
    return (true + negative) / len(label)


def f1(label, score):
    """Harmonic mean of precision and recall."""
    true, false, missed, _ = _confusion(label, score)
    total = 2 * true + false + missed
    return 2 * true / total if total else np.nan


def mcc(label, score):
    """Matthews' correlation of prediction and label."""
    true, false, missed, negative = _confusion(label, score)
    scale = (true + false) * (true + missed) * (negative + false) * (negative + missed)
    return (true * negative - false * missed) / np.sqrt(scale) if scale else np.nan


def brier(label, score):
    """Mean squared difference of probability and label."""
    return float(np.mean((score - label) ** 2))


def calibration_error(label, score):
    """Expected calibration error: mean ``|mean probability - fraction of positives|``.

    Over the filled bins, each weighted by its sequences.
    """
    probability, fraction, count = calibration_curve(label, score)
    return float(np.sum(count * np.abs(probability - fraction)) / len(label))


def calibration_curve(label, score):
    """Mean probability, fraction of positives and sequences of each filled bin."""
    bins = np.minimum((score * BINS).astype(int), BINS - 1)
    count = np.bincount(bins, minlength=BINS)
    filled = count > 0
    probability = np.bincount(bins, weights=score, minlength=BINS)[filled]
    fraction = np.bincount(bins, weights=label, minlength=BINS)[filled]
    count = count[filled]
    return probability / count, fraction / count, count


RANKING = {"auroc": auroc, "auprc": auprc}
OF_PROBABILITIES = {
    "accuracy": accuracy,
    "mcc": mcc,
    "f1": f1,
    "brier": brier,
    "calibration_error": calibration_error,
}
# A mean of absolute differences: noise can only raise it, and nothing is below 0.
RAISED_BY_NOISE = ("calibration_error",)
