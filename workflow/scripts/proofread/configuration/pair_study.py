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
    """Refuse the study where some pairs would not be tested.

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
    if not config["interacting_pairs"]:
        return
    datasets = pair_datasets(config["datasets"])
    methods = [name for name in METHODS if name in config["analyses"]]
    if not datasets or not methods:
        missing = "method of pairs" if datasets else "dataset of rule pairs"
        raise InputError(
            f"{where}: interacting_pairs",
            f"true, but no {missing}",
            "a dataset of rule pairs, and motif_tests or motif_insertion in analyses",
            "add it, or remove the key",
        )
    for dataset, settings in datasets.items():
        motifs = settings["motifs"]
        for method in methods:
            of_method = config["methods"][method]
            key, found, remedy = "max_motifs", of_method["max_motifs"], "raise it"
            missing = len(motifs) - found
            if of_method["motifs"] is not None:
                others = [name for name in motifs if name not in of_method["motifs"]]
                key, found, missing = "motifs", f"not {', '.join(others)}", len(others)
                remedy = "add them, or remove the key and raise max_motifs"
            if missing > 0:
                raise InputError(
                    f"{where}: methods.{method}.{key}",
                    found,
                    f"all {len(motifs)} motifs of the dataset {dataset}, because "
                    "interacting_pairs scores every pair",
                    remedy,
                )
