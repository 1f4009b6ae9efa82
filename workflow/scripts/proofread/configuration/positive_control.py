"""The positive control: a network that is the rule of its dataset.

It is not trained, and there is one for each simulated dataset, except those of the
rules `NO_ORACLE`. It runs through all methods that are scored, as a model of the name
`ORACLE`. Pure Python: the Snakefile imports it.
"""

ORACLE = "oracle"
NO_ORACLE = ("none", "pairs")  # rules of simulated datasets


def positive_experiments(experiments, datasets, kind):
    """One positive control for each simulated dataset with a rule.

    Parameters
    ----------
    experiments : list of dict of str to str
        dataset, model and seed.
    datasets : dict of str to dict
        Of the checked configuration. Those that are not simulated have no known rule,
        and the rules `NO_ORACLE` have no positive control.
    kind : str or None
        `positive_control` of the configuration; None: no positive controls.

    Returns
    -------
    list of dict of str to str
        dataset, model and seed: that of the first row of the dataset.
    """
    first = {}
    for row in experiments if kind else []:
        if datasets[row["dataset"]].get("rule", "none") not in NO_ORACLE:
            first.setdefault(row["dataset"], row)
    return [{**row, "model": kind} for row in first.values()]
