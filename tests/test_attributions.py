"""Every kind of attributions, and the whole method on small runs."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from torch import nn

from attribution_runs import (
    LENGTH,
    ROOT,
    SIZES,
    WORD,
    constant_network,
    exclusive_network,
    kmer_network,
    planted_dataset,
    run,
    run_one,
    user_dataset,
    written,
)
from perturbation_runs import position_values
from proofread.configuration.check import check_configuration
from proofread.dna.encoding import decode, encode
from proofread.errors import InputError
from proofread.methods.attributions.baselines import draw_baselines
from proofread.methods.attributions.components import attribution_components
from proofread.methods.attributions.deep_lift import deep_lift_shap
from proofread.methods.attributions.explain import explain
from proofread.methods.attributions.gradients import (
    gradient_shap,
    integrated_gradients,
    stratified_points,
    trapezoid,
)
from proofread.methods.attributions.per_base import per_base
from proofread.models.activations import NAMES, OWN, activation_named
from proofread.models.checkpoint import load_model
from proofread.tables import read_table, read_values
from test_gradients import network_of, sequences

GRADIENTS = ["saliency", "gradient_x_input", "smoothgrad"]
COMPLETE = ["integrated_gradients", "deeplift_shap", "gradient_shap"]
KINDS = [COMPLETE[0], *GRADIENTS, *COMPLETE[1:]]


def explained(kind, network, batch, **settings):
    index = batch.argmax(dim=1).numpy().astype(np.uint8)
    baselines = draw_baselines("shuffled", index, 2, np.random.default_rng(1))
    columns = list(range(len(network.targets)))
    settings = {"noise": (4, 0.15), "steps": 5} | settings
    return explain(kind, network, batch, columns, baselines=baselines, **settings)


@pytest.mark.parametrize("kind", ["saliency", "gradient_x_input"])
def test_gradients_are_captum_s(kind):
    from captum.attr import InputXGradient, Saliency

    network = network_of("koo_cnn2", targets=("a", "b"), exclusive=True)
    batch = sequences(3)
    result = explained(kind, network, batch)
    peer = {"saliency": Saliency, "gradient_x_input": InputXGradient}[kind](network)
    for target in range(2):
        at = batch.clone().requires_grad_()
        expected = peer.attribute(at, target).detach()
        np.testing.assert_allclose(result.attribution[target], expected, atol=1e-12)


@pytest.mark.filterwarnings("ignore:Setting forward, backward hooks")
@pytest.mark.parametrize("name", NAMES)
def test_deep_lift_is_captum_s(name, monkeypatch):
    from captum.attr import DeepLift
    from captum.attr._core import deep_lift

    # To captum the exponential and the modified ones are nothing special: it takes
    # their gradient. Told to, it applies its rule for other activations.
    for own in OWN:
        monkeypatch.setitem(deep_lift.SUPPORTED_NON_LINEAR, own, deep_lift.nonlinear)
    torch.manual_seed(0)
    # A convolution between the activations: captum 0.9 loses the rule of what directly
    # follows an activation, as a pool does, and its own sum then misses the change.
    first = nn.Conv1d(4, 3, 5)
    nn.init.normal_(first.weight, std=2)  # modified ones bend far from 0
    layers = [first, activation_named(name), nn.Conv1d(3, 3, 5), nn.ReLU()]
    network = nn.Sequential(*layers, nn.Flatten(), nn.LazyLinear(1))
    network(torch.zeros(1, 4, LENGTH))
    network.double().eval()
    batch, reference = (sequences(3, length=LENGTH, seed=seed) for seed in range(2))
    result = deep_lift_shap(network, batch, reference[:, None], [0])
    expected = DeepLift(network, eps=1e-6).attribute(
        batch.clone().requires_grad_(), reference.clone().requires_grad_()
    )
    np.testing.assert_allclose(result.attribution[0], expected.detach(), rtol=1e-9)


def test_smoothgrad_is_captum_s_noise_tunnel():
    # Noise differs: with little noise on a smooth network both means are near the
    # gradient, and nearer to each other than one noisy gradient is.
    from captum.attr import NoiseTunnel, Saliency

    torch.manual_seed(0)
    network, batch = network_of("koo_local"), sequences(2)
    result = explained("smoothgrad", network, batch, noise=(400, 0.02))
    expected = NoiseTunnel(Saliency(network)).attribute(
        batch.clone().requires_grad_(),
        *("smoothgrad", 400),
        stdevs=0.02,
        target=0,
        abs=False,
    )
    scale = float(expected.abs().max())
    np.testing.assert_allclose(result.attribution[0], expected, atol=0.03 * scale)


@pytest.mark.parametrize("kind", GRADIENTS)
def test_correction_removes_what_the_bases_share(kind):
    network, batch = network_of("eraslan2019"), sequences(3)
    raw = explained("gradient_x_input", network, batch).hypothetical
    centred = raw - raw.mean(axis=2, keepdims=True)
    result = explained(kind, network, batch, correct=True).attribution
    if kind == "saliency":
        np.testing.assert_allclose(result, np.abs(centred), atol=1e-12)
    if kind == "gradient_x_input":
        np.testing.assert_allclose(result, centred * batch.numpy(), atol=1e-12)
    if kind == "smoothgrad":
        np.testing.assert_allclose(result.mean(axis=2), 0, atol=1e-12)


def test_gradient_shap_nears_integrated_gradients():
    network, batch = network_of("eraslan2019"), sequences(2)
    one = sequences(2, seed=1)[:, None]
    points = stratified_points(2, 400, np.random.default_rng(0))
    # One baseline 400 times, each with its own point: the integral once more.
    copies = one.expand(-1, 400, -1, -1)
    result = gradient_shap(network, batch, copies, [0], points)
    exact = integrated_gradients(network, batch, one, [0], steps=400)
    scale = np.abs(exact.attribution).max()
    np.testing.assert_allclose(result.attribution, exact.attribution, atol=0.01 * scale)


@pytest.mark.parametrize("kind", KINDS)
def test_kinds_with_a_layer(kind):
    network, batch = network_of("eraslan2019"), sequences(2)
    result = explained(kind, network, batch, layer="convolution2")
    assert (result.layer is None) == (kind in ("saliency", "smoothgrad"))


# -- one kind -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def one_kind(tmp_path_factory):
    folder = tmp_path_factory.mktemp("one_kind")
    return run_one(folder, planted_dataset(), kmer_network(), figures=True)


def test_the_table_has_the_error_of_each_sequence(one_kind):
    table = read_table(one_kind.output.table)
    assert len(table) == 24
    assert set(table["kind"]) == {"integrated_gradients"}
    assert set(table["scale"]) == {"logit"}
    change = table["output"] - table["baseline_output"]
    np.testing.assert_allclose(table["error"], table["sum"] - change, atol=1e-4)
    network = load_model(one_kind.input.model)
    with torch.no_grad():
        logits = network(torch.from_numpy(planted_dataset().one_hot()))
    np.testing.assert_allclose(table["output"], logits[:, 0], rtol=1e-4)
    limit = one_kind.params.tolerance
    expected = np.where(table["relative_error"] > limit, "red", "ok")
    assert table["flag"].tolist() == expected.tolist()


def test_the_planted_kmer_is_found(one_kind):
    score = read_table(one_kind.output.score)
    precision = score[score["metric"] == "position_auprc"].set_index("variant")
    score = score[score["metric"] == "position_auroc"].set_index("variant")
    assert len(score) == len(precision) == 8
    assert set(score["target"]) == {"bound"}
    # The network was given the k-mer: its bases are above all others.
    signed, absolute = "signed_raw", "absolute_centred_window9"
    assert score.loc[f"integrated_gradients {signed}", "value"] > 0.95
    assert precision.loc[f"integrated_gradients {signed}", "value"] > 0.8
    assert score.loc[f"integrated_gradients {absolute}", "value"] > 0.9
    assert set(score["n"]) == {12}


def test_the_arrays_fit_each_other(one_kind):
    values = {
        name.removesuffix("_integrated_gradients"): array
        for name, array in read_values(one_kind.output.values).items()
    }
    dataset = planted_dataset()
    assert values["index"].tolist() == dataset.index.tolist()
    assert values["row"].tolist() == list(range(24))
    assert values["name"].tolist() == dataset.name
    assert values["target"].tolist() == ["bound"]
    shape = (1, 24, 4, LENGTH)
    assert values["attribution"].shape == values["hypothetical"].shape == shape
    projected = per_base(
        "integrated_gradients", values["hypothetical"][0], dataset.index
    )
    np.testing.assert_allclose(values["projected"][0], projected)
    np.testing.assert_allclose(
        values["attribution"][0].sum(axis=1), projected, atol=1e-5
    )


def test_the_profile_at_the_motif_peaks_within_it(one_kind):
    profile = read_table(one_kind.output.profile)
    assert set(profile["aligned_on"]) == {"sequence", "M"}
    at_motif = profile[
        (profile["aligned_on"] == "M") & (profile["class"] == "positive")
    ].set_index("position")
    assert at_motif.index.min() == -15
    assert at_motif.index.max() == len(WORD) + 14
    assert 0 <= at_motif["mean"].idxmax() < len(WORD)
    assert at_motif.loc[3, "n"] == 12


def test_planted_instances_are_intervals(one_kind):
    table = read_table(one_kind.output.intervals)
    assert set(table["role"]) == {"causal"}
    assert len(table) == 12
    assert table["rank"].median() > 0.9


def test_every_sequence_has_its_coordinates(one_kind):
    table, dataset = read_table(one_kind.output.components), planted_dataset()
    assert table["sequence"].tolist() == dataset.name
    assert table["positive"].tolist() == dataset.label[:, 0].tolist()
    values = read_values(one_kind.output.values)
    projected = values["projected_integrated_gradients"][0]
    expected, explained = attribution_components(projected, dataset.index, 3)
    coordinates = table[["component1", "component2", "component3"]]
    np.testing.assert_allclose(coordinates, expected, rtol=1e-3, atol=1e-4)
    assert explained[0] > explained[1] > explained[2] > 0


def test_the_heat_map_s_table_has_its_rows(one_kind):
    table = read_table(one_kind.output.heat_map)
    assert len(table) == 2 * LENGTH  # a positive and a negative
    dataset = planted_dataset()
    name = table["sequence"][0]
    text = decode(dataset.index[dataset.name.index(name)])
    assert "".join(table["nucleotide"][:LENGTH]) == text
    np.testing.assert_allclose(table["sum"], table[list("ACGT")].sum(axis=1), atol=1e-5)


def test_memory_changes_no_result(one_kind, tmp_path):
    small = run_one(tmp_path, planted_dataset(), kmer_network(), megabytes=1.0e-6)
    result, expected = (read_values(job.output.values) for job in (small, one_kind))
    for name in ("attribution", "hypothetical", "projected"):
        name = f"{name}_integrated_gradients"
        np.testing.assert_allclose(result[name], expected[name], atol=1e-5)
    mine, theirs = (read_table(job.output.score) for job in (small, one_kind))
    np.testing.assert_allclose(mine["value"], theirs["value"], atol=0.01)


def test_fewer_sequences_are_as_many_of_each_class(tmp_path):
    dataset, settings = planted_dataset(), {"max_sequences": 6}
    job = run_one(tmp_path, dataset, kmer_network(), integrated_gradients=settings)
    table = read_table(job.output.table)
    assert sorted(table["label"]) == [0, 0, 0, 1, 1, 1]
    rows = read_values(job.output.values)["row_integrated_gradients"]
    assert [f"s{row}" for row in rows] == table["sequence"].tolist()


def test_a_user_s_classes_and_lengths(tmp_path):
    dataset = user_dataset()
    bed = tmp_path / "boxes.bed"
    bed.write_text("chr1:0\t5\t12\tbox\nchr1:1\t2\t8\n")
    settings = {
        "intervals": str(bed),
        "anchor": 20,
        "layer": "convolution2",
        "window": 3,
    }
    job = run_one(tmp_path, dataset, exclusive_network(), figures=True, **settings)
    table = read_table(job.output.table)
    assert len(table) == 36
    assert table["target"].unique().tolist() == ["left", "middle", "right"]
    assert Path(job.output.score).read_text().count("\n") == 1  # no truth
    profile = read_table(job.output.profile)
    assert set(profile["aligned_on"]) == {"sequence"}
    values = read_values(job.output.values)
    unknown = dataset.index == 4
    for name in ("attribution", "hypothetical"):
        array = values[f"{name}_integrated_gradients"].transpose(0, 1, 3, 2)
        assert np.all(array[:, unknown] == 0)
    assert np.all(values["projected_integrated_gradients"][:, unknown] == 0)
    intervals = read_table(job.output.intervals)
    assert len(intervals) == 3 * 2
    layer = read_table(job.output.layer)
    assert len(layer) == 3 * SIZES["filters2"]
    of_layer = values["layer_integrated_gradients"]
    assert of_layer.shape[:3] == (3, 12, SIZES["filters2"])
    # The layer's attributions sum to the change as well.
    left = table[table["target"] == "left"]
    np.testing.assert_allclose(
        of_layer[0].sum(axis=(1, 2)),
        left["output"] - left["baseline_output"],
        atol=0.1 * np.abs(left["output"]).max(),
    )


def test_some_targets_alone(tmp_path):
    dataset, network = user_dataset(), exclusive_network()
    chosen = ["middle", "right"]
    job = run_one(tmp_path, dataset, network, targets=chosen)
    assert read_table(job.output.table)["target"].unique().tolist() == chosen
    with pytest.raises(InputError, match="no target 'top'"):
        run_one(tmp_path, dataset, network, targets=["top"])


def test_faithful_is_deepg_s_rule(tmp_path):
    settings = {"integrated_gradients": {"faithful": True, "steps": 7}}
    settings |= {"scale": "logit", "baseline": "profile"}
    job = run_one(tmp_path, planted_dataset(), kmer_network(), **settings)
    # Written out as in deepG: m + 1 points, gradients of the probability, neighbours
    # averaged, times the sequence.
    network = load_model(job.input.model)
    batch = torch.from_numpy(planted_dataset().one_hot())
    gradients = []
    for alpha in trapezoid(7)[0]:
        at = (alpha * batch).requires_grad_()
        probability = torch.sigmoid(network(at)[:, 0]).sum()
        gradients.append(torch.autograd.grad(probability, at)[0])
    pairs = [(a + b) / 2 for a, b in pairwise(gradients)]
    expected = batch * torch.stack(pairs).mean(dim=0)
    result = read_values(job.output.values)["attribution_integrated_gradients"][0]
    np.testing.assert_allclose(result, expected, atol=1e-5)
    assert set(read_table(job.output.table)["scale"]) == {"probability"}


def test_an_even_window_is_a_mistake(tmp_path):
    with pytest.raises(InputError, match=r"window.*\n.*odd"):
        run_one(tmp_path, planted_dataset(), kmer_network(), window=4)


def test_only_kinds_without_completeness(tmp_path):
    job = run_one(tmp_path, planted_dataset(), kmer_network(), kind="saliency")
    assert len(read_table(job.output.table)) == 24


# -- all kinds ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def all_kinds(tmp_path_factory):
    folder = tmp_path_factory.mktemp("all_kinds")
    settings = {"export": ["deeplift_shap"], "figures": True}
    return run(folder, planted_dataset(), kmer_network(), **settings)


def test_a_row_for_each_kind_and_sequence(all_kinds):
    table = read_table(all_kinds.output.table)
    assert table["kind"].unique().tolist() == KINDS
    assert len(table) == len(KINDS) * 24
    by_kind = table.groupby("kind")
    flags = by_kind["flag"].agg(lambda flag: set(flag.dropna()))
    assert flags["deeplift_shap"] == {"ok"}  # exact, in float32 too
    assert flags["gradient_shap"] <= {"ok", "red"}
    for kind in GRADIENTS:  # they do not sum to anything
        assert flags[kind] == set()
        rows = table[table["kind"] == kind]
        assert rows[["baseline_output", "error"]].isna().all(axis=None)
    assert by_kind["output"].apply(list).map(tuple).nunique() <= 2  # last bits


def test_every_kind_finds_the_planted_kmer(all_kinds):
    score = position_values(all_kinds.output.score)["position_auroc"]
    assert len(score) == 4 + 5 * 8
    for kind in KINDS:
        assert score[f"{kind} absolute_centred_window9"] > 0.9


def test_the_arrays_of_all_kinds_and_the_export(all_kinds):
    values = read_values(all_kinds.output.values)
    shape = (1, 24, 4, LENGTH)
    assert all(values[f"hypothetical_{kind}"].shape == shape for kind in KINDS)
    assert "attribution_deeplift_shap" in values
    assert "attribution_saliency" not in values
    (hypothetical,) = all_kinds.output.hypothetical
    (one_hot,) = all_kinds.output.one_hot
    np.testing.assert_array_equal(
        np.load(hypothetical)["arr_0"], values["hypothetical_deeplift_shap"][0]
    )
    np.testing.assert_array_equal(
        np.load(one_hot)["arr_0"], planted_dataset().one_hot()
    )


def test_the_same_configuration_gives_the_same_bytes(all_kinds, tmp_path):
    settings = {"export": ["deeplift_shap"], "figures": True}
    again = run(tmp_path, planted_dataset(), kmer_network(), **settings)
    assert written(again) == written(all_kinds)


def test_a_negative_control_has_the_same_numbers_and_no_figure(all_kinds, tmp_path):
    control = run(tmp_path, planted_dataset(), kmer_network(), control=True)
    expected = written(all_kinds)
    assert written(control) == {name: expected[name] for name in written(control)}
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "score.tsv",
        "table.tsv",
        "values.h5",
    ]


def test_a_kind_does_not_depend_on_the_others(all_kinds, tmp_path):
    kinds = ["gradient_shap", "smoothgrad", "integrated_gradients"]
    alone = run(tmp_path, planted_dataset(), kmer_network(), kinds=kinds)
    result, expected = (read_values(job.output.values) for job in (alone, all_kinds))
    for kind in kinds:
        name = f"hypothetical_{kind}"
        np.testing.assert_array_equal(result[name], expected[name])


def test_only_sequences_that_all_kinds_explain_are_drawn(tmp_path):
    settings = {"kinds": ["saliency", "integrated_gradients"], "max_sequences": 12}
    settings["integrated_gradients"] = {"max_sequences": 6}
    job = run(tmp_path, planted_dataset(), kmer_network(), **settings)
    table = read_table(job.output.table)
    names = {kind: set(rows["sequence"]) for kind, rows in table.groupby("kind")}
    assert names["integrated_gradients"] < names["saliency"]
    heat_map = read_table(job.output.heat_map)
    assert set(heat_map["sequence"]) <= names["integrated_gradients"]
    # The first sequence by both kinds, the second by the first kind.
    drawn = heat_map.drop_duplicates(["kind", "sequence"])
    assert drawn["kind"].tolist() == [*settings["kinds"], "saliency"]


def test_positives_alone_are_explained_and_drawn(tmp_path):
    settings = {"kinds": ["deeplift_shap"], "baselines": 2, "classes": "positive"}
    dataset = planted_dataset()
    job = run(tmp_path, dataset, kmer_network(), figures=True, **settings)
    table = read_table(job.output.table)
    assert table["label"].tolist() == [1] * int(np.asarray(dataset.label).sum())
    assert set(read_table(job.output.profile)["class"]) == {"positive"}
    for name in ("logos", "heat_map_figure", "profile_figure", "components_figure"):
        assert "<svg" in Path(getattr(job.output, name)).read_text()


def test_null_is_the_setting_of_all_kinds(tmp_path):
    own = {"max_sequences": None, "baselines": None, "correct": None}
    settings = {"kinds": ["integrated_gradients", "deeplift_shap"], "max_sequences": 8}
    dataset, network = planted_dataset(), kmer_network()
    job = run(tmp_path, dataset, network, integrated_gradients=own, **settings)
    mine, theirs = (
        rows for _, rows in read_table(job.output.table).groupby("kind", sort=False)
    )
    assert len(mine) == 8
    assert mine["sequence"].tolist() == theirs["sequence"].tolist()
    # The same baselines.
    for name in ("output", "baseline_output"):
        np.testing.assert_allclose(mine[name], theirs[name], rtol=1e-4)


def test_a_user_s_classes_by_all_kinds(tmp_path):
    dataset = user_dataset()
    settings = {"layer": "convolution2", "scale": "probability"}
    job = run(tmp_path, dataset, exclusive_network(), figures=True, **settings)
    table = read_table(job.output.table)
    assert len(table) == len(KINDS) * 3 * 12
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
    assert set(layer["kind"]) == {*COMPLETE, "gradient_x_input"}


def test_a_constant_network_is_no_failure(tmp_path):
    dataset = planted_dataset()
    # Negatives: one that each shuffle gives back, one of N alone.
    dataset.index[1], dataset.index[3] = encode("ACTG" * 10), 4
    job = run(tmp_path, dataset, constant_network(), figures=True)
    checks = read_table(job.output.checks)
    assert checks["warning"].str.contains("the same for all 24 sequences").all()
    assert checks["without_bases"].tolist() == [1] * 6
    assert checks["equal_baselines"].dropna().tolist() == [1] * 3
    assert checks["relative_error"].isna().all()
    table = read_table(job.output.table)
    assert set(table["flag"].dropna()) == {"ok"}
    mine = table[table["kind"] == "integrated_gradients"]
    assert set(mine["sum"]) == {0}
    assert mine["relative_error"].isna().all()
    score = position_values(job.output.score)
    assert score["position_auroc"].tolist() == [0.5] * 44


def test_only_a_kind_that_is_computed_is_exported():
    config = yaml.safe_load((ROOT / "config" / "config.yaml").read_text())
    config["analyses"] = ["attributions"]
    settings = {"kinds": ["saliency"], "export": ["saliency"]}
    config["methods"] = {"attributions": settings}
    check_configuration(config, ROOT / "workflow" / "schemas")
    settings["export"] = ["deeplift_shap"]
    with pytest.raises(InputError, match=r"deeplift_shap is not in methods\.attr"):
        check_configuration(config, ROOT / "workflow" / "schemas")
