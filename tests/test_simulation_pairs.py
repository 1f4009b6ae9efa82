"""Rule pairs: which pairs are planted, where, and that no motif tells the class."""

import re
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from scipy import stats

import check_truth
from kmer_motifs import write_kmers
from proofread.configuration.names import planted_names
from proofread.configuration.schema import check, schema_of
from proofread.datasets.preview.motifs import gap_table, instance_matrices, motif_table
from proofread.datasets.simulation.generate import simulate
from proofread.datasets.simulation.interacting_pairs import negative_sets
from proofread.errors import InputError
from proofread.report.data import _pairs
from proofread.truth.expectation import (
    DISTANCE,
    FOUND,
    INTERACTION,
    NOTHING,
    OPEN,
    ORDER,
    PRESENCE,
    expectation,
    insertion_expectation,
)
from proofread.truth.ideal_explainer import explainers_answers
from proofread.truth.position_scores import position_scores
from proofread.truth.roles import by_role

ROOT = Path(__file__).parents[1]
LEAST_P = 1e-3  # seeds are fixed; this is what chance would allow
# Each column has one base, so that an instance is always this k-mer.
KMERS = {
    **{"a": "ACGTC", "b": "GGATT", "c": "TCCA", "d": "CATG", "e": "TTTCG", "f": "GAAG"},
    **{"g": "AAAC", "h": "TGTG", "i": "CCTC", "j": "AGAG", "k": "GTAT", "l": "CGCG"},
    "m": "TATTA",
}
# Two paths: a-b-c and d-e-f.
PAIRS = [["a", "b"], ["b", "c"], ["d", "e"], ["e", "f"]]
# Two paths of six, as in config/pairs.yaml: two motifs are in one of ten pairs, four in
# two of them, in each path.
PATHS = [list(pair) for path in ("abcdef", "ghijkl") for pair in pairwise(path)]


@pytest.fixture(scope="module")
def motifs_file(tmp_path_factory):
    return write_kmers(tmp_path_factory.mktemp("motifs") / "motifs.meme", KMERS)


@pytest.fixture
def settings(motifs_file):
    def complete(**changes):
        chosen = {
            "source": "simulate",
            "rule": "pairs",
            "motifs_file": motifs_file,
            "motifs": list("abcdef"),
            "interacting_pairs": PAIRS,
            "pseudo_probability": 0,
            "min_gap": 2,
            "max_gap": 6,
            "sequences": 4000,
            "length": 60,
        } | changes
        schema = schema_of("datasets/simulate")
        return check(chosen, schema, "config.yaml", "datasets.test")

    return complete


def columns_of(pairs):
    return np.array([["abcdefghijkl".index(name) for name in pair] for pair in pairs])


# -- how likely the pairs of negatives are --------------------------------------------


def test_probabilities_of_pairs_in_negatives_by_hand():
    """b and e are in half of the positives, the others in a quarter.

    The weights are products of a number of each motif, by symmetry p (a, c, d, f) and
    q = r p (b, e). Of a: 3 p^2 + p q = 1/4; of b: 2 p q + q^2 = 1/2. Then r^2 = 6 and
    p^2 = (3 - sqrt 6) / 12.
    """
    sets, probability = negative_sets(columns_of(PAIRS), 6, 1)
    root = np.sqrt(6)
    products = {0: (3 - root) / 12, 1: (root - 2) / 4, 2: (3 - root) / 2}
    expected = [products[len({*pair} & {1, 4})] for pair in sets[:, 0].tolist()]
    assert sets.shape == (15 - 4, 1, 2)
    assert sum(expected) == pytest.approx(1)
    assert probability == pytest.approx(expected)


def test_pairs_that_all_motifs_share_alike_are_equally_likely():
    # A ring of five: what is left is a ring again.
    ring = np.array([[0, 1], [1, 2], [2, 3], [3, 4], [4, 0]])
    sets, probability = negative_sets(ring, 5, 1)
    assert sets[:, 0].tolist() == [[0, 2], [0, 3], [1, 3], [1, 4], [2, 4]]
    assert probability == pytest.approx([1 / 5] * 5)


