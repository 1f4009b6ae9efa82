"""Motif insertion: k-mers at known places, toy predictors whose answer is known."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
import yaml
from snakemake.iocontainers import OutputFiles

import motif_insertion as script
from proofread.configuration.check import check_configuration
from proofread.configuration.experiments import read_experiments
from proofread.configuration.schema import SCHEMAS
from proofread.datasets.dataset import Dataset, empty_truth, write_dataset, write_splits
from proofread.dna.encoding import UNKNOWN, decode, encode, letters
from proofread.errors import InputError
from proofread.methods.motif_insertion import insertions, tables
from proofread.methods.motif_insertion.figures import draw_positions, draw_spacing
from proofread.methods.motif_insertion.insertions import (
    Pair,
    all_starts,
    background_sequences,
    centre,
    control_changes,
    free_starts,
    gap_between,
    has_room,
    inserted,
    kmers_of,
    other_order,
    pair_of,
    slide,
    some_of,
)
from proofread.models.predictor import Predictor, without_rounding
from proofread.motifs.files import write_meme
from proofread.motifs.motif import Motif
from proofread.statistics.bootstrap import mean_and_interval
from proofread.tables import read_table
from proofread.truth import motif_choice
from proofread.truth.expectation import (
    FOUND,
    NOTHING,
    OPEN,
    insertion_expectation,
    placement_expectation,
)
from proofread.truth.instances import scanned
from proofread.truth.verdicts import verdicts

WORDS = {"A": "ACCATACAG", "B": "GTTCGTGGC"}
A, B = WORDS.values()
DEFAULTS = {
    name: part["default"]
    for name, part in yaml.safe_load(
        (SCHEMAS / "methods/motif_insertion.schema.yaml").read_text()
    )["properties"].items()
}
FILES = {
    "table": "table.tsv",
    "score": "score.tsv",
    "pairs": "pairs.tsv",
    "positions": "positions.tsv",
    "spacing": "spacing.tsv",
    "positions_figure": "positions.svg",
    "spacing_figure": "spacing.svg",
}


def random_index(n, length, seed=1):
    return np.random.default_rng(seed).integers(0, 4, (n, length), dtype=np.uint8)


def kmers(text, n):
    return np.tile(encode(text), (n, 1))


def by_letters(logit):
    """A function of index arrays from a function of the text; one target."""
    return lambda index: np.array([[logit(decode(row))] for row in index]).reshape(
        len(index), 1
    )


class Recorder:
    """A predictor that says 0 and keeps what it was asked."""

    def __init__(self):
        self.texts = []

    def __call__(self, index):
        self.texts += [decode(row) for row in index]
        return np.zeros((len(index), 1))


@pytest.mark.parametrize("sign", [1, -1])
def test_rounding_is_in_units_of_the_logit_and_at_least_of_1(sign):
    # 1e-5 of the size: 1e-3 of 100, and 1e-5 of all that is within -1..1.
    reference = sign * np.array([100.0, 100.0, 0.01, 0.01])
    logits = reference + np.array([9e-4, -1.1e-3, -9e-6, 1.1e-5])
    expected = [reference[0], logits[1], reference[2], logits[3]]
    assert without_rounding(logits, reference).tolist() == expected


# -- places -------------------------------------------------------------------------


def test_a_kmer_of_16_slides_over_100_bases_in_85_steps():
    background, kmer = random_index(1, 100), "ACGTTGCATTAGCCGA"
    recorder, starts = Recorder(), all_starts(100, 16)
    assert slide(recorder, background, kmers(kmer, 1), starts).shape == (1, 85, 1)
    whole = decode(background[0])
    assert recorder.texts == [whole[:i] + kmer + whole[i + 16 :] for i in range(85)]


def test_the_second_motif_stands_where_the_first_does_not():
    """100 bases, 9 in the middle and 6 beside it."""
    assert centre(100, 9) == 45
    starts = all_starts(100, 6)
    assert len(starts) == 95
    apart = free_starts(starts, 6, 45, 9, touching=False)
    assert len(apart) == 79
    assert apart[apart < 45].max() == 38 and apart[apart > 45].min() == 55
    touching = free_starts(starts, 6, 45, 9)
    assert sorted(set(touching) - set(apart)) == [39, 54]
    assert gap_between(np.array([38, 39, 54, 55]), 6, 45, 9).tolist() == [1, 0, 0, 1]


def test_a_step_leaves_places_out():
    assert all_starts(20, 6, 5).tolist() == [0, 5, 10]
    assert all_starts(5, 6).tolist() == []


def test_both_motifs_are_there():
    recorder, index = Recorder(), random_index(2, 40)
    pair = pair_of(
        recorder, index, np.zeros((2, 1)), ("A", kmers(A, 2)), ("B", kmers(B, 2))
    )
    assert pair.start == 20 - 5
    both = recorder.texts[-2 * len(pair.starts) :]
    for number, text in enumerate(both):
        at = pair.starts[number % len(pair.starts)]
        assert text[15:24] == A and text[at : at + 9] == B
    assert pair.distance.tolist() == [*range(-15, -8), *range(9, 17)]


def test_no_room_for_the_fixed_motif_is_no_pair():
    index = random_index(2, 8)
    pair = ("A", kmers(A, 2)), ("B", kmers(B, 2))
    assert pair_of(Recorder(), index, np.zeros((2, 1)), *pair) is None


def test_unknown_bases_are_neither_edited_nor_predicted():
    index = random_index(2, 20)
    index[0, 4] = index[1, 15:] = UNKNOWN  # an unknown base; padding
    starts = all_starts(20, 6)
    assert starts[has_room(index, starts, 6)[0]].tolist() == list(range(5, 15))
    assert starts[has_room(index, starts, 6)[1]].tolist() == list(range(10))
    recorder = Recorder()
    values = slide(recorder, index, kmers("AAAAAA", 2), starts)
    assert np.array_equal(~np.isnan(values[..., 0]), has_room(index, starts, 6))
    assert len(recorder.texts) == 10 + 10
    assert all(text[4] == "N" for text in recorder.texts[:10])
    assert all(text[15:] == "NNNNN" for text in recorder.texts[10:])


def test_both_are_unknown_where_the_fixed_motif_has_no_room():
    """A stays at 15 to 24; the unknown base at 20 leaves the second row no place."""
    index = random_index(2, 40)
    index[1, 20] = UNKNOWN
    recorder = Recorder()
    pair = pair_of(
        recorder, index, np.zeros((2, 1)), ("A", kmers(A, 2)), ("B", kmers(B, 2))
    )
    assert np.isnan(pair.first[1]).all() and np.isnan(pair.both[1]).all()
    assert not np.isnan(pair.both[0]).any()
    # The fixed one in a row; the tiled one in both, and with the fixed one in a row.
    assert len(recorder.texts) == 1 + 2 * len(pair.starts) + len(pair.starts)


def test_blocks_change_memory_only(monkeypatch):
    index, starts = random_index(3, 40), all_starts(40, 9)
    predict = by_letters(lambda text: text.count("AC") + 0.1 * text.find("G"))
    whole = slide(predict, index, kmers(A, 3), starts)
    monkeypatch.setattr(insertions, "_BLOCK", 1)
    assert np.array_equal(whole, slide(predict, index, kmers(A, 3), starts))


# -- k-mers and backgrounds ----------------------------------------------------------


def test_the_consensus_takes_the_first_of_equal_bases():
    matrix = np.array([[0.4, 0.4, 0.1, 0.1], [0, 0, 0.2, 0.8]])
    drawn = kmers_of(matrix, 2, "consensus", None)
    assert [decode(row) for row in drawn] == ["AT", "AT"]


def test_sampled_kmers_have_the_frequencies_of_the_matrix():
    matrix = np.array([[0.5, 0, 0.5, 0], [0.1, 0.2, 0.3, 0.4]]) * 0.99  # rounded rows
    drawn = kmers_of(matrix, 20000, "sampled", np.random.default_rng(1))
    for column in range(2):
        fraction = np.bincount(drawn[:, column], minlength=4) / 20000
        # 4 standard errors of a share of 1/2 are 0.014
        assert fraction == pytest.approx(matrix[column] / 0.99, abs=0.014)
    assert set(drawn[:, 0]) == {0, 2}


def test_a_drawn_kmer_is_the_same_at_all_places():
    recorder, matrix = Recorder(), np.full((12, 4), 0.25)
    drawn = kmers_of(matrix, 2, "sampled", np.random.default_rng(1))
    slide(recorder, random_index(2, 20), drawn, all_starts(20, 12))
    assert not np.array_equal(drawn[0], drawn[1])
    for number, text in enumerate(recorder.texts):
        row, start = divmod(number, 9)
        assert text[start : start + 12] == decode(drawn[row])


def dataset_of(n=40, length=60, *, rule="presence", targets=1, **settings):
    labels = np.zeros((n, targets), dtype=np.float32)
    labels[: n // 2] = 1
    names = [f"s{row}" for row in range(n)]
    known = {"rule": rule, "motifs": list(WORDS), "positive_motifs": None}
    known |= {"min_gap": 3, "max_gap": 8, "logic": None, "targets": None}
    return Dataset(
        index=random_index(n, length),
        length=np.full(n, length),
        name=names,
        label=labels,
        target=[f"target{column}" for column in range(targets)],
        group=names,
        stratum=["positive"] * n,
        truth=empty_truth(),
        motifs={name: np.eye(4)[encode(kmer)] for name, kmer in WORDS.items()},
        settings=known | settings,
    )


def test_backgrounds_are_shuffles_of_the_sequences():
    dataset = dataset_of(n=6)
    observed = background_sequences(dataset, "observed", 10, 1)
    assert np.array_equal(observed, dataset.index)
    shuffled = background_sequences(dataset, "shuffled", 10, 1)
    assert not np.array_equal(shuffled, observed)
    assert np.array_equal(np.sort(shuffled, axis=1), np.sort(observed, axis=1))
    pairs = background_sequences(dataset, "dinucleotide_shuffled", 10, 1)
    for before, after in zip(observed.tolist(), pairs.tolist(), strict=True):
        assert Counter(pairwise(before)) == Counter(pairwise(after))
    assert not np.array_equal(pairs, observed)


def test_of_many_sequences_as_many_positives_as_negatives():
    dataset = dataset_of(n=30)
    chosen = background_sequences(dataset, "observed", 10, 1)
    positive = {decode(row) for row in dataset.index[:15]}
    assert sum(decode(row) in positive for row in chosen) == 5


# -- control k-mers ------------------------------------------------------------------


def test_some_places_are_evenly_spread():
    assert some_of(np.arange(9), 3).tolist() == [0, 4, 8]
    assert some_of(np.arange(3), 10).tolist() == [0, 1, 2]


def test_a_control_kmer_has_the_columns_in_another_order():
    drawn = np.random.default_rng(1).integers(0, 4, (5, 8), dtype=np.uint8)
    shuffled = other_order(drawn, np.random.default_rng(2))
    assert sorted(drawn.T.tolist()) == sorted(shuffled.T.tolist())
    assert not np.array_equal(drawn, shuffled)
    # AT is its own reverse complement, CG too; of AC there is CA alone, of AA nothing.
    rng = np.random.default_rng(3)
    for text, other in (("AC", "CA"), ("AT", "TA"), ("AA", "AA")):
        assert {decode(other_order(kmers(text, 1), rng)[0]) for _ in range(9)} == {
            other
        }


def test_controls_by_hand():
    """The only other order of AC is CA, which costs 1 at each place."""
    counted = by_letters(lambda text: 3.0 * text.count("AC") - text.count("CA"))
    index = kmers("TTTTTT", 2)
    starts = np.array([0, 2, 4])
    given = {"controls": 2, "rng": np.random.default_rng(1)}
    changes = control_changes(
        counted, index, counted(index), kmers("AC", 2), starts, **given
    )
    assert changes[..., 0].tolist() == [[-1.0, -1.0]] * 2
    index[1, 1] = UNKNOWN  # leaves place 0 no room
    changes = control_changes(
        counted, index, counted(index), kmers("AC", 2), starts[:1], **given
    )
    assert changes[:, 0, 0].tolist() == [-1.0] * 2 and np.isnan(changes[:, 1]).all()


def test_a_motif_against_its_control_kmers_by_hand():
    """Motif 3 and 5, k-mers 1 and 3 (mean 2) and 3 and 5 (mean 4), n 2."""
    motif, kmers_ = np.array([3.0, 5.0, np.nan]), np.array([[1.0, 3, 0], [3.0, 5, 0]])
    kmers_[:, 2] = np.nan
    result = tables._against(motif, kmers_, 50, 1)
    assert (result["control"], result["control_highest"]) == (3, 4)
    assert result["above_control"] == 4 - 3
    assert result["p_control"] == 2 / 3  # the second does as much
    assert (result["above_ci_low"], result["above_ci_high"]) == (1, 1)


# -- interaction --------------------------------------------------------------------


def pair_from(none, first, second, both):
    arrays = (np.full((1, 1, 1), value, float) for value in (none, first, second, both))
    return Pair("A", "B", 0, np.array([9]), np.array([0]), *arrays)


def test_interaction_and_cooperativity_by_hand():
    pair = pair_from(0, 1, 2, 4)
    assert pair.interaction().item() == 4 - 1 - 2 + 0
    assert pair.cooperativity().item() == pytest.approx(16 / (2 + 4 - 1))  # 3.2
    assert pair_from(0, 1, 2, np.log2(5)).cooperativity().item() == pytest.approx(1)


def test_interactions_of_pairs_are_means_over_positions_and_roles():
    """A fixed: 1 and 3 at two positions, B fixed: 5 at one; the second has gaps."""

    def pair(fixed, tiled, both):
        both = np.array(both, float)[:, :, None]  # (backgrounds, positions, 1)
        zero = np.zeros((len(both), 1, 1))
        starts = np.arange(both.shape[1])
        second = np.zeros_like(both)
        return Pair(fixed, tiled, 0, starts, starts, zero, zero, second, both)

    pairs = [
        pair("A", "B", [[1, 3], [4, np.nan]]),
        pair("B", "A", [[5], [np.nan]]),
        pair("C", "A", [[-2], [-2]]),
    ]
    dataset = SimpleNamespace(target=["one"])
    motifs = [Motif(name, np.eye(4)) for name in "ABC"]
    table = tables.interactions(dataset, motifs, pairs, resamples=20, seed=1)
    assert list(zip(table["first"], table["second"], strict=True)) == [
        ("A", "B"),
        ("A", "C"),
    ]
    # Background 1: (2 + 5) / 2; background 2: 4, of one role.
    assert table["interaction"].tolist() == [(3.5 + 4) / 2, -2]
    assert table["n"].tolist() == [2, 2]
    assert table["ci_low"].tolist()[1] == table["ci_high"].tolist()[1] == -2


def test_cooperativity_bears_any_logit():
    # 2^A + 2^B - 2^b is not above 0: there is no ratio
    assert np.isnan(pair_from(5, 1, 1, 9).cooperativity().item())
    # 2^3000 is no number, but the ratio 2^3001 / (2^3000 + 2^3000 - 1) is 1
    assert pair_from(0, 3000, 3000, 3001).cooperativity().item() == pytest.approx(1)


def test_a_sum_over_positions_has_no_interaction():
    weights = np.random.default_rng(2).normal(size=(5, 60)).astype(np.float32)
    weights[4] = 0

    def predict(index):
        return weights[index, np.arange(60)].sum(axis=1)[:, None]

    index = random_index(5, 60)
    motifs = ("A", kmers(A, 5)), ("B", kmers(B, 5))
    pair = pair_of(predict, index, predict(index), *motifs)
    assert (np.abs(pair.both - pair.none) > 0.1).any()
    assert (pair.interaction() == 0).all()


def test_known_logits_are_not_predicted_again():
    predict = by_letters(lambda text: 1.5 * (A in text) + (B in text) * text.find("C"))
    index, starts = random_index(4, 40), all_starts(40, 9, 2)
    none, tiled = predict(index), ("B", kmers(B, 4))
    slid = slide(predict, index, tiled[1], starts)
    fixed = ("A", kmers(A, 4))
    one = pair_of(predict, index, none, fixed, tiled, step=2)
    two = pair_of(predict, index, none, fixed, (*tiled, starts, slid), step=2)
    assert np.array_equal(one.second, two.second)
    assert np.array_equal(one.interaction(), two.interaction())


# -- statistics and truth -----------------------------------------------------------


def test_means_and_intervals_by_hand():
    nan = np.nan
    values = np.array([[0.1, 1, nan, nan], [0.1, 3, nan, 7], [0.1, nan, nan, nan]])
    n, mean, low, high = mean_and_interval(values, 200, 1)
    assert n.tolist() == [3, 2, 0, 1]
    assert mean[[0, 1, 3]] == pytest.approx([0.1, 2, 7])
    assert (low[0], high[0], low[3], high[3]) == (0.1, 0.1, 7, 7)
    assert (low[1], high[1]) == (1, 3)  # means of two values: 1, 2 or 3 and between
    assert np.isnan([mean[2], low[2], high[2]]).all()


def test_the_interval_is_that_of_the_normal_distribution():
    values = np.random.default_rng(3).normal(size=(400, 1))
    _, mean, low, high = mean_and_interval(values, 4000, 1)
    half = 1.96 * values.std() / 20
    assert low[0] == pytest.approx(mean[0] - half, abs=0.006)
    assert high[0] == pytest.approx(mean[0] + half, abs=0.006)


def test_verdicts_by_hand():
    columns = ["target", "expected", "n", "effect", "ci_low"]
    columns += ["above_ci_low", "p_control"]
    alone = (0.1, 1 / 20)  # above each of 19 control k-mers
    rows = [
        ("t", FOUND, 5, 10.0, 9.0, *alone),
        ("t", FOUND, 5, 0.4, 0.3, *alone),  # below 5 % of 10
        ("t", FOUND, 5, 2.0, -0.1, *alone),
        ("t", FOUND, 5, 2.0, 1.0, -0.1, 1 / 20),  # not above the mean control k-mer
        ("t", FOUND, 5, 2.0, 1.0, 0.1, 2 / 20),  # one k-mer does as much
        ("t", NOTHING, 5, 0.6, 0.1, *alone),
        ("t", NOTHING, 5, 0.4, 0.1, *alone),
        ("t", NOTHING, 5, -9.0, -10.0, -9.0, 1.0),
        ("t", OPEN, 5, 9.0, 8.0, *alone),
        ("t", FOUND, 0, *[np.nan] * 4),
        ("u", FOUND, 5, 0.4, 0.3, *alone),  # another target's largest
        ("u", "", 5, 0.1, 0.0, *alone),  # no truth is known
    ]
    table = pd.DataFrame(rows, columns=columns)
    result = tables.raises(table, controls=19, min_effect_fraction=0.05)
    judged = verdicts(table["expected"], result, table["n"] > 0)
    assert judged == [
        *("recovered", "missed", "missed", "missed", "missed"),
        *("false_positive", "true_negative", "true_negative"),
        *("", "untested", "recovered", "not_found"),
    ]
    rows = tables.scores(
        SimpleNamespace(simulated=False),
        table.assign(verdict=judged),
        [],
        resamples=10,
        seed=1,
    )
    assert [row[:3] for row in rows] == [
        ("insertions_recovered", 2 / 6, 6),
        ("insertions_false", 1 / 3, 3),
    ]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"rule": "presence", "positive_motifs": ["A"]}, [FOUND, NOTHING, NOTHING]),
        # Both have to be there.
        ({"rule": "presence", "positive_motifs": ["A", "B"]}, [OPEN, OPEN, NOTHING]),
        ({"rule": "order"}, [OPEN, OPEN, NOTHING]),
        ({"rule": "distance"}, [OPEN, OPEN, NOTHING]),
        ({"rule": "none"}, [NOTHING] * 3),
        (
            {"rule": "logic", "logic": {"any": ["A", "B"]}},
            [FOUND, FOUND, NOTHING],
        ),
        ({"rule": "logic", "logic": {"all": ["A", "B"]}}, [OPEN, OPEN, NOTHING]),
        # A sequence without B is positive already.
        ({"rule": "logic", "logic": {"not": "B"}}, [NOTHING, OPEN, NOTHING]),
    ],
)
def test_what_an_insertion_should_do(settings, expected):
    settings = {"motifs": ["A", "B"], "logic": None, "targets": None} | settings
    settings["positive_fraction"] = 0.5
    answers = [insertion_expectation(name, settings, "label") for name in "ABC"]
    assert answers == expected


def test_what_a_placement_should_do():
    distance = {"rule": "distance", "motifs": ["A", "B"], "min_gap": 3, "max_gap": 8}
    gaps = [placement_expectation("A", "B", gap, distance) for gap in (2, 3, 8, 9)]
    assert gaps == [False, True, True, False]
    assert placement_expectation("B", "A", 5, distance) is False
    assert placement_expectation("A", "C", 5, distance) is None
    order = distance | {"rule": "order"}
    assert placement_expectation("A", "B", 99, order) is True
    assert placement_expectation("B", "A", 5, order) is False
    assert placement_expectation("A", "B", 5, distance | {"rule": "none"}) is None


# -- the job ------------------------------------------------------------------------


def run(
    monkeypatch,
    folder,
    dataset,
    logit,
    files=(),
    network=None,
    outputs=(),
    **params,
):
    """Run the job on a dataset that is all test split, for a predictor by letters.

    Or for a network: a function of one-hot batches (n, 4, length).
    """
    folder.mkdir(exist_ok=True)
    write_dataset(folder / "dataset.h5", dataset)
    none = np.array([], dtype=int)
    rows = {"train": none, "validation": none, "test": np.arange(len(dataset))}
    write_splits(folder / "splits.h5", rows)

    def call(batch):
        return np.array(
            [np.atleast_1d(logit(text)) for text in letters(batch)], dtype=np.float32
        )

    predictor = Predictor(
        network or call, dataset.index.shape[1], dataset.target, "toy"
    )
    monkeypatch.setattr(script, "start", lambda job: None)
    monkeypatch.setattr(script, "load_predictor", lambda path, device: predictor)
    few = {"backgrounds": 8, "resamples": 50, "controls": 19}
    script.main(
        SimpleNamespace(
            input=SimpleNamespace(
                model="toy",
                dataset=folder / "dataset.h5",
                splits=folder / "splits.h5",
                motifs=list(files),
            ),
            output=OutputFiles(
                fromdict={key: str(folder / FILES[key]) for key in outputs or FILES}
            ),
            params=SimpleNamespace(settings=DEFAULTS | few | params, device="cpu"),
        )
    )
    return {
        key: read_table(folder / FILES[key])
        for key in ("table", "score", "pairs", "positions", "spacing")
        if not outputs or key in outputs
    }


def only_a(text):
    return 4.0 * (A in text) - 2


def test_the_motif_of_the_rule_is_recovered_and_no_other(monkeypatch, tmp_path):
    result = run(monkeypatch, tmp_path, dataset_of(positive_motifs=["A"]), only_a)
    table = result["table"].set_index("motif")
    assert table["verdict"].to_dict() == {"A": "recovered", "B": "true_negative"}
    assert table.loc["A", ["effect", "ci_low", "ci_high"]].tolist() == [4, 4, 4]
    assert table.loc["B", ["effect", "ci_low", "ci_high"]].tolist() == [0, 0, 0]
    assert table["background"].tolist() == [-2, -2]
    # No order of its columns but A's own is A; all orders of B do as little as B.
    assert table["control"].tolist() == table["control_highest"].tolist() == [0, 0]
    assert table["p_control"].tolist() == [1 / 20, 1]
    above = ["above_control", "above_ci_low", "above_ci_high"]
    assert table.loc["A", above].tolist() == [4, 4, 4]
    assert table.loc["B", above].tolist() == [0, 0, 0]
    assert table["positions"].tolist() == [52, 52] and set(table["n"]) == {8}
    assert table["consensus"].tolist() == [A, B]
    score = result["score"].set_index("metric")
    assert score["value"].to_dict() == {
        "insertions_recovered": 1,
        "insertions_false": 0,
    }
    assert score["n"].tolist() == [1, 1]
    assert result["positions"]["position"].tolist() == [*range(52)] * 2
    assert (result["spacing"]["interaction"] == 0).all()
    assert result["spacing"]["expected"].isna().all()
    assert result["spacing"]["cooperativity"].isna().all()


def random_network(seed):
    """16 filters, their mean activity over positions, a weight for each of them."""
    rng = np.random.default_rng(seed)
    filters = torch.from_numpy(rng.normal(size=(16, 4, 8)).astype(np.float32))
    weights = torch.from_numpy(rng.normal(size=16).astype(np.float32))

    def call(batch):
        batch = torch.as_tensor(np.asarray(batch, dtype=np.float32))
        active = torch.conv1d(batch, filters).relu().mean(dim=2)
        return (active @ weights)[:, None].numpy()

    return call


def test_networks_with_random_weights_have_few_false_positives(monkeypatch, tmp_path):
    """By chance one motif in 40 beats 39 control k-mers: of 32 more than 3 in 1 %."""
    result = []
    for seed in range(8):
        rng = np.random.default_rng([seed, 1])
        dataset = dataset_of(rule="none")
        dataset.motifs = {
            f"m{number}": np.eye(4)[rng.integers(0, 4, 9)] for number in range(4)
        }
        few = {"controls": 39, "step": 13}
        few |= {"network": random_network(seed)}
        result.append(run(monkeypatch, tmp_path, dataset, None, **few)["table"])
    table = pd.concat(result)
    assert len(table) == 32 and set(table["expected"]) == {NOTHING}
    # The interval of the effect alone would call many.
    assert (table["ci_low"] > 0).sum() >= 6
    assert (table["verdict"] == "false_positive").sum() <= 3


def at_gaps(allowed):
    """Logit 5 for A, a gap that is allowed, B; 1 for one of them."""

    def logit(text):
        first, second = text.find(A), text.find(B)
        if first < 0 or second < 0:
            return float(first >= 0 or second >= 0)
        return 5.0 if second - first - 9 in allowed else 2.0

    return logit


def test_a_range_of_gaps_is_told_from_others(monkeypatch, tmp_path):
    dataset = dataset_of(rule="distance")
    result = run(monkeypatch, tmp_path, dataset, at_gaps(range(3, 9)), faithful=True)
    score = result["score"].set_index("metric")
    assert (
        score.loc["spacing_auroc", ["value", "ci_low", "ci_high"]].tolist() == [1] * 3
    )
    assert score.loc["spacing_auroc", "n"] == 8
    assert list(score.index) == ["spacing_auroc"]  # one motif alone is open
    spacing = result["spacing"]
    in_range = spacing["expected"] == "positive"
    assert (spacing.loc[in_range, "interaction"] == 5 - 1 - 1 + 0).all()
    assert (spacing.loc[~in_range, "interaction"] == 0).all()
    # 2^5 / (2 + 2 - 1)
    assert np.allclose(spacing.loc[in_range, "cooperativity"], 32 / 3)
    a_stays = spacing[in_range & (spacing["fixed"] == "A")]
    b_stays = spacing[in_range & (spacing["fixed"] == "B")]
    assert a_stays["distance"].tolist() == [*range(12, 18)]
    assert b_stays["distance"].tolist() == [*range(-17, -11)]
    assert spacing["gap"].min() == 1  # faithful: none that touch


def test_the_wrong_gaps_score_below_one_half(monkeypatch, tmp_path):
    """Of 12 gaps out of range 8 are above the 6 in range, and 4 are equal."""
    logit = at_gaps([*range(3), *range(9, 14)])
    result = run(monkeypatch, tmp_path, dataset_of(rule="distance"), logit)
    a_stays = result["spacing"].query("fixed == 'A' and distance > 0")
    assert a_stays["gap"].tolist() == [*range(18)]
    # Either motif stays at 25: 18 gaps to its right, 17 to its left.
    right, left = (12 - 8) / 2 / 12, (11 - 8) / 2 / 11
    score = result["score"].set_index("metric").loc["spacing_auroc", "value"]
    assert score == pytest.approx((right + left) / 2, abs=1e-6)


def test_an_order_is_told_from_the_other(monkeypatch, tmp_path):
    result = run(monkeypatch, tmp_path, dataset_of(rule="order"), at_gaps(range(99)))
    score = result["score"].set_index("metric")["value"]
    assert score.to_dict() == {"order_auroc": 1}


@pytest.mark.parametrize("rule", ["presence", "order", "distance"])
def test_a_constant_network_finds_nothing(monkeypatch, tmp_path, rule):
    positive = ["A"] if rule == "presence" else None
    dataset = dataset_of(rule=rule, positive_motifs=positive)
    result = run(monkeypatch, tmp_path, dataset, lambda text: -1.25)
    assert result["table"]["effect"].tolist() == [0, 0]
    score = result["score"].set_index("metric")["value"].to_dict()
    assert (
        score
        == {
            "presence": {"insertions_recovered": 0, "insertions_false": 0},
            "order": {"order_auroc": 0.5},
            "distance": {"spacing_auroc": 0.5},
        }[rule]
    )


def test_targets_are_told_apart(monkeypatch, tmp_path):
    def logit(text):
        return [3.0 * (A in text), 2.0 * (B in text) + (A in text) * (B in text)]

    dataset = dataset_of(targets=2, positive_motifs=["A"])
    result = run(monkeypatch, tmp_path, dataset, logit)
    effects = result["table"].pivot(index="target", columns="motif", values="effect")
    assert effects.to_numpy().tolist() == [[3, 0], [0, 2]]
    by_target = result["spacing"].groupby("target")["interaction"]
    assert by_target.unique().map(list).to_dict() == {"target0": [0], "target1": [1]}


def test_your_own_sequences_of_several_lengths(monkeypatch, tmp_path):
    dataset = dataset_of(n=8)
    dataset.motifs, dataset.settings = {}, {"source": "fasta"}
    dataset.index[:4, 40:] = UNKNOWN
    dataset.length[:4] = 40
    motifs = [Motif(name, np.eye(4)[encode(kmer)]) for name, kmer in WORDS.items()]
    write_meme(tmp_path / "m.meme", motifs)
    motif_file = [tmp_path / "m.meme"]
    result = run(monkeypatch, tmp_path, dataset, only_a, motif_file, motifs=["A"])
    assert result["table"]["motif"].tolist() == ["A"]
    assert result["table"]["expected"].isna().all()
    assert result["table"]["verdict"].tolist() == ["found"]
    assert result["positions"]["n"].tolist() == [8] * 32 + [4] * 20
    assert result["positions"]["effect"].tolist() == [4] * 52
    assert len(result["score"]) == len(result["spacing"]) == 0
    with pytest.raises(InputError, match="'C' is not in"):
        run(monkeypatch, tmp_path, dataset, only_a, motif_file, motifs=["C"])
    with pytest.raises(InputError, match=r"methods\.motif_insertion: no motifs"):
        run(monkeypatch, tmp_path, dataset, only_a)


def test_a_negative_control_has_the_same_table_and_score_and_no_figure(
    monkeypatch, tmp_path
):
    dataset = dataset_of(n=8, positive_motifs=["A"])
    whole = run(monkeypatch, tmp_path / "whole", dataset, only_a)
    kept = ("table", "score", "pairs")
    control = run(monkeypatch, tmp_path / "control", dataset, only_a, outputs=kept)
    for name in ("table", "score"):
        pd.testing.assert_frame_equal(control[name], whole[name])
    # Its pairs are measured only where the rule is about them.
    assert (len(whole["pairs"]), len(control["pairs"])) == (1, 0)
    assert not (tmp_path / "control" / FILES["positions_figure"]).exists()


def test_databases_are_pooled(monkeypatch, tmp_path):
    dataset = dataset_of(n=8)
    dataset.motifs, dataset.settings = {}, {"source": "fasta"}
    files = []
    for database, name in (("one", "A"), ("two", "B")):
        files.append(tmp_path / f"{database}.meme")
        write_meme(files[-1], [Motif(name, np.eye(4)[encode(WORDS[name])])])
    given = {"wanted": ["B", "A"], "max_motifs": 2, "p_threshold": 1e-4}
    given |= {"seed": 1, "method": "m"}
    chosen = motif_choice.chosen_motifs(dataset, files, **given)
    assert [motif.name for motif in chosen] == ["B", "A"]
    # A name of both is told apart by its database.
    write_meme(files[0], [Motif("B", np.eye(4)[encode(WORDS["A"])])])
    given["wanted"] = ["one:B", "two:B"]
    chosen = motif_choice.chosen_motifs(dataset, files, **given)
    assert [motif.matrix.argmax(axis=1).tolist() for motif in chosen] == [
        encode(WORDS[name]).tolist() for name in ("A", "B")
    ]


@pytest.mark.parametrize("wanted", [None, ["A"]])
def test_two_motifs_of_one_name_are_refused(tmp_path, wanted):
    dataset = dataset_of(n=8)
    dataset.motifs, dataset.settings = {}, {"source": "fasta"}
    motifs = [Motif(name, np.eye(4)[encode(WORDS[name])]) for name in ("A", "B")]
    write_meme(tmp_path / "m.meme", [*motifs, replace(motifs[1], name="A")])
    given = {"max_motifs": 2, "p_threshold": 1e-4, "seed": 1, "method": "m"}
    with pytest.raises(InputError, match="two motifs with the name 'A'"):
        motif_choice.chosen_motifs(
            dataset, [tmp_path / "m.meme"], wanted=wanted, **given
        )


def test_few_sequences_say_which_motifs_occur_most(monkeypatch):
    dataset = dataset_of(n=8)
    dataset.motifs, dataset.settings = {}, {"source": "fasta"}
    seen = []
    monkeypatch.setattr(motif_choice, "_SCANNED", 4)
    monkeypatch.setattr(motif_choice, "read_motifs", lambda path, distinct: [])
    monkeypatch.setattr(
        motif_choice,
        "scanned",
        lambda index, motifs, p: seen.append(index) or scanned(index, motifs, p),
    )
    given = {"wanted": None, "max_motifs": 1, "p_threshold": 1e-4}
    given |= {"seed": 1, "method": "m"}
    assert motif_choice.chosen_motifs(dataset, ["m.meme"], **given) == []
    assert [len(index) for index in seen] == [4]


def test_the_motifs_that_occur_most_are_taken(monkeypatch, tmp_path):
    dataset = dataset_of(n=8)
    dataset.motifs, dataset.settings = {}, {"source": "fasta"}
    dataset.index = inserted(dataset.index, kmers(B, 8), 20)
    motifs = [Motif(name, np.eye(4)[encode(kmer)]) for name, kmer in WORDS.items()]
    write_meme(tmp_path / "m.meme", motifs)
    given = {"motifs": None, "max_motifs": 1}
    result = run(monkeypatch, tmp_path, dataset, only_a, [tmp_path / "m.meme"], **given)
    assert result["table"]["motif"].tolist() == ["B"]


@pytest.mark.parametrize(
    "dataset",
    [
        pytest.param(dataset_of(length=8, positive_motifs=["A"]), id="short"),
        pytest.param(dataset_of(length=10, positive_motifs=["A"]), id="no pair"),
        pytest.param(dataset_of(n=1, positive_motifs=["A"]), id="one sequence"),
    ],
)
def test_little_room_gives_valid_tables(monkeypatch, tmp_path, dataset):
    result = run(monkeypatch, tmp_path, dataset, only_a)
    assert len(result["table"]) == 2
    room = dataset.index.shape[1] > 8
    expected = ["recovered", "true_negative"] if room else ["untested"] * 2
    assert result["table"]["verdict"].tolist() == expected


def test_without_planted_motifs_there_is_nothing_to_put_in(monkeypatch, tmp_path):
    """Rule gc."""
    dataset = dataset_of(rule="gc")
    dataset.motifs, dataset.settings["source"] = {}, "simulate"
    result = run(monkeypatch, tmp_path, dataset, only_a)
    assert {name: len(table) for name, table in result.items()} == dict.fromkeys(
        result, 0
    )


@pytest.mark.parametrize(
    "background",
    ["dinucleotide_shuffled", "shuffled", "profile", "uniform", "observed"],
)
def test_the_same_job_gives_the_same_bytes(monkeypatch, tmp_path, background):
    dataset = dataset_of(positive_motifs=["A"])

    def logit(text):
        return text.count("GC") + only_a(text)

    drawn = {"background": background, "insert": "sampled", "step": 4}
    for name in ("one", "two"):
        run(monkeypatch, tmp_path / name, dataset, logit, **drawn)
    for name in FILES.values():
        one, two = (tmp_path / item / name for item in ("one", "two"))
        assert one.read_bytes() == two.read_bytes(), name


def test_the_figures_shade_what_the_rule_calls_positive():
    distance = np.r_[-20:-8, 9:21]
    gap = np.abs(distance) - 9
    expected = np.where(
        (distance > 0) & (gap >= 3) & (gap <= 8), "positive", "negative"
    )
    curves = pd.DataFrame(
        {
            **{"target": "t", "fixed": "A", "tiled": "B", "fixed_start": 25, "n": 8},
            **{"distance": distance, "gap": gap, "expected": expected},
            **{"interaction": 1.0, "ci_low": 0.5, "ci_high": 1.5},
        }
    )
    (panel, *_) = draw_spacing(curves).axes
    (shade,) = panel.patches
    assert (shade.get_x(), shade.get_width()) == (11.5, 6)
    # In order at any gap: each side is a run of its own.
    curves["expected"] = "positive"
    (panel, *_) = draw_spacing(curves).axes
    assert [patch.get_x() for patch in panel.patches] == [-20.5, 8.5]


def test_the_figure_of_positions_shows_the_largest_effects():
    names = [f"m{number}" for number in range(8)]
    table = pd.DataFrame(
        {
            **{"motif": names, "target": "t", "expected": "", "verdict": "", "n": 8},
            **{
                "background": 0.0,
                "control_highest": 0.2,
                "effect": 1.0,
                "ci_low": 0.5,
                "ci_high": 1.5,
            },
            "strongest_effect": [1, -9, 8, 7, 6, 5, 0, 4],
        }
    )
    row = {"target": "t", "position": [0, 1], "effect": 1.0}
    row |= {"ci_low": 0.5, "ci_high": 1.5}
    positions = pd.concat([pd.DataFrame(row | {"motif": name}) for name in names])
    figure = draw_positions(table, positions)
    shown = [panel.get_title(loc="left") for panel in figure.axes]
    assert shown == ["m1", "m2", "m3", "m4", "m5", "m7"]


# -- the configuration --------------------------------------------------------------


def test_your_own_sequences_need_motifs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("p.fa", "m.meme"):
        (tmp_path / name).write_text("")
    (tmp_path / "e.tsv").write_text("dataset\tmodel\tseed\nown\tnet\t1\n")
    own = {"source": "fasta", "positives": {"path": "p.fa"}, "target": "bound"}
    own |= {"negatives": {"shuffle": "dinucleotide", "seed": 1}}

    def checked(**settings):
        config = {
            "analyses": ["motif_insertion"],
            "datasets": {"own": own},
            "models": {"net": {"architecture": "eraslan2019"}},
            "methods": {"motif_insertion": settings},
        }
        return read_experiments("e.tsv", check_configuration(config, SCHEMAS))

    assert len(checked(motifs_file="m.meme")) == 1
    with pytest.raises(InputError, match="motif_insertion on 'own'"):
        checked()
    with pytest.raises(InputError, match=r"motif_insertion\.backgrounds"):
        checked(motifs_file="m.meme", backgrounds=1)
