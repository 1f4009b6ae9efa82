"""Text in another encoding is read or refused with its file; never a traceback."""

from pathlib import Path

import pytest
import yaml

from proofread.configuration.existing_files import check_file
from proofread.configuration.experiments import read_experiments
from proofread.configuration.files import ConfigurationFiles
from proofread.errors import InputError
from proofread.files.bed import read_bed
from proofread.files.fasta import read_fasta
from proofread.files.genome import open_genome
from proofread.motifs.files import read_motifs
from runs import TINY

TEXTS = {
    "a.yaml": yaml.safe_dump({"analyses": ["é"]}, allow_unicode=True),
    "a.fa": ">é\nACGT\n",
    "a.bed": "chr1\t1\t20\té\n",
    "a.meme": "MEME version 4\n\nALPHABET= ACGT\n\nMOTIF a\nletter-probability matrix: "
    "alength= 4 w= 1\n 0.25 0.25 0.25 0.25\n",
}


def genome(path):
    with open_genome(path):
        pass


READERS = {
    "a.yaml": lambda path: ConfigurationFiles.read([path]),
    "a.tsv": lambda path: read_experiments(str(path), TINY),
    "a.fa": lambda path: read_fasta(path),
    "genome.fa": genome,
    "a.bed": lambda path: list(read_bed(path)),
    "a.meme": lambda path: read_motifs(path),
}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
@pytest.mark.parametrize("name", READERS)
def test_utf_16_is_refused_with_the_file_and_the_way_out(
    tmp_path, monkeypatch, name, encoding
):
    monkeypatch.chdir(tmp_path)
    text = TEXTS.get(name, TEXTS["a.fa"])
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    Path(name).write_text(mark + text, encoding=encoding)
    with pytest.raises(InputError) as caught:
        READERS[name](Path(name))
    assert caught.value.where.startswith(name)
    assert "UTF-8" in str(caught.value)


@pytest.mark.parametrize("name", ["a.yaml", "a.tsv"])
def test_latin_1_is_refused_where_names_are_read(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    Path(name).write_text("é: 1\n", encoding="latin-1")
    with pytest.raises(InputError) as caught:
        READERS[name](Path(name))
    assert caught.value.where.startswith(name)
    assert "UTF-8" in str(caught.value)


@pytest.mark.parametrize("name", ["a.fa", "a.bed", "a.meme"])
def test_a_mark_at_the_start_and_line_ends_of_windows_are_passed_over(tmp_path, name):
    (tmp_path / name).write_bytes(TEXTS[name].encode())
    other = tmp_path / f"other_{name}"
    other.write_bytes(("\ufeff" + TEXTS[name].replace("\n", "\r\n")).encode())
    assert len(READERS[name](other)) == len(READERS[name](tmp_path / name)) == 1


def test_a_configuration_of_windows_is_the_same_configuration(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_bytes(("\ufeff" + TEXTS["a.yaml"].replace("\n", "\r\n")).encode())
    assert list(READERS["a.yaml"](path).contents.values()) == [{"analyses": ["é"]}]


@pytest.mark.parametrize("path", ["a{b}.fa", "{x}/a.fa", "a}.fa"])
def test_a_brace_in_a_path_is_refused(path):
    with pytest.raises(InputError, match="with a brace") as caught:
        check_file(path, "my.yaml", "datasets.mine.positives.path")
    assert caught.value.where == "my.yaml: datasets.mine.positives.path"
