"""DeepLIFT/SHAP: rules worked out by hand, completeness, tangermeme's numbers."""

import warnings

import numpy as np
import pytest
import torch
from torch import nn

from proofread.errors import InputError
from proofread.methods.attributions.deep_lift import deep_lift_shap
from proofread.models.activations import NAMES, OWN
from test_activations import network_with
from test_gradients import ARCHITECTURES, LENGTH, network_of, sequences


def shap(network, batch, references, targets=(0,), **options):
    if references.ndim == 3:
        references = references[:, None]
    return deep_lift_shap(network, batch, references, list(targets), **options)


def references(n, item):
    return torch.stack([sequences(n, seed=seed) for seed in range(1, item + 1)], dim=1)


class Threshold(nn.Module):
    """Logit = relu(number of A - 1)."""

    def __init__(self):
        super().__init__()
        self.relu = nn.ReLU()

    def forward(self, batch):
        return self.relu(batch[:, :1].sum(dim=2) - 1)


def columns(*bases):
    batch = torch.zeros(1, 4, len(bases), dtype=torch.float64)
    for position, base in enumerate(bases):
        batch[0, "ACGT".index(base), position] = 1
    return batch


def test_the_rescale_rule():
    # 2 above the threshold against 0 below it: the sum rises by 3, the logit by 2, so
    # each of the three A's that are new counts 2/3. The gradient would say 1.
    result = shap(Threshold().eval(), columns(*"AAAG"), columns(*"CCCG"))
    np.testing.assert_allclose(result.attribution[0, 0, 0], [2 / 3, 2 / 3, 2 / 3, 0])
    assert np.all(result.attribution[0, 0, 1:] == 0)
    # What an A would add at the last place, by the same multiplier.
    assert result.hypothetical[0, 0, 0, 3] == pytest.approx(2 / 3)


def test_where_nothing_changes_the_gradient_is_taken():
    # The sum of A is 2 in both: above the threshold, where the slope is 1.
    result = shap(Threshold().eval(), columns(*"AAC"), columns(*"ACA"))
    np.testing.assert_allclose(result.attribution[0, 0, 0], [0, 1, -1], atol=1e-15)


class Largest(nn.Module):
    """Logit = maximum of 3 A + 2 C over the positions."""

    def __init__(self, pool):
        super().__init__()
        self.pool = pool

    def forward(self, batch):
        values = 3 * batch[:, :1] + 2 * batch[:, 1:2]
        return self.pool(values)[:, :, 0]


@pytest.mark.parametrize("pool", [nn.MaxPool1d(2), nn.AdaptiveMaxPool1d(1)])
def test_a_maximum_is_shared_by_the_two_places(pool):
    # Values (3, 0) against (0, 2). The larger maximum is the sequence's 3: the rise
    # from 2 to 3 is the first place's, whose value changed by 3; nothing is left for
    # the second place.
    result = shap(Largest(pool).eval(), columns(*"AG"), columns(*"GC"))
    np.testing.assert_allclose(result.attribution[0, 0].sum(axis=0), [1, 0], atol=1e-15)
    # The other way round, the fall from 3 to 2 is the place's that was largest.
    back = shap(Largest(pool).eval(), columns(*"GC"), columns(*"AG"))
    np.testing.assert_allclose(back.attribution[0, 0].sum(axis=0), [-1, 0], atol=1e-15)


@pytest.mark.parametrize("exclusive", [False, True])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_attributions_sum_to_the_change(architecture, exclusive):
    targets = ("a", "b", "c") if exclusive else ("bound",)
    network = network_of(architecture, targets=targets, exclusive=exclusive)
    batch = sequences(3)
    result = shap(network, batch, references(3, 4), range(len(targets)))
    change = result.output - result.baseline_output
    missed = result.attribution.sum(axis=(2, 3)).T - change
    # Where all filters are 0 at a position, a layer normalisation is a step to the rule
    # that integrates over it.
    limit = 1e-3 if architecture == "conv_attention" else 1e-6
    assert np.abs(missed).max() < limit * np.abs(change).max()
    assert result.functions == ()
    np.testing.assert_allclose(result.output, network(batch).detach(), atol=1e-12)


def test_probabilities_sum_too():
    network, batch = network_of("eraslan2019"), sequences(3)
    result = shap(network, batch, references(3, 2), scale="probability")
    change = (result.output - result.baseline_output)[:, 0]
    np.testing.assert_allclose(
        result.attribution[0].sum(axis=(1, 2)), change, atol=1e-8
    )
    assert np.all((result.output > 0) & (result.output < 1))


@pytest.mark.parametrize(
    "architecture",
    ["eraslan2019", "basset", "koo_cnn", "koo_cnn2", "koo_dist", "koo_local"],
)
def test_equal_to_tangermeme(architecture):
    check_with_tangermeme(network_of(architecture), sequences(3), references(3, 5))


@pytest.mark.parametrize("activation", NAMES)
def test_every_first_activation_is_tangermeme_s(activation):
    network = network_with("koo_local", activation)
    batch, other = (sequences(2, length=network.length, seed=seed) for seed in (1, 2))
    check_with_tangermeme(network, batch, other[:, None])


