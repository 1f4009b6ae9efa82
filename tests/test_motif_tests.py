"""Motif tests: known answers of toy predictors, and any predictor from end to end."""

from pathlib import Path
from types import SimpleNamespace

import jinja2
import numpy as np
import pandas as pd
import pytest
import yaml
from snakemake.iocontainers import OutputFiles

import check_motif_tests_null
import motif_tests as script
from proofread.configuration.check import check_configuration
from proofread.configuration.experiments import read_experiments
from proofread.configuration.schema import SCHEMAS
from proofread.datasets.dataset import (
    TRUTH_COLUMNS,
    Dataset,
    empty_truth,
    write_dataset,
    write_splits,
)
from proofread.datasets.simulation.generate import simulate
from proofread.dna.encoding import UNKNOWN, encode, letters
from proofread.errors import InputError
from proofread.methods.motif_tests import figures, tables
from proofread.methods.motif_tests.edits import free_shift
from proofread.methods.motif_tests.effects import (
    Change,
    Measured,
    MotifTest,
    Subject,
    all_tests,
    measure,
    qualifying,
)
from proofread.methods.motif_tests.gaps import gap_response, learned_range, overlap
from proofread.models.predictor import predictor_of
from proofread.models.user_model import (
    build_user_model,
    save_user_model,
    weights_content,
)
from proofread.motifs.files import write_meme
from proofread.motifs.motif import Motif
from proofread.report.page import TEMPLATES
from proofread.report.sections import motif_tests as section
from proofread.statistics.multiple_testing import benjamini_hochberg
from proofread.tables import SCORE_COLUMNS, Score, read_table, write_table
from proofread.truth import motif_choice
from proofread.truth.expectation import (
    DISTANCE,
    FOUND,
    INTERACTION,
    NOTHING,
    OPEN,
    ORDER,
    PRESENCE,
    SAME_SIDE,
)
from proofread.truth.instances import planted
from proofread.truth.verdicts import verdict_scores, verdicts

ROOT = Path(__file__).parents[1]
# K-mers that 60 random bases hold by chance once in 5,000 sequences.
WORDS = {"A": "ACCATACAG", "B": "GTTCGTGGC"}
A, B = WORDS.values()
UNIFORM = np.full(4, 0.25)
DEFAULTS = {
    name: part["default"]
    for name, part in yaml.safe_load(
        (SCHEMAS / "methods/motif_tests.schema.yaml").read_text()
    )["properties"].items()
} | {"device": "cpu"}


@pytest.fixture(autouse=True)
def no_log_file(monkeypatch):
    """`start` takes over the process: its log, its warnings, its exceptions."""
    monkeypatch.setattr(script, "start", lambda job: None)


def dataset_of(plans, *, length=60, labels=None, settings=None, seed=1):
    """Random sequences with k-mers at given starts: one dict of starts each."""
    rng = np.random.default_rng(seed)
    index = rng.integers(0, 4, (len(plans), length), dtype=np.uint8)
    rows = []
    for row, plan in enumerate(plans):
        for name, starts in plan.items():
            for start in np.atleast_1d(starts):
                end = start + len(WORDS[name])
                index[row, start:end] = encode(WORDS[name])
                rows.append((row, name, start, end, "+", "causal", WORDS[name]))
    truth = pd.DataFrame(rows, columns=list(TRUTH_COLUMNS)).astype(TRUTH_COLUMNS)
    truth = truth.sort_values(["sequence", "start"], ignore_index=True)
    labels = np.ones(len(plans)) if labels is None else np.asarray(labels)
    labels = labels.reshape(len(plans), -1).astype(np.float32)
    names = [f"s{row}" for row in range(len(plans))]
    return Dataset(
        index=index,
        length=np.full(len(plans), length),
        name=names,
        label=labels,
        target=[f"target{column}" for column in range(labels.shape[1])],
        group=names,
        stratum=["positive"] * len(plans),
        truth=truth,
        motifs={name: np.eye(4)[encode(kmer)] for name, kmer in WORDS.items()},
        settings=settings or {"rule": "none", "motifs": list(WORDS)},
    )


def letters_of(index):
    return letters(np.eye(5)[index][:, :, :4].transpose(0, 2, 1))


def by_letters(logit, targets=1):
    """A predictor from a function of the text."""

    def predict(index):
        logits = [logit(text) for text in letters_of(index)]
        return np.array(logits, dtype=float).reshape(len(index), targets)

    return predict


def subject_of(dataset, predict, **changes):
    values = {
        "predict": predict,
        "dataset": dataset,
        "instances": planted(dataset),
        "frequencies": UNIFORM,
        "logits": np.asarray(predict(dataset.index), dtype=np.float64),
        "replicates": 3,
        "max_sequences": 1000,
        "seed": 1,
    }
    return Subject(**(values | changes))


def measured(subject, kind, *motifs, gaps=None):
    rng = np.random.default_rng(1)
    return measure(subject, MotifTest(kind, motifs or ("A", "B")), rng, gaps=gaps)


class Spy:
    """Keeps every sequence that it is asked about; the answer is always 1."""

    def __init__(self, targets=1):
        self.seen, self.targets = [], targets

    def __call__(self, index):
        self.seen.append(index.copy())
        return np.ones((len(index), self.targets))


# -- the tests themselves -----------------------------------------------------------


def test_windows_are_shifted_together_to_where_all_bases_are_free():
    free = np.ones(10, bool)
    free[0] = False
    windows = np.array([[6, 8], [2, 4]])
    rng = np.random.default_rng(1)
    shifted = [free_shift(free, windows, rng) - windows for _ in range(200)]
    # By 2 to the left the first base would be taken; by 2 to the right is the end.
    assert {tuple(np.unique(shift)) for shift in shifted} == {(-1,), (0,), (1,), (2,)}
    assert free_shift(np.zeros(10, bool), windows, rng) is None


@pytest.mark.parametrize(("motifs", "rows"), [(1, 1), (2, 5), (3, 12)])
def test_there_are_three_tests_of_each_pair(motifs, rows):
    assert len(all_tests([f"M{number}" for number in range(motifs)])) == rows


def test_tests_have_mai_s_names():
    assert [test.name for test in all_tests(["A", "B"])] == [
        "presence_of_A",
        "presence_of_B",
        "order_of_A_&_B",
        "dist_btwn_A_&_B",
        "interact_btwn_A_&_B",
    ]


def test_a_needed_motif_costs_the_difference_of_the_losses():
    """Logit 2 with A, -2 without: log(1 + e^2) - log(1 + e^-2) = 2 for a positive."""
    dataset = dataset_of([{"A": 5}, {"A": 40}, {"B": 5}], labels=[1, 0, 1])
    subject = subject_of(dataset, by_letters(lambda text: 2.0 if A in text else -2.0))
    result = measured(subject, PRESENCE, "A")
    assert result.rows.tolist() == [0, 1]
    assert result.test.loss[:, 0] == pytest.approx([2, -2])
    assert result.test.margin[:, 0] == pytest.approx([4, -4])
    assert result.control.loss.tolist() == [[0], [0]]
    assert result.mai.loss.tolist() == result.test.loss.tolist()


