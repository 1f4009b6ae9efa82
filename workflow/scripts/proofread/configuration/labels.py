"""Datasets without labels, and those that are one test split.

Pure Python: the Snakefile imports it.
"""

ALL = "all"  # of split: every sequence is in the test split


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
