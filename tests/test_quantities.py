"""Quantitative targets: what is read, how it is divided, and what is refused."""

import logging
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
import yaml

from kmer_motifs import write_kmers
from proofread.configuration.check import check_configuration
from proofread.configuration.experiments import read_experiments
from proofread.configuration.quantities import check_quantities
from proofread.datasets.dataset import Dataset, read_dataset, write_dataset
from proofread.datasets.export import write_sequences
from proofread.datasets.quantities import quantile_strata
from proofread.datasets.sampling import balanced_rows
from proofread.datasets.similarity import find_similar
from proofread.datasets.splitting.leakage import leakage, log_leakage
from proofread.datasets.splitting.split import split
from proofread.dna.encoding import encode, one_hot
from proofread.errors import InputError
from proofread.report.data import sentence
from proofread.truth.position_scores import position_scores
from read import read

SCHEMAS = Path(__file__).resolve().parents[1] / "workflow" / "schemas"
PEAKS = (
    "chr1\t4\t10\tx\t500\t+\t2.5\t-1\t3.5\t2\n"
    "chr2\t6\t12\ty\t0\t-\t-0.25\t7.5\t-1\t-1\n"
    "chr2\t12\t18\tz\t900\t+\t1e3\t8\t4\t0\n"
)
FILES = {
    "own.tsv": "name\tsequence\tleaf\troot\n"
    "a\tACGTAC\t0.5\t\n"
    "b\tGGGTTT\t-1.25\t3\n"
    "c\tTTTACG\tNA\t1e2\n",
    "genome.fa": ">chr1\nACGTACGTAAGGGTTTACGT\n>chr2\nGATTACATTTCAGCATGCAA\n",
    "own.narrowPeak": PEAKS,
}
SETTINGS = {
    "table": """
source: table
target_type: quantitative
table: {path: own.tsv, id: name}
sequences: {column: sequence}
targets: [leaf, root]
split: {by: stratified}
""",
    "bed": """
source: bed
target_type: quantitative
target: activity
genome: {path: genome.fa}
intervals: {path: own.narrowPeak, column: signalValue}
""",
    "basset": """
source: basset
target_type: quantitative
data: {path: own.h5}
""",
    "binary": """
source: table
table: {path: own.tsv, id: name}
sequences: {column: sequence}
targets: [leaf]
""",
    "peaks": """
source: bed
target: bound
genome: {path: genome.fa}
positives: {path: own.narrowPeak}
negatives: {column: score, label_threshold: 500}
""",
    "bare": """
source: fasta
target: activity
target_type: quantitative
sequences: {path: genome.fa}
split: all
""",
}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """The working directory, with the files."""
    monkeypatch.chdir(tmp_path)
    for name, text in FILES.items():
        Path(name).write_text(text)
    write_hdf5([[1.5, np.nan], [0.0, -2.0], [np.nan, 4.0]])


def write_hdf5(values):
    bases = np.stack([encode("ACGTAC"), encode("GGGTTT"), encode("CCCAAA")])
    with h5py.File("own.h5", "w") as file:
        file["train_in"] = one_hot(bases)[:, :, None]
        file["train_out"] = np.array(values)
        file["target_labels"] = [b"leaf", b"root"]


def configuration(of, changes):
    settings = yaml.safe_load(SETTINGS[of])
    for key, value in changes.items():
        if Path(key).exists():
            Path(key).write_text(value)
        else:
            settings[key] = value
    config = {
        "datasets": {"own": settings},
        "models": {"cnn": {"architecture": "eraslan2019"}},
    }
    return check_configuration(config, SCHEMAS, config_path="config.yaml")


def dataset(of, **changes):
    """Read the dataset of a kind; some keys, or contents of files, are changed."""
    checked = configuration(of, changes.pop("files", {}) | changes)
    return read(checked["datasets"]["own"], "config.yaml: datasets.own")


def rows(values):
    """Labels as lists, None for a missing one."""
    return [[None if np.isnan(x) else float(x) for x in row] for row in values]


# -- reading --------------------------------------------------------------------------


def test_a_table_of_numbers_with_missing_ones():
    data = dataset("table", transform="standardize")
    assert rows(data.label) == [[0.5, None], [-1.25, 3], [None, 100]]
    assert data.quantitative
    assert data.settings["target_type"] == "quantitative"
    assert data.settings["transform"] == "standardize"


