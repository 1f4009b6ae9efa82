"""Similar sequences in one split: shares, joined groups, leaks counted, refusals."""

from types import SimpleNamespace

import numpy as np
import pytest
import yaml

import split as script
from proofread.configuration.check import check_configuration
from proofread.datasets.dataset import SPLITS, Dataset, read_splits, write_dataset
from proofread.datasets.similarity import Similar, find_similar
from proofread.datasets.splitting.clusters import is_cut
from proofread.datasets.splitting.leakage import LEAKAGE_COLUMNS, leakage
from proofread.datasets.splitting.split import split
from proofread.dna.encoding import reverse_complement
from proofread.errors import InputError
from proofread.progress import log
from proofread.tables import read_table

WHERE = "config.yaml: datasets.own"


def dataset(n, groups=None, index=None):
    """Alternately positive and negative."""
    names = [f"s{row}" for row in range(n)]
    rng = np.random.default_rng(n)
    if index is None:
        index = rng.integers(0, 4, (n, 60)).astype(np.uint8)
    label = (np.arange(n) % 2 == 0).astype(np.float32)
    return Dataset(
        index=index,
        length=np.full(n, index.shape[1]),
        name=names,
        label=label[:, None],
        target=["bound"],
        group=names if groups is None else list(groups),
        stratum=["positive" if item else "negative" for item in label],
    )


def settings(by="stratified", similarity=0.9):
    return {
        "by": by,
        "validation": 0.15,
        "test": 0.15,
        "seed": 1,
        "similarity": similarity,
        "coverage": 0.8,
    }


def copies(n, clusters):
    """As found where the rows of each cluster are copies of each other."""
    first = np.arange(n)
    for members in clusters:
        first[list(members)] = min(members)
    return Similar(first, np.zeros(n, dtype=bool), np.empty((0, 2), dtype=np.int64))


def part_of(rows):
    part = np.empty(sum(map(len, rows.values())), dtype=int)
    for code, name in enumerate(SPLITS):
        part[rows[name]] = code
    return part


@pytest.mark.parametrize("by", ["stratified", "group"])
def test_a_split_that_cuts_nothing_stays_as_it_is(by):
    data = dataset(400, [f"g{row // 10}" for row in range(400)])
    plain = split(data, settings(by))
    nothing = find_similar(data.index, data.length, identity=0.9, coverage=0.8)
    assert len(nothing.pairs) == 0
    # Clusters that stand in one part already.
    whole = copies(400, [plain["train"][:7], plain["test"][[3, 9]]])
    for similar in (nothing, whole):
        rows = split(data, settings(by), similar=similar)
        for name in SPLITS:
            assert rows[name].tolist() == plain[name].tolist()


def test_clusters_are_whole_and_the_shares_exact():
    data = dataset(1000)
    clusters = [range(start, start + 7) for start in range(0, 350, 7)]
    plain = part_of(split(data, settings()))
    rows = split(data, settings(), similar=copies(1000, clusters))
    part = part_of(rows)
    assert all(len(set(part[list(members)])) == 1 for members in clusters)
    # Of 500 positives and 500 negatives 15 % each, as without clusters.
    for name, wanted in (("train", 700), ("validation", 150), ("test", 150)):
        assert len(rows[name]) == wanted
        assert data.label[rows[name]].sum() == wanted / 2
    # Each cluster is where most of it was.
    for members in clusters:
        counts = np.bincount(plain[list(members)], minlength=3)
        assert counts[part[members[0]]] == counts.max()


def test_a_cluster_is_cut_if_its_rows_are_in_two_parts():
    cluster, part = np.array([0, 0, 1, 2, 1]), np.array([0, 0, 1, 2, 0])
    assert is_cut(cluster, part).tolist() == [False, False, True, False, True]


def test_small_groups_that_share_a_cluster_are_joined():
    groups = [f"g{row // 10:02}" for row in range(600)]
    # One sequence of every second group is a copy of one of the next.
    clusters = [(start, start + 10) for start in range(0, 600, 20)]
    data = dataset(600, groups)
    part = part_of(split(data, settings("group"), similar=copies(600, clusters)))
    for start in range(0, 600, 20):
        assert len(set(part[start : start + 20])) == 1
    fractions = np.bincount(part) / 600
    assert fractions == pytest.approx([0.7, 0.15, 0.15], abs=0.02)


