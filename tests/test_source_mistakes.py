"""What users get wrong in tables, BED files, genomes and HDF5, and what they are told.

Each entry changes one thing of a set of files that is right as it stands.
"""

import gzip
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
import yaml

from proofread.configuration.check import check_configuration
from proofread.dna.encoding import encode, one_hot
from proofread.errors import InputError
from read import read

SCHEMAS = Path(__file__).resolve().parents[1] / "workflow" / "schemas"

GENBANK = "LOCUS       X1  6 bp  DNA\nORIGIN\n        1 acgtac\n//\n"
FILES = {
    "own.csv": "name,sequence,label\na,ACGTAC,1\nb,GGGTTT,0\n",
    "labels.tsv": "id\tliver\tbrain\ns1\t1\t0\ns2\t0\t1\n",
    "own.fa": ">s1\nACGTAC\n>s2\nGGGTTT\n",
    "genome.fa": ">chr1\nACGTACGTAAGGGTTTACGT\n>chr2\nGATTACATTTCAGCATGCAA\n",
    "p.bed": "chr1\t4\t10\tx\t0\t+\nchr2\t6\t12\ty\t0\t-\n",
    "n.bed": "chr1\t12\t18\n",
}
SETTINGS = {
    "column": """
source: table
table: {path: own.csv}
sequences: {column: sequence}
targets: [label]
""",
    "table": """
source: table
table: {path: labels.tsv}
sequences: {path: own.fa}
targets: [liver, brain]
""",
    "bed": """
source: bed
target: bound
genome: {path: genome.fa}
positives: {path: p.bed}
negatives: {path: n.bed}
""",
    "basset": """
source: basset
data: {path: own.h5}
""",
}


@dataclass
class Mistake:
    """A file or a dotted key with what is wrong there, and the message's four parts."""

    of: str
    key: str
    value: object
    where: str
    found: str
    expected: str
    remedy: str
    also: dict = field(default_factory=dict)  # what else is chosen, and right


