"""Rule recovered: features, cuts, the predicted rules, and what the study needs."""

from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import yaml

import recovered as script
from proofread.configuration.check import check_configuration
from proofread.configuration.experiments import read_experiments
from proofread.configuration.recovered import (
    METHODS,
    RULES,
    check_recovered,
    recovered_datasets,
)
from proofread.configuration.schema import SCHEMAS
from proofread.errors import InputError
from proofread.studies.recovered import (
    FEATURES,
    FIT,
    NETWORK,
    TEST,
    TEST_AUROC,
    half_of,
    network_auroc,
    of_insertions,
    of_tests,
)
from proofread.studies.recovered_decision import (
    ALL_RULES,
    CANNOT_SAY,
    LAST,
    STEPS,
    WITHOUT_NONE,
    accuracy,
    best_cut,
    confusion,
    fit_cuts,
    possible_answers,
    predict_rules,
)
from proofread.studies.recovered_table import draw_confusion, markdown
from proofread.tables import read_table, write_table

ROOT = Path(__file__).resolve().parents[1]
A, B = "A", "B"


# -- features --------------------------------------------------------------------------


def effects_table(first, second, order):
    rows = [
        ("presence", A, "", first),
        ("presence", B, "", second),
        ("order", A, B, order),
        # Moves a pair out of the planted range, which is not known: never read.
        ("distance", A, B, 99.0),
    ]
    return pd.DataFrame(rows, columns=["kind", "first", "second", "effect"])


def curves_table(right, reverse):
    """Mean probabilities at the gaps 0, 1, ...: A before B, and B before A."""
    rows = [(A, B, gap, value) for gap, value in enumerate(right)]
    rows += [(B, A, gap, value) for gap, value in enumerate(reverse)]
    return pd.DataFrame(rows, columns=["left", "right", "gap", "probability"])


def test_features_of_motif_tests():
    # Effects of presence 4 and 1 (the largest is 4), of the swap 2: 1 / 4 and 2 / 4. A
    # before B has the highest probability, 0.9; its lowest is 0.2 up to a gap of 2 (0.1
    # is beyond it).
    features = of_tests(
        effects_table(4.0, 1.0, 2.0),
        curves_table([0.9, 0.5, 0.2, 0.1], [0.3, 0.0, 0.0, 0.0]),
        max_gap=2,
    )
    expected = {"second_motif": 0.25, "order": 0.5, "gap": 0.7}
    assert features == pytest.approx({"largest_effect": 4.0} | expected)


def test_which_motif_is_first_does_not_matter():
    one = of_tests(
        effects_table(4.0, 1.0, 2.0), curves_table([0.9, 0.5], [0.3, 0.0]), max_gap=9
    )
    other = of_tests(
        effects_table(1.0, 4.0, 2.0), curves_table([0.3, 0.0], [0.9, 0.5]), max_gap=9
    )
    assert one == other


def test_without_an_effect_of_presence_there_is_nothing_to_compare_with():
    # Replacing motifs helps (-1, -2): a fraction of that would have the wrong sign.
    features = of_tests(effects_table(-1.0, -2.0, 2.0), curves_table([], []), max_gap=9)
    assert all(np.isnan(features[name]) for name in ("second_motif", "order", "gap"))
    # That replacing them helps is known, and no sign that the motifs were learned.
    assert features["largest_effect"] == -1.0


def test_a_test_of_one_motif_alone_says_nothing_of_two():
    not_tested = effects_table(4.0, 1.0, 2.0).iloc[:1]
    in_no_sequence = effects_table(4.0, np.nan, np.nan)
    for table in (not_tested, in_no_sequence):
        features = of_tests(table, curves_table([0.9, 0.5], []), max_gap=9)
        assert features.pop("gap") == pytest.approx(0.4)
        assert np.isnan(list(features.values())).all()


def spacing_table(rows):
    """Rows of (fixed, tiled, distance, gap, both)."""
    return pd.DataFrame(rows, columns=["fixed", "tiled", "distance", "gap", "both"])


