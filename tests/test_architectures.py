"""Presets: sizes counted by hand, shapes, activations, and what is too short."""

import re
from pathlib import Path

import jsonschema
import numpy as np
import pytest
import torch
from torch import nn

from proofread.configuration.model_settings import settings_schemas
from proofread.dna.encoding import encode, one_hot
from proofread.errors import InputError
from proofread.models.activations import Exponential
from proofread.models.checkpoint import (
    build_model,
    default_settings,
    known_architectures,
    predict_logits,
)
from proofread.models.first_layer import FirstLayer
from proofread.models.layers import KmerConvolution, KmerIndicator

ROOT = Path(__file__).resolve().parents[1]
# A length at which each preset is quick to build.
LENGTHS = dict.fromkeys(known_architectures(), 200) | {"deepg_cnn_lstm": 50}


def trained_parameters(model):
    return sum(
        parameter.numel() for parameter in model.parameters() if parameter.requires_grad
    )


def statistics(model):
    return sum(
        item.numel() for name, item in model.named_buffers() if "running" in name
    )


def shapes(model, length, names):
    """Shape of each named module's output for one sequence, without the batch."""
    seen = {}
    for name in names:
        model.get_submodule(name).register_forward_hook(
            lambda _, __, out, name=name: seen.update({name: tuple(out.shape[1:])})
        )
    model.eval()(torch.zeros(1, 4, length))
    return [seen[name] for name in names]


def test_deepg_has_the_published_size():
    # As Keras counts: conv 8*4*8+8, BN 4*8, conv 16*8*8+16, BN 4*16,
    # LSTM 4*(8*16 + 8*8 + 8), dense 4*8+4, output 2*4+2. Half of a BN is statistics.
    published = 264 + 32 + 1040 + 64 + 800 + 36 + 10
    assert published == 2246
    model = build_model("deepg_cnn_lstm", {}, 50, ["bound"])
    assert statistics(model) == 2 * 8 + 2 * 16 == 48
    assert trained_parameters(model) == published - 48 == 2198
    second_bias = model.recurrent.recurrent.bias_hh_l0
    assert not second_bias.any() and not second_bias.requires_grad


def test_deepg_s_shapes():
    # Padded convolutions; 50 / 3 = 16, 16 / 3 = 5 positions.
    model = build_model("deepg_cnn_lstm", {}, 50, ["bound"])
    names = ["convolution1", "norm1", "convolution2", "pool2", "recurrent"]
    assert shapes(model, 50, names) == [(8, 50), (8, 16), (16, 16), (16, 5), (8,)]


def test_basset_has_the_published_size():
    # 600 -> 582 -> 194 -> 184 -> 46 -> 40 -> 10 positions, 200 * 10 values.
    model = build_model("basset", {}, 600, [f"cell{n}" for n in range(164)])
    convolutions = 300 * 4 * 19 + 300 + 200 * 300 * 11 + 200 + 200 * 200 * 7 + 200
    norms = 2 * (300 + 200 + 200 + 1000 + 1000)
    dense = 2000 * 1000 + 1000 + 1000 * 1000 + 1000 + 164 * 1000 + 164
    assert trained_parameters(model) == convolutions + norms + dense
    names = [f"features.pool{number}" for number in (1, 2, 3)]
    assert shapes(model, 600, names) == [(300, 194), (200, 46), (200, 10)]


def test_basset_can_pad_for_short_sequences():
    # 81 -> 81 -> 27 -> 27 -> 6 -> 6 -> 1; unpadded, nothing is left.
    assert build_model("basset", {"padding": "same"}, 81, ["b"]).head.dense1.in_features
    with pytest.raises(InputError, match="sequences of 81 bases leave nothing"):
        build_model("basset", {}, 81, ["b"])


def test_koo_local_has_its_size():
    # 200 / 50 = 4, 4 / 2 = 2 positions; no biases where a normalisation follows.
    weights = 24 * 4 * 19 + 48 * 24 * 3 + 96 * (48 * 2) + 96 + 1
    norms = 2 * (24 + 48 + 96)
    model = build_model("koo_local", {}, 200, ["bound"])
    assert trained_parameters(model) == weights + norms
    names = ["features.activation1", "features.pool1", "features.pool2"]
    assert shapes(model, 200, names) == [(24, 200), (24, 4), (48, 2)]


