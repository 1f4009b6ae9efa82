"""How well a number for each base points at the bases that were planted.

The truth is the columns of the planted causal instances; a method answers with one
number for each base of each sequence. Its score is the area under the ROC curve of
answer against truth, for each positive sequence alone (so that a sequence with large
numbers does not outweigh the others), averaged over the sequences (Koo and Ploenzke
2021, doi:10.1038/s42256-020-00291-x). The answers of an ideal explainer, the log-odds
of the planted matrices, pass through the same functions: `truth.ideal_explainer`.
"""

import numpy as np

from proofread.dna.encoding import UNKNOWN
from proofread.motifs.motif import relative_entropy
from proofread.statistics.bootstrap import bootstrap
from proofread.statistics.metrics import auroc
from proofread.tables import Score
from proofread.truth.roles import causal_motifs

INFORMATIVE_BITS = 0.01  # a column with less says nothing about its base
WINDOW = 9  # positions of the moving mean


def planted_columns(dataset, target):
    """Where the truth of a target is.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
    target : str

    Returns
    -------
    numpy.ndarray, shape (n, length), bool
        True within an instance of one of the target's causal motifs, where the column
        of its matrix holds more than `INFORMATIVE_BITS` of information.
    """
    planted = np.zeros((len(dataset), dataset.index.shape[1]), dtype=bool)
    motifs = causal_motifs(dataset, target)
    truth = dataset.truth[dataset.truth["motif"].isin(motifs)]
    informative = {
        name: relative_entropy(dataset.motifs[name]) > INFORMATIVE_BITS
        for name in truth["motif"].unique()
    }
    for row in truth.itertuples():
        columns = informative[row.motif]
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
        instance are scored.
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
        Of the metric ``position_auroc``, with the variant ``<answer>`` or
        ``<kind> <answer>``. None where nothing is planted.
    """
    known = np.asarray(dataset.index) != UNKNOWN
    if scored is not None:
        known &= scored
    positive = np.asarray(dataset.label)[:, dataset.target.index(target)] >= 0.5
    scores = scores_at(
        answers,
        planted_columns(dataset, target)[positive],
        known[positive],
        rows=np.flatnonzero(positive),
        resamples=resamples,
        seed=seed,
    )
    return [
        score._replace(target=target, variant=f"{kind} {score.variant}".strip())
        for score in scores
    ]


def scores_at(answers, planted, scored, *, resamples, seed, rows=None):
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
    rows : numpy.ndarray, shape (m,), int, optional
        Which of the n sequences `planted` and `scored` are of; None: all.

    Returns
    -------
    list of proofread.tables.Score
        Of the metric ``position_auroc``, with the name of the answer as the variant.
        None where no sequence has both kinds of positions.
    """
    rows = np.arange(len(planted)) if rows is None else rows
    # A curve needs both kinds of positions.
    both = (planted & scored).any(axis=1) & (~planted & scored).any(axis=1)
    planted, scored, rows = planted[both], scored[both], rows[both]
    if len(rows) == 0:
        return []
    scores = []
    for name, answer in answers.items():
        areas = np.array(
            [
                auroc(of_row[there], answer[row, there])
                for of_row, there, row in zip(planted, scored, rows, strict=True)
            ]
        )
        low, high = bootstrap(np.mean, (areas,), resamples=resamples, seed=seed)
        score = Score("position_auroc", float(areas.mean()), len(rows), low, high)
        scores.append(score._replace(variant=name))
    return scores
