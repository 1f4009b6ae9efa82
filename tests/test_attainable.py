"""The best possible AUROC: likelihoods by enumeration, and rules that have none."""

from itertools import product

import numpy as np
import pytest

from proofread.dna.encoding import encode
from proofread.truth.attainable import attainable_auroc, pool_likelihood
from test_oracle import POOLS, simulated

# Of three bases and of two: p / q, so that a factor says which base was read.
WIDE = np.array([[2.0, 3, 5, 7], [11, 13, 17, 19], [23, 29, 31, 37]])
NARROW = np.array([[0.5, 0.25, 4, 8], [1, 6, 9, 10]])


def test_one_motif_has_the_mean_over_its_starts():
    # ACGT holds NARROW at AC, CG and GT: 0.5 x 6, 0.25 x 9, 4 x 10.
    index = encode("ACGT")[None]
    result = pool_likelihood(index, [NARROW], np.ones(1), np.array([1]), np.ones(1))
    assert result == pytest.approx([(3 + 2.25 + 40) / 3])


def enumerated(text, odds, weights, numbers, probabilities):
    """The same mean over all orders of motifs and all starts, one by one."""
    index = encode(text)
    mean = 0
    for number, probability in zip(numbers, probabilities, strict=True):
        for motifs in product(range(len(odds)), repeat=number):
            widths = [len(odds[motif]) for motif in motifs]
            values = []
            for starts in product(range(len(text)), repeat=number):
                ends = [0, *(s + w for s, w in zip(starts, widths, strict=True))]
                in_order = all(a <= b for a, b in zip(ends, starts, strict=False))
                if not in_order or ends[-1] > len(text):
                    continue
                factors = [
                    odds[motif][k][index[start + k]]
                    for motif, start in zip(motifs, starts, strict=True)
                    for k in range(len(odds[motif]))
                ]
                values.append(np.prod(factors))
            weight = np.prod([weights[motif] for motif in motifs])
            mean += probability * weight * np.mean(values)
    return mean


def test_several_motifs_of_different_widths_are_enumerated():
    texts = ["ACGTTGCA", "CCCCCCCC", "GATTACAG"]
    pool = [WIDE, NARROW], np.array([0.7, 0.3]), np.array([0, 1, 2])
    chances = np.array([0.2, 0.3, 0.5])
    index = np.stack([encode(text) for text in texts])
    expected = [enumerated(text, *pool, chances) for text in texts]
    assert pool_likelihood(index, *pool, chances) == pytest.approx(expected)


def test_of_two_pools_no_network_is_better_than_the_likelihood_ratio():
    dataset = simulated(**POOLS)
    (target,) = dataset.target
    # Half of the draws of a negative are core motifs: of 2, 3 or 4 all are with the
    # chance (1/4 + 1/8 + 1/16) / 3. These 0.146 of the negatives are no better than
    # coins, and the others are told. 0.03: three sd of the fraction of 400 negatives.
    coins = (1 / 4 + 1 / 8 + 1 / 16) / 3
    assert attainable_auroc(dataset, target) == pytest.approx(1 - coins / 2, abs=0.03)
    dataset.label = 1 - dataset.label
    assert attainable_auroc(dataset, target) < 0.1


def test_of_other_rules_everything_is_attainable():
    dataset = simulated(sequences=20)
    assert attainable_auroc(dataset, dataset.target[0]) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"strand": "either"},
        {"even_gaps": True},
        {"hard_fraction": 0.5},
        {"decoys": [{"motif": "SRF_known10", "as": "shuffled", "rate": 0.5}]},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_of_pools_whose_likelihood_is_not_computed_nothing_is_said(changes):
    dataset = simulated(**POOLS | changes | {"sequences": 20})
    assert np.isnan(attainable_auroc(dataset, dataset.target[0]))
