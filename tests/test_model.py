"""Networks: sizes by hand, the same file for the same weights, no code in it."""

import pickle
import re

import numpy as np
import pytest
import torch

from proofread.dna.encoding import encode
from proofread.errors import InputError
from proofread.models.checkpoint import (
    build_model,
    load_model,
    load_predictor,
    predict_logits,
    save_model,
)
from proofread.training.resume import read_state, write_state


def parameters(model):
    return sum(parameter.numel() for parameter in model.parameters())


def test_eraslan2019_has_the_published_size():
    # conv 32*4*20 + 32, conv 12*32*20 + 12, linear 2*420 + 2: positions
    # 200 -> 181 -> 90 -> 71 -> 35, and 12 * 35 = 420 values.
    model = build_model("eraslan2019", {}, 200, ["bound"])
    layers = (model.convolution1, model.convolution2, model.linear)
    assert [parameters(layer) for layer in layers] == [2592, 7692, 842]
    assert parameters(model) == 11126


def test_every_activation_shape_of_eraslan2019():
    model = build_model("eraslan2019", {}, 200, ["bound"])
    shapes = {}
    for name in ("convolution1", "pool1", "convolution2", "pool2"):
        model.get_submodule(name).register_forward_hook(
            lambda _, __, out, name=name: shapes.update({name: tuple(out.shape)})
        )
    model(torch.zeros(1, 4, 200))
    assert shapes == {
        "convolution1": (1, 32, 181),
        "pool1": (1, 32, 90),
        "convolution2": (1, 12, 71),
        "pool2": (1, 12, 35),
    }


def test_one_target_is_the_difference_of_two_units():
    model = build_model("eraslan2019", {}, 100, ["bound"]).eval()
    units = {}
    model.linear.register_forward_hook(lambda _, __, out: units.update(z=out))
    logit = model(torch.rand(3, 4, 100))
    assert logit.shape == (3, 1)
    assert torch.equal(logit[:, 0], units["z"][:, 1] - units["z"][:, 0])


def test_two_targets_have_a_unit_each():
    model = build_model("eraslan2019", {}, 100, ["a", "b"])
    assert model(torch.zeros(3, 4, 100)).shape == (3, 2)


def test_named_layers_exist():
    model = build_model("eraslan2019", {}, 100, ["bound"])
    assert isinstance(model.get_submodule(model.first_convolution), torch.nn.Conv1d)
    assert isinstance(model.get_submodule(model.first_activation), torch.nn.ReLU)


def test_saved_is_loaded_and_the_same_weights_are_the_same_bytes(tmp_path):
    model = build_model("eraslan2019", {"filters": 4}, 100, ["bound"]).eval()
    for name in ("1.ckpt", "2.ckpt"):
        save_model(tmp_path / name, model, "eraslan2019", {"filters": 4})
    assert (tmp_path / "1.ckpt").read_bytes() == (tmp_path / "2.ckpt").read_bytes()
    loaded = load_model(tmp_path / "1.ckpt")
    index = np.random.default_rng(0).integers(0, 4, size=(5, 100)).astype(np.uint8)
    assert torch.equal(predict_logits(loaded, index), predict_logits(model, index))
    assert loaded.targets == ["bound"]
    assert not loaded.training


class Malicious:
    def __reduce__(self):
        return (print, ("code ran",))


def test_a_checkpoint_with_code_is_refused_and_nothing_runs(tmp_path, capsys):
    path = tmp_path / "model.ckpt"
    torch.save({"state": Malicious()}, path)
    with pytest.raises(InputError, match="no code"):
        load_model(path)
    assert "code ran" not in capsys.readouterr().out


def test_a_pickle_that_is_no_checkpoint_is_refused(tmp_path):
    path = tmp_path / "model.ckpt"
    path.write_bytes(pickle.dumps([1, 2], protocol=2))
    with pytest.raises(InputError, match="not readable as a model"):
        load_model(path)


def test_a_checkpoint_of_another_shape_is_refused(tmp_path):
    model = build_model("eraslan2019", {"filters": 4}, 100, ["bound"])
    save_model(tmp_path / "model.ckpt", model, "eraslan2019", {"filters": 5})
    with pytest.raises(InputError, match=r"size mismatch|Error.* in loading"):
        load_model(tmp_path / "model.ckpt")


