"""Motif tests: which motifs, orders and distances the predictions depend on."""

import math

import numpy as np
import pandas as pd

from proofread.dataset import read_split
from proofread.examined import examined
from proofread.figures import (
    ACCENT,
    CATEGORIES,
    CONTEXT,
    TWO_COLUMNS,
    WIDE,
    new_figure,
    save_figure,
)
from proofread.gap_response import Response, gap_response, learned_range, overlap
from proofread.job import log, progress, start
from proofread.metrics import bootstrap
from proofread.model import load_predictor
from proofread.motif_choice import all_planted, chosen_motifs
from proofread.motif_effects import (
    MotifTest,
    Subject,
    all_tests,
    measure,
    qualifying,
)
from proofread.motif_expectation import (
    DISTANCE,
    FOUND,
    INTERACTION,
    NOTHING,
    OPEN,
    ORDER,
    PRESENCE,
    SAME_SIDE,
    expectation,
    pair_range,
    planted_range,
)
from proofread.motif_instances import base_frequencies, planted, scanned
from proofread.multiple_testing import benjamini_hochberg, holm
from proofread.paired_statistics import (
    least_wilcoxon,
    rank_biserial,
    sign_flip,
    wilcoxon,
)
from proofread.tables import write_score, write_table

CORRECTIONS = {"benjamini_hochberg": benjamini_hochberg, "holm": holm}
# Below this no two-sided Wilcoxon test reaches 0.05.
FEW = 6
RECOVERED, MISSED = "recovered", "missed"
FALSE_POSITIVE, TRUE_NEGATIVE = "false_positive", "true_negative"
UNTESTED = "untested"
_MARKS = {
    RECOVERED: ("✓ recovered", ACCENT),
    TRUE_NEGATIVE: ("✓ nothing, as planted", "#5C6468"),
    MISSED: ("✗ missed", CATEGORIES[5]),
    FALSE_POSITIVE: ("✗ false positive", CATEGORIES[5]),
    UNTESTED: ("too few sequences", CONTEXT),
}
_OPEN = ("either fits the rule", "black")
_CURVES = 4  # panels of the figure of distances
_JUDGED_BY = ("resamples", "flips", "seed", "correction", "threshold", "least_share")

EFFECT_COLUMNS = [
    "test",
    "kind",
    "first",
    "second",
    "target",
    "expected",
    "verdict",
    "note",
    "n",
    "effect",
    "ci_low",
    "ci_high",
    "p_wilcoxon",
    "q",
    "p_sign_flip",
    "q_sign_flip",
    "rank_biserial",
    "total",
    "increase",
    "increase_ci_low",
    "increase_ci_high",
    "control",
    "control_ci_low",
    "control_ci_high",
    "margin",
    "margin_ci_low",
    "margin_ci_high",
    "p_margin",
    "effect_size_mai",
    "count_mai",
    "avg_loss_mai",
    "p_value_mai",
]
GROUP_COLUMNS = [
    *("test", "target", "group", "n", "effect", "ci_low", "ci_high"),
    *("p_wilcoxon", "rank_biserial", "total", "increase", "control"),
]
SEQUENCE_COLUMNS = [
    *("test", "target", "name", "label", "logit", "loss"),
    *("increase", "control", "difference"),
    *("margin", "margin_control", "d_mai"),
]
CURVE_COLUMNS = [
    *("target", "left", "right", "gap", "n"),
    *("probability", "ci_low", "ci_high", "logit"),
]
RANGE_COLUMNS = [
    *("target", "left", "right", "n", "lowest", "highest"),
    *("learned_min", "learned_max"),
    *("min_ci_low", "min_ci_high", "max_ci_low", "max_ci_high"),
    *("planted_min", "planted_max", "overlap", "overlap_ci_low", "overlap_ci_high"),
]


def differences(measured, column):
    """Loss increase less that of the control, for one target; NaN without control.

    Parameters
    ----------
    measured : proofread.motif_effects.Measured
    column : int

    Returns
    -------
    numpy.ndarray, shape (m,)
    """
    return measured.test.loss[:, column] - measured.control.loss[:, column]


