"""What a biologist reads once of a dataset: how well, of what, and found by whom."""

import re
from statistics import fmean

from proofread.report import methods
from proofread.report.measures import NUMBERS, measure_for
from proofread.report.network import BASELINES, NOISE_CEILING, cell
from proofread.report.numbers import counted, is_missing, listed, short
from proofread.report.verdicts import CLAUSES, grouped, verb_of
from proofread.truth.at_fault import RECOVERED
from proofread.truth.recovery import NO_CONTROL

_NAMED = 3  # methods that are named; more are counted


def describe(models, settings):
    """The sentence of one dataset.

    Parameters
    ----------
    models : list of list of proofread.report.results.Experiment
        The seeds of each model on the dataset.
    settings : dict
        By method: its entry of the configuration.

    Returns
    -------
    list of str
        One for each model.
    """
    several = len(models) > 1
    return [_sentence(seeds, settings, several) for seeds in models]


def learned(experiments):
    """The networks of which something may be stated."""
    return [
        item
        for item in experiments
        if item.standing["stated"] and not item.random_labels
    ]


def _sentence(seeds, settings, several):
    first, able = seeds[0], learned(seeds)
    name = _networks(seeds, several)
    aurocs = _mean("network", seeds)
    if first.random_labels:
        return _of_random_labels(seeds, name, aurocs)
    if first.table("metrics.tsv").empty:
        return (
            "The sequences have no labels: how well"
            f" {_lowered(name)} {_verb('predict', seeds)} them is unknown, and no"
            " finding is stated."
        )
    if not able:
        if aurocs is None:
            return (
                f"The {_measure(seeds).name} of {_lowered(name)} is not defined: no"
                " finding is stated."
            )
        numbers = _numbers(seeds)
        than = "GC content" if _above_chance(seeds) else _measure(seeds).nothing_name
        return (
            f"{name} {_verb('predict', seeds)} {_what(seeds)} no better than {than}"
            f" {numbers}, so that no finding is stated."
        )
    uses = methods.clauses(able, settings)
    use = [text for text in uses if text.startswith(("use ", "do not use", "are "))]
    others = [text for text in uses if text not in use]
    if len(able) < len(seeds):
        name = f"{len(able)} of {_lowered(name).removeprefix('the ')}"
    predicts = f"{name} {_verb('predict', able)} {_what(able)} {_grade(able)}"
    parts = [
        " and ".join([f"{predicts} {_numbers(able)}", *_conjugated(use, able)]),
        *others,
        *_recovery(able),
    ]
    return f"{'; '.join(parts)}."


def _above_chance(seeds):
    """Whether every network is better than chance, for every target."""
    lows = [
        row["ci_low"]
        for item in seeds
        for table in [item.table("metrics.tsv")]
        for target in table["target"].unique()
        if (row := cell(table, "network", target, _measure(seeds).metric)) is not None
    ]
    return all(low > _measure(seeds).nothing for low in lows)


def _measure(seeds):
    return measure_for(seeds[0])


def _of_random_labels(seeds, name, auroc):
    numbers = "" if auroc is None else f" (AUROC {short(auroc)})"
    # The sentence is empty where a network rightly predicts nothing.
    if all(not item.standing["stated"] for item in seeds) and not any(
        item.standing["sentence"] for item in seeds
    ):
        return (
            f"The labels are random, and {_lowered(name)} rightly"
            f" {_verb('predict', seeds)} nothing{numbers}: there is nothing to find."
        )
    return (
        f"The labels are random, but {_lowered(name)} {_verb('do', seeds)} not stay at"
        f" chance{numbers}: this is by chance or an error, and no finding is stated."
    )


def _networks(seeds, several):
    """What the networks are called at the beginning of a sentence."""
    if several:
        return f"{counted(len(seeds), 'network')} ({seeds[0].model})"
    return "The network" if len(seeds) == 1 else f"The {len(seeds)} networks"


def _lowered(name):
    return name[:1].lower() + name[1:]


def _verb(verb, seeds):
    if len(seeds) > 1:
        return verb
    return {"do": "does"}.get(verb, f"{verb}s")


