"""Every score next to its negative controls and the ideal explainer's."""

from pathlib import Path

import numpy as np
import pandas as pd

from proofread.configuration.names import planted_names
from proofread.configuration.negative_controls import KINDS
from proofread.configuration.positive_control import ORACLE
from proofread.figures.style import figure_style
from proofread.tables import SCORE_COLUMNS, UNBOUNDED_METRICS, is_drawn, read_table
from proofread.truth.at_fault import verdict
from proofread.truth.best_values import (
    BEST_VALUES,
    EMPIRICAL_FDR,
    FALSE_FINDINGS,
    NOTHING_FOUND,
)
from proofread.truth.expectation import relevant_motifs

ORIGIN = ["dataset", "model", "seed", "method"]
# What a score is of: two scores with the same of these are the same quantity.
SUBJECT = ["metric", "motif", "target", "variant"]
# Networks without knowledge of the rule, and random numbers.
NEGATIVE_CONTROLS = [f"negative_control_{kind}" for kind in (*KINDS, "random")]
IDEAL_EXPLAINERS = [
    f"ideal_explainer_{name}" for name in ("log_odds", "scan", "positions")
]
COLUMNS = [
    *ORIGIN,
    *SCORE_COLUMNS,
    "negative_control",
    "ideal_explainer",
    *NEGATIVE_CONTROLS,
    *IDEAL_EXPLAINERS,
    "control_note",
    "ideal_note",
]
OF_POSITIVE_CONTROLS = ["positive_control", "verdict"]


def collect_scores(paths):
    """Join the score tables of methods.

    Parameters
    ----------
    paths : iterable of str or path
        ``.../{dataset}/{model}/seed{seed}/{method}/score.tsv``.

    Returns
    -------
    pandas.DataFrame
        `ORIGIN`, from the folders, and `SCORE_COLUMNS`, in the order of `paths`. A
        dataset without truth has no scores and adds no row.
    """

    def origin(path):
        dataset, model, seed, method = path.parts[-5:-1]
        return dataset, model, seed.removeprefix("seed"), method

    return _joined(paths, ORIGIN, origin)


def collect_ideal_scores(paths):
    """Join the score tables of ideal explainers.

    Parameters
    ----------
    paths : iterable of str or path
        ``.../{dataset}/ideal_explainer/score.tsv``.

    Returns
    -------
    pandas.DataFrame
        dataset, from the folders, `SCORE_COLUMNS` and explainer: `log_odds`, `scan`,
        `positions` or `random`.
    """
    return _joined(paths, ["dataset"], lambda path: path.parts[-3:-2], ["explainer"])


def _joined(paths, columns, origin, more=()):
    tables = []
    for path in map(Path, paths):
        table = read_table(path)
        if len(table):
            folders = dict(zip(columns, origin(path), strict=True))
            tables.append(table.assign(**folders))
    columns = [*columns, *SCORE_COLUMNS, *more]
    if not tables:
        return pd.DataFrame(columns=columns)
    joined = pd.concat(tables, ignore_index=True)[columns]
    # A score of all motifs or of all targets has an empty name, and one that is better
    # neither high nor low has no word for it.
    return joined.fillna(dict.fromkeys([*SUBJECT, "better"], ""))


def unused_motifs(settings):
    """Planted motifs that no rule of a simulated dataset looks at.

    Parameters
    ----------
    settings : dict
        The configuration of the dataset.

    Returns
    -------
    set of str
        Their names in the truth.
    """
    targets = settings["targets"] or [settings["rule"]]
    used = set().union(*(relevant_motifs(settings, target) for target in targets))
    return set(planted_names(settings)) - used


