"""Files of unknown origin: bombs, endless lines, names that are no names."""

import gzip
import zlib

import h5py
import numpy as np
import pytest

from proofread import unpacking
from proofread.configuration.experiments import read_experiments
from proofread.datasets.sources.basset import read as read_basset
from proofread.datasets.sources.table import read as read_table
from proofread.errors import InputError, plain
from proofread.files import gzipped
from proofread.files.bed import read_bed
from proofread.files.fasta import read_fasta
from proofread.files.features import read_features
from proofread.files.genome import open_genome
from proofread.motifs import lines
from proofread.motifs.files import read_background, read_motifs
from proofread.unpacking import check_unpacked


def of_genome(path):
    with open_genome(path) as genome:
        return genome.lengths


def of_table(path):
    return read_table({"table": {"path": str(path), "delimiter": None}}, "own")


def of_basset(path):
    return read_basset({"data": {"path": str(path)}, "targets": None}, "own")


READERS = {
    "own.fa": read_fasta,
    "genome.fa": of_genome,
    "own.bed": read_bed,
    "sites.gff": read_features,
    "sites.gb": read_features,
    "own.tsv": of_table,
    "own.h5": of_basset,
    "own.meme": read_motifs,
    "background.txt": read_background,
}


def test_data_unpack_and_a_bomb_does_not():
    # At most 256 MiB, or 200 times the size.
    check_unpacked("a", 2**28, 10)
    check_unpacked("a", 200 * 10**8, 10**8)
    for unpacked, packed in ((2**28 + 1, 10), (200 * 10**8 + 1, 10**8)):
        with pytest.raises(InputError, match="that unpacks to more than") as caught:
            check_unpacked("a", unpacked, packed)
        assert caught.value.where == "a"


@pytest.mark.parametrize("name", READERS)
def test_a_bomb_is_refused_while_it_is_unpacked(name, tmp_path, monkeypatch):
    # 10 MB of zeros take 10 kB; 200 times that are 2 MB.
    content = gzip.compress(bytes(10_000_000), mtime=0)
    path = tmp_path / name
    path.write_bytes(content)
    monkeypatch.setattr(unpacking, "FREE", 1_000_000)
    asked = []
    monkeypatch.setattr(
        gzipped,
        "check_unpacked",
        lambda *args: asked.append(args[1]) or check_unpacked(*args),
    )
    with pytest.raises(InputError, match=f"a file of {len(content):,} bytes") as caught:
        READERS[name](path)
    assert caught.value.where == str(path)
    # A MiB at a time: not all was unpacked.
    assert max(asked) < 4_000_000


def test_members_of_a_file_count_together(tmp_path, monkeypatch):
    path = tmp_path / "own.fa"
    # Each of them unpacks to a MB; gzip and bgzip write them one behind the other.
    path.write_bytes(gzip.compress(bytes(1_000_000), mtime=0) * 5)
    monkeypatch.setattr(unpacking, "FREE", 4_000_000)
    with pytest.raises(InputError, match="unpacks to more than 4,000,000"):
        read_fasta(path)


def test_compressed_bases_are_read(tmp_path, monkeypatch):
    monkeypatch.setattr(unpacking, "FREE", 0)
    bases = "".join(np.random.default_rng(1).choice(list("ACGT"), 100_000))
    path = tmp_path / "own.fa.gz"
    # The unknown bases of an assembly come in runs of up to 30 million in 250.
    path.write_bytes(gzip.compress(f">chr1\n{'N' * 12_000}{bases}\n".encode()))
    assert len(read_fasta(path)[0].index) == 112_000


def test_a_header_without_end_is_refused(tmp_path):
    path = tmp_path / "own.fa"
    path.write_text(f">{'x' * 9_999}\nACGT\n")
    assert len(read_fasta(path)) == 1
    path.write_text(f">a\nACGT\n>{'x' * 10_000}\nACGT\n")
    with pytest.raises(InputError, match="a header of 10,001 bytes") as caught:
        read_fasta(path)
    assert caught.value.where == f"{path}, line 3"


