"""The settings and files that rules look up by a wildcard."""

from types import SimpleNamespace

import pytest

from proofread.configuration.user_files import of_wildcard

DATASETS = {
    "own": {"split": {"by": "group"}, "background": {"path": "genome.fa"}},
    "plain": {"split": {}, "background": {"A": 0.25}, "file": None},
}


@pytest.mark.parametrize(
    ("name", "keys", "value"),
    [
        ("own", (), DATASETS["own"]),
        ("own", ("split",), {"by": "group"}),
        ("plain", ("split",), {}),
        ("own", ("background", "path"), "genome.fa"),
        ("plain", ("background", "path"), []),  # absent
        ("plain", ("file",), []),  # null
        ("plain", ("file", "name"), []),
        ("other", ("split",), []),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, tuple) else None,
)
def test_a_setting_of_the_entry_that_a_wildcard_names(name, keys, value):
    wildcards = SimpleNamespace(dataset=name)
    assert of_wildcard("dataset", DATASETS, *keys)(wildcards) == value
