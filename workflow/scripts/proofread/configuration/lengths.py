"""How long a sequence must be for a network, from the network's settings alone.

Imported by the Snakefile's own process, so it reads the architectures' source code
instead of importing torch.
"""

from proofread.configuration.model_settings import settings_defaults, shortened_by
from proofread.errors import InputError


def min_length(model):
    """Bases of the shortest sequence that leaves one position behind the last layer.

    Counted from the last layer to the first. Before an unpadded filter of width w there
    are w - 1 positions more; before a pool of p, p times as many; before a step of s (a
    pool that also takes what is left over at the end, or a stride) there are
    (positions - 1) * s + 1.

    Parameters
    ----------
    model : dict
        `architecture` and `settings` of the checked configuration.

    Returns
    -------
    int or None
        None if the architecture's module has no `SHORTENED_BY`.
    """
    architecture = model["architecture"]
    layers = shortened_by()[architecture]
    if layers is None:
        return None
    settings = settings_defaults()[architecture] | model["settings"]
    positions = 1
    for kind, name in reversed(layers):
        size = settings.get(name)
        if size is None:  # a layer that this preset does not have
            continue
        if kind == "pool":
            positions *= size
        elif kind == "step":
            positions = (positions - 1) * size + 1
        elif settings.get("padding") != "same":
            positions += size - 1
    return positions


def check_length(model, length, what, where):
    """Refuse a network for sequences that are too short for it.

    Parameters
    ----------
    model : dict
        `architecture` and `settings` of the checked configuration.
    length : int or None
        Of the sequences, bp; None if only the data tell it.
    what, where : str
        The network and its position in the user's files, for the message.

    Raises
    ------
    InputError
    """
    least = min_length(model)
    if length is None or least is None or length >= least:
        return
    raise InputError(
        where,
        f"{what} ({model['architecture']}) on sequences of {length} bp",
        f"at least {least} bp, because of its filters and pools",
        "lower widths or pools under its settings, choose another architecture, or "
        "give longer sequences",
    )
