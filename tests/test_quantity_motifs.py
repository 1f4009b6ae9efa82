"""Motif tests and motif insertion of quantities: a network that is the planted rule."""

import math
from dataclasses import replace
from types import SimpleNamespace

import jinja2
import numpy as np
import pandas as pd
import pytest
import torch
import yaml
from matplotlib.figure import Figure
from snakemake.iocontainers import OutputFiles

import motif_insertion as insertion_script
import motif_tests as tests_script
import proofread
from proofread.configuration.schema import SCHEMAS
from proofread.datasets.dataset import (
    TRUTH_COLUMNS,
    Dataset,
    write_dataset,
    write_splits,
)
from proofread.datasets.simulation.effects import values_and_effects
from proofread.dna.encoding import encode
from proofread.methods.motif_insertion import quantities as insertion_quantities
from proofread.methods.motif_insertion.figures import draw_spacing
from proofread.methods.motif_insertion.insertions import change_of
from proofread.methods.motif_insertion.measure import insert_motifs
from proofread.methods.motif_insertion.tables import (
    changes_output,
    spacing,
)
from proofread.methods.motif_insertion.tables import (
    effects as insertion_effects,
)
from proofread.methods.motif_tests import quantities
from proofread.methods.motif_tests.effects import (
    MotifTest,
    Subject,
    all_tests,
    copy_tests,
    measure,
)
from proofread.models.output_scale import in_user_units
from proofread.models.predictor import Predictor
from proofread.motifs.motif import Motif
from proofread.report.page import TEMPLATES
from proofread.report.sections import motif_insertion as insertion_section
from proofread.report.sections import motif_tests as tests_section
from proofread.statistics.transforms import LOG1P, RANK_NORMAL
from proofread.statistics.units import LOG_RATE, LOGIT, USER, with_unit
from proofread.tables import Score, read_table, write_score
from proofread.truth.comparisons import compare
from proofread.truth.expectation import (
    DISTANCE,
    FOUND,
    INTERACTION,
    NOTHING,
    PRESENCE,
    expectation,
    named_motifs,
    named_pairs,
)
from proofread.truth.headline import COMPARED, METHOD, SUBJECT, headline_scores
from proofread.truth.instances import planted
from proofread.truth.planted_effects import (
    decay_length,
    effect_of_instances,
    effect_scores,
    first_copies,
    fitted_decay,
    has_planted_size,
    on_planted_scale,
    planted_effects,
    slope,
    term_of_instances,
    with_forms,
)
from proofread.truth.planted_figure import draw_against_planted
from proofread.truth.recovery import PARTLY, recoveries
from proofread.truth.scorecard import (
    collect_ideal_scores,
    collect_scores,
    join_controls,
)
from proofread.truth.verdicts import verdict_scores, verdicts

# K-mers that random bases do not hold.
KMERS = {
    "A": "ACCATACAG",
    "B": "GTTCGTGGC",
    "C": "TTGACGCAA",
    "D": "CGGATATCC",
    "Z": "GAGTCTTAC",
}
EFFECTS = {"A": 2.0, "B": 1.0, "C": -1.5, "D": 0.8, "Z": 0}
SYNERGY, DECAY, LENGTH = 1.5, 20.0, 90
STATISTICS = {"resamples": 50, "seed": 1}
SETTINGS = STATISTICS | {
    "permutations": 1000,
    "correction": "benjamini_hochberg",
    "q_threshold": 0.05,
    "min_effect_fraction": 0.05,
}


def rule(*interactions):
    """Settings of a dataset of rule effects."""
    return {
        "source": "simulate",
        "rule": "effects",
        "target_type": "quantitative",
        "motifs": list(EFFECTS),
        "effects": EFFECTS,
        "interactions": list(interactions),
        "position": None,
        "gc_slope": 0,
        "baseline": 0,
        "noise": None,
    }


TOGETHER = {
    "motifs": ["A", "B"],
    "form": "multiplicative",
    "effect": SYNERGY,
    "decay_length": None,
}
DECAYING = {
    "motifs": ["A", "B"],
    "form": "distance_decay",
    "effect": SYNERGY,
    "decay_length": DECAY,
}
ADDED = {"motifs": ["A", "C"], "form": "additive"}
# Two copies of D: 0.8 x 2 x 2 / (1 + 2) = 3.2 / 3, instead of 1.6.
SATURATED = {"motifs": ["D"], "form": "saturating", "half": 1, "hill": 1}
OF_COPIES = 3.2 / 3 - 1.6


def starts_of(index):
    """Start of each k-mer in each sequence: by motif, two columns (sequence, start)."""
    result = {}
    for name, kmer in KMERS.items():
        windows = np.lib.stride_tricks.sliding_window_view(index, len(kmer), axis=1)
        result[name] = np.argwhere((windows == encode(kmer)).all(axis=2))
    return result


def network(settings):
    """The values of a rule, by the k-mers that a sequence holds: all are best ones."""
    forms = {item["form"]: item for item in settings["interactions"]}

    def predict(index):
        found = starts_of(np.asarray(index))
        count = {
            name: np.bincount(rows[:, 0], minlength=len(index))
            for name, rows in found.items()
        }
        value = sum(
            effect * count[name] for name, effect in EFFECTS.items() if name != "D"
        )
        if "saturating" in forms:
            value = value + EFFECTS["D"] * 2 * count["D"] / (1 + count["D"])
        else:
            value = value + EFFECTS["D"] * count["D"]
        if "multiplicative" in forms:
            value = value + SYNERGY * count["A"] * count["B"]
        if "distance_decay" in forms:
            value = value + 0.0
            for sequence, start in found["A"]:
                for other in found["B"][found["B"][:, 0] == sequence, 1]:
                    gap = abs(other - start) - len(KMERS["A"])
                    value[sequence] += SYNERGY * np.exp(-gap / DECAY)
        return value[:, None].astype(np.float64)

    return predict


def dataset_of(plans, settings, *, effect=None, targets=1):
    """Sequences of random bases with k-mers planted: for each, [(name, start), ...].

    The label is the value of the rule, of a second target its opposite.
    """
    index = np.random.default_rng(3).integers(0, 4, (len(plans), LENGTH), np.uint8)
    rows = []
    for row, plan in enumerate(plans):
        for name, start in sorted(plan, key=lambda item: item[1]):
            end = start + len(KMERS[name])
            index[row, start:end] = encode(KMERS[name])
            rows.append((row, name, start, end, "+", "causal", KMERS[name]))
    truth = pd.DataFrame(rows, columns=list(TRUTH_COLUMNS)).astype(TRUTH_COLUMNS)
    truth["effect"] = truth["motif"].map(EFFECTS) if effect is None else effect
    value = network(settings)(index)
    label = np.concatenate([value, -value], axis=1)[:, :targets].astype(np.float32)
    names = [f"s{row}" for row in range(len(plans))]
    return Dataset(
        index=index,
        length=np.full(len(plans), LENGTH),
        name=names,
        label=label,
        target=["value", "opposite"][:targets],
        group=names,
        stratum=["quantile_1"] * len(plans),
        truth=truth,
        motifs={name: np.eye(4)[encode(kmer)] for name, kmer in KMERS.items()},
        settings=settings,
    )


