"""The settings of rule pool: weighted pools, and the number of motifs per sequence.

Rule effects draws from a pool of one list.
"""

from dataclasses import dataclass

import numpy as np

from proofread.configuration.suggestions import advice
from proofread.errors import InputError

NATURAL = "natural"
# Settings of this rule alone, some of them also of rule effects.
KEYS = ("negative_motifs", "motif_weights", "motifs_per_sequence", "even_gaps")


@dataclass(frozen=True)
class Pool:
    """The pool of the positives, the larger one of the negatives, and the numbers."""

    n_core: int  # motifs of the positives' pool; they come first
    weights: np.ndarray  # (motifs + negative motifs,): of one draw; sum 1
    numbers: np.ndarray  # (numbers,): motifs per sequence
    probabilities: np.ndarray  # (numbers,): of each number; sum 1
    even_gaps: bool  # whether gaps are uniform numbers, scaled to fill the sequence

    @property
    def core_fraction(self):
        """Probability that one draw from the negatives' pool is a core motif."""
        return self.weights[: self.n_core].sum()


def check_natural(settings, where):
    """Refuse the hard negatives of rule pool under another rule."""
    if settings["rule"] != "pool" and settings["hard_fraction"] == NATURAL:
        raise InputError(
            f"{where}.hard_fraction",
            f"natural under rule {settings['rule']}",
            "a number from 0 to 1; natural is for rule pool",
            "write a number",
        )


def pool_of(settings, where):
    """The pool of a dataset; None under another rule.

    Parameters
    ----------
    settings : dict
        Complete. Their motifs and negative motifs are different names.
    where : str
        Their position in the configuration, for messages.

    Raises
    ------
    InputError
    """
    if settings["rule"] not in ("pool", "effects"):
        return None
    if settings["rule"] == "pool":
        _check_classes(settings, where)
    weights = pool_weights(settings, where)
    numbers, probabilities = numbers_of(settings, where)
    classes = settings["rule"] == "pool" and settings["targets"] is None
    if classes and numbers[0] == 0:
        raise InputError(
            f"{where}.motifs_per_sequence.min",
            "0, so that some positives have no motif",
            "at least 1 without targets",
            "raise min",
        )
    return Pool(
        len(settings["motifs"]),
        weights,
        numbers,
        probabilities,
        settings["even_gaps"],
    )


def pool_weights(settings, where):
    """Probability of each motif and negative motif in one draw, sum 1."""
    names = [*settings["motifs"], *settings["negative_motifs"]]
    given = settings["motif_weights"] or {}
    for name in given:
        if name not in names:
            raise InputError(
                f"{where}.motif_weights",
                f"{name!r} is not in the pool",
                f"some of {', '.join(names[:20])}{', ...' if len(names) > 20 else ''}",
                advice(name, names, "correct or remove it"),
            )
    weights = np.array([given.get(name, 1) for name in names], dtype=float)
    return weights / weights.sum()


def numbers_of(settings, where):
    """The numbers of motifs per sequence, and the probability of each."""
    given = settings["motifs_per_sequence"]
    where = f"{where}.motifs_per_sequence"
    if given is None:
        raise InputError(
            where,
            f"no number of motifs under rule {settings['rule']}",
            "{min: 1, max: 5}, which makes 1 to 5 equally likely",
            "add it; weights: [...] makes some numbers likelier",
        )
    low, high, weights = (given[key] for key in ("min", "max", "weights"))
    if low > high or high == 0:
        raise InputError(
            where,
            f"min {low}, max {high}",
            "min <= max, and max at least 1",
            "correct them",
        )
    numbers = np.arange(low, high + 1)
    if weights is None:
        return numbers, np.full(len(numbers), 1 / len(numbers))
    if len(weights) != len(numbers) or sum(weights) == 0:
        raise InputError(
            f"{where}.weights",
            f"{len(weights)} weights, sum {sum(weights):g}",
            f"{len(numbers)} weights, one for each of {low}..{high}, with a sum "
            "above 0",
            "add or remove weights, or change min and max",
        )
    used = np.array(weights) > 0
    return numbers[used], np.array(weights)[used] / sum(weights)


def _check_classes(settings, where):
    """Refuse a pool without two classes, or with two kinds of labels."""
    negative, targets = settings["negative_motifs"], settings["targets"]
    fraction = settings["positive_fraction"]
    if targets is None and not negative:
        raise InputError(
            f"{where}.negative_motifs",
            "no motif, so that both classes have the same motifs",
            "further motifs of the negatives, or targets, whose labels follow from "
            "the motifs that were drawn",
            "add one of the two",
        )
    if targets is None and fraction == NATURAL:
        raise InputError(
            f"{where}.positive_fraction",
            "natural under rule pool without targets",
            "a number above 0 and below 1: the rule itself gives no fraction",
            "write 0.5",
        )
    if targets is not None and negative:
        raise InputError(
            f"{where}.negative_motifs",
            f"{', '.join(negative[:5])} together with targets",
            "one pool, motifs: each label follows from the motifs that were drawn",
            "move them to motifs, or remove targets",
        )
    if targets is not None and fraction != NATURAL:
        raise InputError(
            f"{where}.positive_fraction",
            f"{fraction:g} under rule pool with targets",
            "natural: the labels follow from the motifs that were drawn",
            "write positive_fraction: natural",
        )
