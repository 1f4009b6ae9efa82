"""What methods reach on the positive control, as Markdown."""

from proofread.studies.published_table import number
from proofread.truth.at_fault import ENOUGH

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
    limits = limits or {}
    names = list(predictions["dataset"].unique())
    parts = [
        f"Score of each method on the positive control and, in brackets, its fraction "
        f"of the ideal. {MARK}: below {100 * ENOUGH:.0f} %.",
    ]
    for metric, rows in scores.groupby("metric", sort=False):
        cells = {(row["dataset"], row["method"]): row for row in _records(rows)}
        methods = list(rows["method"].unique())
        lines = [["method", *names]]
        ideal = [
            _ideal([row for row in _records(rows) if row["dataset"] == name])
            for name in names
        ]
        lines.append(["the ideal", *ideal])
        lines += [
            [method, *(_cell(cells.get((name, method))) for name in names)]
            for method in methods
        ]
        parts += [f"**`{metric}`**", _grid(lines)]
    below = scores[scores["reached"] == 0]
    if len(below):
        parts += [
            f"**Below {100 * ENOUGH:.0f} %**",
            _grid(
                [
                    ["rule", "method", "score", "value", "ideal", "fraction", "reason"],
                    *(
                        [
                            *(row["dataset"], row["method"], f"`{row['metric']}`"),
                            *(number(row["value"]), number(row["ideal"])),
                            *(number(row["fraction"]), limits.get(key(row), "")),
                        ]
                        for row in _records(below)
                    ),
                ]
            ),
        ]
    parts += [
        "**How well the control predicts**",
        _grid(
            [
                ["rule", "target", "test AUROC", "attainable", "fraction"],
                *(
                    [
                        *(row["dataset"], row["target"], number(row["auroc"], 4)),
                        *(number(row["attainable"], 4), number(row["fraction"], 4)),
                    ]
                    for row in _records(predictions)
                ),
            ]
        ),
    ]
    return "\n\n".join(parts) + "\n"


def key(row):
    """What a limit is of: dataset, method and metric."""
    return row["dataset"], row["method"], row["metric"]


def _records(table):
    return table.to_dict("records")


def _ideal(rows):
    """The ideal of a rule, which is the same for all methods."""
    values = {number(row["ideal"]) for row in rows}
    return " to ".join(sorted(values))


def _cell(row):
    if row is None:
        return ""
    mark = "" if row["reached"] else MARK
    return f"{number(row['value'])} ({number(row['fraction'])}{mark})"


def _grid(lines):
    header, *rows = lines
    rows = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(map(str, row))} |" for row in rows)