def subject_of(dataset, predict):
    return Subject(
        predict=predict,
        dataset=dataset,
        instances=planted(dataset),
        frequencies=np.full(4, 0.25),
        logits=predict(dataset.index),
        replicates=2,
        max_sequences=1000,
        seed=1,
        scale=in_user_units(dataset.target),
    )


def measured_by(dataset, predict, tests):
    subject = subject_of(dataset, predict)
    return [measure(subject, test, np.random.default_rng(1)) for test in tests]


def table_of(dataset, predict, tests):
    measured = measured_by(dataset, predict, tests)
    return quantities.effects(dataset, tests, measured, **SETTINGS)


def one_each(n=14):
    """Sequences with one instance of every motif.

    Of 13 or fewer equal differences SciPy's exact p takes long.
    """
    starts = (2, 20, 38, 56, 74)
    return [list(zip(EFFECTS, starts, strict=True))] * n


# -- motif tests --------------------------------------------------------------------


def test_the_effect_is_what_the_motif_adds_and_the_loss_its_square():
    settings = rule()
    dataset = dataset_of(one_each(), settings)
    tests = [MotifTest(PRESENCE, (name,)) for name in EFFECTS]
    table = table_of(dataset, network(settings), tests).set_index("first")
    # Without a motif the output is lower by its effect; bases outside motifs add 0.
    np.testing.assert_allclose(table["effect"], list(EFFECTS.values()), atol=1e-12)
    np.testing.assert_allclose(table["planted"], list(EFFECTS.values()))
    assert (table["control"] == 0).all()
    # The network is exact, so that the squared error rises from 0 to the effect's.
    squares = [effect**2 for effect in EFFECTS.values()]
    np.testing.assert_allclose(table["loss"], squares, atol=1e-6)
    assert table["measure"].eq("output").all() and table["n"].eq(14).all()
    verdict = dict.fromkeys("ABCD", "recovered") | {"Z": "true_negative"}
    assert table["verdict"].to_dict() == verdict
    np.testing.assert_allclose(table["ci_low"], table["effect"])


def test_copies_in_a_sequence_are_replaced_together_and_add_up():
    settings = rule()
    plans = [[("A", 2), ("A", 30)]] * 7 + [[("A", 2)]] * 7
    dataset = dataset_of(plans, settings)
    (row,) = table_of(
        dataset, network(settings), [MotifTest(PRESENCE, ("A",))]
    ).itertuples()
    assert row.effect == row.planted == pytest.approx((7 * 4 + 7 * 2) / 14)


def test_a_motif_that_is_called_with_the_other_sign_is_no_recovery():
    settings = rule()
    dataset = dataset_of(one_each(), settings)

    def opposite(index):
        return -network(settings)(index)

    tests = [MotifTest(PRESENCE, (name,)) for name in "ACZ"]
    table = table_of(dataset, opposite, tests)
    assert table["verdict"].tolist() == ["wrong_sign", "wrong_sign", "true_negative"]
    by_metric = {score.metric: score for score in verdict_scores(table["verdict"], "x")}
    assert (by_metric["x_recovered"].value, by_metric["x_recovered"].n) == (0, 2)


def test_a_motif_without_effect_that_is_called_is_a_false_positive():
    settings = rule()
    dataset = dataset_of(one_each(), settings)

    def reads_z(index):
        count = np.bincount(starts_of(index)["Z"][:, 0], minlength=len(index))
        return network(settings)(index) + count[:, None]

    tests = [MotifTest(PRESENCE, (name,)) for name in EFFECTS]
    table = table_of(dataset, reads_z, tests)
    assert table["verdict"].iloc[-1] == "false_positive"
    scores = {s.metric: s.value for s in effect_scores(table, sizes=True, **STATISTICS)}
    assert scores["type_i_error"] == 1 and scores["sign_significant"] == 1


def test_a_missing_value_is_left_out_of_the_loss_only():
    settings = rule()
    dataset = dataset_of(one_each(), settings, targets=2)
    dataset.label[:5, 1] = np.nan

    def both(index):
        value = network(settings)(index)
        return np.concatenate([value, -value], axis=1)

    tests = [MotifTest(PRESENCE, ("A",)), MotifTest(DISTANCE, ("A", "B"))]
    table = table_of(dataset, both, tests).set_index(["target", "kind"])
    assert table.loc[("opposite", "presence"), "n"] == 14
    assert table.loc[("opposite", "distance"), "n"] == 9
    assert table.loc[("value", "distance"), "n"] == 14
    assert table.loc[("opposite", "presence"), "effect"] == pytest.approx(-2)
    assert table.loc[("opposite", "presence"), "loss"] == pytest.approx(4)
    groups = quantities.by_group(
        dataset,
        tests,
        measured_by(dataset, both, tests),
        **STATISTICS,
    )
    # All values are the same, so that none is above the median.
    n = groups.set_index(["test", "target", "group"])["n"]
    assert n["presence_of_A", "value", "low"] == 14
    assert n["presence_of_A", "opposite", "low"] == 9
    assert n["presence_of_A", "opposite", "high"] == 0


def test_a_pair_whose_effect_decays_with_the_gap_is_found_by_the_loss():
    settings = rule(DECAYING)
    plans = [[("A", 10), ("B", 22)]] * 14
    dataset = dataset_of(plans, settings)
    tests = [MotifTest(DISTANCE, ("A", "B")), MotifTest(DISTANCE, ("A", "C"))]
    table = table_of(dataset, network(settings), tests)
    assert table["measure"].tolist() == ["loss", "loss"]
    assert table["expected"].tolist() == [FOUND, NOTHING]
    assert table["verdict"].tolist() == ["recovered", "untested"]
    assert table["loss"].iloc[0] > 0 and math.isnan(table["planted"].iloc[0])


