"""The user's files that a configuration names."""

# Keys of datasets and databases whose value is a file of the user's.
_PATH_KEYS = ("path", "file", "motifs_file", "sites")


def paths_of(value, key):
    """Dotted key and value of every path below a part of the configuration."""
    if not isinstance(value, dict):
        return
    for name, part in value.items():
        if name in _PATH_KEYS and isinstance(part, str):
            yield f"{key}.{name}", part
        else:
            yield from paths_of(part, f"{key}.{name}")


def files_of(settings):
    """Paths of the user's files below a part of a checked configuration.

    Parameters
    ----------
    settings : dict
        One dataset, for example.

    Returns
    -------
    list of str
        In the order of the schema, each once.
    """
    return list(dict.fromkeys(path for _, path in paths_of(settings, "")))


def of_wildcard(wildcard, entries, *keys):
    """An input or parameter function: a setting of the entry that a wildcard names.

    Snakemake's own `lookup` walks through all entries for each job.

    Parameters
    ----------
    wildcard : str
    entries : dict of str to dict
    *keys : str
        Of the setting, from the entry downwards; without them the entry itself. What
        is null or absent gives no input.
    """

    def setting(wildcards):
        value = entries
        for key in (getattr(wildcards, wildcard), *keys):
            value = value.get(key) if isinstance(value, dict) else None
        return [] if value is None else value

    return setting


def given(config, refusal, key, command):
    """An input function: the file under a key of the configuration.

    Parameters
    ----------
    config : dict
    refusal : type
        Exception for a file that is not given; its message says what to write.
    key : str
    command : str
        Arguments of Snakemake that give the file.
    """

    def path(_):
        if config[key] is None:
            raise refusal(f"no {key}; write: snakemake --cores 1 {command}")
        return config[key]

    return path
