"""The scores of an ideal explainer, which knows the planted or the known matrices."""

import numpy as np
import pandas as pd

from proofread.datasets.sampling import balanced_rows
from proofread.dna.composition import base_frequencies
from proofread.dna.encoding import UNKNOWN, encode
from proofread.motifs.motif import UNIFORM, log_odds, relative_entropy
from proofread.tables import SCORE_COLUMNS
from proofread.truth.position_scores import (
    attribution_answers,
    centred,
    effect_answers,
    norm_answers,
    observed,
    planted_columns,
    position_scores,
)
from proofread.truth.roles import causal_motifs

MIN_PROBABILITY = 0.01  # added to each base before the logarithm
COLUMNS = ["explainer", *SCORE_COLUMNS]


def planted_log_odds(dataset, target, background):
    """The ideal explainer's number for every base, present or not.

    Returns
    -------
    numpy.ndarray, shape (n, 4, length)
        Bits; 0 outside the instances of the target's causal motifs. Where two overlap
        they add. Where the effect of each instance is known, its bits are those of its
        strength, against equal base frequencies whatever the background, and are scaled
        to add up to the effect.
    """
    hypothetical = np.zeros((len(dataset), 4, dataset.index.shape[1]))
    with_effects = "effect" in dataset.truth
    if with_effects:
        background = UNIFORM
    matrices = {
        name: log_odds(dataset.motifs[name], background, added=MIN_PROBABILITY)
        for name in causal_motifs(dataset, target)
    }
    for row in dataset.truth.itertuples():
        if row.motif in matrices:
            scores = matrices[row.motif]
            # Reversed columns A, C, G, T are T, G, C, A: the complements.
            oriented = scores if row.strand == "+" else scores[::-1, ::-1]
            if with_effects:
                bits = scores[np.arange(len(scores)), encode(row.instance)].sum()
                # An instance that is no better than chance has no strength either.
                oriented = oriented * (row.effect / bits if bits > 0 else 0)
            hypothetical[row.sequence, :, row.start : row.end] += oriented.T
    return hypothetical


def scan_scores(dataset, target, background):
    """The best match, on either strand, that covers each base.

    Returns
    -------
    numpy.ndarray, shape (n, length)
        Bits of the best match of any of the target's causal matrices; the lowest of
        all where no match covers the base.
    """
    index = np.asarray(dataset.index)
    best = np.full(index.shape, -np.inf)
    for name in causal_motifs(dataset, target):
        if relative_entropy(dataset.motifs[name]).sum() == 0:
            continue
        scores = log_odds(dataset.motifs[name], background, added=MIN_PROBABILITY)
        # An unknown base adds nothing.
        scores = np.pad(scores, ((0, 0), (0, 1)))
        width = len(scores)
        starts = index.shape[1] - width + 1
        if starts < 1:
            continue
        opposite = np.pad(scores[::-1, 3::-1], ((0, 0), (0, 1)))
        for strand in (scores, opposite):
            total = sum(
                strand[offset][index[:, offset : offset + starts]]
                for offset in range(width)
            )
            for offset in range(width):
                covered = best[:, offset : offset + starts]
                np.maximum(covered, total, out=covered)
    lowest = best[np.isfinite(best)].min(initial=0)
    return np.where(np.isfinite(best), best, lowest)


def site_frequency(dataset, target):
    """How often the other sequences have a site at each position, whatever their bases.

    Where all sequences are aligned, as promoters are at their start, the sites of one
    are near those of the others: this answer looks at no sequence and may score high.

    Returns
    -------
    numpy.ndarray, shape (n, length)
        Fraction of the other sequences with a site.
    """
    columns = planted_columns(dataset, target)
    others = columns.any(axis=1).sum() - columns.any(axis=1)[:, None]
    return (columns.sum(axis=0) - columns) / np.maximum(others, 1)


def explainers_answers(dataset, target, seed):
    """The answers of each explainer, under the names that methods give their answers.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
    target : str
    seed : int
        Of the random numbers.

    Returns
    -------
    dict of str to dict of str to numpy.ndarray, shape (n, length)
        For `log_odds`, `scan` and `random`. A scan has one number for each base, which
        no sign, centring or window improves: it is the answer under every name. So is
        that of `positions`, which known sites have (`site_frequency`); `log_odds` and
        `scan` are missing if one of their motifs has no matrix.
    """
    index = np.asarray(dataset.index)
    background = base_frequencies(index)

    def answers(hypothetical):
        # If a base is replaced by each other base, the mean drop is 4/3 of the base's
        # distance from the mean of all four.
        drop = observed(centred(hypothetical), index) * 4 / 3
        known = index != UNKNOWN
        # The effect of each substitution; an unknown base has none.
        change = hypothetical - observed(hypothetical, index)[:, None]
        change = np.where(known[:, None], change, 0)
        return (
            attribution_answers(hypothetical, index)
            | effect_answers(drop, known)
            | norm_answers(change, known)
        )

    noise = np.random.default_rng(seed).normal(size=(len(index), 4, index.shape[1]))
    random = answers(noise)
    result = {}
    if set(causal_motifs(dataset, target)) <= set(dataset.motifs):
        scan = scan_scores(dataset, target, background)
        result["log_odds"] = answers(planted_log_odds(dataset, target, background))
        result["scan"] = dict.fromkeys(random, scan)
    result["random"] = random
    if dataset.known:
        result["positions"] = dict.fromkeys(random, site_frequency(dataset, target))
    return result


def ideal_scores(dataset, *, max_sequences, resamples, seed):
    """Scores of every explainer on every target.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
        A split of a simulated dataset, or of one with known sites.
    max_sequences : int
        For each target.
    resamples : int
        Of the bootstrap.
    seed : int
        Of the chosen sequences, the resamples and the random numbers.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`; no rows where nothing was planted and no site is known.
    """
    rows = []
    for target in dataset.target if len(dataset.truth) else []:
        chosen = dataset.subset(
            balanced_rows(dataset, max_sequences, seed, target=target)
        )
        for explainer, answers in explainers_answers(chosen, target, seed).items():
            scores = position_scores(
                answers, chosen, target, resamples=resamples, seed=seed
            )
            rows += [score._asdict() | {"explainer": explainer} for score in scores]
    return pd.DataFrame(rows, columns=COLUMNS)
