"""The preview of quantitative targets: every table by hand, and the figure."""

from types import SimpleNamespace

import numpy as np
import pytest

import preview_values
from proofread.datasets.dataset import Dataset, write_dataset, write_splits
from proofread.datasets.preview.values import (
    density_table,
    pair_table,
    value_bins,
    value_table,
)
from proofread.datasets.preview.values_figure import MAX_DOTS, draw_values
from proofread.datasets.quantities import quantile_strata
from proofread.dna.encoding import encode
from proofread.progress import log
from proofread.tables import read_table

ROWS = {
    "train": np.array([0, 2]),
    "validation": np.array([1]),
    "test": np.array([3]),
}
NAMES = ("values", "bins", "pairs", "density")


def four():
    """GC 1/2, 1/4, 0 and 1 of four bases; the last is three bases long."""
    label = np.array(
        [[1, 10], [2, np.nan], [3, 30], [5, 20]],
        dtype=np.float32,
    )
    return Dataset(
        index=np.stack([encode(text) for text in ("ACGT", "AACA", "TTTT", "GGCN")]),
        length=np.array([4, 4, 4, 3]),
        name=list("abcd"),
        label=label,
        target=["leaf", "root"],
        group=list("abcd"),
        stratum=quantile_strata(label),
        settings={"target_type": "quantitative", "without_value": 7},
    )


def many(n, targets, lengths):
    rng = np.random.default_rng(1)
    label = rng.normal(size=(n, targets)).astype(np.float32)
    return Dataset(
        index=rng.integers(0, 4, (n, 20)).astype(np.uint8),
        length=rng.choice(lengths, n),
        name=[str(row) for row in range(n)],
        label=label,
        target=[f"target {number} with a long name" for number in range(targets)],
        group=[str(row) for row in range(n)],
        stratum=quantile_strata(label),
        settings={"target_type": "quantitative"},
    )


def test_values_are_counted_and_described():
    table = value_table(four(), ROWS).set_index(["target", "split"])
    leaf = table.loc[("leaf", "all")]
    counted = ["sequences", "values", "missing", "left_out"]
    assert leaf[counted].tolist() == [4, 4, 0, 7]
    # 1, 2, 3, 5: mean 2.75, squares of the differences 3.0625, 0.5625, 0.0625, 5.0625.
    assert leaf["mean"] == 2.75
    assert leaf["sd"] == pytest.approx((8.75 / 4) ** 0.5)
    names = ["minimum", "q25", "median", "q75", "maximum"]
    assert leaf[names].tolist() == [1, 1.75, 2.5, 3.5, 5]
    # Ranks of GC 3, 2, 1, 4 and of leaf 1, 2, 3, 4: 1 - 6 (4 + 0 + 4 + 0) / 60.
    assert leaf["spearman_gc"] == pytest.approx(0.2)
    # Ranks of length 3, 3, 3, 1 (0.5, 0.5, 0.5, -1.5 about their mean): -3 / sqrt(15).
    assert leaf["spearman_length"] == pytest.approx(-3 / 15**0.5)
    root = table.loc[("root", "all")]
    assert root[counted].tolist() == [4, 3, 1, 7]
    validation = table.loc[("root", "validation")]
    assert validation[["sequences", "values", "missing"]].tolist() == [1, 0, 1]
    assert validation[["left_out", "mean", "sd", "median"]].isna().all()
    assert table.loc[("root", "train"), "mean"] == 20


def test_every_value_is_in_one_bin():
    table = value_bins(four())
    assert table.groupby("target")["sequences"].sum().to_dict() == {
        "leaf": 4,
        "root": 3,
    }
    leaf = table[(table["target"] == "leaf") & (table["sequences"] > 0)]
    # Forty bins of 0.1 from 1 to 5; the last one includes 5.
    assert leaf["low"].tolist() == pytest.approx([1, 2, 3, 4.9])


