"""How well a number for each base points at the bases that were planted, or are known.

The truth is the columns of the planted causal instances, or of known sites; a method
answers with one number for each base of each sequence. Its scores are measured for each
positive sequence alone (so that a sequence with large numbers does not outweigh the
others) and averaged over the sequences:

- ``position_auroc`` and ``position_auprc``, the areas under the ROC curve and the
  precision-recall curve of answer against truth (Koo and Ploenzke 2021,
  doi:10.1038/s42256-020-00291-x). Few bases are planted: many high numbers elsewhere
  lower the AUROC little and the AUPRC much.
- ``position_decoy_fraction``: of the bases with the highest numbers, as many as there
  are planted causal ones, the fraction that is planted for a decoy. It tells a method
  that finds every motif from one that finds those that the label depends on.

`truth.published_scores` has the measures of published tables.

The answers of an ideal explainer, the log-odds of the planted matrices, pass through
the same functions: `truth.ideal_explainer`.
"""

import numpy as np

from proofread.dna.encoding import UNKNOWN
from proofread.motifs.motif import relative_entropy
from proofread.statistics.bootstrap import mean_and_interval
from proofread.statistics.rankings import Ranking
from proofread.tables import Score
from proofread.truth.published_scores import BITS, published_scores
from proofread.truth.roles import by_role, causal_instances

INFORMATIVE_BITS = 0.01  # a column with less says nothing about its base
ALL_COLUMNS = -1.0  # bits that every column exceeds
WINDOW = 9  # positions of the moving mean
AUROC, AUPRC = "position_auroc", "position_auprc"
DECOYS = "position_decoy_fraction"  # lower is better
_AT_ONCE = 2_000_000  # positions that are ranked together, for memory alone


def planted_columns(dataset, target, bits=INFORMATIVE_BITS):
    """Where the truth of a target is.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
    target : str
    bits : float
        Information that a column must exceed; below 0, all columns.

    Returns
    -------
    numpy.ndarray, shape (n, length), bool
        True within an instance of one of the target's causal motifs, or within a known
        site, where the column of its matrix holds more than `bits` of information;
        everywhere within a known site that has no matrix. An instance whose effect is
        known to be 0 is left out: the value does not depend on it.
    """
    return _columns(dataset, causal_instances(dataset, target), bits)


def decoy_columns(dataset, target):
    """Where motifs are planted that the labels of a target do not depend on.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
    target : str

    Returns
    -------
    numpy.ndarray, shape (n, length), bool
        As of `planted_columns`, whose columns are left out. A motif that the rule does
        not look at, but whose presence tells the label, is no decoy.
    """
    _, decoys = by_role(dataset, target)
    instances = dataset.truth[dataset.truth["motif"].isin(decoys)]
    columns = _columns(dataset, instances, INFORMATIVE_BITS)
    return columns & ~planted_columns(dataset, target)


def _columns(dataset, truth, bits):
    """Where the instances in `truth` have columns with more information than `bits`."""
    planted = np.zeros((len(dataset), dataset.index.shape[1]), dtype=bool)
    informative = {
        name: relative_entropy(matrix) > bits for name, matrix in dataset.motifs.items()
    }
    for row in truth.itertuples():
        columns = informative.get(row.motif, np.ones(1, dtype=bool))
        planted[row.sequence, row.start : row.end] |= (
            columns if row.strand == "+" else columns[::-1]
        )
    return planted


def observed(hypothetical, index):
    """The number at the base that each position has; 0 where it is unknown.

    Parameters
    ----------
    hypothetical : numpy.ndarray, shape (n, 4, length)
        A number for each base that could stand at a position.
    index : numpy.ndarray, shape (n, length), uint8

    Returns
    -------
    numpy.ndarray, shape (n, length)
    """
    base = np.where(index == UNKNOWN, 0, index).astype(np.intp)
    values = np.take_along_axis(hypothetical, base[:, None], axis=1)[:, 0]
    return np.where(index == UNKNOWN, 0, values)


def centred(hypothetical):
    """Numbers for the bases of a position, minus their mean.

    One-hot columns sum to one, so the part of a gradient that all four bases share says
    nothing about the sequence (Majdandzic et al. 2023, doi:10.1186/s13059-023-02956-3).

    Parameters
    ----------
    hypothetical : numpy.ndarray, shape (n, 4, length)
    """
    return hypothetical - hypothetical.mean(axis=1, keepdims=True)


