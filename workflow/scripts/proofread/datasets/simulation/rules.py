"""The rules: which plans are positive or hard negatives, and how many of each.

Hard negatives almost fulfil the rule:

presence: all but one of several positive motifs, or another motif instead of one.
order: both motifs, reversed.
distance: both, in order, gap out of range.
logic: planting or removing one motif would make it positive.
pool: at least one motif of the positives' pool.
pairs: all negatives; one motif more would make them positive.
none, gc, effects, pool with targets: there are none.
"""

import math

import numpy as np

from proofread.datasets.simulation.interacting_pairs import draw_pairs
from proofread.datasets.simulation.plans import (
    ABSENT,
    Plan,
    free_starts,
    pairs,
    starts_of,
)
from proofread.datasets.simulation.pools import (
    CORE,
    NEGATIVES,
    WITH_CORE,
    WITHOUT_CORE,
    draw_pool,
)
from proofread.datasets.simulation.settings import truncated_poisson
from proofread.datasets.simulation.subsets import (
    all_subsets,
    independent_probabilities,
    relevant,
)
from proofread.progress import log

POSITIVE, NEGATIVE, HARD_NEGATIVE = "positive", "negative", "hard_negative"
# MAI's distance data: this fraction is placed freely, the rest are pairs in range.
FREE_FRACTION_OF_DISTANCE = 0.55


def draw_plan(rng, design):
    """Plans of all sequences, in blocks by stratum; the caller shuffles them."""
    if design.rule in ("none", "gc"):
        return _label_at_random(rng, design, free_starts(rng, design, design.sequences))
    if design.effects is not None:
        return _draw_effects(rng, design)
    if design.pool is not None:
        return _draw_pools(rng, design)
    if design.pairs is not None:
        return _draw_interacting_pairs(rng, design)
    if design.positives is None:
        return classify(design, _natural_starts(rng, design))
    if design.rule in ("presence", "logic"):
        return classify(design, _chosen_subsets(rng, design))
    wanted = {
        POSITIVE: design.positives,
        NEGATIVE: design.negatives - design.hard,
        HARD_NEGATIVE: design.hard,
    }
    if design.rule == "distance":
        in_order = [
            _pairs_in_range(rng, design, wanted.pop(POSITIVE)),
            _pairs_out_of_range(rng, design, wanted.pop(HARD_NEGATIVE)),
        ]
        plain = _pick_plans(rng, design, wanted)
        return classify(design, np.concatenate([plain, *in_order]))
    return classify(design, _pick_plans(rng, design, wanted))


def classify(design, starts):
    """Labels and stratum of each plan, from its starts alone."""
    present = starts != ABSENT
    if design.rule == "logic":
        return _classify_by_logic(design, starts, present)
    if design.rule == "presence":
        n_positive = present[:, design.positive].sum(axis=1)
        label = n_positive == len(design.positive)
        if len(design.positive) > 1:
            hard = n_positive == len(design.positive) - 1
        else:
            hard = ~label & present.any(axis=1)
    else:
        both = present.all(axis=1)
        in_order = both & (starts[:, 0] < starts[:, 1])
        if design.rule == "order":
            label, hard = in_order, both & ~in_order
        else:
            gap = starts[:, 1] - starts[:, 0] - design.widths[0]
            in_range = (gap >= design.min_gap) & (gap <= design.max_gap)
            label, hard = in_order & in_range, in_order & ~in_range
    return Plan(starts, label[:, None], _strata(label, hard))


def _strata(label, hard):
    return np.where(label, POSITIVE, np.where(hard, HARD_NEGATIVE, NEGATIVE))


def _label_at_random(rng, design, starts):
    n = len(starts)
    if design.positives is None:
        label = rng.random(n) < 0.5
    else:
        label = rng.permutation(n) < design.positives
    return Plan(starts, label[:, None], np.where(label, POSITIVE, NEGATIVE))


