"""The leaderboard of a study: scores, ranks, preferences, and when to interpret."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import leaderboard as script
from proofread.studies.interpretable import (
    POINTS,
    advice,
    by_rule,
    fit_curve,
    fixed_method,
    isotonic,
    join_prediction,
    thresholds,
)
from proofread.studies.leaderboard import (
    FALSE,
    HEADLINE,
    NO_CONTROL,
    NO_IDEAL,
    NO_ROOM,
    NO_VALUE,
    ONE_SEED,
    SCORES,
    board_scores,
    leaderboard,
    network_aurocs,
)
from proofread.studies.leaderboard_figure import (
    MAX_NUMBERS,
    draw_interpretable,
    draw_leaderboard,
    draw_ranks,
)
from proofread.studies.leaderboard_ranks import (
    CANNOT_SAY,
    DEPENDS,
    count_wins,
    mean_ranks,
    method_order,
    preferences,
    ranks_without_mean,
)
from proofread.studies.leaderboard_table import least_stable, markdown
from proofread.tables import read_table, write_table
from proofread.truth import scorecard as truth_scorecard
from proofread.truth.best_values import BEST_VALUES
from proofread.truth.comparisons import compare
from proofread.truth.headline import WITHOUT_MEAN
from seed_scores import scores_of

ANSWER = "absolute_centred_window9"
BOUNDS = {"negative_control": 0.5, "ideal_explainer": 0.9}


def rows_of(values, *, rule="r", model="cnn", better="higher", **columns):
    """Headline scores of methods, by seed; the dataset has the name of its rule."""
    rows = [
        {
            **{"rule": rule, "dataset": rule, "model": model, "seed": str(seed)},
            **{"method": method, "variant": "", "metric": "position_auroc"},
            **{"better": better, "value": value},
            **{"negative_control": 0.5, "ideal": 0.9},
            **columns,
        }
        for method, by_seed in values.items()
        for seed, value in enumerate(by_seed, start=1)
    ]
    return pd.DataFrame(rows, columns=SCORES)


# -- scores ----------------------------------------------------------------------------


def test_one_score_of_each_method_is_taken():
    kinds = {
        ("attributions", f"saliency {ANSWER}"): [0.8],
        ("attributions", "saliency signed_raw"): [0.9],
        ("kmer_perturbation", "absolute_window9"): [0.7],
        ("kmer_perturbation", "absolute"): [0.6],
    }
    scores = pd.concat(
        [
            scores_of(kinds, **BOUNDS),
            scores_of(
                {("motif_tests", ""): [0.5]}, metric="tests_recovered", target=""
            ),
            scores_of({("motif_tests", ""): [0.1]}, metric="tests_false", target=""),
            scores_of({("filter_pfms", ""): [0.4]}, metric="f1", target=""),
            scores_of(kinds, dataset="own"),
        ]
    )
    rows = board_scores(scores, {"a": "order"})
    assert rows[["rule", "dataset"]].drop_duplicates().to_numpy().tolist() == [
        ["order", "a"]
    ]
    taken = dict(zip(rows["method"], rows["value"], strict=True))
    assert taken == {"saliency": 0.8, "kmer_perturbation": 0.7, "motif_tests": 0.5}
    # The ideal explainer scores bases only; of motif_tests 1 is the best value.
    assert rows["ideal"].tolist() == [0.9, 0.9, 1.0]


def test_chance_stands_in_for_controls_without_a_score():
    # A ranking without knowledge has an AUROC of 0.5; a fraction has no such level.
    scores = pd.concat(
        [
            scores_of({("filter_nullification", ""): [0.9]}, metric="influence_auroc"),
            scores_of(
                {("filter_nullification", ""): [0.9]},
                **{"metric": "influence_auroc", "model": "other"},
                negative_control=0.6,
            ),
            scores_of({("tomtom", ""): [0.9]}, metric="planted_motifs_found"),
        ]
    ).assign(target="")
    rows = board_scores(scores, {"a": "order"})
    controls = rows.sort_values(["method", "model"])["negative_control"].tolist()
    assert controls[:2] == [0.5, 0.6] and np.isnan(controls[2])


def test_every_headline_score_has_a_best_value():
    assert {BEST_VALUES[metric] for metric in HEADLINE.values()} == {1}


def test_the_way_from_the_negative_control_to_the_ideal():
    # (0.8 - 0.5) / (0.9 - 0.5) = 0.75; 0.7 and 0.9 have an sd of 0.1 x sqrt(2), so
    # that the interval of the mean is 0.8 +- 12.7062 x 0.1; 1.27062 / 0.4 = 3.17655.
    (row,) = leaderboard(rows_of({"one": [0.7, 0.9, np.nan]})).to_dict("records")
    assert (row["n"], row["missing"], row["note"]) == (2, 1, "")
    assert row["mean"] == pytest.approx(0.8)
    assert row["fraction"] == pytest.approx(0.75)
    ends = [row["fraction_low"], row["fraction_high"]]
    assert ends == pytest.approx([0.75 - 3.17655, 0.75 + 3.17655], abs=1e-4)


def test_a_score_that_should_be_low_comes_down_to_its_ideal():
    # From 0.4 down to 0: 0.1 is three quarters of the way.
    rows = rows_of({"one": [0.1]}, better="lower", negative_control=0.4, ideal=0.0)
    (row,) = leaderboard(rows).to_dict("records")
    assert row["fraction"] == pytest.approx(0.75)
    assert row["note"] == ONE_SEED


def test_fractions_are_not_cut():
    board = leaderboard(rows_of({"one": [0.3], "two": [0.98]}))
    assert board["fraction"].tolist() == pytest.approx([-0.5, 1.2])


@pytest.mark.parametrize(
    ("columns", "value", "note"),
    [
        ({}, np.nan, NO_VALUE),
        ({"negative_control": np.nan}, 0.8, NO_CONTROL),
        ({"ideal": np.nan}, 0.8, NO_IDEAL),
        ({"negative_control": np.nan, "ideal": np.nan}, 0.8, NO_CONTROL),
        ({"negative_control": 0.9}, 0.8, NO_ROOM),
        ({"negative_control": 0.95}, 0.8, NO_ROOM),
        ({"better": "lower"}, 0.8, NO_ROOM),
        ({"rule": "none"}, 0.1, FALSE),
    ],
    ids=["value", "control", "ideal", "both", "equal", "above", "lower", "nothing"],
)
def test_a_fraction_that_is_not_defined(columns, value, note):
    (row,) = leaderboard(rows_of({"one": [value]}, **columns)).to_dict("records")
    assert row["note"] == note
    assert np.isnan(row["fraction"])


def test_where_nothing_is_to_be_found_false_findings_count():
    scores = pd.concat(
        [
            scores_of(
                {("motif_tests", ""): [0.0]}, metric="tests_recovered", target=""
            ),
            scores_of({("motif_tests", ""): [0.1]}, metric="tests_false", target=""),
        ]
    )
    rows = board_scores(scores, {"a": "none"})
    assert rows["metric"].tolist() == ["tests_false"]
    assert rows["ideal"].tolist() == [0]
    assert len(mean_ranks(rows)) == 0


def test_where_nothing_is_to_be_found_every_match_is_false():
    # Seed 1: 0.25 match a planted motif, 0.125 another one. Seed 2 has no pattern.
    found = {"filter": ("tomtom", [0.25, 0]), "pattern": ("motif_discovery", [0.5])}
    other = {"filter": [0.125, 0.25], "pattern": [0.0]}
    scores = pd.concat(
        scores_of({(method, ""): values}, metric=f"{kind}_{verdict}_rate", **columns)
        for kind, (method, true) in found.items()
        for verdict, values, columns in (
            ("true", true, {"better": "higher", "negative_control": 0.1}),
            ("other", other[kind], {"better": "lower", "negative_control": 0.1}),
        )
    ).assign(target="")
    rows = board_scores(scores, {"a": "none"})
    taken = rows.sort_values(["method", "seed"])
    assert taken[["method", "seed", "metric", "value"]].to_numpy().tolist() == [
        ["motif_discovery", "1", "pattern_match_rate", 0.5],
        ["tomtom", "1", "filter_match_rate", 0.375],
        ["tomtom", "2", "filter_match_rate", 0.25],
    ]
    assert set(rows["ideal"]) == {0} and set(rows["better"]) == {"lower"}
    assert rows["negative_control"].isna().all()
    # Under a rule, a match of a planted motif is no false one, and has its own score.
    assert len(board_scores(scores, {"a": "order"})) == 0


# -- ranks -----------------------------------------------------------------------------


def ranks_of(rows, without=""):
    table = mean_ranks(rows)
    table = table[table["without"] == without]
    return dict(zip(table["method"], table["rank"], strict=True))


def test_mean_ranks_share_ties():
    # Seed 1: 1, 2.5, 2.5. Seed 2: 3, 1, 2.
    rows = rows_of({"a": [0.9, 0.6], "b": [0.8, 0.9], "c": [0.8, 0.7]})
    assert ranks_of(rows) == {"a": 2, "b": 1.75, "c": 2.25}


def test_the_lowest_is_best_where_lower_is_better():
    rows = rows_of({"a": [0.1, 0.2], "b": [0.3, 0.3]}, better="lower")
    assert ranks_of(rows) == {"a": 1, "b": 2}


def test_networks_at_which_a_method_has_no_value_are_left_out_and_counted():
    rows = rows_of({"a": [0.9, 0.1, 0.9], "b": [0.8, np.nan, 0.8], "c": [np.nan] * 3})
    table = mean_ranks(rows)
    # c has no value at all and is not ranked.
    assert table["method"].tolist() == ["a", "b"]
    assert table["rank"].tolist() == [1, 2]
    assert set(table["networks"]) == {2} and set(table["incomplete"]) == {1}


def test_one_method_alone_is_not_ranked_nor_with_another_metric():
    rows = [rows_of({"a": [0.9]}), rows_of({"b": [0.8]}, metric="tests_recovered")]
    assert len(mean_ranks(pd.concat(rows))) == 0


def test_the_interval_of_a_mean_rank_is_over_resampled_seeds():
    # a: ranks 1 and 2 at two seeds. Of four equally likely resamples one has twice 1
    # and one twice 2, so that the percentiles are the ends.
    table = mean_ranks(rows_of({"a": [0.9, 0.1], "b": [0.5, 0.5]}))
    assert table["rank"].tolist() == [1.5, 1.5]
    assert table["ci_low"].tolist() == [1, 1]
    assert table["ci_high"].tolist() == [2, 2]
    # At four seeds a is second once: mean 1.25. Of the 256 resamples 81 have it never,
    # 12 three times and 1 four times: 5.1 % three times or more, so that the percentile
    # is 1.75. The deviations from 1.25 are widened by sqrt(4 / 3); no rank is below 1.
    some = mean_ranks(rows_of({"a": [0.9, 0.9, 0.9, 0.1], "b": [0.5] * 4}))
    assert some["ci_low"][0] == 1
    assert some["ci_high"][0] == pytest.approx(1.25 + 0.5 * (4 / 3) ** 0.5)
    # Always first: nothing varies.
    sure = mean_ranks(rows_of({"a": [0.9, 0.8], "b": [0.5, 0.4]}))
    assert sure["ci_low"].tolist() == sure["ci_high"].tolist() == [1, 2]


def test_one_seed_leaves_no_interval():
    table = mean_ranks(rows_of({"a": [0.9], "b": [0.5]}))
    assert table["rank"].tolist() == [1, 2]
    assert table[["ci_low", "ci_high"]].isna().all(axis=None)


def ordered(order, networks, rule):
    """Methods whose scores fall in this order at all networks of a rule."""
    values = {name: [0.9 - place / 10] * networks for place, name in enumerate(order)}
    return rows_of(values, rule=rule)


ORDERS = pd.concat(
    [
        ordered("abcd", 2, "r"),
        ordered("abcd", 1, "s"),
        rows_of({name: [0.5] for name in "abcd"}, rule="t"),
        ordered("dcba", 2, "u"),
    ]
)


def test_ranks_without_one_rule():
    # Over all six networks: a (3 x 1 + 2.5 + 2 x 4) / 6 = 13.5 / 6, b 14.5 / 6,
    # c 15.5 / 6, d 16.5 / 6. Without r, of four: a (1 + 2.5 + 8) / 4, so that the order
    # is turned round, and tau is -1. Without u it stays.
    everywhere = ranks_of(ORDERS)
    assert list(everywhere.values()) == pytest.approx(np.array([27, 29, 31, 33]) / 12)
    assert ranks_of(ORDERS, "r")["a"] == pytest.approx(11.5 / 4)
    table = mean_ranks(ORDERS).drop_duplicates("without")
    tau = dict(zip(table["without"], table["kendall_tau"], strict=True))
    # Without s all tie, and there is no order.
    expected = {"": 1, "r": -1, "s": np.nan, "t": 1, "u": 1}
    assert tau == pytest.approx(expected, nan_ok=True)
    text = least_stable(mean_ranks(ORDERS))
    assert "without the rule r: Kendall's tau" in text and "-1.000" in text


def test_kendalls_tau_of_a_known_permutation():
    # With both rules a is best: ranks 1.5, 2, 2.5 (1 + 2, 3 + 1, 2 + 3 halved). Without
    # s: a, c, b. Of three pairs one is turned round: (2 - 1) / 3.
    rows = pd.concat(
        [
            rows_of({"a": [0.9], "b": [0.7], "c": [0.8]}),
            rows_of({"a": [0.8], "b": [0.9], "c": [0.7]}, rule="s"),
        ]
    )
    assert list(ranks_of(rows).values()) == [1.5, 2, 2.5]
    table = mean_ranks(rows)
    tau = table.loc[table["without"] == "s", "kendall_tau"]
    assert tau.tolist() == pytest.approx([1 / 3] * 3)


def test_an_order_that_never_changes_is_told():
    rows = [rows_of({"a": [0.9], "b": [0.7]}, rule=rule) for rule in "rs"]
    assert "stays the same" in least_stable(mean_ranks(pd.concat(rows)))


def test_of_one_rule_none_is_left_out():
    assert set(mean_ranks(rows_of({"a": [0.9], "b": [0.7]}))["without"]) == {""}


def test_ranks_without_the_moving_mean():
    # With it saliency, k-mers, mutagenesis; without it k-mers are before saliency. Of
    # three pairs one is turned round: (2 - 1) / 3.
    answers = {
        ("attributions", f"saliency {ANSWER}"): [0.9, 0.9],
        ("attributions", "saliency absolute_centred"): [0.6, 0.6],
        ("attributions", "saliency absolute_raw"): [0.95, 0.95],
        ("kmer_perturbation", "absolute_window9"): [0.8, 0.8],
        ("kmer_perturbation", "absolute"): [0.7, 0.7],
        ("saturation_mutagenesis", ANSWER): [0.7, 0.7],
        ("saturation_mutagenesis", "absolute_centred"): [0.5, 0.5],
    }
    found = {("tomtom", ""): [0.9, 0.9], ("motif_discovery", ""): [0.8, 0.8]}
    scores = pd.concat(
        [
            scores_of(answers, **BOUNDS),
            scores_of(found, metric="planted_motifs_found", target=""),
        ]
    )
    rules = {"a": "order"}
    table = ranks_without_mean(
        board_scores(scores, rules, answers=WITHOUT_MEAN), board_scores(scores, rules)
    ).set_index("method")
    assert set(table["metric"]) == {"position_auroc"}
    assert table["rank"].to_dict() == {
        **{"kmer_perturbation": 1, "saliency": 2, "saturation_mutagenesis": 3},
    }
    assert table["headline_rank"].to_dict() == {
        **{"saliency": 1, "kmer_perturbation": 2, "saturation_mutagenesis": 3},
    }
    assert table["kendall_tau"].tolist() == pytest.approx([1 / 3] * 3)
    assert table["networks"].tolist() == [2] * 3


def test_both_ranks_are_of_the_methods_and_networks_that_have_both_scores():
    # b has no map without the moving mean; c has none with it at the third network.
    headline = rows_of({"a": [0.7] * 3, "b": [0.8] * 3, "c": [0.9, 0.6, np.nan]})
    plain = rows_of({"a": [0.9] * 3, "b": [np.nan] * 3, "c": [0.5] * 3})
    for rows in (plain, plain[plain["method"] != "b"]):
        table = ranks_without_mean(rows, headline)
        assert table["method"].tolist() == ["a", "c"]
        assert table["rank"].tolist() == [1, 2]
        # a is second, then first; among three methods it was third, then second.
        assert table["headline_rank"].tolist() == [1.5, 1.5]
        assert table["networks"].tolist() == [2, 2]


# -- wins and preferences --------------------------------------------------------------

PAIRS = ["dataset", "model", "metric", "first_method", "second_method", "verdict"]
RULES = {"d1": "order", "d2": "order", "d3": "pool", "d4": "logic", "d5": "gc"}


def verdicts(*rows):
    rows = [(dataset, model, "m", *rest) for dataset, model, *rest in rows]
    table = pd.DataFrame(rows, columns=PAIRS)
    return table.assign(p=np.where(table["verdict"] == "undecided", 0.9, 1e-9))


JUDGED = verdicts(
    ("d1", "x", "a", "b", "better"),
    ("d2", "x", "a", "b", "undecided"),
    ("d3", "x", "b", "a", "better"),  # the other way round
    ("d4", "x", "a", "b", "better"),
    ("d4", "y", "a", "b", "worse"),
    ("d5", "x", "a", "b", "undecided"),
)


def test_the_win_matrix_counts_verdicts_in_both_directions():
    wins = count_wins(JUDGED).to_numpy().tolist()
    # a is better in d1 and d4 (x), worse in d3 and d4 (y), undecided in two.
    assert wins == [["m", "a", "b", 2, 2, 2], ["m", "b", "a", 2, 2, 2]]
    assert count_wins(JUDGED[:3])["better"].tolist() == [1, 1]
    assert count_wins(JUDGED[:1])["worse"].tolist() == [0, 1]


def test_which_to_prefer_by_rule():
    table = preferences(JUDGED, RULES)
    told = dict(zip(table["rule"], table["prefer"], strict=True))
    assert told == {"order": "a", "pool": "b", "logic": DEPENDS, "gc": CANNOT_SAY}


def test_a_preference_holds_for_all_networks_of_a_rule_together():
    # Two of the four networks of a rule are decided at 0.0125 = 0.05 / 4: by Holm's
    # method for four tests the lowest p may be as high, the next one 0.05 / 3.
    pairs = [("d1", name, "a", "b", "better") for name in "wxyz"]
    pairs = verdicts(*pairs).assign(p=[0.0125, 0.9, 0.9, 0.9])
    assert preferences(pairs, {"d1": "order"})["prefer"].tolist() == ["a"]
    pairs["p"] = [0.013, 0.9, 0.9, 0.9]
    table = preferences(pairs, {"d1": "order"})
    assert table["prefer"].tolist() == [CANNOT_SAY]
    assert table["undecided"].tolist() == [4]


def test_all_undecided():
    # Two seeds are too few to compare.
    comparisons = compare(rows_of({"a": [0.9, 0.9], "b": [0.1, 0.2]}))
    table = preferences(comparisons, {"r": "order"})
    assert table["prefer"].tolist() == [CANNOT_SAY]
    assert count_wins(comparisons)["undecided"].tolist() == [1, 1]


# -- when to interpret -----------------------------------------------------------------


def points_of(x, y, method="integrated_gradients", rule="r"):
    return pd.DataFrame(
        {
            **{"rule": rule, "model": "cnn", "method": method, "seed": "1"},
            **{"dataset": [f"{rule}{number}" for number in range(len(x))]},
            **{"test_auroc": x, "position_auroc": y},
        }
    )


def test_isotonic_regression_by_hand():
    # 3 and 2 are in the wrong order and share 2.5; 4 is above them, but 1 comes after:
    # (4 + 1) / 2 = 2.5, too.
    at, fitted = isotonic(np.array([1.0, 2, 3, 4, 5]), np.array([1.0, 3, 2, 4, 1]))
    assert at.tolist() == [1, 2, 3, 4, 5]
    assert fitted.tolist() == pytest.approx([1, 2.5, 2.5, 2.5, 2.5])


def test_values_at_the_same_x_weigh_as_many():
    # 6 (one) before the mean 3 of two: (6 + 2 x 3) / 3 = 4.
    at, fitted = isotonic(np.array([2.0, 1, 2]), np.array([2.0, 6, 4]))
    assert at.tolist() == [1, 2]
    assert fitted.tolist() == pytest.approx([4, 4])


def test_the_band_of_a_curve_has_the_curve_within():
    rng = np.random.default_rng(2)
    x = rng.uniform(0.5, 1, 30)
    curve = fit_curve(points_of(x, x + rng.normal(0, 0.02, 30)))
    assert (curve["ci_low"] <= curve["fitted"] + 0.02).all()
    assert (curve["fitted"] <= curve["ci_high"] + 0.02).all()
    assert (np.diff(curve["fitted"]) >= 0).all()
    same = fit_curve(points_of([0.6, 0.7, 0.8], [0.9] * 3))
    assert same["ci_low"].tolist() == pytest.approx([0.9] * 3)


def test_the_band_is_over_datasets_and_models():
    # Two networks with one test AUROC: a resample has the mean 0, 1/2 or 1, with the
    # probabilities 1/4, 1/2, 1/4.
    apart = points_of([0.9, 0.9], [0.0, 1.0])
    row = fit_curve(apart).iloc[0]
    assert (row["fitted"], row["ci_low"], row["ci_high"]) == (0.5, 0, 1)
    # Two seeds of one dataset and model are drawn together.
    row = fit_curve(apart.assign(dataset="one", seed=["1", "2"])).iloc[0]
    assert (row["fitted"], row["ci_low"], row["ci_high"]) == (0.5, 0.5, 0.5)


def test_a_study_without_position_scores_has_the_networks_with_random_labels():
    rows = rows_of({"a": [1.0, 1.0]}).assign(metric="tests_recovered")
    aurocs = pd.DataFrame(
        {
            **{"rule": "none", "dataset": "n", "model": "cnn"},
            **{"seed": ["1"], "test_auroc": [0.5]},
        }
    )
    points = join_prediction(rows, aurocs)
    assert points["test_auroc"].tolist() == [0.5]
    assert points["position_auroc"].isna().all()
    assert fixed_method(points) is None


def limit_of(x, y):
    (row,) = thresholds(points_of(x, y)).to_dict("records")
    return row


LADDER = np.arange(20) / 100 + 0.8  # 0.8, 0.81, ... 0.99


def test_the_threshold_is_above_the_last_network_that_fails():
    # The fifth of 20 fails, and 15 follow.
    good = np.where(np.arange(20) == 4, 0.7, 0.85)
    row = limit_of(LADDER, good)
    assert row["threshold"] == pytest.approx(0.85)
    assert (row["networks"], row["above"], row["reached"]) == (20, 15, 15)
    # Wilson: 15 of 15 has the lower end 1 / (1 + z^2 / 15), z^2 = 3.8415.
    assert row["ci_low"] == pytest.approx(15 / 18.8415, abs=1e-4)
    text = advice(row, points_of(LADDER, good))
    assert "the 15 networks here with a test AUROC of at least 0.850, 15 have" in text
    assert (
        "(100.0 %, 95 % interval from 79.6 % if the networks were independent" in text
    )
    assert "Of the 5 networks below it, 4 do. Do not take 0.850 as" in text


def test_one_failure_of_twenty_is_allowed():
    # 19 good ones, then a failure: 19 / 20 is 95 %.
    row = limit_of(LADDER, np.where(np.arange(20) == 19, 0.7, 0.85))
    assert row["threshold"] == 0.8
    assert (row["above"], row["reached"], row["fraction"]) == (20, 19, 0.95)
    assert "No network here has a lower one" in advice(row, points_of(LADDER, LADDER))
    # One less before it is not enough.
    few = limit_of(LADDER[1:], np.where(np.arange(19) == 18, 0.7, 0.85))
    assert np.isnan(few["threshold"])


def test_many_good_networks_far_above_do_not_hide_a_bad_one():
    # 1 of 41 fails, 97.6 % reach the score; but the network at 0.6 is the one.
    row = limit_of([0.6, *np.linspace(0.9, 0.99, 40)], [0.55, *[0.95] * 40])
    assert row["threshold"] == pytest.approx(0.9)


def test_the_networks_of_each_rule_above_and_below_the_threshold():
    # Of 20 under r the one at 0.84 fails, under s the one at 0.7: from 0.85 on none.
    points = pd.concat(
        [
            points_of(LADDER, np.where(np.arange(20) == 4, 0.7, 0.85)),
            points_of([0.9, 0.7, 0.95], [0.9, 0.7, 0.9], rule="s"),
            points_of([0.9] * 2, [0.7] * 2, method="saliency"),
            points_of([0.5], [np.nan], method="", rule="none"),
        ]
    )
    limits = thresholds(points)
    first, second, unsafe = by_rule(points, limits).to_dict("records")
    assert list(first.values())[1:] == ["r", 20, 0.8, 0.99, 19, 15, 15]
    assert list(second.values())[1:] == ["s", 3, 0.7, 0.95, 2, 2, 2]
    # Saliency has no threshold, and so no network above it.
    assert list(unsafe.values()) == ["saliency", "r", 2, 0.9, 0.9, 0, 0, 0]
    text = section_on_interpretation(points)
    assert "Of the 20 networks of all rules but s 19 do" in text
    assert "| highest | all networks | from 0.850 on | below 0.850 |" in text
    assert "| r | 0.800 | 0.990 | 19 of 20 | 15 of 15 | 4 of 5 |" in text
    assert "| s | 0.700 | 0.950 | 2 of 3 | 2 of 2 | 0 of 1 |" in text


@pytest.mark.parametrize("reached", [(1, 1, 1), (1, 1, 2)], ids=["all", "two"])
def test_no_rule_is_left_out_where_several_are_the_hardest(reached):
    # Two networks of each rule.
    points = pd.concat(
        points_of([0.8, 0.9], [0.7 if n == 1 else 0.9, 0.9], rule=rule)
        for rule, n in zip("rst", reached, strict=True)
    )
    text = section_on_interpretation(points)
    assert "| r | 0.800 | 0.900 | 1 of 2 |" in text
    assert "all rules but" not in text


def test_sections_without_rows_say_no_more_than_that():
    # There is a dataset with random labels, and no method that counts false findings.
    text = markdown_of(rows_of({}), points_of([0.5], [np.nan], method="", rule="none"))
    assert "## Where nothing is to be found\n\nNo method has a fraction of" in text
    assert "# Leaderboard\n\nNo method that ran has a headline score.\n" in text


def markdown_of(rows, points):
    """The whole page; the rules of `rows` are those of datasets of the same name."""
    board, ranks, comparisons = leaderboard(rows), mean_ranks(rows), compare(rows)
    rules = {name: name for name in rows["dataset"]}
    wins, preferred = count_wins(comparisons), preferences(comparisons, rules)
    limits = thresholds(points)
    return markdown(
        *(board, ranks, ranks_without_mean(rows, rows), wins, preferred),
        *(points, limits, by_rule(points, limits)),
    )


def section_on_interpretation(points):
    """What the page says of points, with the other tables empty."""
    return (
        markdown_of(rows_of({}), points)
        .split("When may one interpret?\n")[1]
        .split("\n## ")[0]
    )


def test_no_threshold_is_said():
    points = points_of(LADDER, np.full(20, 0.7))
    (row,) = thresholds(points).to_dict("records")
    assert np.isnan(row["threshold"])
    # The ten networks with the highest test AUROC.
    assert (row["above"], row["reached"]) == (10, 0)
    assert advice(row, points).startswith("No test AUROC in these data is high enough")


def test_too_few_networks_are_said_even_if_all_are_good():
    # Nine good networks are too few to tell.
    assert np.isnan(limit_of(LADDER[:9], np.full(9, 0.9))["threshold"])
    points = points_of(LADDER[:5], np.full(5, 0.9))
    text = section_on_interpretation(points)
    assert text.strip().startswith(
        "There are too few networks (5, at least 10 are needed) to find a threshold: "
        "5 of 5 have a position AUROC of at least 0.8"
    )
    assert "high enough" not in text and "Do not trust" not in text
    assert "| 5 | too few networks | 5 of 5 |" in text
    _, right = draw_interpretable(points, fit_curve(points), thresholds(points)).axes
    assert texts(right) == ["too few networks"]


def test_networks_with_random_labels_have_a_test_auroc_only():
    points = pd.concat(
        [
            points_of(LADDER, np.full(20, 0.9)),
            points_of([0.48, 0.53], [np.nan] * 2, method="", rule="none"),
        ]
    )
    (row,) = thresholds(points).to_dict("records")
    assert row["networks"] == 20
    assert advice(row, points).endswith("have test AUROCs of up to 0.530.")
    assert len(fit_curve(points)) == 20


def test_position_scores_are_joined_to_the_test_auroc_of_their_network():
    auroc = {("evaluate", ""): [0.9, 0.8]}
    scores = pd.concat(
        [
            # Of two targets the mean: 0.8 and 0.75.
            scores_of(auroc, metric="test_auroc", target="t"),
            scores_of({("evaluate", ""): [0.7] * 2}, metric="test_auroc", target="u"),
            scores_of({("evaluate", ""): [0.5]}, metric="test_auroc", dataset="n"),
            scores_of({("evaluate", ""): [0.5]}, metric="test_auroc", dataset="own"),
            scores_of({("saturation_mutagenesis", ANSWER): [0.6, np.nan]}, **BOUNDS),
        ]
    )
    rules = {"a": "order", "n": "none"}
    aurocs = network_aurocs(scores, rules)
    points = join_prediction(board_scores(scores, rules), aurocs)
    assert points[["rule", "seed", "method"]].to_numpy().tolist() == [
        ["order", "1", "saturation_mutagenesis"],
        ["none", "1", ""],
    ]
    assert points["test_auroc"].tolist() == pytest.approx([0.8, 0.5])
    assert fixed_method(points) == "saturation_mutagenesis"
    assert fixed_method(points[points["method"] == ""]) is None


def test_networks_without_a_test_auroc_or_without_a_position_score_have_no_point():
    # Quantitative targets have no test AUROC.
    positions = scores_of({("saturation_mutagenesis", ANSWER): [0.6]}, **BOUNDS)
    pearson = scores_of({("evaluate", ""): [0.5]}, metric="test_pearson")
    auroc = scores_of({("evaluate", ""): [0.9]}, metric="test_auroc")
    rules = {"a": "order"}
    tests = scores_of({("motif_tests", ""): [0.5]}, metric="tests_recovered", target="")
    for scores in (
        pd.concat([positions, pearson]),
        pd.concat([tests, pearson]),
        auroc,
    ):
        rows, aurocs = board_scores(scores, rules), network_aurocs(scores, rules)
        assert len(rows) + len(aurocs) == 1
        points = join_prediction(rows, aurocs)
        assert len(points) == 0 and points.columns.tolist() == POINTS
        text = section_on_interpretation(points)
        assert text.strip() == (
            "No network has both a position score and a test AUROC."
        )
        (axes,) = draw_interpretable(points, fit_curve(points), thresholds(points)).axes
        assert texts(axes) == ["no network has both a position score and a test AUROC"]


# -- files, Markdown and figures -------------------------------------------------------

OUTPUTS = {
    "table": "leaderboard.tsv",
    "markdown": "leaderboard.md",
    "ranks": "ranks.tsv",
    "ranks_without_mean": "ranks_without_mean.tsv",
    "wins": "win_matrix.tsv",
    "preferences": "preferences.tsv",
    "interpretable": "interpretable.tsv",
    "curve": "interpretable_curve.tsv",
    "thresholds": "interpretable_thresholds.tsv",
    "by_rule": "interpretable_rules.tsv",
    "figure": "leaderboard.svg",
    "ranks_figure": "ranks.svg",
    "interpretable_figure": "interpretable.svg",
}
MEASURED = {"presence": 0.9, "distance": 0.7, "none": 0.5}


def study(folder):
    """Three rules, two seeds: the scorecard and the metrics of the networks."""
    tables, metrics = [], []
    for rule, auroc in MEASURED.items():
        for seed in (1, 2):
            path = folder / rule / "cnn" / f"seed{seed}" / "metrics.tsv"
            path.parent.mkdir(parents=True)
            row = {"predictor": "network", "target": "t", "metric": "auroc"}
            write_table(path, pd.DataFrame([row | {"value": auroc + seed / 100}]))
            metrics.append(str(path))
        if rule == "none":
            false = {("motif_tests", ""): [0.0, 0.1]}
            tables.append(scores_of(false, metric="tests_false", dataset=rule))
            continue
        kinds = {
            ("attributions", f"integrated_gradients {ANSWER}"): [auroc, auroc - 0.05],
            ("attributions", f"saliency {ANSWER}"): [auroc - 0.1, auroc],
            ("attributions", "integrated_gradients absolute_centred"): [0.6, 0.7],
            ("attributions", "saliency absolute_centred"): [0.7, 0.8],
        }
        tables.append(scores_of(kinds, dataset=rule, **BOUNDS))
    table = pd.concat(tables).assign(n=9, ci_low=np.nan, ci_high=np.nan)
    write_table(
        folder / "scorecard.tsv", table.reindex(columns=truth_scorecard.COLUMNS)
    )
    return metrics


def run(folder, scorecard, metrics, rules):
    folder.mkdir()
    output = {key: str(folder / name) for key, name in OUTPUTS.items()}
    script.main(
        SimpleNamespace(
            input=SimpleNamespace(scorecard=str(scorecard), metrics=metrics),
            output=SimpleNamespace(**output),
            params=SimpleNamespace(rules=rules, figures={}),
            log=[str(folder / "log.txt")],
        )
    )
    return {key: folder / name for key, name in OUTPUTS.items()}


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("study")
    metrics = study(folder)
    rules = {name: name for name in MEASURED}
    return [
        run(folder / name, folder / "scorecard.tsv", metrics, rules) for name in "xy"
    ]


def test_the_same_scores_give_the_same_bytes(written):
    first, second = written
    for key in OUTPUTS:
        assert first[key].read_bytes() == second[key].read_bytes(), key


def cells_of(text, title):
    """Cells of the tables in a section of the Markdown, without headers."""
    section = text.split(f"{title}\n")[1].split("\n#")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    lines = [line for line in lines if "---" not in line]
    return [line.strip("| ").split(" | ") for line in lines[1:]]


def test_the_markdown_has_the_numbers_of_the_tables(written):
    files, text = written[0], written[0]["markdown"].read_text()
    board = read_table(files["table"])
    for rule in ("presence", "distance"):
        rows = board[board["rule"] == rule].set_index("method")
        for method, metric, fraction in cells_of(text, f"### {rule}"):
            assert metric == rows["metric"][method]
            assert float(fraction) == pytest.approx(rows["fraction"][method], abs=6e-4)
    # (0.875 - 0.5) / 0.4 = 0.9375 and (0.85 - 0.5) / 0.4 = 0.875.
    assert cells_of(text, "### presence")[0][2] in ("0.937", "0.938")
    assert cells_of(text, "### presence")[1][2] == "0.875"
    ranks = read_table(files["ranks"])
    everywhere = ranks[ranks["without"].isna()].set_index("method")
    for method, rank, interval in cells_of(text, "## Ranks"):
        assert float(rank) == pytest.approx(everywhere["rank"][method], abs=6e-4)
        low, high = map(float, interval.split(" to "))
        assert low == pytest.approx(everywhere["ci_low"][method], abs=6e-4)
        assert high == pytest.approx(everywhere["ci_high"][method], abs=6e-4)
    # Without the moving mean saliency is first at all four networks.
    plain = cells_of(text, "## Ranks without the moving mean")
    assert [(row[0], row[1]) for row in plain] == [
        *(("saliency", "1.000"), ("integrated_gradients", "2.000"))
    ]
    assert [float(row[3]) for row in plain] == pytest.approx(
        [everywhere["rank"][row[0]] for row in plain], abs=6e-4
    )
    limits = read_table(files["thresholds"]).set_index("method")
    by_method, of_rules = (
        cells_of(f"x\n{part}", "x")
        for part in text.split("## When may one interpret?\n")[1].split(
            "The same by rule:"
        )
    )
    for method, networks, *_, fraction, _ in by_method:
        assert int(networks) == limits["networks"][method] == 4
        assert float(fraction) == pytest.approx(limits["fraction"][method], abs=6e-4)
    # Test AUROCs 0.91 and 0.92, position AUROCs 0.9 and 0.85; 0.71, 0.72, 0.7, 0.65.
    assert of_rules == [
        ["presence", "0.910", "0.920", "2 of 2"],
        ["distance", "0.710", "0.720", "0 of 2"],
    ]
    # Two seeds are too few to compare.
    assert (
        cells_of(text, "## Which of two methods to prefer")[0][2:] == [CANNOT_SAY] * 2
    )
    (false,) = cells_of(text, "## Where nothing is to be found")
    assert false == ["none", "cnn", "motif_tests", "tests_false", "2", "0.050"]
    assert "The 2 networks with random labels" in text and "0.520" in text


def test_without_simulated_data_tables_have_a_header_and_the_page_says_so(tmp_path):
    empty = pd.DataFrame(columns=truth_scorecard.COLUMNS)
    write_table(tmp_path / "scorecard.tsv", empty)
    files = run(tmp_path / "x", tmp_path / "scorecard.tsv", [], {})
    text = files["markdown"].read_text()
    assert "No method that ran has a headline score." in text
    assert "No network has both a position score and a test AUROC." in text
    for key, path in files.items():
        assert path.stat().st_size > 0
        if path.suffix == ".tsv":
            assert len(path.read_text().splitlines()) == 1, key


def test_methods_are_in_the_order_of_their_rank():
    rows = pd.concat(
        [
            rows_of({"a": [0.7], "b": [0.9]}),
            rows_of({"c": [0.7]}, metric="tests_recovered"),
        ]
    )
    order = method_order(leaderboard(rows), mean_ranks(rows))
    assert [method for _, method in order] == ["b", "a", "c"]


def texts(axes):
    return [text.get_text() for text in axes.texts]


def test_the_heat_map_has_a_number_in_each_cell_or_a_dash():
    rows = [
        rows_of({"a": [0.7], "b": [0.3]}),
        rows_of({"a": [0.9], "b": [np.nan]}, rule="s"),
    ]
    rows = pd.concat(rows)
    figure = draw_leaderboard(leaderboard(rows), mean_ranks(rows))
    assert texts(figure.axes[0])[:4] == ["50", "100", "−50", "–"]
    assert {"r", "s", "position_auroc"} <= set(texts(figure.axes[0]))


def test_a_wide_heat_map_has_no_numbers():
    rows = [rows_of({"a": [0.7]}, model=f"m{n}") for n in range(MAX_NUMBERS + 1)]
    board = leaderboard(pd.concat(rows))
    figure = draw_leaderboard(board, mean_ranks(pd.concat(rows)))
    assert texts(figure.axes[0]) == ["r", "position_auroc"]


def test_the_figure_of_ranks_has_a_mark_for_each_rule_left_out():
    axes, *_ = draw_ranks(mean_ranks(ORDERS)).axes
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels == list("abcd")
    ticks = [line for line in axes.lines if line.get_marker() == "|"]
    assert [len(line.get_xdata()) for line in ticks] == [4] * 4


def test_the_figure_of_interpretation_has_a_point_for_each_network():
    points = pd.concat(
        [
            points_of(LADDER, np.full(20, 0.9)),
            points_of(LADDER, np.full(20, 0.7), method="saliency"),
            points_of([0.5], [np.nan], method="", rule="none"),
        ]
    )
    figure = draw_interpretable(points, fit_curve(points), thresholds(points))
    left, right = figure.axes
    assert left.get_title(loc="left") == "integrated_gradients, 20 networks"
    drawn = [len(line.get_xdata()) for line in left.lines if line.get_marker() == "o"]
    assert drawn == [20]
    # The axes begin where the points do: the network with random labels is named only.
    assert 0.75 < left.get_xlim()[0] < 0.8 and left.get_ylim()[0] > 0.75
    assert left.get_legend().get_title().get_text().endswith("0.500 to 0.500")
    assert texts(right) == ["from 0.800: 20 of 20", "none"]


def test_the_markdown_says_what_is_not_defined():
    rows = rows_of({"a": [0.7], "b": [0.3]}, negative_control=np.nan)
    text = markdown_of(rows, points_of([], []))
    assert "| a | position_auroc | not defined: no negative control |" in text
    assert "A dataset and model with a single seed leave no interval." in text
    assert "fewer than two rules" in text
