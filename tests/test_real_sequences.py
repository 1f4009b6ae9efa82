"""Every set of real sequences is read, with the counts and traps its README names."""

import gzip

import numpy as np
import pytest
from scipy.stats import ks_2samp

from proofread.configuration.schema import check, read_schema
from proofread.dna.encoding import UNKNOWN, decode
from proofread.errors import InputError
from proofread.files.fasta import read_fasta
from proofread.files.genome import open_genome
from read import read
from test_read import SCHEMA as FASTA
from test_sources import SCHEMAS

PLACE = r"^(?P<name>(?P<chromosome>\w+):(?P<position>\d+)-\d+)$"


def fasta(positives, negatives, header=None, **changes):
    """Read two FASTA files as the classes of a dataset."""
    chosen = {
        "source": "fasta",
        "target": "bound",
        "positives": {"path": str(positives), "header": header},
        "negatives": {"path": str(negatives), "header": header},
    }
    return read(check(chosen | changes, FASTA, "config.yaml"))


def other(source, **settings):
    schema = read_schema(SCHEMAS / f"datasets/{source}.schema.yaml")
    return read(check({"source": source, **settings}, schema, "config.yaml"))


def counts(data):
    positive = int(data.label.sum())
    return positive, len(data) - positive


def gc(index):
    """Share of G and C of each sequence, (n,)."""
    return np.isin(index, (1, 2)).sum(axis=1) / (index != UNKNOWN).sum(axis=1)


def test_promoters_as_derived(data_folder):
    folder = data_folder / "ecoli_promoters_81bp"
    data = fasta(folder / "positives.fa.gz", folder / "negatives.fa.gz")
    assert (counts(data), data.index.shape[1]) == ((2859, 2860), 81)
    # Without the duplicate they are the raw files, whose lower case is no mask.
    raw = fasta(
        folder / "positive2860.raw.txt",
        folder / "negative2860.raw.txt",
        r"(?P<name>\S*_\d+(?=_)|\d+_\d+$)",
    )
    assert (raw.index == data.index).all()


@pytest.mark.parametrize(
    ("sigma", "n"),
    [("24", 484), ("28", 134), ("32", 291), ("38", 163), ("54", 94), ("70", 1694)],
)
def test_promoters_of_each_sigma_factor(data_folder, sigma, n):
    """One upper-case letter in each record, at index 60: the start of transcription."""
    path = data_folder / "ecoli_promoters_81bp" / f"sigma{sigma}.raw.txt"
    records = read_fasta(path)
    assert len(records) == n
    assert {len(record.index) for record in records} == {81}
    assert all(record.soft_masked for record in records)


def test_promoters_whose_headers_repeat(data_folder):
    """256 records under five headers; without names: number that is an error."""
    folder = data_folder / "ecoli_promoters_81bp"
    data = fasta(
        folder / "independent.raw.txt",
        folder / "negatives.fa.gz",
        names="number",
    )
    assert counts(data) == (256, 2860)
    derived = read_fasta(folder / "independent_positives.fa.gz")
    assert [data.sequence(row) for row in range(256)] == [
        decode(record.index) for record in derived
    ]


def test_start_sites_as_intervals_are_the_promoters(data_folder):
    """tss.bed and the genome, strand by strand, give the FASTA: TSS at index 60."""
    folder = data_folder / "ecoli_promoters_81bp"
    genome = next((data_folder / "ecoli_mg1655_genome").glob("*.fna.gz"))
    data = other(
        "bed",
        target="promoter",
        genome={"path": str(genome)},
        positives={"path": str(folder / "tss.bed"), "name": 4},
        negatives={"match": "gc", "seed": 1},
        length=81,
        upstream=60,
        block=200_000,
    )
    positive, negative = counts(data)
    assert positive == 2859
    assert negative > 2800
    expected = {
        record.header: decode(record.index)
        for record in read_fasta(folder / "positives.fa.gz")
    }
    assert {data.name[row]: data.sequence(row) for row in range(2859)} == expected
    # 4,641,652 bp are 24 blocks of 200 kb.
    assert set(data.group) == {f"NC_000913.3:{block}" for block in range(24)}
    # Matched: the same GC, where the genome's is 0.508; no overlap, none twice.
    fractions = gc(data.index)
    assert ks_2samp(fractions[:2859], fractions[2859:]).pvalue > 0.9
    assert fractions[2859:].mean() == pytest.approx(0.413, abs=0.003)
    assert len(np.unique(data.index, axis=0)) == len(data)
    sites = [line.split("\t") for line in (folder / "tss.bed").read_text().splitlines()]
    taken = np.zeros(4_641_652, dtype=np.int64)
    for _, start, _, _, _, strand in sites:
        begin = int(start) - (60 if strand == "+" else 20)
        taken[begin : begin + 81] = 1
    for name in data.name[2859:]:
        start, end = map(int, name.split(":")[1].split("(")[0].split("-"))
        assert not taken[start:end].any()
        taken[start:end] = 2


def test_the_genome(data_folder):
    path = next((data_folder / "ecoli_mg1655_genome").glob("*.fna.gz"))
    with open_genome(path) as genome:
        assert genome.lengths == {"NC_000913.3": 4_641_652}
        assert decode(genome.fetch("NC_000913.3", 0, 10)) == "AGCTTTTCAT"
    (record,) = read_fasta(path)
    assert (record.index < UNKNOWN).all()
    assert np.isin(record.index, (1, 2)).mean() == pytest.approx(0.508, abs=0.0005)