def _draw_pools(rng, design):
    """Plans of rule pool: labels by the targets, or by the pool that was drawn from."""
    if design.expressions:
        starts, motif = draw_pool(rng, design, CORE, design.sequences)
        present = np.column_stack(
            [(motif == column).any(axis=1) for column in range(len(design.motifs))]
        )
        label = _labels(design, present)
        return Plan(starts, label, _numbers_of_targets(label), motif)
    blocks = [(CORE, design.positives)]
    if design.hard is None:
        blocks.append((NEGATIVES, design.negatives))
    else:
        blocks.append((WITHOUT_CORE, design.negatives - design.hard))
        blocks.append((WITH_CORE, design.hard))
    drawn = [draw_pool(rng, design, kind, n) for kind, n in blocks]
    starts, motif = (np.concatenate(part) for part in zip(*drawn, strict=True))
    label = np.arange(len(starts)) < design.positives
    core = (motif != ABSENT) & (motif < len(design.motifs))
    return Plan(starts, label[:, None], _strata(label, core.any(axis=1)), motif)


def _draw_effects(rng, design):
    """Plans of rule effects; the labels follow from the bases of the instances."""
    starts, motif = draw_pool(rng, design, CORE, design.sequences)
    n = len(starts)
    return Plan(starts, np.zeros((n, 1), dtype=bool), np.full(n, ""), motif)


def _draw_interacting_pairs(rng, design):
    blocks = [(True, design.positives), (False, design.negatives)]
    drawn = [draw_pairs(rng, design, interacting, n) for interacting, n in blocks]
    starts, motif = (np.concatenate(part) for part in zip(*drawn, strict=True))
    label = np.arange(len(starts)) < design.positives
    return Plan(starts, label[:, None], _strata(label, ~label), motif)


def _numbers_of_targets(label):
    """Strata of several targets that occur together as they are drawn.

    There are too many combinations to divide each among the splits.
    """
    if label.shape[1] == 1:
        return np.where(label[:, 0], POSITIVE, NEGATIVE)
    number = label.sum(axis=1)
    names = [f"{n} targets" for n in range(max(2, number.max() + 1))]
    names[:2] = [NEGATIVE, "1 target"]
    return np.array(names, dtype=object)[number]


def _natural_starts(rng, design):
    if design.rule != "distance":
        return free_starts(rng, design, design.sequences)
    free = math.ceil(FREE_FRACTION_OF_DISTANCE * design.sequences)
    return np.concatenate(
        [
            free_starts(rng, design, free),
            _pairs_in_range(rng, design, design.sequences - free),
        ]
    )


def _pick_plans(rng, design, wanted):
    """Place motifs freely and keep the wanted number of each stratum.

    Every stratum has at least 1 / (motifs + 1) / 2 of the free plans, so this ends
    soon.
    """
    kept = [np.empty((0, len(design.motifs)), dtype=np.int64)]
    missing = dict(wanted)
    while any(missing.values()):
        plan = classify(design, free_starts(rng, design, design.sequences))
        for stratum, count in missing.items():
            rows = np.flatnonzero(plan.stratum == stratum)[:count]
            kept.append(plan.starts[rows])
            missing[stratum] -= len(rows)
    return np.concatenate(kept)


def _pairs_in_range(rng, design, n):
    low, high = design.min_gap, design.max_gap
    weights = truncated_poisson(design.mean_gap, low, high)
    log.info(
        "Poisson(%g) is within %d..%d with probability %.4f",
        design.mean_gap,
        low,
        high,
        weights.sum(),
    )
    return pairs(rng, design, np.arange(low, high + 1), weights, n)


