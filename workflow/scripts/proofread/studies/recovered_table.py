"""The rules that were told, as Markdown and as a figure."""

import numpy as np

from proofread.configuration.recovered import METHODS, RULES
from proofread.figures.style import TWO_COLUMNS, figure_style, new_figure
from proofread.studies.published_table import number
from proofread.studies.recovered import FEATURES, FIT, TEST
from proofread.studies.recovered_decision import CANNOT_SAY, CONFUSION, LAST

ANSWERS = CONFUSION[2:-1]


def markdown(features, cuts, confused, rates):
    """The study as Markdown: every number is in a table beside it.

    Parameters
    ----------
    features : pandas.DataFrame
        From `proofread.studies.recovered.collect_features`.
    cuts, confused, rates : pandas.DataFrame
        From `proofread.studies.recovered_decision`: `fit_cuts`, `confusion` and
        `accuracy`.

    Returns
    -------
    str
    """
    parts = [
        "# Rule recovered",
        "From the answers of a method alone, which rule made the data? The cuts are "
        "fitted on the simulations with odd seeds; accuracy and confusion matrix are "
        "of those with even seeds.",
    ]
    for method in METHODS:
        rows = {row["half"]: row for row in of_method(rates, method)}
        parts += [
            f"## {method}",
            _sentence(rows[TEST], rows[FIT]),
            _confusion(of_method(confused, method)),
            "### Cuts",
            _cuts(of_method(cuts, method)),
            "### Features",
            "Lowest to highest value over the networks of both halves.",
            _features(features[features["method"] == method]),
        ]
    return "\n\n".join(parts) + "\n"


def of_method(table, method):
    """Rows of one of the two methods, as dictionaries."""
    return table[table["method"] == method].to_dict("records")


def _sentence(row, fit):
    if row["networks"] == 0:
        return "No simulation has an even seed, so nothing is tested."
    return (
        f"The rule is told for {row['right']} of {row['networks']} networks "
        f"({number(row['accuracy'])}; 95 % interval {number(row['ci_low'])} to "
        f"{number(row['ci_high'])}; chance {number(row['chance'])}); on the half that "
        f"fits, for {fit['right']} of {fit['networks']}."
    )


def _confusion(rows):
    header = ["true rule", *(f"told {name}" for name in RULES), CANNOT_SAY]
    lines = [[row["rule"], *(row[name] for name in ANSWERS)] for row in rows]
    return _table(header, lines)


def _cuts(rows):
    lines = [
        [
            row["step"],
            row["feature"],
            number(row["cut"]) or row["note"],
            row["at_or_below"],
            row["above"] if row["above"] == LAST else "next step",
            f"{row['errors']} of {row['networks_below'] + row['networks_above']}",
        ]
        for row in rows
    ]
    header = ["step", "feature", "cut", "at or below", "above", "errors of the fit"]
    return _table(header, lines)


def _features(rows):
    lines = []
    for rule in RULES:
        some = rows.loc[rows["rule"] == rule, FEATURES]
        lines.append([rule, len(some), *(_range(some[name]) for name in FEATURES)])
    return _table(["true rule", "networks", *FEATURES], lines)


def _range(values):
    known = values.dropna()
    if len(known) == 0:
        return ""
    text = f"{number(known.min())} to {number(known.max())}"
    missing = len(values) - len(known)
    return text + (f" ({missing} missing)" if missing else "")


def _table(header, rows):
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


@figure_style()
def draw_confusion(confused, rates):
    """For each method how often each true rule (rows) is told each rule (columns).

    Parameters
    ----------
    confused, rates : pandas.DataFrame
        From `proofread.studies.recovered_decision`: `confusion` and `accuracy`.
    """
    figure, panels = new_figure(TWO_COLUMNS, 78, columns=len(METHODS))
    slanted = {"rotation": 45, "ha": "right", "rotation_mode": "anchor"}
    highest = max(1, confused[ANSWERS].to_numpy().max())
    for axes, method in zip(panels, METHODS, strict=True):
        rows = of_method(confused, method)
        counts = np.array([[row[name] for name in ANSWERS] for row in rows])
        axes.imshow(counts, cmap="Blues", vmin=0, vmax=highest, aspect="equal")
        for y, x in np.argwhere(counts > 0):
            colour = "white" if counts[y, x] > 0.6 * highest else "black"
            text = str(counts[y, x])
            axes.text(x, y, text, ha="center", va="center", color=colour, fontsize=8)
        axes.set_xticks(range(len(ANSWERS)), [*RULES, CANNOT_SAY], **slanted)
        axes.set_yticks(range(len(RULES)), RULES)
        axes.set_xticks(np.arange(len(ANSWERS) + 1) - 0.5, minor=True)
        axes.set_yticks(np.arange(len(RULES) + 1) - 0.5, minor=True)
        axes.grid(which="minor", color="#E4E6E5", linewidth=0.6)
        axes.tick_params(which="both", length=0)
        axes.set_xlabel("told rule")
        (test,) = (row for row in of_method(rates, method) if row["half"] == TEST)
        axes.set_title(
            f"{method}: {test['right']} of {test['networks']} right", loc="left"
        )
    panels[0].set_ylabel("true rule")
    return figure
