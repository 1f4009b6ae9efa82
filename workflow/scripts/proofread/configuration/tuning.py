"""Tuned models: which jobs their candidates are, and where the choice is.

A tuned model has candidates instead of settings of its own. Each candidate is trained
as a model of its own name, ``{model}.{candidate}``, with the seed of `tune`. The rule
tune writes which one was chosen, and the training of the tuned model and of its
negative controls reads that file. Pure Python: the Snakefile imports it.
"""

from proofread.configuration.candidates import candidate_name
from proofread.configuration.model_settings import training_defaults


def tuned_models(models):
    """The models that are tuned.

    Parameters
    ----------
    models : dict of str to dict
        Of the checked configuration.

    Returns
    -------
    dict of str to dict
        `seed` and `candidates` of each, by its name.
    """
    return {name: model["tune"] for name, model in models.items() if "tune" in model}


def candidate_models(models):
    """The models that are trained as candidates, by name, as `models`."""
    return {
        candidate_name(name, candidate): model
        for name, tune in tuned_models(models).items()
        for candidate, model in tune["candidates"].items()
    }


def candidate_files(models, file):
    """An input function: the same file of every candidate of a tuned model.

    Parameters
    ----------
    models : dict of str to dict
        Of the checked configuration.
    file : str
        Its path below a network's folder.
    """

    def paths(wildcards):
        tune = models[wildcards.model]["tune"]
        names = [candidate_name(wildcards.model, item) for item in tune["candidates"]]
        return [
            f"<results>/{wildcards.dataset}/{name}/seed{tune['seed']}/{file}"
            for name in names
        ]

    return paths


def choice_file(models):
    """An input function: the file of the choice; none for a model with settings.

    Parameters
    ----------
    models : dict of str to dict
        Of the checked configuration, and their negative controls. Those of a tuned
        model have the settings of its choice.
    """

    def path(wildcards):
        model, name = models[wildcards.model], wildcards.model
        if "tune" not in model:
            return []
        if "negative_control" in model:
            name = name.removesuffix(f".{model['negative_control']}")
        return f"<results>/{wildcards.dataset}/{name}/tune/choice.json"

    return path


def already_trained(models):
    """An input function: the candidates' networks and histories, if one is the same.

    With the seed of its candidates, a tuned model is the network of the chosen one.

    Parameters
    ----------
    models : dict of str to dict
        As for `choice_file`.
    """

    def paths(wildcards):
        model = models[wildcards.model]
        if "tune" not in model or "negative_control" in model:
            return []
        if int(wildcards.seed) != model["tune"]["seed"]:
            return []
        return [
            path
            for file in ("model.ckpt", "history.tsv")
            for path in candidate_files(models, file)(wildcards)
        ]

    return paths


def settings_in_words(model):
    """What a candidate does not leave to the defaults: ``filters: 32, epochs: 20``.

    Parameters
    ----------
    model : dict
        Of the checked configuration: `architecture`, `settings` and `training`.

    Returns
    -------
    str
        Empty if all are the defaults.
    """
    defaults = training_defaults(model["architecture"])
    training = {
        key: value for key, value in model["training"].items() if value != defaults[key]
    }
    return ", ".join(
        f"{key}: {value}" for key, value in (model["settings"] | training).items()
    )
