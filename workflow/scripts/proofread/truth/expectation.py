"""The expected result of a test of motifs, by the rule of the simulation.

A test has one of three expectations:

`found`: the rule gives other labels without the tested motif, order or distance.
`nothing`: the rule does not look at it, and it is independent of the label.
`open`: the rule looks at both motifs together, which a network can follow with logits
that add up (an `and` is a sum and a threshold) and without: neither answer is wrong.
Under rule pairs logits that add up cannot fulfil it: an interacting pair is `found`,
and any other pair of its motifs is `open`, as is any gap of a pair.
Under rule effects the label is a sum: a motif with an effect is `found`, and so is a
pair whose effects do not simply add; a pair that the rule adds up is `nothing`.
Nor is it where the rule does not look at a motif whose presence tells the label
nevertheless (`dependent_motifs`), and the test asks for its presence.
"""

from itertools import combinations, product

from proofread.configuration.effects import (
    ADDITIVE,
    DISTANCE_DECAY,
    EFFECTS,
    SATURATING,
    effective_motifs,
)
from proofread.configuration.logic import parse
from proofread.datasets.simulation.subsets import dependent_motifs

FOUND, NOTHING, OPEN = "found", "nothing", "open"
PRESENCE, ORDER, DISTANCE, INTERACTION = "presence", "order", "distance", "interaction"
# A move of the pair after which its gap is on the same side of the planted range.
SAME_SIDE = "distance, same side"


def expectation(kind, motifs, settings, target):
    """The expected result of a test for one target.

    Parameters
    ----------
    kind : str
        `PRESENCE`, `ORDER`, `DISTANCE`, `SAME_SIDE` or `INTERACTION`.
    motifs : tuple of str
        The motif that is tested, or the two; decoys too.
    settings : dict
        The configuration of the simulated dataset.
    target : str

    Returns
    -------
    str
        `FOUND`, `NOTHING` or `OPEN`.
    """
    rule = settings["rule"]
    if rule == EFFECTS and kind != PRESENCE:
        return _of_effects(kind, motifs, settings)
    pair = plants_pairs(settings) and set(motifs) <= set(settings["motifs"])
    if kind == PRESENCE:
        if set(motifs) <= relevant_motifs(settings, target):
            return FOUND
        return _outside(motifs, settings, target)
    if kind == ORDER:
        return FOUND if pair else NOTHING
    planted = rule == "pairs" and set(motifs) <= set(settings["motifs"])
    if kind == DISTANCE:
        if planted:  # all pairs have a gap in range: a network need not know others
            return OPEN
        return FOUND if pair and rule == "distance" else NOTHING
    if kind == SAME_SIDE:
        return NOTHING
    if planted and set(motifs) in map(set, settings["interacting_pairs"]):
        return FOUND
    if pair or planted or _combined(motifs, settings, target):
        return OPEN
    return _outside(motifs, settings, target)


def relevant_motifs(settings, target):
    """Names of the motifs whose presence can decide the label of a target."""
    rule = settings["rule"]
    if rule == "presence":
        return set(settings["positive_motifs"])
    if rule == EFFECTS:
        return set(effective_motifs(settings))
    if rule in ("order", "distance", "pairs") or _two_pools(settings):
        return set(settings["motifs"])
    if not _has_expressions(settings):
        return set()
    rest, label = _truth_of(settings, target)
    return {name for name in rest if any(_slopes(label, rest, (name,)))}


def planted_range(first, second, settings):
    """The gaps that make a pair positive, or None where no rule looks at them.

    Parameters
    ----------
    first, second : str
        The left and the right motif.
    settings : dict

    Returns
    -------
    tuple of int or None
        Smallest and largest gap in bp, both included.
    """
    if settings["rule"] != "distance" or [first, second] != settings["motifs"]:
        return None
    return settings["min_gap"], settings["max_gap"]


def pair_range(first, second, settings):
    """`planted_range` of a pair, whichever of the two is named first."""
    return planted_range(first, second, settings) or planted_range(
        second, first, settings
    )


def insertion_expectation(name, settings, target):
    """The expected effect of a motif, inserted into a sequence, on a target's logit.

    Parameters
    ----------
    name : str
    settings : dict
        The configuration of the simulated dataset.
    target : str

    Returns
    -------
    str
        `FOUND` where the motif alone makes a sequence positive or, under rule effects,
        changes its value; `NOTHING` where the rule does not look at it and its presence
        does not tell the label, else `OPEN`.
    """
    if name not in relevant_motifs(settings, target):
        return _outside((name,), settings, target)
    if settings["rule"] == "presence":  # of several, all must be there
        return FOUND if settings["positive_motifs"] == [name] else OPEN
    if _two_pools(settings):
        return FOUND
    if settings["rule"] == EFFECTS:
        return FOUND if settings["effects"][name] else OPEN
    if not _has_expressions(settings):
        return OPEN
    names, label = _truth_of(settings, target)
    without, alone = ({item: item == one for item in names} for one in (None, name))
    return FOUND if label(alone) > label(without) else OPEN


