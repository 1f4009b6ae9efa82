"""Which motifs, orders and distances a network uses, compared with what was planted."""

import pandas as pd

from proofread.motifs.files import read_written_meme
from proofread.motifs.targets import pool_targets, readable
from proofread.report import methods, planted_effects
from proofread.report.names import words
from proofread.report.numbers import (
    count,
    counted,
    decimal,
    exact,
    interval,
    is_missing,
    listed,
    scientific,
    short,
    significant,
)
from proofread.report.verdicts import Verdict, no_finding, strong, verb_of
from proofread.truth.expectation import DISTANCE, ORDER, PRESENCE

TITLE = "Motif tests"
PLURAL = True

_NAMES = {
    "tests_recovered": "planted effects that motif tests recover",
    "tests_false": "false positives of motif tests",
    "gap_range_overlap": "overlap of learned and planted gap ranges",
    **planted_effects.NAMES,
}
# What a verdict is called, and whether it is as it should be.
_VERDICTS = {
    "recovered": ("recovered", "ok"),
    "true_negative": ("true negative", "ok"),
    "missed": ("missed", "warn"),
    "wrong_sign": ("wrong sign", "warn"),
    "false_positive": ("false positive", "warn"),
    "found": ("found", "ok"),
    "not_found": ("not found", ""),
    "untested": ("untested", ""),
}
_WRONG = ("missed", "false_positive", "wrong_sign")
FINDS = "the effects of the rule"
HEADLINE = ("effect_spearman", "tests_recovered")
MEASURES = {
    "effect_spearman": "Spearman's correlation with the planted effects",
    "tests_recovered": "fraction of the effects found",
}
TABLES = ("table.tsv", "same_side.tsv")
FIGURES = (
    (
        "effects",
        "Right of 0: the loss rises more when the motifs are changed than when other"
        " bases are.",
    ),
)
FIGURES_OF_NUMBERS = (
    (
        "effects",
        "Top, if effects were planted: measured against planted effects; on the line"
        " both are equal. Below: right of 0, the motif raises the output.",
    ),
)
# What a test is about, in a sentence.
_ASPECTS = {ORDER: "the order", DISTANCE: "the gap"}
_NAMED = 4  # motifs or pairs that a sentence names
_MOST_ROWS = 100  # of the table of quantities, beyond which it leaves out negatives
_HOW = (
    "One verdict per network: does replacing, swapping or moving the motifs increase"
    " the loss more than the same change outside motifs? True negatives are not listed."
)
_HOW_OF_NUMBERS = (
    "One verdict per network: does replacing the motifs change the output, and does"
    " swapping or moving them increase the squared error, more than the same change"
    " outside motifs? A wrong sign is no recovery. True negatives are not listed."
)


def verdict(experiment, settings):
    """Which changes of motifs raise the loss more than their controls."""
    table = _read(experiment, settings)
    tested = table[table["verdict"].isin(["found", "not_found"])]
    if tested.empty:
        return no_finding("too few sequences hold the motifs")
    found = tested[tested["verdict"] == "found"]
    number = f"{len(found)} of {len(tested)}"
    limit = f"q < {settings['q_threshold']:g}"
    if found.empty:
        return no_finding(
            f"none of {len(tested)} tests finds an effect of a motif ({limit})",
            number=number,
        )
    if experiment.quantitative:
        return _of_quantities(found, number, limit)
    best = found.loc[found["effect"].abs().idxmax()]
    return Verdict(
        f"{number} tests {verb_of(len(found), 'find')} an effect ({limit}); the largest"
        f" is {_words(best)}: the loss rises by {short(best['increase'])}, with bases"
        " outside motifs by"
        f" {short(best['control'])} (q {scientific(best['q'])}).",
        "effects found",
        "ok",
        number,
    )


def _of_quantities(found, number, limit):
    """The verdict of quantities: the largest change of the output, if there is one."""
    text = f"{number} tests {verb_of(len(found), 'find')} an effect ({limit})"
    of_output = found[found["measure"] == "output"]
    if len(of_output):
        best = of_output.loc[of_output["effect"].abs().idxmax()]
        text += (
            f"; the largest is {_words(best)}: it adds {significant(best['change'])} to"
            f" the output, bases outside motifs {significant(best['control'])} (q"
            f" {scientific(best['q'])})"
        )
    return Verdict(f"{text}.", "effects found", "ok", number)


def also(experiment, settings):
    """Effects that the rule does not have; of quantities, what the scores say."""
    table = strong(experiment, _all_tests(experiment))
    wrong = table[table["verdict"] == "false_positive"]
    said = []
    if experiment.quantitative:
        pairs = experiment.table("motif_tests", "pairs.tsv")
        said = [
            planted_effects.sentence(experiment, "motif_tests"),
            planted_effects.forms_that_differ(pairs),
        ]
    if len(wrong):
        named = listed(_words(row) for _, row in wrong.iterrows())
        said.append(f"False positives: {named}.")
    return " ".join(filter(None, said))


