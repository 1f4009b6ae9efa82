"""Tables of motif insertion."""

import math
from itertools import combinations

import numpy as np
import pandas as pd

from proofread.methods.motif_insertion.insertions import mean_over_positions
from proofread.models.predictor import without_rounding
from proofread.motifs.motif import consensus
from proofread.statistics.bootstrap import (
    known_means,
    mean_and_interval,
    percentile_interval,
    resampled_means,
)
from proofread.statistics.metrics import auroc
from proofread.tables import PAIR_COLUMNS, Score
from proofread.truth.expectation import (
    insertion_expectation,
    placement_expectation,
)
from proofread.truth.planted_effects import kmer_doses, planted_effects
from proofread.truth.verdicts import verdict_scores, verdicts, wrong_signs

_PLACEMENTS = {True: "positive", False: "negative", None: ""}
TABLE_COLUMNS = [
    "motif",
    "consensus",
    "target",
    "expected",
    "verdict",
    "n",
    "positions",
    "background",
    "effect",
    "ci_low",
    "ci_high",
    "control",
    "control_highest",
    "p_control",
    "above_control",
    "above_ci_low",
    "above_ci_high",
    "strongest_position",
    "strongest_effect",
]
# Of quantitative targets: what the inserted k-mers add by the rule.
QUANTITY_COLUMNS = [*TABLE_COLUMNS[:5], "planted", *TABLE_COLUMNS[5:]]
POSITION_COLUMNS = [
    "target",
    "motif",
    "position",
    "n",
    "effect",
    "ci_low",
    "ci_high",
]
SPACING_COLUMNS = [
    "target",
    "fixed",
    "tiled",
    "fixed_start",
    "distance",
    "gap",
    "expected",
    "n",
    "interaction",
    "ci_low",
    "ci_high",
    "both",
    "cooperativity",
]


def effects(
    dataset,
    motifs,
    changes,
    starts,
    controls,
    none,
    *,
    resamples,
    seed,
    min_effect_fraction,
    kmers=None,
    size=1,
):
    """Effect of each motif on each target, over all positions and at each.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
        Its targets and, where known, its truth.
    motifs : list of proofread.motifs.motif.Motif
    changes : list of numpy.ndarray, each (n, positions, targets)
        Logit with the motif less that of the background; NaN where there is no room.
        Of quantities, outputs.
    starts : list of numpy.ndarray, each (positions,)
    controls : list of tuple of numpy.ndarray
        Of each motif, at the positions of its control k-mers: changes of the motif,
        (n, targets), and of each k-mer, (k-mers, n, targets).
    none : numpy.ndarray, shape (n, targets)
        Logits of the backgrounds.
    resamples, seed : int
        Of the bootstrap over backgrounds, which all have the same weight.
    min_effect_fraction : float
        See `raises`.
    kmers : list of numpy.ndarray, each (n, width), uint8
        Of each motif, what was inserted; needed where effects were planted.
    size : float or numpy.ndarray, shape (targets,)
        Of the measured `Insertions`.

    Returns
    -------
    table, positions : pandas.DataFrame
        `TABLE_COLUMNS`, of quantitative targets `QUANTITY_COLUMNS`, and
        `POSITION_COLUMNS`.
    """
    rows, parts = [], []
    quantitative, sizes = dataset.quantitative, np.broadcast_to(size, none.shape[1])
    planted = planted_effects(dataset)
    for column, target in enumerate(dataset.target):
        for number, (motif, change, position, (same, control)) in enumerate(
            zip(motifs, changes, starts, controls, strict=True)
        ):
            values = change[:, :, column]
            n, mean, low, high = mean_and_interval(values, resamples, seed)
            row = {"target": target, "motif": motif.name, "position": position, "n": n}
            row |= {"effect": mean, "ci_low": low, "ci_high": high}
            parts.append(pd.DataFrame(row))
            rows.append(
                {
                    "motif": motif.name,
                    "consensus": consensus(motif.matrix),
                    "target": target,
                    "expected": insertion_expectation(
                        motif.name, dataset.settings, target
                    )
                    if dataset.simulated
                    else "",
                    "positions": int((n > 0).sum()),
                    "background": none[:, column].mean(),
                    **_over_positions(values, resamples, seed),
                    **_against(
                        *(same[:, column], control[:, :, column], resamples, seed),
                        either_sign=quantitative,
                        size=sizes[column],
                    ),
                    **_strongest(position, mean),
                }
            )
            if planted is not None:
                dose = kmer_doses(planted, motif, kmers[number], position)
                rows[-1]["planted"] = _of_room(planted.alone(motif.name, dose), values)
    columns = QUANTITY_COLUMNS if quantitative else TABLE_COLUMNS
    table = pd.DataFrame(rows, columns=columns)
    judge = changes_output if quantitative else raises
    result = judge(
        table,
        controls=len(controls[0][1]) if controls else 0,
        min_effect_fraction=min_effect_fraction,
    )
    wrong = wrong_signs(table["planted"], table["effect"]) if quantitative else None
    # Where there was no room, nothing could be found.
    table["verdict"] = verdicts(table["expected"], result, table["n"] > 0, wrong)
    table["strongest_position"] = table["strongest_position"].astype("Int64")
    positions = pd.concat(parts) if parts else pd.DataFrame(columns=POSITION_COLUMNS)
    return table, positions


