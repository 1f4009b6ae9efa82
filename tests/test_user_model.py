"""User models: the adapter, its weights, the checkpoint, and messages for mistakes."""

import io
import pickle
import re
from pathlib import Path

import h5py
import numpy as np
import pytest
import torch

from import_model import about
from proofread import unpacking
from proofread.configuration.adapter import adapter_digest, adapter_files
from proofread.configuration.check import check_configuration
from proofread.configuration.experiments import read_experiments
from proofread.configuration.schema import SCHEMAS
from proofread.dna.encoding import encode, letters, one_hot
from proofread.errors import InputError
from proofread.models.checkpoint import load_model, load_predictor
from proofread.models.first_layer import FirstLayer
from proofread.models.user_model import (
    build_user_model,
    save_user_model,
    weights_content,
)
from proofread.models.weights import read_weights

# Counts A and C: logit = a * (number of A) + c * (number of C).
NETWORK = """
import torch


class Count(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.scan = torch.nn.Conv1d(4, 2, 1, bias=False)
        self.relu = torch.nn.ReLU()
        self.head = torch.nn.Linear(2, 1, bias=False)
        self.scan.weight.data = torch.eye(4)[:2, :, None]

    def forward(self, one_hot):
        return self.head(self.relu(self.scan(one_hot)).sum(dim=2))
"""
ADAPTER = """
from network import Count


def load(settings, weights):
    network = Count()
    network.load_state_dict(weights, strict=False)
    return network
"""
CALLABLE = """
def load(settings, weights):
    return lambda batch: settings["a"] * batch[:, :1].sum(axis=2)
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working directory with a network, its adapter and its weights: a 2, c -1."""
    monkeypatch.chdir(tmp_path)
    Path("my").mkdir()
    Path("my/network.py").write_text(NETWORK)
    Path("my/adapter.py").write_text(ADAPTER)
    torch.save({"head.weight": torch.tensor([[2.0, -1.0]])}, "my/weights.pt")
    return tmp_path


def imported(**changes):
    return {
        "adapter": "my/adapter.py",
        "function": "load",
        "weights": "my/weights.pt",
        "sha256": None,
        "settings": {},
        "first_convolution": None,
        "first_activation": None,
    } | changes


def built(length=4, targets=("bound",), **changes):
    item = imported(**changes)
    return build_user_model(item, weights_content(item), length, list(targets))


def adapter(text):
    Path("my/adapter.py").write_text(text)


def kept(length=4, targets=("bound",), **changes):
    item = imported(**changes)
    save_user_model("model.ckpt", item, weights_content(item), length, list(targets))
    return "model.ckpt"


# -- what it does -------------------------------------------------------------------

INDEX = np.stack([encode("AACT"), encode("CCNN")])  # A 2, C 1; A 0, C 2


def test_a_network_is_kept_and_predicts_what_its_weights_say(folder):
    predictor = load_predictor(kept())
    assert predictor.predict(INDEX).tolist() == [[2 * 2 - 1], [-2]]
    assert predictor.targets == ["bound"]
    assert not load_model("model.ckpt").training


def test_the_named_layers_are_those_the_methods_read(folder):
    path = kept(first_convolution="scan", first_activation="relu")
    layer = FirstLayer(load_model(path), 4)
    assert layer.activation(INDEX)[0].T.tolist() == [[1, 1, 0, 0], [0, 0, 1, 0]]


def test_without_named_layers_a_method_that_reads_them_lists_the_modules(folder):
    with pytest.raises(InputError, match=r"network\.scan, network\.relu"):
        FirstLayer(load_model(kept()), 4)


def test_a_network_may_have_modules_of_the_names_that_methods_read(folder):
    text = NETWORK.replace("self.scan", "self.first_convolution")
    Path("my/network.py").write_text(text)
    model = built(first_convolution="first_convolution", first_activation="relu")
    assert FirstLayer(model, 4).filters == 2


def test_a_callable_predicts_and_has_no_layers(folder):
    adapter(CALLABLE)
    path = kept(weights=None, settings={"a": 3})
    assert load_predictor(path).predict(INDEX).tolist() == [[6], [0]]
    with pytest.raises(InputError, match="returns a callable, not a network"):
        load_model(path)