def test_a_missing_label_is_left_out_of_its_target_alone():
    """Logits 2 with A, -2 without: a positive loses 2, a negative gains 2."""
    nan = np.nan
    labels = [[1, nan], [nan, 0], [1, 1], [0, 1]]
    dataset = dataset_of([{"A": 5}, {"A": 40}, {"A": 9}, {"A": 30}], labels=labels)
    predict = by_letters(lambda text: [2.0 if A in text else -2.0] * 2, targets=2)
    subject = subject_of(dataset, predict)
    tests = [MotifTest(PRESENCE, ("A",))]
    result = measured(subject, PRESENCE, "A")
    assert result.rows.tolist() == [0, 1, 2, 3]
    losses = [[2, nan], [nan, -2], [2, 2], [-2, 2]]
    np.testing.assert_allclose(result.test.loss, losses)
    # The margin without a label is the logit.
    np.testing.assert_allclose(result.test.margin, [[4, 4], [4, -4], [4, 4], [-4, 4]])
    table = tables.effects(dataset, tests, [result], **SETTINGS).set_index("target")
    # 2, 2 and -2 of the first target; -2, 2 and 2 of the second.
    for target in dataset.target:
        row = table.loc[target]
        assert (row["n"], row["count_mai"]) == (3, 3)
        assert row["effect"] == pytest.approx(2 / 3)
        assert row["effect_size_mai"] == pytest.approx(-2)
    groups = tables.by_group(
        dataset, subject.logits, tests, [result], resamples=20, seed=1
    ).set_index(["target", "group"])
    assert groups["n"].to_dict() == {
        ("target0", "positive"): 2,
        ("target0", "negative"): 1,
        ("target0", "correct"): 2,  # every logit is 2
        ("target0", "incorrect"): 1,
        ("target1", "positive"): 2,
        ("target1", "negative"): 1,
        ("target1", "correct"): 2,
        ("target1", "incorrect"): 1,
    }
    rows = tables.by_sequence(dataset, subject.logits, tests, [result])
    assert rows["label"].fillna(-1).tolist() == [1, -1, 1, 0, -1, 0, 1, 1]
    assert rows["logit"].tolist() == [2] * 8
    for column in ("loss", "increase", "difference", "margin", "d_mai"):
        missing = rows[column].isna()
        assert missing.tolist() == rows["label"].isna().tolist()


def test_a_test_without_sequences_says_why():
    """A leaves two bases of each sequence: there is no room for a control."""
    labels = [[1, 1], [1, np.nan]]
    dataset = dataset_of([{"A": 0}, {"A": 0}], labels=labels, length=len(A) + 2)
    predict = by_letters(lambda text: [2.0] * 2, targets=2)
    results = [measured(subject_of(dataset, predict), PRESENCE, "A")]
    tests = [MotifTest(PRESENCE, ("A",))]
    table = tables.effects(dataset, tests, results, **SETTINGS)
    assert table["n"].tolist() == [0, 0]
    assert table["note"].tolist() == [
        "no sequence holds the motifs and has room for a control",
        "no sequence with a known label holds the motifs and has room for a control",
    ]


def test_replicates_are_averaged():
    """The logit counts draws: the mean of 1, 2 and 3 below the original 0."""
    calls = iter([0, -1, -2, -3, 0, 0, 0])

    def predict(index):
        return np.full((len(index), 1), float(next(calls)))

    subject = subject_of(dataset_of([{"A": 5}]), predict)
    result = measured(subject, PRESENCE, "A")
    losses = np.log1p(np.exp([1, 2, 3]))
    assert result.test.loss[0, 0] == pytest.approx(losses.mean() - np.log(2))
    assert result.test.margin[0, 0] == pytest.approx(2)


def test_all_instances_are_replaced_and_nothing_else():
    dataset = dataset_of([{"A": [3, 30], "B": 45}])
    spy = Spy()
    measured(subject_of(dataset, spy, replicates=40), PRESENCE, "A")
    tests, controls = np.array(spy.seen[1:41]), np.array(spy.seen[41:])
    changed = (tests != dataset.index).any(axis=(0, 1))
    assert np.flatnonzero(changed).tolist() == [*range(3, 12), *range(30, 39)]
    changed = (controls != dataset.index).any(axis=(0, 1))
    # Two windows of nine, drawn once, that hold no motif.
    assert changed.sum() == 18
    assert not changed[[*range(3, 12), *range(30, 39), *range(45, 54)]].any()


def test_unknown_bases_are_never_touched():
    dataset = dataset_of([{"A": 5, "B": 20}, {"A": 30, "B": 5}])
    dataset.index[0, 50] = 4
    dataset.index[:, 54:] = 4
    dataset.length[:] = 54
    spy = Spy()
    subject = subject_of(dataset, spy)
    for test in [*all_tests(["A", "B"]), MotifTest(SAME_SIDE, ("A", "B"))]:
        measure(subject, test, np.random.default_rng(1), gaps=(0, 8))
    seen = np.concatenate(spy.seen)
    assert {tuple(np.flatnonzero(row == 4)) for row in seen} == {
        (50, *range(54, 60)),
        tuple(range(54, 60)),
    }
    # An unknown base would move with its neighbours.
    assert qualifying(subject, MotifTest(ORDER, ("A", "B"))).tolist() == [1]


def test_a_swap_changes_the_order_only():
    """Logit 3 where A comes before B, else -3; the control swaps no motif."""
    dataset = dataset_of([{"A": 5, "B": 30}, {"A": 40, "B": 8}], labels=[1, 0])
    subject = subject_of(
        dataset, by_letters(lambda text: 3.0 if text.find(A) < text.find(B) else -3.0)
    )
    result = measured(subject, ORDER)
    assert result.test.loss[:, 0] == pytest.approx([3, 3])
    assert result.control.loss.tolist() == [[0], [0]]


@pytest.mark.parametrize("kind", [ORDER, DISTANCE, SAME_SIDE])
def test_bases_are_moved_and_not_made(kind):
    plans = [{"A": 5, "B": 18}, {"A": 40, "B": 28}, {"A": 4, "B": 40}]
    plans += [{"A": 5, "B": 20}, {"A": 44, "B": 30}]
    dataset = dataset_of(plans)
    spy = Spy()
    result = measured(subject_of(dataset, spy, replicates=20), kind, gaps=(0, 8))
    # On its side of the range the third pair is alone.
    assert result.rows.tolist() == (
        [0, 1, 3, 4] if kind == SAME_SIDE else [0, 1, 2, 3, 4]
    )
    shifted = 0
    for index in spy.seen[1:]:
        assert (np.sort(index) == np.sort(dataset.index[result.rows])).all()
        for text, row in zip(letters_of(index), result.rows, strict=True):
            assert A in text and B in text
            if kind != ORDER:
                before = plans[row]["A"] < plans[row]["B"]
                assert (text.find(A) < text.find(B)) == before
            shifted += text != dataset.sequence(row)
    assert shifted > 0


def gap_of(text):
    a, b = text.find(A), text.find(B)
    return b - a - len(A) if a < b else a - b - len(B)


def test_a_known_range_is_left_and_entered():
    dataset = dataset_of([{"A": 5, "B": 18}, {"A": 4, "B": 40}])  # gaps 4 and 27
    spy = Spy()
    subject = subject_of(dataset, spy, replicates=60)
    measured(subject, DISTANCE, gaps=(3, 8))
    gaps = np.array([[gap_of(text) for text in letters_of(item)] for item in spy.seen])
    aimed, control, free = gaps[1:61], gaps[61:121], gaps[121:]
    inside = (aimed >= 3) & (aimed <= 8)
    assert not inside[:, 0].any() and inside[:, 1].all()
    assert set(aimed[:, 1]) == set(range(3, 9))
    assert (control == [4, 27]).all()
    # MAI's own perturbation, for its columns: any gap.
    assert ((free >= 3) & (free <= 8)).mean() < 0.5 and len(free) == 60