def summary(measured, column, *, resamples, flips, seed):
    """The numbers of one test and target.

    The unit is the sequence: its draws are averaged before. `effect` and what follows
    from it are of the sequences that have a control; what ends in `_mai` is without
    control, of all, with MAI's sign.

    Parameters
    ----------
    measured : proofread.motif_effects.Measured
    column : int
        Of the target.
    resamples, flips, seed : int

    Returns
    -------
    dict
        Of `EFFECT_COLUMNS`; NaN where there is nothing to compute from.
    """
    difference = differences(measured, column)
    paired = ~np.isnan(difference)
    difference = difference[paired]
    margin = measured.test.margin[:, column] - measured.control.margin[:, column]
    margin = margin[paired]
    mai = -measured.mai.loss[:, column]

    def interval(values):
        if len(values) == 0:
            return math.nan, math.nan, math.nan
        ends = bootstrap(np.mean, (values,), resamples=resamples, seed=seed)
        return (float(values.mean()), *ends)

    def named(name, low, high, values):
        return dict(zip((name, low, high), interval(values), strict=True))

    n = len(difference)
    return {
        "n": n,
        "note": _note(n),
        **named("effect", "ci_low", "ci_high", difference),
        "p_wilcoxon": wilcoxon(difference),
        "p_sign_flip": sign_flip(difference, draws=flips, seed=seed),
        "rank_biserial": rank_biserial(difference),
        "total": float(difference.sum()) if n else math.nan,
        **named(
            *("increase", "increase_ci_low", "increase_ci_high"),
            measured.test.loss[paired, column],
        ),
        **named(
            *("control", "control_ci_low", "control_ci_high"),
            measured.control.loss[paired, column],
        ),
        **named("margin", "margin_ci_low", "margin_ci_high", margin),
        "p_margin": wilcoxon(margin),
        "effect_size_mai": float(mai.sum()) if len(mai) else math.nan,
        "count_mai": len(mai),
        "avg_loss_mai": float(mai.mean()) if len(mai) else math.nan,
        # MAI's SciPy left zeros out.
        "p_value_mai": wilcoxon(mai, zeros="wilcox"),
    }


def _note(n):
    if n == 0:
        return "no sequence holds the motifs and has room for a control"
    if n < FEW:
        return f"{n} sequences: no p below {least_wilcoxon(n):g} is possible"
    return ""


def verdicts(table, *, threshold, least_share):
    """Compare each test with what the planted rule lets expect.

    A test found something where its q is below the threshold and its effect, the mean
    loss increase over the control, is above 0 and at least a share of the largest
    effect of presence, order and distance of this target. An interaction may have
    either sign, so there the effect counts without it.

    Parameters
    ----------
    table : pandas.DataFrame
        All tests, with `kind`, `target`, `expected`, `effect`, `q` and `n`.
    threshold : float
    least_share : float

    Returns
    -------
    list of str
        `recovered`, `missed`, `false_positive`, `true_negative`; `untested` where even
        the smallest p of so few sequences is not below the threshold; empty where
        nothing is expected.
    """
    one_sided = table[table["kind"].isin([PRESENCE, ORDER, DISTANCE])]
    largest = one_sided.groupby("target")["effect"].max().to_dict()
    result = []
    for row in table.itertuples():
        if row.expected not in (FOUND, NOTHING):
            result.append("")
        elif row.n == 0 or least_wilcoxon(row.n) >= threshold:
            result.append(UNTESTED)
        else:
            size = abs(row.effect) if row.kind == INTERACTION else row.effect
            bar = least_share * max(0.0, largest.get(row.target, 0.0))
            found = size > 0 and size >= bar and row.q < threshold
            names = (
                (RECOVERED, MISSED)
                if row.expected == FOUND
                else (
                    FALSE_POSITIVE,
                    TRUE_NEGATIVE,
                )
            )
            result.append(names[0] if found else names[1])
    return result


