"""Whether attributions point at the truth; without one, whether they add up."""

from proofread.report.names import words
from proofread.report.numbers import decimal, listed
from proofread.report.verdicts import NO_FINDING, Verdict, no_finding, strong

FINDS = "the bases of causal motifs"
HEADLINE = ("position_auroc",)
TABLES = ("table.tsv",)
FIGURES = (
    (
        "logos",
        "A letter above the line raises the output, one below lowers it; the"
        " network reads a group of high letters.",
    ),
    (
        "profile",
        "A peak marks positions whose bases contribute most, averaged over sequences.",
    ),
)
MAX_INCOMPLETE = 0.05  # fraction of the sequences whose contributions may not add up


def verdict(experiment, settings):
    """What holds of the contributions where no truth is known."""
    shares = _incomplete(experiment)
    if not shares:
        return no_finding(
            "without a truth nothing tells whether these maps are right, and the"
            " contributions of these kinds need not add up"
        )
    rest = "Without a truth nothing tells whether the maps are right."
    failed = _failed(shares)
    if failed:
        said = listed(f"{words(kind)} in {_percent(failed[kind])}" for kind in failed)
        return Verdict(
            f"The contributions do not add up to the change of the output: {said} of"
            f" the sequences (at most {_percent(MAX_INCOMPLETE)} are allowed). {rest}",
            "incomplete",
            "warn",
            f"{len(failed)} of {len(shares)} kinds",
        )
    return Verdict(
        f"The contributions add up to the change of the output: {listed(_up(shares))}."
        f" {rest}",
        NO_FINDING,
        "",
    )


def _up(shares):
    return [
        f"{words(kind)} in {_percent(1 - share)} of the sequences"
        for kind, share in shares.items()
    ]


def warnings(experiment, settings):
    """Kinds whose contributions do not add up to the change of the output."""
    failed = [
        f"{words(kind)} ({_percent(share)} of the sequences)"
        for kind, share in _failed(_incomplete(experiment)).items()
    ]
    if not failed:
        return []
    return [
        f"The contributions of {listed(failed)} do not add up to the change of the"
        " output"
    ]


def _incomplete(experiment):
    """Fraction of the sequences above the tolerance, of kinds that should add up."""
    table = strong(experiment, experiment.table("attributions", "table.tsv"))
    checked = table[table["flag"].isin(["ok", "red"])]
    flagged = checked["flag"] == "red"
    return flagged.groupby(checked["kind"], sort=False).mean().to_dict()


def _failed(shares):
    return {kind: share for kind, share in shares.items() if share > MAX_INCOMPLETE}


def _percent(share):
    """A fraction in percent; never 0 or 100 % where some sequences differ."""
    if 0 < share < 0.01:
        return "less than 1 %"
    if 0.99 < share < 1:
        return "more than 99 %"
    return f"{decimal(100 * share, 0)} %"
