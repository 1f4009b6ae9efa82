"""Whether a test found what was planted."""

from proofread.statistics.paired_tests import least_wilcoxon
from proofread.truth.expectation import (
    DISTANCE,
    FOUND,
    INTERACTION,
    NOTHING,
    ORDER,
    PRESENCE,
)

RECOVERED, MISSED = "recovered", "missed"
FALSE_POSITIVE, TRUE_NEGATIVE = "false_positive", "true_negative"
UNTESTED = "untested"


def verdicts(table, *, threshold, least_share):
    """Compare each test with what the planted rule lets expect.

    A test found something where its q is below the threshold and its effect, the mean
    loss increase over the control, is above 0 and at least a share of the largest
    effect of presence, order and distance of this target. An interaction may have
    either sign, so there the effect counts without it.

    Parameters
    ----------
    table : pandas.DataFrame
        All tests, with `kind`, `target`, `expected`, `effect`, `q` and `n`.
    threshold : float
    least_share : float

    Returns
    -------
    list of str
        `recovered`, `missed`, `false_positive`, `true_negative`; `untested` where even
        the smallest p of so few sequences is not below the threshold; empty where
        nothing is expected.
    """
    one_sided = table[table["kind"].isin([PRESENCE, ORDER, DISTANCE])]
    largest = one_sided.groupby("target")["effect"].max().to_dict()
    result = []
    for row in table.itertuples():
        if row.expected not in (FOUND, NOTHING):
            result.append("")
        elif row.n == 0 or least_wilcoxon(row.n) >= threshold:
            result.append(UNTESTED)
        else:
            size = abs(row.effect) if row.kind == INTERACTION else row.effect
            bar = least_share * max(0.0, largest.get(row.target, 0.0))
            found = size > 0 and size >= bar and row.q < threshold
            names = (
                (RECOVERED, MISSED)
                if row.expected == FOUND
                else (
                    FALSE_POSITIVE,
                    TRUE_NEGATIVE,
                )
            )
            result.append(names[0] if found else names[1])
    return result
