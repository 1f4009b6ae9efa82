"""Which datasets the study "rule recovered" is about, and what it needs.

Imported by the Snakefile's own process: no NumPy, and no data is read.
"""

from itertools import product

from proofread.configuration.logic import parse
from proofread.configuration.names import planted_names
from proofread.errors import InputError

# The rules that can be predicted; `logic` is that both motifs are there.
RULES = ("none", "presence", "logic", "order", "distance")
METHODS = ("motif_tests", "motif_insertion")  # whose answers it reads


def recovered_datasets(datasets):
    """The datasets whose rule is predicted, with this rule and the simulation's seed.

    Parameters
    ----------
    datasets : dict
        Of the checked configuration.

    Returns
    -------
    dict of str to dict
        `rule` and `seed` of each simulated dataset of one of `RULES` with two planted
        motifs and one target: `presence` of one of them, `logic` of both (and). Other
        datasets have no true rule among those that can be predicted.
    """
    return {
        name: {"rule": settings["rule"], "seed": settings["seed"]}
        for name, settings in datasets.items()
        if settings["source"] == "simulate" and _counts(settings)
    }


def _counts(settings):
    rule, motifs = settings["rule"], settings["motifs"]
    if rule not in RULES or len(motifs) != 2 or settings["targets"]:
        return False
    if rule == "presence":
        return len(settings["positive_motifs"] or ()) == 1
    if rule == "logic":
        return settings["logic"] is not None and _needs_both(settings["logic"], motifs)
    return True


def _needs_both(expression, motifs):
    """Whether the expression is true with both motifs, and only then."""
    parsed = parse(expression, motifs, "logic")
    return all(
        bool(parsed.holds(dict(zip(motifs, present, strict=True)))) == all(present)
        for present in product((False, True), repeat=2)
    )


def check_recovered(checked, config_path):
    """Refuse a study without the methods whose answers it reads.

    Parameters
    ----------
    checked : dict
        The configuration, complete.
    config_path : str
        What to call it in a message.

    Raises
    ------
    InputError
        If a method whose answers are read does not run.
    """
    if not checked["recovered"]:
        return
    if missing := [name for name in METHODS if name not in checked["analyses"]]:
        raise InputError(
            f"{config_path}: recovered",
            f"true, without {' and '.join(missing)} in analyses",
            f"{' and '.join(METHODS)}, from whose answers the rule is predicted",
            f"add {' and '.join(missing)} to analyses, or set recovered to false",
        )


def check_recovered_rows(rows, config, path):
    """Refuse experiments in which a rule cannot be predicted.

    Parameters
    ----------
    rows : list of (int, dict of str to str)
        Of the experiments table, with their numbers.
    config : dict
        The configuration, complete.
    path : str
        Of the table.

    Raises
    ------
    InputError
        If no dataset counts, a method tests other motifs than the two of a dataset, or
        the planted range makes a curve of `motif_tests` longer than its `max_gap`.
    """
    if not config["recovered"]:
        return
    datasets = recovered_datasets(config["datasets"])
    rows = [(number, row) for number, row in rows if row["dataset"] in datasets]
    if not rows:
        raise InputError(
            path,
            "no dataset whose rule can be predicted, but recovered is true",
            f"simulated datasets of the rules {', '.join(RULES)}, with two motifs and "
            "one target (docs/studies.md)",
            "add a row with one, or set recovered to false in the configuration",
        )
    longest = config["methods"]["motif_tests"]["max_gap"]
    for number, row in rows:
        settings = config["datasets"][row["dataset"]]
        for method in METHODS:
            _check_tested(settings, method, config, row, f"{path}, row {number}")
        if settings["rule"] == "distance" and 2 * settings["max_gap"] > longest:
            raise InputError(
                f"{path}, row {number}",
                f"methods.motif_tests.max_gap {longest}, and the largest planted gap "
                f"of {row['dataset']} is {settings['max_gap']} bp",
                f"at least {2 * settings['max_gap']}, twice that gap: else motif_tests "
                "reads the length of its curve from the planted range",
                "raise methods.motif_tests.max_gap, or lower max_gap of the dataset",
            )


def _check_tested(dataset, method, config, row, where):
    """Answers on one motif, or on a decoy, too, give no feature (`cannot say`)."""
    settings, motifs = config["methods"][method], dataset["motifs"]
    key, tested = "motifs", settings["motifs"]
    remedy = f"remove the key, and set methods.{method}.max_motifs to 2"
    if tested is None:
        key, tested = "max_motifs", planted_names(dataset)[: settings["max_motifs"]]
        remedy = "set it to 2: the motifs come before the decoys"
    if set(tested) != set(motifs):
        raise InputError(
            where,
            f"methods.{method}.{key} gives {', '.join(tested)}",
            f"{' and '.join(motifs)}, the motifs of the dataset {row['dataset']}, and "
            "no others, because recovered compares the answers on both",
            remedy,
        )