def test_on_the_same_side_a_pair_gets_another_pair_s_gap():
    dataset = dataset_of([{"A": 5, "B": 18}, {"A": 4, "B": 20}, {"A": 4, "B": 45}])
    spy = Spy()
    result = measured(subject_of(dataset, spy, replicates=20), SAME_SIDE, gaps=(3, 8))
    # Gaps 4 and 7 are in range and change places; 32 is alone on its side.
    assert result.rows.tolist() == [0, 1]
    gaps = np.array(
        [[gap_of(text) for text in letters_of(item)] for item in spy.seen[1:]]
    )
    assert (gaps[:20] == [7, 4]).all()
    assert (gaps[20:] == [4, 7]).all()


@pytest.mark.parametrize("outside", [2, 9])
def test_the_ends_of_a_range_are_inside_of_it(outside):
    plans = [{"A": 4, "B": 4 + 9 + gap} for gap in (3, 8, outside)]
    result = measured(subject_of(dataset_of(plans), Spy()), SAME_SIDE, gaps=(3, 8))
    # The first two can change places; the third is alone on its side.
    assert result.rows.tolist() == [0, 1]


def test_pairs_of_the_other_order_are_not_on_the_same_side():
    plans = [{"A": 4, "B": 4 + 9 + gap} for gap in (4, 7, 32)]
    plans += [{"B": 4, "A": 4 + 9 + gap} for gap in (5, 30)]
    result = measured(subject_of(dataset_of(plans), Spy()), SAME_SIDE, gaps=(3, 8))
    # A first and in range: two. The other three differ in order or in side.
    assert result.rows.tolist() == [0, 1]


def test_a_pair_that_cannot_move_as_a_whole_has_no_control():
    dataset = dataset_of([{"A": 0, "B": 51}])
    result = measured(subject_of(dataset, Spy()), DISTANCE)
    assert np.isnan(result.control.loss).all()
    assert np.isfinite(result.mai.loss).all()


def test_an_interaction_is_what_does_not_add_up():
    """z 4, without A 1, without B 2, without both 0: 1 + 2 - 4 = -1 is expected."""
    logits = {(True, True): 4.0, (False, True): 1.0, (True, False): 2.0}

    def logit(text):
        return logits.get((A in text, B in text), 0.0)

    subject = subject_of(dataset_of([{"A": 5, "B": 30}]), by_letters(logit))
    result = measured(subject, INTERACTION)
    # loss(-1) - loss(0)
    assert result.test.loss[0, 0] == pytest.approx(1.313262 - 0.693147, abs=1e-6)
    assert result.test.margin[0, 0] == pytest.approx(1)
    assert result.control.loss.tolist() == [[0]]
    # MAI's sign: the loss of what is real less that of what is expected.
    row = tables.summary(result, 0, resamples=9, permutations=9, seed=1)
    assert row["effect_size_mai"] == pytest.approx(-0.620115, abs=1e-6)


def test_interactions_of_pairs_have_the_sign_of_the_logit():
    """z 4, 1 without A, 2 without B, 0 without both: 4 - 1 - 2 + 0, by any label."""
    logits = {(True, True): 4.0, (False, True): 1.0, (True, False): 2.0}

    def logit(text):
        return logits.get((A in text, B in text), 0.0)

    plans = [{"A": 5, "B": 30}, {"A": 5, "B": 40}, {"A": 5}]
    dataset = dataset_of(plans, labels=[1, 0, 1])
    tests = [MotifTest(INTERACTION, ("A", "B")), MotifTest(PRESENCE, ("A",))]
    subject = subject_of(dataset, by_letters(logit))
    results = [measured(subject, test.kind, *test.motifs) for test in tests]
    (row,) = tables.interactions(dataset, tests, results, resamples=20, seed=1).to_dict(
        "records"
    )
    assert (row["target"], row["first"], row["second"]) == ("target0", "A", "B")
    assert row["n"] == 2
    # The margin of the negative alone would be -1, and the mean of both 0.
    assert (row["interaction"], row["ci_low"], row["ci_high"]) == (1, 1, 1)


def test_a_pair_that_no_sequence_holds_has_no_interaction():
    dataset = dataset_of([{"A": 5}])
    test = MotifTest(INTERACTION, ("A", "B"))
    result = measured(subject_of(dataset, by_letters(len)), INTERACTION)
    table = tables.interactions(dataset, [test], [result], resamples=20, seed=1)
    assert table["n"].tolist() == [0]
    assert table["interaction"].isna().all()


def test_a_sum_over_positions_has_no_interaction():
    """Exactly 0, because the draws of one motif are those of both."""
    weights = np.random.default_rng(1).normal(size=(60, 5)).astype(np.float32)

    def predict(index):
        return weights[np.arange(60), index].sum(axis=1, dtype=np.float32)[:, None]

    plans = [{"A": 5, "B": 30}, {"A": 40, "B": 10}]
    result = measured(subject_of(dataset_of(plans), predict), INTERACTION)
    assert result.test.loss.tolist() == [[0], [0]]
    assert result.control.margin.tolist() == [[0], [0]]


class Edited:
    """A predictor that remembers which bases differ from those of one sequence."""

    def __init__(self):
        self.original, self.edited = None, []

    def __call__(self, index):
        if self.original is None:
            self.original = index[0].copy()
        self.edited.append(index[0] != self.original)
        return np.zeros((len(index), 1))


@pytest.mark.parametrize("starts", [{"A": 10, "B": 24}, {"A": [20, 40], "B": 2}])
def test_the_control_of_an_interaction_has_the_distances_of_the_motifs(starts):
    predict = Edited()
    # A base is replaced by itself once in four: in 30 replicates never always.
    subject = subject_of(dataset_of([starts]), predict, replicates=30)
    measured(subject, INTERACTION)
    test, control = np.array(predict.edited[1:]).reshape(2, 30, 3, 60)
    first, second = (
        np.concatenate([np.arange(start, start + 9) for start in np.atleast_1d(item)])
        for item in (starts["A"], starts["B"])
    )
    motifs = first, second, np.union1d(first, second)
    changed = [np.flatnonzero(test[:, part].any(axis=0)) for part in range(3)]
    moved = [np.flatnonzero(control[:, part].any(axis=0)) for part in range(3)]
    shift = moved[0][0] - changed[0][0]
    assert shift != 0
    for part in range(3):
        assert changed[part].tolist() == motifs[part].tolist()
        assert moved[part].tolist() == (motifs[part] + shift).tolist()
    assert not np.intersect1d(changed[2], moved[2]).size


def test_a_planted_interaction_is_found():
    """z is 4 with both and else -4: the loss of -4 - 4 - 4 less that of -4 is 7.98."""
    dataset = dataset_of(
        [{"A": 3, "B": 20}] * 20 + [{"A": 30, "B": 10}] * 20, settings={"rule": "none"}
    )
    predict = by_letters(lambda text: 8.0 * (A in text and B in text) - 4)
    table, *_ = effects_of(dataset, predict)
    row = table.set_index("kind").loc[INTERACTION]
    assert row["effect"] == pytest.approx(12.000006 - 4.018150, abs=1e-5)
    assert row["p_sign_flip"] == 1 / (SETTINGS["permutations"] + 1)
    assert row["q"] < SETTINGS["q_threshold"]


