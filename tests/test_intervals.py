"""Sites and seqlets as BED: in a genome, on both strands, and in sequences."""

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from proofread.datasets.dataset import Dataset, read_dataset, write_dataset
from proofread.datasets.intervals import bed_table, write_bed
from proofread.dna.encoding import encode
from proofread.files.bed import read_bed
from proofread.files.windows import parsed_window, window_name
from test_sources import BED, CHR1, dataset, folder, write_genome  # noqa: F401


def sequences(*places):
    """Four sequences of 20 bases, and their places in a genome."""
    return Dataset(
        index=np.zeros((4, 20), dtype=np.uint8),
        length=np.full(4, 20),
        name=["b", "a", "a2", "shuffle"],
        label=np.zeros((4, 1), dtype=np.float32),
        target=["bound"],
        group=["g"] * 4,
        stratum=["negative"] * 4,
        place=list(places),
    )


INTERVALS = pd.DataFrame(
    [
        (0, 3, 8, "+", "p", 2.0),
        (0, 3, 8, "-", "q", 5.0),
        (1, 3, 8, "+", "p", 4.0),
        (1, 0, 20, "-", "p", 1.0),
        (2, 0, 5, "-", "p", 0.0),
        (3, 1, 2, "+", "p", 4.0),
    ],
    columns=["row", "start", "end", "strand", "name", "value"],
)
WINDOWS = ("chr2:100-120(+)", "chr1:50-70(-)", "chr1:10-30", "")


def lines(data, intervals=INTERVALS):
    return [tuple(row) for row in bed_table(data, intervals).itertuples(index=False)]


def test_positions_of_a_genome_are_those_of_the_strand():
    """By hand: base 0 of a window on the minus strand is its last, 69."""
    assert lines(sequences(*WINDOWS)) == [
        ("chr1", 10, 15, "p", 0, "-"),
        ("chr1", 50, 70, "p", 250, "+"),  # the whole window, turned twice
        ("chr1", 62, 67, "p", 1000, "-"),  # 70 - 8, 70 - 3
        ("chr2", 103, 108, "p", 500, "+"),
        ("chr2", 103, 108, "q", 1000, "-"),
    ]


def test_without_a_genome_positions_are_of_the_sequence():
    assert lines(sequences()) == [
        ("a", 0, 20, "p", 250, "-"),
        ("a", 3, 8, "p", 1000, "+"),
        ("a2", 0, 5, "p", 0, "-"),
        ("b", 3, 8, "p", 500, "+"),
        ("b", 3, 8, "q", 1000, "-"),
        ("shuffle", 1, 2, "p", 1000, "+"),
    ]


def test_the_file_is_bed_and_always_the_same(tmp_path):
    first, second = tmp_path / "one.bed.gz", tmp_path / "two.bed.gz"
    write_bed(first, sequences(*WINDOWS), INTERVALS)
    write_bed(second, sequences(*WINDOWS), INTERVALS.iloc[::-1])
    assert first.read_bytes() == second.read_bytes()
    with gzip.open(first, "rt") as file:
        assert file.readline() == "chr1\t10\t15\tp\t0\t-\n"
    assert [line.strand for line in read_bed(first)] == ["-", "+", "-", "+", "-"]


def test_nothing_is_an_empty_file(tmp_path):
    for data in (sequences(), sequences(*WINDOWS)):
        write_bed(tmp_path / "none.bed.gz", data, INTERVALS.iloc[:0].astype(object))
        assert gzip.decompress((tmp_path / "none.bed.gz").read_bytes()) == b""


@pytest.mark.parametrize("strand", ["+", "-", "."])
def test_the_place_of_a_window_is_in_its_name(strand):
    place = ("HLA:1-2", 5, 25, strand)  # a contig may have a colon
    assert parsed_window(window_name(*place)) == place


def test_the_genome_has_the_bases_of_a_site():
    """Read from a genome, written, read, chosen: a site's bases are still there."""
    write_genome(chr1=CHR1)
    Path("p.bed").write_text("chr1\t2\t18\ta\t0\t+\nchr1\t20\t36\tb\t0\t-\n")
    text = BED.replace("{path: n.bed}", "{shuffle: dinucleotide}")
    data = dataset(text.replace("p.bed", "p.bed, name: 4"))
    assert data.name == ["a", "b", "a_shuffled", "b_shuffled"]
    assert data.place == ["chr1:2-18(+)", "chr1:20-36(-)", "", ""]
    write_dataset("dataset.h5", data)
    data = read_dataset("dataset.h5", streamed=True).subset(np.array([3, 1, 0]))
    assert data.place == ["", "chr1:20-36(-)", "chr1:2-18(+)"]
    intervals = pd.DataFrame(
        [(row, 4, 9, strand, "p", 1.0) for row in (0, 1, 2) for strand in "+-"],
        columns=INTERVALS.columns,
    )
    bed = bed_table(data, intervals)
    assert len(bed) == 4
    site = {"chr1 6": data.sequence(2)[4:9], "chr1 27": data.sequence(1)[4:9]}
    turn = str.maketrans("ACGT", "TGCA")
    for line in bed.itertuples():
        bases = CHR1[line.start : line.end]
        if line.strand == "-":
            bases = bases.translate(turn)[::-1]
        own = site[f"{line.chrom} {line.start}"]
        assert bases in (own, own.translate(turn)[::-1])
        # On the strand on which the sequence was read the site reads as it does there.
        forward = line.strand == ("+" if line.start == 6 else "-")
        assert (bases == own) == forward


def test_windows_of_the_genome_as_negatives_have_places():
    write_genome(chr1=CHR1 * 3)
    Path("p.bed").write_text("chr1\t2\t18\ta\t0\t+\n")
    text = BED.replace("{path: n.bed}", "{match: gc}")
    data = dataset(text)
    contig, start, end, strand = parsed_window(data.place[1])
    bases = encode((CHR1 * 3)[start:end])
    assert contig == "chr1" and len(data.place) == len(data.name) == 2
    assert np.array_equal(data.index[1], bases if strand == "+" else 3 - bases[::-1])


def test_a_dataset_file_without_places_is_as_before(tmp_path):
    write_dataset(tmp_path / "one.h5", sequences())
    data = read_dataset(tmp_path / "one.h5")
    assert data.place == [] and data.subset(np.array([1])).place == []
