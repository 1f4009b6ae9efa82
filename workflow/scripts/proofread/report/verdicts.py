"""What one method found in one network: a sentence, its number, its comparison."""

from dataclasses import dataclass

from proofread.report.names import words
from proofread.report.numbers import counted, is_missing, listed, short
from proofread.truth.at_fault import METHOD_LIMIT, NETWORK, RECOVERED
from proofread.truth.recovery import MISSED, NO_CONTROL, PARTLY
from proofread.truth.signs import SIGN_RECOVERED

SIGNIFICANT = 0.05  # p or q of an effect that is called a finding
FOUND, NO_FINDING = "found", "no finding"
KINDS = {
    RECOVERED: "ok",
    PARTLY: "",
    MISSED: "warn",
    NETWORK: "warn",
    METHOD_LIMIT: "warn",
    NO_CONTROL: "",
}
# What a word does with an object: for one method, and for several.
CLAUSES = {
    RECOVERED: ("recovers it", "recover it"),
    PARTLY: ("recovers a part", "recover a part"),
    MISSED: ("does not", "do not"),
    NETWORK: (
        "does so on the positive control only",
        "do so on the positive control only",
    ),
    METHOD_LIMIT: (
        "does not, nor on the positive control",
        "do not, nor on the positive control",
    ),
}
_TAGS = {MISSED: "not recovered", PARTLY: "partly recovered"}


@dataclass(frozen=True)
class Verdict:
    """A sentence about one method and network.

    Attributes
    ----------
    text : str
        With its number and what it is compared with, or why there is no finding.
    tag : str
        The same in a word or two.
    kind : str
        `ok`, `warn` or empty: the colour of the tag.
    number : str
        The number of the sentence, for a table; may be empty.
    """

    text: str
    tag: str = FOUND
    kind: str = "ok"
    number: str = ""


def no_finding(why, tag=NO_FINDING, number=""):
    """A verdict that states nothing, and why."""
    return Verdict(f"No finding: {why}.", tag, "", number)


def of_truth(rows, finds, name):
    """A method's headline score next to its controls, in a sentence.

    Parameters
    ----------
    rows : list of proofread.truth.recovery.Recovery
        One for each kind of the method; at least one.
    finds : str
        What the method should find.
    name : callable
        What a metric is called.

    Returns
    -------
    Verdict
    """
    if all(row.word == NO_CONTROL for row in rows):
        return _uncompared(rows, finds, name)
    if len(rows) > 1:
        return _of_kinds(rows, finds, name)
    row = rows[0]
    score = f"{name(row.metric)} {short(row.value)}"
    text = {
        RECOVERED: f"Recovers {finds}: {score}{_bounds(row)}.",
        PARTLY: f"Partly recovers {finds}: {score}{_bounds(row)}.{_positive(row)}",
        MISSED: f"Does not recover {finds}: {score} is not shown to be better than"
        f" {_compared(row)}.",
        NETWORK: f"Does not recover {finds}: {score}{_bounds(row)}. In the network"
        f" that is the rule itself it does ({short(row.positive)}), so that this"
        " network has not learned it.",
        METHOD_LIMIT: f"Does not recover {finds}: {score}{_bounds(row)}. In the"
        f" network that is the rule itself it does not either ({short(row.positive)}):"
        " a limit of the method.",
    }[row.word]
    tag = _TAGS.get(row.word, row.word)
    return Verdict(text, tag, KINDS[row.word], short(row.value))


def _uncompared(rows, finds, name):
    """Of scores without a negative control, or without an ideal score."""
    lowest, highest = _range(rows)
    many = len(rows) > 1
    score = f"{lowest} to {highest}" if many else lowest
    lacks = any(is_missing(row.floor) for row in rows)
    text = (
        f"No verdict on {finds}: {name(rows[0].metric)} {score}, but there is no"
        f" {'negative control' if lacks else 'ideal score'} to compare"
        f" {'them' if many else 'it'} with."
    )
    number = f"{lowest}–{highest}" if many else lowest
    return Verdict(text, NO_CONTROL, KINDS[NO_CONTROL], number)


