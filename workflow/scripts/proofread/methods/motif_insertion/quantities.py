"""Motif insertion of quantitative targets: forms, decay lengths, and their scores."""

import math

import numpy as np

from proofread.methods.motif_insertion.insertions import mean_over_positions
from proofread.methods.motif_insertion.tables import interactions, planted_terms
from proofread.statistics.bootstrap import known_means
from proofread.tables import PAIR_COLUMNS, Score
from proofread.truth.expectation import named_motifs, named_pairs
from proofread.truth.planted_effects import (
    FORM_COLUMNS,
    effect_scores,
    fitted_decay,
    form_scores,
    on_planted_scale,
    planted_effects,
    with_forms,
)
from proofread.truth.verdicts import verdict_scores

DECAY_COLUMNS = [
    "planted_decay_length",
    "decay_length",
    "decay_ci_low",
    "decay_ci_high",
]
_FEWEST = 2  # backgrounds of an interaction with a form; of one there is no interval


def pairs_to_measure(settings):
    """Pairs that scores need: those named, and two copies of each of their motifs.

    Parameters
    ----------
    settings : dict
        Of the dataset.
    """
    return [
        *named_pairs(settings),
        *((name, name) for name in named_motifs(settings)),
    ]


def interactions_with_forms(
    dataset, motifs, measured, table, *, resamples, seed, min_effect_fraction
):
    """Interaction of each pair over all positions, with its form and decay length.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
    motifs : list of proofread.motifs.motif.Motif
    measured : proofread.methods.motif_insertion.measure.Insertions
    table : pandas.DataFrame
        From `proofread.methods.motif_insertion.tables.effects`.
    resamples, seed : int
        Of the bootstrap over backgrounds.
    min_effect_fraction : float
        See `proofread.truth.planted_effects.with_forms`.

    Returns
    -------
    pandas.DataFrame
        `PAIR_COLUMNS`, `FORM_COLUMNS` and `DECAY_COLUMNS`. The decay length is fitted
        to the pairs whose planted effect decays with the gap, in bp.
    """
    statistics = {"resamples": resamples, "seed": seed}
    pairs = interactions(dataset, motifs, measured.pairs, **statistics)
    planted = planted_terms(dataset, measured.pairs, motifs, measured.kmers)
    settings = dataset.settings if dataset.simulated else {}
    pairs["planted"] = _mean_terms(pairs, measured.pairs, planted)
    pairs = with_forms(
        *(pairs, table, settings),
        tested=pairs["n"] >= _FEWEST,
        min_effect_fraction=min_effect_fraction,
    )
    decays = {
        frozenset((item.first, item.second)): item.decay_length
        for item in getattr(planted_effects(dataset), "pairs", ())
        if item.decay_length is not None
    }
    fitted = []
    for row in pairs.itertuples():
        pair = frozenset((row.first, row.second))
        numbers = (math.nan,) * 3
        if pair in decays:
            column = dataset.target.index(row.target)
            numbers = _fitted(pair, measured.pairs, column, statistics)
        fitted.append((decays.get(pair, math.nan), *numbers))
    pairs[DECAY_COLUMNS] = np.array(fitted, dtype=float).reshape(len(pairs), 4)
    return pairs[[*PAIR_COLUMNS, *FORM_COLUMNS, *DECAY_COLUMNS]]


def _mean_terms(pairs, measured, planted):
    """Mean planted interaction of each row: over positions, then roles."""
    if planted is None:
        return [math.nan] * len(pairs)
    of_roles = {}
    for pair, term in zip(measured, planted, strict=True):
        room = ~np.isnan(pair.both).all(axis=2)
        means = mean_over_positions(np.where(room, term, np.nan)[:, :, None])
        of_roles.setdefault(frozenset((pair.fixed, pair.tiled)), []).append(means)
    roles = [
        of_roles[frozenset(names)]
        for names in zip(pairs["first"], pairs["second"], strict=True)
    ]
    return [float(known_means(np.concatenate(item))[1][0]) for item in roles]


def _fitted(pair, measured, column, statistics):
    """Decay length of a pair, from both of its roles and both sides."""
    roles = [item for item in measured if frozenset((item.fixed, item.tiled)) == pair]
    gap = np.concatenate([item.gap for item in roles])
    curves = [item.interaction()[:, :, column] for item in roles]
    return fitted_decay(gap, np.concatenate(curves, axis=1), **statistics)


def scores(dataset, table, pairs, *, unit, resamples, seed):
    """How well the insertions agree with the planted effects.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
    table : pandas.DataFrame
        From `proofread.methods.motif_insertion.tables.effects`.
    pairs : pandas.DataFrame
        From `interactions_with_forms`.
    unit : str
        Of the outputs (`proofread.statistics.units`).
    resamples, seed : int
        Of the bootstrap over motifs.

    Returns
    -------
    list of proofread.tables.Score
        Those of `effect_scores` and `form_scores`; `decay_length_error`, the mean over
        pairs of the absolute ln of the measured over the planted length;
        `insertions_recovered` of the motifs that should change the output, with their
        sign; those that should not are in `type_i_error`. None where no effects were
        planted.
    """
    if planted_effects(dataset) is None:
        return []
    statistics = {"resamples": resamples, "seed": seed}
    decays = []
    known = pairs.dropna(subset=["planted_decay_length", "decay_length"])
    for target, rows in known.groupby("target"):
        error = np.log(rows["decay_length"] / rows["planted_decay_length"]).abs().mean()
        numbers = (float(error), len(rows), math.nan, math.nan)
        score = Score("decay_length_error", *numbers, target=target, better="lower")
        decays.append(score)
    verdicts = verdict_scores(table["verdict"], "insertions")
    return [
        *effect_scores(table, sizes=on_planted_scale(dataset, unit), **statistics),
        *form_scores(pairs),
        *decays,
        *(item for item in verdicts if item.metric == "insertions_recovered"),
    ]
