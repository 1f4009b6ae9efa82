"""What a training makes small and what it watches, of binary and quantitative targets.

Pure Python: the Snakefile imports it.
"""

from proofread.configuration.labels import is_quantitative
from proofread.errors import InputError

AUTO = "auto"
# The losses and monitors of binary (False) and quantitative targets, the default first.
LOSSES = {False: ("cross_entropy",), True: ("mse", "huber", "poisson")}
MONITORS = {
    False: (
        "validation_auroc",
        "validation_auprc",
        "validation_loss",
        "validation_accuracy",
    ),
    True: ("validation_pearson", "validation_spearman", "validation_loss"),
}
# Settings of classes, and the value that quantitative targets leave them at.
_OF_CLASSES = {
    "classes": "independent",
    "class_weights": "none",
    "sampler": "shuffled",
}
_KIND = {False: "binary", True: "quantitative"}


def resolved(training, *, quantitative):
    """The settings of a training with a loss and a monitor in place of `auto`.

    Parameters
    ----------
    training : dict
        `training` of a model; a setting that is not given, as in a choice among
        candidates of an older version, is `auto`.
    quantitative : bool
        Whether the targets are quantitative.
    """
    choices = {"loss": LOSSES[quantitative], "monitor": MONITORS[quantitative]}
    return training | {
        key: options[0]
        for key, options in choices.items()
        if training.get(key, AUTO) == AUTO
    }


def check_objective(training, dataset, where):
    """Refuse a loss, a monitor or weights that the targets do not allow.

    Parameters
    ----------
    training : dict
        `training` of a model, as for `resolved`.
    dataset : dict
        The settings of the dataset on which it is trained.
    where : str
        Where the training stands, for a message.

    Raises
    ------
    InputError
        For the first mistake.
    """
    quantitative = is_quantitative(dataset)
    for key, options in (("loss", LOSSES), ("monitor", MONITORS)):
        value = training.get(key, AUTO)
        if value not in (AUTO, *options[quantitative]):
            raise InputError(
                f"{where}.{key}",
                f"{value}, and the targets of the dataset are {_KIND[quantitative]}",
                f"{AUTO} ({options[quantitative][0]}), or one of "
                + ", ".join(options[quantitative]),
                f"write {key}: {AUTO}, or give the model of the other datasets another "
                "name",
            )
    if not quantitative:
        return
    for key, value in _OF_CLASSES.items():
        if training[key] != value:
            raise InputError(
                f"{where}.{key}",
                f"{training[key]}, and the targets of the dataset are quantitative",
                f"{value}: numbers have no classes",
                f"remove {key}",
            )
    transform = dataset.get("transform", "none")
    if training.get("loss") == "poisson" and transform != "none":
        raise InputError(
            f"{where}.loss",
            f"poisson, and the dataset has transform: {transform}",
            "counts as they are: poisson takes the logarithm of their rate itself",
            "write transform: none for the dataset, or loss: mse",
        )


def check_objective_of_row(row, config, where):
    """Check the training of a network, or of its candidates, against its dataset.

    Parameters
    ----------
    row : dict of str to str
        Of the experiments table.
    config : dict
        From `check_configuration`.
    where : str
        The table and the row.

    Raises
    ------
    InputError
        As `check_objective`.
    """
    dataset, name = config["datasets"][row["dataset"]], row["model"]
    model = config["models"][name]
    if "tune" in model:
        for candidate, settings in model["tune"]["candidates"].items():
            key = f"models.{name}.tune.candidates.{candidate}.training"
            check_objective(settings["training"], dataset, f"{where}: {key}")
    elif "training" in model:
        key = f"models.{name}.training"
        check_objective(model["training"], dataset, f"{where}: {key}")