def test_interactions_and_their_forms():
    settings = rule(TOGETHER, ADDED, SATURATED)
    plans = one_each() + [[("D", 2), ("D", 30)]] * 14
    # An instance of A or B adds the pair's effect, too; each copy of D what it adds to
    # the other.
    effects = {"A": 3.5, "B": 2.5, "C": -1.5, "D": 0.8, "Z": 0.0}
    effect = [effects[name] for plan in one_each() for name, _ in plan]
    effect += [3.2 / 3 - 0.8] * 28
    dataset = dataset_of(plans, settings, effect=effect)
    tests = [
        *all_tests(list(EFFECTS)),
        *copy_tests(named_motifs(settings)),
    ]
    tests = [test for test in tests if test.kind in (PRESENCE, INTERACTION)]
    table = table_of(dataset, network(settings), tests)
    pairs = quantities.interactions(dataset, table, min_effect_fraction=0.05)
    pairs = pairs.set_index(["first", "second"])
    expected = {("A", "B"): SYNERGY, ("A", "C"): 0, ("D", "D"): OF_COPIES}
    for pair, term in expected.items():
        assert pairs.loc[pair, "interaction"] == pytest.approx(term)
        assert pairs.loc[pair, "planted"] == pytest.approx(term)
    forms = pairs.loc[list(expected), ["planted_form", "form"]].to_numpy().tolist()
    assert forms == [
        [form] * 2 for form in ("multiplicative", "additive", "saturating")
    ]
    assert pairs.loc[("A", "Z"), "planted_form"] == ""
    assert pairs.loc[("A", "Z"), "form"] == "additive"
    # No sequence has two copies of A.
    assert pairs.loc[("A", "A"), "form"] == ""
    pairs = pairs.reset_index()
    scores = quantities.scores(dataset, table, pairs, unit=USER, **STATISTICS)
    values = {score.metric: (score.value, score.n) for score in scores}
    assert values["interaction_form_recovered"] == (1, 3)
    assert values["effect_spearman"] == (pytest.approx(1), 5)
    assert values["sign_significant"] == values["size_recovered"] == (1, 4)
    assert values["type_i_error"] == (0, 1)
    assert values["tests_false"][0] == 0 and values["tests_recovered"][0] == 1
    # Without both copies of D a sequence loses 3.2 / 3, without one 3.2 / 3 - 0.8.
    assert values["effect_slope_error"][0] == pytest.approx(0, abs=1e-9)
    of_d = table.set_index("test").loc["presence_of_D"]
    assert of_d["planted"] == pytest.approx((0.8 + 3.2 / 3) / 2)
    assert of_d["effect"] == pytest.approx(of_d["planted"])


def test_rounding_is_relative_to_the_spread_of_the_outputs():
    # In units of 1e-6 every change is below the rounding of logits, 1e-5.
    settings = rule()
    dataset = dataset_of([*one_each(7), *[[("A", 2)]] * 7], settings)

    def small(index):
        return 1e-6 * network(settings)(index)

    (row,) = table_of(dataset, small, [MotifTest(PRESENCE, ("A",))]).itertuples()
    assert row.effect == pytest.approx(2e-6)
    none, changed = np.array([[0.0]]), np.array([[[2e-6]]])
    assert change_of(changed, none, np.array([1e-6])) == pytest.approx(2e-6)
    assert change_of(changed, none) == 0


# -- motif insertion ----------------------------------------------------------------


def inserted(settings, **changes):
    dataset = dataset_of(one_each(6), settings)
    motifs = [Motif(name, matrix) for name, matrix in dataset.motifs.items()]
    options = {
        "background": "uniform",
        "backgrounds": 4,
        "insert": "consensus",
        "step": 4,
        "controls": 19,
        "control_positions": 2,
        "faithful": False,
        "seed": 1,
        "with_pairs": False,
        "named": insertion_quantities.pairs_to_measure(settings),
        "quantitative": True,
    }
    measured = insert_motifs(network(settings), dataset, motifs, **(options | changes))
    table, _ = insertion_effects(
        dataset,
        motifs,
        measured.changes,
        measured.starts,
        measured.controls,
        measured.none,
        min_effect_fraction=0.05,
        kmers=measured.kmers,
        size=measured.size,
        **STATISTICS,
    )
    pairs = insertion_quantities.interactions_with_forms(
        *(dataset, motifs, measured, table), min_effect_fraction=0.05, **STATISTICS
    )
    return dataset, motifs, measured, table, pairs


def test_insertion_measures_the_planted_effects():
    dataset, _, _, table, pairs = inserted(rule(TOGETHER, ADDED, SATURATED))
    table = table.set_index("motif")
    # One instance of D adds 0.8 x 2 x 1 / (1 + 1) = 0.8.
    np.testing.assert_allclose(table["effect"], list(EFFECTS.values()), atol=1e-12)
    np.testing.assert_allclose(table["planted"], list(EFFECTS.values()))
    verdict = dict.fromkeys("ABCD", "recovered") | {"Z": "true_negative"}
    assert table["verdict"].to_dict() == verdict
    assert table.loc["C", "p_control"] == 1 / 20
    assert table.loc["Z", "p_control"] == 1
    forms = pairs.set_index(["first", "second"])
    assert forms.loc[("A", "B"), "interaction"] == pytest.approx(SYNERGY)
    assert forms.loc[("A", "B"), "planted"] == pytest.approx(SYNERGY)
    assert forms.loc[("D", "D"), "interaction"] == pytest.approx(OF_COPIES)
    assert forms.loc[("D", "D"), "planted"] == pytest.approx(OF_COPIES)
    named = {
        (("A"), ("B")): "multiplicative",
        ("A", "C"): "additive",
        ("D", "D"): "saturating",
    }
    assert {pair: forms.loc[pair, "form"] for pair in named} == named
    # Copies of the other motifs of a pair tell whether these saturate; they are not
    # planted pairs.
    assert set(forms.index) == {*named, ("A", "A"), ("B", "B"), ("C", "C")}
    scores = insertion_quantities.scores(
        dataset, table.reset_index(), pairs, unit=USER, **STATISTICS
    )
    values = {score.metric: (score.value, score.n) for score in scores}
    assert values["effect_spearman"] == (pytest.approx(1), 5)
    assert values["effect_slope_error"] == (pytest.approx(0, abs=1e-9), 5)
    assert values["effect_slope"] == (pytest.approx(1), 5)
    assert values["sign_significant"] == values["size_recovered"] == (1, 4)
    assert values["type_i_error"] == (0, 1)
    assert values["interaction_form_recovered"] == (1, 3)
    assert values["insertions_recovered"] == (1, 4)
    # It would be the type I error again.
    assert "insertions_false" not in values
    assert "decay_length_error" not in values