def _pairs_out_of_range(rng, design, n):
    """Pairs in order whose gap is too small or too large, half of each.

    Half, although few gaps are too small: otherwise a network could ignore the lower
    bound. Within each half all placements are equally likely.
    """
    largest = design.length - int(design.widths.sum())
    below = np.arange(design.min_gap)
    above = np.arange(design.max_gap + 1, largest + 1)
    n_below = n if len(above) == 0 else n // 2 if len(below) else 0
    return np.concatenate(
        [
            pairs(rng, design, gaps, largest - gaps + 1, count)
            for gaps, count in ((below, n_below), (above, n - n_below))
            if count
        ]
        or [np.empty((0, 2), dtype=np.int64)]
    )


def _labels(design, present):
    """Labels by the expressions, (n, targets) bool, of motifs present (n, motifs)."""
    columns = dict(zip(design.motifs, present.T, strict=True))
    return np.column_stack(
        [expression.holds(columns) for expression in design.expressions.values()]
    )


def _nearly(design, present):
    """Whether planting or removing one motif changes the first target's label."""
    label = _labels(design, present)[:, 0]
    near = np.zeros(len(present), dtype=bool)
    for column in range(present.shape[1]):
        changed = present.copy()
        changed[:, column] ^= True
        near |= _labels(design, changed)[:, 0] != label
    return near


def _classify_by_logic(design, starts, present):
    label = _labels(design, present)
    if design.targets == ["logic"]:
        hard = ~label[:, 0] & _nearly(design, present)
        return Plan(starts, label, _strata(label[:, 0], hard))
    return Plan(starts, label, _combination_names(design.targets, label))


def _combination_names(targets, label):
    """Names of the targets that are positive, joined by +; `negative` if none is."""
    code = label @ 2 ** np.arange(len(targets))
    names = {
        bits: "+".join(t for bit, t in enumerate(targets) if bits >> bit & 1)
        or NEGATIVE
        for bits in np.unique(code).tolist()
    }
    return np.array([names[bits] for bits in code.tolist()], dtype=object)


def _chosen_subsets(rng, design):
    """Starts of the wanted numbers of each stratum, or of each combination of labels.

    The subsets of motifs of a stratum have the probabilities of free placement:
    1 / (motifs + 1) for each size, equal among those of one size. Each class is then as
    the generator would make it, even if it is rare. Motifs that the rule does not look
    at are independent of it: `proofread.datasets.simulation.subsets`.
    """
    present = np.column_stack(list(all_subsets(list(design.motifs)).values()))
    plan = classify(design, np.where(present, 0, ABSENT))
    probability = independent_probabilities(
        present, plan.label, some=_fraction_with_bystanders(design, plan.label)
    )
    drawn = []
    for name, count in _wanted(design, plan.stratum).items():
        rows = np.flatnonzero(plan.stratum == name)
        within = probability[rows] / probability[rows].sum()
        drawn.append(present[rng.choice(rows, size=count, p=within)])
    return starts_of(rng, design, np.concatenate(drawn))


def _fraction_with_bystanders(design, label):
    """Fraction of all sequences with a motif beside the rule's; None if it is free.

    One positive motif: hard negatives hold another motif and the other negatives hold
    none, so that the positives must hold others as often.
    """
    if design.rule != "presence" or len(design.positive) > 1:
        return None
    if design.hard == 0 and not relevant(label).all():
        log.info("no hard negatives: motifs that are not positive are never planted")
    return design.hard / design.negatives


def _wanted(design, stratum):
    """The number of sequences of each stratum, given the strata of all subsets."""
    if design.rule == "presence" or design.targets == ["logic"]:
        hard = design.hard
        if NEGATIVE not in stratum:
            log.info("every negative is one motif away from a positive: all are hard")
            hard = design.negatives
        return {
            name: count
            for name, count in (
                (POSITIVE, design.positives),
                (NEGATIVE, design.negatives - hard),
                (HARD_NEGATIVE, hard),
            )
            if count
        }
    names = sorted(set(stratum.tolist()))
    n = len(names)
    return {
        name: design.sequences * (number + 1) // n - design.sequences * number // n
        for number, name in enumerate(names)
    }
