"""Tables of motif tests of quantitative targets.

What motifs add to the output has a sign and a size, which a planted effect has, too.
Their presence and their interaction are therefore tested by the change of the output. A
swap or a move may raise the output of one sequence and lower that of another; order and
distance are tested by the increase of the error, as those of classes by the loss.
"""

import math

import numpy as np
import pandas as pd

from proofread.datasets.groups import groups
from proofread.methods.motif_tests.tables import (
    CORRECTIONS,
    RANGE_COLUMNS,
    add_q,
    differences,
    note_of,
    note_power,
    test_rows,
)
from proofread.statistics.bootstrap import mean_and_interval
from proofread.statistics.paired_tests import rank_biserial, sign_flip, wilcoxon
from proofread.tables import PAIR_COLUMNS
from proofread.truth.expectation import (
    DISTANCE,
    INTERACTION,
    ORDER,
    PRESENCE,
    named_pairs,
)
from proofread.truth.planted_effects import (
    effect_of_instances,
    effect_scores,
    form_scores,
    on_planted_scale,
    planted_effects,
    term_of_instances,
    with_forms,
)
from proofread.truth.verdicts import verdict_scores, verdicts, wrong_signs

OUTPUT, LOSS = "output", "loss"  # by which a test is decided
BY_OUTPUT = (PRESENCE, INTERACTION)
EFFECT_COLUMNS = [
    "test",
    "kind",
    "first",
    "second",
    "target",
    "expected",
    "verdict",
    "note",
    "measure",
    "n",
    "planted",
    "effect",
    "ci_low",
    "ci_high",
    "change",
    "change_ci_low",
    "change_ci_high",
    "control",
    "control_ci_low",
    "control_ci_high",
    "loss",
    "loss_ci_low",
    "loss_ci_high",
    "p_wilcoxon",
    "q",
    "p_sign_flip",
    "q_sign_flip",
    "rank_biserial",
]
GROUP_COLUMNS = [
    "test",
    "target",
    "group",
    "n",
    "effect",
    "ci_low",
    "ci_high",
    "loss",
    "loss_ci_low",
    "loss_ci_high",
]
SEQUENCE_COLUMNS = [
    "test",
    "target",
    "name",
    "value",
    "output",
    "change",
    "control",
    "difference",
    "loss",
    "loss_control",
]
CURVE_COLUMNS = ["target", "left", "right", "gap", "n", "output", "ci_low", "ci_high"]


def output_differences(measured, column):
    """Decrease of the output less that by the control, (m,); NaN without control.

    Parameters
    ----------
    measured : proofread.methods.motif_tests.effects.Measured
    column : int
        Of the target.
    """
    return measured.test.margin[:, column] - measured.control.margin[:, column]


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
    """One row for each target and test; arguments as of `tables.effects`.

    Returns
    -------
    pandas.DataFrame
        `EFFECT_COLUMNS`, in units of the output, `loss` in those of the error. The
        verdict compares sign and expectation with what was planted.
    """
    planted = _planted(dataset, tests)

    def numbers(place, result, column):
        return _summary(
            *(tests[place], result, column),
            *(resamples, permutations, seed, planted[place]),
        )

    rows = test_rows(dataset, tests, measured, present, numbers)
    table = pd.DataFrame(rows, columns=EFFECT_COLUMNS)
    adjust = CORRECTIONS[correction]
    add_q(table, adjust)
    outcome = finds(
        table, q_threshold=q_threshold, min_effect_fraction=min_effect_fraction
    )
    possible = note_power(table, adjust, permutations, q_threshold)
    wrong = wrong_signs(table["planted"], table["effect"])
    table["verdict"] = verdicts(table["expected"], outcome, possible, wrong)
    return table