def both_roles(rows):
    """Rows of (distance of B from A, gap, both), the same with either motif fixed."""
    of_a = [(A, B, distance, gap, both) for distance, gap, both in rows]
    return of_a + [(B, A, -distance, gap, both) for distance, gap, both in rows]


def insertions_table(background, first, second):
    rows = [(A, background, first), (B, background, second)]
    return pd.DataFrame(rows, columns=["motif", "background", "effect"])


def test_features_of_motif_insertion():
    # Background -8, A alone -6, B alone -5. A before B: at gap 0 the logit is 4 with A
    # fixed and 0 with B fixed, mean 2, the highest; at gap 1 it is -3. B before A: at
    # most -4. From 2 down to -8 is 10; to B alone 7, to the other order 6, to gap 1 is
    # 5. Gap 2 has a known logit with A fixed alone.
    features = of_insertions(
        insertions_table(-8.0, 2.0, 3.0),
        spacing_table(
            [
                (A, B, 5, 0, 4.0),  # B is to the right of A
                (B, A, -5, 0, 0.0),  # so it is here
                (A, B, 6, 1, -3.0),
                (B, A, -6, 1, -3.0),
                (A, B, -5, 0, -4.0),
                (B, A, 5, 0, -4.0),
                (A, B, 7, 2, -50.0),
                (B, A, -7, 2, np.nan),
                (B, A, 7, 2, 60.0),
                (A, B, 30, 25, 50.0),  # beyond the largest gap
                (B, A, -30, 25, 50.0),
            ]
        ),
        max_gap=20,
    )
    expected = {"second_motif": 0.7, "order": 0.6, "gap": 0.5}
    assert features == pytest.approx({"largest_effect": 10.0} | expected)


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        (insertions_table(0.0, 0.0, 0.0), both_roles([(5, 0, 1.0), (-5, 0, np.nan)])),
        (insertions_table(0.0, 0.0, 0.0), []),
        (insertions_table(0.0, 0.0, 0.0)[:1], both_roles([(5, 0, 1.0), (-5, 0, 0.0)])),
        (insertions_table(0.0, 0.0, 0.0), [(A, B, 5, 0, 1.0), (A, B, -5, 0, 0.0)]),
    ],
    ids=["one order", "no pair", "one motif", "one role"],
)
def test_insertions_that_say_nothing(table, rows):
    features = of_insertions(table, spacing_table(rows), max_gap=20)
    assert list(features) == FEATURES
    assert np.isnan(list(features.values())).all()


def test_motifs_that_do_not_raise_the_logit_have_no_fractions():
    # Both motifs reach 1, the background 2: an effect of -1, and nothing to divide by.
    spacing = spacing_table(both_roles([(5, 0, 1.0), (-5, 0, 0.0)]))
    features = of_insertions(insertions_table(2.0, 0.0, 0.0), spacing, max_gap=20)
    assert features.pop("largest_effect") == -1.0
    assert np.isnan(list(features.values())).all()


def test_logits_twice_as_large_have_the_same_fractions_and_twice_the_effect():
    def of(factor):
        rows = [(5, 0, 2.0), (6, 1, -3.0), (-5, 0, -4.0)]
        spacing = both_roles([(*at, factor * both) for *at, both in rows])
        table = insertions_table(-8.0 * factor, 2.0 * factor, 3.0 * factor)
        return of_insertions(table, spacing_table(spacing), max_gap=20)

    one, two = of(1), of(2)
    # From 2 down to -8, from 4 down to -16.
    assert (one.pop("largest_effect"), two.pop("largest_effect")) == (10.0, 20.0)
    assert one == two


def test_the_auroc_is_that_of_the_network():
    rows = [
        ("network", "auroc", 0.7),
        ("network", "auprc", 0.6),
        ("kmers", "auroc", 0.8),
    ]
    table = pd.DataFrame(rows, columns=["predictor", "metric", "value"])
    assert network_auroc(table) == 0.7
    assert np.isnan(network_auroc(table[1:]))


def test_odd_seeds_fit_and_even_seeds_test():
    assert [half_of(seed) for seed in (0, 1, 2, 3)] == [TEST, FIT, TEST, FIT]


