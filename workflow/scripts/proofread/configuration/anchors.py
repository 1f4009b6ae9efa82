"""The position that all sequences of a dataset share, such as a transcription start.

Imported by the Snakefile's own process: it costs nothing.
"""

from proofread.errors import InputError


def with_anchor(settings, datasets):
    """Settings of a method for its rule; a null anchor becomes that of the dataset.

    Parameters
    ----------
    settings : dict
        Of the method; `anchor` is a position, or None.
    datasets : dict of str to dict
        Their settings; those of simulated datasets have no `anchor`.

    Returns
    -------
    dict
        The same with `anchor` as a function of the wildcards, among them `dataset`.
    """

    def anchor(wildcards):
        return anchored(settings, datasets[wildcards.dataset])["anchor"]

    return settings | {"anchor": anchor}


def anchored(settings, dataset):
    """Settings of a method for a dataset.

    Parameters
    ----------
    settings : dict
        Of the method; not all methods have an `anchor`.
    dataset : dict
        Its settings.

    Returns
    -------
    dict
        The same with the dataset's `anchor` if that of the method is None.
    """
    if "anchor" not in settings or settings["anchor"] is not None:
        return settings
    return settings | {"anchor": dataset.get("anchor")}


def check_anchor(anchor, length, where):
    """Refuse an anchor of a dataset that is not a position of its sequences.

    Parameters
    ----------
    anchor, length : int or None
        Of a dataset. A length of None is that of the longest sequence, which is not
        known before the files are read.
    where : str
        The dataset's position in the configuration.

    Raises
    ------
    InputError
    """
    if anchor is None:
        return
    if length is None:
        raise InputError(
            where,
            f"anchor {anchor} without a length",
            "a length in bp; the anchor is a position below it, 0-based",
            "add a line 'length: ...' there, the length of your sequences",
        )
    if anchor >= length:
        raise InputError(
            f"{where}.anchor",
            f"position {anchor} of sequences of {length} bp",
            f"0 to {length - 1}: it counts from 0",
            "correct anchor, or length",
        )
