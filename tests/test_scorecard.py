"""The scorecard: where each score comes from, and data without truth."""

import numpy as np
import pandas as pd

from proofread.tables import SCORE_COLUMNS, read_table, write_score, write_table
from proofread.truth.scorecard import (
    COLUMNS,
    collect_scores,
    draw_scorecard,
    join_floors,
    read_references,
)

SCORES = ["dataset", "model", "seed", "method", *SCORE_COLUMNS]
NO_REFERENCES = read_references([])


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
        "order\tcnn\t7\ttomtom\tauroc\t0.5\t9\t0.25\t0.75",
        "null.v2\tcnn\t8\ttomtom\tauroc\t0.123457\t9\t0\t1",
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
    table = join_floors(scores, collect_scores([]), NO_REFERENCES)
    write_table(tmp_path / "scorecard.tsv", table)
    assert list(read_table(tmp_path / "scorecard.tsv").columns) == COLUMNS
    assert "nothing is scored" in draw_scorecard(table).axes[0].get_title()


def test_the_figure_has_a_dot_per_seed_and_leaves_counts_out():
    rows = [
        ("a", "cnn", "1", "m", "auroc", 0.5, 9, 0.25, 0.75),
        ("a", "cnn", "2", "m", "auroc", 0.6, 9, 0.35, 0.85),
        ("a", "cnn", "1", "m", "motifs", 17, 9, None, None),
        ("b", "cnn", "1", "m", "auroc", 0.7, 9, None, None),
    ]
    scores = pd.DataFrame(rows, columns=SCORES)
    figure = draw_scorecard(join_floors(scores, scores.iloc[:0], NO_REFERENCES))
    dots = [
        sorted(line.get_xdata()[0] for line in panel.lines if line.get_marker() == "o")
        for panel in figure.axes
    ]
    assert dots == [[0.5, 0.6], [0.7]]
    assert [panel.get_title(loc="left") for panel in figure.axes] == ["a", "b"]
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert labels == ["m: auroc"]


def scored(value, metric="auroc", model="cnn", seed="1"):
    return ("a", model, seed, "m", metric, value, 9, np.nan, np.nan)


def joined(scores, floors, references=()):
    columns = ["dataset", "reference", "metric", "value"]
    return join_floors(
        pd.DataFrame(scores, columns=SCORES),
        pd.DataFrame(floors, columns=SCORES),
        pd.DataFrame(list(references), columns=columns),
    )


def test_every_seed_has_the_floors_of_its_model_and_the_highest_is_the_floor():
    table = joined(
        [scored(0.9), scored(0.8, seed="2"), scored(0.7, model="other")],
        [scored(0.3, model="cnn.untrained"), scored(0.4, model="cnn.shuffled")],
    )
    assert list(table.columns) == COLUMNS
    assert table["floor_untrained"].tolist()[:2] == [0.3, 0.3]
    assert table["floor_shuffled"].tolist()[:2] == [0.4, 0.4]
    assert table["floor"].tolist()[:2] == [0.4, 0.4]
    assert table.iloc[2][["floor", "floor_untrained"]].isna().all()


def test_the_floor_of_an_error_is_the_lowest():
    metric = "tests_false"
    table = joined(
        [scored(0.1, metric)],
        [
            scored(0.3, metric, model="cnn.untrained"),
            scored(0.4, metric, model="cnn.shuffled"),
        ],
    )
    assert table["floor"].tolist() == [0.3]


def test_references_are_joined_by_what_they_score():
    metric = "position_auroc_signed_raw[one]"
    table = joined(
        [scored(0.8, f"saliency_{metric}"), scored(0.8, metric), scored(0.9)],
        [],
        [
            ("a", "log_odds", metric, 0.95),
            ("a", "scan", metric, 0.99),
            ("a", "random", metric, 0.5),
            ("b", "log_odds", metric, 0.1),
        ],
    )
    assert table["reference"].tolist()[:2] == [0.95, 0.95]
    assert table["reference_scan"].tolist()[:2] == [0.99, 0.99]
    assert table["floor"].tolist()[:2] == [0.5, 0.5]
    assert table.iloc[2][["floor", "reference", "reference_scan"]].isna().all()