def _summary(test, measured, column, resamples, permutations, seed, planted):
    """The numbers of one test and target."""
    change = output_differences(measured, column)
    loss = differences(measured, column)
    paired = ~np.isnan(change)
    values = np.stack(
        [
            change,
            np.where(paired, measured.test.margin[:, column], np.nan),
            measured.control.margin[:, column],
            loss,
        ],
        axis=1,
    )
    _, *numbers = mean_and_interval(values, resamples, seed)
    names = (
        ("effect", "ci_low", "ci_high"),
        ("change", "change_ci_low", "change_ci_high"),
        ("control", "control_ci_low", "control_ci_high"),
        ("loss", "loss_ci_low", "loss_ci_high"),
    )
    row = {}
    for position, columns in enumerate(names):
        row |= {
            name: item[position] for name, item in zip(columns, numbers, strict=True)
        }
    measure = OUTPUT if test.kind in BY_OUTPUT else LOSS
    decides = change if measure == OUTPUT else loss
    decides = decides[~np.isnan(decides)]
    of_truth = math.nan
    if planted is not None and paired.any():
        of_truth = planted[measured.rows][paired].mean()
    return {
        **row,
        "measure": measure,
        "n": len(decides),
        "note": note_of(len(decides), "value" if paired.any() else None),
        "planted": of_truth,
        "p_wilcoxon": wilcoxon(decides),
        "p_sign_flip": sign_flip(decides, permutations=permutations, seed=seed),
        "rank_biserial": rank_biserial(decides),
    }


def _planted(dataset, tests):
    """Planted effect of each test in each sequence, (n,); None where there is none."""
    planted = planted_effects(dataset)
    if planted is None:
        return [None] * len(tests)
    named = {frozenset(pair) for pair in named_pairs(dataset.settings)}
    result = []
    for test in tests:
        if test.kind == PRESENCE:
            result.append(effect_of_instances(dataset, planted, test.motifs[0]))
        elif test.kind != INTERACTION:
            result.append(None)
        elif frozenset(test.motifs) in named:
            result.append(term_of_instances(dataset, planted, *test.motifs))
        else:
            result.append(np.zeros(len(dataset)))
    return result


def finds(table, *, q_threshold, min_effect_fraction):
    """Whether each test found something.

    Parameters
    ----------
    table : pandas.DataFrame
        All tests, with `kind`, `target`, `measure`, `effect`, `loss` and `q`.
    q_threshold : float
    min_effect_fraction : float
        Of the largest effect.

    Returns
    -------
    pandas.Series of bool
        The q is below the threshold. By the output: the effect, of either sign, is at
        least a fraction of the largest one of the presence of a motif. By the loss: its
        increase is above 0, and at least a fraction of the largest one of presence,
        order and distance.
    """
    output = table["measure"] == OUTPUT
    size = table["effect"].abs().where(output, table["loss"])
    by_target = table["target"]
    largest = {
        OUTPUT: table["effect"].abs().where(table["kind"] == PRESENCE),
        LOSS: table["loss"].where(table["kind"].isin([PRESENCE, ORDER, DISTANCE])),
    }
    limits = {
        name: min_effect_fraction
        * values.groupby(by_target).transform("max").fillna(0).clip(lower=0)
        for name, values in largest.items()
    }
    limit = limits[OUTPUT].where(output, limits[LOSS])
    return (size > 0) & (size >= limit) & (table["q"] < q_threshold)


def by_group(dataset, tests, measured, *, resamples, seed):
    """Effects of sequences with values above the median, and of the others.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
    tests, measured : list
    resamples, seed : int

    Returns
    -------
    pandas.DataFrame
        `GROUP_COLUMNS`; groups without a sequence are there with n = 0.
    """
    rows = []
    for column, target in enumerate(dataset.target):
        members = groups(dataset, target)
        for test, result in zip(tests, measured, strict=True):
            both = output_differences(result, column), differences(result, column)
            for group, chosen in members.items():
                values = np.stack(both, axis=1)[chosen[result.rows]]
                n, *numbers = mean_and_interval(values, resamples, seed)
                effect, loss = zip(*numbers, strict=True)
                rows.append((test.name, target, group, n[0], *effect, *loss))
    return pd.DataFrame(rows, columns=GROUP_COLUMNS)