def _over_positions(values, resamples, seed):
    """Mean of the means of each background, with its interval."""
    means = mean_over_positions(values[:, :, None])
    ends = mean_and_interval(means, resamples, seed)
    names = ("n", "effect", "ci_low", "ci_high")
    return {name: item[0] for name, item in zip(names, ends, strict=True)}


def _of_room(planted, values):
    """Mean of planted effects (n, positions), over those where a k-mer had room."""
    known = np.where(np.isnan(values), np.nan, planted)
    means = mean_over_positions(known[:, :, None])
    return float(known_means(means)[1][0])


def _against(motif, kmers, resamples, seed, *, either_sign=False, size=1):
    """A motif's mean changes (n,) against those of its control k-mers, (k-mers, n)."""
    # The same backgrounds have room for all, as all k-mers are as wide.
    room = ~np.isnan(motif)
    if not room.any():
        names = ("control", "control_highest", "p_control")
        names += ("above_control", "above_ci_low", "above_ci_high")
        return dict.fromkeys(names, math.nan)
    motif, kmers = motif[room], kmers[:, room]
    means = kmers.mean(axis=1)
    above = (motif - kmers.mean(axis=0))[:, None]
    _, mean, low, high = mean_and_interval(above, resamples, seed)
    # K-mers of which the network makes the same are equal but for the last bits.
    rank, of_motif = (
        (np.abs(means), abs(motif.mean())) if either_sign else (means, motif.mean())
    )
    beaten = without_rounding(rank, of_motif, size) >= of_motif
    return {
        "control": means.mean(),
        "control_highest": rank.max(),
        "p_control": (1 + beaten.sum()) / (1 + len(means)),
        "above_control": mean[0],
        "above_ci_low": low[0],
        "above_ci_high": high[0],
    }


def _strongest(position, mean):
    """Where the mean change is largest, of either sign."""
    if np.isnan(mean).all():
        return {"strongest_position": pd.NA, "strongest_effect": math.nan}
    best = int(np.nanargmax(np.abs(mean)))
    return {"strongest_position": int(position[best]), "strongest_effect": mean[best]}


def raises(table, *, controls, min_effect_fraction):
    """Whether each motif raises the logit by more than its control k-mers.

    Parameters
    ----------
    table : pandas.DataFrame
        With `target`, `effect`, `ci_low`, `above_ci_low`, `p_control`.
    controls : int
        Number of control k-mers.
    min_effect_fraction : float

    Returns
    -------
    pandas.Series of bool
        The motif's interval is above 0, its effect at least a fraction of the target's
        largest, the interval of its effect less that of its control k-mers above 0, and
        none of these k-mers does as much.
    """
    largest = table.groupby("target")["effect"].transform("max")
    # A network without any training prefers some k-mers to others, too.
    best = table["p_control"] < 1.5 / (1 + controls)
    enough = table["effect"] >= min_effect_fraction * largest
    return (table["ci_low"] > 0) & enough & (table["above_ci_low"] > 0) & best


