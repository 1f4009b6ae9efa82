"""The scorecard: where each score comes from, and data without truth."""

import numpy as np
import pandas as pd
import pytest

from proofread.tables import SCORE_COLUMNS, Score, read_table, write_score, write_table
from proofread.truth.scorecard import (
    COLUMNS,
    collect_ideal_scores,
    collect_scores,
    draw_scorecard,
    join_controls,
    unused_motifs,
)

SCORES = ["dataset", "model", "seed", "method", *SCORE_COLUMNS]
NO_IDEAL = collect_ideal_scores([])


def write(folder, dataset, model, seed, method, rows):
    path = folder / dataset / model / f"seed{seed}" / method / "score.tsv"
    write_score(path, rows)
    return path


def test_each_score_keeps_its_origin_and_its_digits(tmp_path):
    paths = [
        write(tmp_path, "order", "cnn", 7, "tomtom", [("auroc", 0.5, 9, 0.25, 0.75)]),
        write(tmp_path, "null.v2", "cnn", 8, "tomtom", [("auroc", 0.1234567, 9, 0, 1)]),
    ]
    write_table(tmp_path / "scorecard.tsv", collect_scores(paths))
    lines = (tmp_path / "scorecard.tsv").read_text().splitlines()
    assert lines == [
        "\t".join(SCORES),
        "order\tcnn\t7\ttomtom\tauroc\t\t\t\thigher\t0.5\t9\t0.25\t0.75\t",
        "null.v2\tcnn\t8\ttomtom\tauroc\t\t\t\thigher\t0.123457\t9\t0\t1\t",
    ]


def test_data_without_truth_add_no_row(tmp_path):
    scored = write(tmp_path, "a", "cnn", 1, "m", [("auroc", 0.5, 9, 0.25, 0.75)])
    unscored = write(tmp_path, "mine", "cnn", 1, "m", [])
    table = collect_scores([unscored, scored])
    assert list(table["dataset"]) == ["a"]
    # An empty table must not turn numbers into text.
    assert table["value"].dtype == float


def test_no_score_at_all_is_a_header_and_a_figure_that_says_so(tmp_path):
    scores = collect_scores([write(tmp_path, "mine", "cnn", 1, "m", [])])
    table = join_controls(scores, collect_scores([]), NO_IDEAL)
    write_table(tmp_path / "scorecard.tsv", table)
    assert list(read_table(tmp_path / "scorecard.tsv").columns) == COLUMNS
    assert "nothing is scored" in draw_scorecard(table).axes[0].get_title()


def scored(value, *, dataset="a", model="cnn", seed="1", metric="auroc", **columns):
    score = Score(metric, value, 9, np.nan, np.nan)._replace(**columns)
    return {"dataset": dataset, "model": model, "seed": seed, "method": "m"} | (
        score._asdict()
    )


def table_of(rows):
    return pd.DataFrame(rows, columns=SCORES)


def test_the_figure_has_a_dot_per_seed_and_leaves_counts_out():
    scores = table_of(
        [
            scored(0.5),
            scored(0.6, seed="2"),
            scored(17, metric="motifs"),
            scored(1, metric="rank_grouped_influence", better="lower"),
            scored(0.7, dataset="b", metric="recall", motif="STAT", variant="best"),
            scored(
                0.8, dataset="b", metric="position_auroc", variant="ig absolute_raw"
            ),
            scored(0.9, dataset="b", metric="position_auroc", variant="ig signed_raw"),
        ]
    )
    figure = draw_scorecard(join_controls(scores, table_of([]), NO_IDEAL))
    dots = [
        sorted(line.get_xdata()[0] for line in panel.lines if line.get_marker() == "o")
        for panel in figure.axes
    ]
    # Of the answers to where the motifs are, some have a row.
    assert dots == [[0.5, 0.6], [0.7, 0.9]]
    assert [panel.get_title(loc="left") for panel in figure.axes] == ["a", "b"]
    labels = [panel.get_yticklabels()[0].get_text() for panel in figure.axes]
    assert labels == ["m: auroc", "m: recall, STAT, best"]


def joined(scores, controls, ideal=()):
    columns = ["dataset", "explainer", "metric", "target", "variant", "value"]
    return join_controls(
        table_of(scores), table_of(controls), pd.DataFrame(list(ideal), columns=columns)
    )


def controls_of(untrained, shuffled, **columns):
    return [
        scored(untrained, model="cnn.untrained", **columns),
        scored(shuffled, model="cnn.shuffled", **columns),
    ]


