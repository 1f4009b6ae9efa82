"""Whether tests of motifs agree with the planted rule."""

import math

import numpy as np

from proofread.tables import Score
from proofread.truth.expectation import FOUND, NOTHING

RECOVERED, MISSED = "recovered", "missed"
FALSE_POSITIVE, TRUE_NEGATIVE = "false_positive", "true_negative"
SIGNIFICANT, INSIGNIFICANT = "found", "not_found"  # where no truth is known
WRONG_SIGN = "wrong_sign"  # found, but with the other sign than was planted
UNTESTED = "untested"
# By what is expected: the verdict where the test found something, and where not.
_OUTCOMES = {
    FOUND: (RECOVERED, MISSED),
    NOTHING: (FALSE_POSITIVE, TRUE_NEGATIVE),
    "": (SIGNIFICANT, INSIGNIFICANT),
}


def verdicts(expected, found, possible, wrong=None):
    """Compare what tests found with what the planted rule lets expect.

    Parameters
    ----------
    expected : iterable of str
        See `proofread.truth.expectation`; empty where no truth is known.
    found : iterable of bool
        Whether the test found something.
    possible : iterable of bool
        Whether it could have.
    wrong : iterable of bool, optional
        Whether what it found has another sign than the planted effect. None: there are
        no signs.

    Returns
    -------
    list of str
        `recovered`, `missed`, `false_positive`, `true_negative`; `wrong_sign` in place
        of `recovered`; `found` or `not_found` where no truth is known; `untested` where
        nothing could be found; empty where either answer is right.
    """
    result = []
    if wrong is not None:
        judged = zip(verdicts(expected, found, possible), wrong, strict=True)
        return [
            WRONG_SIGN if name == RECOVERED and other else name
            for name, other in judged
        ]
    for expectation, answer, could in zip(expected, found, possible, strict=True):
        if expectation not in _OUTCOMES:
            result.append("")
        elif not could:
            result.append(UNTESTED)
        else:
            result.append(_OUTCOMES[expectation][0 if answer else 1])
    return result


def wrong_signs(planted, measured):
    """Whether each measured effect has another sign than the planted one.

    Parameters
    ----------
    planted, measured : pandas.Series
        NaN and 0 of a planted effect: no sign is expected.

    Returns
    -------
    pandas.Series of bool
    """
    signs = np.sign(planted.astype(float).fillna(0))
    return (signs != 0) & (np.sign(measured) != signs)


def verdict_scores(judged, subject):
    """Fractions of tests that found something, of those that should and should not.

    Parameters
    ----------
    judged : iterable of str
        From `verdicts`.
    subject : str
        What the tests are, such as ``tests``.

    Returns
    -------
    list of proofread.tables.Score
        ``{subject}_recovered`` and ``{subject}_false``; one without a test is left out.
        The tests are all there are, so that the fractions have no interval.
    """
    scores = []
    for metric, outcomes, better in (
        (f"{subject}_recovered", _OUTCOMES[FOUND], "higher"),
        (f"{subject}_false", _OUTCOMES[NOTHING], "lower"),
    ):
        outcomes = (*outcomes, WRONG_SIGN) if outcomes[0] == RECOVERED else outcomes
        result = np.array([name == outcomes[0] for name in judged if name in outcomes])
        if len(result):
            numbers = (float(result.mean()), len(result), math.nan, math.nan)
            scores.append(Score(metric, *numbers, better=better))
    return scores
