"""Tables: names stay names, whatever they look like."""

import pandas as pd
import pytest

from proofread.tables import NAMES, read_table, write_table


@pytest.mark.parametrize("column", NAMES)
def test_a_name_that_looks_like_a_number_stays_a_name(tmp_path, column):
    write_table(
        tmp_path / "t.tsv", pd.DataFrame({column: ["00328", "1e5"], "n": [1, 2]})
    )
    table = read_table(tmp_path / "t.tsv")
    assert table[column].tolist() == ["00328", "1e5"]
    assert table["n"].sum() == 3


def test_only_an_empty_cell_is_a_gap(tmp_path):
    (tmp_path / "t.tsv").write_text("motif\tvalue\nNA\t1\n\t\n")
    table = read_table(tmp_path / "t.tsv")
    assert table["motif"].tolist()[0] == "NA"
    assert table.iloc[1].isna().all()


def test_whole_numbers_have_all_their_digits(tmp_path):
    """A count beside a gap is a floating-point number to pandas."""
    counts = pd.DataFrame({"n": [1234712.0, None, 3099734149.0, 12.0]})
    write_table(tmp_path / "t.tsv", counts)
    lines = (tmp_path / "t.tsv").read_text().splitlines()
    assert lines[1:] == ["1234712", '""', "3099734149", "12"]


def test_other_numbers_have_six_digits(tmp_path):
    values = pd.DataFrame({"value": [1234567.25, 1e-7, 0.25, float("inf"), 2.0**60]})
    write_table(tmp_path / "t.tsv", values)
    lines = (tmp_path / "t.tsv").read_text().splitlines()
    assert lines[1:] == ["1.23457e+06", "1e-07", "0.25", "inf", "1.15292e+18"]