def test_every_seed_has_the_controls_of_its_model_and_the_highest_is_the_control():
    table = joined(
        [scored(0.9), scored(0.8, seed="2"), scored(0.7, model="other")],
        controls_of(0.3, 0.4),
    )
    assert list(table.columns) == COLUMNS
    assert table["negative_control_untrained"].tolist()[:2] == [0.3, 0.3]
    assert table["negative_control_shuffled"].tolist()[:2] == [0.4, 0.4]
    assert table["negative_control"].tolist()[:2] == [0.4, 0.4]
    columns = ["negative_control", "negative_control_untrained"]
    assert table.iloc[2][columns].isna().all()


def test_the_best_control_of_an_error_is_the_lowest():
    error = {"metric": "tests_false", "better": "lower"}
    table = joined([scored(0.1, **error)], controls_of(0.3, 0.4, **error))
    assert table["negative_control"].tolist() == [0.3]


def test_the_best_control_of_the_decoys_fraction_is_the_lowest():
    decoys = {"metric": "position_decoy_fraction", "better": "lower", "chance": 0.2}
    random = ("a", "random", decoys["metric"], "", "", 0.25)
    table = joined([scored(0.1, **decoys)], controls_of(0.3, 0.4, **decoys), [random])
    assert table["negative_control"].tolist() == [0.25]
    assert table["chance"].tolist() == [0.2]


def test_false_findings_of_the_controls_are_counted():
    error = {"metric": "tests_false", "better": "lower"}
    # Each control has 9 tests that should find nothing: a third of them is 3.
    table = joined([scored(0.1, **error)], controls_of(0.333333, 0.0, **error))
    assert table["control_note"].tolist() == [
        "false findings: untrained 3 of 9, shuffled 0 of 9"
    ]
    assert table["ideal_note"].str.endswith("best possible value is 0").all()


def test_a_missing_control_or_explainer_has_a_reason():
    f1 = {"metric": "f1"}
    rows = [
        scored(0.5, **f1),
        scored(0.5, **f1, model="mine"),
        scored(0.5, metric="recall"),
        scored(0.5, metric="empirical_fdr", better="lower"),
    ]
    controls = controls_of(np.nan, 0.4, **f1) + controls_of(0.1, np.nan, motif="x")
    table = joined(rows, controls)
    assert table["control_note"].tolist() == [
        "",
        "no control network",
        "not defined for the controls (no match, pattern or peak)",
        "null queries are its control",
    ]
    note = "the ideal explainer scores bases only; the best possible value is"
    assert table["ideal_note"].tolist() == [*[f"{note} 1"] * 3, f"{note} 0"]
    for metric in ("position_auroc", "position_auprc", "position_decoy_fraction"):
        ideal = ("a", "log_odds", metric, "", "signed", 0.9)
        rows = [
            scored(0.5, variant=name, metric=metric) for name in ("signed", "other")
        ]
        notes = joined(rows, [], [ideal])["ideal_note"]
        assert notes.tolist() == ["", "not computed for the ideal explainer"]


@pytest.mark.parametrize(
    ("metric", "better"),
    [
        # Of two causal motifs one has rank 2 at best, and half of the filters.
        ("rank_grouped_influence", "lower"),
        ("filters_matching", "higher"),
        ("patterns_matching", "higher"),
        # Of more than three causal motifs some are below.
        ("causal_groups_in_top_3", "higher"),
        ("my_error", "lower"),
    ],
)
def test_a_best_value_that_depends_on_the_data_is_not_stated(metric, better):
    table = joined([scored(1.0, metric=metric, better=better)], [])
    assert table["ideal_note"].tolist() == ["the ideal explainer scores bases only"]


@pytest.mark.parametrize("motif", ["other", "rank", "false", "error"])
def test_a_motifs_name_does_not_decide_which_control_is_best(motif):
    of_motif = {"metric": "f1", "motif": motif}
    table = joined([scored(0.9, **of_motif)], controls_of(0.3, 0.4, **of_motif))
    assert table["negative_control"].tolist() == [0.4]


@pytest.mark.parametrize("column", ["metric", "motif", "target", "variant"])
def test_a_control_is_of_the_same_motif_target_and_variant(column):
    controls = controls_of(0.3, 0.4, **{column: "one"})
    rows = [scored(0.9, **{column: name}) for name in ("one", "two")]
    table = joined(rows, controls)
    assert table["negative_control"].fillna(-1).tolist() == [0.4, -1]


def test_ideal_explainers_are_joined_by_what_they_score():
    position = {"metric": "position_auroc", "target": "liver"}
    table = joined(
        [
            scored(0.8, **position, variant="saliency signed_raw"),
            scored(0.8, **position, variant="signed_raw"),
            scored(0.8, **position, variant="saliency absolute_raw"),
            scored(0.9),
        ],
        [],
        [
            ("a", "log_odds", *position.values(), "signed_raw", 0.95),
            ("a", "scan", *position.values(), "signed_raw", 0.99),
            ("a", "random", *position.values(), "signed_raw", 0.5),
            ("b", "log_odds", *position.values(), "signed_raw", 0.1),
        ],
    )
    assert table["ideal_explainer"].tolist()[:2] == [0.95, 0.95]
    assert table["ideal_explainer_scan"].tolist()[:2] == [0.99, 0.99]
    assert table["negative_control"].tolist()[:2] == [0.5, 0.5]
    columns = ["negative_control", "ideal_explainer", "ideal_explainer_scan"]
    assert table.iloc[2:][columns].isna().all(axis=None)