def test_several_instances_are_no_pair():
    dataset = dataset_of([{"A": [2, 14], "B": 30}, {"A": 2, "B": 30}])
    subject = subject_of(dataset, Spy())
    assert qualifying(subject, MotifTest(ORDER, ("A", "B"))).tolist() == [1]
    assert qualifying(subject, MotifTest(INTERACTION, ("A", "B"))).tolist() == [0, 1]


def test_few_of_many_sequences_are_of_both_classes():
    dataset = dataset_of([{"A": 5}] * 60, labels=[1] * 50 + [0] * 10)
    subject = subject_of(dataset, Spy(), max_sequences=12)
    rows = qualifying(subject, MotifTest(PRESENCE, ("A",)))
    assert (rows < 50).sum() == 6 and len(rows) == 12


# -- the tables ---------------------------------------------------------------------

SETTINGS = {
    "resamples": 50,
    "permutations": 10_000,
    "seed": 1,
    "correction": "benjamini_hochberg",
    "q_threshold": 0.001,
    "min_effect_fraction": 0.05,
}


def effects_of(dataset, predict, tests=None, **changes):
    subject = subject_of(dataset, predict, **changes)
    tests = all_tests(list(WORDS)) if tests is None else tests
    result = [measure(subject, test, np.random.default_rng(1)) for test in tests]
    return tables.effects(dataset, tests, result, **SETTINGS), subject, tests, result


def summary_of(d):
    """The numbers of a test whose per-sequence loss before less after is d."""
    d = np.asarray(d, dtype=float)[:, None]
    change, nothing = Change(-d, -d), Change(0 * d, 0 * d)
    measured = Measured(np.arange(len(d)), change, nothing, change)
    return tables.summary(measured, 0, resamples=50, permutations=500, seed=1)


def test_the_numbers_of_eight_sequences():
    row = summary_of([-0.5, -0.25, -0.125, 0.0625, -1, -2, -3, -4])
    assert row["effect_size_mai"] == -10.8125
    assert row["avg_loss_mai"] == pytest.approx(-1.351563, abs=1e-6)
    assert row["count_mai"] == row["n"] == 8
    # The rank sum of the one that helps is 1: 4 of 256 signs are as uneven.
    assert row["p_value_mai"] == row["p_wilcoxon"] == 0.015625
    # Here what hurts is above 0.
    assert (row["total"], row["effect"]) == (10.8125, pytest.approx(1.351563, abs=1e-6))
    assert row["rank_biserial"] == pytest.approx(0.9444, abs=5e-5)


@pytest.mark.parametrize(
    ("d", "p"),
    [([-1, -2, -3, -4, -5], 0.0625), ([0, 0, -1, -2, -3, -4, -5, -6], 0.03125)],
)
def test_the_p_of_sequences_that_all_lose(d, p):
    row = summary_of(d)
    assert row["p_value_mai"] == row["p_wilcoxon"] == p
    assert row["rank_biserial"] == 1


def test_no_difference_has_a_p_of_1_and_no_sequence_none():
    row = summary_of([0] * 8)
    assert (row["p_value_mai"], row["p_wilcoxon"], row["p_sign_flip"]) == (1, 1, 1)
    row = summary_of([])
    assert row["count_mai"] == row["n"] == 0
    assert np.isnan([row["p_value_mai"], row["p_wilcoxon"], row["p_sign_flip"]]).all()


def presence_settings(*positive):
    return {
        "rule": "presence",
        "motifs": list(WORDS),
        "positive_motifs": positive,
        "positive_fraction": 0.5,
    }


def random_plans(n, seed):
    """Both k-mers in every sequence, in either order."""
    rng = np.random.default_rng(seed)
    starts = [sorted((rng.integers(0, 20), rng.integers(30, 50))) for _ in range(n)]
    return [
        {"A": one, "B": other} if rng.random() < 0.5 else {"B": one, "A": other}
        for one, other in starts
    ]


def test_a_motif_that_is_used_is_recovered_and_no_other():
    dataset = dataset_of(
        random_plans(40, 1), length=90, settings=presence_settings("A")
    )
    table, *_ = effects_of(
        dataset, by_letters(lambda text: 5.0 * (A in text) + 0.1 * text.count("CG") - 2)
    )
    assert table["verdict"].tolist() == ["recovered", *["true_negative"] * 4]
    assert table["n"].tolist() == [40] * 5
    row = table.iloc[0]
    assert row["effect"] > 1 and row["q"] < 1e-6
    assert (row["ci_low"], row["ci_high"]) < (row["effect"], row["ci_high"])


def test_an_order_that_is_not_used_is_missed():
    dataset = dataset_of(
        random_plans(40, 1), settings={"rule": "order", "motifs": list(WORDS)}
    )
    table, *_ = effects_of(dataset, by_letters(lambda text: 5.0 * (A in text) - 2))
    assert table["expected"].tolist() == [FOUND, FOUND, FOUND, NOTHING, OPEN]
    assert table["verdict"].tolist() == [
        *("recovered", "missed", "missed", "true_negative", "")
    ]


def test_the_tables_can_be_recomputed_from_the_sequences():
    dataset = dataset_of(random_plans(30, 2), length=90, labels=[1, 0] * 15)
    predict = by_letters(lambda text: text.find(A) / 10 - text.count("G") / 4)
    table, subject, tests, result = effects_of(dataset, predict)
    sequences = tables.by_sequence(dataset, subject.logits, tests, result)
    for row in table.itertuples():
        d = sequences[sequences["test"] == row.test]
        assert row.effect == pytest.approx((d["increase"] - d["control"]).mean())
        assert row.total == pytest.approx(d["difference"].sum())
        assert row.margin == pytest.approx((d["margin"] - d["margin_control"]).mean())
        # MAI's: without control, loss before less loss after.
        assert row.count_mai == len(d) == 30
        assert row.effect_size_mai == pytest.approx(d["d_mai"].sum())
        assert row.avg_loss_mai == pytest.approx(-d["increase"].mean())
    groups = tables.by_group(
        dataset, subject.logits, tests, result, resamples=20, seed=1
    )
    by_class = groups[groups["group"].isin(["positive", "negative"])]
    assert by_class.groupby("test")["n"].sum().tolist() == [30] * 5
    total = by_class.groupby("test", sort=False)["total"].sum()
    assert total.to_numpy() == pytest.approx(table["total"].to_numpy())


def test_a_constant_predictor_gives_valid_tables():
    dataset = dataset_of(random_plans(20, 3), settings=presence_settings("A"))
    table, subject, tests, result = effects_of(dataset, Spy())
    assert table["verdict"].tolist() == ["missed", *["true_negative"] * 4]
    for column in ("p_wilcoxon", "q", "p_sign_flip", "p_margin", "p_value_mai"):
        assert table[column].tolist() == [1] * 5
    for column in ("effect", "ci_low", "ci_high", "rank_biserial", "total"):
        assert table[column].tolist() == [0] * 5
    groups = tables.by_group(
        dataset, subject.logits, tests, result, resamples=20, seed=1
    )
    assert len(groups) == 20
    figures.draw_effects(table, max_shown=30)


def test_a_motif_that_is_nowhere_keeps_its_row():
    dataset = dataset_of([{"A": 5}] * 8, settings=presence_settings("A", "B"))
    table, subject, tests, result = effects_of(dataset, Spy())
    assert table["count_mai"].tolist() == [8, 0, 0, 0, 0]
    absent = table.iloc[1:]
    assert absent[["effect", "p_wilcoxon", "q", "p_value_mai"]].isna().all(axis=None)
    assert absent["note"].str.startswith("no sequence").all()
    assert absent["verdict"].tolist() == [*["untested"] * 3, ""]
    assert len(tables.by_sequence(dataset, subject.logits, tests, result)) == 8
    assert tables.responses(subject, [("A", "B")], max_gap=5, max_sequences=9) == []


