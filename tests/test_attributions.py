"""The other kinds: what each is, and the whole method on small runs."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

import attributions as method
from proofread.errors import InputError
from proofread.methods.attributions import explain
from proofread.methods.attributions.baselines import draw_baselines
from proofread.methods.attributions.gradients import (
    gradient_shap,
    integrated_gradients,
    stratified_points,
)
from proofread.tables import read_table, read_values
from test_gradients import network_of, sequences
from test_integrated_gradients import (
    LENGTH,
    call,
    constant_network,
    exclusive_network,
    own_dataset,
    planted_dataset,
    set_up,
    word_network,
    written,
)
from test_integrated_gradients import run as integrated_gradients_of

KINDS = ["saliency", "gradient_x_input", "smoothgrad", "deeplift_shap", "gradient_shap"]


def run(folder, dataset, network, *, figures=False, **settings):
    quick = {"baselines": 4, "draws": 5, "resamples": 20, "components": 3}
    job = set_up(folder, dataset, network, "attributions", **quick | settings)
    return call(method, job, figures=figures)


def explained(kind, network, batch, **settings):
    params = {"seed": 1, "draws": 4, "noise": 0.15, "output": "logit", "layer": None}
    params |= {"correct": False, "megabytes": 16} | settings
    index = batch.argmax(dim=1).numpy().astype(np.uint8)
    baselines = draw_baselines("shuffled", index, 2, np.random.default_rng(1))
    columns = list(range(len(network.targets)))
    params = SimpleNamespace(**params)
    return explain.explain(kind, network, batch, baselines, columns, params)


# -- each kind ------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["saliency", "gradient_x_input"])
def test_gradients_are_captum_s(kind):
    from captum.attr import InputXGradient, Saliency

    network = network_of("koo_cnn2", targets=("a", "b"), exclusive=True)
    batch = sequences(3)
    found = explained(kind, network, batch)
    peer = {"saliency": Saliency, "gradient_x_input": InputXGradient}[kind](network)
    for target in range(2):
        at = batch.clone().requires_grad_()
        expected = peer.attribute(at, target).detach()
        np.testing.assert_allclose(found.attribution[target], expected, atol=1e-12)


def test_smoothgrad_is_captum_s_noise_tunnel():
    # Draws differ: with little noise on a smooth network both means are near the
    # gradient, and nearer to each other than one noisy gradient is.
    from captum.attr import NoiseTunnel, Saliency

    torch.manual_seed(0)
    network, batch = network_of("koo_local"), sequences(2)
    found = explained("smoothgrad", network, batch, draws=400, noise=0.02)
    expected = NoiseTunnel(Saliency(network)).attribute(
        batch.clone().requires_grad_(),
        *("smoothgrad", 400),
        stdevs=0.02,
        target=0,
        abs=False,
    )
    scale = float(expected.abs().max())
    np.testing.assert_allclose(found.attribution[0], expected, atol=0.03 * scale)


@pytest.mark.parametrize("kind", KINDS[:3])
def test_correction_removes_what_the_bases_share(kind):
    network, batch = network_of("eraslan2019"), sequences(3)
    raw = explained("gradient_x_input", network, batch).hypothetical
    centred = raw - raw.mean(axis=2, keepdims=True)
    found = explained(kind, network, batch, correct=True).attribution
    if kind == "saliency":
        np.testing.assert_allclose(found, np.abs(centred), atol=1e-12)
    if kind == "gradient_x_input":
        np.testing.assert_allclose(found, centred * batch.numpy(), atol=1e-12)
    if kind == "smoothgrad":
        np.testing.assert_allclose(found.mean(axis=2), 0, atol=1e-12)


def test_gradient_shap_nears_integrated_gradients():
    network, batch = network_of("eraslan2019"), sequences(2)
    one = sequences(2, seed=1)[:, None]
    points = stratified_points(2, 400, np.random.default_rng(0))
    # One baseline 400 times, each with its own point: the integral once more.
    many = one.expand(-1, 400, -1, -1)
    found = gradient_shap(network, batch, many, [0], points)
    exact = integrated_gradients(network, batch, one, [0], steps=400)
    scale = np.abs(exact.attribution).max()
    np.testing.assert_allclose(found.attribution, exact.attribution, atol=0.01 * scale)


@pytest.mark.parametrize("kind", KINDS)
def test_kinds_with_a_layer(kind):
    network, batch = network_of("eraslan2019"), sequences(2)
    found = explained(kind, network, batch, layer="convolution2")
    assert (found.layer is None) == (kind in ("saliency", "smoothgrad"))


# -- the whole method -----------------------------------------------------------------


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("planted")
    return run(folder, planted_dataset(), word_network(), figures=True)


def test_a_row_for_each_kind_and_sequence(planted):
    table = read_table(planted.output.table)
    assert table["kind"].unique().tolist() == KINDS
    assert len(table) == 5 * 24
    by_kind = table.groupby("kind")
    flags = by_kind["flag"].agg(lambda each: set(each.dropna()))
    assert flags["deeplift_shap"] == {"ok"}  # exact, in float32 too
    assert flags["gradient_shap"] <= {"ok", "red"}
    for kind in KINDS[:3]:  # they do not sum to anything
        assert flags[kind] == set()
        rows = table[table["kind"] == kind]
        assert rows[["baseline_output", "error"]].isna().all(axis=None)
    assert by_kind["output"].apply(list).map(tuple).nunique() <= 2  # last bits


def test_every_kind_finds_the_planted_word(planted):
    score = read_table(planted.output.score).set_index("metric")["value"]
    assert len(score) == 4 + 4 * 8
    for kind in KINDS:
        assert score[f"{kind}_position_auroc_absolute_centred_window9"] > 0.9


def test_the_arrays_and_the_hand_over(planted):
    values = read_values(planted.output.values)
    shape = (1, 24, 4, LENGTH)
    assert all(values[f"hypothetical_{kind}"].shape == shape for kind in KINDS)
    handed = np.load(planted.output.hypothetical)["arr_0"]
    np.testing.assert_array_equal(handed, values["hypothetical_deeplift_shap"][0])
    assert "attribution_deeplift_shap" in values
    assert "attribution_saliency" not in values


def test_the_same_configuration_gives_the_same_bytes(planted, tmp_path):
    again = run(tmp_path, planted_dataset(), word_network(), figures=True)
    assert written(again) == written(planted)


def test_a_kind_does_not_depend_on_the_others(planted, tmp_path):
    kinds = ["gradient_shap", "smoothgrad"]
    settings = {"kinds": kinds, "export": "smoothgrad"}
    alone = run(tmp_path, planted_dataset(), word_network(), **settings)
    found, expected = (read_values(job.output.values) for job in (alone, planted))
    for kind in kinds:
        name = f"hypothetical_{kind}"
        np.testing.assert_array_equal(found[name], expected[name])


def test_the_sequences_are_those_of_integrated_gradients(tmp_path):
    settings = {"kinds": ["deeplift_shap"], "baseline": "zero", "sequences": 8}
    job = run(tmp_path / "a", planted_dataset(), word_network(), **settings)
    other = integrated_gradients_of(
        tmp_path / "b", planted_dataset(), word_network(), baseline="zero", sequences=8
    )
    mine, theirs = read_table(job.output.table), read_table(other.output.table)
    assert mine["sequence"].tolist() == theirs["sequence"].tolist()
    for name in ("output", "baseline_output"):
        np.testing.assert_allclose(mine[name], theirs[name], rtol=1e-4)


def test_a_user_s_classes_and_lengths(tmp_path):
    dataset = own_dataset()
    settings = {"layer": "convolution2", "output": "probability"}
    job = run(tmp_path, dataset, exclusive_network(), figures=True, **settings)
    table = read_table(job.output.table)
    assert len(table) == 5 * 3 * 12
    # The three probabilities of a sequence sum to one.
    saliency = table[table["kind"] == "saliency"]
    np.testing.assert_allclose(
        saliency.groupby("sequence")["output"].sum(), 1, atol=1e-4
    )
    values = read_values(job.output.values)
    unknown = dataset.index == 4
    for kind in KINDS:
        array = values[f"hypothetical_{kind}"].transpose(0, 1, 3, 2)
        assert np.all(array[:, unknown] == 0), kind
    layer = read_table(job.output.layer)
    assert set(layer["kind"]) == {"gradient_x_input", "deeplift_shap", "gradient_shap"}


def test_a_constant_network_is_no_failure(tmp_path):
    job = run(tmp_path, planted_dataset(), constant_network())
    table = read_table(job.output.table)
    assert set(table["flag"].dropna()) == {"ok"}
    score = read_table(job.output.score)
    assert set(score["value"]) == {0.5}


def test_only_a_kind_that_is_computed_is_handed_over(tmp_path):
    with pytest.raises(InputError, match="deeplift_shap is not among the kinds"):
        run(tmp_path, planted_dataset(), word_network(), kinds=["saliency"])


def test_only_kinds_without_completeness(tmp_path):
    settings = {"kinds": ["saliency"], "export": "saliency"}
    job = run(tmp_path, planted_dataset(), word_network(), **settings)
    assert len(read_table(job.output.table)) == 24