def test_insertion_fits_the_decay_length():
    dataset, motifs, measured, table, pairs = inserted(rule(DECAYING))
    row = pairs.set_index(["first", "second"]).loc[("A", "B")]
    assert row["planted_decay_length"] == DECAY
    assert row["decay_length"] == pytest.approx(DECAY, rel=0.005)
    assert row["planted_form"] == row["form"] == "multiplicative"
    assert row["planted"] == pytest.approx(row["interaction"])
    scores = insertion_quantities.scores(dataset, table, pairs, unit=USER, **STATISTICS)
    errors = {score.metric: score for score in scores}["decay_length_error"]
    assert errors.value < 0.005 and errors.better == "lower"
    curves = spacing(
        *(dataset, measured.pairs),
        faithful=False,
        motifs=motifs,
        kmers=measured.kmers,
        **STATISTICS,
    )
    np.testing.assert_allclose(curves["interaction"], curves["planted"], atol=1e-9)
    of_pair = curves[(curves["fixed"] == "A") & (curves["tiled"] == "B")]
    gap = of_pair["gap"].to_numpy()
    np.testing.assert_allclose(of_pair["planted"], SYNERGY * np.exp(-gap / DECAY))


def test_the_planted_effect_of_sampled_kmers_is_that_of_their_strength():
    settings = rule() | {"effects": {"A": 2.0}, "motifs": ["A"]}
    dataset = dataset_of([[("A", 2)]] * 4, rule())
    # A base of probability 0.5 has log2(4 x 0.5) = 1 bit, one of 0.25 none: CA scores
    # 2 bits, the best, and CC 1 + 0.
    matrix = np.array([[0.25, 0.5, 0.25, 0.0], [0.5, 0.25, 0.25, 0.0]])
    dataset.motifs, dataset.settings = {"A": matrix}, settings
    kmers = np.array([encode("CA"), encode("CC")])
    none = np.zeros((2, 1))
    table, _ = insertion_effects(
        dataset,
        [Motif("A", matrix)],
        [np.ones((2, 3, 1))],
        [np.array([0, 1, 2])],
        [(np.ones((2, 1)), np.zeros((19, 2, 1)))],
        none,
        min_effect_fraction=0.05,
        kmers=[kmers],
        **STATISTICS,
    )
    assert table["planted"].tolist() == [pytest.approx(2 * (1 + 0.5) / 2)]
    # Of a motif with a preferred position: at its centre 1, one sd away exp(-1 / 2).
    dataset.settings = settings | {"position": {"A": {"centre": 1, "sd": 1}}}
    planted_at = planted_effects(dataset).position_factor("A", np.array([1.0, 2.0]))
    np.testing.assert_allclose(planted_at, [1, np.exp(-0.5)])


def test_an_effect_of_either_sign_is_found_on_its_own_side():
    table = pd.DataFrame(
        {
            "target": "value",
            "effect": [1.0, -1.0, -1.0, -0.01, -1.0],
            "ci_low": [0.9, -1.1, -1.1, -0.02, -1.1],
            "ci_high": [1.1, -0.9, -0.9, -0.005, 0.1],
            "above_ci_low": [0.5, -0.9, -0.2, -0.02, -0.9],
            "above_ci_high": [0.9, -0.5, 0.3, -0.005, -0.5],
            "p_control": 1 / 20,
        }
    )
    found = changes_output(table, controls=19, min_effect_fraction=0.05)
    # No better than its control k-mers; smaller than 5 %; an interval with 0.
    assert found.tolist() == [True, True, False, False, False]
    weak = changes_output(
        table.assign(p_control=2 / 20), controls=19, min_effect_fraction=0.05
    )
    assert not weak.any()


# -- scores -------------------------------------------------------------------------


def test_what_a_rule_names():
    settings = rule(TOGETHER, ADDED, SATURATED)
    assert named_pairs(settings) == {
        ("A", "B"): "multiplicative",
        ("A", "C"): "additive",
        ("D", "D"): "saturating",
    }
    assert named_motifs(settings) == ["A", "B", "C", "D"]
    assert named_pairs({"rule": "presence"}) == {}
    copies = {
        name: expectation(INTERACTION, (name, name), settings, "value") for name in "AD"
    }
    assert copies == {"A": NOTHING, "D": FOUND}


@pytest.mark.parametrize("neither", ["", np.nan])
def test_methods_are_not_compared_by_a_score_without_a_direction(neither):
    rows = pd.DataFrame(
        [
            ("effects", "net", metric, "", "value", method, "", seed, better, 0.9)
            for metric, better in (
                ("effect_spearman", "higher"),
                ("effect_slope", neither),
                ("effect_slope_error", "lower"),
                ("type_i_error", "lower"),
                ("own_slope", neither),
            )
            for method in ("motif_tests", "motif_insertion")
            for seed in "123"
        ],
        columns=[*COMPARED, *SUBJECT, *METHOD, "seed", "better", "value"],
    )
    headline = headline_scores(rows)
    # The error of a slope has no value where the slope is not above 0.
    assert set(headline["metric"]) == {"effect_spearman", "type_i_error"}
    assert len(compare(headline)) == 2


def test_a_correlation_below_its_best_value_is_partly_recovered():
    rows = pd.DataFrame(
        [
            ("effects", "net", metric, "", "value", method, "", "1", "higher", 0.9)
            for metric in ("effect_spearman", "sign_significant")
            for method in ("motif_tests", "motif_insertion")
        ],
        columns=[*COMPARED, *SUBJECT, *METHOD, "seed", "better", "value"],
    )
    judged = recoveries(
        rows.assign(
            ci_low=0.8,
            negative_control=np.repeat([0.3, 0.0], 2),
            ideal_explainer=np.nan,
            chance=np.nan,
            control_note="",
        ),
        lambda method: (("effect_spearman",), None),
    )
    # Better than the controls, but below 95 % of a correlation of 1.
    assert [(row.metric, row.word, row.ideal) for row in judged] == [
        ("effect_spearman", PARTLY, 1)
    ] * 2