def test_batch_size_does_not_change_what_a_callable_predicts(folder):
    adapter(CALLABLE)
    predictor = built(weights=None, settings={"a": 3})
    assert predictor.predict(INDEX, batch_size=1).tolist() == [[6], [0]]
    assert predictor.predict(INDEX[:0]).shape == (0, 1)


def test_weights_left_as_drawn_are_always_the_same(folder):
    adapter(ADAPTER.replace("network.load_state_dict(weights, strict=False)", "pass"))
    batch = torch.from_numpy(one_hot(INDEX))
    torch.manual_seed(7)
    first, drawn = built()(batch), torch.rand(1)
    torch.manual_seed(8)
    assert torch.equal(built()(batch), first)
    torch.manual_seed(7)
    assert torch.equal(torch.rand(1), drawn)  # other draws are left alone


def test_the_same_model_is_the_same_bytes(folder):
    first = Path(kept()).read_bytes()
    assert Path(kept()).read_bytes() == first


def test_two_adapters_each_have_a_module_of_the_same_name(folder):
    Path("other").mkdir()
    Path("other/network.py").write_text(NETWORK.replace(".sum(", ".mean("))
    Path("other/adapter.py").write_text(ADAPTER)
    paths = ("my/adapter.py", "other/adapter.py", "my/adapter.py")
    batch = torch.from_numpy(one_hot(INDEX[:1]))
    logits = [built(adapter=path)(batch).item() for path in paths]
    assert logits == [3, 0.75, 3]  # of 4 positions, the mean is a quarter
    assert not Path("my/__pycache__").exists()


def test_the_digest_follows_what_the_adapter_imports_from_beside_it(folder):
    Path("my/stranger.py").write_text("")
    assert [file.name for file in adapter_files("my/adapter.py")] == [
        "adapter.py",
        "network.py",
    ]
    before = adapter_digest("my/adapter.py")
    Path("my/stranger.py").write_text("changed = 1")
    assert adapter_digest("my/adapter.py") == before
    Path("my/network.py").write_text(NETWORK + "\n")
    assert adapter_digest("my/adapter.py") != before


def test_a_table_describes_the_imported_model(folder):
    item = imported(first_convolution="scan", first_activation="relu")
    content = weights_content(item)
    table = about(item, content, build_user_model(item, content, 4, ["a"]))
    value = table.set_index("property")["value"]
    assert value["kind"] == "network"
    assert value["parameters"] == "10"  # 2 * 4 * 1 and 2
    assert value["length_bp"] == "4"
    assert value["weights"] == "my/weights.pt"


def test_letters_are_the_reverse_of_one_hot():
    assert letters(one_hot(INDEX)) == ["AACT", "CCNN"]


# -- weights are data ---------------------------------------------------------------


class Malicious:
    def __reduce__(self):
        return (print, ("code ran",))


def torch_file(value):
    buffer = io.BytesIO()
    torch.save(value, buffer)
    return buffer.getvalue()


def npz_file(**arrays):
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


CODE = {
    "w.pt": torch_file({"w": Malicious()}),
    "w.pth": torch_file(torch.nn.Linear(1, 1)),  # a whole network: its class is code
    "w.ckpt": pickle.dumps(Malicious(), protocol=2),
    "w.npz": npz_file(w=np.array([Malicious()], dtype=object)),
    "w.pkl": pickle.dumps(Malicious()),
    "w.joblib": pickle.dumps(Malicious()),
    "w.npy": pickle.dumps(Malicious()),
    "w": pickle.dumps(Malicious()),
}


@pytest.mark.parametrize("name", CODE)
def test_weights_never_run_code(name, capsys):
    with pytest.raises(InputError) as caught:
        read_weights(name, CODE[name])
    assert caught.value.where == name
    assert "code ran" not in capsys.readouterr().out
    said = caught.value.found
    assert "no code was run" in said or said.startswith("weights ")


def test_a_whole_network_is_refused_by_the_name_of_its_class():
    with pytest.raises(InputError, match=r"torch\.nn\.modules\.linear\.Linear"):
        read_weights("w.pt", CODE["w.pth"])


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of torch.jit
def test_torchscript_is_refused():
    file = io.BytesIO()
    torch.jit.save(torch.jit.trace(torch.nn.Linear(1, 1), torch.ones(1)), file)
    with pytest.raises(InputError, match=r"TorchScript.*no code was run"):
        read_weights("w.pt", file.getvalue())


