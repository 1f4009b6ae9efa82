"""A user model, used instead of training: build it, test it, save it, load it.

The checkpoint holds no code: the path and digest of the adapter, the settings, and the
bytes of the weights file. Loading it runs the adapter, which is the user's file, again.
"""

import hashlib
from pathlib import Path

import numpy as np
import torch

from proofread.atomic import atomic
from proofread.configuration.adapter import adapter_digest, call_adapter, explained
from proofread.errors import InputError
from proofread.models.as_written import plain_name, uncompiled
from proofread.models.first_layer import FirstLayer
from proofread.models.output_scale import in_user_units, set_scale
from proofread.models.predictor import (
    Predictor,
    dependence_on_batch,
    predictor_of,
)
from proofread.models.weights import read_weights

LAYERS = ("first_convolution", "first_activation")
# What a checkpoint keeps of the model's configuration.
_KEPT = ("adapter", "function", "weights", "settings", *LAYERS)


class UserNetwork(torch.nn.Module):
    """A user's network with the attributes that the methods read.

    It wraps the user's object and does not change it, because that object may have
    modules of the same names.

    Parameters
    ----------
    network : torch.nn.Module
    length : int
        Bases per sequence.
    targets : list of str
    layers : dict of str to str
        `first_convolution` and `first_activation`, or neither.
    """

    def __init__(self, network, length, targets, layers):
        super().__init__()
        self.network = network
        self.length, self.targets = length, list(targets)
        for layer, name in layers.items():
            setattr(self, layer, f"network.{name}")

    def forward(self, one_hot):
        """Logits, or quantities, (n, targets) of one-hot sequences (n, 4, length)."""
        return self.network(one_hot)


def weights_content(imported):
    """The bytes of the weights file, checked against `sha256` if that is given.

    Parameters
    ----------
    imported : dict
        `import` of the model's configuration.

    Returns
    -------
    bytes
        Empty if there is no weights file.

    Raises
    ------
    InputError
        If the checksum differs.
    """
    if imported["weights"] is None:
        return b""
    content = Path(imported["weights"]).read_bytes()
    result = hashlib.sha256(content).hexdigest()
    if imported["sha256"] not in (None, result):
        raise InputError(
            imported["weights"],
            f"its sha256 is {result}",
            imported["sha256"],
            "get the right file, or correct 'sha256' in the configuration",
        )
    return content


def build_user_model(imported, content, length, targets, *, quantitative=False):
    """Build a user model and test it on a few sequences.

    Parameters
    ----------
    imported : dict
        `import` of the model's configuration.
    content : bytes
        From `weights_content`.
    length : int
        Bases per sequence.
    targets : list of str
        Names of the targets.
    quantitative : bool
        Whether they are quantities; the model's outputs then are in their units.

    Returns
    -------
    UserNetwork or proofread.models.predictor.Predictor
        The network in evaluation mode, or the predictor of a callable.

    Raises
    ------
    InputError
        If the adapter fails, its model does not predict these sequences, or its first
        layers are not those of a network that reads sequences.
    """
    adapter, function = imported["adapter"], imported["function"]
    path, settings = imported["weights"], dict(imported["settings"])
    weights = None if path is None else read_weights(path, content)
    with torch.random.fork_rng(devices=[]):
        # Weights that the adapter does not set are random, but always the same.
        torch.manual_seed(0)
        model = call_adapter(adapter, function, settings, weights)
    if isinstance(model, type) or not callable(model):
        result = (
            f"the class {model.__name__}, not an instance"
            if isinstance(model, type)
            else f"{type(model).__name__} {model!r}"[:80]
        )
        raise InputError(
            adapter,
            f"{function} returns {result}",
            "a torch.nn.Module, or a callable that maps a batch to logits",
            f"return Network(...) from {function}",
        )
    _check_stated(model, adapter, length, targets)
    if isinstance(model, torch.nn.Module):
        model, _ = uncompiled(model)
        layers = _layers(model, imported)
        model = UserNetwork(model.cpu(), length, targets, layers).eval()
        if quantitative:
            set_scale(model, in_user_units(targets))
        predictor = predictor_of(model, adapter)
    else:
        if imported["first_convolution"] is not None:
            raise InputError(
                adapter,
                f"{function} returns a callable, which has no layers",
                "a torch.nn.Module, because first_convolution names a module",
                "return the network, or remove first_convolution and first_activation",
            )
        scale = in_user_units(targets) if quantitative else None
        model = predictor = Predictor(
            model, length, list(targets), adapter, scale=scale
        )
    _try(predictor, imported)
    if isinstance(model, UserNetwork):
        _check_layers(model)
    return model