def changes_output(table, *, controls, min_effect_fraction):
    """Whether each motif changes the output by more than its control k-mers.

    Parameters
    ----------
    table : pandas.DataFrame
        With `target`, `effect`, `ci_low`, `ci_high`, `above_ci_low`, `above_ci_high`
        and `p_control`.
    controls : int
        Number of control k-mers.
    min_effect_fraction : float

    Returns
    -------
    pandas.Series of bool
        As `raises`, for an effect of either sign: its size counts, and the two
        intervals are on its side of 0.
    """
    size = table["effect"].abs()
    largest = size.groupby(table["target"]).transform("max")
    best = table["p_control"] < 1.5 / (1 + controls)
    up = (table["ci_low"] > 0) & (table["above_ci_low"] > 0)
    down = (table["ci_high"] < 0) & (table["above_ci_high"] < 0)
    return (up | down) & (size >= min_effect_fraction * largest) & best


def spacing(dataset, pairs, *, resamples, seed, faithful, motifs=None, kmers=None):
    """Interaction of each pair at each distance.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
    pairs : list of proofread.methods.motif_insertion.insertions.Pair
    resamples, seed : int
    faithful : bool
        Whether EUGENe's cooperativity is computed, the median over backgrounds.
    motifs : list of proofread.motifs.motif.Motif
    kmers : list of numpy.ndarray, each (n, width), uint8
        What was inserted; both are needed where effects were planted.

    Returns
    -------
    pandas.DataFrame
        `SPACING_COLUMNS`; `planted` as well, the planted interaction at this distance,
        where effects were planted.
    """
    parts = []
    planted = planted_terms(dataset, pairs, motifs, kmers)
    for column, target in enumerate(dataset.target):
        for number, pair in enumerate(pairs):
            values = pair.interaction()[:, :, column]
            n, mean, low, high = mean_and_interval(values, resamples, seed)
            of_truth = {}
            if planted is not None:
                term = np.where(np.isnan(values), np.nan, planted[number])
                of_truth = {"planted": known_means(term)[1]}
            _, both = known_means(pair.both[:, :, column])
            parts.append(
                pd.DataFrame(
                    {
                        "target": target,
                        "fixed": pair.fixed,
                        "tiled": pair.tiled,
                        "fixed_start": pair.start,
                        "distance": pair.distance,
                        "gap": pair.gap,
                        "expected": [_PLACEMENTS[e] for e in expected(dataset, pair)],
                        "n": n,
                        "interaction": mean,
                        "ci_low": low,
                        "ci_high": high,
                        "both": both,
                        "cooperativity": _medians(pair.cooperativity()[:, :, column])
                        if faithful
                        else math.nan,
                        **of_truth,
                    }
                )
            )
    columns = SPACING_COLUMNS if planted is None else [*SPACING_COLUMNS, "planted"]
    return pd.concat(parts) if parts else pd.DataFrame(columns=columns)


def planted_terms(dataset, pairs, motifs, kmers):
    """The planted interaction of each pair in each background and position.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
    pairs : list of proofread.methods.motif_insertion.insertions.Pair
    motifs : list of proofread.motifs.motif.Motif
    kmers : list of numpy.ndarray, each (n, width), uint8
        What was inserted of each motif.

    Returns
    -------
    list of numpy.ndarray, each (n, positions), or None
        None where no effects were planted.
    """
    effects = planted_effects(dataset)
    if effects is None:
        return None
    inserted = {
        motif.name: (motif, item) for motif, item in zip(motifs, kmers, strict=True)
    }
    return [
        effects.together(
            pair.fixed,
            pair.tiled,
            (
                kmer_doses(effects, *inserted[pair.fixed], np.array([pair.start])),
                kmer_doses(effects, *inserted[pair.tiled], pair.starts),
            ),
            pair.gap,
        )
        for pair in pairs
    ]


def _medians(values):
    """Medians of the columns without their NaN; NaN where there is nothing else."""
    result = np.full(values.shape[1], np.nan)
    full = ~np.isnan(values).all(axis=0)
    if full.any():
        result[full] = np.nanmedian(values[:, full], axis=0)
    return result