MISTAKES = {
    # -- tables
    "a ragged row": Mistake(
        *("table", "labels.tsv", "id\tliver\tbrain\ns1\t1\t0\ns2\t0\n"),
        where="labels.tsv, line 3",
        found="2 cells: [s2, 0]",
        expected="3, as many as there are column names",
        remedy="complete the row; quote a cell that contains the delimiter",
    ),
    "a label without a sequence": Mistake(
        *("table", "labels.tsv", FILES["labels.tsv"] + "other\t1\t1\n"),
        where="labels.tsv, line 4, column 'id'",
        found="the id 'other', which no record of own.fa has",
        expected="the name of a record",
        remedy="add the sequence or remove the row; sequences.header defines which "
        "part of a header is the name",
    ),
    "a misspelt id": Mistake(
        *("table", "labels.tsv", "id\tliver\tbrain\ns1\t1\t0\ns22\t0\t1\n"),
        where="labels.tsv, line 3, column 'id'",
        found="the id 's22', which no record of own.fa has",
        expected="the name of a record",
        remedy="did you mean 's2'?",
    ),
    "a sequence without a label": Mistake(
        *("table", "own.fa", FILES["own.fa"] + ">s3\nCCCTTT\n"),
        where="own.fa, line 5, record 's3'",
        found="a sequence without a label: 's3' is not in labels.tsv",
        expected="its name in the column 'id'",
        remedy="add a row for it, or remove the record",
    ),
    "an id twice": Mistake(
        *("table", "labels.tsv", FILES["labels.tsv"] + "s1\t1\t0\n"),
        where="labels.tsv, line 4",
        found="the id 's1' again; first in labels.tsv, line 2",
        expected="each id once",
        remedy="remove one of the two rows",
    ),
    "a record twice": Mistake(
        *("table", "own.fa", FILES["own.fa"] + ">s1 again\nCCCTTT\n"),
        where="own.fa, line 5, record 's1 again'",
        found="the name 's1' again; first in own.fa, line 1, record 's1'",
        expected="a unique name for each record",
        remedy="rename the record, or give a header pattern whose group 'name' tells "
        "the records apart",
    ),
    "a word for a label": Mistake(
        *("column", "own.csv", "name,sequence,label\na,ACGTAC,enhancer\n"),
        where="own.csv, line 2, column 'label'",
        found="the label 'enhancer'",
        expected="0 or 1",
        remedy="write a number, or remove the row: a network cannot learn from an "
        "unknown label",
    ),
    "an empty label": Mistake(
        *("table", "labels.tsv", "id\tliver\tbrain\ns1\t1\t\ns2\t0\t1\n"),
        where="labels.tsv, line 2, column 'brain'",
        found="an empty label",
        expected="0 or 1",
        remedy="write a number, or remove the row: a network cannot learn from an "
        "unknown label; or set missing_labels: mask, which uses the labels that are "
        "known",
    ),
    "a label that is not known": Mistake(
        *("column", "own.csv", "name,sequence,label\na,ACGTAC,NaN\n"),
        where="own.csv, line 2, column 'label'",
        found="the label 'NaN'",
        expected="0 or 1",
        remedy="write a number, or remove the row: a network cannot learn from an "
        "unknown label; or set missing_labels: mask, which uses the labels that are "
        "known",
    ),
    "an affinity without a threshold": Mistake(
        *("column", "own.csv", "name,sequence,label\na,ACGTAC,0.73\n"),
        where="own.csv, line 2, column 'label'",
        found="the label 0.73",
        expected="0 or 1",
        remedy="set label_threshold: labels of at least this value are 1, the others "
        "0; or set target_type: quantitative to predict the numbers",
    ),
    "commas where tabs are due": Mistake(
        *("table", "labels.tsv", "id,liver,brain\ns1,1,0\ns2,0,1\n"),
        where="labels.tsv, line 1",
        found="one column, 'id,liver,brain', if cells are separated by tab",
        expected="the columns of the table",
        remedy="set delimiter: comma below the dataset's 'table'",
    ),
    "a misspelt target": Mistake(
        *("table", "targets", ["livre"]),
        where="config.yaml: datasets.own.targets, item 1",
        found="no column 'livre' in labels.tsv",
        expected="one of id, liver, brain",
        remedy="did you mean 'liver'?",
    ),
    "a column name twice": Mistake(
        *("table", "labels.tsv", "id\tliver\tliver\ns1\t1\t0\n"),
        where="labels.tsv, line 1",
        found="the column name 'liver' twice",
        expected="a unique name for each column",
        remedy="rename the column",
    ),
    "an empty sequence": Mistake(
        *("column", "own.csv", "name,sequence,label\na,,1\n"),
        where="own.csv, line 2, column 'sequence'",
        found="an empty cell",
        expected="text",
        remedy="fill the cell, or remove the row",
    ),
    "a gap in a sequence": Mistake(
        *("column", "own.csv", "name,sequence,label\na,AC-TAC,1\n"),
        where="own.csv, line 2, column 'sequence'",
        found="letter '-' at position 2 (0-based)",
        expected="A, C, G, T or U in either case, or an IUPAC code",
        remedy="correct the letter, or write N for an unknown base",
    ),
    "a quotation mark that is never closed": Mistake(
        *("column", "own.csv", 'name,sequence,label\n"a,ACGTAC,1\nb,GGGTTT,0\n'),
        where="own.csv, line 2",
        found="a row that does not end (unexpected end of data)",
        expected="cells whose quotes are closed",
        remedy="close or remove the quotation mark",
    ),
    "one sequence with two labels": Mistake(
        *("column", "own.csv", "name,sequence,label\na,ACGTAC,1\nb,acgtac,0\n"),
        where="own.csv, line 3",
        found="the same 6 bp as the positive own.csv, line 2",
        expected="each sequence in one class",
        remedy="remove one of the two",
    ),
    "a spreadsheet": Mistake(
        *("column", "own.csv", b"PK\x03\x04\xff\xfe"),
        where="own.csv",
        found="not plain text (invalid start byte at byte 4)",
        expected="TSV or CSV",
        remedy="save the table as TSV or CSV (UTF-8); a spreadsheet file is neither",
    ),
    "blocks of sequences in a table": Mistake(
        *("column", "block", 1000),
        where="config.yaml: datasets.own.block",
        found="1000, but the sequences are in a table",
        expected="FASTA headers with a position",
        remedy="set block: null and name a column with the groups as table.group",
    ),
    # -- BED and genome
    "an interval beyond its contig": Mistake(
        *("bed", "p.bed", "chr1\t4\t10\nchr1\t18\t24\n"),
        where="p.bed, line 2",
        found="the end 24, beyond the contig chr1",
        expected="at most 20, its length in genome.fa",
        remedy="correct the interval, or give the genome of the intervals",
    ),
    "a window beyond its contig": Mistake(
        *("bed", "length", 18),
        where="p.bed, line 1",
        found="the window -2-16 extends beyond the contig chr1 of 20 bp",
        expected="room for 18 bp (config.yaml: datasets.own.length)",
        remedy="set outside: drop to drop such intervals, or lower length",
    ),
    "a contig of another genome": Mistake(
        *("bed", "p.bed", "chrX\t4\t10\n"),
        where="p.bed, line 1",
        found="the contig 'chrX', which genome.fa does not have",
        expected="one of chr1, chr2",
        remedy="give the genome that the intervals are of",
    ),
    "a contig without chr": Mistake(
        *("bed", "p.bed", "2\t4\t10\n"),
        where="p.bed, line 1",
        found="the contig '2', which genome.fa does not have",
        expected="one of chr1, chr2",
        remedy="write 'chr2', as the genome does",
    ),
    "a start that is the end": Mistake(
        *("bed", "p.bed", "chr1\t5\t5\n"),
        where="p.bed, line 1",
        found="the start 5 and the end 5",
        expected="start < end: BED is 0-based and half-open",
        remedy="correct the line; the one base at position 5, counted from 1, is 4 to "
        "5",
    ),
    "column names in BED": Mistake(
        *("bed", "p.bed", "chrom\tstart\tend\nchr1\t4\t10\n"),
        where="p.bed, line 1",
        found="the position 'start'",
        expected="a whole number of at least 0 in columns 2 and 3",
        remedy="correct the line; put a # before a line of column names",
    ),
    "commas in BED": Mistake(
        *("bed", "n.bed", "chr1,4,10\n"),
        where="n.bed, line 1",
        found="1 column(s): 'chr1,4,10'",
        expected="BED: contig, start, end",
        remedy="separate the columns by tabs",
    ),
    "a strand that is none": Mistake(
        *("bed", "p.bed", "chr1\t4\t10\tx\t0\tforward\n"),
        where="p.bed, line 1",
        found="the strand 'forward' in column 6",
        expected="+, - or . (not known)",
        remedy="correct the line, or remove the columns after the third",
    ),
    "a label column that is not there": Mistake(
        *("bed", "negatives", {"column": 7}),
        where="p.bed, line 1",
        found="6 columns",
        expected="a column 7 (config.yaml: datasets.own.negatives.column)",
        remedy="complete the line, or correct the number of the column",
    ),
    "a score without a threshold": Mistake(
        *("bed", "p.bed", "chr1\t4\t10\tx\t950\t+\n"),
        also={"negatives": {"column": 5}},
        where="p.bed, line 1, column 5",
        found="the label 950",
        expected="0 or 1",
        remedy="set negatives.label_threshold: labels of at least this value are 1, "
        "the others 0; or set target_type: quantitative to predict the numbers",
    ),
    "a centre outside its window": Mistake(
        *("bed", "upstream", 60),
        where="config.yaml: datasets.own.upstream",
        found="60 with length null",
        expected="a window of a fixed length that extends beyond its centre",
        remedy="set length above upstream, or remove upstream",
    ),
    "a genome of ragged lines": Mistake(
        *("bed", "genome.fa", ">chr1\nACGT\nAC\nACGTACGT\n>chr2\nGATT\n"),
        where="genome.fa",
        found="a genome that cannot be indexed (Line length of fasta file is not "
        "consistent! Inconsistent line found in >chr1 at line 3.)",
        expected="FASTA with unique names, and lines of one length",
        remedy="rewrite it, for example: seqkit seq -w 60 my.fa > wrapped.fa",
    ),
    "a genome with an empty record": Mistake(
        *("bed", "genome.fa", FILES["genome.fa"] + ">chr3\n>chr4\nACGT\n"),
        where="genome.fa, line 5",
        found="the record 'chr3' has no sequence",
        expected="at least one base below each header",
        remedy="complete or remove the record",
    ),
    "a genome with a byte-order mark": Mistake(
        *("bed", "genome.fa", b"\xef\xbb\xbf" + FILES["genome.fa"].encode()),
        where="genome.fa",
        found="a byte-order mark before '>'",
        expected="a genome in FASTA",
        remedy="save the file as UTF-8 without BOM",
    ),
    "the name of a shuffle in a table": Mistake(
        *("table", "labels.tsv", "id\tliver\tbrain\ns1\t1\t0\ns1_shuffled\t0\t1\n"),
        also={
            "own.fa": ">s1\nACGTACACGGTA\n>s1_shuffled\nGGGTTTCCCAAA\n",
            "negatives": {"shuffle": "dinucleotide"},
        },
        where="the positives",
        found="the name 's1_shuffled', which the shuffle of another record gets",
        expected="no record with the name of another and _shuffled",
        remedy="remove table.id: rows are then numbered",
    ),
    "the name of a shuffle in BED": Mistake(
        *("bed", "p.bed", "chr1\t0\t16\tx\nchr2\t2\t18\tx_shuffled\n"),
        also={
            "positives": {"path": "p.bed", "name": 4},
            "negatives": {"shuffle": "dinucleotide"},
        },
        where="the positives",
        found="the name 'x_shuffled', which the shuffle of another record gets",
        expected="no record with the name of another and _shuffled",
        remedy="remove 'name' of positives and negatives: windows are then named by "
        "their place",
    ),
    "a single number as sequences": Mistake(
        *("basset", "own.h5", {"train_in": 5}),
        where="own.h5: train_in",
        found="shape ()",
        expected="(n, 4, length)",
        remedy="reshape the array",
    ),
    "a single label": Mistake(
        *("basset", "own.h5", {"train_out": 1}),
        where="own.h5: train_out",
        found="shape ()",
        expected="(2, targets), one row for each sequence of train_in",
        remedy="correct the array",
    ),
    "a single number as names of targets": Mistake(
        *("basset", "own.h5", {"target_labels": 5, "train_out": np.eye(2)}),
        where="own.h5: target_labels",
        found="1 different names",
        expected="2, one for each column of train_out",
        remedy="correct target_labels",
    ),
    "a genome cut short": Mistake(
        *("bed", "genome.fa", gzip.compress(b">chr1\nACGT\n", mtime=0)[:-6]),
        where="genome.fa",
        found="not readable (Compressed file ended before the end-of-stream marker "
        "was reached)",
        expected="a genome in FASTA, plain or gzip",
        remedy="check the path, and that the file is complete",
    ),
    "no room for negatives": Mistake(
        *("bed", "p.bed", "chr1\t0\t20\n"),
        also={"negatives": {"match": "gc"}},
        where="config.yaml: datasets.own.negatives",
        found="no window of the genome matches any of 1 positives",
        expected="windows with the length and GC content of positives that overlap "
        "none",
        remedy="widen bin, raise max_unknown, or give a larger genome",
    ),
    # -- HDF5
    "HDF5 that is none": Mistake(
        *("basset", "own.h5", b"no HDF5"),
        where="own.h5",
        found="not readable (Unable to synchronously open file (file signature not "
        "found))",
        expected="Basset's HDF5",
        remedy="check the path, and that the file is complete",
    ),
    "arrays of another shape": Mistake(
        *("basset", "own.h5", {"train_in": np.zeros((2, 6, 5))}),
        where="own.h5: train_in",
        found="shape (2, 6, 5)",
        expected="(n, 4, 1, length), (n, 4, length) or (n, length, 4), one-hot in the "
        "order A, C, G, T",
        remedy="reshape the array",
    ),
    "labels for another number of sequences": Mistake(
        *("basset", "own.h5", {"train_out": np.zeros((3, 1))}),
        where="own.h5: train_out",
        found="shape (3, 1)",
        expected="(2, targets), one row for each sequence of train_in",
        remedy="correct the array",
    ),
    "a label of HDF5 that is not known": Mistake(
        *("basset", "own.h5", {"train_out": np.array([[1.0], [np.nan]])}),
        where="own.h5: train_out, row 1 (0-based)",
        found="the label nan",
        expected="0 or 1",
        remedy="remove the row, or make the labels 0 or 1: a network cannot learn from "
        "an unknown label; or set missing_labels: mask, which uses the labels that are "
        "known",
    ),
    "a target that HDF5 does not have": Mistake(
        *("basset", "targets", ["livre"]),
        where="config.yaml: datasets.own.targets",
        found="no target 'livre' in own.h5",
        expected="one of liver",
        remedy="did you mean 'liver'?",
    ),
    # -- other formats
    "GenBank for FASTA": Mistake(
        *("table", "own.fa", GENBANK),
        where="own.fa",
        found="a GenBank file",
        expected="FASTA",
        remedy="convert it once with Biopython, which the environment of proofread "
        "contains: "
        "python -c \"from Bio import SeqIO; SeqIO.convert('my.gb', 'genbank', 'my.fa', "
        "'fasta')\", and give my.fa",
    ),
    "a genome in GenBank": Mistake(
        *("bed", "genome.fa", gzip.compress(GENBANK.encode(), mtime=0)),
        where="genome.fa",
        found="a GenBank file",
        expected="a genome in FASTA",
        remedy="convert it once with Biopython, which the environment of proofread "
        "contains: "
        "python -c \"from Bio import SeqIO; SeqIO.convert('my.gb', 'genbank', 'my.fa', "
        "'fasta')\", and give my.fa",
    ),
    "reads": Mistake(
        *("table", "own.fa", "@s1\nACGT\n+\nIIII\n"),
        where="own.fa",
        found="a FASTQ file",
        expected="FASTA",
        remedy="convert it once with Biopython, which the environment of proofread "
        "contains: "
        "python -c \"from Bio import SeqIO; SeqIO.convert('my.fq', 'fastq', 'my.fa', "
        "'fasta')\", and give my.fa",
    ),
    "a source of another format": Mistake(
        *("bed", "source", "genbank"),
        where="config.yaml: datasets.own",
        found="source 'genbank'",
        expected="source: one of basset, bed, fasta, simulate, table",
        remedy="convert it once with Biopython, which the environment of proofread "
        "contains: "
        "python -c \"from Bio import SeqIO; SeqIO.convert('my.gb', 'genbank', 'my.fa', "
        "'fasta')\", and give my.fa to source: fasta",
    ),
    "a genome that is not there": Mistake(
        *("bed", "genome", {"path": "hg38.fa"}),
        where="config.yaml: datasets.own.genome.path",
        found="'hg38.fa' is not a file",
        expected="a file that exists",
        remedy="correct the path; it is relative to the working directory",
    ),
}


