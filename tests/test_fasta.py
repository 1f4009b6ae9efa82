"""FASTA in all the shapes that users have it, and what is wrong with the others."""

import gzip

import pytest

from proofread.dna.encoding import decode
from proofread.errors import InputError
from proofread.files.fasta import read_fasta


def write(folder, content, name="some.fa"):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def texts(path):
    return {record.header: decode(record.index) for record in read_fasta(path)}


@pytest.mark.parametrize(
    "content",
    [
        ">one first\nACGT\nAC\n>two\nGGG\n",
        ">one first\r\nACGT\r\nAC\r\n>two\r\nGGG\r\n",
        "\n\n>one first\n\nACGT\n\nAC\n\n>two\nGGG",
        "> one first \n ACGTAC\t\n>two\nG\nG\nG\n\n",
        ">one first\nacgtac\n>two\nGgG\n",
        ">one first\nACGUAC\n>two\nggg\n",
        "\ufeff>one first\nACGTAC\n>two\nGGG\n",
    ],
    ids=["wrapped", "crlf", "blank", "spaces", "soft-masked", "rna", "bom"],
)
@pytest.mark.parametrize("compress", [False, True])
def test_the_same_records_in_every_shape(tmp_path, content, compress):
    raw = content.encode()
    # The name does not say whether it is compressed; the first bytes do.
    path = write(tmp_path, gzip.compress(raw) if compress else raw)
    assert texts(path) == {"one first": "ACGTAC", "two": "GGG"}


def test_ambiguous_letters_become_unknown(tmp_path):
    (record,) = read_fasta(write(tmp_path, ">one\nACGTNnRYswKMBDHV\n"))
    assert record.index.tolist() == [0, 1, 2, 3] + [4] * 12
    assert record.soft_masked


def test_a_record_knows_where_it_stands(tmp_path):
    path = write(tmp_path, ">one\nAC\nGT\n>two words\nGG\n")
    one, two = read_fasta(path)
    assert (one.line, two.line) == (1, 4)
    assert two.where == f"{path}, line 4, record 'two words'"
    assert not two.soft_masked


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (">one\nACGT\n>two\n\n>three\nA\n", ["line 3", "record 'two'", "no sequence"]),
        (">one\nACGT\n>two\n", ["line 3", "record 'two'", "no sequence"]),
        (
            ">one\nACGT\nACXT\n",
            ["line 3", "record 'one'", "letter 'X' at position 2 (0-based)"],
        ),
        (">one\nAC-GT\n", ["line 2", "letter '-'"]),
        (">one\nAC GT\n", ["line 2", "letter ' '"]),
        ("ACGT\n>one\nACGT\n", ["line 1", "'ACGT'", "begins with '>'"]),
        ("name,sequence\none,ACGT\n", ["line 1", "'name,sequence'"]),
        ("", ["no record"]),
        ("\n\n", ["no record"]),
    ],
)
def test_a_mistake_names_file_line_and_record(tmp_path, content, words):
    path = write(tmp_path, content)
    with pytest.raises(InputError) as error:
        read_fasta(path)
    for word in [str(path), "what to do: ", *words]:
        assert word in str(error.value)


def test_a_missing_or_broken_file(tmp_path):
    with pytest.raises(InputError, match="not readable"):
        read_fasta(tmp_path / "absent.fa")
    whole = gzip.compress(b">one\n" + b"ACGT" * 1000)
    with pytest.raises(InputError, match="not readable"):
        read_fasta(write(tmp_path, whole[:-20]))


def test_the_raw_promoters(data_folder):
    """2,860 records each; wrapped, one upper-case letter, CRLF (data README)."""
    folder = data_folder / "ecoli_promoters_81bp"
    for name, soft_masked in [("positive", 2860), ("negative", 0)]:
        records = read_fasta(folder / f"{name}2860.raw.txt")
        assert len(records) == 2860
        assert {len(record.index) for record in records} == {81}
        assert max(record.index.max() for record in records) == 3
        assert sum(record.soft_masked for record in records) == soft_masked


def test_lengths_that_vary(data_folder):
    path = data_folder / "nfe2_lsgkm" / "nfe2_gm12878.tr.fa"
    records = read_fasta(path)
    text = path.read_text()
    assert len(records) == text.count(">")
    assert len({len(record.index) for record in records}) > 1
    bases = sum(len(line) for line in text.split("\n") if not line.startswith(">"))
    assert sum(len(record.index) for record in records) == bases
