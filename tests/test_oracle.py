"""The positive control: its formulas by hand, and how near it comes to the best."""

from math import exp, log

import numpy as np
import pytest
import torch

from proofread.configuration.positive_control import NO_ORACLE
from proofread.datasets.simulation.generate import simulate
from proofread.dna.encoding import encode
from proofread.errors import InputError
from proofread.methods.attributions.deep_lift import deep_lift_shap
from proofread.models.checkpoint import load_model, predict_logits, save_model
from proofread.models.first_layer import FirstLayer
from proofread.models.layers import LogOdds
from proofread.models.oracle import NAME, Expressions, Pairs
from proofread.models.tracing import agrees, traced
from proofread.motifs.motif import log_odds
from proofread.statistics.metrics import auroc
from proofread.truth.attainable import attainable_auroc
from proofread.truth.oracle import MAX_MOTIFS, oracle_of, site_scores
from test_simulation import CTCF, SCHEMA, STAT, settings

SRF = "SRF_known10"
THREE = {"rule": "logic", "motifs": [STAT, CTCF, SRF]}
RULES = {
    "presence": {},
    "presence of two": {"positive_motifs": [STAT, CTCF]},
    "order": {"rule": "order"},
    "distance": {"rule": "distance"},
    "distance, both strands": {
        "rule": "distance",
        "min_gap": 5,
        "max_gap": 12,
        "strand": "either",
    },
    "or": THREE | {"logic": {"any": [STAT, SRF]}},
    "not": THREE | {"logic": {"all": [SRF, {"not": CTCF}]}},
    "two of three": THREE | {"logic": {"at_least": 2, "of": [STAT, CTCF, SRF]}},
    "targets": THREE
    | {
        "targets": {
            "cooperative": {"all": [STAT, CTCF]},
            "blocked": {"all": [SRF, {"not": CTCF}]},
        }
    },
    "pool with targets": {
        "rule": "pool",
        "motifs": [STAT, CTCF, SRF],
        "targets": {"alone": STAT, "both": {"all": [STAT, CTCF]}},
        "motifs_per_sequence": {"min": 1, "max": 5},
        "positive_fraction": "natural",
        "strand": "either",
    },
    "gc": {"rule": "gc", "motifs": []},
}
POOLS = {
    "rule": "pool",
    "motifs": ["RFX5_known8", "MYBL2_2"],
    "negative_motifs": [SRF, "TBX20_1"],
    "motifs_per_sequence": {"min": 2, "max": 4},
    "hard_fraction": "natural",
}
PAIRS = {
    "motifs": [STAT, CTCF, SRF, "TBX20_1"],
    "interacting_pairs": [[STAT, CTCF], [SRF, "TBX20_1"]],
}
# Settings of each rule that the schema knows.
EFFECTS = {
    "motifs": [STAT],
    "effects": {STAT: 1},
    "motifs_per_sequence": {"min": 0, "max": 2},
}
OF_SCHEMA = RULES | {
    **{"logic": RULES["or"], "pool": POOLS, "pairs": PAIRS, "none": {}},
    "effects": EFFECTS,
}


def simulated(**changes):
    return simulate(settings(**{"sequences": 800, "length": 150, "seed": 5} | changes))


def logits_of(dataset):
    network, _ = oracle_of(dataset)
    return predict_logits(network, np.asarray(dataset.index)).numpy()


# -- how well it predicts -----------------------------------------------------------


@pytest.mark.parametrize("rule", RULES)
def test_it_predicts_the_labels_as_well_as_possible(rule):
    """An AUROC of 1 is the most that is attainable, whatever the noise of instances."""
    dataset = simulated(**RULES[rule])
    logits = logits_of(dataset)
    for column in range(len(dataset.target)):
        assert auroc(dataset.label[:, column], logits[:, column]) >= 0.99


def test_of_two_pools_it_predicts_nearly_as_well_as_the_likelihood_ratio():
    """No statistic has a higher AUROC than the likelihood ratio (Neyman, Pearson).

    Some negatives have core motifs alone, by chance, and nothing tells them.
    """
    dataset = simulated(**POOLS)
    attainable = attainable_auroc(dataset, dataset.target[0])
    assert 0.9 < attainable < 0.95
    assert auroc(dataset.label[:, 0], logits_of(dataset)[:, 0]) >= 0.99 * attainable


def test_labels_are_not_read():
    dataset = simulated(sequences=100)
    before = logits_of(dataset)
    dataset.label = 1 - dataset.label
    assert np.array_equal(logits_of(dataset), before)


# -- formulas -----------------------------------------------------------------------


def test_a_site_is_as_rare_as_the_threshold_says():
    # Of k-mers of ACGTACG with one base certain at each position, each has 4 ** -7
    # = 6e-5 < 1e-4; a mismatch makes 22 k-mers, 1.3e-3.
    sure = np.full((7, 4), 0.001)
    sure[range(7), [0, 1, 2, 3, 0, 1, 2]] = 0.997
    scores, least = site_scores(sure, np.full(4, 0.25))
    # (0.997 + 0.01) / 1.04 against 0.25; the threshold is rounded to 0.01 bits.
    assert scores.max(axis=1).sum() == pytest.approx(7 * log(1.007 / 1.04 * 4))
    assert least == pytest.approx(scores.max(axis=1).sum(), abs=0.05)
    # No match of 3 bp is so rare: the best match is the threshold.
    scores, least = site_scores(sure[:3], np.full(4, 0.25))
    assert least == pytest.approx(scores.max(axis=1).sum(), abs=0.02)


