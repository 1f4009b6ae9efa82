"""A leaderboard as Markdown: every number is in a table beside it."""

import numpy as np

from proofread.studies.interpretable import (
    REACHED,
    advice,
    fixed_method,
    without_threshold,
)
from proofread.studies.leaderboard import NOTHING, ONE_SEED
from proofread.studies.leaderboard_ranks import CANNOT_SAY, DEPENDS, method_order
from proofread.studies.markdown import grid, number
from proofread.truth.comparisons import BETTER, MIN_SEEDS, UNDECIDED, WORSE


def markdown(board, ranks, plain, wins, preferred, points, limits, rules):
    """The leaderboard as Markdown.

    Parameters
    ----------
    board : pandas.DataFrame
        From `proofread.studies.leaderboard.leaderboard`.
    ranks, plain, wins, preferred : pandas.DataFrame
        From `proofread.studies.leaderboard_ranks`: `mean_ranks`, `ranks_without_mean`,
        `count_wins` and `preferences`.
    points, limits, rules : pandas.DataFrame
        From `proofread.studies.interpretable`: `join_prediction`, `thresholds` and
        `by_rule`.

    Returns
    -------
    str
        A number is rounded to three digits after the point; a gap is an empty cell.
    """
    sections = [
        ("Leaderboard", _scores(board, ranks)),
        ("Ranks", _ranks(ranks)),
        ("Wins", _wins(wins, ranks)),
        ("Which of two methods to prefer", _preferences(preferred)),
        ("Ranks without one rule", _without(ranks)),
        ("Ranks without the moving mean", _plain(plain)),
        ("When may one interpret?", _interpretable(points, limits, rules)),
        ("Where nothing is to be found", _nothing(board)),
    ]
    parts = [
        f"{'##' if number else '#'} {title}\n\n{text}\n"
        for number, (title, text) in enumerate(sections)
    ]
    return "\n".join(parts)


def _scores(board, ranks):
    rows = board[board["rule"] != NOTHING]
    if len(rows) == 0:
        return "No method that ran has a headline score."
    parts = [
        "Each number is the headline score of a method, mean over seeds, as a fraction "
        "of the way from its negative control (0) to the ideal (1)."
    ]
    order = method_order(board, ranks)
    for (rule, dataset), group in rows.groupby(["rule", "dataset"], sort=False):
        models = list(dict.fromkeys(group["model"]))
        cells = {
            (row["metric"], row["method"], row["model"]): _fraction(row)
            for row in group.to_dict("records")
        }
        lines = [
            [
                method,
                metric,
                *(cells.get((metric, method, name), "") for name in models),
            ]
            for metric, method in order
        ]
        title = rule if rule == dataset else f"{dataset} (rule {rule})"
        table = grid(["method", "metric", *models], lines)
        parts.append(f"### {title}\n\n{table}")
    return "\n\n".join(parts)


def _fraction(row):
    if row["note"] not in ("", ONE_SEED):
        return f"not defined: {row['note']}"
    return number(row["fraction"])


def _ranks(ranks):
    rows = ranks[ranks["without"] == ""]
    if len(rows) == 0:
        return "No two methods share a metric, so none is ranked."
    parts = []
    for metric, group in rows.groupby("metric", sort=False):
        lines = [
            [
                row["method"],
                number(row["rank"]),
                _interval(row["ci_low"], row["ci_high"]),
            ]
            for row in group.sort_values("rank", kind="stable").to_dict("records")
        ]
        first = group.iloc[0]
        text = (
            f"Mean rank by {metric} of {first['methods']} methods over "
            f"{first['networks']} networks (1 is best), with the 95 % interval over "
            "resampled seeds."
        )
        if first["incomplete"]:
            text += (
                f" {first['incomplete']} networks at which a method has no value are "
                "left out."
            )
        if group["ci_low"].isna().any():
            text += " A dataset and model with a single seed leave no interval."
        table = grid(["method", "mean rank", "95 % interval"], lines)
        parts.append(f"{text}\n\n{table}")
    return "\n\n".join(parts)


def _interval(low, high):
    return "" if np.isnan(low) else f"{number(low)} to {number(high)}"


def _wins(wins, ranks):
    if len(wins) == 0:
        return "No two methods are compared."
    parts = [
        "Each cell counts the datasets and models on which the method of the row is "
        f"{BETTER} / {WORSE} / {UNDECIDED} than that of the column: paired over seeds "
        f"(at least {MIN_SEEDS}), at an adjusted p of at most 0.05."
    ]
    for metric, group in wins.groupby("metric", sort=False):
        ranked = ranks[(ranks["metric"] == metric) & (ranks["without"] == "")]
        rank = dict(zip(ranked["method"], ranked["rank"], strict=True))
        names = sorted(
            dict.fromkeys(group["first"]), key=lambda name: rank.get(name, np.inf)
        )
        cells = {
            (row["first"], row["second"]): " / ".join(
                str(row[verdict]) for verdict in (BETTER, WORSE, UNDECIDED)
            )
            for row in group.to_dict("records")
        }
        lines = [
            [row, *(cells.get((row, name), "") for name in names)] for row in names
        ]
        parts.append(grid([metric, *names], lines))
    return "\n\n".join(parts)


