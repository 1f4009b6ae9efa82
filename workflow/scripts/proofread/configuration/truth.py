"""Which datasets have a truth that methods are scored against.

Pure Python: the Snakefile imports it.
"""


def has_truth(settings):
    """Whether motifs are planted in the sequences of a dataset, or sites are known.

    Parameters
    ----------
    settings : dict
        Of a dataset, with every default filled in.
    """
    return settings["source"] == "simulate" or settings.get("truth") is not None
