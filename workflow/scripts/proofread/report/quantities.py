"""Charts of a network for quantitative targets: its training, and its test split."""

from proofread.configuration.objectives import resolved
from proofread.report import charts
from proofread.report.names import words
from proofread.statistics.quantities import gc_groups
from proofread.training.tuning import read_choice

# Of history.tsv; the one that was monitored is drawn in front.
CORRELATIONS = ("validation_pearson", "validation_spearman")


def monitor(results, dataset, model, settings):
    """What the training of a network for quantities watched.

    Parameters
    ----------
    results : proofread.report.results.Results
    dataset, model : str
    settings : dict
        The model's entry of the configuration.

    Returns
    -------
    str
        A column of history.tsv; empty for a model that was not trained here.
    """
    if "tune" in settings:
        choice = results.once(read_choice, dataset, model, "tune", "choice.json")
        settings = choice["model"]
    if "training" not in settings:
        return ""
    return resolved(settings["training"], quantitative=True)["monitor"]


def history(monitored):
    """The panels of the training: axis, what a panel tells, and its two columns.

    Parameters
    ----------
    monitored : str
        From `monitor`.
    """
    front = monitored if monitored in CORRELATIONS else CORRELATIONS[0]
    behind = next(name for name in CORRELATIONS if name != front)
    return (
        ("loss", "Training and validation loss", "train_loss", "validation_loss"),
        (
            "correlation",
            "Validation correlations of Pearson and Spearman",
            behind,
            front,
        ),
    )


def key(monitored):
    """What the accented and the grey lines of `history` are, in words."""
    _, (_, _, behind, front) = history(monitored)
    return (f"validation loss; {words(front)}", f"training loss; {words(behind)}")


def best(monitored):
    """Why the weights of an epoch were kept, in words."""
    how = "lowest" if monitored == "validation_loss" else "highest"
    return f"{how} {words(monitored)}"


def panels(experiment, target, named, description):
    """Measured against predicted values, and residuals against GC content.

    Parameters
    ----------
    experiment : proofread.report.results.Experiment
    target : str
    named : str
        The target as the axes add it; empty where there is one only.
    description : str
        Of the network, for a reader who cannot see the charts.
    """
    table = experiment.table("predictions.tsv").dropna(subset="true")
    rows = table[table["target"] == target]
    residuals = experiment.table("residuals.tsv")
    residuals = residuals[residuals["target"] == target]
    return [
        _measured(rows["output"], rows["true"], named, description),
        _residuals(residuals["gc"], residuals["residual"], named, description),
    ]


def _measured(predicted, measured, named, description):
    both = [*predicted, *measured] or [0, 1]
    ticks = charts.ticks(min(both), max(both))
    ends = [ticks[0], ticks[-1]]
    return charts.panel(
        [charts.Line("diagonal", ends, ends, "context")],
        x_label=f"predicted{named}",
        y_label="measured",
        label=f"measured against predicted values{named}, {description}",
        x_ticks=ticks,
        y_ticks=ticks,
        cloud=(list(predicted), list(measured)),
    )


def _residuals(gc, residual, named, description):
    gc, residual = gc.to_numpy(), residual.to_numpy()
    x_ticks = charts.ticks(*((gc.min(), gc.max()) if len(gc) else (0, 1)))
    groups = gc_groups(gc)
    return charts.panel(
        [
            charts.Line("zero", [x_ticks[0], x_ticks[-1]], [0, 0], "context"),
            charts.Line(
                "mean",
                [float(gc[group].mean()) for group in groups],
                [float(residual[group].mean()) for group in groups],
                "means",
            ),
        ],
        x_label=f"GC content{named}",
        y_label="measured less predicted",
        label=f"measured less predicted values against GC content{named},"
        f" {description}",
        x_ticks=x_ticks,
        cloud=(list(gc), list(residual)),
    )
