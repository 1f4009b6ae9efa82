"""A caller's network, prepared for the library and given back unchanged."""

import contextlib
from pathlib import Path

import numpy as np
import torch

from proofread.api.arguments import InputError
from proofread.datasets.dataset import Dataset
from proofread.dna.encoding import one_hot
from proofread.models.as_written import plain_name, uncompiled
from proofread.models.checkpoint import load_model
from proofread.models.conv_layout import READABLE, layouts_of
from proofread.models.device import device_of, differentiable
from proofread.models.output_scale import in_user_units, scale_of
from proofread.models.predictor import dependence_on_batch, predictor_of
from proofread.statistics.units import LOGIT

_EXPECTED = (
    "a torch.nn.Module that maps float32 one-hot sequences (batch, 4, length) to "
    "(batch,) or (batch, targets)"
)


def load_network(path):
    """Load the network of a run, or one that a run imported.

    Parameters
    ----------
    path : str or path
        ``results/{dataset}/{model}/seed{seed}/model.ckpt``.

    Returns
    -------
    torch.nn.Module
        In evaluation mode, on the CPU. `targets` and `length` say what it predicts
        and of how many bases; of quantities `output_unit` says in what its outputs are
        (docs/models.md), and `predict` gives the units of your values.

    Raises
    ------
    InputError
        If the file is not a network of a run.
    """
    if not Path(path).is_file():
        raise InputError(
            "path",
            f"there is no file {path}",
            "results/{dataset}/{model}/seed{seed}/model.ckpt of a finished run",
            "correct the path, or run the workflow first",
        )
    # Weights are drawn before those of the file replace them.
    with torch.random.fork_rng(devices=[]):
        return load_model(path)


class Prepared(torch.nn.Module):
    """A network with the attributes that the library reads.

    The caller's network is a part of it and has none of them set.

    Parameters
    ----------
    network : torch.nn.Module
    length : int
        Bases per sequence.
    targets : list of str
    is_float32 : bool
        Whether the network's outputs are.
    scale : proofread.models.output_scale.OutputScale or None
        That of its outputs; None: they are logits.
    """

    def __init__(self, network, length, targets, is_float32, scale):
        super().__init__()
        self.network = network
        self.length, self.targets = length, targets
        self.is_float32 = is_float32
        self.output_scale = scale
        self.output_unit = LOGIT if scale is None else scale.unit

    def forward(self, sequences):
        """Logits, or quantities, (n, targets) of one-hot sequences (n, 4, length)."""
        # A squeeze() at the end of a network also drops the axis of a batch of one.
        logits = self.network(sequences).reshape(-1, len(self.targets))
        return logits if self.is_float32 else logits.float()


@contextlib.contextmanager
def prepared(model, index, sequences=None):
    """A network in evaluation mode, within a ``with`` statement.

    Whether each of its modules was in training mode is restored afterwards; nothing
    else of it changes. Gradients are computed even where the caller switched them off,
    by `torch.no_grad` or `torch.inference_mode`.

    Parameters
    ----------
    model : torch.nn.Module
    index : numpy.ndarray, shape (n >= 1, length), uint8
        The sequences; two of them are tried.
    sequences : object
        What the caller passed; a dataset names the targets if the network does not, and
        says whether the outputs of a network of the caller's own are quantities.

    Yields
    ------
    Prepared
    """
    _check_module(model)
    flags = [(module, module.training) for module in model.modules()]
    model.eval()
    model, restore = uncompiled(model)
    try:
        with torch.inference_mode(False), torch.enable_grad():
            output = _try(model, index[np.arange(2) % len(index)])
            n_targets = 1 if output.ndim == 1 else output.shape[1]
            targets = _target_names(model, sequences, n_targets)
            is_float32 = output.dtype == torch.float32
            scale = _output_scale(model, sequences, targets)
            length = index.shape[1]
            network = Prepared(model, length, targets, is_float32, scale).eval()
            _check_batch(network)
            yield network
    finally:
        restore()
        for module, flag in flags:
            module.training = flag


def check_gradients(network, index):
    """Refuse a network through which no gradient flows.

    Parameters
    ----------
    network : Prepared
    index : numpy.ndarray, shape (n >= 1, length), uint8
        The first sequence is tried.
    """
    batch = torch.from_numpy(one_hot(index[:1])).to(device_of(network))
    try:
        with differentiable(network):
            logits = network(batch.requires_grad_())
            torch.autograd.grad(logits.sum(), batch)
    except RuntimeError as error:
        raise InputError(
            "model",
            f"no gradient of its output ({str(error).splitlines()[0][:200]})",
            "a forward of differentiable operations from the sequences to the output",
            "look for no_grad, inference_mode, detach, round or argmax, or choose a "
            "method that needs predictions only, such as saturation_mutagenesis",
        ) from error


