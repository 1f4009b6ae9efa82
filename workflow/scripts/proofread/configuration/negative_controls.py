"""Negative controls: networks without knowledge of the rule.

For each network of the experiments the workflow can make two more: one whose weights
were never trained, and one trained on shuffled labels. They run through the same
methods, as models of their own name: ``{model}.untrained``, ``{model}.shuffled``.
Pure Python: the Snakefile imports it.
"""

from proofread.configuration.truth import has_truth

KINDS = ("untrained", "shuffled")


def control_models(models, kinds):
    """The models that serve as negative controls, by name.

    Parameters
    ----------
    models : dict of str to dict
        Of the checked configuration. A user model is already trained and has none.
    kinds : iterable of str
        Some of `KINDS`.

    Returns
    -------
    dict of str to dict
        The entry of each model, with its kind under ``negative_control``.
    """
    return {
        f"{name}.{kind}": {**model, "negative_control": kind}
        for name, model in models.items()
        if "import" not in model
        for kind in kinds
    }


def control_experiments(experiments, datasets, controls):
    """One control of each kind for each dataset with a truth and each model.

    Parameters
    ----------
    experiments : list of dict of str to str
        dataset, model and seed.
    datasets : dict of str to dict
        Of the checked configuration.
    controls : dict of str to dict
        From `control_models`.

    Returns
    -------
    list of dict of str to str
        dataset, model and seed: that of the first row of this dataset and model.
    """
    first = {}
    for row in experiments:
        if has_truth(datasets[row["dataset"]]):
            first.setdefault((row["dataset"], row["model"]), row)
    return [
        {**row, "model": name}
        for row in first.values()
        for name in controls
        if name.rpartition(".")[0] == row["model"]
    ]


def kind_of(model):
    """The kind of negative control that a model's name ends in, or None."""
    kind = model.rpartition(".")[2]
    return kind if kind in KINDS else None


def untrained_file(controls, file):
    """An input function: a file of untrained networks of the model, if it has them.

    Parameters
    ----------
    controls : dict of str to dict
        From `control_models`.
    file : str
        Its path below the folder of the untrained model.
    """

    def path(wildcards):
        model = f"{wildcards.model}.untrained"
        folder = f"<results>/{wildcards.dataset}/{model}"
        return f"{folder}/{file}" if model in controls else []

    return path
