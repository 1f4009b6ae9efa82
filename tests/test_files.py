"""Files of users: gzip or plain, and the headers of FASTA records."""

import errno
import gzip
import re
import zlib
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from proofread.configuration.existing_files import check_file
from proofread.configuration.foreign_formats import check_fasta
from proofread.datasets.sources.table import read as read_table
from proofread.errors import InputError
from proofread.files.bed import read_bed
from proofread.files.fasta import read_fasta
from proofread.files.features import read_features
from proofread.files.genome import open_genome
from proofread.files.gzipped import read_bytes
from proofread.files.headers import (
    check_block,
    genome_group,
    header_group,
    header_pattern,
    parse_header,
    position_of,
)
from proofread.models.weights import read_weights
from proofread.motifs.files import read_background, read_motifs


@pytest.mark.parametrize("compress", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_bytes_are_the_same_plain_or_gzip_without_a_byte_order_mark(tmp_path, compress):
    path = tmp_path / "a.txt"  # the name does not say how it is stored
    path.write_bytes(compress(b"\xef\xbb\xbfACGT"))
    assert read_bytes(path, "a text") == b"ACGT"


@pytest.mark.parametrize("content", [None, gzip.compress(b"ACGT" * 99, mtime=0)[:-9]])
def test_a_file_that_is_absent_or_cut_short_is_named(tmp_path, content):
    path = tmp_path / "a.fa"
    if content:
        path.write_bytes(content)
    with pytest.raises(InputError, match="a FASTA file, plain or gzip") as caught:
        read_bytes(path, "a FASTA file")
    assert caught.value.where == str(path)


def damaged(content):
    """A gzip of these bytes, whose deflated data are not valid."""
    packed = bytearray(gzip.compress(content, mtime=0))
    # The header has ten bytes; 7 is the end of a last block of the reserved type 3.
    packed[10] = 7
    with pytest.raises(zlib.error):
        gzip.decompress(bytes(packed))
    return bytes(packed)


def open_and_close(path):
    with open_genome(path):
        pass


@pytest.mark.parametrize(
    ("read", "name"),
    [
        (read_fasta, "p.fa"),
        (read_bed, "p.bed"),
        (open_and_close, "genome.fa"),
        *((read_features, f"sites.{suffix}") for suffix in ("bed", "gff", "gb")),
        (lambda path: read_table({"table": {"path": str(path)}}, "own"), "table.tsv"),
        (read_motifs, "motifs.meme"),
        (read_background, "background.txt"),
        (lambda path: read_weights(path, path.read_bytes()), "weights.npz"),
    ],
)
def test_a_damaged_file_is_named_whatever_it_holds(tmp_path, read, name):
    path = tmp_path / name
    if name == "weights.npz":
        np.savez_compressed(path, w=np.arange(5))
        packed = bytearray(path.read_bytes())
        # A local header has 30 bytes, then the name and the extra field.
        packed[30 + packed[26] + packed[28]] = 7
        path.write_bytes(packed)
    else:
        path.write_bytes(damaged(b">one\nACGT\n"))
    with pytest.raises(InputError, match="not readable") as caught:
        read(path)
    assert caught.value.where == str(path)
    assert "Error -3" in caught.value.found


@pytest.mark.parametrize(
    ("check", "where", "said"),
    [
        (
            lambda path: check_file(path, "own.yaml", "datasets.d.path"),
            "own.yaml: datasets.d.path",
            "{path}, not readable (Permission denied)",
        ),
        (check_fasta, "{path}", "not readable (Permission denied)"),
    ],
)
def test_a_file_without_permission_is_named_at_the_start(
    tmp_path, monkeypatch, check, where, said
):
    path = str(tmp_path / "own.fa")
    Path(path).write_text(">one\nACGT\n")
    check(path)

    def denied(*_, **__):
        raise PermissionError(errno.EACCES, "Permission denied", path)

    monkeypatch.setattr("builtins.open", denied)
    with pytest.raises(InputError) as caught:
        check(path)
    error = caught.value
    assert error.where == where.format(path=path)
    assert error.found == said.format(path=path)
    assert error.remedy == "correct the permissions or the path"


def header(text, pattern=None):
    record = SimpleNamespace(header=text, where="my.fa, line 1")
    return parse_header(record, header_pattern(pattern, "own.header"))


def test_the_first_word_is_the_name():
    assert header("p1 a comment").name == "p1"
    assert header("p1 donor=A12", r"donor=(?P<group>\w+)").name == "p1"


def test_a_split_keeps_the_stated_group_else_the_block_else_the_chromosome():
    position = r"^(?P<chromosome>\w+):(?P<position>\d+)"
    peak = header("chr6:450000-450100", position)
    assert header_group(header("p1"), None, "") == "p1"
    assert header_group(peak, None, "") == "chr6"
    assert header_group(peak, 200_000, "") == "chr6:2"
    stated = header("chr6:450000 A12", position + r" (?P<group>\w+)")
    assert header_group(stated, 200_000, "") == "A12"
    # Without a chromosome all positions are of one.
    assert header_group(header("7_x", r"^(?P<position>\d+)"), 5, "") == "genome:1"
    assert genome_group("chr1", 9, None) == "chr1"


@pytest.mark.parametrize(
    ("text", "pattern", "found"),
    [
        ("p1", "(", "'(' "),
        ("p1", r"(?P<place>\w+)", "group place"),
        ("p1", r"^chr", "the header does not match"),
        ("", r"^", "a header without a name"),
    ],
)
def test_a_header_that_cannot_be_read(text, pattern, found):
    with pytest.raises(InputError, match=re.escape(found)):
        header(text, pattern)


def test_a_block_needs_positions_that_are_numbers():
    with pytest.raises(InputError, match="has no group 'position'"):
        check_block(100, header_pattern(None, ""), "positives.header", "own")
    check_block(None, header_pattern(None, ""), "positives.header", "own")
    with pytest.raises(InputError, match="position 'x1'"):
        position_of(header("x1", r"^(?P<position>\w+)"), "my.fa, line 1")