@pytest.mark.parametrize(
    "interactions", [(TOGETHER,), (DECAYING,), (SATURATED | {"motifs": ["A", "B"]},)]
)
def test_planted_terms_are_differences_of_values(interactions):
    """The value, less that without either set of instances, plus that without both."""
    rng = np.random.default_rng(5)
    settings = rule(*interactions)
    plans = [[("A", 2), ("B", 20), ("A", 45), ("Z", 60)], [("B", 3), ("B", 30)]] * 3
    dataset = dataset_of(plans, rule())
    dataset.settings = settings
    dataset.motifs = {name: rng.dirichlet([0.4] * 4, 9) for name in KMERS}
    truth = dataset.truth
    truth["instance"] = [
        "".join(rng.choice(list("ACGT"), 9)) for _ in range(len(truth))
    ]
    effects = planted_effects(dataset)

    def values(*removed):
        kept = truth.drop(index=[row for rows in removed for row in rows])
        kept = kept.reset_index(drop=True)
        return values_and_effects(effects, kept, dataset.motifs, dataset.index)[0]

    truth["effect"] = values_and_effects(effects, truth, dataset.motifs, dataset.index)[
        1
    ]
    rows = {name: np.flatnonzero(truth["motif"] == name) for name in "AB"}
    first = rows["B"][first_copies(truth.iloc[rows["B"]])]
    sets = {
        ("A", "B"): (rows["A"], rows["B"]),
        ("B", "B"): (first, np.setdiff1d(rows["B"], first)),
    }
    for pair, (one, other) in sets.items():
        expected = values() - values(one) - values(other) + values(one, other)
        term = term_of_instances(dataset, effects, *pair)
        np.testing.assert_allclose(term, expected, atol=1e-12)
    for name in "AB":
        lost = values() - values(rows[name])
        found = effect_of_instances(dataset, effects, name)
        np.testing.assert_allclose(found, lost, atol=1e-12)


def test_scores_of_effects_by_hand():
    table = pd.DataFrame(
        {
            "target": "value",
            "planted": [0.0, 1.0, 2.0, -1.0],
            "effect": [1.0, 3.0, 5.0, -1.0],
            "ci_low": [0.5, -0.1, 4.0, -2.0],
            "ci_high": [1.5, 6.1, 6.0, -0.1],
            "verdict": ["false_positive", "missed", "recovered", "recovered"],
        }
    )
    scores = {
        item.metric: item for item in effect_scores(table, sizes=True, **STATISTICS)
    }
    values = {metric: item.value for metric, item in scores.items()}
    # Measured = 2 x planted + 1; the interval of the second includes 0. That of the
    # third ends at 3 x planted; that of the fourth starts at 2 x and ends at 0.1 x.
    assert values == {
        "effect_spearman": pytest.approx(1),
        "effect_slope": pytest.approx(2),
        "effect_slope_error": pytest.approx(math.log(2)),
        "sign_significant": pytest.approx(2 / 3),
        "size_recovered": 0,
        "type_i_error": 1,
    }
    assert scores["type_i_error"].better == "lower"
    assert scores["effect_spearman"].target == "value"
    # A network that says the same of all motifs knows nothing.
    same = effect_scores(table.assign(effect=0.3), sizes=True, **STATISTICS)
    assert same[0].value == 0
    # Their slope of 0 has no logarithm.
    assert "effect_slope_error" not in {item.metric for item in same}
    assert scores["effect_slope_error"].better == "lower"
    assert math.isnan(slope(np.ones(3), np.arange(3.0)))
    # Of outputs on another scale, ranks and signs alone.
    assert {
        item.metric for item in effect_scores(table, sizes=False, **STATISTICS)
    } == {*("effect_spearman", "sign_significant", "type_i_error")}


@pytest.mark.parametrize(
    ("noise", "unit", "same"),
    [
        (None, USER, True),
        (None, LOG1P, False),
        ("gaussian", USER, True),
        ("gaussian", RANK_NORMAL, False),
        ("gaussian", LOG_RATE, False),
        ("poisson", LOG_RATE, True),  # effects add up to the logarithm of the rate
        ("poisson", USER, False),
        ("poisson", LOG1P, False),
    ],
)
def test_outputs_are_on_the_planted_scale_or_not(noise, unit, same):
    noise = noise and {"kind": noise, "signal_to_noise": 2}
    dataset = dataset_of(one_each(), rule() | {"noise": noise})
    assert on_planted_scale(dataset, unit) == same
    table = table_of(dataset, network(rule()), [MotifTest(PRESENCE, ("A",))])
    pairs = pd.DataFrame({"target": [], "planted_form": [], "form": []})
    scores = quantities.scores(dataset, table, pairs, unit=unit, **STATISTICS)
    assert ("size_recovered" in {score.metric for score in scores}) == same


def test_the_slope_of_three_points_has_an_interval_and_no_direction():
    # On the line 0.5 x planted + 3, so that any two of the points have its slope.
    table = pd.DataFrame(
        {
            "target": "value",
            "planted": [-2.0, 0.0, 4.0],
            "effect": [2.0, 3.0, 5.0],
            "ci_low": [1.0, 2.0, 4.0],
            "ci_high": [3.0, 4.0, 6.0],
            "verdict": "",
        }
    )
    scores = {
        item.metric: item for item in effect_scores(table, sizes=True, **STATISTICS)
    }
    slope_score = scores["effect_slope"]
    assert (slope_score.value, slope_score.n, slope_score.better) == (0.5, 3, "")
    assert slope_score.ci_low == pytest.approx(0.5) == slope_score.ci_high
    assert scores["effect_slope_error"].value == pytest.approx(math.log(2))
    # The mean of the planted effects is 2/3: (-8/3 x 3 - 2/3 x 3 + 10/3 x 5) /
    # (64/9 + 4/9 + 100/9) = (20/3) / (56/3).
    moved = table.assign(effect=[3.0, 3.0, 5.0])
    scores = {
        item.metric: item for item in effect_scores(moved, sizes=True, **STATISTICS)
    }
    slope_score = scores["effect_slope"]
    assert slope_score.value == pytest.approx(20 / 56)
    # Of two points: 0 of the first two, 1/3 of the outer ones, 0.5 of the last two.
    assert slope_score.ci_low == pytest.approx(0, abs=1e-12)
    assert slope_score.ci_high == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("planted", "low", "high", "right"),
    [
        (2.0, 1.0, 4.0, True),  # half to twice
        (2.0, 0.99, 4.0, False),  # perhaps less than half
        (2.0, 1.0, 4.01, False),  # perhaps more than twice
        (2.0, 1.2, 1.3, True),  # without the planted effect, which is near
        (2.0, -9.0, 9.0, False),  # with it, as with 0
        (2.0, -4.0, -1.0, False),  # the other sign
        (-2.0, -4.0, -1.0, True),
        (-2.0, -5.0, -1.0, False),
        (2.0, math.nan, math.nan, False),
    ],
)
def test_an_effect_has_the_planted_size_if_its_interval_is_near(
    planted, low, high, right
):
    rows = pd.DataFrame({"planted": [planted], "ci_low": [low], "ci_high": [high]})
    assert has_planted_size(rows).tolist() == [right]