@pytest.mark.parametrize("text", ["", "NA", "na", "NaN", "nan"])
def test_a_sequence_without_any_value_is_left_out_and_counted(text, caplog):
    files = {"own.tsv": FILES["own.tsv"] + f"d\tCCCTTT\t{text}\t{text}\n"}
    with caplog.at_level(logging.INFO, logger="proofread"):
        data = dataset("table", files=files)
    assert data.name == ["a", "b", "c"]
    assert data.settings["without_value"] == 1
    assert "1 of 4 sequences have no value of any target" in caplog.text
    # leaf: 0.5 and -1.25, mean -0.375, standard deviation half of 1.75.
    assert "leaf: 2 values, mean -0.375, standard deviation 0.875" in caplog.text
    assert "-1.25 to 0.5; 1 are missing" in caplog.text


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("score", [500, 0, 900]),
        ("signalValue", [2.5, -0.25, 1000]),
        (9, [3.5, -1, 4]),
        ("pValue", [7.5, 8]),  # -1 is a missing value, in pValue and qValue by name
        ("qValue", [3.5, 4]),
    ],
)
def test_the_column_of_a_bed_file_is_the_value(column, values):
    data = dataset("bed", intervals={"path": "own.narrowPeak", "column": column})
    assert data.label[:, 0].tolist() == values
    assert data.target == ["activity"]
    if len(values) == 3:
        # chr1 4-10; chr2 6-12 reversed: ATTTCA; chr2 12-18.
        assert [data.sequence(row) for row in range(3)] == [
            "ACGTAA",
            "TGAAAT",
            "GCATGC",
        ]


def test_some_intervals_are_drawn_at_random():
    chosen = {"path": "own.narrowPeak", "column": "score", "max_sequences": 2}
    both = dataset("bed", intervals=chosen)
    assert len(both) == 2
    # They keep their own values.
    whole = dataset("bed", intervals=chosen | {"max_sequences": None})
    value = dict(zip(whole.name, whole.label[:, 0], strict=True))
    assert [value[name] for name in both.name] == both.label[:, 0].tolist()


def test_basset_s_labels_may_be_numbers():
    data = dataset("basset")
    assert rows(data.label) == [[1.5, None], [0, -2], [None, 4]]
    assert data.target == ["leaf", "root"]
    assert data.group == ["train"] * 3


def test_sequences_without_values_are_quantitative_too():
    data = dataset("bare")
    assert data.quantitative and not data.labelled
    assert data.stratum == ["unlabelled"] * 2
    table = dataset("table", missing_labels="all", split="all")
    assert table.quantitative and not table.labelled
    assert split(table, {"by": "all"})["test"].tolist() == [0, 1, 2]


def test_a_binary_dataset_has_no_setting_of_numbers():
    files = {"own.tsv": "name\tsequence\tleaf\na\tACGTAC\t1\nb\tGGGTTT\t0\n"}
    for data in (dataset("binary", files=files), dataset("peaks")):
        assert not data.quantitative
        assert not {"target_type", "transform", "intervals", "without_value"} & set(
            data.settings
        )
    assert data.label[:, 0].tolist() == [1, 0, 1]


def test_values_are_stored_and_exported_in_the_user_s_units():
    data = dataset("table")
    write_dataset("d.h5", data)
    again = read_dataset("d.h5")
    np.testing.assert_array_equal(again.label, data.label)
    assert again.quantitative and again.stratum == data.stratum
    write_sequences("s.tsv", again)
    lines = Path("s.tsv").read_text().splitlines()
    assert lines[0].split("\t")[:4] == ["name", "sequence", "label_leaf", "label_root"]
    assert lines[1].split("\t")[:4] == ["a", "ACGTAC", "0.5", ""]
    assert lines[3].split("\t")[:4] == ["c", "TTTACG", "", "100"]


# -- strata and splits ----------------------------------------------------------------


def quantiles(*columns):
    label = np.array(columns, dtype=np.float32).T
    return [name.removeprefix("quantile_") for name in quantile_strata(label)]


def test_strata_are_fifths_of_the_values():
    assert quantiles([10, 9, 8, 7, 6, 5, 4, 3, 2, 1]) == list("5544332211")
    # Equal values share a stratum: six zeros have rank 3.5 of 10, (3.5 - 0.5) / 10 =
    # 0.3; the others 0.65, 0.75, 0.85 and 0.95.
    assert quantiles([0] * 6 + [1, 2, 3, 4]) == list("2222224455")


