"""Path gradients: golden values, completeness, captum's numbers, the fast path's."""

import warnings

import numpy as np
import pytest
import torch
from torch import nn

from proofread.dna.encoding import encode, one_hot
from proofread.errors import InputError
from proofread.methods.attributions.baselines import KINDS, draw_baselines
from proofread.methods.attributions.gradients import (
    average_path_gradient,
    gradient_shap,
    integrated_gradients,
    plain_gradients,
    stratified_points,
    trapezoid,
)
from proofread.models.checkpoint import build_model
from proofread.models.cut import Cut, cut
from proofread.models.device import pass_size

LENGTH = 48
# Every architecture, small; classes that exclude each other; and k-mers, without a
# convolution that reads the sequence.
ARCHITECTURES = {
    "eraslan2019": {"filters": 6, "filters2": 4, "width": 7, "width2": 5},
    "basset": {
        **{"filters": 6, "filters2": 5, "filters3": 4, "width": 9},
        **{"width2": 5, "width3": 2, "pool2": 2, "pool3": 2, "dense": 8},
    },
    "deepg_cnn_lstm": {},
    "koo_cnn": {},
    "koo_cnn2": {},
    "koo_dist": {
        "width": 7,
        "width2": 3,
        "width3": 3,
        "pool2": 2,
        "pool3": 2,
        "pool4": 2,
    },
    "koo_local": {"activation": "exponential", "pool": 8},
    "kmer_embedding": {"filters": 6, "width": 6, "dense": 5, "dimensions": 4},
    "motif_counts": {"filters": 3, "width": 7, "units": 4},
    "residual_dilated": {"filters": 6, "width": 7, "layers": 2},
    "conv_attention": {
        **{"filters": 6, "width": 7, "heads": 2, "blocks": 2},
        **{"feed_forward": 5, "dense": 5},
    },
}