def test_koo_dist_has_its_size():
    # 200 -> 200 -> 50 -> 44 -> 11 -> 9 -> 3 positions.
    weights = 24 * 4 * 19 + 32 * 24 * 7 + 48 * 32 * 7 + 64 * 48 * 3
    dense = 96 * (64 * 3) + 96 + 1
    norms = 2 * (24 + 32 + 48 + 64 + 96)
    model = build_model("koo_dist", {}, 200, ["bound"])
    assert trained_parameters(model) == weights + dense + norms
    names = [f"features.{item}" for item in ("activation2", "pool2", "pool3", "pool4")]
    assert shapes(model, 200, names) == [(32, 200), (32, 50), (48, 11), (64, 3)]


def test_the_last_pool_of_koo_dist_takes_what_is_left():
    # 216 -> 54 -> 48 -> 12 -> 10 positions: three pools of 3 and one of 1.
    model = build_model("koo_dist", {}, 216, ["bound"])
    assert shapes(model, 216, ["features.pool4"]) == [(64, 4)]


def test_koo_cnn_has_its_size():
    # 200 / 24 = 8 positions.
    targets = [f"tf{number}" for number in range(12)]
    weights = 32 * 4 * 19 + 512 * (32 * 8) + 512 * 12 + 12
    model = build_model("koo_cnn", {}, 200, targets)
    assert trained_parameters(model) == weights + 2 * (32 + 512)


def test_koo_cnn2_has_its_size():
    # 200 / 4 = 50, 50 / 6 = 8 positions.
    targets = [f"tf{number}" for number in range(12)]
    weights = 32 * 4 * 19 + 32 * 32 * 7 + 512 * (32 * 8) + 512 * 12 + 12
    model = build_model("koo_cnn2", {}, 200, targets)
    assert trained_parameters(model) == weights + 2 * (32 + 32 + 512)


@pytest.mark.parametrize(
    ("name", "layers"),
    [
        ("koo_cnn", "pool1 dropout1"),
        ("koo_cnn2", "pool1 dropout1 pool2 dropout2"),
        ("koo_local", "dropout1 pool1 dropout2 pool2"),
        ("koo_dist", "dropout1 dropout2 pool2 dropout3 pool3 dropout4 pool4"),
    ],
)
def test_each_koo_preset_has_its_layers(name, layers):
    model = build_model(name, {}, 200, ["bound"])
    kinds = (nn.MaxPool1d, nn.Dropout)
    result = [
        name
        for name, layer in model.features.named_children()
        if isinstance(layer, kinds)
    ]
    assert result == layers.split()
    paddings = [
        feature.padding for feature in model.features if isinstance(feature, nn.Conv1d)
    ]
    assert paddings == ["same", "same", "valid", "valid"][: len(paddings)]


@pytest.mark.parametrize("name", known_architectures())
def test_each_dropout_has_the_rate_of_its_setting(name):
    settings = [key for key in default_settings(name) if "dropout" in key]
    rates = {key: 0.01 * number for number, key in enumerate(settings, start=1)}
    model = build_model(name, rates, LENGTHS[name], ["bound"])
    result = [item.p for item in model.modules() if isinstance(item, nn.Dropout)]
    # Basset's two dense layers share a rate; so do a pool and three parts of a block.
    times = {"basset": [2], "conv_attention": [4, 1]}.get(name, [1] * len(rates))
    assert result == np.repeat(list(rates.values()), times).tolist()


@pytest.mark.parametrize(
    ("name", "eps", "momentum"),
    [
        # Keras keeps 0.99 of the old mean, which is PyTorch's momentum 0.01.
        ("koo_cnn", 1e-3, 0.01),
        ("koo_dist", 1e-3, 0.01),
        ("deepg_cnn_lstm", 1e-3, 0.01),
        ("basset", 1e-5, 0.1),  # Torch's
    ],
)
def test_normalisations_have_the_constants_of_their_package(name, eps, momentum):
    model = build_model(name, {}, LENGTHS[name], ["bound"])
    norms = [item for item in model.modules() if isinstance(item, nn.BatchNorm1d)]
    assert {(norm.eps, norm.momentum) for norm in norms} == {(eps, momentum)}


@pytest.mark.parametrize("name", ["koo_cnn", "koo_cnn2"])
def test_weights_of_the_attention_study_are_glorot_uniform(name):
    torch.manual_seed(0)
    weight = build_model(name, {}, 200, ["bound"]).head.dense.weight  # 256 to 512
    limit = np.sqrt(6 / (256 + 512))
    assert 0.99 * limit < weight.abs().max() <= limit
    assert weight.std().item() == pytest.approx(limit / np.sqrt(3), rel=0.02)