def test_strata_of_several_targets_are_of_the_mean_rank():
    nan = np.nan
    # Ranks as fractions: 1/8, 3/8, 5/8, 7/8, none and none, 1/8, 5/8, 3/8, 7/8; their
    # means 0.125, 0.25, 0.625, 0.625, 0.875 have the ranks 1, 2, 3.5, 3.5, 5, which are
    # 0.1, 0.3, 0.6, 0.6 and 0.9 of five.
    assert quantiles([1, 2, 3, 4, nan], [nan, 10, 30, 20, 40]) == list("12445")
    assert quantile_strata(np.array([[nan], [1], [2]], dtype=np.float32))[0] == (
        "unlabelled"
    )


def numbers(n, targets=1, missing=0, seed=1, group=None):
    """Random sequences with random values, the first `missing` of target 2 unknown."""
    rng = np.random.default_rng(seed)
    label = rng.normal(size=(n, targets)).astype(np.float32)
    label[:missing, -1] = np.nan
    return Dataset(
        index=rng.integers(0, 4, (n, 50)).astype(np.uint8),
        length=np.full(n, 50),
        name=[f"s{row}" for row in range(n)],
        label=label,
        target=["leaf", "root"][:targets],
        group=group or [f"s{row}" for row in range(n)],
        stratum=quantile_strata(label),
        settings={"target_type": "quantitative", "transform": "none"},
    )


SPLIT = {
    "by": "stratified",
    "validation": 0.15,
    "test": 0.15,
    "seed": 1,
    "similarity": 0.9,
    "coverage": 0.8,
}


def test_each_fifth_is_divided_in_proportion():
    data = numbers(200)
    parts = split(data, SPLIT)
    # Of 40 in each fifth 0.7, 0.15 and 0.15.
    for name, size in (("train", 28), ("validation", 6), ("test", 6)):
        counts = Counter(np.array(data.stratum)[parts[name]])
        assert counts == {f"quantile_{number}": size for number in range(1, 6)}


def test_groups_are_never_divided():
    group = [f"g{row // 10}" for row in range(300)]
    data = numbers(300, group=group)
    parts = split(data, SPLIT | {"by": "group"})
    of_group = [{group[row] for row in rows} for rows in parts.values()]
    assert not of_group[0] & of_group[1] and not of_group[0] & of_group[2]
    assert sum(map(len, parts.values())) == 300


def refused(data, **changes):
    with pytest.raises(InputError) as caught:
        split(data, SPLIT | changes, "config.yaml: datasets.own")
    assert caught.value.where == "config.yaml: datasets.own.split"
    assert "at least 10 values of each target in each split" in caught.value.expected
    return caught.value


def test_a_split_needs_ten_values_of_each_target():
    # Each fifth of 11 is cut at 7.7 and 9.35, so after 8 and 9: 1 for validation.
    error = refused(numbers(55))
    assert error.found == (
        "the validation split of 5 sequences would hold 5 values of 'leaf'"
    )
    assert error.remedy == ("give more sequences, or a larger fraction for validation")
    # 20 values of root: too few for 0.7, 0.15 and 0.15 of them.
    assert "values of 'root'" in refused(numbers(200, 2, missing=180)).found
    few = numbers(9)
    assert "test split of 9 sequences would hold 9" in refused(few, by="all").found


def test_a_split_needs_values_that_differ():
    data = numbers(60, group=["train"] * 30 + ["val"] * 15 + ["test"] * 15)
    split(data, SPLIT | {"by": "given"})
    data.label[45:] = 0.5
    error = refused(data, by="given")
    assert error.found == (
        "the test split of 15 sequences would hold 15 equal values of 'leaf', 0.5"
    )
    assert error.remedy == "name test as the part of more sequences"


def test_leaks_of_quantities_are_between_splits_not_classes(caplog):
    data = numbers(100)
    data.index[1] = data.index[0]
    similar = find_similar(data.index, data.length, identity=0.9, coverage=0.8)
    parts = split(data, SPLIT, similar=similar)
    assert sum({0, 1} <= set(rows) for rows in parts.values()) == 1
    table = leakage(data, SPLIT, similar, parts).set_index("kind")
    assert table.loc["exact", "pairs"] == 1 and table.loc["any", "cut"] == 0
    assert table["between_classes"].isna().all()
    with caplog.at_level(logging.INFO, logger="proofread"):
        log_leakage(table.reset_index(), SPLIT)
    assert "different labels" not in caplog.text