def plants_pairs(settings):
    """Whether the rule looks at the positions of a pair of motifs."""
    return settings.get("rule") in ("order", "distance")


def combines_pairs(settings):
    """Whether the rule is about pairs of motifs, or their positions."""
    return plants_pairs(settings) or settings.get("rule") == "pairs"


def named_pairs(settings):
    """Pairs of motifs whose interaction a dataset of rule effects names.

    Parameters
    ----------
    settings : dict
        The configuration of the dataset.

    Returns
    -------
    dict of tuple of str to str
        The form of each: `additive`, `multiplicative`, `distance_decay` or
        `saturating`. A motif twice are two copies of it, of a motif that saturates.
    """
    if settings.get("rule") != EFFECTS:
        return {}
    forms = {}
    for item in settings["interactions"]:
        forms |= dict.fromkeys(combinations(item["motifs"], 2), item["form"])
        if item["form"] == SATURATING:
            forms |= {(name, name): SATURATING for name in item["motifs"]}
    return forms


def named_motifs(settings):
    """Motifs of `named_pairs`, in their order."""
    pairs = named_pairs(settings)
    return list(dict.fromkeys(name for pair in pairs for name in pair))


def placement_expectation(left, right, gap, settings):
    """Whether the rule calls a sequence with this pair of motifs positive.

    Parameters
    ----------
    left, right : str
    gap : int
        bp between them.
    settings : dict

    Returns
    -------
    bool or None
        None where the rule does not look at the positions of this pair.
    """
    rule, pair = settings["rule"], settings["motifs"]
    if not plants_pairs(settings) or {left, right} != set(pair):
        return None
    if [left, right] != pair:
        return False
    return rule == "order" or settings["min_gap"] <= gap <= settings["max_gap"]


def _of_effects(kind, motifs, settings):
    """The expectation of two motifs whose values the rule adds up, or combines."""
    forms = {
        item["form"]
        for item in settings["interactions"]
        if set(motifs) <= set(item["motifs"])
    }
    if len(set(motifs)) == 1:  # copies of a motif do not interact as a pair
        forms &= {SATURATING}
    if kind == INTERACTION:
        return FOUND if forms - {ADDITIVE} else NOTHING
    if kind == DISTANCE and DISTANCE_DECAY in forms:
        return FOUND
    # A motif that is moved may come where its effect is another.
    moved = set(motifs) & set(settings["position"] or ())
    decays = kind == SAME_SIDE and DISTANCE_DECAY in forms
    return OPEN if decays or moved & relevant_motifs(settings, None) else NOTHING


def _outside(motifs, settings, target):
    """The expectation of motifs that the rule does not look at."""
    return OPEN if dependent_motifs(settings, target) & set(motifs) else NOTHING


def _combined(motifs, settings, target):
    """Whether what one motif does to the label depends on the other."""
    if settings["rule"] == "presence" or _two_pools(settings):
        return set(motifs) <= relevant_motifs(settings, target)
    if not _has_expressions(settings):
        return False
    names, label = _truth_of(settings, target)
    return set(motifs) <= set(names) and any(_slopes(label, names, motifs))


def _has_expressions(settings):
    """Whether labels follow from expressions over the planted motifs."""
    rule = settings["rule"]
    return rule == "logic" or (rule == "pool" and bool(settings["targets"]))


def _two_pools(settings):
    """Whether positives and negatives are drawn from a pool each."""
    return settings["rule"] == "pool" and not settings["targets"]


def _truth_of(settings, target):
    """The motifs of a target's expression, and its label by which are present."""
    expression = (settings["targets"] or {}).get(target, settings["logic"])
    parsed = parse(expression, settings["motifs"], target)
    return parsed.names(), parsed.holds


def _slopes(label, names, motifs):
    """Differences of the label by one or two motifs, in all contexts of the others."""
    others = [name for name in names if name not in motifs]
    for context in product((False, True), repeat=len(others)):
        known = dict(zip(others, context, strict=True))
        yield sum(
            (-1) ** (len(motifs) - sum(present))
            * int(label(known | dict(zip(motifs, present, strict=True))))
            for present in product((False, True), repeat=len(motifs))
        )
