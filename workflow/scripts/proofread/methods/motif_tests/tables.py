"""Tables of motif tests."""

import math

import numpy as np
import pandas as pd

from proofread.datasets.sampling import balanced_rows
from proofread.methods.motif_tests.effects import MotifTest, qualifying
from proofread.methods.motif_tests.gaps import (
    Response,
    gap_response,
    learned_range,
    overlap,
)
from proofread.progress import log, progress
from proofread.statistics.bootstrap import (
    bootstrap,
    mean_and_interval,
    percentile_interval,
    resampled_means,
)
from proofread.statistics.logits import cross_entropy, probability
from proofread.statistics.multiple_testing import benjamini_hochberg, holm
from proofread.statistics.paired_tests import (
    min_wilcoxon,
    rank_biserial,
    sign_flip,
    wilcoxon,
)
from proofread.tables import PAIR_COLUMNS, Score
from proofread.truth.expectation import (
    DISTANCE,
    INTERACTION,
    ORDER,
    PRESENCE,
    SAME_SIDE,
    expectation,
    planted_range,
)
from proofread.truth.verdicts import verdict_scores, verdicts

CORRECTIONS = {"benjamini_hochberg": benjamini_hochberg, "holm": holm}
# To move a pair apart and to shift it are not the same change. Where neither matters,
# their difference is still skewed, which a signed-rank test takes for an effect in 6 %
# of such tests instead of 5 %; the mean is 0.
BY_SIGN_FLIP = (DISTANCE, SAME_SIDE)
# Below this no two-sided Wilcoxon test reaches 0.05.
FEW = 6
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
    "test",
    "target",
    "group",
    "n",
    "effect",
    "ci_low",
    "ci_high",
    "p_wilcoxon",
    "rank_biserial",
    "total",
    "increase",
    "control",
]
SEQUENCE_COLUMNS = [
    "test",
    "target",
    "name",
    "label",
    "logit",
    "loss",
    "increase",
    "control",
    "difference",
    "margin",
    "margin_control",
    "d_mai",
]
CURVE_COLUMNS = [
    "target",
    "left",
    "right",
    "gap",
    "n",
    "probability",
    "ci_low",
    "ci_high",
    "logit",
]
RANGE_COLUMNS = [
    "target",
    "left",
    "right",
    "n",
    "lowest",
    "highest",
    "learned_min",
    "learned_max",
    "min_ci_low",
    "min_ci_high",
    "max_ci_low",
    "max_ci_high",
    "planted_min",
    "planted_max",
    "overlap",
    "overlap_ci_low",
    "overlap_ci_high",
]


def differences(measured, column):
    """Loss increase less that of the control, for one target.

    NaN without a control, or without a label.

    Parameters
    ----------
    measured : proofread.methods.motif_tests.effects.Measured
    column : int

    Returns
    -------
    numpy.ndarray, shape (m,)
    """
    return measured.test.loss[:, column] - measured.control.loss[:, column]