@pytest.mark.parametrize(("name", "flat"), [("koo_local", 96), ("koo_dist", 192)])
def test_weights_of_koo_and_ploenzke_are_he_normal(name, flat):
    torch.manual_seed(0)
    weight = build_model(name, {}, 200, ["bound"]).head.dense.weight
    assert weight.shape == (96, flat)
    assert weight.std().item() == pytest.approx(np.sqrt(2 / flat), rel=0.02)
    # Keras cuts off at two deviations of the distribution before, whose deviation is
    # smaller by sqrt(1 - 4 phi(2) / (2 Phi(2) - 1)), phi(2) = 0.05399, Phi(2) = 0.97725
    # after.
    largest = 2 * np.sqrt(2 / flat / (1 - 4 * 0.05399 / (2 * 0.97725 - 1)))
    assert 0.99 * largest < weight.abs().max() < 1.0001 * largest


def test_a_koo_preset_has_no_setting_of_another():
    with pytest.raises(InputError, match="unknown setting 'filters2'"):
        build_model("koo_cnn", {"filters2": 8}, 200, ["bound"])
    with pytest.raises(InputError, match="unknown setting 'preset'"):
        build_model("koo_cnn", {"preset": "koo_dist"}, 200, ["bound"])
    with pytest.raises(InputError, match="no such architecture"):
        build_model("koo", {}, 200, ["bound"])


def test_kmer_embedding_has_its_size():
    # 198 k-mers of 3, 183 positions of 16 k-mers, 45 pools of 4.
    weights = 64 * 16 + 32 * 16 * 16 + 32 + 32 * (32 * 45) + 32 + 32 + 1
    model = build_model("kmer_embedding", {}, 200, ["bound"])
    assert trained_parameters(model) == weights
    names = ["features.convolution1", "features.pool1"]
    assert shapes(model, 200, names) == [(32, 183), (32, 45)]


@pytest.mark.parametrize("name", known_architectures())
def test_every_preset_keeps_the_contract(name):
    length = LENGTHS[name]
    sequences = torch.from_numpy(one_hot(np.full((2, length), 4, dtype=np.uint8)))
    for targets in (["one"], ["one", "two", "three"]):
        model = build_model(name, {}, length, targets).eval()
        assert model(sequences).shape == (2, len(targets))
        first = model.get_submodule(model.first_convolution)
        assert isinstance(first, nn.Conv1d) and first.in_channels == 4
        assert FirstLayer(model, length).weight.shape[1:] == (first.kernel_size[0], 4)


@pytest.mark.parametrize("name", known_architectures())
def test_every_activation_is_a_module_used_once(name):
    # Attribution by backward hooks (DeepLIFT) sees no other.
    model = build_model(name, {}, LENGTHS[name], ["one"]).eval()
    kinds = (nn.ReLU, nn.MaxPool1d, Exponential)
    runs = {item: 0 for item in model.modules() if isinstance(item, kinds)}
    for module in runs:
        assert not getattr(module, "inplace", False)
        module.register_forward_hook(lambda run, *_: runs.update({run: runs[run] + 1}))
    model(torch.rand(1, 4, LENGTHS[name]))
    assert runs and set(runs.values()) == {1}


@pytest.mark.parametrize("name", known_architectures())
def test_a_sequence_that_is_too_short_is_a_mistake(name):
    with pytest.raises(InputError, match=rf"{name}.*\b5 bases leave nothing"):
        build_model(name, {}, 5, ["one"])


@pytest.mark.parametrize("name", known_architectures())
def test_building_leaves_the_statistics_untouched(name):
    model = build_model(name, {}, LENGTHS[name], ["one"])
    assert model.training
    for buffer, values in model.named_buffers():
        expected = 1 if buffer.endswith("running_var") else 0
        assert (values == expected).all(), buffer


@pytest.mark.parametrize("name", ["koo_local", "koo_dist", "koo_cnn", "koo_cnn2"])
def test_the_first_activation_can_be_exponential(name):
    model = build_model(name, {"activation": "exponential"}, 200, ["one"])
    activation = model.get_submodule(model.first_activation)
    assert activation(torch.tensor([0.0, -1.0])).tolist() == pytest.approx(
        [1.0, np.exp(-1)]
    )
    with pytest.raises(InputError, match="activation 'gelu'"):
        build_model(name, {"activation": "gelu"}, 200, ["one"])


