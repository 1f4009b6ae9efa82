"""Networks of public reports, read in place: right answers, or messages that help."""

import io
from pathlib import Path

import numpy as np
import pytest
import torch

from proofread.configuration.existing_files import check_file
from proofread.configuration.model_settings import fill_models
from proofread.configuration.schema import SCHEMAS
from proofread.dna.encoding import encode, one_hot
from proofread.errors import InputError
from proofread.methods.attributions.deep_lift import deep_lift_shap
from proofread.methods.attributions.tables import completeness
from proofread.methods.filter_nullification.nullify import nullify
from proofread.methods.filter_pfms.pfms import filter_pfms, motifs_of
from proofread.models.checkpoint import predict_logits
from proofread.models.first_layer import FirstLayer
from proofread.models.user_model import build_user_model, weights_content
from proofread.models.weights import read_weights

MOTIF = "AAAGAGGAAGTG"  # of the networks of A04


PLAIN = {"first_convolution": None, "first_activation": None}


def imported(folder, **changes):
    """`import` of a case's configuration."""
    return {
        "adapter": str(folder / "adapter.py"),
        "function": "load",
        "weights": None,
        "sha256": None,
        "settings": {},
        "first_convolution": "conv",
        "first_activation": "relu",
    } | changes


def built(folder, **changes):
    return build_user_model(imported(folder, **changes), b"", 100, ["bound"])


def read(path):
    lines = path.read_text().splitlines()
    return np.stack([encode(line) for line in lines if not line.startswith(">")])


@pytest.fixture
def both_strands(cases_folder):
    """Positives and negatives that hold the motif on either strand."""
    folder = cases_folder / "shared/strands"
    return np.concatenate([read(folder / "p.fa"), read(folder / "n.fa")])


@pytest.mark.parametrize("case", ["A04g", "related/A04h"])
def test_a_filter_has_its_motif_whichever_strand_is_read_first(
    case, cases_folder, both_strands
):
    network = built(cases_folder / case)
    length = np.full(len(both_strands), 100)
    result = filter_pfms(network, both_strands, length)
    consensus = motifs_of(result)[0].matrix.argmax(axis=1)
    assert consensus.tolist() == encode(MOTIF).tolist()


def test_without_its_only_filter_all_sequences_have_one_logit(
    cases_folder, both_strands
):
    network = built(cases_folder / "A04e")
    result = nullify(network, both_strands, [[0]])
    assert np.unique(result.logit).size > 1
    assert np.unique(result.ablated).size == 1
    # 2 * activation - 6 with the mean activation of both strands, by the network itself
    with torch.no_grad():
        batch = FirstLayer(network, 100).batch(both_strands)
        both = torch.cat([batch, batch.flip(1, 2)])
        mean = network.network.relu(network.network.conv(both)).double().mean()
    assert result.ablated[0, 0, 0] == pytest.approx(2 * float(mean) - 6)


def test_filters_of_deepbind_are_ablated_on_both_strands(data_folder, both_strands):
    weights = str(data_folder / "deepbind_models/D00655.002.txt")
    folder = Path(__file__).parents[1] / "examples/user_model"
    layers = {"first_convolution": "detectors", "first_activation": "rectify"}
    item = imported(folder, adapter=str(folder / "deepbind.py"), weights=weights)
    network = build_user_model(item | layers, weights_content(item), 100, ["bound"])
    index, rectify = both_strands[:6], network.network.rectify
    result = nullify(network, index, [range(16)], null="zero")
    # Within windows; detectors that hang over their ends are left.
    handle = rectify.register_forward_hook(lambda *seen: torch.zeros_like(seen[2]))
    expected = predict_logits(network, index)
    handle.remove()
    assert np.abs(result.ablated[:, 0] - result.logit).max() > 0
    np.testing.assert_allclose(result.ablated[:, 0], expected, atol=1e-6)


def test_both_strands_in_one_batch_are_refused_with_a_remedy(cases_folder):
    with pytest.raises(InputError, match=r"both strands[\s\S]*once for each strand"):
        FirstLayer(built(cases_folder / "A04c"), 100)


def test_a_convolution_of_images_has_filters(cases_folder):
    folder = cases_folder / "shared/base"
    index = np.concatenate([read(folder / "p.fa"), read(folder / "n.fa")])
    network = built(cases_folder / "A05")
    result = filter_pfms(network, index, np.full(len(index), 100))
    assert (result.status == "ok").any()
    # As a Conv1d of the same weights finds them.
    layer, plain = FirstLayer(network, 100), torch.nn.Conv1d(4, 8, 12)
    convolution = network.network.conv
    plain.weight.data = convolution.weight.detach()[:, :, 0]
    plain.bias.data = convolution.bias.detach()
    expected = plain(layer.batch(index)).relu().transpose(1, 2).detach()
    np.testing.assert_allclose(layer.activation(index), expected, atol=1e-5)


@pytest.mark.parametrize("case", ["A09b", "related/A09"])
def test_predictions_that_depend_on_the_batch_are_refused(case, cases_folder):
    with pytest.raises(InputError, match=r"together with the others[\s\S]*eval\(\)"):
        built(cases_folder / case, **PLAIN)