def check_with_tangermeme(network, batch, others):
    from tangermeme.deep_lift_shap import _nonlinear
    from tangermeme.deep_lift_shap import deep_lift_shap as peer

    with warnings.catch_warnings():
        # A single target's logit is the difference of two units; nothing is amiss.
        warnings.simplefilter("ignore", RuntimeWarning)
        expected = peer(
            *(network, batch),
            references=others,
            hypothetical=True,
            device="cpu",
            additional_nonlinear_ops=dict.fromkeys(OWN, _nonlinear),
        )
    result = shap(network, batch, others)
    scale = float(expected.abs().max())
    np.testing.assert_allclose(result.hypothetical[0], expected, atol=1e-10 * scale)


def test_overlapping_and_padded_pools_are_tangermeme_s():
    from tangermeme.deep_lift_shap import deep_lift_shap as peer

    torch.manual_seed(0)
    network = nn.Sequential(
        *(nn.Conv1d(4, 3, 5), nn.ReLU(inplace=True)),
        *(nn.MaxPool1d(4, 2, padding=1, ceil_mode=True), nn.Conv1d(3, 2, 3)),
        *(nn.Sigmoid(), nn.Flatten(), nn.LazyLinear(1)),
    ).double()
    batch, others = sequences(3), references(3, 4)
    network(batch)
    network.eval()
    result = shap(network, batch, others)
    network[1] = nn.ReLU()  # the peer does not do it in place
    expected = peer(network, batch, references=others, hypothetical=True, device="cpu")
    np.testing.assert_allclose(result.hypothetical[0], expected, atol=1e-12)


@pytest.mark.parametrize("architecture", ["eraslan2019", "kmer_embedding"])
def test_the_size_of_a_pass_changes_nothing(architecture):
    network, batch = network_of(architecture), sequences(4)
    others = references(4, 3)
    name = network.first_activation
    once = shap(network, batch, others, megabytes=100, layer=name)
    singly = shap(network, batch, others, megabytes=1e-6, layer=name)
    for key in ("attribution", "hypothetical", "baseline_output", "layer"):
        np.testing.assert_allclose(getattr(singly, key), getattr(once, key), atol=1e-12)


def test_a_layer_s_attributions_sum_to_the_change_as_well():
    network, batch = network_of("koo_dist"), sequences(3)
    result = shap(network, batch, references(3, 2), layer=network.first_activation)
    change = (result.output - result.baseline_output)[:, 0]
    np.testing.assert_allclose(result.layer[0].sum(axis=(1, 2)), change, atol=1e-10)
    with pytest.raises(InputError, match="no module 'nothing'"):
        shap(network, batch, references(3, 2), layer="nothing")


def test_a_module_that_is_used_twice_keeps_its_calls_apart():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.second = nn.Conv1d(4, 3, 5), nn.Conv1d(3, 1, 5)
            self.relu = nn.ReLU()

        def forward(self, batch):
            hidden = self.relu(self.second(self.relu(self.first(batch))))
            return hidden.sum(dim=2)

    torch.manual_seed(0)
    network, batch = Twice().double().eval(), sequences(3)
    result = shap(network, batch, references(3, 2))
    change = (result.output - result.baseline_output)[:, 0]
    np.testing.assert_allclose(
        result.attribution[0].sum(axis=(1, 2)), change, atol=1e-12
    )


class InPlace(nn.Module):
    """A rectifier that overwrites its input, and does not say so."""

    def forward(self, values):
        return values.relu_()


def test_an_activation_that_overwrites_its_input_is_explained_as_any_other():
    def network_with(activation):
        torch.manual_seed(0)
        layers = [nn.Conv1d(4, 3, 5), activation, nn.Flatten(), nn.LazyLinear(1)]
        network = nn.Sequential(*layers)
        network(torch.zeros(1, 4, LENGTH))
        return network.double().eval()

    batch, baselines = sequences(3), references(3, 2)
    result = shap(network_with(InPlace()), batch, baselines)
    expected = shap(network_with(nn.ReLU()), batch, baselines)
    np.testing.assert_allclose(result.attribution, expected.attribution, atol=1e-12)


def test_a_function_call_is_not_seen_and_the_sum_says_so():
    class Hidden(nn.Module):
        def __init__(self):
            super().__init__()
            self.convolution = nn.Conv1d(4, 3, 5)

        def forward(self, batch):
            return torch.relu(self.convolution(batch)).sum(dim=(1, 2))[:, None]

    torch.manual_seed(0)
    network, batch = Hidden().double().eval(), sequences(3)
    result = shap(network, batch, references(3, 2))
    change = (result.output - result.baseline_output)[:, 0]
    missed = np.abs(result.attribution[0].sum(axis=(1, 2)) - change)
    assert missed.min() > 0.01 * np.abs(change).max()


def test_the_network_is_left_as_it_was():
    network, batch = network_of("eraslan2019"), sequences(2)
    before = network(batch)
    shap(network, batch, references(2, 2))
    assert torch.equal(network(batch), before)
    assert not any("forward" in vars(module) for module in network.modules())

    def fail(_, __):
        raise RuntimeError("in the middle")

    handle = network.linear.register_forward_pre_hook(fail)
    with pytest.raises(RuntimeError, match="in the middle"):
        shap(network, batch, references(2, 2))
    handle.remove()
    assert not any("forward" in vars(module) for module in network.modules())
    with pytest.raises(ValueError, match="training mode"):
        shap(network.train(), batch, references(2, 2))


def test_no_sequence_is_no_attribution():
    none = torch.zeros(0, 4, LENGTH, dtype=torch.float64)
    result = shap(network_of("eraslan2019"), none, none)
    assert result.hypothetical.shape == (1, 0, 4, LENGTH)
