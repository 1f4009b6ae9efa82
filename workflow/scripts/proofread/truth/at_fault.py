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


def verdict(value, control, target):
    """Whether the truth was recovered and, if it was not, who is at fault.

    Parameters
    ----------
    value, control : float
        The score of a method on a network and on the positive control, higher is
        better; NaN where there is none.
    target : float
        The score that would be ideal; NaN where none is known.

    Returns
    -------
    str
        `RECOVERED`: the score reaches `ENOUGH` of the ideal one. `NETWORK`: that of the
        positive control does, but this one does not. `METHOD_LIMIT`: neither does.
        `UNDECIDED` where a number is missing.
    """
    if any(map(math.isnan, (value, control, target))):
        return UNDECIDED
    if value >= ENOUGH * target:
        return RECOVERED
    return NETWORK if control >= ENOUGH * target else METHOD_LIMIT