@pytest.mark.parametrize("name", ["w.pt", "w.npz", "w.h5", "w.txt"])
def test_a_damaged_file_is_refused(name):
    with pytest.raises(InputError) as caught:
        read_weights(name, b"\xff\xfe\x00not what its suffix says")
    assert caught.value.where == name


def h5_file(make):
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        make(file)
    return buffer.getvalue()


def compressed(**arrays):
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def flipped(content, value):
    """A bit of the number is another."""
    at = content.index(value)
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


PI = np.array([np.pi], dtype=np.float32)
UNTRUSTED = {
    "a weight of w.pt": (
        "w.pt",
        flipped(torch_file({"w": torch.from_numpy(PI)}), PI.tobytes()),
        "Bad CRC-32",
    ),
    "a number of w.npz": ("w.npz", flipped(npz_file(w=PI), PI.tobytes()), "Bad CRC-32"),
    "a bomb of zeros": ("w.npz", compressed(w=np.zeros(10**6)), "unpacks to more than"),
    "a huge array": (
        "w.h5",
        h5_file(lambda file: file.create_dataset("w", (10**12,), "f4", chunks=(1,))),
        "unpacks to more than",
    ),
    "a link to another file": (
        "w.h5",
        h5_file(lambda file: file.update({"w": h5py.ExternalLink("a.h5", "/w")})),
        "a link to /w in the file 'a.h5'",
    ),
    "an array in another file": (
        "w.h5",
        h5_file(
            lambda file: file.create_dataset(
                "w", (3,), "f4", external=[("a", 0, h5py.h5f.UNLIMITED)]
            )
        ),
        "an array stored in the file 'a'",
    ),
}


@pytest.mark.parametrize("name", UNTRUSTED)
def test_weights_are_refused_that(name, monkeypatch):
    monkeypatch.setattr(unpacking, "FREE", 10**6)
    path, content, words = UNTRUSTED[name]
    with pytest.raises(InputError, match=words) as caught:
        read_weights(path, content)
    assert caught.value.where.startswith(path)
    if words == "Bad CRC-32":
        again = {"w.pt": "save it again with torch.save", "w.npz": "export it again"}
        assert caught.value.remedy.endswith(again[path])


def test_what_an_adapter_gets_of_each_format(tmp_path):
    with h5py.File(tmp_path / "w.h5", "w") as file:
        file["layer_0/param_0"] = np.arange(3)
    arrays = read_weights("w.h5", (tmp_path / "w.h5").read_bytes())
    assert {name: item.tolist() for name, item in arrays.items()} == {
        "layer_0/param_0": [0, 1, 2]
    }
    arrays = read_weights("w.npz", npz_file(words=np.array(["AC", "GT"])))
    assert arrays["words"].tolist() == ["AC", "GT"]
    assert read_weights("w.txt", b"a = 1\n") == "a = 1\n"
    state = read_weights("w.pt", torch_file({"w": torch.ones(2)}))
    assert torch.equal(state["w"], torch.ones(2))


def test_a_checkpoint_with_code_in_it_is_refused(folder, capsys):
    torch.save({"import": Malicious()}, "model.ckpt")
    with pytest.raises(InputError, match="no code"):
        load_model("model.ckpt")
    assert "code ran" not in capsys.readouterr().out


# -- mistakes -----------------------------------------------------------------------

