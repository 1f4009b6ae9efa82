"""Rule effects: the value of each sequence, and what each instance adds to it.

The value is on the log scale. With the strength of an instance (its score relative to
the best score of its matrix) times its factor of position as its dose, it is the sum of

- the baseline, and the GC slope times the GC content outside the instances, minus 0.5;
- the effect of each motif times the sum of the doses of its instances; for the motifs
  of a Hill curve, the curve of this sum instead;
- for each pair of motifs that interact, their effect times both doses, over all pairs
  of their instances, times exp(-gap / decay length) where there is one.

The effect of an instance is the value minus the value without its dose. Where effects
only add, the effects of all instances of a sequence add up to its value minus the
baseline and the term of the GC content.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from proofread.configuration import effects as named
from proofread.datasets.on_disk import blocks
from proofread.dna.encoding import BASES, encode
from proofread.errors import InputError
from proofread.motifs.motif import UNIFORM, log_odds

NO_BASES_GC = 0.5  # of a sequence without a base outside its instances


@dataclass(frozen=True)
class Pair:
    """Two motifs that add an effect together."""

    first: str
    second: str
    effect: float
    decay_length: float | None  # bp; None: at any gap

    def of_doses(self, first, second, gap):
        """What two instances add together to their own effects."""
        added = self.effect * first * second
        if self.decay_length is None:
            return added
        return added * np.exp(-gap / self.decay_length)


@dataclass(frozen=True)
class HillCurve:
    """Motifs whose effects saturate together; all have the same sign."""

    motifs: tuple
    unit: float  # the effect of largest size, with its sign
    half: float  # in units
    hill: float

    def value(self, total):
        """What a sum of effects comes to: of no unit 0, of one unit the unit."""
        dose = np.maximum(total / self.unit, 0) ** self.hill
        at_half = self.half**self.hill
        return self.unit * (1 + at_half) * dose / (at_half + dose)


@dataclass(frozen=True)
class Effects:
    """What the value of a sequence is made of."""

    baseline: float
    gc_slope: float
    of_motif: dict  # name -> effect
    position: dict  # name -> (centre, sd), bp
    pairs: tuple  # of Pair
    curves: tuple  # of HillCurve
    causal: frozenset  # names of the motifs that the value depends on

    def position_factor(self, name, middle):
        """Factor of a dose by the middle of the instance, bp from the start."""
        if name not in self.position:
            return np.ones(np.shape(middle))
        centre, sd = self.position[name]
        return np.exp(-((middle - centre) ** 2) / (2 * sd**2))

    def alone(self, name, dose):
        """What an instance adds to a value without other motifs."""
        own = self.of_motif[name] * dose
        for curve in self.curves:
            if name in curve.motifs:
                return curve.value(own)
        return own

    def together(self, first, second, doses, gap):
        """What two instances add together to what each adds alone.

        Parameters
        ----------
        first, second : str
            Motifs; the same name for two copies of one.
        doses : tuple of numpy.ndarray
            Of the first, and of the second.
        gap : numpy.ndarray
            bp between them.
        """
        result = np.zeros(np.broadcast_shapes(*map(np.shape, (*doses, gap))))
        for pair in self.pairs:
            if {pair.first, pair.second} == {first, second}:
                result = result + pair.of_doses(*doses, gap)
        for curve in self.curves:
            if {first, second} <= set(curve.motifs):
                own = [
                    self.of_motif[name] * dose
                    for name, dose in zip((first, second), doses, strict=True)
                ]
                alone = curve.value(own[0]) + curve.value(own[1])
                result = result + curve.value(own[0] + own[1]) - alone
        return result


def effects_of(settings, matrices, where):
    """The effects of a dataset; None under another rule.

    Parameters
    ----------
    settings : dict
        From `proofread.configuration.effects.with_effects`.
    matrices : dict of str to numpy.ndarray, shape (width, 4)
    where : str
        Their position in the configuration, for messages.

    Raises
    ------
    InputError
        If a matrix with an effect has equal bases only, so that no instance is strong.
    """
    if settings["rule"] != named.EFFECTS:
        return None
    effects = settings["effects"]
    for name in named.effective_motifs(settings):
        if best_score(matrices[name]) == 0:
            raise InputError(
                f"{where}.effects.{name}",
                f"{name}, whose matrix has all bases equally often",
                "a matrix with a best instance",
                "choose another motif, or give it the effect 0",
            )
    curves = [
        HillCurve(
            motifs=tuple(item["motifs"]),
            unit=max((effects[name] for name in item["motifs"]), key=abs),
            half=item["half"],
            hill=item["hill"],
        )
        for item in settings["interactions"]
        if item["form"] == named.SATURATING
    ]
    pairs = [
        Pair(*item["motifs"], item["effect"], item["decay_length"])
        for item in named.pairs_of(settings)
    ]
    return Effects(
        baseline=settings["baseline"],
        gc_slope=settings["gc_slope"],
        of_motif=dict(effects),
        position={
            name: (factor["centre"], factor["sd"])
            for name, factor in (settings["position"] or {}).items()
        },
        pairs=tuple(pairs),
        curves=tuple(curves),
        causal=frozenset(named.effective_motifs(settings)),
    )


def values_and_effects(effects, truth, matrices, index):
    """The value of each sequence, without noise, and the effect of each instance.

    Parameters
    ----------
    effects : Effects
    truth : pandas.DataFrame
        Columns of `proofread.datasets.dataset.TRUTH_COLUMNS`.
    matrices : dict of str to numpy.ndarray, shape (width, 4)
    index : array, shape (n, length), uint8

    Returns
    -------
    value : numpy.ndarray, shape (n,), float64
    effect : numpy.ndarray, shape (instances,), float64
        In the order of `truth`; 0 of a motif that is not under `effects`.
    """
    dose = doses(effects, truth, matrices)
    sequence = truth["sequence"].to_numpy(dtype=np.int64)
    members = {
        name: np.flatnonzero(truth["motif"] == name) for name in effects.of_motif
    }

    def total(rows):
        """Sum of the doses of some instances in each sequence, (n,)."""
        return np.bincount(sequence[rows], dose[rows], minlength=len(index))

    value = effects.baseline + effects.gc_slope * (background_gc(index, truth) - 0.5)
    effect = np.zeros(len(truth))
    saturating = {name for curve in effects.curves for name in curve.motifs}
    for name, of_one in effects.of_motif.items():
        if name not in saturating:
            value = value + of_one * total(members[name])
            effect[members[name]] = of_one * dose[members[name]]
    for curve in effects.curves:
        summed = sum(effects.of_motif[n] * total(members[n]) for n in curve.motifs)
        value = value + curve.value(summed)
        for name in curve.motifs:
            rows = members[name]
            own, others = effects.of_motif[name] * dose[rows], summed[sequence[rows]]
            effect[rows] = curve.value(others) - curve.value(others - own)
    for pair in effects.pairs:
        first, second = _together(truth, members[pair.first], members[pair.second])
        added = pair.of_doses(dose[first], dose[second], _gap(truth, first, second))
        value = value + np.bincount(sequence[first], added, minlength=len(index))
        for rows in (first, second):
            effect += np.bincount(rows, added, minlength=len(truth))
    return value, effect


def doses(effects, truth, matrices):
    """Strength of each instance times its factor of position, (instances,)."""
    dose = strengths(truth, {name: matrices[name] for name in effects.of_motif})
    middle = (truth["start"] + truth["end"]).to_numpy() / 2
    for name in effects.position:
        rows = np.flatnonzero(truth["motif"] == name)
        dose[rows] *= effects.position_factor(name, middle[rows])
    return dose


def removal_effects(effects, truth, matrices, rows, n):
    """What a set of instances adds to the value of each sequence, together.

    The value less the value without the dose of any of them. Of one instance it is its
    effect; of several it is not the sum of these where instances interact.

    Parameters
    ----------
    effects : Effects
    truth : pandas.DataFrame
    matrices : dict of str to numpy.ndarray, shape (width, 4)
    rows : numpy.ndarray of int
        Rows of `truth`.
    n : int
        Number of sequences.

    Returns
    -------
    numpy.ndarray, shape (n,), float64
    """
    dose = doses(effects, truth, matrices)
    sequence = truth["sequence"].to_numpy(dtype=np.int64)
    motif = truth["motif"].to_numpy()
    own = np.array([effects.of_motif.get(name, 0.0) for name in motif]) * dose
    removed = np.zeros(len(truth), dtype=bool)
    removed[rows] = True
    curved = np.zeros(len(truth), dtype=bool)
    result = np.zeros(n)
    for curve in effects.curves:
        members = np.isin(motif, curve.motifs)
        curved |= members
        total = np.bincount(sequence, own * members, minlength=n)
        left = np.bincount(sequence, own * (members & ~removed), minlength=n)
        result += curve.value(total) - curve.value(left)
    result += np.bincount(sequence, own * (removed & ~curved), minlength=n)
    for pair in effects.pairs:
        first, second = _together(
            truth,
            np.flatnonzero(motif == pair.first),
            np.flatnonzero(motif == pair.second),
        )
        gone = removed[first] | removed[second]
        first, second = first[gone], second[gone]
        added = pair.of_doses(dose[first], dose[second], _gap(truth, first, second))
        result += np.bincount(sequence[first], added, minlength=n)
    return result


def interaction_terms(effects, truth, matrices, first, second, n):
    """What two sets of instances add together to the value of each sequence.

    The value, less the value without the first set, less that without the second, plus
    that without both: 0 where their effects add up.

    Parameters
    ----------
    effects : Effects
    truth : pandas.DataFrame
    matrices : dict of str to numpy.ndarray, shape (width, 4)
    first, second : numpy.ndarray of int
        Rows of `truth`, none in both.
    n : int
        Number of sequences.

    Returns
    -------
    numpy.ndarray, shape (n,), float64
    """
    dose = doses(effects, truth, matrices)
    sequence = truth["sequence"].to_numpy(dtype=np.int64)
    motif = truth["motif"].to_numpy()
    result = np.zeros(n)
    for pair in effects.pairs:
        for one, other in ((first, second), (second, first)):
            left, right = _together(
                truth,
                one[motif[one] == pair.first],
                other[motif[other] == pair.second],
            )
            gap = _gap(truth, left, right)
            added = pair.of_doses(dose[left], dose[right], gap)
            result += np.bincount(sequence[left], added, minlength=n)
    for curve in effects.curves:
        own = np.zeros(len(truth))
        for name in curve.motifs:
            own[motif == name] = effects.of_motif[name] * dose[motif == name]
        total = np.bincount(sequence, own, minlength=n)
        without = [
            total - np.bincount(sequence[rows], own[rows], minlength=n)
            for rows in (first, second)
        ]
        neither = without[0] + without[1] - total
        result += curve.value(total) + curve.value(neither)
        result -= curve.value(without[0]) + curve.value(without[1])
    return result


def strengths(truth, matrices):
    """Score of each instance, relative to the best score of its matrix.

    The score is the log-odds against equal base frequencies, ``sum_j log(4 p_j)``.

    Parameters
    ----------
    truth : pandas.DataFrame
        Columns motif and instance.
    matrices : dict of str to numpy.ndarray, shape (width, 4)

    Returns
    -------
    numpy.ndarray, shape (instances,), float64
        0-1, where a score below 0 counts as 0; 0 of motifs that are not in `matrices`.
    """
    strength = np.zeros(len(truth))
    for name, rows in truth.groupby("motif", sort=False).indices.items():
        if name not in matrices or best_score(matrices[name]) == 0:
            continue
        scores = log_odds(matrices[name], UNIFORM)
        # (instances, width)
        index = encode("".join(truth["instance"].iloc[rows])).reshape(len(rows), -1)
        score = scores[np.arange(len(scores)), index].sum(axis=1)
        strength[rows] = np.clip(score / best_score(matrices[name]), 0, 1)
    return strength


def best_score(matrix):
    """Score of the best instance of a matrix, bits against equal base frequencies."""
    return log_odds(matrix, UNIFORM).max(axis=1).sum()


def background_gc(index, truth):
    """GC content of the bases outside the instances of each sequence, (n,)."""
    gc = np.empty(len(index))
    for first, block in blocks(index):
        gc[first : first + len(block)] = np.isin(block, _GC).sum(axis=1)
    sequence = truth["sequence"].to_numpy(dtype=np.int64)
    width = (truth["end"] - truth["start"]).to_numpy()
    planted = truth["instance"].str.count("[GC]").to_numpy()
    # The opposite strand has as many; no two instances overlap.
    gc -= np.bincount(sequence, planted, minlength=len(index))
    bases = index.shape[1] - np.bincount(sequence, width, minlength=len(index))
    return np.where(bases > 0, gc / np.maximum(bases, 1), NO_BASES_GC)


_GC = [BASES.index("C"), BASES.index("G")]


def _together(truth, first, second):
    """All pairs of an instance of one motif and one of another in the same sequence."""
    sequence = truth["sequence"]
    pairs = pd.merge(
        pd.DataFrame({"sequence": sequence.iloc[first], "first": first}),
        pd.DataFrame({"sequence": sequence.iloc[second], "second": second}),
        on="sequence",
    )
    return pairs["first"].to_numpy(), pairs["second"].to_numpy()


def _gap(truth, first, second):
    """Bases from the end of the left instance to the start of the right one."""
    start, end = truth["start"].to_numpy(), truth["end"].to_numpy()
    return np.maximum(start[first], start[second]) - np.minimum(end[first], end[second])