def test_a_contig_has_a_name_of_a_thousand_characters_at_most(tmp_path):
    path = tmp_path / "genome.fa"
    path.write_text(f">{'x' * 1000} and more\nACGT\n")
    assert list(of_genome(path).values()) == [4]
    path.write_text(f">{'x' * 1001}\nACGT\n")
    with pytest.raises(InputError, match="a name of a contig of 1,001 characters"):
        of_genome(path)


@pytest.mark.parametrize(
    ("name", "before"),
    [("own.bed", "chr1\t1\t2\n"), ("sites.gff", "##gff-version 3\n"), ("own.tsv", "")],
)
def test_a_line_without_end_is_refused(name, before, tmp_path):
    path = tmp_path / name
    path.write_text(f"{before}{'x' * 1_000_001}\n")
    with pytest.raises(InputError, match="1,000,001 characters") as caught:
        READERS[name](path)
    assert caught.value.where == f"{path}, line {before.count(chr(10)) + 1}"


@pytest.mark.parametrize(
    "text", [">m\n", "MOTIF m\n", "AC  m\n//\n", "Pos\tA\tC\tG\tT\n"]
)
def test_more_motifs_than_any_collection_has_are_refused(text, tmp_path):
    path = tmp_path / "own.txt"
    path.write_text("MEME version 4\n" * text.startswith("MOTIF") + text * 100_001)
    with pytest.raises(InputError, match="100,001 motifs") as caught:
        read_motifs(path)
    assert caught.value.where == str(path)


def test_a_motif_file_is_refused_by_its_size(tmp_path, monkeypatch):
    monkeypatch.setattr(lines, "_BYTES", 100)
    (tmp_path / "own.meme").write_text("x" * 101)
    with pytest.raises(InputError, match="101 bytes"):
        read_motifs(tmp_path / "own.meme")


def test_a_cell_without_end_in_the_experiments_is_named(tmp_path):
    path = tmp_path / "experiments.tsv"
    path.write_text(f"dataset\tmodel\tseed\n{'x' * 200_000}\tcnn\t1\n")
    with pytest.raises(InputError, match="field larger than field limit") as caught:
        read_experiments(path, {})
    assert caught.value.where == str(path)


@pytest.mark.parametrize(
    ("arrays", "where", "found"),
    [
        ({"train_in": h5py.ExternalLink("a.h5", "/x")}, "train_in", "a link to /x"),
        ({"train_in": {}}, "train_in", "a group"),
        (
            {"train_in": np.array([[["A"] * 4]], dtype=object)},
            "train_in",
            "values of the type object",
        ),
        ({"train_out": np.array([[b"1"]])}, "train_out", "values of the type |S1"),
    ],
)
def test_arrays_of_basset_are_numbers_in_the_file(arrays, where, found, tmp_path):
    path = tmp_path / "own.h5"
    arrays = {"train_in": np.zeros((1, 4, 6)), "train_out": np.zeros((1, 1))} | arrays
    with h5py.File(path, "w") as file:
        for name, value in arrays.items():
            if isinstance(value, dict):
                file.create_group(name)
            else:
                file[name] = value
    with pytest.raises(InputError) as caught:
        of_basset(path)
    assert caught.value.where == f"{path}: {where}"
    assert found in caught.value.found


def test_a_message_is_short_and_has_no_control_characters():
    error = InputError("own.fa, record \x1b[31mred\x9b\u202e\x00", "x" * 10**6, "", "")
    assert error.where == r"own.fa, record \x1b[31mred\x9b\u202e\x00"
    # The first and the last thousand, and how many are left out.
    assert error.found == "x" * 1000 + " ... (998,000 characters) ... " + "x" * 1000
    assert plain("Größe 5′→3′ 配列\n") == "Größe 5′→3′ 配列\n"
    assert plain("\udc80") == r"\udc80"  # a byte of a file's name that is not UTF-8


def test_a_damaged_gzip_is_still_named(tmp_path):
    path = tmp_path / "own.fa"
    content = bytearray(gzip.compress(b">a\nACGT\n" * 999, mtime=0))
    content[-8] ^= 1  # of the checksum at the end
    path.write_bytes(content)
    assert zlib.crc32(b">a\nACGT\n" * 999) != int.from_bytes(content[-8:-4], "little")
    with pytest.raises(InputError, match="CRC check failed"):
        read_fasta(path)
