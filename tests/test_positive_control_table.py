"""What methods reach on the positive control: scores beside the ideal, and marks."""

import numpy as np
import pandas as pd
import pytest

from proofread.studies.positive_control import (
    COLUMNS,
    control_predictions,
    control_scores,
)
from proofread.studies.positive_control_table import key, markdown
from proofread.tables import SCORE_COLUMNS, write_table

RULES = {"b": "order", "a": "logic"}  # in the order of the configuration


def write(path, rows):
    """A table of scores; what a row does not say is empty."""
    path.parent.mkdir(parents=True)
    defaults = {"better": "higher", "n": 9, "chance": 0.5, "target": "t"}
    table = pd.DataFrame([defaults | row for row in rows])
    columns = [*(["explainer"] if "explainer" in table else []), *SCORE_COLUMNS]
    write_table(path, table.reindex(columns=columns))
    return str(path)


def position(value, variant, **more):
    score = {"metric": "position_auroc", "variant": variant, "value": value}
    return score | {"ci_low": value - 0.01, "ci_high": value + 0.01} | more


@pytest.fixture
def table(tmp_path):
    """Attributions under two rules, motif tests and filters under one."""
    network = tmp_path / "b" / "oracle" / "seed1"
    scores = [
        write(
            network / "attributions" / "score.tsv",
            [
                position(0.99, "saliency signed_raw"),  # not the answer that counts
                position(0.95, "saliency absolute_centred_window9"),
                position(0.96, "smoothgrad absolute_centred_window9"),
            ],
        ),
        write(
            network / "motif_tests" / "score.tsv",
            [
                {"metric": "tests_recovered", "value": 1.0},
                {"metric": "tests_false", "value": 0.0, "better": "lower"},
                {"metric": "tests_done", "value": 3.0},  # without an ideal
            ],
        ),
        write(
            network / "filter_pfms" / "score.tsv",
            [
                {"metric": "f1", "motif": "one", "value": 0.6},
                {"metric": "f1", "motif": "two", "value": 0.8},
                {"metric": "f1", "motif": "decoy", "value": 0.1},
            ],
        ),
        write(
            tmp_path / "a" / "oracle" / "seed1" / "attributions" / "score.tsv",
            [position(0.5, "saliency absolute_centred_window9")],
        ),
    ]
    answer = "absolute_centred_window9"
    ideal = [
        write(
            tmp_path / name / "ideal_explainer" / "score.tsv",
            [position(value, answer, explainer="log_odds")],
        )
        for name, value in (("a", 0.9), ("b", 1.0))
    ]
    unused = {"a": set(), "b": {"decoy"}}
    return control_scores(scores, ideal, unused, RULES)


def row(table, dataset, method, metric):
    wanted = (dataset, method, metric)
    (found,) = (item for item in table.to_dict("records") if key(item) == wanted)
    return found


def test_the_answer_of_a_method_is_a_fraction_of_the_ideal_explainer_s(table):
    assert list(table.columns) == COLUMNS
    found = row(table, "a", "attributions, saliency", "position_auroc")
    assert (found["rule"], found["n"]) == ("logic", 9)
    assert (found["value"], found["ideal"]) == (0.5, 0.9)
    assert found["fraction"] == pytest.approx(5 / 9)
    assert found["reached"] == 0
    assert (found["ci_low"], found["ci_high"]) == pytest.approx((0.49, 0.51))


def test_ninety_five_percent_is_enough(table):
    found = row(table, "b", "attributions, saliency", "position_auroc")
    assert (found["fraction"], found["reached"]) == (0.95, 1)


def test_scores_without_an_ideal_and_false_findings_are_left_out(table):
    of_tests = table[table["method"] == "motif_tests"]
    assert of_tests["metric"].tolist() == ["tests_recovered"]
    assert of_tests["ideal"].tolist() == [1]


def test_motifs_that_the_rule_does_not_look_at_do_not_count(table):
    found = row(table, "b", "filter_pfms", "f1")
    assert found["value"] == pytest.approx(0.7)  # of 0.6 and 0.8, without 0.1
    assert found["subjects"] == 2
    assert np.isnan(found["ci_low"])


def test_datasets_stand_in_the_order_of_the_configuration(table):
    assert table["dataset"].drop_duplicates().tolist() == ["b", "a"]


def test_without_scores_there_is_an_empty_table():
    table = control_scores([], [], {}, {})
    assert list(table.columns) == COLUMNS and len(table) == 0


@pytest.fixture
def predictions(tmp_path):
    path = tmp_path / "b" / "oracle" / "seed1" / "metrics.tsv"
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [
        {"predictor": predictor, "target": "t", "metric": metric, "value": value}
        for predictor, metric, value in (
            ("network", "auroc", 0.92),
            ("network", "auprc", 0.5),
            ("gc", "auroc", 0.6),
        )
    ]
    write_table(path, pd.DataFrame(rows).assign(n=400))
    return control_predictions([str(path)], {("b", "t"): 0.93}, RULES)


def test_predictions_are_a_fraction_of_what_is_attainable(predictions):
    (found,) = predictions.to_dict("records")
    assert (found["dataset"], found["target"], found["n"]) == ("b", "t", 400)
    assert (found["auroc"], found["attainable"]) == (0.92, 0.93)
    assert found["fraction"] == pytest.approx(0.92 / 0.93)


def test_marks_and_their_reasons(table, predictions):
    limits = {("b", "filter_pfms", "f1"): "weak sites"}
    text = markdown(table, predictions, limits)
    # The ideal explainer has 1 under b and 0.9 under a; the table has b alone.
    assert "\n| `position_auroc` | the ideal | 1.000 |\n" in text
    saliency = "| `position_auroc` | attributions, saliency |"
    assert f"\n{saliency} 0.950 (0.950) |\n" in text
    assert f"\n{saliency} a 0.500 |  |\n" in text
    assert "\n| `f1` | filter_pfms | 0.700 (0.700*) |\n" in text
    assert "\n| `f1` | filter_pfms | b 0.700 | weak sites |\n" in text
    assert "\n| b | t | 0.9200 | 0.9300 | 0.9892 |\n" in text
