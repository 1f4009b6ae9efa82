"""Datasets with quantitative targets: they have no classes and no probabilities.

Imported by the Snakefile's own process: no data are read.
"""

from proofread.configuration.labels import has_labels, is_quantitative
from proofread.errors import InputError

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
