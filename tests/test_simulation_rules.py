"""Logic, composition, several targets, decoys, backgrounds, shards, simdna's engine."""

import copy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from scipy import stats

import check_truth
from proofread.configuration.check import check_configuration
from proofread.configuration.logic import parse
from proofread.configuration.schema import check, read_schema
from proofread.datasets.dataset import read_dataset, write_dataset
from proofread.datasets.simulation.backgrounds import estimate_transitions, stationary
from proofread.datasets.simulation.generate import gather, simulate, simulate_shard
from proofread.datasets.simulation.matrices import gc_matched
from proofread.datasets.simulation.settings import design_of
from proofread.dna.encoding import encode
from proofread.errors import InputError

SCHEMAS = Path(__file__).parents[1] / "workflow/schemas"
SCHEMA = read_schema(SCHEMAS / "datasets/simulate.schema.yaml")
A, B, C = MOTIFS = ["STAT_known2", "CTCF_known1", "SRF_known10"]
LEAST_P = 1e-3  # seeds are fixed; this is what chance would allow


def settings(**changes):
    chosen = {"source": "simulate", "rule": "logic", "sequences": 3000}
    if changes.get("rule", "logic") != "gc":
        chosen["motifs"] = MOTIFS
    return check(chosen | changes, SCHEMA, "config.yaml", "datasets.test")


def present(dataset):
    """Which of the dataset's motifs each sequence holds, by the truth."""
    table = pd.crosstab(dataset.truth["sequence"], dataset.truth["motif"]) > 0
    table = table.reindex(index=range(len(dataset)), columns=list(dataset.motifs))
    return table.fillna(False).astype(bool)


def within(fraction, expected, n, errors=4):
    return abs(fraction - expected) <= errors * np.sqrt(expected * (1 - expected) / n)


# -- expressions --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "true_of", "words"),
    [
        ("a", ["a", "ab", "ac", "abc"], "a"),
        ({"all": ["a", "b"]}, ["ab", "abc"], "a and b"),
        ({"any": ["a", "b"]}, ["a", "b", "ab", "ac", "bc", "abc"], "a or b"),
        ({"not": "a"}, ["", "b", "c", "bc"], "not a"),
        (
            {"at_least": 2, "of": ["a", "b", "c"]},
            ["ab", "ac", "bc", "abc"],
            "at least 2 of a, b, c",
        ),
        (
            {"all": ["a", {"not": {"any": ["b", "c"]}}]},
            ["a"],
            "a and not (b or c)",
        ),
        ({"any": [{"all": ["a", "b"]}, "c"]}, ["c", "ab", "ac", "bc", "abc"], None),
    ],
)
def test_an_expression_holds_for(expression, true_of, words):
    parsed = parse(expression, ["a", "b", "c"], "logic")
    subsets = ["", "a", "b", "c", "ab", "ac", "bc", "abc"]
    one_by_one = [s for s in subsets if parsed.holds({m: m in s for m in "abc"})]
    assert sorted(one_by_one) == sorted(true_of)
    arrays = {m: np.array([m in s for s in subsets]) for m in "abc"}
    assert [s for s, h in zip(subsets, parsed.holds(arrays), strict=True) if h] == (
        one_by_one
    )
    assert words is None or parsed.words() == words


# -- logic --------------------------------------------------------------------------


TWO_OF_THREE = {"at_least": 2, "of": MOTIFS}


@pytest.mark.parametrize("fraction", [0.3, "natural"])
def test_labels_and_hard_negatives_of_logic_follow_from_the_truth(fraction):
    dataset = simulate(settings(logic=TWO_OF_THREE, positive_fraction=fraction))
    count = present(dataset).sum(axis=1).to_numpy()
    assert dataset.target == ["logic"]
    assert dataset.label[:, 0].tolist() == (count >= 2).astype(float).tolist()
    # One motif more makes two: the negatives with one are the hard ones.
    names = np.array(["negative", "hard_negative", "positive", "positive"])
    assert dataset.stratum == names[count].tolist()
    if fraction == 0.3:  # 900 positives; of 2,100 negatives half
        counts = pd.Series(dataset.stratum).value_counts().to_dict()
        assert counts == {"positive": 900, "negative": 1050, "hard_negative": 1050}


