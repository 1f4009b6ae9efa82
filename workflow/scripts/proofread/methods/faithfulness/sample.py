"""The sequences, their maps, and seeds of what is drawn for them."""

from dataclasses import dataclass

import numpy as np

from proofread.dna.encoding import UNKNOWN
from proofread.methods.faithfulness.similarity import is_constant

# Reasons why a sequence has no number.
SAME_BACKGROUND = "every background equals the sequence"
NO_BASE = "no known base"
CONSTANT_MAP = "the map is constant"
NEW_MAP = "the map of the network drawn anew is constant or not finite"
SAME_DROPS = "all drops are the same"
FEW_BASES = "no more known bases than the top"
# Reasons why there is no standard deviation of the logit, or of another output.
CONSTANT_OUTPUT = "the {} is the same for all sequences"
ONE_SEQUENCE = "one sequence has no standard deviation"
# Questions that draw random numbers, each its own whatever the others draw.
BACKGROUND, ORDER, SUBSET, COPY = range(4)


@dataclass(frozen=True, eq=False)
class Maps:
    """The maps of one network to one target.

    Attributes
    ----------
    kinds : list of proofread.methods.faithfulness.maps.Kind
    index : numpy.ndarray, shape (n, length), uint8
    length : numpy.ndarray, shape (n,), int
        Bases of each sequence, without padding.
    values : dict of str to numpy.ndarray, shape (n, length)
        By the name of the kind.
    of_seeds : list of dict
        As `values`, of the same network with other seeds; may lack kinds.
    remade : numpy.ndarray of int
        Rows of the sequences whose maps are made anew.
    """

    kinds: list
    index: np.ndarray
    length: np.ndarray
    values: dict
    of_seeds: list
    remade: np.ndarray

    @property
    def known(self):
        """Positions with a base: (n, length), bool."""
        return self.index != UNKNOWN


def degenerate(values, known):
    """Sequences whose map has no order of the positions, by the reason.

    Parameters
    ----------
    values : numpy.ndarray, shape (n, length)
    known : numpy.ndarray, shape (n, length), bool

    Returns
    -------
    dict of str to numpy.ndarray, shape (n,), bool
    """
    none = ~known.any(axis=1)
    constant = is_constant(np.where(known, values, np.nan))
    return {NO_BASE: none, CONSTANT_MAP: constant & ~none}


def generator(seed, question, width=0):
    """Random numbers of one question, and of windows of one width."""
    return np.random.default_rng([seed, question, width])