def test_few_sequences_are_said_to_be_few():
    dataset = dataset_of([{"A": 5}] * 5, settings=presence_settings("A"))
    table, *_ = effects_of(dataset, by_letters(lambda text: 9.0 * (A in text)))
    assert table.loc[0, "note"] == "5 sequences: no p below 0.0625 is possible"
    assert table.loc[0, "verdict"] == "untested"


def verdict_table(*rows):
    columns = ["kind", "expected", "effect", "q", "n"]
    return pd.DataFrame(rows, columns=columns).assign(target="t")


def test_tests_that_find_something_by_hand():
    table = verdict_table(
        (PRESENCE, FOUND, 2.0, 1e-5, 50),  # the largest
        (PRESENCE, FOUND, 0.09, 1e-5, 50),  # below 5 % of it
        (PRESENCE, FOUND, 0.11, 1e-5, 50),
        (ORDER, FOUND, 1.0, 2e-3, 50),  # q too large
        (ORDER, FOUND, -1.0, 1e-9, 50),  # perturbing helps
        (DISTANCE, NOTHING, 0.2, 1e-5, 50),
        (DISTANCE, NOTHING, 0.05, 1e-5, 50),
        (INTERACTION, NOTHING, -0.5, 1e-5, 50),  # either sign
        (INTERACTION, OPEN, 9.0, 1e-9, 50),  # no bar for the others
    )
    assert tables.finds(table, q_threshold=1e-3, min_effect_fraction=0.05).tolist() == [
        *(True, False, True, False, False, True, False, True, True)
    ]


def test_verdicts_by_hand():
    expected = [FOUND, FOUND, NOTHING, NOTHING, FOUND, NOTHING, OPEN, "", "", ""]
    result = [True, False, True, False, True, False, True, True, False, False]
    possible = [True, True, True, True, False, False, True, True, True, False]
    judged = verdicts(expected, result, possible)
    assert judged == [
        "recovered",
        "missed",
        "false_positive",
        "true_negative",
        "untested",
        "untested",
        "",
        "found",
        "not_found",
        "untested",
    ]
    scores = verdict_scores([*judged, "missed", "true_negative"], "tests")
    assert [(row.metric, row.better, row.value, row.n) for row in scores] == [
        ("tests_recovered", "higher", 1 / 3, 3),
        ("tests_false", "lower", 1 / 3, 3),
    ]
    assert verdict_scores(["", "untested"], "tests") == []


def judged_alone(n, permutations):
    """Verdict and note of a distance that the network does not look at."""
    settings = {"rule": "distance", "motifs": ["A", "B"], "min_gap": 3, "max_gap": 8}
    dataset = dataset_of([{"A": 5, "B": 30}] * n, settings=settings)
    test = MotifTest(DISTANCE, ("A", "B"))
    none = Change(np.zeros((n, 1)), np.zeros((n, 1)))
    table = tables.effects(
        dataset,
        [test],
        [Measured(np.arange(n), none, none, none)],
        **(SETTINGS | {"permutations": permutations}),
    )
    return tuple(table.loc[0, ["verdict", "note"]])


def test_few_sequences_test_nothing():
    # The smallest p of n values is 2^(1 - n): 2^-9 is not below 0.001, 2^-10 is.
    few = ("untested", "too few sequences for q < 0.001")
    assert judged_alone(10, 10_000) == few
    assert judged_alone(11, 10_000) == ("missed", "")
    # The smallest p of 999 random flips is 1 / 1000, of 1000 it is below.
    few = ("untested", "too few permutations for q < 0.001")
    assert judged_alone(50, 999) == few
    assert judged_alone(50, 1000) == ("missed", "")


def test_a_motif_without_an_instance_is_named():
    settings = {"rule": "distance", "motifs": ["A", "B"], "min_gap": 3, "max_gap": 8}
    dataset = dataset_of([{"A": 5}] * 12, settings=settings)
    none = Change(np.zeros((12, 1)), np.zeros((12, 1)))
    empty = Change(np.zeros((0, 1)), np.zeros((0, 1)))
    table = tables.effects(
        dataset,
        [MotifTest(PRESENCE, ("A",)), MotifTest(DISTANCE, ("A", "B"))],
        [
            Measured(np.arange(12), none, none, none),
            Measured(np.arange(0), empty, empty, empty),
        ],
        present={"A"},
        **(SETTINGS | {"permutations": 10_000}),
    )
    assert table["note"].tolist() == ["", "no instance of B"]
    # A matrix of six bases matches with 4^-6 at best, above 1e-4.
    said = tables._absent(["A", "B"], False)
    assert said == "no instance of A or B at this p_threshold"


@pytest.mark.parametrize("correction", tables.CORRECTIONS)
def test_the_smallest_q_counts_the_tests(correction):
    # 145 tests and p at least 1e-5: 1.45e-3, not below 0.001.
    adjust = tables.CORRECTIONS[correction]
    p = np.ones(145)
    assert tables.min_q(p, np.full(145, 1e-5), adjust) == pytest.approx(1.45e-3)
    # After 99 tests with p = 0, Holm multiplies by the 46 that are left, and
    # Benjamini-Hochberg by 145 / 100. A test without a p has no q and does not count.
    p[:99] = 0
    p = np.append(p, np.nan)
    q = tables.min_q(p, np.full(146, 1e-5), adjust)
    factor = {"holm": 46, "benjamini_hochberg": 1.45}[correction]
    assert q[99:-1] == pytest.approx(factor * 1e-5)
    assert np.isnan(q[-1])


@pytest.mark.parametrize("correction", tables.CORRECTIONS)
def test_a_distance_among_many_tests_needs_more_permutations(caplog, correction):
    """Two motifs, five tests: the smallest q of 4,000 flips is 5 / 4001 > 0.001."""
    settings = {"rule": "distance", "motifs": ["A", "B"], "min_gap": 3, "max_gap": 8}
    dataset = dataset_of([{"A": 5, "B": 30}] * 40, settings=settings)
    none, one = (Change(np.full((40, 1), x), np.full((40, 1), x)) for x in (0.0, 1.0))
    tests = all_tests(["A", "B"])
    result = [
        Measured(np.arange(40), one if test.kind == DISTANCE else none, none, none)
        for test in tests
    ]
    changes = {"correction": correction, "permutations": 4000}
    with caplog.at_level("WARNING", logger="proofread"):
        table = tables.effects(dataset, tests, result, **(SETTINGS | changes))
    row = table.set_index("kind").loc[DISTANCE]
    note = "too few permutations for q < 0.001"
    assert (row["verdict"], row["note"]) == ("untested", note)
    assert row["p_sign_flip"] == 1 / 4001
    assert f"{note}: 1 of 5 tests can find nothing" in caplog.text
    written = [
        text.get_text()
        for panel in figures.draw_effects(table, max_shown=30).axes
        for text in panel.texts
    ]
    assert f"{note}, q = 0.0012" in written
    shown = section._row(table.loc[table["kind"] == DISTANCE].iloc[0])
    assert shown["verdict"] == note
    changes["permutations"] = 5000
    table = tables.effects(dataset, tests, result, **(SETTINGS | changes))
    assert table.set_index("kind").loc[DISTANCE, "verdict"] == "recovered"