def summary(measured, column, *, resamples, permutations, seed):
    """The numbers of one test and target.

    The unit is the sequence: its replicates are averaged before. `effect` and the
    numbers that follow from it are of the sequences that have a control; those that end
    in `_mai` are without control, of all, with MAI's sign.

    Parameters
    ----------
    measured : proofread.methods.motif_tests.effects.Measured
    column : int
        Of the target.
    resamples, permutations, seed : int

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
    without_label = np.isnan(mai)
    mai = mai[~without_label]

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
        "note": note_of(n, "label" if without_label.any() else None),
        **named("effect", "ci_low", "ci_high", difference),
        "p_wilcoxon": wilcoxon(difference),
        "p_sign_flip": sign_flip(difference, permutations=permutations, seed=seed),
        "rank_biserial": rank_biserial(difference),
        "total": float(difference.sum()) if n else math.nan,
        **named(
            "increase",
            "increase_ci_low",
            "increase_ci_high",
            measured.test.loss[paired, column],
        ),
        **named(
            "control",
            "control_ci_low",
            "control_ci_high",
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


def note_of(n, needs=None):
    """Why a test of n sequences can find nothing; empty if it can.

    `needs` names what some sequences with the motifs lack, a label or a value.
    """
    if n == 0:
        known = f" with a known {needs}" if needs else ""
        return f"no sequence{known} holds the motifs and has room for a control"
    if n < FEW:
        return f"{n} sequences: no p below {min_wilcoxon(n):g} is possible"
    return ""


def _absent(motifs, planted):
    """Why a test has no sequence: a short matrix never reaches a small p."""
    note = f"no instance of {' or '.join(motifs)}"
    return note if planted else f"{note} at this p_threshold"


def test_rows(dataset, tests, measured, present, numbers):
    """What each test is, what the rule lets expect, and its numbers.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
    tests : list of proofread.methods.motif_tests.effects.MotifTest
    measured : list of proofread.methods.motif_tests.effects.Measured
    present : set of str or None
        The motifs with an instance; notes name those without. None: all have some.
    numbers : callable
        Of the place of a test in `tests`, its `Measured` and the column of a target:
        dict of str to float, with `note`.

    Returns
    -------
    list of dict
        By target, then by test.
    """
    rows = []
    for column, target in enumerate(dataset.target):
        for place, (test, result) in enumerate(zip(tests, measured, strict=True)):
            expected = ""
            if dataset.simulated:
                expected = expectation(test.kind, test.motifs, dataset.settings, target)
            row = {
                "test": test.name,
                "kind": test.kind,
                "first": test.motifs[0],
                "second": test.motifs[-1] if len(test.motifs) > 1 else "",
                "target": target,
                "expected": expected,
                **numbers(place, result, column),
            }
            missing = [] if present is None else sorted({*test.motifs} - present)
            if missing:
                row["note"] = _absent(missing, dataset.simulated)
            rows.append(row)
    return rows


def effects(
    dataset,
    tests,
    measured,
    *,
    resamples,
    permutations,
    seed,
    correction,
    q_threshold,
    min_effect_fraction,
    present=None,
):
    """One row per target and test: effects, p, q, expectation and verdict.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
    tests : list of proofread.methods.motif_tests.effects.MotifTest
    measured : list of proofread.methods.motif_tests.effects.Measured
    resamples, permutations, seed : int
        Of the bootstrap and of the sign flips.
    correction : str
        One of `CORRECTIONS`.
    q_threshold, min_effect_fraction : float
        See `finds`.
    present : set of str, optional
        The motifs with an instance; notes name those without. None: all have some.

    Returns
    -------
    pandas.DataFrame
        `EFFECT_COLUMNS`. q is over all rows: of the sign flip's p for `BY_SIGN_FLIP`,
        else of Wilcoxon's.
    """

    def numbers(_, result, column):
        return summary(
            result, column, resamples=resamples, permutations=permutations, seed=seed
        )

    rows = test_rows(dataset, tests, measured, present, numbers)
    table = pd.DataFrame(rows, columns=EFFECT_COLUMNS)
    adjust = CORRECTIONS[correction]
    add_q(table, adjust)
    outcome = finds(
        table, q_threshold=q_threshold, min_effect_fraction=min_effect_fraction
    )
    possible = note_power(table, adjust, permutations, q_threshold)
    table["verdict"] = verdicts(table["expected"], outcome, possible)
    return table


def add_q(table, adjust):
    """Add q and q_sign_flip to a table of tests, in place.

    Parameters
    ----------
    table : pandas.DataFrame
        kind, p_wilcoxon and p_sign_flip of all tests.
    adjust : callable
        One of `CORRECTIONS`.
    """
    table["q"] = adjust(_deciding_p(table))
    table["q_sign_flip"] = adjust(table["p_sign_flip"].astype(float))


def _deciding_p(table):
    """The p that decides each test, (tests,)."""
    flipped = table["kind"].isin(BY_SIGN_FLIP)
    return table["p_sign_flip"].where(flipped, table["p_wilcoxon"]).to_numpy(float)


def note_power(table, adjust, permutations, q_threshold):
    """Note, in place, which tests can find nothing.

    Parameters
    ----------
    table : pandas.DataFrame
        kind, n, p_wilcoxon, p_sign_flip and note of all tests.
    adjust : callable
        One of `CORRECTIONS`.
    permutations : int
    q_threshold : float

    Returns
    -------
    numpy.ndarray of bool, shape (tests,)
        Whether the smallest p that a test can have is enough.
    """
    flipped, p = table["kind"].isin(BY_SIGN_FLIP), _deciding_p(table)
    by_sequences = np.array([min_wilcoxon(n) for n in table["n"]], dtype=float)
    by_flips = np.where(flipped, 1 / (permutations + 1), 0)
    enough, possible = (
        min_q(p, smallest, adjust) < q_threshold
        for smallest in (by_sequences, np.maximum(by_sequences, by_flips))
    )
    for missing, rows in (("sequences", ~enough), ("permutations", enough & ~possible)):
        unsaid = rows & (table["note"] == "").to_numpy()
        table.loc[unsaid, "note"] = f"too few {missing} for q < {q_threshold:g}"
        if rows.any():
            log.warning(
                "too few %s for q < %g: %d of %d tests can find nothing",
                missing,
                q_threshold,
                rows.sum(),
                len(table),
            )
    return possible


def min_q(p, smallest, adjust):
    """The q of each test if its p were the smallest possible, the others as they are.

    Parameters
    ----------
    p, smallest : numpy.ndarray, shape (tests,)
        NaN is no test.
    adjust : callable
        One of `CORRECTIONS`.

    Returns
    -------
    numpy.ndarray, shape (tests,)
    """
    result = np.full(len(p), np.nan)
    for test in np.flatnonzero(~np.isnan(p)):
        changed = p.copy()
        changed[test] = smallest[test]
        result[test] = adjust(changed)[test]
    return result


def finds(table, *, q_threshold, min_effect_fraction):
    """Whether each test found something.

    Parameters
    ----------
    table : pandas.DataFrame
        All tests, with `kind`, `target`, `effect` and `q`.
    q_threshold : float
    min_effect_fraction : float
        Of the largest effect.

    Returns
    -------
    pandas.Series of bool
        The q is below the threshold and the effect, the mean loss increase over the
        control, is above 0 and at least a fraction of the largest effect of presence,
        order and distance of this target. An interaction may have either sign, so its
        absolute effect counts.
    """
    one_sided = table["kind"].isin([PRESENCE, ORDER, DISTANCE])
    largest = table["effect"].where(one_sided).groupby(table["target"]).transform("max")
    bar = min_effect_fraction * largest.fillna(0).clip(lower=0)
    size = table["effect"].where(table["kind"] != INTERACTION, table["effect"].abs())
    return (size > 0) & (size >= bar) & (table["q"] < q_threshold)


def by_group(dataset, logits, tests, measured, *, resamples, seed):
    """Effects by the true class and by whether the prediction was right.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
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
        for test, result in zip(tests, measured, strict=True):
            difference = differences(result, column)
            for group, members in groups.items():
                kept = members[result.rows] & ~np.isnan(difference)
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
                        _mean(result.test.loss[kept, column]),
                        _mean(result.control.loss[kept, column]),
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
        Without a label only the logit.
    """
    parts = []
    names = np.array(dataset.name, dtype=object)
    for column, target in enumerate(dataset.target):
        for test, result in zip(tests, measured, strict=True):
            label = dataset.label[result.rows, column]
            logit = logits[result.rows, column]
            known = ~np.isnan(label)
            parts.append(
                pd.DataFrame(
                    {
                        "test": test.name,
                        "target": target,
                        "name": names[result.rows],
                        "label": pd.array(label, dtype="Int64"),
                        "logit": logit,
                        "loss": cross_entropy(logit, label),
                        "increase": result.test.loss[:, column],
                        "control": result.control.loss[:, column],
                        "difference": differences(result, column),
                        "margin": np.where(
                            known, result.test.margin[:, column], np.nan
                        ),
                        "margin_control": np.where(
                            known, result.control.margin[:, column], np.nan
                        ),
                        "d_mai": -result.mai.loss[:, column],
                    }
                )
            )
    table = pd.concat(parts) if parts else pd.DataFrame()
    return table.reindex(columns=SEQUENCE_COLUMNS)


def interactions(dataset, tests, measured, *, resamples, seed):
    """Interaction of each pair in logits, whatever the label, known or missing.

    ``z - z_A - z_B + z_AB`` of a sequence as it is (z), without A, without B and
    without both, less that of its control: 0 where the effects of both add up, above 0
    where both together raise the logit by more.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
    tests : list of proofread.methods.motif_tests.effects.MotifTest
        Those of other kinds are left out.
    measured : list of proofread.methods.motif_tests.effects.Measured
    resamples, seed : int
        Of the bootstrap over sequences.

    Returns
    -------
    pandas.DataFrame
        `PAIR_COLUMNS`; NaN where no sequence holds both motifs and has a control.
    """
    rows = []
    for column, target in enumerate(dataset.target):
        for test, result in zip(tests, measured, strict=True):
            if test.kind != INTERACTION:
                continue
            negative = dataset.label[result.rows, column] < 0.5
            margin = (result.test.margin - result.control.margin)[:, column]
            # A margin is minus the logit where the label is 0.
            values = np.where(negative, -margin, margin)
            n, mean, low, high = mean_and_interval(values[:, None], resamples, seed)
            rows.append((target, *test.motifs, n[0], mean[0], low[0], high[0]))
    return pd.DataFrame(rows, columns=PAIR_COLUMNS)


def responses(subject, pairs, *, max_gap, max_sequences):
    """The predictions at every gap, each pair in both orders.

    Parameters
    ----------
    subject : proofread.methods.motif_tests.effects.Subject
    pairs : list of tuple of str
        The first motif stays where it is.
    max_gap : int
        Largest gap, bp, or the largest that at least half of a pair's sequences have
        room for; the others are left out.
    max_sequences : int
        For each pair.

    Returns
    -------
    list of proofread.methods.motif_tests.gaps.Response
        None of a pair that no sequence holds.
    """
    result = []
    dataset = subject.dataset
    for first, second in progress(pairs, "gaps"):
        rows = qualifying(subject, MotifTest(DISTANCE, (first, second)))
        if len(rows) == 0:
            continue
        fixed, other = (
            subject.instances.single(motif, rows) for motif in (first, second)
        )
        widths = (fixed[:, 1] - fixed[:, 0]) + (other[:, 1] - other[:, 0])
        room = dataset.length[rows] - widths
        # One long sequence must not leave all the others out.
        gap = min(max_gap, int(np.sort(room)[len(room) // 2]))
        rows = rows[room >= gap]
        rows = rows[balanced_rows(dataset.subset(rows), max_sequences, subject.seed)]
        fixed, other = (
            subject.instances.single(motif, rows) for motif in (first, second)
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
            result.append(Response(*order, logits))
    return result


def gap_tables(dataset, found, *, resamples, seed):
    """Curves of the mean probability, and the ranges that can be read from them.

    Intervals are over resampled sequences, which all gaps of a pair share.

    Returns
    -------
    curves, ranges : pandas.DataFrame
        `CURVE_COLUMNS` and `RANGE_COLUMNS`. A range is empty where the curve hardly
        rises; `overlap` is the fraction of gaps in both ranges of those in either.
    """
    curves, ranges = [], []
    for column, target in enumerate(dataset.target):
        for response in found:
            logit = response.logits[:, :, column]
            likely = probability(logit)
            n, gaps = likely.shape
            resampled = resampled_means(likely, resamples, seed)  # (resamples, gaps)
            low, high = percentile_interval(resampled)
            mean = likely.mean(axis=0)
            curves.append(
                pd.DataFrame(
                    {
                        "target": target,
                        "left": response.left,
                        "right": response.right,
                        "gap": np.arange(gaps),
                        "n": n,
                        "probability": mean,
                        "ci_low": low,
                        "ci_high": high,
                        "logit": logit.mean(axis=0),
                    }
                )
            )
            ranges.append(_range(dataset, target, response, mean, resampled, n))
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
        ends = np.array([ends for ends in again if ends is not None])
        if len(ends):
            low, high = percentile_interval(ends)
            row["min_ci_low"], row["max_ci_low"] = low
            row["min_ci_high"], row["max_ci_high"] = high
    true = planted_range(left, right, dataset.settings) if dataset.simulated else None
    if true is not None:
        row |= dict(zip(("planted_min", "planted_max"), true, strict=True))
        row["overlap"] = overlap(learned, true)
        row["overlap_ci_low"], row["overlap_ci_high"] = percentile_interval(
            [overlap(curve, true) for curve in again]
        )
    return row


def scores(table, ranges):
    """Fractions of the tests that agree with the planted rule.

    Parameters
    ----------
    table : pandas.DataFrame
        From `effects`, of all tests.
    ranges : pandas.DataFrame
        From `gap_tables`.

    Returns
    -------
    list of proofread.tables.Score
        `tests_recovered` of the tests that should find something, `tests_false` of
        those that should not, and of each target `gap_range_overlap` of a planted
        range, with its interval over sequences.
    """
    rows = verdict_scores(table["verdict"], "tests")
    for row in ranges.dropna(subset=["overlap"]).itertuples():
        interval = (row.overlap_ci_low, row.overlap_ci_high)
        score = Score("gap_range_overlap", row.overlap, row.n, *interval)
        rows.append(score._replace(target=row.target))
    return rows