def test_too_many_similar_sequences_are_refused():
    data = numbers(100)
    data.index[:95] = data.index[0]
    similar = find_similar(data.index, data.length, identity=0.9, coverage=0.8)
    with pytest.raises(InputError, match="similar sequences kept together leave"):
        split(data, SPLIT, similar=similar)


# -- truth, sampling ------------------------------------------------------------------


def test_known_sites_of_sequences_with_numbers():
    Path("known.bed").write_text("b\t0\t3\tbox\t0\t+\nc\t2\t5\tbox\t0\t-\n")
    data = dataset("table", truth={"sites": "known.bed"})
    assert data.known
    assert data.truth[["sequence", "start", "instance"]].to_numpy().tolist() == [
        [1, 0, "GGG"],
        [2, 2, "GTA"],  # TAC, read backwards
    ]


def test_positions_are_scored_in_all_sequences_with_a_site():
    # b has a value below 0.5, where a binary dataset has its negatives, and c has none.
    Path("known.bed").write_text("b\t0\t3\tbox\t0\t+\nc\t2\t5\tbox\t0\t-\n")
    data = dataset("table", truth={"sites": "known.bed"})
    answers = {"signed": np.zeros((3, 6))}
    answers["signed"][1, :3] = answers["signed"][2, 2:5] = 1
    scores = position_scores(answers, data, "leaf", resamples=10, seed=1)
    (auroc,) = [score for score in scores if score.metric == "position_auroc"]
    assert (auroc.value, auroc.n) == (1, 2)


def test_motifs_are_matched_in_all_sequences():
    # Values below 0.5 as well as above, where a binary dataset has its positives.
    sequences = ["TTGACAAA", "CCTTGACA", "ACGTACGT"]
    lines = [
        f"{text}\t{value}" for text, value in zip(sequences, (9, -9, 0), strict=True)
    ]
    Path("own.tsv").write_text("sequence\tleaf\n" + "\n".join(lines) + "\n")
    write_kmers(Path("m.txt"), {"box": "TTGACA"})
    data = dataset(
        "table",
        targets=["leaf"],
        table={"path": "own.tsv"},
        truth={"motifs_file": "m.txt", "p_threshold": 0.001},
    )
    assert data.truth["sequence"].tolist() == [0, 1]


def test_without_classes_rows_are_drawn_at_random_from_all():
    data = numbers(100)
    few, more = (set(balanced_rows(data, n, seed=3).tolist()) for n in (10, 40))
    assert few < more and len(few) == 10 and len(more) == 40
    assert balanced_rows(data, 100, seed=3).tolist() == list(range(100))
    with pytest.raises(ValueError, match="quantitative"):
        balanced_rows(data, 10, seed=3, classes="positive")


# -- what is refused, and what is asked -----------------------------------------------


@dataclass
class Mistake:
    """What is wrong, and the message's parts."""

    of: str
    changes: dict
    where: str
    found: str
    expected: str
    remedy: str
    files: dict = field(default_factory=dict)


def leaf(*values):
    lines = [
        f"s{number}\t{'ACGT'[number] * 6}\t{value}\t{number}"
        for number, value in enumerate(values)
    ]
    return {"own.tsv": "name\tsequence\tleaf\troot\n" + "\n".join(lines) + "\n"}


