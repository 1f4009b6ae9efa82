"""Files that appear only when they are complete."""

import pytest

from proofread.atomic import atomic


def test_a_file_gets_its_name_when_it_is_complete(tmp_path):
    path = tmp_path / "new" / "table.tsv"
    with atomic(path) as temporary:
        with open(temporary, "w") as file:
            file.write("text")
        assert not path.exists()
    assert path.read_text() == "text"
    assert [file.name for file in path.parent.iterdir()] == ["table.tsv"]


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "table.tsv"
    path.write_text("old")
    with pytest.raises(ValueError, match="stopped"), atomic(path) as temporary:
        with open(temporary, "w") as file:
            file.write("half")
        raise ValueError("stopped")
    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["table.tsv"]