def effects(dataset, tests, measured, settings):
    """One row per target and test: effects, p, q, expectation and verdict.

    Parameters
    ----------
    dataset : proofread.dataset.Dataset
    tests : list of proofread.motif_effects.MotifTest
    measured : list of proofread.motif_effects.Measured
    settings : dict
        `resamples`, `flips`, `seed`, `correction`, `threshold`, `least_share`.

    Returns
    -------
    pandas.DataFrame
        `EFFECT_COLUMNS`. q is over all rows.
    """
    rows = []
    for column, target in enumerate(dataset.target):
        for test, each in zip(tests, measured, strict=True):
            rows.append(
                {
                    "test": test.name,
                    "kind": test.kind,
                    "first": test.motifs[0],
                    "second": test.motifs[-1] if len(test.motifs) > 1 else "",
                    "target": target,
                    "expected": expectation(
                        test.kind, test.motifs, dataset.settings, target
                    )
                    if dataset.simulated
                    else "",
                    **summary(
                        each,
                        column,
                        resamples=settings["resamples"],
                        flips=settings["flips"],
                        seed=settings["seed"],
                    ),
                }
            )
    table = pd.DataFrame(rows, columns=EFFECT_COLUMNS)
    adjust = CORRECTIONS[settings["correction"]]
    table["q"] = adjust(table["p_wilcoxon"].astype(float))
    table["q_sign_flip"] = adjust(table["p_sign_flip"].astype(float))
    table["verdict"] = verdicts(
        table, threshold=settings["threshold"], least_share=settings["least_share"]
    )
    return table


def by_group(dataset, logits, tests, measured, *, resamples, seed):
    """Effects by the true class and by whether the prediction was right.

    Parameters
    ----------
    dataset : proofread.dataset.Dataset
    logits : numpy.ndarray, shape (n, targets)
        Of the unperturbed sequences.
    tests, measured : list
    resamples, seed : int

    Returns
    -------
    pandas.DataFrame
        `GROUP_COLUMNS`; groups without a sequence are there with n = 0.
    """
    rows = []
    for column, target in enumerate(dataset.target):
        positive = dataset.label[:, column] >= 0.5
        correct = (logits[:, column] > 0) == positive
        groups = {
            "positive": positive,
            "negative": ~positive,
            "correct": correct,
            "incorrect": ~correct,
        }
        for test, each in zip(tests, measured, strict=True):
            difference = differences(each, column)
            for group, members in groups.items():
                kept = members[each.rows] & ~np.isnan(difference)
                values = difference[kept]
                n = len(values)
                interval = (math.nan, math.nan)
                if n:
                    interval = bootstrap(
                        np.mean, (values,), resamples=resamples, seed=seed
                    )
                rows.append(
                    (
                        *(test.name, target, group, n, _mean(values), *interval),
                        *(wilcoxon(values), rank_biserial(values)),
                        float(values.sum()) if n else math.nan,
                        _mean(each.test.loss[kept, column]),
                        _mean(each.control.loss[kept, column]),
                    )
                )
    return pd.DataFrame(rows, columns=GROUP_COLUMNS)


def _mean(values):
    return float(values.mean()) if len(values) else math.nan


def by_sequence(dataset, logits, tests, measured):
    """Every sequence of every test: what the tests are computed from.

    Returns
    -------
    pandas.DataFrame
        `SEQUENCE_COLUMNS`, in nats and logits; `difference` is increase less control.
    """
    parts = []
    names = np.array(dataset.name, dtype=object)
    for column, target in enumerate(dataset.target):
        for test, each in zip(tests, measured, strict=True):
            label = (dataset.label[each.rows, column] >= 0.5).astype(int)
            logit = logits[each.rows, column]
            parts.append(
                pd.DataFrame(
                    {
                        "test": test.name,
                        "target": target,
                        "name": names[each.rows],
                        "label": label,
                        "logit": logit,
                        "loss": np.logaddexp(0.0, np.where(label, -logit, logit)),
                        "increase": each.test.loss[:, column],
                        "control": each.control.loss[:, column],
                        "difference": differences(each, column),
                        "margin": each.test.margin[:, column],
                        "margin_control": each.control.margin[:, column],
                        "d_mai": -each.mai.loss[:, column],
                    }
                )
            )
    table = pd.concat(parts) if parts else pd.DataFrame()
    return table.reindex(columns=SEQUENCE_COLUMNS)


