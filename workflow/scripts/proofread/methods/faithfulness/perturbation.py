"""What a network predicts when the windows that a map names are replaced.

Three questions, all about windows that are replaced by the bases of a background:

- Deletion and insertion: replace the highest windows first (Samek et al. 2017,
  doi:10.1109/TNNLS.2016.2599820), or put them into the background first (Petsiuk et al.
  2018, arXiv:1806.07421).
- Sufficiency: keep the highest windows alone (DeYoung et al. 2020,
  doi:10.18653/v1/2020.acl-main.408).
- Faithfulness correlation: replace random windows, and compare the drop with the sum of
  their numbers (Bhatt et al. 2020, arXiv:2005.00631).

Insertion asks for no prediction of its own. The background with the highest windows put
in is the sequence with the lowest ones replaced.
"""

from dataclasses import dataclass

import numpy as np

from proofread.dna.encoding import UNKNOWN
from proofread.methods.faithfulness.similarity import pearson_rows
from proofread.methods.faithfulness.windows import (
    random_ranks,
    rank_of,
    replaced,
    window_means,
    window_sums,
)
from proofread.models.predictor import without_rounding

ORDERS = ("top", "random", "lowest")
_AT_ONCE = 20_000_000  # bases that are predicted together, for memory alone


@dataclass(frozen=True, eq=False)
class Sequences:
    """Sequences, their backgrounds, and what a network predicts of them.

    Attributes
    ----------
    predict : callable
        Maps indices, uint8 (m, length), to outputs of one target (m,).
    index : numpy.ndarray, shape (n, length), uint8
    background : numpy.ndarray, shape (n, backgrounds, length), uint8
        Unknown where the sequence is. One that equals its sequence is left out.
    intact, empty : numpy.ndarray, shape (n,), float64
        Outputs of the sequences, and means of those of their backgrounds; NaN of a
        sequence that all its backgrounds equal.
    size : float
        As of `without_rounding`.
    """

    predict: object
    index: np.ndarray
    background: np.ndarray
    intact: np.ndarray
    empty: np.ndarray
    size: float = 1

    @property
    def known(self):
        """Positions with a base: (n, length), bool."""
        return self.index != UNKNOWN

    @property
    def usable(self):
        """Backgrounds that differ from their sequence: (n, backgrounds), bool."""
        return (self.background != self.index[:, None]).any(axis=2)

    def outputs(self, rank, count, width):
        """Outputs with the first windows of an order replaced.

        Parameters
        ----------
        rank : numpy.ndarray, shape (n, windows), int
        count : numpy.ndarray, shape (n, steps), int
        width : int

        Returns
        -------
        numpy.ndarray, shape (n, steps), float64
            Means over the usable backgrounds; NaN of a sequence without.
        """
        n, repeats, length = self.background.shape
        steps = count.shape[1]
        result = np.empty((n, repeats, steps))
        at_once = max(1, _AT_ONCE // (repeats * steps * length))
        for first in range(0, n, at_once):
            part = slice(first, first + at_once)
            mixed = replaced(
                self.index[part], self.background[part], rank[part], count[part], width
            )
            predicted = self.predict(mixed.reshape(-1, length))
            result[part] = np.reshape(predicted, mixed.shape[:3])
        result = without_rounding(result, self.intact[:, None, None], self.size)
        return _mean_of_usable(result, self.usable)


def sequences_of(predict, index, background, *, quantitative=False):
    """Sequences and backgrounds with their predictions.

    Parameters
    ----------
    predict, index, background
        As of `Sequences`.
    quantitative : bool
        Whether the unit of the outputs may be any: what counts as large is their
        standard deviation, in place of 1.
    """
    n, repeats, length = background.shape
    intact = np.asarray(predict(index), dtype=np.float64)
    empty = np.reshape(predict(background.reshape(-1, length)), (n, repeats, 1))
    size = float(intact.std()) if quantitative else 1
    empty = without_rounding(empty, intact[:, None, None], size)
    usable = (background != index[:, None]).any(axis=2)
    return Sequences(
        predict, index, background, intact, _mean_of_usable(empty, usable)[:, 0], size
    )


def _mean_of_usable(values, usable):
    """Means over backgrounds: (n, backgrounds, steps) -> (n, steps)."""
    number = usable.sum(axis=1)[:, None]
    total = np.where(usable[:, :, None], values, 0).sum(axis=1)
    return np.where(number > 0, total / np.maximum(number, 1), np.nan)


@dataclass(frozen=True, eq=False)
class Curves:
    """What the replaced windows of each sequence change of the output.

    Attributes
    ----------
    deletion : dict of str to numpy.ndarray, shape (n, steps + 1)
        By order of the replaced windows, one of `ORDERS`: the output with these windows
        replaced minus that of the sequence.
    insertion : dict of str to numpy.ndarray, shape (n, steps + 1)
        By order of the inserted windows: the output of the background with these put in
        minus that of the background.
    fraction : dict of str to numpy.ndarray, shape (n, steps + 1)
        Of `deletion` and `insertion`: the fraction of the windows.
    sufficiency : dict of str to numpy.ndarray, shape (n,)
        By order of the windows that are kept: the output of the sequence minus that
        with all others replaced.
    """

    deletion: dict
    insertion: dict
    fraction: dict
    sufficiency: dict

    def areas(self, order):
        """Areas under the curves of each sequence, in the unit of the output.

        Parameters
        ----------
        order : str
            One of `ORDERS`.

        Returns
        -------
        dict of str to numpy.ndarray, shape (n,)
            `deletion`, the mean drop of the output while windows are replaced;
            `insertion`, the mean rise while they are put in. Both by straight lines
            between the steps.
        """
        return {
            "deletion": -_area(self.fraction["deletion"], self.deletion[order]),
            "insertion": _area(self.fraction["insertion"], self.insertion[order]),
        }

    def without(self, rows):
        """The same curves, NaN for some of the sequences.

        Parameters
        ----------
        rows : numpy.ndarray, shape (n,), bool
        """

        def blank(curves):
            return {
                name: np.where(rows if item.ndim == 1 else rows[:, None], np.nan, item)
                for name, item in curves.items()
            }

        parts = (self.deletion, self.insertion, self.fraction, self.sufficiency)
        return Curves(*map(blank, parts))


def _area(fraction, values):
    return np.trapezoid(values, fraction, axis=1)


class Perturbation:
    """Replaces windows of one width, in the orders of maps and in random ones.

    Parameters
    ----------
    sequences : Sequences
    width : int
        Bases of a window.
    steps : int
        Intervals of the curves.
    keep : float
        Fraction of the windows that are kept for sufficiency, at least one of them.
    orders : int
        Random orders, averaged.
    rng : numpy.random.Generator
        Of the random orders.
    """

    def __init__(self, sequences, width, *, steps, keep, orders, rng):
        self.sequences, self.width = sequences, width
        _, bases = window_sums(sequences.known, sequences.known, width)
        self.scored = bases > 0
        number = self.scored.sum(axis=1)[:, None]
        self.count = np.rint(number * np.arange(steps + 1) / steps).astype(np.int64)
        # A sequence without a known base has no window, and no fraction.
        self.fraction = np.where(number > 0, self.count / np.maximum(number, 1), np.nan)
        kept = np.maximum(1, np.rint(keep * number)).astype(np.int64)
        self.count_with_kept = np.hstack([self.count, number - kept])
        drawn = random_ranks(self.scored, orders, rng)
        self.random = np.mean([self._outputs(rank) for rank in drawn], axis=0)

    def _outputs(self, rank):
        return self.sequences.outputs(rank, self.count_with_kept, self.width)

    def curves(self, values):
        """The curves of a map.

        Parameters
        ----------
        values : numpy.ndarray, shape (n, length)
            A number for each base; high ones are replaced first.

        Returns
        -------
        Curves
        """
        score = window_means(values, self.sequences.known, self.width)
        return self._curves(
            self._outputs(rank_of(score)), self._outputs(rank_of(-score))
        )

    def random_curves(self):
        """The curves of no map: `random` alone is in each dict."""
        curves = self._curves(self.random, self.random)
        return Curves(
            {"random": curves.deletion["random"]},
            {"random": curves.insertion["random"]},
            curves.fraction,
            {"random": curves.sufficiency["random"]},
        )

    def _curves(self, top, lowest):
        intact, empty = self.sequences.intact, self.sequences.empty
        outputs = dict(zip(ORDERS, (top, self.random, lowest), strict=True))
        # The windows that are not replaced are those that were put in.
        others = dict(zip(ORDERS, (lowest, self.random, top), strict=True))
        return Curves(
            {name: item[:, :-1] - intact[:, None] for name, item in outputs.items()},
            {name: item[:, -2::-1] - empty[:, None] for name, item in others.items()},
            {"deletion": self.fraction, "insertion": 1 - self.fraction[:, ::-1]},
            {name: intact - item[:, -1] for name, item in others.items()},
        )


class Subsets:
    """Random subsets of the windows of one width, replaced.

    Parameters
    ----------
    sequences : Sequences
    width : int
        Bases of a window.
    subsets : int
        Of each sequence.
    fraction : float
        Of the windows, in a subset; at least one is.
    rng : numpy.random.Generator

    Attributes
    ----------
    drop : numpy.ndarray, shape (n, subsets)
        Logit of the sequence minus that with the subset replaced.
    """

    def __init__(self, sequences, width, *, subsets, fraction, rng):
        self.sequences, self.width = sequences, width
        _, bases = window_sums(sequences.known, sequences.known, width)
        size = np.maximum(1, np.rint(fraction * (bases > 0).sum(axis=1)))[:, None]
        ranks = random_ranks(bases > 0, subsets, rng)
        self.chosen = (ranks < size) & (bases > 0)  # (subsets, n, windows)
        size = size.astype(np.int64)
        drops = [
            sequences.intact - sequences.outputs(rank, size, width)[:, 0]
            for rank in ranks
        ]
        self.drop = np.stack(drops, axis=1)

    def correlation(self, values):
        """Faithfulness correlation of each sequence (Bhatt et al. 2020).

        Pearson's correlation, over the subsets, of the sum of a map over a subset with
        the drop of the output when that subset is replaced.

        Parameters
        ----------
        values : numpy.ndarray, shape (n, length)

        Returns
        -------
        numpy.ndarray, shape (n,)
            NaN where the sums or the drops are all the same.
        """
        total, _ = window_sums(values, self.sequences.known, self.width)
        return pearson_rows((self.chosen * total).sum(axis=2).T, self.drop)