# -- cuts ------------------------------------------------------------------------------


def cut(below, above):
    return best_cut(np.array(below, float), np.array(above, float))


def test_a_cut_is_midway_between_separated_values():
    assert cut([1, 2], [4, 9]) == (3.0, 0)


def test_a_cut_has_the_fewest_errors():
    # 1 2 | 3 below the cut and 2.5 4 5 above: at 2.25 only 3 is wrong, at 2.75 also
    # 2.5, at 3.5 only 2.5. Two cuts with one error: the lower of the two.
    assert cut([1, 2, 3], [2.5, 4, 5]) == (2.25, 1)


def test_of_cuts_with_as_few_errors_the_middle_one_is_taken():
    # All values on the wrong side of each other: 4 5 6 should be below, 1 2 3 above.
    # Errors at 1.5, 2.5, 3.5, 4.5, 5.5: 4, 5, 6, 5, 4; the lower of 1.5 and 5.5.
    assert cut([4, 5, 6], [1, 2, 3]) == (1.5, 4)
    # below 0 10, above 1 11: at 0.5 one error (10), at 5.5 two, at 10.5 one.
    # With another pair in between, errors are 1, 2, 1, 2, 1: the middle is kept.
    assert cut([0, 10], [1, 11]) == (0.5, 1)
    assert cut([0, 4, 10], [1, 5, 11]) == (4.5, 2)


def test_values_that_are_all_the_same_are_their_own_cut():
    assert cut([3, 3], [3]) == (3.0, 1)


# One network of each rule and half, with the features that the rule should have.
IDEAL = {
    "none": (-0.5, 0.5, 0.0, 0.0),
    "presence": (4.0, 0.0, 0.0, 0.0),
    "logic": (4.0, 1.0, 0.0, 0.0),
    "order": (4.0, 1.0, 2.0, 0.0),
    "distance": (4.0, 1.0, 2.0, 0.8),
}


def table_of(values, *, halves=(FIT, TEST), methods=METHODS):
    """Features of networks: a row for each method, half and (rule, features)."""
    rows = [
        (method, rule, f"{rule}_{half}", "cnn", "1", seed, half, *features, 0.75)
        for method in methods
        for seed, half in ((1, FIT), (2, TEST))
        if half in halves
        for rule, features in values
    ]
    return pd.DataFrame(rows, columns=[*NETWORK, *FEATURES, TEST_AUROC])


def test_cuts_separate_a_rule_from_those_of_later_steps():
    cuts = fit_cuts(table_of(IDEAL.items(), halves=[FIT]))
    first = cuts[cuts["method"] == METHODS[0]]
    assert list(zip(first["feature"], first["at_or_below"], strict=True)) == list(STEPS)
    # (-0.5 + 4) / 2, (0 + 1) / 2, (0 + 2) / 2, (0 + 0.8) / 2.
    assert first["cut"].tolist() == pytest.approx([1.75, 0.5, 1.0, 0.4])
    assert first["networks_below"].tolist() == [1, 1, 1, 1]
    assert first["networks_above"].tolist() == [4, 3, 2, 1]
    assert first["errors"].tolist() == [0, 0, 0, 0]
    assert first["above"].tolist()[-2:] == ["order or distance", "distance"]


def test_the_test_half_does_not_change_a_cut():
    one = table_of(IDEAL.items())
    other = one.copy()
    other.loc[other["half"] == TEST, FEATURES] = 123.0
    pd.testing.assert_frame_equal(fit_cuts(one), fit_cuts(other))


def test_no_answer_depends_on_the_test_auroc():
    one = table_of(IDEAL.items())
    other = one.assign(**{TEST_AUROC: np.where(one["rule"] == "none", 1.0, np.nan)})
    pd.testing.assert_frame_equal(fit_cuts(one), fit_cuts(other))
    assert predict_rules(other, fit_cuts(other))["right"].all()


def predicted_by(cuts, features):
    """The rules that the first method predicts for networks with these features."""
    rows = table_of([("none", item) for item in features], halves=[TEST])
    predicted = predict_rules(rows[rows["method"] == METHODS[0]], cuts)
    return predicted["predicted"].tolist()


