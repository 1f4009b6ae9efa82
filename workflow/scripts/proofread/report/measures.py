"""The metric that decides what the page says of a network: of classes or of numbers."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Measure:
    """How well a network predicts, in one number and in words.

    Attributes
    ----------
    metric, gain : str
        Rows of metrics.tsv: the metric, and its difference to a baseline.
    name : str
    nothing : float
        The metric of a predictor that knows nothing, which is called `nothing_name`.
    nothing_name : str
    undefined : str
        Why the metric may not be defined, as the rest of a sentence.
    decided : str
        What the sequences decide.
    well, fairly : float
        From which part of the best possible metric on a network predicts well, and
        fairly well; below, weakly.
    """

    metric: str
    gain: str
    name: str
    nothing: float
    nothing_name: str
    undefined: str
    decided: str
    well: float
    fairly: float


CLASSES = Measure(
    metric="auroc",
    gain="auroc_gain",
    name="AUROC",
    nothing=0.5,
    nothing_name="chance",
    undefined="the test split has one class only",
    decided="label",
    well=0.9,
    fairly=0.7,
)
NUMBERS = Measure(
    metric="r2",
    gain="r2_gain",
    name="R²",
    nothing=0,
    nothing_name="the mean of the values",
    undefined="the test split has no two different values",
    decided="value",
    well=0.5,
    fairly=0.25,
)


def measure_for(experiment):
    """The measure of a network, by its targets.

    Parameters
    ----------
    experiment : proofread.report.results.Experiment
        Its metrics.tsv has no rows if its dataset has no values or classes.
    """
    return NUMBERS if experiment.quantitative else CLASSES


def measure_of(metrics):
    """The measure of a metrics.tsv (pandas.DataFrame); without rows that of classes."""
    return NUMBERS if (metrics["metric"] == NUMBERS.metric).any() else CLASSES
