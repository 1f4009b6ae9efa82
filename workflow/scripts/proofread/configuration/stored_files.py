"""Files of rules that a storage plugin keeps, by the names that the rules give."""


def as_written(files, prefix):
    """Patterns of a rule's files as the rule has them, so that others can expand them.

    With ``--default-storage-provider`` Snakemake replaces each by the path of its local
    copy, which it marks with the place in the store.

    Parameters
    ----------
    files : iterable of str or callable
        Of ``rules.<name>.input`` or ``.output``.
    prefix : str or None
        ``--default-storage-prefix``, with which the place in the store begins.

    Returns
    -------
    list of str or callable
        Input functions stay as they are.
    """
    result = []
    for file in files:
        stored = getattr(file, "flags", {}).get("storage_object")
        if stored is not None:
            file = stored.query.removeprefix(prefix or "").removeprefix("/")
        result.append(file)
    return result