def test_distances_are_decided_by_the_sign_flip():
    dataset = dataset_of([{"A": 3, "B": 12}] * 40, labels=[1, 0] * 20)
    table, *_ = effects_of(dataset, by_letters(lambda text: text.find(B) / 9 - 2))
    chosen = table["p_wilcoxon"].where(table["kind"] != DISTANCE, table["p_sign_flip"])
    assert (table["p_wilcoxon"] != table["p_sign_flip"]).any()
    assert table["q"].tolist() == pytest.approx(benjamini_hochberg(chosen))


def test_moves_that_should_do_nothing_do_not_raise_the_bar():
    """5 % of 2 is 0.1; 5 % of the 10 of the same side would be 0.5."""
    table = verdict_table(
        (PRESENCE, FOUND, 2.0, 1e-5, 50),
        (ORDER, FOUND, 0.2, 1e-5, 50),
        (SAME_SIDE, NOTHING, 10.0, 1e-5, 50),
    )
    assert tables.finds(table, q_threshold=1e-3, min_effect_fraction=0.05).all()


def test_nothing_is_found_where_every_perturbation_helps():
    table = verdict_table((PRESENCE, NOTHING, -2.0, 1e-9, 50), (ORDER, FOUND, 0, 1, 50))
    assert not tables.finds(table, q_threshold=1e-3, min_effect_fraction=0.05).any()


def test_targets_are_judged_apart():
    plans = random_plans(30, 4)
    settings = {
        "rule": "logic",
        "positive_fraction": 0.5,
        "motifs": list(WORDS),
        "logic": None,
        "targets": {"target0": "A", "target1": "B"},
    }
    dataset = dataset_of(plans, labels=np.ones((30, 2)), settings=settings)
    table, *_ = effects_of(
        dataset, by_letters(lambda text: [6.0 * (A in text) - 3] * 2, targets=2)
    )
    verdicts = table.set_index(["target", "test"])["verdict"]
    assert verdicts["target0", "presence_of_A"] == "recovered"
    assert verdicts["target0", "presence_of_B"] == "true_negative"
    assert verdicts["target1", "presence_of_A"] == "false_positive"
    assert verdicts["target1", "presence_of_B"] == "missed"
    # q is over all ten tests, of which two are found.
    p = table["p_wilcoxon"].to_numpy()
    assert table.loc[0, "q"] == pytest.approx(p[0] * 10 / 2)


# -- distances ----------------------------------------------------------------------


def test_a_curve_shows_the_gaps_that_are_used():
    """Logit 4 where B stands 3 to 6 bases behind A, else -4."""

    def logit(text):
        a, b = text.find(A), text.find(B)
        return 4.0 if 3 <= b - a - len(A) <= 6 else -4.0

    dataset = dataset_of(random_plans(12, 5))
    subject = subject_of(dataset, by_letters(logit))
    result = tables.responses(subject, [("A", "B")], max_gap=10, max_sequences=8)
    assert [(item.left, item.right) for item in result] == [("A", "B"), ("B", "A")]
    assert result[0].logits.shape == (8, 11, 1)
    expected = [-4.0] * 3 + [4.0] * 4 + [-4.0] * 4
    assert result[0].logits[:, :, 0].tolist() == [expected] * 8
    assert (result[1].logits == -4).all()
    settings = {"rule": "distance", "motifs": ["A", "B"], "min_gap": 2, "max_gap": 5}
    dataset.settings = settings
    curves, ranges = tables.gap_tables(dataset, result, resamples=20, seed=1)
    assert len(curves) == 22
    first, second = ranges.itertuples()
    assert (first.learned_min, first.learned_max) == (3, 6)
    assert (first.planted_min, first.planted_max) == (2, 5)
    assert first.overlap == pytest.approx(3 / 5)  # 3..5 of 2..6
    assert pd.isna(second.learned_min) and pd.isna(second.planted_min)
    nothing = pd.DataFrame({"verdict": []})
    numbers = (first.overlap, 8, first.overlap, first.overlap)
    assert tables.scores(nothing, ranges) == [
        Score("gap_range_overlap", *numbers, target="target0")
    ]
    figures.draw_gaps(curves, ranges)


def test_one_long_sequence_does_not_decide_the_largest_gap():
    """Two k-mers of 9 leave 42 of 60 bases, and 82 of 100: two of three have 42."""
    dataset = dataset_of(random_plans(3, 5), length=100)
    dataset.length[:2], dataset.index[:2, 60:] = 60, UNKNOWN
    subject = subject_of(dataset, by_letters(lambda text: 1.0))
    result = tables.responses(subject, [("A", "B")], max_gap=1000, max_sequences=8)
    assert [item.logits.shape for item in result] == [(3, 43, 1)] * 2


@pytest.mark.parametrize("on_right", [True, False])
def test_the_fixed_motif_stays_unless_the_largest_gap_needs_its_room(on_right):
    plans = [{"A": 20, "B": 45}, {"A": 44, "B": 2}, {"A": 3, "B": 30}]
    # To the right the pair fits from 30 on, to the left from 21 on: just so.
    plans += [{"A": 30, "B": 2}, {"A": 31, "B": 2}, {"A": 21, "B": 45}]
    dataset = dataset_of(plans)
    spy = Spy()
    instances = planted(dataset)
    rows = np.arange(6)
    gap_response(
        spy,
        dataset.index,
        dataset.length,
        instances.single("A", rows),
        instances.single("B", rows),
        12,
        on_right=on_right,
    )
    starts = [[text.find(A) for text in letters_of(item)] for item in spy.seen]
    # The pair needs 9 + 12 + 9 of 60 bases; in the middle it begins at 15. To the left,
    # the other motif begins there, and the fixed one 21 bases behind.
    expected = [20, 15, 3, 30, 15, 21] if on_right else [36, 44, 36, 30, 31, 21]
    assert starts == [expected] * 13
    gaps = [[gap_of(text) for text in letters_of(item)] for item in spy.seen]
    assert gaps == [[gap] * 6 for gap in range(13)]


@pytest.mark.parametrize(
    ("curve", "expected"),
    [
        ([0.1, 0.1, 0.9, 0.8, 0.1], (2, 3)),
        ([0.9, 0.8, 0.1, 0.1, 0.6], (0, 1)),  # the run around the highest
        ([0.1, 0.1, 0.2, 0.7, 0.9], (3, 4)),
        ([0.4, 0.5, 0.55, 0.45, 0.4], None),  # rises by 0.15
        ([0.1, 0.1, 0.4, 0.4, 0.1], None),  # nowhere positive
        ([0.0, 0.5, 1.0, 0.25], (1, 2)),  # half way up is up
        ([0.4, 0.61, 0.4], (1, 1)),  # rises by 0.21
        ([0.4, 0.59, 0.4], None),  # by 0.19
        ([0.1, 0.5, 0.1], (1, 1)),
        ([0.1, 0.49, 0.1], None),  # nowhere positive
    ],
)
def test_a_range_is_read_half_way_up(curve, expected):
    assert learned_range(np.array(curve)) == expected


def test_overlap_of_ranges():
    assert overlap((3, 6), (2, 5)) == pytest.approx(3 / 5)
    assert overlap((3, 6), (3, 6)) == 1
    assert overlap((0, 1), (2, 5)) == overlap((0, 1), (7, 9)) == 0
    assert overlap((0, 2), (2, 5)) == pytest.approx(1 / 6)
    assert overlap(None, (2, 5)) == 0


# -- the job ------------------------------------------------------------------------