def test_evidence_of_a_site_that_is_as_likely_as_not():
    # -log(1 - 1/2) = log 2, whose log-odds are 0; of two such sites 1 - 1/4 = 3/4.
    log_odds_of = LogOdds()(torch.tensor([log(2), 2 * log(2)]))
    assert log_odds_of.tolist() == pytest.approx([0, log(3)], abs=1e-5)
    # Evidence of 0 and much of it are finite.
    values = torch.tensor([0.0, 300.0], requires_grad=True)
    LogOdds()(values).sum().backward()
    assert values.grad.isfinite().all()


def expression(holds, temperature, events):
    module = Expressions(events, 1, temperature)
    subsets = torch.tensor(
        [[row >> bit & 1 for bit in range(events)] for row in range(2**events)]
    )
    module.subsets.copy_(subsets)
    module.holds.copy_(holds(subsets).float()[None])
    return module


@pytest.mark.parametrize(
    ("minimum", "log_odds", "chance"),
    [
        (2, [0.0, 0.0], 1 / 4),
        (1, [0.0, 0.0], 3 / 4),
        (2, [0.0, 0.0, 0.0], 1 / 2),
        (2, [log(3), 0.0], 3 / 8),
    ],
)
def test_expressions_have_the_odds_of_independent_events(minimum, log_odds, chance):
    module = expression(
        lambda subsets: subsets.sum(dim=1) >= minimum, 1.0, len(log_odds)
    )
    assert module(torch.tensor([log_odds])).item() == pytest.approx(
        log(chance / (1 - chance)), abs=1e-6
    )


def test_a_temperature_divides_before_and_multiplies_after():
    def both(subsets):
        return subsets.all(dim=1)

    # At 3 the log-odds 6 and 3 are 2 and 1: odds e^3 / (1 + e^2 + e^1).
    hot = 3 * log(exp(3) / (1 + exp(2) + exp(1)))
    log_odds = torch.tensor([[6.0, 3.0]], requires_grad=True)
    result = expression(both, 3.0, 2)(log_odds)
    assert result.item() == pytest.approx(hot, abs=1e-5)
    # The slope of the larger one is 1 - e^2 / (1 + e^2 + e), of the smaller 1 - e / ...
    result.sum().backward()
    total = 1 + exp(2) + exp(1)
    slopes = [1 - exp(2) / total, 1 - exp(1) / total]
    assert log_odds.grad[0].tolist() == pytest.approx(slopes, abs=1e-5)


def test_pairs_are_counted_at_the_distances_of_the_rule():
    pairs = Pairs(3, 1.0)
    pairs.distances[2:] = 1  # starts 2 or 3 bp apart
    evidence = torch.full((1, 2, 6), 1e-5)
    evidence[0, 0, 0] = evidence[0, 1, 3] = log(2)  # of probability 1/2, 3 bp apart
    # 1/2 x 1/2 = 1/4, -log(1 - 1/4) = log(4/3); elsewhere there is hardly a pair.
    result = pairs(evidence)[0, 0]
    assert result[0].item() == pytest.approx(log(4 / 3), abs=1e-4)
    assert result[1:].max().item() < 1e-4
    evidence[0, 1] = evidence[0, 1].roll(1)  # 4 bp apart
    assert pairs(evidence)[0, 0].max().item() < 1e-4


def test_gc_is_the_sum_of_the_log_odds_of_the_bases():
    dataset = simulated(rule="gc", motifs=[], sequences=20)
    # Probabilities 0.1 and 0.4 against 0.25, each plus 0.01 and divided by 1.04.
    at, gc = log(0.11 / 0.26), log(0.41 / 0.26)
    strong = ((dataset.index == 1) | (dataset.index == 2)).sum(axis=1)
    expected = strong * gc + (150 - strong) * at
    assert logits_of(dataset)[:, 0] == pytest.approx(expected, abs=1e-3)


# -- where it looks -----------------------------------------------------------------


def consensus(dataset, name):
    return "".join("ACGT"[base] for base in dataset.motifs[name].argmax(axis=1))


def reverse_complement(text):
    return text[::-1].translate(str.maketrans("ACGT", "TGCA"))


def logits_at(dataset, *texts):
    network, _ = oracle_of(dataset)
    index = np.stack([encode(text) for text in texts])
    return predict_logits(network, index)[:, 0].tolist()


def placed(length, **motifs):
    """A text of A with motifs, each under any name as (start, text)."""
    text = "A" * length
    for start, motif in motifs.values():
        text = text[:start] + motif + text[start + len(motif) :]
    return text


