"""Whether a few substitutions decide the prediction."""

import operator
from math import exp, fsum, lgamma, log

from proofread.report.numbers import count, scientific, short
from proofread.report.verdicts import SIGNIFICANT, Verdict, no_finding, strong

FINDS = "the causal motifs by substitution"
HEADLINE = ("destroy_edits_planted", "destroy_edits_known")
MEASURES = {
    "destroy_edits_planted": "fraction of the substitutions in motifs",
    "destroy_edits_known": "fraction of the substitutions in known sites",
}
TABLES = ("table.tsv",)
FIGURES = (
    (
        "curves",
        "The sooner a line crosses 0.5, and the further it leaves the grey band of"
        " random substitutions, the fewer bases decide the prediction.",
    ),
)
FIGURES_OF_NUMBERS = (
    (
        "curves",
        "The sooner a line reaches the dashed line of its direction, and the further it"
        " leaves the grey band of random substitutions, the fewer bases decide the"
        " prediction.",
    ),
)
DECIDED = 0.5  # probability from which on a sequence is predicted positive
FEW = 0.5  # fraction of the sequences that have to be turned where few bases decide


def verdict(experiment, settings):
    """Whether chosen substitutions turn negatives into positives.

    Of quantitative targets: whether they change outputs to those of the other half.
    """
    table = strong(experiment, experiment.table("greedy_substitution", "table.tsv"))
    if experiment.quantitative:
        return _of_quantities(table)
    table = table[(table["direction"] == "improve") & (table["start"] < DECIDED)]
    rules = list(table["rule"].unique())
    table = table[table["rule"].isin(rules[:1])]
    if table.empty:
        return no_finding("no sequence that was searched is predicted negative")
    turned, random = (table[name] >= DECIDED for name in ("end", "control_end"))
    p = _sign_test(int((turned & ~random).sum()), int((random & ~turned).sum()))
    n, most = len(table), count(table["steps"].max())
    number = f"{int(turned.sum())} of {n}"
    said = (
        f"at most {most} chosen substitutions turn {number} sequences that are"
        " predicted negative into positives"
    )
    compared = f"as many random ones {int(random.sum())} of {n} (p {scientific(p)})"
    if not (turned.sum() > random.sum() and p <= SIGNIFICANT):
        return no_finding(f"{said}, {compared}", number=number)
    median = table.loc[turned, "steps_to_half"].median()
    steps = "1 step" if median == 1 else f"{short(median)} steps"
    few = ": few bases decide" if turned.sum() >= FEW * n else ""
    return Verdict(
        f"{said[:1].upper()}{said[1:]} (median {steps}), {compared}{few}.",
        "negatives turned",
        "ok",
        number,
    )


def _of_quantities(table):
    """Both directions: outputs that reach the median of the half that they go to."""
    table = table[table["rule"].isin(list(table["rule"].unique())[:1])]
    parts = [
        _moved(rows, *said)
        for direction, *said in (
            ("improve", "raise", "values above the median", operator.ge),
            ("destroy", "lower", "other values", operator.le),
        )
        if len(rows := _to_go(table, direction))
    ]
    if not parts:
        return no_finding("no sequence that was searched has an output to reach")
    texts, numbers, found = zip(*parts, strict=True)
    most = count(table["steps"].max())
    said = f"at most {most} chosen substitutions {'; they '.join(texts)}"
    if not any(found):
        return no_finding(said, number=numbers[0])
    return Verdict(
        f"{said[:1].upper()}{said[1:]}.",
        "outputs moved",
        "ok",
        numbers[found.index(True)],
    )


def _to_go(table, direction):
    """The sequences that do not start at the output to reach."""
    rows = table[table["direction"] == direction]
    start, goal = rows["start"], rows["goal"]
    return rows[start < goal] if direction == "improve" else rows[start > goal]


def _moved(rows, verb, half, beyond):
    """A direction in words, its number, and whether it is better than random."""
    reached, random = (
        beyond(rows[name], rows["goal"]) for name in ("end", "control_end")
    )
    p = _sign_test(int((reached & ~random).sum()), int((random & ~reached).sum()))
    number = f"{int(reached.sum())} of {len(rows)}"
    steps = ""
    if reached.any():
        median = rows.loc[reached, "steps_to_goal"].median()
        steps = f" (median {'1 step' if median == 1 else f'{short(median)} steps'})"
    text = (
        f"{verb} {number} outputs to the median output of sequences with {half}{steps},"
        f" and the mean of random substitutions reaches it in {int(random.sum())}"
        f" (p {scientific(p)})"
    )
    return text, number, bool(reached.sum() > random.sum() and p <= SIGNIFICANT)


def _sign_test(more, less):
    """Two-sided p of the exact sign test of pairs that differ (McNemar's, exact)."""
    n, tail = more + less, min(more, less)
    # Logarithms: of thousands of pairs 2^n is no float.
    terms = (
        exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) - n * log(2))
        for k in range(tail + 1)
    )
    return min(1.0, 2 * fsum(terms))