def join_controls(scores, controls, ideal, positive=None, unused=None):
    """Add to each score those of its controls and of ideal explainers.

    Parameters
    ----------
    scores, controls : pandas.DataFrame
        From `collect_scores`; the models of controls are named ``{model}.{kind}``.
    ideal : pandas.DataFrame
        From `collect_ideal_scores`.
    positive : pandas.DataFrame, optional
        From `collect_scores`, of the positive controls.
    unused : dict of str to set of str, optional
        From `unused_motifs`, by dataset. The positive control has no filter for them,
        so that their scores have no verdict.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS` and, if there are positive controls, `OF_POSITIVE_CONTROLS`. The
        negative control is the best of those that have this score: the lowest if
        `better` says so, else the highest. The ideal explainer is the log-odds of the
        planted matrices. `control_note` counts the false findings of the controls, if
        the score is a fraction of them; both notes say why a number is missing.
        `verdict` is that of `truth.at_fault.verdict`, against the ideal explainer or,
        where it has no such score, the best possible value; it is empty where a low
        value is better.
    """
    origin = ["dataset", "model", "method"]
    of_control = _values(controls, [*origin, *SUBJECT])
    numbers = _values(controls, [*origin, *SUBJECT], "n")
    ran = set(controls[origin].itertuples(index=False, name=None))
    columns, of_positive = COLUMNS, {}
    if positive is not None and len(positive):
        columns = [*COLUMNS, *OF_POSITIVE_CONTROLS]
        of_positive = _values(positive, [*origin, *SUBJECT])
    of_explainer = _values(
        ideal, ["dataset", "explainer", "metric", "target", "variant"]
    )
    rows = scores.to_dict("records")
    for row in rows:
        subject = [row[name] for name in SUBJECT]
        of_kind = {
            kind: (row["dataset"], f"{row['model']}.{kind}", row["method"])
            for kind in KINDS
        }
        for kind, network in of_kind.items():
            value = of_control.get((*network, *subject), np.nan)
            row[f"negative_control_{kind}"] = value
        for column in ("negative_control_random", *IDEAL_EXPLAINERS):
            explainer = column.removeprefix("negative_control_")
            explainer = explainer.removeprefix("ideal_explainer_")
            row[column] = _of_explainer(of_explainer, row, explainer)
        best = min if row["better"] == "lower" else max
        values = [row[column] for column in NEGATIVE_CONTROLS]
        row["negative_control"] = best(
            (value for value in values if not np.isnan(value)), default=np.nan
        )
        row["ideal_explainer"] = row["ideal_explainer_log_odds"]
        counts = {
            kind: numbers.get((*network, *subject)) for kind, network in of_kind.items()
        }
        some_ran = any(network in ran for network in of_kind.values())
        row["control_note"] = _control_note(row, counts, some_ran)
        row["ideal_note"] = _ideal_note(row)
        oracle = (row["dataset"], ORACLE, row["method"])
        row["positive_control"] = of_positive.get((*oracle, *subject), np.nan)
        best_value = BEST_VALUES.get(row["metric"], np.nan)
        target = row["ideal_explainer"]
        irrelevant = row["motif"] in (unused or {}).get(row["dataset"], ())
        # False findings: a network that finds nothing has none.
        if irrelevant or row["better"] == "lower":
            target = best_value = np.nan
        row["verdict"] = verdict(
            row["value"],
            row["positive_control"],
            best_value if np.isnan(target) else target,
        )
    return pd.DataFrame(rows, columns=columns)


def _control_note(row, counts, some_ran):
    """What the number of a negative control does not say."""
    if row["metric"] == EMPIRICAL_FDR:
        return "null queries are its control"
    if row["metric"] in FALSE_FINDINGS:
        parts = [
            f"{kind} {round(row[f'negative_control_{kind}'] * n)} of {n:.0f}"
            for kind, n in counts.items()
            if n is not None and not np.isnan(row[f"negative_control_{kind}"])
        ]
        if parts:
            return f"false findings: {', '.join(parts)}"
    if not np.isnan(row["negative_control"]):
        return ""
    if some_ran:
        return NOTHING_FOUND
    return "no control network"