def test_where_joined_groups_are_too_large_only_the_similar_sequences_move(
    caplog, monkeypatch
):
    monkeypatch.setattr(log, "propagate", True)
    # Twenty chromosomes of 50, and a repeat that stands once on each.
    groups = [f"chr{row // 50:02}" for row in range(1000)]
    repeat = list(range(3, 1000, 50))
    data = dataset(1000, groups)
    plain = part_of(split(data, settings("group")))
    with caplog.at_level("INFO", logger="proofread"):
        rows = split(data, settings("group"), similar=copies(1000, [repeat]))
    part = part_of(rows)
    # Fourteen chromosomes train, so the six elsewhere go to them, and nothing else.
    moved = np.flatnonzero(part != plain)
    assert len(moved) == 6
    assert set(moved) <= set(repeat)
    assert set(part[repeat]) == {0}
    assert "6 sequences are not in the split of their group" in caplog.text


def test_the_table_says_what_would_have_leaked(tmp_path):
    rng = np.random.default_rng(2)
    index = rng.integers(0, 4, (400, 60)).astype(np.uint8)
    data = dataset(400, index=index)
    plain = split(data, settings())
    train, test, validation = plain["train"], plain["test"], plain["validation"]
    # Same labels, in train and test: a copy, and one read backwards. Different labels,
    # in one part: an altered one. And one altered across parts.
    even = [rows[rows % 2 == 0] for rows in (train, test, validation)]
    odd = train[train % 2 == 1]
    index[even[1][0]] = index[even[0][0]]
    index[even[1][1]] = reverse_complement(index[even[0][1]])
    index[odd[0]] = index[even[0][2]]
    index[odd[0], 30] = (index[odd[0], 30] + 1) % 4
    index[even[2][0]] = index[even[0][3]]
    index[even[2][0], 30] = (index[even[2][0], 30] + 1) % 4
    write_dataset(tmp_path / "dataset.h5", data)
    names = ("splits.h5", "splits.tsv", "leakage.tsv")
    script.main(
        SimpleNamespace(
            input=SimpleNamespace(dataset=tmp_path / "dataset.h5"),
            output=SimpleNamespace(
                **{
                    key: tmp_path / name
                    for key, name in zip(
                        ("splits", "table", "leakage"), names, strict=True
                    )
                }
            ),
            params=SimpleNamespace(settings=settings()),
            wildcards=SimpleNamespace(dataset="own"),
            log=[str(tmp_path / "log.txt")],
        )
    )
    for handler in log.handlers:
        handler.close()
    table = read_table(tmp_path / "leakage.tsv").set_index("kind")
    columns = ["pairs", "sequences", "between_classes", "cut_without", "cut"]
    assert table[columns].astype(int).to_numpy().tolist() == [
        [1, 2, 0, 1, 0],
        [1, 2, 0, 1, 0],
        [2, 4, 1, 1, 0],
        [4, 8, 1, 3, 0],
    ]
    assert table.loc["any", ["clusters", "max_cluster_size"]].tolist() == [4, 2]
    rows = read_splits(tmp_path / "splits.h5")
    part = part_of(rows)
    for one, other in (
        (even[0][0], even[1][0]),
        (even[0][1], even[1][1]),
        (even[0][3], even[2][0]),
    ):
        assert part[one] == part[other]
    text = (tmp_path / "log.txt").read_text()
    assert "1 exact, 1 reverse complement, 2 near; 8 sequences in 4 clusters" in text
    assert "would divide 3 of these pairs between two splits" in text
    assert "1 similar pairs have different labels" in text


def test_without_looking_the_table_is_empty():
    data = dataset(100)
    chosen = settings(similarity=None)
    table = leakage(data, chosen, None, split(data, chosen))
    assert table.columns.tolist() == LEAKAGE_COLUMNS
    assert table.empty


def test_leaks_of_given_parts_are_counted_by_pair_of_parts():
    # Rows 0-5 are copies: three of train, two of validation, one of test. Of these
    # 15 pairs 3 are within train and 1 within validation; 3 x 2 are of train and
    # validation, 3 x 1 of train and test, 2 x 1 of validation and test.
    parts = ["train"] * 3 + ["validation"] * 2 + ["test"]
    data = dataset(12, parts + ["train", "validation", "test"] * 2)
    similar = copies(12, [range(6)])
    chosen = settings("given")
    rows = split(data, chosen, WHERE, similar)
    assert rows["train"].tolist() == [0, 1, 2, 6, 9]
    row = leakage(data, chosen, similar, rows).set_index("kind").loc["any"]
    assert row["cut_train_validation"] == 6
    assert row["cut_train_test"] == 3
    assert row["cut_validation_test"] == 2
    assert row["cut"] == row["cut_without"] == 11