def clause(experiments, settings):
    """What the networks use of the motifs, in words; empty where nothing is decided.

    An effect is used where the tests of all seeds find it.
    """
    tables = [_read(experiment, settings) for experiment in experiments]
    table = pd.concat(tables).dropna(subset=["verdict"])
    table = table[table["kind"].isin([PRESENCE, *_ASPECTS])]
    if table["target"].nunique() > 1:
        return _of_targets(table)
    used, unused, wrong = {}, {}, []
    for _, rows in table.groupby("test", sort=False):
        row, verdicts = rows.iloc[0], set(rows["verdict"])
        if verdicts <= {"recovered", "found"}:
            used.setdefault(_motifs(row), []).append(row["kind"])
        elif verdicts & {"missed", "wrong_sign"}:
            unused.setdefault(_motifs(row), []).append(row["kind"])
        elif verdicts == {"false_positive"}:
            wrong.append(_words(row))
    used = _without_paired(used)
    parts = []
    if used:
        parts.append(f"use {_aspects(used)}")
    if unused:
        seeds = "" if len(experiments) == 1 else " in every seed"
        parts.append(f"{'but ' if used else ''}do not use {_aspects(unused)}{seeds}")
    return " and ".join(filter(None, [" ".join(parts), _too_much(wrong, used)]))


def _without_paired(used):
    """Without single motifs of a pair: its order says that both are used."""
    paired = {name for names in used if len(names) == 2 for name in names}
    return {
        names: kinds
        for names, kinds in used.items()
        if len(names) == 2 or names[0] not in paired
    }


def _too_much(wrong, used):
    """What the rule does not have and the networks react to; empty if nothing."""
    if not wrong:
        return ""
    names = [f"the {name}" for name in wrong[:_NAMED]]
    if len(wrong) > _NAMED:
        names.append(f"{len(wrong) - _NAMED} more")
    return f"are {'also ' if used else ''}sensitive to {listed(names)}"


def _of_targets(table):
    """The same for several targets: of a rule counted, else named where few are."""
    if (table["verdict"] == "found").any():
        verdicts = table.groupby(["target", "test"])["verdict"].agg(set)
        return _named_with_targets(table, verdicts[verdicts == {"found"}].index)
    judged = table[table["verdict"].isin(["recovered", "missed", "wrong_sign"])]
    verdicts = judged.groupby(["target", "test"])["verdict"].agg(set)
    if verdicts.empty:
        return ""
    used = sum(found == {"recovered"} for found in verdicts)
    return f"use {used} of {counted(len(verdicts), 'effect')} of the rules"


def _named_with_targets(table, used):
    """What is used, for which of the targets; used: pairs of target and test."""
    targets = list(table["target"].unique())
    groups = {}
    for test, rows in table.groupby("test", sort=False):
        row = rows.iloc[0]
        of = tuple(target for target in targets if (target, test) in used)
        if of:
            kinds = groups.setdefault(of, {}).setdefault(_motifs(row), [])
            kinds.append(row["kind"])
    if len(groups) > _NAMED:
        number = sum(len(kinds) for of in groups.values() for kinds in of.values())
        what = counted(number, "motif, order or gap", "motifs, orders or gaps")
        return f"use {what} for at least one target"
    parts = []
    for of, names in groups.items():
        named = listed(of) if len(of) <= _NAMED else f"{len(of)} of the targets"
        parts.append(f"use {_aspects(_without_paired(names))} for {named}")
    return "; ".join(parts)


def _motifs(row):
    second = [] if is_missing(row["second"]) else [row["second"]]
    return (row["first"], *second)


def _aspects(groups):
    """Motifs with what is used of them: the order and the gap of STAT and CTCF."""
    alone = [names[0] for names in groups if len(names) == 1]
    pairs = [
        f"{listed(_ASPECTS[kind] for kind in kinds)} of {listed(names)}"
        for names, kinds in groups.items()
        if len(names) == 2
    ]
    more = max(0, len(pairs) - _NAMED) + max(0, len(alone) - _NAMED)
    rest = [f"{more} more"] if more else []
    if not pairs:
        return listed([*alone[:_NAMED], *rest])
    said = pairs[:_NAMED] + ([listed(alone[:_NAMED])] if alone else [])
    return listed([*said, *rest])


def _read(experiment, settings):
    """All tests of targets that the network predicts, with names for a reader."""
    table = strong(experiment, _all_tests(experiment))
    if not experiment.simulated:
        table = readable(table, ["first", "second"], _known(experiment, settings))
    return table


_FIGURES = ("effects", "gaps")


def score_name(metric):
    """What a row of score.tsv is called."""
    return _NAMES.get(metric, words(metric))


