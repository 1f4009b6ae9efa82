"""The settings of rule effects: which motifs add to a number, and in which form.

Pure Python: the Snakefile imports it.
"""

from itertools import combinations

from proofread.configuration.labels import QUANTITATIVE, is_quantitative
from proofread.configuration.suggestions import advice
from proofread.errors import InputError

EFFECTS = "effects"
# Settings of this rule alone, and those that it shares with rule pool.
KEYS = (
    "effects",
    "interactions",
    "position",
    "gc_slope",
    "baseline",
    "noise",
    "transform",
    "target_type",
    "motif_weights",
    "motifs_per_sequence",
    "even_gaps",
)
ADDITIVE, MULTIPLICATIVE = "additive", "multiplicative"
DISTANCE_DECAY, SATURATING = "distance_decay", "saturating"
PAIR_FORMS = (MULTIPLICATIVE, DISTANCE_DECAY)  # that add an effect of their own
# The numbers of each form; those with a default may be left out.
_NUMBERS = {
    ADDITIVE: {},
    MULTIPLICATIVE: {"effect": None},
    DISTANCE_DECAY: {"effect": None, "decay_length": None},
    SATURATING: {"half": 1, "hill": 1},
}
_MEANING = {
    "effect": "what two best instances add together to their own effects",
    "decay_length": "the gap in bp at which this effect has fallen to 1/e",
}
GAUSSIAN, POISSON = "gaussian", "poisson"


def with_effects(settings, where):
    """The settings of a simulated dataset, checked and completed under rule effects.

    Parameters
    ----------
    settings : dict
        With the defaults of the schema; left unchanged.
    where : str
        Their position in the configuration, for messages.

    Returns
    -------
    dict
        `motifs` are the names under `effects`, `target_type` is quantitative, and each
        interaction has the numbers of its form. The same settings under another rule.

    Raises
    ------
    InputError
        If the settings contradict each other.
    """
    if settings["rule"] != EFFECTS:
        if is_quantitative(settings):
            raise InputError(
                f"{where}.target_type",
                f"quantitative under rule {settings['rule']}, which makes classes",
                "target_type: quantitative for rule effects only",
                f"remove the key, or write rule: {EFFECTS}",
            )
        return settings
    effects = settings["effects"]
    if not effects:
        raise InputError(
            f"{where}.effects",
            "no effects under rule effects",
            "the effect of each motif: {STAT_known2: 1.0, CTCF_known1: -0.5}",
            "add them",
        )
    names = list(effects)
    if settings["motifs"] and sorted(settings["motifs"]) != sorted(names):
        raise InputError(
            f"{where}.motifs",
            f"{', '.join(settings['motifs'])}; the motifs under effects are "
            f"{', '.join(names)}",
            "no motifs under rule effects, or the same names",
            "remove the key",
        )
    _check_labels(settings, where)
    for name, factor in (settings["position"] or {}).items():
        _check_name(name, names, f"{where}.position")
        if factor["centre"] > settings["length"]:
            raise InputError(
                f"{where}.position.{name}.centre",
                f"{factor['centre']:g}, beyond the sequence",
                f"at most the length, {settings['length']} bp",
                "lower it",
            )
    interactions = [
        _interaction(item, names, f"{where}.interactions, item {number}")
        for number, item in enumerate(settings["interactions"], start=1)
    ]
    _check_once(interactions, effects, f"{where}.interactions")
    complete = {
        **settings,
        "motifs": names,
        "interactions": interactions,
        "target_type": QUANTITATIVE,
    }
    if not effective_motifs(complete) and not settings["gc_slope"]:
        raise InputError(
            f"{where}.effects",
            "0 for every motif, without an interaction and with gc_slope 0",
            "something that the value depends on",
            "give at least one motif an effect, or choose rule none for random labels",
        )
    _check_noise(settings, f"{where}.noise")
    return complete


def effective_motifs(settings):
    """Names of the motifs that the value depends on, in the order of `effects`.

    Parameters
    ----------
    settings : dict
        Complete, under rule effects.
    """
    together = {name for item in pairs_of(settings) for name in item["motifs"]}
    return [
        name
        for name, effect in settings["effects"].items()
        if effect != 0 or name in together
    ]


def pairs_of(settings):
    """The interactions that add an effect of two motifs together."""
    return [item for item in settings["interactions"] if item["form"] in PAIR_FORMS]