OWN = "config.yaml: datasets.own"
MISTAKES = {
    "text among numbers": Mistake(
        *("table", {}, "own.tsv, line 3, column 'leaf'", "the value 'high'"),
        "a number (target_type: quantitative)",
        "leave the cell empty, or write NA",
        leaf(1, "high", 2),
    ),
    "a decimal comma": Mistake(
        *("table", {}, "own.tsv, line 2, column 'leaf'", "the value '1,5'"),
        "a number",
        "write a number with a point",
        leaf("1,5", 2),
    ),
    "an infinite value": Mistake(
        *("table", {}, "own.tsv, line 3, column 'leaf'", "the value -inf"),
        "a finite number",
        "such as the logarithm of 0",
        leaf(1, "-inf", 2),
    ),
    "a value too large for 32 bits": Mistake(
        *("table", {}, "own.tsv, line 2, column 'leaf'", "the value 1e+39"),
        "at most 3.4e+38",
        "correct the value",
        leaf("1e39", 2),
    ),
    "one value everywhere": Mistake(
        *("table", {}, OWN, "'leaf' is 2.5 in every sequence that has a value (2)"),
        "values that differ",
        "remove 'leaf' from the targets",
        leaf(2.5, 2.5, "NA"),
    ),
    "no value of a target": Mistake(
        *("table", {}, OWN, "no value of 'leaf': all 2 are missing"),
        "values of each target",
        "remove 'leaf' from the targets",
        leaf("", "NA"),
    ),
    "no value at all": Mistake(
        *("table", {"targets": ["leaf"]}, OWN),
        "no value of any target: all are missing in 2 sequences",
        "a number for some of the sequences",
        "check the column",
        leaf("", "NA"),
    ),
    "a sequence with two values": Mistake(
        *("table", {}, "own.tsv, line 3"),
        "the same 6 bp as own.tsv, line 2, with other values of leaf, root: 1, 0 and "
        "missing, 0",
        "one value of each target for each sequence",
        "the mean of replicates",
        {"own.tsv": "name\tsequence\tleaf\troot\na\tACGTAC\t1\t0\nb\tACGTAC\t\t0\n"},
    ),
    "the logarithm of a negative number": Mistake(
        *("table", {"transform": "log1p"}, f"{OWN}.transform"),
        "log1p, and a value of 'leaf' is -1.25",
        "values above -1",
        "set transform: standardize or none",
    ),
    "a threshold of numbers": Mistake(
        *("table", {"label_threshold": 0.5}, f"{OWN}.label_threshold"),
        "label_threshold with target_type: quantitative",
        "label_threshold makes classes of numbers",
        "remove label_threshold, or set target_type: binary",
    ),
    "another word for it": Mistake(
        *("table", {"threshold": 0.5}, OWN, "unknown key 'threshold'"),
        "label_threshold",
        "did you mean 'label_threshold'?",
    ),
    "negatives of numbers": Mistake(
        *("table", {"negatives": {"shuffle": "dinucleotide"}}, f"{OWN}.negatives"),
        "negatives with target_type: quantitative",
        "negatives are a class",
        "remove negatives",
    ),
    "positives of numbers": Mistake(
        *("bed", {"positives": {"path": "own.narrowPeak"}}, f"{OWN}.positives"),
        "positives with target_type: quantitative",
        "positives are a class",
        "the numbers are in intervals: {path: ..., column: ...}",
    ),
    "negatives of intervals": Mistake(
        *("bed", {"negatives": {"match": "gc"}}, f"{OWN}.negatives"),
        "negatives with target_type: quantitative",
        "negatives are a class",
        "remove negatives",
    ),
    "no intervals": Mistake(
        *("bed", {"intervals": None}, OWN, "no 'intervals'"),
        "the BED file, and the column",
        "add a line 'intervals",
    ),
    "intervals of classes": Mistake(
        *("bed", {"target_type": "binary"}, f"{OWN}.intervals"),
        "intervals with a number each, and the targets are binary",
        "target_type: quantitative",
        "set target_type: quantitative",
    ),
    "text in a column of BED": Mistake(
        *("bed", {"intervals": {"path": "own.narrowPeak", "column": 4}}),
        "own.narrowPeak, line 1, column 4",
        "the value 'x'",
        "a number",
        "write a number",
    ),
    "no positives": Mistake(
        *("peaks", {"positives": None}, OWN, "no 'positives'"),
        "The positive class",
        "add a line 'positives: ...' there",
    ),
    "a transform of classes": Mistake(
        *("binary", {"transform": "log1p"}, f"{OWN}.transform"),
        "log1p, and the targets are binary",
        "a transform of numbers",
        "set target_type: quantitative, or remove transform",
    ),
    "numbers in FASTA": Mistake(
        *("bare", {"sequences": None, "negatives": {"shuffle": "dinucleotide"}}),
        f"{OWN}.negatives",
        "negatives with target_type: quantitative",
        "negatives are a class",
        "use source: table",
    ),
    "FASTA without numbers": Mistake(
        *("bare", {"sequences": None}, f"{OWN}.target_type"),
        "quantitative, and FASTA has no numbers",
        "a table of numbers",
        "set source: table",
    ),
    "fractions without a threshold": Mistake(
        *("binary", {}, "own.tsv, line 2, column 'leaf'", "the label 0.25"),
        "0 or 1",
        "or set target_type: quantitative to predict the numbers",
        leaf(0.25, 0.75),
    ),
    "counts without a threshold": Mistake(
        *("binary", {}, "own.tsv, line 2, column 'leaf'", "the label 7"),
        "0 or 1",
        "or set target_type: quantitative to predict the numbers",
        leaf(7, 0),
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes(name):
    mistake = MISTAKES[name]
    with pytest.raises(InputError) as caught:
        dataset(mistake.of, files=mistake.files, **mistake.changes)
    error = caught.value
    assert (error.where, error.found) == (mistake.where, mistake.found)
    assert mistake.expected in error.expected
    assert mistake.remedy in error.remedy


@pytest.mark.parametrize(
    ("values", "target_type", "found", "remedy"),
    [
        ([[1.5], [np.inf], [0]], "quantitative", "the value inf", "NA or NaN"),
        ([[1.5], [0], [1]], "binary", "the label 1.5", "set target_type: quantitative"),
    ],
)
def test_mistakes_in_hdf5(values, target_type, found, remedy):
    write_hdf5(np.c_[values, [0, 1, 0]])
    with pytest.raises(InputError) as caught:
        dataset("basset", target_type=target_type)
    assert caught.value.found == found
    assert caught.value.where.startswith("own.h5: train_out, row ")
    assert remedy in caught.value.remedy


@pytest.mark.parametrize(
    ("of", "changes", "files", "asked"),
    [
        (
            "table",
            {},
            leaf(0, 1, 1),
            "all values of 'leaf' are 0 or 1. Are they classes",
        ),
        (
            "binary",
            {"label_threshold": 0.5},
            leaf(0.25, 1, 0),
            "all values of 'leaf' are from 0 to 1, and label_threshold: 0.5 makes",
        ),
        (
            "peaks",
            {"negatives": {"column": 5, "label_threshold": 0.5}},
            {"own.narrowPeak": PEAKS.replace("\t500\t", "\t0.5\t").replace("900", "1")},
            "all values of 'bound' are from 0 to 1, and label_threshold: 0.5 makes",
        ),
        ("binary", {"label_threshold": 0.5}, leaf(0.25, 1.5, 0), ""),
        ("binary", {"label_threshold": 0.5}, leaf(0, 1, 0), ""),
        ("table", {}, leaf(0, 1, 2), ""),
    ],
)
def test_a_likely_mistake_is_asked_about(of, changes, files, asked, caplog):
    with caplog.at_level(logging.WARNING, logger="proofread"):
        dataset(of, files=files, **changes)
    assert asked in caplog.text
    assert bool(caplog.text) == bool(asked)


def experiments(config):
    Path("rows.tsv").write_text("dataset\tmodel\tseed\nown\tcnn\t1\n")
    with pytest.raises(InputError) as caught:
        read_experiments("rows.tsv", config)
    assert caught.value.where == "rows.tsv, row 2"
    return caught.value


def test_a_transform_of_simulated_classes_has_a_remedy_that_is_taken():
    settings = {"source": "simulate", "transform": "log1p"}
    with pytest.raises(InputError) as caught:
        check_quantities(settings, "datasets.x")
    assert caught.value.remedy == "write rule: effects, or remove transform"


def test_the_page_says_how_many_values_there_are():
    data = dataset("table")
    settings = configuration("table", {})["datasets"]["own"]
    # leaf 0.5 and -1.25; root 3 and 100.
    assert sentence(data, settings) == (
        "3 sequences of 6 bp. Values: 2 leaf (mean −0.38, SD 0.88) and 2 root (mean "
        "51.50, SD 48.50). The sequences are from own.tsv."
    )


# -- real sequences -------------------------------------------------------------------


def test_plant_promoters_with_two_measurements(data_folder):
    path = data_folder / "plant_promoters_mpra" / "promoters.tsv.gz"
    data = dataset(
        "table",
        table={"path": str(path), "id": "name", "group": "gene"},
        targets=["tobacco_leaf", "maize_protoplast"],
    )
    known = ~np.isnan(data.label)
    # As stated by its README.
    assert len(data) == 14026
    assert known.sum(axis=0).tolist() == [7154, 7595]
    assert known.all(axis=1).sum() == 723
    table = pd.read_csv(path, sep="\t", index_col="name")
    for column, target in enumerate(data.target):
        np.testing.assert_array_equal(
            data.label[:, column], table.loc[data.name, target].astype(np.float32)
        )
    parts = split(data, SPLIT)
    for name, fraction in (("train", 0.7), ("validation", 0.15), ("test", 0.15)):
        counts = Counter(np.array(data.stratum)[parts[name]])
        # 2,805 or 2,806 in each fifth.
        assert all(abs(n - fraction * 2805) < 1.5 for n in counts.values())