DROPOUT = NETWORK.replace(
    "return self.head(",
    "one_hot = torch.nn.functional.dropout(one_hot)\n        return self.head(",
)
# What is written where, how it is built, and what the message says.
MISTAKES = {
    "weights of another shape": (
        {
            "my/adapter.py": ADAPTER.replace("Count()", "torch.nn.Linear(5, 1)")
            .replace(
                "network.load_state_dict(weights, strict=False)",
                "network.load_state_dict({'weight': torch.ones(1, 4), "
                "'bias': torch.ones(1)})",
            )
            .replace("from network", "import torch\nfrom network")
        },
        {},
        r"load\(settings, weights\) fails at adapter\.py, line 8: RuntimeError: "
        r".*size mismatch for weight.*correct the adapter, its settings or its weights",
    ),
    "an import that fails": (
        {"my/adapter.py": "import no_such_package\n" + ADAPTER},
        {},
        r"the import fails at adapter\.py, line 1: ModuleNotFoundError: "
        r"No module named 'no_such_package'.*correct the adapter",
    ),
    "an import that fails beside the adapter": (
        {"my/network.py": "1 / 0\n"},
        {},
        r"the import fails at network\.py, line 1: ZeroDivisionError",
    ),
    "no model": (
        {"my/adapter.py": "def load(settings, weights):\n    return {'w': 1}\n"},
        {},
        r"load returns dict .*expected: a torch\.nn\.Module, or a callable",
    ),
    "nothing returned": (
        {"my/adapter.py": "def load(settings, weights):\n    pass\n"},
        {},
        r"load returns NoneType None.*return Network",
    ),
    "a class": (
        {
            "my/adapter.py": "from network import Count\n\n\n"
            "def load(settings, weights):\n    return Count\n"
        },
        {},
        r"load returns the class Count, not an instance",
    ),
    "too many outputs": (
        {"my/network.py": NETWORK.replace("Linear(2, 1", "Linear(2, 3")},
        {"weights": None, "adapter": "my/plain.py"},
        r"of 2 sequences are float32 of shape \(2, 3\).*\(2, 1\): one logit for each "
        r"of bound",
    ),
    "no dimension of targets": (
        {"my/network.py": NETWORK.replace("sum(dim=2))", "sum(dim=2))[:, 0]")},
        {},
        r"shape \(2,\).*one column for each target",
    ),
    "a tuple": (
        {"my/network.py": NETWORK.replace("sum(dim=2))", "sum(dim=2)), None")},
        {},
        r"its forward returns tuple.*return the logits alone",
    ),
    "not a number": (
        {"my/network.py": NETWORK.replace("sum(dim=2))", "sum(dim=2)).sub(1e9).log()")},
        {},
        r"predictions of 2 of 2 sequences are not finite",
    ),
    "a network for another length": (
        {
            "my/network.py": NETWORK.replace(
                ".sum(dim=2)", "[:, :, :7].flatten(1)"
            ).replace("Linear(2, 1", "Linear(14, 1")
        },
        {"weights": None, "adapter": "my/plain.py"},
        r"predicting 2 sequences of 4 bases fails at network\.py, line 14: "
        r"RuntimeError.*sequences of the dataset's length",
    ),
    "another length, stated": (
        {"my/network.py": NETWORK + "\n    length = 200\n"},
        {},
        r"the model's length is 200 bases, the sequences have 4.*trim: centre",
    ),
    "other targets, stated": (
        {"my/network.py": NETWORK + "\n    targets = ('CTCF',)\n"},
        {},
        r"the model's targets are CTCF; the dataset's are bound",
    ),
    "a layer that is missing": (
        {},
        {"first_convolution": "conv1", "first_activation": "relu"},
        r"no module 'conv1', the first_convolution .*one of scan, relu, head",
    ),
    "layers of a callable": (
        {"my/adapter.py": CALLABLE},
        {"settings": {"a": 1}, "first_convolution": "scan", "first_activation": "relu"},
        r"returns a callable, which has no layers",
    ),
    "dropout in prediction": (
        {"my/network.py": DROPOUT},
        {},
        r"together with the others of a batch and .* alone.*switch off dropout",
    ),
    "other weights than promised": (
        {},
        {"sha256": "0" * 64},
        r"its sha256 is [0-9a-f]{64}.*expected: 0{64}.*get the right file",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_explained(name, folder):
    files, changes, message = MISTAKES[name]
    Path("my/plain.py").write_text(
        "from network import Count\n\n\ndef load(settings, weights):\n"
        "    return Count()\n"
    )
    for path, text in files.items():
        Path(path).write_text(text)
    with pytest.raises(InputError) as caught:
        built(**changes)
    said = " ".join(str(caught.value).split())
    assert re.search(message, said), said


def test_an_adapter_that_changed_or_went_is_noticed(folder):
    path = kept()
    Path("my/network.py").write_text(NETWORK + "\n")
    with pytest.raises(InputError, match="has changed since"):
        load_model(path)
    Path("my/adapter.py").unlink()
    with pytest.raises(InputError, match=r"its adapter my/adapter\.py is missing"):
        load_model(path)


# -- mistakes seen before anything runs -----------------------------------------------


DATASETS = {"d": {"source": "simulate", "rule": "none", "motifs": ["STAT_known2"]}}


def configured(analyses=(), **changes):
    """The checked configuration of a user model with these changes under `import`."""
    item = {"adapter": "my/adapter.py", "weights": "my/weights.pt"} | changes
    config = {
        "analyses": list(analyses),
        "datasets": DATASETS,
        "models": {"mine": {"import": item}},
        "databases": {"jaspar": {"release": "JASPAR2026"}},
        "methods": {"tomtom": {"databases": ["jaspar"]}},
    }
    return check_configuration(config, SCHEMAS, config_path="config.yaml")


def test_a_right_configuration_is_complete_without_torch(folder):
    assert configured()["models"]["mine"] == {"import": imported()}


CONFIGURATION_MISTAKES = {
    "no adapter": (
        {"adapter": "my/adaptor.py"},
        "config.yaml: models.mine.import.adapter: 'my/adaptor.py' is not a file",
        "relative to the working directory",
    ),
    "no weights": (
        {"weights": "my/weight.pt"},
        "config.yaml: models.mine.import.weights: 'my/weight.pt' is not a file",
        "relative to the working directory",
    ),
    "no such function": (
        {"function": "laod"},
        "my/adapter.py: no function 'laod'",
        "did you mean 'load'?",
    ),
    "one layer of two": (
        {"first_activation": "relu"},
        "config.yaml: models.mine.import: first_activation without first_convolution",
        "add first_convolution",
    ),
    "a misspelt key": (
        {"weigths": "my/weights.pt"},
        "config.yaml: models.mine.import: unknown key 'weigths'",
        "did you mean 'weights'?",
    ),
    "a digest cut short": (
        {"sha256": "abc"},
        "config.yaml: models.mine.import.sha256: 'abc'",
        "correct it",
    ),
}


@pytest.mark.parametrize("name", CONFIGURATION_MISTAKES)
def test_mistakes_in_the_configuration(name, folder):
    changes, result, remedy = CONFIGURATION_MISTAKES[name]
    with pytest.raises(InputError) as caught:
        configured(**changes)
    assert str(caught.value).startswith(result + "\n")
    assert remedy in caught.value.remedy


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("def load(settings, weights)\n    pass\n", r"not Python \(line 1: expected"),
        ("x = 1\n", r"no function 'load'"),
        ("import torch\n\n\ndef load(s, w):\n    pass\n", r"the name 'torch'"),
    ],
)
def test_an_adapter_is_looked_at_without_running_it(text, message, folder):
    adapter(text)
    Path("my/torch.py").write_text("raise SystemExit")
    with pytest.raises(InputError, match=message):
        configured()