def test_files_of_scores_controls_and_ideal_explainers_join(tmp_path):
    score = Score("position_auroc", 0.5, 9, 0.25, 0.75, target="TRUE")
    cnn, control = (
        write(tmp_path, "a", model, 1, "m", [score._replace(variant=variant)])
        for model, variant in (("cnn", "saliency x"), ("cnn.shuffled", "saliency x"))
    )
    path = tmp_path / "a" / "ideal_explainer" / "score.tsv"
    ideal = pd.DataFrame([score._replace(variant="x", value=0.75)])
    path.parent.mkdir()
    write_table(path, ideal.assign(explainer="scan"))
    table = join_controls(
        collect_scores([cnn]), collect_scores([control]), collect_ideal_scores([path])
    )
    assert table["negative_control_shuffled"].tolist() == [0.5]
    assert table["ideal_explainer_scan"].tolist() == [0.75]


def test_each_score_has_its_positive_control_and_a_verdict():
    f1 = {"metric": "f1"}
    scores = table_of(
        [
            scored(0.96, **f1),
            scored(0.5, **f1),
            scored(0.5, metric="recall"),
            scored(0.5, **f1, dataset="b"),
            scored(0.3, metric="position_auroc", target="t", variant="signed_raw"),
        ]
    )
    positive = table_of(
        [
            scored(1.0, **f1, model="oracle"),
            scored(0.9, metric="recall", model="oracle"),
            scored(
                0.4,
                metric="position_auroc",
                target="t",
                variant="signed_raw",
                model="oracle",
            ),
        ]
    )
    ideal = pd.DataFrame(
        [("a", "log_odds", "position_auroc", "t", "signed_raw", 0.4)],
        columns=["dataset", "explainer", "metric", "target", "variant", "value"],
    )
    table = join_controls(scores, table_of([]), ideal, positive)
    expected = [1.0, 1.0, 0.9, np.nan, 0.4]
    assert np.array_equal(table["positive_control"], expected, equal_nan=True)
    # The best f1 and recall are 1; the ideal explainer has a position AUROC of 0.4.
    assert table["verdict"].tolist() == [
        "recovered",
        "network",
        "method limit",
        "",
        "network",
    ]


def test_without_positive_controls_their_columns_are_left_out():
    scores, none = table_of([scored(0.5, metric="f1")]), table_of([])
    assert list(join_controls(scores, none, NO_IDEAL, none)) == COLUMNS
    positive = table_of([scored(0.5, metric="f1", model="oracle")])
    table = join_controls(scores, none, NO_IDEAL, positive)
    assert list(table) == [*COLUMNS, "positive_control", "verdict"]


def test_false_findings_have_no_verdict():
    """A network that finds nothing has none, and would be as good as the control."""
    rows = [
        scored(0.0, metric="tests_false", better="lower"),
        scored(0.2, metric="position_decoy_fraction", better="lower"),
        scored(0.0, metric="tests_recovered"),
    ]
    positive = table_of([row | {"model": "oracle"} for row in rows])
    ideal = pd.DataFrame(
        [("a", "log_odds", "position_decoy_fraction", "", "", 0.0)],
        columns=["dataset", "explainer", "metric", "target", "variant", "value"],
    )
    table = join_controls(table_of(rows), table_of([]), ideal, positive)
    assert table["positive_control"].tolist() == [0, 0.2, 0]
    assert table["verdict"].tolist() == ["", "", "method limit"]


def test_motifs_that_no_rule_looks_at_have_no_verdict():
    settings = {
        "source": "simulate",
        "rule": "presence",
        "motifs": ["STAT", "CTCF"],
        "positive_motifs": ["STAT"],
        "negative_motifs": [],
        "targets": None,
        "logic": None,
        "decoys": [{"motif": "STAT", "as": "shuffled", "rate": 0.5}],
    }
    unused = unused_motifs(settings)
    assert unused == {"CTCF", "STAT_shuffled"}
    scores = [scored(0.1, metric="f1", motif=name) for name in ("STAT", "CTCF")]
    positive = [{**row, "model": "oracle"} for row in scores]
    table = join_controls(
        table_of(scores), table_of([]), NO_IDEAL, table_of(positive), {"a": unused}
    )
    assert table["verdict"].tolist() == ["method limit", ""]
