"""What rule effects planted, compared with what a method measured.

A method measures the effect of a motif, and the interaction of two, in units of the
output. Its planted counterpart is computed here from the settings of the dataset, and
both are compared: by rank, by slope, by sign, and by the form of an interaction.
"""

import math

import numpy as np
import pandas as pd

from proofread.configuration.effects import (
    ADDITIVE,
    DISTANCE_DECAY,
    EFFECTS,
    MULTIPLICATIVE,
    POISSON,
    SATURATING,
)
from proofread.datasets.simulation.effects import (
    effects_of,
    interaction_terms,
    removal_effects,
    strengths,
)
from proofread.dna.encoding import decode
from proofread.statistics.bootstrap import (
    bootstrap,
    known_means,
    percentile_interval,
    resampled_means,
)
from proofread.statistics.correlation import of_prediction, spearman
from proofread.statistics.units import LOG_RATE, USER
from proofread.tables import Score
from proofread.truth.expectation import named_pairs
from proofread.truth.verdicts import FALSE_POSITIVE, TRUE_NEGATIVE

# Of pairs.tsv, where the targets are quantitative.
FORM_COLUMNS = ["planted", "planted_form", "form"]
# Decay lengths that are tried: from half a base to ten times the largest gap.
_SHORTEST, _BEYOND, _LENGTHS = 0.5, 10, 2000
# An effect has the planted size if its interval is within this factor of it.
SIZE_FACTOR = 2
# Scores that need outputs on the scale of the planted effects.
_OF_SIZE = ("effect_slope", "effect_slope_error", "size_recovered")


def planted_effects(dataset):
    """The effects of a dataset of rule effects; None of others.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset

    Returns
    -------
    proofread.datasets.simulation.effects.Effects or None
    """
    if not dataset.simulated or dataset.settings["rule"] != EFFECTS:
        return None
    return effects_of(dataset.settings, dataset.motifs, "the settings of the dataset")


def on_planted_scale(dataset, unit):
    """Whether outputs are on the scale of the planted effects of a dataset.

    Planted effects add up to values; under Poisson noise, to the logarithm of a rate.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
        Of rule effects.
    unit : str
        Of the outputs (`proofread.statistics.units`).
    """
    noise = dataset.settings["noise"]
    counts = noise is not None and noise["kind"] == POISSON
    return unit == (LOG_RATE if counts else USER)


def effect_of_instances(dataset, effects, motif):
    """What each sequence loses without all instances of a motif, (n,).

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
    effects : proofread.datasets.simulation.effects.Effects
    motif : str
    """
    rows = np.flatnonzero(dataset.truth["motif"] == motif)
    truth, matrices = dataset.truth, dataset.motifs
    return removal_effects(effects, truth, matrices, rows, len(dataset))


def term_of_instances(dataset, effects, first, second):
    """The planted interaction of two motifs in each sequence, (n,).

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
    effects : proofread.datasets.simulation.effects.Effects
    first, second : str
        The same name: the first copy of the motif with all others.
    """
    rows = [np.flatnonzero(dataset.truth["motif"] == name) for name in (first, second)]
    if first == second:
        copies = first_copies(dataset.truth.iloc[rows[0]])
        rows = [rows[0][copies], rows[0][~copies]]
    matrices, n = dataset.motifs, len(dataset)
    return interaction_terms(effects, dataset.truth, matrices, *rows, n)


def first_copies(instances):
    """Whether each instance of a motif is the leftmost one of its sequence.

    Parameters
    ----------
    instances : pandas.DataFrame
        Columns sequence and start, of one motif.

    Returns
    -------
    numpy.ndarray of bool
    """
    leftmost = instances.groupby("sequence")["start"].transform("min")
    return (instances["start"] == leftmost).to_numpy()


def kmer_doses(effects, motif, kmers, starts):
    """Doses of inserted k-mers: their strength times their factor of position.

    Parameters
    ----------
    effects : proofread.datasets.simulation.effects.Effects
    motif : proofread.motifs.motif.Motif
    kmers : numpy.ndarray, shape (n, width), uint8
    starts : numpy.ndarray, shape (positions,), int

    Returns
    -------
    numpy.ndarray, shape (n, positions), float64
    """
    instances = pd.DataFrame(
        {"motif": motif.name, "instance": [decode(kmer) for kmer in kmers]}
    )
    strength = strengths(instances, {motif.name: motif.matrix})
    factor = effects.position_factor(motif.name, starts + kmers.shape[1] / 2)
    return strength[:, None] * factor