def test_the_first_feature_at_or_below_its_cut_gives_the_rule():
    cuts = fit_cuts(table_of(IDEAL.items()))
    assert predicted_by(cuts, IDEAL.values()) == list(IDEAL)
    # On the cut is below it; later features do not matter, even if unknown.
    assert predicted_by(cuts, [(1.75, np.nan, np.nan, np.nan)]) == ["none"]
    assert predicted_by(cuts, [(1.76, 0.51, 1.01, 0.41)]) == [LAST]


def test_a_missing_feature_is_no_answer():
    cuts = fit_cuts(table_of(IDEAL.items()))
    assert predicted_by(cuts, [(4.0, 1.0, np.nan, 0.0)]) == [CANNOT_SAY]
    assert predicted_by(cuts, [(np.nan, 1.0, 2.0, 0.0)]) == [CANNOT_SAY]


@pytest.mark.parametrize("absent", RULES)
def test_a_rule_that_does_not_fit_is_never_predicted(absent):
    rows = [item for item in IDEAL.items() if item[0] != absent]
    cuts = fit_cuts(table_of(rows))
    predicted = predicted_by(cuts, IDEAL.values())
    assert absent not in predicted
    of_present = [
        (rule, name)
        for rule, name in zip(IDEAL, predicted, strict=True)
        if rule != absent
    ]
    assert of_present == [(rule, rule) for rule in IDEAL if rule != absent]
    first = cuts[(cuts["method"] == METHODS[0]) & cuts["cut"].isna()]
    assert all(absent in note for note in first["note"])
    assert len(first) == 1


def test_one_rule_alone_is_predicted_without_a_question():
    cuts = fit_cuts(table_of([("logic", IDEAL["logic"])]))
    assert cuts["cut"].isna().all()
    assert set(predicted_by(cuts, [*IDEAL.values(), (np.nan,) * 4])) == {"logic"}


def test_without_networks_to_fit_nothing_can_be_said():
    cuts = fit_cuts(table_of(IDEAL.items(), halves=[TEST]))
    assert set(predicted_by(cuts, IDEAL.values())) == {CANNOT_SAY}
    assert fit_cuts(table_of([]))["note"].str.startswith("not asked").all()


def test_a_note_tells_networks_without_the_feature_from_no_networks():
    # Of logic, order and distance only the largest effect is known.
    unknown = (4.0, np.nan, np.nan, np.nan)
    later = dict.fromkeys(("logic", "order", "distance"), unknown)
    some = fit_cuts(table_of((IDEAL | later).items()))
    assert some["note"].tolist()[:3] == [
        "",
        "not asked: no network of logic or order or distance with a known second_motif",
        "not asked: no network of logic with a known order and order or distance with "
        "a known order",
    ]
    none = fit_cuts(table_of([("presence", IDEAL["presence"])]))
    assert none["note"][1] == "not asked: no network of logic or order or distance"


def test_features_that_nobody_has_are_no_answer():
    # order and distance are there, but the last feature is missing in all of them.
    rows = {rule: (*values[:3], np.nan) for rule, values in IDEAL.items()}
    cuts = fit_cuts(table_of(rows.items()))
    predicted = predicted_by(cuts, rows.values())
    assert predicted == ["none", "presence", "logic", CANNOT_SAY, CANNOT_SAY]


# -- how often it is right -------------------------------------------------------------


def rates_of(predicted, cuts, *names):
    """The row of a method, a half and rules that count."""
    return accuracy(predicted, cuts).set_index(["method", "half", "rules"]).loc[names]


