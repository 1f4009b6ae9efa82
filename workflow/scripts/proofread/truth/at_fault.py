"""Who is at fault for a low score: the method, or the network.

A method that does not find the planted motifs in a network that is the rule itself
(`truth.oracle`) has a limit. One that finds them there, but not in a trained network,
shows that the network has not learned them.
"""

import math

# Of the ideal explainer's score, or of the best possible one.
ENOUGH = 0.95
RECOVERED, NETWORK, METHOD_LIMIT = "recovered", "network", "method limit"
UNDECIDED = ""


def verdict(value, control, target, better):
    """Whether the truth was recovered and, if it was not, who is at fault.

    Parameters
    ----------
    value, control : float
        The score of a method on a network and on the positive control; NaN where there
        is none.
    target : float
        The score that would be ideal; NaN where none is known.
    better : str
        `higher`, or `lower` of a fraction, for example of false findings.

    Returns
    -------
    str
        `RECOVERED`: the score reaches `ENOUGH` of the ideal one. `NETWORK`: that of the
        positive control does, but this one does not. `METHOD_LIMIT`: neither does.
        `UNDECIDED` where a number is missing.
    """
    if any(map(math.isnan, (value, control, target))):
        return UNDECIDED
    if reaches(value, target, better):
        return RECOVERED
    return NETWORK if reaches(control, target, better) else METHOD_LIMIT


def reaches(value, target, better):
    """Whether a score is at least `ENOUGH` of the ideal one.

    Of a fraction that should be low, the rest to 1 is compared: 0.04 false findings are
    0.96 right ones.

    Parameters
    ----------
    value, target : float
    better : str
        `higher` or `lower`.
    """
    if better == "lower":
        value, target = 1 - value, 1 - target
    return value >= ENOUGH * target
