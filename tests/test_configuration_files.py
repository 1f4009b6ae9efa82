"""Which file a mistake stands in, and keys that stand twice."""

import pytest

from proofread.configuration.files import ConfigurationFiles
from proofread.errors import InputError


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "base.yaml").write_text("datasets:\n  a: {rule: order}\nseed: 1\n")
    (tmp_path / "own.yaml").write_text("datasets:\n  a: {source: fasta, lenght: 3}\n")
    return ConfigurationFiles.read(["base.yaml", "own.yaml", "base.yaml"])


@pytest.mark.parametrize(
    ("key", "found", "file"),
    [
        ("datasets.a", "unknown key 'lenght'", "own.yaml"),
        ("datasets.a", "unknown key 'rule'", "base.yaml"),
        ("datasets.a.source", "'fasta'", "own.yaml"),
        ("seed", "1", "base.yaml"),
    ],
)
def test_a_mistake_is_in_the_file_that_holds_its_key(files, key, found, file):
    error = files.located(InputError(f"{files}: {key}", found, "x", "remove it"))
    assert error.where == f"{file}: {key}"
    assert ("own.yaml is laid over base.yaml" in error.remedy) == (file == "base.yaml")


def test_another_place_stays_as_it_is(files):
    error = InputError("my.tsv, row 3", "a", "b", "c")
    assert files.located(error) is error


def test_a_key_that_stands_twice_is_refused_with_both_lines(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text("seed: 1\nmodels:\n  a: 1\n  b: 2\n  a: 3\n")
    with pytest.raises(InputError, match=r"line 5: the key 'a' again.*line 3") as error:
        ConfigurationFiles.read([path])
    assert "remove one" in str(error.value)


def test_the_configurations_that_come_along_hold_no_key_twice(request):
    configurations = sorted((request.config.rootpath / "config").glob("*.yaml"))
    assert len(ConfigurationFiles.read(configurations).contents) >= 3
