"""Position scores as published tables have them, beside ours.

Koo and Ploenzke 2021 (doi:10.1038/s42256-020-00291-x) score attribution x input and the
L2 norm of the substitutions' effects by `position_auroc`, at columns above 0.01 bit:
the answers `signed_raw` and `l2` of `proofread.truth.position_scores`. Ghotra et al.
2021 (doi:10.1101/2021.07.13.452181) measure the same answers in another way:

- only columns above 0.1 bit count as planted, and the other columns of planted motifs
  are not scored;
- the area under the precision-recall curve is that of straight lines between its
  points;
- the signal-to-noise ratio is the mean number at the planted columns over the mean of
  the 20 highest numbers outside the motifs.
"""

import numpy as np

from proofread.statistics.bootstrap import mean_and_interval
from proofread.statistics.rankings import Ranking
from proofread.tables import Score

PUBLISHED_ANSWERS = ("signed_raw", "l2")  # the only ones that are published
BITS = 0.1
NOISE = 20  # numbers outside the motifs
AUROC_01, AUPRC_01 = "position_auroc_0.1_bit", "position_auprc_0.1_bit"
SIGNAL_TO_NOISE = "position_signal_to_noise"


def published_scores(answers, planted, outside, *, resamples, seed):
    """Scores of answers by the rules of Ghotra et al.

    Parameters
    ----------
    answers : dict of str to numpy.ndarray, shape (n, length)
        Those of other names than `PUBLISHED_ANSWERS` are passed over.
    planted : numpy.ndarray, shape (n, length), bool
        Scored positions in columns of the causal motifs with more than `BITS`.
    outside : numpy.ndarray, shape (n, length), bool
        Scored positions outside of the causal motifs.
    resamples, seed : int
        Of the bootstrap over sequences.

    Returns
    -------
    list of proofread.tables.Score
        For each answer, whose name is the variant: `AUROC_01`, `AUPRC_01` and
        `SIGNAL_TO_NOISE`, means over the sequences that have them. None where no
        sequence has both kinds of positions.
    """
    both = planted.any(axis=1) & outside.any(axis=1)
    if not both.any():
        return []
    planted, outside = planted[both], outside[both]
    fraction = planted.sum(axis=1) / (planted | outside).sum(axis=1)
    chances = {AUROC_01: 0.5, AUPRC_01: float(fraction.mean()), SIGNAL_TO_NOISE: np.nan}
    scores = []
    for variant in PUBLISHED_ANSWERS:
        if variant not in answers:
            continue
        answer = answers[variant][both]
        ranking = Ranking(answer, planted | outside)
        measured = [
            ranking.auroc(planted),
            ranking.auprc(planted, lines=True),
            signal_to_noise(answer, planted, outside),
        ]
        n, *numbers = mean_and_interval(np.stack(measured, axis=1), resamples, seed)
        if ranking.undefined.any():  # an answer that is not a number
            numbers[0][:] = np.nan
        for metric, count, value, low, high in zip(chances, n, *numbers, strict=True):
            if count == 0:
                continue
            score = Score(metric, float(value), int(count), float(low), float(high))
            scores.append(score._replace(variant=variant, chance=chances[metric]))
    return scores


def signal_to_noise(answer, planted, outside):
    """Mean number where motifs are over the mean of the highest numbers elsewhere.

    Parameters
    ----------
    answer : numpy.ndarray, shape (n, length)
    planted, outside : numpy.ndarray, shape (n, length), bool
        At least one of each in a row.

    Returns
    -------
    numpy.ndarray, shape (n,)
        The highest are the `NOISE` largest numbers above 0, or all of these where they
        are fewer; NaN where there is none.
    """
    signal = np.where(planted, answer, 0).sum(axis=1) / planted.sum(axis=1)
    noise = np.sort(np.where(outside, answer, 0), axis=1)[:, : -NOISE - 1 : -1]
    noise = np.maximum(noise, 0)
    total, count = noise.sum(axis=1), (noise > 0).sum(axis=1)
    with np.errstate(invalid="ignore"):
        return np.where(count > 0, signal * count / np.where(count, total, 1), np.nan)
