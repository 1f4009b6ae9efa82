"""Datasets with quantitative targets: they have no classes, and what needs none.

Imported by the Snakefile's own process: no data are read.
"""

from proofread.configuration.labels import has_labels, is_quantitative
from proofread.errors import InputError

# Methods that know what to do with a number in place of a class.
QUANTITATIVE_METHODS = frozenset(
    {
        # one a line
        "faithfulness",
        "long_sequence_scan",
    }
)

# How a dataset of these sources has classes in place of numbers.
_CLASSES_INSTEAD = {
    "table": ", or make classes of the numbers with label_threshold",
    "bed": ", or make classes of the numbers: positives, and negatives: {column: ..., "
    "label_threshold: ...}",
}

# Settings that make classes of numbers, or sequences of a class.
_OF_CLASSES = {
    "label_threshold": "label_threshold makes classes of numbers",
    "negatives": "negatives are a class",
    "positives": "positives are a class",
}


def check_quantities(settings, where):
    """Check that a dataset has classes or numbers, and the settings of one of them.

    Parameters
    ----------
    settings : dict
        Of a dataset, with every default filled in.
    where : str
        Its position in the configuration.

    Raises
    ------
    InputError
        If a setting of classes stands beside `target_type: quantitative`, or a setting
        of numbers beside classes.
    """
    if is_quantitative(settings):
        _check_numbers(settings, where)
        return
    if settings.get("transform", "none") != "none":
        raise InputError(
            f"{where}.transform",
            f"{settings['transform']}, and the targets are binary",
            "a transform of numbers",
            _remedy_of_transform(settings["source"]),
        )
    if settings.get("intervals") is not None:
        raise InputError(
            f"{where}.intervals",
            "intervals with a number each, and the targets are binary",
            "target_type: quantitative, or positives and negatives",
            "set target_type: quantitative",
        )


def _check_numbers(settings, where):
    for key, reason in _OF_CLASSES.items():
        if settings.get(key) is not None:
            raise InputError(
                f"{where}.{key}",
                f"{key} with target_type: quantitative",
                f"no such setting: {reason}, and a quantitative target has none",
                f"remove {key}, or set target_type: binary"
                + _instead(settings["source"]),
            )
    if settings["source"] == "bed" and settings["intervals"] is None:
        raise InputError(
            where,
            "no 'intervals'",
            "intervals: the BED file, and the column with the number of each interval",
            "add a line 'intervals: {path: ..., column: ...}' there",
        )
    if settings["source"] == "fasta" and has_labels(settings):
        raise InputError(
            f"{where}.target_type",
            "quantitative, and FASTA has no numbers",
            "a table of numbers, with the sequences in it or in a FASTA file",
            "set source: table",
        )


def _remedy_of_transform(source):
    # Of a simulated dataset, the rule decides what the labels are.
    numbers = "write rule: effects"
    if source != "simulate":
        numbers = "set target_type: quantitative"
    return f"{numbers}, or remove transform"


def _instead(source):
    if source == "bed":
        return "; the numbers are in intervals: {path: ..., column: ...}"
    return "; FASTA has no numbers: use source: table" if source == "fasta" else ""


def check_row(row, config, where):
    """Refuse a method that needs classes, for a dataset without them.

    Parameters
    ----------
    row : dict of str to str
        Of the experiments table.
    config : dict
        From `check_configuration`.
    where : str
        The table and the row.

    Raises
    ------
    InputError
        With the setting and the remedy.
    """
    name = row["dataset"]
    if not is_quantitative(config["datasets"][name]):
        return
    for method in config["analyses"]:
        if method not in QUANTITATIVE_METHODS:
            allowed = sorted(QUANTITATIVE_METHODS)
            raise InputError(
                where,
                f"{method} on {name!r}, whose targets are quantitative",
                "a method for quantitative targets: "
                + (", ".join(allowed) if allowed else "there is none yet"),
                f"take {method} out of 'analyses'"
                + _CLASSES_INSTEAD.get(config["datasets"][name]["source"], ""),
            )
