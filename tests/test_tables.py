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
