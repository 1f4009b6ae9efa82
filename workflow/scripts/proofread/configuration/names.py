"""The names of the motifs and targets of a dataset, from its settings alone.

Imported by the Snakefile's own process: it costs nothing.
"""

# A decoy that is the motif itself.
ITSELF = "itself"


def decoy_name(decoy):
    """Name of a decoy in the truth, such as CTCF_known1 or CTCF_known1_shuffled."""
    kind = decoy["as"]
    return decoy["motif"] if kind == ITSELF else f"{decoy['motif']}_{kind}"


def planted_names(settings):
    """Names of the motifs and decoys that a simulation plants.

    Parameters
    ----------
    settings : dict
        Of a dataset, with every default filled in.

    Returns
    -------
    list of str or None
        None for sequences of the user, whose motifs are not known.
    """
    if settings["source"] != "simulate":
        return None
    return [*settings["motifs"], *map(decoy_name, settings["decoys"])]


def target_names(settings):
    """Names of the predictions.

    Parameters
    ----------
    settings : dict
        Of a dataset, with every default filled in.

    Returns
    -------
    list of str or None
        None if only the data file holds them.
    """
    if settings["source"] == "simulate":
        return list(settings["targets"] or [settings["rule"]])
    if settings["source"] == "basset":
        return None  # the names are in the file
    return [settings["target"]] if "target" in settings else list(settings["targets"])
