"""The positive control of rule effects: formulas by hand, and the best predictor."""

from math import exp, log

import numpy as np
import pytest
import torch

from kmer_motifs import write_kmers
from proofread.configuration.schema import check, schema_of
from proofread.datasets.simulation.generate import simulate
from proofread.datasets.simulation.pool_settings import numbers_of
from proofread.dna.encoding import encode
from proofread.methods.attributions.deep_lift import deep_lift_shap
from proofread.models.checkpoint import load_predictor, save_model
from proofread.models.oracle import NAME
from proofread.models.oracle_effects import Doses, HillCurves, PairEffects
from proofread.models.predictor import predictor_of
from proofread.models.tracing import agrees, traced
from proofread.statistics.quantities import r2
from proofread.truth.attainable import pool_likelihood
from proofread.truth.oracle import oracle_of

# Of 14 bp, so that hardly any is there by chance.
LONG = {"a": "ACGTCAGGATTACA", "b": "GGATTCCGTACTTG", "c": "TCCAGTTGCGCAAT"}
SHORT = {"a": "ACGTCA", "b": "GGATTC", "c": "TCCAGTT"}


@pytest.fixture(scope="module")
def simulated(tmp_path_factory):
    """A dataset of rule effects whose motifs are k-mers."""
    folder = tmp_path_factory.mktemp("motifs")

    def dataset(kmers=LONG, **changes):
        path = write_kmers(folder / f"{len(kmers['a'])}.meme", kmers)
        chosen = {
            "source": "simulate",
            "rule": "effects",
            "motifs_file": path,
            "effects": {"a": 1.0, "b": -0.5, "c": 0.75},
            "motifs_per_sequence": {"min": 0, "max": 3},
            "pseudo_probability": 0,
            "sequences": 60,
            "length": 100,
        } | changes
        schema = schema_of("datasets/simulate")
        return simulate(check(chosen, schema, "config.yaml", "datasets.test"))

    return dataset


def placed(length, *motifs):
    """A text of T with motifs, each as (start, text)."""
    text = "T" * length
    for start, motif in motifs:
        text = text[:start] + motif + text[start + len(motif) :]
    return text


def outputs(dataset, *texts):
    network, _ = oracle_of(dataset)
    index = np.stack([encode(text) for text in texts])
    return predictor_of(network).outputs(index)[:, 0].tolist()


# -- formulas -----------------------------------------------------------------------


def test_sites_that_overlap_share_their_probability():
    doses = Doses(filters=2, positions=4, widths=1, width=2)
    doses.inside.fill_(1)
    doses.of_width.fill_(1)
    doses.overlap.fill_(1)  # starts at most 1 bp apart
    doses.best.fill_(log(6))
    odds = torch.tensor([[[3.0, 0, 0, 0], [0, 2, 0, 6]]])
    dose = doses(torch.log1p(odds))[0]
    # 3 / (1 + 3 + 2), strength log 3 / log 6; 2 / (1 + 3 + 2); 6 / (1 + 6), strength 1.
    assert dose[0, 0].item() == pytest.approx(log(3) / log(6) / 2, abs=1e-5)
    assert dose[1, 1].item() == pytest.approx(log(2) / log(6) / 3, abs=1e-5)
    assert dose[1, 3].item() == pytest.approx(6 / 7, abs=1e-5)
    assert dose.sum().item() == pytest.approx(
        dose[0, 0].item() + dose[1, 1].item() + dose[1, 3].item()
    )
    # z is 2 nats more than the score where a site is exp(2) times as likely as none.
    doses.prior.fill_(2)
    assert doses(torch.log1p(odds))[0, 1, 3].item() == 0  # log 6 < 2: no strength


def test_a_hill_curve_is_0_of_nothing_and_the_unit_of_one():
    curves = HillCurves(2)
    curves.unit.copy_(torch.tensor([2.0, -3.0]))
    curves.hill.copy_(torch.tensor([1.0, 2.0]))
    curves.at_half.copy_(torch.tensor([0.5, 0.25]))
    values = curves(torch.tensor([[0.0, 0.0], [1.0, 1.0], [0.5, 0.5]]))
    # 2 x 1.5 x 0.5 / (0.5 + 0.5) and -3 x 1.25 x 0.25 / (0.25 + 0.25)
    expected = [[0, 0], [2, -3], [1.5, -1.875]]
    np.testing.assert_allclose(values, expected, atol=1e-4)


def test_a_pair_is_weighed_by_the_distance_of_its_starts():
    pairs = PairEffects(1, 4)
    pairs.first[0], pairs.second[0] = 1, 0
    pairs.effect[0] = torch.tensor([1.0, 2, 3, 0, 5, 6, 7])  # from 3 before to 3 ahead
    doses = torch.zeros(1, 2, 4)
    doses[0, 1, 1] = 0.5  # the first motif of the pair
    doses[0, 0, 3] = 1.0  # 2 ahead: 6
    doses[0, 0, 0] = 0.25  # 1 before: 3
    assert pairs(doses).item() == pytest.approx(0.5 * (1.0 * 6 + 0.25 * 3))


def test_effects_add_up_on_either_strand_and_up_to_both_ends(simulated):
    dataset = simulated(baseline=3.0, strand="either")
    reverse = LONG["b"][::-1].translate(str.maketrans("ACGT", "TGCA"))
    texts = [
        placed(100),
        placed(100, (0, LONG["a"])),
        placed(100, (86, LONG["a"]), (40, LONG["c"]), (20, LONG["c"])),
        placed(100, (10, reverse)),
    ]
    assert outputs(dataset, *texts) == pytest.approx([3, 4, 5.5, 2.5], abs=0.01)


