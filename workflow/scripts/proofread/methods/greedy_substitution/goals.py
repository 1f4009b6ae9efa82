"""What a search for a quantity is to reach: it has no probability of one half."""

from dataclasses import dataclass

import numpy as np

from proofread.datasets.groups import HIGH, LOW, groups
from proofread.datasets.sampling import random_rows

MAX_SEQUENCES = 1000  # of the split, from which the goals are made


@dataclass(frozen=True)
class Goals:
    """Outputs to reach, and how much outputs differ.

    Attributes
    ----------
    up : float
        Of a sequence that is raised: the median output of the sequences whose value is
        above the median. NaN if no value is known.
    down : float
        Of one that is lowered: the median output of the others.
    spread : float
        Standard deviation (divided by n) of the outputs.
    """

    up: float
    down: float
    spread: float


def goals_of(predictor, dataset, targets, seed):
    """The goals of each target, from at most `MAX_SEQUENCES` sequences.

    Parameters
    ----------
    predictor : proofread.models.predictor.Predictor
        Of quantities.
    dataset : proofread.datasets.dataset.Dataset
        A split.
    targets : list of str
    seed : int
        Of the choice of sequences.

    Returns
    -------
    dict of str to Goals
        By target.
    """
    sample = dataset.subset(random_rows(len(dataset), MAX_SEQUENCES, seed))
    outputs = predictor.outputs(np.asarray(sample.index), names=sample.name)
    outputs = outputs.astype(np.float64)
    result = {}
    for target in targets:
        of_target = outputs[:, dataset.target.index(target)]
        members = groups(sample, target)
        up, down = (
            float(np.median(of_target[members[half]]))
            if half in members and members[half].any()
            else np.nan
            for half in (HIGH, LOW)
        )
        result[target] = Goals(up, down, float(of_target.std()))
    return result
