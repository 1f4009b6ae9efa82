"""The state of a training that is not finished, so that it can be taken up again.

A scratch file beside the network that no rule declares: Snakemake deletes the declared
outputs of a failed job, not this one. It holds numbers and text, no code, and counts
only for the very same training.
"""

import contextlib
import hashlib
import json
from pathlib import Path

import numpy as np
import torch

from proofread.atomic import atomic, remove_unfinished
from proofread.models.torch_files import no_memory, read_torch
from proofread.progress import log
from proofread.storage import raise_refusal

NAME = "unfinished_training.ckpt"
_ROWS = 10_000  # hashed at a time


def identity_of(training, validation, model, seed, device, library=""):
    """Digest of all that decides the weights: data, settings, seed, versions.

    Parameters
    ----------
    training, validation : proofread.datasets.dataset.Dataset
    model : dict
    seed : int
    device : str
        Kind of device; others sum in another order.
    library : str
        Digest of the code.
    """
    digest = hashlib.sha256(
        json.dumps(
            [
                *(model, seed, training.target, device, torch.__version__, library),
                *(training.settings.get(key) for key in ("target_type", "transform")),
            ],
            sort_keys=True,
        ).encode()
    )
    for dataset in (training, validation):
        for values in (dataset.index, dataset.label, dataset.length):
            digest.update(str(values.shape).encode())
            for first in range(0, len(values), _ROWS):
                rows = np.ascontiguousarray(values[first : first + _ROWS])
                digest.update(rows.tobytes())
    return digest.hexdigest()


def write_state(path, identity, state):
    """Replace the state on disk by that after one more epoch."""
    with atomic(path) as temporary, open(temporary, "wb") as file:
        torch.save({"identity": identity, **state}, file)


def read_state(path, identity):
    """The state of this very training, or None.

    A state of other settings, data or code, or one that is damaged, is left aside: the
    training begins anew.

    Raises
    ------
    InputError, MemoryError, RuntimeError
        If the operating system refuses to read it, or there is no memory for it.
    """
    if not Path(path).exists():
        return None
    try:
        state = read_torch(path, Path(path).stat().st_size)
    except Exception as error:  # a damaged file fails in any way
        raise_refusal(error, path)
        if no_memory(error):
            raise
        log.info("%s cannot be read: training begins anew", path)
        return None
    if not isinstance(state, dict) or state.get("identity") != identity:
        log.info("%s is of another training: training begins anew", path)
        return None
    return state


def remove_state(path):
    """Delete the state, and what a killed job was writing when it was killed."""
    remove_unfinished(path)
    with contextlib.suppress(FileNotFoundError):
        Path(path).unlink()