def with_forms(pairs, table, settings, *, tested, min_effect_fraction):
    """Add the planted and the measured form of each interaction.

    A measured term counts as 0 if its interval includes 0, or if it is smaller than a
    fraction of the largest effect of a motif: `additive`. It is `saturating` if it is
    against the effects of both motifs, which have the same sign, and copies of either
    motif do not add up either; else `multiplicative`.

    Parameters
    ----------
    pairs : pandas.DataFrame
        target, first, second, interaction, ci_low, ci_high; the same name twice are two
        copies of a motif.
    table : pandas.DataFrame
        target, motif and effect.
    settings : dict
        Of the dataset.
    tested : array of bool, shape (pairs,)
        Whether a term has values enough to differ from 0: the interval of a single
        value is the value. Others have no form, and decide none.
    min_effect_fraction : float

    Returns
    -------
    pandas.DataFrame
        `pairs` with planted_form (empty where the settings name none; of
        distance_decay `multiplicative`) and form (empty where nothing was tested).
    """
    named = named_pairs(settings)
    planted = [
        named.get((first, second), named.get((second, first), ""))
        for first, second in zip(pairs["first"], pairs["second"], strict=True)
    ]
    planted = [MULTIPLICATIVE if form == DISTANCE_DECAY else form for form in planted]
    forms = pd.Series("", pairs.index, dtype=object)
    for target, items in pairs[np.asarray(tested, dtype=bool)].groupby("target"):
        of_motif = table[table["target"] == target].set_index("motif")["effect"]
        limit = min_effect_fraction * of_motif.abs().max()
        terms = {(row.first, row.second): row for row in items.itertuples()}
        for (first, second), row in terms.items():
            if math.isnan(row.interaction):
                continue
            against = [
                _against(terms.get(pair), of_motif, limit)
                for pair in dict.fromkeys(
                    [(first, second), (first, first), (second, second)]
                )
            ]
            forms[row.Index] = _form(row, against, limit)
    return pairs.assign(planted_form=planted, form=forms)


def _form(row, against, limit):
    """The form of one term; `against`: of the pair, then of the copies."""
    if not _differs(row, limit):
        return ADDITIVE
    copies = [item for item in against[1:] if item is not None] or against[:1]
    # Two copies are a pair, whose own term says all.
    return SATURATING if against[0] and all(copies) else MULTIPLICATIVE


def _differs(row, limit):
    """Whether a term is not 0."""
    beside = row.ci_low > 0 or row.ci_high < 0
    return beside and abs(row.interaction) >= limit


def _against(row, effects, limit):
    """Whether a term is against the effects of its motifs; None if not measured."""
    if row is None or math.isnan(row.interaction):
        return None
    signs = {np.sign(effects.get(name, math.nan)) for name in (row.first, row.second)}
    return _differs(row, limit) and signs == {-np.sign(row.interaction)}


def effect_scores(table, *, sizes, resamples, seed):
    """How well measured effects of motifs agree with the planted ones.

    Parameters
    ----------
    table : pandas.DataFrame
        A row for each motif and target: target, planted, effect, ci_low, ci_high and
        verdict. Rows without an effect are left out.
    sizes : bool
        Whether the sizes can agree (`on_planted_scale`). If not, there are no scores of
        the slope and of sizes.
    resamples, seed : int
        Of the bootstrap over motifs.

    Returns
    -------
    list of proofread.tables.Score
        Of each target: `effect_spearman`; `effect_slope` and `effect_slope_error` of
        the least-squares line of the measured on the planted effects;
        `sign_significant` and `size_recovered` of the motifs whose planted effect is
        not 0; and `type_i_error` of those without any effect. Some are left out where
        they are not defined.
    """
    scores = []
    for target, rows in table.dropna(subset=["planted", "effect"]).groupby("target"):
        planted, effect = rows["planted"].to_numpy(), rows["effect"].to_numpy()
        for metric, statistic, better in (
            ("effect_spearman", _rank_correlation, "higher"),
            ("effect_slope", slope, ""),
            ("effect_slope_error", slope_error, "lower"),
        ):
            value = statistic(planted, effect)
            if not math.isnan(value):
                arrays = (planted, effect)
                ends = bootstrap(statistic, arrays, resamples=resamples, seed=seed)
                numbers = (value, len(rows), *ends)
                scores.append(Score(metric, *numbers, target=target, better=better))
        with_effect = rows[planted != 0]
        right = (with_effect["ci_low"] > 0) & (with_effect["planted"] > 0)
        right |= (with_effect["ci_high"] < 0) & (with_effect["planted"] < 0)
        called = rows["verdict"] == FALSE_POSITIVE
        called = called[rows["verdict"].isin([FALSE_POSITIVE, TRUE_NEGATIVE])]
        for metric, values, better in (
            ("sign_significant", right, "higher"),
            ("size_recovered", has_planted_size(with_effect), "higher"),
            ("type_i_error", called, "lower"),
        ):
            if len(values):
                numbers = (float(values.mean()), len(values), math.nan, math.nan)
                scores.append(Score(metric, *numbers, target=target, better=better))
    return [score for score in scores if sizes or score.metric not in _OF_SIZE]


