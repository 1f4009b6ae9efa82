"""workflow/files.txt: all that a remote workflow fetches for its rules."""

import remote_files


def test_the_list_is_that_of_the_files_there_are():
    listed = remote_files.LISTING.read_text().splitlines()
    there = remote_files.listing().splitlines()
    assert set(there) - set(listed) == set(), "make files adds them to the list"
    assert set(listed) - set(there) == set(), "make files takes them from the list"
    assert listed == there


def test_a_list_has_the_library_the_schemas_and_the_captions(tmp_path):
    for path in (
        "scripts/b.py",
        "scripts/proofread/a.css",
        "scripts/__pycache__/b.cpython-311.pyc",
        "schemas/config.schema.yaml",
        "report/b.rst",
        "rules/b.smk",
    ):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    assert remote_files.listing(tmp_path).split() == [
        "report/b.rst",
        "schemas/config.schema.yaml",
        "scripts/b.py",
        "scripts/proofread/a.css",
    ]