def explained(network, index):
    """DeepLIFT/SHAP on three sequences, with the network's own references."""
    baselines = torch.from_numpy(one_hot(index[3:7]))[None].expand(3, -1, -1, -1)
    return deep_lift_shap(network, torch.from_numpy(one_hot(index[:3])), baselines, [0])


def completeness_error(network, index):
    """By how much the attributions miss the change of the logit, at most."""
    result = explained(network, index)
    total = result.attribution.sum(axis=(2, 3))[0]
    change = (result.output - result.baseline_output)[:, 0]
    return np.abs(total - change).max(), np.abs(change).max()


@pytest.mark.parametrize("case", ["A08b", "related/A08h", "related/A18", "A05"])
def test_activations_of_all_kinds_have_a_rule(case, cases_folder):
    changes = {"first_activation": "exp"} if "A18" in case else {}
    network = built(cases_folder / case, **changes)
    error, change = completeness_error(network, read(cases_folder / "shared/base/p.fa"))
    assert error < 1e-5 < change


def test_a_transformer_is_explained_and_its_error_is_reported(cases_folder):
    network = built(cases_folder / "A12b", **PLAIN)
    index = read(cases_folder / "shared/base/p.fa")
    result = explained(network, index)
    output, baseline_output = result.output[:, 0], result.baseline_output[:, 0]
    reported = completeness(
        result.attribution[0], output, baseline_output, tolerance=0.05
    )
    total = result.attribution[0].sum(axis=(1, 2), dtype=np.float64)
    # Both outputs by the network itself; the attention passes its plain gradient.
    with torch.no_grad():
        own = network(torch.from_numpy(one_hot(index)))
    change = (own[:3, 0] - own[3:7, 0].mean()).numpy()
    np.testing.assert_allclose(reported["error"], total - change, atol=1e-6)
    np.testing.assert_allclose(
        reported["relative_error"], np.abs((total - change) / change), rtol=1e-3
    )
    assert (reported["flag"] == "red").all()


def test_a_compiled_network_gives_the_answers_of_the_plain_one(cases_folder):
    layers = {
        "first_convolution": "_orig_mod.conv",
        "first_activation": "_orig_mod.relu",
    }
    network = built(cases_folder / "A10a2", **layers)
    plain = built(cases_folder / "related/A08h")  # the same weights, a ReLU of its own
    index = read(cases_folder / "shared/base/p.fa")
    np.testing.assert_array_equal(
        explained(network, index).attribution, explained(plain, index).attribution
    )
    one, other = (
        filter_pfms(item, index, np.full(len(index), 100)) for item in (network, plain)
    )
    for motif, expected in zip(motifs_of(one), motifs_of(other), strict=True):
        np.testing.assert_array_equal(motif.matrix, expected.matrix)


# -- Weights ------------------------------------------------------------------------


def weights_of(cases_folder, case, name):
    path = cases_folder / case / name
    return read_weights(str(path), path.read_bytes())


@pytest.mark.parametrize(
    ("case", "name"), [("W02", "best_model.pth.tar"), ("W07", "w.pth")]
)
def test_checkpoints_of_other_programs_are_read(case, name, cases_folder):
    state = weights_of(cases_folder, case, name)["state_dict"]
    folder = cases_folder / case
    item = imported(folder, weights=str(folder / name))
    network = build_user_model(item, weights_content(item), 100, ["bound"])
    assert torch.equal(network.network.conv.weight, state["conv.weight"])


def test_numbers_of_numpy_are_read_with_their_values():
    file = io.BytesIO()
    numbers = {
        "loss": np.float64(0.25),
        "epoch": np.int64(7),
        "half": np.float32(0.5),
        "best": np.bool_(True),
        "name": np.str_("GATA"),
    }
    torch.save(numbers | {"w": torch.ones(2)}, file)
    result = read_weights("w.pt", file.getvalue())
    assert torch.equal(result.pop("w"), torch.ones(2))
    assert result == numbers
    assert [type(value) for value in result.values()] == [
        type(value) for value in numbers.values()
    ]


@pytest.mark.parametrize(
    ("case", "name", "message"),
    [
        ("W01", "model.pt", r"a pointer of Git LFS[\s\S]*git lfs pull"),
        ("W06", "model_scripted.pt", r"a TorchScript archive[\s\S]*torch\.jit\.load"),
    ],
)
def test_weights_that_are_something_else_are_named(case, name, message, cases_folder):
    with pytest.raises(InputError, match=message):
        weights_of(cases_folder, case, name)


def test_a_web_page_is_no_file_of_torch_save():
    with pytest.raises(InputError, match=r"it begins with b'<!DOCTYPE html>"):
        read_weights("w.pt", b"<!DOCTYPE html><html>Not found</html>")


def test_pointers_and_formats_are_known_from_the_configuration(cases_folder):
    adapter = str(cases_folder / "W01/adapter.py")
    pointer = str(cases_folder / "W01/model.pt")
    with pytest.raises(InputError, match=r"models\.m\.import\.weights: .*Git LFS"):
        check_file(pointer, "own.yaml", "models.m.import.weights")
    models = {"m": {"import": {"adapter": adapter, "weights": "model.pkl"}}}
    with pytest.raises(InputError, match=r"import\.weights: weights of the format"):
        fill_models(models, SCHEMAS, "own.yaml")
    models["m"]["import"]["weights"] = "best_model.pth.tar"
    fill_models(models, SCHEMAS, "own.yaml")
