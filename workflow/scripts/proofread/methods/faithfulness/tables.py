"""Tables of faithfulness: one row for each kind of map and quantity."""

from collections import Counter
from typing import NamedTuple

import numpy as np
import pandas as pd

from proofread.configuration.negative_controls import KINDS
from proofread.methods.faithfulness.sample import CONSTANT_OUTPUT
from proofread.progress import log
from proofread.statistics.bootstrap import known_means, mean_and_interval
from proofread.statistics.units import LOGIT

SD = "sd"  # unit: standard deviation of the output over the sequences
CHANGE = "change"  # of the output: in `LOGIT` or `OUTPUT`, and in `SD`
CORRELATION, FRACTION, RATIO = "correlation", "fraction", "ratio"


class Quantity(NamedTuple):
    """One number of a map.

    Parameters
    ----------
    unit : str
        `CHANGE`, `CORRELATION`, `FRACTION` or `RATIO`.
    better : str
        ``higher`` or ``lower``.
    """

    unit: str
    better: str


QUANTITIES = {
    "deletion": Quantity(CHANGE, "higher"),
    "deletion_above_random": Quantity(CHANGE, "higher"),
    "insertion": Quantity(CHANGE, "higher"),
    "insertion_above_random": Quantity(CHANGE, "higher"),
    "sufficiency": Quantity(CHANGE, "lower"),
    "sufficiency_below_random": Quantity(CHANGE, "higher"),
    "faithfulness_correlation": Quantity(CORRELATION, "higher"),
    "randomisation_similarity": Quantity(CORRELATION, "lower"),
    "agreement_over_seeds": Quantity(CORRELATION, "higher"),
    "overlap_over_seeds": Quantity(FRACTION, "higher"),
    "agreement_over_backgrounds": Quantity(CORRELATION, "higher"),
    "max_sensitivity": Quantity(RATIO, "lower"),
    "neutral_change": Quantity(CHANGE, "lower"),
    "agreement_between_kinds": Quantity(CORRELATION, "higher"),
}
COLUMNS = [
    *("kind", "target", "quantity", "window", "unit", "better"),
    *("value", "ci_low", "ci_high", "n", "left_out", *KINDS, "note"),
]
CURVE_COLUMNS = [
    *("kind", "target", "curve", "order", "window", "fraction"),
    *("change", "ci_low", "ci_high", "change_sd", "n"),
]
AGREEMENT_COLUMNS = [
    *("first", "second", "target", "compared"),
    *("spearman", "spearman_low", "spearman_high"),
    *("overlap", "overlap_low", "overlap_high", "chance", "n", "note"),
]
RANDOMISATION_COLUMNS = [
    *("kind", "target", "layer", "layers"),
    *("similarity", "ci_low", "ci_high", "n", "note"),
]


def left_out(values, reasons):
    """Why sequences have no value, in words.

    Parameters
    ----------
    values : numpy.ndarray, shape (n,)
        NaN of a sequence that has none.
    reasons : dict of str to numpy.ndarray, shape (n,), bool
        A sequence is left out for the first reason that holds of it.

    Returns
    -------
    str
        Empty where every sequence has a value.
    """
    missing = np.isnan(values)
    counts = Counter()
    for row in np.flatnonzero(missing):
        counts[next((text for text in reasons if reasons[text][row]), "undefined")] += 1
    parts = [f"{number} ({text})" for text, number in counts.items()]
    return f"left out of {len(values)}: {', '.join(parts)}" if parts else ""