def _ideal_note(row):
    if not np.isnan(row["ideal_explainer"]):
        return ""
    if row["metric"].startswith("position_"):
        return "not computed for the ideal explainer"
    note = "the ideal explainer scores bases only"
    best = BEST_VALUES.get(row["metric"])
    return note if best is None else f"{note}; the best possible value is {best}"


def _values(table, key, column="value"):
    return table.set_index(key)[column].to_dict()


def _of_explainer(values, row, explainer):
    """The score of an explainer, whose variant has no kind of attribution in front."""
    key = (row["dataset"], explainer, row["metric"], row["target"])
    for variant in (row["variant"], row["variant"].partition(" ")[2]):
        if (*key, variant) in values:
            return values[*key, variant]
    return np.nan


@figure_style()
def draw_scorecard(scorecard):
    """Seeds as dots with their intervals: a panel per dataset, a row per score.

    A grey line is the negative control, a dotted one the ideal explainer.
    """
    from proofread.figures.style import ACCENT, CONTEXT, TWO_COLUMNS, new_figure

    names = zip(scorecard["metric"], scorecard["variant"].fillna(""), strict=True)
    drawn = np.array([is_drawn(*name) for name in names], dtype=bool)
    # Counts and other quantities have no place on an axis of 0 to 1.
    bounded = scorecard[~scorecard["metric"].isin(UNBOUNDED_METRICS) & drawn]
    groups = bounded.groupby(["dataset", "method", *SUBJECT], sort=False)
    shown = groups.filter(lambda rows: rows["value"].dropna().between(0, 1).all())
    several_models = shown["model"].nunique() > 1
    panels = {
        dataset: list(rows.groupby(["method", *SUBJECT, "model"], sort=False))
        for dataset, rows in shown.groupby("dataset", sort=False)
    }
    heights = [len(scores) for scores in panels.values()] or [1]
    figure, axes = new_figure(
        TWO_COLUMNS,
        14 + sum(7 * height + 8 for height in heights),
        rows=len(heights),
        squeeze=False,
        sharex=True,
        gridspec_kw={"height_ratios": heights},
    )
    for axis, (dataset, scores) in zip(axes[:, 0], panels.items(), strict=False):
        for middle, (_, seeds) in enumerate(scores):
            step = 0.6 / len(seeds)
            for index, row in enumerate(seeds.itertuples()):
                y = middle + (index - (len(seeds) - 1) / 2) * step
                axis.plot([row.ci_low, row.ci_high], [y, y], color=ACCENT)
                axis.plot(row.value, y, "o", color=ACCENT, fillstyle="none", ms=4)
            # Controls and explainers are the same for all seeds.
            ends = [middle - 0.4, middle + 0.4]
            first = seeds.iloc[0]
            control = first["negative_control"]
            if first["better"] == "lower" and control == 0:
                control = np.nan  # what finds nothing is no bound
            axis.plot([control] * 2, ends, color=CONTEXT, linewidth=1.6)
            axis.plot([first["ideal_explainer"]] * 2, ends, ":", color="black")
        axis.set_yticks(
            range(len(scores)), [_label(*names, several_models) for names, _ in scores]
        )
        axis.set_ylim(len(scores) - 0.5, -0.5)
        axis.set_title(dataset, loc="left")
        axis.grid(axis="x", linewidth=0.4, alpha=0.5)
    axes[-1, 0].set_xlim(-0.02, 1.02)
    axes[-1, 0].set_xlabel("score, from 0 to 1")
    if not panels:
        axes[0, 0].set_yticks([])
        axes[0, 0].set_title("the datasets have no known truth, so nothing is scored")
    return figure


def _label(method, metric, motif, target, variant, model, several_models):
    parts = [f"{method}: {metric}", motif, target, variant]
    return ", ".join(filter(None, [*parts, model if several_models else ""]))