def smoothed(values, window=WINDOW, known=None):
    """Moving mean around each position, over the positions that exist and are known.

    Parameters
    ----------
    values : numpy.ndarray, shape (n, length)
    window : int
        Odd, so that it has a middle.
    known : numpy.ndarray, shape (n, length), bool, optional
        Positions that have a value; None: all.

    Returns
    -------
    numpy.ndarray, shape (n, length), float64
        0 where no position of the window is known.
    """
    half = window // 2
    length = values.shape[1]
    begin = np.maximum(np.arange(length) - half, 0)
    end = np.minimum(np.arange(length) + half + 1, length)

    def sums(item):
        total = np.cumsum(np.pad(item, ((0, 0), (1, 0))), axis=1, dtype=np.float64)
        return total[:, end] - total[:, begin]

    if known is None:
        return sums(values) / (end - begin)
    count = sums(known)
    # What the differences of long sums leave over is no mean.
    total = np.where(count > 0, sums(np.where(known, values, 0)), 0)
    return total / np.maximum(count, 1)


def attribution_answers(hypothetical, index):
    """The answers that are scored for a method with a number for every base.

    Parameters
    ----------
    hypothetical : numpy.ndarray, shape (n, 4, length)
    index : numpy.ndarray, shape (n, length), uint8

    Returns
    -------
    dict of str to numpy.ndarray, shape (n, length)
        ``{signed, absolute}_{raw, centred}``, and each with ``_window9``: its moving
        mean over the known bases, after the absolute value was taken.
    """
    return _answers(
        {
            "raw": observed(hypothetical, index),
            "centred": observed(centred(hypothetical), index),
        },
        index != UNKNOWN,
    )


def effect_answers(drop, known=None):
    """The answers that are scored for a method with one number for each position.

    Parameters
    ----------
    drop : numpy.ndarray, shape (n, length)
        How much the logit falls when the base is changed.
    known : numpy.ndarray, shape (n, length), bool, optional
        Positions whose change was looked at; moving means are over these. None: all.

    Returns
    -------
    dict of str to numpy.ndarray, shape (n, length)
        ``signed``, ``absolute``, and each with ``_window9``.
    """
    return _answers({"": drop}, known)


def norm_answers(change, known=None):
    """The answers of a method with a change for each substitution.

    Parameters
    ----------
    change : numpy.ndarray, shape (n, 4, length)
        Of the logit, 0 for the base that is present.
    known : numpy.ndarray, shape (n, length), bool, optional
        As for `effect_answers`.

    Returns
    -------
    dict of str to numpy.ndarray, shape (n, length)
        ``l2``, the root of the sum of the squares (Koo and Ploenzke 2021), and its
        ``_window9``.
    """
    norm = np.sqrt(np.square(change).sum(axis=1))
    return {"l2": norm, f"l2_window{WINDOW}": smoothed(norm, known=known)}


def _answers(values, known):
    per_base = {
        "_".join(filter(None, (sign, name))): item if sign == "signed" else abs(item)
        for sign in ("signed", "absolute")
        for name, item in values.items()
    }
    windows = {
        f"{name}_window{WINDOW}": smoothed(item, known=known)
        for name, item in per_base.items()
    }
    return per_base | windows


def position_scores(answers, dataset, target, *, resamples, seed, scored=None, kind=""):
    """Scores of a method's answers for one target.

    Parameters
    ----------
    answers : dict of str to numpy.ndarray, shape (n, length)
    dataset : proofread.datasets.dataset.Dataset
        The sequences that were used, n; positives of the target that hold a causal
        instance are scored, or, of a quantitative target, all that hold one.
    target : str
    resamples, seed : int
        Of the bootstrap over sequences.
    scored : numpy.ndarray, shape (n, length), bool, optional
        Positions that the method has an answer for; others are not scored. None: all
        known bases.
    kind : str
        Of several kinds of answers of one method, that of these.

    Returns
    -------
    list of proofread.tables.Score
        As of `scores_at`, then those of `truth.published_scores`, with the variant
        ``<answer>`` or ``<kind> <answer>``.
    """
    known = np.asarray(dataset.index) != UNKNOWN
    if scored is not None:
        known &= scored
    positive = np.ones(len(dataset), dtype=bool)
    if not dataset.quantitative:
        positive = np.asarray(dataset.label)[:, dataset.target.index(target)] >= 0.5
    scores = scores_at(
        answers,
        planted_columns(dataset, target)[positive],
        known[positive],
        decoys=decoy_columns(dataset, target)[positive],
        rows=np.flatnonzero(positive),
        resamples=resamples,
        seed=seed,
    )
    scores += published_scores(
        {name: answer[positive] for name, answer in answers.items()},
        (planted_columns(dataset, target, BITS) & known)[positive],
        (~planted_columns(dataset, target, ALL_COLUMNS) & known)[positive],
        resamples=resamples,
        seed=seed,
    )
    return [
        score._replace(target=target, variant=f"{kind} {score.variant}".strip())
        for score in scores
    ]


