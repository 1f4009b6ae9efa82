"""Tables: names stay names, whatever they look like."""

import numpy as np
import pandas as pd
import pytest

from proofread.errors import MAKE_ANEW, InputError
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


TEXT = b"name\tvalue\na\t0.5\nb\t0.25\n"
DAMAGED = {
    "cut to a half": (TEXT[: len(TEXT) // 2], "a last line that does not end"),
    "cut in a cell": (TEXT[:-2], "a last line that does not end"),
    "empty": (b"", "not readable \\(No columns to parse"),
    "a tab": (
        TEXT.replace(b"a\t0", b"a 0"),
        "1 cell\\(s\\) in line 2, 2 in the header",
    ),
    "a line end": (
        TEXT.replace(b"5\nb", b"5 b"),
        "3 cell\\(s\\) in line 2, 2 in the header",
    ),
    "a zero": (TEXT.replace(b"0.5", b"0\x005"), "characters of 0"),
    "no text": (TEXT.replace(b"a", b"\xff"), "not readable .*codec can't decode"),
    "a page": (
        b"<html>\nnot\tfound</html>\n",
        "2 cell\\(s\\) in line 2, 1 in the header",
    ),
    "an archive": (b"PK\x03\x04\xff\x00", "not readable"),
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_damage_that_shows_is_named(damage, tmp_path):
    path = tmp_path / "table.tsv"
    content, words = DAMAGED[damage]
    path.write_bytes(content)
    with pytest.raises(InputError, match=words) as caught:
        read_table(path)
    assert caught.value.where == str(path)
    assert caught.value.remedy.startswith("delete it and run again")


WRONG_CELLS = {
    "a letter": ("metric\tvalue\na\t0.5\nb\t0.x5\n", 3, "value", "0.x5", "a number"),
    "one of three": ("filter\tic\na\t1\nb\t2\nc\t1,5\n", 4, "ic", "1,5", "a number"),
    "the only cell": ("metric\tn\na\t1O\n", 2, "n", "1O", "a number"),
    "a gap above": ("id\tlogit\na\t\nb\t-\n", 3, "logit", "-", "a number"),
    "no gap is written so": ("id\tlogit\na\tnan\n", 2, "logit", "nan", "a number"),
    "a truth value": (
        "id\tshown\na\tTrue\nb\tFxlse\nc\t\nd\tTrue\n",
        3,
        "shown",
        "Fxlse",
        "True or False",
    ),
    "a number for a truth value": (
        "id\tshown\na\tTrue\nb\tTrue\nc\t1\n",
        4,
        "shown",
        "1",
        "True or False",
    ),
    "a probability": (
        "id\tprobability\na\t0\nb\t1\nc\t7.25\n",
        4,
        "probability",
        "7.25",
        "a number from 0 to 1",
    ),
    "a label": ("id\tlabel\na\t-1\n", 2, "label", "-1", "a number from 0 to 1"),
}


@pytest.mark.parametrize("case", WRONG_CELLS)
def test_a_cell_that_is_no_such_number_is_named(case, tmp_path):
    path = tmp_path / "table.tsv"
    text, line, column, cell, expected = WRONG_CELLS[case]
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        read_table(path)
    assert caught.value.where == f"{path}, line {line}, column {column}"
    assert caught.value.found == repr(cell)
    assert caught.value.expected == f"{expected}, as the workflow wrote it"
    assert caught.value.remedy == MAKE_ANEW


def test_a_letter_in_a_long_column_is_named(tmp_path):
    """pandas guesses the type of a long column part by part, and warns."""
    path = tmp_path / "table.tsv"
    path.write_text("value\n" + "0.5\n" * 300_000 + "0.x5\n" + "0.5\n" * 300_000)
    with pytest.raises(InputError, match=r"line 300002, column value: '0\.x5'"):
        read_table(path)


def test_numbers_truth_values_and_text_are_read(tmp_path):
    path = tmp_path / "table.tsv"
    path.write_text("role\tn\tshown\tvalue\ncausal\t1e3\tTrue\tinf\n3\t\t\t-1\n")
    table = read_table(path)
    assert table["role"].tolist() == ["causal", "3"]
    assert table["n"].tolist()[0] == 1000
    assert table["value"].tolist() == [float("inf"), -1]
    assert table["shown"].tolist()[0] is True


def test_a_column_may_hold_text_in_one_table_alone(tmp_path):
    path = tmp_path / "import.tsv"
    path.write_text("property\tvalue\nadapter\tmy/adapter.py\n")
    assert read_table(path, texts=["value"])["value"].tolist() == ["my/adapter.py"]
    with pytest.raises(InputError, match="column value"):
        read_table(path)


def test_a_column_of_text_may_hold_a_number(tmp_path):
    path = tmp_path / "table.tsv"
    path.write_text("contig\tnote\n1\tone\n2\t2\nX\tthree\n")
    table = read_table(path)
    assert table["contig"].tolist() == ["1", "2", "X"]
    assert table["note"].tolist() == ["one", "2", "three"]


def test_a_long_column_with_few_notes_is_text(tmp_path):
    table = pd.DataFrame({"value": np.arange(3000.0), "remark": None})
    table.loc[[1, 2500], "remark"] = "the same value in all seeds"
    write_table(tmp_path / "table.tsv", table)
    read = read_table(tmp_path / "table.tsv")
    assert read["remark"].dropna().index.tolist() == [1, 2500]


def test_a_compressed_table_has_a_checksum(tmp_path):
    path = tmp_path / "table.tsv.gz"
    write_table(path, pd.DataFrame({"name": ["a"], "value": [0.5]}))
    assert read_table(path)["value"].tolist() == [0.5]
    content = path.read_bytes()
    for changed in (content[:-9], content[:-8] + b"\0" + content[-7:]):
        path.write_bytes(changed)
        with pytest.raises(InputError, match="not readable"):
            read_table(path)


def test_another_table_is_named_by_the_column_it_lacks(tmp_path):
    path = tmp_path / "table.tsv"
    path.write_bytes(TEXT)
    table = read_table(path)
    for columns, named in (("motif", "motif"), (["name", "motif"], "motif")):
        with pytest.raises(InputError, match="no column") as caught:
            table[columns]
        assert caught.value.where == str(path)
        assert named in caught.value.found
        assert str(caught.value).startswith(f"{path}: no column")
    # As any table where a column may be missing.
    assert table.get("motif") is None
    assert type(table[["name"]]) is type(table[table["value"] > 0]) is pd.DataFrame


def test_a_missing_table_is_named(tmp_path):
    with pytest.raises(InputError, match="No such file"):
        read_table(tmp_path / "absent.tsv")