class Summary:
    """Means over sequences with their intervals, and the rows of the tables.

    Parameters
    ----------
    target : str
    resamples, seed : int
        Of the bootstrap over sequences.
    sd : float
        Standard deviation of the output over the sequences; NaN where it has none.
    unit : str
        Of the output: `LOGIT`, or `OUTPUT` of a quantity.
    no_sd : str, optional
        Why it has none; None: the output is constant.
    """

    def __init__(self, target, *, resamples, seed, sd, unit=LOGIT, no_sd=None):
        self.target, self.sd, self.unit = target, sd, unit
        self.no_sd = no_sd or CONSTANT_OUTPUT.format(unit)
        self.resamples, self.seed = resamples, seed
        self.rows, self.curves, self.agreement, self.randomisation = [], [], [], []
        self.said = set()

    def interval(self, values):
        """Number, mean and 95 % interval of each column: (n, m) -> four of (m,)."""
        return mean_and_interval(values, self.resamples, self.seed)

    def add(self, kind, quantity, values, *, window=np.nan, reasons=None, note=""):
        """Add a quantity of a kind; a change of the output is added in `SD`, too.

        Parameters
        ----------
        kind : str
        quantity : str
            One of `QUANTITIES`.
        values : numpy.ndarray, shape (n,), or None
            Of each sequence; None where it was not measured.
        window : int, optional
            Bases of a window.
        reasons : dict, optional
            As of `left_out`.
        note : str
            Why it was not measured, or what else a reader must know.
        """
        if values is None:
            values = np.empty(0)
        else:
            missing = left_out(values, reasons or {})
            note = "; ".join(filter(None, [note, missing]))
            # Most quantities of a kind leave out the same sequences: said once.
            if missing and (kind, missing) not in self.said:
                self.said.add((kind, missing))
                log.warning("%s, %s: %s: %s", kind, self.target, quantity, missing)
        n, *numbers = (float(item[0]) for item in self.interval(values[:, None]))
        unit, better = QUANTITIES[quantity]
        units = {unit: 1.0} if unit != CHANGE else {self.unit: 1.0, SD: self.sd}
        for unit, size in units.items():
            said = [note, self.no_sd if np.isnan(size) else ""]
            row = (kind, self.target, quantity, window, unit, better)
            row += tuple(number / size for number in numbers)
            row += (int(n), len(values) - int(n), np.nan, np.nan)
            row += ("; ".join(filter(None, said)),)
            self.rows.append(row)

    def add_curve(self, kind, curve, order, window, values):
        """Add a curve: (n, steps + 1) changes of the output."""
        n, mean, low, high = self.interval(values)
        steps = values.shape[1] - 1
        for step in range(steps + 1):
            row = (kind, self.target, curve, order, window, step / steps)
            row += (mean[step], low[step], high[step], mean[step] / self.sd, n[step])
            self.curves.append(row)

    def add_agreement(
        self, first, second, compared, spearman, overlap, chance, reasons
    ):
        """Add a pair of kinds: (n,) correlations, overlaps, and chance overlaps.

        The reasons, as of `left_out`, are those of sequences without an overlap.
        """
        n, mean, low, high = self.interval(np.stack([spearman, overlap], axis=1))
        row = (first, second, self.target, compared, mean[0], low[0], high[0])
        missing = left_out(overlap, reasons)
        row += (mean[1], low[1], high[1], float(known_means(chance[:, None])[1][0]))
        row += (n[0], f"overlap {missing}" if missing else "")
        self.agreement.append(row)

    def add_randomisation(self, kind, layer, layers, similarity, note):
        """Add the similarity, (n,), with so many layers drawn anew."""
        n, mean, low, high = (item[0] for item in self.interval(similarity[:, None]))
        row = (kind, self.target, layer, layers, mean, low, high, n, note)
        self.randomisation.append(row)


def tables_of(summaries):
    """The four tables of all targets.

    Parameters
    ----------
    summaries : list of Summary

    Returns
    -------
    dict of str to pandas.DataFrame
        `table`, `curves`, `agreement` and `randomisation`.
    """
    columns = {
        "rows": COLUMNS,
        "curves": CURVE_COLUMNS,
        "agreement": AGREEMENT_COLUMNS,
        "randomisation": RANDOMISATION_COLUMNS,
    }
    tables = {
        name: pd.DataFrame(
            [row for summary in summaries for row in getattr(summary, name)],
            columns=names,
        )
        for name, names in columns.items()
    }
    tables["table"] = tables.pop("rows")
    tables["table"]["window"] = tables["table"]["window"].astype("Int64")
    return tables


def with_controls(table, controls):
    """The values that negative controls have, beside those of the network.

    Parameters
    ----------
    table : pandas.DataFrame
        `table` of `tables_of`.
    controls : dict of str to pandas.DataFrame
        That of each control, by `KINDS`.

    Returns
    -------
    pandas.DataFrame
        With their values in the columns `KINDS`; empty where there is none.
    """
    table = table.copy()
    for name, control in controls.items():
        values = dict(zip(_keys(control), control["value"], strict=True))
        table[name] = [values.get(key, np.nan) for key in _keys(table)]
    return table


def _keys(table):
    columns = ["kind", "target", "quantity", "window", "unit"]
    return list(table[columns].fillna({"window": 0}).itertuples(index=False, name=None))