def test_natural_share_of_two_of_three_is_a_half():
    # 0, 1, 2 and 3 motifs are a quarter each.
    dataset = simulate(
        settings(logic=TWO_OF_THREE, positive_fraction="natural", sequences=20_000)
    )
    assert within(dataset.label.mean(), 0.5, 20_000)


def test_subsets_within_a_class_are_as_free_placement_makes_them():
    # Of the positives, one size 2 subset (three alike) or all three: half, half.
    dataset = simulate(settings(logic=TWO_OF_THREE, sequences=8000))
    planted = present(dataset)[dataset.label[:, 0] == 1]
    code = planted.to_numpy() @ [1, 2, 4]
    observed = [(code == item).sum() for item in (3, 5, 6, 7)]
    expected = np.array([1 / 6, 1 / 6, 1 / 6, 1 / 2]) * 4000
    assert stats.chisquare(observed, expected).pvalue > LEAST_P


def test_negatives_of_any_that_are_all_near_are_all_hard():
    dataset = simulate(settings(logic={"any": MOTIFS}, sequences=100))
    assert set(dataset.stratum) == {"positive", "hard_negative"}
    assert not present(dataset)[dataset.label[:, 0] == 0].any(axis=None)


TARGETS = {"both": {"all": [A, B]}, "blocked": {"all": [C, {"not": B}]}}


def test_each_target_follows_its_own_expression():
    dataset = simulate(settings(targets=TARGETS))
    planted = present(dataset)
    assert dataset.target == ["both", "blocked"]
    assert (
        dataset.label[:, 0].tolist() == (planted[A] & planted[B]).astype(float).tolist()
    )
    assert (
        dataset.label[:, 1].tolist()
        == (planted[C] & ~planted[B]).astype(float).tolist()
    )
    # Both at once cannot be: B is in the one and not in the other.
    counts = pd.Series(dataset.stratum).value_counts().to_dict()
    assert counts == {"negative": 1000, "both": 1000, "blocked": 1000}
    assert set(dataset.truth["role"]) == {"causal"}


def test_a_stratum_names_every_positive_target():
    dataset = simulate(settings(targets={"x": A, "y": B}, sequences=400))
    names = {(0, 0): "negative", (1, 0): "x", (0, 1): "y", (1, 1): "x+y"}
    assert dataset.stratum == [names[tuple(row)] for row in dataset.label.astype(int)]
    assert dataset.label.mean(axis=0).tolist() == [0.5, 0.5]


# -- composition --------------------------------------------------------------------


def test_classes_of_gc_differ_in_composition_only():
    dataset = simulate(settings(rule="gc", sequences=2000))
    assert len(dataset.truth) == 0 and dataset.motifs == {}
    for label, gc in ((1, 0.8), (0, 0.5)):
        bases = dataset.index[dataset.label[:, 0] == label]
        assert len(bases) == 1000
        for base, fraction in enumerate([1 - gc, gc, gc, 1 - gc]):
            assert within((bases == base).mean(), fraction / 2, bases.size)


# -- decoys -------------------------------------------------------------------------


def test_decoys_know_nothing_of_the_label():
    decoys = [
        {"motif": "NRF1_known2", "rate": 0.3},
        {"motif": A, "as": "gc"},
        {"motif": A, "as": "shuffled"},
    ]
    dataset = simulate(settings(logic=TWO_OF_THREE, decoys=decoys, sequences=10_000))
    planted = present(dataset)
    rates = {"NRF1_known2": 0.3, f"{A}_gc": 0.5, f"{A}_shuffled": 0.5}
    assert list(dataset.motifs) == [*MOTIFS, *rates]
    for name, rate in rates.items():
        assert within(planted[name].mean(), rate, 10_000)
        for known in (dataset.label[:, 0], dataset.stratum, planted[A]):
            table = pd.crosstab(planted[name], np.asarray(known))
            assert stats.chi2_contingency(table).pvalue > LEAST_P, name
    roles = dict(zip(dataset.truth["motif"], dataset.truth["role"], strict=True))
    assert roles == dict.fromkeys(MOTIFS, "causal") | dict.fromkeys(rates, "decoy")
    assert check_truth.mismatches(dataset) == []