def test_gaps_count_from_the_end_of_the_first_motif():
    dataset = simulated(rule="distance", min_gap=5, max_gap=12)
    first, second = consensus(dataset, STAT), consensus(dataset, CTCF)
    logits = [
        logits_at(
            dataset, placed(150, a=(30, first), b=(30 + len(first) + gap, second))
        )
        for gap in (4, 5, 12, 13)
    ]
    (below,), (lowest,), (highest,), (above,) = logits
    assert min(lowest, highest) > 3 and max(below, above) < -3


def test_order_and_strand():
    dataset = simulated(rule="order")
    first, second = consensus(dataset, STAT), consensus(dataset, CTCF)
    texts = [
        placed(150, a=(30, first), b=(90, second)),
        placed(150, a=(30, second), b=(90, first)),
        # STAT reads nearly the same on both strands, CTCF does not.
        placed(150, a=(30, first), b=(90, reverse_complement(second))),
    ]
    ordered, reverse, other_strand = logits_at(dataset, *texts)
    assert ordered > 3 and max(reverse, other_strand) < -3
    both = simulated(rule="order", strand="either")
    assert logits_at(both, texts[2])[0] > 3


def test_motifs_are_found_up_to_both_ends_and_not_beyond():
    # SRF has 16 bp and STAT 21, so that the filters of SRF end before the last column.
    dataset = simulated(**RULES["or"])
    motif = consensus(dataset, SRF)
    ends = [placed(150, a=(start, motif)) for start in (0, 150 - 16)]
    middle = placed(150, a=(60, motif))
    cut = placed(150, a=(0, motif[2:]))
    found = logits_at(dataset, *ends, middle, cut)
    assert found[0] == pytest.approx(found[2], abs=0.1)
    assert found[1] == pytest.approx(found[2], abs=0.1)
    network, _ = oracle_of(dataset)
    # A start before the sequence, or too near to its end, is no start of a motif.
    starts = network.rule.inside.sum(dim=1).tolist()
    assert starts == [150 - len(dataset.motifs[name]) + 1 for name in (STAT, SRF)]


# -- a network like others ----------------------------------------------------------


@pytest.mark.parametrize("rule", SCHEMA["properties"]["rule"]["enum"])
def test_each_rule_has_an_oracle_or_is_refused_by_its_name(rule):
    dataset = simulated(**OF_SCHEMA[rule] | {"rule": rule, "sequences": 20})
    if rule in NO_ORACLE:
        with pytest.raises(InputError, match=f"a dataset of rule {rule}"):
            oracle_of(dataset)
    else:
        network, _ = oracle_of(dataset)
        assert network.targets == dataset.target


def test_a_rule_of_more_motifs_than_it_can_weigh_is_refused():
    dataset = simulated(sequences=20)
    names = [f"motif{number}" for number in range(MAX_MOTIFS + 1)]
    dataset.motifs = dict.fromkeys(names, dataset.motifs[STAT][:8])
    dataset.settings["positive_motifs"] = names
    with pytest.raises(InputError, match="looks at 15 motifs"):
        oracle_of(dataset)
    dataset.settings["positive_motifs"] = names[:MAX_MOTIFS]
    network, _ = oracle_of(dataset)
    assert network.rule.expressions.subsets.shape == (2**14, 14)


@pytest.mark.parametrize("rule", ["distance", "two of three", "gc"])
def test_a_checkpoint_holds_all_of_it(rule, tmp_path):
    dataset = simulated(**RULES[rule], **{"sequences": 40})
    network, sizes = oracle_of(dataset)
    save_model(tmp_path / "model.ckpt", network, NAME, sizes)
    loaded = load_model(tmp_path / "model.ckpt")
    assert loaded.targets == dataset.target and loaded.length == 150
    index = np.asarray(dataset.index)
    assert torch.equal(predict_logits(loaded, index), predict_logits(network, index))


def test_its_first_layer_is_the_planted_matrix():
    dataset = simulated(sequences=40, strand="either")
    network, _ = oracle_of(dataset)
    layer = FirstLayer(network, 150)
    background = np.bincount(dataset.index.ravel(), minlength=4) + 1
    bits = log_odds(dataset.motifs[STAT], background / background.sum(), added=0.01)
    assert layer.weight[0] == pytest.approx(bits * log(2), abs=1e-5)
    assert layer.weight[1] == pytest.approx(bits[::-1, ::-1] * log(2), abs=1e-5)


@pytest.mark.parametrize("rule", ["distance", "two of three"])
def test_it_can_be_traced_and_its_differences_are_complete(rule):
    dataset = simulated(**RULES[rule], **{"sequences": 40})
    network, _ = oracle_of(dataset)
    one_hot = torch.from_numpy(dataset.one_hot())
    reading = traced(network)
    again = torch.fx.GraphModule(reading.named, reading.graph)
    logits = network(one_hot).detach().numpy()
    assert agrees(lambda: again(one_hot).detach().numpy(), logits)
    attributions = deep_lift_shap(network, one_hot[:6], one_hot[6:12, None], [0])
    change = attributions.output - attributions.baseline_output
    total = attributions.attribution[0].sum(axis=(1, 2))
    assert total == pytest.approx(change[:, 0], rel=0.02, abs=0.05)