def write_hdf5(changes):
    import h5py

    bases = np.stack([encode("ACGTAC"), encode("GGGTTT")])
    arrays = {
        "train_in": one_hot(bases)[:, :, None],
        "train_out": np.array([[1], [0]]),
        "target_labels": [b"liver"],
    } | changes
    with h5py.File("own.h5", "w") as file:
        for name, value in arrays.items():
            file[name] = value


def write(name, content):
    if isinstance(content, dict):
        write_hdf5(content)
    else:
        raw = content if isinstance(content, bytes) else content.encode()
        Path(name).write_bytes(raw)


def read_own(of, changes):
    """Read the dataset of a kind, with some files and settings changed."""
    write_hdf5({})
    for name, content in FILES.items():
        write(name, content)
    settings = yaml.safe_load(SETTINGS[of])
    for key, value in changes.items():
        if Path(key).exists():
            write(key, value)
        else:
            settings[key] = value
    config = {
        "datasets": {"own": settings},
        "models": {"cnn": {"architecture": "eraslan2019"}},
    }
    checked = check_configuration(config, SCHEMAS, config_path="config.yaml")
    return read(checked["datasets"]["own"], "config.yaml: datasets.own")


@pytest.mark.parametrize("of", SETTINGS)
def test_without_a_mistake_all_is_read(of, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert len(read_own(of, {})) == (3 if of == "bed" else 2)


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_in_the_files_of_a_source(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    mistake = MISTAKES[name]
    changes = {mistake.key: mistake.value, **mistake.also}
    with pytest.raises(InputError) as caught:
        read_own(mistake.of, changes)
    error = caught.value
    assert (error.where, error.found) == (mistake.where, mistake.found)
    assert mistake.expected in error.expected
    assert error.remedy == mistake.remedy
