"""Which file a mistake stands in, and keys that stand twice."""

import pytest

from proofread.configuration.files import ConfigurationFiles, section_of
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
    assert ("own.yaml is merged with base.yaml" in error.remedy) == (
        file == "base.yaml"
    )


@pytest.mark.parametrize("file", ["base.yaml", "own.yaml"])
def test_an_unknown_key_at_the_top_is_in_the_file_that_holds_it(tmp_path, file, files):
    with open(tmp_path / file, "a") as opened:
        opened.write("floors: []\n")
    files = ConfigurationFiles.read(["base.yaml", "own.yaml"])
    error = InputError(f"{files}", "unknown key 'floors'", "x", "remove it")
    assert files.located(error).where == file


def test_a_key_that_is_in_no_file_is_missed_in_all(files):
    error = InputError(f"{files}", "no 'experiments'", "x", "add it")
    assert files.located(error) is error


def test_another_place_stays_as_it_is(files):
    error = InputError("my.tsv, row 3", "a", "b", "c")
    assert files.located(error) is error


def test_a_module_s_configuration_is_found_where_it_stands():
    whole = {"seed": 1, "qc": {"proofread": {"seed": 2}}, "copy": {"seed": 2}}
    assert section_of(whole["qc"]["proofread"], whole) == ("qc", "proofread")
    assert section_of(whole, whole) == ()
    assert section_of({"seed": 2}, whole) is None  # equal, but not from there


def test_a_mistake_in_a_section_is_in_the_file_that_holds_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.yaml").write_text("qc:\n  models: {cnn: {epoch: 3}}\n")
    (tmp_path / "b.yaml").write_text("models: {cnn: {epoch: 3}}\n")
    files = ConfigurationFiles.read(["a.yaml", "b.yaml"], ("qc",))
    error = InputError(f"{files}: models.cnn", "unknown key 'epoch'", "x", "remove it")
    assert files.located(error).where == "a.yaml, qc: models.cnn"


def test_a_number_of_the_command_line_arrives_as_text(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.yaml").write_text("evaluation: {resamples: 1000}\n")
    files = ConfigurationFiles.read(["a.yaml"])
    error = InputError(
        f"{files}: evaluation.resamples",
        "'50'",
        "a whole number of at least 1",
        "write 50 without quotes",
    )
    located = files.located(error)
    assert located.where == "--config: evaluation.resamples"
    assert "without quotes" not in located.remedy
    assert "configuration file" in located.remedy
    # In a file the quotes are there, and can be removed.
    (tmp_path / "a.yaml").write_text("evaluation: {resamples: '50'}\n")
    files = ConfigurationFiles.read(["a.yaml"])
    assert files.located(error).where == "a.yaml: evaluation.resamples"
    assert files.located(error).remedy == "write 50 without quotes"


def test_a_configuration_of_no_file_has_a_title():
    files = ConfigurationFiles.read(["absent.yaml"], None, "the config of module qc")
    error = InputError(f"{files}: seed", "1", "x", "y")
    assert files.located(error).where == "the config of module qc: seed"


def test_a_key_that_stands_twice_is_refused_with_both_lines(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text("seed: 1\nmodels:\n  a: 1\n  b: 2\n  a: 3\n")
    with pytest.raises(InputError, match=r"line 5: the key 'a' again.*line 3") as error:
        ConfigurationFiles.read([path])
    assert "remove one" in str(error.value)


def test_the_configurations_that_come_along_hold_no_key_twice(request):
    configurations = sorted((request.config.rootpath / "config").glob("*.yaml"))
    assert len(ConfigurationFiles.read(configurations).contents) >= 3
