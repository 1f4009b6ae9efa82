"""Files of users: gzip or plain, and the headers of FASTA records."""

import gzip
import re
from types import SimpleNamespace

import pytest

from proofread.errors import InputError
from proofread.files.gzipped import read_bytes
from proofread.files.headers import (
    check_block,
    genome_group,
    header_group,
    header_pattern,
    parse_header,
    position_of,
)


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