def interactions(dataset, motifs, pairs, *, resamples, seed):
    """Interaction of each pair over all positions, whichever motif is fixed.

    The positions of a background are averaged, then both roles.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
    motifs : list of proofread.motifs.motif.Motif
    pairs : list of proofread.methods.motif_insertion.insertions.Pair
    resamples, seed : int
        Of the bootstrap over backgrounds.

    Returns
    -------
    pandas.DataFrame
        `PAIR_COLUMNS`, in the order of `motifs`; no rows where pairs were not measured,
        none of a pair without room. Two copies of a motif have its name twice.
    """
    of_roles = {}
    for pair in pairs:
        means = mean_over_positions(pair.interaction())  # (n, targets)
        of_roles.setdefault(frozenset((pair.fixed, pair.tiled)), []).append(means)
    rows = []
    for column, target in enumerate(dataset.target):
        names = [motif.name for motif in motifs]
        copies = zip(names, names, strict=True)
        for first, second in [*combinations(names, 2), *copies]:
            roles = of_roles.get(frozenset((first, second)))
            if roles is None:
                continue
            # (roles, n) -> (n, roles, 1): a background with room for one role has that
            both = np.stack([means[:, column] for means in roles], axis=1)
            values = mean_over_positions(both[:, :, None])
            n, mean, low, high = mean_and_interval(values, resamples, seed)
            rows.append((target, first, second, n[0], mean[0], low[0], high[0]))
    return pd.DataFrame(rows, columns=PAIR_COLUMNS)


def expected(dataset, pair):
    """Whether the planted rule calls each placement positive.

    Returns
    -------
    list of (bool or None)
        None where no rule looks at the positions of this pair.
    """
    if not dataset.simulated:
        return [None] * len(pair.starts)
    return [
        placement_expectation(
            *((pair.tiled, pair.fixed) if left else (pair.fixed, pair.tiled)),
            gap,
            dataset.settings,
        )
        for left, gap in zip(pair.distance < 0, pair.gap, strict=True)
    ]


def scores(dataset, table, pairs, *, resamples, seed):
    """How far the insertions agree with the planted rule.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
    table : pandas.DataFrame
        From `effects`.
    pairs : list of proofread.methods.motif_insertion.insertions.Pair
    resamples, seed : int

    Returns
    -------
    list of proofread.tables.Score
        `insertions_recovered`, of the motifs that should raise the logit, and
        `insertions_false`, of those that should not; n counts them. `spacing_auroc`,
        under rule distance: how well the mean interaction separates gaps in range from
        others, both motifs in order; `order_auroc`, under rule order: positions in
        order from the others. The latter two are the mean over targets and over which
        motif is fixed, n the number of backgrounds, with its bootstrap interval.
    """
    rows = verdict_scores(table["verdict"], "insertions")
    if dataset.simulated:
        rows += _placement_score(dataset, pairs, resamples=resamples, seed=seed)
    return rows


def _placement_score(dataset, pairs, *, resamples, seed):
    by_distance = dataset.settings["rule"] == "distance"
    result, again = [], []
    for pair in pairs:
        answers = expected(dataset, pair)
        if None in answers:
            continue
        positive = np.array(answers, dtype=bool)
        if by_distance:  # the order is another question
            in_order = (pair.distance > 0) == (
                pair.fixed == dataset.settings["motifs"][0]
            )
            judged = np.flatnonzero(in_order)
        else:
            judged = np.arange(len(positive))
        values = pair.interaction()[:, judged]
        known = ~np.isnan(values).all(axis=(0, 2))
        values, label = values[:, known], positive[judged][known].astype(int)
        for column in range(values.shape[2]):
            of_target = values[:, :, column]
            _, mean = known_means(of_target)
            result.append(auroc(label, mean))
            means = resampled_means(of_target, resamples, seed)
            again.append([auroc(label, curve) for curve in means])
    if not result or np.isnan(result).any():
        return []
    resampled = np.mean(again, axis=0)
    low, high = percentile_interval(resampled)
    metric = "spacing_auroc" if by_distance else "order_auroc"
    n = len(pairs[0].none)
    return [Score(metric, float(np.mean(result)), n, low, high)]