def test_a_missing_label_is_not_called_different():
    # Rows 0-2 are copies: the labels 1, 0 and missing make one pair of a 0 and a 1.
    data = dataset(40)
    data.label[2] = np.nan
    similar, chosen = copies(40, [range(3)]), settings()
    table = leakage(data, chosen, similar, split(data, chosen, WHERE, similar))
    assert table.set_index("kind").loc[
        "any", ["pairs", "between_classes"]
    ].tolist() == [
        3,
        1,
    ]


def test_validation_taken_from_train_shares_no_cluster_with_it():
    data = dataset(400, ["train"] * 320 + ["test"] * 80)
    similar = copies(400, [range(first, first + 3) for first in range(0, 300, 3)][:40])
    chosen = settings("given")
    rows = split(data, chosen, WHERE, similar)
    table = leakage(data, chosen, similar, rows).set_index("kind")
    assert table.loc["any", "cut_without"] > 0
    assert table.loc["any", "cut"] == 0
    # 15 % of 160 of each class.
    assert len(rows["validation"]) == 48


# -- what is refused ----------------------------------------------------------------


def test_one_cluster_that_swallows_everything_is_refused():
    data = dataset(200)
    with pytest.raises(InputError) as caught:
        split(data, settings(), WHERE, copies(200, [range(190)]))
    assert caught.value.where == f"{WHERE}.split.similarity"
    assert "190 of 200 are similar to another" in caught.value.found
    assert "the largest cluster holds 190" in caught.value.found
    assert "similarity: null" in caught.value.remedy


def test_clusters_that_take_a_class_from_a_part_are_refused():
    # All positives but one are copies of each other.
    data = dataset(200)
    with pytest.raises(InputError) as caught:
        split(data, settings(), WHERE, copies(200, [range(0, 198, 2)]))
    assert "without both classes of 'bound'" in caught.value.found
    assert "identical: drop" in caught.value.remedy


def test_windows_of_one_contig_at_every_base_are_refused():
    # Each window is alike the next, so that all are one cluster.
    contig = np.random.default_rng(3).integers(0, 4, 400).astype(np.uint8)
    index = np.stack([contig[start : start + 100] for start in range(0, 300, 2)])
    data = dataset(150, index=index)
    similar = find_similar(data.index, data.length, identity=0.9, coverage=0.8)
    for by in ("stratified", "group"):
        with pytest.raises(InputError) as caught:
            split(data, settings(by), WHERE, similar)
        assert "the largest cluster holds 150" in caught.value.found


MISTAKES = {
    "identity in percent": (
        {"similarity": 90},
        "split.similarity",
        "90",
        "a number from 0.8 to 1, or null",
    ),
    "an identity that says nothing": (
        {"similarity": 0.5},
        "split.similarity",
        "0.5",
        "a number from 0.8 to 1, or null",
    ),
    "coverage in percent": (
        {"coverage": 80},
        "split.coverage",
        "80",
        "a number from 0.5 to 1",
    ),
    "switched off by no": (
        {"similarity": False},
        "split.similarity",
        "false",
        "a number from 0.8 to 1, or null",
    ),
    "a misspelt key": (
        {"similarty": 0.9},
        "split",
        "unknown key 'similarty'",
        "similarity",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_in_the_settings(name, tmp_path, monkeypatch):
    given, key, result, expected = MISTAKES[name]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "peaks.fa").write_text(">a\nACGT\n")
    config = yaml.safe_load(
        """
        datasets:
          own:
            source: fasta
            target: bound
            positives: {path: peaks.fa}
            negatives: {shuffle: dinucleotide}
        models: {cnn: {architecture: eraslan2019}}
        """
    )
    config["datasets"]["own"]["split"] = given
    schemas = script.__file__.replace("scripts/split.py", "schemas")
    with pytest.raises(InputError) as caught:
        check_configuration(config, schemas, config_path="config.yaml")
    assert caught.value.where == f"config.yaml: datasets.own.{key}"
    assert caught.value.found.startswith(result)
    assert expected in caught.value.expected
    assert caught.value.remedy