def has_planted_size(rows):
    """Whether an interval lies between half and twice the planted effect.

    This is a test of equivalence (Schuirmann 1987, doi:10.1007/BF01068419): the whole
    interval must be close to the planted effect. Whether it includes the planted effect
    says less: a wide interval includes it, even if it includes 0, too.

    Parameters
    ----------
    rows : pandas.DataFrame
        planted, which is not 0; ci_low and ci_high.

    Returns
    -------
    pandas.Series of bool
        False where there is no interval.
    """
    ends = rows[["ci_low", "ci_high"]].div(rows["planted"], axis=0)
    return ends.ge(1 / SIZE_FACTOR).all(axis=1) & ends.le(SIZE_FACTOR).all(axis=1)


def _rank_correlation(planted, effect):
    return of_prediction(spearman, planted, effect)


def slope(planted, measured):
    """Slope of the least-squares line of the measured on the planted effects.

    Parameters
    ----------
    planted, measured : numpy.ndarray, shape (n,)

    Returns
    -------
    float
        NaN where the planted effects are all the same.
    """
    centred = planted - planted.mean()
    square = centred @ centred
    return float(centred @ measured / square) if square > 0 else math.nan


def slope_error(planted, measured):
    """How far the slope is from 1: the absolute ln of it, of 2 as of 1/2.

    Returns
    -------
    float
        NaN where the slope is not above 0.
    """
    value = slope(planted, measured)
    return abs(math.log(value)) if value > 0 else math.nan


def form_scores(pairs):
    """Fraction of the named interactions whose form is recovered, for each target.

    Parameters
    ----------
    pairs : pandas.DataFrame
        From `with_forms`.

    Returns
    -------
    list of proofread.tables.Score
        `interaction_form_recovered`; none where no form was planted or measured.
    """
    rows = pairs[(pairs["planted_form"] != "") & (pairs["form"] != "")]
    return [
        Score(
            "interaction_form_recovered",
            float((items["form"] == items["planted_form"]).mean()),
            len(items),
            *(math.nan, math.nan),
            target=target,
        )
        for target, items in rows.groupby("target")
    ]


def decay_length(gap, curves):
    """The length that fits ``a exp(-gap / length)`` best to curves, by least squares.

    Parameters
    ----------
    gap : numpy.ndarray, shape (positions,)
        bp.
    curves : numpy.ndarray, shape (m, positions)
        Without NaN.

    Returns
    -------
    numpy.ndarray, shape (m,)
        bp; one of 2,000 lengths from 0.5 bp to ten times the largest gap, each 1 %
        longer than the one before, or less. NaN of a curve that is 0, which all
        lengths fit.
    """
    longest = _BEYOND * max(1, gap.max())
    lengths = np.geomspace(_SHORTEST, longest, _LENGTHS)
    decays = np.exp(-gap[:, None] / lengths)  # (positions, lengths)
    size = np.sqrt((decays**2).sum(axis=0))
    # The best amplitude of each length leaves the square of this out of the error.
    explained = np.abs(curves @ decays / np.maximum(size, 1e-300))
    return np.where(
        explained.max(axis=1) > 0, lengths[explained.argmax(axis=1)], math.nan
    )


def fitted_decay(gap, values, *, resamples, seed):
    """The decay length of the mean over rows, and its interval.

    Parameters
    ----------
    gap : numpy.ndarray, shape (positions,)
    values : numpy.ndarray, shape (n, positions)
        NaN is left out.
    resamples, seed : int
        Of the bootstrap over rows.

    Returns
    -------
    length, low, high : float
        NaN where nothing was measured, or the mean is 0.
    """
    n, mean = known_means(values)
    known = n > 0
    if not known.any():
        return math.nan, math.nan, math.nan
    gap, values = gap[known], values[:, known]
    means = resampled_means(values, resamples, seed)
    means = means[~np.isnan(means).any(axis=1)]
    length = decay_length(gap, mean[None, known])[0]
    return (float(length), *percentile_interval(decay_length(gap, means)))
