"""The calls of a first convolution in one forward pass, and the activation of each.

A network that reads both strands with the same layers calls its first convolution once
for the sequence and once for the reverse complement. Which call of the activation
belongs to which call of the convolution is found by changing the convolution's output
in one call: the first activation that changes is the one that reads it.
"""

from dataclasses import dataclass

import torch

from proofread.models.as_written import unfused


@dataclass(frozen=True)
class Call:
    """A call of the first convolution.

    Attributes
    ----------
    strand : str or None
        ``forward`` if it reads the sequences, ``reverse`` if it reads their reverse
        complements; None if it reads neither.
    activation : int or None
        Which call of the activation reads its output, from 0; None if none does.
    direct : bool
        Whether nothing stands between the two.
    mixed : bool
        Whether that activation also depends on another call of the convolution.
    """

    strand: str | None
    activation: int | None
    direct: bool
    mixed: bool


@dataclass(frozen=True)
class Pass:
    """What two modules read and gave in a forward pass, call by call.

    Attributes
    ----------
    entered : list of torch.Tensor
        What the convolution read.
    activated : list of torch.Tensor
        Copies of what the activation gave.
    sources : list of int or None
        The call of the convolution whose output an activation read as it is.
    """

    entered: list
    activated: list
    sources: list


def run(model, convolution, activation, batch, changed=None):
    """Run a network whole and note the calls of two of its modules.

    Parameters
    ----------
    model : torch.nn.Module
        Left unchanged.
    convolution, activation : torch.nn.Module
        Modules of it, perhaps the same one.
    batch : torch.Tensor, shape (n, 4, length)
    changed : int, optional
        The call of the convolution whose output is replaced by random numbers.

    Returns
    -------
    Pass
    """
    result, convolved = Pass([], [], []), []

    def at_convolution(module, inputs, output):
        if changed == len(convolved):
            generator = torch.Generator().manual_seed(0)
            drawn = torch.randn(output.shape, generator=generator)
            output = drawn.to(output)
        result.entered.append(inputs[0])
        convolved.append(output)
        return output

    def at_activation(module, inputs, output):
        same = (call for call, item in enumerate(convolved) if item is inputs[0])
        result.sources.append(next(same, None))
        is_tensor = isinstance(output, torch.Tensor)
        result.activated.append(output.clone() if is_tensor else output)

    handles = [
        convolution.register_forward_hook(at_convolution),
        activation.register_forward_hook(at_activation),
    ]
    try:
        with torch.no_grad(), unfused():
            model(batch)
    finally:
        for handle in handles:
            handle.remove()
    return result


def calls_of(model, convolution, activation, batch, layout):
    """The calls of a first convolution, in their order, and the pass that shows them.

    Parameters
    ----------
    model, convolution, activation, batch
        As of `run`; no sequence of the batch may be its own reverse complement.
    layout : proofread.models.conv_layout.Layout

    Returns
    -------
    list of Call
    Pass
    """
    plain = run(model, convolution, activation, batch)
    changes = []
    for number in range(len(plain.entered)):
        other = run(model, convolution, activation, batch, changed=number)
        pairs = zip(plain.activated, other.activated, strict=False)
        changes.append([call for call, pair in enumerate(pairs) if _differ(*pair)])
    calls = []
    for number, (entered, changed) in enumerate(
        zip(plain.entered, changes, strict=True)
    ):
        first = changed[0] if changed else None
        others = changes[:number] + changes[number + 1 :]
        calls.append(
            Call(
                _strand(layout.sequences(entered), batch),
                first,
                first is not None and plain.sources[first] == number,
                any(first in other for other in others),
            )
        )
    return calls, plain


def _differ(one, other):
    tensors = isinstance(one, torch.Tensor) and isinstance(other, torch.Tensor)
    return not tensors or not torch.equal(one, other)


def _strand(sequences, batch):
    if sequences is None:
        return None
    if torch.equal(sequences, batch):
        return "forward"
    # One-hot in the order A, C, G, T: reversed in both axes it is the complement.
    return "reverse" if torch.equal(sequences, batch.flip(1, 2)) else None