def _conjugated(texts, seeds):
    """Clauses of one network: uses, does not use, is sensitive."""
    if len(seeds) > 1:
        return texts
    result = []
    for text in texts:
        text = text.replace("do not use", "does not use")
        text = re.sub(r"\bare (?=(also )?sensitive)", "is ", text)
        result.append(f"uses {text[4:]}" if text.startswith("use ") else text)
    return result


def _targets(experiment):
    """The targets of which something is stated; all of a network without any."""
    targets = experiment.table("metrics.tsv")["target"].unique()
    weak = experiment.standing["weak"] if learned([experiment]) else []
    return [target for target in targets if target not in weak]


def _what(seeds):
    """What is predicted: the target, or how many of them."""
    every = seeds[0].table("metrics.tsv")["target"].unique()
    if len(every) == 1:
        return every[0]
    targets = {target for item in seeds for target in _targets(item)}
    if len(targets) < len(every):
        return f"{len(targets)} of {len(every)} targets of {seeds[0].dataset}"
    return f"the {len(every)} targets of {seeds[0].dataset}"


def _mean(predictor, seeds, metric=None):
    """Mean over networks and stated targets; None where none is measured.

    Of the metric that decides, or of another one.
    """
    metric = metric or _measure(seeds).metric
    values = []
    for item in seeds:
        table = item.table("metrics.tsv")
        for target in _targets(item):
            row = cell(table, predictor, target, metric)
            if row is not None and not is_missing(row["value"]):
                values.append(row["value"])
    return fmean(values) if values else None


def _grade(seeds):
    measure = _measure(seeds)
    # Only of simulated numbers the best possible value is known, and is not 1.
    best = _mean(NOISE_CEILING, seeds[:1])
    reached = _mean("network", seeds) / (1 if best is None or best <= 0 else best)
    if reached >= measure.well:
        return "well"
    return "fairly well" if reached >= measure.fairly else "weakly"


def _numbers(seeds):
    """Metrics of the networks and of what they are compared with, in brackets."""
    measure = _measure(seeds)
    if measure == NUMBERS:
        return _of_numbers(seeds)
    parts = [("AUROC", _mean("network", seeds))]
    parts += [(name, _mean(key, seeds[:1])) for key, name in BASELINES.items()]
    said = [f"{name} {short(value)}" for name, value in parts if value is not None]
    if len(said) == 1:
        said.append(f"chance {measure.nothing:g}")
    return f"({', '.join(said)})"


def _of_numbers(seeds):
    """R² and Pearson's correlation of the networks; R² of what they stand beside."""
    own = [
        ("R²", _mean("network", seeds)),
        ("Pearson", _mean("network", seeds, "pearson")),
    ]
    others = [(f"{name} R²", _mean(key, seeds[:1])) for key, name in BASELINES.items()]
    others.append(("noise ceiling", _mean(NOISE_CEILING, seeds[:1])))
    said = [
        ", ".join(f"{name} {short(value)}" for name, value in part if value is not None)
        for part in (own, others)
    ]
    return f"({'; '.join(filter(None, said))})"


def _recovery(seeds):
    """How many methods recover the truth, and which do not."""
    rows = [row for row in methods.recovered(seeds) if row.word != NO_CONTROL]
    if not rows:
        return []
    what = "what was planted" if seeds[0].simulated else "the known sites"
    groups = grouped(rows)
    good = len(groups.pop(RECOVERED, []))
    if good == len(rows):
        every = {1: "the only method recovers", 2: "both methods recover"}
        return [f"{every.get(good, f'all {good} methods recover')} {what}"]
    verb = verb_of(good, "recover")
    parts = [
        f"{good} of {counted(len(rows), 'method')} {verb} {what}"
        if good
        else f"no method recovers {what}"
    ]
    for word, members in groups.items():
        names = [methods.named(row) for row in members]
        who = listed(names) if len(names) <= _NAMED else f"{len(names)} others"
        parts.append(f"{who} {CLAUSES[word][methods.plural(members)]}")
    return parts