def test_pairs_are_of_sequences_with_both_values():
    (row,) = pair_table(four()).to_dict("records")
    assert (row["first"], row["second"], row["sequences"]) == ("leaf", "root", 3)
    # 1, 3, 5 and 10, 30, 20: ranks 1, 2, 3 and 1, 3, 2.
    assert row["spearman"] == pytest.approx(0.5)
    assert row["pearson"] == pytest.approx(0.5)


def test_a_correlation_of_two_sequences_is_not_defined():
    # Without the last sequence two have both values.
    (row,) = pair_table(four().subset(np.arange(3))).to_dict("records")
    assert row["sequences"] == 2
    assert row["pearson"] is None and row["spearman"] is None


def test_densities_hold_every_sequence_once():
    table = density_table(four())
    sums = table.groupby(["measure", "against", "target"])["sequences"].sum()
    assert sums.to_dict() == {
        ("gc", "gc", "leaf"): 4,
        ("gc", "gc", "root"): 3,
        ("length", "length", "leaf"): 4,
        ("length", "length", "root"): 3,
        ("target", "leaf", "root"): 3,
    }
    gc = table[(table["measure"] == "gc") & (table["target"] == "leaf")]
    # The bin of GC 1 is the last of forty; by GC: TTTT, AACA, ACGT, GGC.
    assert gc["against_low"].tolist() == pytest.approx([0, 0.25, 0.5, 0.975])
    assert gc["low"].tolist() == pytest.approx([3, 2, 1, 4.9])


def run(folder, dataset):
    folder.mkdir()
    write_dataset(folder / "dataset.h5", dataset)
    write_splits(folder / "splits.h5", ROWS)
    job = SimpleNamespace(
        input=SimpleNamespace(
            dataset=folder / "dataset.h5", splits=folder / "splits.h5"
        ),
        output=SimpleNamespace(
            figure=str(folder / "values.svg"),
            **{name: str(folder / f"{name}.tsv") for name in NAMES},
        ),
        log=[str(folder / "log.txt")],
    )
    preview_values.main(job)
    for handler in log.handlers:
        handler.close()
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_same_dataset_gives_the_same_bytes(tmp_path):
    one, other = (run(tmp_path / name, many(1500, 2, [20])) for name in "ab")
    assert one == other
    assert b"<svg" in one["values.svg"]


def test_the_tables_are_read_again(tmp_path):
    run(tmp_path / "own", four())
    table = read_table(tmp_path / "own" / "values.tsv")
    assert table["left_out"].tolist()[:1] == [7]
    assert len(table) == 2 * 4


@pytest.mark.parametrize(
    ("n", "targets", "lengths", "panels"),
    [
        (50, 1, [20], 2),  # histogram, GC
        (50, 1, [15, 20], 3),  # and length
        (50, 2, [20], 5),  # twice histogram and GC, and the pair
        (MAX_DOTS + 1, 2, [20], 6),  # and the key of the colours
        (50, 3, [15, 20], 12),  # three times three, and three pairs
        (50, 4, [20], 14),  # four times two, and six pairs
        (50, 5, [20], 14),  # the first four
    ],
)
def test_the_figure_has_a_panel_for_each_question(n, targets, lengths, panels):
    dataset = many(n, targets, lengths)
    tables = {
        "values": value_table(dataset, {}),
        "bins": value_bins(dataset),
        "pairs": pair_table(dataset),
        "density": density_table(dataset),
    }
    figure = draw_values(dataset, tables)
    assert len(figure.axes) == panels
    said = figure.get_suptitle()
    assert said == ("The first 4 of 5 targets" if targets == 5 else "")
    assert figure.axes[0].get_title(loc="left") == f"{n:,} values, 0 missing"


def test_sequences_without_values_have_a_figure_that_says_so(tmp_path):
    bare = four()
    bare.label = np.full((4, 2), np.nan, dtype=np.float32)
    bare.settings = {"target_type": "quantitative"}
    assert b"<svg" in run(tmp_path / "bare", bare)["values.svg"]
