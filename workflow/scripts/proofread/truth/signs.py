"""Signs of the effects of planted motifs, and how many of them a method has."""

import math

import numpy as np

from proofread.tables import Score
from proofread.truth.roles import causal_instances

SIGN_RECOVERED = "sign_recovered"


def planted_signs(dataset, target):
    """Whether each motif raises or lowers the values of a target.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
    target : str

    Returns
    -------
    dict of str to float
        1 or -1, by the name of each causal motif whose instances have effects: the sign
        of their mean. Empty where effects are not known.
    """
    if "effect" not in dataset.truth:
        return {}
    effects = causal_instances(dataset, target).groupby("motif")["effect"].mean()
    return np.sign(effects[effects != 0]).to_dict()


def sign_scores(measured, planted, target):
    """The fraction of motifs whose sign is found.

    Parameters
    ----------
    measured : dict of str to float
        A number of each motif, whose sign is compared; 0 is wrong.
    planted : dict of str to float
        From `planted_signs`. A motif that is not in both has no part in the score.
    target : str

    Returns
    -------
    list of proofread.tables.Score
        `SIGN_RECOVERED`; n is the number of motifs. None without one.
    """
    right = [measured[name] * planted[name] > 0 for name in planted if name in measured]
    if not right:
        return []
    rate, n = float(np.mean(right)), len(right)
    return [
        Score(SIGN_RECOVERED, rate, n, math.nan, math.nan, target=target, chance=0.5)
    ]