def test_made_decoys_are_like_their_motif():
    assert gc_matched(np.array([[0.1, 0.2, 0.4, 0.3], [1.0, 0, 0, 0]])) == (
        pytest.approx(np.array([[0.2, 0.3, 0.3, 0.2], [0.5, 0, 0, 0.5]]))
    )
    decoys = [{"motif": A, "as": "shuffled"}]
    motifs = simulate(settings(logic=A, decoys=decoys, sequences=20)).motifs
    one, other = motifs[A], motifs[f"{A}_shuffled"]
    assert sorted(one.tolist()) == sorted(other.tolist())
    assert not np.array_equal(one, other)


def test_decoys_leave_the_plan_as_it_is():
    plain = simulate(settings(logic=A, sequences=200))
    more = simulate(settings(logic=A, sequences=200, decoys=[{"motif": "NRF1_known2"}]))
    kept = more.truth[more.truth["motif"] != "NRF1_known2"].reset_index(drop=True)
    columns = ["sequence", "motif", "start", "end"]
    assert kept[columns].equals(plain.truth[columns])


# -- backgrounds --------------------------------------------------------------------


def outside(dataset):
    """Pairs of neighbouring bases with no planted base among them, (m, 2)."""
    free = np.ones(dataset.index.shape, dtype=bool)
    for row in dataset.truth.itertuples():
        free[row.sequence, row.start : row.end] = False
    pairs = free[:, :-1] & free[:, 1:]
    return np.column_stack([dataset.index[:, :-1][pairs], dataset.index[:, 1:][pairs]])


CHAIN = [[0.7, 0.1, 0.1, 0.1], [0.25] * 4, [0.1, 0.4, 0.4, 0.1], [0, 0, 0.5, 0.5]]


def test_each_base_depends_on_the_one_before():
    rows = {
        base: dict(zip("ACGT", row, strict=True))
        for base, row in zip("ACGT", CHAIN, strict=True)
    }
    dataset = simulate(
        settings(logic=A, background={"transitions": rows}, sequences=1000)
    )
    pairs = outside(dataset)
    for base in range(4):
        after = pairs[pairs[:, 0] == base, 1]
        for following in range(4):
            fraction = CHAIN[base][following]
            assert within((after == following).mean(), fraction, len(after))


def test_stationary_shares_by_hand():
    # A stays with 1/2 and else goes to C; C always goes to A: shares 2/3 and 1/3.
    chain = np.array([[0.5, 0.5, 0, 0], [1, 0, 0, 0], [1, 0, 0, 0], [1, 0, 0, 0]])
    assert stationary(chain) == pytest.approx([2 / 3, 1 / 3, 0, 0])


def test_transitions_are_counted_within_known_runs(tmp_path):
    path = tmp_path / "own.fa"
    # AA, AC, CG, GT, TA, then TNA gives none; second record: AC, CC.
    path.write_text(">a\nAACGTATNA\n>b\nACC\n")
    # From A: AA, AC, AT, AC; from C: CG, CC; from G: GT; from T: TA.
    assert estimate_transitions(path).tolist() == [
        [0.25, 0.5, 0, 0.25],
        [0, 0.5, 0.5, 0],
        [0, 0, 0, 1],
        [1, 0, 0, 0],
    ]


def test_shuffled_windows_keep_the_dinucleotides_of_the_file(tmp_path):
    # Every window of 60 bp of a repeat of ACGG keeps its ends and its pairs.
    path = tmp_path / "own.fa"
    text = "ACGG" * 40
    path.write_text(f">short\nTTTT\n>repeat\n{text}\n>unknown\n{'N' * 90}\n")
    dataset = simulate(
        settings(
            logic="NRF1_known2",
            motifs=["NRF1_known2"],
            background={"path": str(path), "by": "shuffle"},
            length=60,
            sequences=20,
        )
    )
    plain = dataset.index[dataset.label[:, 0] == 0]
    assert len(plain) == 10
    windows = {tuple(encode(text[i : i + 60])) for i in range(4)}

    def pairs(index):
        return tuple(np.bincount(4 * index[:-1] + index[1:], minlength=16))

    allowed = {pairs(np.array(window, dtype=int)) for window in windows}
    assert {pairs(row.astype(int)) for row in plain} <= allowed
    assert len({row.tobytes() for row in plain}) == 10


def test_motifs_of_jaspar():
    dataset = simulate(
        settings(motifs=["MA0139.2"], logic="MA0139.2", jaspar="JASPAR2026")
    )
    assert set(dataset.truth["motif"]) == {"MA0139.2"}
    assert len(dataset.motifs["MA0139.2"]) == 15  # CTCF's core


