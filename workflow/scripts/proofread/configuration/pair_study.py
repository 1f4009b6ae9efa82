"""The study of interacting pairs needs data of rule pairs, and tests of all pairs.

Imported by the Snakefile's own process: no data are read.
"""

from proofread.errors import InputError

METHODS = ("motif_tests", "motif_insertion")


def pair_datasets(datasets):
    """Motifs and interacting pairs of the datasets of rule pairs, by name.

    Parameters
    ----------
    datasets : dict of str to dict
        Of the checked configuration.

    Returns
    -------
    dict of str to dict
        `motifs` and `interacting_pairs` of each.
    """
    keys = ("motifs", "interacting_pairs")
    return {
        name: {key: settings[key] for key in keys}
        for name, settings in datasets.items()
        if settings.get("rule") == "pairs"
    }


def check_pair_study(config, where):
    """Refuse the study without a method that tests pairs.

    Parameters
    ----------
    config : dict
        Checked, with every default filled in.
    where : str
        What to call it in a message.

    Raises
    ------
    InputError
    """
    if config["interacting_pairs"] and not _methods(config):
        raise InputError(
            f"{where}: interacting_pairs",
            "true, but no method of pairs",
            f"{' or '.join(METHODS)} in analyses",
            "add it, or remove the key",
        )


def check_pair_rows(rows, config, path):
    """Refuse experiments without interacting pairs, or with pairs that are not tested.

    Parameters
    ----------
    rows : list of (int, dict of str to str)
        Of the experiments table, with their numbers.
    config : dict
        Checked, with every default filled in.
    path : str
        Of the table.

    Raises
    ------
    InputError
    """
    if not config["interacting_pairs"]:
        return
    datasets = pair_datasets(config["datasets"])
    rows = [(number, row) for number, row in rows if row["dataset"] in datasets]
    if not rows:
        raise InputError(
            path,
            "no dataset of rule pairs, but interacting_pairs is true",
            "a row with such a dataset, whose pairs are scored",
            "add one, or remove interacting_pairs from the configuration",
        )
    for number, row in rows:
        motifs = datasets[row["dataset"]]["motifs"]
        for method in _methods(config):
            _check_tested(motifs, method, config, row, f"{path}, row {number}")


def _methods(config):
    return [name for name in METHODS if name in config["analyses"]]


def _check_tested(motifs, method, config, row, where):
    settings = config["methods"][method]
    key, found, remedy = "max_motifs", settings["max_motifs"], "raise it"
    missing = len(motifs) - found
    if settings["motifs"] is not None:
        others = [name for name in motifs if name not in settings["motifs"]]
        key, found, missing = "motifs", f"not {', '.join(others)}", len(others)
        remedy = "add them, or remove the key and raise max_motifs"
    if missing > 0:
        raise InputError(
            where,
            f"methods.{method}.{key}: {found}",
            f"all {len(motifs)} motifs of the dataset {row['dataset']}, because "
            "interacting_pairs scores every pair",
            remedy,
        )