@pytest.mark.parametrize("content", [[1, 2], 3, {"state": {}}, torch.ones(2)])
def test_data_that_is_no_checkpoint_is_refused(content, tmp_path):
    torch.save(content, tmp_path / "model.ckpt")
    with pytest.raises(InputError, match="not readable as a model"):
        load_model(tmp_path / "model.ckpt")


def saved(folder):
    """A checkpoint, and where the bytes of its first tensor begin."""
    path = folder / "model.ckpt"
    model = build_model("eraslan2019", {"filters": 4}, 100, ["bound"])
    save_model(path, model, "eraslan2019", {"filters": 4})
    content = path.read_bytes()
    first = next(iter(model.state_dict().values())).numpy().tobytes()
    return path, content, content.index(first)


DAMAGE = {
    "cut to a half": lambda content, _: content[: len(content) // 2],
    "empty": lambda *_: b"",
    "a weight": lambda content, at: (
        content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
    ),
    "other content": lambda *_: b"<html>not found</html>",
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_checkpoint_is_refused(damage, tmp_path):
    path, content, first = saved(tmp_path)
    path.write_bytes(DAMAGE[damage](content, first))
    for load in (load_model, load_predictor):
        with pytest.raises(InputError, match="not readable as a model") as caught:
            load(path)
        assert caught.value.where == str(path)
        assert caught.value.remedy.startswith("delete it and run again")


def test_a_damaged_state_of_a_training_is_left_aside(tmp_path):
    path = tmp_path / "unfinished_training.ckpt"
    write_state(path, "this", {"weight": torch.arange(100.0)})
    assert torch.equal(read_state(path, "this")["weight"], torch.arange(100.0))
    content = bytearray(path.read_bytes())
    # 50 in float32 is 0x42480000.
    content[content.index(bytes.fromhex("00004842")) + 2] ^= 1
    path.write_bytes(content)
    assert torch.load(path, weights_only=True)["weight"][50] != 50  # torch is content
    assert read_state(path, "this") is None


def test_an_imported_model_without_its_parts_is_refused(tmp_path):
    path = tmp_path / "model.ckpt"
    torch.save({"import": {"adapter": "adapter.py"}}, path)
    with pytest.raises(InputError, match="not readable as a model"):
        load_model(path)


def test_a_network_without_parameters_predicts():
    class Count(torch.nn.Module):
        def forward(self, one_hot):
            return one_hot[:, :1].sum(dim=2)

    assert predict_logits(Count(), encode("AACA")[None]).tolist() == [[3]]


@pytest.mark.parametrize(
    ("architecture", "settings", "length", "message"),
    [
        ("eraslan2018", {}, 200, "one of .*eraslan2019"),
        ("eraslan2019", {"filter": 3}, 200, "unknown setting 'filter'"),
        ("eraslan2019", {}, 60, "60 bases leave nothing(.|\\n)*at least 61 bases"),
    ],
)
def test_wrong_settings_are_explained(architecture, settings, length, message):
    with pytest.raises(InputError, match=message):
        build_model(architecture, settings, length, ["bound"])


def test_the_shortest_sequence_of_eraslan2019_is_61_bases():
    # 61 -> 42 -> 21 -> 2 -> 1 position; one base less leaves 41 -> 20 -> 1 -> 0.
    assert build_model("eraslan2019", {}, 61, ["b"]).linear.in_features == 12


def test_the_length_that_eraslan2019_asks_for_is_the_shortest():
    settings = {"width": 7, "width2": 5, "pool": 3}
    with pytest.raises(InputError) as error:
        build_model("eraslan2019", settings, 5, ["b"])
    least = int(re.search(r"at least (\d+) bases", error.value.expected)[1])
    assert build_model("eraslan2019", settings, least, ["b"])
    with pytest.raises(InputError):
        build_model("eraslan2019", settings, least - 1, ["b"])


def test_batch_size_does_not_change_predictions():
    model = build_model("eraslan2019", {}, 80, ["bound"]).eval()
    index = np.stack([encode("ACGT" * 20), encode("N" * 80), encode("GATTA" * 16)])
    one = predict_logits(model, index, batch_size=1)
    assert torch.allclose(one, predict_logits(model, index, batch_size=3), atol=1e-6)