# -- shards -------------------------------------------------------------------------


@pytest.mark.parametrize("fraction", [0.3, "natural"])
def test_shards_are_the_same_in_any_order_and_sum_to_the_whole(tmp_path, fraction):
    chosen = settings(
        logic=TWO_OF_THREE, shards=4, sequences=1001, positive_fraction=fraction
    )
    parts = {}
    for number in (2, 0, 3, 1):
        write_dataset(tmp_path / f"{number}.h5", simulate_shard(chosen, number))
        # In memory or not: it is the same.
        parts[number] = read_dataset(tmp_path / f"{number}.h5", streamed=number % 2)
    write_dataset(tmp_path / "a.h5", gather([parts[index] for index in range(4)]))
    write_dataset(tmp_path / "b.h5", simulate(chosen))
    assert (tmp_path / "a.h5").read_bytes() == (tmp_path / "b.h5").read_bytes()
    whole = read_dataset(tmp_path / "a.h5")
    assert len(whole) == 1001 and whole.name[-1] == "seq001001"
    assert len({whole.sequence(row) for row in range(1001)}) == 1001
    assert check_truth.mismatches(whole) == []
    if fraction == 0.3:
        counts = pd.Series(whole.stratum).value_counts().to_dict()
        # 300.3 positives; half of 701 negatives, rounded up.
        assert counts == {"positive": 300, "negative": 350, "hard_negative": 351}


def test_the_same_sequence_in_two_shards_is_an_error():
    part = simulate(settings(logic=A, sequences=10))
    with pytest.raises(InputError, match="10 of 20 sequences are in two shards"):
        gather([part, part])


# -- the truth, simdna --------------------------------------------------------------


def test_a_wrong_truth_row_is_found():
    dataset = simulate(settings(logic=A, sequences=200, strand="either"))
    assert check_truth.mismatches(dataset) == []
    dataset.truth.loc[3, "instance"] = "A" + "C" * 20
    dataset.truth.loc[7, ["start", "end"]] += 1
    assert check_truth.mismatches(dataset) == [3, 7]


@pytest.mark.parametrize("strand", ["forward", "either"])
def test_the_drop_in_samplers_give_simdna_s_bytes(strand):
    import bench_simulate
    from proofread.datasets.simulation.simdna_engine import generate, generator

    chosen = settings(
        rule="presence",
        positive_motifs=[A],
        strand=strand,
        positive_fraction="natural",
        engine="simdna",
        sequences=300,
        seed=5,
        background={"A": 0.3, "C": 0.2, "G": 0.2, "T": 0.3},
    )
    design = design_of(chosen, "test")
    stock = bench_simulate.stock(design, 5, 300)
    ours = generate(generator(design), 5, 300)

    def said(sequences):
        return [
            (sequence.seqName, sequence.seq, [str(e) for e in sequence.embeddings])
            for sequence in sequences
        ]

    assert said(ours) == said(stock)
    dataset = simulate(chosen)
    assert [dataset.sequence(row) for row in range(300)] == [e.seq for e in stock]
    assert check_truth.mismatches(dataset) == []
    assert dataset.label[:, 0].tolist() == present(dataset)[A].astype(float).tolist()
    shards = simulate(chosen | {"shards": 2})
    assert len({shards.sequence(row) for row in range(300)}) == 300


# -- mistakes -----------------------------------------------------------------------

