"""Which file a mistake stands in, and keys that stand twice."""

from pathlib import Path

import numpy as np
import pytest

from proofread.configuration.check import check_configuration
from proofread.configuration.files import ConfigurationFiles, section_of
from proofread.configuration.schema import SCHEMAS
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


def test_merge_keys_bring_the_keys_of_another_mapping(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text("a: &a {x: 1, y: 2}\nb:\n  <<: *a\n  y: 3\nc:\n  <<: [*a]\n")
    (content,) = ConfigurationFiles.read([path]).contents.values()
    assert content["b"] == {"x": 1, "y": 3}
    assert content["c"] == {"x": 1, "y": 2}


def test_merge_keys_of_a_public_case(cases_folder):
    path = cases_folder / "E2/config.yaml"
    (content,) = ConfigurationFiles.read([path]).contents.values()
    plain, stratified = content["datasets"].values()
    assert stratified == plain | {"split": {"by": "stratified"}}


@pytest.mark.parametrize(
    ("content", "where", "found"),
    [
        (
            b"a: 1\nb: caf\xe9\n",
            "own.yaml, line 2",
            "the byte 0xe9, which is not UTF-8",
        ),
        (b"a: [1\nb: 2\n", "own.yaml, line 2", "not YAML"),
        (b"a: 1\n\tb: 2\n", "own.yaml, line 2", "not YAML"),
        (
            b"a: 1\nb: 2001-99-99\n",
            "own.yaml, line 2",
            "'2001-99-99' is not of the type",
        ),
        (b"a: 1\n{b: 1}: 2\n", "own.yaml, line 2", "a mapping as a key"),
        (b"- a\n", "own.yaml", "list"),
        (None, "own.yaml", "not readable"),
    ],
)
def test_what_is_no_configuration_is_refused_with_its_line(
    tmp_path, monkeypatch, content, where, found
):
    monkeypatch.chdir(tmp_path)
    if content is not None:
        Path("own.yaml").write_bytes(content)
    with pytest.raises(InputError) as error:
        ConfigurationFiles.read(["own.yaml"])
    assert error.value.where == where
    assert found in error.value.found


VALID = b"""\
experiments: experiments.tsv
analyses: [filter_pfms, tomtom]
evaluation: {resamples: 50, seed: 1}
datasets:
  presence: &presence
    source: simulate
    rule: presence
    motifs: [STAT_known2, CTCF_known1]
    positive_motifs: [STAT_known2]
    sequences: 400
    length: 80
  longer:
    <<: *presence
    length: 120        # bases
models:
  tiny:
    architecture: eraslan2019
    settings: {filters: 8, filters2: 4, width: 12, width2: 6}
    training: {epochs: 4, learning_rate: 0.003}
methods:
  tomtom: {databases: []}
"""
INSERTED = [
    *(b":", b"[", b"]", b"{", b"}", b"&a ", b"*a", b"|", b">", b"'", b'"', b"%", b"@"),
    *(
        b"\t",
        b"\xff",
        b"\xe4",
        b"\x00",
        b"<<: *x",
        b"? ",
        b"- ",
        b"#",
        b"\n",
        b"!!int ",
    ),
    *(b"!!python/object:os.system ", b"!!timestamp ", b"2001-99-99", b"1:99", b".nan"),
]


def mutated(rng):
    """The valid configuration with one to three random changes of its bytes."""
    text = VALID
    for _ in range(rng.integers(1, 4)):
        at, kind = int(rng.integers(len(text))), rng.integers(5)
        lines = text.splitlines(keepends=True)
        if kind == 0:
            text = text[:at] + INSERTED[rng.integers(len(INSERTED))] + text[at:]
        elif kind == 1:
            text = text[:at] + text[at + int(rng.integers(1, 20)) :]
        elif kind == 2:
            text = text[:at] + bytes([rng.integers(256)]) + text[at + 1 :]
        elif kind == 3:
            lines.insert(rng.integers(len(lines)), lines[rng.integers(len(lines))])
            text = b"".join(lines)
        else:
            text = text[:at]
        text = text or b"x"
    return text


def checked(path):
    """Read and check a configuration as the workflow does."""
    files = ConfigurationFiles.read([path])
    try:
        content = next(iter(files.contents.values()))
        return check_configuration(content, SCHEMAS, config_path=str(files))
    except InputError as error:
        raise files.located(error) from None


def test_a_damaged_configuration_is_refused_by_a_message_that_names_it(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    Path("own.yaml").write_bytes(VALID)
    assert checked("own.yaml")["datasets"]["longer"]["length"] == 120
    rng, refused = np.random.default_rng(1), []
    for _ in range(300):
        Path("own.yaml").write_bytes(mutated(rng))
        try:
            checked("own.yaml")
        except InputError as error:
            refused.append(error)
    assert len(refused) > 200  # the others are valid, too
    assert all(str(error.where).startswith("own.yaml") for error in refused)
    unreadable = [error for error in refused if "not YAML" in error.found]
    assert len(unreadable) > 50
    assert all(", line " in error.where for error in unreadable)


def test_the_configurations_that_come_along_hold_no_key_twice(request):
    configurations = sorted((request.config.rootpath / "config").glob("*.yaml"))
    assert len(ConfigurationFiles.read(configurations).contents) >= 3