def test_kmers_are_told_apart_and_an_unknown_base_has_none():
    # AC, CG and GN with k = 2: AC is k-mer 0*4+1, CG k-mer 1*4+2.
    kmers = KmerIndicator(2, 1)(torch.from_numpy(one_hot(encode("ACGN")[None])))
    assert kmers.shape == (1, 16, 3)
    assert kmers[0].nonzero().tolist() == [[1, 0], [6, 1]]


def test_kmers_have_a_stride():
    # ACGTACGT with k = 5 and stride 2: ACGTA and GTACG.
    kmers = KmerIndicator(5, 2)(torch.from_numpy(one_hot(encode("ACGTACGT")[None])))
    code = {
        kmer: sum("ACGT".index(b) * 4 ** (4 - i) for i, b in enumerate(kmer))
        for kmer in ("ACGTA", "GTACG")
    }
    assert kmers[0].argmax(dim=0).tolist() == [code["ACGTA"], code["GTACG"]]
    assert kmers.sum() == 2


@pytest.mark.parametrize(
    ("stride", "weight"),
    [
        # Three bases: the middle one ends the first k-mer and begins the second: G
        # 3 - 2 = 1, C -1 + 6 = 5.
        (1, [[-1, 3, -1, -1], [-3, 5, 1, -3], [-2, -2, 6, -2]]),
        # Four bases, of which no k-mer shares one.
        (2, [[-1, 3, -1, -1], [-1, -1, 3, -1], [-2, 6, -2, -2], [-2, -2, 6, -2]]),
    ],
)
def test_the_weight_of_a_kmer_filter_is_the_mean_effect_of_each_base(stride, weight):
    # A filter of two k-mers of two bases. Only the k-mer CG counts, 16 at the first
    # k-mer and 32 at the second. A first C makes CG 1/4 likely: 4, less the mean 1; a
    # first A: 0 less 1; twice that at the second.
    layer = KmerConvolution(2, stride, dimensions=1, filters=1, width=2)
    with torch.no_grad():
        layer.embedding.weight.zero_()
        layer.embedding.weight[0, 1 * 4 + 2] = 1
        layer.convolution.weight[:] = torch.tensor([[[16.0, 32.0]]])
    assert layer.kernel_size == (len(weight),)
    assert layer.weight[0].T.tolist() == weight


def test_filters_of_a_kmer_convolution_are_read_at_their_place():
    # The filter answers to CGCG alone, which begins at base 3.
    model = build_model(
        "kmer_embedding",
        {"k": 2, "dimensions": 1, "filters": 1, "width": 3, "pool": 1},
        12,
        ["one"],
    ).eval()
    layer = model.get_submodule(model.first_convolution)
    with torch.no_grad():
        layer.embedding.weight.zero_()
        layer.embedding.weight[0, 1 * 4 + 2] = 1
        layer.convolution.weight[:] = torch.tensor([[[1.0, 0.0, 1.0]]])
        layer.convolution.bias[:] = -1.5
    reader = FirstLayer(model, 12)
    assert reader.geometry.width == 4
    activation = reader.activation(encode("AAACGCGAAAAA")[None])[0, :, 0]
    assert activation.nonzero().ravel().tolist() == [3]


def test_one_target_of_deepg_is_the_difference_of_two_units():
    model = build_model("deepg_cnn_lstm", {}, 50, ["bound"]).eval()
    units = {}
    model.output.register_forward_hook(lambda _, __, out: units.update(z=out))
    logit = model(torch.rand(3, 4, 50))
    assert torch.equal(logit[:, 0], units["z"][:, 1] - units["z"][:, 0])


@pytest.mark.parametrize("name", known_architectures())
def test_batch_size_does_not_change_predictions(name):
    torch.manual_seed(0)
    model = build_model(name, {}, LENGTHS[name], ["bound"]).eval()
    index = np.random.default_rng(1).integers(0, 5, (7, LENGTHS[name])).astype(np.uint8)
    one = predict_logits(model, index, batch_size=1)
    assert torch.allclose(one, predict_logits(model, index, batch_size=7), atol=1e-5)


@pytest.mark.parametrize("name", known_architectures())
def test_the_page_has_every_setting_of_a_preset(name):
    page = (ROOT / "docs/models.md").read_text()
    (section,) = re.findall(rf"^### `{name}`\n(.*?)(?=^##|\Z)", page, re.M | re.S)
    rows = [
        tuple(cell.strip(" `") for cell in line.split("|")[1:4])
        for line in section.splitlines()
        if line.startswith("| `")
    ]
    properties = settings_schemas()[name]["properties"]
    assert rows == [
        (setting, properties[setting]["description"], str(default))
        for setting, default in default_settings(name).items()
    ]