def scores_at(answers, planted, scored, *, resamples, seed, decoys=None, rows=None):
    """Scores of answers for positions that are known to matter.

    Parameters
    ----------
    answers : dict of str to numpy.ndarray, shape (n, length)
    planted : numpy.ndarray, shape (m, length), bool
        The positions that matter.
    scored : numpy.ndarray, shape (m, length), bool
        The positions that are scored.
    resamples, seed : int
        Of the bootstrap over sequences.
    decoys : numpy.ndarray, shape (m, length), bool, optional
        Positions of decoys, none of which matters; None: there are none.
    rows : numpy.ndarray, shape (m,), int, optional
        Which of the n sequences the positions are of; None: all.

    Returns
    -------
    list of proofread.tables.Score
        For each answer, whose name is the variant: `AUROC`, `AUPRC` and, over the
        sequences with decoys, `DECOYS`. The `chance` of `AUROC` is one half, that of
        `AUPRC` the fraction of the scored positions that matter (random numbers are a
        little above it where these are few), that of `DECOYS` the fraction of the
        scored positions that are decoys. None where no sequence has both kinds of
        positions.
    """
    rows = np.arange(len(planted)) if rows is None else rows
    decoys = np.zeros_like(planted) if decoys is None else decoys
    positive, decoys = planted & scored, decoys & scored
    # A curve needs both kinds of positions.
    both = positive.any(axis=1) & (scored & ~positive).any(axis=1)
    positive, decoys, scored, rows = (
        item[both] for item in (positive, decoys, scored, rows)
    )
    if len(rows) == 0:
        return []
    # (sequences, answers, metrics)
    values = np.stack(
        [_measured(item, rows, positive, decoys, scored) for item in answers.values()],
        axis=1,
    )
    number = scored.sum(axis=1)
    chances = {
        AUROC: np.full(len(rows), 0.5),
        AUPRC: positive.sum(axis=1) / number,
        DECOYS: decoys.sum(axis=1) / number,
    }
    by_metric = []
    for metric, (name, chance) in enumerate(chances.items()):
        # A sequence without a decoy cannot be wrong about it.
        there = decoys.any(axis=1) if name == DECOYS else np.ones(len(rows), dtype=bool)
        if not there.any():
            continue
        of_metric = values[there, :, metric]
        n, mean, low, high = mean_and_interval(of_metric, resamples, seed)
        # A number that is not finite makes its answer's score NaN.
        mean = np.where(n == len(of_metric), mean, np.nan)
        scores = [
            Score(name, *map(float, numbers))
            for numbers in zip(mean, n, low, high, strict=True)
        ]
        by_metric.append(
            [
                score._replace(
                    n=len(of_metric),
                    variant=variant,
                    better="lower" if name == DECOYS else "higher",
                    chance=float(chance[there].mean()),
                )
                for score, variant in zip(scores, answers, strict=True)
            ]
        )
    return [score for of_answer in zip(*by_metric, strict=True) for score in of_answer]


def _measured(answer, rows, positive, decoys, scored):
    """Area, precision and fraction of decoys of each sequence: (sequences, 3)."""
    at_once = max(1, _AT_ONCE // positive.shape[1])
    measured = []
    for first in range(0, len(rows), at_once):
        block = slice(first, first + at_once)
        ranking = Ranking(answer[rows[block]], scored[block])
        top = positive[block].sum(axis=1)
        measured.append(
            np.stack(
                [
                    ranking.auroc(positive[block]),
                    ranking.auprc(positive[block]),
                    ranking.fraction_at_top(decoys[block], top),
                ],
                axis=1,
            )
        )
    return np.concatenate(measured)
