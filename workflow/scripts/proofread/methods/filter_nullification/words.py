"""Names of the numbers of filter nullification, by what the network puts out."""

from dataclasses import dataclass

from proofread.statistics.units import LOG_RATE, LOGIT, output_name, with_unit


@dataclass(frozen=True)
class Words:
    """What the axes of the figures are called.

    Attributes
    ----------
    output : str
        What the network puts out: in the names of arrays, too.
    unit : str
        Of the output: see `proofread.statistics.units.output_column`.
    influence : str
        The change of the loss of a sequence, mean over the targets.
    loss_change : str
        The change of the loss of one target.
    """

    output: str
    unit: str
    influence: str
    loss_change: str

    def measure(self, name):
        """What a column of targets.tsv is called on an axis."""
        output = output_name(self.unit)
        return {
            "loss_change": self.loss_change,
            "signed": f"mean change of the {output}",
            "absolute": f"mean absolute change of the {output}",
            "rms": f"RMS change of the {output}",
            "signed_by_std": f"mean change of the {output} / its std",
            "signed_by_variance": f"mean change of the {output} / its variance",
        }[name]


def words_of(scale):
    """The words of a network.

    Parameters
    ----------
    scale : proofread.models.output_scale.OutputScale or None
        Of quantities; None: it puts out logits.
    """
    if scale is None:
        return Words(
            output="logit",
            unit=LOGIT,
            influence="increase of the loss per sequence (nats)",
            loss_change="increase of the loss (nats)",
        )
    if scale.unit == LOG_RATE:
        loss = "increase of the Poisson loss (nats)"
        return Words("output", scale.unit, loss, loss)
    return Words(
        output="output",
        unit=scale.unit,
        influence="increase of the squared error (variances)",
        loss_change=with_unit("increase of the squared error", scale.unit),
    )
