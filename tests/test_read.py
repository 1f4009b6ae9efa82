"""A user's sequences as a dataset: names, groups, lengths, classes."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from proofread.configuration.schema import check, read_schema
from proofread.datasets.dataset import read_dataset, write_dataset
from proofread.datasets.export import write_sequences, write_truth
from proofread.dna.encoding import UNKNOWN
from proofread.errors import InputError
from read import read

SCHEMA = read_schema(
    Path(__file__).parents[1] / "workflow/schemas/datasets/fasta.schema.yaml"
)
POSITIVES = ">a\nACGTAC\n>b\nGGGTT\n"
NEGATIVES = ">c\nTTTTTT\n>d\nCCCCCC\n"


def settings(folder, positives=POSITIVES, negatives=NEGATIVES, **changes):
    """Complete settings of a dataset whose files hold the given texts."""
    (folder / "positives.fa").write_text(positives)
    chosen = {
        "source": "fasta",
        "target": "bound",
        "positives": {"path": str(folder / "positives.fa")},
    }
    if isinstance(negatives, str):
        (folder / "negatives.fa").write_text(negatives)
        chosen["negatives"] = {"path": str(folder / "negatives.fa")}
    else:
        chosen["negatives"] = negatives
    for key, value in changes.items():
        if key == "header":
            chosen["positives"]["header"] = value
            if "path" in chosen["negatives"]:
                chosen["negatives"]["header"] = value
        else:
            chosen[key] = value
    return check(chosen, SCHEMA, "config.yaml", "datasets.test")


def mistake(chosen):
    with pytest.raises(InputError) as error:
        read(chosen, "config.yaml: datasets.test")
    assert "what to do: " in str(error.value)
    return str(error.value)


def test_positives_then_negatives(tmp_path):
    dataset = read(settings(tmp_path))
    assert dataset.name == ["a", "b", "c", "d"]
    assert dataset.label.tolist() == [[1], [1], [0], [0]]
    assert dataset.target == ["bound"]
    assert dataset.stratum == ["positive", "positive", "negative", "negative"]
    assert dataset.group == dataset.name
    assert [dataset.sequence(row) for row in range(4)] == [
        *("ACGTAC", "GGGTT", "TTTTTT", "CCCCCC")
    ]
    assert not dataset.simulated
    assert len(dataset.truth) == 0


def test_shorter_sequences_are_padded_at_the_end(tmp_path):
    dataset = read(settings(tmp_path))
    assert dataset.length.tolist() == [6, 5, 6, 6]
    assert dataset.index[1].tolist() == [2, 2, 2, 3, 3, UNKNOWN]
    longer = read(settings(tmp_path, length=8))
    assert longer.index.shape == (4, 8)
    assert longer.length.tolist() == [6, 5, 6, 6]


def test_longer_sequences_keep_their_middle_if_told_so(tmp_path):
    chosen = settings(tmp_path, length=4, trim="centre")
    dataset = read(chosen)
    # ACGTAC loses one base at each end, GGGTT its last: the surplus is halved down.
    assert [dataset.sequence(row) for row in (0, 1)] == ["CGTA", "GGGT"]
    assert dataset.length.tolist() == [4, 4, 4, 4]
    text = mistake(settings(tmp_path, length=4))
    assert "positives.fa, line 1, record 'a': 6 bp" in text
    assert "at most 4 bp" in text
    assert "trim: centre" in text


def test_copies_are_looked_for_in_what_is_kept(tmp_path):
    # All differ, but not in the two bases in the middle.
    chosen = {"length": 2, "trim": "centre"}
    positives = ">a\nACGT\n>b\nTCGA\n"
    assert read(settings(tmp_path, positives, **chosen)).name == ["a", "c", "d"]
    text = mistake(settings(tmp_path, positives, ">c\nCCGC\n", **chosen))
    assert "record 'c': the same 2 bp as the positive" in text


@pytest.mark.parametrize(
    ("header", "block", "groups"),
    [
        (None, None, ["chr1:150:a+x", "chr1:350:b+y"]),
        (r"^(?P<chromosome>\w+):(?P<position>\d+)", 100, ["chr1:1", "chr1:3"]),
        (r"^(?P<chromosome>\w+):(?P<position>\d+)", 1000, ["chr1:0", "chr1:0"]),
        (r"^(?P<chromosome>\w+):(?P<position>\d+)", None, ["chr1", "chr1"]),
        (r":(?P<position>\d+)", 100, ["genome:1", "genome:3"]),
        (r"\+(?P<group>\w)", None, ["x", "y"]),
        (r":(?P<position>\d+):.*\+(?P<group>\w)", 100, ["x", "y"]),
        (r"^\w+:\d+:(?P<name>\w)", None, ["a", "b"]),
    ],
)
def test_groups_from_headers(tmp_path, header, block, groups):
    dataset = read(
        settings(
            tmp_path,
            positives=">chr1:150:a+x some\nACGTAC\n",
            negatives=">chr1:350:b+y some\nGGGTT\n",
            header=header,
            block=block,
        )
    )
    assert dataset.group == groups
    if header is None or "name" not in header:
        assert dataset.name == ["chr1:150:a+x", "chr1:350:b+y"]
    else:
        assert dataset.name == ["a", "b"]


def test_identical_sequences_of_a_class(tmp_path):
    # e repeats a, in lower case; with its name too it is still a mere copy.
    positives = POSITIVES + ">e\nacgtac\n>a\nACGTAC\n"
    assert read(settings(tmp_path, positives)).name == ["a", "b", "c", "d"]
    kept = settings(tmp_path, POSITIVES + ">e\nACGTAC\n", identical="keep")
    assert read(kept).name == ["a", "b", "e", "c", "d"]


@pytest.mark.parametrize("identical", ["drop", "keep"])
def test_the_same_sequence_in_both_classes(tmp_path, identical):
    text = mistake(
        settings(tmp_path, negatives=NEGATIVES + ">e\nGGGtt\n", identical=identical)
    )
    assert "negatives.fa, line 5, record 'e'" in text
    assert "positives.fa, line 3, record 'b'" in text


def test_a_name_twice(tmp_path):
    text = mistake(settings(tmp_path, negatives=">a\nTTTT\n"))
    assert "negatives.fa, line 1, record 'a': the name 'a' again" in text
    assert "positives.fa, line 1, record 'a'" in text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"header": "^(?P<name>x+)"}, ["line 1, record 'a'", "does not match"]),
        ({"header": "^(?P<name>a"}, ["positives.header", "regular expression"]),
        ({"header": "^(?P<Name>a)"}, ["group Name", "chromosome, position"]),
        ({"block": 10}, ["datasets.test.block", "no group 'position'"]),
        (
            {"header": r"(?P<position>\w)", "block": 10},
            ["record 'a'", "position 'a'", "whole number"],
        ),
    ],
)
def test_a_header_that_does_not_fit(tmp_path, changes, words):
    text = mistake(settings(tmp_path, **changes))
    for word in words:
        assert word in text


def test_negatives_from_shuffled_positives(tmp_path):
    rng = np.random.default_rng(1)
    positives = "".join(
        f">chr{row % 3}:{row}\n{''.join(rng.choice(list('ACGT'), 40))}\n"
        for row in range(60)
    )
    dataset = read(
        settings(
            tmp_path,
            positives,
            {"shuffle": "dinucleotide"},
            header=r"^(?P<chromosome>\w+):",
        )
    )
    assert len(dataset) == 120
    assert dataset.label[:, 0].tolist() == [1] * 60 + [0] * 60
    assert dataset.name[60:] == [f"{name}_shuffled" for name in dataset.name[:60]]
    assert dataset.group[60:] == dataset.group[:60]
    assert set(dataset.group) == {"chr0", "chr1", "chr2"}
    texts = [dataset.sequence(row) for row in range(120)]
    assert len(set(texts)) == 120
    for positive, negative in zip(texts[:60], texts[60:], strict=True):
        assert pairs(positive) == pairs(negative)


def pairs(text):
    return Counter(text[at : at + 2] for at in range(len(text) - 1))


def test_without_a_header_a_shuffle_has_the_group_of_its_positive(tmp_path):
    dataset = read(settings(tmp_path, ">a\nACAGATA\n", {"shuffle": "dinucleotide"}))
    assert dataset.group == ["a", "a"]


def test_a_positive_without_another_order_has_no_negative(tmp_path):
    # A run of one base is its only shuffle; ACAGATA has five others. Its reverse
    # order of loops, given as a second positive, may not come out as a negative.
    dataset = read(
        settings(
            tmp_path,
            ">run\nAAAAAAA\n>one\nACAGATA\n>two\nATAGACA\n",
            {"shuffle": "dinucleotide"},
        )
    )
    assert dataset.name == ["run", "one", "two", "one_shuffled", "two_shuffled"]
    texts = [dataset.sequence(row) for row in range(5)]
    assert len(set(texts)) == 5


def test_the_shuffle_depends_on_its_seed_alone(tmp_path):
    positives = ">a\nACGATTACAGGATCCA\n>b\nGGATCGATTAGCAGCA\n"
    made = [
        read(settings(tmp_path, positives, {"shuffle": "dinucleotide", "seed": seed}))
        for seed in (1, 1, 2)
    ]
    assert (made[0].index == made[1].index).all()
    assert (made[0].index != made[2].index).any()


def test_ambiguous_letters_stay_where_they_are_in_a_shuffle(tmp_path):
    dataset = read(
        settings(tmp_path, ">a\nACAGATANNACAGATA\n", {"shuffle": "dinucleotide"})
    )
    assert dataset.sequence(1)[7:9] == "NN"
    assert dataset.sequence(1) != dataset.sequence(0)


def test_files_of_a_dataset_without_truth(tmp_path):
    write_dataset(tmp_path / "dataset.h5", read(settings(tmp_path)))
    dataset = read_dataset(tmp_path / "dataset.h5")
    write_sequences(tmp_path / "sequences.tsv", dataset)
    write_truth(tmp_path / "truth.json", dataset)
    lines = (tmp_path / "sequences.tsv").read_text().splitlines()
    assert lines[0] == "name\tsequence\tlabel_bound\tgroup\tstratum"
    assert lines[2] == "b\tGGGTT\t1\tb\tpositive"
    truth = json.loads((tmp_path / "truth.json").read_text())
    assert (truth["motifs"], truth["sequences"]) == ({}, {})


# -- real files -------------------------------------------------------------------


def test_promoters(data_folder, tmp_path):
    """Data README: one exact duplicate; 2,859 / 2,860; GC 0.413 vs 0.521."""
    folder = data_folder / "ecoli_promoters_81bp"
    chosen = settings(tmp_path, block=200_000)
    chosen["positives"] |= {
        "path": str(folder / "positive2860.raw.txt"),
        "header": r"^(?P<name>\S+?_(?:forward|reverse)_(?P<position>\d+))_",
    }
    chosen["negatives"] |= {
        "path": str(folder / "negative2860.raw.txt"),
        "header": r"(?P<name>(?P<position>\d+)_\d+)$",
    }
    dataset = read(chosen)
    assert dataset.label[:, 0].tolist() == [1] * 2859 + [0] * 2860
    assert dataset.index.shape == (5719, 81)
    gc = np.isin(dataset.index, (1, 2))
    assert gc[:2859].mean() == pytest.approx(0.413, abs=0.0005)
    assert gc[2859:].mean() == pytest.approx(0.521, abs=0.0005)
    # 4,641,652 bp are 24 blocks of 200 kb.
    assert set(dataset.group) == {f"genome:{block}" for block in range(24)}
    assert dataset.name[0] == "ECK125137714_aaeBp3_reverse_3388263"
    assert dataset.group[0] == "genome:16"
    both = settings(tmp_path, identical="keep") | {
        key: chosen[key] for key in ("positives", "negatives")
    }
    assert len(read(both)) == 5720


def test_peaks(data_folder, tmp_path):
    """Data README: 28,677 x 100 bp, soft-masked, no duplicates, GC 0.504."""
    chosen = settings(tmp_path, negatives={"shuffle": "dinucleotide"})
    chosen["positives"] |= {
        "path": str(data_folder / "pu1_chip" / "pu1.fa.gz"),
        "header": r"^(?P<name>(?P<chromosome>chr\w+):(?P<position>\d+)-\d+)$",
    }
    dataset = read(chosen)
    assert dataset.index.shape == (2 * 28_677, 100)
    positives, negatives = np.split(dataset.index, 2)
    assert np.isin(positives, (1, 2)).mean() == pytest.approx(0.504, abs=0.0005)
    counts = [
        np.apply_along_axis(np.bincount, 1, half[:, :-1] * 4 + half[:, 1:], None, 16)
        for half in (positives, negatives)
    ]
    assert (counts[0] == counts[1]).all()
    assert (positives[:, [0, -1]] == negatives[:, [0, -1]]).all()
    assert (positives != negatives).any(axis=1).all()
    assert dataset.group[:28_677] == dataset.group[28_677:]
    assert len(set(dataset.name)) == 2 * 28_677
