"""Tables, BED with a genome, Basset's HDF5: what is read, worked out by hand."""

import csv
import gzip
import logging
import re
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path

import h5py
import numpy as np
import pytest
import yaml

from proofread.configuration.check import check_configuration
from proofread.configuration.experiments import read_experiments
from proofread.configuration.schema import check, read_schema
from proofread.configuration.user_files import files_of
from proofread.datasets.labels import strata
from proofread.datasets.negatives import matched_windows
from proofread.datasets.sources.basset import decode_one_hot
from proofread.datasets.sources.bed import window_of
from proofread.datasets.splitting.split import split
from proofread.dna.composition import gc_content
from proofread.dna.encoding import encode, one_hot
from proofread.errors import InputError
from proofread.files.bed import has_summits, read_bed
from proofread.files.genome import open_genome
from read import read

ROOT = Path(__file__).resolve().parents[1]
SCHEMAS = ROOT / "workflow" / "schemas"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """The working directory; files are named relative to it, as users do."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def dataset(text):
    """Read the dataset that some YAML describes, with every default filled in."""
    settings = yaml.safe_load(text)
    schema = read_schema(SCHEMAS / f"datasets/{settings['source']}.schema.yaml")
    return read(check(settings, schema, "config.yaml", "own"), "config.yaml: own")


def texts(data):
    return [data.sequence(row) for row in range(len(data))]


# -- table ----------------------------------------------------------------------------

IN_TABLE = """
source: table
table: {path: data.csv}
sequences: {column: sequence}
targets: [label]
"""


@pytest.mark.parametrize(
    ("name", "delimiter", "content"),
    [
        ("data.csv", "null", b"sequence,label\nacgu,1.0\nGGNT,0.0\n"),
        ("data.csv", "null", b"\xef\xbb\xbfsequence,label\r\nACGT,1\r\n\r\nGGNT,0\r\n"),
        ("data.csv", "null", b'label,note,sequence\n1,"a, b",ACGT\n0,c,GGNT\n'),
        ("data.txt", "null", b"sequence\tlabel\nACGT\t1\nGGNT\t0\n"),
        ("data.txt", "semicolon", b"sequence;label\nACGT;1\nGGNT;0\n"),
        (
            "data.csv.gz",
            "null",
            gzip.compress(b"sequence,label\nACGT,1\nGGNT,0\n", mtime=0),
        ),
    ],
    ids=["float", "windows", "quotes", "tab", "semicolon", "gzip"],
)
def test_a_table_in_every_shape(name, delimiter, content):
    Path(name).write_bytes(content)
    path = f"{{path: {name}, delimiter: {delimiter}}}"
    data = dataset(IN_TABLE.replace("{path: data.csv}", path))
    assert texts(data) == ["ACGT", "GGNT"]
    assert data.label.tolist() == [[1], [0]]
    assert (data.target, data.name) == (["label"], ["row1", "row2"])
    assert data.stratum == ["positive", "negative"]


def test_a_threshold_belongs_to_the_positives():
    Path("data.csv").write_text("sequence,label\nACGT,0.5\nGGTT,0.49\nCCTT,-3e1\n")
    assert dataset(IN_TABLE + "label_threshold: 0.5").label[:, 0].tolist() == [1, 0, 0]


def test_labels_find_their_records_by_name_in_any_order():
    Path("some.fa").write_text(">chr1:5-9 x\nACGT\n>chr2:7-11 y\nGGTT\n")
    Path("labels.tsv").write_text("t1\tid\tt2\n0\tchr2:7-11\t1\n1\tchr1:5-9\t1\n")
    data = dataset(
        """
        source: table
        table: {path: labels.tsv, id: id}
        sequences: {path: some.fa, header: '^(?P<name>(?P<chromosome>\\w+)\\S+)'}
        targets: [t2, t1]
        """
    )
    assert texts(data) == ["GGTT", "ACGT"]
    assert data.label.tolist() == [[1, 0], [1, 1]]
    assert data.target == ["t2", "t1"]
    assert data.group == ["chr2", "chr1"]


def test_copies_need_the_same_labels_to_be_copies():
    Path("data.csv").write_text("sequence,label\nACGT,1\nacgt,1\nGGTT,0\n")
    assert dataset(IN_TABLE).name == ["row1", "row3"]
    Path("data.csv").write_text("sequence,label,b\nACGT,1,0\nGGTT,0,0\nCCTT,0,1\n")
    both = IN_TABLE.replace("[label]", "[label, b]")
    assert dataset(both).label.tolist() == [[1, 0], [0, 0], [0, 1]]


def test_strata_of_several_targets():
    # 30 of a, 25 of a+b, 40 of none; 19 of b are too few for a stratum of their own.
    rows = [[1, 0, 0, 0]] * 30 + [[1, 1, 0, 0]] * 25 + [[0, 0, 0, 0]] * 40
    rows += [[0, 1, 0, 0]] * 19 + [[1, 1, 1, 1]] * 20
    result = strata(np.array(rows, dtype=np.float32), list("abcd"))
    expected = ["a"] * 30 + ["a+b"] * 25 + ["negative"] * 40
    assert result == expected + ["other"] * 19 + ["4 targets"] * 20


def test_only_the_most_frequent_combinations_are_strata():
    # Sixteen combinations of four targets, the k-th (from 0) of 20 + k sequences.
    rows = [
        [combination >> bit & 1 for bit in range(4)]
        for combination in range(16)
        for _ in range(20 + combination)
    ]
    result = strata(np.array(rows, dtype=np.float32), list("abcd"))
    assert len(set(result)) == 13
    assert result.count("other") == 20 + 21 + 22 + 23


def test_missing_labels_are_masked():
    Path("data.csv").write_text(
        "sequence,label,b\nACGT,1,\nGGTT,NA,0\nCCTT,0,1\nACGT,1,\n"
    )
    text = IN_TABLE.replace("[label]", "[label, b]") + "missing_labels: mask\n"
    data = dataset(text)
    np.testing.assert_equal(data.label, [[1, np.nan], [np.nan, 0], [0, 1]])
    assert data.name == ["row1", "row2", "row3"]  # row4 is a copy of row1
    # A combination is that of the known positives; all here are too rare.
    assert strata(np.array([[1, np.nan]] * 20), ["label", "b"]) == ["label"] * 20
    with pytest.raises(InputError, match="an empty label"):
        dataset(text.replace("mask", "error"))
    Path("data.csv").write_text("sequence,label,b\nACGT,,nan\n")
    with pytest.raises(InputError, match="no label of any target: all are missing in"):
        dataset(text)


def test_a_sequence_without_any_label_is_left_out_and_counted(caplog):
    # row2 has no label; it is no copy of row1, which has other labels.
    rows = "ACGT,1,\nACGT,,NA\nCCTT,0,1\nGGAA,nan,\n"
    Path("data.csv").write_text("sequence,label,b\n" + rows)
    text = IN_TABLE.replace("[label]", "[label, b]") + "missing_labels: mask\n"
    with caplog.at_level(logging.INFO, logger="proofread"):
        data = dataset(text)
    assert data.name == ["row1", "row3"]
    np.testing.assert_equal(data.label, [[1, np.nan], [0, 1]])
    assert data.settings["without_label"] == 2
    assert "2 of 4 sequences have no label of any target and are left out" in (
        caplog.text
    )
    assert "b: 1 positives and 0 negatives; 1 labels are missing" in caplog.text


@pytest.mark.parametrize("cell", ["", "NA", "nan"])
def test_a_missing_label_of_the_only_target_is_masked(cell):
    Path("data.csv").write_text(f"sequence,label\nACGT,1\nGGTT,{cell}\nCCTT,0\n")
    data = dataset(IN_TABLE + "missing_labels: mask\n")
    assert data.name == ["row1", "row3"]
    assert data.label.tolist() == [[1], [0]]
    assert data.stratum == ["positive", "negative"]
    assert data.settings["without_label"] == 1
    with pytest.raises(InputError, match="or set missing_labels: mask"):
        dataset(IN_TABLE)


def test_rows_that_complete_each_other_are_to_be_one_row():
    Path("data.csv").write_text("sequence,label,b\nACGT,1,\nGGTT,0,1\nacgt,,0\n")
    text = IN_TABLE.replace("[label]", "[label, b]") + "missing_labels: mask\n"
    with pytest.raises(InputError) as caught:
        dataset(text)
    assert caught.value.where == "data.csv, line 4"
    assert caught.value.found == (
        "the same 4 bp as data.csv, line 2, with other labels of label, b: "
        "1, missing and missing, 0"
    )
    assert caught.value.remedy == "write one row with the labels of all targets"
    # These contradict each other.
    Path("data.csv").write_text("sequence,label,b\nACGT,1,\nGGTT,0,1\nacgt,0,\n")
    with pytest.raises(InputError) as caught:
        dataset(text)
    assert caught.value.remedy == "remove one of the two"


@pytest.mark.parametrize("split", ["split: {by: all}", "split: {by: group}"])
def test_a_target_without_any_known_label_is_refused(split):
    Path("data.csv").write_text("sequence,one,two\nACGT,1,\nGGTT,0,NA\nCC,,\n")
    text = IN_TABLE.replace("[label]", "[one, two]") + "missing_labels: mask\n"
    with pytest.raises(InputError) as caught:
        dataset(text + split)
    # The third sequence has no label at all and is left out before.
    assert caught.value.found == "no label of 'two': all 2 are missing"
    assert caught.value.expected == "labels of each target"
    assert caught.value.remedy == (
        "give labels, or remove 'two' from the targets; a table for an imported model "
        "may have missing_labels: all"
    )
    # One known label is one.
    Path("data.csv").write_text("sequence,one,two\nACGT,1,\nGGTT,0,1\n")
    assert dataset(text + split).target == ["one", "two"]
    # No label at all, as it is said.
    masked = text.replace("mask", "all") + "split: {by: all}"
    assert not dataset(masked).labelled


def test_a_missing_label_is_in_neither_class():
    one = np.array([[1], [np.nan], [0]], dtype=np.float32)
    assert strata(one, ["a"]) == ["positive", "unlabelled", "negative"]
    two = np.array([[np.nan, np.nan], [np.nan, 0]] * 20, dtype=np.float32)
    assert strata(two, ["a", "b"]) == ["unlabelled", "negative"] * 20


def test_labels_that_are_all_known_leave_no_count_in_the_file():
    Path("data.csv").write_text("sequence,label\nACGT,1\nCCTT,0\n")
    assert "without_label" not in dataset(IN_TABLE + "missing_labels: mask\n").settings


def test_shuffles_of_the_positives_of_a_table_are_its_negatives():
    # As DeepBind's files: train has positives only, test has both classes.
    rows = ["ACGGTACCATTGCA,1,train", "GGATCCTAGACTTA,1,train", "TTGACATATAATGC,1,test"]
    Path("data.csv").write_text(
        "\n".join(["sequence,label,part", *rows, "CCATGACTAGGATA,0,test"]) + "\n"
    )
    text = IN_TABLE.replace("data.csv}", "data.csv, group: part}")
    text += "negatives: {shuffle: dinucleotide, groups: [train], per_positive: 2}\n"
    data = dataset(text)
    assert data.name == ["row1", "row2", "row3", "row4"] + [
        f"row{row}_shuffled{copy}" for row in (1, 2) for copy in ("", 2)
    ]
    assert data.label[:, 0].tolist() == [1, 1, 1, 0, 0, 0, 0, 0]
    assert data.group[4:] == ["train"] * 4
    assert data.stratum[4:] == ["negative"] * 4
    all_texts = texts(data)
    assert len(set(all_texts)) == 8
    for row, parent in zip(range(4, 8), (0, 0, 1, 1), strict=True):
        pairs = [a + b for a, b in pairwise(all_texts[row])]
        assert sorted(pairs) == sorted(a + b for a, b in pairwise(all_texts[parent]))


def test_a_group_to_shuffle_has_to_be_there():
    Path("data.csv").write_text("sequence,label,part\nACGGTACC,1,train\n")
    text = IN_TABLE.replace("data.csv}", "data.csv, group: part}")
    with pytest.raises(InputError, match="no sequence of the group 'trian'"):
        dataset(text + "negatives: {shuffle: dinucleotide, groups: [trian]}\n")


def test_a_table_of_several_targets_has_shuffles_without_any():
    Path("data.csv").write_text(
        "sequence,label,b\nACGGTACCATTGCA,1,1\nGGATCCTAGACTTA,0,0\n"
    )
    text = IN_TABLE.replace("[label]", "[label, b]")
    data = dataset(text + "negatives: {shuffle: dinucleotide}\n")
    # Only a positive of some target has a shuffle.
    assert data.label.tolist() == [[1, 1], [0, 0], [0, 0]]
    assert data.name[2] == "row1_shuffled"


def test_columns_without_a_name_are_passed_over():
    Path("data.csv").write_text(",sequence,label,\n0,ACGT,1,\n1,GGTT,0,x\n")
    data = dataset(IN_TABLE)
    assert (texts(data), data.name) == (["ACGT", "GGTT"], ["row1", "row2"])
    # The index of pandas names the records.
    Path("some.fa").write_text(">s1\nACGT\n>s2\nGGTT\n")
    Path("data.csv").write_text(",label\ns2,1\ns1,0\n")
    data = dataset(IN_TABLE.replace("{column: sequence}", "{path: some.fa}"))
    assert (data.name, data.label[:, 0].tolist()) == (["s2", "s1"], [1, 0])


def test_the_length_of_a_cell_has_no_limit_and_no_other_limit_changes():
    before = csv.field_size_limit()
    Path("data.csv").write_text("sequence,label\n" + "ACGT" * 40_000 + ",1\nAC,0\n")
    assert dataset(IN_TABLE).length.tolist() == [160_000, 2]
    assert csv.field_size_limit() == before


# -- BED ------------------------------------------------------------------------------

#        0         1         2         3
#        0123456789012345678901234567890123456789
CHR1 = "AACCGGTTACACGTGTTTGACATTTAATATAATGCGCAGG"
BED = """
source: bed
target: bound
genome: {path: genome.fa}
positives: {path: p.bed}
negatives: {path: n.bed}
"""


def write_genome(**contigs):
    lines = [f">{name} some words\n{text}\n" for name, text in contigs.items()]
    Path("genome.fa").write_text("".join(lines))


def test_intervals_as_they_are():
    write_genome(chr1=CHR1[:20].lower() + CHR1[20:], chr2="GGGGNCCCC")
    Path("p.bed").write_text(
        "track name=x\n# note\nchr1\t2\t8\tone\t0\t+\n\nchr1 15 20 two 0 -\n"
    )
    Path("n.bed").write_text("browser position\nchr2\t0\t5\n")
    data = dataset(BED)
    # CHR1[2:8]; CHR1[15:20] is TTTGA, on the other strand TCAAA.
    assert texts(data) == ["CCGGTT", "TCAAA", "GGGGN"]
    assert data.name == ["chr1:2-8(+)", "chr1:15-20(-)", "chr2:0-5"]
    assert data.group == ["chr1", "chr1", "chr2"]
    assert data.label[:, 0].tolist() == [1, 1, 0]
    assert data.length.tolist() == [6, 5, 5]


@pytest.mark.parametrize(
    ("interval", "length", "upstream", "expected"),
    [
        # The centre of one base is the base itself, on either strand.
        ("10 11 . 0 +", 5, None, (8, 13)),
        ("10 11 . 0 -", 5, None, (8, 13)),
        ("10 11 . 0 +", 8, 6, (4, 12)),  # six before it, one after
        ("10 11 . 0 -", 8, 6, (9, 17)),  # the mirror image: one left, six right
        ("10 20", 10, None, (10, 20)),  # as it is
        ("10 20 . 0 -", 10, None, (10, 20)),
        ("10 21", 11, None, (10, 21)),
        ("10 20", 4, None, (13, 17)),
        ("10 20", None, None, (10, 20)),
    ],
)
def test_the_window_of_an_interval(interval, length, upstream, expected):
    Path("p.bed").write_text("\t".join(["chr1", *interval.split()]) + "\n")
    window = window_of(read_bed("p.bed")[0], length, upstream)
    assert (window.start, window.end) == expected


PEAK = "chr1\t{}\t{}\tp\t{}\t{}\t{}\t2\t3\t{}\n"


def test_windows_are_centred_on_summits():
    write_genome(chr1=CHR1)
    # Summits at 8 + 2 = 10 on either strand, and none: the middle, (20 + 30) // 2.
    peaks = [(8, 20, 0, "+", 5, 2), (8, 20, 0, "-", 5, 2), (20, 30, 0, ".", 5, -1)]
    Path("p.narrowPeak").write_text("".join(PEAK.format(*peak) for peak in peaks))
    Path("n.bed").write_text("chr1\t30\t40\n")
    text = BED.replace("p.bed", "p.narrowPeak") + "length: 5\nupstream: 1\n"
    # Forward 1 before and 3 after the centre; on the other strand the mirror image.
    names = ["chr1:9-14(+)", "chr1:7-12(-)", "chr1:24-29"]
    assert dataset(text).name == [*names, "chr1:34-39"]
    middle = ["chr1:13-18(+)", "chr1:10-15(-)", "chr1:24-29"]
    assert dataset(text + "centre: middle\n").name == [*middle, "chr1:34-39"]


def test_a_summit_is_asked_for_in_vain():
    write_genome(chr1=CHR1)
    Path("p.bed").write_text("chr1\t8\t20\n")
    Path("n.bed").write_text("chr1\t30\t40\n")
    with pytest.raises(InputError, match="no summit"):
        dataset(BED + "length: 5\ncentre: summit\n")
    with pytest.raises(InputError, match="centre: summit with length null"):
        dataset(BED + "centre: summit\n")


@pytest.mark.parametrize(
    ("name", "line", "expected"),
    [
        ("a.bed", PEAK.format(1, 9, 0, ".", 5, 2), True),  # as ENCODE names them
        ("a.bed.gz", PEAK.format(1, 9, 0, ".", 5, -1), False),  # no summit called
        ("a.bed", PEAK.format(1, 9, 0, ".", 5, 8), False),  # beyond the peak
        ("a.bed", "chr1\t1\t9\tp\t0\t.\tx\ty\tz\t2\n", False),
        # BED9 and a column of the user's: a fraction, a number beyond the interval.
        (
            "a.bed",
            PEAK.format(1, 9, 0, ".", 5, 2) + PEAK.format(1, 9, 0, ".", 5, 0.5),
            False,
        ),
        (
            "a.bed",
            PEAK.format(1, 9, 0, ".", 5, 2) + PEAK.format(1, 9, 0, ".", 5, 60),
            False,
        ),
        # BED6+4 without a score.
        ("a.bed", PEAK.format(1, 9, ".", ".", 5, 2), False),
        # BED12: column 10 counts the blocks.
        ("a.bed", "chr1\t1\t9\tp\t0\t.\t1\t9\t0\t1\t8,\t0,\n", False),
        # IDR appends columns to those of narrowPeak.
        ("a.narrowPeak", PEAK.format(1, 9, 0, ".", 5, 2)[:-1] + "\t1\t2\n", True),
    ],
)
def test_narrowpeak_is_known_by_its_name_or_columns(name, line, expected):
    raw = line.encode()
    Path(name).write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
    assert has_summits(name, read_bed(name)) == expected


def test_labels_from_a_column_of_narrowpeak_by_name():
    write_genome(chr1=CHR1)
    peaks = [(0, 8, 900, ".", 5.5, 2), (20, 28, 100, ".", 7, 2)]
    Path("p.narrowPeak").write_text("".join(PEAK.format(*peak) for peak in peaks))
    text = BED.replace("p.bed", "p.narrowPeak")

    def labels(column, threshold):
        chosen = f"{{column: {column}, label_threshold: {threshold}}}"
        return dataset(text.replace("{path: n.bed}", chosen)).label[:, 0].tolist()

    assert labels("score", 500) == [1, 0]
    assert labels("signalValue", 6) == [0, 1]
    text = BED
    Path("p.bed").write_text("chr1\t0\t8\tp\t900\t+\nchr1\t20\t28\tp\t1\t+\n")
    assert labels("score", 500) == [1, 0]
    with pytest.raises(InputError, match="neither narrowPeak nor broadPeak"):
        labels("signalValue", 6)


@pytest.mark.parametrize(
    ("contig", "remedy"),
    [
        ("1", "write 'chr1', as the genome does"),
        ("Chr1", "write 'chr1', as the genome does"),
        ("MT", "write 'chrM', as the genome does"),
        ("chr3", "give the genome that the intervals are of"),
        ("chr1_hap1", "give the genome that the intervals are of"),
        (
            "NC_000019.9",
            "give the genome that the intervals are of: NC_000019.10 is the same "
            "sequence of another assembly",
        ),
        ("NC_000001.10", "give the genome that the intervals are of"),
    ],
)
def test_no_other_chromosome_is_suggested(contig, remedy):
    names = ("chr1", "chr11", "chr2", "chrM", "chr11_hap1")
    write_genome(**dict.fromkeys(names, CHR1), **{"NC_000019.10": CHR1})
    with open_genome("genome.fa") as genome, pytest.raises(InputError) as caught:
        genome.check_contig(contig, "p.bed, line 1")
    assert caught.value.remedy == remedy


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (">a\n\n\n>b\nACGT\n", "the record 'a' has no sequence"),
        (">a\nACGT\n>a\nGGTT\n", "the name 'a' again; first in line 1"),
        ("", "no line that begins with '>'"),
        (">a\n", "the record 'a' has no sequence"),
    ],
)
def test_genomes_that_cannot_be_indexed(text, found):
    Path("genome.fa").write_text(text)
    with pytest.raises(InputError) as caught, open_genome("genome.fa"):
        pass
    assert caught.value.found == found


def test_the_centre_stands_at_the_same_place_on_both_strands():
    write_genome(chr1="ACGTTGCATG" * 4)
    Path("p.bed").write_text("chr1\t12\t13\ta\t0\t+\n")
    Path("n.bed").write_text("chr1\t12\t13\ta\t0\t-\n")
    forward, reverse = texts(dataset(BED + "length: 7\nupstream: 5"))
    # Base 12 is G; forward it stands at index 5 of [7, 14), reversed (C) of [11, 18).
    assert (forward, forward[5]) == ("ATGACGT", "G")
    assert (reverse, reverse[5]) == ("TGCAACG", "C")


def test_blocks_names_and_labels_from_columns():
    write_genome(chr1=CHR1)
    Path("p.bed").write_text("chr1\t0\t6\ta\t900\t+\nchr1\t30\t36\tb\t100\t+\n")
    text = BED.replace("{path: n.bed}", "{column: 5, label_threshold: 500}")
    data = dataset(text.replace("p.bed", "p.bed, name: 4") + "block: 25")
    assert data.name == ["a", "b"]
    assert data.group == ["chr1:0", "chr1:1"]
    assert data.label[:, 0].tolist() == [1, 0]


def test_windows_beyond_the_contig_are_left_out_if_told_so():
    write_genome(chr1=CHR1)
    Path("p.bed").write_text("chr1\t0\t2\nchr1\t20\t22\nchr1\t38\t40\n")
    Path("n.bed").write_text("chr1\t10\t12\n")
    data = dataset(BED + "length: 6\noutside: drop")
    assert data.name == ["chr1:18-24", "chr1:8-14"]


@pytest.mark.parametrize("name", ["genome.fa", "genome.fa.gz"])
def test_a_genome_may_be_compressed_whatever_its_name(folder, name):
    write_genome(chr1=CHR1)
    plain = Path("genome.fa").read_bytes()
    Path(name).write_bytes(gzip.compress(plain))
    before = sorted(folder.iterdir())
    with open_genome(name) as genome:
        assert genome.lengths == {"chr1": 40}
        assert genome.fetch("chr1", 2, 8).tolist() == [1, 1, 2, 2, 3, 3]
    assert sorted(folder.iterdir()) == before  # no index beside the user's file


def test_shuffled_intervals_have_the_group_of_their_positive():
    write_genome(chr1=CHR1)
    Path("p.bed").write_text("chr1\t0\t20\nchr1\t20\t40\n")
    data = dataset(BED.replace("{path: n.bed}", "{shuffle: dinucleotide}"))
    assert data.label[:, 0].tolist() == [1, 1, 0, 0]
    assert data.name[2:] == ["chr1:0-20_shuffled", "chr1:20-40_shuffled"]
    assert set(data.group) == {"chr1"}


# -- negatives from the genome --------------------------------------------------------

MATCH = {"bin": 0.02, "max_unknown": 0, "seed": 1}


def windows(positives, positions, stranded=False, **changes):
    with open_genome("genome.fa") as genome:
        return matched_windows(
            genome,
            [encode(positive) for positive in positives],
            positions,
            MATCH | changes,
            "config.yaml: own.negatives",
            stranded=stranded,
        )


def test_the_only_window_that_matches_is_found():
    # GC 1 and 10 bp: the positive itself, and CCGGCCCGGG at 30-40; GC 0.9 is beside it.
    write_genome(chr1="GGGGGGGGGG" + "AT" * 10 + "CCGGCCCGGG" + "AT" * 20)
    (result,) = windows(["GGGGGGGGGG"], [("chr1", 0, 10)])
    assert result[:4] == ("chr1", 30, 40, ".")
    assert result[4].tolist() == encode("CCGGCCCGGG").tolist()


def test_no_window_touches_a_positive_another_window_or_an_n():
    rng = np.random.default_rng(1)
    text = "".join(rng.choice(list("ACGT"), 3000))
    text = text[:1000] + "N" * 500 + text[1500:]
    write_genome(chr1=text, chr2="".join(rng.choice(list("ACGT"), 3000)))
    positions = [("chr1", start, start + 20) for start in range(0, 900, 45)]
    positives = [text[start:end] for _, start, end in positions]
    result = windows(positives, positions, stranded=True, bin=0.1)
    intervals = positions + [item[:3] for item in result]
    assert {interval[0] for interval in intervals} == {
        "chr1"
    }  # where the positives are
    assert {item[3] for item in result} == {"+", "-"}
    ordered = sorted((start, end) for _, start, end in intervals)
    assert all(a[1] <= b[0] for a, b in pairwise(ordered))
    assert all(end <= 1000 or start >= 1500 for start, end in ordered)
    for positive, (_, start, end, strand, index) in zip(positives, result, strict=True):
        bases = encode(text[start:end])
        expected = bases if strand == "+" else 3 - bases[::-1]
        assert index.tolist() == expected.tolist()
        # Bins of 0.1 and 20 bp: two counts of G and C to a bin.
        counts = [round(20 * gc_content(item)) for item in (encode(positive), index)]
        assert counts[0] // 2 == counts[1] // 2


def test_matched_windows_depend_on_their_seed_alone():
    rng = np.random.default_rng(2)
    text = "".join(rng.choice(list("ACGT"), 4000))
    write_genome(chr1=text)
    positions = [("chr1", start, start + 30) for start in (0, 100, 200)]
    positives = [text[start:end] for _, start, end in positions]
    one, two, other = (
        windows(positives, positions, seed=s, bin=0.1) for s in (1, 1, 2)
    )
    assert [item[:3] for item in one] == [item[:3] for item in two]
    assert [item[:3] for item in one] != [item[:3] for item in other]


def test_each_positive_gets_a_window_of_its_own_length():
    rng = np.random.default_rng(3)
    text = "".join(rng.choice(list("ACGT"), 4000))
    write_genome(chr1=text)
    positions = [("chr1", 0, 20), ("chr1", 100, 150), ("chr1", 200, 233)]
    positives = [text[start:end] for _, start, end in positions]
    result = windows(positives, positions, bin=0.2)
    assert [end - start for _, start, end, *_ in result] == [20, 50, 33]


def test_matched_negatives_of_fasta_stay_off_their_positives():
    rng = np.random.default_rng(4)
    text = "".join(rng.choice(list("ACGT"), 3000))
    write_genome(chr1=text)
    Path("p.fa").write_text(
        "".join(f">chr1:{at}-{at + 25}\n{text[at : at + 25]}\n" for at in (500, 900))
    )
    data = dataset(
        r"""
        source: fasta
        target: bound
        positives:
          path: p.fa
          header: '^(?P<name>(?P<chromosome>\w+):(?P<position>\d+)-\d+)'
        negatives: {genome: {path: genome.fa}, match: gc, bin: 0.2}
        block: 1000
        """
    )
    assert data.label[:, 0].tolist() == [1, 1, 0, 0]
    for name, group in zip(data.name[2:], data.group[2:], strict=True):
        start, end = map(int, re.search(r"(\d+)-(\d+)", name).groups())
        assert all(end <= at or start >= at + 25 for at in (500, 900))
        assert group == f"chr1:{start // 1000}"


# -- FASTA ----------------------------------------------------------------------------


def test_records_of_files_whose_headers_repeat_are_numbered():
    Path("p.fa").write_text(">0\nACGT\n>0\nGGTT\n")
    Path("n.fa").write_text(">0\nCCTT\n")
    data = dataset(
        """
        source: fasta
        target: bound
        positives: {path: p.fa}
        negatives: {path: n.fa}
        names: number
        """
    )
    assert data.name == data.group == ["positive1", "positive2", "negative1"]


# -- Basset ---------------------------------------------------------------------------


def test_records_are_drawn_from_each_file_by_its_seed():
    rng = np.random.default_rng(5)
    for name in ("p", "n"):
        records = ["".join(rng.choice(list("ACGT"), 20)) for _ in range(30)]
        Path(f"{name}.fa").write_text(
            "".join(f">{name}{row}\n{text}\n" for row, text in enumerate(records))
        )
    text = """
        source: fasta
        target: t
        positives: {path: p.fa, max_sequences: 8, seed: 1}
        negatives: {path: n.fa, max_sequences: 5}
        """
    data = dataset(text)
    assert data.label[:, 0].tolist() == [1] * 8 + [0] * 5
    numbers = [int(name[1:]) for name in data.name]
    # In the order of the file, each once, and not simply the first ones.
    assert numbers[:8] == sorted(set(numbers[:8])) != list(range(8))
    assert numbers[8:] == sorted(set(numbers[8:]))
    assert dataset(text).name == data.name
    assert dataset(text.replace("seed: 1", "seed: 2")).name[:8] != data.name[:8]
    # More than there are: all.
    assert len(dataset(text.replace("8", "80").replace("5}", "50}"))) == 60


def test_windows_stay_off_intervals_that_are_not_drawn():
    # Only 40-50 and 60-70 have GC 1; one is drawn, and no window is left for it.
    write_genome(chr1="AT" * 20 + "GGGGGGGGGG" + "AT" * 5 + "CCGGCCCGGG" + "AT" * 20)
    Path("p.bed").write_text("chr1\t40\t50\nchr1\t60\t70\n")
    text = """
        source: bed
        target: t
        genome: {path: genome.fa}
        positives: {path: p.bed, max_sequences: 1}
        negatives: {match: gc}
        """
    with pytest.raises(InputError, match="window"):
        dataset(text)


def test_columns_that_are_not_one_hot_are_unknown():
    columns = [
        *([1, 0, 0, 0], [0, 0, 0, 1], [0.25, 0.25, 0.25, 0.25], [0, 0, 0, 0]),
        *([1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 2, 0], [0.5, 0, 0, 0.5], [1, 0.5, 0, 0]),
    ]
    one = np.array(columns, dtype=float).T[None]  # (1, 4, 9)
    assert decode_one_hot(one).tolist() == [[0, 3, 4, 4, 4, 2, 4, 4, 4]]


def write_basset(path, **changes):
    """Three parts of 2, 1 and 1 sequences of 4 bp, two targets."""
    arrays = {
        "train_in": ["ACGT", "GGNT"],
        "train_out": [[1, 0], [0, 0]],
        "train_headers": [b"chr1:0-4(+)", b"chr1:8-12(+)"],
        "valid_in": ["CCTT"],
        "valid_out": [[1, 1]],
        "valid_headers": [b"chr2:0-4(+)"],
        "test_in": ["TTTA"],
        "test_out": [[0, 1]],
        "test_headers": [b"chr3:0-4(+)"],
        "target_labels": [b"liver", b"whole brain"],
    } | changes
    with h5py.File(path, "w") as file:
        for name, value in arrays.items():
            if value is not None and name.endswith("_in") and isinstance(value, list):
                value = one_hot(np.stack([encode(item) for item in value]))[:, :, None]
            if value is not None:
                file[name] = value


BASSET = "source: basset\ndata: {path: b.h5}\n"


def test_basset_s_parts_stay_as_they_are():
    write_basset("b.h5")
    data = dataset(BASSET)
    assert texts(data) == ["ACGT", "GGNT", "CCTT", "TTTA"]
    assert data.label.tolist() == [[1, 0], [0, 0], [1, 1], [0, 1]]
    assert data.target == ["liver", "whole_brain"]
    assert data.name[2] == "chr2:0-4(+)"
    assert data.group == ["train", "train", "validation", "test"]


def test_one_hot_in_other_orders_of_the_axes(tmp_path):
    bases = np.stack([encode("ACGTAC"), encode("GGGTTT")])
    for axes in (one_hot(bases), one_hot(bases).swapaxes(1, 2)):
        with h5py.File("own.h5", "w") as file:
            file["train_in"], file["train_out"] = axes, [[1], [0]]
        data = dataset("{source: basset, data: {path: own.h5}}")
        assert texts(data) == ["ACGTAC", "GGGTTT"]
    # Of four bases nobody can say which axis is which.
    with h5py.File("own.h5", "w") as file:
        file["train_in"], file["train_out"] = np.zeros((2, 4, 4)), [[1], [0]]
    with pytest.raises(InputError, match=r"shape \(2, 4, 4\)"):
        dataset("{source: basset, data: {path: own.h5}}")


def test_missing_labels_of_hdf5_are_masked(tmp_path):
    bases = np.stack([encode("ACGTAC"), encode("GGGTTT")])
    with h5py.File("own.h5", "w") as file:
        file["train_in"] = one_hot(bases)
        file["train_out"] = np.array([[1, np.nan], [0, 1]])
    data = dataset("{source: basset, data: {path: own.h5}, missing_labels: mask}")
    np.testing.assert_equal(data.label, [[1, np.nan], [0, 1]])


def test_basset_without_names():
    absent = dict.fromkeys(["target_labels", "train_headers"])
    write_basset("b.h5", **absent)
    data = dataset(BASSET + "targets: [t1]")
    assert data.label[:, 0].tolist() == [0, 0, 1, 1]
    assert data.target == ["t1"]
    assert data.name[:3] == ["train1", "train2", "chr2:0-4(+)"]


def test_given_parts_are_taken():
    bases = np.random.default_rng(0).integers(0, 4, (12, 8)).astype(np.uint8)
    parts = {"train": slice(0, 6), "valid": slice(6, 9), "test": slice(9, 12)}
    label = np.arange(12)[:, None] % 2
    arrays = {f"{key}_headers": None for key in parts}
    for key, rows in parts.items():
        arrays[f"{key}_in"] = one_hot(bases[rows])[:, :, None]
        arrays[f"{key}_out"] = label[rows]
    write_basset("b.h5", **arrays, target_labels=[b"liver"])
    rows = split(
        dataset(BASSET), {"by": "given", "validation": 0.1, "test": 0.1, "seed": 1}
    )
    assert {name: item.tolist() for name, item in rows.items()} == {
        "train": [0, 1, 2, 3, 4, 5],
        "validation": [6, 7, 8],
        "test": [9, 10, 11],
    }


# -- the page docs/own_data.md, followed literally ---------------------------------

PAGE = (ROOT / "docs/own_data.md").read_text()
# Its other runs of the simulated sequences are followed in test_own_data.py.
RUNS, FORMATS = PAGE.split("\n## Size and format\n")
STEPS = RUNS.split("\n## Step by step\n")[1].split("\n## ")[0]
EXAMPLES = [
    text
    for part in (STEPS, FORMATS)
    for text in re.findall(r"^```yaml\n(.*?)^```$", part, re.MULTILINE | re.DOTALL)
]
# What each example's labels must be.
EXPECTED = {
    "steps": [[1], [1], [0], [0]],
    "fasta": [[1], [1], [0], [0]],
    "labels.tsv": [[1, 0], [0, 1], [1, 1]],
    "data.csv": [[1], [0], [1], [0], [1], [0]],
    "bed": [[1], [1], [1], [0], [0], [0]],
    "signal": [[5.5], [0.25], [12]],
    "promoters": [[1], [1], [0], [0]],
    "basset": [[1, 0], [0, 0], [1, 1], [0, 1]],
}


def write_files_of_the_page():
    Path("my").mkdir(exist_ok=True)
    named = re.findall(r"^`(my/\S+)`:\n\n```\n(.*?)^```$", PAGE, re.M | re.S)
    for path, content in named:
        Path(path).write_text(content)
    write_basset("my/basset.h5")
    bases = np.random.default_rng(1).choice(list("ACGT"), 20_000)
    Path("my/hg38.fa").write_text(">chr1\n" + "".join(bases) + "\n")
    Path("my/tss.bed").write_text(TSS)


# Two lines of EPDnew's BED: 49 bp before the TSS are thin, it and 10 bp after it thick;
# and the one base of each that is the TSS, on the strand of the promoter.
EPD = """chr1 5951 6011 A_1 900 + 6000 6011
chr1 8989 9049 B_1 900 - 8989 9000
"""
TSS = "chr1\t6000\t6001\tA_1\t0\t+\nchr1\t8999\t9000\tB_1\t0\t-\n"
# The same as transcripts of an annotation, which counts from 1 and includes the end.
GTF = """#!genome-build GRCh38
chr1\tx\tgene\t6001\t7000\t.\t+\t.\tgene_id "A";
chr1\tx\ttranscript\t6001\t7000\t.\t+\t.\tgene_id "A"; transcript_id "A1";
chr1\tx\texon\t6001\t6100\t.\t+\t.\tgene_id "A"; transcript_id "A1";
chr1\tx\ttranscript\t6001\t6900\t.\t+\t.\tgene_id "A"; transcript_id "A2";
chr1\tx\ttranscript\t8001\t9000\t.\t-\t.\tgene_id "B"; transcript_id "B1";
"""


@pytest.mark.parametrize(
    ("example", "label"),
    list(zip(EXAMPLES, EXPECTED.values(), strict=True)),
    ids=EXPECTED,
)
def test_the_examples_of_the_page_are_read(example, label):
    write_files_of_the_page()
    default = yaml.safe_load((ROOT / "config/config.yaml").read_text())
    config = default | {"datasets": yaml.safe_load(example)["datasets"]}
    checked = check_configuration(config, SCHEMAS)["datasets"]["own"]
    assert all(path.startswith("my/") for path in files_of(checked))
    assert read(checked).label.tolist() == label


def test_the_page_s_steps_give_enough_to_train_on():
    (program,) = re.findall(r"^```python\n(.*?)^```$", STEPS, re.M | re.S)
    Path("my").mkdir()
    exec(program, {})
    default = yaml.safe_load((ROOT / "config/config.yaml").read_text())
    config = check_configuration(default | yaml.safe_load(EXAMPLES[0]), SCHEMAS)
    (table,) = re.findall(r"^```\n(dataset\t.*?)^```$", STEPS, re.M | re.S)
    Path("own.tsv").write_text(table)
    (row,) = read_experiments("own.tsv", config)
    data = read(config["datasets"][row["dataset"]])
    assert data.label.mean() == 0.5
    rows = split(data, config["datasets"]["own"]["split"])
    training = config["models"][row["model"]]["training"]
    assert len(rows["train"]) > training["batch_size"]
    # As the page says of all its other files.
    write_files_of_the_page()
    with pytest.raises(InputError, match="would hold only one class"):
        split(read(config["datasets"]["own"]), config["datasets"]["own"]["split"])


def test_the_page_s_other_negatives_are_right():
    write_files_of_the_page()
    example = next(item for item in EXAMPLES if "match: gc" in item)
    for negatives in ("{column: 5, label_threshold: 500}", "{shuffle: dinucleotide}"):
        text = re.sub(r"\{match: .*\}", negatives, example)
        own = yaml.safe_load(text)["datasets"]["own"]
        check(own, read_schema(SCHEMAS / "datasets/bed.schema.yaml"), "config.yaml")


@pytest.mark.skipif(shutil.which("awk") is None, reason="the page's commands are awk's")
def test_the_page_s_commands_find_the_start_sites():
    Path("my").mkdir()
    Path("Hs_EPDnew_006_hg38.bed").write_text(EPD)
    Path("annotation.gtf").write_text(GTF)
    epd, gtf = re.findall(r"^awk .* > my/tss.bed$", PAGE, re.MULTILINE)
    subprocess.run(epd, shell=True, check=True)
    assert Path("my/tss.bed").read_text() == TSS
    subprocess.run(gtf, shell=True, check=True)
    unnamed = re.sub(r"[AB]_1", ".", TSS)  # of two transcripts that start there, one
    assert Path("my/tss.bed").read_text() == unnamed


def test_the_page_s_start_sites_stand_at_the_anchor_on_both_strands():
    write_files_of_the_page()
    example = next(item for item in EXAMPLES if "my/tss.bed" in item)
    own = dataset(yaml.safe_dump(yaml.safe_load(example)["datasets"]["own"]))
    genome = Path("my/hg38.fa").read_text().splitlines()[1]
    assert texts(own)[0] == genome[5800:6050]
    complement = genome[8950:9200].translate(str.maketrans("ACGT", "TGCA"))
    assert texts(own)[1] == complement[::-1]
    assert texts(own)[0][200] == genome[6000]
    assert texts(own)[1][200] == complement[9000 - 1 - 8950]


def test_the_page_s_conversion_of_genbank_works():
    from Bio import SeqIO
    from Bio.Seq import Seq
    from Bio.SeqRecord import SeqRecord

    record = SeqRecord(Seq("ACGTAC"), id="x1", annotations={"molecule_type": "DNA"})
    SeqIO.write(record, "my.gb", "genbank")
    (command,) = re.findall(r'^python -c "(from Bio .*)"$', PAGE, re.MULTILINE)
    exec(command, {})
    assert Path("my.fa").read_text().endswith("\nACGTAC\n")
