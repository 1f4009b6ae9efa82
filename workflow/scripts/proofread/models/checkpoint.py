"""Networks: built by name, kept as data, read without executing anything."""

import dataclasses
import importlib
import os
import pickle
import pkgutil
import zipfile
import zlib

import torch

from proofread.atomic import atomic
from proofread.errors import InputError
from proofread.models import architectures, oracle
from proofread.models.device import (
    device_of,
    in_batches,
    moved,
    one_hot_on,
    sent,
    sequences_at_once,
)
from proofread.models.layers import exclusive_logits
from proofread.models.output_scale import restored, scale_of, set_scale
from proofread.models.predictor import BATCH, Predictor, predictor_of
from proofread.models.torch_files import no_memory, read_torch
from proofread.models.user_model import check_kept, load_user_model
from proofread.storage import raise_refusal


def default_settings(architecture):
    """Name and default of each setting of an architecture, in order."""
    module = known_architectures()[architecture]
    if hasattr(module, "PRESETS"):
        return module.PRESETS[architecture]
    return {field.name: field.default for field in dataclasses.fields(module.Settings)}


def known_architectures():
    """The module of each architecture: its own, or one with presets for several."""
    result = {}
    for entry in pkgutil.iter_modules(architectures.__path__):
        module = importlib.import_module(f"{architectures.__name__}.{entry.name}")
        result |= dict.fromkeys(getattr(module, "PRESETS", [entry.name]), module)
    return result


def build_model(architecture, settings, length, targets, *, exclusive=False):
    """A network of the named architecture with freshly drawn weights.

    Parameters
    ----------
    architecture : str
        A module of `proofread.models.architectures`, or one of a module's `PRESETS`.
        The module holds `Settings`, a dataclass, and
        `Network(settings, length, targets)`.
    settings : dict
        Fields of that dataclass; those left out keep their defaults.
    length : int
        Bases per sequence.
    targets : list of str
        Names of the targets, one logit each.
    exclusive : bool
        Whether the targets are classes, of which each sequence has exactly one.

    Returns
    -------
    torch.nn.Module
        ``forward(one_hot)`` maps float32 (batch, 4, length) to logits (batch,
        targets). `first_convolution` and `first_activation` name submodules.
    """
    modules = known_architectures()
    if architecture not in modules:
        raise InputError(
            f"models: architecture {architecture!r}",
            "no such architecture",
            "one of " + ", ".join(sorted(modules)),
            "correct the name, or add a module under proofread/models/architectures",
        )
    module, defaults = modules[architecture], default_settings(architecture)
    unknown = sorted(set(settings) - set(defaults))
    if unknown:
        raise InputError(
            f"models: settings of architecture {architecture}",
            f"unknown setting {unknown[0]!r}",
            "one of " + ", ".join(defaults),
            "correct or remove it",
        )
    if hasattr(module, "PRESETS"):
        settings = {"preset": architecture, **defaults, **settings}
    model = module.Network(module.Settings(**settings), length, len(targets))
    model.length, model.targets = length, list(targets)
    model.exclusive = exclusive
    if exclusive:
        model.register_forward_hook(exclusive_logits)
    return model


def new_network(model, dataset, seed):
    """A network with freshly drawn weights, as a training starts with it.

    Parameters
    ----------
    model : dict
        `architecture`, `settings` and `training` of the configuration.
    dataset : proofread.datasets.dataset.Dataset
        Gives the length and the targets.
    seed : int
        Of the weights. torch's own generator stays as it is.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return build_model(
            model["architecture"],
            model["settings"],
            dataset.index.shape[1],
            dataset.target,
            exclusive=model["training"]["classes"] == "exclusive",
        )


def save_model(path, model, architecture, settings):
    """Write weights, architecture, settings and scale; nothing of it is code."""
    # torch writes the file's stem into the archive: serialise under a fixed name.
    content = {
        "architecture": architecture,
        "settings": dict(settings),
        "length": model.length,
        "targets": list(model.targets),
        "state": model.state_dict(),
    }
    if getattr(model, "exclusive", False):  # a network of the user's may not say
        content["exclusive"] = True
    if scale := scale_of(model):  # of quantities
        content["scale"] = scale.stored()
    with atomic(path) as temporary, open(temporary, "wb") as file:
        torch.save(content, file)


def load_model(path, device="cpu"):
    """The network of a checkpoint, in evaluation mode.

    Parameters
    ----------
    path : str or path
    device : str
        Where it is to run: `proofread.models.device.DEVICES`.

    Raises
    ------
    InputError
        If the file is not a model of this workflow, or is a callable of the user's,
        which has no layers and no gradients; or if there is no such device.
    """
    model = _load(path)
    if isinstance(model, Predictor):
        raise InputError(
            path,
            f"{model.name} returns a callable, not a network",
            "a torch.nn.Module, whose layers or gradients this method reads",
            "take the method out of 'analyses', or the model out of the experiments",
        )
    return moved(model, device, str(path))


def load_predictor(path, device="cpu"):
    """The predictor of a checkpoint, whether it is a network or a callable.

    Parameters
    ----------
    path, device
        As of `load_model`. A callable of the user's chooses its device itself.
    """
    model = _load(path)
    if isinstance(model, Predictor):
        return model
    return predictor_of(moved(model, device, str(path)), str(path))


def _load(path):
    try:
        content = read_torch(path, os.path.getsize(path))
        imported = "import" in content
        if imported:
            check_kept(content)
        else:
            model = _built(content)
            model.load_state_dict(content["state"])
    except (
        *(pickle.UnpicklingError, RuntimeError, LookupError, EOFError, TypeError),
        *(OSError, ValueError, AttributeError),
        *(zipfile.BadZipFile, zlib.error),
    ) as error:
        raise_refusal(error, path)
        if no_memory(error):
            raise
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise InputError(
            path,
            f"not readable as a model of this workflow: {reason}",
            "a checkpoint that holds architecture, settings and weights, no code",
            "delete it and run again, or import your model (docs/user_model.md)",
        ) from error
    return load_user_model(content, path) if imported else model.eval()


def _built(content):
    """The network of a checkpoint of ours, before its weights are read."""
    settings, length, targets = (
        content[key] for key in ("settings", "length", "targets")
    )
    if content["architecture"] == oracle.NAME:
        model = oracle.build(settings, length, targets)
    else:
        model = build_model(
            content["architecture"],
            settings,
            length,
            targets,
            exclusive=content.get("exclusive", False),
        )
    if "scale" in content:
        set_scale(model, restored(content["scale"]))
    return model


@torch.no_grad()
def predict_logits(model, index, *, batch_size=None):
    """Logits, or outputs for quantities, of sequences given as indices.

    Parameters
    ----------
    model : torch.nn.Module
        In evaluation mode.
    index : numpy.ndarray, shape (n, length), uint8
    batch_size : int, optional
        Sequences per forward pass; changes memory, never the result beyond the
        last bits of float32. None: 128 on the CPU, on a GPU what its memory holds.

    Returns
    -------
    torch.Tensor, shape (n, targets), float32
        On the CPU, wherever the model is.
    """
    if len(index) == 0:
        return torch.empty(0, len(model.targets))
    device = device_of(model)

    def logits(part):
        return model(one_hot_on(sent(index[part], device))).cpu()

    size = batch_size or sequences_at_once(model, index.shape[1], BATCH)
    return torch.cat([part for _, part in in_batches(len(index), size, logits)])