@pytest.mark.parametrize("number", [2, 3])
def test_sets_of_pairs_have_no_interaction_and_the_numbers_of_positives(number):
    sets, probability = negative_sets(columns_of(PATHS), 12, number)
    interacting = {frozenset(pair) for pair in columns_of(PATHS).tolist()}
    for pairs in sets.tolist():
        held = {motif for pair in pairs for motif in pair}
        assert not interacting & set(map(frozenset, combinations(held, 2)))
    assert len(np.unique(sets.reshape(len(sets), -1), axis=0)) == len(sets)
    # A positive holds b in each of its pairs with 2/10, and a with 1/10: binomial.
    counts = (sets[:, :, :, None] == np.arange(12)).sum(axis=(1, 2))
    for motif, fraction in ((1, 2 / 10), (0, 1 / 10)):
        of_number = [
            probability[counts[:, motif] == k].sum() for k in range(number + 1)
        ]
        expected = stats.binom.pmf(range(number + 1), number, fraction)
        assert of_number == pytest.approx(expected, abs=1e-7)


def test_the_size_of_the_published_setting():
    # 20 motifs and 40 pairs: each motif is in four, a tenth of them.
    ring = np.array([[i, (i + step) % 20] for i in range(20) for step in (1, 2)])
    sets, probability = negative_sets(ring, 20, 1)
    # All other pairs, 20 * 19 / 2 - 40.
    assert len(sets) == 150
    held = (sets[:, 0, :, None] == np.arange(20)).any(axis=1)
    assert probability @ held == pytest.approx([1 / 10] * 20)
    assert negative_sets(ring, 20, 2)[1].sum() == pytest.approx(1)


def test_many_pairs_of_few_motifs_are_an_error(settings):
    # Two of three pairs hold b in 5 of 9 positives, and so its partner: together more
    # than all negatives, none of which has both.
    chosen = settings(
        interacting_pairs=[["a", "b"], ["c", "d"], ["e", "f"]],
        pairs_per_sequence={"min": 2, "max": 2},
    )
    with pytest.raises(InputError, match="as often as 2 interacting pairs"):
        simulate(chosen)


def test_frequencies_that_negatives_cannot_have_are_an_error(settings):
    # A path of four: c is in two of three pairs, but a, its only other partner, in one.
    chosen = settings(
        motifs=list("abcd"), interacting_pairs=[list(pair) for pair in pairwise("abcd")]
    )
    with pytest.raises(InputError, match="as often as 1 interacting pairs") as error:
        simulate(chosen)
    assert "what to do: remove pairs" in str(error.value)


# -- sequences ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def large(motifs_file):
    """Up to three pairs, on both strands, with a decoy: over 100,000 truth rows."""
    chosen = {
        "source": "simulate",
        "rule": "pairs",
        "motifs_file": motifs_file,
        "motifs": list("abcdefghijkl"),
        "interacting_pairs": PATHS,
        "pairs_per_sequence": {"min": 1, "max": 3},
        "decoys": [{"motif": "m", "rate": 0.3}],
        "max_gap": 5,
        "sequences": 30_000,
        "length": 70,
        "strand": "either",
        "shards": 2,
    }
    return simulate(check(chosen, schema_of("datasets/simulate"), "here"))


def numbers_of(dataset, names):
    """Instances of each motif in each sequence, (motifs, n), by the truth."""
    truth = dataset.truth
    return {
        name: np.bincount(
            truth.loc[truth["motif"] == name, "sequence"], minlength=len(dataset)
        )
        for name in names
    }


def test_labels_and_instances_agree_with_the_truth(large):
    assert len(large.truth) > 100_000
    assert check_truth.mismatches(large) == []
    held = {name: n > 0 for name, n in numbers_of(large, "abcdefghijkl").items()}
    pairs = large.settings["interacting_pairs"]
    label = np.any([held[a] & held[b] for a, b in pairs], axis=0)
    assert (large.label[:, 0] == label).all()
    assert label.sum() == 15_000
    assert set(large.stratum) == {"positive", "hard_negative"}