FILES = {
    "table": "table.tsv",
    "score": "score.tsv",
    "pairs": "pairs.tsv",
    "same_side": "same_side.tsv",
    "groups": "groups.tsv",
    "sequences": "sequences.tsv",
    "gaps": "gaps.tsv",
    "ranges": "ranges.tsv",
    "figure": "effects.svg",
    "gaps_figure": "gaps.svg",
}


def job(folder, dataset, model, motifs=(), outputs=(), **params):
    """Write a dataset that is all test split; the job that tests a model on it."""
    folder.mkdir(exist_ok=True)
    write_dataset(folder / "dataset.h5", dataset)
    none = np.array([], dtype=int)
    rows = {"train": none, "validation": none, "test": np.arange(len(dataset))}
    write_splits(folder / "splits.h5", rows)
    few = {
        "resamples": 50,
        "permutations": 10_000,
        "max_gap_sequences": 10,
        "max_gap": 20,
    }
    return SimpleNamespace(
        input=SimpleNamespace(
            model=model,
            dataset=folder / "dataset.h5",
            splits=folder / "splits.h5",
            motifs=list(motifs),
        ),
        output=OutputFiles(
            fromdict={key: str(folder / FILES[key]) for key in outputs or FILES}
        ),
        params=SimpleNamespace(**(DEFAULTS | few | params)),
    )


@pytest.fixture(scope="module")
def kmers(tmp_path_factory):
    """scikit-learn's 6-mers on simulated presence data: checkpoint and dataset."""
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression

    folder = tmp_path_factory.mktemp("kmers")
    schema = yaml.safe_load((SCHEMAS / "datasets/simulate.schema.yaml").read_text())
    settings = {
        name: part.get("default")
        for name, part in schema["properties"].items()
        if name not in ("split", "source")
    }
    settings |= {"rule": "presence", "motifs": ["STAT_known2", "CTCF_known1"]}
    settings |= {"positive_motifs": ["STAT_known2"], "sequences": 1400, "length": 100}
    whole = simulate(settings)
    training, test = whole.subset(np.arange(1000)), whole.subset(np.arange(1000, 1400))
    counter = CountVectorizer(analyzer="char", lowercase=False, ngram_range=(6, 6))
    texts = [training.sequence(row) for row in range(len(training))]
    model = LogisticRegression().fit(counter.fit_transform(texts), training.label[:, 0])
    np.savez(
        folder / "kmers.npz",
        kmers=counter.get_feature_names_out().astype(str),
        coefficients=model.coef_,
        intercept=model.intercept_,
    )
    imported = {
        "adapter": str(ROOT / "examples/user_model/sklearn_kmers.py"),
        "function": "load",
        "weights": str(folder / "kmers.npz"),
        "sha256": None,
        "settings": {"k": 6},
        "first_convolution": None,
        "first_activation": None,
    }
    content = weights_content(imported)
    assert predictor_of(build_user_model(imported, content, 100, test.target))
    save_user_model(folder / "model.ckpt", imported, content, 100, test.target)
    return folder / "model.ckpt", test


@pytest.fixture(scope="module")
def tested(kmers, tmp_path_factory):
    """What the job writes about the 6-mers."""
    folder = tmp_path_factory.mktemp("tested")
    model, dataset = kmers
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(script, "start", lambda job: None)
        script.main(job(folder, dataset, model))
    return folder


def test_any_predictor_is_tested(tested):
    """A scikit-learn pipeline, through the adapter of the examples."""
    table = read_table(tested / "table.tsv").set_index("test")
    assert table.loc["presence_of_STAT_known2", "verdict"] == "recovered"
    others = table.drop(index="presence_of_STAT_known2")["verdict"]
    assert len(others) == 4 and set(others) == {"true_negative"}
    score = read_table(tested / "score.tsv").set_index("metric")
    assert score["value"].to_dict() == {"tests_recovered": 1, "tests_false": 0}
    assert score["n"].to_dict() == {"tests_recovered": 1, "tests_false": 4}
    assert len(read_table(tested / "same_side.tsv")) == 0
    assert len(read_table(tested / "gaps.tsv")) == 2 * 21


def test_the_same_job_gives_the_same_bytes(kmers, tmp_path):
    model, dataset = kmers
    few = dataset.subset(np.arange(30))
    for name in ("one", "two"):
        script.main(job(tmp_path / name, few, model))
    for name in FILES.values():
        one, two = (tmp_path / item / name for item in ("one", "two"))
        assert one.read_bytes() == two.read_bytes(), name


def test_a_negative_control_has_the_same_table_and_score_and_no_figure(kmers, tmp_path):
    model, dataset = kmers
    few = dataset.subset(np.arange(30))
    kept = ("table", "score", "pairs")
    script.main(job(tmp_path / "whole", few, model))
    script.main(job(tmp_path / "control", few, model, outputs=kept))
    for name in (FILES[key] for key in kept):
        one, two = (tmp_path / folder / name for folder in ("whole", "control"))
        assert one.read_bytes() == two.read_bytes(), name
    assert not (tmp_path / "control" / FILES["figure"]).exists()


def user_data(dataset):
    """The same sequences without their truth."""
    return Dataset(
        dataset.index,
        dataset.length,
        dataset.name,
        dataset.label,
        dataset.target,
        dataset.name,
        dataset.stratum,
        truth=empty_truth(),
    )


def test_your_own_sequences_are_scanned(kmers, tmp_path):
    model, dataset = kmers
    motifs = [Motif(name, matrix) for name, matrix in dataset.motifs.items()]
    write_meme(tmp_path / "motifs.meme", motifs)
    own = user_data(dataset.subset(np.arange(200)))
    script.main(job(tmp_path, own, model, [tmp_path / "motifs.meme"]))
    table = read_table(tmp_path / "table.tsv").set_index("test")
    assert len(table) == 5
    assert table.loc["presence_of_STAT_known2", "effect"] > 0.3
    assert table.loc["presence_of_STAT_known2", "q"] < 1e-3
    assert table.loc["presence_of_CTCF_known1", "q"] > 0.05
    assert table["expected"].isna().all()
    assert table.loc["presence_of_STAT_known2", "verdict"] == "found"
    assert table.loc["presence_of_CTCF_known1", "verdict"] == "not_found"
    assert (tmp_path / "score.tsv").read_text() == "\t".join(SCORE_COLUMNS) + "\n"


def test_few_sequences_of_a_split_are_used(kmers, tmp_path):
    model, dataset = kmers
    motifs = [Motif(name, matrix) for name, matrix in dataset.motifs.items()]
    write_meme(tmp_path / "motifs.meme", motifs)
    own = user_data(dataset.subset(np.arange(200)))
    item = job(tmp_path, own, model, [tmp_path / "motifs.meme"], max_sequences=40)
    seen = []
    with pytest.MonkeyPatch.context() as patched:
        scanned = motif_choice.scanned
        patched.setattr(
            motif_choice,
            "scanned",
            lambda index, *by: seen.append(index) or scanned(index, *by),
        )
        script.main(item)
    # Once to choose the motifs, once to find their instances.
    assert [len(index) for index in seen] == [40, 40]
    named = set(read_table(tmp_path / "sequences.tsv")["name"])
    assert 0 < len(named) <= 40