def test_interactions_and_positions_are_those_of_the_rule(simulated):
    dataset = simulated(
        position={"c": {"centre": 50, "sd": 10}},
        interactions=[
            {"motifs": ["a", "b"], "form": "distance_decay"}
            | {"effect": 2.0, "decay_length": 20},
            {"motifs": ["c"], "form": "saturating", "half": 2, "hill": 2},
        ],
    )
    a, b, c = LONG.values()
    texts = [
        placed(100, (0, a), (24, b)),  # a gap of 10 bp
        placed(100, (0, b), (44, a)),  # of 30 bp, in the other order
        placed(100, (43, c)),  # in the middle
        placed(100, (53, c)),  # 10 bp from it: one sd
        placed(100, (33, c), (53, c)),
    ]
    # 0.75 (1 + 4) d^2 / (4 + d^2) of a dose d: exp(-1/2), and twice that.
    curve = [3.75 * d**2 / (4 + d**2) for d in (1, exp(-0.5), 2 * exp(-0.5))]
    expected = [0.5 + 2 * exp(-0.5), 0.5 + 2 * exp(-1.5), *curve]
    assert outputs(dataset, *texts) == pytest.approx(expected, abs=0.02)


def test_a_multiplicative_pair_adds_its_effect_once_for_each_pair(simulated):
    item = {"motifs": ["a", "b"], "form": "multiplicative", "effect": 2.0}
    dataset = simulated(interactions=[item])
    a, b, _ = LONG.values()
    texts = [placed(100, (0, a), (24, b)), placed(100, (0, a), (80, b), (40, b))]
    assert outputs(dataset, *texts) == pytest.approx([2.5, 4], abs=0.02)


def test_the_gc_content_has_its_slope(simulated):
    dataset = simulated(gc_slope=2.0)
    texts = ["A" * 100, "C" * 75 + "A" * 25, "G" * 100]
    # 2 (GC - 0.5), and hardly any site.
    assert outputs(dataset, *texts) == pytest.approx([-1, 0.5, 1], abs=0.02)


def test_of_counts_the_output_is_the_logarithm_of_their_mean(simulated, tmp_path):
    noise = {"kind": "poisson", "signal_to_noise": 4}
    dataset = simulated(noise=noise, sequences=200)
    network, settings = oracle_of(dataset)
    save_model(tmp_path / "model.ckpt", network, NAME, settings)
    predictor = load_predictor(tmp_path / "model.ckpt")
    index = np.asarray(dataset.index)
    assert predictor.output_unit == "log rate"
    value = np.log(dataset.noiseless[:, 0])
    assert predictor.outputs(index)[:, 0] == pytest.approx(value, abs=0.1)
    assert predictor.predict(index)[:, 0] == pytest.approx(np.exp(value), rel=0.1)


# -- how well it predicts -----------------------------------------------------------


def posterior_mean(dataset, kmers):
    """The value of each sequence that is expected of its bases: the best predictor.

    Each instance adds the effect of its motif. The expected number of instances of a
    motif is the slope of the logarithm of the likelihood by that of its weight.
    """
    odds = [4.0 * np.eye(4)[encode(kmer)] for kmer in kmers.values()]
    numbers = numbers_of(dataset.settings, "test")
    index = np.asarray(dataset.index)
    result, step = np.zeros(len(index)), 1e-4
    for column, effect in enumerate(dataset.settings["effects"].values()):
        low, high = (
            np.log(pool_likelihood(index, odds, weights, *numbers))
            for sign in (-1, 1)
            for weights in [np.exp(sign * step * (np.arange(3) == column)) / 3]
        )
        result += effect * (high - low) / (2 * step)
    return result


def test_it_predicts_nearly_as_well_as_the_posterior_mean(simulated):
    """No predictor has a smaller mean squared error than the posterior mean."""
    dataset = simulated(SHORT, sequences=1200)
    value = dataset.noiseless[:, 0].astype(np.float64)
    best = r2(value, posterior_mean(dataset, SHORT))
    assert 0.85 < best < 0.98  # k-mers of 6 bp are also there by chance
    network, _ = oracle_of(dataset)
    output = predictor_of(network).outputs(np.asarray(dataset.index))[:, 0]
    assert r2(value, output.astype(np.float64)) >= 0.99 * best


# -- a network like others ----------------------------------------------------------


def test_it_can_be_traced_and_its_differences_are_complete(simulated):
    pair = {"motifs": ["a", "b"], "form": "multiplicative", "effect": 2.0}
    curve = {"motifs": ["c"], "form": "saturating"}
    dataset = simulated(interactions=[pair, curve], gc_slope=1.0)
    network, _ = oracle_of(dataset)
    one_hot = torch.from_numpy(dataset.one_hot())
    reading = traced(network)
    again = torch.fx.GraphModule(reading.named, reading.graph)
    values = network(one_hot).detach().numpy()
    assert agrees(lambda: again(one_hot).detach().numpy(), values)
    attributions = deep_lift_shap(network, one_hot[:6], one_hot[6:12, None], [0])
    change = attributions.output - attributions.baseline_output
    total = attributions.attribution[0].sum(axis=(1, 2))
    assert total == pytest.approx(change[:, 0], rel=0.02, abs=0.05)