def save_user_model(path, imported, content, length, targets, *, quantitative=False):
    """Write the checkpoint that `load_user_model` reads; it holds no code."""
    kept = {
        "import": {key: imported[key] for key in _KEPT},
        "digest": adapter_digest(imported["adapter"]),
        "content": torch.tensor(np.frombuffer(content, dtype=np.uint8).copy()),
        "length": length,
        "targets": list(targets),
    }
    if quantitative:
        kept["quantitative"] = True
    with atomic(path) as temporary, open(temporary, "wb") as file:
        torch.save(kept, file)


def check_kept(kept):
    """Raise a KeyError or TypeError if `save_user_model` did not write this."""
    for key in _KEPT:
        kept["import"][key]
    for key in ("digest", "content", "length", "targets"):
        kept[key]


def load_user_model(kept, path):
    """The model of a checkpoint from `save_user_model`.

    Parameters
    ----------
    kept : dict
        Read with ``weights_only=True``.
    path : str or path
        Of the checkpoint, for messages.

    Raises
    ------
    InputError
        If the adapter is missing or has changed, or as `build_user_model`.
    """
    imported = kept["import"]
    adapter = imported["adapter"]
    if not Path(adapter).is_file():
        raise InputError(
            path,
            f"its adapter {adapter} is missing",
            "the adapter at this path, relative to the working directory",
            "work in the folder where the model was imported, or run again",
        )
    if adapter_digest(adapter) != kept["digest"]:
        raise InputError(
            path,
            f"its adapter {adapter}, or a module that it imports, has changed since",
            "the code with which the model was imported",
            "run snakemake again: it imports the model again",
        )
    content = kept["content"].numpy().tobytes()
    return build_user_model(
        imported,
        content,
        kept["length"],
        kept["targets"],
        quantitative=kept.get("quantitative", False),
    )


def _check_stated(model, adapter, length, targets):
    """Check the length and the targets that a model states against the dataset."""
    stated = getattr(model, "length", None)
    if isinstance(stated, int) and stated != length:
        raise InputError(
            adapter,
            f"the model's length is {stated} bases, the sequences have {length}",
            "sequences as long as the model's input",
            f"set the dataset's length to {stated}, with trim: centre if they are "
            "longer",
        )
    stated = getattr(model, "targets", None)
    if isinstance(stated, list | tuple) and list(stated) != list(targets):
        raise InputError(
            adapter,
            f"the model's targets are {', '.join(map(str, stated))}; the dataset's "
            f"are {', '.join(targets)}",
            "the same targets in the same order",
            "let the adapter choose and order the outputs, or rename the targets",
        )


def _layers(model, imported):
    """Names of the first layers in the configuration, checked to exist."""
    known = [name for name, _ in model.named_modules() if name]
    layers = {
        layer: plain_name(imported[layer])
        for layer in LAYERS
        if imported[layer] is not None
    }
    for layer, name in layers.items():
        if name not in known:
            raise InputError(
                imported["adapter"],
                f"the network has no module {name!r}, the {layer} of the configuration",
                "one of " + (", ".join(known) or "its modules (it has none)"),
                f"correct {layer} under the model's 'import'",
            )
    return layers


def _try(predictor, imported):
    """Predict sequences together and alone; the results must agree."""
    length = predictor.length
    what = f"predicting 2 sequences of {length} bases fails"
    remedy = (
        "let the model take float32 (batch, 4, length) in the order A, C, G, T, and "
        "sequences of the dataset's length"
    )
    with explained(imported["adapter"], what, remedy):
        predictor.predict(np.arange(2 * length, dtype=np.uint8).reshape(2, length) % 4)
    what = f"predicting several sequences of {length} bases fails"
    with explained(imported["adapter"], what, remedy):
        different = dependence_on_batch(predictor.predict, length)
    if different is not None:
        together, alone = different
        raise InputError(
            imported["adapter"],
            f"the prediction of a sequence is {together.tolist()} together with the "
            f"others of a batch and {alone.tolist()} alone",
            "predictions that depend on the sequence alone",
            "switch off dropout and batch statistics for prediction: call "
            "network.eval(), also on a network within a callable",
        )


def _check_layers(model):
    """Refuse a first convolution and activation that no method can read."""
    named = getattr(model, "first_convolution", None)
    if named is None:
        return
    # A layer that embeds k-mers is read in another way.
    convolutions = (torch.nn.Conv1d, torch.nn.Conv2d)
    if isinstance(model.get_submodule(named), convolutions):
        FirstLayer(model, model.length)