def test_the_confusion_matrix_counts_the_test_half():
    predicted = table_of(
        [(rule, (0, 0, 0, 0)) for rule in ("order", "order", "distance")]
    )
    predicted["predicted"] = (
        ["order"] * 3 + ["order", "distance", CANNOT_SAY] + ["order"] * 6
    )
    predicted["right"] = (predicted["predicted"] == predicted["rule"]).astype(int)
    confused = confusion(predicted)
    cuts = fit_cuts(table_of(IDEAL.items()))
    rows = confused[confused["method"] == METHODS[0]].set_index("rule")
    assert rows.loc["order", ["order", "distance", "cannot_say"]].tolist() == [1, 1, 0]
    assert rows.loc["distance", ["order", "cannot_say"]].tolist() == [0, 1]
    assert rows["networks"].tolist() == [0, 0, 0, 2, 1]
    assert confused["order"].sum() == 1 + 3
    rates = rates_of(predicted, cuts, METHODS[0], TEST, ALL_RULES)
    # 1 of 3; Wilson with z = 1.96: (1/3 + 0.6402) / 2.2805 +- 0.3654 (by hand).
    assert (rates["right"], rates["networks"]) == (1, 3)
    assert rates["accuracy"] == pytest.approx(1 / 3)
    assert [rates["ci_low"], rates["ci_high"]] == pytest.approx(
        [0.0615, 0.7923], abs=2e-4
    )
    assert rates["chance"] == pytest.approx(0.2)


def test_accuracy_is_also_given_without_rule_none():
    rows = table_of([("none", (0, 0, 0, 0)), *[("order", (0, 0, 0, 0))] * 2])
    # Right: none and one of the two others, 2 of 3; without none 1 of 2.
    rows = rows.assign(right=[1, 1, 0] * 4)
    cuts = fit_cuts(table_of(IDEAL.items()))
    counted = rates_of(rows, cuts, METHODS[1], TEST, ALL_RULES)
    assert counted[["networks", "right"]].tolist() == [3, 2]
    assert (counted["accuracy"], counted["chance"]) == pytest.approx((2 / 3, 0.2))
    counted = rates_of(rows, cuts, METHODS[1], TEST, WITHOUT_NONE)
    assert counted[["networks", "right"]].tolist() == [2, 1]
    assert (counted["accuracy"], counted["chance"]) == (0.5, 0.25)


@pytest.mark.parametrize(
    ("fitted", "answers", "chances"),
    [
        (RULES, list(RULES), [1 / 5, 1 / 4]),
        (["none", "logic", "order"], ["none", "logic", "order"], [1 / 3, 1 / 2]),
        (["presence", "distance"], ["presence", "distance"], [1 / 2, 1 / 2]),
        (["none"], ["none"], [1, 0]),
        ([], [], [0, 0]),
    ],
    ids=str,
)
def test_chance_is_a_guess_among_the_rules_that_can_be_predicted(
    fitted, answers, chances
):
    fit = table_of([(rule, IDEAL[rule]) for rule in fitted], halves=[FIT])
    cuts = fit_cuts(fit)
    assert possible_answers(cuts[cuts["method"] == METHODS[0]]) == answers
    rows = table_of(IDEAL.items(), halves=[TEST]).assign(predicted="", right=0)
    for half in (FIT, TEST):
        counts = (ALL_RULES, WITHOUT_NONE)
        rates = [rates_of(rows, cuts, METHODS[0], half, name) for name in counts]
        assert [row["chance"] for row in rates] == pytest.approx(chances)


def test_a_rule_whose_step_is_never_reached_is_no_answer():
    # Distance fits the first step alone; the second has presence on one side.
    values = {"none": IDEAL["none"], "presence": IDEAL["presence"]}
    values["distance"] = (4.0, np.nan, np.nan, 0.8)
    cuts = fit_cuts(table_of(values.items(), methods=METHODS[:1]))
    first = cuts[cuts["method"] == METHODS[0]]
    assert possible_answers(first) == ["none", "presence"]
    assert set(predicted_by(cuts, IDEAL.values())) == {"none", "presence"}


def test_without_networks_there_is_no_accuracy():
    rates = accuracy(table_of([]).assign(predicted="", right=0), fit_cuts(table_of([])))
    assert rates["accuracy"].isna().all() and (rates["networks"] == 0).all()


# -- which datasets count --------------------------------------------------------------

DATASET = {
    **{"source": "simulate", "motifs": [A, B], "seed": 3, "positive_motifs": None},
    **{"logic": None, "targets": None},
}