def test_named_motifs_alone_are_tested(kmers, tmp_path):
    model, dataset = kmers
    few = dataset.subset(np.arange(60))
    script.main(job(tmp_path, few, model, motifs=(), max_motifs=1))
    assert read_table(tmp_path / "table.tsv")["test"].tolist() == [
        "presence_of_STAT_known2"
    ]
    assert len(read_table(tmp_path / "gaps.tsv")) == 0
    item = job(tmp_path, few, model)
    item.params.motifs = ["CTCF_known1"]
    script.main(item)
    assert read_table(tmp_path / "table.tsv")["first"].tolist() == ["CTCF_known1"]
    item.params.motifs = ["STAT"]
    with pytest.raises(InputError, match="'STAT' is not in the planted motifs"):
        script.main(item)


def test_without_motifs_your_own_sequences_are_refused(kmers, tmp_path):
    model, dataset = kmers
    with pytest.raises(InputError, match="motifs_file"):
        script.main(job(tmp_path, user_data(dataset.subset(np.arange(20))), model))


def test_where_no_motif_is_planted_there_is_no_test(kmers, tmp_path):
    """Rule gc."""
    model, dataset = kmers
    own = user_data(dataset.subset(np.arange(20)))
    own.settings = {"source": "simulate", "rule": "gc"}
    script.main(job(tmp_path, own, model))
    for name in ("table", "same_side", "groups", "sequences", "gaps", "ranges"):
        assert len(read_table(tmp_path / FILES[name])) == 0, name
    assert len(read_table(tmp_path / "score.tsv")) == 0
    with pytest.raises(InputError, match="'A', but rule gc plants no motif"):
        named = job(tmp_path, own, model)
        named.params.motifs = ["A"]
        script.main(named)
    page = Page(tmp_path, simulated=True)
    assert section.findings([page]) == []
    assert section.section(page, DEFAULTS)["rows"] == []


# -- the page -----------------------------------------------------------------------


class Page:
    """An experiment as far as the section reads it."""

    dataset, model, seed, quantitative = "data", "net", "1", False

    def __init__(self, folder, *, simulated):
        self.folder = folder
        self.simulated = simulated
        self.standing = {"stated": True, "sentence": "", "weak": []}

    def table(self, method, name):
        assert method == "motif_tests"
        return read_table(self.folder / name)

    def has(self, *parts):
        return False  # no figures


def test_the_page_says_what_was_found(tested, tmp_path):
    for name in ("table.tsv", "same_side.tsv"):
        (tmp_path / name).write_bytes((tested / name).read_bytes())
    page = Page(tmp_path, simulated=True)
    (result,) = section.findings([page, page])
    assert (result["tag"], result["kind"]) == ("as planted", "ok")
    assert result["texts"] == ["presence of STAT_known2: recovered, recovered"]
    shown = section.section(page, DEFAULTS)
    assert [row["verdict"] for row in shown["rows"]] == [
        "recovered",
        *["true negative"] * 4,
    ]
    assert shown["rows"][2]["name"] == "order of STAT_known2 and CTCF_known1"
    page_of = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )
    html = page_of.get_template("sections/motif_tests.html.j2").render(shown)
    assert html.count("true negative") == 2 * 4
    assert "compares this with the planted rule" in html
    assert "5 % of the largest effect" in html
    # The other motif found, the planted one missed: both are said.
    table = read_table(tmp_path / "table.tsv")
    table.loc[[0, 1], "verdict"] = ["missed", "false_positive"]
    write_table(tmp_path / "table.tsv", table)
    (result,) = section.findings([page])
    assert (result["tag"], result["kind"]) == ("2 of 5 not as planted", "warn")
    assert result["texts"] == [
        "presence of STAT_known2: missed",
        "presence of CTCF_known1: false positive",
    ]
    assert section.findings([Page(tmp_path, simulated=False)]) == []


def test_without_truth_the_page_says_found_or_not(tested, tmp_path):
    table = read_table(tested / "table.tsv").assign(expected="", verdict="not_found")
    table.loc[0, "verdict"] = "found"
    write_table(tmp_path / "table.tsv", table)
    # Of data without a planted range: its header alone.
    write_table(tmp_path / "same_side.tsv", table.head(0))
    shown = section.section(Page(tmp_path, simulated=False), DEFAULTS)
    assert [row["verdict"] for row in shown["rows"]] == ["found", *["not found"] * 4]
    page_of = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )
    html = page_of.get_template("sections/motif_tests.html.j2").render(shown)
    assert html.count(">not found<") == 4
    assert "planted" not in html and "verdict" not in html


def test_the_page_names_the_protein_of_a_database_s_motif(tested, tmp_path):
    table = read_table(tested / "table.tsv").assign(expected="", verdict="found")
    table = table.replace({"STAT_known2": "MA0080.7"})
    write_table(tmp_path / "table.tsv", table)
    write_table(tmp_path / "same_side.tsv", table.head(0))
    spi1 = Motif("MA0080.7", np.eye(4), alternative_name="MA0080.7.Spi1")
    write_meme(tmp_path / "jaspar.meme", [spi1], np.full(4, 0.25))
    page = Page(tmp_path, simulated=False)
    page.results = SimpleNamespace(
        once=lambda reader, folder, name: reader(tmp_path / name)
    )
    shown = section.section(page, DEFAULTS | {"databases": ["jaspar"]})
    names = [row["name"] for row in shown["rows"]]
    assert names[0] == "presence of Spi1 (MA0080.7)"
    assert names[2] == "order of Spi1 (MA0080.7) and CTCF_known1"


# -- the configuration --------------------------------------------------------------


def configuration(**settings):
    own = {"source": "fasta", "positives": {"path": "p.fa"}}
    own |= {"negatives": {"shuffle": "dinucleotide", "seed": 1}, "target": "bound"}
    return {
        "analyses": ["motif_tests"],
        "datasets": {"own": own},
        "models": {"net": {"architecture": "eraslan2019"}},
        "databases": {"known": {"release": "JASPAR2026"}},
        "methods": {"motif_tests": settings},
    }


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("p.fa", "m.meme"):
        Path(name).write_text("")
    Path("e.tsv").write_text("dataset\tmodel\tseed\nown\tnet\t1\n")


def checked(**settings):
    config = check_configuration(configuration(**settings), SCHEMAS)
    return read_experiments("e.tsv", config)


@pytest.mark.parametrize("given", [{"motifs_file": "m.meme"}, {"databases": ["known"]}])
def test_motifs_of_a_file_or_of_a_database_will_do(folder, given):
    assert len(checked(**given)) == 1


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, r"e\.tsv, row 2: motif_tests on 'own', whose motifs are not known"),
        ({"motifs_file": "x.meme"}, r"methods\.motif_tests\.motifs_file: 'x\.meme' is"),
        ({"databases": ["unknown"]}, r"motif_tests\.databases: database 'unknown'"),
        ({"motifs_file": "m.meme", "databases": ["known"]}, "both motifs_file and"),
    ],
)
def test_what_no_run_could_use_is_refused_before_it(folder, given, message):
    with pytest.raises(InputError, match=message):
        checked(**given)


# -- where there is nothing ---------------------------------------------------------


def test_nothing_is_found_where_there_is_nothing():
    """The check of tools/, smaller: 100 tests, so that 3 SE are 0.065."""
    p = check_motif_tests_null.null_p(20, "placebo")
    errors = check_motif_tests_null.type_one_errors(p).loc["all"]
    assert errors["tests"] == 100
    assert errors["wilcoxon"] < 0.05 + 0.065
    assert errors["sign_flip"] < 0.05 + 0.065
    # Neither do all p hide near 1.
    assert p["wilcoxon"].median() == pytest.approx(0.5, abs=0.15)