def name_layers(network, convolution, activation):
    """Say which layers are the first convolution and its activation.

    Parameters
    ----------
    network : Prepared
    convolution, activation : torch.nn.Module, str or None
        A module of the caller's network, or its dotted name. See
        `proofread.api.filters.filter_pfms` for None.
    """
    model = network.network
    if convolution is None:
        convolution = getattr(model, "first_convolution", None)
    if convolution is None:
        convolution = _only_convolution(model)
    if activation is None:
        activation = getattr(model, "first_activation", None)
    if activation is None:
        activation = convolution
    for argument, layer in (("convolution", convolution), ("activation", activation)):
        name = _dotted_name(model, layer, argument)
        setattr(network, f"first_{argument}", f"network.{name}" if name else "network")
    layer = network.get_submodule(network.first_convolution)
    if not layouts_of(layer):
        raise InputError(
            "convolution",
            repr(layer),
            f"{READABLE}, which reads the one-hot sequence",
            "name the first convolution",
        )


def _check_module(model):
    if isinstance(model, torch.nn.Module):
        dtypes = {
            parameter.dtype
            for parameter in model.parameters()
            if parameter.is_floating_point()
        }
        other = [str(dtype) for dtype in dtypes - {torch.float32}]
        if other:
            raise InputError(
                "model",
                f"weights of the type {', '.join(sorted(other))}",
                _EXPECTED,
                "convert a copy of it: copy.deepcopy(model).float()",
            )
        return
    result, remedy = f"{type(model).__name__} {model!r}"[:80], "pass the network"
    if isinstance(model, type):
        result = f"the class {model.__name__}, not an instance"
        remedy = f"make a network of it: {model.__name__}(...)"
    elif isinstance(model, str) or hasattr(model, "__fspath__"):
        result = f"the path {model}"
        remedy = "load it first: proofread.load_network(path)"
    raise InputError("model", result, _EXPECTED, remedy)


@torch.no_grad()
def _try(model, index):
    """The output for two sequences, if it is one."""
    batch = torch.from_numpy(one_hot(index)).to(device_of(model))
    shape = tuple(batch.shape)
    try:
        output = model(batch)
    except Exception as error:
        # A forward pass may raise anything; its message is reported.
        said = [type(error).__name__, *str(error).strip().splitlines()[:1]]
        raise InputError(
            "model",
            f"its forward fails on a batch of shape {shape}: {': '.join(said)[:200]}",
            _EXPECTED,
            "pass sequences of the length that the network takes",
        ) from error
    is_tensor = isinstance(output, torch.Tensor)
    fits = is_tensor and output.ndim in (1, 2) and len(output) == len(index)
    if not fits or (output.ndim == 2 and output.shape[1] == 0):
        result = type(output).__name__
        if is_tensor:
            result = f"a tensor of shape {tuple(output.shape)}"
        raise InputError(
            "model",
            f"its forward returns {result} for a batch of shape {shape}",
            _EXPECTED,
            "return the logits alone, one row for each sequence",
        )
    return output


def _check_batch(network):
    """Refuse predictions that depend on the batch, or that are not finite."""
    predict = predictor_of(network, "model").predict
    different = dependence_on_batch(predict, network.length)
    if different is None:
        return
    together, alone = (logits.tolist() for logits in different)
    raise InputError(
        "model",
        f"its prediction of a sequence is {together} together with the others of a "
        f"batch and {alone} alone",
        "predictions that depend on the sequence alone",
        "look for a normalisation by batch statistics (track_running_stats=False) or a "
        "dropout that evaluation mode does not switch off",
    )


def _target_names(model, sequences, n):
    """The network's own names, else those of a dataset, else target0, target1, ..."""
    candidates = [getattr(model, "targets", None)]
    if isinstance(sequences, Dataset):
        candidates.append(sequences.target)
    for names in candidates:
        if isinstance(names, list | tuple) and len(names) == n:
            return [str(name) for name in names]
    return [f"target{number}" for number in range(n)]


def _only_convolution(model):
    """The one convolution that can read a one-hot sequence."""
    names = [name for name, module in model.named_modules() if layouts_of(module)]
    if len(names) != 1:
        raise InputError(
            "convolution",
            f"None, and {len(names)} layers could be it"
            + (f": {', '.join(names)}" if names else ""),
            "the convolution that reads the one-hot sequence",
            "pass the layer, or its dotted name",
        )
    return names[0]


def _dotted_name(model, layer, argument):
    """The name of a layer that is given as a module or by its name."""
    modules = dict(model.named_modules())
    if isinstance(layer, torch.nn.Module):
        for name, module in modules.items():
            if module is layer:
                return name
    elif isinstance(layer, str) and plain_name(layer) in modules:
        return plain_name(layer)
    result = repr(layer) if isinstance(layer, str) else f"{layer!r}"[:80]
    raise InputError(
        argument,
        f"{result}, which is no layer of the model",
        "one of " + ", ".join(filter(None, modules)),
        "pass one of the model's own layers, or its dotted name",
    )


def _output_scale(model, sequences, targets):
    """The network's own scale, else the user's units with a dataset of quantities."""
    scale = scale_of(model)
    if scale is None and isinstance(sequences, Dataset) and sequences.quantitative:
        return in_user_units(targets)
    return scale
