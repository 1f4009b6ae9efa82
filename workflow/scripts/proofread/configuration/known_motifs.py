"""The known motifs that the baseline's 6-mers are compared with: those of tomtom.

Imported by the Snakefile's own process and by the report: it costs nothing.
"""

_Q_THRESHOLD = 0.01  # where tomtom does not run, or has a threshold on E


def kmer_comparison(configuration):
    """How 6-mers are compared with known motifs.

    Parameters
    ----------
    configuration : dict
        The checked configuration.

    Returns
    -------
    dict
        databases: names, none where `tomtom` is not under `analyses`. q_threshold: of a
        match.
    """
    if "tomtom" not in configuration["analyses"]:
        return {"databases": [], "q_threshold": _Q_THRESHOLD}
    settings = configuration["methods"]["tomtom"]
    threshold = settings["q_threshold"]
    return {
        "databases": settings["databases"],
        "q_threshold": _Q_THRESHOLD if threshold is None else threshold,
    }
