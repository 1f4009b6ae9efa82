"""What the labels of a dataset are, and datasets that are one test split.

Pure Python: the Snakefile imports it.
"""

ALL = "all"  # of split: every sequence is in the test split
QUANTITATIVE = "quantitative"  # of target_type: the labels are numbers, not classes


def with_split(entry):
    """A dataset's entry as the user wrote it, `split: all` written as a mapping."""
    if isinstance(entry, dict) and entry.get("split") == ALL:
        return {**entry, "split": {"by": ALL}}
    return entry


def has_labels(settings):
    """Whether the sequences of a dataset have labels.

    Parameters
    ----------
    settings : dict
        Of a dataset, with every default filled in.
    """
    if settings["source"] == "fasta":
        return settings["sequences"] is None
    return settings.get("missing_labels") != "all"


def is_quantitative(settings):
    """Whether the targets of a dataset are numbers, such as a measured activity.

    Parameters
    ----------
    settings : dict
        Of a dataset. Without a `target_type` its targets are binary.
    """
    return settings.get("target_type") == QUANTITATIVE


def target_types(datasets):
    """Whether the targets of each dataset are `binary` or `quantitative`, by its name.

    Parameters
    ----------
    datasets : dict of str to dict
        Of the checked configuration.
    """
    return {
        name: QUANTITATIVE if is_quantitative(settings) else "binary"
        for name, settings in datasets.items()
    }