def test_no_motif_alone_tells_the_class(large):
    label = large.label[:, 0] == 1
    for name, number in numbers_of(large, "abcdefghijklm").items():
        counts = [np.bincount(number[side], minlength=4) for side in (label, ~label)]
        seen = np.array(counts)[:, np.sum(counts, axis=0) > 0]
        assert stats.chi2_contingency(seen).pvalue > LEAST_P, name
    # Nor does their number: one to three pairs, equally likely.
    total = sum(numbers_of(large, "abcdefghijkl").values())
    for side in (label, ~label):
        counts = np.bincount(total[side], minlength=7)[[2, 4, 6]]
        assert counts.sum() == side.sum()
        assert stats.chisquare(counts).pvalue > LEAST_P


def test_pairs_stand_in_either_order_with_any_gap_of_the_range(settings):
    dataset = simulate(settings())
    truth = dataset.truth
    assert (truth.groupby("sequence").size() == 2).all()
    left, right = truth.iloc[::2], truth.iloc[1::2]
    gap = right["start"].to_numpy() - left["end"].to_numpy()
    assert stats.chisquare(np.bincount(gap)[2:]).pvalue > LEAST_P
    assert (gap.min(), gap.max()) == (2, 6)
    ab = (left["motif"].isin(["a", "b"]).to_numpy()) & (
        right["motif"].isin(["a", "b"]).to_numpy()
    )
    first = (left["motif"] == "a").to_numpy()[ab]
    assert stats.binomtest(int(first.sum()), len(first)).pvalue > LEAST_P
    # All starts are equally likely: 60 bp less 4 + 2 + 4 at least.
    shortest = (right["end"].to_numpy() - left["start"].to_numpy()) == 12
    starts = np.bincount(left["start"].to_numpy()[shortest], minlength=49)
    assert len(starts) == 49
    assert stats.chisquare(starts).pvalue > LEAST_P


def test_shards_and_fractions_are_exact(settings):
    dataset = simulate(settings(sequences=1001, positive_fraction=0.3, shards=3))
    counts = pd.Series(dataset.stratum).value_counts().to_dict()
    assert counts == {"positive": 300, "hard_negative": 701}
    # The setting for hard negatives is not used: all are one motif from a positive.
    other = simulate(settings(sequences=1001, positive_fraction=0.3, hard_fraction=0))
    assert pd.Series(other.stratum).value_counts().to_dict() == counts


def test_a_pair_that_fills_the_sequence_fits(settings):
    # At most 5 + 6 + 5 bp.
    dataset = simulate(settings(length=16, sequences=200))
    assert check_truth.mismatches(dataset) == []
    with pytest.raises(InputError, match="at least 16 bp: 1 pairs"):
        simulate(settings(length=15))
    with pytest.raises(InputError, match=r"at least 37 bp: 2 pairs .* 5 bp of decoys"):
        simulate(
            settings(
                length=36,
                motifs=list("bcdef"),
                interacting_pairs=[["b", "c"], ["d", "e"], ["e", "f"]],
                pairs_per_sequence={"min": 1, "max": 2},
                decoys=[{"motif": "a"}],
            )
        )


# -- errors ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"interacting_pairs": [["a", "bb"], *PAIRS[1:]]}, "'bb' is not among"),
        ({"interacting_pairs": [*PAIRS, ["b", "a"]]}, "b and a, once more"),
        ({"interacting_pairs": [*PAIRS, ["a", "a"]]}, "a with itself"),
        ({"interacting_pairs": []}, "no pair"),
        ({"interacting_pairs": PAIRS[:3]}, "f is in no interacting pair"),
        (
            {"interacting_pairs": [["a", other] for other in "bcdef"]},
            "a interacts with",
        ),
        ({"motifs": ["a", "b"], "interacting_pairs": PAIRS[:1]}, "2 motifs"),
        ({"positive_fraction": "natural"}, "natural under rule pairs"),
        ({"min_gap": 7}, "7, above max_gap, 6"),
        ({"pairs_per_sequence": {"min": 2, "max": 1}}, "min 2, max 1"),
        ({"rule": "pool"}, "interacting_pairs under rule pool"),
    ],
    ids=lambda value: value.replace(" ", "_") if isinstance(value, str) else "",
)
def test_settings_that_contradict_each_other(settings, changes, found):
    with pytest.raises(InputError, match=found) as error:
        simulate(settings(**changes))
    assert "what to do: " in str(error.value)


