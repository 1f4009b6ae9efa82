"""The section of the page on scores over seeds."""

import pandas as pd
import pytest

from proofread.report import over_seeds
from proofread.report.over_seeds import describe
from proofread.truth.comparisons import MIN_SEEDS, compare, rank
from proofread.truth.headline import headline_scores
from proofread.truth.summary import summarise
from seed_scores import HIGH, LOW, WINDOW, methods_of, scores_of

THIRD = [0.4, 0.7, 0.5]


def described(scores, seeds, model="cnn"):
    headline = headline_scores(scores)
    comparisons = compare(headline)
    networks = [("a", model, str(seed)) for seed in range(1, seeds + 1)]
    ranks = rank(headline, comparisons)
    table = summarise(scores, headline, ranks, networks)
    return describe(table, comparisons, [("a", model, seeds)])


def test_methods_are_numbered_from_the_best_and_each_verdict_has_its_numbers():
    (item,) = described(scores_of(methods_of(low=LOW, third=THIRD, high=HIGH)), 3)
    assert (item["dataset"], item["model"], item["caution"]) == ("a", "cnn", "")
    (table,) = item["tables"]
    assert table["pairs"] == "3 pairs"
    assert (table["decided"], table["undecided"]) == (1, 2)
    columns = ("place", "name", "better", "worse", "undecided")
    assert [tuple(row[name] for name in columns) for row in table["rows"]] == [
        (1, "High", "3", "none", "2"),
        (2, "Third", "none", "none", "1, 3"),
        (3, "Low", "none", "1", "2"),
    ]
    first = table["rows"][0]
    # 0.6 +- 4.30265 x 0.0001 / sqrt(3). Ranks within seeds: 1, 2 and 1, whose sd is
    # sqrt(1 / 3): 1.33 +- 4.30265 / 3 = -0.1 to 2.8, cut at 1.
    assert first["mean"]["shown"] == "0.600"
    assert first["mean"]["interval"] == "[0.600, 0.600]"
    assert first["rank"]["shown"] == "1.3"
    assert first["rank"]["interval"] == "[1.0, 2.8]"


def test_where_lower_is_better_the_lowest_is_first():
    scores = scores_of(methods_of(high=HIGH, low=LOW), better="lower")
    ((table,),) = (item["tables"] for item in described(scores, 3))
    assert table["lower_is_better"]
    assert [row["name"] for row in table["rows"]] == ["Low", "High"]
    assert [row["better"] for row in table["rows"]] == ["2", "none"]


@pytest.mark.parametrize(
    ("seeds", "caution", "tables"),
    [
        (1, "One seed: no interval, and no pair of methods can be decided.", 0),
        (
            2,
            "With 2 seeds no pair of methods can be decided: a test needs 3 or more.",
            1,
        ),
        (3, "", 1),
    ],
    ids=["one", "two", "three"],
)
def test_what_few_seeds_cannot_show_is_said(seeds, caution, tables):
    scores = scores_of(methods_of(one=HIGH[:seeds], two=LOW[:seeds]))
    (item,) = described(scores, seeds)
    assert (item["caution"], len(item["tables"])) == (caution, tables)


def test_the_page_and_the_tests_need_the_same_number_of_seeds():
    assert over_seeds._MIN_SEEDS == MIN_SEEDS


def test_a_method_without_a_value_is_last_and_its_missing_seeds_are_counted():
    values = methods_of(none=[float("nan")] * 3, one=[*HIGH[:2], float("nan")])
    ((table,),) = (item["tables"] for item in described(scores_of(values), 3))
    rows = [
        (row["name"], row["missing"], row["mean"]["shown"]) for row in table["rows"]
    ]
    assert rows == [("One", 1, "0.600"), ("None", 3, "–")]


def test_predictions_are_a_sentence_also_without_methods():
    scores = pd.concat(
        scores_of({("evaluate", ""): [value] * 2}, metric=metric, target=target)
        for metric, value in (("test_auroc", 0.9), ("test_auprc", 0.8))
        for target in ("liver", "lung")
    )
    (item,) = described(scores, 2)
    # The mean over targets, not the first of them.
    assert item["predictions"] == (
        "test AUROC 0.900 [0.900, 0.900] and test AUPRC 0.800 [0.800, 0.800]"
    )
    assert item["tables"] == [] and item["caution"] == ""


def test_a_network_without_scores_is_left_out():
    scores = scores_of(methods_of(one=HIGH, two=LOW))
    headline = headline_scores(scores)
    pairs = compare(headline)
    networks = [("a", "cnn", str(seed)) for seed in (1, 2, 3)]
    table = summarise(scores, headline, rank(headline, pairs), networks)
    items = describe(table, pairs, [("b", "cnn", 3), ("a", "cnn", 3)])
    assert [item["dataset"] for item in items] == ["a"]


def test_kinds_of_a_method_have_their_names():
    values = {
        ("attributions", f"integrated_gradients {WINDOW}"): HIGH,
        ("attributions", f"deeplift_shap {WINDOW}"): LOW,
    }
    ((table,),) = (item["tables"] for item in described(scores_of(values), 3))
    assert [row["name"] for row in table["rows"]] == [
        "Attributions: Integrated Gradients",
        "Attributions: DeepLIFT/SHAP",
    ]