def test_a_score_without_a_direction_stands_in_the_scorecard(tmp_path):
    def written(model, value):
        path = tmp_path / "effects" / model / "seed1" / "motif_tests" / "score.tsv"
        path.parent.mkdir(parents=True)
        score = Score("effect_slope", value, 5, 0.4, 0.6, target="value", better="")
        write_score(path, [score])
        return path

    own = collect_scores([written("net", 0.5)])
    of_controls = [written("net.untrained", -0.2), written("net.shuffled", 0.3)]
    controls = collect_scores(of_controls)
    (row,) = join_controls(own, controls, collect_ideal_scores([])).itertuples()
    assert (row.value, row.better, row.ci_low, row.ci_high) == (0.5, "", 0.4, 0.6)
    assert row.negative_control_untrained == -0.2
    # Neither is better: the highest.
    assert row.negative_control == row.negative_control_shuffled == 0.3


def test_the_length_of_a_decay():
    gap = np.arange(60)
    curves = np.stack([2 * np.exp(-gap / 12), -0.3 * np.exp(-gap / 30)])
    np.testing.assert_allclose(decay_length(gap, curves), [12, 30], rtol=0.005)
    length, low, high = fitted_decay(gap, curves[[0, 0, 0]], resamples=20, seed=1)
    assert low == length == high == pytest.approx(12, rel=0.005)
    nothing = fitted_decay(gap, np.full((2, 60), np.nan), resamples=20, seed=1)
    assert np.isnan(nothing).all()
    # Every length fits a curve of 0.
    assert np.isnan(decay_length(gap, np.zeros((1, 60)))).all()
    nothing = fitted_decay(gap, np.zeros((2, 60)), resamples=20, seed=1)
    assert np.isnan(nothing).all()


@pytest.mark.parametrize(
    ("term", "copies", "form"),
    [
        ((0.02, -0.1, 0.1), None, "additive"),  # the interval includes 0
        ((0.05, 0.04, 0.06), None, "additive"),  # below 5 % of 2
        ((1.0, 0.8, 1.2), None, "multiplicative"),
        ((-1.0, -1.2, -0.8), (-0.5, -0.6, -0.4), "saturating"),
        # The effects of copies add up, so that it is the pair that does not.
        ((-1.0, -1.2, -0.8), (0.0, -0.1, 0.1), "multiplicative"),
        ((-1.0, -1.2, -0.8), None, "saturating"),
        ((math.nan,) * 3, None, ""),
    ],
)
def test_the_form_of_an_interaction(term, copies, form):
    names = [("A", "B")] + ([("A", "A"), ("B", "B")] if copies else [])
    pairs = pd.DataFrame(
        [
            ("value", *pair, *numbers)
            for pair, numbers in zip(names, [term, copies, copies], strict=False)
        ],
        columns=["target", "first", "second", "interaction", "ci_low", "ci_high"],
    )
    table = pd.DataFrame({"target": "value", "motif": ["A", "B"], "effect": [2.0, 1.0]})
    of_all = {"tested": [True] * len(pairs), "min_effect_fraction": 0.05}
    result = with_forms(pairs, table, {}, **of_all)
    assert result["form"].iloc[0] == form
    assert result["planted_form"].iloc[0] == ""


def test_a_term_of_too_few_values_has_no_form_and_decides_none():
    # The interval of a single value is the value itself.
    pairs = pd.DataFrame(
        [
            ("value", "A", "B", -1.0, -1.2, -0.8),
            ("value", "A", "A", 0.3, 0.3, 0.3),
        ],
        columns=["target", "first", "second", "interaction", "ci_low", "ci_high"],
    )
    table = pd.DataFrame({"target": "value", "motif": ["A", "B"], "effect": [2.0, 1.0]})
    for tested, forms in (
        ([True, True], ["multiplicative", "multiplicative"]),
        ([True, False], ["saturating", ""]),
    ):
        found = with_forms(pairs, table, {}, tested=tested, min_effect_fraction=0.05)
        assert found["form"].tolist() == forms


@pytest.mark.parametrize(("n", "form"), [(1, ""), (5, ""), (14, "multiplicative")])
def test_an_interaction_of_few_sequences_has_no_form(n, form):
    settings = rule(TOGETHER)
    dataset = dataset_of([[("A", 2), ("B", 20)]] * n, settings)
    tests = [MotifTest(PRESENCE, ("A",)), MotifTest(INTERACTION, ("A", "B"))]
    table = table_of(dataset, network(settings), tests)
    pairs = quantities.interactions(dataset, table, min_effect_fraction=0.05)
    assert pairs["interaction"].tolist() == [pytest.approx(SYNERGY)]
    assert pairs["form"].tolist() == [form]


def test_wrong_signs_among_verdicts():
    expected, found = (
        [FOUND, FOUND, FOUND, NOTHING, ""],
        [True, True, False, True, True],
    )
    wrong = [False, True, True, True, True]
    assert verdicts(expected, found, [True] * 5, wrong) == [
        "recovered",
        "wrong_sign",
        "missed",
        "false_positive",
        "found",
    ]


def test_an_axis_names_a_unit_that_is_not_the_user_s():
    units = (USER, LOGIT, "rank_normal", LOG_RATE)
    assert [with_unit("change", unit) for unit in units] == [
        "change",
        "change",
        "change (rank normal)",
        "change (log rate)",
    ]


def test_measured_effects_are_drawn_against_planted_ones():
    row = {"planted": 2.0, "effect": 1.5, "ci_low": 1.0, "ci_high": 2.5}
    table = pd.DataFrame([row | {"verdict": "recovered", "label": "A"}])
    axes = Figure().add_subplot()
    draw_against_planted(axes, table, "effect", "log1p")
    assert axes.get_xlabel() == "planted effect"
    assert axes.get_ylabel() == "measured effect (log1p)"
    *_, interval, point = axes.lines
    assert interval.get_xydata().tolist() == [[2, 1], [2, 2.5]]
    assert point.get_xydata().tolist() == [[2, 1.5]]


def test_of_wrong_effects_that_lie_together_the_furthest_from_the_line_is_named():
    # The axes are from 0 to 2 high; names that are 0.12 apart, or more, have room.
    rows = [
        ("near", 1.9, 1.85, "missed"),
        ("far", 0.1, 1.8, "false_positive"),
        ("alone", -0.5, 0.5, "wrong_sign"),
        ("right", 2.0, 2.0, "recovered"),
    ]
    table = pd.DataFrame(rows, columns=["label", "planted", "effect", "verdict"])
    table = table.assign(ci_low=table["effect"] - 0.1, ci_high=table["effect"] + 0.1)
    axes = Figure().add_subplot()
    axes.set_ylim(0, 2)
    draw_against_planted(axes, table, "effect", USER)
    named = {text.get_text(): text.get_ha() for text in axes.texts}
    assert named == {"far": "left", "alone": "right"}


