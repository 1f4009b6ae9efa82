"""Guides of the search: how much each substitution is expected to add to a logit.

deepG's tutorial, the origin of this method, reads the best base from Integrated
Gradients with a baseline of zeros. These are 0 at every absent base, so they cannot
tell the three alternatives apart: see `proofread.methods.greedy_substitution.moves`.
"""

import numpy as np
import torch

from proofread.dna.encoding import one_hot
from proofread.methods.attributions.gradients import average_path_gradient
from proofread.models.cut import cut
from proofread.models.device import (
    MEGABYTES,
    differentiable,
    halved,
    megabytes_at_once,
)
from proofread.models.finite import check_finite
from proofread.truth.position_scores import observed

# Sequences whose substitutions are predicted at once: bounds memory.
_CHUNK = 32


def exact_gains(editor, column):
    """A guide that predicts every substitution.

    Parameters
    ----------
    editor : proofread.models.local_edits.EditedLogits
    column : int
        Of the logits.

    Returns
    -------
    callable
        (index, rows, allowed, logit) -> (m, 4, length): change of the logit by each
        substitution; 0 where `allowed` is False.
    """

    def gains(index, _, allowed, logit):
        change = np.zeros(allowed.shape)
        for first in range(0, len(index), _CHUNK):
            part = slice(first, first + _CHUNK)
            row, base, position = np.nonzero(allowed[part])
            edited = editor.edited(index[part], row, position, base[:, None])
            change[first + row, base, position] = edited[:, column] - logit[part][row]
        return change

    return gains


def gradient_gains(network, column, baselines, *, steps, megabytes=MEGABYTES):
    """A guide that estimates every substitution by the average path gradient.

    ``G[new base] - G[present base]`` where G is the mean gradient of the logit on
    straight paths from the baselines to the sequence. This is also the difference of
    the bases' hypothetical Integrated Gradients, averaged over the baselines: the
    baseline's own term is the same for all bases of a position.

    Parameters
    ----------
    network : torch.nn.Module
    column : int
        Of the logits.
    baselines : proofread.methods.attributions.baselines.Baselines
        Of the sequences before the first substitution.
    steps : int
        Intervals on each path.
    megabytes : float
        Of activations in one pass.

    Returns
    -------
    callable
        As that of `exact_gains`; estimates, also where `allowed` is False.
    """
    gradient = mean_gradient(network, column, baselines, steps, megabytes)

    def gains(index, rows, _, __):
        at_base = gradient(index, rows, "logit")
        return at_base - observed(at_base, index)[:, None]

    return gains


def mean_gradient(network, column, baselines, steps, megabytes):
    """A function that gives the mean gradient on paths from baselines to sequences.

    Parameters
    ----------
    network, column, baselines, steps, megabytes
        As for `gradient_gains`.

    Returns
    -------
    callable
        (index, rows, output) -> (m, 4, length), float64; `output` is ``logit`` or
        ``probability``.
    """
    prepared = cut(network)
    like = next(prepared.network.parameters(), torch.empty(0))

    def gradient(index, rows, output):
        sequences = torch.from_numpy(one_hot(index)).to(like)
        starts = baselines[rows].to(like)

        def average(megabytes):
            return average_path_gradient(
                prepared,
                sequences,
                starts,
                column,
                steps,
                scale=output,
                megabytes=megabytes,
            )

        with differentiable(prepared.network):
            mean = halved(average, megabytes_at_once(like.device, megabytes))
        mean = mean.detach().cpu().numpy().astype(np.float64)
        check_finite(mean, "greedy_substitution", "the gradients")
        return mean

    return gradient