@pytest.mark.parametrize(
    ("settings", "counts"),
    [
        ({"rule": "none"}, True),
        ({"rule": "order"}, True),
        ({"rule": "distance"}, True),
        ({"rule": "presence", "positive_motifs": [B]}, True),
        ({"rule": "presence", "positive_motifs": [A, B]}, False),  # is an "and"
        ({"rule": "logic", "logic": {"all": [B, A]}}, True),
        ({"rule": "logic", "logic": {"at_least": 2, "of": [A, B]}}, True),
        ({"rule": "logic", "logic": {"any": [A, B]}}, False),
        ({"rule": "logic", "logic": A}, False),
        ({"rule": "logic", "targets": {"t": {"all": [A, B]}}}, False),
        ({"rule": "gc", "motifs": []}, False),
        ({"rule": "pool"}, False),
        ({"rule": "order", "motifs": [A, B, "C"]}, False),
        ({"rule": "order", "source": "fasta"}, False),
    ],
    ids=str,
)
def test_a_dataset_counts_if_its_rule_can_be_predicted(settings, counts):
    datasets = recovered_datasets({"d": DATASET | settings})
    assert datasets == ({"d": {"rule": settings["rule"], "seed": 3}} if counts else {})


def test_a_study_without_the_methods_is_refused():
    checked = {"recovered": True, "analyses": ["motif_tests"], "datasets": {}}
    with pytest.raises(InputError, match=r"without motif_insertion in analyses"):
        check_recovered(checked, "x.yaml")
    check_recovered(checked | {"recovered": False}, "x.yaml")


@pytest.fixture
def study(tmp_path):
    """Check a study with a dataset `gc` and others, and experiments on some of them."""

    def read(used, datasets, insertion=None, **settings):
        gc = {"source": "simulate", "rule": "gc"}
        config = {
            **{"recovered": True, "analyses": list(METHODS)},
            "models": {"cnn": {"architecture": "eraslan2019"}},
            "datasets": {"gc": gc} | datasets,
            "methods": {"motif_tests": settings, "motif_insertion": insertion or {}},
        }
        path = tmp_path / "e.tsv"
        rows = "".join(f"{name}\tcnn\t1\n" for name in used)
        path.write_text(f"dataset\tmodel\tseed\n{rows}")
        return read_experiments(path, check_configuration(config, SCHEMAS))

    return read


def simulated(rule, **settings):
    motifs = ["STAT_known2", "CTCF_known1"]
    return {"source": "simulate", "rule": rule, "motifs": motifs} | settings


def test_experiments_without_a_rule_that_can_be_predicted_are_refused(study):
    datasets = {"order": simulated("order")}
    assert len(study(["gc", "order"], datasets)) == 2
    # A dataset counts only if a network is trained on it.
    with pytest.raises(InputError) as caught:
        study(["gc"], datasets)
    assert caught.value.where.endswith("e.tsv")
    assert caught.value.found.startswith("no dataset whose rule can be predicted")


def test_a_planted_range_that_makes_the_curves_longer_is_refused(study):
    datasets = {"far": simulated("distance", max_gap=31, mean_gap=20)}
    with pytest.raises(InputError) as caught:  # 62 > 60, the default
        study(["gc", "far"], datasets)
    assert caught.value.where.endswith("e.tsv, row 3")
    assert "the largest planted gap of far is 31 bp" in str(caught.value)
    assert len(study(["far"], datasets, max_gap=62)) == 1


