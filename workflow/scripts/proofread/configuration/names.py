"""What the motifs and targets of a dataset will be called, from its settings alone.

Imported by the Snakefile's own process: it costs nothing.
"""

from proofread.configuration.suggestions import advice
from proofread.errors import InputError

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


def known_targets(wanted, targets, where):
    """The targets that a setting names; all where it names none.

    Parameters
    ----------
    wanted : list of str or None
        The setting's value.
    targets : list of str
        Those that there are.
    where : str
        The setting's key, for the message.

    Returns
    -------
    list of str
        In the order of `targets`.

    Raises
    ------
    InputError
        If a name is not among `targets`.
    """
    for name in wanted or []:
        if name not in targets:
            more = ", ..." if len(targets) > 20 else ""
            raise InputError(
                where,
                f"no target {name!r}",
                "some of " + ", ".join(targets[:20]) + more,
                advice(name, targets, "correct or remove the name; null is all"),
            )
    return [name for name in targets if not wanted or name in wanted]
