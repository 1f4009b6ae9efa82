"""Every single substitution and its effect on the prediction."""

import numpy as np

from proofread.dna.encoding import UNKNOWN
from proofread.models.local_edits import on_scale, strand_logits
from proofread.progress import progress
from proofread.truth.position_scores import effect_answers, norm_answers

# Sequences between two steps of the progress bar.
_CHUNK = 32


def substitutions(index, mutated):
    """All three substitutions of every position to mutate.

    Parameters
    ----------
    index : numpy.ndarray, shape (n, length), uint8
    mutated : numpy.ndarray, shape (n, length), bool
        Known positions only.

    Returns
    -------
    row, position, base : numpy.ndarray, shape (3 * positions,)
        By row, position and base.
    """
    row, position = np.nonzero(mutated)
    step = np.tile(np.arange(1, 4), len(row))
    row, position = np.repeat(row, 3), np.repeat(position, 3)
    base = (index[row, position] + step) % 4
    # The other three bases in alphabetical order.
    order = np.lexsort((base, position, row))
    return row, position, base[order].astype(np.uint8)


def positions_to_mutate(index, length, centre):
    """Known positions, or those of them among the `centre` bases in the middle.

    Parameters
    ----------
    index : numpy.ndarray, shape (n, length), uint8
    length : numpy.ndarray, shape (n,), int
        Bases of each sequence, without padding.
    centre : int or None
        None, or more than the bases of a sequence: all.

    Returns
    -------
    numpy.ndarray, shape (n, length), bool
    """
    position = np.arange(index.shape[1])
    width = length if centre is None else np.minimum(centre, length)
    begin = ((length - width) // 2)[:, None]
    inside = (position >= begin) & (position < begin + np.asarray(width)[:, None])
    return inside & (index != UNKNOWN)


def saturation_mutagenesis(
    editor,
    index,
    length,
    mutated,
    *,
    columns=None,
    strands="forward",
    scale="logit",
):
    """Change of the prediction by every single substitution.

    Parameters
    ----------
    editor : proofread.models.local_edits.EditedLogits
    index : numpy.ndarray, shape (n, length), uint8
    length : numpy.ndarray, shape (n,), int
        Bases of each sequence, without padding.
    mutated : numpy.ndarray, shape (n, length), bool
        From `positions_to_mutate`; known positions only.
    columns : list of int or None
        Columns of the predictor's targets; None is all.
    strands : str
        `forward`, or `both`: predictions are means over the sequence and its reverse
        complement, as in Basset (Kelley et al. 2016, doi:10.1101/gr.200535.115).
    scale : str
        `logit` or `probability`; of quantities `output`, the output itself.

    Returns
    -------
    intact : numpy.ndarray, shape (n, targets), float64
        Predictions of the intact sequences.
    delta : numpy.ndarray, shape (n, targets, 4, length), float32
        Prediction with the base minus prediction of the intact sequence; 0 at the
        present base and at positions that are not mutated.
    """
    if columns is None:
        columns = list(range(len(editor.predictor.targets)))
    intact = np.zeros((len(index), len(columns)))
    delta = np.zeros((len(index), len(columns), 4, index.shape[1]), dtype=np.float32)
    chunks = range(0, len(index), _CHUNK)
    for first in progress(chunks, f"substitutions, by {_CHUNK} sequences"):
        part = slice(first, first + _CHUNK)
        row, position, base = substitutions(index[part], mutated[part])
        logits = strand_logits(
            editor,
            index[part],
            length[part],
            row,
            position,
            base[:, None],
            strands=strands,
        )
        whole, edited = (predicted[:, columns] for predicted in on_scale(logits, scale))
        intact[part] = whole
        delta[first + row, :, base, position] = edited - whole[row]
    return intact, delta


def loss_and_gain(delta):
    """Maximum decrease and maximum increase of the prediction at each position.

    Parameters
    ----------
    delta : numpy.ndarray, shape (..., 4, length)

    Returns
    -------
    loss, gain : numpy.ndarray, shape (..., length)
        Both at least 0: ``intact - min`` and ``max - intact`` over the four bases.
    """
    # The present base has delta 0, so the minimum is at most 0.
    return -delta.min(axis=-2), delta.max(axis=-2)


def over_targets(delta):
    """Combine the changes of all targets into one number.

    Parameters
    ----------
    delta : numpy.ndarray, shape (n, targets, 4, length)

    Returns
    -------
    dict of str to numpy.ndarray, shape (n, 4, length)
        `sum` (signed), `l1` (sum of absolute changes), `l2` (Euclidean length).
    """
    return {
        "sum": delta.sum(axis=1),
        "l1": np.abs(delta).sum(axis=1),
        "l2": np.sqrt(np.square(delta).sum(axis=1)),
    }


def answers(delta, mutated):
    """The answers that are scored against the planted positions.

    Signed: the mean decrease of the prediction over the three substitutions. Absolute:
    the mean absolute change, in which increases and decreases do not cancel. L2: the
    root of the sum of the squared changes.

    Parameters
    ----------
    delta : numpy.ndarray, shape (n, 4, length)
        Of one target.
    mutated : numpy.ndarray, shape (n, length), bool
    """
    drop = np.where(mutated, -delta.sum(axis=1) / 3, 0)
    size = np.where(mutated, np.abs(delta).sum(axis=1) / 3, 0)
    absolute = effect_answers(size, mutated)
    return {
        name: absolute[name] if name.startswith("absolute") else values
        for name, values in effect_answers(drop, mutated).items()
    } | norm_answers(np.where(mutated[:, None], delta, 0), mutated)
