"""Where motif_discovery looks for motifs: attributions, or saturation mutagenesis.

Pure Python: the Snakefile imports it.
"""

from proofread.errors import InputError

METHOD = "motif_discovery"
SOURCES = ("attributions", "saturation_mutagenesis")


def fill_source(checked, config_path):
    """Fill in the method whose results motif_discovery reads, in place.

    If it is not given, attributions are read where they run, since they need less time;
    a function without gradients has saturation mutagenesis only.

    Parameters
    ----------
    checked : dict
        The configuration, with the settings of all methods that run.
    config_path : str
        What to call the configuration in a message.

    Raises
    ------
    InputError
        If the method that is given does not run, or mutates a part of the sequences.
    """
    analyses, methods = checked["analyses"], checked["methods"]
    settings = methods.get(METHOD)
    if settings is None:
        return
    where = f"{config_path}: methods.{METHOD}.source"
    running = [source for source in SOURCES if source in analyses]
    if settings["source"] is None:
        settings["source"] = (running or SOURCES)[0]
    if METHOD not in analyses:
        return
    source = settings["source"]
    if source not in analyses:
        raise InputError(
            where,
            f"{source}, which is not under analyses",
            "one of " + ", ".join(running),
            f"add {source} to analyses, or name another",
        )
    centre = methods[source].get("centre")
    if centre is not None:
        raise InputError(
            f"{config_path}: methods.{source}.centre",
            f"{centre} with {METHOD}, which reads these substitutions",
            "null, all positions: seqlets are compared with all windows of a sequence",
            f"remove centre, or set methods.{METHOD}.source to attributions",
        )


def discovers_in(config, source):
    """Whether motif_discovery runs and reads the results of a method.

    Parameters
    ----------
    config : dict
        The checked configuration.
    source : str
        One of `SOURCES`.
    """
    runs = METHOD in config["analyses"]
    return runs and config["methods"][METHOD]["source"] == source