DECOY = {"motif": "CTCF_known1", "as": "shuffled"}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("dataset", "settings", "found"),
    [
        ({}, {"max_motifs": 1}, "max_motifs gives STAT_known2"),
        ({}, {"motifs": ["CTCF_known1"]}, "motifs gives CTCF_known1"),
        (
            {"decoys": [DECOY]},
            {},
            "max_motifs gives STAT_known2, CTCF_known1, CTCF_known1_shuffled",
        ),
        (
            {"decoys": [DECOY]},
            {"motifs": ["STAT_known2", "CTCF_known1_shuffled"]},
            "motifs gives STAT_known2, CTCF_known1_shuffled",
        ),
    ],
    ids=["one", "one name", "decoy", "name of a decoy"],
)
def test_other_motifs_than_the_two_of_a_dataset_are_refused(
    study, method, dataset, settings, found
):
    both = {name: {"max_motifs": 2} for name in METHODS} | {method: settings}
    with pytest.raises(InputError) as caught:
        study(
            ["order"],
            {"order": simulated("order", **dataset)},
            insertion=both["motif_insertion"],
            **both["motif_tests"],
        )
    assert caught.value.where.endswith("e.tsv, row 2")
    assert caught.value.found == f"methods.{method}.{found}"
    expected = "STAT_known2 and CTCF_known1, the motifs of the dataset order"
    assert caught.value.expected.startswith(expected)


@pytest.mark.parametrize(
    "settings", [{"max_motifs": 2}, {"motifs": ["CTCF_known1", "STAT_known2"]}], ids=str
)
def test_decoys_that_are_not_tested_do_no_harm(study, settings):
    datasets = {"order": simulated("order", decoys=[DECOY])}
    assert len(study(["order"], datasets, insertion=settings, **settings)) == 1


def test_the_shipped_study_has_five_simulations_of_each_rule_in_each_half():
    written = yaml.safe_load((ROOT / "config/recovered.yaml").read_text())
    checked = check_configuration(written, SCHEMAS)
    datasets = recovered_datasets(checked["datasets"])
    halves = Counter((row["rule"], half_of(row["seed"])) for row in datasets.values())
    assert halves == {(rule, half): 5 for rule in RULES for half in (FIT, TEST)}
    experiments = read_experiments(ROOT / "config/recovered.tsv", checked)
    assert [row["dataset"] for row in experiments] == list(datasets)
    # The network, too, has another seed in each simulation.
    for row in experiments:
        assert row["seed"] == str(datasets[row["dataset"]]["seed"])
    settings = list(checked["datasets"].values())
    assert len({(row["sequences"], row["length"]) for row in settings}) == 1


# -- files, Markdown and the figure ----------------------------------------------------

OUTPUTS = {
    "features": "recovered_features.tsv",
    "cuts": "recovered_cuts.tsv",
    "table": "recovered.tsv",
    "confusion": "recovered_confusion.tsv",
    "accuracy": "recovered_accuracy.tsv",
    "markdown": "recovered.md",
    "figure": "recovered.svg",
}


def network_files(folder, name, presence, swap, gaps):
    """Tables of a network, whose two methods say the same. Its test AUROC is 0.75."""
    network = folder / name / "cnn" / "seed1"
    for method in METHODS:
        (network / method).mkdir(parents=True)
    row = {"predictor": "network", "metric": "auroc", "value": 0.75}
    high, low = gaps
    # Logits that give the same features as the effects: from `top` down to 0.
    top = presence[0]
    alone, other = top - presence[1], top - swap
    spacing = [(5, 0, top), (6, 1, top - top * (high - low))]
    spacing += [(-5, 0, other), (-6, 1, other)]
    tables = {
        "metrics.tsv": pd.DataFrame([row]),
        "motif_tests/table.tsv": effects_table(*presence, swap),
        "motif_tests/gaps.tsv": curves_table([high, low], [0.0, 0.0]),
        "motif_insertion/table.tsv": insertions_table(0.0, alone, 0.0),
        "motif_insertion/spacing.tsv": spacing_table(both_roles(spacing)),
    }
    for file, table in tables.items():
        write_table(network / file, table)
    return [str(network / file) for file in tables]


# The network of random labels would get the answer `distance` by its fractions alone.
ANSWERS = {
    "none": ((0.5, 0.25), 0.45, (0.9, 0.2)),
    "presence": ((4.0, 0.0), 0.0, (0.9, 0.9)),
    "logic": ((4.0, 2.0), 0.0, (0.9, 0.9)),
    "order": ((4.0, 2.0), 3.6, (0.9, 0.9)),
    "distance": ((4.0, 2.0), 3.6, (0.9, 0.2)),
}


