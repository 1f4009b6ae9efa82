"""The names of the motifs and targets of a dataset, from its settings alone.

Imported by the Snakefile's own process: it costs nothing.
"""

from unicodedata import category

from proofread.configuration.suggestions import advice
from proofread.errors import InputError

# Characters of a name, which is repeated in each row of several tables.
_LONGEST = 1000
# A decoy that is the motif itself.
ITSELF = "itself"


def check_visible(name, kind, where, remedy):
    """Refuse a name that would break the tables and figures it stands in.

    Names of 300 characters are common among the headers of FASTA. A tab or line end
    would divide a row, and SVG has no control characters. The spaces of any script are
    taken as spaces: spreadsheets put U+00A0 and U+3000 into names.

    Parameters
    ----------
    name : str
    kind : str
        What it names, without its article: name, group, ...
    where, remedy : str
        For the message.

    Raises
    ------
    InputError
    """
    found = None
    if len(name) > _LONGEST:
        found = f"a {kind} of {len(name):,} characters"
    elif not all(map(_visible, name)):
        found = f"the {kind} {name!r}, with an invisible character"
    if found:
        expected = f"a {kind} of visible characters on one line, at most {_LONGEST:,}"
        raise InputError(where, found, expected, remedy)


def _visible(letter):
    """Whether a letter is seen, or is a space (Unicode's category Zs)."""
    return letter.isprintable() or category(letter) == "Zs"


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
    motifs = [*settings["motifs"], *settings["negative_motifs"]]
    return [*motifs, *map(decoy_name, settings["decoys"])]


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
    if "targets" in settings:
        return list(settings["targets"])
    target = settings["target"]
    return [target] if isinstance(target, str) else list(target)


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
