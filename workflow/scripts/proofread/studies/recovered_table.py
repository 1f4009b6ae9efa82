"""The predicted rules, as Markdown and as a figure."""

import numpy as np

from proofread.configuration.recovered import METHODS, RULES
from proofread.figures.style import TWO_COLUMNS, figure_style, new_figure
from proofread.studies.markdown import grid, number
from proofread.studies.recovered import FEATURES, FIT, TEST, TEST_AUROC
from proofread.studies.recovered_decision import (
    ALL_RULES,
    CANNOT_SAY,
    CONFUSION,
    LAST,
    WITHOUT_NONE,
)

ANSWERS = CONFUSION[2:-1]


def markdown(features, cuts, confused, rates):
    """The study as Markdown: every number is in one of its tables.

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
        "Which rule made the data? Each method predicts it from features of its own "
        "answers. The cuts are fitted on the simulations with odd seeds (fitting half) "
        "and tested on those with even seeds (test half); accuracy and confusion "
        "matrix are of the test half.",
    ]
    for method in METHODS:
        rows = {(row["half"], row["rules"]): row for row in of_method(rates, method)}
        parts += [
            f"## {method}",
            _sentences(rows),
            _confusion(of_method(confused, method)),
            "### Cuts",
            _cuts(of_method(cuts, method)),
            "### Features",
            "Lowest to highest value over the networks of both halves. No step asks "
            "for the network's test AUROC.",
            _features(features[features["method"] == method]),
        ]
    return "\n\n".join(parts) + "\n"


def of_method(table, method):
    """Rows of one of the two methods, as dictionaries."""
    return table[table["method"] == method].to_dict("records")


def _sentences(rows):
    row, fit = rows[TEST, ALL_RULES], rows[FIT, ALL_RULES]
    if row["networks"] == 0:
        return "No simulation has an even seed, so nothing is tested."
    text = (
        f"The rule is predicted correctly for {_fraction(row)}; on the fitting half, "
        f"for {fit['right']} of {fit['networks']}."
    )
    row = rows[TEST, WITHOUT_NONE]
    if row["networks"]:
        text += f" Without networks of rule none: {_fraction(row)}."
    return text


def _fraction(row):
    return (
        f"{row['right']} of {row['networks']} networks ({number(row['accuracy'])}; "
        f"95 % interval {number(row['ci_low'])} to {number(row['ci_high'])}; chance "
        f"{number(row['chance'])})"
    )


def _confusion(rows):
    header = ["true rule", *(f"predicted {name}" for name in RULES), CANNOT_SAY]
    lines = [[row["rule"], *(row[name] for name in ANSWERS)] for row in rows]
    return grid(header, lines)


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
    return grid(header, lines)


def _features(rows):
    columns = [*FEATURES, TEST_AUROC]
    lines = []
    for rule in RULES:
        some = rows.loc[rows["rule"] == rule, columns]
        lines.append([rule, len(some), *(_range(some[name]) for name in columns)])
    return grid(["true rule", "networks", *columns], lines)


def _range(values):
    known = values.dropna()
    if len(known) == 0:
        return ""
    text = f"{number(known.min())} to {number(known.max())}"
    missing = len(values) - len(known)
    return text + (f" ({missing} missing)" if missing else "")


@figure_style()
def draw_confusion(confused, rates):
    """For each method how often each rule (columns) is predicted for a true one (rows).

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
        axes.set_xlabel("predicted rule")
        (test,) = (
            row
            for row in of_method(rates, method)
            if (row["half"], row["rules"]) == (TEST, ALL_RULES)
        )
        axes.set_title(
            f"{method}: {test['right']} of {test['networks']} right", loc="left"
        )
    panels[0].set_ylabel("true rule")
    return figure
