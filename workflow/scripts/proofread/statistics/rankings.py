"""How well the scores of each row rank its entries: all rows at once.

The same numbers as `statistics.metrics` gives for one row after the other. An entry
that is not known takes no part.
"""

import numpy as np


class Ranking:
    """The known entries of each row, from the highest score to the lowest.

    Parameters
    ----------
    score : numpy.ndarray, shape (n, m)
    known : numpy.ndarray, shape (n, m), bool
        The entries that are ranked.
    """

    def __init__(self, score, known):
        # NaN is sorted behind every number and ties with nothing.
        falling = np.where(known, -np.asarray(score, dtype=np.float64), np.nan)
        self.undefined = (np.isnan(falling) & known).any(axis=1)
        self.order = np.argsort(falling, axis=1, kind="stable")
        falling = np.take_along_axis(falling, self.order, axis=1)
        # The last entry of those with one score.
        self.last = np.ones(falling.shape, dtype=bool)
        self.last[:, :-1] = falling[:, 1:] != falling[:, :-1]
        self.known = np.take_along_axis(known, self.order, axis=1)

    def auroc(self, positive):
        """Area under the ROC curve of each row; ties count one half.

        Parameters
        ----------
        positive : numpy.ndarray, shape (n, m), bool

        Returns
        -------
        numpy.ndarray, shape (n,)
            NaN where a row lacks one of the classes or a score is NaN.
        """
        positive = self._sorted(positive)
        true, more_true = self._steps(positive)
        false, more_false = self._steps(self.known & ~positive)
        # Trapezoids between one score and the next.
        area = ((true - more_true / 2) * more_false).sum(axis=1)
        return self._defined(area, true[:, -1] * false[:, -1])

    def auprc(self, positive, *, lines=False):
        """Area under the precision-recall curve of each row, ties taken together.

        Parameters
        ----------
        positive : numpy.ndarray, shape (n, m), bool
        lines : bool
            False: average precision, the step-wise area, as scikit-learn's
            ``average_precision_score``. True: straight lines between the points of the
            curve, which begins at the precision 1, as scikit-learn's
            ``precision_recall_curve`` and ``auc``; optimistic (Davis and Goadrich 2006,
            doi:10.1145/1143844.1143874).

        Returns
        -------
        numpy.ndarray, shape (n,)
            NaN where a row has no positive or a score is NaN.
        """
        true, more_true = self._steps(self._sorted(positive))
        number = np.arange(true.shape[1])
        precision = true / (number + 1)
        if lines:
            # The last entry of the score before; -1 before the first.
            ends = np.maximum.accumulate(np.where(self.last, number, -1), axis=1)
            before = np.pad(ends[:, :-1], ((0, 0), (1, 0)), constant_values=-1)
            at_start = np.take_along_axis(precision, np.maximum(before, 0), axis=1)
            precision = (precision + np.where(before < 0, 1, at_start)) / 2
        return self._defined((precision * more_true).sum(axis=1), true[:, -1])

    def fraction_at_top(self, chosen, count):
        """Of the `count` entries with the highest scores, the fraction that is chosen.

        Of entries that tie at the last rank, each is in with the same probability.

        Parameters
        ----------
        chosen : numpy.ndarray, shape (n, m), bool
        count : numpy.ndarray, shape (n,), int
            1 to the number of known entries.

        Returns
        -------
        numpy.ndarray, shape (n,)
            NaN where a score is NaN.
        """
        number = np.arange(1, self.last.shape[1] + 1)
        # The entries that share the score of the last rank.
        end = (self.last & (number >= count[:, None])).argmax(axis=1)
        chosen, more_chosen = self._steps(self._sorted(chosen))
        _, tied = self._steps(np.ones(self.last.shape, dtype=bool))
        rows = np.arange(len(end))
        tied, more_chosen = tied[rows, end], more_chosen[rows, end]
        left_out = (end + 1 - count) * more_chosen / tied
        return self._defined(chosen[rows, end] - left_out, count)

    def _sorted(self, flags):
        return np.take_along_axis(flags, self.order, axis=1) & self.known

    def _steps(self, flags):
        """Flags down to each entry, and how many its score adds; 0 within ties."""
        total = np.cumsum(flags, axis=1, dtype=np.float64)
        at_ends = np.maximum.accumulate(np.where(self.last, total, 0), axis=1)
        before = np.pad(at_ends[:, :-1], ((0, 0), (1, 0)))
        return total, np.where(self.last, total - before, 0)

    def _defined(self, value, of):
        undefined = self.undefined | (of == 0)
        return np.where(undefined, np.nan, value / np.where(of == 0, 1, of))