def _check_labels(settings, where):
    """Refuse what is said of classes."""
    if settings["target_type"] not in (None, QUANTITATIVE):
        raise InputError(
            f"{where}.target_type",
            f"{settings['target_type']} under rule effects",
            "quantitative: the labels are numbers",
            "remove the key",
        )
    for key in ("positive_fraction", "hard_fraction"):
        if settings[key] != 0.5:
            raise InputError(
                f"{where}.{key}",
                f"{settings[key]} under rule effects",
                f"no {key}: the labels are numbers, without positives and negatives",
                "remove the key",
            )


def _check_name(name, names, where):
    if name not in names:
        raise InputError(
            where,
            f"{name!r} is not among the motifs under effects",
            f"some of {', '.join(names)}",
            advice(name, names, "add it to effects (0 is no effect), or remove it"),
        )


def _interaction(item, names, where):
    """An interaction with the numbers of its form, and no others."""
    form, motifs = item["form"], item["motifs"]
    for name in motifs:
        _check_name(name, names, where)
    if len(set(motifs)) < len(motifs):
        twice = next(name for name in motifs if motifs.count(name) > 1)
        raise InputError(
            where,
            f"{twice} with itself",
            "different motifs; the copies of one motif add up, or follow a Hill curve",
            f"correct it, or write {{motifs: [{twice}], form: saturating}}",
        )
    if form != SATURATING and len(motifs) != 2:
        raise InputError(
            f"{where}.motifs",
            f"{len(motifs)} motifs of the form {form}",
            "two motifs",
            "write an item for each pair",
        )
    for key in ("effect", "decay_length", "half", "hill"):
        if key not in _NUMBERS[form] and item[key] is not None:
            allowed = [other for other in _NUMBERS if key in _NUMBERS[other]]
            raise InputError(
                f"{where}.{key}",
                f"{key} of the form {form}",
                f"{key} of the form {' or '.join(allowed)} only",
                "remove the key, or change the form",
            )
    numbers = {
        key: default if item[key] is None else item[key]
        for key, default in _NUMBERS[form].items()
    }
    for key, value in numbers.items():
        if value is None:
            raise InputError(
                where,
                f"no {key!r} of the form {form}",
                f"{key}: {_MEANING[key]}",
                f"add {key}",
            )
    if numbers.get("effect") == 0:
        raise InputError(
            f"{where}.effect",
            f"0 of the form {form}",
            "a number other than 0, or the form additive",
            "write form: additive, without an effect",
        )
    return {**item, **numbers}


def _check_once(interactions, effects, where):
    """Refuse a pair with two forms, and curves that no number defines."""
    seen, curves = {}, {}
    for number, item in enumerate(interactions, start=1):
        at = f"{where}, item {number}"
        for pair in map(frozenset, combinations(item["motifs"], 2)):
            if pair in seen:
                raise InputError(
                    at,
                    f"{' and '.join(sorted(pair))}, as in item {seen[pair]}",
                    "each pair once, in either order",
                    "remove one of the two",
                )
            seen[pair] = number
        if item["form"] != SATURATING:
            continue
        for name in item["motifs"]:
            if name in curves:
                raise InputError(
                    at,
                    f"{name}, which is saturating in item {curves[name]}",
                    "each motif in one Hill curve",
                    "join the two items, or remove the motif from one",
                )
            curves[name] = number
        signs = {(effects[name] > 0) - (effects[name] < 0) for name in item["motifs"]}
        if len(signs) > 1 or 0 in signs:
            listed = ", ".join(f"{name} {effects[name]:g}" for name in item["motifs"])
            raise InputError(
                at,
                f"a Hill curve of the effects {listed}",
                "effects other than 0, all positive or all negative",
                "change the effects, or remove a motif from the item",
            )


def _check_noise(settings, where):
    noise = settings["noise"]
    if noise is None:
        return
    ratio = noise["signal_to_noise"]
    if noise["kind"] == GAUSSIAN and ratio is None:
        raise InputError(
            where,
            "no 'signal_to_noise' of Gaussian noise",
            "signal_to_noise: the variance without noise, divided by that of the noise",
            "add it; with 4 a perfect network reaches an R² of 0.8",
        )
    if noise["kind"] == POISSON and ratio is not None and settings["baseline"]:
        raise InputError(
            f"{where}.signal_to_noise",
            f"{ratio:g} together with baseline {settings['baseline']:g}",
            "one of the two: both say how large the counts are",
            "remove one of the two",
        )