def by_sequence(dataset, outputs, tests, measured):
    """Every sequence of every test: what the tests are computed from.

    Returns
    -------
    pandas.DataFrame
        `SEQUENCE_COLUMNS`: decreases of the output by the test and by its control,
        their difference, and increases of the error.
    """
    parts = []
    names = np.array(dataset.name, dtype=object)
    for column, target in enumerate(dataset.target):
        for test, result in zip(tests, measured, strict=True):
            parts.append(
                pd.DataFrame(
                    {
                        "test": test.name,
                        "target": target,
                        "name": names[result.rows],
                        "value": dataset.label[result.rows, column],
                        "output": outputs[result.rows, column],
                        "change": result.test.margin[:, column],
                        "control": result.control.margin[:, column],
                        "difference": output_differences(result, column),
                        "loss": result.test.loss[:, column],
                        "loss_control": result.control.loss[:, column],
                    }
                )
            )
    table = pd.concat(parts) if parts else pd.DataFrame()
    return table.reindex(columns=SEQUENCE_COLUMNS)


def interactions(dataset, table, *, min_effect_fraction):
    """Interaction of each pair, and of the copies of a motif, with its form.

    ``f - f_A - f_B + f_AB`` of a sequence as it is (f), without A, without B and
    without both, less that of its control: 0 where the effects of both add up.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
    table : pandas.DataFrame
        From `effects`.
    min_effect_fraction : float
        See `proofread.truth.planted_effects.with_forms`.

    Returns
    -------
    pandas.DataFrame
        `PAIR_COLUMNS` and `FORM_COLUMNS`; no form of a test that can find nothing.
    """
    rows = table[table["kind"] == INTERACTION].rename(columns={"effect": "interaction"})
    alone = table[table["kind"] == PRESENCE].rename(columns={"first": "motif"})
    settings = dataset.settings if dataset.simulated else {}
    return with_forms(
        rows[[*PAIR_COLUMNS, "planted"]].reset_index(drop=True),
        alone,
        settings,
        tested=rows["note"] == "",
        min_effect_fraction=min_effect_fraction,
    )


def gap_tables(dataset, found, *, resamples, seed):
    """Curves of the mean output against the gap, and how far they rise.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
    found : list of proofread.methods.motif_tests.gaps.Response
    resamples, seed : int

    Returns
    -------
    curves, ranges : pandas.DataFrame
        `CURVE_COLUMNS` and `RANGE_COLUMNS`. No range is read from the curves: a
        quantity has no threshold that says which gaps are in the range.
    """
    curves, ranges = [], []
    for column, target in enumerate(dataset.target):
        for response in found:
            output = response.logits[:, :, column]
            n, mean, low, high = mean_and_interval(output, resamples, seed)
            row = {"target": target, "left": response.left, "right": response.right}
            curves.append(
                pd.DataFrame(
                    {
                        **row,
                        "gap": np.arange(output.shape[1]),
                        "n": n,
                        "output": mean,
                        "ci_low": low,
                        "ci_high": high,
                    }
                )
            )
            ends = {"lowest": mean.min(), "highest": mean.max()}
            ranges.append({**row, "n": len(output), **ends})
    curves = pd.concat(curves) if curves else pd.DataFrame(columns=CURVE_COLUMNS)
    return curves, pd.DataFrame(ranges, columns=RANGE_COLUMNS)


def scores(dataset, table, pairs, *, unit, resamples, seed):
    """How well the tests agree with the planted effects.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
    table : pandas.DataFrame
        From `effects`, of all tests.
    pairs : pandas.DataFrame
        From `interactions`.
    unit : str
        Of the outputs (`proofread.statistics.units`).
    resamples, seed : int
        Of the bootstrap over motifs.

    Returns
    -------
    list of proofread.tables.Score
        Those of `effect_scores` and `form_scores`; `tests_recovered` of the tests that
        should find something, with its sign, `tests_false` of those that should not.
        None where no effects were planted.
    """
    if planted_effects(dataset) is None:
        return []
    alone = table[table["kind"] == PRESENCE]
    sizes = on_planted_scale(dataset, unit)
    return [
        *effect_scores(alone, sizes=sizes, resamples=resamples, seed=seed),
        *form_scores(pairs),
        *verdict_scores(table["verdict"], "tests"),
    ]
