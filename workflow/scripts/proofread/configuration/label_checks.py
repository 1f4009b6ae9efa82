"""What datasets without labels, and those that are one test split, allow.

Imported by the Snakefile's own process: no data are read.
"""

from proofread.configuration.labels import ALL, has_labels, is_quantitative
from proofread.configuration.schema import SCHEMAS, described, schema_of
from proofread.errors import InputError


def check_labels(settings, where):
    """Check that a dataset has both classes, or no labels and what that needs.

    Parameters
    ----------
    settings : dict
        Of a dataset, with every default filled in.
    where : str
        Its position in the configuration.

    Raises
    ------
    InputError
        If a part is missing, or cannot be used without labels.
    """
    if settings["source"] == "fasta":
        _check_fasta(settings, where)
    if settings["source"] == "bed" and not is_quantitative(settings):
        _check_classes("bed", settings, where, "")
    if has_labels(settings):
        return
    # What makes or reads labels, in a table that has none.
    for key in ("negatives", "label_threshold"):
        if settings["source"] == "table" and settings[key] is not None:
            raise InputError(
                f"{where}.{key}",
                f"{key}, with missing_labels: all",
                "no such setting for sequences without labels",
                f"remove {key}, or set missing_labels: error",
            )
    if settings["split"]["by"] != ALL:
        raise InputError(
            f"{where}.split",
            f"a split by {settings['split']['by']} of sequences without labels",
            "split: all, since no network can be trained on them",
            "write split: all",
        )


def _check_fasta(settings, where):
    classes = [key for key in ("positives", "negatives") if settings[key] is not None]
    if settings["sequences"] is not None:
        if classes:
            raise InputError(
                where,
                f"both sequences, which have no labels, and {classes[0]}",
                "sequences alone, or positives and negatives",
                f"remove sequences, or {' and '.join(classes)}",
            )
        return
    others = "; or 'sequences' alone, which have no labels"
    _check_classes("fasta", settings, where, others)
    if not isinstance(settings["target"], str):
        raise InputError(
            f"{where}.target",
            f"{len(settings['target'])} names",
            "one name, since the files give the classes of one target",
            "write one name; a table may have several targets (source: table)",
        )


def _check_classes(source, settings, where, others):
    """Refuse a dataset without one of its classes; `others` says what else it has."""
    schema = schema_of(source, SCHEMAS / "datasets")
    for key in ("positives", "negatives"):
        if settings[key] is None:
            raise InputError(
                where,
                f"no {key!r}",
                f"{key}: {described(schema['properties'][key])}{others}",
                f"add a line '{key}: ...' there",
            )


def check_row(row, config, where):
    """Refuse a network or a method that its dataset does not allow.

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
        If the dataset has no training split and the network is trained here or a method
        reads that split, or if a method needs labels, or takes those of one class, and
        the dataset has none.
    """
    name = row["dataset"]
    dataset = config["datasets"][name]
    if dataset["split"]["by"] == ALL:
        _check_untrained(row, config, where)
    if has_labels(dataset):
        return
    for method in config["analyses"]:
        needed = schema_of(method, SCHEMAS / "methods").get("needs_labels")
        settings = config["methods"][method]
        if settings.get("classes", "both") != "both":
            raise InputError(
                where,
                f"methods.{method}.classes {settings['classes']}, and the sequences of "
                f"{name!r} have no labels",
                "classes: both, which takes all of them",
                "write classes: both there",
            )
        # `true`, or the setting without which the method needs labels.
        if needed is True or (needed and settings[needed] is None):
            without = (
                "" if needed is True else f", and methods.{method}.{needed} is null"
            )
            give = "" if needed is True else f"give methods.{method}.{needed}, "
            raise InputError(
                where,
                f"{method} on {name!r}, whose sequences have no labels{without}",
                f"labels, which {method} compares with the predictions"
                if needed is True
                else f"labels, or a {needed}",
                f"{give}give labels, or take {method} out of 'analyses'",
            )


def _check_untrained(row, config, where):
    """Nothing is trained on, or read from, splits that are empty."""
    name = row["dataset"]
    if "import" not in config["models"][row["model"]]:
        raise InputError(
            where,
            f"model {row['model']!r} is to be trained on {name!r}, whose sequences are "
            "all in the test split (split: all)",
            "a model that is imported (docs/user_model.md), or sequences to train on",
            f"remove split: all from datasets.{name}, or import a trained model",
        )
    for method in config["analyses"]:
        split = config["methods"][method].get("split")
        if split in ("train", "validation"):
            raise InputError(
                where,
                f"methods.{method}.split {split}, and the sequences of {name!r} are "
                "all in the test split (split: all)",
                "test or all",
                f"write split: test under methods.{method}",
            )