def findings(experiments):
    """What the tests found of the planted rule, over all seeds of a dataset."""
    first = experiments[0]
    if not first.simulated:
        return []
    tables = [
        table[~table["target"].isin(experiment.standing["weak"])]
        for experiment in experiments
        for table in [_all_tests(experiment)]
    ]
    tables = [table for table in tables if len(table)]
    if not tables:
        return []
    together = pd.concat(tables).dropna(subset=["verdict"])
    judged = together[together["verdict"] != "untested"]
    several = together["target"].nunique() > 1
    texts = [
        f"{_words(row)}{f' for {target}' * several}:"
        f" {', '.join(_verdict(item)[0] for item in rows['verdict'])}"
        for (target, _), rows in together.groupby(["target", "test"], sort=False)
        for row in [rows.iloc[0]]
        if row["expected"] == "found" or rows["verdict"].isin(_WRONG).any()
    ]
    wrong = int(judged["verdict"].isin(_WRONG).sum())
    if len(judged) == 0:
        tag = {"tag": "not tested", "kind": ""}
    elif wrong == 0:
        tag = {"tag": "as planted", "kind": "ok"}
    else:
        tag = {"tag": f"{wrong} of {len(judged)} not as planted", "kind": "warn"}
    return [
        {
            "title": "Motifs, order and distance by perturbation",
            **tag,
            "texts": texts or ["No effect was planted, and none is significant."],
            "details": [_HOW_OF_NUMBERS if first.quantitative else _HOW],
        }
    ]


def section(experiment, settings):
    """What the template shows of one experiment."""
    table = _all_tests(experiment)
    if not experiment.simulated:
        table = readable(table, ["first", "second"], _known(experiment, settings))
    found = table
    if experiment.quantitative and len(table) > _MOST_ROWS:
        nothing = table["verdict"].isin(["true_negative", "not_found", "untested"])
        found = table[~nothing | (table["kind"] == PRESENCE)]
    return {
        "left_out": len(table) - len(found),
        "rows": [_row(row, experiment.quantitative) for _, row in found.iterrows()],
        "quantitative": experiment.quantitative,
        "several": table["target"].nunique() > 1,
        "judged": bool(table["verdict"].notna().any()),
        "truth": experiment.simulated,
        "threshold": f"{settings['q_threshold']:g}",
        "fraction": f"{settings['min_effect_fraction']:.0%}".replace("%", " %"),
        "figures": methods.captioned(experiment, "motif_tests", _FIGURES, settings),
    }


def _known(experiment, settings):
    """The motifs of the databases, under the names of the tests."""
    databases = {
        name: experiment.results.once(
            read_written_meme, "databases", f"{name}.meme"
        ).motifs
        for name in settings["databases"]
    }
    if len(databases) == 1:
        return next(iter(databases.values()))
    return pool_targets(databases, {})


def _all_tests(experiment):
    """The tests, and those within the planted range."""
    tests, same_side = (
        experiment.table("motif_tests", name) for name in ("table.tsv", "same_side.tsv")
    )
    # An empty table would turn the numbers' columns into objects.
    return pd.concat([tests, same_side], ignore_index=True) if len(same_side) else tests


def _words(row):
    """Name a test: order of STAT and CTCF."""
    if row["first"] == row["second"]:
        return f"{row['kind']} of copies of {row['first']}"
    second = "" if is_missing(row["second"]) else f" and {row['second']}"
    return f"{row['kind']} of {row['first']}{second}"


def _verdict(value):
    """Words and kind of a verdict."""
    return ("", "") if is_missing(value) else _VERDICTS[value]


def _row(row, quantitative=False):
    """One test, ready to be written."""
    number = significant if quantitative else decimal
    changed = "change" if quantitative else "increase"
    verdict, kind = _verdict(row["verdict"])
    if row["verdict"] == "untested":
        verdict = row["note"]  # why
    if row["expected"] == "open":
        verdict = "either agrees with the rule"
    return {
        "name": _words(row),
        "target": row["target"],
        "verdict": verdict,
        "kind": kind,
        "effect": _cell(
            row["effect"],
            number,
            _between(row, number)
            if quantitative
            else interval(row["ci_low"], row["ci_high"]),
        ),
        "increase": _cell(row[changed], number),
        "control": _cell(row["control"], number),
        "planted": _cell(row.get("planted"), number),
        "loss": _cell(row.get("loss"), number),
        "q": _cell(row["q"], scientific),
        "n": _cell(row["n"], count),
    }


def _between(row, number):
    """The interval of a quantity, whose unit may be any."""
    if is_missing(row["ci_low"]):
        return ""
    return f"[{number(row['ci_low'])}, {number(row['ci_high'])}]"


def _cell(value, written, between=""):
    """A number of the table, with what it is sorted by and its interval."""
    return {"shown": written(value), "exact": exact(value), "interval": between}