def test_pairs_with_a_planted_interaction_are_drawn_though_none_was_measured():
    rows = []
    for number, (of_truth, measured) in enumerate([(2.0, 0.01), *[(0.0, 0.5)] * 4]):
        for distance in (-20, 20):
            pair = {"target": "t", "fixed": f"A{number}", "tiled": f"B{number}"}
            numbers = {"fixed_start": 25, "n": 8, "distance": distance, "gap": 11}
            values = {"planted": of_truth, "interaction": measured}
            ends = {"expected": "", "ci_low": measured, "ci_high": measured}
            rows.append(pair | numbers | values | ends)
    panels = draw_spacing(pd.DataFrame(rows), unit=USER).axes
    # Three pairs have room; the first of equal ones are drawn.
    titles = [panel.get_title(loc="left") for panel in panels]
    assert [title for title in titles if title] == ["B0 moves", "B1 moves", "B2 moves"]


# -- the jobs and the API -----------------------------------------------------------


def defaults(method):
    schema = yaml.safe_load((SCHEMAS / f"methods/{method}.schema.yaml").read_text())
    return {name: part["default"] for name, part in schema["properties"].items()}


class Rule(torch.nn.Module):
    """The values of a rule, in a module that reads one-hot sequences."""

    def __init__(self, settings):
        super().__init__()
        self.predict = network(settings)
        self.length, self.targets = LENGTH, ["value"]

    def forward(self, one_hot):
        known = one_hot.sum(dim=1) > 0
        index = torch.where(known, one_hot.argmax(dim=1), 4).numpy().astype(np.uint8)
        return torch.tensor(self.predict(index), dtype=torch.float32)


FILES = {
    "motif_tests": {
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
    },
    "motif_insertion": {
        "table": "table.tsv",
        "score": "score.tsv",
        "pairs": "pairs.tsv",
        "positions": "positions.tsv",
        "spacing": "spacing.tsv",
        "positions_figure": "positions.svg",
        "spacing_figure": "spacing.svg",
    },
}


def run(monkeypatch, folder, script, method, dataset, settings, files=None, **params):
    """Run a job on a dataset that is all test split."""
    write_dataset(folder / "dataset.h5", dataset)
    none = np.array([], dtype=int)
    rows = {"train": none, "validation": none, "test": np.arange(len(dataset))}
    write_splits(folder / "splits.h5", rows)
    module = Rule(settings)
    predictor = Predictor(
        lambda batch: module(torch.as_tensor(batch)).numpy(),
        LENGTH,
        dataset.target,
        "toy",
        scale=in_user_units(dataset.target),
    )
    monkeypatch.setattr(script, "start", lambda job: None)
    monkeypatch.setattr(script, "load_predictor", lambda path, device: predictor)
    values = defaults(method) | params
    names = files or FILES[method]
    script.main(
        SimpleNamespace(
            input=SimpleNamespace(
                model="toy",
                dataset=folder / "dataset.h5",
                splits=folder / "splits.h5",
                motifs=[],
            ),
            output=OutputFiles(
                fromdict={name: str(folder / FILES[method][name]) for name in names}
            ),
            params=SimpleNamespace(settings=values, **values, device="cpu"),
        )
    )
    return {
        name: read_table(folder / FILES[method][name])
        for name in names
        if FILES[method][name].endswith(".tsv")
    }


class Experiment:
    """What a section reads of one network, from the folder of a method."""

    dataset, model, seed = "effects", "toy", "1"
    simulated = quantitative = True

    def __init__(self, method, folder, score):
        self.folder = folder
        self.standing = {"weak": [], "stated": True}
        origin = {"dataset": "effects", "model": "toy", "seed": "1", "method": method}
        self.scorecard = score.assign(**origin)

    def table(self, _, name):
        return read_table(self.folder / name)

    def has(self, *parts):
        return False  # no figures


def test_the_job_of_motif_tests(monkeypatch, tmp_path):
    settings = rule(TOGETHER, ADDED)
    effects = {"A": 3.5, "B": 2.5, "C": -1.5, "D": 0.8, "Z": 0.0}
    effect = [effects[name] for plan in one_each() for name, _ in plan]
    dataset = dataset_of(one_each(), settings, effect=effect)
    result = run(
        *(monkeypatch, tmp_path, tests_script, "motif_tests", dataset, settings),
        replicates=1,
        permutations=2000,
        resamples=20,
        max_gap=3,
        max_gap_sequences=2,
        q_threshold=0.05,
        max_shown=4,
    )
    table = result["table"].set_index("test")
    assert table.loc["presence_of_A", "verdict"] == "recovered"
    assert table.loc["presence_of_A", "effect"] == pytest.approx(3.5)
    assert table.loc["interact_btwn_A_&_B", "verdict"] == "recovered"
    assert table.loc["interact_btwn_A_&_C", "verdict"] == "true_negative"
    score = result["score"].set_index("metric")["value"]
    assert score["effect_spearman"] == 1
    assert score["effect_slope_error"] == pytest.approx(0, abs=1e-6)
    assert score["interaction_form_recovered"] == 1 and score["type_i_error"] == 0
    assert result["gaps"]["output"].notna().all()
    assert result["ranges"]["learned_min"].isna().all()
    assert "logit" not in {*result["sequences"], *result["gaps"]}
    drawn = (tmp_path / "effects.svg").read_text()
    assert "<svg" in drawn and (tmp_path / "gaps.svg").is_file()
    experiment = Experiment("motif_tests", tmp_path, result["score"])
    assert tests_section.also(experiment, {}) == (
        "A planted effect of 1 is measured as 1 [1.00, 1.00] (slope over 5 motifs). The"
        " 95 % interval lies on the planted side of 0 for 4 of 4 motifs with an effect."
        " It lies between half and twice the planted effect for 4 of them. Of 1 motif"
        " without an effect, 0 are called. The form of 2 of 2 planted"
        " interactions is recovered."
    )
    shown = tests_section.section(experiment, defaults("motif_tests"))
    row = next(row for row in shown["rows"] if row["name"] == "presence of C")
    assert [row[name]["shown"] for name in ("effect", "planted", "loss")] == [
        "−1.50",
        "−1.50",
        "2.25",
    ]
    assert shown["left_out"] == 0 and row["verdict"] == "recovered"
    page = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )
    html = page.get_template("sections/motif_tests.html.j2").render(shown)
    assert "nats" not in html and "to the output" in html
    monkeypatch.setattr(tests_section, "_MOST_ROWS", 10)
    few = tests_section.section(experiment, defaults("motif_tests"))
    # Five motifs and their interaction; 10 + 10 + 9 pairs and 3 copies are left out.
    assert len(few["rows"]) == 6 and few["left_out"] == 32
    (result,) = tests_section.findings([experiment])
    assert result["tag"] == "as planted"
    assert "presence of A: recovered" in result["texts"]
    own = read_table(tmp_path / "table.tsv").assign(verdict="found", expected="")
    experiment.table = lambda _, name: own if name == "table.tsv" else own.iloc[:0]
    said = tests_section.verdict(experiment, {"q_threshold": 0.05}).text
    assert "presence of A: it adds 3.50 to the output, bases outside motifs 0" in said
    # A negative control: its tables and scores, for the same data.
    few = tmp_path / "control"
    few.mkdir()
    result = run(
        *(monkeypatch, few, tests_script, "motif_tests", dataset, rule()),
        files=("table", "score", "pairs"),
        motifs=["A", "Z"],
        replicates=1,
        permutations=100,
        resamples=20,
        max_gap=1,
        max_gap_sequences=1,
    )
    assert result["score"]["metric"].tolist()[0] == "effect_spearman"