def _range(rows):
    """The lowest and the highest score, as they are written."""
    return [short(limit(row.value for row in rows)) for limit in (min, max)]


def _floor(row, between=""):
    """What a score has to exceed, with its number."""
    if row.silent:
        return "the negative controls found nothing"
    name = "best negative control" if row.controlled else "chance"
    return f"{name} {between}{short(row.floor)}"


def _compared(row):
    """The same after "better than"."""
    if row.silent:
        return "the negative controls, which found nothing"
    name = "the best negative control" if row.controlled else "chance"
    return f"{name} ({short(row.floor)})"


def _positive(row):
    """What the positive control says of a score that is above the negative ones."""
    if row.passed:
        return (
            " In the network that is the rule itself it recovers them"
            f" ({short(row.positive)}), so that this network has learned the rule only"
            " in part."
        )
    if row.limited:
        return (
            " In the network that is the rule itself it is not complete either"
            f" ({short(row.positive)}): a limit of the method."
        )
    return ""


def _bounds(row):
    """What a score is compared with."""
    parts = [_floor(row)]
    if not is_missing(row.ideal):
        best = "ideal explainer" if row.explained else "best possible value"
        parts.append(f"{best} {short(row.ideal)}")
    return f" ({', '.join(parts)})"


def _of_kinds(rows, finds, name):
    """Of a method with several kinds: which do, and which do not."""
    groups = grouped(rows)
    recovered = [row for row in rows if row.word == RECOVERED]
    verb = verb_of(len(recovered), "recover")
    first = f"{len(recovered)} of {len(rows)} kinds {verb} {finds}"
    parts = [first] + [
        f"{listed(words(row.kind) + f' ({short(row.value)})' for row in members)}"
        f" {CLAUSES[word][len(members) > 1]}"
        for word, members in groups.items()
        if word in CLAUSES and word != RECOVERED
    ]
    lowest, highest = _range(rows)
    floor = _floor(max(rows, key=lambda row: row.floor), "at most ")
    text = (
        f"{'; '.join(parts)}. {_capital(name(rows[0].metric))} {lowest} to"
        f" {highest}; {floor}"
    )
    if not is_missing(rows[0].ideal):
        best = "ideal explainer" if rows[0].explained else "best possible value"
        text += f", {best} {short(rows[0].ideal)}"
    if len(recovered) == len(rows):
        tag, kind = RECOVERED, "ok"
    elif recovered or PARTLY in groups:
        tag, kind = _TAGS[PARTLY], ""
    else:
        tag, kind = _TAGS[MISSED], "warn"
    return Verdict(f"{text}.", tag, kind, f"{lowest}–{highest}")


def grouped(rows):
    """Rows by their word, in the order of `KINDS`."""
    groups = {
        word: [row for row in rows if row.word == word]
        for word in (RECOVERED, *(name for name in KINDS if name != RECOVERED))
    }
    return {word: members for word, members in groups.items() if members}


def verb_of(number, verb):
    """A verb after "1 of 2 tests", or "2 of 3"."""
    if number != 1:
        return verb
    return {"are": "is", "match": "matches"}.get(verb, f"{verb}s")


def _capital(text):
    return text[:1].upper() + text[1:]


def signs(experiment, method, who):
    """Of how many motifs a method has the sign of the planted effect, in a sentence.

    Parameters
    ----------
    experiment : proofread.report.results.Experiment
    method : str
    who : str
        What has the sign, with its verb.

    Returns
    -------
    str
        Empty where no score says so: of classes, or without a planted truth.
    """
    if not experiment.has(method, "score.tsv"):
        return ""
    table = experiment.table(method, "score.tsv")
    table = table[table["metric"] == SIGN_RECOVERED].dropna(subset="value")
    if table.empty:
        return ""
    n = int(table["n"].sum())
    right = round((table["value"] * table["n"]).sum())
    return f"{who} the sign of the planted effect for {right} of {counted(n, 'motif')}."


def strong(experiment, table):
    """The rows of targets that the network is shown to predict.

    Parameters
    ----------
    experiment : proofread.report.results.Experiment
    table : pandas.DataFrame
        With the column `target`.
    """
    return table[~table["target"].isin(experiment.standing["weak"])]
