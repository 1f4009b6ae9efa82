"""A user's own model in place of a trained one: built, tried and kept.

What is kept holds no code: the adapter's path and digest, the settings, and the bytes
of the weights file. Whoever loads it runs the adapter, the user's own file, again.
"""

import hashlib
from pathlib import Path

import numpy as np
import torch

from proofread.atomic import atomic
from proofread.configuration.adapter import adapter_digest, call_adapter, explained
from proofread.errors import InputError
from proofread.models.predictor import Predictor, predictor_of
from proofread.models.weights import read_weights

LAYERS = ("first_convolution", "first_activation")


class OwnNetwork(torch.nn.Module):
    """A user's network with what the methods read of a network.

    The user's object is wrapped, not changed: it may have modules of the same names.

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
        """Logits (n, targets) of one-hot sequences (n, 4, length)."""
        return self.network(one_hot)


def read_own(own):
    """The bytes of the weights file, checked against `sha256` where it is given.

    Parameters
    ----------
    own : dict
        `own` of the model's configuration.

    Returns
    -------
    bytes
        Empty where there is no weights file.
    """
    if own["weights"] is None:
        return b""
    content = Path(own["weights"]).read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if own["sha256"] not in (None, found):
        raise InputError(
            own["weights"],
            f"its sha256 is {found}",
            own["sha256"],
            "get the right file, or correct 'sha256' in the configuration",
        )
    return content


def build_own(own, content, length, targets):
    """A user's model, tried on two sequences.

    Parameters
    ----------
    own : dict
        `own` of the model's configuration.
    content : bytes
        From `read_own`.
    length : int
        Bases per sequence.
    targets : list of str
        Names of the targets.

    Returns
    -------
    OwnNetwork or proofread.models.predictor.Predictor
        The network in evaluation mode, or the predictor of a callable.

    Raises
    ------
    InputError
        If the adapter fails, or what it returns does not predict these sequences.
    """
    adapter = own["adapter"]
    weights = None if own["weights"] is None else read_weights(own["weights"], content)
    with torch.random.fork_rng(devices=[]):
        # Weights that the adapter leaves as they were drawn are always the same.
        torch.manual_seed(0)
        model = call_adapter(adapter, own["function"], dict(own["settings"]), weights)
    if isinstance(model, type) or not callable(model):
        found = (
            f"the class {model.__name__}, not an instance"
            if isinstance(model, type)
            else f"{type(model).__name__} {model!r}"[:80]
        )
        raise InputError(
            adapter,
            f"{own['function']} returns {found}",
            "a torch.nn.Module, or a callable that maps a batch to logits",
            f"return Network(...) from {own['function']}",
        )
    _check_stated(model, adapter, length, targets)
    if isinstance(model, torch.nn.Module):
        model = OwnNetwork(model.cpu(), length, targets, _layers(model, own)).eval()
        predictor = predictor_of(model, adapter)
    else:
        if own["first_convolution"] is not None:
            raise InputError(
                adapter,
                f"{own['function']} returns a callable, which has no layers",
                "a torch.nn.Module where first_convolution is named",
                "return the network, or remove first_convolution and first_activation",
            )
        model = predictor = Predictor(model, length, list(targets), adapter)
    _try(predictor, own)
    return model


def save_own(path, own, content, length, targets):
    """Write what `load_own` needs; nothing of it is code."""
    kept = {
        "own": {key: own[key] for key in ("adapter", "function", "weights", "settings")}
        | {layer: own[layer] for layer in LAYERS},
        "digest": adapter_digest(own["adapter"]),
        "content": torch.tensor(np.frombuffer(content, dtype=np.uint8).copy()),
        "length": length,
        "targets": list(targets),
    }
    with atomic(path) as temporary, open(temporary, "wb") as file:
        torch.save(kept, file)


def load_own(kept, path):
    """The model of what `save_own` wrote.

    Parameters
    ----------
    kept : dict
        Read with ``weights_only=True``.
    path : str or path
        Of the checkpoint, for messages.
    """
    own = kept["own"]
    adapter = own["adapter"]
    if not Path(adapter).is_file():
        raise InputError(
            path,
            f"its adapter {adapter} is not there",
            "the adapter, relative to the working directory",
            "work in the folder where the model was adopted, or run again",
        )
    if adapter_digest(adapter) != kept["digest"]:
        raise InputError(
            path,
            f"its adapter {adapter}, or what that imports, has changed since",
            "the code that the model was adopted with",
            "run snakemake again: it adopts the model anew",
        )
    content = kept["content"].numpy().tobytes()
    return build_own(own, content, kept["length"], kept["targets"])


def _check_stated(model, adapter, length, targets):
    """What a model says of itself agrees with the dataset."""
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


def _layers(model, own):
    """Names of the first layers, from the configuration; the modules must exist."""
    known = [name for name, _ in model.named_modules() if name]
    layers = {layer: own[layer] for layer in LAYERS if own[layer] is not None}
    for layer, name in layers.items():
        if name not in known:
            raise InputError(
                own["adapter"],
                f"the network has no module {name!r}, the {layer} of the configuration",
                "one of " + (", ".join(known) or "its modules, but it has none"),
                f"correct {layer} under the model's 'own'",
            )
    return layers


def _try(predictor, own):
    """Predict two sequences, together and one alone."""
    first = np.arange(predictor.length, dtype=np.uint8) % 4
    index = np.stack([first, (first + 1) % 4])
    what = f"predicting 2 sequences of {predictor.length} bases fails"
    remedy = (
        "let the model take float32 (batch, 4, length) in the order A, C, G, T, and "
        "sequences of the dataset's length"
    )
    with explained(own["adapter"], what, remedy):
        together, alone = predictor.predict(index), predictor.predict(index[:1])
    if not np.allclose(together[:1], alone, rtol=1e-3, atol=1e-4):
        raise InputError(
            own["adapter"],
            f"the first of two sequences is predicted {together[0].tolist()} beside "
            f"the other and {alone[0].tolist()} alone",
            "predictions that depend on the sequence alone",
            "switch off dropout and batch statistics in prediction",
        )
