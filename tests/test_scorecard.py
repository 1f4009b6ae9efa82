"""The scorecard: where each score comes from, and data without truth."""

import pandas as pd

from proofread.tables import read_table, write_score, write_table
from scorecard import COLUMNS, collect_scores, draw_scorecard


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
        "\t".join(COLUMNS),
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
    table = collect_scores([write(tmp_path, "mine", "cnn", 1, "m", [])])
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
    figure = draw_scorecard(pd.DataFrame(rows, columns=COLUMNS))
    dots = [
        sorted(line.get_xdata()[0] for line in panel.lines if line.get_marker() == "o")
        for panel in figure.axes
    ]
    assert dots == [[0.5, 0.6], [0.7]]
    assert [panel.get_title(loc="left") for panel in figure.axes] == ["a", "b"]
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert labels == ["m: auroc"]