def test_the_job_of_motif_insertion(monkeypatch, tmp_path):
    settings = rule(TOGETHER, ADDED)
    dataset = dataset_of(one_each(6), settings)
    few = {"backgrounds": 3, "resamples": 20, "controls": 19, "control_positions": 2}
    few |= {"step": 9, "max_motifs": 5}
    result = run(
        *(monkeypatch, tmp_path, insertion_script, "motif_insertion"),
        *(dataset, settings),
        **few,
    )
    score = result["score"].set_index("metric")["value"]
    assert score["effect_spearman"] == 1
    assert score["effect_slope_error"] == pytest.approx(0, abs=1e-6)
    assert score["interaction_form_recovered"] == 1
    # All ten pairs, and the copies of three motifs.
    assert len(result["pairs"]) == 13
    assert {"planted", "interaction"} <= set(result["spacing"])
    assert (tmp_path / "positions.svg").is_file()
    experiment = Experiment("motif_insertion", tmp_path, result["score"])
    said = insertion_section.also(experiment, {})
    assert said.startswith("A planted effect of 1 is measured as 1")
    verdict = insertion_section.verdict
    own = result["table"].assign(verdict="found")
    experiment.table = lambda *_: own
    assert "change the output more than control k-mers" in verdict(experiment, {}).text
    control = tmp_path / "control"
    control.mkdir()
    result = run(
        *(monkeypatch, control, insertion_script, "motif_insertion"),
        *(dataset, settings),
        files=("table", "score", "pairs"),
        **few,
    )
    # Only what is scored: both named pairs, and the copies.
    assert len(result["pairs"]) == 5


def test_from_python():
    settings = rule(TOGETHER)
    dataset = dataset_of([[("A", 2), ("B", 20), ("Z", 50)]] * 14, settings)
    few = {"replicates": 1, "permutations": 100, "resamples": 20}
    motifs = {name: dataset.motifs[name] for name in "ABZ"}
    texts = [dataset.sequence(row) for row in range(len(dataset))]
    table = proofread.motif_tests(Rule(settings), dataset, motifs=motifs, **few)
    table = table.set_index("test")
    # Of motifs that the caller names nothing is known.
    assert table.loc["presence_of_A", "effect"] == pytest.approx(3.5)
    assert table.loc["presence_of_A", "expected"] == ""
    result = proofread.motif_insertion(
        *(Rule(settings), dataset, motifs),
        backgrounds=3,
        step=30,
        controls=2,
        control_positions=1,
        resamples=20,
    )
    assert result.table["effect"].tolist() == [pytest.approx(2), pytest.approx(1), 0]
    of_run = Rule(settings)
    of_run.output_scale = in_user_units(["value"])
    with pytest.raises(proofread.InputError, match="finite numbers"):
        labels = np.full(len(texts), np.inf)
        proofread.motif_tests(of_run, texts, labels, motifs=motifs, **few)
    # A network of quantities says so to a dataset of classes.
    classes = replace(dataset, settings=settings | {"target_type": "binary"})
    assert not classes.quantitative
    again = proofread.motif_insertion(
        *(of_run, classes, motifs),
        backgrounds=3,
        step=30,
        controls=2,
        control_positions=1,
        resamples=20,
    )
    pd.testing.assert_frame_equal(again.table, result.table)


def verdict_rows(test, kind, first, second, verdicts):
    """Rows of one test: verdicts of the seeds, by target."""
    return [
        {
            "test": test,
            "kind": kind,
            "first": first,
            "second": second,
            "target": target,
            "verdict": verdict,
        }
        for target, seeds in verdicts.items()
        for verdict in seeds
    ]


def presence_rows(motif, verdicts):
    return verdict_rows(f"presence_of_{motif}", "presence", motif, np.nan, verdicts)


def said_of(*tests):
    return tests_section._of_targets(
        pd.DataFrame([row for rows in tests for row in rows])
    )


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ({"TBP": "ab"}, "use TBP for a and b"),
        ({"TBP": "ab", "MYB": "b"}, "use TBP for a and b; use MYB for b"),
        ({"TBP": "a", "MYB": "a"}, "use TBP and MYB for a"),
        ({}, ""),
    ],
)
def test_the_first_screen_names_what_is_used_for_which_target(found, said):
    verdicts = {True: ["found"], False: ["not_found"]}
    tests = [
        presence_rows(
            motif, {name: verdicts[name in found.get(motif, "")] for name in "ab"}
        )
        for motif in ("TBP", "MYB")
    ]
    assert said_of(*tests) == said


def test_the_first_screen_counts_where_motifs_are_used_for_many_sets_of_targets():
    targets = {"M": "a", "N": "b", "O": "c", "P": "ab", "Q": "ac"}
    tests = [
        presence_rows(motif, {target: ["found"] for target in of})
        for motif, of in targets.items()
    ]
    assert said_of(*tests) == "use 5 motifs, orders or gaps for at least one target"


def test_the_first_screen_names_only_what_every_seed_finds():
    found, mixed = ["found"] * 3, ["found", "not_found", "not_found"]
    assert said_of(presence_rows("TBP", {"a": found, "b": mixed})) == "use TBP for a"
    assert said_of(presence_rows("TBP", {"a": mixed, "b": mixed})) == ""


def test_a_pair_says_that_both_of_its_motifs_are_used():
    found = {"a": ["found"], "b": ["found"]}
    order = verdict_rows("order_of_A_and_B", "order", "A", "B", found)
    alone = [presence_rows(motif, found) for motif in "AB"]
    assert said_of(order, *alone) == "use the order of A and B for a and b"