def test_the_configuration_reads_the_same_architectures_and_settings():
    # It reads source code and does not import torch.
    assert {
        name: list(schema["properties"]) for name, schema in settings_schemas().items()
    } == {name: list(default_settings(name)) for name in known_architectures()}


@pytest.mark.parametrize("name", known_architectures())
def test_settings_are_refused_outside_their_bounds(name):
    validator = jsonschema.Draft202012Validator(settings_schemas()[name])
    for key, default in default_settings(name).items():
        if isinstance(default, str):
            continue
        if "dropout" in key:
            allowed, refused = [0, 0.99, default], [-0.01, 1]
        else:  # sizes count from 1; there are 4096 k-mers of 6 bases
            largest = {"k": 6, "layers": 12}.get(key, 10_000)
            allowed, refused = [1, largest, default], [0, 1.5]
            refused += [largest + 1] if largest < 10_000 else []
        assert all(validator.is_valid({key: value}) for value in allowed), key
        assert not any(validator.is_valid({key: value}) for value in refused), key


def test_residual_dilated_has_its_size():
    # 200 -> 180 -> 90 positions, which padded convolutions keep; then their mean.
    targets = ["a", "b", "c"]
    weights = 32 * 4 * 21 + 32 + 5 * (32 * 32 * 3 + 32) + 3 * 32 + 3
    model = build_model("residual_dilated", {}, 200, targets)
    assert trained_parameters(model) == weights
    names = ["features.activation1", "features.pool1", "features.residual5"]
    assert shapes(model, 200, names) == [(32, 180), (32, 90), (32, 90)]
    dilations = [
        module.dilation for module in model.modules() if isinstance(module, nn.Conv1d)
    ]
    assert dilations == [(1,), (2,), (4,), (8,), (16,), (32,)]


def test_bpnet_s_own_sizes_can_be_set():
    # 64 filters, width 25, 9 dilated layers up to 512, no pool.
    bpnet = {"filters": 64, "width": 25, "layers": 9, "pool": 1}
    model = build_model("residual_dilated", bpnet, 1000, ["counts"])
    weights = 64 * 4 * 25 + 64 + 9 * (64 * 64 * 3 + 64) + 64 + 1
    assert trained_parameters(model) == weights
    assert model.features.residual9.convolution.dilation == (512,)
    assert shapes(model, 1000, ["features.residual9"]) == [(64, 976)]


def test_a_residual_layer_by_hand():
    # Taps -1, 1, 1 at distance 2: at 2 they see 3, 5, 7. 3 + relu(-3 + 5 + 7 - 1) = 13
    # at the middle. Padding is the same at both ends: at 0, 0 + relu(0 + 3 + 5 - 1).
    model = build_model("residual_dilated", {"filters": 1, "layers": 1}, 60, ["a"])
    layer = model.features.residual1
    with torch.no_grad():
        layer.convolution.weight[:] = torch.tensor([[[-1.0, 1.0, 1.0]]])
        layer.convolution.bias[:] = -1
        result = layer(torch.tensor([[[3.0, 0.0, 5.0, 0.0, 7.0]]]))
    # 3 + (3 + 5 - 1), 0, 5 + (-3 + 5 + 7 - 1), 0, 7 + (-5 + 7 - 1)
    assert result.tolist() == [[[10.0, 0.0, 13.0, 0.0, 8.0]]]


def test_conv_attention_has_its_size():
    # 200 -> 182 -> 45 positions. Queries, keys and values; the layer behind them; two
    # layers of 32 and 32 units; a normalisation before, and two in a block.
    block = 3 * (32 * 32 + 32) + (32 * 32 + 32) + 2 * (32 * 32 + 32)
    convolution = 32 * 4 * 19 + 2 * 32
    head = 64 * (32 * 45) + 2 * 64 + 64 + 1
    for blocks in (1, 2):
        model = build_model("conv_attention", {"blocks": blocks}, 200, ["bound"])
        norms = (1 + 2 * blocks) * 2 * 32
        assert trained_parameters(model) == convolution + blocks * block + norms + head
    names = ["features.activation1", "features.pool1", "blocks.block2"]
    assert shapes(model, 200, names) == [(32, 182), (32, 45), (45, 32)]


def test_heads_must_divide_the_filters():
    with pytest.raises(InputError, match=r"heads.*3, which does not divide 32 filters"):
        build_model("conv_attention", {"heads": 3}, 200, ["one"])
