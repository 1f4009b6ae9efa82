"""Datasets with quantitative targets: they have no classes and no probabilities.

Imported by the Snakefile's own process: no data are read.
"""

from proofread.configuration.labels import has_labels, is_quantitative
from proofread.configuration.schema import SCHEMAS, schema_of
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


def check_row(row, config, where):
    """Refuse settings of methods that need classes, for a dataset without them.

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
        _check_settings(method, name, config, where)


def _check_settings(method, name, config, where):
    """Refuse settings that need classes or probabilities (`binary_only`, schema)."""
    schema = schema_of(method, SCHEMAS / "methods")
    for rule in schema.get("binary_only", []):
        value = config["methods"][method]
        for part in rule["key"].split("."):
            value = value[part]
        of_list = isinstance(value, list)
        if rule["value"] not in (value if of_list else [value]):
            continue
        wrong, instead = (_written(rule[key]) for key in ("value", "instead"))
        line = f"{instead} in its place"
        if not of_list:
            line = f"{rule['key'].split('.')[-1]}: {instead} there"
        raise InputError(
            where,
            f"methods.{method}.{rule['key']}: {wrong}, and the targets of {name!r} are "
            "quantitative",
            f"{instead}: {rule['why']}",
            f"write {line}, or explain this dataset with a configuration of its own",
        )


def _written(value):
    """A value as YAML has it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
