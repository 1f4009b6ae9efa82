"""The settings of rule pairs: which motifs interact, and how many pairs are planted."""

from dataclasses import dataclass

import numpy as np

from proofread.configuration.suggestions import advice
from proofread.errors import InputError

# Settings of this rule alone.
KEYS = ("interacting_pairs", "pairs_per_sequence")


@dataclass(frozen=True)
class Pairs:
    """The pairs of motifs that interact, and the numbers of pairs in a sequence."""

    interacting: np.ndarray  # (pairs, 2): columns of the motifs
    numbers: np.ndarray  # (numbers,): of pairs per sequence, equally likely


def pairs_of(settings, where):
    """The interacting pairs of a dataset; None under another rule.

    Parameters
    ----------
    settings : dict
        Complete. Their motifs are different names.
    where : str
        Their position in the configuration, for messages.

    Returns
    -------
    Pairs or None

    Raises
    ------
    InputError
        If a pair has an unknown motif, is there twice, or is of one motif; if a motif
        is in no pair, or interacts with all others.
    """
    if settings["rule"] != "pairs":
        return None
    motifs, named = settings["motifs"], settings["interacting_pairs"]
    _check_pairs(motifs, named, f"{where}.interacting_pairs")
    _check_partners(motifs, named, where)
    if settings["positive_fraction"] == "natural":
        raise InputError(
            f"{where}.positive_fraction",
            "natural under rule pairs",
            "a number above 0 and below 1: the rule itself gives no fraction",
            "write 0.5",
        )
    low, high = settings["min_gap"], settings["max_gap"]
    if low > high:
        raise InputError(
            f"{where}.min_gap",
            f"{low}, above max_gap, {high}",
            "min_gap <= max_gap",
            "swap them",
        )
    number = settings["pairs_per_sequence"] or {"min": 1, "max": 1}
    if number["min"] > number["max"]:
        raise InputError(
            f"{where}.pairs_per_sequence",
            f"min {number['min']}, max {number['max']}",
            "min <= max",
            "swap them",
        )
    columns = [[motifs.index(name) for name in pair] for pair in named]
    return Pairs(np.array(columns), np.arange(number["min"], number["max"] + 1))


def _check_pairs(motifs, named, where):
    if not named:
        raise InputError(
            where,
            "no pair",
            "the pairs of motifs that make a sequence positive: [[A, B], [B, C]]",
            "name at least one pair",
        )
    seen = set()
    for number, pair in enumerate(named, start=1):
        at = f"{where}, item {number}"
        for name in pair:
            if name not in motifs:
                raise InputError(
                    at,
                    f"{name!r} is not among the motifs",
                    f"two of {', '.join(motifs)}",
                    advice(name, motifs, "add it to motifs, or remove the pair"),
                )
        if pair[0] == pair[1]:
            raise InputError(
                at,
                f"{pair[0]} with itself",
                "two different motifs",
                "correct or remove the pair",
            )
        if frozenset(pair) in seen:
            raise InputError(
                at,
                f"{pair[0]} and {pair[1]}, once more",
                "each pair once, in either order",
                "remove it",
            )
        seen.add(frozenset(pair))


def _check_partners(motifs, named, where):
    """Each motif needs a partner in positives, and another one in negatives."""
    for name in motifs:
        partners = {other for pair in named if name in pair for other in pair} - {name}
        if not partners:
            raise InputError(
                f"{where}.motifs",
                f"{name} is in no interacting pair, so that it is never planted",
                "motifs with a partner: each is as frequent in both classes",
                "add a pair with it, or plant it under decoys",
            )
        if len(partners) == len(motifs) - 1:
            raise InputError(
                f"{where}.interacting_pairs",
                f"{name} interacts with all other motifs, so that no negative can "
                "hold it with another motif",
                "at least one motif that it does not interact with",
                "remove one of its pairs, or add motifs",
            )
