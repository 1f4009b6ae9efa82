"""Attributions that say nothing, or miss a part of what they explain."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from proofread.dna.encoding import UNKNOWN
from proofread.methods.attributions.tables import completeness
from proofread.models.predictor import without_rounding
from proofread.progress import log

COLUMNS = [
    *("kind", "target", "sequences", "without_bases", "equal_baselines"),
    *("flagged", "relative_error", "functions", "warning"),
]
# Its points are random: its sum is right on average only.
_RANDOM = "gradient_shap"
_DEEP_LIFT = "deeplift_shap"


class Check(NamedTuple):
    """What is wrong with the attributions of one kind.

    Parameters
    ----------
    sequences : int
    without_bases : int
        Sequences without a known base.
    equal_baselines : int or None
        Other sequences that all their baselines equal; None of a kind without.
    flagged : int or None
        Sequences that miss completeness by more than the tolerance.
    relative_error : float
        Sum of the absolute errors of completeness over the sequences, as a fraction of
        that of the absolute changes of the output; NaN without a change.
    functions : tuple of str
        Functions that DeepLIFT has no rule for.
    nothing : str
        Which sequences say nothing, in words; empty if there is none.
    missed : str
        How much the sums miss, and why; empty if that is within the tolerance.
    """

    sequences: int
    without_bases: int
    equal_baselines: int | None
    flagged: int | None
    relative_error: float
    functions: tuple
    nothing: str
    missed: str

    @property
    def warning(self):
        """What a reader must know; empty if nothing is wrong."""
        return "; ".join(filter(None, [self.nothing, self.missed]))


def check(
    kind,
    index,
    attribution,
    output,
    baseline_output,
    *,
    equal,
    tolerance,
    functions=(),
    strict=False,
    size=1.0,
):
    """Check the attributions of one kind to one target.

    Parameters
    ----------
    kind : str
    index : numpy.ndarray, shape (n, length), uint8
    attribution : numpy.ndarray, shape (n, 4, length)
    output, baseline_output : numpy.ndarray, shape (n,)
        See `proofread.methods.attributions.gradients.Attributions`.
    equal : numpy.ndarray, shape (n,), or None
        Fraction of the baselines of each sequence that equal it; None of a kind that
        need not sum to the change of the output.
    tolerance : float
        Fraction of the change that may be missed.
    functions : tuple of str
        Functions that DeepLIFT has no rule for.
    strict : bool
        Warn of a single flagged sequence, too, not only if the tolerance is missed in
        all.
    size : float
        From `proofread.methods.attributions.answers.size_of`.

    Returns
    -------
    Check
    """
    empty = (index == UNKNOWN).all(axis=1)
    said = []
    if empty.any():
        said.append(
            f"{empty.sum()} of {len(index)} sequences have no known base, and"
            " attributions of 0"
        )
    relative = output / size
    if len(output) > 1 and np.ptp(without_rounding(relative, relative[0])) == 0:
        said.append(f"the output is the same for all {len(output)} sequences")
    same, flagged, error, missed = None, None, np.nan, ""
    if equal is not None:
        same = int(((equal == 1) & ~empty).sum())
        if same:
            said.append(
                f"{same} of {len(index)} sequences equal all their baselines, and have"
                " attributions of 0"
            )
        outputs = (output, baseline_output)
        checked = completeness(attribution, *outputs, tolerance, size=size)
        flagged = int((checked["flag"] == "red").sum())
        error = relative_error(attribution, *outputs, size=size)
        if kind != _RANDOM and flagged and (strict or not error <= tolerance):
            of_all = f"{error:.0%} of the change"
            if np.isnan(error):
                of_all = "all of it, as no output changes"
            missed = (
                f"the attributions of {flagged} of {len(index)} sequences do not sum to"
                f" the change of the output within {tolerance:.0%}; in all they miss"
                f" {of_all}{_reason(kind, functions)}"
            )
    numbers = (len(index), int(empty.sum()), same, flagged, error)
    return Check(*numbers, functions, "; ".join(said), missed)


def relative_error(attribution, output, baseline_output, *, size=1.0):
    """Errors of completeness of all sequences, as a fraction of all changes.

    Parameters
    ----------
    attribution : numpy.ndarray, shape (n, 4, length)
    output, baseline_output : numpy.ndarray, shape (n,)
    size : float
        From `proofread.methods.attributions.answers.size_of`.

    Returns
    -------
    float
        ``sum of |sum of attributions - change| / sum of |change|``. An error of
        rounding is 0; NaN if no output changes by more than rounding.
    """
    errors, changes = (
        checked["error"].abs().where(checked["flag"] == "red", 0).sum()
        for checked in (
            completeness(values, output, baseline_output, tolerance=0, size=size)
            # The sum of none misses the whole change.
            for values in (attribution, np.zeros_like(attribution))
        )
    )
    return float(errors / changes) if changes > 0 else np.nan


def _reason(kind, functions):
    """Why sums miss the change, and what to do."""
    if kind != _DEEP_LIFT:
        return ": more steps have a smaller error"
    if not functions:
        return ", for a reason that is not known"
    return (
        f": DeepLIFT has no rule for {', '.join(functions)}, called as a function or in"
        " a module of your own; use modules of torch.nn, or integrated_gradients"
    )


def check_table(answers, tolerance):
    """A row for each kind and target, which are said in the log where they warn.

    Parameters
    ----------
    answers : list of proofread.methods.attributions.answers.Answer
    tolerance : float
        As of `check`.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`: kind, target, and what `Check` has.
    """
    rows = []
    for answer in answers:
        row = check(
            answer.kind,
            answer.index,
            answer.attribution,
            answer.output,
            answer.baseline_output,
            equal=answer.equal_baselines,
            functions=answer.functions,
            tolerance=tolerance,
            size=answer.size,
        )
        if row.warning:
            log.warning("%s, %s: %s", answer.kind, answer.target, row.warning)
        texts = {
            "kind": answer.kind,
            "target": answer.target,
            "functions": ", ".join(row.functions),
            "warning": row.warning,
        }
        rows.append(row._asdict() | texts)
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.astype({"equal_baselines": "Int64", "flagged": "Int64"})
