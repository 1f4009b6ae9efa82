"""What methods reach on the positive control, as Markdown."""

from proofread.studies.markdown import grid, number
from proofread.truth.at_fault import ENOUGH

_AUROC = ("auroc", "attainable", "fraction")
MARK = "*"  # of a score below `ENOUGH` of the ideal


def markdown(scores, predictions, limits=None):
    """The scores of each method and rule, and the AUROC of each control.

    Parameters
    ----------
    scores, predictions : pandas.DataFrame
        From `proofread.studies.positive_control`.
    limits : dict of (str, str, str) to str, optional
        By dataset, method and metric: why a score is below, in a few words.

    Returns
    -------
    str
    """
    names = list(predictions["dataset"].unique())
    parts = [
        "Score of each method on the positive control and, in brackets, its fraction "
        f"of the ideal. {MARK}: below {100 * ENOUGH:.0f} %. Where no row has the "
        "ideal, it is 1.",
        _scores(scores, names),
    ]
    below = scores[scores["reached"] == 0]
    if len(below):
        parts += [f"**Below {100 * ENOUGH:.0f} %**", _reasons(below, limits or {})]
    header = ["rule", "target", "test AUROC", "attainable", "fraction"]
    lines = [
        [row["dataset"], row["target"], *(number(row[name], 4) for name in _AUROC)]
        for row in _records(predictions)
    ]
    parts += ["**How well the control predicts**", grid(header, lines)]
    return "\n\n".join(parts) + "\n"


def _scores(scores, names):
    """A row for each metric and method, a column for each dataset."""
    lines = []
    for metric, rows in scores.groupby("metric", sort=False):
        cells = {(row["dataset"], row["method"]): row for row in _records(rows)}
        if (rows["ideal"] != 1).any():
            ideal = rows.groupby("dataset")["ideal"].first()
            values = [number(ideal[name]) if name in ideal else "" for name in names]
            lines.append([f"`{metric}`", "the ideal", *values])
        for method in rows["method"].unique():
            values = [_cell(cells.get((name, method))) for name in names]
            lines.append([f"`{metric}`", method, *values])
    return grid(["score", "method", *names], lines)


def _reasons(below, limits):
    """A row for each metric, method and reason, with its datasets and their values."""
    reasons = [limits.get(key(row), "") for row in _records(below)]
    lines = []
    groups = below.assign(reason=reasons).groupby(
        ["metric", "method", "reason"], sort=False
    )
    for (metric, method, reason), rows in groups:
        values = [f"{row['dataset']} {number(row['value'])}" for row in _records(rows)]
        lines.append([f"`{metric}`", method, ", ".join(values), reason])
    return grid(["score", "method", "rules and values", "reason"], lines)


def key(row):
    """What a limit is of: dataset, method and metric."""
    return row["dataset"], row["method"], row["metric"]


def _records(table):
    return table.to_dict("records")


def _cell(row):
    if row is None:
        return ""
    mark = "" if row["reached"] else MARK
    fraction = number(row["fraction"])
    if mark and float(fraction) >= ENOUGH:  # rounded up to the limit
        fraction = number(row["fraction"], 4)
    return f"{number(row['value'])} ({fraction}{mark})"