# -- distances ----------------------------------------------------------------------


def responses(subject, pairs, *, largest, sequences):
    """The predictions at every gap, each pair in both orders.

    Parameters
    ----------
    subject : proofread.motif_effects.Subject
    pairs : list of tuple of str
        The first motif stays where it is.
    largest : int
        Largest gap, bp, or the largest that at least half of a pair's sequences have
        room for; the others are left out.
    sequences : int
        Most sequences of a pair.

    Returns
    -------
    list of proofread.gap_response.Response
        None of a pair that no sequence holds.
    """
    found = []
    dataset = subject.dataset
    for first, second in progress(pairs, "gaps"):
        rows = qualifying(subject, MotifTest(DISTANCE, (first, second)))
        if len(rows) == 0:
            continue
        fixed, other = (
            subject.instances.single(each, rows) for each in (first, second)
        )
        widths = (fixed[:, 1] - fixed[:, 0]) + (other[:, 1] - other[:, 0])
        room = dataset.length[rows] - widths
        # One long sequence must not leave all the others out.
        gap = min(largest, int(np.sort(room)[len(room) // 2]))
        rows = rows[room >= gap]
        rows = rows[examined(dataset.subset(rows), sequences, subject.seed)]
        fixed, other = (
            subject.instances.single(each, rows) for each in (first, second)
        )
        for on_right in (True, False):
            logits = gap_response(
                subject.predict,
                dataset.index[rows],
                dataset.length[rows],
                fixed,
                other,
                gap,
                on_right=on_right,
            )
            order = (first, second) if on_right else (second, first)
            found.append(Response(*order, logits))
    return found


def gap_tables(dataset, found, *, resamples, seed):
    """Curves of the mean probability, and the ranges that can be read from them.

    Intervals are over resampled sequences, which all gaps of a pair share.

    Returns
    -------
    curves, ranges : pandas.DataFrame
        `CURVE_COLUMNS` and `RANGE_COLUMNS`. A range is empty where the curve hardly
        rises; `overlap` is the share of gaps in both ranges of those in either.
    """
    curves, ranges = [], []
    for column, target in enumerate(dataset.target):
        for each in found:
            logit = each.logits[:, :, column]
            probability = 1 / (1 + np.exp(-np.clip(logit, -700, 700)))
            n, gaps = probability.shape
            rng = np.random.default_rng(seed)
            weights = rng.multinomial(n, np.full(n, 1 / n), size=resamples) / n
            resampled = weights @ probability  # (resamples, gaps)
            low, high = np.percentile(resampled, [2.5, 97.5], axis=0)
            mean = probability.mean(axis=0)
            curves.append(
                pd.DataFrame(
                    {
                        "target": target,
                        "left": each.left,
                        "right": each.right,
                        "gap": np.arange(gaps),
                        "n": n,
                        "probability": mean,
                        "ci_low": low,
                        "ci_high": high,
                        "logit": logit.mean(axis=0),
                    }
                )
            )
            ranges.append(_range(dataset, target, each, mean, resampled, n))
    curves = pd.concat(curves) if curves else pd.DataFrame(columns=CURVE_COLUMNS)
    ranges = pd.DataFrame(ranges, columns=RANGE_COLUMNS)
    whole = ["learned_min", "learned_max", "planted_min", "planted_max"]
    return curves, ranges.astype(dict.fromkeys(whole, "Int64"))


def _range(dataset, target, response, mean, resampled, n):
    left, right = response.left, response.right
    row = {"target": target, "left": left, "right": right, "n": n}
    row |= {"lowest": mean.min(), "highest": mean.max()}
    learned = learned_range(mean)
    again = [learned_range(curve) for curve in resampled]
    if learned is not None:
        row |= dict(zip(("learned_min", "learned_max"), learned, strict=True))
        ends = np.array([each for each in again if each is not None])
        if len(ends):
            limits = np.percentile(ends, [2.5, 97.5], axis=0)
            row["min_ci_low"], row["max_ci_low"] = limits[0]
            row["min_ci_high"], row["max_ci_high"] = limits[1]
    true = planted_range(left, right, dataset.settings) if dataset.simulated else None
    if true is not None:
        row |= dict(zip(("planted_min", "planted_max"), true, strict=True))
        row["overlap"] = overlap(learned, true)
        limits = np.percentile([overlap(each, true) for each in again], [2.5, 97.5])
        row["overlap_ci_low"], row["overlap_ci_high"] = limits
    return row


def scores(table, ranges):
    """Shares of the tests that agree with the planted rule.

    Parameters
    ----------
    table : pandas.DataFrame
        From `effects`, of all tests.
    ranges : pandas.DataFrame
        From `gap_tables`.

    Returns
    -------
    list of tuple
        (metric, value, n, ci_low, ci_high): `tests_recovered` of those that should
        find something, `tests_false` of those that should not, `gap_range_overlap` of
        a planted range, with its interval over sequences. The tests are all there
        are, so that their shares have none.
    """
    rows = []
    for metric, (good, other) in {
        "tests_recovered": (RECOVERED, MISSED),
        "tests_false": (FALSE_POSITIVE, TRUE_NEGATIVE),
    }.items():
        counted = table["verdict"].isin([good, other])
        n = int(counted.sum())
        if n:
            value = float((table.loc[counted, "verdict"] == good).mean())
            rows.append((metric, value, n, math.nan, math.nan))
    known = ranges.dropna(subset=["overlap"])
    rows += [
        (
            *("gap_range_overlap", row.overlap, row.n),
            *(row.overlap_ci_low, row.overlap_ci_high),
        )
        for row in known.itertuples()
    ]
    return rows


# -- figures ------------------------------------------------------------------------


def draw_effects(table, *, most):
    """Each test beside its control, and their difference with the verdict.

    Parameters
    ----------
    table : pandas.DataFrame
        From `effects`.
    most : int
        Rows; of more, those with the largest effects are drawn.

    Returns
    -------
    matplotlib.figure.Figure
        183 mm wide.
    """
    known = table[table["n"] > 0]
    shown = known.loc[
        known["effect"].astype(float).abs().nlargest(most).index.sort_values()
    ]
    if len(shown) == 0:
        figure, axes = new_figure(TWO_COLUMNS, 20)
        axes.set_axis_off()
        axes.text(0, 0.5, "No sequence holds the motifs: nothing was tested.")
        return figure
    figure, (left, right) = new_figure(
        TWO_COLUMNS,
        20 + 7 * len(shown),
        columns=2,
        sharey=True,
        gridspec_kw={"width_ratios": [1, 1]},
    )
    for y, row in enumerate(shown.itertuples()):
        for values, colour, shift, filled in (
            (
                ("increase", "increase_ci_low", "increase_ci_high"),
                ACCENT,
                -0.14,
                "full",
            ),
            (("control", "control_ci_low", "control_ci_high"), CONTEXT, 0.14, "none"),
        ):
            mean, low, high = (getattr(row, each) for each in values)
            left.plot([low, high], [y + shift] * 2, color=colour)
            left.plot(mean, y + shift, "o", color=colour, ms=4, fillstyle=filled)
        words, colour = _MARKS.get(
            row.verdict, _OPEN if row.expected == OPEN else ("", ACCENT)
        )
        right.plot([row.ci_low, row.ci_high], [y, y], color=colour)
        right.plot(row.effect, y, "o", color=colour, ms=4)
        right.annotate(
            f"{words}{', ' if words else ''}q = {_short(row.q)}",
            (1.02, y),
            xycoords=("axes fraction", "data"),
            va="center",
            fontsize=6.5,
            color=colour,
            annotation_clip=False,
        )
    several = table["target"].nunique() > 1
    left.set_yticks(
        range(len(shown)), [_label(row, several) for row in shown.itertuples()]
    )
    left.set_ylim(len(shown) - 0.5, -0.5)
    for axes in (left, right):
        axes.axvline(0, color="black", linewidth=0.6)
        axes.grid(axis="x", linewidth=0.4, alpha=0.5)
        axes.tick_params(axis="y", length=0)
    left.set_xlabel("loss increase (nats)")
    right.set_xlabel("above the control (nats)")
    handles = [
        left.plot([], [], "o", color=ACCENT, ms=4, label="motifs")[0],
        left.plot([], [], "o", color=CONTEXT, ms=4, fillstyle="none", label="control")[
            0
        ],
    ]
    left.legend(handles=handles, loc="lower left", bbox_to_anchor=(0, 1), ncols=2)
    return figure


def _label(row, several):
    target = f"{row.target}: " if several else ""
    if not row.second:
        return f"{target}{row.kind}: {row.first}"
    return f"{target}{row.kind}:\n{row.first}, {row.second}"


def _short(value):
    return f"{value:.2g}" if value >= 1e-3 else f"{value:.0e}"


def draw_gaps(curves, ranges):
    """The mean probability against the gap, in both orders; true range shaded.

    Parameters
    ----------
    curves, ranges : pandas.DataFrame
        From `gap_tables`. Of many pairs those with the strongest curves are drawn.

    Returns
    -------
    matplotlib.figure.Figure
        A panel per pair and target, 120 mm wide for one, else 183 mm.
    """
    if len(ranges) == 0:
        figure, axes = new_figure(WIDE, 20)
        axes.set_axis_off()
        axes.text(0, 0.5, "No sequence holds a pair of motifs: there are no gaps.")
        return figure
    ranges = ranges.assign(
        contrast=ranges["highest"] - ranges["lowest"],
        middle=(ranges["highest"] + ranges["lowest"]) / 2,
        # Both orders of a pair stand one after the other.
        panel=np.arange(len(ranges)) // 2,
    )
    strongest = ranges.groupby("panel")["contrast"].max().nlargest(_CURVES)
    panels = [ranges[ranges["panel"] == each] for each in sorted(strongest.index)]
    columns = min(2, len(panels))
    rows = -(-len(panels) // columns)
    figure, axes = new_figure(
        WIDE if columns == 1 else TWO_COLUMNS,
        6 + 52 * rows,
        rows=rows,
        columns=columns,
        squeeze=False,
        sharey=True,
    )
    several = ranges["target"].nunique() > 1
    for panel, both in zip(axes.ravel(), panels, strict=False):
        _draw_pair(panel, curves, both, several)
    for panel in axes.ravel()[len(panels) :]:
        panel.set_axis_off()
    for panel in axes[:, 0]:
        panel.set_ylabel("mean probability")
    return figure


def _draw_pair(panel, curves, both, several):
    """One pair: the first order in colour, the other in grey."""
    for row, colour in zip(both.itertuples(), (ACCENT, "#5C6468"), strict=True):
        chosen = (curves["left"] == row.left) & (curves["right"] == row.right)
        curve = curves[chosen & (curves["target"] == row.target)]
        panel.fill_between(
            curve["gap"],
            curve["ci_low"],
            curve["ci_high"],
            color=colour,
            alpha=0.2,
            linewidth=0,
        )
        panel.plot(curve["gap"], curve["probability"], color=colour)
        if not pd.isna(row.planted_min):
            panel.axvspan(
                row.planted_min - 0.5,
                row.planted_max + 0.5,
                color=CATEGORIES[1],
                alpha=0.18,
                linewidth=0,
                zorder=-1,
            )
        if not pd.isna(row.learned_min):
            ends, level = [row.learned_min, row.learned_max], row.middle
            panel.plot(ends, [level] * 2, "|-", color=colour, linewidth=0.8, ms=5)
            panel.annotate(
                f"{ends[0]:.0f}–{ends[1]:.0f} bp",
                (sum(ends) / 2, level),
                xytext=(0, 4),
                textcoords="offset points",
                ha="center",
                fontsize=6.5,
                color=colour,
                bbox={"facecolor": "white", "alpha": 0.7, "linewidth": 0, "pad": 0.5},
            )
    first, second = both.itertuples()
    title = f"{first.target}: " if several else ""
    panel.set_title(
        f"{title}{first.left}, gap, {first.right}", loc="left", color=ACCENT, pad=11
    )
    panel.text(
        0,
        1.015,
        f"grey: {second.left}, gap, {second.right}",
        transform=panel.transAxes,
        fontsize=6.5,
        color="#5C6468",
    )
    panel.set_xlabel("gap (bp)")
    panel.set_ylim(-0.02, 1.02)
    panel.set_xlim(-0.5, curve["gap"].max() + 0.5)
    panel.grid(linewidth=0.4, alpha=0.5)


# -- the job ------------------------------------------------------------------------


def find_motifs(dataset, files, params):
    """The motifs that are tested and where they stand.

    Simulated data: the planted motifs and decoys, from the truth. A user's data: what
    the matrices of the files match.

    Parameters
    ----------
    dataset : proofread.dataset.Dataset
    files : list of str
        Motif files, none or one.
    params : object
        `motifs`, `p`, `most_motifs`, `seed`.

    Returns
    -------
    names : list of str
    instances : proofread.motif_instances.Instances
    """
    chosen = chosen_motifs(
        dataset,
        files,
        wanted=params.motifs,
        most=params.most_motifs,
        p=params.p,
        seed=params.seed,
        method="motif_tests",
    )
    instances = (
        planted(dataset)
        if all_planted(dataset)
        # What is not tested need not be left alone.
        else scanned(dataset.index, chosen, params.p)
    )
    return [each.name for each in chosen], instances


def main(job):
    """Find the motifs, perturb, test, judge, draw."""
    start(job)
    params = job.params
    predictor = load_predictor(job.input.model)
    dataset = read_split(job.input.dataset, job.input.splits, params.split)
    # Before anything is looked for or predicted: a user's split may be very large.
    dataset = dataset.subset(examined(dataset, params.examined, params.seed))
    motifs, instances = find_motifs(dataset, list(job.input.motifs), params)
    subject = Subject(
        predict=predictor.predict,
        dataset=dataset,
        instances=instances,
        frequencies=base_frequencies(dataset.index, instances.occupied),
        logits=predictor.predict(dataset.index).astype(np.float64),
        draws=params.draws,
        sequences=params.sequences,
        seed=params.seed,
    )
    tests = all_tests(motifs)
    pairs = [test.motifs for test in tests if test.kind == DISTANCE]
    ranges = {
        pair: pair_range(*pair, dataset.settings) if dataset.simulated else None
        for pair in pairs
    }
    extra = [
        MotifTest(SAME_SIDE, pair) for pair, gaps in ranges.items() if gaps is not None
    ]
    every = [*tests, *extra]
    measured = [
        measure(
            subject,
            test,
            np.random.default_rng([params.seed, number]),
            gaps=ranges.get(test.motifs),
        )
        for number, test in enumerate(progress(every, "tests"))
    ]
    settings = {name: getattr(params, name) for name in _JUDGED_BY}
    table = effects(dataset, every, measured, settings)
    same_side = table["kind"] == SAME_SIDE
    write_table(job.output.table, table[~same_side])
    write_table(job.output.same_side, table[same_side])
    statistics = {"resamples": params.resamples, "seed": params.seed}
    write_table(
        job.output.groups,
        by_group(dataset, subject.logits, every, measured, **statistics),
    )
    write_table(
        job.output.sequences, by_sequence(dataset, subject.logits, every, measured)
    )
    largest = max([params.largest_gap, *(2 * g[1] for g in ranges.values() if g)])
    found = responses(subject, pairs, largest=largest, sequences=params.gap_sequences)
    curves, learned = gap_tables(dataset, found, **statistics)
    write_table(job.output.gaps, curves)
    write_table(job.output.ranges, learned)
    write_score(job.output.score, scores(table, learned))
    save_figure(draw_effects(table, most=params.largest_figure), job.output.figure)
    save_figure(draw_gaps(curves, learned), job.output.gaps_figure)
    for row in table.itertuples():
        log.info("%s, %s: %.3g nats, %s", row.test, row.target, row.effect, row.verdict)


if "snakemake" in globals():
    main(snakemake)