class Plain(nn.Module):
    """A network that is a function of the one-hot sequence."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, batch):
        return self.function(batch)[:, None]


def toy(function):
    return Plain(function).eval()


class Weighted(nn.Module):
    """Logit = sum of weights x one-hot, by a convolution as wide as the sequence."""

    length = 3

    def __init__(self, weight):
        super().__init__()
        self.convolution = nn.Conv1d(4, 1, weight.shape[1], bias=True)
        self.convolution.weight.data = torch.tensor(weight)[None]
        self.convolution.bias.data = torch.tensor([0.7], dtype=torch.float64)

    def forward(self, batch):
        return self.convolution(batch)[:, :, 0]


WEIGHT = np.arange(12.0).reshape(4, 3) - 5


def network_of(architecture, *, targets=("bound",), exclusive=False, length=LENGTH):
    torch.manual_seed(3)
    settings = ARCHITECTURES[architecture]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Using padding='same'")
        network = build_model(
            architecture, settings, length, list(targets), exclusive=exclusive
        )
    # Statistics as after some training: normalisation is not the identity.
    for module in network.modules():
        if isinstance(module, nn.BatchNorm1d):
            module.running_mean.uniform_(-0.3, 0.3)
            module.running_var.uniform_(0.5, 2)
    return network.double().eval()


def sequences(n, *, length=LENGTH, seed=0):
    rng = np.random.default_rng(seed)
    index = rng.integers(0, 4, (n, length)).astype(np.uint8)
    return torch.from_numpy(one_hot(index)).double()


def cell(value):
    """One sequence of one base with this number in the row of A."""
    batch = torch.zeros(1, 4, 1, dtype=torch.float64)
    batch[0, 0, 0] = value
    return batch


def integrate(network, batch, baselines, steps=50, **options):
    if baselines.ndim == 3:
        baselines = baselines[:, None]
    return integrated_gradients(network, batch, baselines, [0], steps=steps, **options)


# -- golden values ------------------------------------------------------------------


@pytest.mark.parametrize("steps", [1, 2, 7])
def test_a_linear_network_is_exact_with_any_number_of_steps(steps):
    network = Weighted(WEIGHT).eval()
    batch = torch.from_numpy(one_hot(encode("GAT")[None])).double()
    baseline = torch.rand(1, 4, 3, dtype=torch.float64)
    result = integrate(network, batch, baseline, steps)
    expected = torch.from_numpy(WEIGHT) * (batch - baseline)[0]
    np.testing.assert_allclose(result.attribution[0, 0], expected, atol=1e-12)
    change = result.output - result.baseline_output
    np.testing.assert_allclose(result.attribution.sum(), change[0, 0], atol=1e-12)


@pytest.mark.parametrize(
    ("steps", "expected"), [(1, 1.5), (2, 1.125), (10, 1.005), (50, 1.0002)]
)
def test_the_rule_is_the_trapezoid(steps, expected):
    # x ** 3 at 1 from 0: 1 + 1 / (2 m^2). A left sum would give 0 for one step.
    cube = toy(lambda batch: batch[:, 0, 0] ** 3)
    result = integrate(cube, cell(1.0), cell(0.0), steps)
    assert result.attribution[0, 0, 0, 0] == pytest.approx(expected, abs=1e-12)


def test_the_ends_of_a_path_have_half_the_weight():
    points, weights = trapezoid(4)
    assert points.tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert weights.tolist() == [0.125, 0.25, 0.25, 0.25, 0.125]


@pytest.mark.parametrize(("steps", "expected"), [(1, 1.5), (2, 1.125)])
def test_the_mean_gradient_of_a_path_is_by_the_trapezoid(steps, expected):
    # 3 x ** 2 at 0, 1/2 and 1 is 0, 3/4 and 3; a plain mean would be 1.25 in two steps.
    cube = toy(lambda batch: batch[:, 0, 0] ** 3)
    options = {"steps": steps, "scale": "logit", "megabytes": 1}
    mean = average_path_gradient(cube, cell(1.0), cell(0.0), 0, **options)
    assert mean[0, 0, 0].item() == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("steps", [1, 3, 50])
def test_a_quadratic_is_exact(steps):
    square = toy(lambda batch: batch[:, 0, 0] ** 2)
    result = integrate(square, cell(1.0), cell(0.0), steps)
    assert result.attribution[0, 0, 0, 0] == pytest.approx(1, abs=1e-12)


def test_a_sigmoid_of_two_inputs():
    network = toy(lambda batch: torch.sigmoid(2 * batch[:, 0, 0] - batch[:, 1, 0]))
    batch, zero = torch.zeros(2, 1, 4, 1, dtype=torch.float64)
    batch[0, :2] = 1
    result = integrate(network, batch, zero).attribution[0, 0, :, 0]
    np.testing.assert_allclose(result[:2], [0.462111, -0.231056], atol=5e-7)
    assert result.sum() == pytest.approx(0.231056, abs=5e-7)
    exact = torch.sigmoid(torch.tensor(1.0)).item() - 0.5
    assert exact == pytest.approx(0.231059, abs=5e-7)
    coarse = integrate(network, batch, zero, 10).attribution.sum()
    assert coarse == pytest.approx(0.230983, abs=5e-7)


def test_with_a_zero_baseline_absent_bases_are_exactly_zero():
    network, batch = network_of("eraslan2019"), sequences(3)
    result = integrate(network, batch, torch.zeros_like(batch))
    absent = batch.numpy() == 0
    assert np.all(result.attribution[0][absent] == 0)
    # The hypothetical scores say something of them all the same.
    assert np.count_nonzero(result.hypothetical[0][absent]) > 100


def test_step_by_step_is_all_at_once():
    network, batch = network_of("eraslan2019"), sequences(3)
    other = sequences(3, seed=1)
    once = integrate(network, batch, other, megabytes=100)
    stepwise = integrate(network, batch, other, megabytes=1e-6)
    assert pass_size(network, batch, 1e-6) == 1
    assert pass_size(network, batch, 100) > 150
    np.testing.assert_allclose(stepwise.attribution, once.attribution, atol=1e-12)
    np.testing.assert_allclose(stepwise.hypothetical, once.hypothetical, atol=1e-12)


def test_repeats_are_the_mean_of_single_runs():
    network, batch = network_of("deepg_cnn_lstm"), sequences(4)
    several = torch.stack([sequences(4, seed=seed) for seed in (1, 2, 3)], dim=1)
    single = [integrate(network, batch, several[:, index]) for index in range(3)]
    result = integrate(network, batch, several)
    for name in ("attribution", "hypothetical", "baseline_output"):
        mean = np.mean([getattr(item, name) for item in single], axis=0)
        np.testing.assert_allclose(getattr(result, name), mean, atol=1e-12)


@pytest.mark.parametrize("kind", ["shuffled", "noise"])
def test_repeats_of_a_seed_are_the_mean_of_its_single_runs(kind):
    network, batch = network_of("eraslan2019"), sequences(3)
    index = batch.argmax(dim=1).numpy().astype(np.uint8)

    def drawn():
        return draw_baselines(kind, index, 3, np.random.default_rng(7))[0:3].double()

    single = [integrate(network, batch, drawn()[:, item]) for item in range(3)]
    mean = np.mean([item.attribution for item in single], axis=0)
    result = integrate(network, batch, drawn()).attribution
    np.testing.assert_allclose(result, mean, atol=1e-12)
    assert np.abs(single[0].attribution - single[1].attribution).max() > 1e-3


def test_probabilities_are_those_of_the_softmax():
    # A linear network on a path of one step: the trapezoid of p (1 - p) w.
    network = Weighted(WEIGHT).eval()
    batch = torch.from_numpy(one_hot(encode("GAT")[None])).double()
    result = integrate(network, batch, torch.zeros_like(batch), 1, scale="probability")
    slopes = [
        torch.sigmoid(z) * (1 - torch.sigmoid(z))
        for z in (torch.tensor(0.7), network(batch)[0, 0].detach())
    ]
    expected = WEIGHT * batch[0].numpy() * float(sum(slopes) / 2)
    np.testing.assert_allclose(result.attribution[0, 0], expected, atol=1e-7)
    with pytest.raises(ValueError, match="expected one of"):
        integrate(network, batch, batch, scale="odds")


def test_the_weights_of_the_trapezoid():
    points, weights = trapezoid(4)
    assert points.tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert weights.tolist() == [0.125, 0.25, 0.25, 0.25, 0.125]
    with pytest.raises(ValueError, match="at least 1"):
        trapezoid(0)


# -- what holds for every network -----------------------------------------------------


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_error_of_completeness_falls_with_the_steps(architecture):
    network, batch = network_of(architecture), sequences(6)
    other = sequences(6, seed=1)
    errors = []
    for steps in (4, 256):
        result = integrate(network, batch, other, steps)
        change = (result.output - result.baseline_output)[:, 0]
        missed = result.attribution[0].sum(axis=(1, 2)) - change
        errors.append(np.abs(missed).mean() / np.abs(change).mean())
        # The projection of the hypothetical scores is the sum over the bases.
        projected = (result.hypothetical[0] * batch.numpy()).sum(axis=1)
        np.testing.assert_allclose(
            projected, result.attribution[0].sum(axis=1), atol=1e-10
        )
    assert errors[1] < errors[0] / 8


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_walking_behind_the_convolution_is_walking_at_the_input(architecture):
    targets = ("a", "b", "c")
    network = network_of(architecture, targets=targets, exclusive=True)
    batch, other = sequences(3), sequences(3, seed=1)
    position = cut(network)
    first = type(position.beginning[0]).__name__ if len(position.beginning) else None
    assert first == (None if architecture == "kmer_embedding" else "Conv1d")
    for target in range(3):
        result = average_path_gradient(position, batch, other, target, 5)
        point = torch.zeros_like(batch)
        for alpha, weight in zip(*trapezoid(5, dtype=torch.float64), strict=True):
            at = (other + alpha * (batch - other)).requires_grad_()
            logit = network(at)[:, target].sum()
            point += weight * torch.autograd.grad(logit, at)[0]
        np.testing.assert_allclose(result, point, atol=1e-12)


def test_normalisation_belongs_to_the_affine_beginning():
    # Convolution and normalisation; not the exponential that follows.
    position = Cut(network_of("koo_local"))
    kinds = [type(item).__name__ for item in position.beginning]
    assert kinds == ["Conv1d", "BatchNorm1d"]


def test_a_network_that_decides_by_values_is_run_as_it_is():
    class Deciding(nn.Module):
        def __init__(self):
            super().__init__()
            self.convolution = nn.Conv1d(4, 2, 3).double()

        def forward(self, batch):
            values = self.convolution(batch)
            if values.sum() > 1e9:  # tracing cannot know
                return values[:, :, 0]
            return (values**2).sum(dim=2)

    network, batch = Deciding().eval(), sequences(2)
    assert len(cut(network).beginning) == 0
    at = batch.clone().requires_grad_()
    (expected,) = torch.autograd.grad(network(at)[:, 1].sum(), at)
    np.testing.assert_allclose(
        plain_gradients(network, batch, [1]).hypothetical[0], expected, atol=1e-12
    )


def test_a_network_with_a_way_around_the_convolution_is_walked_at_the_input():
    class Around(nn.Module):
        def __init__(self):
            super().__init__()
            self.convolution = nn.Conv1d(4, 4, 1).double()

        def forward(self, batch):
            return ((self.convolution(batch) * batch) ** 2).sum(dim=(1, 2))[:, None]

    network, batch = Around().eval(), sequences(2)
    assert len(cut(network).beginning) == 0
    at = batch.clone().requires_grad_()
    (expected,) = torch.autograd.grad(network(at).sum(), at)
    np.testing.assert_allclose(
        plain_gradients(network, batch, [0]).hypothetical[0], expected, atol=1e-12
    )


def test_the_network_is_left_as_it_was():
    network, batch = network_of("koo_dist"), sequences(2)
    before = network(batch)
    integrate(network, batch, sequences(2, seed=1), layer=network.first_activation)
    assert torch.equal(network(batch), before)
    assert not any(module._forward_hooks for module in network.modules())
    with pytest.raises(ValueError, match="training mode"):
        cut(network.train())


def test_unknown_bases_get_nothing():
    network = network_of("eraslan2019")
    index = np.random.default_rng(0).integers(0, 4, (2, LENGTH)).astype(np.uint8)
    index[0, 5:9], index[1, 30:] = 4, 4
    batch = torch.from_numpy(one_hot(index)).double()
    for kind in KINDS:
        drawn = draw_baselines(kind, index, 2, np.random.default_rng(1))
        baselines = drawn[0:2].double()
        result = integrated_gradients(network, batch, baselines, [0], steps=3)
        for values in (result.attribution, result.hypothetical):
            assert np.all(values[0].transpose(0, 2, 1)[index == 4] == 0), kind
            assert np.all(np.isfinite(values))
    noisy = (2, 0.5, np.random.default_rng(1))
    result = plain_gradients(network, batch, [0], noise=noisy)
    assert np.all(result.hypothetical[0].transpose(0, 2, 1)[index == 4] == 0)


def test_no_sequence_is_no_attribution():
    network = network_of("eraslan2019")
    none = torch.zeros(0, 4, LENGTH, dtype=torch.float64)
    result = integrated_gradients(network, none, none[:, None], [0])
    assert result.attribution.shape == (1, 0, 4, LENGTH)
    assert result.output.shape == (0, 1)


# -- baselines ------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_baselines_have_the_shape_of_their_sequences(kind):
    index = np.random.default_rng(0).integers(0, 5, (6, 30)).astype(np.uint8)
    drawn = draw_baselines(kind, index, 3, np.random.default_rng(1))
    repeats = 1 if kind in ("zero", "composition") else 3
    assert drawn.shape == (6, repeats, 4, 30)
    part = drawn[2:5]
    assert part.shape == (3, repeats, 4, 30)
    assert part.dtype == torch.float32
    # Unknown stays unknown.
    unknown = np.broadcast_to((index[2:5] == 4)[:, None, None], part.shape)
    assert np.all(part.numpy()[unknown] == 0)
    again = draw_baselines(kind, index, 3, np.random.default_rng(1))
    assert torch.equal(again[2:5], part)


def test_dinucleotide_shuffles_keep_every_dinucleotide():
    index = np.random.default_rng(0).integers(0, 4, (3, 60)).astype(np.uint8)
    drawn = draw_baselines("dinucleotide_shuffled", index, 4, np.random.default_rng(1))

    def pairs(row):
        return np.bincount(4 * row[:-1].astype(int) + row[1:], minlength=16)

    for row in range(3):
        for item in range(4):
            shuffle = drawn.index[row, item]
            assert pairs(shuffle).tolist() == pairs(index[row]).tolist()
            assert not np.array_equal(shuffle, index[row])


def test_the_composition_is_that_of_all_known_bases():
    index = np.stack([encode("AACG"), encode("AANN")])
    drawn = draw_baselines("composition", index, 9, np.random.default_rng(1))[0:2]
    np.testing.assert_allclose(drawn[0, 0, :, 0], [4 / 6, 1 / 6, 1 / 6, 0])
    assert drawn[1, 0, :, 2].tolist() == [0, 0, 0, 0]
    with pytest.raises(ValueError, match="expected one of"):
        draw_baselines("blurred", index, 1, np.random.default_rng(1))


# -- captum ---------------------------------------------------------------------------

STEPS = 16  # a power of 2: captum keeps its points in float32
# captum's trapezoid of m + 1 points has weights that sum to m / (m + 1).
CAPTUM_SUM = STEPS / (STEPS + 1)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_integrated_gradients_are_captum_s(architecture):
    from captum.attr import IntegratedGradients

    network = network_of(architecture, targets=("a", "b", "c"), exclusive=True)
    batch, other = sequences(3), sequences(3, seed=1)
    result = integrated_gradients(network, batch, other[:, None], [0, 2], steps=STEPS)
    for position, target in enumerate((0, 2)):
        expected = IntegratedGradients(network).attribute(
            *(batch, other, target),
            n_steps=STEPS + 1,
            method="riemann_trapezoid",
        )
        np.testing.assert_allclose(
            result.attribution[position], expected.detach() / CAPTUM_SUM, atol=1e-12
        )


@pytest.mark.parametrize("architecture", ["eraslan2019", "koo_local", "kmer_embedding"])
def test_attributions_to_a_layer_are_captum_s(architecture):
    from captum.attr import LayerGradientXActivation, LayerIntegratedGradients

    network, batch = network_of(architecture), sequences(3)
    other = sequences(3, seed=1)
    name = network.first_activation
    layer = dict(network.named_modules())[name]
    result = integrate(network, batch, other, STEPS, layer=name)
    expected = LayerIntegratedGradients(network, layer).attribute(
        *(batch, other, 0), n_steps=STEPS + 1, method="riemann_trapezoid"
    )
    np.testing.assert_allclose(result.layer[0], expected / CAPTUM_SUM, atol=1e-12)
    result = plain_gradients(network, batch, [0], layer=name)
    expected = LayerGradientXActivation(network, layer).attribute(batch, 0)
    np.testing.assert_allclose(result.layer[0], expected.detach(), atol=1e-12)


@pytest.mark.parametrize("architecture", ["basset", "deepg_cnn_lstm"])
def test_plain_gradients_are_captum_s(architecture):
    from captum.attr import Saliency

    network, batch = network_of(architecture), sequences(3)
    result = plain_gradients(network, batch, [0])
    at = batch.clone().requires_grad_()
    expected = Saliency(network).attribute(at, 0, abs=False)
    np.testing.assert_allclose(result.hypothetical[0], expected, atol=1e-12)
    assert np.isnan(result.baseline_output).all()


def test_smoothgrad_is_the_mean_over_its_noisy_copies():
    network, batch = network_of("eraslan2019"), sequences(3)
    result = plain_gradients(
        *(network, batch, [0]), noise=(4, 0.2, np.random.default_rng(5))
    )
    # Noise is drawn sequence by sequence, whatever goes through in one pass.
    shape = (3, 4, 4, LENGTH)
    noise = np.random.default_rng(5).standard_normal(shape, dtype=np.float32)
    copies = batch[:, None] + 0.2 * torch.from_numpy(noise).double()
    at = copies.flatten(0, 1).requires_grad_()
    (item,) = torch.autograd.grad(network(at).sum(), at)
    expected = item.unflatten(0, (3, 4)).mean(dim=1)
    np.testing.assert_allclose(result.hypothetical[0], expected, atol=1e-12)
    again = plain_gradients(
        *(network, batch, [0]),
        noise=(4, 0.2, np.random.default_rng(5)),
        megabytes=1e-6,
    )
    np.testing.assert_allclose(again.hypothetical, result.hypothetical, atol=1e-12)


def test_gradient_shap_is_captum_s_with_its_own_draws():
    from captum.attr._core.gradient_shap import InputBaselineXGradient

    network, batch = network_of("koo_cnn"), sequences(5)
    other = sequences(5, seed=1)
    np.random.seed(4)  # noqa: NPY002  captum draws from the global generator
    points = np.random.uniform(0.0, 1.0, 5)  # noqa: NPY002
    np.random.seed(4)  # noqa: NPY002
    expected = InputBaselineXGradient(network).attribute(batch, other, 0)
    result = gradient_shap(network, batch, other[:, None], [0], points[:, None])
    # captum keeps its points in float32.
    np.testing.assert_allclose(result.attribution[0], expected.detach(), atol=1e-6)


def test_stratified_points_cover_the_path_evenly():
    points = stratified_points(50, 8, np.random.default_rng(0))
    strata = np.sort(np.floor(points * 8).astype(int), axis=1)
    assert np.all(strata == np.arange(8))
    # In no order: the first point may lie anywhere.
    assert 0.3 < points[:, 0].mean() < 0.7


def test_a_layer_that_is_not_there_or_not_one_tensor():
    network, batch = network_of("deepg_cnn_lstm"), sequences(1)
    with pytest.raises(InputError, match="no module 'convolution9'"):
        integrate(network, batch, batch, layer="convolution9")
    with pytest.raises(InputError, match="it returns tuple"):
        integrate(network, batch, batch, layer="recurrent.recurrent")
    result = integrate(network, batch, sequences(1, seed=1), 500, layer="recurrent")
    change = (result.output - result.baseline_output).sum()
    assert result.layer.sum() == pytest.approx(change, rel=0.02)


# -- what a user's network may do ------------------------------------------------------


def rectified(*, inplace):
    torch.manual_seed(5)
    network = nn.Sequential(
        nn.Conv1d(4, 3, 5), nn.ReLU(inplace=inplace), nn.Flatten(), nn.Linear(24, 2)
    )
    return network.double().eval()


@pytest.mark.parametrize("layer", [None, "0", "1"])
def test_a_layer_may_write_into_what_it_reads(layer):
    batch, other = sequences(3, length=12), sequences(3, length=12, seed=1)
    points = np.full((3, 1), 0.3)
    result, expected = (
        [
            integrated_gradients(
                *(network, batch, other[:, None], [0, 1]), steps=7, layer=layer
            ),
            gradient_shap(network, batch, other[:, None], [0, 1], points, layer=layer),
            plain_gradients(network, batch, [0, 1], layer=layer),
        ]
        for network in (rectified(inplace=True), rectified(inplace=False))
    )
    for one, two in zip(result, expected, strict=True):
        for name in ("attribution", "hypothetical", "output", "baseline_output"):
            np.testing.assert_allclose(
                getattr(one, name), getattr(two, name), rtol=0, atol=1e-12
            )
        if layer is not None:
            np.testing.assert_allclose(one.layer, two.layer, rtol=0, atol=1e-12)


@pytest.mark.parametrize("before", [False, True])
def test_hooks_on_layers_count(before):
    # The hook triples what goes into the convolution, or what comes out of it.
    network = Weighted(WEIGHT).eval()
    if before:
        network.convolution.register_forward_pre_hook(lambda _, given: 3 * given[0])
    else:
        network.convolution.register_forward_hook(lambda *of_layer: 3 * of_layer[2])
    assert len(Cut(network).beginning) == 0
    batch = torch.from_numpy(one_hot(encode("GAT")[None])).double()
    np.testing.assert_allclose(
        plain_gradients(network, batch, [0]).hypothetical[0, 0],
        3 * WEIGHT,
        rtol=0,
        atol=1e-12,
    )


def test_a_user_s_hook_of_the_network_sees_the_sequence():
    network = Weighted(WEIGHT).eval()
    network.register_forward_hook(lambda _, given, logits: logits + 2 * given[0][:, 0])
    batch = torch.from_numpy(one_hot(encode("GAT")[None])).double()
    result = plain_gradients(network, batch, [0]).hypothetical[0, 0]
    expected = WEIGHT.copy()
    expected[0, 0] += 2  # column 0 of the logits, row of A
    np.testing.assert_allclose(result, expected, rtol=0, atol=1e-12)