def test_starts_of_coding_sequences(data_folder):
    """4,337 and 3,947 of 150 bp, 17 and 3 of them copies; a start codon at 100."""
    folder = data_folder / "ecoli_cds_start_150bp"
    files = folder / "positives.fa.gz", folder / "negatives.fa.gz"
    data = fasta(*files)
    assert (counts(data), data.index.shape[1]) == ((4337 - 17, 3947 - 3), 150)
    codons = [data.sequence(row)[100:103] for row in range(4320)]
    fraction = sum(codon in ("ATG", "GTG", "TTG") for codon in codons) / 4320
    assert fraction == pytest.approx(0.993, abs=0.001)
    assert counts(fasta(*files, identical="keep", names="number")) == (4337, 3947)


def test_peaks_of_unequal_length(data_folder):
    """59 to 247 bp (the README says 83 to 236), GC 0.59 and 0.58; padded."""
    folder = data_folder / "nfe2_lsgkm"
    for part, n, chromosomes in (("tr", 644, 22), ("test", 69, 1)):
        data = fasta(
            folder / f"nfe2_gm12878.{part}.fa",
            folder / f"nfe2_gm12878.neg.{part}.fa",
            PLACE,
        )
        assert counts(data) == (n, n)
        assert len(set(data.group)) == chromosomes
        assert (data.index < UNKNOWN).sum(axis=1).tolist() == data.length.tolist()
        if part == "tr":
            assert (data.length.min(), data.length.max()) == (59, 247)
            for rows, fraction in ((slice(n), 0.59), (slice(n, None), 0.58)):
                bases = data.index[rows][data.index[rows] < UNKNOWN]
                assert np.isin(bases, (1, 2)).mean() == pytest.approx(
                    fraction, abs=0.005
                )


def test_enhancers_in_a_table(data_folder):
    """Float labels, 1,484 of each, 200 bp, no duplicates; GC 0.491 and 0.375."""
    path = data_folder / "human_enhancers_200bp" / "bert_enhancer_dataset.csv"
    data = other(
        "table",
        table={"path": str(path)},
        sequences={"column": "sequence"},
        targets=["label"],
    )
    assert (counts(data), data.index.shape) == ((1484, 1484), (2968, 200))
    fractions, positive = gc(data.index), data.label[:, 0] == 1
    assert fractions[positive].mean() == pytest.approx(0.491, abs=0.0005)
    assert fractions[~positive].mean() == pytest.approx(0.375, abs=0.0005)


def test_a_segment_of_a_genome(data_folder):
    """One record of 326,620 bp, GC 0.517, as FASTA and as a genome."""
    path = data_folder / "deepg_ecoli_small" / "ecoli_small.fasta"
    (record,) = read_fasta(path)
    assert len(record.index) == 326_620
    assert np.isin(record.index, (1, 2)).mean() == pytest.approx(0.517, abs=0.0005)
    with open_genome(path) as genome:
        assert genome.lengths == {"U00096.3": 326_620}
        window = genome.fetch("U00096.3", 326_000, 326_620)
    assert window.tolist() == record.index[326_000:].tolist()


def test_sequences_with_ns(data_folder):
    """2,500 of each class under the names 0 to 2499 in both files; 383 N."""
    folder = data_folder / "dragonn_models"
    data = fasta(
        folder / "example_pos_sequences.fa.gz",
        folder / "example_neg_sequences.fa.gz",
        names="number",
        identical="keep",
    )
    assert counts(data) == (2500, 2500)
    inside = np.arange(data.index.shape[1]) < data.length[:, None]
    unknown = (data.index == UNKNOWN) & inside
    assert (unknown[:2500].sum(), unknown[2500:].sum()) == (0, 383)


def test_contigs_whose_headers_begin_with_a_space_and_one_with_a_z(data_folder):
    """Seven contigs; chr5 has a Z, which is no base: named as FASTA and as a genome."""
    path = data_folder / "tangermeme_fixtures" / "test.fa"
    with pytest.raises(InputError, match="line 22, record 'chr5': letter 'Z'"):
        read_fasta(path)
    contigs = [f"chr{number}" for number in range(1, 8)]
    with open_genome(path) as genome:
        assert list(genome.lengths) == contigs
        assert decode(genome.fetch("chr1", 0, 10)) == "CGACTACTAC"
        with pytest.raises(InputError, match=r"contig chr5, .* letter 'Z'"):
            genome.fetch("chr5", 0, genome.lengths["chr5"])
        rest = [name for name in contigs if name != "chr5"]
        indices = [genome.fetch(name, 0, genome.lengths[name]) for name in rest]
    assert [len(index) for index in indices] == [genome.lengths[name] for name in rest]


def test_peaks_in_gzip(data_folder):
    """28,677 soft-masked records; the dataset itself is in test_read.py."""
    path = data_folder / "pu1_chip" / "pu1.fa.gz"
    records = read_fasta(path)
    with gzip.open(path, "rt") as file:
        assert sum(line[0] == ">" for line in file) == len(records) == 28_677
    masked = sum(record.soft_masked for record in records) / len(records)
    assert masked == pytest.approx(0.41, abs=0.005)
