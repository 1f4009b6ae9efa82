"""The preview: every table by hand on four planted sequences; figures; a user's own."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import preview
from proofread.datasets.dataset import Dataset, write_dataset, write_splits
from proofread.datasets.preview import figure
from proofread.datasets.preview.composition import (
    by_class_and_split,
    composition,
    distributions,
)
from proofread.datasets.preview.motifs import (
    gap_table,
    instance_matrices,
    matrix_table,
    motif_table,
    position_table,
)
from proofread.datasets.splitting.leakage import LEAKAGE_COLUMNS
from proofread.dna.encoding import encode
from proofread.progress import log
from proofread.report import data
from proofread.report.results import Results
from proofread.tables import read_table, write_table

ONE = np.array([[0.7, 0.1, 0.1, 0.1], [0.1, 0.7, 0.1, 0.1]])
TWO = np.array([[0.4, 0.2, 0.2, 0.2]] * 3)


def planted():
    """AC planted in three sequences, GGT after it in one; GC 0.5, 0.25, 0, 1 and N."""
    sequences = ["ACGGTTTTCC", "TTACTTTTGN", "ATATATATAT", "ACGCGCGCGC"]
    truth = [
        (0, "one", 0, 2, "+", "causal", "AC"),
        (0, "two", 2, 5, "+", "decoy", "GGT"),
        (1, "one", 2, 4, "+", "causal", "AC"),
        (3, "one", 0, 2, "-", "causal", "GT"),
    ]
    columns = ["sequence", "motif", "start", "end", "strand", "role", "instance"]
    return Dataset(
        index=np.stack([encode(sequence) for sequence in sequences]),
        length=np.array([10, 9 + 1, 8, 10]),
        name=list("abcd"),
        label=np.array([[1], [1], [0], [0]], dtype=np.float32),
        target=["bound"],
        group=list("abcd"),
        stratum=["positive", "positive", "negative", "negative"],
        truth=pd.DataFrame(truth, columns=columns),
        motifs={"one": ONE, "two": TWO},
    )


def trimmed():
    """The same; the third sequence is 8 bp, and its padding is no base."""
    dataset = planted()
    dataset.index[2, 8:] = 4
    return dataset


ROWS = {
    "train": np.array([0, 2]),
    "validation": np.array([1]),
    "test": np.array([3]),
}


def test_gc_content_is_of_known_bases_and_padding_is_none():
    gc, unknown = composition(trimmed())
    assert gc.tolist() == [5 / 10, 2 / 9, 0, 9 / 10]
    assert unknown.tolist() == [0, 1, 0, 0]


def test_classes_and_splits_are_counted():
    table = by_class_and_split(trimmed(), ROWS).set_index(["stratum", "split"])
    assert table["sequences"].to_dict() == {
        ("negative", "all"): 2,
        ("negative", "train"): 1,
        ("negative", "validation"): 0,
        ("negative", "test"): 1,
        ("positive", "all"): 2,
        ("positive", "train"): 1,
        ("positive", "validation"): 1,
        ("positive", "test"): 0,
    }
    # ACGGTTTTCC: 5 of 10. TTACTTTTGN: 2 of the 9 known.
    positive = table.loc[("positive", "all")]
    assert positive["gc_mean"] == pytest.approx((5 / 10 + 2 / 9) / 2)
    assert positive["gc_sd"] == pytest.approx((5 / 10 - 2 / 9) / 2)
    assert positive["unknown_bases"] == positive["sequences_with_unknown"] == 1
    negative = table.loc[("negative", "all")]
    # ATATATAT and its padding: 0 of 8, nothing unknown; ACGCGCGCGC: 9 of 10.
    assert negative["gc_mean"] == pytest.approx(0.45)
    assert negative["unknown_bases"] == 0
    assert [negative[key] for key in ("shortest", "median_length", "longest")] == [
        8,
        9,
        10,
    ]


def test_missing_labels_are_counted_by_target_class_and_split():
    # a: labels 1, -; b: 1, 0; c: -, 0; d: 0, -. Strata as `strata` has them, named.
    dataset = trimmed()
    nan = np.nan
    dataset.label = np.array([[1, nan], [1, 0], [nan, 0], [0, nan]], dtype=np.float32)
    dataset.target = ["liver", "brain"]
    table = by_class_and_split(dataset, ROWS).set_index(["stratum", "split"])
    columns = ["missing_liver", "missing_brain"]
    assert {key: tuple(row) for key, row in table[columns].iterrows()} == {
        ("negative", "all"): (1, 1),  # c; d
        ("negative", "train"): (1, 0),  # c
        ("negative", "validation"): (0, 0),
        ("negative", "test"): (0, 1),  # d
        ("positive", "all"): (0, 1),  # a
        ("positive", "train"): (0, 1),  # a
        ("positive", "validation"): (0, 0),
        ("positive", "test"): (0, 0),
    }
    others = by_class_and_split(trimmed(), ROWS)
    assert list(others) == [name for name in table.reset_index() if name not in columns]


def test_sequences_that_were_left_out_are_counted_in_the_rows_of_all():
    dataset = trimmed()
    dataset.settings = {"without_label": 3}
    table = by_class_and_split(dataset, ROWS)
    whole = by_class_and_split(trimmed(), ROWS)
    assert list(table) == [*whole, "left_out"]
    pd.testing.assert_frame_equal(table[list(whole)], whole)
    # Rows all, train, validation and test of negatives, then of positives.
    assert table["left_out"].fillna(0).tolist() == [3, 0, 0, 0] * 2
    assert table["left_out"].isna().tolist() == [False, True, True, True] * 2


def test_sequences_without_labels_have_no_column_of_missing_ones():
    dataset = trimmed()
    dataset.label = np.full((4, 1), np.nan, dtype=np.float32)
    assert list(by_class_and_split(dataset, ROWS)) == list(
        by_class_and_split(trimmed(), ROWS)
    )


def test_distributions_hold_every_sequence_once():
    table = distributions(trimmed())
    for measure in ("gc", "length"):
        own = table[table["measure"] == measure]
        assert own.groupby("stratum")["fraction"].sum().tolist() == pytest.approx(
            [1, 1]
        )
    gc = table[(table["measure"] == "gc") & (table["sequences"] > 0)]
    of = dict(
        zip(gc["stratum"] + gc["low"].round(3).astype(str), gc["high"], strict=True)
    )
    # 0, 0.9; 0.5 and 0.222 in bins of 0.025, each half-open.
    assert sorted(of) == ["negative0.0", "negative0.9", "positive0.2", "positive0.5"]
    length = table[(table["measure"] == "length") & (table["sequences"] > 0)]
    assert length[["stratum", "low", "sequences"]].to_numpy().tolist() == [
        ["negative", 8, 1],
        ["negative", 10, 1],
        ["positive", 10, 2],
    ]


def test_instances_are_counted_on_the_motif_s_own_strand():
    instances = instance_matrices(planted())
    # AC, AC and, as drawn, GT.
    third = pytest.approx(1 / 3)
    assert instances["one"][0].tolist() == [pytest.approx(2 / 3), 0, third, 0]
    assert instances["one"][1].tolist() == [0, pytest.approx(2 / 3), 0, third]
    table = matrix_table(planted(), instances)
    assert len(table) == 2 * 2 + 2 * 3
    row = table[(table["motif"] == "one") & (table["source"] == "matrix")].iloc[1]
    assert row[["position", *"ACGT"]].tolist() == [1, 0.1, 0.7, 0.1, 0.1]


def test_chance_matches_are_looked_for_outside_what_was_planted():
    instances = instance_matrices(planted())
    table = motif_table(trimmed(), instances, p=0.2).set_index("motif")
    one = table.loc["one"]
    assert one[["role", "width", "instances"]].tolist() == ["causal", 2, 3]
    # Bits of 0.7, 0.1, 0.1, 0.1: 2 + 0.7 log2 0.7 + 0.3 log2 0.1 = 0.6432, twice.
    assert one["bits"] == pytest.approx(1.2864, abs=1e-4)
    # C is 0.7 in the matrix and 2/3 here, G 0.1 and 1/3: the largest difference.
    assert one["max_difference"] == pytest.approx(1 / 3 - 0.1)
    # Free stretches: TTTCC, TT, TTTTG, ATATATAT, GCGCGCGC: 4 + 1 + 4 + 7 + 7 places on
    # each strand.
    assert one["chance_positions"] == 46
    # Free bases: A 4, C 2 + 4, G 1 + 4, T 3 + 2 + 4 + 4; and one more of each.
    q = np.array([5, 7, 6, 14]) / 32
    # The chance of all k-mers that score as much, of the sixteen.
    scores = np.rint(100 * np.log2(ONE / q))
    kmers = np.array(
        [[scores[0, i] + scores[1, j] for j in range(4)] for i in range(4)]
    )
    chance = np.outer(q, q)
    p = chance[kmers >= round(100 * one["chance_threshold_bits"])].sum()
    assert p < 0.2
    assert one["chance_expected"] == pytest.approx(46 * p)
    assert table.loc["two", "role"] == "decoy"


def test_a_matrix_too_short_to_be_rare_has_no_chance_matches():
    table = motif_table(planted(), instance_matrices(planted()))
    assert table["chance_expected"].isna().all()
    assert table["chance_found"].isna().all()


def test_starts_and_gaps():
    positions = position_table(planted())
    assert positions.to_numpy().tolist() == [
        ["one", "negative", "-", 0, 1, 1],
        ["one", "positive", "+", 0, 1, 1],
        ["one", "positive", "+", 2, 3, 1],
        ["two", "positive", "+", 2, 3, 1],
    ]
    gaps = gap_table(planted())
    # one ends at 2 where two begins.
    assert gaps.to_numpy().tolist() == [["one", "two", "positive", 0, 1]]


LEAKS = [
    ["exact", 1, 2, None, None, 0, 0, 0, 0, 0, 0, 0],
    ["reverse_complement", 0, 0, None, None, 0, 0, 0, 0, 0, 0, 0],
    ["near", 2, 3, None, None, 0, 0, 1, 0, 0, 0, 0],
    ["any", 3, 4, 1, 4, 0, 0, 1, 0, 0, 0, 0],
]
TABLES = ("table", "motifs", "matrices", "positions", "gaps", "composition")


def run(folder, dataset, leaks):
    """The rule on a dataset: what it wrote, by name."""
    folder.mkdir()
    write_dataset(folder / "dataset.h5", dataset)
    write_splits(folder / "splits.h5", ROWS)
    write_table(folder / "leakage.tsv", pd.DataFrame(leaks, columns=LEAKAGE_COLUMNS))
    names = {name: str(folder / f"{name}.tsv") for name in TABLES}
    preview.main(
        SimpleNamespace(
            input=SimpleNamespace(
                dataset=folder / "dataset.h5",
                splits=folder / "splits.h5",
                leakage=folder / "leakage.tsv",
            ),
            output=SimpleNamespace(figure=str(folder / "preview.svg"), **names),
            log=[str(folder / "log.txt")],
        )
    )
    for handler in log.handlers:
        handler.close()
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def users(*, same_length):
    dataset = planted() if same_length else trimmed()
    dataset.truth = dataset.truth.iloc[:0]
    dataset.motifs = {}
    dataset.stratum = ["positive", "a b", "negative", "a b"]
    return dataset


def test_the_same_dataset_gives_the_same_bytes(tmp_path):
    one, other = (run(tmp_path / name, trimmed(), LEAKS) for name in "ab")
    assert one == other
    assert len(one) == 11
    assert b"<svg" in one["preview.svg"]
    assert b"nan" not in one["log.txt"]


@pytest.mark.parametrize("same_length", [True, False])
@pytest.mark.parametrize("leaks", [LEAKS, []])
def test_a_user_s_sequences_have_a_figure_and_no_motifs(tmp_path, same_length, leaks):
    wrote = run(tmp_path / "own", users(same_length=same_length), leaks)
    for name in ("motifs", "matrices", "positions", "gaps"):
        assert read_table(tmp_path / "own" / f"{name}.tsv").empty
    assert len(read_table(tmp_path / "own" / "table.tsv")) == 12
    assert b"<svg" in wrote["preview.svg"]


def test_a_planted_surplus_in_the_background_is_seen():
    # A k-mer of ten bases that the rule never planted stands in every sequence. It has
    # no T, so that it is nothing like its reverse complement.
    rng = np.random.default_rng(1)
    dataset = planted()
    kmer = encode("AAACAAGACC")
    dataset.index = rng.integers(0, 4, (200, 60)).astype(np.uint8)
    dataset.index[:, 20:30] = kmer
    dataset.length = np.full(200, 60)
    dataset.motifs = {"k-mer": np.eye(4)[kmer]}
    dataset.truth = dataset.truth.iloc[:0]
    row = motif_table(dataset, {}).iloc[0]
    assert 200 <= row["chance_found"] <= 205
    assert row["chance_expected"] < 2


@pytest.mark.parametrize("similar", [0, 1, 7])
def test_sequences_are_counted_in_whole_numbers(similar):
    from matplotlib.figure import Figure

    axes = Figure().subplots()
    whole = pd.DataFrame({"split": ["all"], "sequences_with_unknown": [0]})
    kinds = ["exact", "reverse_complement", "near"]
    leakage = pd.DataFrame({"kind": kinds, "sequences": similar})
    figure._similar(axes, whole, leakage)
    ticks = axes.get_xticks()
    assert (ticks == ticks.round()).all() and len(ticks) >= 2


SPLIT = {"by": "stratified", "similarity": 0.9, "coverage": 0.8}


def test_the_report_has_similar_sequences_and_chance_matches(tmp_path):
    folder = tmp_path / "own"
    run(folder, trimmed(), LEAKS)
    (folder / "preview").mkdir()
    (folder / "preview.svg").rename(folder / "preview" / "preview.svg")
    motifs = read_table(folder / "motifs.tsv")
    motifs["chance_expected"], motifs["chance_found"] = [1234.4, None], [1300, None]
    write_table(folder / "preview" / "motifs.tsv", motifs)
    declared = [path for path in folder.rglob("*") if path.is_file()]
    results = Results(tmp_path, declared)
    said = data._similar(results, "own", SPLIT)
    assert said == (
        "4 sequences are similar to another (90 % identity over 80 % of the shorter,"
        " either strand). Without this check 1 pair would be in two splits; now 0 are."
    )
    grouped = data._similar(results, "own", SPLIT | {"by": "group"})
    assert grouped.startswith(said)
    assert grouped.endswith("stay together and leave their groups.")
    shown = data._preview(results, "own")
    assert shown["chance"] == (
        "one has 1,300 chance matches outside the planted positions (1,234 expected)"
    )
    assert shown["source"].startswith("data:image/svg+xml;base64,")
    assert shown["link"] == "own/preview/preview.svg"


@pytest.mark.parametrize(
    ("leaks", "sentence"),
    [
        ([], ""),
        (
            [[kind, *[0] * 11] for kind in ("exact", "any")],
            "No two sequences are similar (90 % identity over 80 % of the shorter,"
            " either strand).",
        ),
    ],
)
def test_the_report_has_a_sentence_without_similar_sequences(tmp_path, leaks, sentence):
    (tmp_path / "own").mkdir()
    path = tmp_path / "own" / "leakage.tsv"
    write_table(path, pd.DataFrame(leaks, columns=LEAKAGE_COLUMNS))
    assert data._similar(Results(tmp_path, [path]), "own", SPLIT) == sentence