MISTAKES = {
    "no expression": ({}, ".logic: neither logic nor targets"),
    "two of them": ({"logic": A, "targets": {"x": B}}, ".logic: both logic and"),
    "an unknown operator": (
        {"logic": {"al": [A, B]}},
        ".logic: {'al':",
        "did you mean 'all'?",
    ),
    "two operators": ({"logic": {"all": [A], "any": [B]}}, "nest two operators"),
    "a motif that is not planted": (
        {"logic": {"any": [A, {"not": "CTCF_known"}]}},
        ".logic.any, item 2.not: 'CTCF_known' is not among",
        "did you mean 'CTCF_known1'?",
    ),
    "too many of": (
        {"logic": {"at_least": 3, "of": [A, B]}},
        ".logic.at_least: 3",
        "from 1 to 2",
    ),
    "of without at_least": ({"logic": {"of": [A]}}, "write both, at_least and of"),
    "no list": ({"logic": {"all": A}}, ".logic.all: 'STAT_known2'", "as a list"),
    "always true": (
        {"logic": {"any": [A, {"not": A}]}},
        "true for every sequence",
    ),
    "logic under another rule": (
        {"rule": "order", "motifs": [A, B], "logic": A},
        ".logic: logic under rule order",
    ),
    "targets in another share": (
        {"targets": {"x": A}, "positive_fraction": 0.2},
        ".positive_fraction: 0.2 with several targets",
    ),
    "motifs under gc": ({"rule": "gc", "motifs": [A]}, "STAT_known2 under rule gc"),
    "the same gc": ({"rule": "gc", "positive_gc": 0.5}, "the same as negative_gc"),
    "no motifs": ({"motifs": [], "rule": "none"}, ".motifs: no motif"),
    "a decoy that is a motif": (
        {"logic": A, "decoys": [{"motif": A}]},
        ".decoys: STAT_known2, as a motif",
    ),
    "a decoy twice": (
        {"logic": A, "decoys": [{"motif": "NRF1_known2"}] * 2},
        ".decoys: NRF1_known2, as another decoy",
    ),
    "two sources of motifs": (
        {"logic": A, "jaspar": "JASPAR2026", "motifs_file": "own.meme"},
        ".jaspar: JASPAR2026 together with motifs_file",
    ),
    "a protein for an identifier": (
        {"logic": "CTCF", "motifs": ["CTCF"], "jaspar": "JASPAR2026"},
        "motif 'CTCF' is not among",
        "MA0139.2",
    ),
    "a chain that leaks": (
        {
            "logic": A,
            "background": {
                "transitions": {
                    x: {"A": 0.25, "C": 0.25, "G": 0.25, "T": 0.2} for x in "ACGT"
                }
            },
        },
        ".background.transitions.A: A 0.25",
        "sum 0.95",
    ),
    "too many shards": (
        {"logic": A, "sequences": 10, "shards": 6},
        ".shards: 6 shards for 10 sequences",
        "at most 5",
    ),
    "simdna with a share": (
        {"logic": A, "engine": "simdna"},
        ".engine: simdna with positive_fraction 0.5",
    ),
    "simdna with a rule it has not": (
        {"rule": "gc", "engine": "simdna"},
        ".engine: simdna under rule gc",
    ),
    "simdna with decoys": (
        {
            "logic": A,
            "engine": "simdna",
            "positive_fraction": "natural",
            "decoys": [{"motif": "NRF1_known2"}],
        },
        ".engine: simdna with decoys",
    ),
    "simdna with another background": (
        {
            "logic": A,
            "engine": "simdna",
            "positive_fraction": "natural",
            "background": {
                "transitions": {x: dict.fromkeys("ACGT", 0.25) for x in "ACGT"}
            },
        },
        ", or with a background other than base probabilities",
    ),
    "simdna without room": (
        {
            "logic": A,
            "engine": "simdna",
            "length": 60,
            "positive_fraction": "natural",
        },
        "it would never end",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_explained(name):
    changes, *parts = copy.deepcopy(MISTAKES[name])
    with pytest.raises(InputError) as error:
        simulate(settings(**changes), "config.yaml: datasets.test")
    message = str(error.value)
    assert message.startswith("config.yaml: datasets.test.")
    assert "what to do: " in message
    for part in parts:
        assert part in message


def test_records_too_short_for_a_window(tmp_path):
    path = tmp_path / "own.fa"
    path.write_text(">a\nACGTACGT\n")
    chosen = settings(logic=A, background={"path": str(path), "by": "shuffle"})
    with pytest.raises(InputError, match="no stretch of 200 known bases"):
        simulate(chosen)
    path.write_text(">a\nACACAC\n")
    with pytest.raises(InputError, match="no base after G"):
        estimate_transitions(path)


def test_an_expression_is_checked_before_any_job():
    config = yaml.safe_load("""
    datasets:
      own: {source: simulate, rule: logic, motifs: [a], targets: {x: {all: [b]}}}
    models: {cnn: {architecture: eraslan2019}}
    """)
    with pytest.raises(InputError) as error:
        check_configuration(config, SCHEMAS, config_path="config.yaml")
    assert error.value.where == "config.yaml: datasets.own.targets.x.all, item 1"