def test_training_a_user_model_is_refused(folder):
    config = {
        "datasets": DATASETS,
        "models": {"mine": {"import": {"adapter": "my/adapter.py"}, "training": {}}},
    }
    with pytest.raises(InputError, match="unknown key 'training'"):
        check_configuration(config, SCHEMAS)


@pytest.mark.parametrize("key", ["own", "imprt"])
def test_another_spelling_of_import_is_corrected(key, folder):
    models = {"mine": {key: {"adapter": "my/adapter.py"}}}
    with pytest.raises(InputError, match=f"mine: unknown key '{key}'") as caught:
        check_configuration({"datasets": DATASETS, "models": models}, SCHEMAS)
    assert caught.value.remedy == "did you mean 'import'?"


def experiments(seed, analyses=(), **changes):
    Path("mine.tsv").write_text(f"dataset\tmodel\tseed\nd\tmine\t{seed}\n")
    return read_experiments("mine.tsv", configured(analyses, **changes))


def test_an_imported_model_has_one_seed(folder):
    assert experiments(0) == [{"dataset": "d", "model": "mine", "seed": "0"}]
    with pytest.raises(InputError, match=r"an imported model .* one seed") as caught:
        experiments(1)
    assert caught.value.where == "mine.tsv, row 2"
    assert caught.value.found == "seed 1 of the imported model 'mine'"


def test_a_method_that_reads_layers_needs_their_names(folder):
    methods = ("filter_pfms", "tomtom")
    with pytest.raises(InputError, match="filter_pfms reads the first_convolution"):
        experiments(0, methods)
    experiments(0, methods, first_convolution="scan", first_activation="relu")
