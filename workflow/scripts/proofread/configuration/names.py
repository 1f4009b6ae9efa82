"""What the motifs and targets of a dataset will be called, from its settings alone.

Imported by the Snakefile's own process: it costs nothing.
"""

# What a decoy is made of, if it is the motif and nothing like it.
ITSELF = "itself"


def decoy_name(decoy):
    """Name of a decoy in the truth: the motif's, or what was made of it."""
    made = decoy["as"]
    return decoy["motif"] if made == ITSELF else f"{decoy['motif']}_{made}"


def planted_names(settings):
    """Names of the motifs and decoys that a simulation plants.

    Parameters
    ----------
    settings : dict
        Of a dataset, with every default filled in.

    Returns
    -------
    list of str or None
        None of sequences that are read: nobody knows their motifs.
    """
    if settings["source"] != "simulate":
        return None
    return [*settings["motifs"], *map(decoy_name, settings["decoys"])]


def target_names(settings):
    """Names of what is predicted.

    Parameters
    ----------
    settings : dict
        Of a dataset, with every default filled in.

    Returns
    -------
    list of str or None
        None where only the data say it.
    """
    if settings["source"] == "simulate":
        return list(settings["targets"] or [settings["rule"]])
    if settings["source"] == "basset":
        return None  # names of the file, in which white space is replaced
    return [settings["target"]] if "target" in settings else list(settings["targets"])
