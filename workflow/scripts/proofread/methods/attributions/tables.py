"""Tables, scores and arrays of attributions. Positions begin at 0."""

import numpy as np
import pandas as pd

from proofread.datasets.groups import HIGH, LOW, label_column
from proofread.dna.encoding import BASES, decode
from proofread.methods.attributions.answers import of_kind
from proofread.methods.attributions.components import attribution_components
from proofread.methods.attributions.per_base import scored_numbers
from proofread.progress import log
from proofread.truth.position_scores import position_scores

# Rounding of float32 sums, relative to the outputs (of logits, at least to 1): never a
# failure of completeness.
_ROUNDING = 2e-5
HEAT_ROWS = ["abs sum", "sum", *BASES]


def by_answer(answers, table):
    """One table of all answers.

    Parameters
    ----------
    answers : list of proofread.methods.attributions.answers.Answer
    table : callable
        Makes the table of one answer; None where it has none.

    Returns
    -------
    pandas.DataFrame
        `kind` and `target`, then the columns of the tables.
    """
    tables = []
    for answer in answers:
        part = table(answer)
        if part is not None:
            part.insert(0, "kind", answer.kind)
            part.insert(1, "target", answer.target)
            tables.append(part)
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def sequence_table(answer, tolerance):
    """One row per sequence: outputs, and how well the attributions sum to their change.

    Parameters
    ----------
    answer : proofread.methods.attributions.answers.Answer
    tolerance : float
        As for `completeness`.

    Returns
    -------
    pandas.DataFrame
        sequence, label (of quantities measured), scale, output, baseline_output,
        equal_baselines (the fraction that equals the sequence), and the columns of
        `completeness`; of kinds that need not sum to the change, `sum` alone.
    """
    equal = answer.equal_baselines
    table = pd.DataFrame(
        {
            "sequence": answer.dataset.name,
            label_column(answer.dataset): answer.label,
            "scale": answer.scale,
            "output": answer.output,
            "baseline_output": answer.baseline_output,
            "equal_baselines": np.nan if equal is None else equal,
        }
    )
    checked = completeness(
        answer.attribution,
        answer.output,
        answer.baseline_output,
        tolerance,
        size=answer.size,
    )
    if answer.complete:
        log.info(
            "%s, %s: %d of %d sequences above the tolerance of completeness",
            answer.kind,
            answer.target,
            (checked["flag"] == "red").sum(),
            len(checked),
        )
    else:
        checked[["error", "relative_error"]] = np.nan
        checked["flag"] = ""
    return pd.concat([table, checked], axis=1)


def completeness(attribution, output, baseline_output, tolerance, *, size=1.0):
    """How well attributions sum to the change of the output.

    Parameters
    ----------
    attribution : numpy.ndarray, shape (n, 4, length)
    output, baseline_output : numpy.ndarray, shape (n,)
    tolerance : float
        Fraction of ``|output - baseline_output|``.
    size : float
        From `proofread.methods.attributions.answers.size_of`.

    Returns
    -------
    pandas.DataFrame
        `sum`; `error`, sum minus the change; `relative_error`, its size as a fraction
        of the change (NaN where there is no change); `flag`, ``red`` where it is above
        the tolerance by more than rounding, else ``ok``.
    """
    total = attribution.astype(np.float64).sum(axis=(1, 2))
    output = output.astype(np.float64)
    baseline_output = baseline_output.astype(np.float64)
    change = output - baseline_output
    error = total - change
    rounding = _ROUNDING * np.maximum(size, np.abs(output) + np.abs(baseline_output))
    red = np.abs(error) > tolerance * np.abs(change) + rounding
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.where(change != 0, np.abs(error / change), np.nan)
    return pd.DataFrame(
        {
            "sum": total,
            "error": error,
            "relative_error": relative,
            "flag": np.where(red, "red", "ok"),
        }
    )


def scores(answers, *, resamples, seed):
    """How well the numbers of each kind point at the columns of the truth.

    Returns
    -------
    list of proofread.tables.Score
        None where there is no truth.
    """
    return [
        score
        for answer in answers
        if answer.dataset.has_truth
        for score in position_scores(
            scored_numbers(answer.kind, answer.hypothetical, answer.index),
            answer.dataset,
            answer.target,
            resamples=resamples,
            seed=seed,
            kind=answer.kind,
        )
    ]


def arrays(answers):
    """Arrays to keep.

    Returns
    -------
    dict of str to numpy.ndarray
        `target`, and for each kind `index_<kind>`, `row_<kind>` (of the dataset file),
        `name_<kind>`, `hypothetical_<kind>`, `projected_<kind>` (the number per base),
        `attribution_<kind>` (of kinds that sum to the change of the output) and
        `layer_<kind>`, each by target.
    """
    kinds = list(dict.fromkeys(answer.kind for answer in answers))
    targets = [answer.target for answer in of_kind(answers, kinds[0])]
    kept = {"target": np.array(targets, dtype=object)}
    for kind in kinds:
        of_targets = of_kind(answers, kind)
        sample = of_targets[0].sample
        kept[f"index_{kind}"] = of_targets[0].index
        kept[f"row_{kind}"] = np.asarray(sample.rows, dtype=np.int64)
        kept[f"name_{kind}"] = np.array(sample.dataset.name, dtype=object)
        numbers = np.stack([answer.numbers for answer in of_targets])
        kept[f"projected_{kind}"] = numbers.astype(np.float32)
        names = ["hypothetical", *(["attribution"] if of_targets[0].complete else [])]
        if of_targets[0].layer is not None:
            names.append("layer")
        for name in names:
            values = [getattr(answer, name) for answer in of_targets]
            kept[f"{name}_{kind}"] = np.stack(values)
    return kept