def _preferences(preferred):
    if len(preferred) == 0:
        return "No two methods are compared."
    parts = [
        "By rule: the method that is better on at least one dataset and model and "
        f"worse on none. '{DEPENDS.capitalize()}': each is better on some. "
        f"'{CANNOT_SAY.capitalize()}': undecided on all."
    ]
    for metric, group in preferred.groupby("metric", sort=False):
        rules = list(dict.fromkeys(group["rule"]))
        decided = (group["prefer"] != CANNOT_SAY).groupby(group["rule"]).sum()
        said = ", ".join(f"{decided[rule]} ({rule})" for rule in rules)
        cells = {
            (row["first"], row["second"], row["rule"]): row["prefer"]
            for row in group.to_dict("records")
        }
        pairs = dict.fromkeys(zip(group["first"], group["second"], strict=True))
        lines = [
            [*pair, *(cells.get((*pair, rule), "") for rule in rules)] for pair in pairs
        ]
        table = grid(["first", "second", *rules], lines)
        parts.append(
            f"By {metric}. Pairs of methods that the data decide, of {len(pairs)}: "
            f"{said}.\n\n{table}"
        )
    return "\n\n".join(parts)


def _without(ranks):
    rows = ranks[ranks["without"] != ""]
    if len(rows) == 0:
        return (
            "The methods are ranked on fewer than two rules, so none can be left out."
        )
    parts = []
    for metric, group in rows.groupby("metric", sort=False):
        rules = group.drop_duplicates("without")
        lines = [
            [row["without"], row["networks"], number(row["kendall_tau"])]
            for row in rules.to_dict("records")
        ]
        header = ["rule left out", "networks", "Kendall's tau"]
        table = grid(header, lines)
        parts.append(f"By {metric}: {least_stable(group)}\n\n{table}")
    return "\n\n".join(parts)


def least_stable(ranks):
    """The rule on which the order of methods depends most, in a sentence.

    Parameters
    ----------
    ranks : pandas.DataFrame
        Rows of one metric from `proofread.studies.leaderboard_ranks.mean_ranks`.
    """
    known = ranks[ranks["without"] != ""].dropna(subset=["kendall_tau"])
    if len(known) == 0:
        return "all methods tie, so there is no order that could change."
    lowest = known["kendall_tau"].min()
    if lowest > 1 - 1e-9:
        return "the order stays the same, whichever rule is left out."
    ties = known.loc[np.isclose(known["kendall_tau"], lowest), "without"]
    rules = dict.fromkeys(ties)
    return (
        f"the order changes most without the rule {' or '.join(rules)}: Kendall's tau "
        f"with the order over all rules is {number(lowest)} (1: the same order, 0: "
        "unrelated)."
    )


def _plain(plain):
    if len(plain) == 0:
        return "No two methods have a position score with and without the moving mean."
    lines = [
        [
            row["method"],
            number(row["rank"]),
            _interval(row["ci_low"], row["ci_high"]),
            number(row["headline_rank"]),
        ]
        for row in plain.sort_values("rank", kind="stable").to_dict("records")
    ]
    first = plain.iloc[0]
    text = (
        f"Mean rank by {first['metric']} over {first['networks']} networks, if the "
        "numbers of single positions are scored without a moving mean of 9 bp, and "
        "the mean rank by the headline score."
    )
    if not np.isnan(first["kendall_tau"]):
        text += f" Kendall's tau between both orders: {number(first['kendall_tau'])}."
    header = ["method", "mean rank", "95 % interval", "with the moving mean"]
    return f"{text}\n\n{grid(header, lines)}"


def _interpretable(points, limits, rules):
    method = fixed_method(points)
    if method is None:
        return "No network has both a position score and a test AUROC."
    rows = {row["method"]: row for row in limits.to_dict("records")}
    lines = [
        [
            row["method"],
            row["networks"],
            number(row["threshold"]) or without_threshold(row),
            f"{row['reached']} of {row['above']}",
            number(row["fraction"]),
            _interval(row["ci_low"], row["ci_high"]),
        ]
        for row in rows.values()
    ]
    header = ["method", "networks", "test AUROC from", "reached", "fraction"]
    table = grid([*header, "95 % interval"], lines)
    of_rules = _by_rule(rules[rules["method"] == method], rows[method]["threshold"])
    return f"{advice(rows[method], points)}\n\n{table}\n\n{of_rules}"


def _by_rule(rows, threshold):
    """The networks of each rule, and of all but the hardest one, if one alone is."""
    header = ["rule", "lowest test AUROC", "highest", "all networks"]
    if not np.isnan(threshold):
        cut = number(threshold)
        header += [f"from {cut} on", f"below {cut}"]
    lines = [
        [
            row["rule"],
            *(number(row[name]) for name in ("lowest", "highest")),
            f"{row['reached']} of {row['networks']}",
            f"{row['above_reached']} of {row['above']}",
            f"{row['reached'] - row['above_reached']} of "
            f"{row['networks'] - row['above']}",
        ][: len(header)]
        for row in rows.to_dict("records")
    ]
    text = (
        f"The same by rule: how many networks reach {REACHED} for "
        f"{rows['method'].iloc[0]}."
    )
    fractions = rows["reached"] / rows["networks"]
    hardest = fractions == fractions.min()
    others = rows[~hardest]
    if hardest.sum() == 1 and len(others):
        text += (
            f" Of the {others['networks'].sum()} networks of all rules but "
            f"{rows.loc[hardest, 'rule'].item()} {others['reached'].sum()} do, "
            "whatever their test AUROC."
        )
    return f"{text}\n\n{grid(header, lines)}"


def _nothing(board):
    rows = board[board["rule"] == NOTHING]
    if len(rows) == 0:
        return "No method has a fraction of false findings on data with random labels."
    lines = [
        [
            *(row[name] for name in ("dataset", "model", "method", "metric", "n")),
            number(row["mean"]),
        ]
        for row in rows.to_dict("records")
    ]
    text = (
        "Labels are random (rule none), so every finding is false and no method has a "
        "headline score: fractions of false findings, mean over seeds. A filter or "
        "pattern that matches any motif counts, planted or not."
    )
    table = grid(["dataset", "model", "method", "metric", "n", "mean"], lines)
    return f"{text}\n\n{table}"