def run(folder, paths, datasets):
    folder.mkdir()
    names = ("metrics", "tests", "gaps", "insertions", "spacing")
    columns = zip(*paths, strict=True) if paths else [()] * len(names)
    output = {key: str(folder / name) for key, name in OUTPUTS.items()}
    script.main(
        SimpleNamespace(
            input=SimpleNamespace(**dict(zip(names, columns, strict=True))),
            output=SimpleNamespace(**output),
            params=SimpleNamespace(datasets=datasets, max_gap=60, figures={}),
            log=[str(folder / "log.txt")],
        )
    )
    return {key: folder / name for key, name in OUTPUTS.items()}


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("study")
    paths, datasets = [], {}
    for seed in (1, 2):
        for rule, answers in ANSWERS.items():
            paths.append(network_files(folder, f"{rule}{seed}", *answers))
            datasets[f"{rule}{seed}"] = {"rule": rule, "seed": seed}
    paths.append(network_files(folder, "own", *ANSWERS["order"]))
    return [run(folder / name, paths, datasets) for name in "xy"]


def test_the_same_answers_give_the_same_bytes(written):
    first, second = written
    for key in OUTPUTS:
        assert first[key].read_bytes() == second[key].read_bytes(), key


def test_all_rules_are_predicted_correctly(written):
    predicted = read_table(written[0]["table"])
    # Ten networks by two methods; one of other sequences has no true rule.
    assert len(predicted) == 20
    assert (predicted["predicted"] == predicted["rule"]).all()
    features = read_table(written[0]["features"]).set_index(["method", "dataset"])
    for method in METHODS:
        row = features.loc[(method, "distance2"), [*FEATURES, TEST_AUROC]]
        # 4, 2 / 4, 3.6 / 4, 0.9 - 0.2.
        assert row.tolist() == pytest.approx([4.0, 0.5, 0.9, 0.7, 0.75])
    text = written[0]["markdown"].read_text()
    right = "predicted correctly for 5 of 5 networks (1.000; 95 % interval 0.566"
    assert text.count(right) == 2
    # Wilson of 4 of 4: 1 / (1 + 1.96^2 / 4).
    right = "Without networks of rule none: 4 of 4 networks (1.000; 95 % interval 0.510"
    assert text.count(f"{right} to 1.000; chance 0.250).") == 2
    assert "| order | 0 | 0 | 0 | 1 | 0 | 0 |" in text
    # The cuts of the first and the last step: midway between 0.5 and 4, 0 and 0.7.
    first = "| 1 | largest_effect | 2.250 | none | next step | 0 of 5 |"
    assert text.count(first) == 2
    assert "| 4 | gap | 0.350 | order | distance | 0 of 2 |" in text


def test_a_study_without_networks_is_written_and_says_so(tmp_path):
    files = run(tmp_path / "x", [], {})
    text = files["markdown"].read_text()
    assert "No simulation has an even seed, so nothing is tested." in text
    assert "not asked: no network of none and presence or logic" in text
    assert len(read_table(files["features"])) == 0


def test_missing_features_are_counted_in_the_markdown():
    rows = table_of([("order", IDEAL["order"]), ("order", (4.0, 1.0, np.nan, 0.1))])
    cuts = fit_cuts(rows)
    predicted = predict_rules(rows, cuts)
    text = markdown(rows, cuts, confusion(predicted), accuracy(predicted, cuts))
    assert (
        "| order | 4 | 4.000 to 4.000 | 1.000 to 1.000 | 2.000 to 2.000 (2 missing)"
        in (text)
    )


def test_the_figure_has_each_count_in_its_cell():
    rows = table_of(IDEAL.items())
    cuts = fit_cuts(rows)
    predicted = predict_rules(rows, cuts)
    figure = draw_confusion(confusion(predicted), accuracy(predicted, cuts))
    for axes, method in zip(figure.axes, METHODS, strict=True):
        assert axes.get_title(loc="left") == f"{method}: 5 of 5 right"
        cells = {(*text.get_position(), text.get_text()) for text in axes.texts}
        assert cells == {(place, place, "1") for place in range(len(RULES))}