def component_table(answer, most):
    """Sequences along the principal components of their attributions.

    Parameters
    ----------
    answer : proofread.methods.attributions.answers.Answer
    most : int
        Components.

    Returns
    -------
    table : pandas.DataFrame
        sequence, positive (0 or 1; empty without a label), component1, component2, ...;
        0 beyond the number of sequences. In place of `positive`, quantities have
        `measured` and `group` (empty where it is missing).
    explained : numpy.ndarray, shape (at most `most`,)
        Fraction of the variance of each component.
    """
    coordinates, explained = attribution_components(answer.numbers, answer.index, most)
    if answer.dataset.quantitative:
        group = np.full(len(answer.label), None, dtype=object)
        for name, members in answer.groups.items():
            group[members] = name
        groups = {label_column(answer.dataset): answer.label, "group": group}
    else:
        positive = pd.array(answer.label >= 0.5, dtype="Int64")
        positive[np.isnan(answer.label)] = pd.NA
        groups = {"positive": positive}
    table = pd.DataFrame({"sequence": answer.dataset.name} | groups)
    for number in range(most):
        there = number < coordinates.shape[1]
        table[f"component{number + 1}"] = coordinates[:, number] if there else 0.0
    log.info(
        "%s, %s: fraction of the variance by component %s",
        answer.kind,
        answer.target,
        " ".join(f"{fraction:.3f}" for fraction in explained),
    )
    return table, explained


def layer_columns(dataset):
    """Columns of the table of layers: the means of two groups, and of all."""
    halves = (HIGH, LOW) if dataset.quantitative else ("positive", "negative")
    means = [f"mean_{name}" for name in (*halves, "absolute")]
    return ["kind", "target", "layer", "unit", *means]


def layer_table(answer, layer):
    """Mean attribution to each unit of a layer, summed over positions.

    Parameters
    ----------
    answer : proofread.methods.attributions.answers.Answer
    layer : str
        Its name.

    Returns
    -------
    pandas.DataFrame or None
        layer, unit, mean_positive, mean_negative (of quantities mean_high, mean_low),
        mean_absolute; None of an answer without attributions to a layer.
    """
    if answer.layer is None:
        return None
    values = answer.layer.astype(np.float64)
    # (n, units, ...) -> (n, units)
    values = values.reshape(*values.shape[:2], -1).sum(axis=2)

    def mean(name):
        rows = answer.groups.get(name)
        return np.nan if rows is None or not rows.any() else values[rows].mean(axis=0)

    first, second = layer_columns(answer.dataset)[4:6]
    return pd.DataFrame(
        {
            "layer": layer,
            "unit": np.arange(values.shape[1]),
            first: mean(first.removeprefix("mean_")),
            second: mean(second.removeprefix("mean_")),
            "mean_absolute": np.abs(values).mean(axis=0),
        }
    )


def heat_rows(attribution):
    """The rows of deepG's heat map: (4, length) -> (6, length).

    Sum of the absolute values over the bases, their sum, then A, C, G, T.
    """
    return np.vstack(
        [np.abs(attribution).sum(axis=0), attribution.sum(axis=0), attribution]
    )


def heat_table(attribution, index):
    """Those rows as a table, with the bases of the sequence.

    Parameters
    ----------
    attribution : numpy.ndarray, shape (4, length)
    index : numpy.ndarray, shape (length,), uint8

    Returns
    -------
    pandas.DataFrame
        position, nucleotide, abs_sum, sum, A, C, G, T.
    """
    columns = [name.replace(" ", "_") for name in HEAT_ROWS]
    table = pd.DataFrame(heat_rows(attribution).T, columns=columns)
    table.insert(0, "position", np.arange(len(index)))
    table.insert(1, "nucleotide", list(decode(index)))
    return table


def example_table(shown):
    """The heat maps of example sequences as one table.

    Parameters
    ----------
    shown : list of tuple of (int, list of Answer)
        Row of the dataset file, and the answers that are drawn.

    Returns
    -------
    pandas.DataFrame
        kind, target, sequence, and the columns of `heat_table`.
    """
    tables = []
    for row, answers in shown:
        for answer in answers:
            number = answer.number_of(row)
            table = heat_table(answer.attribution[number], answer.index[number])
            table.insert(0, "kind", answer.kind)
            table.insert(1, "target", answer.target)
            table.insert(2, "sequence", answer.dataset.name[number])
            tables.append(table)
    return pd.concat(tables, ignore_index=True)