# -- what is known of the rule --------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "motifs", "expected"),
    [
        (PRESENCE, ("a",), FOUND),
        (INTERACTION, ("b", "a"), FOUND),  # logits that add up cannot follow the rule
        (INTERACTION, ("a", "c"), OPEN),  # together they tell that it is a negative
        (INTERACTION, ("a", "decoy"), NOTHING),
        (ORDER, ("a", "b"), NOTHING),
        (DISTANCE, ("a", "b"), OPEN),
        (DISTANCE, ("a", "decoy"), NOTHING),
        (PRESENCE, ("decoy",), NOTHING),
    ],
)
def test_expected_results(settings, kind, motifs, expected):
    assert expectation(kind, motifs, settings(), "pairs") == expected


def test_roles_names_words_and_provenance(settings):
    chosen = settings(decoys=[{"motif": "a", "as": "gc"}], sequences=400)
    dataset = simulate(chosen)
    assert insertion_expectation("a", chosen, "pairs") == OPEN
    assert by_role(dataset, "pairs") == (list("abcdef"), ["a_gc"])
    assert planted_names(chosen) == [*"abcdef", "a_gc"]
    assert dataset.target == ["pairs"]
    assert dataset.settings["interacting_pairs"] == PAIRS
    assert "pairs_per_sequence" in dataset.settings
    # Files of other rules do not change by new keys.
    other = simulate(
        settings(rule="presence", positive_motifs=["a"], interacting_pairs=[])
    )
    assert "interacting_pairs" not in other.settings
    text = _pairs(chosen)
    assert "contains 1 pair of motifs, 2–6 bp apart" in text
    assert "a with b; b with c; d with e; e with f" in text
    two = _pairs(settings(pairs_per_sequence={"min": 1, "max": 2}))
    assert "contains 1–2 pairs of motifs" in two


def test_preview_and_ideal_explainer(settings):
    dataset = simulate(settings(sequences=400))
    motifs = motif_table(dataset, instance_matrices(dataset))
    assert motifs["instances"].sum() == len(dataset.truth) == 800
    assert motifs["max_difference"].max() == 0
    assert gap_table(dataset)["count"].sum() == 400
    answers = explainers_answers(dataset, "pairs", 1)
    some = {"signed": answers["log_odds"]["signed_raw"]}
    (auroc, *_) = position_scores(some, dataset, "pairs", resamples=10, seed=1)
    # Every base of an instance is certain, so that the ideal is perfect.
    assert auroc.value == 1


def test_the_shipped_configuration_has_ten_pairs_of_66():
    settings = yaml.safe_load((ROOT / "config/pairs.yaml").read_text())
    dataset = settings["datasets"]["pairs"]
    complete = check(dataset, schema_of("datasets/simulate"), "here")
    assert len(complete["motifs"]) == 12
    assert len(complete["interacting_pairs"]) == 10
    drawn = simulate(complete | {"sequences": 500})
    assert check_truth.mismatches(drawn) == []


def test_the_example_of_the_page_is_right():
    text = (ROOT / "docs/data.md").read_text()
    blocks = re.findall(r"^```yaml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    (block,) = [block for block in blocks if "rule: pairs" in block]
    example = yaml.safe_load(block)["pairs"]
    complete = check(example, schema_of("datasets/simulate"), "docs/data.md")
    assert simulate(complete | {"sequences": 200}).label.sum() == 100
